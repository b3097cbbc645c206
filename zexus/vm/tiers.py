"""The machines for warm programs: register code, generated Python functions, and native code for the loops of these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

from zexus.bytecode import Code, Enter, Module, Routine
from zexus.regvm.allocate import Allocation
from zexus.regvm.destruct import destruct
from zexus.regvm.generate import Source, call, generate, link
from zexus.regvm.interpreter import RegisterMachine
from zexus.regvm.ir import Function
from zexus.regvm.pipeline import Lowering, Phases
from zexus.settings import VM_DEFAULTS, VmSettings
from zexus.vm import continuation
from zexus.vm.stack import Frame


def written(module: Module, lowering: Lowering, variables: int = VM_DEFAULTS.variables) -> Source:
    """A module as Python text, out of allocated register code.

    Args:
        module: whose functions have been verified.
        lowering: the road of its functions.
        variables: how many a function has at most.
    """

    def optimized(code: Code) -> Function:
        # Allocation makes one variable of the values that a loop hands on; nothing is in slots.
        allocation = lowering.allocated(code, variables)
        return destruct(lowering.lower(code)) if allocation.slots else allocation.fn

    return generate(module, optimized)


class Tiers:
    """Runs routines, and goes on with activations that the stack machine began.

    Attributes:
        register: the register machine.
        generates: whether modules become Python functions.
    """

    def __init__(self, phases: Phases, registers: int, settings: VmSettings, enter: Enter, generates: bool,
                 adapt: Callable[[FunctionType], FunctionType] | None) -> None:
        """
        Args:
            phases: the passes over register code.
            registers: how many the register machine has.
            settings: how deep calls may nest, what is inlined, and further numbers.
            enter: runs a routine that host code calls.
            generates: whether modules become Python functions.
            adapt: what happens to each of these before it is used.
        """
        self.phases = phases
        self.registers = registers
        self.settings = settings
        self.recursion_limit = settings.recursion_limit
        self.enter = enter
        self.generates = generates
        self.adapt = adapt
        self.register = RegisterMachine(self._allocated, self.recursion_limit, enter=enter)
        self._lowerings: dict[Module, Lowering] = {}
        self._rests: dict[tuple[Code, int, frozenset[str]], Code] = {}
        self._functions: dict[Code, FunctionType] = {}

    def run(self, routine: Routine, arguments: Sequence[Any]) -> Any:
        """Call a routine."""
        if routine.function is not None:
            return call(routine.function, arguments, self.recursion_limit)
        return self.register.run(routine, arguments)

    def resume(self, frame: Frame) -> Any:
        """Run what is left of an activation."""
        routine, _, _, stack, variables, cells = frame
        rest, bound = self._rest(frame)
        given = [value for name, value in zip(routine.code.locals, variables, strict=True) if name in bound]
        made = Routine(rest, routine.namespace, tuple(cells), self.enter)
        made.function = self._functions.get(rest)
        return self.run(made, [*given, *stack])

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
        source = written(whole, self._lowering(whole), self.settings.variables)
        made = link(source, whole, namespace, self.enter, self.adapt)
        for name, function in made.items():
            self._functions[functions[name]] = function
        return whole

    def _rest(self, frame: Frame) -> tuple[Code, frozenset[str]]:
        """What is left of an activation, as a function; and which variables it takes."""
        routine, _, index, _, variables, _ = frame
        bound = continuation.bound(routine.code, variables)
        rest = self._rests.get((routine.code, index, bound))
        if rest is None:
            cursors = continuation.cursors(routine.code)[index]
            assert cursors is not None, "an instruction that runs can be reached"
            rest = continuation.continuation(routine.code, index, bound, cursors)
            self._rests[routine.code, index, bound] = rest
        return rest, bound

    def _allocated(self, code: Code) -> Allocation:
        module = code.module
        assert module is not None
        return self._lowering(module).allocated(code, self.registers)

    def _lowering(self, module: Module) -> Lowering:
        if module not in self._lowerings:
            settings = self.settings
            self._lowerings[module] = Lowering(module, self.phases, settings.inlining, settings.rounds, settings.verify)
        return self._lowerings[module]
