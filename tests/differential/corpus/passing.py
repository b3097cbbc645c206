"""Exceptions that pass the frames of functions that call themselves, straight or by way of others."""

from __future__ import annotations

import traceback

from ..cases import case


class Dead(Exception):
    def __init__(self, where, **more):
        super().__init__(where)
        self.where = where
        self.__dict__.update(more)


class Guarded(Exception):
    """Its attributes are hooks of the program's."""

    def __setattr__(self, name, value):
        raise RuntimeError("no attributes")

    def __getattribute__(self, name):
        if name.startswith("__zexus"):
            raise RuntimeError("who asks?")
        return super().__getattribute__(name)


def places(error):
    return [(entry.name, entry.line, entry.lineno) for entry in traceback.extract_tb(error.__traceback__)]


def countdown(n, at):
    if n == at:
        raise Dead(n, seen=at)
    return 1 + countdown(n - 1, at)


def straight(n):
    found = []
    for k in range(n):
        try:
            found.append(countdown(k + 12, 3))
        except Dead as error:
            found.append((error.where, vars(error).keys(), len(places(error))))
    return found


def descend(values, depth):
    values.append(depth)
    if depth == 0:
        raise ValueError(len(values))
    hand_on(values, depth)
    return depth


def hand_on(values, depth):
    for step in (1, 1):
        descend(values, depth - step)


def by_way_of_another(n):
    found = []
    for k in range(n):
        values = []
        try:
            descend(values, 6 + k % 3)
        except ValueError as error:
            found.append((places(error), values))
    return found


def caught_halfway(n, limit):
    try:
        if n <= 0:
            raise KeyError(limit)
        return caught_halfway(n - 1, limit) + 1
    except KeyError:
        if n < limit:
            raise
        return -n


def halfway(n):
    return [caught_halfway(k % 9 + 3, 5) for k in range(n)], caught_halfway(2, -1)


def finishing(n, log):
    try:
        if n == 0:
            return 1 // n
        return finishing(n - 1, log)
    finally:
        log.append(n)


def with_finally(n):
    log = []
    found = []
    for k in range(n):
        try:
            finishing(k % 6 + 2, log)
        except ZeroDivisionError as error:
            found.append(places(error))
    return found, log


def drawn(n):
    if n == 0:
        raise StopIteration("end")
    yield n
    yield from drawn(n - 1)


def drawing(n):
    total = 0
    for k in range(n):
        try:
            for value in drawn(k % 5 + 1):
                total += value
        except RuntimeError as error:
            total += len(str(error))
    return total


def flatten(item, found):
    for part in (inner for inner in item):
        if part is None:
            raise TypeError("nothing to flatten")
        if isinstance(part, list):
            flatten(part, found)
        else:
            found.append(part)
    return len(found)


def flattened(n):
    found = []
    for k in range(n):
        nested = [1, [2, [3, k, [4, None if k % 3 == 1 else 5]]]]
        try:
            flatten(nested, found)
        except TypeError as error:
            found.append(places(error))
    return found


def hooked(n):
    if n == 0:
        raise Guarded("here")
    return hooked(n - 1) + 1


def guarded(n):
    found = []
    for k in range(n):
        try:
            hooked(k % 4 + 4)
        except Guarded as error:
            found.append((str(error), len(places(error))))
    return found


def chained(n):
    if n == 0:
        raise LookupError("first")
    try:
        return chained(n - 1)
    except LookupError as error:
        raise LookupError(n) from error


def chains(n):
    found = []
    for k in range(n):
        try:
            chained(k % 5 + 1)
        except LookupError as error:
            depth = 0
            while error is not None:
                depth += 1
                found.append((str(error), places(error)))
                error = error.__cause__
            found.append(depth)
    return found


class Cell:
    """Dies with the frames that hold it."""

    alive = 0

    def __init__(self):
        Cell.alive += 1

    def __del__(self):
        Cell.alive -= 1


def holding(n):
    held = Cell()
    if n == 0:
        raise Dead(n)
    return holding(n - 1) + (held is None)


def held(n):
    found = []
    for k in range(n):
        try:
            holding(k % 5 + 5)
        except Dead:
            found.append(Cell.alive)
        found.append(Cell.alive)
    return found


def twice(n, other):
    """Two functions in turn, each of which takes the other one's exceptions now and then."""
    if n <= 0:
        raise Dead(n)
    return other(n - 1, twice)


def thrice(n, other):
    if n % 4 == 1 and n > 1:
        try:
            return other(n - 1, thrice)
        except Dead as error:
            return len(places(error))
    return other(n - 1, thrice) + 1


def in_turn(n):
    found = []
    for k in range(n):
        try:
            found.append(twice(k % 11 + 2, thrice) if k % 3 else thrice(k % 11 + 2, twice))
        except Dead as error:
            found.append(places(error))
    return found


def chain(error):
    found = []
    while error is not None:
        found.append((repr(error), error.__suppress_context__))
        error = error.__context__
    return found


def out_of_a_handler(items, wanted):
    total = 0
    try:
        total += items[-1]
    except KeyError:
        for k in range(30):
            try:
                total += items[k]
            except KeyError:
                if k == wanted:
                    raise Dead(k)
    return total


def contexts(n):
    found = []
    for wanted in range(n):
        for items in ({}, {k: k for k in range(0, 30, 2)}, {k: k for k in range(30)}):
            try:
                try:
                    found.append([][wanted])
                except IndexError:
                    found.append(out_of_a_handler(items, wanted))
            except Dead as error:
                found.append(chain(error))
    return found


PREPARED = ValueError("prepared")


def prepared(n):
    if n == 0:
        raise PREPARED
    return prepared(n - 1)


def with_causes(n):
    found = []
    for k in range(n):
        PREPARED.__cause__ = KeyError(k) if k % 3 else None
        PREPARED.__suppress_context__ = k % 2 == 0
        PREPARED.__context__ = IndexError(k)
        PREPARED.__traceback__ = None
        try:
            try:
                prepared(k % 7)
            except ZeroDivisionError:
                found.append(None)
        except ValueError as error:
            found.append((repr(error.__cause__), error.__suppress_context__, repr(error.__context__), places(error)))
    return found


def unwound(n):
    """It leaves the outermost call as well."""
    return [straight(n), countdown(n, 2)]


for function in (straight, by_way_of_another, halfway, with_finally, drawing, flattened, guarded, chains, in_turn,
                 with_causes):
    case(function, (60,))
case(held, (40,))
case(contexts, (12,))
case(out_of_a_handler, *(lambda k=k: ({j: j for j in range(0, 30, 2)}, k) for k in range(8)))
case(unwound, (25,))
