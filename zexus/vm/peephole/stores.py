"""Rules on stores: temporaries whose value can wait on the stack, and stores that nobody reads."""

from __future__ import annotations

from typing import Any

from zexus.bytecode import Code, Instruction, stack_effect, successors
from zexus.vm.peephole.constants import is_plain
from zexus.vm.peephole.jumps import CONTROL
from zexus.vm.peephole.rules import OptimizationLevel, Work, rule
from zexus.vm.peephole.windows import BOOLEAN, GONE

TEMPORARY = rule("temporary on the stack", "dead_stores", OptimizationLevel.MODERATE,
                 "a local of the compiler's own (its name begins with a dot) is stored once and loaded once in one "
                 "straight piece, and what lies between leaves the stack below alone")
DEAD_STORE = rule("dead store", "dead_stores", OptimizationLevel.AGGRESSIVE,
                  "no path reads the local before it is stored again, those through handlers included; and all it ever "
                  "holds are plain constants and bools, so that no object lives longer or shorter, or it is the "
                  "compiler's own (its name begins with a dot)")


_USES = ("LOAD_LOCAL", "STORE_LOCAL")


def _visible(code: Code) -> set[str]:
    """Locals that are looked at from outside the instructions."""
    seen = {*code.results, *code.kept, *code.shared, *code.cells, *code.locals[: code.params]}
    for block in code.blocks:
        seen.update(block.params)
    return set(code.locals) if code.is_module else seen


def keep_on_stack(code: Code, listing: list[Instruction], breaks: set[int], work: Work) -> None:
    """Take out temporaries; what is removed leaves `GONE` in its place.

    Args:
        code: where the listing comes from.
        listing: the instructions, changed in place.
        breaks: indices at which a straight piece begins.
    """
    visible = _visible(code)
    hidden = {index for index, name in enumerate(code.locals) if name[0] == "." and name not in visible}
    uses: dict[int, list[int]] = {}
    for index in [i for i, one in enumerate(listing) if one.op in _USES and one.arg in hidden]:
        uses.setdefault(listing[index].arg, []).append(index)
    # The last one first: it lies on top.
    for store, load in sorted((places for places in uses.values() if len(places) == 2), reverse=True):
        if listing[store].op != "STORE_LOCAL" or listing[load].op != "LOAD_LOCAL":
            continue
        above = _height(listing, range(store + 1, load + 1), breaks)
        if above is None or above > 1:
            continue
        here = listing[load]
        listing[store] = GONE
        listing[load] = GONE if above == 0 else Instruction("SWAP", 2, here.position, here.statement)
        work.nops = True
        work.used(TEMPORARY.name)


def _height(listing: list[Instruction], span: range, breaks: set[int]) -> int | None:
    """How many values lie above the stored one at the load; None when it would be in the way."""
    above = 0
    for index in span:
        if index in breaks:
            return None
        instruction = listing[index]
        if index == span[-1]:
            break
        if instruction is GONE:
            continue
        pops, pushes = stack_effect(instruction)
        if instruction.op in ("COPY", "SWAP"):
            pops = max(pops, instruction.arg)
            if above < pops:
                return None
            above += instruction.op == "COPY"
            continue
        if above < pops or instruction.op in CONTROL:
            return None
        above += pushes - pops
    return above


def drop_dead(code: Code, consts: list[Any], listing: list[Instruction], breaks: set[int], work: Work) -> None:
    """Turn stores that nobody reads into POP.

    Args:
        code: without fused rows; the Code whose instructions the listing is, for its successors and handlers.
        consts: its constants.
        listing: the instructions, changed in place.
        breaks: indices at which a straight piece begins.
    """
    candidates = _candidates(code, consts, listing, breaks)
    if not candidates:
        return
    live = _live_after(code, candidates)
    for index, instruction in enumerate(listing):
        if instruction.op != "STORE_LOCAL" or instruction.arg not in candidates:
            continue
        # With FOR_ITER a store is one instruction, a POP would be another one.
        if not live[index] >> instruction.arg & 1 and not (index and listing[index - 1].op == "FOR_ITER"):
            listing[index] = Instruction("POP", None, instruction.position, instruction.statement)
            work.used(DEAD_STORE.name)


def _candidates(code: Code, consts: list[Any], listing: list[Instruction], breaks: set[int]) -> set[int]:
    visible = _visible(code)
    found = {index for index, name in enumerate(code.locals) if name not in visible}
    for index, instruction in enumerate(listing):
        if instruction.op == "STORE_LOCAL" and instruction.arg in found and code.locals[instruction.arg][0] != ".":
            maker = listing[index - 1] if index and index not in breaks else GONE
            if maker.op not in BOOLEAN and not (maker.op == "LOAD_CONST" and is_plain(consts[maker.arg])):
                found.discard(instruction.arg)
    return found


def _live_after(code: Code, candidates: set[int]) -> list[int]:
    """The candidates that may be read behind each instruction, as bits."""
    size = len(code.instructions)
    reads, writes = [0] * size, [0] * size
    for index, instruction in enumerate(code.instructions):
        if instruction.op == "LOAD_LOCAL" and instruction.arg in candidates:
            reads[index] = 1 << instruction.arg
        elif instruction.op == "STORE_LOCAL" and instruction.arg in candidates:
            writes[index] = 1 << instruction.arg
    following = [successors(code, index) for index in range(size)]
    for handler in code.handlers:
        for index in range(handler.start, handler.end):
            following[index] = [*following[index], handler.target]
    before, after = [0] * size, [0] * size
    changed = True
    while changed:
        changed = False
        for index in reversed(range(size)):
            out = 0
            for target in following[index]:
                if target < size:
                    out |= before[target]
            taken = reads[index] | (out & ~writes[index])
            if out != after[index] or taken != before[index]:
                after[index], before[index], changed = out, taken, True
    return after
