"""Slices of lists inside loops: iterated over, counted, summed, kept; also while the list is written."""

from __future__ import annotations

from ..cases import case


def numbers(n=40):
    return [i * 7 % 23 for i in range(n)]


def floats(n=40):
    return [i * 0.37 - 3.0 for i in range(n)]


def window_sums(xs, w):
    out = []
    for i in range(len(xs) - w + 1):  # native
        total = 0
        for x in xs[i:i + w]:  # native
            total += x
        out.append(total)
    return out


case(window_sums, lambda: (numbers(), 5), lambda: (floats(), 3), lambda: (numbers(), 0), lambda: (numbers(), -2), lambda: ([], 1),
     lambda: (numbers(30) + [2**70] + numbers(), 4), lambda: (numbers(30) + [0.5, None], 4), lambda: ([[1], [2]] * 20, 2),
     long=lambda: (numbers(2000), 30), apart=True)


def rest_of_list(xs):
    count = 0
    for i in range(len(xs)):  # native
        for y in xs[i + 1:]:  # native
            if y < xs[i]:
                count += 1
    return count


case(rest_of_list, lambda: (numbers(),), lambda: (floats(),), lambda: ([],), lambda: (numbers(30) + [2.5] + numbers(5),), long=lambda: (numbers(400),), apart=True)


def bounds(xs, lo, hi):
    out = []
    for _ in range(30):
        total = 0
        for x in xs[lo:hi]:
            total += x
        out.append((total, len(xs[lo:hi])))
    return out


case(bounds, *[lambda lo=lo, hi=hi: (numbers(7), lo, hi) for lo in (None, 0, 2, -3, 9, -9) for hi in (None, 0, 5, -1, 9, -9)],
     lambda: (numbers(7), True, 3), lambda: (numbers(7), 2**70, None), lambda: (numbers(7), -(2**62), 2**62), lambda: (numbers(7), 1.5, 3),
     lambda: (numbers(7), "a", 3), apart=True)


def steps(xs):
    out = []
    for i in range(30):
        for part in (0, 1, 2, 3):
            total = 0
            if part == 0:
                for x in xs[::-1]:
                    total = total * 3 + x
            elif part == 1:
                for x in xs[i % 5::2]:
                    total = total * 3 + x
            elif part == 2:
                for x in xs[-2:i % 3:-3]:
                    total = total * 3 + x
            else:
                for x in xs[:i:-1]:
                    total = total * 3 + x
            out.append(total)
    return out


case(steps, lambda: (numbers(9),), lambda: (numbers(2),), lambda: (numbers(1),), lambda: ([],), lambda: (floats(8),), apart=True)


def reversed_long(xs, n):
    total = 0
    for _ in range(n):  # native
        for x in xs[::-1]:  # native
            total = (total * 31 + x) % 1000003
    return total


case(reversed_long, lambda: (numbers(), 20), lambda: ([True, False] * 9, 20), long=lambda: (numbers(500), 30), apart=True)


def adjacent_pairs(xs):
    total = 0
    for _ in range(20):
        for a, b in zip(xs[:-1], xs[1:]):
            total += (b - a) * a
        for i, x in enumerate(xs[2:]):
            total += i * x
        for i, (a, b) in enumerate(zip(xs[::2], xs[1::2]), 1):
            total += i * a - b
    return total


case(adjacent_pairs, lambda: (numbers(),), lambda: (floats(),), lambda: (numbers(1),), lambda: ([],), lambda: (numbers(31) + [None],), apart=True)


def written_meanwhile(xs, n):
    total = 0
    for k in range(n):
        for x in xs[1:9]:
            total += x
            xs[k % len(xs)] = total % 50
            xs[3] = x + 1
    return total, xs


case(written_meanwhile, lambda: (numbers(), 30), lambda: (floats(), 30), lambda: (numbers(9), 30), apart=True)


def grown_meanwhile(xs, n):
    total = 0
    for k in range(n):
        for x in xs[:5]:
            xs.append(x + k)
            total += len(xs)
        for x in xs[-4:]:
            total += xs.pop() - x
    return total, xs


case(grown_meanwhile, lambda: (numbers(), 30), lambda: ([1], 30), lambda: ([], 3), apart=True)


def written_by_another_name(xs, ys, n):
    total = 0
    for k in range(n):
        for x in xs[2:]:
            total += x
            ys[5] = total % 7
    return total, xs, ys


def _alias():
    xs = numbers(12)
    return xs, xs, 30


case(written_by_another_name, _alias, lambda: (numbers(12), numbers(12), 30), apart=True)


def left_early(xs):
    out = []
    for i in range(len(xs)):
        for x in xs[i:i + 6]:
            if x > 15:
                out.append(x)
                break
            if x == 3:
                continue
        else:
            out.append(-1)
    return out, x


case(left_early, lambda: (numbers(),), lambda: (floats(60),), apart=True)


def types_change(xs, n):
    total = 0
    for i in range(n):
        for x in xs[i % 4:-1]:
            total += x
    return total


case(types_change, lambda: (numbers(20) + [0.5] * 4, 30), lambda: ([0.5] + numbers(20), 30), lambda: (numbers(20) + ["x", 1], 3), apart=True)


def kept_slices(xs):
    out = []
    last = None
    for i in range(len(xs)):
        part = xs[i:i + 3]
        part.append(i)
        if len(part) > 2:
            part[0] = -1
        out.append(part)
        last = xs[:]
    return out, last, xs, last is xs


case(kept_slices, lambda: (numbers(),), lambda: (floats(),), lambda: ([[1]] * 30,), apart=True)


def slice_indexed(xs):
    total = 0
    for i in range(len(xs)):
        head, tail = xs[:i], xs[i:]
        for j in range(len(head)):
            total += head[j]
        total += tail[0] + tail[-1] + len(head)
    return total


case(slice_indexed, lambda: (numbers(),), lambda: (floats(),), apart=True)


def nested_over_slices(xs, ys):
    total = 0
    for _ in range(8):
        for x in xs[1:]:
            for y in ys[::-1]:
                total += x * y
        for x in xs[1:]:
            xs[2] += 1
            for y in ys[:3]:
                total -= y
    return total, xs


case(nested_over_slices, lambda: (numbers(9), floats(7)), lambda: (numbers(3), numbers(3)), apart=True)


def summed(xs, w):
    best = 0
    for i in range(len(xs) - w):  # native
        s = sum(xs[i:i + w])
        if s > best:
            best = s
    return best


case(summed, lambda: (numbers(), 5), lambda: (floats(), 5), lambda: ([0.1] * 40, 7), lambda: (numbers(), 0), lambda: (numbers(30) + [2**70, 1, 1], 3),
     lambda: ([2**62] * 40, 3), lambda: (numbers(30) + [0.5, 1, True], 3), lambda: (numbers(30) + [None], 3), lambda: ([-0.0] * 30, 2),
     lambda: ([1e308, 1e308, float("inf"), -1e308, float("nan")] * 9, 3), lambda: ([2**30, 2**31, -2**40] * 12, 5),
     long=lambda: (numbers(3000), 7), apart=True)


def summed_whole(rows, n):
    out = []
    for i in range(n):
        row = rows[i % len(rows)]
        out.append((sum(row), sum(row[::2]), sum(row[::-1]), len(row[1:])))
        row[0] += 1
    return out


case(summed_whole, lambda: ([floats(), [0.1] * 7, [1e16, 1.0, -1e16]], 40), lambda: ([numbers(), numbers(3)], 40), lambda: ([[1], [0.5]], 40), apart=True)


def sum_of_its_own(n):
    out = []
    for i in range(n):
        out.append(sum([i, 1]) - max(i, 3))
    return out, sum(out)


case(sum_of_its_own, (30,))


def other_sequences(s, n):
    out = []
    for i in range(n):
        out.append(s[i:i + 2])
        for x in s[1:]:
            out.append(x)
    return out


case(other_sequences, ("abcdef", 20), ((1, 2, 3), 20), (b"abc", 20), (range(9), 20), (5, 3), ({1: 2}, 3))


def helper(items):
    total = 0
    for x in items:
        total += x
    return total


def passed_on(xs):
    total = 0
    for i in range(len(xs)):
        total += helper(xs[i:]) - helper(xs[:3])
    return total


case(passed_on, lambda: (numbers(),), lambda: (floats(),), apart=True)


def long_slices(xs, n):
    total = 0
    for k in range(n):  # native
        for x in xs[k:]:  # native
            total += x
            if x < 0:
                total -= k
    return total


case(long_slices, lambda: (numbers(300), 10), long=lambda: (numbers(200_000), 2), apart=True)
