"""A round over a listing: what is reached is emitted piece by piece through the rules, then everything is relocated.

A piece is a stretch that nothing jumps into the middle of, and at whose inside no handler begins or ends. Rules see one
piece only, so that jumps, handlers and loops need to know no more than where each piece went.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zexus import ops
from zexus.bytecode import Code, InnerLoop, Instruction, parts, split
from zexus.settings import VM_DEFAULTS
from zexus.vm.peephole import constants, facts, fuse, jumps, reduce, stores, windows
from zexus.vm.peephole.rules import WINDOWS, OptimizationLevel, Window, Work

__all__ = ["optimize"]

_MODULES = (constants, windows, reduce)  # whose window rules are registered when they are imported
_FUSED = frozenset(name for name, row in ops.OPS.items() if row.parts)
_WATCHED = jumps.CONTROL | _FUSED | {"NOP"}
_CARRYING = frozenset(name for name, row in ops.OPS.items() if "const" in row.argument.split())
# Which part of what a fused row carries is its label.
_LABELLED = {name: row.argument.split().index("label") for name, row in ops.OPS.items()
             if row.parts and "label" in row.argument.split()}
_STRAIGHTENED = frozenset(("JUMP", "JUMP_IF_FALSE", "JUMP_IF_TRUE"))
_NEVER = 1 << 62

_Table = dict[str, dict[str, tuple[Window, ...]]]
_Finish = Callable[[list[Instruction], list[Instruction], list[int]], int]


def _table(level: OptimizationLevel) -> _Table:
    """The window rules of a level, by the opcode that comes and the one that was emitted last."""
    found: _Table = {}
    for made, opcodes, after, function in WINDOWS:
        for op in opcodes if made.level <= level else ():
            rules = found.setdefault(op, {})
            for last in after:
                rules[last] = (*rules.get(last, ()), function)
    return found


_TABLES = [_table(level) for level in OptimizationLevel]
_NONE, _BASIC, _MODERATE, _AGGRESSIVE = map(int, OptimizationLevel)


def optimize(code: Code, level: int, rounds: int = VM_DEFAULTS.peephole.rounds) -> tuple[Code, dict[str, int]]:
    """An equal Code with fewer instructions, and how often each rule was used.

    Args:
        code: verified; it stays as it is.
        level: an `OptimizationLevel`: which rules are used.
        rounds: how often they run at most.
    """
    work = Work(list(code.consts))
    level = int(level)  # comparisons of the enumeration's members cost more than those of numbers
    if level == _NONE:
        return code, work.counts
    made = code
    fusing = level >= _MODERATE
    settled = level < _AGGRESSIVE
    for _ in range(rounds):
        before = 0 if settled else sum(work.counts.values())
        work.again = False
        work.counts.pop(fuse.FUSE.name, None)
        made = _round(made, level, fusing and settled, work)
        if settled and not work.again:
            break
        settled = settled or sum(work.counts.values()) == before
    return _compact(made, work) if work.extended else made, work.counts


def _round(code: Code, level: int, fusing: bool, work: Work) -> Code:
    """Each rule of the level once over the listing; its constants are those of `work`."""
    branches = [index for index, instruction in enumerate(code.instructions) if instruction.op in _WATCHED]
    work.nops = False
    if any(code.instructions[index].op not in jumps.CONTROL for index in branches):
        code = unfused(code)
        branches = [index for index, instruction in enumerate(code.instructions) if instruction.op in jumps.CONTROL]
        work.nops = True
    listing = code.instructions.copy()
    if level >= _MODERATE:
        jumps.thread(listing, branches, work)
    loops = code.loops
    if level >= _MODERATE:
        loops = [_labelled(loop, lambda label: jumps.final(listing, label)) for loop in loops]
    stretches = jumps.reached(listing, branches, code.handlers)
    marks: set[int] = set()
    for handler in code.handlers:
        marks.update((handler.start, handler.end, handler.target))
    for loop in loops:
        marks.update((loop.head, loop.done, loop.end))
    for _, stop in stretches:
        instruction = listing[stop - 1]
        if instruction.op == "SWITCH":
            marks.update(instruction.arg)
        elif instruction.op in fuse.JUMPING:
            marks.add(instruction.arg)
    if level >= _AGGRESSIVE:
        work.left = facts.left_operands(code, work.consts) if reduce.wants_types(listing, work.consts) else {}
        stores.drop_dead(code, work.consts, listing, marks, work)
    if level >= _MODERATE and "\n." in "\n".join(("", *code.locals)):
        stores.keep_on_stack(code, listing, marks, work)
    dead = len(listing)
    for start, stop in stretches:
        dead -= stop - start
    if dead:
        work.used(jumps.UNREACHABLE.name, dead)
    out: list[Instruction] = []
    named: list[int] = []
    where = _emit(listing, stretches, sorted(marks), _TABLES[level], fuse.fuse if fusing else fuse.keep,
                  work, out, named)
    for index in named:
        instruction = out[index]
        op, arg = instruction.op, instruction.arg
        if op in _FUSED:
            instruction.arg = _labels(instruction, where)  # it was made in this round
        elif op == "SWITCH" or where[arg] != arg:
            out[index] = _relocated(instruction, where)
    handlers = [h.moved(where.__getitem__) for h in code.handlers
                if where[h.start] < where[h.end]]
    work.again = work.again or len(handlers) < len(code.handlers)
    last = len(out) - 1
    kept = [_labelled(loop, lambda label: min(where[label], last)) for loop in loops
            if any(start <= loop.head < stop for start, stop in stretches)]
    return _with(code, consts=work.consts, instructions=out, handlers=handlers, loops=kept)


def _labelled(loop: InnerLoop, move: Callable[[int], int]) -> InnerLoop:
    return InnerLoop(loop.place, move(loop.head), move(loop.done), move(loop.end), loop.has_cursor, loop.rest)


def _emit(listing: list[Instruction], stretches: list[tuple[int, int]], cuts: list[int], rules: _Table, finish: _Finish,
          work: Work, out: list[Instruction], named: list[int]) -> dict[int, int]:
    """Append what is reached to `out`, and to `named` where labels are; where each cut has gone."""
    rules_of = rules.get
    fused = 0
    where: dict[int, int] = {}
    piece: list[Instruction] = []
    last = ""
    skipped: list[int] = []
    coming = iter(cuts)
    cut = next(coming, _NEVER)
    for start, stop in stretches:
        position = start
        while position < stop:
            while cut < position:
                skipped.append(cut)
                cut = next(coming, _NEVER)
            if cut == position:
                if piece:
                    if last in _STRAIGHTENED:
                        jumps.straighten(piece, position, work)
                    fused += finish(piece, out, named)
                    piece = []
                    last = ""
                where[position] = len(out)
                for passed in skipped:
                    where[passed] = len(out)
                skipped.clear()
                cut = next(coming, _NEVER)
            until = cut if cut < stop else stop
            taken = listing[position:until]
            for instruction in windows.without_nops(taken, work) if work.nops else taken:
                op = instruction.op
                after = rules_of(op)
                if after is not None and last in after:
                    for apply in after[last]:
                        if apply(piece, instruction, work):
                            last = piece[-1].op if piece else ""
                            break
                    else:
                        piece.append(instruction)
                        last = op
                    continue
                piece.append(instruction)
                last = op
            position = until
    if piece:
        fused += finish(piece, out, named)
    if fused:
        work.used(fuse.FUSE.name, fused)
    while cut != _NEVER:
        skipped.append(cut)
        cut = next(coming, _NEVER)
    for passed in skipped:
        where[passed] = len(out)
    return where


def _labels(instruction: Instruction, where: Mapping[int, int]) -> Any:
    """What an instruction with labels carries once these are where they have gone."""
    op, arg = instruction.op, instruction.arg
    if op == "SWITCH":
        return tuple(where[label] for label in arg)
    if type(arg) is int:
        return where[arg]
    at = _LABELLED[op]
    return (*arg[:at], where[arg[at]], *arg[at + 1:])


def _relocated(instruction: Instruction, where: Mapping[int, int]) -> Instruction:
    """The instruction with its labels where they have gone."""
    op, arg = instruction.op, _labels(instruction, where)
    return instruction if arg == instruction.arg else Instruction(op, arg, instruction.position, instruction.statement)


def unfused(code: Code) -> Code:
    """An equal Code without fused rows."""
    pieces = [split(instruction) for instruction in code.instructions]
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece))
    where = dict(enumerate(starts))
    out = [_relocated(part, where) if part.op in fuse.JUMPING else part for piece in pieces for part in piece]
    loops = [_labelled(loop, where.__getitem__) for loop in code.loops]
    handlers = [h.moved(where.__getitem__) for h in code.handlers]
    return _with(code, instructions=out, handlers=handlers, loops=loops)


def _compact(code: Code, work: Work) -> Code:
    """The Code without the constants that nothing loads."""
    used = {part for instruction in code.instructions if instruction.op in _CARRYING
            for kind, part in parts(instruction) if kind == "const"}
    if len(used) == len(work.consts):
        return code
    kept = sorted(used)
    where = {old: new for new, old in enumerate(kept)}
    out = []
    for instruction in code.instructions:
        if instruction.op in _CARRYING:
            carried = tuple(where[part] if kind == "const" else part for kind, part in parts(instruction))
            arg = carried[0] if len(carried) == 1 else carried
            if arg != instruction.arg:
                instruction = Instruction(instruction.op, arg, instruction.position, instruction.statement)
        out.append(instruction)
    return _with(code, consts=[work.consts[old] for old in kept], instructions=out)


def _with(code: Code, **changes: Any) -> Code:
    """A copy with some fields changed; `dataclasses.replace` takes longer than all the rules do on small functions."""
    made = object.__new__(Code)
    made.__dict__ = {**code.__dict__, **changes}
    return made
