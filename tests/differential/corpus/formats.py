"""Texts with values in them: f-strings and str.format in loops, specs, conversions, objects that format themselves."""

from __future__ import annotations

from ..cases import case


def hot_lines(n):
    out = []
    for i in range(n):  # native
        out.append(f"{i},{i * 1.5:.2f},name{i % 17!r:>5}|{i % 2}{{}}")
    return out


def hot_keys(n):
    counts = {}
    for i in range(n):  # native
        key = f"k{i % 7}"
        counts[key] = counts.get(key, 0) + len(f"{i:>4}{key}")
    return counts


def lines(n):
    return [f"{i}:{i / 4:e}" for i in range(n)]


def several(names, n):
    total, last = 0, ""
    for i in range(n):
        for name in names:
            last = f"<{name}>{i:03d}{name!r}{name:>6}{last == name}"
            total += len(last)
    return total, last


def formatted(n):
    out = []
    for i in range(n):
        out.append("{}-{:x}-{!s}".format(i, i * 3, "ab"))
        out.append("{1} {0}".format(i, 2))
        out.append("{a}".format(a=i))
    return out


def single(n):
    out = []
    for i in range(n):
        s = f"{i}"
        t = f"{s}"
        out.append(t is s)
        out.append(s + f"{s!s}" + f"{'x'}")
    return out


class Own:
    def __init__(self, n):
        self.n = n

    def __format__(self, spec):
        if self.n > 12:
            raise ValueError("too large")
        return f"<{self.n}|{spec}>"


def own(n):
    out = []
    for i in range(n):
        out.append(f"{Own(i)} {Own(i):abc}")
    return out


def wrong(xs):
    out = []
    try:
        for x in xs:
            out.append(f"{x:d}")
    except (ValueError, TypeError) as error:
        return out, str(error)
    return out


def order(n):
    log = []

    def note(x):
        log.append(x)
        return x

    for i in range(n):
        log.append(f"{note(i)}{note(-i):>3}{note(None)}")
    return log


def computed(n):
    return [f"{i:>{i % 5}}" for i in range(n)]


def raised(n):
    found = []
    for i in range(n):
        try:
            if i % 3 == 0:
                raise ValueError(f"bad {i} {i / 2:.1f}", i)
            found.append(f"good {i}")
        except ValueError as error:
            found.append(str(error))
    return found


def nested(n):
    total = 0
    for i in range(n):
        a = f"{i}{f'{i + 1}-{i}'}"
        if a == "12" or a in ("01-0", "12-1"):
            total += 1
        total += int(f"{i}{i}") + (f"{i}" < "5")
    return total


def none_and_bool(n):
    out = None
    for i in range(n):
        out = f"{None} {i > 3} {i > 3:d} {2**70} {i + 2**63} {1e300 * i}"
    return out


def chosen(n):
    last = "none"
    for i in range(n):
        last = f"{i}" if i % 2 else "even"
    return last


def by_percents(n):
    found = []
    for i in range(n):  # native
        found.append("item%d" % (i % 50))
        found.append("%s-%s %%{}" % ("ab", i))
        found.append("%5d|%-6s|%05d|%x|%+d|%.2f|%g|%r" % (i, "xy", -i, i, i, i * 0.5, i * 1e10, "q"))
    return found


def by_percents_of(values):
    found = []
    for value in values:
        found.append("%s" % value if type(value) is not tuple else "%s,%s" % value)
        found.append("%s and %r" % (value, value))
    return found


def wrong_percents(n, template):
    found = []
    for i in range(n):
        try:
            found.append(template % (i, i + 1))
        except (TypeError, ValueError) as error:
            found.append((type(error).__name__, str(error)))
    return found


def whole_percents(n):
    found = []
    for i in range(n):
        x = i * 1.5 if i % 7 == 6 else i
        found.append("%d" % x)
        found.append("%i%%" % True)
        found.append("%d" % (2**62 + i))
    return found


case(hot_lines, (20,), (0,), long=(3000,))
case(hot_keys, (30,), long=(3000,))
case(lines, (20,))
case(several, (["a", "b\u0119", "\U0001f600"], 9), (["", None, 3], 9), (["x", 2.5, True, (1, 2)], 9))
case(formatted, (20,))
case(single, (20,))
case(own, (9,), (20,))
case(wrong, ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "x"],), (["x"] * 9,), ([1.5] * 9,), ([True, 2**70] * 9,))
case(order, (20,))
case(computed, (20,))
case(raised, (20,))
case(nested, (20,))
case(none_and_bool, (20,))
case(chosen, (20,), (21,))
case(by_percents, (40,), (3,), long=(3_000,))
case(by_percents_of, lambda: ([1, "x", None, 2.5, True, (1, 2), "\u0101", ("a", 3)] * 5,), lambda: ([[1], {}, 2**70] * 9,))
case(wrong_percents, (20, "%d %d"), (20, "%d"), (20, "%d %s %s"), (20, "%c%y"), (20, "%(a)s"), (20, "%*d"), (20, "%5%"), (20, "%5% %d"), (20, "%d %5% %s"), (20, "%d%-%"), (20, "%d %5.1f"))
case(whole_percents, (40,), (3,))


def wide(xs):
    lines = []
    for x in xs:  # native
        lines.append(f"{x:5}|{x:05d}|{x:>3d}|{x:<6}|{x:1}|{x:99d}")
        lines.append("%5d|%05d|%-6d|%-07i|%1i" % (x, x, x, x, x))
        lines.append("{:4d}".format(x))
    return lines


case(wide, ([],), ([0, 5, -5, 123456, -123456, 99, -99999, 2**63 - 1, -2**63],), ([2**63, -2**70],), ([True, 1],), ([1, 2.5],),
     ([1, "a"],), ([1, None],), long=lambda: ([x * 37 - 500 for x in range(1000)],))


def other_widths(xs):
    lines = []
    for x in xs:
        lines.append(f"{x:>05d}|{x:<05d}|{x:^7}|{x:+5}|{x:_}|{x:x}|{x!s:5}|{x!r:>5}|{x:100}|{x:*>5}|{x:=5}|{x: 5}")
        lines.append("%+5d|% 5d|%5x|%5s|%.3d|%#5x" % (x, x, x, x, x, x))
    return lines


case(other_widths, ([0, 5, -5, 123456],), long=lambda: ([x * 37 - 500 for x in range(300)],))


def decimals(xs):
    lines = []
    for x in xs:  # native
        lines.append(f"{x:.2f}|{x:.0f}|{x:9.3f}|{x:<12.1f}|{x:012.4f}|{x:>7.5f}|{x:.9f}")
        lines.append("%.2f|%f|%8.3f|%-8.1f|%08.2f|%F" % (x, x, x, x, x, x))
        lines.append("{:6.1f}".format(x))
    return lines


def shortest(xs):
    lines = []
    for x in xs:  # native
        lines.append(f"{x}|{x!r}|{x!s:>20}")
        lines.append(str(x) + repr(x))
    return lines


def other_decimals(xs):
    return [f"{x:+.2f}|{x:,.2f}|{x:.10f}|{x:^9.2f}|{x:<09.2f}|{x:e}|{x:g}|{x:.2%}|{x!r:.3}|{x: .1f}|{x:z>9.1f}" + "%+.2f|%.12f|%g" % (x, x, x) for x in xs]


def padded(xs):
    lines = []
    for x in xs:  # native
        lines.append(f"{x:>10}|{x:<8}|{x:5}|{x!r:>9}|{x:s}|{x:1}")
        lines.append("%6s|%-7s|%s" % (x, x, x))
    return lines


def other_padding(xs):
    return [f"{x:^9}|{x:*>5}|{x:.2}|{x:>100}|{x:>5.1}|{x!a:>12}" for x in xs]


def new_each_time(n, x, text):
    """Texts that do not change in the loop are nevertheless other objects each time, but for single characters."""
    made = []
    for _ in range(n):
        made.append((f"{x:.2f}", f"{text:>10}", str(x), str(n), text.strip(), f"{x:.0f}"))
    return [len({id(texts[place]) for texts in made}) for place in range(6)], made[0]


HALVES = [k / 8 for k in range(-40, 40)] + [k / 1000 + 0.0005 for k in range(60)]
EDGES = [0.0, -0.0, float("inf"), -float("inf"), float("nan"), 5e-324, 2.5, 0.5, 1e15, 1e16, 1e22, 2.0**53 - 0.5, 2.0**52 + 0.5, 9.9e8, 1e9, 1e-3,
         9.9e-5, 4.6e18, 4.7e18, 0.1 + 0.2, 1 / 3, 1e300, -1e-300, 999999.995, 0.045, 1e9 - 0.1]
WHOLE = [0, 7, -12, 10**15 + 1, 2**53 + 1, 2**62 + 3, -(2**60) - 1]
case(decimals, (HALVES,), (EDGES,), (WHOLE,), ([1.5, 2, None],), ([1.5, "a"],), ([True],), ([2**70],), long=lambda: ([x * 0.37 - 50 for x in range(1000)],))
case(shortest, (HALVES,), (EDGES,), (WHOLE,), ([1.5, 2, None, "a"],), long=lambda: ([x * 0.37 - 50 for x in range(500)] + [x / 4 for x in range(500)],))
case(other_decimals, (HALVES,), (EDGES,))
case(padded, (["", "a", "abcdefghijkl", "\xe4b", "\u4e2d", "\U0001f600", "x\0y", "'"],), (["a", 1, 2.5, None],), ([1.5, 2.5],), long=lambda: (["ab" * (k % 9) for k in range(1000)],))
case(other_padding, (["", "a", "abcdefghijkl", "\xe4b"] * 9,))
case(new_each_time, (30, 2.5, "  ab "), (30, 31.0, "ab"), (30, -7.125, "abcdefghijklm"))
