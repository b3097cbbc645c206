"""The allocation checker: proves that an allocated function computes what its SSA form does.

Symbolic execution in the manner of regalloc2's checker: for each place it follows, over all paths, which SSA values it
must hold; every operand of every instruction has to find its value where the allocation says that it is. What it
proves covers SSA destruction, coalescing, colouring and spill code, none of which it knows.
"""

from __future__ import annotations

from collections.abc import Hashable

from zexus import ops
from zexus.regvm.ir import Block, Function, Instr, Value

_CONSTANTS = frozenset(("CONST", "UNBOUND"))
# For each place the values that it holds on every path: SSA values, and (op, immediate) of constants.
State = dict[int, frozenset[Hashable]]
_NOTHING: frozenset[Hashable] = frozenset()


class InvalidAllocation(ValueError):
    """An allocation that changes what a function means; the message names the instruction."""


def check(before: Function, after: Function) -> None:
    """Prove an allocation.

    Args:
        before: the function of form "ssa".
        after: what `allocate` made of it.

    Raises:
        InvalidAllocation: naming an instruction that would find a wrong value.
    """
    _Checker(before, after).run()


class _Checker:
    def __init__(self, before: Function, after: Function) -> None:
        self.before = before
        self.after = after
        self.originals = {block.number: block for block in before.blocks}
        self.symbols: dict[Value, Hashable] = {
            i.dest: (i.op, i.imm) for i in before.instructions() if i.dest is not None and i.op in _CONSTANTS}
        self.constants = {i.dest.number for i in after.entry.instrs if i.dest is not None and i.op in _CONSTANTS}
        self.entry: dict[Block, State] = {}
        self.work: list[Block] = []
        self.block = after.entry

    def symbol(self, value: Value) -> Hashable:
        return self.symbols.get(value, value)

    def wrong(self, what: object, problem: str) -> InvalidAllocation:
        return InvalidAllocation(f"{self.after.name}: bb{self.block.number}: {what!r}: {problem}")

    def run(self) -> None:
        params = [param.number for param in self.after.params]
        if len(params) != len(self.before.params) or len(set(params)) != len(params):
            raise self.wrong(self.after.params, "the parameters have no places of their own")
        if self.after.entry.number != self.before.entry.number:
            raise self.wrong(self.after.entry, "another entry")
        self.entry[self.after.entry] = {
            place: frozenset((value,)) for place, value in zip(params, self.before.params, strict=True)}
        self.work.append(self.after.entry)
        while self.work:
            self.block = self.work.pop()
            self.walk(dict(self.entry[self.block]))

    def walk(self, state: State) -> None:
        """Follow a block from the state at its beginning."""
        original = self.originals.get(self.block.number)
        wanted = [] if original is None else [i for i in original.instrs if i.op not in _CONSTANTS]
        if original is None and any(i.op not in ops.COPIES | {"JUMP"} for i in self.block.instrs):
            raise self.wrong(self.block, "a block that was none holds more than moves")
        if original is not None and _number(original.catches) != _number(self.block.catches):
            raise self.wrong(self.block, "another handler")
        position = 0
        for instr in self.block.instrs:
            if instr.op in ops.COPIES:
                self.copy(instr, state)
                continue
            if instr.op in _CONSTANTS:
                self.constant(instr, state)
                continue
            if original is None:
                break
            if position == len(wanted):
                raise self.wrong(instr, "an instruction too many")
            self.same(instr, wanted[position], state)
            position += 1
        if position != len(wanted):
            raise self.wrong(wanted[position], "it is missing")
        for number, target in enumerate(self.block.terminator.targets):
            arrived = self.originals.get(target.number)
            if original is None:
                (source,) = (b for b in self.after.blocks if self.block in b.terminator.targets)
                self.flow(target, state, self.originals[source.number])
                continue
            expected = original.terminator.targets[number]
            if arrived is None:
                # A split edge: the phis of its end take what this block brings.
                if _number(target.terminator.targets[0]) != expected.number:
                    raise self.wrong(self.block.terminator, "a split edge leads elsewhere")
                self.flow(target, state, None)
            elif arrived is expected:
                self.flow(target, state, original)
            else:
                raise self.wrong(self.block.terminator, f"bb{expected.number} is wanted")

    def same(self, instr: Instr, wanted: Instr, state: State) -> None:
        """An instruction against its original: operands hold what they should, the result is new."""
        if instr.op != wanted.op or instr.imm != wanted.imm or len(instr.args) != len(wanted.args):
            raise self.wrong(instr, f"{wanted!r} is wanted")
        for place, value in zip(instr.args, wanted.args, strict=True):
            if self.symbol(value) not in state.get(place.number, _NOTHING):
                raise self.wrong(instr, f"{place!r} does not hold {value!r} of {wanted!r}")
            if self.is_slot(place) and not _many(instr):
                raise self.wrong(instr, f"{place!r} is a slot")
        if self.block.catches is not None and instr.op not in ops.QUIET:
            self.flow(self.block.catches, state, self.originals[self.block.number])
        if (instr.dest is None) != (wanted.dest is None):
            raise self.wrong(instr, f"{wanted!r} is wanted")
        if instr.dest is None or wanted.dest is None:
            return
        if instr.dest.number >= self.after.registers:
            raise self.wrong(instr, f"{instr.dest!r} is no register")
        for place_number, held in state.items():
            if wanted.dest in held:
                state[place_number] = held - {wanted.dest}
        state[instr.dest.number] = frozenset((wanted.dest,))

    def copy(self, instr: Instr, state: State) -> None:
        assert instr.dest is not None
        (source,), dest = instr.args, instr.dest
        if self.is_slot(source) != (instr.op == "RELOAD") or self.is_slot(dest) != (instr.op == "SPILL"):
            raise self.wrong(instr, "MOVE is between registers, SPILL into a slot, RELOAD out of one")
        if dest.number in self.constants:
            raise self.wrong(instr, "a constant is overwritten")
        state[dest.number] = state.get(source.number, _NOTHING)

    def constant(self, instr: Instr, state: State) -> None:
        assert instr.dest is not None
        if self.block is not self.after.entry or instr.dest.number < self.after.registers:
            raise self.wrong(instr, "constants are defined in the entry, and are no registers")
        if state.get(instr.dest.number):
            raise self.wrong(instr, "a constant's place is taken")
        state[instr.dest.number] = frozenset(((instr.op, instr.imm),))

    def is_slot(self, place: Value) -> bool:
        return place.number >= self.after.registers and place.number not in self.constants

    def flow(self, target: Block, state: State, source: Block | None) -> None:
        """Bring a state to a block; `source` is the original that decides its phis, None on the way to them."""
        brought = state
        if source is not None:
            phis = self.originals[target.number].phis
            gone = {phi.dest for phi in phis}
            brought = {}
            for place, held in state.items():
                new = {phi.dest for phi in phis if self.symbol(phi.incoming[source]) in held}
                brought[place] = (held - gone) | new
        known = self.entry.get(target)
        if known is None:
            met = dict(brought)
        else:
            met = {place: held & brought[place] for place, held in known.items() if place in brought}
            if all(met.get(place, _NOTHING) == held for place, held in known.items()):
                return
        self.entry[target] = met
        if target not in self.work:
            self.work.append(target)


def _number(block: Block | None) -> int | None:
    return None if block is None else block.number


def _many(instr: Instr) -> bool:
    """Whether an instruction may have more operands than there are registers at least."""
    return ops.OPS[instr.op].arity < 0 or len(instr.args) > 2 or instr.op == "LEAVE"
