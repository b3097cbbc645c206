"""Counting: how few counters give all counts, where they stand, and that nothing of them can be named or seen."""

from __future__ import annotations

import ast
import dis
import gc
import types
import weakref
from typing import Any

import pytest

from zexus.frontend.counted import compiled_module, counted_module
from zexus.frontend.counting import Flushed, Noted, Timing, counted, is_counter
from zexus.frontend.given import Given, filled, given
from zexus.frontend.source import module_source
from zexus.frontend.tallies import Count, Counted, Following, Otherwise, Tally
from zexus.vm.profiling.timing import Watch


def function(text: str, timed: bool = False) -> tuple[Any, Tally]:
    node = ast.parse(text).body[0]
    made, tallies = counted(node, "counting", "f", Timing(Watch, Watch) if timed else None)
    return made, tallies[0]


def kinds(tally: Tally) -> list[type]:
    return [type(statement.begun) for statement in tally.statements]


@pytest.mark.parametrize(("text", "counters"), [
    ("def f(x):\n    a = x\n    b = a.b\n    return b", 1),
    ("def f(x):\n    if x:\n        return 1\n    return 2", 2),
    ("def f(x):\n    if x:\n        a = 1\n    else:\n        a = 2\n    return a", 2),
    ("def f(x):\n    if x:\n        return 1\n    elif x.y:\n        return 2\n    else:\n        return 3", 3),
    ("def f(x):\n    for y in x:\n        if y:\n            break\n        x.z()\n    return x", 3),
    ("def f(x):\n    for y in x:\n        for z in y:\n            z()\n        y()\n    return x", 3),
    ("def f(x):\n    try:\n        x()\n        x()\n    finally:\n        x.y = 1\n        x()\n    return x", 5),
    ("def f(x):\n    x(); x()\n    return x", 3),
    ("def f(x):\n    yield x\n    x.y = 1\n    yield x", 3),
    ("def f(x):\n    x.y = locals()\n    return x", 2),
    ("def f(x):\n    '''Documented.'''", 1),
])
def test_how_many_counters_are_needed(text: str, counters: int) -> None:
    assert len(function(text)[1].counters) == counters


def test_how_counts_follow_from_each_other() -> None:
    _, tally = function("def f(x):\n    if x:\n        a = x.a\n        return a\n    else:\n        x()\n    return x")
    assert kinds(tally) == [Counted, Counted, Following, Otherwise, Following]
    tally.counters[0].n, tally.counters[1].n = 10, 6
    tally.left.update({2: 1, 3: 2, 4: 0, 6: 1})
    assert tally.counts() == [10, 6, 4, 3, 2]
    assert tally.raised() == [1, 2, 0, 1, 0]
    tally.clear()
    assert not any(tally.counts()) and not any(tally.left.values())


def test_counters_in_loops_are_variables_that_cannot_be_named() -> None:
    made, tally = function("def f(x):\n    for y in x:\n        y()\n        y()\n    return x")
    (noted,) = made.body
    assert isinstance(noted, Noted)
    flushed = next(node for node in noted.body if isinstance(node, Flushed))
    names = {node.id for node in ast.walk(made) if isinstance(node, ast.Name) and is_counter(node.id)}
    assert names == {".count1"} and not names.pop().isidentifier()
    (end,) = flushed.finalbody
    assert isinstance(end, ast.AugAssign) and isinstance(end.target, ast.Attribute)
    assert isinstance(end.target.value, Given) and end.target.value.object is tally.counters[1]


def test_what_is_added_has_the_lines_of_the_program() -> None:
    text = "def f(x):\n    for y in x:\n        if y:\n            y()\n        y(\n        )\n    return x"
    module, _ = counted_module(module_source(text, "counting"))
    plain = compile(text, "counting", "exec").co_consts[0]
    code = next(one for one in compiled_module(module).co_consts if isinstance(one, types.CodeType))
    lines = {position.lineno for position in map(_position, dis.get_instructions(code)) if position.lineno}
    assert lines == {position.lineno for position in map(_position, dis.get_instructions(plain)) if position.lineno}
    assert _calls(code) == _calls(plain)


def _calls(code: types.CodeType) -> list[dis.Positions]:
    return [_position(instruction) for instruction in dis.get_instructions(code) if instruction.opname == "CALL"]


def _position(instruction: dis.Instruction) -> dis.Positions:
    return instruction.positions or dis.Positions()


def test_the_program_s_tree_stays_as_it_is() -> None:
    text = "def f(x):\n    while x:\n        try:\n            x()\n        except E:\n            pass\n    return x"
    tree = ast.parse(text)
    before = ast.dump(tree, include_attributes=True)
    counted(tree, "counting", "<module>")
    assert ast.dump(tree, include_attributes=True) == before


def test_only_what_has_loops_is_timed() -> None:
    assert function("def f(x):\n    return x", timed=True)[1].watch is None
    _, tally = function("def f(x):\n    for y in x:\n        for z in y:\n            z()", timed=True)
    assert tally.watch is not None and list(tally.watches) == [0]
    plain = ast.parse("def f(x):\n    return x").body[0]
    every = counted(plain, "counting", "f", Timing(Watch, Watch, every=True))[1][0]
    assert every.watch is not None
    _, tally = function("def f(x):\n    for y in x:\n        yield y", timed=True)
    assert tally.watch is None and not tally.watches


def test_given_constants_are_the_very_objects() -> None:
    counter = Count()
    tree = ast.fix_missing_locations(ast.Module([ast.Expr(ast.Attribute(given(counter), "n", ast.Load()))], []))
    code = filled(compile(tree, "given", "exec"))
    assert any(constant is counter for constant in code.co_consts)
    assert hash(code) == hash(code)
    kept = weakref.ref(counter)
    del counter, tree
    assert kept() is not None
    del code
    gc.collect()
    assert kept() is None
    same = compile("1", "given", "exec")
    assert filled(same) is same
