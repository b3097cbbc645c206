"""Range analysis: checks of integers that cannot fail go, and facts that emission uses are noted."""

from __future__ import annotations

from zexus import ops
from zexus.regvm import cfg
from zexus.regvm.intervals import HIGHEST, LOWEST, Intervals
from zexus.regvm.ir import Block, Function, Instr, Value

_EXACT = 2**53


def ranges(fn: Function) -> bool:
    """Note "nowrap", "nonneg", "inbounds" and "small", drop the exits they make needless, decide comparisons."""
    found = Intervals(fn)
    lengths = _Lengths(found)
    changed = False
    for block in found.order:
        for instr in block.instrs:
            if not instr.args or instr.args[-1].type != "i64":
                continue
            if instr.op in ("ADD", "SUB", "MUL", "NEG"):
                changed = _nowrap(found, instr) or changed
            elif instr.op in ("FLOORDIV", "MOD"):
                changed = _divide(found, instr) or changed
            elif instr.op in ("ABS", "LSHIFT", "RSHIFT"):
                changed = _shift(found, instr) or changed
            elif instr.op == "EXACT_FLOAT":
                changed = _small(found, instr) or changed
            elif instr.op == "INDEX":
                changed = _index(found, instr, lengths) or changed
            elif instr.row.family == "compare":
                changed = _compare(found, instr) or changed
    return changed


def _note(instr: Instr, fact: str) -> bool:
    if fact in instr.facts:
        return False
    instr.facts |= {fact}
    return True


def _nowrap(found: Intervals, instr: Instr) -> bool:
    """nowrap: the interval of the true result lies within 64 bits."""
    made = found.exact(instr)
    if made is None or not LOWEST <= made[0] <= made[1] <= HIGHEST:
        return False
    changed, instr.exit = instr.exit is not None, None
    return _note(instr, "nowrap") or changed


def _divide(found: Intervals, instr: Instr) -> bool:
    """nonneg: dividend >= 0 and divisor >= 0 (zero leaves), where rounding to zero is rounding down.

    No exit: the divisor is not zero, and not -1 where the dividend may be the lowest integer.
    """
    a, b = found.of(instr, 0), found.of(instr, 1)
    if a is None or b is None:
        return False
    changed = a[0] >= 0 and b[0] >= 0 and _note(instr, "nonneg")
    if instr.exit is not None and not b[0] <= 0 <= b[1] and not (b[0] <= -1 <= b[1] and a[0] == LOWEST):
        instr.exit, changed = None, True
    return changed


def _shift(found: Intervals, instr: Instr) -> bool:
    """No exit: the shift's count lies in [0, 62] (ABS has none) and the true result within 64 bits."""
    made = found.exact(instr)
    count = found.of(instr, 1) if instr.op != "ABS" else (0, 0)
    if instr.exit is None or made is None or count is None or not 0 <= count[0] <= count[1] <= 62:
        return False
    if not LOWEST <= made[0] <= made[1] <= HIGHEST:
        return False
    instr.exit = None
    return True


def _small(found: Intervals, instr: Instr) -> bool:
    """small: -2**53 <= operand <= 2**53, where every integer is a float."""
    a = found.of(instr, 0)
    if a is None or not -_EXACT <= a[0] <= a[1] <= _EXACT:
        return False
    instr.exit = None
    return _note(instr, "small")


def _index(found: Intervals, instr: Instr, lengths: _Lengths) -> bool:
    """nonneg: index >= 0. inbounds: also index < the length, or another reading of it, with no change in between."""
    a = found.of(instr, 0)
    if a is None or a[0] < 0:
        return False
    changed = _note(instr, "nonneg")
    if "inbounds" in instr.facts:
        return changed
    length, more = found.linear(instr.args[1])
    for root, offset in _above(found, instr):
        if offset < more and (root is length or lengths.same(root, length)):
            instr.exit = None
            return _note(instr, "inbounds") or changed
    return changed


def _above(found: Intervals, instr: Instr) -> list[tuple[Value, int]]:
    """What the index is at most, as values plus constants, by one relation or two."""
    bounds = [found.linear(instr.args[0])]
    first = 0
    for _ in range(2):
        known, first = bounds[first:], len(bounds)
        for value, offset in known:
            start = found.start(value)
            if start is not None:
                root, more = found.linear(start)
                bounds.append((root, offset + more))
            for relation in found.known[instr] or ():
                left, low = found.linear(relation.left)
                if relation.op != "NE" and left is value:
                    right, high = found.linear(relation.right)
                    # left + low <= right + high, or < that
                    bounds.append((right, offset + high - low - (relation.op == "LT")))
    return bounds


class _Lengths:
    """The readings of lists' lengths: where they stand."""

    def __init__(self, found: Intervals) -> None:
        self.makers = found.makers
        self.preds = found.graph.preds
        self.idom = found.graph.idom
        self.places = {instr.dest: (block, position) for block in found.order
                       for position, instr in enumerate(block.instrs)
                       if instr.op == "LIST_LEN" and instr.dest is not None}

    def same(self, early: Value, late: Value) -> bool:
        """Whether two readings are of one list, and no list's length can change from the first to the second."""
        if early not in self.places or late not in self.places or self.makers[early].args != self.makers[late].args:
            return False
        (first, behind), (last, before) = self.places[early], self.places[late]
        if first is last and behind < before:
            return not any(ops.changes_lengths(i.row) for i in first.instrs[behind + 1:before])
        if first is last or not cfg.dominates(self.idom, first, last):
            return False
        if any(ops.changes_lengths(i.row) for i in (*first.instrs[behind + 1:], *last.instrs[:before])):
            return False
        seen: set[Block] = set()
        work = list(self.preds[last])
        while work:
            block = work.pop()
            if block is first or block in seen:
                continue
            seen.add(block)
            if any(ops.changes_lengths(i.row) for i in block.instrs):
                return False
            work.extend(self.preds[block])
        return True


def _compare(found: Intervals, instr: Instr) -> bool:
    """A comparison of intervals that do not overlap is a constant."""
    a, b = found.of(instr, 0), found.of(instr, 1)
    if a is None or b is None:
        return False
    op = instr.op
    if op in ("GT", "GE"):
        a, b, op = b, a, {"GT": "LT", "GE": "LE"}[op]
    if op in ("EQ", "NE"):
        if a[1] >= b[0] and b[1] >= a[0] and not a[0] == a[1] == b[0] == b[1]:
            return False
        decided = (a[0] == b[0] == a[1] == b[1]) == (op == "EQ")
    elif a[1] < b[0] or (op == "LE" and a[1] <= b[0]):
        decided = True
    elif a[0] > b[1] or (op == "LT" and a[0] >= b[1]):
        decided = False
    else:
        return False
    instr.op, instr.args, instr.imm, instr.exit = "K", [], decided, None
    return True
