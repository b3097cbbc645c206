"""Code: the stack form of a function or region, with its line table, printer and verifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from zexus import ops


@dataclass(frozen=True)
class Position:
    """Where an instruction stands in the user's file, and in which implicit frame (a comprehension's)."""

    line: int
    end_line: int
    column: int
    end_column: int
    frame: tuple[str, Position] | None = None


@dataclass
class Instruction:
    """One stack instruction: opcode, argument, position, and the index of the statement it belongs to."""

    op: str
    arg: Any = None
    position: Position | None = None
    statement: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Handler:
    """A row of the exception table: instructions [start, end) go to `target` with the stack cut to `depth`."""

    start: int
    end: int
    target: int
    depth: int


@dataclass
class Block:
    """An outlined statement: a function of the user's locals that runs it in CPython.

    `params` and `results` are the local variables it reads and assigns; calling `make(cells)` gives
    the function `(p1..pn) -> (signal, value, r1..rm)`.
    """

    params: tuple[str, ...]
    results: tuple[str, ...]
    free: tuple[str, ...]
    outlined: Any
    line: int


@dataclass
class InnerLoop:
    """A loop statement inside the code: where its header stands, where control goes when it is exhausted or broken."""

    statement: tuple[int, int]
    head: Any
    done: Any
    end: Any
    has_cursor: bool


@dataclass(eq=False)
class Code:
    """A function or region in stack form.

    Attributes:
        name, qualname, filename, first_line: of the user's function.
        locals: names of the local variables, the first `params` of which the caller sets.
        results: names handed back when the region is left.
        kept: the results that are looked at behind an exception too.
        consts: constants, by index.
        captured: names of the closure cells that it reads.
        blocks: the outlined statements that PYBLOCK names.
        loops: the loop statements inside.
        instructions: the program.
        handlers: the exception table, innermost first.
        region: True when it ends by LEAVE (a loop), False when by RETURN only (a function).
        is_module: whether its locals are the module's globals outside.
        shared: those of its locals that other code knows as globals.
        namespace: the globals it runs in.
    """

    name: str
    qualname: str
    filename: str
    first_line: int
    locals: tuple[str, ...]
    params: int
    results: tuple[str, ...] = ()
    consts: list[Any] = field(default_factory=list)
    captured: tuple[str, ...] = ()
    blocks: list[Block] = field(default_factory=list)
    loops: list[InnerLoop] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)
    handlers: list[Handler] = field(default_factory=list)
    region: bool = False
    is_module: bool = False
    shared: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    namespace: dict[str, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return print_code(self)


class InvalidCode(ValueError):
    """Code that breaks a law of the stack form; the message names the instruction."""


_JUMPS = frozenset(("JUMP", "JUMP_IF_FALSE", "JUMP_IF_TRUE", "FOR_ITER"))
_ENDS = frozenset(("JUMP", "RETURN", "LEAVE", "RAISE", "SWITCH"))


def stack_effect(instruction: Instruction) -> tuple[int, int]:
    """How many values an instruction pops and how many it pushes (on its fall-through edge)."""
    name, arg = instruction.op, instruction.arg
    if name == "SWAP":
        return 0, 0
    if name == "FOR_ITER":
        return 0, 1
    if name == "UNPACK":
        return 1, int(arg)
    if name == "PYBLOCK":
        return 0, 1
    row = ops.OPS[name]
    return ops.operands(row, arg), int(row.result)


def successors(code: Code, index: int) -> list[int]:
    """Indices of the instructions that may run next."""
    instruction = code.instructions[index]
    following = [] if instruction.op in _ENDS else [index + 1]
    if instruction.op in _JUMPS:
        following.append(instruction.arg)
    if instruction.op == "SWITCH":
        following.extend(instruction.arg)
    return following


def depths(code: Code) -> list[int]:
    """The stack depth before each instruction, -1 where it cannot be reached.

    Raises:
        InvalidCode: underflow, or a depth that depends on the path.
    """
    found = [-1] * len(code.instructions)
    work = [(0, 0)]
    waiting = list(code.handlers)
    while work or waiting:
        if not work:
            # A handler is reached from anywhere in its range, with the exception on top of what was there.
            entered = [h for h in waiting if any(depth >= 0 for depth in found[h.start:h.end])]
            if not entered:
                break
            waiting = [h for h in waiting if h not in entered]
            work.extend((h.target, h.depth + 1) for h in entered)
        index, depth = work.pop()
        if not 0 <= index < len(found):
            raise InvalidCode(f"{code.name}: control runs out of the code at {index}")
        if found[index] >= 0:
            if found[index] != depth:
                at = f"{index} {code.instructions[index].op}"
                raise InvalidCode(f"{code.name}: depth {found[index]} or {depth} at {at}")
            continue
        found[index] = depth
        instruction = code.instructions[index]
        pops, pushes = stack_effect(instruction)
        needed = max(pops, instruction.arg if instruction.op in ("SWAP", "COPY") else 0)
        if depth < needed or (instruction.op == "FOR_ITER" and depth < 1):
            raise InvalidCode(f"{code.name}: stack underflow at {index} {instruction.op}")
        for following in successors(code, index):
            after = depth - pops + pushes
            if instruction.op == "FOR_ITER" and following == instruction.arg:
                after = depth - 1
            work.append((following, after))
    return found


_ARGUMENTS: dict[str, Callable[[Code, Any], bool]] = {
    "LOAD_CONST": lambda code, arg: isinstance(arg, int) and 0 <= arg < len(code.consts),
    "LOAD_LOCAL": lambda code, arg: isinstance(arg, int) and 0 <= arg < len(code.locals),
    "STORE_LOCAL": lambda code, arg: isinstance(arg, int) and 0 <= arg < len(code.locals),
    "LOAD_GLOBAL": lambda code, arg: isinstance(arg, str),
    "LOAD_CELL": lambda code, arg: isinstance(arg, int) and 0 <= arg < len(code.captured),
    "PYBLOCK": lambda code, arg: isinstance(arg, int) and 0 <= arg < len(code.blocks),
}


def verify(code: Code) -> None:
    """Check opcodes, arguments, jump targets and stack depths.

    Raises:
        InvalidCode: naming the first offending instruction.
    """
    for index, instruction in enumerate(code.instructions):
        if instruction.op not in ops.OPS:
            raise InvalidCode(f"{code.name}: unknown opcode {instruction.op!r} at {index}")
        fits = _ARGUMENTS.get(instruction.op)
        if fits is not None and not fits(code, instruction.arg):
            raise InvalidCode(f"{code.name}: bad argument {instruction.arg!r} at {index} {instruction.op}")
        targets: Sequence[int] = ()
        if instruction.op in _JUMPS:
            targets = (instruction.arg,)
        elif instruction.op == "SWITCH":
            targets = instruction.arg
        for target in targets:
            if not isinstance(target, int) or not 0 <= target < len(code.instructions):
                raise InvalidCode(f"{code.name}: jump out of range at {index} {instruction.op} {target}")
    for handler in code.handlers:
        if not (0 <= handler.start < handler.end <= len(code.instructions)
                and 0 <= handler.target < len(code.instructions)):
            raise InvalidCode(f"{code.name}: handler out of range: {handler}")
    found = depths(code)
    for handler in code.handlers:
        if any(0 <= depth < handler.depth for depth in found[handler.start:handler.end]):
            raise InvalidCode(f"{code.name}: the stack is less deep than the handler wants: {handler}")


def print_code(code: Code) -> str:
    """The text form: a line an instruction, jump targets marked, source lines at the left.

    `zexus.assembly.parse` reads it back, as far as the constants are literals; outlined statements and columns
    stand in the file only.
    """
    targets = {t for i in range(len(code.instructions)) for t in successors(code, i) if t != i + 1}
    kind = " region" * code.region + " module" * code.is_module
    lines = [f"code {code.qualname} ({code.filename}:{code.first_line}){kind} params {code.params}"]
    for title, names in (("locals", code.locals), ("results", code.results), ("captured", code.captured)):
        if names:
            lines.append(f"{title} {' '.join(names)}")
    lines.extend(f"const {number}: {value!r}" for number, value in enumerate(code.consts))
    for number, block in enumerate(code.blocks):
        lines.append(f"block {number}: line {block.line} ({' '.join(block.params)}) -> ({' '.join(block.results)})")
    for row in code.handlers:
        lines.append(f"handler {row.start} {row.end} -> {row.target} depth {row.depth}")
    last = 0
    for index, instruction in enumerate(code.instructions):
        line = instruction.position.line if instruction.position else last
        shown = str(line) if line != last else ""
        last = line
        arg = "" if instruction.arg is None else repr(instruction.arg)
        note = ""
        if instruction.op == "LOAD_CONST":
            note = f"  ; {code.consts[instruction.arg]!r}"
        elif instruction.op in ("LOAD_LOCAL", "STORE_LOCAL"):
            note = f"  ; {code.locals[instruction.arg]}"
        mark = ">>" if index in targets else "  "
        lines.append(f"{shown:>5} {mark} {index:4} {instruction.op:<14} {arg}{note}".rstrip())
    return "\n".join(lines) + "\n"
