"""Counting: functions with a TALLY on each edge that needs one, and lines that count the exceptions.

TALLYs are put in before anything is optimized. Every optimizer keeps them where they are and every machine runs them,
so that a program has the same counts on every machine and at every level: those of its instructions as they were
written.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from zexus.bytecode import Code, Instruction, Module, Position, mapped
from zexus.vm.metering import metered_code
from zexus.vm.profiling.flow import OUTSIDE, Counts, Edge, Flow
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
    """

    written: Code
    flow: Flow
    spots: list[Spot]
    written_at: list[int]
    counters: dict[Edge, int]
    made: Code

    def counts(self, tallies: Tallies) -> Counts:
        """What the counters say by now."""
        return self.flow.derive(lambda edge: tallies.passed(self.counters[edge]), [spot.left for spot in self.spots],
                                [spot.ended for spot in self.spots])

    def clear(self) -> None:
        """Forget the exceptions."""
        for spot in self.spots:
            spot.left = spot.ended = 0


def counted_module(module: Module, first: int, limited: bool) -> tuple[Module, list[Counted]]:
    """A module of the same functions with counters, and what these mean.

    Args:
        module: which has been verified.
        first: the number of the first counter.
        limited: whether the functions are to spend the budget of a run, too.
    """
    found = []
    for code in module.functions.values():
        found.append(count(code, first, limited))
        first += len(found[-1].counters)
    made = Module(module.name, module.filename, {one.written.name: one.made for one in found})
    return made, found


def count(code: Code, first: int, limited: bool) -> Counted:
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
        added = instruction.op == "METER" and following is not None and following.position is position
        if added:
            instruction.position = position = _spotted(position, 0, position.line.index)
        spot = position.line
        assert type(spot) is Spot
        spots.append(spot)
        written_at.append(-1 if added else spot.index)
    flow = Flow(prepared)
    counters = {edge: first + number for number, edge in enumerate(edge for edge in flow.edges if edge.counted)}
    return Counted(code, flow, spots, written_at, counters, _with_counters(prepared, flow, counters))


def _spotted(position: Position | None, line: int, index: int) -> Position:
    """A position whose line counts exceptions."""
    if position is None:
        return Position(Spot.at(line, index), line, 0, 0)
    return replace(position, line=Spot.at(int(position.line), index))


def _with_counters(code: Code, flow: Flow, counters: dict[Edge, int]) -> Code:
    """The function with a TALLY on each edge that has a number."""
    before: dict[int, list[int]] = {}   # counters of control that falls onto an instruction
    at: dict[int, list[int]] = {}       # those of all control that reaches it
    ends: dict[int, int] = {}           # those before the jump or return that ends a block
    apart: dict[tuple[int, int], int] = {}  # those of a jump, by its index and where it goes
    for edge, number in counters.items():
        source = flow.blocks[edge.source] if edge.source != OUTSIDE else None
        target = flow.blocks[edge.target] if edge.target != OUTSIDE else None
        if target is not None and len(target.enters) == 1 and not target.handler:
            at.setdefault(target.start, []).append(number)
        elif source is not None and len(source.leaves) == 1 and (edge.jumps or target is None):
            ends[source.stop - 1] = number
        elif not edge.jumps:
            assert target is not None
            before.setdefault(target.start, []).append(number)
        else:
            assert source is not None and target is not None
            apart[source.stop - 1, target.start] = number
    made: list[Instruction] = []
    where: list[int] = []
    origins: list[int] = []
    for index, instruction in enumerate(code.instructions):
        counts = [Instruction("TALLY", number, instruction.position) for number in before.get(index, ())]
        made += counts
        origins += [-1] * len(counts)
        where.append(len(made))
        for number in (*at.get(index, ()), *((ends[index],) if index in ends else ())):
            made.append(Instruction("TALLY", number, instruction.position))
            origins.append(-1)
        made.append(instruction)
        origins.append(index)
    where.append(len(made))
    tails: dict[tuple[int, int], int] = {}
    tail: list[Instruction] = []
    for (index, label), number in apart.items():
        position = code.instructions[index].position
        tails[index, label] = len(made) + len(tail)
        tail += [Instruction("TALLY", number, position), Instruction("JUMP", where[label], position)]

    def moved(index: int, kind: str, part: object) -> object:
        if kind == "label":
            return tails.get((index, part), where[part])  # type: ignore[arg-type, call-overload]
        if kind == "labels":
            return tuple(tails.get((index, one), where[one]) for one in part)  # type: ignore[attr-defined]
        return part

    relocated = [instruction if origin < 0 else
                 mapped(instruction, lambda kind, part, origin=origin: moved(origin, kind, part))  # type: ignore[misc]
                 for instruction, origin in zip(made, origins, strict=True)]
    return replace(code, instructions=[*relocated, *tail],
                   handlers=[row.moved(where.__getitem__) for row in code.handlers])
