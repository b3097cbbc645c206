"""Attributes and methods of the program's own objects: where they are kept, what hides them, what changes them."""

from __future__ import annotations

import _random
import gc
import io
import weakref

from ..cases import case


class Particle:
    scale = 2.0
    bounces = 0

    def __init__(self, x, v):
        self.x = x
        self.v = v
        self.hits = 0

    def step(self, dt, low=0.0, high=10.0):
        self.x += self.v * dt
        if self.x > high or self.x < low:
            self.v = -self.v
            self.hits += 1
            return True
        return False

    def energy(self):
        return 0.5 * self.v * self.v * self.scale


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a = a
        self.b = b


class Below(Slotted):
    __slots__ = ("c",)

    def __init__(self, a, b, c):
        super().__init__(a, b)
        self.c = c


class Account:
    owner: str
    balance: int = 0

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance

    def deposit(self, amount):
        if amount < 0:
            raise ValueError(f"{amount} is negative")
        self.balance += amount
        return self.balance


class Node:
    def __init__(self, value, following):
        self.value = value
        self.next = following


def chain(values):
    head = None
    for value in values:
        head = Node(value, head)
    return head


def swarm(ps, n):
    total = 0.0
    for _ in range(n):
        for p in ps:
            if p.step(0.05):
                total -= 1.0
            total += p.energy()
    return total, [(p.x, p.v, p.hits) for p in ps]


def particles(*pairs):
    return lambda: ([Particle(x, v) for x, v in pairs], 60)


case(swarm, lambda: ([], 5), particles((0.5, 1.0), (2.0, -30.0)), particles((1, 2), (3.5, 4)), particles((2**70, 1)),
     particles((0.5, "a")), particles((0.5, True), (float("nan"), float("inf"))), particles((0.5, 1j)),
     lambda: ([p := Particle(1.0, 20.0), p], 60), apart=True)


def hot_swarm(ps, n):
    total = 0.0
    for _ in range(n):  # native
        for p in ps:
            p.step(0.05)
            total += p.energy()
    return total, [(p.x, p.v, p.hits) for p in ps]


case(hot_swarm, long=lambda: ([Particle(0.5, 1.0), Particle(2.0, -30.0), Particle(5.0, 7.5)], 1500))


def slots(q, n, d):
    for i in range(n):
        q.a += d
        q.b = q.b * 0.5 + i
    return q.a, q.b


def without(q, name):
    delattr(q, name)
    return q


case(slots, lambda: (Slotted(1, 2.0), 60, 1), lambda: (Slotted(1, 2.0), 60, 2**60), lambda: (Slotted(1.5, 2), 60, 1),
     lambda: (Below(1, 2.0, 3), 60, 1), lambda: (without(Slotted(1, 2.0), "a"), 60, 1), lambda: (Particle(1.0, 1.0), 5, 1),
     lambda: (without(Slotted(1, 2.0), "b"), 60, 1), lambda: (Slotted("a", 2.0), 60, "b"), apart=True)
case(slots, lambda: (Below(1, 2.0, 3), 60, 1), lambda: (Slotted(1, 2.0), 60, 1), lambda: (Below(1, 2.0, 3), 60, 1),
     name="slots of two classes")


def hot_slots(q, n):
    for i in range(n):  # native
        q.a += i & 7
        q.b = q.b * 0.5 + q.a
    return q.a, q.b


case(hot_slots, long=lambda: (Slotted(1, 2.0), 4000))


def deposits(account, amounts):
    last = None
    for amount in amounts:
        last = account.deposit(amount)
    return last, account


case(deposits, lambda: (Account("a"), [1, 2, 3] * 20), lambda: (Account("a", 5), [1, 2, -3] * 20),
     lambda: (Account("a", 2**63 - 20), [1, 2, 3] * 20), lambda: (Account("a", 0.5), [1, 2.5, True] * 20),
     lambda: (Account("a"), [1] * 40 + ["b"]), lambda: (Account("a"), []), apart=True)


def hot_deposits(account, n):
    for i in range(n):  # native
        account.deposit(i % 11)
    return account


case(hot_deposits, long=lambda: (Account("a"), 4000))


def walk(head, n):
    total = 0
    for _ in range(n):
        node = head
        while node is not None:
            total += node.value
            node = node.next
    return total


def cyclic():
    first = chain(range(5))
    first.next.next = first
    return first


case(walk, lambda: (chain(range(9)), 9), lambda: (None, 3), lambda: (chain([1.5, 2, 2**70]), 30),
     lambda: (chain([1, 2, "a"]), 30), lambda: (chain([1]), 60), apart=True)


def hot_walk(head, n):
    total = 0
    for _ in range(n):  # native
        node = head
        while node is not None:
            total += node.value
            node = node.next
    return total


case(hot_walk, long=lambda: (chain(range(40)), 100))


def links(nodes, n):
    for i in range(n):
        node = nodes[i % len(nodes)]
        node.next = nodes[(i * 7) % len(nodes)]
        node.value += 1
    return [(node.value, nodes.index(node.next)) for node in nodes]


case(links, lambda: ([Node(i, None) for i in range(5)], 60), lambda: ([Node(0.5, None)], 60))


class Loud:
    log: list = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        self.log.append(self.name)


class Holder:
    def __init__(self, held):
        self.held = held
        self.count = 0


def replaced(n):
    Loud.log.clear()
    holder, seen = Holder(Loud(-1)), []
    for i in range(n):
        if i % 7 == 3:
            seen.append(len(Loud.log))
            holder.held = Loud(i)
        else:
            holder.count += 1
    return seen, list(Loud.log), holder.count


def dropped(holder, items, n):
    seen, dead = [], []
    refs = [weakref.ref(item, lambda _: dead.append(len(seen))) for item in items]
    for i in range(n):
        seen.append(len(dead))
        holder.held = items.pop() if items else None
    return seen, dead, [ref() is None for ref in refs]


case(replaced, (0,), (5,), (60,))
case(dropped, lambda: (Holder(None), [Particle(i, i) for i in range(30)], 60))


class Weird:
    def __init__(self, n):
        self.n = n
        self.reads = 0

    def __getattr__(self, name):
        if name == "missing":
            self.reads += 1
            return self.reads
        raise AttributeError(f"no {name}")


class Guarded:
    def __init__(self):
        object.__setattr__(self, "stores", 0)
        self.x = 0

    def __setattr__(self, name, value):
        object.__setattr__(self, "stores", self.stores + 1)
        object.__setattr__(self, name, value)


class Watching:
    def __init__(self):
        self.x = 1
        self.n = 0

    def __getattribute__(self, name):
        if name == "x":
            object.__setattr__(self, "n", object.__getattribute__(self, "n") + 1)
        return object.__getattribute__(self, name)


class Computed:
    def __init__(self):
        self._x = 1
        self.gets = 0

    @property
    def x(self):
        self.gets += 1
        return self._x

    @x.setter
    def x(self, value):
        self._x = value * 2 % 1000


def hooked(thing, n):
    total = 0
    for _ in range(n):
        total += thing.x
        thing.x = total % 100
    return total, thing


def missing(thing, n):
    total = 0
    for _ in range(n):
        total += thing.missing + thing.n
    return total, thing


case(hooked, lambda: (Guarded(), 40), lambda: (Watching(), 40), lambda: (Computed(), 40), lambda: (Particle(1, 2), 40),
     lambda: (Slotted(1, 2), 40), lambda: (5, 40), apart=True)
case(missing, lambda: (Weird(3), 60), lambda: (Node(1, 2), 5), apart=True)


def class_default(ps, n):
    total = 0
    for i in range(n):
        p = ps[i % len(ps)]
        total += p.bounces
        if i == 40:
            p.bounces = 5
    return total, [vars(p) for p in ps]


case(class_default, lambda: ([Particle(1, 2)], 60), lambda: ([Particle(1, 2), Particle(3, 4)], 60))


class Changing:
    rate = 1

    def __init__(self):
        self.total = 0

    def add(self):
        self.total += self.rate


def other_add(self):
    self.total += 1000


def class_changed(thing, n, how):
    for i in range(n):
        thing.add()
        if i == 50:
            how(thing)
    return thing.total


def new_rate(thing):
    type(thing).rate = 7


def new_method(thing):
    type(thing).add = other_add


def own_method(thing):
    thing.add = lambda: other_add(thing)


def own_rate(thing):
    thing.rate = 9


def other_class(thing):
    thing.__class__ = Another


def other_dict(thing):
    thing.__dict__ = {"total": 5, "rate": 3}


def touched_dict(thing):
    thing.__dict__["rate"] = 4


def no_total(thing):
    del thing.total


def hook_added(thing):
    type(thing).__getattribute__ = lambda self, name: object.__getattribute__(self, name) if name != "rate" else 11


def descriptor(thing):
    type(thing).rate = property(lambda self: 13)


class Another:
    rate = 3

    def add(self):
        self.total += 100


def fresh_class():
    return type("Changing", (), {"rate": 1, "__init__": Changing.__init__, "add": lambda self: Changing.add(self)})()


def fresh_copy():
    return type("Changing", (), {"rate": 1, "__init__": Changing.__init__, "add": Changing.add})()


case(class_changed, *(lambda how=how: (fresh_copy(), 90, how) for how in (
    new_rate, new_method, own_method, own_rate, other_dict, touched_dict, no_total, hook_added, descriptor)),
    lambda: (Changing(), 90, other_class), lambda: (fresh_class(), 90, new_rate), apart=True)


def two_classes(shapes, n):
    total = 0
    for i in range(n):
        total += shapes[i % len(shapes)].area()
    return total


class Square:
    def __init__(self, a):
        self.a = a

    def area(self):
        return self.a * self.a


class Circle:
    def __init__(self, r):
        self.r = r

    def area(self):
        return 3 * self.r * self.r


case(two_classes, lambda: ([Square(2), Circle(3)], 60), lambda: ([Square(2)] * 50 + [Circle(1.5)], 60),
     lambda: ([Square("a")], 60), apart=True)


class Counter:
    def __init__(self, limit):
        self.__limit = limit
        self.__count = 0

    def run(self, n):
        for i in range(n):
            if self.__count >= self.__limit:
                self.__count = 0
            self.__count += i & 1
        return self.__count


def private(limit, n):
    return Counter(limit).run(n)


case(Counter.run, lambda: (Counter(10), 60), lambda: (Counter(2.5), 60), lambda: (Counter("a"), 60), name="private names")


def value_kinds(node, values):
    seen = []
    for value in values:
        node.value = value
        seen.append(node.value)
    return seen, node.value


case(value_kinds, lambda: (Node(0, None), [1, 2, 3] * 20), lambda: (Node(0, None), [1, 2.5, True, None, 1j] * 12),
     lambda: (Node(None, None), ["a", (1, 2), [3], 2**80] * 15), lambda: (Slotted(1, 2), [1] * 20),
     lambda: (Node(0.5, None), [float("nan"), 0.0, -0.0] * 20), apart=True)


def failing(nodes, n):
    total = 0
    for i in range(n):
        node = nodes[i % len(nodes)]
        total += node.value // (
            node.next.value)
    return total


case(failing, lambda: ([Node(9, Node(2, None))], 60), lambda: ([Node(9, Node(2, None))] * 40 + [Node(9, Node(0, None))], 60),
     lambda: ([Node(9, Node(2, None))] * 40 + [Node(9, None)], 60), apart=True)


def handled(nodes, n):
    lost = 0
    for i in range(n):
        try:
            nodes[i % len(nodes)].value += nodes[i % len(nodes)].next.value
        except AttributeError as error:
            lost += len(str(error))
    return lost, [node.value for node in nodes]


case(handled, lambda: ([Node(1, None), Node(2, Node(3, None))], 60))


class Buffer:
    def __init__(self):
        self.items = []
        self.grid = [[0] * 3 for _ in range(3)]

    def push(self, item):
        self.items.append(item)

    def mark(self, i, j):
        self.grid[i % 3][j % 3] += i


def buffered(n):
    buffer = Buffer()
    for i in range(n):
        buffer.push(i * 0.5)
        buffer.mark(i, i + 1)
        if len(buffer.items) > 20:
            buffer.items = []
    return buffer


case(buffered, (0,), (60,), (300,))


def same_object(n):
    one = Particle(1.0, 2.0)
    two = one
    for i in range(n):
        one.x += 1.0
        two.x *= 0.5
        kept = one.x
        two.x = i * 0.25
        one.v += kept
    return one.x, one.v, kept


case(same_object, (1,), (60,))


def escaping_method(node, n):
    calls = []
    p = Particle(1.0, 2.0)
    for i in range(n):
        step = p.step
        if i % 20 == 19:
            calls.append(step)
        step(0.01)
    return [call.__self__ is p and call(0.5) for call in calls], p.x


case(escaping_method, lambda: (None, 60))


class Vec:
    def __init__(self, x, y=0.5):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __mul__(self, other):
        if isinstance(other, Vec):
            return self.x * other.x + self.y * other.y
        return Vec(self.x * other, self.y * other)

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __lt__(self, other):
        return self.x < other.x

    def __eq__(self, other):
        return self.x == other.x

    def __getitem__(self, index):
        return (self.x, self.y)[index]

    @property
    def size(self):
        return self.x * self.x + self.y * self.y

    def unit(self):
        return self * (1.0 / self.size)


class Longer(Vec):
    def __add__(self, other):
        return Longer(1.0, 2.0)

    def __radd__(self, other):
        return Longer(other.x, -1.0)


class Adding:
    def __init__(self, n):
        self.n = n

    def __iadd__(self, other):
        self.n += other
        return self

    def __add__(self, other):
        if other == 7:
            return NotImplemented
        return Adding(self.n + other)

    def __radd__(self, other):
        return Adding(other - self.n)


def vectors(n, step):
    total, a, kept = 0.0, Vec(0.0), []
    for i in range(n):
        b = Vec(i * step, 1.0)
        a = a + b
        total += a * b + b.size - (-a).x + b[i & 1]
        if a < b or a == b:
            total += 1000.0
        if i % 9 == 8:
            kept.append(a)
            a = (a * 0.5).unit()
    return total, a, kept


def hot_vectors(n):
    total, a = 0.0, Vec(0.0)
    for i in range(n):  # native
        b = Vec(i * 0.25, 1.0)
        a = (a + b) * 0.5
        total += a * b + a.size
    return total, a


case(vectors, (0, 0.5), (60, 0.5), (60, 2), (60, "a"), (60, 0.0), (60, 2**62), (300, 0.5), apart=True)
case(hot_vectors, long=(4000,))


def sums(a, others):
    seen = []
    for other in others:
        a = a + other
        seen.append(type(a))
    return a, seen


case(sums, lambda: (Vec(1.0), [Vec(2.0)] * 60), lambda: (Vec(1.0), [Vec(2.0)] * 40 + [Longer(3.0)]), lambda: (Vec(1.0), [Longer(3.0)] * 60),
     lambda: (Longer(1.0), [Vec(2.0)] * 60), lambda: (Vec(1.0), [Vec(2.0)] * 40 + [3]), lambda: (Vec(1.0), [Vec(2.0)] * 40 + [None]),
     lambda: (Adding(1), [1, 2] * 30), lambda: (Adding(1), [1, 2] * 20 + [7, 1]), lambda: (5, [Adding(1)] * 3), lambda: (5, [1] * 40 + [Adding(2)] * 9),
     apart=True)


def in_place(a, n):
    kept = [a]
    for i in range(n):
        a += i
        a.n *= 2
        a.n %= 1000
    return a is kept[0], a


case(in_place, lambda: (Adding(1), 60))


def operators_changed(n, how):
    kind = type("Vec", (Vec,), {})
    a, total = kind(1.0), 0.0
    for i in range(n):
        total += (a + a).x + a.size
        if i == 40:
            how(kind)
    return total


def new_add(kind):
    kind.__add__ = lambda self, other: Vec(100.0)


def new_size(kind):
    kind.size = 5.0


def new_init(kind):
    Vec.__init__ = lambda self, x, y=0.5: (setattr(self, "x", 3.0), setattr(self, "y", 4.0))[2:] and None


def new_del(kind):
    Vec.__del__ = lambda self: Loud.log.append(self.x)


case(operators_changed, *(lambda how=how: (90, how) for how in (new_add, new_size)), apart=True)


def constructing(n, how):
    total = 0.0
    for i in range(n):
        a = Vec(1.0)
        total += a.x + a.y
        if i == 40:
            how(None)
    return total


def constructed(n, how):
    kept = dict(vars(Vec))
    try:
        return constructing(n, how), len(Loud.log)
    finally:
        for name in ("__init__", "__new__", "__del__"):
            if name in kept:
                setattr(Vec, name, kept[name])
            elif name in vars(Vec):
                delattr(Vec, name)


case(constructed, *(lambda how=how: (90, how) for how in (new_init, new_del)), apart=True)


class Picky:
    def __init__(self, n):
        if n == 50:
            raise ValueError(f"{n} is not wanted")
        self.n = n
        self.half = n // (45 - n % 90)


class Answering:
    def __init__(self, n):
        self.n = n
        if n > 40:
            return n


class Ending:
    def __init__(self, n, log):
        self.n = n
        self.log = log

    def __del__(self):
        self.log.append(self.n)


class Counted:
    made = 0

    def __new__(cls, *args):
        Counted.made += 1
        return object.__new__(cls)

    def __init__(self, n):
        self.n = n


class Later:
    def __init__(self, n):
        self.first = n
        if n % 3 == 0:
            self.third = n
        self.second = n
        del self.first
        self.first = -n


class Wide:
    def __init__(self, n):
        for i in range(40):
            setattr(self, f"a{i}", n + i)
        self.last = n


class Tight:
    __slots__ = ("a", "b", "__dict__")

    def __init__(self, a):
        self.a = a
        self.c = a + 1


def built(kind, n):
    total, kept = 0, []
    for i in range(n):
        one = kind(i)
        total += one.n
        if i % 20 == 19:
            kept.append(one)
    return total, kept


def shaped(kind, n):
    kept = []
    for i in range(n):
        one = kind(i)
        kept.append(one)
        one.extra = i
    return [list(vars(one).items()) for one in kept]


case(built, lambda: (Picky, 44), lambda: (Picky, 60), lambda: (Answering, 60), lambda: (Counted, 60), lambda: (Adding, 60), lambda: (Adding, 0), apart=True)
case(shaped, lambda: (Vec, 60), lambda: (Later, 60), lambda: (Wide, 30), lambda: (Tight, 40), lambda: (Adding, 60), apart=True)


def in_handler(n):
    lost, total = 0, 0
    for i in range(n):
        try:
            total += Picky(i + 20).half
        except (ValueError, ZeroDivisionError) as error:
            lost += len(str(error))
    return lost, total


case(in_handler, (60,))


class Foreign:
    """Descriptors of classes that this one has nothing to do with."""

    a = Slotted.a
    random = _random.Random.random
    getrandbits = _random.Random.getrandbits


def foreign_slot(thing, n):
    total = 0
    for i in range(n):
        try:
            total += thing.a
            thing.a = i
        except TypeError as error:
            total += len(str(error))
    return total


def foreign_draws(thing, n):
    total = 0
    for _ in range(n):
        try:
            total += thing.random()
        except TypeError:
            total += 1
    for _ in range(n):
        try:
            total += thing.getrandbits(5)
        except TypeError:
            total += 1
    return total


class Text(io.TextIOWrapper):
    pass


def read_only(text, n):
    lost = 0
    for _ in range(n):
        try:
            lost += len(text.encoding)
            text.encoding = "utf-16"
        except AttributeError as error:
            lost += len(str(error))
    return lost, text.encoding


case(foreign_slot, lambda: (Foreign(), 60), lambda: (Slotted(1, 2), 60), apart=True)
case(foreign_draws, lambda: (Foreign(), 60), lambda: (_random.Random(2), 60), apart=True)
case(read_only, lambda: (Text(io.BytesIO(), encoding="utf-8"), 60))


def class_held(thing, n, change):
    total = 0
    for i in range(n):
        if thing.held is None:
            total += 1
        if i == 40:
            change()
    return total


def becoming(how):
    class Value:
        pass

    class Descriptor:
        def __get__(self, owner, kind):
            return None

    class Owner:
        held = Value()

    def change():
        if how == "hook":
            Value.__get__ = Descriptor.__get__
        elif how == "class":
            vars(Owner)["held"].__class__ = Descriptor

    return Owner(), 60, change


case(class_held, *(lambda how=how: becoming(how) for how in ("", "hook", "class")), apart=True)


def same_method(p, xs, n):
    seen = []
    for i in range(n):
        step, add = p.step, xs.append
        also = step
        if i % 20 == 19:
            seen.append((also is step, step is p.step, step is not also, add is xs.append))
            seen.append(also is step)
        also(0.01)
        add(step is also)
    return seen, xs


case(same_method, lambda: (Particle(1.0, 2.0), [], 60))


def returned_method(p, n):
    for i in range(n):
        step = p.step
        if i == n - 1:
            return step(0.5), step.__func__ is type(p).step, step.__self__ is p, step
        if i == 70:
            return step
    return None


case(returned_method, lambda: (Particle(1.0, 2.0), 60), lambda: (Particle(1.0, 2.0), 90))


def collected(n, how):
    nodes = []
    for i in range(3):
        node = Node(i, 0.5)
        vars(node)
        nodes.append(node)
    gc.collect()
    for i in range(n):
        node = nodes[i % 3]
        node.next = how(node)
        node.value = i
    refs = [weakref.ref(node) for node in nodes]
    node = nodes = None
    gc.collect()
    return [ref() is None for ref in refs]


def itself(node):
    return node


def in_a_tuple(node):
    return (node, 1)


case(collected, (60, itself), (300, itself), (60, in_a_tuple), (60, str), apart=True)

shared = 1


class Space:
    pass


def namespace(n):
    global shared
    shared = 1
    space, total = Space(), 0
    space.__dict__ = globals()
    for i in range(n):
        space.shared = i
        total += shared
        if i % 10 == 9:
            shared = -i
            total += space.shared
    return total


def read_shared():
    return shared * 2


def namespace_of_callees(n):
    space, total = Space(), 0
    space.__dict__ = globals()
    for i in range(n):
        space.shared = i * 0.5
        total += read_shared()
    return total


case(namespace, (60,))
case(namespace_of_callees, (60,))


def borg(n):
    one, two, total = Space(), Space(), 0
    one.value = 1
    two.__dict__ = one.__dict__
    for i in range(n):
        one.value += i
        total += two.value
        two.value = i & 7
        total += one.value
    return total, vars(one), vars(one) is vars(two)


case(borg, (60,))


class Exchanging:
    """Garbage that puts another object in the place of one that a loop reads."""

    def __init__(self, holder):
        self.holder = holder
        self.itself = self

    def __del__(self):
        self.holder.held = Node(self.holder.held.value, None)
        Exchanging.others = [Node(-1, None) for _ in range(50)]


def collecting(holder, makes, n):
    total, kept = 0, []
    before = gc.get_threshold()
    for _ in range(40):
        Exchanging(holder)
    gc.set_threshold(2000, 1, 1)
    try:
        for i in range(n):
            node = holder.held
            value = node.value
            if makes:
                kept.append([i, 1])
            else:
                kept.append((i, 1))
            total += node.value - value
            node.value = i & 63
    finally:
        gc.set_threshold(*before)
    return total, len(kept)


case(collecting, lambda: (Holder(Node(3, None)), False, 6000), lambda: (Holder(Node(3, None)), True, 6000), apart=True)


class Grid:
    def __init__(self, w, h):
        self.w = w
        self.cells = [0] * (w * h)

    def __getitem__(self, at):
        return self.cells[at[1] * self.w + at[0]]

    def __setitem__(self, at, value):
        self.cells[at[1] * self.w + at[0]] = value

    def __contains__(self, at):
        return 0 <= at[0] < self.w and at[1] >= 0


class Few:
    def __init__(self, items):
        self.items = items

    def __contains__(self, x):
        if x == 17:
            raise ValueError("seventeen")
        return self.items.get(x)

    def __setitem__(self, i, x):
        self.items[i] = x
        return "ignored"


def hot_grid(n):
    grid, total = Grid(8, 8), 0
    for i in range(n):  # native
        grid[i % 8, i // 8 % 8] = i
        total += grid[i % 8, 0]
        if (i - 3, 2) in grid:
            total += 1
        if (i, -1) not in grid:
            total += 2
    return total, grid.cells


def few(n):
    kept, total = Few({3: 0, 4: 5, 5: "x"}), 0
    try:
        for i in range(n):
            kept[i + 50] = i
            total += (i in kept) + 2 * (i not in kept)
    except ValueError as error:
        return total, kept.items, str(error)
    return total, kept.items


def several_holders(holders, n):
    total = 0
    for i in range(n):
        for holder in holders:
            if i in holder:
                total += 1
            holder[i % 3] = i
    return total


case(hot_grid, (40,), (0,), long=(4000,))
case(few, (15,), (20,))
case(several_holders, lambda: ([[1, 2, 3], Few({1: 1, 2: ""}), {1: 2}], 12), lambda: ([Few({}), Few({2: 1})], 9))


class Gauge:
    """A property with a setter that may refuse."""

    def __init__(self, limit):
        self._value, self.limit, self.writes = 0, limit, 0

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, value):
        if value > self.limit:
            raise ValueError(f"{value} is too much")
        self.writes += 1
        self._value = value
        return "nobody asks"


class Doubling(Gauge):
    @Gauge.value.setter
    def value(self, value):
        self._value = 2 * value


class Guarding(Gauge):
    def __setattr__(self, name, value):
        super().__setattr__(name, value)


class ReadOnly:
    @property
    def value(self):
        return 5


def set_by_properties(gauges, n):
    found = []
    for i in range(n):
        gauge = gauges[i % len(gauges)]
        gauge.value = i
        gauge.value += 1.5 if i % 7 == 3 else 1
        found.append(gauge.value)
    return found, [(gauge._value, gauge.writes) for gauge in gauges]


def refused_by_a_property(n):
    gauge, found = Gauge(n - 4), []
    for i in range(n):
        try:
            gauge.value = i
        except ValueError as error:
            found.append((str(error), error.__traceback__.tb_next.tb_frame.f_code.co_name))
    gauge.value = 2 * n
    return found


def not_to_be_set(n):
    found, thing = [], ReadOnly()
    for i in range(n):
        try:
            thing.value = i
        except AttributeError as error:
            found.append(str(error))
    return found


def other_setter_meanwhile(n):
    class Local:
        @property
        def value(self):
            return self.kept

        @value.setter
        def value(self, value):
            self.kept = value

    thing, found = Local(), []
    for i in range(n):
        thing.value = i
        found.append(thing.value)
        if i == n - 5:
            Local.value = Local.value.setter(lambda self, value: self.__dict__.update(kept=-value))
        if i == n - 2:
            del Local.value
    return found, vars(thing)


case(set_by_properties, lambda: ([Gauge(1000)], 60), lambda: ([Gauge(1000), Doubling(5)], 60),
     lambda: ([Guarding(1000), Gauge(10**6), Doubling(5)], 60), lambda: ([Gauge(40)], 60))
case(refused_by_a_property, (60,))
case(not_to_be_set, (40,))
case(other_setter_meanwhile, (60,))
