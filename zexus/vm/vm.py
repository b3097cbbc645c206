"""The front door of the bytecode machines: a VM runs a program on the machine that its mode and warmth choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zexus.bytecode import Code, Module, Routine, verify_module
from zexus.regvm.allocate import Allocation
from zexus.regvm.interpreter import RegisterMachine
from zexus.regvm.pipeline import Lowering
from zexus.settings import VmSettings
from zexus.vm.limits import Budget
from zexus.vm.stack import StackMachine

MODES = ("auto", "stack", "register")


class VM:
    """Runs bytecode.

    A VM keeps what it loaded: a second run of a module finds the globals and the warmth that the first one left.
    One thread at a time may use it.
    """

    def __init__(self, mode: str = "auto", *, registers: int = 32, max_instructions: int | None = None,
                 timeout: float | None = None, settings: VmSettings | None = None) -> None:
        """
        Args:
            mode: "auto", "stack" or "register".
            registers: how many registers the register machine has, 2 to 256.
            max_instructions: how many instructions a run may take; None for any number.
            timeout: how many seconds a run may take; None for any time.
            settings: further numbers.

        Raises:
            ValueError: an unknown mode, or a limit that is not positive.
        """
        if mode not in MODES:
            raise ValueError(f"unknown mode {mode!r}; modes are {', '.join(MODES)}")
        if not 2 <= registers <= 256:
            raise ValueError(f"registers must be 2 to 256, got {registers!r}")
        for name, limit in (("max_instructions", max_instructions), ("timeout", timeout)):
            if limit is not None and limit <= 0:
                raise ValueError(f"{name} must be positive, got {limit!r}")
        self.mode = mode
        self.max_instructions = max_instructions
        self.timeout = timeout
        self.settings = VmSettings() if settings is None else settings
        self.registers = registers
        self._stack = StackMachine(self.settings.recursion_limit)
        self._register = RegisterMachine(self._allocated, self.settings.recursion_limit)
        self._lowerings: dict[Module, Lowering] = {}
        self._running = False
        self._loaded: dict[Module, dict[str, Any]] = {}

    def load(self, program: Module | Code) -> dict[str, Any]:
        """The namespace of a program, in which its functions can be called.

        Raises:
            InvalidCode: the program breaks a law of the stack form; nothing of it has run.
        """
        module = program if isinstance(program, Module) else _module_of(program)
        namespace = self._loaded.get(module)
        if namespace is None:
            verify_module(module)
            namespace = self._loaded[module] = module.namespace(self._enter)
        return namespace

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
        namespace = self.load(program)
        name = "main" if isinstance(program, Module) else program.name
        code = program.functions.get("main") if isinstance(program, Module) else program
        if code is None or code.captured:
            raise ValueError(f"{name!r} cannot be called: the program has no such function outside of others")
        return self._enter(Routine(code, code.namespace or namespace, (), self._enter), arguments)

    def _enter(self, routine: Routine, arguments: Sequence[Any]) -> Any:
        """Call a routine, under the limits of the run that is going on or under fresh ones."""
        machine = self._register if self.mode == "register" else self._stack
        if self._running:
            return machine.run(routine, arguments)
        self._running = True
        machine.budget = Budget(self.max_instructions, self.timeout)
        try:
            return machine.run(routine, arguments)
        finally:
            self._running = False

    def _allocated(self, code: Code) -> Allocation:
        module = _module_of(code)
        lowering = self._lowerings.get(module)
        if lowering is None:
            lowering = self._lowerings[module] = Lowering(module)
        return lowering.allocated(code, self.registers)


def _module_of(code: Code) -> Module:
    return code.module or Module(code.name, code.filename, {code.name: code})


def create_vm(mode: str = "auto", **options: Any) -> VM:
    """A VM for a mode.

    Args:
        mode: "auto", "stack" or "register".
        options: the other arguments of VM.
    """
    return VM(mode, **options)
