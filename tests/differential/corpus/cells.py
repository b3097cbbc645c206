"""Loops that store into variables which nested functions share."""

from math import nan

from ..cases import case


def counted(n):
    total = 0

    def add(x):
        nonlocal total
        for i in range(n):
            total += i * x

    for k in range(3):
        add(k)
    add(0.5)
    return total


case(counted, (50,), (0,), apart=True)


def own(n, start):
    total = start

    def get():
        return total

    for i in range(n):  # native
        total = total + i
        if i % 3 == 0:
            total -= 1
    return get(), total


case(own, (60, 0), (60, 0.5), (60, True), (60, 2**63 - 20), (60, nan), (3, "a"), (0, None), (60, -0.0),
     long=(5000, 0), apart=True)


def changing_types(n):
    last = None

    def get():
        return last

    seen = []
    for i in range(n):
        last = (i, i * 0.5) if i % 7 else i
        if i % 5 == 0:
            last = i > 10
        seen.append(last)
    return get(), seen


case(changing_types, (60,), (1,), (0,), apart=True)


def unbound_at_first(n):
    def get():
        return value

    seen = []
    for i in range(n):
        if i == n // 2:
            try:
                seen.append(get())
            except NameError as error:
                seen.append((type(error), str(error)))
        if i >= n // 3:
            value = i
    return seen, value


case(unbound_at_first, (60,), (1,), (2,), (0,), apart=True)


def called_inside(n):
    total = 0
    seen = []

    def bump():
        nonlocal total
        total += 1
        return total

    for i in range(n):
        total += i
        if i % 20 == 19:
            seen.append(bump())
    return total, seen


case(called_inside, (90,), (3,), apart=True)


def inlined_reader(n):
    scale = 1

    def scaled(x):
        return x * scale

    total = 0
    for i in range(n):
        scale = i % 3
        total += scaled(i)
    return total, scaled(7)


case(inlined_reader, (60,), (0,), apart=True)


def target_of_a_loop(n):
    def get():
        return k, x

    total = 0
    x = 0.5
    for k in range(n):  # native
        x = x * 0.5 + k
        for k in range(3):
            total += k
    return total, get() if n else None


case(target_of_a_loop, (60,), (0,), long=(3000,))


def raises_inside(xs):
    count = 0

    def get():
        return count

    try:
        for x in xs:
            count += 1
            count += 10 // x
    except ZeroDivisionError:
        return get(), count
    return get()


case(raises_inside, ([1, 2, 3] * 20,), ([1, 2] * 20 + [0],), ([0],), ([0.5] * 30 + [0],), apart=True)


def lists_in_cells(n):
    rows = [0]

    def get():
        return rows

    for i in range(n):
        rows.append(i)
        if i % 10 == 9:
            rows = [i]
    return get()


case(lists_in_cells, (60,), (0,), apart=True)


def stepping(rounds):
    state = 1

    def step(n):
        nonlocal state
        for _ in range(n):
            state = (state * 1103515245 + 12345) % 2147483648
        return state

    return [step(k) for k in range(rounds)]


case(stepping, (30,), (0,))


def lambdas_made_inside(n):
    made = []
    total = 0
    for k in range(n):
        total += k
        if k % 25 == 3:
            made.append(lambda: (k, total))
            made.append(k == y for y in range(n + 1))
    return total, [f() if callable(f) else any(f) for f in made]


case(lambdas_made_inside, (70,), (4,), (0,), apart=True)
