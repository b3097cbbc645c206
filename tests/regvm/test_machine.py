"""The register machine: CPython's answers and errors, from any instruction on."""

from __future__ import annotations

import textwrap
import types
from collections.abc import Callable
from typing import Any

import pytest

from zexus.assembly import parse
from zexus.bytecode import Code, InvalidCode
from zexus.frontend.lower import lower_function
from zexus.frontend.sites import UNBOUND
from zexus.frontend.source import module_source
from zexus.ops import unpack
from zexus.regvm import cursor as cursors
from zexus.regvm.build import build
from zexus.regvm.machine import Executable, Frame, Raised, run


def no_blocks(code: Code, number: int, cells: Any) -> Callable[..., Any]:
    raise AssertionError("these functions have no outlined statement")


def compiled(text: str, namespace: dict[str, Any] | None = None) -> tuple[Executable, Callable[..., Any]]:
    """A function twice: for the machine, and as CPython's."""
    text = textwrap.dedent(text)
    space: dict[str, Any] = {} if namespace is None else namespace
    exec(compile(text, "<machine>", "exec"), space)
    (source,) = module_source(text, "<machine>").functions
    return Executable(build(lower_function(source.scope, 2, space)), no_blocks), space[source.scope.name]


PROGRAMS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "branches": ("""
        def f(n):
            total = 0
            for i in range(n):
                if i % 3 == 0:
                    continue
                elif i > 20 and total > 100:
                    break
                total += i if i % 2 else -i
            else:
                total *= 2
            return total
        """, (30,)),
    "while": ("""
        def f(n):
            steps = 0
            while n != 1:
                n = n // 2 if n % 2 == 0 else 3 * n + 1
                steps += 1
            return steps, n
        """, (27,)),
    "lists": ("""
        def f(xs):
            out = []
            for i, x in enumerate(xs):
                a, b = x, i
                a, b = b, a
                out.append([a, b, xs[-1 - i]])
            out[0], out[1] = out[1], out[0]
            return out
        """, ([5, 6, 7, 8],)),
    "nested": ("""
        def f(rows):
            total = 0.0
            for row in rows:
                for a, b in zip(row, row):
                    if 0 < a <= b < 9:
                        total += a * b
            return total
        """, ([[1, 2.5], [3, 10], []],)),
    "comprehension": ("""
        def f(xs):
            return [x * x for x in xs if x], max(xs), len(xs)
        """, ([0, 1, 2],)),
    "globals": ("""
        import math
        def f(x):
            return math.sqrt(x) + abs(-x)
        """, (9.0,)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_answer_is_cpythons(name: str) -> None:
    text, arguments = PROGRAMS[name]
    executable, plain = compiled(text)
    outcome = run([executable.frame(arguments)])
    assert outcome.kind == "return"
    assert repr(outcome.value) == repr(plain(*arguments))


def copied(value: Any, seen: dict[int, Any]) -> Any:
    """A deep copy of lists and cursors that keeps who shares what."""
    if id(value) in seen:
        return seen[id(value)]
    if type(value) is list:
        made: Any = []
        seen[id(value)] = made
        made.extend(copied(v, seen) for v in value)
        return made
    if type(value) in (enumerate, zip):
        return copied(cursors.of_iterator(value), seen).iterator()
    if hasattr(type(value), "advance"):
        made = type(value).__new__(type(value))
        seen[id(value)] = made
        for slot in type(value).__slots__:
            setattr(made, slot, copied(getattr(value, slot), seen))
        return made
    if type(value) is tuple:
        return tuple(copied(v, seen) for v in value)
    if type(value) is types.BuiltinMethodType and type(value.__self__) is list:
        return getattr(copied(value.__self__, seen), value.__name__)
    return value


@pytest.mark.parametrize("name", PROGRAMS)
def test_entering_anywhere_with_the_live_registers_gives_the_same(name: str) -> None:
    text, arguments = PROGRAMS[name]
    executable, plain = compiled(text)
    wanted = repr(plain(*arguments))
    frame = executable.frame(copied(arguments, {}))
    live = executable.program.live
    for _ in range(200):
        registers = executable.template.copy()
        seen: dict[int, Any] = {}
        for number in live[frame.index][0]:
            registers[number] = copied(frame.registers[number], seen)
        registers[executable.cells_register] = ()
        entered = Frame(executable, registers, frame.index)
        assert repr(run([entered]).value) == wanted, executable.program.flat[frame.index]
        if executable.program.flat[frame.index].op == "RETURN":
            return
        following = executable.steps[frame.index](frame.registers)
        frame.index = frame.index + 1 if following is None else following


ERRORS: dict[str, tuple[str, tuple[Any, ...], int]] = {
    "division": ("def f(x):\n    y = x + 1\n    return 1 // x\n", (0,), 3),
    "type": ("def f(x):\n    for i in range(3):\n        x += 'a'\n    return x\n", (1,), 3),
    "index": ("def f(x):\n    return x[3]\n", ([1],), 2),
    "unpack": ("def f(x):\n    a, b = x\n    return a\n", ([1, 2, 3],), 2),
    "unbound": ("def f(x):\n    if x:\n        y = 1\n    return y\n", (0,), 4),
    "name": ("def f(x):\n    return missing + x\n", (0,), 2),
    "attribute": ("def f(x):\n    return x.missing\n", (0,), 2),
    "not_iterable": ("def f(x):\n    for i in x:\n        pass\n    return i\n", (3,), 2),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_cpythons_and_stand_at_the_line(name: str) -> None:
    text, arguments, line = ERRORS[name]
    executable, plain = compiled(text)
    with pytest.raises(Exception) as wanted:
        plain(*arguments)
    with pytest.raises(Raised) as raised:
        run([executable.frame(arguments)])
    error = raised.value.error
    assert type(error) is wanted.type and str(error) == str(wanted.value)
    ((frame, index),) = raised.value.frames
    position = frame.machine.program.positions[index]
    assert position is not None and position.line == line


def test_stopping_at_a_header_and_going_on() -> None:
    executable, plain = compiled(PROGRAMS["while"][0])
    program = executable.program
    header = next(i.targets[0] for i in program.flat if i.op == "JUMP" and program.starts[i.targets[0]] < i.index)
    frame = executable.frame((27,))
    stops = 0
    while run([frame], frozenset((program.starts[header],))).kind == "header":
        stops += 1
    assert stops >= plain(27)[0]


def test_a_caller_goes_on_with_what_the_callee_returned() -> None:
    outer, _ = compiled("def f(x):\n    return g(x) + 1\n")
    inner, _ = compiled("def g(x):\n    return x * 10\n")
    call = next(i.index for i in outer.program.flat if i.op == "CALL")
    caller = outer.frame((4,), call)
    outcome = run([caller, inner.frame((4,))])
    assert outcome.value == 41


def test_registers_without_a_value_are_unbound() -> None:
    executable, _ = compiled("def f(x):\n    if x:\n        y = 1\n    return x\n")
    frame = executable.frame((0,))
    assert frame.registers[executable.code.locals.index("y")] is UNBOUND


@pytest.mark.parametrize("value", [(1, 2), [1, 2], "ab", iter([1, 2]), {1: 0, 2: 0}])
def test_unpack(value: Any) -> None:
    assert len(unpack(value, 2)) == 2


@pytest.mark.parametrize(("value", "count"), [((1,), 2), ([1, 2, 3], 2), (5, 1), ((), 1), ((1,), 0)])
def test_unpack_raises_as_cpython(value: Any, count: int) -> None:
    target = ", ".join(f"a{i}" for i in range(count)) + ("," if count == 1 else "") if count else "[]"
    with pytest.raises((TypeError, ValueError)) as wanted:
        exec(f"{target} = value", {"value": value})
    with pytest.raises(wanted.type) as raised:
        unpack(value, count)
    assert str(raised.value) == str(wanted.value)


CAUGHT = """
code f (x.py:1) params 3
locals a b c
const 0: 100
const 1: 1000
handler 3 6 -> 10 depth 1
handler 1 8 -> 14 depth 0
1   0 LOAD_CONST 1
2   1 POP
    2 LOAD_LOCAL 0
3   3 LOAD_LOCAL 0
    4 LOAD_LOCAL 1
    5 FLOORDIV
    6 ADD
    7 RETURN
4   8 LOAD_LOCAL 1
    9 RETURN
5   10 POP
    11 LOAD_LOCAL 2
    12 ADD
    13 RETURN
6   14 POP
    15 LOAD_CONST 0
    16 RETURN
"""


@pytest.mark.parametrize(("arguments", "value"), [
    ((7, 2, 5), 10), ((7, 0, 5), 12), ((7, 0, "x"), None), ((7, "x", 5), 12), ((7, 2, "x"), 10),
])
def test_the_innermost_handler_takes_an_exception(arguments: tuple[Any, ...], value: int | None) -> None:
    executable = Executable(build(parse(CAUGHT)), lambda code, number: None)
    if value is None:  # raised in a handler, where no other one stands
        with pytest.raises(Raised):
            run([executable.frame(arguments)])
    else:
        assert run([executable.frame(arguments)]).value == value


def test_a_handler_of_the_caller_takes_the_exception_of_the_callee() -> None:
    text = CAUGHT.replace("5 FLOORDIV", "5 CALL 1").replace("4 LOAD_LOCAL 1", "4 LOAD_LOCAL 2").replace(
        "3 LOAD_LOCAL 0", "3 LOAD_LOCAL 1")
    outer = Executable(build(parse(text)), lambda code, number: None)
    inner, _ = compiled("def g(x):\n    return 1 // x\n")
    call = next(i.index for i in outer.program.flat if i.op == "CALL")
    caller = outer.frame((7, None, 5), call)
    caller.registers[len(outer.code.locals)] = 7
    assert run([caller, inner.frame((0,))]).value == 12


def test_what_a_handler_reads_is_live_where_it_may_be_entered() -> None:
    program = build(parse(CAUGHT))
    divide = next(i.index for i in program.flat if i.op == "FLOORDIV")
    assert program.code.locals.index("c") in program.live[divide][0]


@pytest.mark.parametrize(("old", "new", "message"), [
    ("handler 3 6 -> 10", "handler 6 3 -> 10", "handler out of range"),
    ("-> 14 depth 0", "-> 99 depth 0", "handler out of range"),
    ("-> 10 depth 1", "-> 10 depth 2", "takes from the stack"),
])
def test_handlers_are_verified(old: str, new: str, message: str) -> None:
    with pytest.raises(InvalidCode, match=message):
        parse(CAUGHT.replace(old, new))
