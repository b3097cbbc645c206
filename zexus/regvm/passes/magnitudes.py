"""Magnitudes: whether the absolute value of a complex number is less than a number is told without taking a root.

The squares tell it, unless they are so near to each other, so large or so small that their roundings might. What the
absolute value itself is must then not matter to anyone else; but of two that are compared with each other, the first
may still be handed to ways out in between.
"""

from __future__ import annotations

from zexus.regvm.ir import Block, Function, Instr, Value

_ORDINARY = 2.0**800  # the square of an absolute value that surely does not overflow
_MIRRORED = {"LT": "GT", "GT": "LT", "LE": "GE", "GE": "LE"}


def magnitudes(fn: Function) -> bool:
    """Put a comparison of squares for each HYPOT that is only compared, and beside its comparisons."""
    makers = {i.dest: i for i in fn.instructions() if i.op == "HYPOT"}
    users: dict[Value, list[Instr]] = {}
    handed = {value for way in fn.exits for value, _ in way.leaves}
    brought = {value for block in fn.blocks for phi in block.phis for value in phi.incoming.values()}
    handed |= brought
    for instr in fn.instructions():
        for value in instr.args:
            users.setdefault(value, []).append(instr)
    changed = False
    for block in fn.blocks:
        for instr in [i for i in block.instrs if i.op == "HYPOT" and i.dest not in handed]:
            assert instr.dest is not None
            tests = users.get(instr.dest, [])
            first = _compared(instr, tests, makers)
            if first is not None and first.dest is not None and users[first.dest] == tests \
                    and first.dest not in brought and _beside(block, first, tests):
                _replace_both(fn, block, first, instr, tests[0])
                changed = True
                continue
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


def _compared(instr: Instr, tests: list[Instr], makers: dict[Value | None, Instr]) -> Instr | None:
    """The other absolute value with which this one is compared, if there is one and that is all."""
    if len(tests) != 1 or tests[0].op not in _MIRRORED or instr.exit is None or tests[0].args[1] is not instr.dest:
        return None
    other = makers.get(tests[0].args[0])
    return None if other is instr or other is None or other.exit is None else other


def _replace_both(fn: Function, block: Block, first: Instr, second: Instr, test: Instr) -> None:
    """Compare the squares of both; the first one leaves early where it might overflow."""
    at = block.instrs.index(first)
    made: list[Instr] = []

    def emit(op: str, args: list[Value], kind: str, imm: object = None) -> Value:
        made.append(Instr(op, args, fn.value(kind), imm, index=first.index, context=first.context))
        assert made[-1].dest is not None
        return made[-1].dest

    squares = [emit("MUL", [part, part], "f64") for part in first.args]
    fits = emit("LT", [emit("ADD", squares, "f64"), emit("K", [], "f64", _ORDINARY)], "i1")
    made.append(Instr("GUARD", [fits], index=first.index, context=first.context))
    made[-1].exit, first.exit = first.exit, None
    block.instrs[at:at] = made
    test.op, test.imm, test.exit = "HYPOTS_TEST", _MIRRORED[test.op], second.exit
    test.args = [*first.args, *second.args]
    block.instrs.remove(second)


def _replace(instr: Instr, tests: list[Instr]) -> None:
    for test in tests:
        left = test.args[0] is instr.dest
        test.imm = test.op if left else _MIRRORED[test.op]
        test.args = [*instr.args, test.args[1] if left else test.args[0]]
        test.op, test.exit = "HYPOT_TEST", instr.exit
