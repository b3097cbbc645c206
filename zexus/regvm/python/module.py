"""Modules of bytecode as Python source: one Python function for each Code, which CPython runs."""

from __future__ import annotations

import builtins
import itertools
import warnings
from collections.abc import Callable, Iterable, Sequence
from types import CodeType
from typing import Any

from zexus.bytecode import Code, Module
from zexus.records import dataclass
from zexus.regvm.build import build
from zexus.regvm.ir import Function
from zexus.regvm.python import syntax
from zexus.regvm.python.block import Line, Row
from zexus.regvm.python.function import write_function
from zexus.regvm.python.names import GLOBAL, FunctionNames, identifier
from zexus.regvm.python.places import Place, Where, printed
from zexus.regvm.python.structure import Irregular, simplify
from zexus.regvm.python.syntax import Expr, is_name
from zexus.vm import depth
from zexus.vm.tracebacks import Spot

_DEEPEST_TREE = 20_000  # calls, of the functions that follow the dominator tree
_COPIES = 4  # places in which the definition of an inner function may stand
_COUNTER = itertools.count(1)


@dataclass(frozen=True)
class Source:
    """A module as Python text.

    Attributes:
        filename: under which tracebacks and `linecache` know it.
        text: of the Python module.
        lines: what each line of it stands for.
        functions: name in the program -> name in the text, of the functions that capture nothing.
        makers: name in the program -> name in the text, of the functions that make those that capture cells.
        nested: name in the program -> name in the text, of those whose definitions stand in what makes them.
        cells: name in the program -> names in the text of the cells that the function captures.
        helpers: name in the text -> which of ours it is.
        constants: name in the text -> object that has no literal.
    """

    filename: str
    text: str
    lines: list[Place]
    functions: dict[str, str]
    makers: dict[str, str]
    nested: dict[str, str]
    cells: dict[str, tuple[str, ...]]
    helpers: dict[str, str]
    constants: dict[str, Any]


class _ModuleWriter:
    """Writes a module.

    Args:
        module: whose functions have been verified.
        registers: gives the register form of a function, where that is not simply what `build` makes.
        structured, taken, adapts: as `generate` takes them.
    """

    def __init__(self, module: Module, registers: Callable[[Code], Function] | None, structured: bool,
                 taken: Iterable[str], adapts: bool) -> None:
        self.module = module
        self.code_names = frozenset(module.functions)
        self.structured = structured
        self.registers = registers
        self.reserved: set[str] = set()
        self.used: set[str] = set()
        for code in module.functions.values():
            self.used.update((code.name, *code.locals, *code.captured, *code.cells))
        self.program_names = {identifier(name) for name in self.used} | {
            i.arg for code in module.functions.values() for i in code.instructions if i.op == "STORE_GLOBAL"}
        for code in module.functions.values():
            self.used.update(i.arg for i in code.instructions if isinstance(i.arg, str))
        self.used |= self.program_names | set(dir(builtins)) | set(taken)
        self.helpers: dict[str, str] = {}
        self.constants: dict[str, Any] = {}
        self.literals: dict[str, Any] = {}
        self.marks: list[Where] = []
        self.metered = any(i.op == "METER" for code in module.functions.values() for i in code.instructions)
        # Not by its counters: a function that can only raise has none.
        self.counted = any(i.position is not None and type(i.position.line) is Spot
                           for code in module.functions.values() for i in code.instructions)
        self.tabled = self.counted and not adapts
        made = [i.arg for code in module.functions.values() for i in code.instructions if i.op == "MAKE_FUNCTION"]
        self.globals = {i.arg for code in module.functions.values() for i in code.instructions if i.op in GLOBAL}
        # Definitions that are needed in a few places stand there; the others are made of what captures their cells.
        self.nested = {name for name, code in module.functions.items()
                       if code.captured and made.count(name) <= _COPIES and not self.makes_itself(name)}
        direct = module.constants()
        self.functions = {name: self.own(identifier(name)) for name in module.functions if name in direct}
        self.others = {name: self.own(identifier(name)) for name in module.functions if name not in direct}
        self.makers = {name: self.own(f"{identifier(name)}_in") for name, code in module.functions.items()
                       if code.captured and name not in self.nested}
        self.cell_names: dict[str, str] = {}

    def makes_itself(self, name: str) -> bool:
        """Whether the function, or one that it makes, makes it."""
        work: list[str] = [name]
        seen: set[str] = set()
        while work:
            code = self.module.functions[work.pop()]
            found = {i.arg for i in code.instructions if i.op == "MAKE_FUNCTION"}
            if name in found:
                return True
            work.extend(found - seen)
            seen |= found
        return False

    def mark(self, where: Where) -> int:
        """The number of a place in the program."""
        self.marks.append(where)
        return len(self.marks) - 1

    def printed(self, row: Row) -> tuple[str, Place]:
        """A line of the text without the marks in it, and what they say."""
        place = Place(row.line.where, special=row.line.special)
        return printed("    " * row.indent + row.line.text, place, self.marks.__getitem__) + "\n", place

    def own(self, wanted: str) -> str:
        """A name that the program does not use."""
        name = wanted + "_"
        while name in self.used or name in self.reserved:
            name += "_"
        self.reserved.add(name)
        return name

    def helper(self, name: str) -> str:
        """How the text calls something of ours, or a builtin function that the program cannot hide."""
        if name in vars(builtins) and name not in self.program_names:
            return name
        if name not in self.helpers:
            self.helpers[name] = self.own(identifier(name))
        return self.helpers[name]

    def names_error(self, name: str) -> bool:
        found = getattr(builtins, name, None)
        return isinstance(found, type) and issubclass(found, BaseException) and name not in self.program_names

    def cell_name(self, name: str) -> str:
        if is_name(name):
            return name
        if name not in self.cell_names:
            self.cell_names[name] = self.own(identifier(name))
        return self.cell_names[name]

    def constant(self, value: Any) -> Expr:
        """A constant as an operand."""
        text = syntax.literal(value)
        if not text:
            return syntax.constant(self.name_of(value))
        self.literals[text] = value
        return syntax.constant(text)

    def named(self, text: str) -> str:
        """The name of a constant that is written as a literal, or its name already."""
        return self.name_of(self.literals[text]) if text in self.literals else text

    def name_of(self, value: Any) -> str:
        name = next((n for n, known in self.constants.items() if known is value), None)
        if name is None:
            name = self.own(f"const{len(self.constants)}")
            self.constants[name] = value
        return name

    def write(self, filename: str) -> Source:
        rows: list[Row] = [Row(0, Line(f"# {self.module.name}, from {one_line(self.module.filename)}"))]
        for name, code in self.module.functions.items():
            if name in self.nested:
                continue
            rows += [Row(0, Line("")), Row(0, Line(""))]
            rows += self.function(name, code)
        printed = [self.printed(row) for row in rows]
        text = "".join(line for line, _ in printed)
        return Source(filename, text, [Place(), *(place for _, place in printed)], {**self.functions, **{
            name: text for name, text in self.others.items() if not self.module.functions[name].captured}}, self.makers,
            {name: self.others[name] for name in self.nested},
            {name: tuple(map(self.cell_name, code.captured)) for name, code in self.module.functions.items()},
            {text: name for name, text in self.helpers.items()}, self.constants)

    def function(self, name: str, code: Code) -> list[Row]:
        text = self.functions.get(name) or self.others[name]
        around: list[Row] = []
        indent = 0
        if name in self.makers:
            cells = ", ".join(self.cell_name(c) for c in code.captured)
            around.append(Row(0, Line(f"def {self.makers[name]}({cells}):")))
            indent = 1
        rows = self.definition(code, text, indent, around)
        if around:
            return [*around, *rows, Row(1, Line(f"return {text}"))]
        return rows

    def definition(self, code: Code, text: str, indent: int, around: Sequence[Row] = ()) -> list[Row]:
        """The definition of a function, as the text calls it, in some other lines."""
        program = build(code)
        if self.registers is None:
            fn, locals_, constants = program.fn, dict(enumerate(code.locals)), program.constants
        else:
            fn, locals_, constants = self.registers(code), {}, {}

        def written(structured: bool) -> list[Row]:
            table = text if self.tabled and not indent else ""
            names = FunctionNames(simplify(fn), code, program, self, locals_, constants, table)
            return write_function(names, text, indent, structured)

        try:
            with depth.limited(_DEEPEST_TREE):
                rows = written(self.structured)
            if not indent or around:
                compile_quietly("".join(self.printed(row)[0] for row in (*around, *rows)), "<generated>")
        except (Irregular, SyntaxError, RecursionError, MemoryError):
            rows = written(False)
        return rows


def compile_quietly(text: str, filename: str) -> CodeType:
    """`compile`, without the warnings about what only a program that was written by hand would mean otherwise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return compile(text, filename, "exec", dont_inherit=True)


def one_line(text: str) -> str:
    return " ".join(text.split())


def generate(module: Module, registers: Callable[[Code], Function] | None = None, structured: bool = True,
             taken: Iterable[str] = (), adapts: bool = False) -> Source:
    """A module as Python text.

    Args:
        module: whose functions have been verified.
        registers: gives the optimized register form of a function; by default functions are written as they are.
        structured: False writes every function as if its control flow had no structure.
        taken: names that stand in the module's namespace already, beside those that the program uses.
        adapts: whether the functions get other code objects than those that the text is compiled to.
    """
    filename = f"<zexus {one_line(module.name)} {next(_COUNTER)}>"
    return _ModuleWriter(module, registers, structured, taken, adapts).write(filename)
