"""Counting: functions with a TALLY on each edge that needs one, and lines that count the exceptions.

TALLYs are put in before anything is optimized. Every optimizer keeps them where they are and every machine runs them,
so that a program has the same counts on every machine and at every level: those of its instructions as they were
written.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from zexus.bytecode import Code, Instruction, Module, Position, mapped
from zexus.vm.metering import metered_code
from zexus.vm.profiling.flow import OUTSIDE, Counts, Edge, Flow, Loop
from zexus.vm.profiling.timing import Watch
from zexus.vm.profiling.watching import Ahead, Timed, with_watches
from zexus.vm.tracebacks import Spot


@dataclass
class Tallies:
    """How often control has passed each TALLY, by its number: on the stack machine and on those for warm programs."""

    stack: list[int] = field(default_factory=list)
    register: list[int] = field(default_factory=list)
    generated: list[int] = field(default_factory=list)

    def resize(self, counters: int) -> None:
        """Make room for more counters; machines keep the lists that they have."""
        for tally in (self.stack, self.register, self.generated):
            tally += [0] * (counters - len(tally))

    def clear(self) -> None:
        """Begin anew."""
        for tally in (self.stack, self.register, self.generated):
            tally[:] = [0] * len(tally)

    def machine(self, number: int) -> str:
        """The machine that has passed a counter most often."""
        counts = {"stack": self.stack[number], "register": self.register[number],
                  "generated": self.generated[number]}
        return max(counts, key=counts.__getitem__)

    def passed(self, number: int) -> int:
        """How often control has passed a counter."""
        return self.stack[number] + self.register[number] + self.generated[number]


@dataclass(eq=False)
class Counted:
    """A function that is counted.

    Attributes:
        written: as the program has it.
        flow: of the function with the instructions that limits need, before counters stood in it.
        spots: one for each of these instructions.
        written_at: for each of them the index in `written`; -1 for one that was put in.
        counters: the number of each counter.
        made: with the counters in it.
        watch: what times its calls, if anything does.
        watches: what times its loops, where anything does.
    """

    written: Code
    flow: Flow
    spots: list[Spot]
    written_at: list[int]
    counters: dict[Edge, int]
    made: Code
    watch: Watch | None
    watches: dict[Loop, Watch]

    def counts(self, tallies: Tallies) -> Counts:
        """What the counters say by now."""
        return self.flow.derive(lambda edge: tallies.passed(self.counters[edge]), [spot.left for spot in self.spots],
                                [spot.ended for spot in self.spots])

    def clear(self) -> None:
        """Forget the exceptions, and all times."""
        for spot in self.spots:
            spot.left = spot.ended = 0
        for watch in (*self.watches.values(), *([self.watch] if self.watch is not None else [])):
            watch.clear()


def counted_module(module: Module, first: int, limited: bool,
                   timed: Timed = Timed.NOTHING) -> tuple[Module, list[Counted]]:
    """A module of the same functions with counters, and what these mean.

    Args:
        module: which has been verified.
        first: the number of the first counter.
        limited: whether the functions are to spend the budget of a run, too.
        timed: which calls and loops are timed.
    """
    found = []
    for code in module.functions.values():
        found.append(count(code, first, limited, timed))
        first += len(found[-1].counters)
    made = Module(module.name, module.filename, {one.written.name: one.made for one in found})
    return made, found


def count(code: Code, first: int, limited: bool, timed: Timed = Timed.NOTHING) -> Counted:
    """One function with counters; see `counted_module`."""
    instructions = [replace(instruction, position=_spotted(instruction.position, code.first_line, index))
                    for index, instruction in enumerate(code.instructions)]
    prepared = replace(code, instructions=instructions)
    if limited:
        prepared = metered_code(prepared)
    written_at: list[int] = []
    spots: list[Spot] = []
    for instruction, following in zip(prepared.instructions, [*prepared.instructions[1:], None]):
        position = instruction.position
        assert position is not None and type(position.line) is Spot
        is_added = instruction.op == "METER" and following is not None and following.position is position
        if is_added:
            instruction.position = position = _spotted(position, 0, position.line.index)
        spot = position.line
        assert type(spot) is Spot
        spots.append(spot)
        written_at.append(-1 if is_added else spot.index)
    flow = Flow(prepared)
    counters = {edge: first + number for number, edge in enumerate(edge for edge in flow.edges if edge.counted)}
    added: dict[Edge, list[Instruction]] = {
        edge: [Instruction("TALLY", number, _near(prepared, flow, edge))] for edge, number in counters.items()}
    watch: Watch | None = None
    watches: dict[Loop, Watch] = {}
    early: dict[int, list[Instruction]] = {}
    if timed:
        prepared, watch, watches, early = with_watches(prepared, flow, added, timed)
    made = _with_additions(prepared, flow, added, early)
    return Counted(code, flow, spots, written_at, counters, made, watch, watches)


def _near(code: Code, flow: Flow, edge: Edge) -> Position | None:
    """The position of what stands before an edge."""
    return code.instructions[0 if edge.source == OUTSIDE else flow.blocks[edge.source].stop - 1].position


def _spotted(position: Position | None, line: int, index: int) -> Position:
    """A position whose line counts exceptions."""
    if position is None:
        return Position(Spot.at(line, index), line, 0, 0)
    return replace(position, line=Spot.at(int(position.line), index))


def _with_additions(code: Code, flow: Flow, added: dict[Edge, list[Instruction]],
                    early: dict[int, list[Instruction]]) -> Code:
    """The function with instructions on its edges, and in front of some others."""
    before: dict[int, list[Instruction]] = {}  # of control that falls onto an instruction
    at: dict[int, list[Instruction]] = {}      # of all control that reaches it
    ends: dict[int, list[Instruction]] = {}    # before the jump or return that ends a block
    apart: dict[tuple[int, int], list[Instruction]] = {}  # of a jump, by its index and where it goes
    for edge, sequence in added.items():
        source = flow.blocks[edge.source] if edge.source != OUTSIDE else None
        target = flow.blocks[edge.target] if edge.target != OUTSIDE else None
        if target is not None and len(target.enters) == 1 and not target.handler:
            at[target.start] = sequence
        elif source is not None and len(source.leaves) == 1 and (edge.jumps or target is None):
            ends[source.stop - 1] = sequence
        elif not edge.jumps:
            assert target is not None
            before[target.start] = sequence
        else:
            assert source is not None and target is not None
            apart[source.stop - 1, target.start] = sequence
    made: list[Instruction] = []
    origins: list[int] = []  # where each comes from; -1 for what was added
    where: list[int] = []

    def append(sequence: list[Instruction]) -> None:
        start = len(made)
        made.extend(replace(one, arg=start + at + one.arg) if type(one.arg) is Ahead else one
                    for at, one in enumerate(sequence))
        origins.extend([-1] * len(sequence))

    for index, instruction in enumerate(code.instructions):
        append(before.get(index, []))
        where.append(len(made))
        append(at.get(index, []))
        append(ends.get(index, []))
        append(early.get(index, []))
        made.append(instruction)
        origins.append(index)
    where.append(len(made))
    tails: dict[tuple[int, int], int] = {}
    for (index, label), sequence in apart.items():
        tails[index, label] = len(made)
        append(sequence)
        made.append(Instruction("JUMP", where[label], code.instructions[index].position))
        origins.append(-1)

    def moved(index: int, kind: str, part: object) -> object:
        if kind == "label":
            return tails.get((index, part), where[part])  # type: ignore[arg-type, call-overload]
        if kind == "labels":
            return tuple(tails.get((index, one), where[one]) for one in part)  # type: ignore[attr-defined]
        return part

    relocated = [instruction if origin < 0 else
                 mapped(instruction, lambda kind, part, origin=origin: moved(origin, kind, part))  # type: ignore[misc]
                 for instruction, origin in zip(made, origins, strict=True)]
    return replace(code, instructions=relocated, handlers=[row.moved(where.__getitem__) for row in code.handlers])
