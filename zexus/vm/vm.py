"""The front door of the bytecode machines: a VM runs a program on the machine that its mode and warmth choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

from zexus.bytecode import Code, Module, Routine, verify_module
from zexus.regvm.allocate import Allocation
from zexus.regvm.interpreter import RegisterMachine
from zexus.regvm.pipeline import ALL_PHASES, NO_PHASES, Lowering, Phases
from zexus.settings import VmSettings
from zexus.vm import continuation
from zexus.vm.limits import Budget, Warming
from zexus.vm.peephole_optimizer import Instruction, OptimizationLevel, PeepholeOptimizer
from zexus.vm.stack import Frame, StackMachine

__all__ = ["LEVELS", "MODES", "VM", "Instruction", "create_high_performance_vm", "create_vm"]

MODES = ("auto", "stack", "register")


@dataclass(frozen=True)
class Level:
    """What an optimization level turns on.

    Attributes:
        peephole: the level of the peephole optimizer.
        phases: the passes of the register machine.
    """

    peephole: OptimizationLevel
    phases: Phases


LEVELS: dict[str, Level] = {
    "O0": Level(OptimizationLevel.NONE, NO_PHASES),
    "O1": Level(OptimizationLevel.BASIC, Phases(inline=False, licm=False)),
    "O2": Level(OptimizationLevel.MODERATE, ALL_PHASES),
    "O3": Level(OptimizationLevel.AGGRESSIVE, ALL_PHASES),
}
_SAME = {"NONE": "O0", "BASIC": "O1", "MODERATE": "O2", "AGGRESSIVE": "O3"}


@dataclass
class _Loaded:
    """A module as the VM runs it.

    Attributes:
        module: the optimized one.
        namespace: its globals.
        warming: counts its instructions on the stack machine in mode "auto".
        warm: whether it has run enough of them.
    """

    module: Module
    namespace: dict[str, Any]
    warming: Warming
    warm: bool = False


class VM:
    """Runs bytecode.

    In mode "auto" a program begins on the stack machine; when it is warm, its functions go on as register code, those
    that are running too, from where they stand.

    A VM keeps what it loaded: a second run of a module finds the globals and the warmth that the first one left.
    One thread at a time may use it.
    """

    def __init__(self, mode: str = "auto", *, optimization_level: str = "MODERATE",
                 enable_peephole_optimizer: bool = True, enable_register_optimizer: bool = True,
                 enable_inlining: bool = True, registers: int = 32, max_instructions: int | None = None,
                 timeout: float | None = None, settings: VmSettings | None = None) -> None:
        """
        Args:
            mode: "auto", "stack" or "register".
            optimization_level: "NONE", "BASIC", "MODERATE" or "AGGRESSIVE", also called O0 to O3: how much is done
                where the flags that follow allow it.
            enable_peephole_optimizer: optimize stack code.
            enable_register_optimizer: run the passes over register code.
            enable_inlining: let functions that nothing assigns to be inlined into their callers.
            registers: how many registers the register machine has, 2 to 256.
            max_instructions: how many instructions a run may take; None for any number.
            timeout: how many seconds a run may take; None for any time.
            settings: further numbers.

        Raises:
            ValueError: an unknown mode or level, or a number out of range.
        """
        if mode not in MODES:
            raise ValueError(f"unknown mode {mode!r}; modes are {', '.join(MODES)}")
        name = _SAME.get(optimization_level.upper(), optimization_level.upper())
        if name not in LEVELS:
            known = ", ".join((*_SAME, *LEVELS))
            raise ValueError(f"unknown optimization level {optimization_level!r}; levels are {known}")
        if not 2 <= registers <= 256:
            raise ValueError(f"registers must be 2 to 256, got {registers!r}")
        for title, limit in (("max_instructions", max_instructions), ("timeout", timeout)):
            if limit is not None and limit <= 0:
                raise ValueError(f"{title} must be positive, got {limit!r}")
        level = LEVELS[name]
        self.mode = mode
        self.registers = registers
        self.max_instructions = max_instructions
        self.timeout = timeout
        self.settings = VmSettings() if settings is None else settings
        self.optimizer = PeepholeOptimizer(level.peephole if enable_peephole_optimizer else OptimizationLevel.NONE)
        self.phases = level.phases if enable_register_optimizer else NO_PHASES
        if not enable_inlining:
            self.phases = replace(self.phases, inline=False)
        limit = self.settings.recursion_limit
        self._stack = StackMachine(limit, promote=self._promote)
        self._register = RegisterMachine(self._allocated, limit, enter=self._enter)
        self._running = False
        self._loaded: dict[Module, _Loaded] = {}
        self._lowerings: dict[Module, Lowering] = {}
        self._continuations: dict[tuple[Code, int, frozenset[str]], Code] = {}

    # --- running ---------------------------------------------------------------------------------------

    def load(self, program: Module | Code) -> dict[str, Any]:
        """The namespace of a program, in which its functions can be called.

        Raises:
            InvalidCode: the program breaks a law of the stack form; nothing of it has run.
        """
        return self._load(_module_of(program)).namespace

    def _load(self, module: Module) -> _Loaded:
        found = self._loaded.get(module)
        if found is None:
            verify_module(module)
            made = self.optimizer.optimize_module(module)
            found = _Loaded(made, made.namespace(self._enter), Warming(self.settings.warm_instructions))
            self._loaded[module] = self._loaded[made] = found
        return found

    def run(self, program: Module | Code, *arguments: Any) -> Any:
        """Call a module's `main`, or the function that a Code is.

        Args:
            program: what to run.
            arguments: as many as it has parameters.

        Raises:
            InvalidCode: the program breaks a law of the stack form; nothing of it has run.
            ValueError: the module has no function `main`.
            LimitExceeded: the run took more instructions or time than it may; the VM can be used further.
            BaseException: whatever the program raises.
        """
        name = program.name if isinstance(program, Code) else "main"
        loaded = self._load(_module_of(program))
        code = loaded.module.functions.get(name)
        if code is None or code.captured:
            raise ValueError(f"{name!r} cannot be called: the program has no such function outside of others")
        return self._enter(Routine(code, code.namespace or loaded.namespace, (), self._enter), arguments)

    def _enter(self, routine: Routine, arguments: Sequence[Any]) -> Any:
        """Call a routine, under the limits of the run that is going on or under fresh ones."""
        loaded = self._load(_module_of(routine.code))
        fast = self.mode == "register" or (self.mode == "auto" and loaded.warm)
        machine = self._register if fast else self._stack
        if self._running:
            return machine.run(routine, arguments)
        limited = self.max_instructions is not None or self.timeout is not None
        counted = self.mode == "auto" and not fast and not limited
        machine.budget = loaded.warming if counted else Budget(self.max_instructions, self.timeout)
        self._stack.budget = self._register.budget = machine.budget
        self._running = True
        try:
            return machine.run(routine, arguments)
        finally:
            self._running = False
            if limited and machine.budget.spent >= self.settings.warm_instructions:
                loaded.warm = True

    def _promote(self, frame: Frame) -> Any:
        """Run what is left of an activation as register code."""
        routine, _, index, stack, variables, cells = frame
        code = routine.code
        self._load(_module_of(code)).warm = True
        self._register.budget = Budget()
        bound = continuation.bound(code, variables)
        rest = self._continuations.get((code, index, bound))
        if rest is None:
            cursors = continuation.cursors(code)[index]
            assert cursors is not None, "an instruction that runs is reached"
            rest = self._continuations[code, index, bound] = continuation.continuation(code, index, bound, cursors)
        given = [value for name, value in zip(code.locals, variables, strict=True) if name in bound]
        return self._register.run(Routine(rest, routine.namespace, tuple(cells), self._enter), [*given, *stack])

    def _allocated(self, code: Code) -> Allocation:
        module = _module_of(code)
        lowering = self._lowerings.get(module)
        if lowering is None:
            lowering = self._lowerings[module] = Lowering(module, self.phases)
        return lowering.allocated(code, self.registers)

    # --- the peephole optimizer --------------------------------------------------------------------------

    @overload
    def optimize_bytecode(self, program: Code) -> Code: ...
    @overload
    def optimize_bytecode(self, program: Module) -> Module: ...
    @overload
    def optimize_bytecode(self, program: Sequence[Instruction]) -> list[Instruction]: ...

    def optimize_bytecode(self, program: Any) -> Any:
        """An equal program in fewer instructions.

        Args:
            program: a Module, a Code, or a list of instructions that stand alone.

        Raises:
            InvalidCode: the program breaks a law of the stack form.
        """
        if isinstance(program, Module):
            verify_module(program)
            return self.optimizer.optimize_module(program)
        if isinstance(program, Code):
            verify_module(_module_of(program))
            return self.optimizer.optimize_code(program)
        return self.optimizer.optimize(program)

    def get_optimizer_stats(self) -> dict[str, Any]:
        """What the peephole optimizer has done: `constant_folds`, `reduction_percent` and so on."""
        return self.optimizer.stats.as_dict()

    def reset_optimizer_stats(self) -> None:
        """Begin new statistics."""
        self.optimizer.reset()


def _module_of(program: Module | Code) -> Module:
    if isinstance(program, Module):
        return program
    return program.module or Module(program.name, program.filename, {program.name: program})


def create_vm(mode: str = "auto", **options: Any) -> VM:
    """A VM for a mode.

    Args:
        mode: "auto", "stack" or "register".
        options: the other arguments of VM.
    """
    return VM(mode, **options)


def create_high_performance_vm() -> VM:
    """A VM that does everything for speed."""
    return VM("auto", optimization_level="AGGRESSIVE")
