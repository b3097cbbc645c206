"""The machines for warm programs: register code, generated Python functions, and native code for the loops of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import FunctionType
from typing import Any

from zexus.bytecode import UNBOUND, Code, Enter, Module, Routine, depths
from zexus.regvm.allocate import Allocation
from zexus.regvm.destruct import destruct
from zexus.regvm.interpreter import RegisterMachine
from zexus.regvm.ir import Function
from zexus.regvm.pipeline import Lowering, Phases
from zexus.regvm.python import places
from zexus.regvm.python.link import NO_VALUE, call, link
from zexus.regvm.python.module import Source, generate
from zexus.settings import VM_DEFAULTS, VmSettings
from zexus.vm import continuation
from zexus.vm.limits import Budget
from zexus.vm.profiling.counting import Tallies
from zexus.vm.profiling.hot import hot_loops
from zexus.vm.stack import Frame
from zexus.vm.tracebacks import Spot


def written(module: Module, phases: Phases, settings: VmSettings = VM_DEFAULTS, taken: Iterable[str] = (),
            adapts: bool = False) -> Source:
    """A module as Python text, out of allocated register code.

    Args:
        module: whose functions have been verified.
        phases: the passes on the road of its functions.
        settings: what is inlined, how many variables a function has at most, and further numbers.
        taken: names that stand in the module's namespace already.
        adapts: whether the functions get other code objects afterwards.
    """
    # The depth of generated functions is the host's: calls that may come back to their caller stay calls.
    inlining = replace(settings.inlining, recursion=0, circular=False)
    lowering = Lowering(module, phases, inlining, settings.rounds, settings.verify)

    def optimized(code: Code) -> Function:
        # Allocation makes one variable of the values that a loop hands on; nothing is in slots.
        allocation = lowering.allocated(code, settings.variables)
        return destruct(lowering.lower(code)) if allocation.slots else allocation.fn

    return generate(module, optimized, taken=taken, adapts=adapts)


def native_loops() -> list[tuple[Spot, int]]:
    """The loops of profiled programs that go native now: an instruction in each, and iterations that did not."""
    found = ((places.spot_in(loop.filename, loop.first_line), loop.iterations)
             for loop in hot_loops() if loop.tier == "native")
    return [(spot, others) for spot, others in found if spot is not None]


class Tiers:
    """Runs routines, and goes on with activations that the stack machine began.

    Attributes:
        register: the register machine.
        generates: whether modules become Python functions.
    """

    def __init__(self, phases: Phases, registers: int, settings: VmSettings, budget: Budget, enter: Enter,
                 generates: bool, adapt: Callable[[FunctionType], FunctionType] | None,
                 tallies: Tallies | None = None) -> None:
        """
        Args:
            phases: the passes over register code.
            registers: how many the register machine has.
            settings: how deep calls may nest, what is inlined, and further numbers.
            budget: the limits of the run that is going on.
            enter: runs a routine that host code calls.
            generates: whether modules become Python functions.
            adapt: what happens to each of these before it is used.
            tallies: what the TALLY instructions of programs count in.
        """
        self.phases = phases
        self.registers = registers
        self.settings = settings
        self.recursion_limit = settings.recursion_limit
        self.budget = budget
        self.enter = enter
        self.generates = generates
        self.adapt = adapt
        self.tallies = Tallies() if tallies is None else tallies
        self.register = RegisterMachine(self._allocated, self.recursion_limit, budget, enter=enter, plain=self._plain,
                                        tally=self.tallies.register)
        self._lowerings: dict[tuple[Module, Phases], Lowering] = {}
        self._rests: dict[tuple[Code, int, frozenset[str]], Code] = {}
        self._functions: dict[Code, FunctionType] = {}

    def run(self, routine: Routine, arguments: Sequence[Any], below: int = 0) -> Any:
        """Call a routine, with so many frames below it."""
        if routine.function is not None:
            return call(routine.function, arguments, self.recursion_limit - below)
        return self.register.run(routine, arguments, below)

    def resume(self, frame: Frame, below: int) -> Any:
        """Run what is left of an activation, with so many others below it."""
        routine, _, _, stack, variables, cells = frame
        rest, bound = self._rest(frame)
        given = [value for name, value in zip(routine.code.locals, variables, strict=True) if name in bound]
        made = Routine(rest, routine.namespace, tuple(cells), self.enter)
        made.function = self._functions.get(rest)
        if made.function is not None:
            stack = [NO_VALUE if value is UNBOUND else value for value in stack]
        return self.run(made, [*given, *stack], below)

    def prepare(self, module: Module, namespace: dict[str, Any], frames: Sequence[Frame] = ()) -> Module:
        """Make a module's functions, and what is left of activations of them, Python functions.

        Args:
            module: what to generate.
            namespace: its globals.
            frames: activations that will be resumed.

        Returns:
            The module to which the functions belong from now on: with the rests of the activations.
        """
        functions = dict(module.functions)
        rests = [rest for rest, _ in map(self._rest, frames) if not rest.captured]
        for rest in dict.fromkeys(rests):
            functions[f"{rest.name}.{len(functions)}"] = rest
        whole = Module(module.name, module.filename, functions)
        source = written(whole, self.phases, self.settings, namespace, self.adapt is not None)
        made = link(source, whole, namespace, self.enter, self.adapt, self.budget, self.tallies)
        for name, function in made.items():
            self._functions[functions[name]] = function
        return whole

    def _rest(self, frame: Frame) -> tuple[Code, frozenset[str]]:
        """What is left of an activation, as a function; and which variables it takes."""
        routine, _, index, _, variables, _ = frame
        bound = continuation.bound(routine.code, variables)
        rest = self._rests.get((routine.code, index, bound))
        if rest is None:
            rest = continuation.continuation(routine.code, index, bound, depths(routine.code)[index])
            self._rests[routine.code, index, bound] = rest
        return rest, bound

    def _allocated(self, code: Code) -> Allocation:
        return self._lowering(code, self.phases).allocated(code, self.registers)

    def _plain(self, code: Code) -> Allocation:
        return self._lowering(code, replace(self.phases, inline=False)).allocated(code, self.registers)

    def _lowering(self, code: Code, phases: Phases) -> Lowering:
        module = code.module
        assert module is not None
        found = self._lowerings.get((module, phases))
        if found is None:
            settings = self.settings
            found = self._lowerings[module, phases] = Lowering(module, phases, settings.inlining, settings.rounds,
                                                               settings.verify)
        return found
