"""The passes in their order: over typed functions, and the road of Code to optimized SSA on objects."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import fields

from zexus.bytecode import Code, Module
from zexus.regvm import ssa, verify
from zexus.regvm.allocate import Allocation, allocate
from zexus.regvm.build import Program, build
from zexus.regvm.check import check
from zexus.regvm.clock import CLOCK
from zexus.regvm.destruct import destruct
from zexus.regvm.ir import Context, Function
from zexus.regvm.passes.bounds import bounds
from zexus.regvm.passes.copies import copies
from zexus.regvm.passes.dce import dce
from zexus.regvm.passes.fold import fold
from zexus.regvm.passes.gvn import gvn
from zexus.regvm.passes.inline import LIMITS, Limits, inline
from zexus.regvm.passes.licm import licm
from zexus.regvm.passes.magnitudes import magnitudes
from zexus.regvm.passes.mirrors import mirrors
from zexus.regvm.passes.ranges import ranges
from zexus.regvm.passes.sccp import sccp
from zexus.regvm.passes.short import short
from zexus.regvm.passes.simplify import simplify
from zexus.regvm.passes.sink import sink
from zexus.regvm.passes.starts import starts
from zexus.regvm.passes.straighten import straighten
from zexus.regvm.passes.strips import strips
from zexus.regvm.passes.thread import thread
from zexus.settings import JIT_DEFAULTS, VM_DEFAULTS, CodePasses, JitSettings

Pass = Callable[[Function], bool]
Watch = Callable[[str, Function], None]

# Each of these leaves nothing to itself: run again at once, it changes nothing.
PASSES: tuple[Pass, ...] = (copies, fold, gvn, ranges)
# Once each: what they put into preheaders is then simplified once more.
HOISTS: tuple[Pass, ...] = (licm, starts, bounds, licm)

# Whether the verifier always runs, before the first pass and behind each; set for the tests and what they start.
CHECK = os.environ.get("ZEXUS_CHECK") == "1"


def optimize(fn: Function, watch: Watch | None = None, settings: JitSettings = JIT_DEFAULTS) -> bool:
    """Run the passes until none changes the function or a few rounds are over, hoist, and run them again.

    Args:
        fn: a typed function.
        watch: called behind each pass that changed something with its name and the function.
        settings: which passes run, and how often.

    Returns:
        Whether the function changed.

    Raises:
        verify.InvalidFunction: with CHECK or where the settings say so, a pass broke a law.
    """
    check = CHECK or settings.verify
    if check:
        verify.verify(fn)
    changed = _settle(fn, watch, settings)
    if any([_apply(run, fn, watch, check) for run in _chosen((sink,), settings)]):
        _settle(fn, watch, settings)
        changed = True
    changed = any([_apply(run, fn, watch, check) for run in _chosen((short, magnitudes), settings)]) or changed
    if any([_apply(run, fn, watch, check) for run in _chosen(HOISTS, settings)]):
        _settle(fn, watch, settings)
        changed = True
    return changed


def stretch(fn: Function, watch: Watch | None = None, settings: JitSettings = JIT_DEFAULTS) -> bool:
    """Behind `optimize`: let counted loops run in stretches without exits."""

    def run(fn: Function) -> bool:
        return strips(fn, settings.stretch_length, settings.stretch_size)

    run.__name__ = strips.__name__
    if not settings.passes.strips or not _apply(run, fn, watch, CHECK or settings.verify):
        return False
    _settle(fn, watch, settings)
    return True


def mirror(fn: Function, watch: Watch | None = None, settings: JitSettings = JIT_DEFAULTS) -> bool:
    """Behind `optimize`: let loops work on unboxed copies of their lists."""
    if not _apply(mirrors, fn, watch, CHECK or settings.verify):
        return False
    optimize(fn, watch, settings)
    return True


def _chosen(passes: tuple[Pass, ...], settings: JitSettings) -> list[Pass]:
    return [run for run in passes if getattr(settings.passes, run.__name__, True)]


def _apply(run: Pass, fn: Function, watch: Watch | None, check: bool) -> bool:
    CLOCK.check()
    if not run(fn):
        return False
    if check:
        verify.verify(fn)
    if watch is not None:
        watch(run.__name__, fn)
    return True


def _settle(fn: Function, watch: Watch | None, settings: JitSettings) -> bool:
    check, passes = CHECK or settings.verify, _chosen(PASSES, settings)
    latest: Pass | None = None  # that changed something
    for run in passes * settings.rounds:
        if run is latest:
            break  # the others have found nothing since, and it leaves nothing to itself
        if _apply(run, fn, watch, check):
            latest = run
        elif latest is None and run is passes[-1]:
            break
    settled = latest is not None
    return any([_apply(run, fn, watch, check) for run in _chosen((dce,), settings)]) or settled


# --- objects ----------------------------------------------------------------------------------------------


Phases = CodePasses
ALL_PHASES = Phases()
NO_PHASES = Phases(*(False for _ in fields(Phases)))
ROUNDS = VM_DEFAULTS.rounds
GENERAL: tuple[Pass, ...] = (copies, sccp, simplify, gvn, dce, thread, straighten)


def settle(fn: Function, phases: Phases = ALL_PHASES, watch: Watch | None = None, rounds: int = ROUNDS,
           check: bool | None = None) -> bool:
    """Run the general passes over a function of form "ssa" until none changes it or a few rounds are over."""
    passes = _among(GENERAL, phases)
    settled = False
    still = 0
    for run in passes * rounds:
        if still == len(passes):
            break
        still += 1
        if _apply(run, fn, watch, CHECK if check is None else check):
            settled, still = True, 0
    return settled


def _among(passes: tuple[Pass, ...], phases: Phases) -> tuple[Pass, ...]:
    """Those of `passes` that are turned on."""
    return tuple(run for run in passes if getattr(phases, run.__name__))


class Lowering:
    """The road of a module's functions to optimized SSA; what several of them need is made once.

    Args:
        module: the functions that know each other; None for a Code that stands alone.
        phases: the passes to run.
        limits: the cost model of inlining.
        rounds: how often the passes run at most.
        check: whether the verifier runs behind each; it always does with CHECK.
    """

    def __init__(self, module: Module | None = None, phases: Phases = ALL_PHASES, limits: Limits = LIMITS,
                 rounds: int = ROUNDS, check: bool = False) -> None:
        self.phases = phases
        self.limits = limits
        self.rounds = rounds
        self.check = CHECK or check
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
            verify.InvalidFunction: with `check`, a pass broke a law.
        """
        fn = self._construct(code)
        if self.phases.inline:
            def inlined(fn: Function) -> bool:
                return inline(fn, self._body, self.limits)

            inlined.__name__ = inline.__name__
            _apply(inlined, fn, watch, self.check)
        settle(fn, self.phases, watch, self.rounds, self.check)
        if any([_apply(run, fn, watch, self.check) for run in _among((licm,), self.phases)]):
            for run in _among((gvn,), self.phases):
                _apply(run, fn, watch, self.check)  # what was hoisted from two places is one
        return fn

    def allocated(self, code: Code, registers: int) -> Allocation:
        """The road to the end: a function's optimized form with its values in places.

        Args:
            code: a function of the module.
            registers: how many there are.

        Raises:
            InvalidAllocation: with `check`, an allocation that cannot be proved.
        """
        return allocated(self.lower(code), registers, self.check)

    def _construct(self, code: Code) -> Function:
        program = self.program(code)
        fn = ssa.construct(program, Context(program))
        for instr in fn.instructions():
            instr.env = None  # nothing leaves this function in the middle
            if instr.op == "LOAD_GLOBAL" and instr.imm in self._constants:
                instr.facts |= {"constant"}
        if self.check:
            verify.verify(fn)
        return fn

    def _body(self, name: str) -> Function | None:
        """What inlining copies: a function that needs no cells and no outlined statements, not inlined into itself."""
        if name not in self._bodies:
            code = self._functions[name]
            self._bodies[name] = None
            if not (code.cells or code.captured or code.blocks or code.region):
                body = self._construct(code)
                settle(body, self.phases, None, self.rounds, self.check)
                self._bodies[name] = body
        return self._bodies[name]


def allocated(fn: Function, registers: int, checked: bool = CHECK) -> Allocation:
    """A function of form "ssa", which is left as it is, with its values in places.

    Args:
        fn: the function.
        registers: how many there are.
        checked: whether the allocation is proved.

    Raises:
        InvalidAllocation: with `checked`, an allocation that cannot be.
    """
    allocation = allocate(destruct(fn), registers)
    if checked:
        verify.verify(allocation.fn)
        check(fn, allocation.fn)
    return allocation


def lower(code: Code, module: Module | None = None, phases: Phases = ALL_PHASES,
          watch: Watch | None = None) -> Function:
    """One function on its road: see `Lowering`, which is for several functions of a module."""
    return Lowering(module, phases).lower(code, watch)
