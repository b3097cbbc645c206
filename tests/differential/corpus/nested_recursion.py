"""Functions in other functions that call themselves: what they have captured is their own at each activation."""

from __future__ import annotations

from functools import lru_cache

from ..cases import case


def fibonacci():
    def fib(k):
        return k if k < 2 else fib(k - 1) + fib(k - 2)

    return fib


def distance(a, b):
    memo = {}

    def go(i, j):
        if i == 0:
            return j
        if j == 0:
            return i
        key = (i, j)
        if key in memo:
            return memo[key]
        if a[i - 1] == b[j - 1]:
            found = go(i - 1, j - 1)
        else:
            found = 1 + min(go(i - 1, j), go(i, j - 1), go(i - 1, j - 1))
        memo[key] = found
        return found

    return go


def counting():
    count = 0
    marks = [0] * 9

    def place(row, n):
        nonlocal count
        if row == n:
            count += 1
            return count
        for column in range(n):
            if all(marks[r] != column and abs(marks[r] - column) != row - r for r in range(row)):
                marks[row] = column
                place(row + 1, n)
        return count

    return place


def falling(step=2):
    seen = []

    def fall(n, left=3, *, unused=None):
        seen.append(n)
        return n if n <= 0 else fall(n - step, left)

    def plain(n, left=3):
        seen.append(n)
        if len(seen) > 40:
            del seen[:20]
        return left if n <= 0 else plain(n - step)

    return plain, fall


def rebound():
    """The name comes to mean another function in the midst of the recursion."""
    calls = 0

    def other(n):
        return 1000 + n

    def walk(n):
        nonlocal walk, calls
        calls += 1
        if calls % 50 == 0:
            walk = other
        return 0 if n == 0 else 1 + walk(n - 1)

    kept = walk

    def start(n):
        nonlocal walk
        walk = kept
        return kept(n), calls

    return start, kept


def cached():
    @lru_cache(maxsize=None)
    def ways(n):
        return 1 if n < 2 else ways(n - 1) + ways(n - 2)

    return ways


def failing(limit):
    def down(n):
        if n == limit:
            raise ValueError(n, limit)
        return down(n - 1) + 1 if n else 0

    return down


def activations(n):
    """Each activation has a list and a step of its own, and they take turns."""
    def made(step):
        held = []

        def walk(k):
            held.append(k)
            return len(held) if k <= 0 else walk(k - step)

        return walk

    walks = [made(1), made(2), made(3)]
    return [walks[i % 3](i % 7) for i in range(n)]


def two_activations():
    def made(step):
        total = 0

        def walk(k):
            nonlocal total
            total += k
            return total if k <= 0 else walk(k - step)

        return walk

    first, second = made(1), made(2)

    def both(n):
        return first(n), second(n), first(n // 2)

    return both, first


def endless():
    def dive(n):
        return dive(n + 1) + 1

    return dive


def dived(n):
    dive = endless()
    found = []
    for _ in range(n):
        try:
            dive(0)
        except RecursionError as error:
            found.append(str(error)[:32])
    return found


case(fibonacci(), (9,), (0,), (2,), (11,), name="fibonacci")
case(distance("intention", "execution"), (9, 9), (3, 2), (0, 4), name="distance")
case(counting(), (0, 4), (0, 5), (4, 4), name="counting")
case(falling()[0], (20,), (7, 2), (-1,), (2.5,), name="falling")
case(falling(0.5)[0], (20,), (3, 2), name="falling_by_half")
case(falling()[1], (20,), (7, 2), name="falling_with_keywords")
case(rebound()[1], (9,), (30,), (3,), name="rebound")
case(cached().__wrapped__, (20,), (30,), name="cached")
case(failing(3), (2,), (9,), (1,), (3,), name="failing")
case(activations, (20,), (60,))
case(two_activations()[1], (9,), (30,), (3,), name="two_activations")
case(dived, (2,))


def decorated(function):
    def wrapper(*args):
        return function(*args)

    return wrapper


@decorated
def behind_a_decorator(n):
    if n < 2:
        return n
    return behind_a_decorator(n - 1) + behind_a_decorator(n - 2)


def calls_behind_a_decorator(n):
    return [behind_a_decorator(k) for k in range(n)]


case(calls_behind_a_decorator, (0,), (12,))


def deep_loops(graph):
    """Each call stands in a loop of its caller, which is left to call."""
    order, low, on, found = {}, {}, [], []

    def visit(v):
        order[v] = low[v] = len(order)
        on.append(v)
        for w in graph[v]:
            if w not in order:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in on:
                low[v] = min(low[v], order[w])
        if low[v] == order[v]:
            found.append(on[on.index(v):])
            del on[on.index(v):]

    for v in list(graph):
        if v not in order:
            visit(v)
    return found, sorted(low.items())


def ring(n):
    return ({f"n{k}": [f"n{(k + step) % n}" for step in (1, 7, 3)] for k in range(n)},)


case(deep_loops, lambda: ring(180), lambda: ring(1), lambda: ring(30), apart=True)
