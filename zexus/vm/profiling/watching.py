"""Watching: what is put on the edges of functions whose calls and loops are timed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from zexus.bytecode import Code, Module, assigned
from zexus.vm.profiling.additions import Additions, Ahead
from zexus.vm.profiling.containers import Look
from zexus.vm.profiling.flow import OUTSIDE, Edge, Loop
from zexus.vm.profiling.timing import Watch

WATCHING = 5  # instructions that a run of a loop takes more when it is watched, and this time not timed


class Timed(IntEnum):
    """What is timed: nothing; where programs are entered, and the outermost loops there; all that has loops.

    Loops in which clocks are read do not go native as a whole, so that the second is for programs that do.
    """

    NOTHING = 0
    ENTRIES = 1
    LOOPS = 2


def add_watches(additions: Additions, timed: Timed,
                looks: Mapping[int, Look]) -> tuple[Watch | None, dict[Loop, Watch]]:
    """Put on the edges of a function what times its calls and the runs of its loops.

    Args:
        additions: to the function.
        timed: what is timed. Calls of functions without loops are not, unless the program is entered there: they are
            mostly too short for it.
        looks: by their numbers the variables that are looked at behind what is timed, as far as they have a value.

    Returns:
        What times its calls; what times its loops.
    """
    flow = additions.flow
    if timed == Timed.NOTHING:
        return None, {}
    enters = _is_entered(additions.code)
    watch: Watch | None = None
    watches: dict[Loop, Watch] = {}
    if enters or (timed == Timed.LOOPS and flow.loops):
        watch = _watched(additions, "call", [flow.edges[0]], [edge for edge in flow.edges if edge.target == OUTSIDE],
                         looks)
    for loop in flow.loops if enters or timed == Timed.LOOPS else ():
        if flow.blocks[loop.header].handler or (timed == Timed.ENTRIES and loop.parent is not None):
            continue
        ways = [edge for edge in flow.blocks[loop.header].enters if edge not in loop.back]
        ends = [edge for edge in flow.edges if edge.source in loop.blocks and edge.target not in loop.blocks]
        watches[loop] = _watched(additions, f"loop{len(watches)}", ways, ends, looks)
    return watch, watches


def _is_entered(code: Code) -> bool:
    """Whether no function of the program names this one: host code calls it."""
    module: Module | None = code.module
    return module is None or not any(instruction.arg == code.name for other in module.functions.values()
                                     for instruction in other.instructions
                                     if instruction.op in ("LOAD_GLOBAL", "LOAD_GLOBAL__LOAD_LOCAL", "MAKE_FUNCTION"))


def _watched(additions: Additions, name: str, begins: list[Edge], ends: list[Edge], looks: Mapping[int, Look]) -> Watch:
    """Time from some edges to others."""
    watch = Watch()
    begun, begin, end = additions.local(f".{name}"), additions.const(watch.begin), additions.const(watch.end)
    code, flow = additions.code, additions.flow
    having = assigned(code) if looks else []
    for edge in begins:
        additions.before_loop(edge, ("LOAD_CONST", begin), ("CALL", 0), ("STORE_LOCAL", begun))
    for edge in ends:
        behind = flow.blocks[edge.source].stop - 1 if edge.target == OUTSIDE else flow.blocks[edge.target].start
        known = having[behind] or () if looks else ()
        seen = [(local, look) for local, look in looks.items() if code.locals[local] in known]
        additions.add(edge, ("LOAD_LOCAL", begun), ("JUMP_IF_FALSE", Ahead(5 + 4 * len(seen))), ("LOAD_CONST", end),
                      ("LOAD_LOCAL", begun), ("CALL", 1), ("POP", None),
                      *(part for local, look in seen
                        for part in (("LOAD_CONST", additions.const(look.note)), ("LOAD_LOCAL", local), ("CALL", 1),
                                     ("POP", None))))
    return watch
