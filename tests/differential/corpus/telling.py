"""Objects whose classes say how long they are and whether they count as true, and answers that are none."""

from __future__ import annotations

from ..cases import case


class Stack:
    def __init__(self):
        self.items = []

    def push(self, item):
        self.items.append(item)

    def pop(self):
        return self.items.pop()

    def __len__(self):
        return len(self.items)


class Flag:
    def __init__(self, at):
        self.at = at

    def __bool__(self):
        return self.at < 5

    def __len__(self):
        return -1


class Answers:
    """Answers what it is told to."""

    def __init__(self, value):
        self.value = value

    def __len__(self):
        return self.value


class Truths(Answers):
    def __bool__(self):
        return self.value


class Plain:
    pass


def emptied(n):
    stack, flag, out = Stack(), Flag(0), 0
    for i in range(n):  # native
        stack.push(i)
        if len(stack) > 7:
            while stack:
                out += stack.pop()
        if not flag:
            flag.at = 0
        flag.at += 1
        out += 1 if stack and flag else 2
    return out, len(stack), flag.at


def drained(n):
    stack, out = Stack(), []
    for i in range(n):
        stack.push(i)
    while stack:  # native
        top = stack.pop()
        if not stack and top == 0:
            out.append("last")
        if len(stack) % 100 == 1:
            out.append(top)
    return out


def several(n):
    stack, out = Stack(), 0
    objects = [stack, Flag(1), Plain(), Flag(9), [], "text", None, 3]
    for i in range(n):
        one = objects[i % 8]
        if one:
            out += 1
        if not objects[i * 3 % 8]:
            out += 100
        if i == n // 2:
            stack.push(1)
        if i % 4 == 0:
            out += len(stack if i % 8 else "abc")
    return out


def refused(n, kind):
    values = {0: "text", 1: -3, 2: 1 << 70, 3: True, 4: 2.5, 5: None, 6: 4}
    out, failed = 0, []
    for i in range(n):
        value = values[i // 9 % 7] if i > n // 2 else 4
        one = Truths(value) if kind == "truth" else Answers(value)
        try:
            if kind == "length":
                out += len(one)
            elif one:
                out += 1
            if not one:
                out += 10
        except (TypeError, ValueError, OverflowError) as error:
            failed.append((type(error).__name__, str(error)))
    return out, sorted(set(failed)), len(failed)


def truths(n):
    out, failed = 0, 0
    for i in range(n):
        one = Truths(i % 3 == 0 if i != n - 3 else 1)
        try:
            while one:
                out += 1
                one.value = False
        except TypeError as error:
            failed += len(str(error))
    return out, failed


def raises(n):
    class Local:
        def __init__(self, items):
            self.items = items

        def __len__(self):
            return self.items[3]

    out, lengths = 0, [Local([1, 2, 3, 4]), Local([1])]
    for i in range(n):
        try:
            out += len(lengths[i > n - 9])
        except IndexError as error:
            out -= len(str(error))
    return out + (1 if lengths[n > 50] else 0)


def learns(n):
    class Local:
        def __len__(self):
            return 0

    local, out = Local(), 0
    for i in range(n):
        out += 1 if local else 2
        if i == n // 2:
            Local.__bool__ = lambda self: True
    for i in range(n):
        out += len(local)
        if i == n // 2:
            Local.__len__ = lambda self: 7
    return out


def shadowed(n, own):
    len_ = own if own is not None else len
    stack, out = Stack(), 0
    for i in range(n):
        stack.push(i)
        out += len_(stack)
    return out


case(emptied, (0,), (60,), long=(4000,))
case(drained, (0,), (3,), (90,), long=(4000,))
case(several, (0,), (90,), (400,))
case(refused, (300, "length"), (300, "truth"), (300, "truth of lengths"), apart=True)
case(truths, (2,), (90,), (300,))
case(raises, (8,), (40,), (300,))
case(learns, (3,), (300,))
case(shadowed, (90, None), (90, lambda stack: stack.items[-1] * 2), apart=True)
