"""Methods that call themselves on other objects: trees, interpreters, classes that override, methods that are exchanged."""

from __future__ import annotations

from ..cases import case


class Node:
    def __init__(self, key, left=None, right=None):
        self.key = key
        self.left = left
        self.right = right

    def insert(self, key):
        if key < self.key:
            if self.left is None:
                self.left = Node(key)
            else:
                self.left.insert(key)
        elif key > self.key:
            if self.right is None:
                self.right = Node(key)
            else:
                self.right.insert(key)
        else:
            return False

    def depth(self):
        left = self.left.depth() if self.left is not None else 0
        right = self.right.depth() if self.right is not None else 0
        return 1 + (left if left > right else right)

    def total(self):
        found = self.key
        if self.left:
            found += self.left.total()
        if self.right:
            found += self.right.total()
        return found

    def find(self, key, depth=0):
        if key == self.key:
            return depth
        side = self.left if key < self.key else self.right
        if side is None:
            raise KeyError(key, depth)
        return side.find(key, depth + 1)

    def keys(self, out):
        if self.left is not None:
            self.left.keys(out)
        out.append(self.key)
        if self.right is not None:
            self.right.keys(out)
        return out

    def weigh(self, factor=2):
        left = self.left.weigh() if self.left is not None else 0
        return self.key * factor + left


class Doubled(Node):
    def total(self):
        return 2 * super().total()

    def depth(self):
        return 10


class Proud(Node):
    def __bool__(self):
        return self.key % 2 == 0


def numbers(n, seed=17):
    for _ in range(n):
        seed = (seed * 1103515245 + 12345) % 2147483648
        yield seed % 1000


def tree(n, kind=Node, keys=None):
    root = kind(500)
    for key in keys or numbers(n):
        node = root
        while True:
            side = "left" if key < node.key else "right"
            below = getattr(node, side)
            if below is None:
                setattr(node, side, kind(key))
                break
            node = below
    return root


def mixed(n):
    root = tree(n)
    root.left.right = Doubled(3, Node(1), Doubled(4, None, Node(9)))
    return root


case(Node.insert, *(lambda key=key, grown=tree(40): (grown, key) for key in (1, 500, 77, 999, -5, 2.5, 2**70)))
case(Node.depth, lambda: (tree(60),), lambda: (mixed(60),), lambda: (tree(3),), lambda: (tree(60, Doubled),))
case(Node.total, lambda: (tree(60),), lambda: (mixed(60),), lambda: (tree(60, Proud),), lambda: (tree(60, Doubled),),
     lambda: (tree(0, keys=[2**62, 2**62 + 1, 2**63, 1.5]),))
case(Node.find, lambda: (tree(60), 500), lambda: (tree(60, keys=[1, 2, 3, 4, 5, 6]), 6), lambda: (tree(60), 10**6),
     lambda: (tree(60), "text"))
case(Node.keys, lambda: (tree(50), []), lambda: (mixed(50), []), lambda: (tree(50), {}))
case(Node.weigh, lambda: (tree(50),), lambda: (mixed(50),), lambda: (tree(50), 7))


class Slotted:
    __slots__ = ("below", "value")

    def __init__(self, value, below):
        self.value, self.below = value, below

    def sum(self, start):
        return start if self.below is None else self.below.sum(start + self.value)


def chain(n, values=lambda k: k):
    below = None
    for k in range(n):
        below = Slotted(values(k), below)
    return below


case(Slotted.sum, lambda: (chain(40), 0), lambda: (chain(40), 0.5), lambda: (chain(40, lambda k: "t" * k), ""),
     lambda: (chain(40, lambda k: None if k == 3 else k), 1))


class Segments:
    """A segment tree: what one call gives itself is on one object."""

    def __init__(self, n):
        self.n = n
        self.items = [k % 7 for k in range(4 * n)]

    def query(self, a, b, node=1, low=0, high=None):
        if high is None:
            high = self.n - 1
        if a > high or b < low:
            return 0
        if a <= low and high <= b:
            return self.items[node]
        middle = (low + high) // 2
        return (self.query(a, b, 2 * node, low, middle)
                + self.query(a, b, 2 * node + 1, middle + 1, high))

    def update(self, position, value, node=1, low=0, high=None):
        high = self.n - 1 if high is None else high
        if low == high:
            self.items[node] = value
            return
        middle = (low + high) // 2
        if position <= middle:
            self.update(position, value, 2 * node, low, middle)
        else:
            self.update(position, value, 2 * node + 1, middle + 1, high)
        self.items[node] = self.items[2 * node] + self.items[2 * node + 1]


def updates(n):
    held = Segments(n)
    for k in range(n):
        Segments.update(held, k, k * k % 11)
    return held


case(Segments.query, lambda: (Segments(50), 3, 31), lambda: (Segments(50), 0, 49), lambda: (Segments(9), 7, 100))
case(Segments.update, lambda: (updates(20), 7, 5), lambda: (updates(20), 0, 1.5), lambda: (updates(3), 100, 1))


class Number:
    def __init__(self, value):
        self.value = value

    def eval(self, env):
        return self.value


class Name:
    def __init__(self, name):
        self.name = name

    def eval(self, env):
        return env[self.name]


class Add:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def eval(self, env):
        return self.a.eval(env) + self.b.eval(env)


class Call:
    def __init__(self, function, argument):
        self.function, self.argument = function, argument

    def eval(self, env):
        return self.function(self.argument.eval(env))


def expression(n):
    found = Number(1)
    for k in range(n):
        found = Add(found, Add(Name("x"), Number(k)))
        if k % 5 == 4:
            found = Add(found, Call(abs, Name("y")))
    return found


case(Add.eval, lambda: (expression(20), {"x": 3, "y": -4}), lambda: (expression(20), {"x": 1.5, "y": 2}),
     lambda: (expression(9), {"x": 1}), lambda: (expression(3), {"x": "a", "y": 1}))


class Changing:
    """The method is another one in the midst of the recursion."""

    log = ()

    def __init__(self, n):
        self.n = n

    def down(self, k):
        if k == self.n:
            list(map(exchange, (k,)))
        return 0 if k <= 0 else 1 + self.down(k - 1)

    def other(self, k):
        return 1000 + k


DOWN = Changing.down


def exchange(k):
    Changing.down = Changing.other


def exchanged(n, at):
    found = []
    for k in range(n):
        held = Changing(at if k % 10 == 9 else -1)
        found.append(DOWN(held, 8))
        Changing.down = DOWN
    return found


case(exchanged, (40, 5), (40, 8), (40, 0))
case(Changing.down, lambda: (Changing(-1), 30), lambda: (Changing(-1), 2.0))


class Failing:
    def __init__(self, limit):
        self.limit = limit

    def down(self, n):
        try:
            if n == self.limit:
                raise ValueError(n)
            return self.down(n - 1) + 1 if n else 0
        finally:
            self.last = n


case(Failing.down, lambda: (Failing(-1), 30), lambda: (Failing(5), 30), lambda: (Failing(5), 30.0))


class Holder:
    """A method that calls one of the same name on something else."""

    def __init__(self):
        self.items = []

    def append(self, item):
        self.items.append(item)
        return len(self.items)


case(Holder.append, lambda: (Holder(), 1), lambda: (Holder(), None))


# What deeper calls change while native code goes on around them.

WEIGHT = 1


class Acting:
    """An operand that does something when it is added."""

    def __init__(self, act):
        self.act = act

    def __add__(self, other):
        return self.act() + other

    __radd__ = __add__


class Link:
    step = 2

    def __init__(self, value, below):
        self.value, self.below = value, below

    def total(self):
        found = self.value
        if self.below is not None:
            found += self.below.total()
            found += self.below.total()
        return found

    def weighed(self):
        found = self.value + WEIGHT + self.step
        if self.below is not None:
            found += self.below.weighed()
            found += WEIGHT + self.step
        return found

    def pairs(self):
        return (self.value, self.below and self.below.pairs(), WEIGHT)


TOTAL = Link.total


def links(*values):
    below = None
    for value in reversed(values):
        below = Link(value, below)
    return below


def summed(link):
    found = link.value
    if link.below is not None:
        found += summed(link.below)
        found += summed(link.below)
    return found


SUMMED = summed


def disturbed(n, function, act, place):
    global WEIGHT, summed
    found = []
    for k in range(n):
        chain = links(1, 2, 3, 4)
        if k % 10 == 9:
            one = chain
            for _ in range(place):
                one = one.below
            one.value = Acting(lambda chain=chain: act(chain))
        found.append(function(chain))
        WEIGHT, Link.step, Link.total, summed = 1, 2, TOTAL, SUMMED
    return found


def another_method(chain):
    Link.total = lambda self: 1000
    return 1


def another_function(chain):
    global summed
    summed = len
    chain.below.below.__class__.__len__ = lambda self: 7
    return 1


def another_weight(chain):
    global WEIGHT
    WEIGHT = 100
    return 2


def another_step(chain):
    Link.step = 50
    return 1


def hidden_by_an_instance(chain):
    chain.below.total = lambda: 7.5
    return 3


for acting in (another_method, another_weight, another_step, hidden_by_an_instance):
    case(disturbed, *((30, function, acting, place) for function in (Link.total, Link.weighed) for place in (1, 3)),
         name=f"disturbed_by_{acting.__name__}", apart=True)
case(disturbed, *((30, summed, acting, place) for acting in (another_function, another_weight) for place in (1, 3)),
     name="disturbed_functions", apart=True)
case(Link.pairs, lambda: (links(1, 2, 3),), lambda: (links(1.5, "a", None),))


class FailingActing(Acting):
    def __add__(self, other):
        self.act()
        raise KeyError(other)

    __radd__ = __add__


class Catching(Link):
    def weighed(self):
        found = self.value + WEIGHT + self.step
        if self.below is not None:
            try:
                found += self.below.weighed()
            except KeyError:
                if self.value != 2:
                    raise
                found += 5
            found += WEIGHT + self.step
        return found


def caught(n, act):
    """What deeper calls have changed before an exception that one of the callers catches."""
    global WEIGHT
    found = []
    for k in range(n):
        below = None
        for value in (4, 3, 2, 1):
            below = Catching(FailingActing(act) if value == 4 and k % 10 == 9 else value, below)
        found.append(below.weighed())
        WEIGHT = 1
        Link.step = 2
    return found


case(caught, (40, lambda: another_weight(None)), (40, lambda: another_step(None)), apart=True)
