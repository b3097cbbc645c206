"""Functions that call themselves: depth, exceptions from below, lists and globals on the way, big results."""

from ..cases import case

CALLS = 0
LIMIT = 3


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def fib_from_outside(n):
    return [fib(k) for k in range(n)], fib(n)


def fewest(amount, coins, memo=None):
    """Deep calls that are in the midst when the function is compiled; their depth is CPython's."""
    memo = {} if memo is None else memo
    if amount == 0:
        return 0
    if amount < 0:
        return float("inf")
    if amount in memo:
        return memo[amount]
    memo[amount] = min(fewest(amount - coin, coins, memo) + 1 for coin in coins)
    return memo[amount]


def all_fewest(most, coins):
    return [fewest(amount, coins) for amount in range(most)]


case(fib_from_outside, (0,), (5,), (18,))


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


case(ackermann, (0, 0), (1, 5), (2, 9), (2, 30))


def gcd(a, b):
    return a if b == 0 else gcd(b, a % b)


case(gcd, (0, 0), (48, 36), (2**62 - 1, 2**61 + 3), (2**70, 2**65), (-48, 36), (7.5, 2.5), (True, 3))


def power(x, n):
    if n == 0:
        return 1
    half = power(x, n // 2)
    return half * half * (x if n % 2 else 1)


case(power, (2, 10), (3, 200), (1.5, 30), (1.5, 3000), (2, 0), (-3, 41), (True, 9), apart=True)


def fails_at(n, where):
    if n == where:
        return 1 // (n - where)
    return fails_at(n - 1, where) + 1


case(fails_at, (20, 0), (20, 19), (5, 5))


def catches(n):
    if n == 0:
        raise ValueError("bottom")
    try:
        return catches(n - 1)
    except ValueError:
        if n % 3 == 0:
            return n
        raise


case(catches, (1,), (2,), (10,), (30,))


def endless(n):
    return endless(n + 1) + 1


def endless_is_caught(n):
    try:
        endless(n)
    except RecursionError as error:
        return str(error)[:33]


case(endless_is_caught, (0,), (5,))


def endless_changes_type(n):
    if n > 10**6:
        return 0
    return endless_changes_type(n * 1.5) + 1


case(endless_changes_type, (1,), (1.0,), (2**64,), (True,))


def counts(n):
    global CALLS
    CALLS += 1
    return 1 if n <= 0 else counts(n - 1) + counts(n - 2)


case(counts, (1,), (12,))


def depends_on_global(n):
    if n <= LIMIT:
        return n
    return depends_on_global(n - 1) + LIMIT


def changes_limit(n):
    global LIMIT
    a = depends_on_global(n)
    LIMIT = 5
    b = depends_on_global(n)
    LIMIT = 3
    return a, b, depends_on_global(n)


case(changes_limit, (2,), (20,), (60,))


def permutations(items, k, out):
    if k == len(items):
        out.append(items[:])
        return 1
    total = 0
    for i in range(k, len(items)):
        items[k], items[i] = items[i], items[k]
        total += permutations(items, k + 1, out)
        items[k], items[i] = items[i], items[k]
    return total


case(permutations, lambda: ([], 0, []), lambda: ([1, 2, 3], 0, []), lambda: (list(range(6)), 0, []))


def queens(n, row, columns, up, down):
    if row == n:
        return 1
    total = 0
    for c in range(n):
        if not columns[c] and not up[row + c] and not down[row - c + n]:
            columns[c] = up[row + c] = down[row - c + n] = True
            total += queens(n, row + 1, columns, up, down)
            columns[c] = up[row + c] = down[row - c + n] = False
    return total


def all_queens(n):
    return queens(n, 0, [False] * n, [False] * (2 * n), [False] * (2 * n + 1))


case(all_queens, (1,), (4,), (6,))


def sort(values, low, high):
    if low >= high:
        return 0
    pivot, i, j = values[(low + high) // 2], low, high
    while i <= j:
        while values[i] < pivot:
            i += 1
        while values[j] > pivot:
            j -= 1
        if i <= j:
            values[i], values[j] = values[j], values[i]
            i += 1
            j -= 1
    return 1 + sort(values, low, j) + sort(values, i, high)


def sorts(values):
    return sort(values, 0, len(values) - 1), values


case(
    sorts,
    lambda: ([],),
    lambda: ([3, 1, 2],),
    lambda: ([k * 7919 % 101 for k in range(100)],),
    lambda: ([k * 7919 % 101 * 0.5 for k in range(100)],),
    lambda: ([2**63 + k * 7919 % 101 for k in range(60)],),
    lambda: ([1, 2.5, True, 3, 0.5] * 8,),
    apart=True,
)


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


case(even, (0,), (1,), (40,), (61,))


def optional(n):
    if n < 0:
        return None
    below = optional(n - 2)
    return n if below is None else below + 1.5


case(optional, (0,), (1,), (30,), (31,))


def default_argument(n, acc=0, step=1):
    if n == 0:
        return acc
    return default_argument(n - 1, acc + step)


case(default_argument, (0,), (30,), (30, 5), (30, 2**63 - 10), (30, 0.5, 2))


def shadowed(n):
    shadow = shadowed
    if n == 0:
        return 0
    return shadow(n - 1) + shadowed(n - 1)


case(shadowed, (0,), (8,))


class Leaning:
    def __init__(self, left, right):
        self.left = left
        self.right = right


def leaning(n):
    tree = None
    for i in range(n):
        tree = Leaning(tree, None if i % 9 else Leaning(None, None))
    return tree


def height(tree):
    if tree is None:
        return 0
    return 1 + max(height(tree.left), height(tree.right))


def heights(n, times):
    return [height(leaning(n)) for _ in range(times)], height(leaning(3))


case(height, lambda: (leaning(40),), lambda: (leaning(3),), lambda: (None,), lambda: (leaning(60),))
case(heights, (40, 6), (9, 30))


def merge_sorted(a):
    if len(a) <= 1:
        return a
    m = len(a) // 2
    left, right = merge_sorted(a[:m]), merge_sorted(a[m:])
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    out.extend(left[i:])
    out.extend(right[j:])
    return out


def quick_sorted(xs):
    if len(xs) <= 1:
        return xs
    p = xs[len(xs) // 2]
    return quick_sorted([x for x in xs if x < p]) + [x for x in xs if x == p] + quick_sorted([x for x in xs if x > p])


def permuted(xs, k, out):
    if k == len(xs):
        out.append(tuple(xs))
        return
    for i in range(k, len(xs)):
        xs[k], xs[i] = xs[i], xs[k]
        permuted(xs, k + 1, out)
        xs[k], xs[i] = xs[i], xs[k]


def all_permuted(n):
    out = []
    permuted(list(range(n)), 0, out)
    return out


def queens(n, row=0, cols=0, d1=0, d2=0):
    if row == n:
        return 1
    c = 0
    for i in range(n):
        if not (cols >> i & 1 or d1 >> (row + i) & 1 or d2 >> (row - i + n) & 1):
            c += queens(n, row + 1, cols | 1 << i, d1 | 1 << (row + i), d2 | 1 << (row - i + n))
    return c


def built(depth, k=1):
    return None if depth == 0 else Leaning(built(depth - 1, k * 2), built(depth - 1))


def count(depth):
    return [built(depth) is None, height(built(depth))]


def texts_below(n):
    return "." if n == 0 else texts_below(n - 1) + str(n) + texts_below(n - 1)


def bigger(n):
    return 1 if n == 0 else n * bigger(n - 1)


STEP = 1


def rebinding(n):
    global STEP
    if n == 0:
        return 0
    if n == 7:
        [].sort(key=len)
        STEP += 1
    return STEP + rebinding(n - 1)


def rebound(n):
    global STEP
    STEP = 1
    found = [rebinding(n) for _ in range(9)]
    STEP = 1
    return found


case(merge_sorted, lambda: ([i * 7 % 23 for i in range(40)],), lambda: ([1.5, 1, -0.0, 0.0, True],),
     lambda: (["b", "a", "c"],))
case(quick_sorted, lambda: ([i * 7 % 23 for i in range(40)],), lambda: ([1.5, 1, -0.0, 0.0, True],),
     lambda: (["b", "a", "c"],))
case(all_permuted, (4,), (1,), (0,))
case(queens, (5,), (6,), (5, 1))
case(count, (5,), (0,))
case(texts_below, (5,), (0,))
case(bigger, (10,), (30,), (0,))
case(rebound, (12,), (5,))
case(all_fewest, (60, [1, 5, 12, 25]), (150, [1, 5, 12, 25]), (9, [2, 3]))


def replacing(texts, n):
    """What a caller has read is replaced further down, where nobody else holds it."""
    held = texts["k"]
    below = replacing(texts, n - 1) if n > 0 else 0
    texts["k"] = str(n * 1001) + "*" * (n % 3)
    return below + len(held) + (held[0] == "*")


def replacing_given(items, given, n):
    if n > 0:
        replacing_given(items, items[n % len(items)], n - 1)
    items[(n + 1) % len(items)] = [n, str(n)]
    return len(given) + given[0]


case(replacing, *(lambda size=size: ({"k": "*" * size}, size - 3) for size in range(3, 30)))
case(replacing_given, *(lambda n=n: ([[n, i, str(i)] for i in range(4)], [n + 1], n) for n in range(27)))


def unbound_below(n, i):
    if n <= 0:
        return len(held)
    held = "abc"
    if i > 5:
        return held, i
    return unbound_below(n - 1, i + 1), n


case(unbound_below, *(lambda n=n, i=i: (n, i) for n in range(1, 6) for i in range(7)))


def height(node):
    if not isinstance(node, tuple):
        return 1
    return max(height(node[0]), height(node[1])) + 1


def weight(node):
    if isinstance(node, tuple):
        left, right = node
        return weight(left) + weight(right)
    return node


def is_in(tree, wanted):
    if tree is None:
        return False
    left, value, right = tree
    return value == wanted or is_in(left, wanted) or is_in(right, wanted)


def total_of(node):
    if isinstance(node, int):
        return node
    total = 0
    for part in node:
        total += total_of(part)
    return total


def evaluated(node):
    if isinstance(node, (int, float)):
        return node
    op, a, b = node
    a, b = evaluated(a), evaluated(b)
    return a + b if op == "+" else a * b if op == "*" else a - b


def derived(node, name):
    if isinstance(node, (int, float)):
        return 0
    if isinstance(node, str):
        return 1 if node == name else 0
    op, a, b = node
    if op == "+":
        return "+", derived(a, name), derived(b, name)
    return "+", ("*", derived(a, name), b), ("*", a, derived(b, name))


def halved(n):
    """An int is given, a float comes from itself."""
    return 0 if n < 1 else 1 + halved(n / 2)


def with_function(f, n):
    return f(n) if n < 2 else with_function(f, n - 1) + with_function(f, n - 2)


def double(n):
    return 2 * n


TREES = (1, (2, 3)), ((1, 2), 3), ((1, (2, (3, 4))), 5), (1.5, (2, True)), 7
case(height, *(lambda tree=tree: (tree,) for tree in TREES))
case(weight, *(lambda tree=tree: (tree,) for tree in TREES), lambda: ((1, (2, "x")),), lambda: ((1, (2, 3, 4)),))
case(is_in, lambda: (((None, 1, (None, 2, None)), 3, None),), lambda: (((None, 1, (None, 2, None)), 3, None), 2),
     lambda: ((None, 5, ((None, 4.5, None), "a", None)), 9), lambda: (None, 1))
case(total_of, *(lambda tree=tree: (tree,) for tree in (*TREES[:3], (1, [2, 3, (4,)], ()), 7)))
case(evaluated, lambda: (("+", 1, ("*", 2, 3)),), lambda: (("*", ("+", 1, 2.5), ("-", 4, 1)),), lambda: (5,),
     lambda: (("+", "a", 1),))
case(derived, lambda: (("+", "x", ("*", 2, "x")), "x"), lambda: (("*", ("*", "x", "y"), ("+", "y", 3.5)), "y"),
     lambda: ("x", "x"))
case(halved, *(lambda n=n: (n,) for n in (100, 7, 1000.0, 0, 2**70)))
case(with_function, (double, 9), (abs, 5), (double, 1))


FACTOR, SWITCH = 3, False


def helped(x):
    return x + FACTOR


def other_help(x):
    return x * 1000


def turning(n):
    """What deeper calls change while SWITCH is on."""
    global FACTOR, helped
    if SWITCH:
        FACTOR += 2
        helped.__defaults__ = (7,)
    return n


def with_a_global(n):
    if n == 0:
        return 0
    if n == 3:
        list(map(turning, (n,)))
    return with_a_global(n - 1) + FACTOR


def with_a_helper(n):
    if n == 0:
        return 1
    if n == 3:
        list(map(exchanging, (n,)))
    return helped(with_a_helper(n - 1))


def exchanging(n):
    if SWITCH:
        helped.__code__, other_help.__code__ = other_help.__code__, helped.__code__
    return n


def turned(function, n):
    global FACTOR, SWITCH
    found = []
    for k in range(n):
        SWITCH = k % 5 == 4
        found.append(function(k % 7))
        FACTOR = 3
    SWITCH = False
    return found


case(with_a_global, *((n,) for n in range(7)))
case(with_a_helper, *((n,) for n in range(7)))
case(turned, lambda: (with_a_global, 40), lambda: (with_a_helper, 40), apart=True)
