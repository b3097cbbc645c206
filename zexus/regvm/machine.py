"""The register machine: runs register form on Python objects, can be entered at any instruction.

It is where side exits land and what the recorder watches.
"""

from __future__ import annotations

import builtins
import operator
import sys
import types
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar
from warnings import warn

from zexus import ops, shapes
from zexus.bytecode import UNBOUND, Code
from zexus.records import dataclass
from zexus.regvm import calling, suspended
from zexus.regvm import cursor as cursors
from zexus.regvm.build import Program
from zexus.regvm.declining import Answer, Told
from zexus.regvm.ir import Instr, Value, step
from zexus.regvm.steps import Step, Steps, Warn, written


class Frame:
    """An activation: the program, its registers, where it stands, its cells; maybe one of a generator that runs."""

    __slots__ = ("answer", "cells", "generator", "index", "machine", "made", "path", "registers", "result_register")

    def __init__(self, machine: Executable, registers: list[Any], index: int, cells: Sequence[Any] = (),
                 path: tuple[int, ...] = ()) -> None:
        self.machine = machine
        self.registers = registers
        self.index = index
        self.cells = cells
        self.path = path
        self.result_register = -1
        self.generator: types.GeneratorType[Any, Any, Any] | None = None  # whose frame it stands for
        self.made: Any = UNBOUND  # the new object that it sets up
        self.answer: Answer | Told | None = None  # what becomes of its value, if that is not what its caller gets


@dataclass
class Outcome:
    """How a run ended: "leave" (status, results in the frame), "return" (value), "header" (at a loop header)."""

    kind: str
    status: int = 0
    value: Any = None


@dataclass
class Entered:
    """What an operation calls.

    Attributes:
        machine: its code.
        function: the function.
        variant: which of those that were called there it is.
        arguments: what it is given.
        answer: what becomes of its answer, if it is not that of the operation.
    """

    machine: Executable
    function: types.FunctionType
    variant: int
    arguments: Sequence[Any]
    answer: Answer | Told | None


class Watcher(Protocol):
    """What the recorder gives the machine.

    Attributes:
        budget: instructions that it still wants to see; below zero the machine goes on alone.
    """

    budget: int

    def knows(self, frame: Frame, index: int) -> bool:
        """Whether the loop whose header stands at `index` need not be watched any more."""

    def block(self, frame: Frame, index: int) -> None:
        """Control reached the block that starts at `index`."""

    def result(self, frame: Frame, instr: Instr, value: Any) -> None:
        """An instruction made a value."""

    def owner(self, frame: Frame, instr: Instr, value: Any) -> None:
        """An attribute or item of an object is about to be accessed."""

    def operands(self, frame: Frame, instr: Instr, values: Sequence[Any]) -> None:
        """An operation is about to be done with some values."""

    def callee(self, frame: Frame, instr: Instr, function: Any) -> tuple[Executable, int] | None:
        """A call is about to happen; an executable means: run it in here. It comes with which callee it is."""

    def hook(self, frame: Frame, instr: Instr, operands: Sequence[Any]) -> Entered | None:
        """An operation is about to be done on objects; a function means: it calls that one, run it in here."""

    def raised(self, frame: Frame, error: BaseException) -> None:
        """The instruction at which a frame stands has raised."""

    def drawn(self, frame: Frame, instr: Instr, cursor: cursors.Cursor) -> Executable | None:
        """A value is about to be drawn from a cursor; an executable means: it is a generator's, run it in here."""


class Executable:
    """A program made ready to run: the closures of its instructions.

    Two registers beyond the program's own hold the cells and the exception that a handler takes.

    Args:
        program: the register form.
        blocks: gives the function of an outlined statement, over the cells of an activation.
        place: gives an exception that a handler takes the traceback that it has by then, from the frames that it has
            passed, that of the handler first.
    """

    def __init__(self, program: Program, blocks: Callable[[Code, int, Sequence[Any]], Callable[..., Any]],
                 place: Callable[[BaseException, list[Frame]], None] | None = None) -> None:
        self.program = program
        self.code = program.code
        self.template: list[Any] = [UNBOUND] * (program.size + 2)
        for number, value in program.constants.items():
            self.template[number] = value
        self._entries = frozenset(range(len(program.code.locals), program.size)).difference(program.constants)
        self.place = place
        self.globals = program.code.namespace
        builtin = self.globals.get("__builtins__", builtins)
        made = Steps(program, self.globals, builtin if isinstance(builtin, dict) else vars(builtin), blocks)
        self.cells_register, self.caught_register, self.in_place_of = made.cells, made.caught, made.in_place_of
        self.steps: list[Step] = [made.of(instr) for instr in program.flat]
        self.block_starts = frozenset(program.starts.values())
        self.shared = tuple((name, program.code.locals.index(name)) for name in program.code.shared)
        if self.shared:
            self.steps = [self._synced(instr, step) for instr, step in zip(program.flat, self.steps, strict=True)]
        for index, instr in enumerate(program.flat):
            register = program.handling(index)
            if register >= 0 and instr.op not in ops.QUIET and instr.op != "RERAISE":
                self.steps[index] = _handling(self.steps[index], register)
        # What the recorder watches step by step; what comes to an end with each instruction is given up apart.
        self.bare = self.steps
        leaders = program.leaders
        self.loops = {leaders[loop.head]: loop for loop in self.code.loops if loop.head in leaders}
        self.ended = [self._ended(instr) for instr in program.flat]
        self.steps = [_ending(step, numbers) if numbers else step
                      for step, numbers in zip(self.bare, self.ended, strict=True)]

    def _ended(self, instr: Instr) -> tuple[int, ...]:
        """The registers of the stack's entries that an instruction leaves with values that nobody reads.

        The program's objects die where they would in CPython, which takes operands from the stack.
        """
        if instr.op in ("RETURN", "LEAVE", "YIELD"):
            return ()  # the values are handed over
        before, after = self.program.live[instr.index]
        made = frozenset(() if instr.dest is None else (instr.dest.number,))
        return tuple(sorted(self._entries & ((before | made) - after)))

    def enter_handler(self, registers: list[Any], index: int, error: BaseException) -> None:
        """Give up the stack's entries that a handler does not read, and let it take the exception."""
        for number in self._entries - self.program.live[index][0]:
            registers[number] = UNBOUND
        registers[self.caught_register] = error

    def publish(self, registers: list[Any]) -> None:
        """Put the values of a module's variables where other code finds them."""
        namespace = self.globals
        for name, number in self.shared:
            if registers[number] is not UNBOUND:
                namespace[name] = registers[number]

    def refresh(self, registers: list[Any]) -> None:
        """Take the values of a module's variables as other code has left them."""
        namespace = self.globals
        for name, number in self.shared:
            registers[number] = namespace.get(name, UNBOUND)

    def _synced(self, instr: Instr, step: Step) -> Step:
        """The step of a module's loop, which may run any code of the user's: that knows the variables as globals."""
        if instr.op in _CLOSED:
            return step
        operands = [a.number for a in instr.args]
        dest = -1 if instr.dest is None else instr.dest.number
        known = instr.op not in _OPEN

        def synced(r: list[Any]) -> int | None:
            if known and all(type(r[a]) in _PLAIN for a in operands):
                return step(r)
            self.publish(r)
            try:
                following = step(r)
            except BaseException:
                self.refresh(r)
                raise
            made = r[dest]
            self.refresh(r)
            if dest >= 0:
                r[dest] = made
            return following

        return synced

    def frame(self, arguments: Sequence[Any], index: int = 0, cells: Sequence[Any] = (),
              path: tuple[int, ...] = ()) -> Frame:
        """A fresh activation with the parameters set."""
        registers = self.template.copy()
        registers[: len(arguments)] = arguments
        registers[self.cells_register] = cells
        return Frame(self, registers, index, cells, path)


# Opcodes that run no code of the user's, whatever their operands; those that may with any; types that have none.
_CLOSED = frozenset((
    "MOVE", "UNBOUND", "CHECK_BOUND", "LOAD_GLOBAL", "LOAD_CELL", "BUILD_LIST", "BUILD_TUPLE", "ITEM", "LIST_ADD",
    "STORE_CELL", "STORE_GLOBAL", "JUMP", "SWITCH", "RETURN", "LEAVE", "RAISE", "RERAISE",
))
_OPEN = frozenset(("CALL", "CALL_KEYWORD", "PYBLOCK", "GETATTR", "SETATTR", "ITER", "HAS_NEXT", "VALUE", "ADVANCE"))
# Operations that may call functions of the program's own.
HOOKED = frozenset((
    "GETATTR", "SETATTR", "GETITEM", "SETITEM", "IN", "NOT_IN", "LT", "LE", "EQ", "NE", "GT", "GE", "NEG", "POS",
    "INVERT", "TRUTH", "NOT",
    *(row.name for row in ops.OPS.values() if row.meaning and row.family == "arith"),
))
# Operations whose native form depends on what their operands are, wherever these come from.
USING = frozenset((*HOOKED - {"GETATTR", "SETATTR", "SETITEM"}, "UNPACK", "CALL"))
# What becomes of the answer of the function that an operation calls.
_ANSWERED = {"IN": operator.truth, "NOT_IN": operator.not_}
CALLS = frozenset(("CALL", "CALL_KEYWORD"))
# Which operand is the object whose attribute or item is accessed.
_OWNING = {"GETATTR": 0, "SETATTR": 0, "GETITEM": 0, "SETITEM": 0, "IN": 1, "NOT_IN": 1}
_PLAIN = frozenset((int, float, bool, str, type(None)))


class Raised(Exception):
    """Carries an exception out of the machine together with the frames that it passed, outermost first."""

    def __init__(self, error: BaseException, frames: list[tuple[Frame, int]]) -> None:
        self.error = error
        self.frames = frames
        super().__init__(error)


def run(frames: list[Frame], stops: frozenset[int] = frozenset(), watcher: Watcher | None = None,
        inner: Callable[[Frame], frozenset[int]] | None = None) -> Outcome:
    """Run the innermost of `frames` (and those it returns to) until the outermost one ends or stops.

    Args:
        frames: activations, outermost first; the last one is that which has stopped.
        stops: instruction indices of the outermost frame before which to stop (loop headers).
        watcher: the recorder, if it is to see every result and block.
        inner: gives further indices before which a frame is to stop where no recorder watches, or knows enough.

    Returns:
        How it ended; the outermost frame holds the registers.

    Raises:
        Raised: an exception that no handler in the code takes.
    """
    for frame in frames[:-1]:
        frame.machine.publish(frame.registers)
    while True:
        frame = frames[-1]
        outermost = len(frames) == 1
        watcher = watcher if watcher is not None and watcher.budget >= 0 else None
        further, own = inner(frame) if inner is not None else frozenset(), stops if outermost else frozenset()
        if watcher is not None:
            go_on = partial(_watched, frame, frames, own, further, watcher)
        else:
            go_on = partial(_plain, frame, own | further)
        go_on = partial(_warning, frames, go_on)
        try:
            around = _handled_around(frames)
            ended = go_on() if around is None else _while_handling(around, go_on)
        except BaseException as error:
            for caller in frames[:-1]:
                caller.machine.refresh(caller.registers)
            if watcher is not None:
                watcher.raised(frame, error)
            take(frames, error)
            continue
        if ended == "header":
            return Outcome("header")
        if ended in ("call", "alone"):
            continue
        instr = frame.machine.program.flat[frame.index]
        if instr.op == "LEAVE":
            return Outcome("leave", status=instr.imm)
        if outermost:
            return Outcome("return", value=frame.registers[instr.args[0].number])
        # Nothing here may hold the value for longer than the registers do.
        give(frames, frame.registers[instr.args[0].number], watcher, instr if instr.op == "YIELD" else None)


def give(frames: list[Frame], value: Any, watcher: Watcher | None = None, hands_out: Instr | None = None) -> None:
    """End the innermost frame, which another one has called, and give that its value.

    Args:
        frames: outermost first.
        value: what it returns, or what it hands out if it is a generator's that stops.
        watcher: the recorder, if there is one.
        hands_out: the instruction at which a generator stops.

    Raises:
        Raised: an exception that no handler in the code takes.
    """
    frame = frames.pop()
    if frame.made is not UNBOUND:
        if value is not None and not _refuse(frames, value):
            return
        value = frame.made
    caller = frames[-1]
    call = caller.machine.program.flat[caller.index]
    caller.machine.refresh(caller.registers)
    if frame.generator is not None:
        if hands_out is not None:
            held = [frame.registers[a.number] for a in hands_out.args[1:]]
            suspended.stop(frame.generator, frame.machine.code, held)
            caller.registers[call.args[0].number].held = value
        else:
            suspended.close(frame.generator)
        value = hands_out is not None
    if call.op in _ANSWERED or frame.answer is not None:
        operands = [caller.registers[a.number] for a in call.args]
        try:
            value = handling(frames, partial(_answered, frame.answer, call.op, value, operands))
        except BaseException as error:
            take(frames, error)
            return
    if call.dest is not None:
        caller.registers[call.dest.number] = value
    if watcher is not None:
        watcher.result(caller, call, value)
    _end(caller.registers, caller.machine.ended[caller.index])
    caller.index += 1


def _answered(answer: Answer | Told | None, op: str, value: Any, operands: Sequence[Any]) -> Any:
    return _ANSWERED[op](value) if answer is None else answer.made(value, operands)


def _refuse(frames: list[Frame], value: Any) -> bool:
    """Raise what a call of a class raises whose `__init__` answers something; False where a handler takes it."""
    error = TypeError(f"__init__() should return None, not '{type(value).__name__}'")
    take(frames, error)
    return False


def take(frames: list[Frame], error: BaseException) -> None:
    """Let a handler take an exception of the innermost frame.

    Raises:
        Raised: there is none.
    """
    error = _leaving(frames, error)
    if not handled(frames, error):
        raise Raised(error, [(f, f.index) for f in frames]) from None


def _leaving(frames: list[Frame], error: BaseException) -> BaseException:
    """The exception that the innermost frame raised, as it is outside of the generators among frames that it leaves.

    Generators make another one of StopIteration (PEP 479); those that it leaves are dropped.
    """
    if not isinstance(error, StopIteration):
        return error
    for depth in reversed(range(len(frames))):
        frame = frames[depth]
        if any(frame.index in row.range for row in frame.machine.program.handlers):
            return error
        if frame.generator is None:
            continue
        if frame.machine.place is not None:
            frame.machine.place(error, frames[depth:])
        made = RuntimeError("generator raised StopIteration")
        made.__cause__ = made.__context__ = error
        _drop(frames[depth:])
        del frames[depth:]
        return made
    return error


def handled(frames: list[Frame], error: BaseException,
            place: Callable[[BaseException, list[Frame]], None] | None = None) -> bool:
    """Let the innermost frame that has a handler where it stands enter it, and drop those that it called.

    Args:
        frames: outermost first.
        error: the exception that the innermost one raised.
        place: what gives it its traceback, instead of what the handler's executable has for that.

    Returns:
        Whether there is such a frame.
    """
    for depth in reversed(range(len(frames))):
        frame = frames[depth]
        row = next((row for row in frame.machine.program.handlers if frame.index in row.range), None)
        if row is None:
            continue
        place = place or frame.machine.place
        if place is not None:
            place(error, frames[depth:])
        frame.machine.enter_handler(frame.registers, row.target, error)
        frame.index = row.target
        _drop(frames[depth + 1:])
        del frames[depth + 1:]
        return True
    _drop(frames)
    return False


def _drop(frames: list[Frame]) -> None:
    """End the generators among frames that an exception has left."""
    for frame in reversed(frames):
        if frame.generator is not None:
            suspended.close(frame.generator)


def _handling(step: Step, register: int) -> Step:
    """A step that runs while the exception in a register is being handled."""
    return lambda r: _while_handling(r[register], lambda: step(r))


def _warning(frames: list[Frame], go_on: Callable[[], str]) -> str:
    """Go on up to the end of what the innermost frame does, or behind a warning that it gives."""
    try:
        return go_on()
    except Warn as asked:
        given = asked.given
    frame = frames[-1]
    handling(frames, partial(_warn, frames, given))
    dest = frame.machine.program.flat[frame.index].dest
    if dest is not None:
        frame.registers[dest.number] = None
    _end(frame.registers, frame.machine.ended[frame.index])
    frame.index += 1
    return "alone"


def _warn(frames: list[Frame], given: dict[str, Any]) -> Any:
    """Warn as if the frames were the interpreter's own."""
    level = given["stacklevel"]
    if level <= len(frames):
        place = frames[-level]
        instr = place.machine.program.flat[place.index]
        tell = place.machine.in_place_of(written("lambda warn, given: warn(**given)"), instr)
        try:
            return tell(warn, given | {"stacklevel": 1})
        except BaseException as error:
            # It was not raised in the frame that stands for the place.
            here = error.__traceback__
            assert here is not None and here.tb_next is not None
            BaseException.with_traceback(error, here.tb_next.tb_next)
            raise
    # The outermost frame stands for one of the interpreter's.
    code = frames[0].machine.code
    own, distance = sys._getframe(), 1
    while own.f_back is not None and (own.f_code.co_filename, own.f_code.co_name) != (code.filename, code.name):
        own, distance = own.f_back, distance + 1
    return warn(**given | {"stacklevel": distance + level - len(frames)})


_T = TypeVar("_T")


def _while_handling(error: BaseException, act: Callable[[], _T]) -> _T:
    """Do something while an exception, which stays as it is, is being handled."""
    traceback = BaseException.__getattribute__(error, "__traceback__")
    context = BaseException.__getattribute__(error, "__context__")
    try:
        raise error
    except BaseException:
        BaseException.with_traceback(error, traceback)
        BaseException.__setattr__(error, "__context__", context)
        return act()


def handling(frames: list[Frame], act: Callable[[], _T]) -> _T:
    """Do something in the place where frames stand: while the exception that they handle there is being handled."""
    frame = frames[-1]
    register = frame.machine.program.handling(frame.index)
    error = _handled_around(frames) if register < 0 else frame.registers[register]
    return act() if error is None else _while_handling(error, act)


def _handled_around(frames: list[Frame]) -> BaseException | None:
    """What the callers of the innermost frame are handling."""
    for frame in reversed(frames[:-1]):
        register = frame.machine.program.handling(frame.index)
        if register >= 0:
            error: BaseException = frame.registers[register]
            return error
    return None


def _end(registers: list[Any], numbers: Sequence[int]) -> None:
    for number in numbers:
        registers[number] = UNBOUND


def _ending(step: Step, numbers: tuple[int, ...]) -> Step:
    """A step behind which some registers are empty."""
    if len(numbers) == 1:
        (only,) = numbers

        def one(r: list[Any]) -> int | None:
            following = step(r)
            r[only] = UNBOUND
            return following

        return one

    def some(r: list[Any]) -> int | None:
        following = step(r)
        for number in numbers:
            r[number] = UNBOUND
        return following

    return some


def _plain(frame: Frame, stops: frozenset[int]) -> str:
    steps, registers = frame.machine.steps, frame.registers
    index = frame.index
    following: int | None
    try:
        if not stops:
            while True:
                following = steps[index](registers)
                if following is None:
                    index += 1
                elif following < 0:
                    return "end"
                else:
                    index = following
        while True:
            following = steps[index](registers)
            if following is None:
                index += 1
            elif following < 0:
                return "end"
            else:
                index = following
                if index in stops:
                    return "header"
    finally:
        frame.index = index


def _watched(frame: Frame, frames: list[Frame], stops: frozenset[int], headers: frozenset[int],
             watcher: Watcher) -> str:
    machine = frame.machine
    steps, registers, flat = machine.bare, frame.registers, machine.program.flat
    starts, ended = machine.block_starts, machine.ended
    if frame.index not in starts:
        # Entered in the middle of a block: that block runs as well.
        watcher.block(frame, max(start for start in starts if start <= frame.index))
    while True:
        watcher.budget -= 1
        if watcher.budget < 0:
            return "alone"
        index = frame.index
        instr = flat[index]
        if index in starts:
            watcher.block(frame, index)
        if instr.op in _OWNING:
            watcher.owner(frame, instr, registers[instr.args[_OWNING[instr.op]].number])
        if instr.op in USING:
            watcher.operands(frame, instr, [registers[a.number] for a in instr.args])
        if instr.op in HOOKED and not all(type(registers[a.number]) in _PLAIN for a in instr.args):
            # Nothing here may hold the operands for longer than the registers do.
            hooked = watcher.hook(frame, instr, [registers[a.number] for a in called_with(instr)])
            if hooked is not None:
                machine.publish(registers)
                path = (*frame.path, step(index, hooked.variant))
                cells = cells_of(hooked.function, hooked.machine.code)
                frames.append(hooked.machine.frame(hooked.arguments, 0, cells, path))
                frames[-1].answer = hooked.answer
                if hooked.answer is None:
                    _end(registers, ended[index])
                return "call"
        if instr.op in CALLS:
            met = watcher.callee(frame, instr, registers[instr.args[0].number])
            if met is not None:
                inner, variant = met
                arguments = [registers[a.number] for a in instr.args[1:]]
                function: Any = registers[instr.args[0].number]
                made: Any = UNBOUND
                answer: Told | None = None
                if isinstance(function, types.MethodType):
                    function, arguments = function.__func__, [function.__self__, *arguments]
                elif isinstance(function, type):
                    made = object.__new__(function)
                    function, arguments = shapes.lookup(function, "__init__"), [made, *arguments]
                elif function is len:
                    function, answer = shapes.lookup(type(arguments[0]), "__len__"), Told(instr.op, "__len__")
                elif type(function) is not types.FunctionType:
                    function, arguments = shapes.lookup(type(function), "__call__"), [function, *arguments]
                machine.publish(registers)
                names = calling.names(instr.op, instr.imm)
                sources = calling.arrange(function, len(arguments), names, inner.code.spread)
                assert sources is not None
                arguments = calling.bind(sources, arguments)
                path = (*frame.path, step(index, variant))
                frames.append(inner.frame(arguments, 0, cells_of(function, inner.code), path))
                frames[-1].made, frames[-1].answer = made, answer
                _end(registers, ended[index])
                return "call"
        if instr.op == "HAS_NEXT":
            drawn = watcher.drawn(frame, instr, registers[instr.args[0].number])
            if drawn is not None:
                source = registers[instr.args[0].number].source
                machine.publish(registers)
                frames.append(drawn.frame(suspended.resume(source, drawn.code), 0, (), (*frame.path, index)))
                frames[-1].generator = source
                return "call"
        following = steps[index](registers)
        if instr.dest is not None:
            watcher.result(frame, instr, registers[instr.dest.number])
        _end(registers, ended[index])
        if following is None:
            frame.index = index + 1
        elif following < 0:
            return "end"
        else:
            frame.index = following
            if following in stops or (following in headers and watcher.knows(frame, following)):
                return "header"


def called_with(instr: Instr) -> list[Value]:
    """The operands of an operation in the order in which a function that it calls is given them."""
    return instr.args[::-1] if instr.op in _ANSWERED else instr.args


def cells_of(function: Any, code: Code) -> tuple[Any, ...]:
    """The cells of a function in the order in which its Code names them."""
    return tuple(function.__closure__[function.__code__.co_freevars.index(name)] for name in code.captured)


def builtin_row(function: Any) -> ops.Op | None:
    """The row that a call of this builtin function stands for, if there is one."""
    try:
        return ops.BUILTINS.get(function)
    except TypeError:
        return None
