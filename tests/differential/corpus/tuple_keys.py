"""Dicts and sets whose keys are tuples: of ints, looked for without an object, and of anything else."""

from __future__ import annotations

from ..cases import case


def counted(pairs):
    counts = {}
    for pair in pairs:
        counts[pair] = counts.get(pair, 0) + 1
    return counts, list(counts)


def hot_grid(n):
    grid, total = {}, 0
    for i in range(n):  # native
        x, y = i * 7 % 53, i * i % 31
        if (x, y) in grid:
            grid[x, y] += i
        else:
            grid[x, y] = i
    for i in range(n):  # native
        total += grid.get((i % 60, i % 31), -1)
    return total, grid


def hot_visited(n):
    seen, x, y = set(), 0, 0
    for i in range(n):  # native
        x, y = (x * 3 + i) % 41, (y + x) % 37
        if (x, y, 1) not in seen:
            seen.add((x, y, 1))
    return len(seen), sorted(seen)


def visited(pairs, others):
    seen, found = set(pairs), []
    for pair in others:
        found.append(pair in seen)
        seen.add(pair)
    return found, list(seen)


def neighbours(d, n):
    total = 0
    for x in range(n):
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            key = x + dx, dy
            if key in d:
                total += d[key]
            else:
                d[key] = total
    return total, d


def missing(d, n):
    total = 0
    for i in range(n):
        total += d[i, i % 3]
    return total


EDGES = [(2**61 - 1, 0), (0, 2**61 - 1), (-1, -2), (-2, -1), (2**63 - 1, -(2**63)), (0, 0), (-1,), (-2,), (0, 0, 0, 0), (1, 2, 3)]
INPUTS = (
    [(i % 5, i % 7) for i in range(90)], EDGES * 8, [(1, 2)] * 40 + [(1.0, 2), (True, 2), (1, 2.0)], [(1.0, 2)] * 20 + [(1, 2)] * 30,
    [(True, False), (1, 0), (0, 1)] * 20, [("a", 1), ("b", 2), ("a", 1)] * 20, [((1, 2), 3), ((1, 2), 4)] * 30, [(1, None)] * 40,
    [(2**70, 1)] * 3 + [(1, 1)] * 40, [(1, 1)] * 40 + [(2**70, 1), (1, 2**64)], [()] * 60, [(1,), (1, 1), (1, 1, 1)] * 20,
    [(1, [2])] * 3, [(1, 2)] * 45 + [(1, [2])], [(1, 2)] * 40 + ["a", 1, 2.5, None], [(i, i) for i in range(300)],
)
case(counted, *[(pairs,) for pairs in INPUTS], apart=True)
case(visited, *[(INPUTS[0], pairs) for pairs in INPUTS if pairs[-1] != (1, [2])], *[(pairs[:30], INPUTS[0]) for pairs in INPUTS if pairs[-1] != (1, [2])], apart=True)
case(hot_grid, long=(4000,))
case(hot_visited, long=(4000,))
case(neighbours, lambda: ({}, 60), lambda: ({(1, 0): 2.5, (1.0, 1): 3}, 30), lambda: ({(True, 0): 1}, 30), lambda: ({"a": 1}, 30), lambda: ({1: 1}, 30), apart=True)
case(missing, ({(i, i % 3): i for i in range(60)}, 60), ({(i, i % 3): i for i in range(50)}, 60), ({}, 60), apart=True)


class Point(tuple):
    def __hash__(self):
        return hash(tuple(self))

    def __eq__(self, other):
        return tuple.__eq__(self, other)


def kinds_of_keys(pairs, n):
    d = dict.fromkeys(map(Point, pairs), 1)
    total = 0
    for i in range(n):
        total += d.get((i % 5, i % 7), 0)
    return total


def same_object(pairs):
    d, same = {}, 0
    for pair in pairs:
        d[pair] = 1
    for pair, key in zip(pairs, d):
        same += pair is key
    return same


case(kinds_of_keys, (INPUTS[0], 60), apart=True)
case(same_object, ([(i, i) for i in range(60)],), apart=True)
