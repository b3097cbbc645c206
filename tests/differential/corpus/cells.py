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


def stepper(state):
    def step(by=1):
        nonlocal state
        state = (state * 1103515245 + by) & 0x7FFFFFFF
        return state

    return step


def stored_by_callees(n, start):
    step, other = stepper(start), stepper(7)
    total = 0
    for k in range(n):
        total += step() & 15
        total -= other(k) & 7
    return total, step(), other()


def hot_stored(n):
    step, total = stepper(1), 0
    for _ in range(n):  # native
        total += step() & 15
    return total, step()


case(stored_by_callees, (80, 1), (0, 1), (80, True), (80, 2**64), (5, 1.5), (80, -5), apart=True)
case(hot_stored, long=(4000,))


def tallied(items):
    """What is stored in a callee is read in the loop, and by another function."""
    count, total, last = 0, 0.0, None

    def visit(x):
        nonlocal count, total, last
        if x % 3:
            count += 1
        else:
            total += x
            last = x

    def known():
        return count, total, last

    found = []
    for x in items:
        visit(x)
        if count % 5 == 0:
            found.append((count, known()))
            count += 1
    return found, known()


case(tallied, (list(range(90)),), ([],), ([1.5, 2, 3] * 30,), ([1] * 30 + [2**70] + [3] * 30,),
     ([1] * 30 + ["a"] + [3],), ([1] * 30 + [None],), apart=True)


def stored_then_raised(items):
    """What has been stored before an exception stays."""
    done, errors = 0, []

    def take(x):
        nonlocal done
        done += 1
        value = 10 // x
        done += value
        return value

    total = 0
    for x in items:
        try:
            total += take(x)
        except ZeroDivisionError as error:
            errors.append((done, str(error)))
    return total, done, errors


case(stored_then_raised, ([1, 2, 0, 5] * 20,), ([0] * 20,), ([1] * 40 + ["a"],), apart=True)


def of_two_makers(n):
    """Each entry has cells of its own."""
    results = []
    for seed in range(4):
        step = stepper(seed)
        for k in range(n):
            results.append(step(k))
        results.append(step.__closure__[0].cell_contents)
    return results


case(of_two_makers, (40,), (0,))


def objects_in_cells(n):
    best, name = [], ""

    def look(k):
        nonlocal best, name
        if k % 10 == 0:
            best = [k, *best[:2]]
        name = f"{name[-3:]}{k % 7}"

    for k in range(n):
        look(k)
    return best, name


case(objects_in_cells, (60,), (0,))


def emptied(n):
    value = 0

    def drop(k):
        nonlocal value
        if k == n - 2:
            del value
        else:
            value = k

    found = []
    for k in range(n):
        drop(k)
        try:
            found.append(value)
        except NameError:
            found.append(None)
    return found


case(emptied, (60,), (2,), (0,))


def nested_twice(n):
    depth = most = 0

    def outer(k):
        def inner():
            nonlocal depth
            depth += k & 3
            return depth

        nonlocal most
        most = max(most, inner())
        return most

    total = 0
    for k in range(n):
        total += outer(k)
    return total, depth, most


case(nested_twice, (60,), (0,))
