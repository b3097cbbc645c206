"""Magnitudes: whether the absolute value of a complex number is less than a number is told without taking a root.

The squares tell it, unless they are so near to each other, so large or so small that their roundings might. What the
absolute value itself is must then not matter to anyone else.
"""

from __future__ import annotations

from zexus.regvm.ir import Block, Function, Instr, Value

_MIRRORED = {"LT": "GT", "GT": "LT", "LE": "GE", "GE": "LE"}


def magnitudes(fn: Function) -> bool:
    """Put a comparison of squares for each HYPOT that is only compared, and beside its comparisons."""
    users: dict[Value, list[Instr]] = {}
    handed = {value for way in fn.exits for value, _ in way.leaves}
    handed |= {value for block in fn.blocks for phi in block.phis for value in phi.incoming.values()}
    for instr in fn.instructions():
        for value in instr.args:
            users.setdefault(value, []).append(instr)
    changed = False
    for block in fn.blocks:
        for instr in [i for i in block.instrs if i.op == "HYPOT" and i.dest not in handed]:
            assert instr.dest is not None
            tests = users.get(instr.dest, [])
            if tests and all(_is_test(test, instr.dest) for test in tests) and _beside(block, instr, tests):
                _replace(instr, tests)
                block.instrs.remove(instr)
                changed = True
    return changed


def _is_test(instr: Instr, value: Value) -> bool:
    return instr.op in _MIRRORED and instr.args.count(value) == 1


def _beside(block: Block, instr: Instr, tests: list[Instr]) -> bool:
    """Whether nothing happens between the absolute value and its comparisons that could not happen twice."""
    if any(test not in block.instrs for test in tests):
        return False
    start = block.instrs.index(instr)
    end = max(block.instrs.index(test) for test in tests)
    return all(between.row.effect in ("", "read") for between in block.instrs[start:end])


def _replace(instr: Instr, tests: list[Instr]) -> None:
    for test in tests:
        left = test.args[0] is instr.dest
        test.imm = test.op if left else _MIRRORED[test.op]
        test.args = [*instr.args, test.args[1] if left else test.args[0]]
        test.op, test.exit = "HYPOT_TEST", instr.exit
