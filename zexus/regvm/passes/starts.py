"""Starts of counts: a look at what a region is entered with, so that what only counts from there needs no checks.

A value that changes by small steps cannot come to the end of 64 bits in the time that programs have, unless it starts
near it (see `intervals`). Range analysis finds that of constants and lengths; of an integer that the region is given
it is asked at the entry, if none that was far from zero has been seen there: with such a one it cannot be entered.
"""

from __future__ import annotations

from zexus.regvm.intervals import COUNT_ROOM, Intervals
from zexus.regvm.ir import Function, Instr, Value


def starts(fn: Function) -> bool:
    """Guard the integers at the entry that checked counts start from, where nothing else hinders the counts."""
    found = Intervals(fn)
    given = {i.dest: i for i in fn.entry.instrs if i.op == "UNBOX_INT" and "near" in i.facts and _leaves_as_it_came(i)}
    wanted: dict[Value, Instr] = {}
    for count in found.counts.values():
        far = [value for value in count.starts if not found.is_near(value)]
        if count.checked and all(value in given for value in far):
            wanted.update((value, given[value]) for value in far)
    for value in sorted(wanted, key=lambda one: one.number):
        _guard(fn, value, wanted[value])
    return bool(wanted)


def _leaves_as_it_came(instr: Instr) -> bool:
    """Whether an instruction leaves without handing anything over: nothing has been done yet."""
    way = instr.exit
    return way is not None and not way.leaves and not way.frames


def _guard(fn: Function, value: Value, maker: Instr) -> None:
    made: list[Instr] = []

    def emit(op: str, args: list[Value], kind: str, imm: object = None) -> Value:
        made.append(Instr(op, args, fn.value(kind), imm))
        assert made[-1].dest is not None
        return made[-1].dest

    for op, end in (("GE", -COUNT_ROOM), ("LE", COUNT_ROOM)):
        holds = emit(op, [value, emit("K", [], "i64", end)], "i1")
        made.append(Instr("GUARD", [holds]))
        made[-1].exit = maker.exit
    fn.entry.instrs[-1:-1] = made
