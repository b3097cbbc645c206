"""Loops: cursors that begin, are asked and go on; iterators without a native form are drawn from as they are."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Sequence
from types import GeneratorType
from typing import Any

from zexus import layout, types
from zexus.codes import Unsupported
from zexus.jit import worth
from zexus.jit.forms import ranges, sequences
from zexus.jit.specialize.attributes import Attributes
from zexus.jit.specialize.raising import Raising, loud
from zexus.jit.specialize.world import is_silent
from zexus.jit.trace import Rep
from zexus.regvm import cfg, iterators, suspended
from zexus.regvm.ir import Instr, Value
from zexus.types import BOOL, OBJECT, Type


class Iterating(Raising, Attributes):
    """The instructions that go over something."""

    def _op_ITER(self, instr: Instr, args: list[Rep]) -> Rep:
        if isinstance(args[0].type, types.Cursor):
            assert instr.context is not None and instr.env is not None
            locals_ = instr.context.code.code.locals
            holders = (locals_[register] for register, value in instr.env.items()
                       if value is instr.args[0] and register < len(locals_))
            if not all(holder.startswith(".") for holder in holders):
                # The variable would have to advance with the loop; those of comprehensions are read only here.
                raise Unsupported("ZX017", detail="an iterator that a variable holds")
        seen = self.seen(instr)
        if args[0].type == OBJECT and seen and all(one == types.Cursor("range") for one in seen):
            args = [sequences.unbox_as(self.t, args[0].value, ranges.HELD)]
        try:
            return sequences.begin(self.t, args[0])
        except Unsupported as refusal:
            if not self.may_call(instr):
                raise
            return self.iterator(instr, args[0], refusal)

    def iterator(self, instr: Instr, rep: Rep, refusal: Unsupported) -> Rep:
        """What `iter` makes of an object that has no cursor of its own."""
        t, seen = self.t, self.seen(instr)
        kinds = {one.of for one in seen if isinstance(one, types.Cursor) and one.kind == "object"}
        if len(kinds) != len(seen) or not kinds:
            raise refusal
        kind = kinds.pop() if len(kinds) == 1 else None
        if kind is GeneratorType and self.is_left_early(instr):
            raise refusal  # what it has to do at its end would be done too late
        cursor = types.Cursor("object", (OBJECT,), kind)
        made = self.called(instr, builtins.iter, [rep], cursor)
        if kind is not None:
            t.emit("GUARD_TYPE", (made,), "", t.ref(kind, f"type {kind.__name__}"), "ZX031")
        return Rep(cursor, (made,))

    def is_left_early(self, begun: Instr) -> bool:
        """Whether a loop over an iterator may be left before that has ended, for other code of the region."""
        loop = next((loop for loop in cfg.loops(self.fn)
                     if any(begun.dest in phi.incoming.values() for phi in loop.header.phis)), None)
        if loop is None:
            return True
        cursors = {phi.dest for phi in loop.header.phis}
        asking = {block for block in loop.blocks for instr in block.instrs
                  if instr.op == "HAS_NEXT" and instr.args[0] in cursors}
        return any(target not in loop.blocks for block in loop.blocks if block not in asking
                   for target in cfg.following(block))

    def called(self, instr: Instr, function: Any, args: list[Rep],
               result: Type | Callable[[Value], Rep] | None = OBJECT, names: Sequence[str] = ()) -> Value:
        """What a function of the interpreter answers that may run other code: the loop is native around the call.

        Args:
            instr: the instruction that calls it.
            function: what is called.
            args: with which arguments.
            result: what the register machine finds as the result of the instruction: the answer as a value of this
                type, or what is made of it; None if that has none.
            names: the keywords of the last arguments.
        """
        t = self.t
        number = t.ref(function, f"{getattr(function, '__qualname__', type(function).__name__)}()")
        operands = (t.emit("REF", (), "ptr", number), *map(t.boxed, args))
        given = tuple(map(sys.intern, names))
        how = (len(operands), t.ref(given, f"keywords {', '.join(given)}"), len(given)) if given else len(operands)
        made = t.emit("CALL_OBJECT", operands, "ptr", how, "ZX033")
        self.catch(instr, made, loud)
        held = Rep(result, (made,)) if isinstance(result, Type) else result(made) if result is not None else None
        t.after = (instr, held)
        self.world_again()
        return made

    def _op_HAS_NEXT(self, instr: Instr, args: list[Rep]) -> Rep:
        (rep,) = args
        if not isinstance(rep.type, types.Cursor) or rep.type.kind != "object":
            return Rep(BOOL, (sequences.ready(self.t, rep),))
        return self.ask(instr, rep)

    def ask(self, instr: Instr, rep: Rep) -> Rep:
        """Draw from an iterator; from then on the cursor has what was drawn."""
        t, kind = self.t, rep.type
        assert isinstance(kind, types.Cursor)
        quiet = kind.of in iterators.QUIET
        if not quiet and not self.may_call(instr):
            raise Unsupported("ZX017", detail="an iterator that may run other code")
        runs = worth.RUNNING if kind.of in (None, GeneratorType) else None
        structure = iterators.KEPT.get(kind.of) if kind.of is not None and not layout.choosing_problem() else None
        if structure is not None:
            held = t.emit("DRAW_KEPT", rep.values, "ptr", structure, "ZX033")
        else:
            held = t.emit("DRAW_QUIETLY" if quiet else "DRAW", rep.values, "ptr", runs, "ZX033")
        has = t.emit("NOT", (t.emit("SAME", (held, t.emit("NULL", (), "ptr")), "i1"),), "i1")
        t.reps[instr.args[0]] = Rep(types.Cursor("drawn", (OBJECT, OBJECT, BOOL), kind.of), (*rep.values, held, has))
        t.after = (instr, Rep(BOOL, (has,)))
        if not quiet:
            self.world_again()
        return Rep(BOOL, (has,))

    def _op_RESUME(self, instr: Instr, args: list[Rep]) -> Rep:
        number, code = instr.imm
        kind = args[0].type
        if not isinstance(kind, types.Cursor) or kind.kind != "generator" or kind.of is not code:
            raise Unsupported("ZX017", detail=str(kind))
        part = sequences.parts(args[0])[number]
        return part if number else Rep(types.Cursor("running", (types.OBJECT,), code), part.values)

    def _op_SUSPEND(self, instr: Instr, args: list[Rep]) -> Rep:
        _, code = instr.imm
        kinds = (types.OBJECT, *(rep.type for rep in args[1:]))
        return Rep(types.Cursor("generator", kinds, code), tuple(v for rep in args for v in rep.values))

    def _op_CLOSE(self, instr: Instr, args: list[Rep]) -> Rep:
        """What a generator still holds ends with it, which may run other code."""
        t, before = self.t, len(self.t.block.instrs)
        none = Rep(BOOL, (t.k("i1", False),))
        self.called(instr, suspended.close, [Rep(OBJECT, args[0].values)], lambda _: none)
        for made in t.block.instrs[before:]:
            made.context, made.index = instr.imm  # it costs that as often as the generator returns
        return none

    def _op_VALUE(self, instr: Instr, args: list[Rep]) -> Rep:
        (rep,), seen = args, self.seen(instr)
        if not isinstance(rep.type, types.Cursor) or rep.type.kind != "drawn":
            return sequences.current(self.t, rep, seen)
        t = self.t
        made = sequences.unbox(t, rep.values[1], seen, None)
        if not is_silent(made):
            # The one before ends where its variable is assigned.
            self.stay_quiet([made])
            t.emit("SWEEP", (), "")
            t.after = (instr, made)
            self.world_again()
        return made

    def _op_ADVANCE(self, instr: Instr, args: list[Rep]) -> Rep:
        (rep,) = args
        if not isinstance(rep.type, types.Cursor) or rep.type.kind != "drawn":
            return sequences.advanced(self.t, rep)
        return Rep(types.Cursor("object", (OBJECT,), rep.type.of), rep.values[:1])
