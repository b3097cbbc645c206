"""Loops over dicts and sets: their order, what changes them on the way, what they are nested in and what leaves them."""

from __future__ import annotations

from ..cases import case


def totals(d):
    keys = values = pairs = 0
    for key in d:
        keys += key
    for value in d.values():
        values += value
    for key, value in d.items():
        pairs += key * value
    return keys, values, pairs


def hot_totals(n):
    d = {}
    for i in range(n):  # native
        d[i * 7919 % 10007] = i
    total = 0
    for key, value in d.items():  # native
        total += key ^ value
    for key in d:  # native
        total -= key
    for value in d.values():  # native
        total += value * 3
    return total


def hot_members(n):
    found = set()
    for i in range(n):  # native
        found.add(i * i % 5003)
    total = 0
    for member in found:  # native
        total = total * 3 % 1000003 + member
    return total


NUMBERS = {i: i * i for i in range(60)}
MIXED = {**{i: i for i in range(40)}, 40: 2.5, 41: 2**70, 42: True, 43: 1}
def counted_members(x, members, n):
    """A step of an enumerate is left between its member and its count."""
    k = v = None
    for k, v in enumerate(set(members), n):
        x = x * x % 1009
    return x, k, v


case(totals, (NUMBERS,), ({},), (MIXED,), ({1: 2},), ({i: 0.5 for i in range(50)},), ({2**62 + i: 3 for i in range(50)},),
     ({"a": 1},), ({**NUMBERS, "a": 1},), ([1, 2],), (None,), apart=True)
case(hot_totals, long=(3000,))
case(hot_members, long=(3000,))


def spelled(d, n):
    found = []
    for _ in range(n):
        for name, value in d.items():
            if name > "c":
                found.append(name[0] + str(value))
    return found


def ranked(d):
    found = []
    for place, (key, value) in enumerate(d.items(), 5):
        found.append(place * value + key)
    for place, key in enumerate(d):
        found.append(place - key)
    return found


def beside(d, xs):
    total = 0
    for x, key, value in zip(xs, d, d.values()):
        total += x * key + value
    for (key, value), x in zip(d.items(), xs):
        total -= x * key + value
    return total


case(spelled, ({"a": 1, "cd": 2.5, "x": None}, 20), ({}, 60), ({"d": 1, 2: 3}, 30), (dict.fromkeys("abcdefgh"), 20), apart=True)
case(ranked, (NUMBERS,), ({},), (MIXED,), ({i: 2**62 for i in range(50)},), apart=True)
case(beside, (NUMBERS, list(range(100))), (NUMBERS, [1, 2, 3]), (NUMBERS, range(59)), ({}, [1]), (MIXED, [1.5] * 60), apart=True)


def replacing(d):
    for key in d:
        d[key] += 1
    for key, value in d.items():
        d[key] = value * 2
    return d


def growing(d, at):
    seen = []
    try:
        for key, value in d.items():
            seen.append((key, value))
            if key == at:
                d[-1 - key] = 0
    except RuntimeError as error:
        seen.append(str(error))
    return seen, d


def growing_bare(d, at):
    for key in d:
        if key == at:
            d[-1 - key] = 0
    return d


def shrinking(d, at):
    seen = []
    for key in d:
        seen.append(key)
        if key == at:
            del d[key]
    return seen


def swapping(d, at):
    seen = []
    for key in d.keys():
        seen.append(key)
        if key >= at:
            del d[key]
            d[key + 1000] = 1
    return seen


def cleared(d, at):
    seen = []
    for value in d.values():
        seen.append(value)
        if value == at:
            d.clear()
    return seen


def refilled(d, at):
    seen = []
    for key in d:
        seen.append(key)
        if key == at:
            held = list(d)
            d.clear()
            for old in held:
                d[old] = 5
    return seen, d


FRESH = lambda *more: (lambda: (dict.fromkeys(range(60), 1), *more))
case(replacing, FRESH(), lambda: (dict(MIXED),), lambda: ({},), lambda: ({1: "a"},), lambda: ({i: 2**62 for i in range(50)},), apart=True)
for changing in (growing, growing_bare, shrinking, swapping, cleared, refilled):
    case(changing, FRESH(45), FRESH(59), FRESH(0), FRESH(99), lambda: (dict(NUMBERS), 49), apart=True)


def set_growing(s, at):
    seen = []
    for member in s:
        seen.append(member)
        if member == at:
            s.add(-1 - member)
    return seen


def set_swapping(s, at):
    seen = []
    for member in s:
        seen.append(member)
        if member == at:
            s.discard(member)
            s.add(member + 1000)
    return seen, s


def set_shrunk(s, at):
    seen = []
    try:
        for member in s:
            seen.append(member)
            if member == at:
                s.remove(member)
    except RuntimeError as error:
        seen.append(error.args)
    return seen


for changing in (set_growing, set_swapping, set_shrunk):
    case(changing, lambda: (set(range(60)), 45), lambda: (set(range(60)), 59), lambda: (set(range(60)), 99), lambda: (set(range(0, 600, 7)), 490),
         lambda: (set("abcdef"), "c"), lambda: (set(), 1), lambda: ({*range(40), 2.5, "a", None}, 39), apart=True)


def taken_out(d, n):
    for key in range(0, n, 3):
        d.pop(key, None)
    total, order = 0, []
    for key, value in d.items():
        total += value
        order.append(key)
    return total, order


def found_first(d, limit):
    for key, value in d.items():
        if value > limit:
            break
    else:
        return "none", d
    return key, value


def nested(graph, rounds):
    reached = 0
    for _ in range(rounds):
        for node in graph:
            for near, cost in graph[node].items():
                if near in graph:
                    reached += cost
    return reached


def pairs_of(d):
    total = 0
    for a, x in d.items():
        for b, y in d.items():
            if a < b:
                total += x * y
    return total


def in_variables(d, n):
    view, total = d.items(), 0
    for i in range(n):
        for key, value in view:
            total += key * value
        if i == n - 2:
            d[n] = 7
    return total, list(view)


def made_inside(d, n):
    total = 0
    for i in range(n):
        view = d.values()
        for value in view:
            total += value
        for value in view:
            total -= 2 * value
        if i % 20 == 19:
            total += len(view)
    return total


def counts_of(rows):
    total = 0
    for row in rows:
        counts = {}
        for x in row:
            counts[x] = counts.get(x, 0) + 1
        for key, count in counts.items():
            if count > 1:
                total += key * count
    return total


def in_comprehension(d, n):
    return [sum([key * value for key, value in d.items()]) + i for i in range(n)], [k for k in d], {v: k for k, v in d.items()}


def generated(d):
    for key, value in d.items():
        if value % 2:
            yield key + value


def drawn(d, n):
    total = 0
    for _ in range(n):
        for one in generated(d):
            total += one
    return total, sum(x for x in generated(d)), list(generated(d))


def of_names(things):
    found = []
    for thing in things:
        for name, value in vars(thing).items():
            found.append((name, value))
    return found


class Thing:
    def __init__(self, a, b):
        self.a = a
        self.b = b


case(taken_out, lambda: (dict(NUMBERS), 60), lambda: (dict(MIXED), 20), lambda: ({}, 3), lambda: (dict(NUMBERS), 0), apart=True)
case(found_first, (NUMBERS, 2500), (NUMBERS, 5000), ({}, 1), (MIXED, 38), (MIXED, 39.5), apart=True)
case(nested, ({1: {2: 3, 4: 5}, 2: {1: 1}, 4: {}}, 30), ({"a": {"b": 1.5, "c": 2}, "b": {"a": 1}}, 40), ({}, 60), ({1: {2: 3}, 2: [1]}, 2), apart=True)
case(pairs_of, (NUMBERS,), (MIXED,), ({},), ({"a": 1, "b": 2},), apart=True)
case(in_variables, lambda: (dict(NUMBERS), 8), lambda: (dict(MIXED), 2), lambda: ({}, 60), apart=True)
case(made_inside, (NUMBERS, 8), ({}, 60), (MIXED, 3), apart=True)
case(counts_of, ([[1, 2, 1], [3, 3, 3], []] * 20,), ([["a", "b", "a"]] * 2,), ([[1] * 50, [2.5] * 3],), ([range(60)] * 3,), apart=True)
case(in_comprehension, (NUMBERS, 3), ({1: 2}, 60), ({}, 60), (MIXED, 2), apart=True)
case(drawn, (NUMBERS, 3), ({1: 1}, 60), ({}, 60), (MIXED, 2), apart=True)
case(of_names, lambda: ([Thing(i, 2.5) for i in range(50)],), apart=True)


def until_error(d):
    total = 0
    for key, value in d.items():
        total += 100 // (value - 49)
        total += key
    return total


def handled(d):
    total = errors = 0
    for key, value in d.items():
        try:
            total += 100 // (value - 49)
        except ZeroDivisionError:
            errors += key
    return total, errors


def shared_iterator(d, n):
    it = iter(d)
    total = 0
    for key in it:
        total += key
        if key == n:
            break
    rest = list(it)
    return total, rest


case(until_error, (NUMBERS,), ({i: i for i in range(40)},), apart=True)
case(handled, (NUMBERS,), ({i: 49 for i in range(60)},), (MIXED,), apart=True)
case(shared_iterator, (NUMBERS, 50), (NUMBERS, 99), ({}, 1), apart=True)
case(counted_members, lambda: (26, {1, 5}, 2), lambda: (-2**31, {1, 5}, 2), lambda: (22, {1, 5}, 2),
     lambda: (3, {1, 5, 7}, 2**63 - 2))
