"""Counting: functions with a TALLY on each edge that needs one, and lines that count the exceptions.

TALLYs are put in before anything is optimized. Every optimizer keeps them where they are and every machine runs them,
so that a program has the same counts on every machine and at every level: those of its instructions as they were
written.
"""

from __future__ import annotations

from dataclasses import field, replace

from zexus.bytecode import Code, Module, Position
from zexus.frontend.tallies import Count
from zexus.records import dataclass
from zexus.vm.metering import metered_code
from zexus.vm.profiling.additions import Additions
from zexus.vm.profiling.calls import Call, Spared, calls, circular, own_names, spared
from zexus.vm.profiling.containers import Look, containers
from zexus.vm.profiling.flow import Counts, Edge, Flow, Loop
from zexus.vm.profiling.paths import CountedPaths, add_paths
from zexus.vm.profiling.timing import Watch
from zexus.vm.profiling.watching import Timed, add_watches
from zexus.vm.tracebacks import Spot


@dataclass
class Tallies:
    """How often control has passed each TALLY, by its number: on the stack machine and on those for warm programs.

    Attributes:
        tables: of generated functions: how many exceptions their handlers have taken, by a number for where they came
            from, and which instructions they have left by that.
    """

    stack: list[int] = field(default_factory=list)
    register: list[int] = field(default_factory=list)
    generated: list[Count] = field(default_factory=list)
    tables: list[tuple[dict[int, int], dict[int, tuple[Spot, ...]]]] = field(default_factory=list)

    def resize(self, counters: int) -> None:
        """Make room for more counters; machines keep the lists that they have."""
        for tally in (self.stack, self.register):
            tally += [0] * (counters - len(tally))
        self.generated += [Count() for _ in range(counters - len(self.generated))]

    def table(self, spots: dict[int, tuple[Spot, ...]]) -> dict[int, int]:
        """A further table.

        Args:
            spots: by number, the instructions that an exception from there has left.
        """
        counts = dict.fromkeys(spots, 0)
        self.tables.append((counts, spots))
        return counts

    def settle(self) -> None:
        """Let instructions know of the exceptions that were counted in tables."""
        for counts, spots in self.tables:
            for number in [number for number, times in counts.items() if times]:
                for spot in spots[number]:
                    spot.left += counts[number]
                counts[number] = 0

    def clear(self) -> None:
        """Begin anew."""
        self.settle()
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
        prepared: with the instructions that limits need; each has a line of its own that counts exceptions.
        flow: of that.
        spots: one for each of these instructions.
        written_at: for each of them the index in `written`; -1 for one that was put in.
        calls: in it, of functions by their names.
        callers: where a counter is spared, the calls of it by its name: the functions that they stand in, and the
            indices of the instructions.
        spared: the counter that it does not need, as it is known how often it is called.
        counters: the number of each counter.
        entry: where one is spared, the number of the counter of what enters it in other ways than by its name.
        made: with the counters in it.
        named: where one is spared, the form for calls by name: its own name, and what it is.
        watch: what times its calls, if anything does.
        watches: what times its loops, where anything does.
        paths: how often each path through it was taken, where that is counted.
        containers: for instructions that move items, what the variable holds that they move them from or to.
    """

    written: Code
    prepared: Code
    flow: Flow
    spots: list[Spot]
    written_at: list[int]
    calls: list[Call]
    callers: list[tuple[Counted, int]] = field(default_factory=list)
    spared: Spared | None = None
    counters: dict[Edge, int] = field(default_factory=dict)
    entry: int | None = None
    made: Code = field(init=False)
    named: tuple[str, Code] | None = None
    watch: Watch | None = None
    watches: dict[Loop, Watch] = field(default_factory=dict)
    paths: CountedPaths | None = None
    containers: dict[int, Look] = field(default_factory=dict)

    @property
    def numbers(self) -> list[int]:
        """The numbers of all of its counters."""
        return [*self.counters.values(), *([] if self.entry is None else [self.entry])]

    def counts(self, tallies: Tallies, known: dict[Counted, Counts] | None = None) -> Counts:
        """What the counters say by now.

        Args:
            tallies: where they count.
            known: what they say of other functions, as far as that is known, to which this one is added.
        """
        known = {} if known is None else known
        if not known:
            tallies.settle()
        if self not in known:
            known[self] = self._derived(tallies, self._spared_times(tallies, known))
        return known[self]

    def _derived(self, tallies: Tallies, times: int) -> Counts:
        """The counts, if the counter that is spared says so much."""
        return self.flow.derive(
            lambda edge: tallies.passed(self.counters[edge]) if edge in self.counters else times,
            [spot.left for spot in self.spots], [spot.ended for spot in self.spots])

    def _spared_times(self, tallies: Tallies, known: dict[Counted, Counts]) -> int:
        """What the counter would say that is spared."""
        if self.spared is None or self.entry is None:
            return 0
        without = self._derived(tallies, 0)
        entered = tallies.passed(self.entry)
        for caller, call in self.callers:
            begun = without if caller is self else caller.counts(tallies, known)
            entered += begun.instructions[call] - caller.spots[call].refused
        return (entered - without.edges[self.flow.edges[0]]) // self.spared.balance

    def clear(self) -> None:
        """Forget the exceptions, all times and paths."""
        for spot in self.spots:
            spot.left = spot.refused = spot.ended = 0
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
    found = {name: _prepared(code, module, limited) for name, code in module.functions.items()}
    _spare(found)
    names = own_names(module, [name for name, one in found.items() if one.spared is not None], first)
    for one in found.values():
        _number(one, first)
        first += len(one.numbers)
        _put_in(one, names, timed, in_full)
    made = {name: one.made for name, one in found.items()}
    made.update(one.named for one in found.values() if one.named is not None)
    return Module(module.name, module.filename, made), list(found.values())


def _prepared(code: Code, module: Module, limited: bool) -> Counted:
    """A function whose lines count exceptions, without any counters."""
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
    return Counted(code, prepared, flow, spots, written_at, calls(prepared, flow, module))


def _spare(found: dict[str, Counted]) -> None:
    """Find the counters that are not needed, as calls by name are known."""
    callers: dict[str, set[str]] = {}
    for name, one in found.items():
        for call in one.calls:
            callers.setdefault(call.name, set()).add(name)
    for name in callers.keys() - circular(callers):
        one = found[name]
        one.spared = spared(one.flow, [call.call for call in one.calls if call.name == name])
    for one in found.values():
        for call in one.calls:
            if found[call.name].spared is not None:
                found[call.name].callers.append((one, call.call))


def _number(one: Counted, first: int) -> None:
    """Number the counters of a function."""
    edges = [edge for edge in one.flow.edges if edge.counted and (one.spared is None or edge is not one.spared.edge)]
    one.counters = {edge: first + number for number, edge in enumerate(edges)}
    if one.spared is not None:
        one.entry = first + len(edges)


def _put_in(one: Counted, names: dict[str, str], timed: Timed, in_full: bool) -> None:
    """Put counters, and what else is noted, into a function.

    Args:
        one: the function.
        names: what functions are called by that have a form for calls by name.
        timed, in_full: as for `counted_module`.
    """
    instructions = list(one.prepared.instructions)
    for call in one.calls:
        if call.name in names:
            instructions[call.load] = replace(instructions[call.load], arg=names[call.name])
    prepared = replace(one.prepared, instructions=instructions)
    additions = Additions(prepared, one.flow)
    for edge, number in one.counters.items():
        additions.add(edge, ("TALLY", number))
    holders = containers(prepared, one.flow) if in_full else {}
    looks = {local: Look() for local in sorted(set(holders.values()))}
    one.containers = {at: looks[local] for at, local in holders.items()}
    one.watch, one.watches = add_watches(additions, timed, looks)
    one.paths = add_paths(additions) if in_full else None
    if one.entry is not None:
        one.named = names[one.written.name], additions.made()
        additions.add(one.flow.edges[0], ("TALLY", one.entry))
    one.made = additions.made()


def _spotted(position: Position | None, line: int, index: int) -> Position:
    """A position whose line counts exceptions."""
    if position is None:
        return Position(Spot.at(line, index), line, 0, 0)
    return replace(position, line=Spot.at(int(position.line), index))
