"""The register interpreter: runs allocated functions on a file of registers and slots, calls without the host's stack.

Dispatch is threaded code: what `segments` makes of a function, one Python function after the other. A call puts a fresh
register file in the place of the caller's, a return puts the caller's back; the host's stack does not grow.
`benchmarks/dispatch.py` compares this with a closure an instruction and with a decision tree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any

from zexus.bytecode import Code, Enter, Routine, wrong_arguments
from zexus.records import dataclass
from zexus.regvm.allocate import Allocation
from zexus.regvm.ir import Context, Instr
from zexus.regvm.segments import CALLER, FILE, RESUME, SWITCH, VALUE, Executable, File, Segment, Speller
from zexus.vm import tracebacks
from zexus.vm.limits import Budget, LimitExceeded


@dataclass
class Counts:
    """What has been executed.

    Attributes:
        instructions: all of them.
        spills, reloads: stores to slots and loads from them, operands of calls and the like included.
        functions: how many instructions of each function.
    """

    instructions: int = 0
    spills: int = 0
    reloads: int = 0
    functions: Counter[Code] = field(default_factory=Counter)


class RegisterMachine:
    """Runs routines on register files of its own, so that the depth of a program's calls is not the host's.

    Where calls have been inlined, a frame stands for several, and counts as so many: a function that has no room left
    for the calls in it runs as it was without them.

    Attributes:
        recursion_limit: how many frames there may be.
        budget: the limits of the run that is going on, the same one in all of them.
        tally: how often control has passed each TALLY of the programs, by its number.
        counts: what has been executed, where that was asked for.
    """

    def __init__(self, prepare: Callable[[Code], Allocation], recursion_limit: int, budget: Budget | None = None,
                 make_block: Callable[[Code, int, Sequence[Any]], Callable[..., Any]] | None = None,
                 counts: Counts | None = None, enter: Enter | None = None,
                 plain: Callable[[Code], Allocation] | None = None, tally: list[int] | None = None) -> None:
        """
        Args:
            prepare: allocates a function's registers; asked once for each.
            recursion_limit, budget, counts, tally: see the attributes.
            make_block: gives the function of an outlined statement, out of its Code, number and cells.
            enter: runs a routine that host code calls, where that is not simply `run`.
            plain: as `prepare`, with nothing inlined; where that inlines nothing itself, it is not wanted.
        """
        self.prepare = prepare
        self.plain = plain
        self.enter: Enter = self.run if enter is None else enter
        self.recursion_limit = recursion_limit
        self.budget = Budget() if budget is None else budget
        self.tally: list[int] = [] if tally is None else tally
        self.make_block = make_block
        self.counts = counts
        self._allocations: dict[tuple[Code, bool], Allocation] = {}
        self._worlds: dict[int, World] = {}
        self._executables: dict[str, Executable] = {}
        self._resumes: dict[Segment, tuple[Instr, Segment | None]] = {}
        self._begins: dict[Segment, tuple[Instr, Segment | None]] = {}
        self._sizes: dict[Segment, tuple[Code, int, int, int]] = {}

    def run(self, routine: Routine, arguments: Sequence[Any] = (), below: int = 0) -> Any:
        """Call a routine, whose Code has been verified.

        Args:
            routine: what to call.
            arguments: positional ones, as many as it has parameters.
            below: how many frames there are already, on another machine.

        Returns:
            What it returns; for a region the status and the tuple of its results.

        Raises:
            LimitExceeded: the budget is used up.
            RecursionError: there are more frames than `recursion_limit`.
            BaseException: whatever the program raises; the traceback shows the program's functions and lines.
        """
        world = self.world(routine.namespace)
        caller: File = [None, None, None, None, (), 0]
        file = world.entries(len(arguments))[routine.code](caller, routine, self.recursion_limit - below, *arguments)
        step: Segment | None = file[RESUME]
        counted = self.counts is not None
        while True:
            try:
                if counted:
                    return self._counted(file, step)
                while True:
                    step = step(file)  # type: ignore[misc]
                    if step is None:
                        file = file[SWITCH]
                        step = file[RESUME]
                        if step is None:
                            return file[VALUE]
            except LimitExceeded as error:
                tracebacks.place(error, self._places(self._trail(error)))
                raise
            except BaseException as error:
                found = self._caught(error)
                if found is None:
                    raise
                file, step = found

    def _counted(self, file: File, step: Segment | None) -> Any:
        """The loop of `run` with counting before each segment."""
        sizes, counts = self._sizes, self.counts
        assert counts is not None
        while step is not None:
            code, instructions, spills, reloads = sizes[step]
            counts.instructions += instructions
            counts.functions[code] += instructions
            counts.spills += spills
            counts.reloads += reloads
            step = step(file)
            if step is None:
                file = file[SWITCH]
                step = file[RESUME]
        return file[VALUE]

    def world(self, namespace: dict[str, Any]) -> World:
        """The executables that have their globals in a namespace."""
        found = self._worlds.get(id(namespace))
        if found is None:
            found = self._worlds[id(namespace)] = World(self, namespace)
        return found

    def executable(self, code: Code, namespace: dict[str, Any]) -> Executable:
        """A function made ready to run in a namespace."""
        return self.world(namespace).executable(code)

    def _made(self, code: Code, world: World, plain: bool) -> Executable:
        allocation = self._allocations.get((code, plain))
        if allocation is None:
            prepare = self.plain if plain and self.plain is not None else self.prepare
            allocation = self._allocations[code, plain] = prepare(code)
        made, name = Speller(self, world, code, allocation, plain or self.plain is None).make()
        self._executables[name] = made
        self._resumes.update(made.resumes)
        self._begins.update(made.begins)
        self._sizes.update({segment: (code, *size) for segment, size in made.sizes.items()})
        return made

    # --- exceptions ------------------------------------------------------------------------------------

    def _trail(self, error: BaseException) -> list[tuple[File, Instr | None, Segment | None]]:
        """The activations that an exception meets, innermost first: file, instruction, handler."""
        trail: list[tuple[File, Instr | None, Segment | None]] = []
        entry = error.__traceback__
        file: File | None = None
        while entry is not None and entry.tb_frame.f_code in _LOOPS:
            # Between two segments: the limits, or a signal.
            known = entry.tb_frame.f_locals
            file, entry = known["file"], entry.tb_next
            trail = [(known["file"], *self._begins[known["step"]])] if known["step"] in self._begins else []
        if entry is not None and entry.tb_frame.f_code.co_filename in self._executables:
            file = entry.tb_frame.f_locals[FILE]
            executable = self._executables[entry.tb_frame.f_code.co_filename]
            trail = [(file, *executable.origins[entry.tb_lineno])]
        while file is not None:
            file = file[CALLER]
            if file is None or file[RESUME] is None:
                break
            trail.append((file, *self._resumes[file[RESUME]]))
        return trail

    def _caught(self, error: BaseException) -> tuple[File, Segment] | None:
        """Where the innermost handler takes an exception, if there is one; its traceback gets the program's frames."""
        trail = self._trail(error)
        for depth, (file, _, handler) in enumerate(trail):
            if handler is not None:
                # Callers into which the function of the handler was inlined have not been left.
                callers = self._begins[handler][0].context
                outside = 0 if callers is None else len(callers.path)
                tracebacks.place(error, self._places(trail[: depth + 1])[outside:])
                file[VALUE] = error
                file[SWITCH] = None
                return file, handler
        tracebacks.place(error, self._places(trail))
        return None

    @staticmethod
    def _places(trail: list[tuple[File, Instr | None, Segment | None]]) -> list[tuple[Code, int]]:
        """The functions of a trail, outermost first, those that were inlined among them."""
        found: list[tuple[Code, int]] = []
        for _, instr, _ in trail:
            context: Context | None = None if instr is None else instr.context
            index = -1 if instr is None else instr.index
            while context is not None:
                program = context.code
                found.append((program.code, program.origins[index]))
                index, context = context.call_index, context.parent
        found.reverse()
        return found


_LOOPS = frozenset((RegisterMachine.run.__code__, RegisterMachine._counted.__code__))


class _Entries(dict[Code, Callable[..., File]]):
    """How functions are entered with one number of arguments; what is missing is made ready."""

    def __init__(self, world: World, arguments: int) -> None:
        self.world = world
        self.arguments = arguments

    def __missing__(self, code: Code) -> Callable[..., File]:
        if code.params != self.arguments:
            raise wrong_arguments(code, self.arguments)
        made = self[code] = self.world.executable(code).enter
        return made


class World:
    """The executables of one machine that share a namespace."""

    def __init__(self, machine: RegisterMachine, namespace: dict[str, Any]) -> None:
        self.machine = machine
        self.namespace = namespace
        self._entries: dict[int, _Entries] = {}
        self._made: dict[tuple[Code, bool], Executable] = {}

    def entries(self, arguments: int) -> _Entries:
        found = self._entries.get(arguments)
        if found is None:
            found = self._entries[arguments] = _Entries(self, arguments)
        return found

    def executable(self, code: Code, plain: bool = False) -> Executable:
        found = self._made.get((code, plain))
        if found is None:
            found = self._made[code, plain] = self.machine._made(code, self, plain)
        return found
