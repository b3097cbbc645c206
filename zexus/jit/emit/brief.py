"""What is drawn from an iterator and read as numbers at once: native code gives it back there, and keeps it no longer.

Iterators that change their last tuple where nobody else has it find it as CPython would leave it.
"""

from __future__ import annotations

from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr, Value

_DRAWING = frozenset(("DRAW", "DRAW_QUIETLY"))
# They tell that an object is a number, so that it ends without anybody's notice.
_UNBOXING = frozenset(("UNBOX_INT", "UNBOX_FLOAT", "UNBOX_BOOL"))


def brief(fn: Function) -> dict[Value, Instr]:
    """The values that are drawn and given back at once, and behind which instruction that is."""
    if not any(instr.op in _DRAWING for instr in fn.instructions()):
        return {}
    users: dict[Value, list[tuple[Block, Instr]]] = {}
    carried = {value for block in fn.blocks for phi in block.phis for value in phi.incoming.values()}
    for block in fn.blocks:
        for instr in block.instrs:
            for value in dict.fromkeys(instr.args):
                users.setdefault(value, []).append((block, instr))
    preds = cfg.Graph(fn).preds
    found = {}
    for block in fn.blocks:
        for instr in block.instrs:
            if instr.op in _DRAWING and instr.dest is not None and "handled" not in instr.facts:
                last = _last(block, instr, users, carried, preds)
                if last is not None:
                    found[instr.dest] = last
    return found


def _last(block: Block, draw: Instr, users: dict[Value, list[tuple[Block, Instr]]], carried: set[Value],
          preds: dict[Block, list[Block]]) -> Instr | None:
    """The last instruction that needs what an instruction draws, if all that need it follow each other behind it."""
    drawn = draw.dest
    assert drawn is not None
    items = {instr.dest: instr for _, instr in users.get(drawn, ()) if instr.op == "TUPLE_ITEM" and instr.dest}
    readers = [instr for value in items for _, instr in users.get(value, ())]
    tests = [instr for _, instr in users.get(drawn, ()) if instr.op == "SAME"]
    others = [instr for _, instr in users.get(drawn, ()) if instr.op not in ("SAME", "TUPLE_ITEM", "GUARD_TUPLE")]
    if carried & {drawn, *items} or len(tests) != 1 or any(instr.op not in _UNBOXING for instr in (*readers, *others)):
        return None
    if not _are_all_read(drawn, users, items, others):
        return None
    way = _way(block, draw, tests[0], preds)
    needing = {*readers, *(instr for _, instr in users[drawn])} - set(tests)
    last = next((instr for instr in reversed(way) if instr in needing or drawn in _handed(instr)), None)
    if last is None:
        return None
    before = way[:way.index(last) + 1]
    if not needing <= set(before) or any(instr.exit is not None and drawn not in _handed(instr) for instr in before):
        return None
    # An object that an exit hands over has to be held, as what is left then is not read.
    return None if any(items.keys() & _handed(instr) for instr in before) else last


def _are_all_read(drawn: Value, users: dict[Value, list[tuple[Block, Instr]]], items: dict[Value, Instr],
                  others: list[Instr]) -> bool:
    """Whether all of it is read: a number, or all items of a tuple."""
    sizes = {instr.imm for _, instr in users[drawn] if instr.op == "GUARD_TUPLE"}
    if not sizes:
        return bool(others) and not items
    read = {instr.imm for value, instr in items.items() if users.get(value)}
    return not others and len(sizes) == 1 and read == set(range(sizes.pop()))


def _way(block: Block, draw: Instr, test: Instr, preds: dict[Block, list[Block]]) -> list[Instr]:
    """What follows where something was drawn, up to where paths part or meet again."""
    at = block.instrs.index(draw) + 1
    terminator = block.terminator
    if test not in block.instrs or terminator.op != "BRANCH":
        return []
    condition = terminator.args[0]
    negated = next((i for i in block.instrs if i.dest is condition and i.op == "NOT" and i.args[0] is test.dest), None)
    if negated is None and condition is not test.dest:
        return []
    way, seen = block.instrs[at:-1], {block}
    following = terminator.targets[0 if negated is not None else 1]
    while following not in seen and len(preds[following]) == 1:
        seen.add(following)
        way += following.instrs
        if following.terminator.op != "JUMP":
            break
        (following,) = following.terminator.targets
    return way


def _handed(instr: Instr) -> set[Value]:
    return set() if instr.exit is None else {value for value, _ in instr.exit.leaves}
