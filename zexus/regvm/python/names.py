"""What the parts of a generated function are called: its registers, cells, constants, and places in the program."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from zexus.bytecode import Code
from zexus.regvm import cfg
from zexus.regvm.build import Program
from zexus.regvm.ir import Block, Function, Instr
from zexus.regvm.python.block import CAUGHT, ITEM, Row, Surroundings
from zexus.regvm.python.places import Where
from zexus.regvm.python.syntax import Expr, is_name

GLOBAL = frozenset(("LOAD_GLOBAL", "STORE_GLOBAL"))


class ModuleNames(Protocol):
    """What a function's text takes from the module's.

    Attributes:
        code_names: all functions of the module.
        functions: the functions that nothing assigns: by name, what the text calls them.
        others: the same for the other ones.
        nested: those whose definitions stand in what makes them.
        globals: names of the program's globals.
        reserved: names that the text has for itself.
        metered: whether the program counts its instructions.
        counted: whether it is profiled.
        tabled: whether handlers then look up what exceptions have left: no code object is put in another one's place.
    """

    code_names: frozenset[str]
    functions: dict[str, str]
    others: dict[str, str]
    nested: set[str]
    globals: set[str]
    reserved: set[str]
    metered: bool
    counted: bool
    tabled: bool

    def helper(self, name: str) -> str:
        """How the text calls something of ours."""

    def names_error(self, name: str) -> bool:
        """Whether a global is surely one of Python's own classes of exceptions."""

    def cell_name(self, name: str) -> str:
        """How it calls a cell."""

    def constant(self, value: Any) -> Expr:
        """A constant as an operand."""

    def named(self, text: str) -> str:
        """The name of a constant, out of its text."""

    def mark(self, where: Where) -> int:
        """The number of a place in the program."""

    def definition(self, code: Code, text: str, indent: int) -> Sequence[Row]:
        """The lines that define a function inside of another one."""


class FunctionNames:
    """The names in one function.

    Attributes:
        code: whose function it is.
        fn: its register form.
        params: the registers of its parameters.
        parameters: what these are called in its head.
        names: what each register is called.
        cells: what its cells are called.
        stored: the globals that it assigns.
        caught, to, place: variables of the text's own: the exception caught, where a jump over several loops leads,
            which instruction of CPython's has raised.
        table: what the names of the function's tables end with, in which exceptions are counted; "" where it has none.
        natural: registers for which Python itself knows whether they are bound.
        guarded: those that begin with the sign of having no value.
        held: the counters that are local variables while the function runs, and what these are called.
        around: what its blocks have to know.
    """

    def __init__(self, fn: Function, code: Code, program: Program, module: ModuleNames, locals_: Mapping[int, str],
                 constants: Mapping[int, Any], table: str) -> None:
        """
        Args:
            fn: of form "register".
            code: whose function it is.
            program: what instructions that name no Program refer to.
            module: names of the module.
            locals_: for registers that are local variables of the code, their names.
            constants: for registers that are constants and that no instruction writes, what they are.
            table: see the attributes.
        """
        self.fn = fn
        self.code = code
        self.program = program
        self.module = module
        self.params = [p.number for p in fn.params]
        self.parameters: list[str] = []
        found = {i.imm for i in fn.instructions() if i.op in GLOBAL}
        self.cells = [module.cell_name(name) for name in (*code.captured, *code.cells)]
        self.names: dict[int, str] = {}
        nested = {i.imm: module.others[i.imm] for i in fn.instructions()
                  if i.op == "MAKE_FUNCTION" and i.imm in module.nested}
        self.taken = {*found, *self.cells, *module.reserved}
        if nested:
            self.taken |= module.globals
        self.stored = sorted({i.imm for i in fn.instructions() if i.op == "STORE_GLOBAL" and self.is_free(i.imm)})
        known = self.constant_registers(constants)
        self.name_registers(locals_)
        self.caught = self.fresh("caught")
        self.names[ITEM], self.names[CAUGHT] = self.fresh("item"), self.caught
        self.to, self.place = self.fresh("to"), self.fresh("place")
        self.table = table
        self.held = {number: self.fresh(f"count{number}") for number in self.looping()}
        counters = {**{i.imm: tally(module, i.imm) for i in fn.instructions() if i.op == "TALLY"},
                    **self.held}
        checked = {i.args[0].number: i.imm for i in fn.instructions() if i.op == "CHECK_BOUND"}
        self.natural = {n: imm for n, imm in checked.items() if locals_.get(n) == imm and self.names.get(n) == imm}
        self.guarded = [n for n in checked if n not in self.natural and n not in known and n not in self.params] \
            if locals_ else []
        self.around = Surroundings(code, self.names, known, self.cells, self.natural, self.where, module.helper,
                                   self.is_free, module.functions, module.code_names, module.mark, nested, module.named,
                                   counters)

    def looping(self) -> list[int]:
        """The counters that stand in loops."""
        if not self.module.counted or not any(i.op == "TALLY" for i in self.fn.instructions()):
            return []
        inside = dict.fromkeys(block for loop in cfg.loops(self.fn) for block in loop.blocks)
        return sorted({i.imm for block in inside for i in block.instrs if i.op == "TALLY"})

    def callers(self, block: Block) -> int:
        """How many calls have been inlined around what a block is a part of."""
        found = (self.where(instr) for instr in block.instrs)
        return len(next((where for where in found if where), ((self.code, 0),))) - 1

    def constant_registers(self, constants: Mapping[int, Any]) -> dict[int, Expr]:
        """The registers that hold one constant and nothing else."""
        writes = dict.fromkeys(self.params, 1)
        for instr in self.fn.instructions():
            if instr.dest is not None:
                writes[instr.dest.number] = writes.get(instr.dest.number, 0) + 1
        found = {number: self.module.constant(value) for number, value in constants.items()}
        for instr in self.fn.instructions():
            if instr.op == "CONST" and instr.dest is not None and writes[instr.dest.number] == 1:
                found[instr.dest.number] = self.module.constant(self.fn.consts[instr.imm])
            elif instr.op == "UNBOUND" and instr.dest is not None and writes[instr.dest.number] == 1:
                found[instr.dest.number] = Expr(self.module.helper("UNBOUND"), kind="constant")
            elif instr.op == "LOAD_GLOBAL" and instr.dest is not None and writes[instr.dest.number] == 1 \
                    and instr.imm in self.module.functions and self.is_free(instr.imm):
                found[instr.dest.number] = Expr(instr.imm, kind="global", name=instr.imm)
        return found

    def fresh(self, wanted: str) -> str:
        name = wanted
        for number in itertools.count(1):
            if name not in self.taken and name not in self.names.values():
                break
            name = f"{wanted}_{number}"
        self.taken.add(name)
        return name

    def name_registers(self, locals_: Mapping[int, str]) -> None:
        for position, number in enumerate(self.params):
            wanted = self.code.locals[position]
            if wanted in self.code.cells:
                # Only the cell is read: the register may hold something else, and has a name of its own then.
                self.parameters.append(self.module.cell_name(wanted))
                continue
            self.names[number] = self.fresh(identifier(wanted))
            self.parameters.append(self.names[number])
        for number, wanted in locals_.items():
            if number not in self.names and wanted not in self.code.cells:
                self.names[number] = self.fresh(identifier(wanted))
        others = {v.number for i in self.fn.instructions() for v in (*i.args, *([i.dest] if i.dest else []))}
        for position, number in enumerate(sorted(others - set(self.names))):
            self.names[number] = self.fresh(f"t{position}")

    def is_free(self, name: str) -> bool:
        """Whether Python can name this global in the function."""
        return is_name(name) and name not in self.cells and name != "__debug__"

    def where(self, instr: Instr) -> Where | None:
        if instr.index < 0 or instr.context is None:
            return None
        chain: list[tuple[Code, int]] = []
        context, index = instr.context, instr.index
        while True:
            program = context.code if isinstance(context.code, Program) else self.program
            position = program.positions[index]
            chain.append((program.code, program.code.first_line if position is None else position.line))
            if context.parent is None:
                break
            context, index = context.parent, context.call_index
        return tuple(reversed(chain))


def tally(module: ModuleNames, number: int) -> str:
    """What a counter is called outside of loops."""
    return f"{module.helper(f'tally{number}')}.n"


def identifier(name: str) -> str:
    """A name that Python takes, like `name`."""
    normal = unicodedata.normalize("NFKC", name)
    cleaned = "".join(c if c.isidentifier() or (c.isascii() and c.isdigit()) else "_" for c in normal)
    if not cleaned or cleaned[0].isdigit():
        cleaned = "_" + cleaned
    return cleaned if is_name(cleaned) else cleaned + "_"
