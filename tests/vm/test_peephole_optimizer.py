"""The peephole optimizer from outside: programs that stand alone, their errors, levels, statistics, tables moved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zexus.assembly import parse
from zexus.bytecode import Handler, InnerLoop, InvalidCode, Module, Position, verify
from zexus.ops import OPS
from zexus.vm.peephole.rules import RULES
from zexus.vm.peephole_optimizer import Instruction, OptimizationLevel, OptimizationStats, PeepholeOptimizer
from zexus.vm.vm import VM


def shown(level: str, *program: Instruction) -> str:
    return str(PeepholeOptimizer(level).optimize(program))


def test_the_documented_program(capsys: pytest.CaptureFixture[str]) -> None:
    vm = VM(enable_peephole_optimizer=True, optimization_level="MODERATE")
    optimized = vm.optimize_bytecode([
        Instruction('LOAD_CONST', 5), Instruction('LOAD_CONST', 3), Instruction('BINARY_ADD')])
    print(optimized)
    stats = vm.get_optimizer_stats()
    print(stats['constant_folds'], f"{stats['reduction_percent']:.1f}%")
    assert capsys.readouterr().out == "[LOAD_CONST(8)]\n1 66.7%\n"
    vm.reset_optimizer_stats()
    assert vm.get_optimizer_stats()["original_size"] == 0


def test_names_and_what_is_left_alone_stay_as_they_were_written() -> None:
    program = [Instruction("LOAD_NAME", "x", 3), Instruction("LOAD_FAST", "y"), Instruction("BINARY_SUBSCR"),
               Instruction("RETURN_VALUE")]
    assert PeepholeOptimizer("BASIC").optimize(program) == program
    assert shown("MODERATE", *program) == "[LOAD_GLOBAL__LOAD_LOCAL(('x', 'y')), BINARY_SUBSCR, RETURN_VALUE]"


def test_lines_stay_with_what_can_raise() -> None:
    made = PeepholeOptimizer().optimize([Instruction("LOAD_FAST", "x", 1), Instruction("LOAD_ATTR", "y", 2),
                                         Instruction("LOAD_CONST", 2, 3), Instruction("LOAD_CONST", 3, 4),
                                         Instruction("BINARY_MULTIPLY", None, 5), Instruction("BINARY_ADD", None, 6)])
    assert made == [Instruction("LOAD_LOCAL__GETATTR", ("x", "y"), 2), Instruction("LOAD_CONST__BINARY", (6, "ADD"), 6)]


def test_jumps_to_the_end_and_over_what_is_gone() -> None:
    program = [Instruction("LOAD_FAST", "x"), Instruction("POP_JUMP_IF_FALSE", 6), Instruction("NOP"),
               Instruction("LOAD_CONST", 1), Instruction("STORE_FAST", "y"), Instruction("JUMP", 6)]
    assert shown("BASIC", *program) == \
        "[LOAD_FAST('x'), TRUTH, JUMP_IF_FALSE(5), LOAD_CONST(1), STORE_FAST('y')]"


def test_stores_of_a_program_that_stands_alone_can_be_seen_behind_it() -> None:
    program = [Instruction("LOAD_CONST", 1), Instruction("STORE_FAST", ".x")]
    assert PeepholeOptimizer("AGGRESSIVE").optimize(program) == program


def test_nothing_and_none() -> None:
    assert PeepholeOptimizer().optimize([]) == []
    assert str([Instruction("LOAD_CONST", None), Instruction("POP")]) == "[LOAD_CONST(None), POP]"
    program = [Instruction("LOAD_CONST", 1), Instruction("POP_TOP")]
    assert PeepholeOptimizer("NONE").optimize(program) == program
    assert PeepholeOptimizer("BASIC").optimize(program) == []


@pytest.mark.parametrize(("program", "message"), [
    ([Instruction("BINARY_ADD")], "stack underflow at 0 BINARY_ADD"),
    ([Instruction("LOAD_CONST", 1), Instruction("FROB", 2)], r"unknown opcode at 1 FROB\(2\)"),
    ([Instruction("GUARD")], "unknown opcode at 0 GUARD"),
    ([Instruction(3)], "unknown opcode at 0 3"),  # type: ignore[arg-type]
    ([Instruction("JUMP", 2)], r"jump out of range at 0 JUMP\(2\)"),
    ([Instruction("JUMP", "x")], r"jump out of range at 0 JUMP\('x'\)"),
    ([Instruction("LOAD_CONST", 1), "POP"], "1 is no Instruction but 'POP'"),
    ([Instruction("LOAD_FAST")], "bad argument None at 0 LOAD_FAST"),
    ([Instruction("LOAD_CONST", 1), Instruction("COPY", 0)], r"bad argument 0 at 1 COPY\(0\)"),
    ([Instruction("POP_TOP", 3)], r"bad argument 3 at 0 POP_TOP\(3\)"),
    ([Instruction("LOAD_LOCAL__LOAD_LOCAL", "x")], r"2 arguments are needed at 0 LOAD_LOCAL__LOAD_LOCAL\('x'\)"),
    ([Instruction("PYBLOCK", 0)], r"needs a function around it at 0 PYBLOCK\(0\)"),
    ([Instruction("LOAD_CONST", 1), Instruction("TRUTH"), Instruction("JUMP_IF_TRUE", 1)],
     "stack underflow|depth 1 or 0"),
])
def test_wrong_programs_are_refused(program: Any, message: str) -> None:
    with pytest.raises(InvalidCode, match=message):
        PeepholeOptimizer().optimize(program)


def test_levels() -> None:
    for level in ("aggressive", 3, OptimizationLevel.AGGRESSIVE):
        assert PeepholeOptimizer(level).level is OptimizationLevel.AGGRESSIVE
    with pytest.raises(ValueError, match="'O9'; levels are NONE, BASIC, MODERATE, AGGRESSIVE"):
        PeepholeOptimizer("O9")
    with pytest.raises(ValueError, match="unknown optimization level 7"):
        PeepholeOptimizer(7)


def test_each_level_uses_its_rules_only() -> None:
    code = parse("code f (f.py:1) params 1\nlocals a .t\nconst 0: 1\n0 NOP\n1 LOAD_CONST 0\n2 STORE_LOCAL 1\n3 JUMP 4\n"
                 "4 JUMP 7\n5 LOAD_CONST 0\n6 RETURN\n7 LOAD_LOCAL 0\n8 LOAD_LOCAL 1\n9 ADD\n10 RETURN\n")
    used: set[str] = set()
    for level in OptimizationLevel:
        optimizer = PeepholeOptimizer(level)
        verify(optimizer.optimize_code(code))
        assert all(RULES[name].level <= level for name in optimizer.stats.rules)
        assert bool(optimizer.stats.rules) == (level > OptimizationLevel.NONE)
        used |= optimizer.stats.rules.keys()
    assert {"no operation", "unreachable code", "temporary on the stack"} <= used


def test_statistics_add_up() -> None:
    optimizer = PeepholeOptimizer("BASIC")
    program = [Instruction("LOAD_CONST", 5), Instruction("UNARY_NEGATIVE"), Instruction("NOP"), Instruction("RETURN")]
    for _ in range(2):
        optimizer.optimize(program)
    stats = optimizer.stats
    assert (stats.original_size, stats.optimized_size, stats.constant_folds, stats.dead_code_removed) == (8, 4, 2, 2)
    found = stats.as_dict()
    assert found["reduction_percent"] == 50.0 and found["total_optimizations"] == 4
    assert found["rules"] == {"constant folding": 2, "no operation": 2} and found["seconds"] > 0
    optimizer.reset()
    assert optimizer.stats == OptimizationStats() and optimizer.stats.reduction_percent == 0.0


MOVED = """\
code f (f.py:1) params 1
locals xs x
const 0: 0
const 1: 1
handler 4 9 -> 12 depth 0
    2       0 NOP
            1 LOAD_CONST     0  ; 0
            2 POP
            3 NOP
    3 >>    4 LOAD_LOCAL     0  ; xs
    4       5 ITER
    5 >>    6 FOR_ITER       10
    6       7 POP
    7       8 JUMP           6
            9 NOP
    8 >>   10 LOAD_CONST     1  ; 1
           11 RETURN
    9 >>   12 RETURN
"""


def test_tables_and_lines_move_with_the_instructions() -> None:
    code = parse(MOVED)
    code.loops = [InnerLoop((5, 0, 0), 6, 10, 10, True)]
    made = PeepholeOptimizer("BASIC").optimize_code(code)
    verify(made)
    assert [(i.op, i.arg, i.position.line) for i in made.instructions if i.position] == [
        ("LOAD_LOCAL", 0, 3), ("ITER", None, 4), ("FOR_ITER", 5, 5), ("POP", None, 6), ("JUMP", 2, 7),
        ("LOAD_CONST", 1, 8), ("RETURN", None, 8), ("RETURN", None, 9)]
    assert made.handlers == [Handler(0, 5, 7, 0)]
    assert made.loops == [InnerLoop((5, 0, 0), 2, 5, 5, True)]
    assert code.handlers == [Handler(4, 9, 12, 0)] and len(code.instructions) == 13, "the given code was changed"


def test_a_loop_that_is_never_reached_is_forgotten() -> None:
    code = parse("code f (f.py:1) params 1\nlocals a\n0 LOAD_LOCAL 0\n1 RETURN\n2 JUMP 2\n")
    code.loops = [InnerLoop((1, 0, 0), 2, 2, 2, False)]
    assert PeepholeOptimizer("BASIC").optimize_code(code).loops == []


def test_a_handler_of_nothing_is_forgotten() -> None:
    code = parse("code f (f.py:1) params 1\nlocals a\nhandler 0 1 -> 3 depth 0\n0 NOP\n1 LOAD_LOCAL 0\n2 RETURN\n"
                 "3 RETURN\n")
    made = PeepholeOptimizer("BASIC").optimize_code(code)
    assert not made.handlers and len(made.instructions) == 2


def test_circles_of_jumps_stay() -> None:
    code = parse("code f (f.py:1) params 1\nlocals a\n0 LOAD_LOCAL 0\n1 TRUTH\n2 JUMP_IF_FALSE 4\n3 JUMP 5\n4 JUMP 5\n"
                 "5 JUMP 4\n")
    for level in OptimizationLevel:
        verify(PeepholeOptimizer(level).optimize_code(code))


def test_a_module_of_functions() -> None:
    code = parse("code main (f.py:1) params 0\nconst 0: 2\n0 LOAD_CONST 0\n1 LOAD_CONST 0\n2 ADD\n3 RETURN\n")
    module = Module("m", "f.py", {"main": code})
    made = PeepholeOptimizer().optimize_module(module)
    assert len(made.functions["main"].instructions) == 1 and made.functions["main"].module is made
    assert module.functions["main"] is code and code.module is module
    assert PeepholeOptimizer("NONE").optimize_module(module) is module
    assert VM("stack").run(module) == 4


def test_an_optimized_program_may_be_optimized_again() -> None:
    code = parse(MOVED)
    once = PeepholeOptimizer().optimize_code(code)
    twice = PeepholeOptimizer().optimize_code(once)
    assert str(twice) == str(once)
    assert all(isinstance(i.position, Position) for i in twice.instructions)


def test_the_guide_has_every_rule_and_fused_row() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "peephole.md").read_text(encoding="utf-8")
    for made in RULES.values():
        assert f"| {made.name} | {made.level.name} | `{made.kind}` | {made.condition} |" in guide
    for name, row in OPS.items():
        assert not row.parts or f"\n    {name}\n" in guide
