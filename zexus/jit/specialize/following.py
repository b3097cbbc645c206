"""Following: what generators run between two of their values, in the place where the values are drawn."""

from __future__ import annotations

from zexus.jit.specialize.inlining import Inlining, give
from zexus.regvm import ssa
from zexus.regvm.ir import Block, Context, Function, Instr, Phi, Value
from zexus.regvm.machine import Executable


class Following(Inlining):
    """The general form, the generators that were drawn from in it."""

    def graph(self) -> Function:
        """The region's general SSA with the recorded callees in place."""
        self.programs[self.root] = self.program
        fn = ssa.construct(self.program, self.root)
        self.mark(fn.blocks, self.root, self.program)
        # The region is entered at its header: what stands before it only sets it up.
        work = self.entered(fn, list(fn.blocks))
        while work:
            block, instr = work.pop()
            work.extend(self.follow(fn, block, instr) if instr.op == "HAS_NEXT" else self.inline(fn, block, instr))
        return fn

    def follow(self, fn: Function, block: Block, instr: Instr) -> list[tuple[Block, Instr]]:
        """Take in what a generator runs until it hands out its next value."""
        context, position = instr.context, block.instrs.index(instr)
        assert context is not None
        made = self.callee_seen(instr)
        if not isinstance(made, Executable) or not self.was_entered(instr) or not self.has_room(fn):
            return []
        inner_context = Context(made.program, context, instr.index)
        self.programs[inner_context] = made.program
        callee = ssa.construct(made.program, inner_context, fn)
        self.inlined[inner_context] = (made, None)
        (cursor,) = instr.args
        inside, done = block.terminator.targets
        del block.instrs[position:]
        self.cover(block, callee.blocks)

        def add(to: Block, op: str, args: list[Value], imm: object) -> Value:
            value = fn.value()
            to.instrs.append(Instr(op, args, value, (imm, made.code), index=instr.index, context=context))
            to.instrs[-1].env = instr.env
            return value

        source = add(block, "RESUME", [cursor], 0)
        give(callee, [add(block, "RESUME", [cursor], number) for number, _ in enumerate(callee.params, 1)])
        block.instrs.append(_jump(instr, callee.entry))
        self.call_envs[inner_context] = {r: source if v is cursor else v for r, v in self.around(instr).items()}
        ends = [inner for inner in callee.blocks if inner.terminator.op == "YIELD"]
        last = {phi: phi.incoming.pop(block) for phi in done.phis if block in phi.incoming}
        if self.may_call(instr):
            for inner in (inner for inner in callee.blocks if inner.terminator.op == "RETURN"):
                self.end(fn, inner, instr, source, done)
                for phi, given in last.items():
                    phi.incoming[inner] = source if given is cursor else given
        else:
            # Nothing comes to what is done when there are no more values: the machine ends the generator.
            self.ending.update(set(callee.blocks) - _leading_to(ends, callee.blocks))
        value, advance = inside.instrs[:2]
        assert value.op == "VALUE" and advance.op == "ADVANCE" and value.dest is not None
        phis = [Phi(value.dest), *(Phi(fn.value()) for _ in callee.params)]
        for end in ends:
            for phi, given in zip(phis, end.terminator.args, strict=True):
                phi.incoming[end] = given
            end.instrs[-1] = _jump(end.terminator, inside)
        inside.phis.extend(phis)
        stop = Instr("SUSPEND", [source, *(phi.dest for phi in phis[1:])], advance.dest, (len(phis), made.code),
                     index=advance.index, context=context)
        stop.env = value.env
        inside.instrs[:2] = [stop]
        at = fn.blocks.index(block)
        fn.blocks[at + 1:at + 1] = callee.blocks
        self.mark(callee.blocks, inner_context, made.program)
        return self.entered(fn, callee.blocks)


    def end(self, fn: Function, block: Block, instr: Instr, source: Value, done: Block) -> None:
        """Let a generator end where its code returns, and go on with what is done behind its last value."""
        old, (cursor,) = block.terminator, instr.args
        at = (old.context, old.index)
        close = Instr("CLOSE", [source], fn.value(), at, index=instr.index, context=instr.context)
        assert instr.env is not None
        close.env = {register: source if value is cursor else value for register, value in instr.env.items()}
        block.instrs[-1:] = [close, _jump(instr, done)]


def _leading_to(ends: list[Block], blocks: list[Block]) -> set[Block]:
    """The blocks from which control may come to one of some others."""
    found = set(ends)
    grown = True
    while grown:
        more = {block for block in blocks if block not in found and not found.isdisjoint(block.successors)}
        found |= more
        grown = bool(more)
    return found


def _jump(at: Instr, target: Block) -> Instr:
    made = Instr("JUMP", [], targets=[target], index=at.index, context=at.context)
    made.env = at.env
    return made
