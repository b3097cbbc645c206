"""What a counted loop needs so that a stretch of its iterations can be run without exits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from zexus import types
from zexus.records import dataclass
from zexus.regvm import cfg
from zexus.regvm.cfg import Loop
from zexus.regvm.intervals import FULL, HIGHEST, LOWEST, Interval, Intervals, transfer
from zexus.regvm.ir import Block, Function, Instr, Phi, Value
from zexus.settings import JIT_DEFAULTS

LENGTH = JIT_DEFAULTS.stretch_length
# Sums of products need smaller factors than products.
_SIZES = (2**31, 2**24)
_MOST_GROWTH = 2**60  # of a sum in one stretch
# How much longer stretches are that have no items to keep.
_FREE_LENGTH = 4
_EXACT = 2**53
# Beyond this, compiling the body twice costs more than it brings.
LONGEST_COPY = JIT_DEFAULTS.stretch_size

_ARITHMETIC = frozenset(("ADD", "SUB", "MUL", "NEG", "ABS"))
_DIVIDING = frozenset(("FLOORDIV", "MOD"))
_SHIFTS = frozenset(("LSHIFT", "RSHIFT"))
_PROVABLE = _ARITHMETIC | _DIVIDING | {"EXACT_FLOAT"}
_DEFERRABLE = frozenset(("CHECK_FP", "GUARD", "WRAP", "MATH_SQRT"))


@dataclass
class Stretch:
    """A loop that can be run in stretches.

    Attributes:
        preheader: the block before the header.
        counter: the phi that counts up by one.
        test: the instruction of the header that compares the counter with the end.
        slices: the blocks of the time slices, one for each way round.
        is_root: what the loop's TICK carries.
        length: how many iterations there are at most.
        leaves: intervals in which values must lie at the start of a stretch, so that no integer overflows in it.
        indices: the INDEX instructions whose indices must be tested at both ends of a stretch.
        deferred: the checks that raise the flag.
        sums: phis of the header that raise it behind the stretch if they are not finite, for the checks of their steps.
        stores: for each store the flag could have to take back: whether it moves on with the counter.
        wraps: the interval of the results of WRAP instructions.
        items: the loads of integers that must be small, which the flag is raised for as well.
        bound: what is small: from -bound to bound - 1.
        loose: the integer instructions whose results may not fit where items are not small.
        makers: the instructions of the loop by their results.
        needs_copy: whether anything in the loop has an exit.
    """

    preheader: Block
    counter: Phi
    test: Instr
    slices: list[Block]
    is_root: bool
    length: int
    makers: dict[Value, Instr]
    leaves: dict[Value, Interval] = field(default_factory=dict)
    indices: list[Instr] = field(default_factory=list)
    deferred: set[Instr] = field(default_factory=set)
    sums: list[Phi] = field(default_factory=list)
    stores: dict[Instr, bool] = field(default_factory=dict)
    wraps: dict[Instr, Interval] = field(default_factory=dict)
    items: set[Instr] = field(default_factory=set)
    bound: int = 0
    loose: set[Instr] = field(default_factory=set)
    needs_copy: bool = False

    @property
    def end(self) -> Value:
        return self.test.args[1]


def study(fn: Function, found: Intervals, loop: Loop, length: int = LENGTH,
          longest: int = LONGEST_COPY) -> Stretch | None:
    """What is needed to run a loop in stretches.

    Args:
        fn: the typed function.
        found: its intervals.
        loop: an innermost loop of it.
        length: iterations of a stretch.
        longest: instructions of a body that may be copied.

    Returns:
        The stretch, or None where the loop does not count, has other ways out, or does what needs an exit.
    """
    stretch = _shape(fn, found, loop, length)
    if stretch is None or not _self_contained(fn, loop, stretch):
        return None
    return stretch if _Study(found, loop, stretch).succeeds(longest) else None


def _shape(fn: Function, found: Intervals, loop: Loop, length: int) -> Stretch | None:
    """The loop as a counted one with time slices, which only its header leaves."""
    preds = cfg.predecessors(fn)
    outside = [p for p in preds[loop.header] if p not in loop.blocks]
    last = loop.header.terminator
    if len(outside) != 1 or outside[0].terminator.op != "JUMP" or outside[0].terminator.exit is None:
        return None
    if any(latch.terminator.op != "TICK" for latch in loop.latches):
        return None
    slices = [latch.terminator.targets[1] for latch in loop.latches]
    if any(preds[s] != [latch] or s.successors != [outside[0]] for s, latch in zip(slices, loop.latches, strict=True)):
        return None
    test = found.makers.get(last.args[0]) if last.op == "BRANCH" else None
    if test is None or test.op != "LT" or test not in loop.header.instrs:
        return None
    if last.targets[0] not in loop.blocks or last.targets[1] in loop.blocks:
        return None
    leaving = [t for b in loop.blocks - {loop.header} for t in b.successors if t not in loop.blocks and t not in slices]
    makers = {i.dest: i for b in loop.blocks for i in b.instrs if i.dest is not None}
    counter = next((phi for phi in loop.header.phis if phi.dest is test.args[0]), None)
    if leaving or counter is None or test.args[1] in makers or test.args[1] in _phi_values(loop):
        return None
    if any(found.linear(counter.incoming[latch]) != (counter.dest, 1) for latch in loop.latches):
        return None
    is_root = bool(loop.latches[0].terminator.imm)
    return Stretch(outside[0], counter, test, slices, is_root, length, makers)


def _phi_values(loop: Loop) -> set[Value]:
    return {phi.dest for block in loop.blocks for phi in block.phis}


def _self_contained(fn: Function, loop: Loop, stretch: Stretch) -> bool:
    """Whether the loop's values are used behind it only as the header's phis, and the slices only hand those on."""
    inner = (set(stretch.makers) | _phi_values(loop)) - {phi.dest for phi in loop.header.phis}
    exits = set()
    for block in fn.blocks:
        if block in loop.blocks or block in stretch.slices:
            continue
        if block is not stretch.preheader and any(v in inner for phi in block.phis for v in phi.incoming.values()):
            return False
        for instr in block.instrs:
            if any(v in inner for v in instr.args):
                return False
            if instr.exit is not None:
                exits.add(instr.exit)
    if any(value in inner for way in exits for value, _ in way.leaves):
        return False
    if any(i.exit in exits for block in loop.blocks for i in block.instrs if i.exit is not None):
        return False
    inner |= {phi.dest for phi in loop.header.phis}
    for block in stretch.slices:
        if any(v in inner for instr in block.instrs for v in instr.args):
            return False
    brought = {phi.incoming[stretch.preheader] for phi in loop.header.phis}
    for phi in stretch.preheader.phis:
        handed = {phi.incoming[block] for block in stretch.slices}
        if phi.dest not in brought and (len(handed) > 1 or not handed.isdisjoint(inner)):
            return False
    return True


class _Study:
    """The instructions of one loop: which checks a test before the stretch, or a flag behind it, can stand for."""

    def __init__(self, found: Intervals, loop: Loop, stretch: Stretch) -> None:
        self.found = found
        self.loop = loop
        self.stretch = stretch
        self.length = stretch.length
        self.order = [b for b in found.order if b in loop.blocks]
        self.phis = {phi.dest: phi for block in self.order for phi in block.phis}
        self.header_phis = {phi.dest: phi for phi in loop.header.phis}
        self.ranges: dict[Value, Interval] = {}
        self.small: Interval = (0, 0)
        self.users: dict[Value, list[Instr]] = {}
        for instr in self.instructions():
            for value in instr.args:
                self.users.setdefault(value, []).append(instr)

    def instructions(self) -> Iterator[Instr]:
        for block in self.order:
            yield from block.instrs

    def succeeds(self, longest: int) -> bool:
        stretch = self.stretch
        to_prove: list[Instr] = []
        checks: list[Instr] = []
        size = sum(len(block.instrs) for block in self.order)
        for instr in self.instructions():
            row = instr.row
            if instr.op in ("JUMP", "BRANCH", "TICK"):
                continue
            if "pools" in row.facts.traits or (row.effect in ("write", "call") and instr.op != "ARRAY_STORE"):
                return False
            if instr.op == "ARRAY_STORE" or instr.exit is None:
                continue
            stretch.needs_copy = True
            if instr.op in _DEFERRABLE:
                checks.append(instr)
            elif instr.op == "INDEX":
                stretch.indices.append(instr)
            elif instr.op in _PROVABLE:
                to_prove.append(instr)
            else:
                return False
        if not stretch.needs_copy:
            return True
        if size > longest:
            return False
        if not all(self.can_wait(check) for check in checks):
            return False
        stretch.deferred = {check for check in checks if not self.carried_on(check)}
        self.gather_sums()
        if not self.fits(to_prove):
            return False
        # What items raise the flag for is known only now; with a flag, stores have to be taken back.
        return not stretch.items or (self.fits(to_prove) and self.items_can_wait())

    def fits(self, to_prove: list[Instr]) -> bool:
        """Whether the checks that cannot wait have a test before the stretch."""
        return self.stores_can_be_taken_back() and self.indices_are_affine(to_prove) and self.proves(to_prove)

    # --- checks behind the stretch --------------------------------------------------------------------------

    def can_wait(self, check: Instr) -> bool:
        """Whether what follows a failed check does no harm before the flag is looked at."""
        if check.op == "GUARD":
            maker = self.stretch.makers.get(check.args[0])
            return maker is not None and maker.row.family == "compare" and maker.args[0].type == "f64"
        if check.op == "WRAP":
            assert check.dest is not None
            self.stretch.wraps[check] = types.INT_DTYPES[check.imm]
            return all(user.op == "ARRAY_STORE" and user.args[-1] is check.dest and check.dest not in user.args[:-1]
                       for user in self.users.get(check.dest, []))
        return True

    def carried_on(self, check: Instr) -> bool:
        """Whether a result that is not finite makes another one not finite, which is checked in the same block."""
        if check.op != "CHECK_FP":
            return False
        assert check.dest is not None
        block = next(b for b in self.order if check in b.instrs)
        for user in self.users.get(check.dest, []):
            if check.dest in _carried(user) and user in block.instrs:
                assert user.dest is not None
                if any(u.op == "CHECK_FP" and u.args[0] is user.dest and u in block.instrs
                       for u in self.users.get(user.dest, [])):
                    return True
        return False

    def gather_sums(self) -> None:
        """Look once, behind the stretch, at what stays not finite to its end, in place of each step to it."""
        header = self.loop.header
        for phi in header.phis:
            if phi.dest.type != "f64" or not self.stays(phi.dest, header, phi):
                continue
            steps = {check for block in self.order for check in block.instrs
                     if check in self.stretch.deferred and check.op == "CHECK_FP" and check.dest is not None
                     and self.stays(check.dest, block, phi)}
            if steps:
                self.stretch.deferred -= steps
                self.stretch.sums.append(phi)

    def stays(self, value: Value, block: Block, phi: Phi) -> bool:
        """Whether, once `block` has run, the next value of a header's phi is not finite if `value` is not."""
        reached = {block}
        for one in self.order[self.order.index(block):]:
            if one in reached:
                reached.update(t for t in one.successors if t in self.loop.blocks and t is not self.loop.header)

        def carries(found: Value) -> bool:
            if found is value:
                return True
            if found in self.header_phis:
                return False
            if found in self.phis:
                return all(source not in reached or carries(v) for source, v in self.phis[found].incoming.items())
            maker = self.stretch.makers.get(found)
            return maker is not None and any(carries(v) for v in _carried(maker))

        return all(latch not in reached or carries(phi.incoming[latch]) for latch in self.loop.latches)

    def stores_can_be_taken_back(self) -> bool:
        stretch = self.stretch
        if not stretch.deferred and not stretch.sums and not stretch.items:
            return True
        unavoidable = cfg.unavoidable(cfg.dominators(self.found.fn), self.loop)
        for block in self.order:
            always = block in unavoidable
            for instr in block.instrs:
                if instr.op != "ARRAY_STORE":
                    continue
                if len(instr.imm) > 2:
                    return False  # its items do not follow each other
                ndim = (instr.imm[0] - 2) // 2
                indices = instr.args[1 + ndim:-1]
                slopes = [self.slope(index) for index in indices]
                if any(value in self.phis or value in stretch.makers for value in instr.args[:1 + ndim]):
                    return False  # another array from iteration to iteration
                if any(slopes[:-1]) or None in slopes or slopes[-1] not in (0, 1):
                    return False
                stretch.stores[instr] = slopes[-1] == 1
                if always:
                    continue
                for index in indices:
                    maker = stretch.makers.get(index)
                    if maker is not None and (maker.op != "INDEX" or maker not in stretch.indices):
                        if maker.op != "INDEX":
                            return False
                        stretch.indices.append(maker)
        return True

    def items_can_wait(self) -> bool:
        """Whether items that are not small do no harm before the flag is looked at: nothing may trap."""
        loose = {item.dest for item in self.stretch.items}
        known = 0
        while known < len(loose):
            known = len(loose)
            loose.update(phi.dest for phi in self.phis.values() if not loose.isdisjoint(phi.incoming.values()))
            loose.update(instr.dest for instr in self.instructions() if not loose.isdisjoint(instr.args))
        for instr in self.instructions():
            if instr.op in _DIVIDING and not loose.isdisjoint(instr.args):
                if instr.args[1] in loose or self.range_of(instr.args[1])[0] <= 0:
                    return False
            elif instr.op in _SHIFTS and instr.args[1] in loose:
                return False
            elif instr.op in _ARITHMETIC and instr.dest in loose and instr.args[0].type == "i64":
                self.stretch.loose.add(instr)
        return True

    # --- tests before the stretch -----------------------------------------------------------------------------

    def slope(self, value: Value) -> int | None:
        """By how much a value grows with the counter; None where it is no linear function of it."""
        if value is self.stretch.counter.dest:
            return 1
        if value in self.phis:
            return None
        maker = self.stretch.makers.get(value)
        if maker is None or maker.op == "K":
            return 0
        if maker.op == "INDEX":
            return self.slope(maker.args[0])
        if maker.op not in ("ADD", "SUB", "MUL"):
            return None
        a, b = self.slope(maker.args[0]), self.slope(maker.args[1])
        if a is None or b is None:
            return None
        if maker.op == "MUL":
            return 0 if a == b == 0 else self.scaled(maker, a, b)
        return a + b if maker.op == "ADD" else a - b

    def scaled(self, product: Instr, a: int, b: int) -> int | None:
        """The slope of a product with an invariant: only its sign and whether it is zero or one matter."""
        factor = product.args[1] if b == 0 else product.args[0]
        if a and b:
            return None
        maker = self.found.makers.get(factor)
        return (a or b) * int(maker.imm) if maker is not None and maker.op == "K" else 1 << 40

    def indices_are_affine(self, to_prove: list[Instr]) -> bool:
        """Linear functions lie within bounds if their ends do; the ends are computed without overflow."""
        for instr in self.stretch.indices:
            for value in instr.args:
                if self.slope(value) is None:
                    return False
                self.gather(value, to_prove)
        for store in self.stretch.stores:
            for value in store.args[:-1]:
                if value.type == "i64":
                    self.gather(value, to_prove)
        return True

    def gather(self, value: Value, to_prove: list[Instr]) -> None:
        maker = self.stretch.makers.get(value)
        if maker is None:
            return
        if maker.op in _ARITHMETIC and maker not in to_prove:
            to_prove.append(maker)
        for arg in maker.args:
            self.gather(arg, to_prove)

    def proves(self, to_prove: list[Instr]) -> bool:
        """Whether no integer check can fail while the leaves lie in their intervals."""
        lengths = (self.length,) if self.stretch.stores else (_FREE_LENGTH * self.length, self.length)
        return any(self.proves_below(size, length, to_prove) for length in lengths for size in _SIZES)

    def proves_below(self, size: int, length: int, to_prove: list[Instr]) -> bool:
        """Whether leaves from -size to size are small enough for stretches of a length."""
        self.small, self.stretch.bound, self.stretch.length = (-size, size), size, length
        self.assume(to_prove, {})
        self.evaluate()
        sums = {phi: 0 for phi in self.carried() if not self.stays_small(phi)}
        if sums:
            self.assume(to_prove, sums)
            self.evaluate()
            for phi in sums:
                growth = self.growth(phi)
                if growth is None or growth * length > _MOST_GROWTH:
                    return False
                sums[phi] = growth
            self.assume(to_prove, sums)
            self.evaluate()
        return all(self.holds(instr) for instr in to_prove) and all(
            self.growth(phi) == sums[phi] if phi in sums else self.stays_small(phi) for phi in self.carried())

    def assume(self, to_prove: list[Instr], sums: dict[Phi, int]) -> None:
        """Small leaves below what is to be proven; the header's phis in `sums` only leave room for their growth."""
        self.ranges.clear()
        self.stretch.leaves.clear()
        self.stretch.items.clear()
        seen: set[Value] = set()
        work = [v for instr in to_prove for v in instr.args if v.type == "i64"]
        divisors = {instr.args[1] for instr in to_prove if instr.op in _DIVIDING}
        start = self.found.ends[self.stretch.preheader]
        while work:
            value = work.pop()
            if value in seen:
                continue
            seen.add(value)
            if value is self.stretch.counter.dest:
                self.stretch.leaves[value] = (self.small[0], self.small[1] - self.stretch.length)
                self.ranges[value] = self.small
            elif value in self.header_phis:
                phi = self.header_phis[value]
                growth = sums.get(phi, 0)
                room = growth * self.stretch.length
                self.stretch.leaves[value] = (LOWEST + room, HIGHEST - room) if phi in sums else self.small
                self.ranges[value] = (LOWEST + growth, HIGHEST - growth) if phi in sums else self.small
                work.extend(phi.incoming[latch] for latch in self.loop.latches)
            elif value in self.phis:
                work.extend(self.phis[value].incoming.values())
            elif value in self.stretch.makers:
                maker = self.stretch.makers[value]
                if self.is_wide_item(maker):
                    self.stretch.items.add(maker)
                    self.ranges[value] = (-self.stretch.bound, self.stretch.bound - 1)
                else:
                    work.extend(v for v in maker.args if v.type == "i64")
            else:
                known = self.found.at(value, start) or FULL
                low, high = max(known[0], 1 if value in divisors else self.small[0]), min(known[1], self.small[1])
                self.ranges[value] = known if low > high else (low, high)
                if self.ranges[value] != known:
                    self.stretch.leaves[value] = self.ranges[value]

    def is_wide_item(self, maker: Instr) -> bool:
        """Whether an instruction reads an integer of an array that may be too large."""
        low, high = transfer(maker, []) or FULL
        return maker.op == "ARRAY_LOAD" and not self.small[0] <= low <= high <= self.small[1]

    def evaluate(self) -> None:
        """The intervals of the loop's integers under what is assumed."""
        for block in self.order:
            for phi in block.phis:
                if block is not self.loop.header and phi.dest.type == "i64":
                    parts = [self.range_of(v) for v in phi.incoming.values()]
                    self.ranges[phi.dest] = (min(p[0] for p in parts), max(p[1] for p in parts))
            for instr in block.instrs:
                if instr.dest is not None and instr.dest.type == "i64" and instr not in self.stretch.items:
                    low, high = self.exact(instr)
                    self.ranges[instr.dest] = (max(low, LOWEST), min(high, HIGHEST))

    def range_of(self, value: Value) -> Interval:
        found = self.ranges.get(value)
        if found is not None:
            return found
        if value in self.phis or value in self.stretch.makers:
            return FULL
        return self.found.at(value, self.found.ends[self.stretch.preheader]) or FULL

    def exact(self, instr: Instr) -> Interval:
        """The interval of the true result."""
        return transfer(instr, [self.range_of(v) for v in instr.args if v.type == "i64"]) or FULL

    def holds(self, instr: Instr) -> bool:
        """Whether an integer check cannot fail."""
        if instr.op == "EXACT_FLOAT":
            low, high = self.range_of(instr.args[0])
            return low >= -_EXACT and high <= _EXACT
        if instr.op in _DIVIDING:
            a, b = self.range_of(instr.args[0]), self.range_of(instr.args[1])
            return instr.args[0].type == "i64" and not b[0] <= 0 <= b[1] and (b[0] > 0 or a[0] > LOWEST)
        low, high = self.exact(instr)
        return low >= LOWEST and high <= HIGHEST

    def carried(self) -> list[Phi]:
        """The header's phis of which something is assumed, but for the counter."""
        return [phi for value, phi in self.header_phis.items()
                if phi is not self.stretch.counter and value in self.stretch.leaves]

    def stays_small(self, phi: Phi) -> bool:
        """Whether an iteration that finds a phi small leaves it small."""
        parts = [self.range_of(phi.incoming[latch]) for latch in self.loop.latches]
        return all(self.small[0] <= low and high <= self.small[1] for low, high in parts)

    def growth(self, phi: Phi) -> int | None:
        """By how much a phi of the header can change in an iteration, in either direction."""
        grown = [self.distance(phi, phi.incoming[latch]) for latch in self.loop.latches]
        known = [g for g in grown if g is not None]
        return max(known) if len(known) == len(grown) else None

    def distance(self, phi: Phi, value: Value) -> int | None:
        """How far `value` can be from the phi."""
        if value is phi.dest:
            return 0
        if value in self.phis:
            if value in self.header_phis:
                return None
            parts = [self.distance(phi, v) for v in self.phis[value].incoming.values()]
            known = [p for p in parts if p is not None]
            return max(known) if len(known) == len(parts) else None
        maker = self.stretch.makers.get(value)
        if maker is None or maker.op not in ("ADD", "SUB"):
            return None
        a, b = maker.args
        for held, other in ((a, b), (b, a)) if maker.op == "ADD" else ((a, b),):
            inner = self.distance(phi, held)
            if inner is not None:
                low, high = self.range_of(other)
                return inner + max(abs(low), abs(high))
        return None


def _carried(instr: Instr) -> list[Value]:
    """The operands that make a float result not finite if they are not."""
    if instr.dest is None or instr.dest.type != "f64":
        return []
    return {"ADD": instr.args, "SUB": instr.args, "MUL": instr.args, "TRUEDIV": instr.args[:1],
            "CHECK_FP": instr.args[:1], "NEG": instr.args}.get(instr.op, [])
