"""The front door of the bytecode machines: a VM runs a program on the machine that its mode and warmth choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from importlib import import_module
from types import FunctionType
from typing import Any, overload

from zexus.bytecode import Code, Module, Routine, verify_module
from zexus.records import dataclass
from zexus.regvm.pipeline import ALL_PHASES, NO_PHASES, Phases
from zexus.settings import VM_DEFAULTS, JitSettings, VmSettings
from zexus.vm.collector import collecting
from zexus.vm.limits import Budget, Warming
from zexus.vm.memory_pool import MemoryPoolManager
from zexus.vm.metering import metered
from zexus.vm.peephole_optimizer import Instruction, OptimizationLevel, PeepholeOptimizer
from zexus.vm.profiler import InstructionProfiler, ProfilingLevel
from zexus.vm.profiling.counting import Tallies
from zexus.vm.stack import Frame, StackMachine
from zexus.vm.tiers import Tiers, native_loops

__all__ = ["LEVELS", "MODES", "VM", "Instruction", "create_high_performance_vm", "create_vm"]

MODES = ("auto", "stack", "register", "generated")


@dataclass(frozen=True)
class Level:
    """What an optimization level turns on.

    Attributes:
        peephole: the level of the peephole optimizer.
        phases: the passes over register code.
        generated: whether warm programs become Python functions.
        native: whether the hot loops of these become machine code.
    """

    peephole: OptimizationLevel
    phases: Phases
    generated: bool
    native: bool


LEVELS: dict[str, Level] = {
    "O0": Level(OptimizationLevel.NONE, NO_PHASES, False, False),
    "O1": Level(OptimizationLevel.BASIC, Phases(inline=False, licm=False), True, False),
    "O2": Level(OptimizationLevel.MODERATE, ALL_PHASES, True, True),
    "O3": Level(OptimizationLevel.AGGRESSIVE, ALL_PHASES, True, True),
}
_AS_IT_IS = VM_DEFAULTS.gc
_SAME = {"NONE": "O0", "BASIC": "O1", "MODERATE": "O2", "AGGRESSIVE": "O3"}


@dataclass
class _Loaded:
    """A module as the VM runs it.

    Attributes:
        written: as the program has it.
        module: the optimized one.
        namespace: its globals.
        routines: the functions that stood in there at first.
        warming: counts its instructions on the stack machine in mode "auto".
        warm: whether it has run enough of them.
        counting: whether it has counters in it.
        twin: the same program with counters, where it has been profiled.
    """

    written: Module
    module: Module
    namespace: dict[str, Any]
    routines: dict[str, Routine]
    warming: Warming
    warm: bool = False
    counting: bool = False
    twin: _Twin | None = None


@dataclass
class _Twin:
    """A program with its counters, which takes the place of the program itself while that is profiled.

    Attributes:
        loaded: how the VM runs it, in the same namespace.
        level: what it notes.
        others: for each routine the code and the function that it has when the two have changed places.
        active: whether this one is in its place.
    """

    loaded: _Loaded
    level: ProfilingLevel
    others: dict[str, tuple[Code, FunctionType | None]]
    active: bool = False

    def swap(self) -> None:
        """Put the routines' other codes in their place."""
        self.active = not self.active
        for name, routine in self.loaded.routines.items():
            other = self.others[name]
            self.others[name] = routine.code, routine.function
            routine.code, routine.function = other


class VM:
    """Runs bytecode.

    In mode "auto" a program begins on the stack machine; when it is warm, its functions go on as Python functions that
    CPython runs, whose hot loops become machine code, or as register code where that is switched off. Those that are
    running go on from where they stand.

    Limits count the instructions of the program as it was written, those of a basic block when it is entered: the same
    number on every machine and at every level. Under limits there is no machine code.

    A VM keeps what it loaded: a second run of a module finds the globals and the warmth that the first one left.
    One thread at a time may use it.
    """

    def __init__(self, mode: str = "auto", *, optimization_level: str = "MODERATE",
                 enable_peephole_optimizer: bool = True, enable_register_optimizer: bool = True,
                 enable_inlining: bool = True, enable_generated_tier: bool = True, enable_native_tier: bool = True,
                 enable_memory_pool: bool = True, pool_max_size: int = 1000, registers: int = 32,
                 max_instructions: int | None = None, timeout: float | None = None,
                 phases: Phases | None = None, settings: VmSettings | None = None) -> None:
        """
        Args:
            mode: "auto", "stack", "register" or "generated".
            optimization_level: "NONE", "BASIC", "MODERATE" or "AGGRESSIVE", also called O0 to O3: how much is done
                where the flags that follow allow it.
            enable_peephole_optimizer: optimize stack code.
            enable_register_optimizer: run the passes over register code.
            enable_inlining: let functions that nothing assigns to be inlined into their callers.
            enable_generated_tier: let warm programs become Python functions.
            enable_native_tier: let the hot loops of these become machine code.
            enable_memory_pool: keep what `release_list` gets and what `allocate_string` made for the next one who asks.
            pool_max_size: how many strings, and how many lists of each size, the pools keep.
            registers: how many registers the register machine has, 2 to 256.
            max_instructions: how many instructions of the program a run may take; None for any number.
            timeout: how many seconds a run may take; None for any time.
            phases: the passes over register code, each with a flag; None for those of the level.
            settings: further numbers.

        Raises:
            ValueError: an unknown mode or level, or a number out of range.
        """
        if mode not in MODES:
            raise ValueError(f"unknown mode {mode!r}; modes are {', '.join(MODES)}")
        name = str(optimization_level).upper()
        name = _SAME.get(name, name)
        if name not in LEVELS:
            known = ", ".join((*_SAME, *LEVELS))
            raise ValueError(f"unknown optimization level {optimization_level!r}; levels are {known}")
        if not isinstance(registers, int) or not 2 <= registers <= 256:
            raise ValueError(f"registers must be 2 to 256, got {registers!r}")
        if max_instructions is not None and not (isinstance(max_instructions, int) and max_instructions > 0):
            raise ValueError(f"max_instructions must be a positive integer, got {max_instructions!r}")
        if timeout is not None and not (isinstance(timeout, (int, float)) and timeout > 0):
            raise ValueError(f"timeout must be a positive number, got {timeout!r}")
        level = LEVELS[name]
        self.mode = mode
        self.max_instructions = max_instructions
        self.timeout = timeout
        self.settings = VM_DEFAULTS if settings is None else settings
        peephole = level.peephole if enable_peephole_optimizer else OptimizationLevel.NONE
        self.optimizer = PeepholeOptimizer(peephole, self.settings.peephole)
        chosen = _both(level.phases if phases is None else phases, self.settings.passes)
        phases = chosen if enable_register_optimizer else NO_PHASES
        self.pools = MemoryPoolManager(pool_max_size, self.settings.pools) if enable_memory_pool else None
        generates = mode == "generated" or (mode == "auto" and level.generated and enable_generated_tier)
        self._budget = Budget(max_instructions, timeout, self.settings.clock_instructions)
        self._tallies = Tallies()
        self._profiler: InstructionProfiler | None = None
        self._profiling = False
        self._stack = StackMachine(self.settings.recursion_limit, self._budget, promote=self._promote,
                                   kept=self.settings.kept_functions, tally=self._tallies.stack)
        native = partial(_native, settings=self.settings.jit)
        self._tiers = Tiers(phases if enable_inlining else replace(phases, inline=False), registers,
                            self.settings, self._budget, self._enter, generates,
                            native if level.native and enable_native_tier and not self._budget.limited else None,
                            self._tallies)
        self._depth = 0
        self._loaded: dict[Module, _Loaded] = {}

    # --- running ---------------------------------------------------------------------------------------

    def load(self, program: Module | Code) -> dict[str, Any]:
        """The namespace of a program, in which its functions can be called.

        Raises:
            InvalidCode: the program breaks a law of the stack form; nothing of it has run.
        """
        return self._current(_module_of(program)).namespace

    def _load(self, module: Module) -> _Loaded:
        found = self._loaded.get(module)
        if found is None:
            verify_module(module)
            counting = metered(module) if self._budget.limited else module
            made = _own(self.optimizer.optimize_module(counting))
            namespace = made.namespace(self._enter)
            routines = {name: value for name, value in namespace.items() if type(value) is Routine}
            warming = Warming(self.settings.warm_instructions if self.mode == "auto" else None)
            found = _Loaded(module, made, namespace, routines, warming)
            self._loaded[module] = self._loaded[made] = found
            if self.mode in ("register", "generated"):
                self._warm_up(found)
        return found

    def _of(self, code: Code) -> _Loaded:
        """The module, as this VM runs it, that a function belongs to."""
        return self._load(_module_of(code))

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
        loaded = self._current(_module_of(program))
        routine = loaded.routines.get(name)
        if routine is None:
            raise ValueError(f"{name!r} cannot be called: the program has no such function outside of others")
        if routine.code.namespace:
            routine = Routine(routine.code, routine.code.namespace, (), self._enter)
        return self._enter(routine, arguments)

    def _enter(self, routine: Routine, arguments: Sequence[Any]) -> Any:
        """Call a routine, under the limits of the run that is going on or under fresh ones."""
        loaded = self._of(routine.code)
        if self._depth:
            return self._run(loaded, routine, arguments)
        self._budget.begin()
        self._stack.warming = loaded.warming
        if self.settings.gc == _AS_IT_IS:
            return self._run(loaded, routine, arguments)
        with collecting(self.settings.gc):
            return self._run(loaded, routine, arguments)

    def _run(self, loaded: _Loaded, routine: Routine, arguments: Sequence[Any]) -> Any:
        """Call a routine on the machine for its warmth.

        Raises:
            RecursionError: host code in between makes the runs nest too deeply.
        """
        if self._depth >= self.settings.host_depth:  # each takes some of the host's own stack
            raise RecursionError("maximum recursion depth exceeded")
        self._depth += 1
        try:
            return (self._tiers if loaded.warm else self._stack).run(routine, arguments)
        finally:
            self._depth -= 1

    def _promote(self, frames: list[Frame]) -> Callable[[Frame, int], Any]:
        """Warm the modules of activations up; what resumes one of these."""
        codes = [routine.code for routine, *_ in frames]
        for loaded in {id(found): found for found in map(self._of, codes)}.values():
            self._warm_up(loaded, [f for f, code in zip(frames, codes, strict=True) if self._of(code) is loaded])
        return self._tiers.resume

    def _warm_up(self, loaded: _Loaded, frames: Sequence[Frame] = ()) -> None:
        if self._tiers.generates and not loaded.warm:
            whole = self._tiers.prepare(loaded.module, loaded.namespace, frames)
            self._loaded[whole] = loaded
        loaded.warm = True

    # --- the profiler --------------------------------------------------------------------------------------

    def start_profiling(self, level: ProfilingLevel | str | int = ProfilingLevel.BASIC) -> None:
        """Count what programs execute from now on, those that are loaded already among them.

        Functions that a program made before, out of others, are not counted.

        Args:
            level: a ProfilingLevel, its name or its number. With NONE nothing is noted, and programs run as they are.

        Raises:
            ValueError: an unknown level.
            RuntimeError: a program is running.
        """
        level = ProfilingLevel.of(level)
        self.stop_profiling()
        if level == ProfilingLevel.NONE:
            return
        if self._profiler is None:
            goes_native = self._tiers.adapt is not None and self._tiers.generates
            self._profiler = InstructionProfiler(level, self._tallies, native_loops if goes_native else None)
        self._profiler.level = level
        self._profiler.start()
        self._profiling = True
        for loaded in self._programs():
            self._current(loaded.written)

    def stop_profiling(self) -> None:
        """Let programs run as they are again; what was counted stays.

        Raises:
            RuntimeError: a program is running.
        """
        self._settled("the profiler cannot be switched")
        if not self._profiling:
            return
        self._profiling = False
        assert self._profiler is not None
        self._profiler.stop()
        for loaded in self._programs():
            if loaded.twin is not None and loaded.twin.active:
                loaded.twin.swap()

    def reset_profiler(self) -> None:
        """Begin with all counts at nothing.

        Raises:
            RuntimeError: a program is running.
        """
        self._settled("the profiler cannot be reset")
        if self._profiler is not None:
            self._profiler.reset()

    def get_profiling_report(self, format: str = "text", top_n: int = 10) -> str:
        """What was counted, as text.

        Args:
            format: "text", "json", "html", "speedscope" or "chrome".
            top_n: how many rows each table has at most, in formats with tables.

        Raises:
            ValueError: an unknown format.
            RuntimeError: a program is running, so that some of its calls are not wholly counted.
        """
        self._settled("there is no report")
        # By name: what a report looks like is not known down here, as the libraries for that are not.
        collect, views = import_module("zexus.report.collect"), import_module("zexus.report.views")
        pools = None if self.pools is None else self.pools.stats
        found = collect.collect(self._profiler or InstructionProfiler("none"), pools=pools)
        text: str = views.view(found, format, top_n)
        return text

    def get_profiling_summary(self) -> dict[str, Any]:
        """The figures in short: `level`, `instructions`, `calls`, `exceptions`, `loops`, `seconds`, `hottest_loop`.

        Raises:
            RuntimeError: a program is running, so that some of its calls are not wholly counted.
        """
        self._settled("there is no summary")
        profiler = self._profiler
        if profiler is None:
            return {"level": "none", "instructions": 0, "calls": 0, "exceptions": 0, "loops": 0, "seconds": 0.0,
                    "hottest_loop": None}
        loops = profiler.hot_loops(1)
        return {
            "level": profiler.level.name.lower(),
            "instructions": sum(profiler.opcodes().values()),
            "calls": sum(function.calls for function in profiler.functions()),
            "exceptions": sum(one.raised for one in profiler.instructions()),
            "loops": len(loops),
            "seconds": profiler.seconds,
            "hottest_loop": loops[0] if loops else None,
        }

    @property
    def profiler(self) -> InstructionProfiler | None:
        """What was counted; None where nothing has ever been profiled."""
        return self._profiler

    def _settled(self, what: str) -> None:
        if self._depth:
            raise RuntimeError(f"{what} while a program is running")

    def _programs(self) -> list[_Loaded]:
        """The programs that have been loaded, without their twins."""
        return [found for found in {id(found): found for found in self._loaded.values()}.values() if not found.counting]

    def _current(self, module: Module) -> _Loaded:
        """A module as it runs now: with its counters where it is profiled."""
        loaded = self._load(module)
        if not self._profiling or loaded.counting:
            return loaded
        assert self._profiler is not None
        if loaded.twin is None or loaded.twin.level != self._profiler.level:
            loaded.twin = self._twin(loaded, self._profiler)
        if not loaded.twin.active:
            loaded.twin.swap()
            if loaded.warm and not loaded.twin.loaded.warm:
                self._warm_up(loaded.twin.loaded)
        return loaded.twin.loaded

    def _twin(self, loaded: _Loaded, profiler: InstructionProfiler) -> _Twin:
        """A program with counters, which has not run yet."""
        counting = profiler.prepare(loaded.written, self._budget.limited)
        made = _own(PeepholeOptimizer(self.optimizer.level, self.settings.peephole).optimize_module(counting))
        for name in made.functions.keys() - loaded.written.functions.keys():  # what calls by name run
            loaded.namespace[name] = Routine(made.functions[name], loaded.namespace, (), self._enter)
        warming = Warming(self.settings.warm_instructions if self.mode == "auto" else None)
        found = _Loaded(loaded.written, made, loaded.namespace, loaded.routines, warming, counting=True)
        self._loaded[made] = found
        return _Twin(found, profiler.level, {name: (made.functions[name], None) for name in loaded.routines})

    @property
    def spent(self) -> int:
        """How many instructions the last run took; 0 without limits, as nothing counts them then."""
        return self._budget.spent

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


    # --- the pools -----------------------------------------------------------------------------------------

    def allocate_integer(self, value: int) -> int:
        """An integer of that value."""
        return value if self.pools is None else self.pools.allocate_integer(value)

    def allocate_string(self, value: str) -> str:
        """A string that equals this one."""
        return value if self.pools is None else self.pools.allocate_string(value)

    def allocate_list(self, size: int = 0) -> list[Any]:
        """A list of `size` times None that nobody else has.

        Raises:
            ValueError: a negative size.
        """
        if size < 0:
            raise ValueError(f"a list cannot have {size} items")
        return [None] * size if self.pools is None else self.pools.allocate_list(size)

    def release_list(self, released: list[Any]) -> None:
        """Give a list back; whoever does that must not use it further.

        Raises:
            PoolError: it was released already, or is no list.
        """
        if self.pools is not None:
            self.pools.release_list(released)

    def get_pool_stats(self) -> dict[str, Any]:
        """The figures of `integer_pool`, `string_pool`, `list_pool` and of all together; empty without pools."""
        return {} if self.pools is None else self.pools.get_stats()

    def reset_pools(self) -> None:
        """Empty the pools and begin new statistics."""
        if self.pools is not None:
            self.pools.reset()


def _own(module: Module) -> Module:
    """The VM's own functions, also where there was nothing to optimize: they get a module of their own."""
    return Module(module.name, module.filename, {name: replace(code) for name, code in module.functions.items()})


def _both(left: Phases, right: Phases) -> Phases:
    """The passes that both turn on."""
    return Phases(**{one.name: getattr(left, one.name) and getattr(right, one.name) for one in fields(Phases)})


def _native(function: FunctionType, settings: JitSettings | None) -> FunctionType:
    """The function with its hot loops as native code."""
    from zexus.jit.compile import compile

    made: FunctionType = compile(function, profile=settings)
    return made


def _module_of(program: Module | Code) -> Module:
    if isinstance(program, Module):
        return program
    return program.module or Module(program.name, program.filename, {program.name: program})


def create_vm(mode: str = "auto", **options: Any) -> VM:
    """A VM for a mode.

    Args:
        mode: "auto", "stack", "register" or "generated".
        options: the other arguments of VM.
    """
    return VM(mode, **options)


def create_high_performance_vm() -> VM:
    """A VM that does everything for speed."""
    return VM("auto", optimization_level="AGGRESSIVE")
