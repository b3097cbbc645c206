"""Generators that loops call in their headers: what they hand out, how they end, and what shows of their frames."""

from __future__ import annotations

from ..cases import case

SCALE = 3


def neighbours(x, y, width, height):
    if x > 0:
        yield x - 1, y
    if y > 0:
        yield x, y - 1
    if x < width - 1:
        yield x + 1, y
    if y < height - 1:
        yield x, y + 1


def evens(n, step=2):
    for i in range(0, n, step):
        yield i


def divisors(n):
    """All but the greatest one."""
    k = 1
    while k * k <= n:
        if n % k == 0:
            yield k
            if k * k != n and k > 1:
                yield n // k
        k += 1
    return None


def pairs(rows):
    for number, row in enumerate(rows):
        for item in row:
            if item is None:
                return
            yield number, item
        else:
            yield number, -1


def chained(*, first, second):
    yield 0
    yield from first
    yield from evens(second, 3)


def scaled(n):
    for i in range(n):
        yield i * SCALE


def quotients(n, at):
    for i in range(n):
        yield n // (at - i)


def counted_down(n):
    while True:
        if n <= 0:
            return
        yield n
        n -= 1


def words(text):
    word = ""
    for c in text:
        if c.isalpha():
            word += c
        elif word:
            yield word
            word = ""
    if word:
        yield word


def around(width, height):
    total = 0
    for y in range(height):
        for x in range(width):
            for a, b in neighbours(x, y, width, height):
                total += a * (x + 1) + b
    return total, a, b


def sums(n):
    total = 0
    for k in range(n):
        for e in evens(k % 20, 2):  # native
            total += e
    return total


def by_keyword(n):
    total = 0
    for k in range(n):
        for e in evens(step=k % 5 + 1, n=k % 30):
            if e == 17:
                break
            if e % 3 == 1:
                continue
            total += e
        else:
            total += 1000
    return total


def with_default(n):
    total = 0
    for k in range(n):
        for e in evens(k % 9):
            total += e
    return total


def perfect(n):
    found = []
    for k in range(2, n):
        total = 0
        for d in divisors(k):
            total += d
        if total == k:
            found.append(k)
    return found


def flattened(tables):
    total = 0
    for rows in tables:
        for number, item in pairs(rows):
            total = total * 3 % 1_000_003 + number + item
    return total


def returned(n, wanted):
    for k in range(n):
        for e in evens(k % 40, 1):
            for d in counted_down(e % 7):
                if d + e == wanted:
                    return k, e, d
    return None


def of_others(n):
    total = 0
    for k in range(n):
        for item in chained(second=k % 11, first=(k, k + 1)):
            total += item
    return total


def by_global(n):
    total = 0
    for k in range(n):
        for item in scaled(k % 8):
            total += item
    return total


def failing(n, at):
    total = 0
    for k in range(n):
        for q in quotients(k % 50, at):
            total += q
    return total


def failing_in_the_body(n, table):
    total = 0
    for k in range(n):
        for e in evens(k % 50, 1):
            total += table[e]
    return total


def handled(n, at):
    total = 0
    for k in range(n):
        try:
            for q in quotients(k % 50, at):
                total += q
        except ZeroDivisionError:
            total -= 1
    return total


def wrongly_taken_apart(n, last):
    total = 0
    for k in range(n):
        for a, b in chained(first=[(1, 2)] if k < last else [k], second=0) if k < 0 else pairs([[k]]):
            total += a + b
        for a, b in pairs_or(k, last):
            total += a
    return total


def pairs_or(k, last):
    yield k, k
    yield (k, 2) if k < last else (k, 2, 3)


def in_words(text, n):
    lengths = {}
    for _ in range(n):
        for word in words(text):
            lengths[word] = lengths.get(word, 0) + len(word)
    return lengths


def rebound(n):
    global chosen
    chosen = evens
    total = 0
    for k in range(n):
        if k == n // 2:
            chosen = counted_of
        for e in chosen(k % 12, 2):
            total = total * 5 % 10_007 + e
    return total


def counted_of(n, step):
    for i in range(n):
        yield i + step


chosen = evens


class Thing:
    def __init__(self, value):
        self.value = value


def things(n):
    for i in range(n):
        thing = Thing(i)
        yield thing


def of_objects(n):
    total = 0
    for k in range(n):
        for thing in things(k % 6):
            total += thing.value
            thing.value = k
    return total, thing.value


def changed_meanwhile(n):
    items = [1, 2, 3]
    total = 0
    for k in range(n):
        for number, item in pairs([items]):
            total += item
            if len(items) < 3 + k % 7:
                items.append(k)
        del items[3:]
    return total, items


def without_values(n):
    total = 0
    for k in range(n):
        for nothing in empty(k):
            total += nothing is None
    return total


def empty(k):
    if k % 3:
        yield
    if k % 5:
        yield None


def squares(n):
    total = 0
    for k in range(n):
        for e in evens(k % 15, 1):
            for e2 in evens(e, 1):
                total += e * e2
    return total


def nested_calls(n):
    total = 0
    for k in range(n):
        for e in doubled(k % 15):
            total += e
    return total


def doubled(n):
    for e in evens(n, 1):
        yield e
        for d in counted_down(e % 3):
            yield e * d


def too_few(n):
    total = 0
    for k in range(n):
        if k == n - 1:
            for e in evens():
                total += e
        for e in evens(k % 9, 3):
            total += e
    return total


def growing(n, start):
    total = start
    for k in range(n):
        for e in powers(k % 70):
            total += e
    return total


def powers(n):
    value = 1
    for _ in range(n):
        yield value
        value *= 2


def summed(n):
    total = 0
    for k in range(n):  # native
        total += 1 + sum(evens(k % 20, 1)) * 2 - max(evens(k % 7 + 1, 3))
    return total


def listed(n):
    found = []
    for k in range(n):
        found.append(list(evens(k % 9, 2)))
        found[-1].append(min(counted_down(k % 4 + 1)))
    return found


def asked(n):
    count = 0
    for k in range(n):
        if any(evens(k % 3, 1)) or all(counted_down(k % 5)):
            count += 1
        count += len(sorted(neighbours(k % 4, k % 3, 4, 3)))
    return count, tuple(divisors(n))


def sum_of_failing(n, at):
    total = 0
    for k in range(n):
        total += sum(quotients(k % 50, at))
    return total


def sum_of_texts(n, last):
    total = 0
    for k in range(n):
        total += sum(chained(first=[k], second=0)) if k < last else sum(words("a b"))
    return total


def least_of_none(n):
    total = 0
    for k in range(n, -1, -1):
        total += min(counted_down(k))
    return total


def sum_of_others(n):
    total = 0
    for k in range(n):
        total += sum(chained(first=(k % 3, 0.5 if k > n // 2 else 2), second=k % 5))
    return total


def in_comprehensions(n):
    total = 0
    for k in range(n):  # native
        total += sum(a * b for a, b in neighbours(k % 4, k % 3, 4, 3))
        total += len([e for e in evens(k % 9, 1) if e % 2])
        total += any(e > 5 for e in evens(k % 9, 2))
    return total


def nested_in_comprehensions(n):
    found = []
    for k in range(n):
        found.append([d * e for e in evens(k % 6, 1) for d in counted_down(e)])
        if k % 4 == 0:
            found.append({e: list(evens(e, 1)) for e in evens(k % 7, 2)})
    return found


def failing_in_comprehensions(n, at):
    total = 0
    for k in range(n):
        total += sum(q + 1 for q in quotients(k % 50, at))
        total += len([1 // (q - 3) for q in quotients(k % 50, at + 4)])
    return total


def out_of_items(n, xs):
    total = 0
    items = iter(xs)
    for k in range(n):
        total += sum(next(items) + e for e in range(3))
    return total


def out_of_items_in_a_call(n, xs):
    total = 0
    items = iter(xs)
    for k in range(n):
        for item in taken(items, k % 4):
            total += item
    return total


def taken(items, n):
    for _ in range(n):
        yield next(items)


class Grid:
    def __init__(self, width, height):
        self.width, self.height = width, height
        self.cells = [[x * y % 5 for x in range(width)] for y in range(height)]

    def around(self, x, y):
        if x > 0:
            yield x - 1, y
        if y > 0:
            yield x, y - 1
        if x < self.width - 1:
            yield x + 1, y
        if y < self.height - 1:
            yield x, y + 1

    def row(self, y, *, step=1):
        for x in range(0, self.width, step):
            yield self.cells[y][x]

    def failing(self, n):
        for x in range(n):
            yield self.cells[0][x]


class Reversed(Grid):
    def row(self, y, *, step=1):
        for x in range(self.width - 1, -1, -step):
            yield self.cells[y][x]


def of_methods(width, height):
    grid = Grid(width, height)
    total = 0
    for y in range(height):
        for x in range(width):
            for a, b in grid.around(x, y):
                total += grid.cells[b][a] * (x + 1)
            total += sum(grid.row(y)) - max(v for v in grid.row(y, step=2))
    return total


def of_several_classes(n):
    grids = [Grid(5, 4), Reversed(5, 4)]
    total = 0
    for k in range(n):
        grid = grids[k > n // 2]
        for value in grid.row(k % 4, step=k % 3 + 1):
            total = total * 3 % 10_007 + value
    return total


def of_methods_that_fail(n, last):
    grid = Grid(5, 4)
    total = 0
    for k in range(n):
        for value in grid.failing(k % last):
            total += value
    return total


def hidden_by_an_attribute(n):
    grid = Grid(5, 4)
    total = 0
    for k in range(n):
        if k == n // 2:
            grid.row = Reversed(7, 4).row
        for value in grid.row(k % 4):
            total = total * 3 % 10_007 + value
    return total


def exchanged_in_the_class(n):
    total, before = 0, Grid.around
    grid = Grid(5, 4)
    try:
        for k in range(n):
            if k == n // 2:
                Grid.around = lambda self, x, y: [(x, y), (y, x)]
            for a, b in grid.around(k % 5, k % 4):
                total = total * 3 % 10_007 + a - b
    finally:
        Grid.around = before
    return total


case(of_methods, (6, 5), (1, 1), (4, 7))
case(of_several_classes, (60,))
case(of_methods_that_fail, (60, 5), (60, 7))
case(hidden_by_an_attribute, (60,))
case(exchanged_in_the_class, (60,))
SYLLABLES = ("ba", "con", "der", "es", "fi", "gra", "ho", "in")


def spelled(n):
    for i in range(n):
        yield "".join(SYLLABLES[i // 8**k % 8] for k in range(i % 3 + 1))


def of_spelled(n):
    total = 0
    for word in spelled(n):
        total += len(word)
    return total


case(of_spelled, (60,), (300,))
case(out_of_items, (10, range(30)), (10, range(20)))
case(out_of_items_in_a_call, (10, range(30)), (20, range(20)))
case(in_comprehensions, (60,), (2,), long=(3_000,))
case(nested_in_comprehensions, (30,))
case(failing_in_comprehensions, (60, 60), (60, 30), (60, 22))
case(summed, (60,), (3,), long=(3_000,))
case(listed, (30,), (1,))
case(asked, (40,), (3,))
case(sum_of_failing, (60, 60), (60, 30))
case(sum_of_texts, (40, 60), (40, 30))
case(least_of_none, (30,))
case(sum_of_others, (40,))
case(around, (12, 9), (1, 1), (3, 1))
case(sums, (60,), (0,), (7,), long=(3_000,))
case(by_keyword, (90,), (1,))
case(with_default, (50,),)
case(perfect, (60,), (3,))
case(flattened, ([[[1, 2], [3]], [[4, None, 5], [6]], [[], [7, 8]]] * 9,), ([],), ([[[2.5, 1]]] * 5,))
case(returned, (80, 33), (80, 99), (30, 5))
case(of_others, (60,), (1,))
case(by_global, (60,),)
case(failing, (60, 60), (60, 30), (60, 0))
case(failing_in_the_body, (60, list(range(60))), (60, list(range(30))), (60, [1, 2.5, "x"]))
case(handled, (60, 60), (60, 30))
case(wrongly_taken_apart, (40, 50), (40, 30))
case(in_words, ("the quick brown fox, the lazy dog", 12), ("", 5), ("a1b", 9))
case(rebound, (60,), (5,))
case(of_objects, (50,), (3,))
case(changed_meanwhile, (40,), (2,))
case(without_values, (40,),)
case(squares, (60,), (3,))
case(nested_calls, (60,), (2,))
case(too_few, (40,), (1,))
case(growing, (60, 0), (140, 0), (20, 0.5))


def named_in_an_argument(n):
    out = []
    for j in range(n):
        out.append(sum(evens(4, step=(k := j + 1))))
        out.append([list(evens(m := k, 3)), k, m])
    return out, k, m


case(named_in_an_argument, (40,), (3,))
