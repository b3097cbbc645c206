"""Slices of lists that are only iterated over: read in place, as long as nothing can change the list meanwhile."""

from __future__ import annotations

from zexus.jit.forms import sequences
from zexus.jit.specialize.state import State
from zexus.jit.trace import Trace
from zexus.regvm import cfg
from zexus.regvm.cfg import Loop
from zexus.regvm.ir import Block, Instr, Value
from zexus.types import Type

# What stands between a slice and its loop and may write to lists, and the functions that do not.
_HAZARDS = frozenset(("SETITEM", "DELITEM", "PYBLOCK", "LIST_ADD", "SET_ADD", "DICT_SET", "STORE_GLOBAL", "STORE_CELL",
                      "UNPACK"))
_HARMLESS = frozenset(("abs", "bool", "enumerate", "float", "int", "len", "max", "min", "range", "reversed", "round",
                       "sum", "zip"))
_CALLS = ("CALL", "CALL_KEYWORD")
_CALLED = (*_CALLS, "EXPECT", "OWNER")


class Parts(State):
    """Which slices need no list of their own."""

    def study_parts(self) -> None:
        """Note who uses what in the general form."""
        self.users, self.makers = {}, {}
        self.homes: dict[Value, Block] = {}
        for block in self.order:
            for instr in block.instrs:
                if instr.dest is not None:
                    self.homes[instr.dest], self.makers[instr.dest] = block, instr
                for value in instr.args:
                    self.users.setdefault(value, []).append(instr)
            for phi in block.phis:
                for value in phi.incoming.values():
                    self.users.setdefault(value, []).append(Instr("PHI", []))

    def passes_by(self, instr: Instr) -> bool:
        """Whether a slice at once becomes a loop's cursor, maybe by `zip` or `enumerate`, or is summed or counted."""
        assert instr.dest is not None
        if instr.dest in self.settling:
            return False
        block = self.homes[instr.dest]
        last = instr
        while last.op != "ITER" and not self.uses_up(last):
            users = self.users.get(last.dest, []) if last.dest is not None else []
            if len(users) != 1 or users[0].op not in ("ITER", *_CALLS) or users[0] not in block.instrs:
                return False
            last = users[0]
        between = block.instrs[block.instrs.index(instr) + 1:block.instrs.index(last)]
        risky = {i.dest for i in block.instrs
                 if i.op == "GETATTR" or (i.op == "LOAD_GLOBAL" and i.imm not in _HARMLESS)}
        return not any(i.op in _HAZARDS or (i.op == "CALL" and i.args[0] in risky) for i in between)

    def is_walked(self, instr: Instr) -> bool:
        """Whether nothing is done with a value but loops over it."""
        assert instr.dest is not None
        return all(user.op == "ITER" for user in self.users.get(instr.dest, []))

    def is_gone_over(self, instr: Instr) -> bool:
        """Whether a value may only be wanted for what it iterates over: it is put in nowhere."""
        assert instr.dest is not None
        return all(user.op in ("ITER", "PHI", *_CALLS) for user in self.users.get(instr.dest, []))

    def is_called(self, instr: Instr) -> bool:
        """Whether nothing is done with a value but calls of it."""
        assert instr.dest is not None
        return all(user.op in _CALLED and user.args[0] is instr.dest and instr.dest not in user.args[1:]
                   for user in self.users.get(instr.dest, []))

    def uses_up(self, call: Instr) -> bool:
        """Whether a call is one of `sum` or `len`."""
        if call.op not in _CALLS or self.homes[call.args[0]] is not self.homes.get(call.dest):  # type: ignore[arg-type]
            return False
        maker = next(i for i in self.homes[call.args[0]].instrs if i.dest is call.args[0])
        return maker.op == "LOAD_GLOBAL" and maker.imm in ("sum", "len")

    def note_part(self, header: Block, kind: Type) -> None:
        """A loop has a cursor that goes over a part of a list."""
        if sequences.is_lazy(kind):
            self.over_parts.add(header)

    def disturbed(self, trace: Trace) -> bool:
        """Whether a loop over a part of a list may change lists; then those parts are settled in the next attempt."""
        loops = {loop.header: loop for loop in cfg.loops(trace.fn)} if self.over_parts else {}
        found = {header for header in self.over_parts
                 if (loop := loops.get(self.made[header])) is not None and _changes_lists(loop)}
        for header in found:
            work = [value for phi in header.phis for value in phi.incoming.values()]
            makers = {i.dest: i for b in self.order for i in b.instrs if i.dest is not None}
            while work:
                maker = makers.get(work.pop())
                if maker is None or maker.op not in ("ITER", *_CALLS, "GETITEM"):
                    continue
                if maker.op == "GETITEM" and maker.dest is not None:
                    self.settling.add(maker.dest)
                else:
                    work.extend(maker.args)
        return bool(found)


def _changes_lists(loop: Loop) -> bool:
    """Whether a typed loop may write to a list that was there before, or runs other code.

    Its time slices stand outside of it: there, its cursor goes over to a copy.
    """
    for block in loop.blocks:
        for instr in block.instrs:
            if instr.op != "ARRAY_STORE" and (instr.row.effect in ("write", "call") or instr.row.facts.writes):
                return True
    return False
