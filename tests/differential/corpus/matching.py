"""Match statements: values, singletons, alternatives, names and guards; patterns that take the subject apart."""

from __future__ import annotations

import enum

from ..cases import case


class Op(enum.Enum):
    PUSH = 1
    ADD = 2
    JUMP = 3


class Odd:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        if self.n == 3:
            raise ValueError(other)
        return self.n == other

    __hash__ = None


def kinds(items):
    total = 0
    for item in items:
        match item:
            case 0:
                total += 1
            case 1 | 2 | -3:
                total += 10
            case "a" | None:
                total += 100
            case True:
                total += 1000
            case 2.5:
                total += 5
            case other if isinstance(other, int) and other > 40:
                total += other
            case other:
                total -= 1
    return total, other


def hot_kinds(n):
    total = 0
    for i in range(n):  # native
        match i % 5:
            case 0:
                total += 1
            case 1 | 2:
                total += i
            case 3 if i % 2:
                continue
            case rest:
                total -= rest
        total ^= 1
    return total


def hot_machine(n):
    program = [Op.PUSH, Op.PUSH, Op.ADD, Op.JUMP]
    stack, at, steps = [0, 0], 0, 0
    while steps < n:  # native
        steps += 1
        match program[at]:
            case Op.PUSH:
                stack.append(steps % 7)
            case Op.ADD:
                stack.append((stack.pop() + stack.pop()) % 1000)
            case Op.JUMP:
                at = -1
                if len(stack) > 50:
                    del stack[5:]
        at += 1
    return stack, steps


def no_case(items):
    found = []
    for item in items:
        match item:
            case 1:
                found.append("one")
            case 2:
                break
        found.append(item)
    return found


def unbound(items):
    for item in items:
        match item:
            case 1:
                name = item
            case _:
                pass
    return name


def taken_apart(items):
    total = 0
    for item in items:
        match item:
            case (x, y):
                total += x * y
            case {"n": n}:
                total += n
            case int(n) if n > 3:
                total += n
            case [first, *rest]:
                total += len(rest)
            case _:
                total -= 1
    return total


def with_loops(items):
    total = 0
    for item in items:
        match item % 3:
            case 0:
                for k in range(item):
                    total += k
            case 1:
                while total > 100:
                    total -= 7
    return total


def returned(items):
    for item in items:
        match item:
            case 7:
                return "seven"
            case Op.ADD:
                return "add"
            case x if x is None:
                raise ValueError("none")
    return "nothing"


def whole(items):
    total = 0
    for item in items:
        match item:
            case Op.PUSH | Op.ADD as both:
                total += both.value
            case Op.JUMP:
                total += 50
    return total


case(kinds, ([0, 1, 2, -3, 5, 50] * 12,), ([0, "a", None, True, 2.5, [], 1.0, 41] * 8,), ([1] * 60,), ([2**70, 2] * 30,), (["b", "a"] * 30,),
     lambda: ([Odd(1), Odd(2), 5] * 20,), lambda: ([Odd(1)] * 50 + [Odd(3)],), apart=True)
case(hot_kinds, long=(4000,))
case(hot_machine, long=(4000,))
case(no_case, ([1, 3] * 30,), ([1, 3] * 30 + [2, 1],), apart=True)
case(unbound, ([1, 2] * 30,), ([2] * 60,), apart=True)
case(taken_apart, ([(1, 2), {"n": 3}, 7, [1, 2, 3], 1] * 12,), apart=True)
case(with_loops, (list(range(60)),), apart=True)
case(returned, ([1] * 50 + [7],), ([1] * 50 + [Op.ADD],), ([1] * 50 + [None],), ([1] * 60,), apart=True)
case(whole, ([Op.PUSH, Op.ADD, Op.JUMP] * 20,), apart=True)
