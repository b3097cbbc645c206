"""Counting: functions with a TALLY on each edge that needs one, and lines that count the exceptions.

TALLYs are put in before anything is optimized. Every optimizer keeps them where they are and every machine runs them,
so that a program has the same counts on every machine and at every level: those of its instructions as they were
written.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from zexus.bytecode import Code, Module, Position
from zexus.frontend.tallies import Count
from zexus.vm.metering import metered_code
from zexus.vm.profiling.additions import Additions
from zexus.vm.profiling.containers import Look, containers
from zexus.vm.profiling.flow import Counts, Edge, Flow, Loop
from zexus.vm.profiling.paths import CountedPaths, add_paths
from zexus.vm.profiling.timing import Watch
from zexus.vm.profiling.watching import Timed, add_watches
from zexus.vm.tracebacks import Spot


@dataclass
class Tallies:
    """How often control has passed each TALLY, by its number: on the stack machine and on those for warm programs."""

    stack: list[int] = field(default_factory=list)
    register: list[int] = field(default_factory=list)
    generated: list[Count] = field(default_factory=list)

    def resize(self, counters: int) -> None:
        """Make room for more counters; machines keep the lists that they have."""
        for tally in (self.stack, self.register):
            tally += [0] * (counters - len(tally))
        self.generated += [Count() for _ in range(counters - len(self.generated))]

    def clear(self) -> None:
        """Begin anew."""
        for tally in (self.stack, self.register):
            tally[:] = [0] * len(tally)
        for count in self.generated:
            count.n = 0

    def machine(self, number: int) -> str:
        """The machine that has passed a counter most often."""
        counts = {"stack": self.stack[number], "register": self.register[number],
                  "generated": self.generated[number].n}
        return max(counts, key=counts.__getitem__)

    def passed(self, number: int) -> int:
        """How often control has passed a counter."""
        return self.stack[number] + self.register[number] + self.generated[number].n


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
        paths: how often each path through it was taken, where that is counted.
        containers: for instructions that move items, what the variable holds that they move them from or to.
    """

    written: Code
    flow: Flow
    spots: list[Spot]
    written_at: list[int]
    counters: dict[Edge, int]
    made: Code
    watch: Watch | None
    watches: dict[Loop, Watch]
    paths: CountedPaths | None
    containers: dict[int, Look]

    def counts(self, tallies: Tallies) -> Counts:
        """What the counters say by now."""
        return self.flow.derive(lambda edge: tallies.passed(self.counters[edge]), [spot.left for spot in self.spots],
                                [spot.ended for spot in self.spots])

    def clear(self) -> None:
        """Forget the exceptions, all times and paths."""
        for spot in self.spots:
            spot.left = spot.ended = 0
        for watch in (*self.watches.values(), *([self.watch] if self.watch is not None else [])):
            watch.clear()
        if self.paths is not None:
            self.paths.clear()
        for look in self.containers.values():
            look.clear()


def counted_module(module: Module, first: int, limited: bool,
                   timed: Timed = Timed.NOTHING, in_full: bool = False) -> tuple[Module, list[Counted]]:
    """A module of the same functions with counters, and what these mean.

    Args:
        module: which has been verified.
        first: the number of the first counter.
        limited: whether the functions are to spend the budget of a run, too.
        timed: which calls and loops are timed.
        in_full: whether paths are counted, and containers looked at, too.
    """
    found = []
    for code in module.functions.values():
        found.append(count(code, first, limited, timed, in_full))
        first += len(found[-1].counters)
    made = Module(module.name, module.filename, {one.written.name: one.made for one in found})
    return made, found


def count(code: Code, first: int, limited: bool, timed: Timed = Timed.NOTHING, in_full: bool = False) -> Counted:
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
    additions = Additions(prepared, flow)
    for edge, number in counters.items():
        additions.add(edge, ("TALLY", number))
    holders = containers(prepared, flow) if in_full else {}
    looks = {local: Look() for local in sorted(set(holders.values()))}
    watch, watches = add_watches(additions, timed, looks)
    counted_paths = add_paths(additions) if in_full else None
    return Counted(code, flow, spots, written_at, counters, additions.made(), watch, watches, counted_paths,
                   {at: looks[local] for at, local in holders.items()})


def _spotted(position: Position | None, line: int, index: int) -> Position:
    """A position whose line counts exceptions."""
    if position is None:
        return Position(Spot.at(line, index), line, 0, 0)
    return replace(position, line=Spot.at(int(position.line), index))
