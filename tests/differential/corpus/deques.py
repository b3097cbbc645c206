"""Deques: items at both ends, across blocks and under a bound; empty ones, kinds of them, and who sees them change."""

from __future__ import annotations

import weakref
from collections import deque

from ..cases import case


def hot_breadth_first(n):
    size = n // 40
    distance = [[-1] * size for _ in range(size)]
    distance[0][0] = 0
    queue = deque([(0, 0)])
    while queue:  # native
        x, y = queue.popleft()
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            nx, ny = x + dx, y + dy
            if 0 <= nx < size and 0 <= ny < size and (nx * 7 + ny * 3) % 5 and distance[ny][nx] < 0:
                distance[ny][nx] = distance[y][x] + 1
                queue.append((nx, ny))
    return distance


def hot_window(n):
    window, total, best = deque(maxlen=50), 0.0, 0.0
    for i in range(n):  # native
        x = i * 7919 % 1009 * 0.5
        if len(window) == 50:
            total -= window[0]
        window.append(x)
        total += x
        best = max(best, total)
    return best, window


def hot_extremes(n):
    queue, found = deque(), []
    for i in range(n):  # native
        x = i * 7919 % 1009
        while queue and queue[-1][0] <= x:
            queue.pop()
        queue.append((x, i))
        if queue[0][1] <= i - 30:
            queue.popleft()
        found.append(queue[0][0])
    return found, queue


def hot_names(n):
    queue, total = deque("abcde"), 0
    for i in range(n):  # native
        name = queue.popleft()
        total += len(name)
        queue.append(name if len(name) > 3 else name + "x")
    return total, queue


case(hot_breadth_first, long=(3000,))
case(hot_window, long=(3000,))
case(hot_extremes, long=(3000,))
case(hot_names, long=(3000,))


def through(items, most):
    queue, found = deque(maxlen=most), []
    for i, item in enumerate(items):
        queue.append(item)
        if i % 3 == 1:
            queue.appendleft(item)
        if i % 5 == 4:
            found.append(queue.popleft())
        if i % 7 == 6:
            found.append(queue.pop())
    while queue:
        found.append((len(queue), queue[0], queue[-1], queue.pop()))
    return found


def filled(items, left, right):
    queue = deque(items)
    for i in range(left):
        queue.appendleft(i)
    for i in range(right):
        queue.append(i)
    state = list(queue)
    for i in range(left + right + len(items)):
        if i % 3:
            queue.pop()
        else:
            queue.popleft()
    return state, queue, len(queue)


def read(queue, n):
    total = 0
    for i in range(n):
        total += queue[i % len(queue)] - queue[-1 - i % len(queue)] * 2 + queue[0] + queue[-1]
    return total


INPUTS = (
    list(range(200)), [x * 0.5 for x in range(200)], list(map(str, range(200))), [(x, -x) for x in range(200)],
    [None] * 60, [True, False] * 40, [2**62, 2**63, -(2**63), 2**70] * 30, [float("nan"), -0.0] * 40, [1j] * 60,
    [[x] for x in range(90)], [{x: 1} for x in range(90)], [1, 2.5, None] * 30, [*range(60), "a", 2.5, (1,), []],
    [(1, 2.5), (1, "a")] * 40, [("a", (x, None)) for x in range(90)], [object] * 60, [len, print] * 40, [], [3],
    [(x,) * (x % 4) for x in range(90)], [b"a", b""] * 40, [{x} for x in range(90)], [frozenset()] * 50, [x for x in "z\u0119x" * 30],
)
case(through, *[(items, most) for items in INPUTS for most in (None, 3)], (INPUTS[0], 0), (INPUTS[3], 0), (INPUTS[0], 1), (INPUTS[0], 64),
     (INPUTS[0], 70), (INPUTS[0], 129), apart=True)
case(filled, ([], 0, 0), ([], 200, 0), ([], 0, 200), ([1] * 64, 63, 65), ([1] * 10, 31, 33), ([1, 2], 32, 31), ([1], 300, 300), apart=True)
case(read, (deque(range(300)), 600), (deque([5]), 60), (deque(range(65)), 130), (deque(range(10), 3), 60), (deque([1, 2.5, True]), 90),
     (deque([1, "a"]), 9), (deque(), 0), (deque(), 3), (list(range(300)), 90), apart=True)


def emptied(items, n):
    queue, found = deque(items), []
    for i in range(n):
        try:
            found.append(queue.pop() if i % 2 else queue.popleft())
        except IndexError as error:
            found.append(str(error))
            queue.append(i)
    return found


def until_empty(queue):
    total = 0
    while True:
        total += queue.popleft()


def out_of_range(queue, n):
    total = 0
    for i in range(n):
        total += queue[i]
    return total


def backwards(queue, n):
    total = 0
    for i in range(n):
        total += queue[-i]
    return total


case(emptied, ([], 60), ([1, 2, 3], 90), (["a"], 60), ([(1, 2)], 60), apart=True)
case(until_empty, lambda: (deque(range(90)),), lambda: (deque(),), lambda: (deque(map(str, range(90))),), lambda: ([1, 2],), apart=True)
case(out_of_range, (deque(range(90)), 100), (deque(), 1), apart=True)
case(backwards, (deque(range(90)), 92), (deque(), 1), apart=True)


class Kind(deque):
    def append(self, item):
        super().append(item)
        super().append(-1)

    def __len__(self):
        return 7

    def __bool__(self):
        return deque.__len__(self) > 3


class Plain(deque):
    pass


def served(queue, n):
    total = 0
    for i in range(n):
        queue.append(i)
        if queue and i % 3 == 2:
            total += queue.popleft() * len(queue)
    return total, list(queue), type(queue)


class Owner:
    def __init__(self, items):
        self.queue = deque(items)


def owned(owner, n):
    total = 0
    for i in range(n):
        owner.queue.append(i)
        total += owner.queue.popleft()
        if i == n - 3:
            owner.queue = list(owner.queue) if n % 2 else deque([2.5])
    return total, owner.queue


WAITING = deque([1, 2, 3])


def shared(n):
    total = 0
    for i in range(n):
        WAITING.append(i)
        total += WAITING.popleft()
    return total, WAITING


case(served, lambda: (deque(), 90), lambda: (Kind(), 90), lambda: (Plain(), 90), lambda: (deque(maxlen=4), 90), lambda: ([], 90), apart=True)
case(owned, lambda: (Owner([5]), 60), lambda: (Owner([5]), 61), lambda: (Owner([]), 60), apart=True)
case(shared, (60,), (90,))


def watched(queue, n):
    found, total = [], 0
    for i in range(n):
        it = iter(queue)
        try:
            for item in queue:
                total += item
                if i == 30 and item == 5:
                    queue.append(1)
            if i % 7 == 3:
                queue.append(queue.popleft())
            found.append(next(it))
        except RuntimeError as error:
            found.append(str(error))
    return found, total


def changed(queue):
    found = []
    for item in queue:
        found.append(item)
        if item == 40:
            queue.popleft()
            queue.appendleft(0)
    return found


def turned(queue, n):
    total = 0
    for i in range(n):
        queue.append(i)
        if i % 10 == 9:
            queue.rotate(3)
            queue.extend([i, -i])
            queue.extendleft((7,))
        if i == 45:
            queue.clear()
        if queue:
            total += queue[0] + queue[-1] * 2
        if 5 in queue:
            queue.remove(5)
    return total, queue


def same_object(items):
    queue, same = deque(items), 0
    for item in items:
        queue.append(item)
        taken = queue.popleft()
        same += taken is item
        queue.append(taken)
        same += queue[-1] is taken
    return same


def itself(n):
    queue, depth = deque(maxlen=3), 0
    for i in range(n):
        queue.append(queue)
        depth += len(queue.pop())
        queue.append([i])
    return depth, list(queue)


case(watched, lambda: (deque(range(9)), 60), apart=True)
case(changed, lambda: (deque(range(90)),), lambda: (deque(range(40)),), lambda: (deque(range(1, 90), 60),), apart=True)
case(turned, lambda: (deque(), 90), lambda: (deque(range(200), 100), 90), apart=True)
case(same_object, ([[i] for i in range(60)],), ([(i, i) for i in range(60)],), ([str(i) for i in range(300, 360)],), apart=True)
case(itself, (60,), apart=True)


class Marker:
    ended = 0

    def __init__(self, n):
        self.n = n


class Ending(Marker):
    def __del__(self):
        Marker.ended += self.n


def lives(kind, n, most):
    queue, total, Marker.ended = deque(maxlen=most), 0, 0
    for i in range(n):
        queue.append(kind(i))
        if len(queue) > 5:
            total += queue.popleft().n + Marker.ended
    return total, Marker.ended, len(queue)


def refers(n):
    queue, alive = deque(), []
    for i in range(n):
        marker = Marker(i)
        queue.append(marker)
        seen = weakref.ref(marker)
        del marker
        alive.append(seen() is not None)
        taken = queue.pop()
        alive.append(taken.n)
        taken = None
        alive.append(seen() is not None)
    return alive


def tasks(n):
    queue, total = deque(map(Marker, range(20))), 0
    for i in range(n):
        task = queue.popleft()
        task.n -= 3
        if task.n > 0:
            queue.append(task)
        else:
            queue.append(Marker(i % 11))
            total += task.n
    return total, [task.n for task in queue]


case(lives, (Marker, 90, None), (Ending, 90, None), (Marker, 90, 3), (Ending, 90, 3), (Ending, 90, 6), apart=True)
case(refers, (60,), apart=True)
case(tasks, (90,), apart=True)


def wrong_calls(queue, n):
    total = 0
    for i in range(n):
        queue.append(i)
        if i == n - 1:
            queue.append(1, 2)
        total += len(queue)
    return total


def methods_held(n):
    queue = deque()
    put, take = queue.append, queue.popleft
    total = 0
    for i in range(n):
        put(i)
        if i % 2:
            total += take()
    return total, queue


def sometimes(queue, n):
    total = 0
    for i in range(n):
        if queue is not None:
            queue.append(i)
            total += len(queue)
        elif i == n - 2:
            queue = deque([2])
    return total, queue


def truths(n):
    queue, table, found, total = deque(), {}, set(), 0
    for i in range(n):
        if not queue or i % 5 == 0:
            queue.append(i)
        else:
            queue.pop()
        if table:
            del table[i - 1]
        else:
            table[i] = 1
        total += (1 if queue else 2) + (3 if found else 5)
        if i == 30:
            found.add(1)
    return total, queue, table, bool(queue and table)


case(wrong_calls, lambda: (deque(), 60), apart=True)
case(methods_held, (60,), apart=True)
case(sometimes, lambda: (None, 60), lambda: (deque(), 60), apart=True)
case(truths, (60,), (90,), apart=True)
