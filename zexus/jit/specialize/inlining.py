"""Inlining: the region's general SSA form with the recorded callees in place."""

from __future__ import annotations

import types as python_types
from collections.abc import Sequence

from zexus.jit.hooks import Construction, Hook
from zexus.jit.recorder import Bound, function_of
from zexus.jit.specialize.splitting import Splitting
from zexus.jit.specialize.state import UNKNOWN
from zexus.regvm import calling, ssa
from zexus.regvm.build import Program
from zexus.regvm.declining import Answer
from zexus.regvm.ir import Block, Context, Function, Instr, Phi, Value, Variant
from zexus.regvm.machine import CALLS, HOOKED, called_with

# What becomes of the answer of the function that an operation calls.
_TESTS = {"IN": "TRUTH", "NOT_IN": "NOT", "TRUTH": "TRUTH", "NOT": "NOT"}
_TAKING_IN = frozenset(("HAS_NEXT",)) | CALLS | HOOKED


class Inlining(Splitting):
    """The general form."""

    def entered(self, fn: Function, blocks: list[Block]) -> list[tuple[Block, Instr]]:
        """Where other code is run that may be taken in."""
        parts = self.divided(fn, blocks)
        return [(block, instr) for block in parts for instr in block.instrs if instr.op in _TAKING_IN]

    def mark(self, blocks: list[Block], context: Context, program: Program) -> None:
        """Note how often the recorder saw blocks."""
        for block in blocks:
            self.runs[block] = self._reached(context, program, block)

    def _reached(self, context: Context, program: Program, block: Block) -> int:
        index = next((i.index for i in block.instrs if i.index >= 0), None)
        if index is None:
            return UNKNOWN
        start = max(s for s in program.starts.values() if s <= index)
        return self.profile.blocks.get((context.path, start), 0)

    def inline(self, fn: Function, block: Block, instr: Instr) -> list[tuple[Block, Instr]]:
        """Take in the function that a call was seen to call."""
        position = block.instrs.index(instr)
        context = instr.context
        assert context is not None
        callee_seen = self.callee_seen(instr)
        bound = isinstance(callee_seen, Bound)
        hooked = isinstance(callee_seen, Hook)
        constructs = isinstance(callee_seen, Construction)
        function = function_of(callee_seen)
        if not hooked and instr.op not in CALLS:
            return []
        if type(function) is not python_types.FunctionType:
            return []
        names = calling.names(instr.op, instr.imm) if instr.op in CALLS else ()
        sized = isinstance(callee_seen, Hook) and instr.op in CALLS and callee_seen.name == "__len__"
        operands = instr.args[1:] if sized else called_with(instr)
        given = len(operands) if hooked else len(instr.args) - 1 + (bound or constructs)
        made = self.lower(function, given, names) if self.was_entered(instr) else None
        if made is None or not self.has_room(fn):
            return []
        sources = calling.arrange(function, given, names, made.program.code.spread)
        if sources is None:  # its defaults have gone since it was called
            return []
        answer = callee_seen.answer(instr.op) if isinstance(callee_seen, Hook) else None
        inner_context = Context(made.program, context, instr.index, constructs, answer, self.called_by(instr),
                                self.copy_of(instr))
        self.programs[inner_context] = made.program
        self.functions[inner_context] = function
        callee = ssa.construct(made.program, inner_context, fn)
        self.inlined[inner_context] = (made, function)
        after = Block(fn.next_block)
        fn.next_block += 1
        asked = operands[:len(callee_seen.kinds)] if hooked else instr.args[:1]
        expect = Instr("EXPECT", list(asked), None, callee_seen, index=instr.index, context=context)
        expect.env, expect.variant = instr.env, instr.variant
        after.instrs = block.instrs[position + 1:]
        del block.instrs[position:]
        if sized:
            block.instrs.append(Instr("EXPECT", instr.args[:1], None, len, index=instr.index, context=context))
            block.instrs[-1].env = instr.env
        block.instrs.append(expect)
        self.cover(block, [after, *callee.blocks])
        for successor in after.successors:
            for phi in successor.phis:
                if block in phi.incoming:
                    phi.incoming[after] = phi.incoming.pop(block)
        arguments = callee_seen.arguments(operands) if hooked else list(instr.args[1:])
        if bound:
            arguments.insert(0, fn.value())
            block.instrs.append(Instr("OWNER", [instr.args[0]], arguments[0], index=instr.index, context=context))
        result = instr.dest or fn.value()
        if instr.op in _TESTS or (isinstance(answer, Answer) and answer.negates):
            result = fn.value()
            test = Instr(_TESTS.get(instr.op, "NOT"), [result], instr.dest, index=instr.index, context=context)
            test.env, test.variant = instr.env, Variant(None, -1, self.copy_of(instr))
            after.instrs.insert(0, test)
        if constructs:
            assert instr.dest is not None
            arguments.insert(0, instr.dest)
            new = Instr("NEW", [], instr.dest, callee_seen, index=instr.index, context=context)
            new.env = instr.env
            block.instrs.append(new)
        give(callee, self.bound(fn, block, instr, sources, arguments))
        jump = Instr("JUMP", [], targets=[callee.entry], index=instr.index, context=context)
        jump.env = instr.env
        block.instrs.append(jump)
        self.call_envs[inner_context] = self.around(instr)
        if answer is not None:
            registers = self.programs[context].flat[instr.index].args
            self.call_envs[inner_context].update(zip((r.number for r in registers), instr.args, strict=True))
        if constructs:
            register = self.programs[context].flat[instr.index].dest
            assert register is not None and instr.dest is not None
            self.call_envs[inner_context][register.number] = instr.dest
        returned: dict[Block, Value] = {}
        for inner in callee.blocks:
            if inner.terminator.op == "RETURN":
                old = inner.terminator
                returned[inner] = old.args[0]
                leave = Instr("JUMP", [], targets=[after], index=old.index, context=old.context)
                leave.env = old.env
                inner.instrs[-1:] = [leave]
                expected = "EXPECT_NONE" if constructs else "EXPECT_ANSWER" if answer is not None else None
                if expected is not None:
                    expecting = Instr(expected, [old.args[0]], None, answer, index=old.index, context=old.context)
                    expecting.env = old.env
                    inner.instrs.insert(len(inner.instrs) - 1, expecting)
        if returned and constructs:
            pass
        elif returned:
            phi = Phi(result)
            phi.incoming = returned
            after.phis.append(phi)
        else:
            after.instrs = []
        at = fn.blocks.index(block)
        fn.blocks[at + 1:at + 1] = [*callee.blocks, after]
        self.mark(callee.blocks, inner_context, made.program)
        self.runs[after] = self.runs[block]
        return self.entered(fn, [*callee.blocks, after])

    def bound(self, fn: Function, block: Block, call: Instr, sources: Sequence[calling.Source],
              arguments: Sequence[Value]) -> list[Value]:
        """The values of a callee's parameters."""
        found = []
        for source in sources:
            if isinstance(source, int):
                found.append(arguments[source])
                continue
            value = fn.value()
            if isinstance(source, calling.Rest):
                op, imm, args = "BUILD_TUPLE", source.stop - source.start, list(arguments[source.start:source.stop])
            else:
                op, imm, args = "OBJECT", source.value, []
            block.instrs.append(Instr(op, args, value, imm, index=call.index, context=call.context))
            found.append(value)
        return found

    def was_entered(self, instr: Instr) -> bool:
        """Whether the recorder saw the code that an instruction runs."""
        path = Context(None, instr.context, instr.index, variant=self.called_by(instr)).path
        return any(path == seen for seen, _ in self.profile.blocks)

    def around(self, instr: Instr) -> dict[int, Value]:
        """What the registers hold that are live while an instruction runs other code."""
        program = self.programs[instr.context]  # type: ignore[index]
        live, dest = program.live[instr.index][1], program.flat[instr.index].dest
        assert instr.env is not None
        return {r: v for r, v in instr.env.items() if r in live and (dest is None or r != dest.number)}


def give(callee: Function, arguments: Sequence[Value]) -> None:
    """Put arguments in the place of a function's parameters."""
    swap = dict(zip(callee.params, arguments, strict=True))
    for block in callee.blocks:
        for phi in block.phis:
            phi.incoming = {b: swap.get(v, v) for b, v in phi.incoming.items()}
        for instr in block.instrs:
            instr.args = [swap.get(a, a) for a in instr.args]
            if instr.env:
                instr.env = {r: swap.get(v, v) for r, v in instr.env.items()}
