"""SSA construction from the register form, with what every instruction's live registers hold.

Aycock and Horspool, Simple Generation of Static Single-Assignment Form (2000): a phi for every live
register at every join, then the trivial ones go; pruned by liveness, so no phi is dead. A handler is a join of
the beginnings of the blocks that catch: where one of these changes a register that the handler reads, and may
raise behind that, it is split there.
"""

from __future__ import annotations

from zexus import ops
from zexus.regvm import cfg
from zexus.regvm.build import Program
from zexus.regvm.ir import Block, Context, Function, Instr, Phi, Value


def construct(program: Program, context: Context, into: Function | None = None) -> Function:
    """The SSA form of a program; MOVEs are gone, `Instr.env` tells what the live registers hold.

    Args:
        program: the register form.
        context: what the new instructions name as their origin.
        into: a function to share value and block numbers with (for inlining); a new one by default.

    Returns:
        A function of form "ssa"; `params` are the values of the first registers.
    """
    source = program.fn
    fn = into if into is not None else Function(program.code.name)
    made = Function(program.code.name, next_value=fn.next_value, next_block=fn.next_block)
    made.consts = list(program.code.consts)
    graph = cfg.Graph(source)
    order, preds = graph.order, graph.preds
    blocks = {block: made.block() for block in order}
    constants: dict[int, Value] = {}
    entry_values: dict[int, Value] = {}
    for register in source.params:
        entry_values[register.number] = made.value()
    made.params = [entry_values[r.number] for r in source.params]
    head = blocks[source.entry]
    for number in sorted(program.constants):
        value = made.value()
        constants[number] = value
        head.instrs.append(Instr("CONST", [], value, number - min(program.constants), context=context))
    for number in sorted(program.live_in[source.entry] - set(entry_values)):
        value = made.value()
        entry_values[number] = value
        head.instrs.append(Instr("UNBOUND", [], value, context=context))
    handlers = {block.catches for block in order if block.catches is not None}
    # Where control comes from, and what the registers hold there: the end of a block, or the beginning of what catches.
    out: dict[Block, tuple[Block, dict[int, Value]]] = {}
    raised: dict[Block, list[tuple[Block, dict[int, Value]]]] = {handler: [] for handler in handlers}
    pending: list[tuple[Block, Block]] = []

    def enter(target: Block, handler: Block | None) -> None:
        """Begin a block that catches."""
        if handler is not None:
            target.catches = blocks[handler]
            raised[handler].append((target, {number: current[number] for number in program.live_in[handler]}))

    for block in order:
        current: dict[int, Value] = dict(constants)
        target = blocks[block]
        if block is source.entry:
            current.update(entry_values)
        elif block not in handlers and len(preds[block]) == 1 and preds[block][0] in out:
            known = out[preds[block][0]][1]
            for number in program.live_in[block]:
                current[number] = known[number]
        else:
            for number in sorted(program.live_in[block]):
                phi = Phi(made.value(), number)
                target.phis.append(phi)
                current[number] = phi.dest
            pending.append((block, target))
        enter(target, block.catches)
        kept = frozenset() if block.catches is None else program.live_in[block.catches]
        changed = False
        for instr in block.instrs:
            if changed and instr.op not in ops.QUIET:
                behind = made.block()
                target.instrs.append(Instr("JUMP", [], targets=[behind], index=instr.index, context=context))
                target = behind
                enter(target, block.catches)
                changed = False
            changed = changed or (instr.dest is not None and instr.dest.number in kept)
            before = program.live[instr.index][0]
            if instr.op == "MOVE":
                assert instr.dest is not None
                current[instr.dest.number] = current[instr.args[0].number]
                continue
            copy = Instr(instr.op, [current[a.number] for a in instr.args], None, instr.imm,
                         [blocks[t] for t in instr.targets], instr.index, context)
            copy.env = {number: current[number] for number in before}
            if instr.dest is not None:
                copy.dest = made.value()
                current[instr.dest.number] = copy.dest
            target.instrs.append(copy)
        out[block] = target, current
    for block, target in pending:
        incoming = raised[block] if block in handlers else [out[source_block] for source_block in preds[block]]
        for phi in target.phis:
            for origin, values in incoming:
                phi.incoming[origin] = values[phi.register]
    fn.next_value, fn.next_block = made.next_value, made.next_block
    remove_trivial_phis(made)
    return made


def remove_trivial_phis(fn: Function) -> bool:
    """Replace every phi whose operands are one value and itself by that value."""
    replaced: dict[Value, Value] = {}

    def find(value: Value) -> Value:
        while value in replaced:
            value = replaced[value]
        return value

    changed = True
    while changed:
        changed = False
        for block in fn.blocks:
            kept = []
            for phi in block.phis:
                operands = {find(v) for v in phi.incoming.values()} - {phi.dest}
                if len(operands) == 1:
                    replaced[phi.dest] = operands.pop()
                    changed = True
                else:
                    kept.append(phi)
            block.phis = kept
    if not replaced:
        return False
    for block in fn.blocks:
        for phi in block.phis:
            phi.incoming = {b: find(v) for b, v in phi.incoming.items()}
        for instr in block.instrs:
            instr.args = [find(a) for a in instr.args]
            if instr.env:
                instr.env = {r: find(v) for r, v in instr.env.items()}
    for way in fn.exits:
        way.leaves = [(find(v), kind) for v, kind in way.leaves]
    return True
