"""Interval analysis of the 64-bit integers of a typed function, with the comparisons that hold where they are used.

Cousot and Cousot: Abstract Interpretation (1977), widening at phis and then narrowing. Integer rows leave before
they would overflow, so every interval is one of true integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zexus import types
from zexus.records import dataclass
from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr, Phi, Value

LOWEST, HIGHEST = types.INT64_MIN, types.INT64_MAX
LONGEST_LIST = 2**60
_WIDEN_AFTER = 2
_NARROWINGS = 2
_MAX_ROUNDS = 40
# What counts: no program runs long enough for so many steps of this size.
_SMALL_STEP = 16
_MOST_COUNTED = 2**62
# From where a count may start.
COUNT_ROOM = 2**61

Interval = tuple[int, int]
FULL: Interval = (LOWEST, HIGHEST)


@dataclass(frozen=True, eq=False)
class Relation:
    """`left op right` holds, where op is LT, LE or NE."""

    op: str
    left: Value
    right: Value


@dataclass(frozen=True, eq=False)
class Known:
    """The relations that hold at a point: the latest one, and those before it."""

    relation: Relation
    before: Known | None

    def __iter__(self) -> Iterator[Relation]:
        at: Known | None = self
        while at is not None:
            yield at.relation
            at = at.before


@dataclass
class _Count:
    """A phi that counts: from these values, up or down by small steps, or both; `checked`: with exits on the way."""

    starts: set[Value]
    up: bool = False
    down: bool = False
    checked: bool = False


class Intervals:
    """What is known of the integers of a function.

    Attributes:
        makers: the instruction that makes each value.
        known: the relations that hold where an instruction stands.
        graph: the control-flow graph, and `order` its blocks.
        counts: the phis that only count.
    """

    def __init__(self, fn: Function) -> None:
        self.fn = fn
        self.makers: dict[Value, Instr] = {i.dest: i for i in fn.instructions() if i.dest is not None}
        self._constants = {v: int(i.imm) for v, i in self.makers.items() if i.op == "K" and v.type == "i64"}
        self.known: dict[Instr, Known | None] = {}
        self.ends: dict[Block, Known | None] = {}
        self.base: dict[Value, Interval] = {}
        self.graph = cfg.Graph(fn)
        self.order = self.graph.order
        self._relations: dict[tuple[Value, Known], list[tuple[str, bool, Value]]] = {}
        self._relate()
        self.counts: dict[Phi, _Count] = {}
        self._solve()

    # --- relations ------------------------------------------------------------------------------------

    def _relate(self) -> None:
        """Walk the dominator tree with the conditions of branches taken and of guards passed."""
        idom, preds = self.graph.idom, self.graph.preds
        for block in self.order:
            known = self.ends[idom[block]] if block is not self.fn.entry else None
            if len(preds[block]) == 1:
                last = preds[block][0].terminator
                if last.op == "BRANCH" and last.targets[0] is not last.targets[1]:
                    known = self._assume(last.args[0], block is last.targets[0], known)
            for instr in block.instrs:
                self.known[instr] = known
                if instr.op == "GUARD":
                    known = self._assume(instr.args[0], True, known)
            self.ends[block] = known

    def _assume(self, test: Value, truth: bool, known: Known | None) -> Known | None:
        maker = self.makers.get(test)
        if maker is None:
            return known
        op = maker.op
        if op == "NOT":
            return self._assume(maker.args[0], not truth, known)
        if op == ("AND" if truth else "OR"):
            known = self._assume(maker.args[0], truth, known)
            return self._assume(maker.args[1], truth, known)
        if maker.row.family != "compare" or maker.args[0].type != "i64":
            return known
        a, b = maker.args
        if not truth:
            op = {"LT": "GE", "LE": "GT", "GT": "LE", "GE": "LT", "EQ": "NE", "NE": "EQ"}[op]
        if op in ("LT", "LE", "NE"):
            return Known(Relation(op, a, b), known)
        if op in ("GT", "GE"):
            return Known(Relation("LT" if op == "GT" else "LE", b, a), known)
        return Known(Relation("LE", b, a), Known(Relation("LE", a, b), known))

    # --- intervals --------------------------------------------------------------------------------------

    def at(self, value: Value, known: Known | None) -> Interval | None:
        """The interval of `value` where `known` holds; None where control never comes."""
        found = self.base.get(value)
        if found is None or known is None:
            return found
        about = self._relations.get((value, known))
        if about is None:
            about = self._about(value, known)
        if not about:
            return found
        low, high = found
        for op, left, other in about:
            beside = self._beside(other, known)
            if beside is None:
                continue
            if op == "NE":
                if beside[0] == beside[1]:
                    low, high = low + (beside[0] == low), high - (beside[0] == high)
            elif left:
                high = min(high, beside[1] - (op == "LT"))
            else:
                low = max(low, beside[0] + (op == "LT"))
        return (low, high) if low <= high else None

    def _about(self, value: Value, known: Known) -> list[tuple[str, bool, Value]]:
        """The relations of a value that hold: operator, whether it stands on the left, and what it is compared with."""
        found = self._relations.get((value, known))
        if found is None:
            found = self._relations[value, known] = [
                (relation.op, relation.left is value, relation.right if relation.left is value else relation.left)
                for relation in known if relation.left is value or relation.right is value
            ]
        return found

    def _beside(self, value: Value, known: Known) -> Interval | None:
        """The interval of a value that another one is compared with: by its own comparisons with constants."""
        found = self.base.get(value)
        if found is None or found[0] == found[1]:
            return found
        low, high = found
        for op, left, other in self._about(value, known):
            constant = self._constants.get(other)
            if constant is None or op == "NE":
                continue
            if left:
                high = min(high, constant - (op == "LT"))
            else:
                low = max(low, constant + (op == "LT"))
        return (low, high) if low <= high else found

    def of(self, instr: Instr, position: int) -> Interval | None:
        """The interval of an operand where the instruction stands."""
        return self.at(instr.args[position], self._bounds.get((instr, position), self.known[instr]))

    def exact(self, instr: Instr) -> Interval | None:
        """The interval of an arithmetic result before anything is cut off by the instruction's exit."""
        parts = [self.of(instr, position) for position, v in enumerate(instr.args) if v.type == "i64"]
        return self._transfer(instr, parts)

    def _solve(self) -> None:
        """Ascend to a fixed point, widening phis; then descend a little."""
        for param in self.fn.params:
            self.base[param] = FULL
        self._bounds: dict[tuple[Instr, int], Known | None] = {}
        self._find_counts()
        steps: list[Phi | Instr] = []
        for block in self.order:
            steps.extend(phi for phi in block.phis if phi.dest.type == "i64")
            for instr in block.instrs:
                if instr.dest is None or instr.dest.type != "i64":
                    continue
                if any(value.type == "i64" for value in instr.args):
                    steps.append(instr)
                    self._select_bounds(instr)
                    continue
                fixed = self._clipped(instr, self._transfer(instr, []))
                if fixed is not None:
                    self.base[instr.dest] = fixed
        self._operands = {step: self._taken(step) for step in steps}
        readers: dict[Value, list[int]] = {}
        for number, step in enumerate(steps):
            for value in self._needs(step):
                readers.setdefault(value, []).append(number)
        if not self._ascend(steps, readers):
            self.base.update((step.dest, FULL) for step in steps if step.dest is not None)
            return
        waiting = [True] * len(steps)
        for _ in range(_NARROWINGS):
            for number, step in enumerate(steps):
                assert step.dest is not None
                old = self.base.get(step.dest)
                if not waiting[number] or old is None:
                    continue
                waiting[number] = False
                new = self._value(step)
                if new is None:
                    continue
                low, high = max(old[0], new[0]), min(old[1], new[1])
                if low <= high and (low, high) != old:
                    self.base[step.dest] = (low, high)
                    for reader in readers.get(step.dest, ()):
                        waiting[reader] = True

    def _needs(self, step: Phi | Instr) -> set[Value]:
        """The values that the interval of a step is made from."""
        found = set(self.counts[step].starts) if isinstance(step, Phi) and step in self.counts else set()
        for value, known in self._operands[step]:
            found.add(value)
            found.update(other for _, _, other in (self._about(value, known) if known is not None else ()))
        return found

    def _taken(self, step: Phi | Instr) -> list[tuple[Value, Known | None]]:
        """The integers among the operands of a step, with what is known where each is taken."""
        if isinstance(step, Phi):
            return [(value, self.ends[source]) for source, value in step.incoming.items() if value.type == "i64"]
        known = self.known[step]
        return [(value, self._bounds.get((step, position), known))
                for position, value in enumerate(step.args) if value.type == "i64"]

    def _ascend(self, steps: list[Phi | Instr], readers: dict[Value, list[int]]) -> bool:
        """Widen intervals to a fixed point; a step is taken again when something that it is made from has changed.

        Returns:
            Whether there was one within the bound on rounds.
        """
        visits: dict[Phi, int] = {}
        waiting = [True] * len(steps)
        for _ in range(_MAX_ROUNDS):
            changed = False
            for number, step in enumerate(steps):
                if not waiting[number]:
                    continue
                waiting[number] = False
                assert step.dest is not None
                old = self.base.get(step.dest)
                new = self._value(step)
                if new is None or new == old:
                    continue
                if old is not None:
                    new = (min(old[0], new[0]), max(old[1], new[1]))
                    if new == old:
                        continue
                    if isinstance(step, Phi):
                        visits[step] = visits.get(step, 0) + 1
                        if visits[step] > _WIDEN_AFTER:
                            most = self._counted(step)
                            new = (most[0] if new[0] < old[0] else new[0], most[1] if new[1] > old[1] else new[1])
                self.base[step.dest] = new
                changed = True
                for reader in readers.get(step.dest, ()):
                    waiting[reader] = True
            if not changed:
                return True
        return False

    def _find_counts(self) -> None:
        """The phis that change by small constants only, and what they start from."""
        phis = self._phis = {phi.dest: phi for block in self.order for phi in block.phis if phi.dest.type == "i64"}
        ways: dict[Value, tuple[Value | None, Interval]] = {}
        for phi in phis.values():
            found = _Count(set())
            seen: set[Value] = set()
            work = [phi.dest]
            while work:
                value = work.pop()
                if value in seen:
                    continue
                seen.add(value)
                if value in phis:
                    work.extend(phis[value].incoming.values())
                    continue
                maker = self.makers.get(value)
                way = ways.get(value)
                if way is None:
                    way = ways[value] = self._step(maker)
                counted, (low, high) = way
                if counted is None:
                    found.starts.add(value)
                    continue
                found.up |= high > 0
                found.down |= low < 0
                found.checked |= maker is not None and maker.exit is not None
                work.append(counted)
            if found.up or found.down:
                self.counts[phi] = found

    def _step(self, maker: Instr | None) -> tuple[Value | None, Interval]:
        """What an instruction adds a small number to, and the interval of that; None: it does something else."""
        if maker is None or maker.op not in ("ADD", "SUB") or "wraps" in maker.facts:
            return None, (0, 0)
        counted, by = maker.args
        low, high = self._small(by)
        if low > high and maker.op == "ADD":
            by, counted = counted, by
            low, high = self._small(by)
        if low > high:
            return None, (0, 0)
        return counted, (low, high) if maker.op == "ADD" else (-high, -low)

    def _small(self, value: Value) -> Interval:
        """The interval of a value that is small whatever happens; an empty one for others."""
        maker = self.makers.get(value)
        if maker is not None and maker.op == "K" and abs(maker.imm) <= _SMALL_STEP:
            return int(maker.imm), int(maker.imm)
        return _SOURCES["BOOL_TO_INT"] if maker is not None and maker.op == "BOOL_TO_INT" else (1, 0)

    def is_near(self, value: Value) -> bool:
        """Whether a count may start from a value, as far as is known where the function begins."""
        found = self.at(value, self.ends[self.fn.entry])
        return found is None or -COUNT_ROOM <= found[0] <= found[1] <= COUNT_ROOM

    def _counted(self, phi: Phi) -> Interval:
        """What a phi can be if it only counts."""
        count = self.counts.get(phi)
        if count is None:
            return FULL
        known = self.ends[self.fn.entry]
        starts = [start for value in count.starts if (start := self.at(value, known)) is not None]
        if any(low < -COUNT_ROOM or high > COUNT_ROOM for low, high in starts):
            return FULL
        low, high = min((s[0] for s in starts), default=0), max((s[1] for s in starts), default=0)
        return (low - _MOST_COUNTED if count.down else low, high + _MOST_COUNTED if count.up else high)

    def _select_bounds(self, instr: Instr) -> None:
        """An arm of SELECT is taken where its condition holds (or does not)."""
        if instr.op == "SELECT":
            for position, truth in ((1, True), (2, False)):
                self._bounds[instr, position] = self._assume(instr.args[0], truth, self.known[instr])

    def _value(self, step: Phi | Instr) -> Interval | None:
        """The interval of a step by what its operands are now."""
        parts = [self.at(value, known) for value, known in self._operands[step]]
        if isinstance(step, Instr):
            return self._clipped(step, self._transfer(step, parts))
        found = _hull(part for part in parts if part is not None)
        if found is None or step not in self.counts:
            return found
        most = self._counted(step)
        return (max(found[0], most[0]), min(found[1], most[1]))

    def _clipped(self, instr: Instr, made: Interval | None) -> Interval | None:
        """What is left of a result where the instruction does not leave."""
        if made is None:
            return None
        low, high = max(made[0], LOWEST), min(made[1], HIGHEST)
        if "wraps" in instr.facts and (low, high) != made:
            return FULL
        return (low, high) if low <= high else None

    def _transfer(self, instr: Instr, parts: list[Interval | None]) -> Interval | None:
        if instr.op == "SELECT":
            return _hull(part for part in parts if part is not None)
        known = [part for part in parts if part is not None]
        made = transfer(instr, known) if len(known) == len(parts) else None
        if made is None or instr.op != "SUB" or made[0] >= 0:
            return made
        least = self._difference(instr)
        return made if least is None or least <= made[0] else (least, max(least, made[1]))

    def _difference(self, instr: Instr) -> int | None:
        """How far the first operand of a SUB is above the second, at least, by the comparisons that hold there."""
        (upper, more), (lower, less) = (self.linear(value) for value in instr.args)
        found = None
        for relation in self.known[instr] or ():
            if relation.op == "NE":
                continue
            (left, low), (right, high) = self.linear(relation.left), self.linear(relation.right)
            if left is lower and right is upper:
                least = low - high + (relation.op == "LT") + more - less
                found = least if found is None else max(found, least)
        return found

    def start(self, value: Value) -> Value | None:
        """What a phi that only counts down starts from."""
        phi = self._phis.get(value)
        if phi is None:
            return None
        starts = set()
        for incoming in phi.incoming.values():
            root, step = self.linear(incoming)
            if root is not value or step > 0:
                starts.add(incoming)
        return starts.pop() if len(starts) == 1 else None

    def linear(self, value: Value) -> tuple[Value, int]:
        """`value` as another value plus a constant."""
        offset = 0
        while True:
            maker = self.makers.get(value)
            if maker is None or maker.op not in ("ADD", "SUB") or "wraps" in maker.facts:
                return value, offset
            a, b = maker.args
            step, rest = self.makers.get(b), a
            if (step is None or step.op != "K") and maker.op == "ADD":
                step, rest = self.makers.get(a), b
            if step is None or step.op != "K":
                return value, offset
            offset += step.imm if maker.op == "ADD" else -step.imm
            value = rest


_SOURCES: dict[str, Interval] = {
    "BOOL_TO_INT": (0, 1), "TAG_OF": (0, len(types.TAGGED) - 1), "LIST_LEN": (0, LONGEST_LIST),
    "MIRROR_WIDTH": (0, LONGEST_LIST),
    "ARRAY_DIM": (0, HIGHEST),
}
_HANDLED = frozenset((
    "ADD", "SUB", "MUL", "NEG", "ABS", "INVERT", "AND", "OR", "XOR", "MOD", "FLOORDIV", "LSHIFT", "RSHIFT", "POW",
    "WRAP", "INDEX",
))


def transfer(instr: Instr, parts: list[Interval]) -> Interval | None:
    """The interval of an instruction's true result, from those of its i64 operands in their order.

    Returns:
        The interval, or None where the instruction always leaves.
    """
    op = instr.op
    if op == "K":
        return (instr.imm, instr.imm)
    source = _SOURCES.get(op)
    if source is not None:
        return source
    if op in ("ARRAY_LOAD", "UNBOX_NP"):
        dtype = instr.imm[1] if op == "ARRAY_LOAD" else instr.imm[0]
        return types.INT_DTYPES.get(dtype, FULL) if dtype != "uint64" or op == "UNBOX_NP" else FULL
    if op == "RANDOM_BITS":
        return (0, 2**min(max(0, parts[0][1]), 63) - 1)
    if op == "SELECT":
        return _hull(parts)
    if not parts or len(parts) < len(instr.args) or op not in _HANDLED:
        return FULL
    return _unary(instr, parts[0]) if len(parts) == 1 else _binary(op, parts[0], parts[1])


def _hull(parts: Iterable[Interval]) -> Interval | None:
    found = list(parts)
    if len(found) < 2:
        return found[0] if found else None
    lows, highs = zip(*found, strict=True)
    return min(lows), max(highs)


def _unary(instr: Instr, a: Interval) -> Interval | None:
    low, high = a
    if instr.op == "NEG":
        return (-high, -low)
    if instr.op == "INVERT":
        return (~high, ~low)
    if instr.op == "ABS":
        return (max(low, -high, 0), max(-low, high))
    smallest, largest = types.INT_DTYPES[instr.imm]  # WRAP
    low, high = max(low, smallest), min(high, largest)
    return (low, high) if low <= high else None


def _binary(op: str, a: Interval, b: Interval) -> Interval | None:
    if op == "ADD":
        return (a[0] + b[0], a[1] + b[1])
    if op == "SUB":
        return (a[0] - b[1], a[1] - b[0])
    if op == "MUL":
        corners = [x * y for x in a for y in b]
        return (min(corners), max(corners))
    if op == "AND":
        highs = [part[1] for part in (a, b) if part[0] >= 0]
        return (0, min(highs)) if highs else FULL
    if op in ("OR", "XOR"):
        if a[0] < 0 or b[0] < 0:
            return FULL
        return (max(a[0], b[0]) if op == "OR" else 0, (1 << max(a[1], b[1]).bit_length()) - 1)
    if op == "MOD":
        if b[0] > 0:
            return (0, min(b[1] - 1, a[1])) if a[0] >= 0 else (0, b[1] - 1)
        return (min(b[0] + 1, 0), max(b[1] - 1, 0))
    if op == "FLOORDIV":
        if b[0] <= 0:
            return FULL
        corners = [x // y for x in a for y in b]
        return (min(corners), max(corners))
    if op in ("LSHIFT", "RSHIFT"):
        counts = (max(b[0], 0), min(b[1], 63))  # a negative count leaves
        if counts[0] > counts[1]:
            return FULL
        corners = [x << y if op == "LSHIFT" else x >> y for x in a for y in counts]
        return (min(corners), max(corners))
    if op == "POW":
        return (0, HIGHEST) if a[0] >= 0 else FULL
    if a[0] >= 0:  # INDEX: an index from the front, below the dimension
        return (a[0], min(a[1], b[1] - 1))
    return (0, max(b[1] - 1, 0))
