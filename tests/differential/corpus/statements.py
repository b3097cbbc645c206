"""Statements without a native form inside hot loops, rare and frequent, and what flows through them."""

from __future__ import annotations

import logging
import sys
import warnings

import numpy as np

from ..cases import case

LOG = []


class Collect(logging.Handler):
    """Keeps what was logged, with file position."""

    def emit(self, record):
        LOG.append((record.levelname, record.getMessage(), record.funcName, record.lineno))


logger = logging.Logger("corpus")
logger.addHandler(Collect())


def rare_print(n):
    total = 0
    for i in range(n):  # native
        total += i
        if i % 1000 == 7:
            print("at", i, total)
    return total


case(rare_print, (0,), (10,), (60,), long=(6000,))


def rare_fstring(n):
    notes = []
    total = 0.0
    for i in range(n):  # native
        total += i * 0.5
        if i % 1000 == 20:
            notes.append(f"{i}: {total:.2f}")
    return total, notes


case(rare_fstring, (0,), (30,), (60,), long=(6000,))


def rare_dict_update(n):
    table = {}
    total = 0
    for i in range(n):  # native
        total += i % 7
        if i % 500 == 3:
            table[i] = table.get(i - 500, 0) + total
    return table


case(rare_dict_update, (0,), (10,), (60,), long=(6000,))


def rare_logging(n):
    for i in range(n):  # native
        if i % 1000 == 30:
            logger.warning("step %d", i)
    return i


case(rare_logging, (1,), (60,), long=(6000,))


def rare_warning(n):
    total = 0
    for i in range(n):
        total += i
        if i % 40 == 30:
            warnings.warn(f"step {i}", UserWarning, stacklevel=1)
    return total


case(rare_warning, (0,), (10,), (200,))


def rare_try(n):
    bad = total = 0
    for i in range(n):  # native
        total += i
        if i % 700 == 11:
            try:
                total += 1 // (i % 11)
            except ZeroDivisionError:
                bad += 1
    return total, bad


case(rare_try, (0,), (20,), (60,), long=(6000,))


def try_every_iteration(n):
    bad = total = 0
    for i in range(n):
        try:
            total += 100 // (i % 20)
        except ZeroDivisionError as error:
            bad += 1
            total += len(error.args)
        else:
            total += 1
        finally:
            total += 2
    return total, bad


case(try_every_iteration, (0,), (5,), (100,))


def try_around_loop(n, xs):
    total = 0
    try:
        for i in range(n):
            total += xs[i]
    except IndexError as error:
        return "caught", total, i, str(error)
    return total


case(try_around_loop, lambda: (10, [1] * 10), lambda: (100, [1] * 60), lambda: (3, []))


def try_finally_return(n):
    total = 0
    for i in range(n):
        try:
            total += i
            if i == 70:
                return "early", total
        finally:
            total += 1
    return total


case(try_finally_return, (0,), (60,), (100,))


class Recorder:
    """A context manager that notes entering and leaving."""

    def __init__(self):
        self.events = []

    def __enter__(self):
        self.events.append("in")
        return len(self.events)

    def __exit__(self, kind, value, tb):
        self.events.append(kind.__name__ if kind else "out")
        return kind is KeyError


def with_in_loop(n):
    recorder = Recorder()
    total = 0
    for i in range(n):
        if i % 10 == 0:
            with recorder as k:
                total += k
                if i % 20 == 0:
                    raise KeyError(i)
                if i == 50:
                    continue
        total += i
    return total, recorder.events


case(with_in_loop, (0,), (5,), (100,))


def with_around_loop(n, xs):
    recorder = Recorder()
    total = 0
    with recorder:
        for i in range(n):
            total += xs[i]
    return total, recorder.events


case(with_around_loop, lambda: (10, [1] * 10), lambda: (100, [1] * 60))


def break_beside_unlowered(n):
    for i in range(n):
        if i * i > 5000:
            print(f"stop at {i}")
            break
    else:
        print("ran through")
    return i


case(break_beside_unlowered, (1,), (60,), (100,))


def break_inside_try(n):
    for i in range(n):
        try:
            if i == 70:
                break
        finally:
            LOG.append(i)
    else:
        return "through"
    return i


case(break_inside_try, (5,), (100,))


def continue_inside_with(n):
    recorder = Recorder()
    total = 0
    for i in range(n):
        with recorder:
            if i % 3:
                continue
        total += i
    return total, len(recorder.events)


case(continue_inside_with, (0,), (100,))


def return_inside_with(n):
    recorder = Recorder()
    for i in range(n):
        if i % 30 == 29:
            with recorder:
                if i > 80:
                    return f"left at {i}", recorder.events
    return recorder.events


case(return_inside_with, (10,), (60,), (100,))


def rare_attribute(n):
    recorder = Recorder()
    for i in range(n):
        if i % 40 == 39:
            recorder.last = i
            recorder.events.append(i)
    return recorder


case(rare_attribute, (0,), (100,))


def frequent_dict(n):
    counts = {}
    for i in range(n):
        counts[i % 7] = counts.get(i % 7, 0) + 1
    return counts


case(frequent_dict, (0,), (100,))


def frequent_strings(words):
    total = 0
    for word in words:
        total += len(word.upper()) + (word[0] == "a")
    return total


case(frequent_strings, lambda: (["apple", "bee"] * 30,), lambda: (["", "x"],))


def frequent_objects(n):
    recorder = Recorder()
    total = 0
    for i in range(n):
        recorder.events.append(i)
        total += recorder.events[-1]
    return total, recorder


case(frequent_objects, (0,), (100,))


def cold_branch_changes_type(n):
    total = 0
    for i in range(n):
        if i == 80:
            total = str(total)
            total = int(total) + 0.5
        total += i
    return total


case(cold_branch_changes_type, (10,), (60,), (200,))


def cold_branch_rebinds_list(n):
    xs = [0] * 10
    for i in range(n):
        if i == 70:
            xs = ["a"] * 10
        if i < 75:
            xs[i % 10] = i
    return xs


case(cold_branch_rebinds_list, (10,), (100,))


def cold_branch_grows_list(n):
    xs = [1]
    total = 0
    for i in range(n):
        total += xs[-1]
        if i % 25 == 24:
            xs.extend([i, i + 1])
            print(len(xs))
    return total, xs


case(cold_branch_grows_list, (10,), (100,))


def cold_branch_becomes_hot(n):
    total = 0
    for i in range(n):
        if i > 100:
            total += i * 2
            total ^= 5
        else:
            total += 1
    return total


case(cold_branch_becomes_hot, (10,), (150,), (3000,))


def phases(n):
    mode = 0
    total = 0
    for i in range(n):
        if i % 100 == 99:
            mode = (mode + 1) % 3
        if mode == 0:
            total += i
        elif mode == 1:
            total -= i * 2
        else:
            total ^= i
    return total, mode


case(phases, (0,), (150,), (2500,))


def frame_of_statement(n):
    seen = []
    for i in range(n):
        if i % 50 == 40:
            frame = sys._getframe()
            seen.append((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno))
            del frame
    return seen


case(frame_of_statement, (10,), (100,))


def import_inside(n):
    total = 0
    for i in range(n):
        import math as m

        total += m.floor(i / 2)
    return total


case(import_inside, (0,), (60,))


def define_inside(n):
    total = 0
    for i in range(n):
        def double(x):
            return x * 2

        total += double(i)
    return total


case(define_inside, (0,), (60,))


def match_inside(n):
    counts = [0, 0, 0]
    for i in range(n):
        match i % 5:
            case 0:
                counts[0] += 1
            case 1 | 2:
                counts[1] += i
            case _:
                counts[2] -= 1
    return counts


case(match_inside, (0,), (60,))


def assert_inside(n, limit):
    total = 0
    for i in range(n):
        assert i < limit, f"{i} too large"
        total += i
    return total


case(assert_inside, (10, 100), (100, 60), (3, 1))


def raise_inside(n):
    total = 0
    for i in range(n):
        total += i
        if total > 2000:
            raise RuntimeError("total", total) from ValueError(i)
    return total


case(raise_inside, (10,), (100,))


def set_and_dict_reads(n):
    allowed = {1, 3, 5}
    weights = {0: 1.5, 1: 2}
    total = 0
    for i in range(n):
        if i % 6 in allowed:
            total += weights[i % 2]
    return total


case(set_and_dict_reads, (0,), (100,))


def nested_with_unlowered(n):
    lines = []
    for i in range(n):
        total = 0
        for j in range(n):
            total += i * j
        lines.append(f"{i}={total}")
    return lines


case(nested_with_unlowered, (0,), (5,), (60,))


def inner_rare_statement(n):
    events = []
    for i in range(n):
        for j in range(n):
            if i * j == 1000:
                events.append({"i": i, "j": j})
    return events


case(inner_rare_statement, (5,), (60,))


def input_like(lines):
    total = 0
    for line in lines:
        for part in line.split(","):
            total += int(part)
    return total


case(input_like, lambda: (["1,2", "3,4"] * 20,), lambda: (["1,x"],))


def print_every(n):
    for i in range(n):
        print(i, end=" " if i % 10 else "\n")


case(print_every, (0,), (40,))


def effects_in_order(n):
    out = []

    def note(x):
        out.append(x)
        return x

    for i in range(n):
        note(i) + note(i + 1) * note(-i)
        xs = [note(1), note(2)]
        xs[note(0)] = note(5)
    return out


case(effects_in_order, (0,), (3,), (40,))


def ellipsis_pass_docstring(n):
    total = 0
    for i in range(n):  # native
        "a string that stands alone"
        ...
        pass
        total += 1
        i  # noqa: B018
    return total


case(ellipsis_pass_docstring, (0,), (60,), long=(3000,))


def global_list_append(n):
    for i in range(n):
        if i % 10 == 0:
            LOG.append(i)
    return len(LOG)


case(global_list_append, (0,), (60,))


def unpack_dict_items(n):
    table = {k: k / 2 for k in range(n)}
    total = 0
    for k, v in table.items():
        total += k * v
    return total


case(unpack_dict_items, (0,), (60,))


def slots_and_properties(n):
    class Box:
        __slots__ = ("v",)

        @property
        def twice(self):
            return self.v * 2

    box = Box()
    box.v = 0
    for i in range(n):
        box.v = box.twice % 1000 + i
    return box.v


case(slots_and_properties, (0,), (60,))


def warns_of_its_caller(i):
    if i % 29 == 28:
        warnings.warn("by keyword", stacklevel=2)
        warnings.warn("by position", UserWarning, 2)
    return i


def calls_what_warns_of_it(n):
    total = 0
    for i in range(n):
        total += warns_of_its_caller(i)
    return total


case(calls_what_warns_of_it, (100,))


def warns_of_whoever_called(n):
    total = 0
    for i in range(n):
        total += i
        if i % 29 == 28:
            warnings.warn("inside", stacklevel=2)
    return total


case(warns_of_whoever_called, (100,))


def warns_by_position(i):
    if i % 29 == 28:
        warnings.warn("by position", UserWarning, 2)
    return i


def its_caller():
    return sys._getframe(1).f_lineno, sys._getframe(1).f_code.co_name


def calls_what_looks_at_it(n):
    seen = []
    for i in range(n):
        warns_by_position(i)
        if i % 7 == 3:
            seen.append(its_caller())
    return seen


case(calls_what_looks_at_it, (100,))


def inner_loop_given_up_while_it_is_native(ys, m, n):
    sure, warned = 0.0, []
    for k in range(n):
        for _ in ys:
            sure += 1.5
            m[k % len(m)] += (k + k) & 127
        warned.append(sure)
    return warned


case(inner_loop_given_up_while_it_is_native, lambda: ([0.5] * 7, np.arange(4, dtype=np.uint8), 100))
