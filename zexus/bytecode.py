"""The stack form: the Code of a function or region, Modules of them, their line table, printer and verifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from types import CellType, FunctionType
from typing import Any, NamedTuple

from zexus import ops
from zexus.records import dataclass


class _Unbound:
    """The value that stands for "this local variable has no value"."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNBOUND"


UNBOUND = _Unbound()


class Implicit(NamedTuple):
    """A frame that code has which stands in another function's: a comprehension's, or a generator's.

    Attributes:
        name: of its function.
        around: where the frame around it stands meanwhile.
        qualname: of its function; "" for one that is defined where it is used.
        first_line: of its function; 0 for the line of `around`.
    """

    name: str
    around: Position
    qualname: str = ""
    first_line: int = 0


@dataclass(frozen=True)
class Position:
    """Where an instruction stands in the user's file, and in which implicit frame."""

    line: int
    end_line: int
    column: int
    end_column: int
    frame: Implicit | None = None

    @property
    def span(self) -> tuple[int, int, int, int]:
        """Line, column, last line and last column."""
        return self.line, self.column, self.end_line, self.end_column


@dataclass(slots=True)
class Instruction:
    """One stack instruction: opcode, argument, position, and the index of the statement it belongs to."""

    op: str
    arg: Any = None
    position: Position | None = None
    statement: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Handler:
    """A row of the exception table: instructions [start, end) go to `target` with the stack cut to `depth`.

    Attributes:
        handles: the local with the exception that is being handled there, which code that is called sees as such;
            -1 without any.
    """

    start: int
    end: int
    target: int
    depth: int
    handles: int = -1

    def moved(self, where: Callable[[int], int]) -> Handler:
        """The row behind a change of the instructions' numbers."""
        return replace(self, start=where(self.start), end=where(self.end), target=where(self.target))


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
    """A loop inside the code: where its header stands, where control goes when it is exhausted or broken.

    Attributes:
        place: its line and column and, as those of one comprehension have the same, how many of these it is inside.
        rest: makes the function by which CPython goes on with it from the header, or raises Unsupported; None: nothing
            does.
    """

    place: tuple[int, int, int]
    head: Any
    done: Any
    end: Any
    has_cursor: bool
    rest: Callable[[], Any] | None = field(default=None, compare=False)


@dataclass(eq=False)
class Code:
    """A function or region in stack form.

    Attributes:
        name, qualname, filename, first_line: of the user's function.
        locals: names of the local variables, the first `params` of which the caller sets.
        results: names handed back when the region is left.
        kept: the results that are looked at behind an exception too.
        resumes: whether it goes on with a generator that has stopped, and ends by YIELD too.
        held: how many cursors at the bottom of the stack are known to others, who see how far they are.
        consts: constants, by index.
        captured: names of the closure cells that it is given.
        cells: those of its own variables that live in cells, for inner functions to capture; one that is a parameter
            begins with the argument. LOAD_CELL and STORE_CELL count through `captured`, then `cells`.
        own: those of `captured` that are its own variables all the same: in what is left of a running function.
        blocks: the outlined statements that PYBLOCK names.
        loops: the loop statements inside.
        instructions: the program.
        handlers: the exception table, innermost first.
        region: True when it ends by LEAVE (a loop), False when by RETURN only (a function).
        is_module: whether its locals are the module's globals outside.
        shared: those of its locals that other code knows as globals.
        spread: whether it has parameters for each argument that its parameters with stars collect.
        namespace: the globals it runs in, where it belongs to no module of bytecode.
        module: the module of bytecode that it belongs to: its functions are those that MAKE_FUNCTION names.
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
    cells: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    blocks: list[Block] = field(default_factory=list)
    loops: list[InnerLoop] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)
    handlers: list[Handler] = field(default_factory=list)
    region: bool = False
    is_module: bool = False
    shared: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    held: int = 0
    resumes: bool = False
    spread: bool = False
    namespace: dict[str, Any] = field(default_factory=dict, repr=False)
    module: Module | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return print_code(self)

    def __repr__(self) -> str:
        return f"<code {self.qualname}>"  # thousands of instructions name it


@dataclass(eq=False)
class Module:
    """Functions in stack form that know each other by name.

    Attributes:
        name, filename: of the program.
        functions: by name. Those that capture cells are made by MAKE_FUNCTION; the others stand in the namespace.
    """

    name: str
    filename: str
    functions: dict[str, Code] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<module {self.name}>"

    def __post_init__(self) -> None:
        for code in self.functions.values():
            code.module = self

    def add(self, code: Code) -> None:
        """Take in one more function."""
        self.functions[code.name] = code
        code.module = self

    def constants(self) -> frozenset[str]:
        """Names of the functions that stand in the namespace and that no instruction of the module assigns."""
        assigned = {i.arg for code in self.functions.values() for i in code.instructions if i.op == "STORE_GLOBAL"}
        return frozenset(name for name, code in self.functions.items() if not code.captured) - assigned

    def namespace(self, enter: Enter) -> dict[str, Any]:
        """A fresh namespace with the module's functions in it.

        Args:
            enter: how the machine runs one of them when host code calls it.
        """
        made: dict[str, Any] = {"__name__": self.name}
        for name, code in self.functions.items():
            if not code.captured:
                made[name] = Routine(code, made, (), enter)
        return made


class Routine:
    """A bytecode function as a value.

    Attributes:
        code: what it runs.
        namespace: where its globals are.
        cells: the captured cells, in the order of `code.captured`.
        enter: how the machine that made it runs it when host code calls it.
        function: the Python function that generated code calls in its place; None where there is none.
    """

    __slots__ = ("__weakref__", "cells", "code", "enter", "function", "namespace")

    def __init__(self, code: Code, namespace: dict[str, Any], cells: tuple[CellType, ...], enter: Enter) -> None:
        self.code = code
        self.namespace = namespace
        self.cells = cells
        self.enter = enter
        self.function: FunctionType | None = None

    def __call__(self, *arguments: Any) -> Any:
        return self.enter(self, arguments)

    @property
    def __name__(self) -> str:
        return self.code.name

    def __repr__(self) -> str:
        return f"<routine {self.code.qualname}>"


Enter = Callable[[Routine, Sequence[Any]], Any]


def activation_cells(routine: Routine, arguments: Sequence[Any]) -> tuple[CellType, ...]:
    """The cells of a call: the captured ones, and fresh ones for `code.cells`."""
    code = routine.code
    if not code.cells:
        return routine.cells
    given = dict(zip(code.locals, arguments))
    own = (CellType(given[name]) if name in given else CellType() for name in code.cells)
    return (*routine.cells, *own)


def captured_cells(inner: Code, outer: Code, cells: Sequence[CellType]) -> tuple[CellType, ...]:
    """The cells that MAKE_FUNCTION gives `inner`, out of those of an activation of `outer`."""
    known = dict(zip((*outer.captured, *outer.cells), cells, strict=True))
    return tuple(known[name] for name in inner.captured)


def wrong_arguments(code: Code, given: int) -> TypeError:
    """The error of calling a function with `given` positional arguments, in CPython's words."""
    wanted, name = code.params, code.qualname
    if given > wanted:
        verb = "was" if given == 1 else "were"
        return TypeError(f"{name}() takes {wanted} positional argument{'s' * (wanted != 1)} but {given} {verb} given")
    missing = [repr(local) for local in code.locals[given:wanted]]
    comma = "," if len(missing) > 2 else ""
    listed = " and ".join(filter(None, (", ".join(missing[:-1]) + comma, missing[-1])))
    noun = "argument" + "s" * (len(missing) > 1)
    return TypeError(f"{name}() missing {len(missing)} required positional {noun}: {listed}")


def empty_cell(code: Code, index: int) -> NameError:
    """The error of reading a cell that holds nothing."""
    name = (*code.captured, *code.cells)[index]
    if name in code.cells or name in code.own:
        return UnboundLocalError(f"cannot access local variable {name!r} where it is not associated with a value")
    return NameError(f"cannot access free variable {name!r} where it is not associated with a value in "
                     "enclosing scope", name=name)


def unbound(name: str, is_module: bool) -> NameError:
    """The error of reading a variable that has no value."""
    if is_module:
        return NameError(f"name {name!r} is not defined", name=name)
    return UnboundLocalError(f"cannot access local variable {name!r} where it is not associated with a value")


class InvalidCode(ValueError):
    """Code that breaks a law of the stack form; the message names the instruction.

    Attributes:
        function: the function's name, or "".
        index: the number of the instruction, or None.
        part: which part of its argument is wrong, or None.
    """

    def __init__(self, message: str, function: str = "", index: int | None = None, part: int | None = None) -> None:
        super().__init__(message)
        self.function = function
        self.index = index
        self.part = part




def split(instruction: Instruction) -> list[Instruction]:
    """The parts of a fused instruction, one behind the other; any other instruction alone."""
    fused = ops.OPS[instruction.op].parts
    if not fused:
        return [instruction]
    carried = iter(part for _, part in parts(instruction))
    made = []
    for name in fused:
        op = next(carried) if name == ops.BINARY else name
        arg = next(carried) if ops.OPS[op].argument else None
        made.append(Instruction(op, arg, instruction.position, instruction.statement))
    return made


def stack_effect(instruction: Instruction) -> tuple[int, int]:
    """How many values an instruction pops and how many it pushes (on its fall-through edge)."""
    name, arg = instruction.op, instruction.arg
    if ops.OPS[name].parts:
        deepest = depth = 0
        for part in split(instruction):
            pops, pushes = stack_effect(part)
            deepest = min(deepest, depth - pops)
            depth += pushes - pops
        return -deepest, depth - deepest
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


def _first(instruction: Instruction) -> str:
    return (ops.OPS[instruction.op].parts or (instruction.op,))[0]


def _last(instruction: Instruction) -> str:
    return (ops.OPS[instruction.op].parts or (instruction.op,))[-1]


def successors(code: Code, index: int) -> list[int]:
    """Indices of the instructions that may run next."""
    instruction = code.instructions[index]
    following = [] if _last(instruction) in ops.ENDS else [index + 1]
    following.extend(targets(instruction))
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
            raise InvalidCode(f"{code.name}: control runs out of the code at {index}", code.name, index)
        if found[index] >= 0:
            if found[index] != depth:
                at = f"{index} {code.instructions[index].op}"
                raise InvalidCode(f"{code.name}: depth {found[index]} or {depth} at {at}", code.name, index)
            continue
        found[index] = depth
        instruction = code.instructions[index]
        pops, pushes = stack_effect(instruction)
        needed = max(pops, instruction.arg if instruction.op in ("SWAP", "COPY") else 0)
        iterates = _first(instruction) == "FOR_ITER"
        if depth < needed or (iterates and depth < 1):
            raise InvalidCode(f"{code.name}: stack underflow at {index} {instruction.op}", code.name, index)
        for following in successors(code, index):
            after = depth - pops + pushes
            if iterates and following in targets(instruction):
                after = depth - 1
            work.append((following, after))
    return found


def _is_count(code: Code, arg: Any) -> bool:
    return type(arg) is int and arg >= 0


def _is_name(code: Code, arg: Any) -> bool:
    return isinstance(arg, str) and arg != ""


def _is_index(table: str) -> Callable[[Code, Any], bool]:
    return lambda code, arg: type(arg) is int and 0 <= arg < len(getattr(code, table))


# What an argument of each kind has to be; a label that names no instruction is told apart.
_KINDS: dict[str, Callable[[Code, Any], bool]] = {
    "const": _is_index("consts"), "local": _is_index("locals"), "block": _is_index("blocks"),
    "cell": lambda code, arg: type(arg) is int and 0 <= arg < len(code.captured) + len(code.cells),
    "label": lambda code, arg: type(arg) is int,
    "labels": lambda code, arg: type(arg) is tuple and arg != () and all(type(part) is int for part in arg),
    "names": lambda code, arg: type(arg) is tuple and arg != () and all(_is_name(code, part) for part in arg),
    "name": _is_name, "function": _is_name, "count": _is_count, "status": _is_count,
    "operator": lambda code, arg: ops.is_operator(arg),
}
_FAMILIES = frozenset(("register", "native"))
_LONGEST_DECIMAL = 2000  # bits: the host may refuse to write more than 640 digits


def parts(instruction: Instruction) -> tuple[tuple[str, Any], ...]:
    """What an instruction carries, each part with its kind; empty where it carries nothing, or something else."""
    kinds = ops.OPS[instruction.op].argument.split()
    if len(kinds) == 1:
        return ((kinds[0], instruction.arg),)
    if type(instruction.arg) is not tuple or len(instruction.arg) != len(kinds):
        return ()
    return tuple(zip(kinds, instruction.arg, strict=True))


def _fits(code: Code, instruction: Instruction) -> bool:
    if not ops.OPS[instruction.op].argument:
        return instruction.arg is None
    if instruction.op in ("COPY", "SWAP") and instruction.arg == 0:
        return False
    carried = parts(instruction)
    return carried != () and all(_KINDS[kind](code, part) for kind, part in carried)


def mapped(instruction: Instruction, change: Callable[[str, Any], Any]) -> Instruction:
    """The instruction with each part of what it carries changed by `change(kind, part)`."""
    changed = tuple(change(kind, part) for kind, part in parts(instruction))
    return replace(instruction, arg=changed[0] if len(changed) == 1 else changed) if changed else instruction


def targets(instruction: Instruction) -> tuple[int, ...]:
    """The instructions that this one names: where it may jump to."""
    found: list[int] = []
    for kind, part in parts(instruction):
        if kind == "label":
            found.append(part)
        elif kind == "labels":
            found.extend(part)
    return tuple(found)


def verify(code: Code) -> None:
    """Check opcodes, arguments, jump targets, handlers and stack depths.

    Raises:
        InvalidCode: naming the first offending instruction.
    """
    size = len(code.instructions)
    if not size:
        raise InvalidCode(f"{code.name}: no instruction", code.name)
    if not 0 <= code.params <= len(code.locals):
        raise InvalidCode(f"{code.name}: {code.params} parameters, but {len(code.locals)} locals", code.name)
    for title, names in (("local", code.locals), ("cell", (*code.captured, *code.cells))):
        twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
        if twice is not None:
            raise InvalidCode(f"{code.name}: {title} {twice!r} stands twice", code.name)
    for index, instruction in enumerate(code.instructions):
        if type(instruction) is not Instruction:
            raise InvalidCode(f"{code.name}: {instruction!r} at {index} is no Instruction", code.name, index)
        row = ops.OPS.get(instruction.op) if isinstance(instruction.op, str) else None
        if row is None:
            raise InvalidCode(f"{code.name}: unknown opcode {instruction.op!r} at {index}", code.name, index)
        if row.family in _FAMILIES:
            raise InvalidCode(f"{code.name}: no opcode of the stack form at {index} {instruction.op}", code.name, index)
        if not _fits(code, instruction):
            raise InvalidCode(f"{code.name}: bad argument {instruction.arg!r} at {index} {instruction.op}", code.name,
                              index)
        for kind, part in parts(instruction):
            if kind == "local" and code.locals[part] in code.cells:
                raise InvalidCode(f"{code.name}: {code.locals[part]!r} lives in a cell, but is used as a local at "
                                  f"{index} {instruction.op}", code.name, index)
        for target in targets(instruction):
            if not 0 <= target < size:
                raise InvalidCode(f"{code.name}: jump out of range at {index} {instruction.op} {target}", code.name,
                                  index)
        alien = _alien(code, instruction.op)
        if alien:
            raise InvalidCode(f"{code.name}: {alien} at {index} {instruction.op}", code.name, index)
    for handler in code.handlers:
        numbers = (handler.start, handler.end, handler.target, handler.depth)
        if not all(type(number) is int for number in numbers) or not (
                0 <= handler.start < handler.end <= size and 0 <= handler.target < size and handler.depth >= 0
                and -1 <= handler.handles < len(code.locals)):
            raise InvalidCode(f"{code.name}: handler out of range: {handler}", code.name)
    found = depths(code)
    for handler in code.handlers:
        for index in range(handler.start, handler.end):
            instruction = code.instructions[index]
            taken = 1 if _first(instruction) == "FOR_ITER" else stack_effect(instruction)[0]
            if 0 <= found[index] < handler.depth + taken:
                raise InvalidCode(f"{code.name}: {index} {instruction.op} takes from the stack what {handler} keeps",
                                  code.name, index)


def _alien(code: Code, op: str) -> str:
    """Why an opcode of regions has no place in a function, or ""."""
    if op == "LEAVE" and not code.region:
        return "only a region is left"
    if ops.OPS[op].family == "generator" and not (code.resumes and op == "YIELD"):
        return "only a generator stops"
    if op == "SWITCH" and not code.blocks:
        return "no outlined statement gives a signal"
    return ""


def assigned(code: Code) -> list[frozenset[str] | None]:
    """The locals that certainly have a value before each instruction; None where it cannot be reached."""
    found: list[frozenset[str] | None] = [None] * len(code.instructions)
    work = [(0, frozenset(code.locals[: code.params]))]
    while work:
        index, names = work.pop()
        before = found[index]
        now = names if before is None else before & names
        if now == before:
            continue
        found[index] = now
        instruction = code.instructions[index]
        # An exception may come before the instruction has had its effect.
        work.extend((handler.target, now) for handler in code.handlers if handler.start <= index < handler.end)
        stored = now | {code.locals[part.arg] for part in split(instruction) if part.op == "STORE_LOCAL"}
        jumps_first = targets(instruction) if _first(instruction) == "FOR_ITER" else ()
        work.extend((following, now if following in jumps_first else stored) for following in successors(code, index))
    return found


def verify_module(module: Module) -> None:
    """Check every function: that it is a whole one, that those made in it find their cells, that locals have values.

    Raises:
        InvalidCode: naming the first offending instruction.
    """
    for name, code in module.functions.items():
        if code.name != name:
            raise InvalidCode(f"{module.name}: function {name!r} is named {code.name!r}", name)
        verify(code)
        if code.region or code.blocks:
            raise InvalidCode(f"{name}: a part of a Python function is no function of a program", name)
        known = {*code.captured, *code.cells}
        having = assigned(code)
        for index, instruction in enumerate(code.instructions):
            sure = having[index]
            fused = split(instruction)
            for part, following in zip(fused, (*fused[1:], *code.instructions[index + 1:index + 2])):
                local = code.locals[part.arg] if part.op in ("LOAD_LOCAL", "STORE_LOCAL") else ""
                if part.op == "LOAD_LOCAL" and sure is not None and local not in sure and following.op != "CHECK_BOUND":
                    raise InvalidCode(f"{name}: {local!r} may have no value at {index} {instruction.op}: put "
                                      "CHECK_BOUND behind it", name, index)
                sure = sure | {local} if part.op == "STORE_LOCAL" and sure is not None else sure
            if instruction.op == "TALLY":
                raise InvalidCode(f"{name}: only the profiler puts counters in at {index} TALLY", name, index)
            if instruction.op == "CALL_KEYWORD":
                raise InvalidCode(f"{name}: functions of a program have no keywords at {index} CALL_KEYWORD", name,
                                  index)
            if instruction.op != "MAKE_FUNCTION":
                continue
            inner = module.functions.get(instruction.arg)
            if inner is None:
                raise InvalidCode(f"{name}: no function {instruction.arg!r} at {index} MAKE_FUNCTION", name, index)
            if not known.issuperset(inner.captured):
                missing = min(set(inner.captured) - known)
                raise InvalidCode(f"{name}: {instruction.arg!r} captures {missing!r}, which is no cell at {index} "
                                  "MAKE_FUNCTION", name, index)


def identity(value: Any) -> tuple[Any, ...]:
    """What two constants share that no program can tell apart: type and value, in every item; nothing for NaNs."""
    kind = type(value)
    if kind is float:
        return (kind, value.hex()) if value == value else (kind, id(value), "nan")
    if kind is complex:
        return (kind, identity(value.real), identity(value.imag))
    if kind is tuple:
        return (kind, *map(identity, value))
    if kind in (int, bool, str, bytes, type(None)):
        return (kind, value)
    return (kind, id(value))


def constant_text(value: Any) -> str:
    """A constant in the text form; integers that are too long for `repr` in hexadecimal."""
    if type(value) is tuple:
        return f"({', '.join(map(constant_text, value))}{',' * (len(value) == 1)})"
    return hex(value) if type(value) is int and value.bit_length() > _LONGEST_DECIMAL else repr(value)


def print_code(code: Code) -> str:
    """The text form: a line an instruction, jump targets marked, source lines at the left.

    `zexus.assembly.parse` reads it back, as far as the constants are literals; outlined statements and columns
    stand in the file only.
    """
    marked = {t for i in range(len(code.instructions)) for t in successors(code, i) if t != i + 1}
    kind = " region" * code.region + " module" * code.is_module
    lines = [f"code {code.qualname} ({code.filename}:{code.first_line}){kind} params {code.params}"]
    for title in ("locals", "results", "captured", "cells"):
        names = getattr(code, title)
        if names:
            lines.append(f"{title} {' '.join(names)}")
    lines.extend(f"const {number}: {constant_text(value)}" for number, value in enumerate(code.consts))
    for number, block in enumerate(code.blocks):
        lines.append(f"block {number}: line {block.line} ({' '.join(block.params)}) -> ({' '.join(block.results)})")
    for row in code.handlers:
        handled = f" handles {row.handles}" if row.handles >= 0 else ""
        lines.append(f"handler {row.start} {row.end} -> {row.target} depth {row.depth}{handled}")
    last = 0
    for index, instruction in enumerate(code.instructions):
        line = instruction.position.line if instruction.position else last
        shown = str(line) if line != last else ""
        last = line
        arg = "" if instruction.arg is None else repr(instruction.arg)
        named = [constant_text(code.consts[part]) if kind == "const" else code.locals[part]
                 for kind, part in parts(instruction) if kind in ("const", "local")]
        note = f"  ; {' '.join(named)}" if named else ""
        mark = ">>" if index in marked else "  "
        lines.append(f"{shown:>5} {mark} {index:4} {instruction.op:<14} {arg}{note}".rstrip())
    return "\n".join(lines) + "\n"
