"""Threaded code: an allocated function as segments, each a Python function of the register file.

A segment is a basic block, or the part of one up to a call, spelled from the rows of its instructions; it answers the
segment which follows, or None where another register file goes on.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from types import CellType, FunctionType
from typing import Any, Protocol

from zexus.bytecode import UNBOUND, Code, Enter, Routine
from zexus.records import dataclass
from zexus.regvm import cfg
from zexus.regvm.allocate import Allocation
from zexus.regvm.ir import Block, Instr, Value
from zexus.regvm.liveness import Masks
from zexus.regvm.python import syntax
from zexus.regvm.python.syntax import CHOICE, Expr, is_name
from zexus.vm.limits import Budget

File = list[Any]
Segment = Callable[[File], Any]

# A register file begins with these; registers, then slots, follow.
SWITCH, RESUME, CALLER, VALUE, CELLS, DEPTH, FIRST = range(7)
_SHORT = 4  # instructions of a block that is spelled again where it is jumped to
_LITERALS = frozenset((int, str, bool, type(None), bytes))
_LONGEST = 40  # characters of a literal
_PREFIX = "zx_"
FILE = _PREFIX + "r"  # what the text calls the register file
_serial = count()


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


class Machine(Protocol):
    """What the segments' text asks of the machine that runs it."""

    budget: Budget
    tally: list[int]
    enter: Enter
    make_block: Callable[[Code, int, Sequence[Any]], Callable[..., Any]] | None

    def world(self, namespace: dict[str, Any]) -> World:
        """The executables that have their globals in a namespace."""


class World(Protocol):
    """The executables of one machine that share a namespace."""

    namespace: dict[str, Any]

    def entries(self, arguments: int) -> Mapping[Code, Callable[..., File]]:
        """How functions are entered with this number of arguments."""

    def executable(self, code: Code, plain: bool = False) -> Executable:
        """A function ready to run, with nothing inlined if it is to be plain."""


class Speller:
    """Spells the segments of one function.

    Attributes:
        inlined: how many frames one of the function stands for at most, beside its own; 0 where nothing else can run
            in its place.
    """

    def __init__(self, machine: Machine, world: World, code: Code, allocation: Allocation,
                 plain: bool) -> None:
        self.machine = machine
        self.world = world
        self.code = code
        self.allocation = allocation
        self.fn = allocation.fn
        graph = cfg.Graph(self.fn)
        self.order, self.preds = graph.order, graph.preds
        self.masks = Masks(self.fn)
        self.serial = next(_serial)
        self.lines: list[str] = []
        self.line_origins: list[tuple[Instr | None, Block | None]] = [(None, None)]
        self.given: dict[str, Any] = {}
        self.given_names: dict[int, str] = {}
        self.known: dict[int, Expr] = {}
        self.spelled: dict[str, Any] = {}
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
        name = self.given_names.get(id(value))
        if name is None:
            name = self.given_names[id(value)] = f"{_PREFIX}k{len(self.given_names)}"
            self.given[name] = value
        return name

    def helper(self, name: str) -> str:
        """How the text calls something of ours."""
        return self.give(syntax.HELPERS[name])

    def named(self, expr: Expr) -> Expr:
        """A constant by name, for places in which Python warns of literals."""
        return syntax.constant(self.give(self.spelled[expr.text])) if expr.kind == "constant" else expr

    def place(self, value: Value) -> Expr:
        place = Expr(f"{FILE}[{FIRST + value.number}]", reads=frozenset((value.number,)), kind="name")
        return self.known.get(value.number, place)

    def operands(self, instr: Instr) -> list[Expr]:
        return [self.place(v) for v in instr.args]

    def only(self, instr: Instr) -> str:
        """The operand of an instruction that has one."""
        (operand,) = instr.args
        return self.place(operand).text

    def listed(self, instr: Instr) -> str:
        """The operands, each with a comma behind it."""
        return "".join(o.text + ", " for o in self.operands(instr))

    def dest(self, instr: Instr) -> str:
        assert instr.dest is not None
        return self.place(instr.dest).text

    def define(self, instr: Instr, text: str) -> None:
        self.say(f"{self.dest(instr)} = {text}")

    # --- the whole -----------------------------------------------------------------------------------------

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
                plain = (type(value) in _LITERALS or (type(value) is float and math.isfinite(value))) \
                    and len(repr(value)) < _LONGEST
                text = syntax.literal(value) if plain else self.give(value)
                self.spelled[text] = value
                self.known[instr.dest.number] = syntax.constant(text)

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
            self.say(f" if zx_d <= 0: raise {self.helper('RecursionError')}('maximum recursion depth exceeded')")
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
                self.say(f"{self.dest(before)} = zx_r[{VALUE}]")
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
            getattr(self, "op_" + instr.op, self.plain)(instr)

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
            end = self.helper("END")
            self.say(f"zx_x = {self.helper('next')}({self.operands(instr)[0].text}, {end})")
            self.count(last)
            self.say(f"if zx_x is {end}: return {self.segment(done)}")
            # Where the handlers of both blocks are the same, drawing the value is part of the test.
            self.say(f"{self.dest(inside.instrs[0])} = zx_x")
            self.say(f"return {self.segment(inside, 1)}")
            return True
        value = None if instr.row.base else syntax.expression(instr, self.operands(instr), self)
        if value is None:
            return False
        self.count(last)
        tested = value.test.at(CHOICE + 1)
        self.say(f"return {self.segment(last.targets[0])} if {tested} else {self.segment(last.targets[1])}")
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
        callee, *operands = self.operands(instr)
        arguments = [o.text for o in operands]
        self.resumes[following] = instr, self.block
        depth = 1 + (len(instr.context.path) if instr.context is not None else 0)
        given = f"zx_r, zx_f, zx_r[{DEPTH}] - {depth}{''.join(', ' + a for a in arguments)}"
        entries = self.give(self.world.entries(len(arguments)))
        self.say(f"zx_f = {callee.text}")
        self.say(f"if {self.helper('type')}(zx_f) is {self.helper('Routine')}:")
        self.say(f" zx_r[{RESUME}] = {following}")
        self.say(f" if zx_f.namespace is {self.give(self.world.namespace)}: "
                 f"zx_r[{SWITCH}] = {entries}[zx_f.code]({given})")
        self.say(f" else: zx_r[{SWITCH}] = {self.give(self.elsewhere)}({given})")
        self.say(" return None")
        self.say(f"zx_r[{VALUE}] = zx_f({', '.join(arguments)})")
        self.say(f"return {following}")

    def elsewhere(self, caller: File, routine: Routine, depth: int, *arguments: Any) -> File:
        """The register file of a call into another namespace."""
        entries = self.machine.world(routine.namespace).entries(len(arguments))
        return entries[routine.code](caller, routine, depth, *arguments)

    def without_inlining(self, caller: File, routine: Routine, depth: int, *arguments: Any) -> File:
        """The register file of a call that stands near the limit of frames."""
        return self.world.executable(self.code, plain=True).enter(caller, routine, depth, *arguments)

    # --- instructions -------------------------------------------------------------------------------------------

    def plain(self, instr: Instr) -> None:
        """A row that Python writes alike everywhere."""
        operands = self.operands(instr)
        if instr.row.base and instr.row.family == "arith":
            # The first operand is what changes, unless somebody else still has it.
            self.say(f"zx_x = {operands[0].text}")
            self.say(f"zx_x {syntax.symbol(instr.row)}= {operands[1].text}")
            self.define(instr, "zx_x")
            return
        value = syntax.expression(instr, operands, self)
        if value is not None:
            self.define(instr, value.text)
            return
        text = syntax.statement(instr, operands, self)
        assert text is not None, f"no executor for {instr.op}"
        self.say(text)

    def op_MOVE(self, instr: Instr) -> None:
        self.define(instr, self.only(instr))

    op_SPILL = op_RELOAD = op_MOVE

    def op_ADVANCE(self, instr: Instr) -> None:
        if instr.dest is not instr.args[0]:
            self.op_MOVE(instr)

    def op_CAUGHT(self, instr: Instr) -> None:
        self.say(f"{self.dest(instr)} = {FILE}[{VALUE}]; {FILE}[{VALUE}] = None")

    def op_LOAD_GLOBAL(self, instr: Instr) -> None:
        name = instr.imm
        free = is_name(name) and not name.startswith(_PREFIX) and name != "__debug__"
        self.define(instr, name if free else f"{self.give(self.load_global)}({name!r})")

    def load_global(self, name: str) -> Any:
        """A global whose name the text cannot have."""
        return syntax.load_global(self.world.namespace, name)

    def op_STORE_GLOBAL(self, instr: Instr) -> None:
        self.say(f"{self.give(self.world.namespace)}[{instr.imm!r}] = {self.only(instr)}")

    def op_LOAD_CELL(self, instr: Instr) -> None:
        self.say(f"try: {self.dest(instr)} = {FILE}[{CELLS}][{instr.imm}].cell_contents")
        self.say(f"except {self.helper('ValueError')}: "
                 f"raise {self.helper('empty_cell')}({self.give(self.code)}, {instr.imm}) from None")

    def op_STORE_CELL(self, instr: Instr) -> None:
        self.say(f"{FILE}[{CELLS}][{instr.imm}].cell_contents = {self.only(instr)}")

    def op_MAKE_FUNCTION(self, instr: Instr) -> None:
        assert self.code.module is not None
        inner = self.code.module.functions[instr.imm]
        known = (*self.code.captured, *self.code.cells)
        cells = "".join(f"{FILE}[{CELLS}][{known.index(name)}], " for name in inner.captured)
        made = f"{self.helper('Routine')}({self.give(inner)}, {self.give(self.world.namespace)}, ({cells}), "
        self.define(instr, f"{made}{self.give(self.machine.enter)})")

    def op_CHECK_BOUND(self, instr: Instr) -> None:
        self.say(syntax.bound_check(self.place(instr.args[0]), instr.imm, self.code.is_module, self))
        if instr.dest is not instr.args[0]:
            self.op_MOVE(instr)

    def op_HAS_NEXT(self, instr: Instr) -> None:
        # VALUE follows before anything else is drawn, called or caught.
        end = self.helper("END")
        self.say(f"{FILE}[{VALUE}] = {self.helper('next')}({self.only(instr)}, {end})")
        self.define(instr, f"{FILE}[{VALUE}] is not {end}")

    def op_VALUE(self, instr: Instr) -> None:
        self.say(f"{self.dest(instr)} = {FILE}[{VALUE}]; {FILE}[{VALUE}] = None")

    def op_METER(self, instr: Instr) -> None:
        for line in syntax.meter(self.give(self.machine.budget), instr.imm):
            self.say(line)

    def op_TALLY(self, instr: Instr) -> None:
        self.say(f"{self.give(self.machine.tally)}[{instr.imm}] += 1")

    def op_PYBLOCK(self, instr: Instr) -> None:
        made = f"{self.give(self.machine.make_block)}({self.give(self.code)}, {instr.imm[1]}, {FILE}[{CELLS}])"
        self.define(instr, f"{made}({self.listed(instr)})")

    def op_BRANCH(self, instr: Instr) -> None:
        yes, no = (self.segment(t) for t in instr.targets)
        self.say(f"return {yes} if {self.only(instr)} else {no}")

    def op_SWITCH(self, instr: Instr) -> None:
        targets = "".join(self.segment(t) + ", " for t in instr.targets)
        self.say(f"return ({targets})[{self.only(instr)}]")

    def op_RETURN(self, instr: Instr) -> None:
        self.leave(self.only(instr))

    def op_LEAVE(self, instr: Instr) -> None:
        self.leave(f"({instr.imm!r}, ({self.listed(instr)}))")

    def leave(self, value: str) -> None:
        """Back to the caller, who no longer knows this file."""
        self.say(f"zx_c = {FILE}[{CALLER}]; zx_c[{VALUE}] = {value}; zx_c[{SWITCH}] = None; {FILE}[{SWITCH}] = zx_c")
        self.say("return None")


SPELLED: frozenset[str] = syntax.WRITTEN | {name[3:] for name in vars(Speller) if name.startswith("op_")}
