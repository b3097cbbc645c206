"""Register allocation: the values of a function get registers by graph colouring, the others slots in memory.

Chaitin, Register Allocation and Spilling via Graph Coloring (1982); Briggs, Cooper, Torczon, Improvements to Graph
Coloring Register Allocation (1994), for optimistic colouring and conservative coalescing; George and Appel, Iterated
Register Coalescing (1996), for the order of the two and the second test of coalescing.
"""

from __future__ import annotations

from collections.abc import Iterable

from zexus import ops
from zexus.records import dataclass
from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr, Value
from zexus.regvm.liveness import Masks

FEWEST, MOST = 2, 256
_CONSTANTS = frozenset(("CONST", "UNBOUND"))
_LOOP_WEIGHT = 10.0
_DEEPEST = 6


@dataclass(frozen=True)
class Pressure:
    """How many values are live, block by block.

    A block counts with its fullest point. Where the neighbours of a block are not fuller, that is a pressure point: a
    peak of the function's landscape. Means weigh a block as often as it is taken to run.

    Attributes:
        most: live at once anywhere; no allocation has fewer colours.
        peaks: the mean over the pressure points.
        blocks: the mean over all blocks.
    """

    most: int
    peaks: float
    blocks: float


@dataclass
class Allocation:
    """A function whose values are places.

    The values of `fn` (of form "register") are numbered by what they are, with K = `fn.registers`:
        0 .. K-1            registers.
        K .. K+slots-1      slots: a whole live range each. SPILL writes one and RELOAD reads one. Instructions that may
                            have more operands than there are registers (see `reads_slots`) name slots as operands. A
                            parameter may be a slot: the caller puts the argument there.
        K+slots ..          constants: each is defined once, by a CONST or UNBOUND at the beginning of the entry, is
                            never written again, and may be an operand of any instruction.
    Blocks have the numbers that they had; blocks on split edges have new ones. MOVEs within one place are gone.
    `Instr.index` and `Instr.context` tell where an instruction comes from, as before.

    Attributes:
        fn: the allocated function.
        slots: how many slots there are.
        colours: how many registers are in use.
        spilled: how many live ranges are in slots.
        coalesced: how many moves went because both sides share a place.
        pressure: how many values are live where it matters.
    """

    fn: Function
    slots: int
    colours: int
    spilled: int
    coalesced: int
    pressure: Pressure

    @property
    def utilization(self) -> float:
        """How full the registers in use are at the pressure points."""
        return self.pressure.peaks / self.colours if self.colours else 0.0


def reads_slots(op: str) -> bool:
    """Whether instructions of this row read operands from slots: those that may have more than two."""
    row = ops.OPS[op]
    return row.arity < 0 or row.arity > FEWEST or op == "LEAVE"


def allocate(fn: Function, registers: int) -> Allocation:
    """Give each value of a destructed function a place.

    Args:
        fn: of form "register" (see `destruct`); its instructions and blocks are used up.
        registers: how many registers there are.

    Returns:
        The allocation; `check.check` proves it against the SSA form.

    Raises:
        ValueError: fewer than 2 or more than 256 registers.
    """
    if not FEWEST <= registers <= MOST:
        raise ValueError(f"{registers} registers: {FEWEST} to {MOST} are wanted")
    constants = {instr.dest: None for instr in fn.instructions() if instr.op in _CONSTANTS and instr.dest is not None}
    slots: dict[Value, None] = {}
    temporaries: set[Value] = set()
    while True:
        graph = _Graph(fn, registers, {*constants, *slots}, temporaries)
        graph.run()
        if not graph.spilled:
            break
        homes: dict[Value, Value] = {}
        for members in graph.spilled:
            slot = fn.value()
            slots[slot] = None
            homes.update(dict.fromkeys(members, slot))
        _spill(fn, homes, temporaries)
    return _numbered(fn, graph, registers, list(slots), list(constants))


def _spill(fn: Function, homes: dict[Value, Value], temporaries: set[Value]) -> None:
    """Keep values in slots: their live ranges end where they are made, and begin anew where they are read."""
    fn.params = [homes.get(param, param) for param in fn.params]
    for block in fn.blocks:
        made: list[Instr] = []
        for instr in block.instrs:
            if instr.dest in homes or any(value in homes for value in instr.args):
                made.extend(_in_memory(fn, instr, homes, temporaries))
            else:
                made.append(instr)
        block.instrs = made


def _in_memory(fn: Function, instr: Instr, homes: dict[Value, Value], temporaries: set[Value]) -> list[Instr]:
    dest = homes.get(instr.dest) if instr.dest is not None else None
    if instr.op == "MOVE" and (dest is not None or instr.args[0] in homes):
        source = homes.get(instr.args[0])
        if source is dest:
            return []
        if source is None:
            instr.op, instr.dest = "SPILL", dest
            return [instr]
        if dest is None:
            instr.op, instr.args = "RELOAD", [source]
            return [instr]
        between = fn.value()
        temporaries.add(between)
        return [Instr("RELOAD", [source], between, index=instr.index, context=instr.context),
                Instr("SPILL", [between], dest, index=instr.index, context=instr.context)]
    made: list[Instr] = []
    if reads_slots(instr.op):
        instr.args = [homes.get(v, v) for v in instr.args]
    else:
        reloaded: dict[Value, Value] = {}
        for value in instr.args:
            if value in homes and value not in reloaded:
                reloaded[value] = fn.value()
                made.append(Instr("RELOAD", [homes[value]], reloaded[value], index=instr.index, context=instr.context))
        instr.args = [reloaded.get(v, v) for v in instr.args]
        temporaries.update(reloaded.values())
    made.append(instr)
    if dest is not None:
        instr.dest = fn.value()
        temporaries.add(instr.dest)
        made.append(Instr("SPILL", [instr.dest], dest, index=instr.index, context=instr.context))
    return made


class _Graph:
    """The interference graph of a function and its colouring."""

    def __init__(self, fn: Function, registers: int, fixed: set[Value], temporaries: set[Value]) -> None:
        self.fn = fn
        self.k = registers
        self.masks = Masks(fn, fixed)
        count = len(self.masks.values)
        self.number = {value: n for n, value in enumerate(self.masks.values)}
        self.neighbours: list[set[int]] = [set() for _ in range(count)]
        self.cost = [0.0] * count
        self.temporary = [value in temporaries for value in self.masks.values]
        self.short = [False] * count    # read where it is made: a slot would not shorten it
        self.weights: dict[Block, float] = {}  # how often a block is taken to run
        self.moves: list[tuple[int, int]] = []
        self.moves_of: list[set[int]] = [set() for _ in range(count)]
        self.alias = list(range(count))
        self.colour: list[int] = [-1] * count
        self.spilled: list[list[Value]] = []
        self.build()

    # --- the graph -----------------------------------------------------------------------------------

    def build(self) -> None:
        """Two values interfere where one is written while the other is live, moves between them aside."""
        bits = self.masks.bits
        found = [0] * len(self.neighbours)
        depths: dict[Block, int] = {}
        for loop in cfg.loops(self.fn):
            for block in loop.blocks:
                depths[block] = depths.get(block, 0) + 1
        for block in self.masks.entry:
            weight = self.weights[block] = _LOOP_WEIGHT ** min(depths.get(block, 0), _DEEPEST)
            behind: Instr | None = None
            for instr, _, after in self.masks.backwards(block):
                if behind is not None and instr.dest in behind.args and instr.dest in bits:
                    self.short[self.number[instr.dest]] = True
                behind = instr
                for value in instr.args:
                    if value in bits:
                        self.cost[self.number[value]] += weight
                if instr.dest is None or instr.dest not in bits:
                    continue
                dest = self.number[instr.dest]
                self.cost[dest] += weight
                other = after & ~bits[instr.dest]
                if instr.op == "MOVE" and instr.args[0] in bits:
                    source = self.number[instr.args[0]]
                    other &= ~bits[instr.args[0]]
                    if source != dest:
                        self.moves_of[dest].add(len(self.moves))
                        self.moves_of[source].add(len(self.moves))
                        self.moves.append((dest, source))
                found[dest] |= other
        self.settle_short()
        params = self.masks.mask(self.fn.params) | self.masks.entry[self.fn.entry]
        for param in self.fn.params:
            if param in bits:
                found[self.number[param]] |= params & ~bits[param]
        for node, mask in enumerate(found):
            while mask:
                low = mask & -mask
                other = low.bit_length() - 1
                self.neighbours[node].add(other)
                self.neighbours[other].add(node)
                mask ^= low

    def settle_short(self) -> None:
        """Short live ranges are made once and read once, right behind."""
        written = [0] * len(self.short)
        read = [0] * len(self.short)
        for instr in self.fn.instructions():
            if instr.dest in self.number:
                written[self.number[instr.dest]] += 1
            for value in set(instr.args) & self.number.keys():
                read[self.number[value]] += 1
        self.short = [short and written[n] == read[n] == 1 for n, short in enumerate(self.short)]

    # --- simplify, coalesce, freeze, select --------------------------------------------------------------

    def run(self) -> None:
        """Colour the graph; what has no colour stands in `spilled`, a list for each live range."""
        count = len(self.neighbours)
        self.degree = [len(n) for n in self.neighbours]
        self.removed = [False] * count      # on the stack
        self.merged = [False] * count       # coalesced into another one
        self.stack: list[int] = []
        self.frozen: set[int] = set()       # moves that are given up
        self.waiting = set(range(len(self.moves)))
        self.active: set[int] = set()
        self.simple: set[int] = set()
        self.freezable: set[int] = set()
        self.high: set[int] = set()
        for node in range(count):
            self.file(node)
        while True:
            if self.simple:
                self.remove(self.simple.pop())
            elif self.waiting:
                self.coalesce(self.waiting.pop())
            elif self.freezable:
                self.freeze(min(self.freezable, key=lambda n: self.cost[n]))
            elif self.high:
                self.remove(min(self.high, key=self.badness))
            else:
                break
        self.select()

    def badness(self, node: int) -> float:
        """What spilling a live range costs, by what it frees; a short one would only be made anew."""
        return float("inf") if self.temporary[node] or self.short[node] else self.cost[node] / max(self.degree[node], 1)

    def related(self, node: int) -> bool:
        return any(m in self.waiting or m in self.active for m in self.moves_of[node])

    def file(self, node: int) -> None:
        for work in (self.simple, self.freezable, self.high):
            work.discard(node)
        work = self.high if self.degree[node] >= self.k else self.freezable if self.related(node) else self.simple
        work.add(node)

    def adjacent(self, node: int) -> Iterable[int]:
        return [n for n in self.neighbours[node] if not self.removed[n] and not self.merged[n]]

    def find(self, node: int) -> int:
        alias = self.alias
        while alias[node] != node:
            alias[node] = alias[alias[node]]  # the next one who asks has half the way
            node = alias[node]
        return node

    def remove(self, node: int) -> None:
        for work in (self.freezable, self.high):
            work.discard(node)
        self.give_up(node)
        self.stack.append(node)
        self.removed[node] = True
        for other in self.adjacent(node):
            self.lower(other)

    def lower(self, node: int) -> None:
        self.degree[node] -= 1
        if self.degree[node] != self.k - 1:
            return
        for near in (node, *self.adjacent(node)):
            woken = self.moves_of[near] & self.active
            self.active -= woken
            self.waiting |= woken
        self.file(node)

    def give_up(self, node: int) -> None:
        """No move of this node will be coalesced any more."""
        for move in self.moves_of[node] & (self.waiting | self.active):
            self.waiting.discard(move)
            self.active.discard(move)
            self.frozen.add(move)
            for end in self.moves[move]:
                other = self.find(end)
                if other != node and other in self.freezable:
                    self.file(other)

    def freeze(self, node: int) -> None:
        self.give_up(node)
        self.file(node)

    def coalesce(self, move: int) -> None:
        self.waiting.discard(move)
        one, other = (self.find(end) for end in self.moves[move])
        if one == other or other in self.neighbours[one] or self.removed[one] or self.removed[other]:
            self.frozen.add(move)
        elif self.briggs(one, other) or self.george(one, other) or self.george(other, one):
            self.merge(one, other)
        else:
            self.active.add(move)
            return
        for node in {one, other}:
            if not self.removed[node] and not self.merged[node]:
                self.file(node)

    def briggs(self, one: int, other: int) -> bool:
        """The merged node would have fewer than k neighbours of high degree."""
        high = 0
        for near in {*self.adjacent(one), *self.adjacent(other)}:
            shared = near in self.neighbours[one] and near in self.neighbours[other]
            high += self.degree[near] - shared >= self.k
        return high < self.k

    def george(self, one: int, other: int) -> bool:
        """Each neighbour of `other` is one of `one` already, or has low degree."""
        return all(self.degree[near] < self.k or near in self.neighbours[one] for near in self.adjacent(other))

    def merge(self, one: int, other: int) -> None:
        self.alias[other] = one
        self.merged[other] = True
        for work in (self.simple, self.freezable, self.high):
            work.discard(other)
        self.moves_of[one] |= self.moves_of[other]
        self.cost[one] += self.cost[other]
        self.short[one] = self.short[one] and self.short[other]
        for near in self.adjacent(other):
            if near in self.neighbours[one]:
                self.lower(near)
            else:
                self.neighbours[one].add(near)
                self.neighbours[near].add(one)
                self.degree[one] += 1
        # Removed neighbours get their colours before: they count when colours are selected.
        for near in self.neighbours[other]:
            self.neighbours[one].add(near)
            self.neighbours[near].add(one)

    def select(self) -> None:
        lost: dict[int, None] = {}
        for node in reversed(self.stack):
            taken = {self.colour[self.find(near)] for near in self.neighbours[node]}
            free = next((c for c in range(self.k) if c not in taken), -1)
            if free >= 0:
                self.colour[node] = free
            else:
                lost[self.victim(node)] = None
        for node in lost:
            self.spilled.append([v for n, v in enumerate(self.masks.values) if self.find(n) == node])

    def victim(self, node: int) -> int:
        """Whose live range goes to a slot for want of a colour: the node's own, or one in the way of a short one."""
        if not self.temporary[node] and not self.short[node]:
            return node
        near = {self.find(n) for n in self.neighbours[node]}
        found = [n for n in near if self.colour[n] >= 0 and not self.temporary[n] and not self.short[n]]
        return min(found, key=lambda n: (self.cost[n], n), default=node)

    def register(self, value: Value) -> int:
        return self.colour[self.find(self.number[value])]


def _numbered(fn: Function, graph: _Graph, registers: int, slots: list[Value], constants: list[Value]) -> Allocation:
    """The function with places for values."""
    places = [Value(n) for n in range(registers + len(slots) + len(constants))]
    of: dict[Value, Value] = {value: places[graph.register(value)] for value in graph.masks.values}
    of.update(zip((*slots, *constants), places[registers:], strict=True))
    colours = len({p.number for p in of.values() if p.number < registers})
    pressure = _pressure(graph)
    fn.params = [of[v] for v in fn.params]
    before = sum(instr.op == "MOVE" for instr in fn.instructions())
    for block in fn.blocks:
        kept = []
        for instr in block.instrs:
            instr.args = [of[v] for v in instr.args]
            if instr.dest is not None:
                instr.dest = of[instr.dest]
            if instr.op != "MOVE" or instr.args[0] is not instr.dest:
                kept.append(instr)
        block.instrs = _without_reloads(kept, registers)
    _drop_unread(fn)
    fn.registers = registers
    fn.next_value = len(places)
    left = sum(instr.op == "MOVE" for instr in fn.instructions())
    return Allocation(fn, len(slots), colours, len(slots), before - left, pressure)


def _without_reloads(instrs: list[Instr], registers: int) -> list[Instr]:
    """A block's instructions without the reloads of what a register still holds."""
    places: dict[int, Value] = {}
    held: dict[int, set[int]] = {}
    kept = []
    for instr in instrs:
        dest = instr.dest
        if instr.op == "RELOAD" and dest is not None:
            slot = instr.args[0].number
            holder = dest.number if slot in held.get(dest.number, ()) else \
                next((r for r, slots in held.items() if slot in slots), -1)
            if holder == dest.number:
                continue
            if holder >= 0:
                instr.op, instr.args = "MOVE", [places[holder]]
            held[dest.number] = set(held.get(holder, (slot,)))
        elif instr.op == "SPILL" and dest is not None:
            for slots in held.values():
                slots.discard(dest.number)
            if instr.args[0].number < registers:
                places[instr.args[0].number] = instr.args[0]
                held.setdefault(instr.args[0].number, set()).add(dest.number)
        elif dest is not None:
            source = instr.args[0].number if instr.op == "MOVE" else -1
            held[dest.number] = set(held.get(source, ()))
        if dest is not None and dest.number < registers:
            places[dest.number] = dest
        kept.append(instr)
    return kept


def _drop_unread(fn: Function) -> None:
    """Remove the stores to slots that nothing reads."""
    read = {value.number for instr in fn.instructions() for value in instr.args}
    for block in fn.blocks:
        block.instrs = [i for i in block.instrs if i.op != "SPILL" or i.dest is None or i.dest.number in read]


def _pressure(graph: _Graph) -> Pressure:
    most = {block: max(max(before.bit_count(), after.bit_count())
                       for _, before, after in graph.masks.backwards(block)) for block in graph.weights}
    around: dict[Block, set[int]] = {block: set() for block in most}
    for block in most:
        for target in cfg.following(block):
            around[block].add(most[target])
            around[target].add(most[block])
    peaks = [block for block in most if all(other <= most[block] for other in around[block])]

    def mean(blocks: Iterable[Block]) -> float:
        weighed = [(graph.weights[block], most[block]) for block in blocks]
        return sum(weight * live for weight, live in weighed) / sum(weight for weight, _ in weighed)

    return Pressure(max(most.values()), mean(peaks), mean(most))
