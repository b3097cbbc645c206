"""The passes in their order: over typed functions, and the road of Code to optimized SSA on objects."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, fields

from zexus.bytecode import Code, Module
from zexus.regvm import ssa, verify
from zexus.regvm.allocate import Allocation, allocate
from zexus.regvm.build import Program, build
from zexus.regvm.check import check
from zexus.regvm.destruct import destruct
from zexus.regvm.ir import Context, Function
from zexus.regvm.passes.bounds import bounds
from zexus.regvm.passes.copies import copies
from zexus.regvm.passes.dce import dce
from zexus.regvm.passes.fold import fold
from zexus.regvm.passes.gvn import gvn
from zexus.regvm.passes.inline import LIMITS, Limits, inline
from zexus.regvm.passes.licm import licm
from zexus.regvm.passes.mirrors import mirrors
from zexus.regvm.passes.ranges import ranges
from zexus.regvm.passes.sccp import sccp
from zexus.regvm.passes.short import short
from zexus.regvm.passes.simplify import simplify
from zexus.regvm.passes.straighten import straighten
from zexus.regvm.passes.strips import strips
from zexus.regvm.passes.thread import thread

Pass = Callable[[Function], bool]
Watch = Callable[[str, Function], None]

PASSES: tuple[Pass, ...] = (copies, fold, gvn, ranges)
MAX_ROUNDS = 3
# Once each: what they put into preheaders is then simplified once more.
HOISTS: tuple[Pass, ...] = (licm, bounds, licm)

# Whether the verifier runs before the first pass and behind each; set for the tests and the processes they start.
CHECK = os.environ.get("ZEXUS_CHECK") == "1"


def optimize(fn: Function, watch: Watch | None = None) -> bool:
    """Run the passes until none changes the function or a few rounds are over, hoist, and run them again.

    Args:
        fn: a typed function.
        watch: called behind each pass that changed something with its name and the function.

    Returns:
        Whether the function changed.

    Raises:
        verify.InvalidFunction: with CHECK, a pass broke a law.
    """
    if CHECK:
        verify.verify(fn)
    changed = _settle(fn, watch)
    changed = _apply(short, fn, watch) or changed
    if any([_apply(run, fn, watch) for run in HOISTS]):
        _settle(fn, watch)
        changed = True
    return changed


def stretch(fn: Function, watch: Watch | None = None) -> bool:
    """Behind `optimize`: let counted loops run in stretches without exits."""
    if not _apply(strips, fn, watch):
        return False
    _settle(fn, watch)
    return True


def mirror(fn: Function, watch: Watch | None = None) -> bool:
    """Behind `optimize`: let loops work on unboxed copies of their lists."""
    if not _apply(mirrors, fn, watch):
        return False
    optimize(fn, watch)
    return True


def _apply(run: Pass, fn: Function, watch: Watch | None) -> bool:
    if not run(fn):
        return False
    if CHECK:
        verify.verify(fn)
    if watch is not None:
        watch(run.__name__, fn)
    return True


def _settle(fn: Function, watch: Watch | None) -> bool:
    settled = False
    for _ in range(MAX_ROUNDS):
        if not any([_apply(run, fn, watch) for run in PASSES]):
            break
        settled = True
    return _apply(dce, fn, watch) or settled


# --- objects ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Phases:
    """Which passes the road of Code takes, by name."""

    inline: bool = True
    copies: bool = True
    sccp: bool = True
    simplify: bool = True
    gvn: bool = True
    licm: bool = True
    dce: bool = True
    thread: bool = True
    straighten: bool = True

    def chosen(self, passes: tuple[Pass, ...]) -> tuple[Pass, ...]:
        """Those of `passes` that are turned on."""
        return tuple(run for run in passes if getattr(self, run.__name__))


ALL_PHASES = Phases()
NO_PHASES = Phases(*(False for _ in fields(Phases)))
GENERAL: tuple[Pass, ...] = (copies, sccp, simplify, gvn, dce, thread, straighten)


def settle(fn: Function, phases: Phases = ALL_PHASES, watch: Watch | None = None) -> bool:
    """Run the general passes over a function of form "ssa" until none changes it or a few rounds are over."""
    passes = phases.chosen(GENERAL)
    settled = False
    still = 0
    for run in passes * MAX_ROUNDS:
        if still == len(passes):
            break
        still += 1
        if _apply(run, fn, watch):
            settled, still = True, 0
    return settled


class Lowering:
    """The road of a module's functions to optimized SSA; what several of them need is made once.

    Args:
        module: the functions that know each other; None for a Code that stands alone.
        phases: the passes to run.
        limits: the cost model of inlining.
    """

    def __init__(self, module: Module | None = None, phases: Phases = ALL_PHASES, limits: Limits = LIMITS) -> None:
        self.phases = phases
        self.limits = limits
        self._functions = module.functions if module is not None else {}
        self._constants = module.constants() if module is not None else frozenset()
        self._programs: dict[Code, Program] = {}
        self._bodies: dict[str, Function | None] = {}

    def program(self, code: Code) -> Program:
        """The register form of a function; `Context.code` of the SSA's instructions is one of these."""
        if code not in self._programs:
            self._programs[code] = build(code)
        return self._programs[code]

    def lower(self, code: Code, watch: Watch | None = None) -> Function:
        """A fresh optimized function of form "ssa"; loads of functions that nothing assigns are marked "constant".

        Args:
            code: a function of the module.
            watch: called behind each pass that changed something with its name and the function.

        Raises:
            verify.InvalidFunction: with CHECK, a pass broke a law.
        """
        fn = self._construct(code)
        if self.phases.inline:
            def inlined(fn: Function) -> bool:
                return inline(fn, self._body, self.limits)

            inlined.__name__ = inline.__name__
            _apply(inlined, fn, watch)
        settle(fn, self.phases, watch)
        if any([_apply(run, fn, watch) for run in self.phases.chosen((licm,))]):
            for run in self.phases.chosen((gvn,)):
                _apply(run, fn, watch)  # what was hoisted from two places is one
        return fn

    def allocated(self, code: Code, registers: int) -> Allocation:
        """The road to the end: a function's optimized form with its values in places.

        Args:
            code: a function of the module.
            registers: how many there are.

        Raises:
            InvalidAllocation: with CHECK, an allocation that cannot be proved.
        """
        return allocated(self.lower(code), registers)

    def _construct(self, code: Code) -> Function:
        program = self.program(code)
        fn = ssa.construct(program, Context(program))
        for instr in fn.instructions():
            instr.env = None  # nothing leaves this function in the middle
            if instr.op == "LOAD_GLOBAL" and instr.imm in self._constants:
                instr.facts |= {"constant"}
        if CHECK:
            verify.verify(fn)
        return fn

    def _body(self, name: str) -> Function | None:
        """What inlining copies: a function that needs no cells and no outlined statements, not inlined into itself."""
        if name not in self._bodies:
            code = self._functions[name]
            self._bodies[name] = None
            if not (code.cells or code.captured or code.blocks or code.region):
                body = self._construct(code)
                settle(body, self.phases)
                self._bodies[name] = body
        return self._bodies[name]


def allocated(fn: Function, registers: int) -> Allocation:
    """A function of form "ssa", which is left as it is, with its values in places.

    Raises:
        InvalidAllocation: with CHECK, an allocation that cannot be proved.
    """
    allocation = allocate(destruct(fn), registers)
    if CHECK:
        verify.verify(allocation.fn)
        check(fn, allocation.fn)
    return allocation


def lower(code: Code, module: Module | None = None, phases: Phases = ALL_PHASES,
          watch: Watch | None = None) -> Function:
    """One function on its road: see `Lowering`, which is for several functions of a module."""
    return Lowering(module, phases).lower(code, watch)
