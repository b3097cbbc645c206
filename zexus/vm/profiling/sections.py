"""Sections: code between two readings of the clock, with what was executed in it, and how long that took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from zexus.bytecode import split
from zexus.records import dataclass
from zexus.vm.profiling.counting import Counted
from zexus.vm.profiling.flow import Counts, Loop

TALLY = "TALLY"
CALL_OF = "call of "  # in front of the name of a function whose calls were not timed
_LEFT = 0.2  # of a section's time at least has to be its own: less is lost in what is taken from it
_LEAST = 1000  # instructions, below which what it takes to begin and to compile weighs more


@dataclass(frozen=True)
class Section:
    """A timed loop, or function, without the timed loops inside it and without the timed functions that it calls.

    There is none where it calls functions that may call themselves: the calls inside their calls are timed too, so that
    what the others take is not known.

    Attributes:
        filename, function, line: where it is.
        machine: what ran most of it: "stack", "register", "generated" or "native".
        time_ns: about how long all of its runs took, as far as they were timed.
        counts: how often each opcode was executed in it; counters, as TALLY, and calls that were not timed, as CALL_OF
            and the function's name, are among them.
    """

    filename: str
    function: str
    line: int
    machine: str
    time_ns: float
    counts: Counter[str]


def sections(found: Iterable[tuple[Counted, Counts]], machine: Callable[[Counted, Loop | None], str],
             line: Callable[[Counted, Loop | None], int]) -> Iterator[Section]:
    """The sections of functions.

    Args:
        found: functions, and how often everything in them was executed.
        machine, line: of a loop of a function, or of the function.
    """
    known = list(found)
    means = {_key(one): _mean(one, counts) for one, counts in known}
    recursive = _recursive([one for one, _ in known])
    for one, counts in known:
        for loop in (None, *one.watches):
            watch = one.watch if loop is None else one.watches[loop]
            if watch is None or not watch.whole:
                continue
            inside = [other for other in one.watches if other is not loop and _holds(loop, other)]
            blocks = [number for number in range(len(one.flow.blocks)) if (loop is None or number in loop.blocks)
                      and not any(number in other.blocks for other in inside)]
            whole: float = watch.whole
            whole -= sum(one.watches[other].whole for other in inside
                         if not any(other is not between and _holds(between, other) for between in inside))
            executed, called = _executed(one, counts, blocks)
            if not recursive.isdisjoint((id(one.written.module), name) for name in called):
                continue
            for name, times in called.items():
                mean = means.get((id(one.written.module), name))
                if mean is None:
                    executed[CALL_OF + name] += times
                else:
                    whole -= times * mean
            if whole > _LEFT * watch.whole and executed.total() >= _LEAST:
                yield Section(one.written.filename, one.written.qualname, line(one, loop), machine(one, loop), whole,
                              executed)


def _key(one: Counted) -> tuple[int, str]:
    return id(one.written.module), one.written.name


def _names(one: Counted) -> set[str]:
    """The functions of its program that a function names."""
    module = one.written.module
    parts = (part for instruction in one.written.instructions for part in split(instruction))
    named = {part.arg for part in parts if part.op in ("LOAD_GLOBAL", "MAKE_FUNCTION")}
    return set() if module is None else named & module.functions.keys()


def _recursive(found: Iterable[Counted]) -> set[tuple[int, str]]:
    """The functions that may call themselves, by way of others too."""
    calls = {_key(one): {(_key(one)[0], name) for name in _names(one)} for one in found}

    def comes_back(start: tuple[int, str]) -> bool:
        seen: set[tuple[int, str]] = set()
        waiting = [start]
        while waiting:
            fresh = calls.get(waiting.pop(), set()) - seen
            seen |= fresh
            waiting += fresh
        return start in seen

    return set(filter(comes_back, calls))


def _holds(loop: Loop | None, other: Loop) -> bool:
    return loop is None or other.blocks < loop.blocks


def _mean(one: Counted, counts: Counts) -> float | None:
    """How long a call takes, where that is known."""
    calls = counts.edges[one.flow.edges[0]]
    return one.watch.whole / calls if one.watch is not None and one.watch.whole and calls else None


def _executed(one: Counted, counts: Counts, blocks: Iterable[int]) -> tuple[Counter[str], Counter[str]]:
    """How often opcodes were executed in some blocks, and functions of the program called, as far as it names them."""
    module = one.written.module
    names = () if module is None else module.functions
    executed: Counter[str] = Counter()
    called: Counter[str] = Counter()
    for number in blocks:
        block = one.flow.blocks[number]
        for at in range(block.start, block.stop):
            index, times = one.written_at[at], counts.instructions[at]
            for part in split(one.written.instructions[index]) if index >= 0 and times else ():
                executed[part.op] += times
                if part.op == "LOAD_GLOBAL" and part.arg in names:
                    called[part.arg] += times
        passed = sum(counts.edges[edge] for edge in block.leaves if edge in one.counters)
        if passed:
            executed[TALLY] += passed
    return executed, called
