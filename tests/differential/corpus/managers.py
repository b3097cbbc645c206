"""`with` in hot loops: managers of all kinds, what they are told, what they swallow, and how their bodies are left."""

from __future__ import annotations

import contextlib
import sys
import threading
import traceback
import types

from ..cases import case


class Level:
    def __init__(self):
        self.depth = self.most = 0

    def __enter__(self):
        self.depth += 1
        self.most = max(self.most, self.depth)
        return self

    def __exit__(self, kind, error, trace):
        self.depth -= 1


class Telling:
    """Notes what it is told, and swallows some of it."""

    def __init__(self, swallows=()):
        self.swallows, self.told = swallows, []

    def __enter__(self):
        return len(self.told), "value"

    def __exit__(self, *how):
        kind, error, trace = how
        lines = [entry.lineno for entry in traceback.extract_tb(trace)]
        self.told.append((kind and kind.__name__, str(error), lines, sys.exc_info()[0] and sys.exc_info()[0].__name__))
        return kind is not None and issubclass(kind, self.swallows)


def levels(n):
    level, total = Level(), 0
    for i in range(n):  # native
        with level as held:
            total += held.depth * i
    return total, level.depth, level.most


def hot_levels(n):
    level, total = Level(), 0
    for i in range(n):  # native
        with level:
            total += level.depth + i
            with level as inner, level:
                total += inner.depth
    return total, level.depth, level.most


def swallowing(n, every):
    manager, found = Telling((ZeroDivisionError, KeyError)), []
    for i in range(n):
        with manager as (count, text):
            found.append(10 // (i % every))
            found.append((count, text))
    return found, manager.told


def passing_on(n, at):
    manager, found = Telling(), []
    try:
        for i in range(n):
            with manager:
                found.append(10 // (at - i))
    except ZeroDivisionError as error:
        found.append(traceback.extract_tb(error.__traceback__)[-1].lineno)
    return found, manager.told


def raised_through(n, at):
    for i in range(n):
        with Telling() as (count, _):
            if i == at:
                raise KeyError(count)


def left_early(n):
    level, found = Level(), []
    for i in range(n):
        with level:
            if i % 3 == 0:
                continue
            with level as held:
                if i == 11:
                    break
                found.append((i, held.depth))
        found.append(level.depth)
    return found, level.depth


def returned_from(n, at):
    level = Level()
    for i in range(n):
        with level, Telling() as given:
            if i == at:
                return i, given, level
    return level


def failing_managers(n):
    class Bad:
        def __init__(self, how):
            self.how = how

        def __enter__(self):
            if self.how == 0:
                raise ValueError("enter")
            return self

        def __exit__(self, *how):
            if self.how == 1:
                raise ValueError("exit")
            return self.how == 2

    found = []
    for i in range(n):
        try:
            with Bad(i % 4):
                found.append(i)
                if i % 3 == 0:
                    raise KeyError(i)
        except (ValueError, KeyError) as error:
            found.append((repr(error), repr(error.__context__)))
    return found


class NoExit:
    def __enter__(self):
        return self


def no_managers(items):
    found = []
    for item in items:
        try:
            with item as value:
                found.append(value)
        except TypeError as error:
            found.append(str(error))
    return found


class Shadowed(Level):
    @staticmethod
    def __exit__(*how):
        return how[0] is ValueError


def shadowed(n):
    manager = Shadowed()
    manager.__enter__ = manager.__exit__ = lambda *how: 1 / 0
    found = []
    for i in range(n):
        with manager as held:
            found.append(held.depth)
            if i % 4 == 1:
                raise ValueError(i)
    return found


def changed(n):
    level, found = Level(), []
    kept = Level.__exit__
    try:
        for i in range(n):
            with level:
                if i == n // 2:
                    Level.__exit__ = lambda self, *how: found.append(("other", how[0]))
                found.append(level.depth)
    finally:
        Level.__exit__ = kept
    return found, level.depth


def of_the_library(n):
    lock, found = threading.Lock(), []
    for i in range(n):
        with lock:
            found.append(lock.locked())
        with contextlib.suppress(ZeroDivisionError, KeyError), contextlib.nullcontext(i) as value:
            found.append(6 // (value % 3))
            found.append({}[i])
    return found, lock.locked()


@contextlib.contextmanager
def around(found, name):
    found.append(("in", name))
    try:
        yield len(found)
    except KeyError:
        found.append("swallowed")
    finally:
        found.append(("out", name))


def generated(n):
    found = []
    for i in range(n):
        with around(found, i) as size:
            found.append(size)
            if i % 3 == 2:
                raise KeyError(i)
    return found


def targets(n):
    class Pair:
        def __enter__(self):
            return 1, (2, 3)

        def __exit__(self, *how):
            return how[0] is TypeError

    box, items = types.SimpleNamespace(), [0, 0]
    for i in range(n):
        with Pair() as (box.a, (items[0], items[1])):
            items.append(box.a + i)
        with Pair() as (a, b, c):
            items.append(a + b + c)
    return items, box


def targets_that_fail(n):
    told, found = Telling((ValueError,)), []
    for _ in range(n):
        with told as (a, b, c):
            found.append((a, b, c))
    return found, told.told


def freed(n):
    """A manager that nobody holds ends behind its statement."""
    ended = []

    class Ending(Level):
        def __del__(self):
            ended.append(self.most)

    for i in range(n):
        with Ending():
            ended.append(i)
        ended.append("behind")
    return ended


case(levels, (0,), (9,), (40,), long=(4000,))
case(hot_levels, (9,), (40,), long=(3000,))
case(swallowing, (9, 3), (30, 1), (40, 5), long=(2000, 7))
case(passing_on, (9, 20), (9, 4), (40, 33), long=(3000, 2500))
case(raised_through, (9, 20), (9, 4), (40, 33))
case(left_early, (9,), (30,))
case(returned_from, (9, 20), (9, 3), (40, 33))
case(failing_managers, (24,))
case(no_managers, ([1, NoExit(), Level, None],))
case(shadowed, (20,))
case(changed, (20,), long=(3000,))
case(of_the_library, (24,))
case(generated, (24,))
case(targets, (9,))
case(targets_that_fail, (9,))
case(freed, (12,))
