"""Looking for values in lists and tuples, taking items out and putting them in."""

from __future__ import annotations

from ..cases import case

NAN = float("nan")


class Equal:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == (other.value if isinstance(other, Equal) else other)

    def __repr__(self):
        return f"Equal({self.value})"


class Plain:
    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return f"{type(self).__name__}({self.value})"


class Derived(Plain):
    pass


class Ending(Plain):
    log: list = []

    def __del__(self):
        Ending.log.append(self.value)


def found(xs, keys):
    out = []
    for key in keys:
        out.append((key in xs, key not in xs))
    return out


def places(xs, keys):
    total = 0
    for key in keys:
        if key in xs:
            total = total * 3 + xs.index(key)
    return total


def removed(xs, keys):
    count = 0
    for key in keys:
        if key in xs:
            xs.remove(key)
            count += 1
    return count, xs


def missing(xs, keys):
    at = -1
    try:
        for key in keys:
            at = xs.index(key)
    except ValueError as error:
        return repr(error), at, xs


OWNERS = (
    lambda: [1, 2, 3, 4.5, True, None, "a", "bc", (1, 2), [3]],
    lambda: [2**70, 2**60, -5, -(2**62), 2**31, 2**53 + 1],
    lambda: [1.0, 2.0, 2.5, NAN, 0.0, -0.0, 2.0**53],
    lambda: [1, Equal(3), 2, Equal("a")],
    lambda: [],
    lambda: [False, None],
    lambda: ["x", "y", "zz", "é", "日本", "bc"],
)
KEYS = (
    [1, 2, 3, 9, -5, 1, 0] * 3, [1.0, 4.5, 2.0, -0.0, 2.0**53] * 3, ["a", "bc", "zz", "é", "no", "日本"] * 3,
    [None] * 6, [True, False] * 5, [2**60, 2**62, -(2**62), 2**53 + 1] * 3, [2**70, 5] * 5, [1, "a", None, 2.5] * 3,
)
for number, owner in enumerate(OWNERS):
    case(found, *(lambda owner=owner, keys=keys: (owner(), keys) for keys in KEYS), name=f"found{number}", apart=True)
    case(places, *(lambda owner=owner, keys=keys: (owner(), keys) for keys in KEYS), name=f"places{number}", apart=True)
    case(removed, *(lambda owner=owner, keys=keys: (owner(), keys) for keys in KEYS), name=f"removed{number}",
         apart=True)
case(found, *(lambda keys=keys: (tuple(OWNERS[0]()), keys) for keys in KEYS), name="found_in_tuples", apart=True)
case(missing, ([1, 2, 3], [1, 2, 3, 4]), (["a", "b"], ["b", "q"]), ([1.5], [1.5, 2.5]), ([None, 1], [None, None, 2]),
     apart=True)


def objects(kind, other):
    held = [kind(k) for k in range(5)]
    owner = [1, None, "a", 2.5, (1,), *held, other]
    return held, owner


def identical(kind, other, n):
    held, owner = objects(kind, other)
    count = 0
    for i in range(n):
        one = held[i % 5]
        if one in owner:
            count += owner.index(one)
        if other in owner:
            count += 100
        if kind(3) in owner:
            count += 10000
        if i % 7 == 3 and one in owner:
            owner.remove(one)
    return count, owner


def becoming_equal(n):
    class Changing(Plain):
        pass

    held = [Changing(k) for k in range(4)]
    count = 0
    for i in range(n):
        if Changing(2) in held:
            count += 1
        if i == n // 2:
            Changing.__eq__ = lambda self, other: self.value == other.value
    return count


case(identical, (Plain, Derived(3), 40), (Plain, Equal(3), 40), (Equal, Plain(3), 40), (Ending, 7, 30), apart=True)
case(becoming_equal, (40,))


def popped(n, make, at):
    xs, out = [make(k) for k in range(n)], []
    while len(xs) > 2:
        out.append(xs.pop(at))
    return out, xs


def deleted(n, make, at):
    del Ending.log[:]
    xs = [make(k) for k in range(n)]
    for _ in range(n - 3):
        del xs[at]
    return xs, list(Ending.log)


def inserted(n, make, at):
    xs = []
    for i in range(n):
        xs.insert(at, make(i))
    return xs


def beyond(n, at):
    xs = [1] * n
    try:
        for _ in range(2 * n):
            xs.pop(at)
    except IndexError as error:
        return repr(error), xs


def sorted_in(n):
    xs = []
    for i in range(n):
        value, k = (i * 7919) % 1000, 0
        while k < len(xs) and xs[k] < value:
            k += 1
        xs.insert(k, value)
        if len(xs) > 20:
            del xs[k // 2]
    return xs


MAKERS = (int, float, str, Plain, Ending, lambda k: None if k % 3 else k, lambda k: [k], lambda k: (k, k))
for number, maker in enumerate(MAKERS):
    for function in (popped, deleted, inserted):
        case(function, *((12, maker, at) for at in (0, -1, 1, -2, True)), name=f"{function.__name__}{number}", apart=True)
case(inserted, (9, int, -100), (9, float, 1000), (9, Plain, 2**70), name="inserted_beyond")
case(beyond, (20, 0), (20, -1), (20, 3), apart=True)
case(sorted_in, (120,))
