"""Inlining on generic SSA: bodies of constant functions in the place of calls, best calls first.

A body keeps the chain of calls in its contexts, so that tracebacks and listings show its frames.
"""

from __future__ import annotations

from collections.abc import Callable

from zexus.records import dataclass
from zexus.regvm import cfg, kinds
from zexus.regvm.facts import Pool
from zexus.regvm.ir import Block, Context, Function, Instr, Phi, Value
from zexus.settings import InlineLimits

Limits = InlineLimits
LIMITS = Limits()
# The prepared body of a function by its name, which belongs to nobody; None where there is none to inline.
Bodies = Callable[[str], "Function | None"]
_FREE = frozenset(("CONST", "UNBOUND", "JUMP", "RETURN"))


@dataclass(eq=False)
class _Call:
    """A call that may be inlined: where it stands, of what, how deep in loops, what it brings in, what is constant."""

    block: Block
    instr: Instr
    name: str
    body: Function
    depth: int
    cost: int
    constants: int


def inline(fn: Function, bodies: Bodies, limits: Limits = LIMITS) -> bool:
    """Inline calls of constant functions, those in the deepest loops and the smallest first, as far as the limits go.

    Args:
        fn: a function of form "ssa" whose loads of constant functions are marked "constant".
        bodies: asked for each function that is called.
        limits: the cost model.
    """
    total = size(fn)
    depths = _depths(fn)
    waiting = _calls(fn, fn.blocks, bodies, depths)
    ways: dict[str, frozenset[str] | None] = {}
    pool = Pool(fn)
    changed = False
    while waiting:
        waiting.sort(key=lambda call: (-call.depth, call.cost))
        call = waiting.pop(0)
        if not _worthwhile(call, limits) or total + call.cost > limits.total:
            continue
        if not limits.circular and _leads_back(call, bodies, ways):
            continue
        made, after = _place(fn, call, pool)
        total += call.cost - 1
        changed = True
        for other in waiting:
            if other.block is call.block and other.instr in after.instrs:
                other.block = after
        depths[after] = call.depth
        for block, depth in zip(made, _depths(call.body).values(), strict=True):
            depths[block] = call.depth + depth
        waiting += _calls(fn, made, bodies, depths)
    if changed:
        cfg.drop_unreachable(fn)
    return changed


def size(fn: Function) -> int:
    """How many instructions of a function do something."""
    return sum(instr.op not in _FREE for instr in fn.instructions())


def _depths(fn: Function) -> dict[Block, int]:
    """How many loops each block stands in."""
    found = dict.fromkeys(fn.blocks, 0)
    for loop in cfg.loops(fn):
        for block in loop.blocks:
            found[block] += 1
    return found


def _calls(fn: Function, blocks: list[Block], bodies: Bodies, depths: dict[Block, int]) -> list[_Call]:
    """The calls of constant functions in some of a function's blocks."""
    makers = {instr.dest: instr for instr in fn.instructions() if instr.dest is not None}
    found = []
    for block in blocks:
        for instr in block.instrs:
            load = makers.get(instr.args[0]) if instr.op == "CALL" else None
            if load is None or load.op != "LOAD_GLOBAL" or "constant" not in load.facts:
                continue
            body = bodies(load.imm)
            if body is not None and len(body.params) == instr.imm:
                constants = sum(a in makers and makers[a].op == "CONST" for a in instr.args[1:])
                found.append(_Call(block, instr, load.imm, body, depths[block], size(body), constants))
    return found


def _worthwhile(call: _Call, limits: Limits) -> bool:
    origin = call.body.entry.terminator.context
    assert origin is not None
    chain = [origin.code]
    above = call.instr.context
    while above is not None:
        chain.append(above.code)
        above = above.parent
    # With functions that call each other, a bound for each alone would let the chains grow with their number.
    again = len(chain) - len(set(map(id, chain)))
    allowed = limits.loop_size if call.depth else limits.size
    return again <= limits.recursion and call.cost <= allowed + call.constants * limits.constant_bonus


def _leads_back(call: _Call, bodies: Bodies, ways: dict[str, frozenset[str] | None]) -> bool:
    """Whether the function that is called may call the one that the call stands in."""
    assert call.instr.context is not None
    reached = _reached(call.name, bodies, ways)
    return reached is None or call.instr.context.code.code.name in reached


def _reached(name: str, bodies: Bodies, ways: dict[str, frozenset[str] | None]) -> frozenset[str] | None:
    """A function and those that its calls lead to; None where they may lead anywhere."""
    if name not in ways:
        found = {name}
        work = [name]
        while work:
            body = bodies(work.pop())
            called = None if body is None else _called(body)
            if called is None:
                ways[name] = None
                break
            work.extend(inner for inner in called if inner not in found)
            found |= called
        else:
            ways[name] = frozenset(found)
    return ways[name]


def _called(body: Function) -> set[str] | None:
    """The constant functions that a body calls; None where it calls values that it does not load by a name."""
    makers = {instr.dest: instr for instr in body.instructions() if instr.dest is not None}
    found = set()
    for instr in body.instructions():
        if instr.op != "CALL":
            continue
        load = makers.get(instr.args[0])
        if load is None or load.op != "LOAD_GLOBAL":
            return None
        if "constant" in load.facts:
            found.add(load.imm)
    return found


def _place(fn: Function, call: _Call, pool: Pool) -> tuple[list[Block], Block]:
    """Split the block at the call and put a copy of the body between; the new blocks, and the one behind."""
    block, instr = call.block, call.instr
    position = block.instrs.index(instr)
    after = Block(fn.next_block)
    fn.next_block += 1
    after.instrs, after.catches = block.instrs[position + 1:], block.catches
    for target in set(after.successors):
        for phi in target.phis:
            if block in phi.incoming:
                phi.incoming[after] = phi.incoming.pop(block)
    made = _copy(fn, call, pool)
    block.instrs[position:] = [Instr("JUMP", [], targets=[made[0]], index=instr.index, context=instr.context)]
    assert instr.dest is not None
    result = Phi(instr.dest)
    for inner in made:
        last = inner.terminator
        if last.op == "RETURN":
            result.incoming[inner] = last.args[0]
            last.op, last.args, last.targets = "JUMP", [], [after]
    after.phis.append(result)
    if block.catches is not None:
        _cover(block, block.catches, [*made, after])
    at = fn.blocks.index(block) + 1
    fn.blocks[at:at] = [*made, after]
    return made, after


def _cover(block: Block, handler: Block, added: list[Block]) -> None:
    """Exceptions out of the added blocks go where those of `block` go, with the values that it brings."""
    for inner in added:
        if inner.catches is None:
            inner.catches = handler
        if inner.catches is handler:
            for phi in handler.phis:
                phi.incoming[inner] = phi.incoming[block]


def _copy(fn: Function, call: _Call, pool: Pool) -> list[Block]:
    """The blocks of the body with values, constants and contexts of their own; parameters are the arguments."""
    body = call.body
    values: dict[Value, Value] = dict(zip(body.params, call.instr.args[1:], strict=True))
    blocks: dict[Block, Block] = {}
    contexts: dict[Context, Context] = {}
    for block in body.blocks:
        blocks[block] = Block(fn.next_block)
        fn.next_block += 1

    def value(old: Value) -> Value:
        if old not in values:
            values[old] = fn.value()
        return values[old]

    def context(old: Context) -> Context:
        if old not in contexts:
            parent = call.instr.context if old.parent is None else context(old.parent)
            index = call.instr.index if old.parent is None else old.call_index
            contexts[old] = Context(old.code, parent, index)
        return contexts[old]

    for old, new in blocks.items():
        new.catches = blocks[old.catches] if old.catches is not None else None
        for phi in old.phis:
            copied = Phi(value(phi.dest), phi.register)
            copied.incoming = {blocks[source]: value(v) for source, v in phi.incoming.items()}
            new.phis.append(copied)
        for instr in old.instrs:
            imm = instr.imm
            if instr.op == "CONST":
                imm = pool.index(kinds.constant(body.consts[instr.imm]))
            dest = value(instr.dest) if instr.dest is not None else None
            made = Instr(instr.op, [value(a) for a in instr.args], dest, imm, [blocks[t] for t in instr.targets],
                         instr.index, context(instr.context) if instr.context is not None else None)
            made.facts = instr.facts
            new.instrs.append(made)
    return list(blocks.values())
