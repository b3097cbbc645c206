"""Members of IntEnum and IntFlag, and other ints of classes of their own: compared, calculated with, used as an index."""

from __future__ import annotations

import enum

from ..cases import case


class State(enum.IntEnum):
    IDLE = 0
    RUN = 1
    DONE = 2
    FAR = 2**40
    BELOW = -7
    WIDE = 2**70


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 5


class Flag(enum.IntFlag):
    R = 1
    W = 2
    X = 4


class Plain(int):
    pass


class Odd(int):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = int.__hash__

    def __add__(self, other):
        return 1000

    def __radd__(self, other):
        return 2000

    def __rsub__(self, other):
        return 3000

    def __gt__(self, other):
        return True

    def __index__(self):
        return 2

    def __iadd__(self, other):
        return 4000


ODD, PLAIN, FAR_PLAIN = Odd(3), Plain(3), Plain(2**63 - 1)


def hot_numbers(n):
    values, total = [i % 3 for i in range(100)], 0
    for _ in range(n // 100):  # native
        for v in values:
            if v == State.RUN:
                total += 1
            elif v >= State.DONE:
                total += State.FAR + v
    return total


def hot_members(n):
    values, total = [State(i % 3) for i in range(100)], 0
    for _ in range(n // 100):  # native
        for v in values:
            if v == State.RUN:
                total += 1
            elif v >= State.DONE:
                total += v * 3
    return total


def hot_machine(n):
    state, total = State.IDLE, 0
    for i in range(n):  # native
        if state == State.IDLE:
            state = State.RUN
        elif state == State.RUN and i % 3 == 0:
            state = State.DONE
        elif state == State.DONE:
            state = State.IDLE
            total += i
    return total, state


def hot_indices(n):
    table, total = [3, 5, 7], 0
    for i in range(n):  # native
        table[State.RUN] = i
        total += table[State.DONE] + table[State.RUN]
    return total


case(hot_numbers, long=(3000,))
case(hot_members, long=(3000,))
case(hot_machine, long=(3000,))
case(hot_indices, long=(3000,))


def compared_with(one):
    def compared(values, n):
        found = 0
        for _ in range(n):
            for v in values:
                found = found * 3 % 1009 + (v == one) + 2 * (one != v) + 4 * (v < one) + 8 * (one <= v) + 16 * (v > one) + 32 * (one >= v)
        return found

    return compared


def calculated_with(one):
    def calculated(values, n):
        found = []
        for _ in range(n):
            for v in values:
                found.append((v + one, one - v, v - one, one * v, v // 7 + one, -one, +one, v & one, one | v, v ^ one, one / 3))
                v += one
                found.append((v, type(v), type(one + 1)))
        return found

    return calculated


def indexed_by(one):
    def indexed(table, n):
        total = 0
        for i in range(n):
            total += table[one]
            table[one] = i
        return total, table

    return indexed


VALUES = ([0, 1, 2, -7, 5], [State.IDLE, State.RUN, State.BELOW], [0.5, 1.0, 2.0], [Level.LOW, Level.HIGH], [State.RUN, Level.LOW, 1], [Flag.R, Flag.W, Flag.R | Flag.X],
          [Plain(1), Plain(3)], [Odd(1), Odd(3)], [True, False], [2**40, 2**70, 2**63], [State.FAR, State.WIDE], [1, None], ["a"], [1 + 0j], [Odd(3), 3, Plain(3)])
for number, one in enumerate((State.RUN, State.FAR, State.WIDE, State.BELOW, Level.LOW, Flag.W, PLAIN, ODD, FAR_PLAIN)):
    case(compared_with(one), *[(values, 20) for values in VALUES], name=f"compared_{number}", apart=True)
    case(calculated_with(one), *[(values, 20) for values in VALUES], name=f"calculated_{number}", apart=True)
    case(indexed_by(one), lambda: ([3, 5, 7, 9], 60), lambda: ((3, 5, 7, 9), 60), lambda: ({1: 2, 3: 4}, 60), lambda: ([1], 60), name=f"indexed_{number}", apart=True)


def turned(values, n):
    state, found = State.IDLE, []
    for i in range(n):
        if state == State.RUN:
            found.append(i)
        if values[i % len(values)] == state:
            found.append(-i)
        state = values[i % len(values)]
    return found, state


case(turned, ([State.RUN, State.IDLE], 60), ([State.RUN, 1, 0], 60), ([1, 1.0, True, None], 60), ([Level.LOW, State.RUN], 60), ([Flag.R], 60), ([Odd(1), State.RUN], 60), apart=True)


def changed(n, how):
    class Own(int):
        pass

    one, total = Own(3), 0
    values = [Own(2), Own(3)]
    for i in range(n):
        for v in values:
            total += (v == one) * 2 + (v + one) + (v < 3)
        if i == n - 20:
            if how == "eq":
                Own.__eq__ = lambda self, other: False
            elif how == "add":
                Own.__add__ = lambda self, other: 500
            elif how == "radd":
                Own.__radd__ = lambda self, other: 500
            elif how == "gt":
                Own.__gt__ = lambda self, other: True
            elif how == "class":
                values[0].__class__ = Other
    return total


class Other(int):
    def __add__(self, other):
        return 70


for one in ("eq", "add", "radd", "gt", "class"):
    case(changed, (60, one), name=f"changed_{one}", apart=True)
