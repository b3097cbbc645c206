"""The register interpreter: runs allocated functions on a file of registers and slots, calls without the host's stack.

Dispatch is threaded code. A segment (a basic block, or the part of one up to a call) is one Python function of the
register file, spelled from the rows of its instructions, that answers the segment which follows. A call puts a fresh
register file in the place of the caller's, a return puts the caller's back; the host's stack does not grow.
`benchmarks/dispatch.py` compares this with a closure an instruction and with a decision tree.
"""

from __future__ import annotations

import keyword
import math
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from types import CellType, FunctionType
from typing import Any

from zexus import ops
from zexus.bytecode import (
    UNBOUND,
    Code,
    Enter,
    Routine,
    empty_cell,
    unbound,
    wrong_arguments,
)
from zexus.regvm import cfg
from zexus.regvm.allocate import Allocation
from zexus.regvm.ir import Block, Context, Instr, Value
from zexus.regvm.liveness import Masks
from zexus.vm import tracebacks
from zexus.vm.limits import Budget, LimitExceeded

File = list[Any]
Segment = Callable[[File], Any]

# A register file begins with these; registers, then slots, follow.
_SWITCH, _RESUME, _CALLER, _VALUE, _CELLS, _DEPTH, _FIRST = range(7)
_END = object()  # what an exhausted iterator gives
_SHORT = 4  # instructions of a block that is spelled again where it is jumped to
_LITERALS = frozenset((int, str, bool, type(None), bytes))
_LONGEST = 40  # characters of a literal
_ODD = frozenset(("IS", "IS_NOT"))
_OPERAND = re.compile(r"\b[abc]\b")
_PREFIX = "zx_"
_serial = count()


@dataclass
class Counts:
    """What has been executed.

    Attributes:
        instructions: all of them.
        spills, reloads: stores to slots and loads from them, operands of calls and the like included.
    """

    instructions: int = 0
    spills: int = 0
    reloads: int = 0


@dataclass(eq=False)
class Executable:
    """An allocated function ready to run.

    Attributes:
        code, allocation: what it runs.
        text: the Python text of its segments.
        origins: for each line of the text, the instruction and the handler of what it raises.
        resumes: for the segment behind each call, the call and the handler of what it raises.
        begins: for each segment, its first instruction and the handler of what that raises.
        sizes: for each segment, how many instructions, stores to and loads from slots it executes.
        enter: makes the register file of a call, out of the caller's, the routine, how many frames there may be with
            this one, and the arguments.
    """

    code: Code
    allocation: Allocation
    text: str
    origins: list[tuple[Instr | None, Segment | None]]
    resumes: dict[Segment, tuple[Instr, Segment | None]]
    begins: dict[Segment, tuple[Instr, Segment | None]]
    sizes: dict[Segment, tuple[int, int, int]]
    enter: Callable[..., File]


class RegisterMachine:
    """Runs routines on register files of its own, so that the depth of a program's calls is not the host's.

    Where calls have been inlined, a frame stands for several, and counts as so many: a function that has no room left
    for the calls in it runs as it was without them.

    Attributes:
        recursion_limit: how many frames there may be.
        budget: the limits of the run that is going on, the same one in all of them.
        counts: what has been executed, where that was asked for.
    """

    def __init__(self, prepare: Callable[[Code], Allocation], recursion_limit: int, budget: Budget | None = None,
                 make_block: Callable[[Code, int, Sequence[Any]], Callable[..., Any]] | None = None,
                 counts: Counts | None = None, enter: Enter | None = None,
                 plain: Callable[[Code], Allocation] | None = None) -> None:
        """
        Args:
            prepare: allocates a function's registers; asked once for each.
            recursion_limit, budget, counts: see the attributes.
            make_block: gives the function of an outlined statement, out of its Code, number and cells.
            enter: runs a routine that host code calls, where that is not simply `run`.
            plain: as `prepare`, with nothing inlined; where that inlines nothing itself, it is not wanted.
        """
        self.prepare = prepare
        self.plain = plain
        self.enter: Enter = self.run if enter is None else enter
        self.recursion_limit = recursion_limit
        self.budget = Budget() if budget is None else budget
        self.make_block = make_block
        self.counts = counts
        self._allocations: dict[tuple[Code, bool], Allocation] = {}
        self._worlds: dict[int, _World] = {}
        self._executables: dict[str, Executable] = {}
        self._resumes: dict[Segment, tuple[Instr, Segment | None]] = {}
        self._begins: dict[Segment, tuple[Instr, Segment | None]] = {}
        self._sizes: dict[Segment, tuple[int, int, int]] = {}

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
        step: Segment | None = file[_RESUME]
        counted = self.counts is not None
        while True:
            try:
                if counted:
                    return self._counted(file, step)
                while True:
                    step = step(file)  # type: ignore[misc]
                    if step is None:
                        file = file[_SWITCH]
                        step = file[_RESUME]
                        if step is None:
                            return file[_VALUE]
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
            instructions, spills, reloads = sizes[step]
            counts.instructions += instructions
            counts.spills += spills
            counts.reloads += reloads
            step = step(file)
            if step is None:
                file = file[_SWITCH]
                step = file[_RESUME]
        return file[_VALUE]

    def world(self, namespace: dict[str, Any]) -> _World:
        """The executables that have their globals in a namespace."""
        found = self._worlds.get(id(namespace))
        if found is None:
            found = self._worlds[id(namespace)] = _World(self, namespace)
        return found

    def executable(self, code: Code, namespace: dict[str, Any]) -> Executable:
        """A function made ready to run in a namespace."""
        return self.world(namespace).executable(code)

    def _made(self, code: Code, world: _World, plain: bool) -> Executable:
        allocation = self._allocations.get((code, plain))
        if allocation is None:
            prepare = self.plain if plain and self.plain is not None else self.prepare
            allocation = self._allocations[code, plain] = prepare(code)
        made, name = _Speller(self, world, code, allocation, plain or self.plain is None).make()
        self._executables[name] = made
        self._resumes.update(made.resumes)
        self._begins.update(made.begins)
        self._sizes.update(made.sizes)
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
            file = entry.tb_frame.f_locals[_PREFIX + "r"]
            executable = self._executables[entry.tb_frame.f_code.co_filename]
            trail = [(file, *executable.origins[entry.tb_lineno])]
        while file is not None:
            file = file[_CALLER]
            if file is None or file[_RESUME] is None:
                break
            trail.append((file, *self._resumes[file[_RESUME]]))
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
                file[_VALUE] = error
                file[_SWITCH] = None
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

    def __init__(self, world: _World, arguments: int) -> None:
        self.world = world
        self.arguments = arguments

    def __missing__(self, code: Code) -> Callable[..., File]:
        if code.params != self.arguments:
            raise wrong_arguments(code, self.arguments)
        made = self[code] = self.world.executable(code).enter
        return made


class _World:
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


class _Speller:
    """Spells the segments of one function.

    Attributes:
        inlined: how many frames one of the function stands for at most, beside its own; 0 where nothing else can run
            in its place.
    """

    def __init__(self, machine: RegisterMachine, world: _World, code: Code, allocation: Allocation,
                 plain: bool) -> None:
        self.machine = machine
        self.world = world
        self.code = code
        self.allocation = allocation
        self.fn = allocation.fn
        self.order = cfg.reverse_postorder(self.fn)
        self.preds = cfg.predecessors(self.fn)
        self.masks = Masks(self.fn)
        self.serial = next(_serial)
        self.lines: list[str] = []
        self.line_origins: list[tuple[Instr | None, Block | None]] = [(None, None)]
        self.given: dict[str, Any] = {}
        self.named: dict[int, str] = {}
        self.known: dict[int, str] = {}
        self.objects_of: dict[int, Any] = {}
        self.segments: dict[tuple[Block, int], str] = {}
        self.sizes: dict[str, tuple[int, int, int]] = {}
        self.resumes: dict[str, tuple[Instr, Block]] = {}
        self.first = self.fn.registers
        self.slots = range(self.first, self.first + allocation.slots)
        paths = [i.context.path for i in self.fn.instructions() if i.context is not None and not plain]
        self.inlined = max(map(len, paths), default=0)
        self.at: Instr | None = None
        self.block = self.fn.entry
        self.indent = "  "

    # --- text --------------------------------------------------------------------------------------------

    def say(self, line: str) -> None:
        self.lines.append(self.indent + line)
        self.line_origins.append((self.at, self.block.catches))

    def give(self, value: Any) -> str:
        """The name of an object that the text refers to."""
        name = self.named.get(id(value))
        if name is None:
            name = self.named[id(value)] = f"{_PREFIX}k{len(self.named)}"
            self.given[name] = value
        return name

    def place(self, value: Value) -> str:
        known = self.known.get(value.number)
        return known if known is not None else f"zx_r[{_FIRST + value.number}]"

    def operands(self, instr: Instr) -> list[str]:
        return [self.place(v) for v in instr.args]

    def objects(self, instr: Instr) -> list[str]:
        """The operands, constants by name: for places in which Python warns of literals, or takes none."""
        return [self.name_of(v.number) if v.number in self.known else self.place(v) for v in instr.args]

    def name_of(self, constant: int) -> str:
        return self.give(self.objects_of[constant])

    def dest(self, instr: Instr) -> str:
        assert instr.dest is not None
        return self.place(instr.dest)

    def segment(self, block: Block, position: int = 0) -> str:
        """The name of the segment that begins at a place of a block; jumps to jumps lead to their end."""
        seen = {block}
        while position == 0 and block.instrs[0].op == "JUMP" and block.instrs[0].targets[0] not in seen:
            block = block.instrs[0].targets[0]
            seen.add(block)
        name = self.segments.get((block, position))
        if name is None:
            name = self.segments[block, position] = f"{_PREFIX}s{self.serial}_{len(self.segments)}"
            self.waiting.append((block, position, name))
        return name

    # --- the whole -----------------------------------------------------------------------------------------

    def make(self) -> tuple[Executable, str]:
        # In this package, so that tracebacks leave these frames out.
        filename = f"{os.path.abspath(__file__)}:{self.code.qualname}:{self.serial}"
        self.constants()
        self.waiting: list[tuple[Block, int, str]] = []
        start = self.segment(self.fn.entry)
        handlers = {b: self.segment(b.catches) for b in self.order if b.catches is not None}
        self.line_origins.append((None, None))
        while self.waiting:
            block, position, name = self.waiting.pop(0)
            self.spell(block, position, name)
        self.spell_enter(start)
        names = [*self.segments.values(), f"{_PREFIX}enter"]
        parameters = ", ".join(self.given)
        text = "\n".join([f"def {_PREFIX}make({parameters}):", *self.lines, f" return {', '.join(names)}", ""])
        module = compile(text, filename, "exec", dont_inherit=True)
        (made,) = (c for c in module.co_consts if hasattr(c, "co_code"))
        functions = FunctionType(made, self.world.namespace)(*self.given.values())
        by_name = dict(zip(names, functions, strict=True))
        handler_of: dict[Block | None, Segment | None] = {None: None}
        for block, name in handlers.items():
            handler_of[block.catches] = by_name[name]
        executable = Executable(
            self.code, self.allocation, text,
            [(instr, handler_of[handler]) for instr, handler in self.line_origins],
            {by_name[n]: (call, handler_of[block.catches]) for n, (call, block) in self.resumes.items()},
            {by_name[n]: (block.instrs[at], handler_of[block.catches]) for (block, at), n in self.segments.items()},
            {by_name[n]: size for n, size in self.sizes.items()}, by_name[f"{_PREFIX}enter"])
        return executable, filename

    def constants(self) -> None:
        """Constants are written where they are read."""
        for instr in self.fn.entry.instrs:
            if instr.op in ("CONST", "UNBOUND") and instr.dest is not None:
                value = self.fn.consts[instr.imm] if instr.op == "CONST" else UNBOUND
                self.objects_of[instr.dest.number] = value
                plain = (type(value) in _LITERALS or (type(value) is float and math.isfinite(value))) \
                    and len(repr(value)) < _LONGEST
                spelled = repr(value) if plain else self.give(value)
                self.known[instr.dest.number] = f"({spelled})" if spelled.startswith("-") else spelled

    def spell_enter(self, start: str) -> None:
        """The function that makes a register file: its parameters stand where the callee wants them."""
        self.indent, self.at, self.block = " ", None, Block(-1)
        arguments = [f"{_PREFIX}a{n}" for n in range(len(self.fn.params))]
        initial = ["None"] * (self.first + self.allocation.slots)
        used = max((p.number + 1 for p in self.masks.values if p.number < self.first), default=0)
        for name, param in zip(arguments, self.fn.params, strict=True):
            initial[param.number] = name
        if not self.allocation.slots:
            del initial[max(used, *(p.number + 1 for p in self.fn.params), 0) if self.fn.params else used:]
        named = dict(zip(self.code.locals, arguments))
        own = [f"{self.give(CellType)}({named.get(name, '')})" for name in self.code.cells]
        cells = f"(*zx_f.cells, {', '.join(own)})" if own else "zx_f.cells"
        given = "".join(", " + a for a in arguments)
        self.say(f"def {_PREFIX}enter(zx_r, zx_f, zx_d{given}):")
        if self.inlined:
            self.say(f" if zx_d <= {self.inlined}: return {self.give(self.without_inlining)}(zx_r, zx_f, zx_d{given})")
        else:
            self.say(f" if zx_d <= 0: raise {self.give(RecursionError)}('maximum recursion depth exceeded')")
        self.say(f" return [None, {start}, zx_r, None, {cells}, zx_d{''.join(', ' + i for i in initial)}]")

    # --- a segment --------------------------------------------------------------------------------------------

    def spell(self, block: Block, position: int, name: str) -> None:
        # A signal may be taken at the very beginning.
        self.indent, self.at, self.block = " ", block.instrs[position], block
        self.say(f"def {name}(zx_r):")
        self.indent = "  "
        self.size = [0, 0, 0]
        if position:
            before = block.instrs[position - 1]
            if before.op == "CALL":
                self.say(f"{self.dest(before)} = zx_r[{_VALUE}]")
            else:
                self.count(before)
        self.body(block, position, frozenset((block,)))
        instructions, spills, reloads = self.size
        self.sizes[name] = instructions, spills, reloads

    def body(self, block: Block, position: int, inside: frozenset[Block]) -> None:
        """The instructions from a position to the end of the block or to a call, and what is spelled with them."""
        instrs = block.instrs
        for at in range(position, len(instrs)):
            instr = instrs[at]
            self.at = instr
            if instr.op in ("CONST", "UNBOUND"):
                continue
            self.count(instr)
            if instr.op == "CALL":
                self.call(instr, self.segment(block, at + 1), block)
                return
            if instr.op == "JUMP":
                self.jump(instr.targets[0], inside)
                return
            if at == len(instrs) - 2 and instrs[-1].op == "BRANCH" and self.branch(instr, instrs[-1], block):
                return
            getattr(self, "_op_" + instr.op, self.plain)(instr)

    def count(self, instr: Instr) -> None:
        self.size[0] += 1
        self.size[1] += instr.op == "SPILL"
        self.size[2] += sum(v.number in self.slots for v in instr.args)

    def jump(self, target: Block, inside: frozenset[Block]) -> None:
        """Go on at a block: a short one is spelled here, which saves the way through the loop of `run`."""
        short = len(target.instrs) <= _SHORT and all(i.op != "CALL" for i in target.instrs)
        if target in inside or not short:
            self.say(f"return {self.segment(target)}")
            return
        self.block, before = target, self.block
        self.body(target, 0, inside | {target})
        self.block = before

    def branch(self, instr: Instr, last: Instr, block: Block) -> bool:
        """A test and the branch on it in one, where nothing else reads the test."""
        test = instr.dest
        if test is None or last.args[0] is not test:
            return False
        if any(self.masks.entry[t] & self.masks.bits[test] for t in cfg.following(block)):
            return False
        if instr.op == "HAS_NEXT":
            if not self.fused(block):
                return False
            inside, done = last.targets
            end = self.give(_END)
            self.say(f"zx_x = {self.give(next)}({self.operands(instr)[0]}, {end})")
            self.count(last)
            self.say(f"if zx_x is {end}: return {self.segment(done)}")
            # Where the handlers of both blocks are the same, drawing the value is part of the test.
            self.say(f"{self.dest(inside.instrs[0])} = zx_x")
            self.say(f"return {self.segment(inside, 1)}")
            return True
        # A branch tests for truth itself.
        text = self.operands(instr)[0] if instr.op == "TRUTH" else self.expression(instr)
        if text is None:
            return False
        self.count(last)
        self.say(f"return {self.segment(last.targets[0])} if {text} else {self.segment(last.targets[1])}")
        return True

    def fused(self, block: Block) -> bool:
        """Whether a block ends by a loop's test, and the next value is what the loop's body begins with."""
        if len(block.instrs) < 2 or [i.op for i in block.instrs[-2:]] != ["HAS_NEXT", "BRANCH"]:
            return False
        test, last = block.instrs[-2:]
        if last.args[0] is not test.dest or sum(i.op == "HAS_NEXT" for i in block.instrs) > 1:
            return False
        inside = last.targets[0]
        first = inside.instrs[0]
        return first.op == "VALUE" and first.args == test.args and self.preds[inside] == [block] \
            and inside.catches is block.catches and inside is not last.targets[1]

    def call(self, instr: Instr, following: str, block: Block) -> None:
        callee, arguments = self.objects(instr)[0], self.operands(instr)[1:]
        self.resumes[following] = instr, self.block
        depth = 1 + (len(instr.context.path) if instr.context is not None else 0)
        given = f"zx_r, zx_f, zx_r[{_DEPTH}] - {depth}{''.join(', ' + a for a in arguments)}"
        entries = self.give(self.world.entries(len(arguments)))
        self.say(f"zx_f = {callee}")
        self.say(f"if {self.give(type)}(zx_f) is {self.give(Routine)}:")
        self.say(f" zx_r[{_RESUME}] = {following}")
        self.say(f" if zx_f.namespace is {self.give(self.world.namespace)}: "
                 f"zx_r[{_SWITCH}] = {entries}[zx_f.code]({given})")
        self.say(f" else: zx_r[{_SWITCH}] = {self.give(self.elsewhere)}({given})")
        self.say(" return None")
        self.say(f"zx_r[{_VALUE}] = zx_f({', '.join(arguments)})")
        self.say(f"return {following}")

    def elsewhere(self, caller: File, routine: Routine, depth: int, *arguments: Any) -> File:
        """The register file of a call into another namespace."""
        entries = self.machine.world(routine.namespace).entries(len(arguments))
        return entries[routine.code](caller, routine, depth, *arguments)

    def without_inlining(self, caller: File, routine: Routine, depth: int, *arguments: Any) -> File:
        """The register file of a call that stands near the limit of frames."""
        return self.world.executable(self.code, plain=True).enter(caller, routine, depth, *arguments)

    # --- instructions -------------------------------------------------------------------------------------------

    def expression(self, instr: Instr) -> str | None:
        """What an instruction computes as an expression, if it is one."""
        row = instr.row
        args = self.operands(instr)
        if row.text and row.result and not row.base:
            if row.family == "object" or row.name in _ODD:
                args = self.objects(instr)
            named = dict(zip("abc", args))
            return _OPERAND.sub(lambda m: named[m[0]], row.text)
        if row.family == "builtin":
            return f"{self.give(row.meaning)}({', '.join(args)})"
        return None

    def plain(self, instr: Instr) -> None:
        row = instr.row
        text = self.expression(instr)
        if text is not None:
            self.say(f"{self.dest(instr)} = {text}")
            return
        assert row.text, f"no executor for {instr.op}"
        args = self.objects(instr)
        if row.result:  # in place: the first operand is what changes, unless somebody else still has it
            args[0] = "zx_x"
            self.say(f"zx_x = {self.operands(instr)[0]}")
        named = dict(zip("abc", args))
        self.say(_OPERAND.sub(lambda m: named[m[0]], row.text))
        if row.result:
            self.say(f"{self.dest(instr)} = zx_x")

    def _op_MOVE(self, instr: Instr) -> None:
        self.say(f"{self.dest(instr)} = {self.operands(instr)[0]}")

    _op_SPILL = _op_RELOAD = _op_MOVE

    def _op_ADVANCE(self, instr: Instr) -> None:
        if instr.dest is not instr.args[0]:
            self._op_MOVE(instr)

    def _op_CAUGHT(self, instr: Instr) -> None:
        self.say(f"{self.dest(instr)} = zx_r[{_VALUE}]; zx_r[{_VALUE}] = None")

    def _op_LOAD_GLOBAL(self, instr: Instr) -> None:
        name = instr.imm
        if name.isidentifier() and not keyword.iskeyword(name) and not name.startswith(_PREFIX) \
                and name != "__debug__":
            self.say(f"{self.dest(instr)} = {name}")
        else:
            self.say(f"{self.dest(instr)} = {self.give(self.load_global)}({name!r})")

    def load_global(self, name: str) -> Any:
        """A global whose name the text cannot have."""
        import builtins

        namespace = self.world.namespace
        if name in namespace:
            return namespace[name]
        try:
            return vars(builtins)[name]
        except KeyError:
            raise NameError(f"name {name!r} is not defined", name=name) from None

    def _op_STORE_GLOBAL(self, instr: Instr) -> None:
        self.say(f"{self.give(self.world.namespace)}[{instr.imm!r}] = {self.operands(instr)[0]}")

    def _op_LOAD_CELL(self, instr: Instr) -> None:
        self.say(f"try: {self.dest(instr)} = zx_r[{_CELLS}][{instr.imm}].cell_contents")
        self.say(f"except {self.give(ValueError)}: "
                 f"raise {self.give(empty_cell)}({self.give(self.code)}, {instr.imm}) from None")

    def _op_STORE_CELL(self, instr: Instr) -> None:
        self.say(f"zx_r[{_CELLS}][{instr.imm}].cell_contents = {self.operands(instr)[0]}")

    def _op_MAKE_FUNCTION(self, instr: Instr) -> None:
        assert self.code.module is not None
        inner = self.code.module.functions[instr.imm]
        known = (*self.code.captured, *self.code.cells)
        cells = "".join(f"zx_r[{_CELLS}][{known.index(name)}], " for name in inner.captured)
        made = f"{self.give(Routine)}({self.give(inner)}, {self.give(self.world.namespace)}, ({cells}), "
        self.say(f"{self.dest(instr)} = {made}{self.give(self.machine.enter)})")

    def _op_CHECK_BOUND(self, instr: Instr) -> None:
        source = self.operands(instr)[0]
        self.say(f"if {source} is {self.give(UNBOUND)}: "
                 f"raise {self.give(unbound)}({instr.imm!r}, {self.code.is_module})")
        if instr.dest is not instr.args[0]:
            self._op_MOVE(instr)

    def _op_GETATTR(self, instr: Instr) -> None:
        owner, name = self.operands(instr)[0], instr.imm
        if _is_attribute(name) and owner.startswith(f"{_PREFIX}r["):
            self.say(f"{self.dest(instr)} = {owner}.{name}")
        else:
            self.say(f"{self.dest(instr)} = {self.give(getattr)}({owner}, {name!r})")

    def _op_SETATTR(self, instr: Instr) -> None:
        owner, value = self.operands(instr)
        self.say(f"{self.give(setattr)}({owner}, {instr.imm!r}, {value})")

    def _op_BUILD_LIST(self, instr: Instr) -> None:
        self.say(f"{self.dest(instr)} = [{', '.join(self.operands(instr))}]")

    def _op_BUILD_TUPLE(self, instr: Instr) -> None:
        self.say(f"{self.dest(instr)} = ({''.join(a + ', ' for a in self.operands(instr))})")

    def _op_BUILD_SET(self, instr: Instr) -> None:
        items = ", ".join(self.operands(instr))
        self.say(f"{self.dest(instr)} = " + (f"{{{items}}}" if items else f"{self.give(set)}()"))

    def _op_BUILD_DICT(self, instr: Instr) -> None:
        args = self.operands(instr)
        pairs = ", ".join(f"{key}: {value}" for key, value in zip(args[::2], args[1::2]))
        self.say(f"{self.dest(instr)} = {{{pairs}}}")

    def _op_BUILD_SLICE(self, instr: Instr) -> None:
        self.say(f"{self.dest(instr)} = {self.give(slice)}({', '.join(self.operands(instr))})")

    def _op_UNPACK(self, instr: Instr) -> None:
        self.say(f"{self.dest(instr)} = {self.give(ops.unpack)}({self.operands(instr)[0]}, {instr.imm})")

    def _op_ITEM(self, instr: Instr) -> None:
        self.say(f"{self.dest(instr)} = {self.operands(instr)[0]}[{instr.imm}]")

    def _op_LIST_ADD(self, instr: Instr) -> None:
        owner, value = self.objects(instr)
        self.say(f"{owner}.append({value})")

    def _op_ITER(self, instr: Instr) -> None:
        self.say(f"{self.dest(instr)} = {self.give(iter)}({self.operands(instr)[0]})")

    def _op_HAS_NEXT(self, instr: Instr) -> None:
        # VALUE follows before anything else is drawn, called or caught.
        end = self.give(_END)
        self.say(f"zx_r[{_VALUE}] = {self.give(next)}({self.operands(instr)[0]}, {end})")
        self.say(f"{self.dest(instr)} = zx_r[{_VALUE}] is not {end}")

    def _op_VALUE(self, instr: Instr) -> None:
        self.say(f"{self.dest(instr)} = zx_r[{_VALUE}]; zx_r[{_VALUE}] = None")

    def _op_MATCH(self, instr: Instr) -> None:
        self.say(f"{self.dest(instr)} = {self.give(ops.matches)}({', '.join(self.operands(instr))})")

    def _op_METER(self, instr: Instr) -> None:
        budget = self.give(self.machine.budget)
        self.say(f"{budget}.left -= {instr.imm}")
        self.say(f"if {budget}.left < 0: {budget}.look({instr.imm})")

    def _op_PYBLOCK(self, instr: Instr) -> None:
        made = f"{self.give(self.machine.make_block)}({self.give(self.code)}, {instr.imm[1]}, zx_r[{_CELLS}])"
        self.say(f"{self.dest(instr)} = {made}({', '.join(self.operands(instr))})")

    def _op_BRANCH(self, instr: Instr) -> None:
        yes, no = (self.segment(t) for t in instr.targets)
        self.say(f"return {yes} if {self.operands(instr)[0]} else {no}")

    def _op_SWITCH(self, instr: Instr) -> None:
        targets = "".join(self.segment(t) + ", " for t in instr.targets)
        self.say(f"return ({targets})[{self.operands(instr)[0]}]")

    def _op_RETURN(self, instr: Instr) -> None:
        self.leave(self.operands(instr)[0])

    def _op_LEAVE(self, instr: Instr) -> None:
        self.leave(f"({instr.imm!r}, ({''.join(a + ', ' for a in self.operands(instr))}))")

    def leave(self, value: str) -> None:
        """Back to the caller, who no longer knows this file."""
        self.say(f"zx_c = zx_r[{_CALLER}]; zx_c[{_VALUE}] = {value}; zx_c[{_SWITCH}] = None; zx_r[{_SWITCH}] = zx_c")
        self.say("return None")

    def _op_RAISE(self, instr: Instr) -> None:
        self.say(f"raise {self.operands(instr)[0]}")


def _is_attribute(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)
