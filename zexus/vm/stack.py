"""The stack machine: runs the stack form instruction by instruction. What it does is what the instructions mean."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from functools import partial
from types import CellType
from typing import Any

from zexus import ops
from zexus.bytecode import (
    UNBOUND,
    Code,
    Routine,
    activation_cells,
    captured_cells,
    empty_cell,
    parts,
    unbound,
    wrong_arguments,
)
from zexus.settings import VM_DEFAULTS
from zexus.vm import tracebacks
from zexus.vm.limits import Budget, LimitExceeded, Warm, Warming

_BUILTINS: dict[str, Any] = vars(builtins)
_END = object()
# How rows with a meaning run, by the number of their operands and whether they make a value.
_PLAIN = {(1, True): "UNARY", (2, True): "BINARY", (2, False): "EFFECT", (3, False): "EFFECT"}
# A jump tests the truth of what it takes itself.
_TESTED = {"TRUTH__JUMP_IF_FALSE": "JUMP_IF_FALSE", "TRUTH__JUMP_IF_TRUE": "JUMP_IF_TRUE"}

# Fused rows that have their arm beside plain ones.
_UNFUSED = frozenset((*_TESTED, "LOAD_LOCAL__RETURN", "LOAD_CONST__RETURN"))

# Which arms an instruction is found in: those of plain rows, of fused ones that load a local first, of other ones and
# of what profiled programs count by.
_PLAIN_ARMS, _BY_LOCAL, _OTHERS = range(3)
Decoded = list[tuple[str, Any, int]]


def _decoded(code: Code) -> Decoded:
    """What the loop looks at: opcodes that it names with their arguments, and plain ones with their meaning.

    The third part says in which arms the first one is looked for, so that there are fewer tests before each.
    """
    program: Decoded = []
    for instruction in code.instructions:
        row = ops.OPS[instruction.op]
        if row.name == "TALLY":
            program.append((row.name, instruction.arg, _OTHERS))
        elif row.name == "LOAD_CONST":
            program.append((row.name, code.consts[instruction.arg], _PLAIN_ARMS))
        elif row.parts:
            carried = [code.consts[part] if kind == "const" else ops.OPS[part].meaning if kind == "operator" else part
                       for kind, part in parts(instruction)]
            arg = carried[0] if len(carried) == 1 else tuple(carried)
            arms = _PLAIN_ARMS if row.name in _UNFUSED else _BY_LOCAL if row.parts[0] == "LOAD_LOCAL" else _OTHERS
            program.append((_TESTED.get(row.name, row.name), arg, arms))
        elif row.meaning is None:
            program.append((row.name, instruction.arg, _PLAIN_ARMS))
        else:
            kind = _PLAIN[row.arity, row.result]
            program.append((kind, (row.meaning, row.arity) if kind == "EFFECT" else row.meaning, _PLAIN_ARMS))
    return program


# An activation: the routine, its decoded program, the index behind the current instruction, stack, variables, cells.
Frame = tuple[Routine, Decoded, int, list[Any], list[Any], Sequence[CellType]]


class StackMachine:
    """Runs routines on frames of its own, so that the depth of a program's calls is not the host's.

    Attributes:
        recursion_limit: how many frames there may be.
        budget: the limits of the run that is going on.
        tally: how often control has passed each TALLY of the programs, by its number.
        make_block: gives the function of an outlined statement, out of its Code, number and cells.
        warming: counts instructions until the program is warm.
        promote: asked when it is, with all activations; gives what runs one of them to its end on a faster machine,
            told how many activations there are below.
    """

    def __init__(self, recursion_limit: int, budget: Budget | None = None,
                 make_block: Callable[[Code, int, Sequence[Any]], Callable[..., Any]] | None = None,
                 promote: Callable[[list[Frame]], Callable[[Frame, int], Any]] | None = None,
                 kept: int = VM_DEFAULTS.kept_functions, tally: list[int] | None = None) -> None:
        self.warming = Warming()
        self.tally: list[int] = [] if tally is None else tally
        self.recursion_limit = recursion_limit
        self.budget = Budget() if budget is None else budget
        self.make_block = make_block
        self.promote = promote
        self._kept = kept
        self._programs: dict[Code, Decoded] = {}

    def frame(self, routine: Routine, arguments: list[Any]) -> Frame:
        """A fresh activation, which takes the list of arguments over.

        Raises:
            TypeError: the number of arguments is wrong.
        """
        code = routine.code
        if len(arguments) != code.params:
            raise wrong_arguments(code, len(arguments))
        program = self._programs.get(code) or self._decode(code)
        cells = activation_cells(routine, arguments) if code.cells else routine.cells
        unset = len(code.locals) - code.params
        return routine, program, 0, [], arguments + [UNBOUND] * unset if unset else arguments, cells

    def _decode(self, code: Code) -> Decoded:
        if len(self._programs) >= self._kept:
            self._programs.clear()
        program = self._programs[code] = _decoded(code)
        return program

    def run(self, routine: Routine, arguments: Sequence[Any] = ()) -> Any:
        """Call a routine, whose Code has been verified.

        Args:
            routine: what to call.
            arguments: positional ones, as many as it has parameters.

        Returns:
            What it returns; for a region the status and the tuple of its results.

        Raises:
            LimitExceeded: the budget is used up.
            RecursionError: there are more frames than `recursion_limit`.
            BaseException: whatever the program raises; the traceback shows the program's functions and lines.
        """
        frames = [self.frame(routine, [*arguments])]
        work: Callable[[list[Frame]], Any] = self._run
        while True:
            try:
                return work(frames)
            except Warm:
                assert self.promote is not None
                work = partial(_promoted, self.promote(frames))
            except LimitExceeded as error:
                tracebacks.place(error, _places(frames))
                raise
            except BaseException as error:
                if not _caught(frames, error):
                    tracebacks.place(error, _places(frames))
                    raise

    def _run(self, frames: list[Frame]) -> Any:
        """Run the innermost frame, and those that it returns to, until the outermost one ends or something raises."""
        routine, program, pc, stack, variables, cells = frames.pop()
        namespace, limit, warming, tally = routine.namespace, self.recursion_limit - 1, self.warming, self.tally
        try:
            while True:
                for _ in warming.fuel:
                    op, arg, fused = program[pc]
                    pc += 1
                    if fused == _BY_LOCAL:
                        if op == "LOAD_LOCAL__LOAD_LOCAL":
                            first, second = arg
                            stack.append(variables[first])
                            stack.append(variables[second])
                        elif op == "LOAD_LOCAL__LOAD_CONST__BINARY__STORE_LOCAL":
                            first, value, meaning, local = arg
                            variables[local] = meaning(variables[first], value)
                        elif op == "LOAD_LOCAL__LOAD_LOCAL__BINARY":
                            first, second, meaning = arg
                            stack.append(meaning(variables[first], variables[second]))
                        elif op == "LOAD_LOCAL__BINARY":
                            local, meaning = arg
                            stack[-1] = meaning(stack[-1], variables[local])
                        elif op == "LOAD_LOCAL__LOAD_CONST__BINARY":
                            local, value, meaning = arg
                            stack.append(meaning(variables[local], value))
                        elif op == "LOAD_LOCAL__LOAD_LOCAL__BINARY__TRUTH__JUMP_IF_FALSE":
                            first, second, meaning, target = arg
                            if not meaning(variables[first], variables[second]):
                                pc = target
                        elif op == "LOAD_LOCAL__LOAD_CONST__BINARY__TRUTH__JUMP_IF_FALSE":
                            local, value, meaning, target = arg
                            if not meaning(variables[local], value):
                                pc = target
                        elif op == "LOAD_LOCAL__LOAD_LOCAL__BINARY__STORE_LOCAL":
                            first, second, meaning, local = arg
                            variables[local] = meaning(variables[first], variables[second])
                        elif op == "LOAD_LOCAL__LOAD_CONST":
                            local, value = arg
                            stack.append(variables[local])
                            stack.append(value)
                        elif op == "LOAD_LOCAL__GETATTR":
                            local, name = arg
                            stack.append(getattr(variables[local], name))
                        elif op == "LOAD_LOCAL__BINARY__STORE_LOCAL":
                            second, meaning, local = arg
                            variables[local] = meaning(stack.pop(), variables[second])
                        else:
                            raise AssertionError(f"no executor for {op}")
                    elif fused:
                        if op == "TALLY":
                            tally[arg] += 1
                        elif op == "LOAD_GLOBAL__LOAD_LOCAL":
                            name, local = arg
                            stack.append(namespace[name] if name in namespace else _builtin(name))
                            stack.append(variables[local])
                        elif op == "STORE_LOCAL__LOAD_LOCAL":
                            first, second = arg
                            variables[first] = stack.pop()
                            stack.append(variables[second])
                        elif op == "LOAD_CONST__BINARY":
                            value, meaning = arg
                            stack[-1] = meaning(stack[-1], value)
                        elif op == "BINARY__STORE_LOCAL":
                            meaning, local = arg
                            right = stack.pop()
                            variables[local] = meaning(stack.pop(), right)
                        elif op == "BINARY__TRUTH__JUMP_IF_FALSE":
                            meaning, target = arg
                            right = stack.pop()
                            if not meaning(stack.pop(), right):
                                pc = target
                        elif op == "FOR_ITER__STORE_LOCAL":
                            target, local = arg
                            value = next(stack[-1], _END)
                            if value is _END:
                                stack.pop()
                                pc = target
                            else:
                                variables[local] = value
                        elif op == "LOAD_CONST__BINARY__TRUTH__JUMP_IF_FALSE":
                            value, meaning, target = arg
                            if not meaning(stack.pop(), value):
                                pc = target
                        elif op == "STORE_LOCAL__STORE_LOCAL":
                            first, second = arg
                            variables[first] = stack.pop()
                            variables[second] = stack.pop()
                        elif op == "BINARY__TRUTH__JUMP_IF_TRUE":
                            meaning, target = arg
                            right = stack.pop()
                            if meaning(stack.pop(), right):
                                pc = target
                        else:
                            raise AssertionError(f"no executor for {op}")
                    elif op == "LOAD_LOCAL":
                        stack.append(variables[arg])
                    elif op == "LOAD_CONST":
                        stack.append(arg)
                    elif op == "STORE_LOCAL":
                        variables[arg] = stack.pop()
                    elif op == "BINARY":
                        right = stack.pop()
                        stack[-1] = arg(stack[-1], right)
                    elif op == "JUMP_IF_FALSE":
                        if not stack.pop():
                            pc = arg
                    elif op == "JUMP":
                        pc = arg
                    elif op == "FOR_ITER":
                        value = next(stack[-1], _END)
                        if value is _END:
                            stack.pop()
                            pc = arg
                        else:
                            stack.append(value)
                    elif op == "LOAD_GLOBAL":
                        stack.append(namespace[arg] if arg in namespace else _builtin(arg))
                    elif op == "CALL":
                        callee = stack[-arg - 1]
                        arguments = stack[len(stack) - arg:]
                        del stack[-arg - 1:]
                        if type(callee) is not Routine:
                            stack.append(callee(*arguments))
                            continue
                        if len(frames) >= limit:
                            raise RecursionError("maximum recursion depth exceeded")
                        inner = self.frame(callee, arguments)
                        frames.append((routine, program, pc, stack, variables, cells))
                        routine, program, pc, stack, variables, cells = inner
                        namespace = routine.namespace
                    elif op == "CALL_KEYWORD":
                        count, keywords = arg
                        first = len(stack) - count
                        given = dict(zip(keywords, stack[len(stack) - len(keywords):], strict=True))
                        arguments = stack[first:len(stack) - len(keywords)]
                        del stack[first:]
                        stack[-1] = stack[-1](*arguments, **given)
                    elif op == "RETURN" or op == "LOAD_LOCAL__RETURN" or op == "LOAD_CONST__RETURN":
                        value = stack.pop() if op == "RETURN" else arg if op == "LOAD_CONST__RETURN" else variables[arg]
                        if not frames:
                            return value
                        routine, program, pc, stack, variables, cells = frames.pop()
                        namespace = routine.namespace
                        stack.append(value)
                    elif op == "POP":
                        stack.pop()
                    elif op == "COPY":
                        stack.append(stack[-arg])
                    elif op == "SWAP":
                        stack[-1], stack[-arg] = stack[-arg], stack[-1]
                    elif op == "EFFECT":
                        meaning, count = arg
                        operands = stack[-count:]
                        del stack[-count:]
                        meaning(*operands)
                    elif op == "STORE_ITEM":
                        key, owner, value = stack.pop(), stack.pop(), stack.pop()
                        owner[key] = value
                    elif op == "UNARY":
                        stack[-1] = arg(stack[-1])
                    elif op == "JUMP_IF_TRUE":
                        if stack.pop():
                            pc = arg
                    elif op == "GETATTR":
                        stack[-1] = getattr(stack[-1], arg)
                    elif op == "LOAD_CELL":
                        stack.append(_content(routine.code, cells, arg))
                    elif op == "STORE_CELL":
                        cells[arg].cell_contents = stack.pop()
                    elif op == "ITER":
                        stack[-1] = iter(stack[-1])
                    elif op == "BUILD_LIST":
                        start = len(stack) - arg
                        stack[start:] = [stack[start:]]
                    elif op == "BUILD_TUPLE":
                        start = len(stack) - arg
                        stack[start:] = [tuple(stack[start:])]
                    elif op == "UNPACK":
                        stack.extend(reversed(ops.unpack(stack.pop(), arg)))
                    elif op == "CHECK_BOUND":
                        if stack[-1] is UNBOUND:
                            raise unbound(arg, routine.code.is_module)
                    elif op == "LIST_ADD":
                        value = stack.pop()
                        stack.pop().append(value)
                    elif op == "MATCH":
                        wanted = stack.pop()
                        stack[-1] = ops.matches(stack[-1], wanted)
                    elif op == "RAISE" or op == "RERAISE":
                        raise stack.pop()
                    elif op == "MAKE_FUNCTION":
                        stack.append(self._routine(routine, cells, arg))
                    elif op == "STORE_GLOBAL":
                        namespace[arg] = stack.pop()
                    elif op == "SETATTR":
                        value = stack.pop()
                        setattr(stack.pop(), arg, value)
                    elif op == "BUILD_DICT":
                        start = len(stack) - 2 * arg
                        pairs = stack[start:]
                        stack[start:] = [dict(zip(pairs[::2], pairs[1::2]))]
                    elif op == "BUILD_SET":
                        start = len(stack) - arg
                        stack[start:] = [set(stack[start:])]
                    elif op == "BUILD_SLICE":
                        stack[-3:] = [slice(*stack[-3:])]
                    elif op == "METER":
                        self.budget.spend(arg)
                    elif op == "SWITCH":
                        pc = arg[stack.pop()]
                    elif op == "PYBLOCK":
                        stack.append(self._block(routine.code, variables, cells, arg))
                    elif op == "LEAVE":
                        assert not frames, "a region is not called by programs"
                        named = dict(zip(routine.code.locals, variables, strict=True))
                        return arg, tuple(named.get(name, UNBOUND) for name in routine.code.results)
                    elif op != "NOP":
                        raise AssertionError(f"no executor for {op}")
                warming.refill()
        except BaseException:
            frames.append((routine, program, pc, stack, variables, cells))
            raise

    def _routine(self, maker: Routine, cells: Sequence[CellType], name: str) -> Routine:
        assert maker.code.module is not None
        code = maker.code.module.functions[name]
        return Routine(code, maker.namespace, captured_cells(code, maker.code, cells), maker.enter)

    def enter(self, routine: Routine, arguments: Sequence[Any]) -> Any:
        """Run a routine that host code calls, under the limits of the run that is going on."""
        return self.run(routine, arguments)

    def _block(self, code: Code, variables: list[Any], cells: Sequence[CellType], number: int) -> Any:
        assert self.make_block is not None
        named = dict(zip(code.locals, variables, strict=True))
        return self.make_block(code, number, cells)(*[named[name] for name in code.blocks[number].params])


def _promoted(run: Callable[[Frame, int], Any], frames: list[Frame]) -> Any:
    """What `_run` does, done by a faster machine, activation by activation from the innermost one outwards."""
    value: Any = _END
    while frames:
        frame = frames.pop()
        if value is not _END:
            frame[3].append(value)
        value = run(frame, len(frames))
    return value


def _builtin(name: str) -> Any:
    try:
        return _BUILTINS[name]
    except KeyError:
        raise NameError(f"name {name!r} is not defined", name=name) from None


def _content(code: Code, cells: Sequence[CellType], index: int) -> Any:
    try:
        return cells[index].cell_contents
    except ValueError:
        raise empty_cell(code, index) from None


def _places(frames: list[Frame]) -> list[tuple[Code, int]]:
    return [(routine.code, pc - 1) for routine, _, pc, *_ in frames]


def _caught(frames: list[Frame], error: BaseException) -> bool:
    """Leave the frames that do not handle an exception and enter the handler of the first that does."""
    for depth in reversed(range(len(frames))):
        routine, program, pc, stack, variables, cells = frames[depth]
        for handler in routine.code.handlers:
            if handler.start < pc <= handler.end:
                tracebacks.place(error, _places(frames[depth:]))
                stack[handler.depth:] = [error]
                frames[depth:] = [(routine, program, handler.target, stack, variables, cells)]
                return True
    return False
