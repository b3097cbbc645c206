"""A block's instructions as Python statements: values that are used once become parts of larger expressions."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from zexus import ops
from zexus.bytecode import Code
from zexus.regvm.ir import Block, Instr, Value

# The functions and lines that an instruction stands for, outermost first; several where calls were inlined.
Where: TypeAlias = tuple[tuple[Code, int], ...]

ITEM, CAUGHT = -1, -2  # registers of the generated code's own: the item that a loop drew, the exception caught
DEEPEST = 30

# In the text of expressions: where the program has what stands between the second and the third of them.
MARK, BEGIN, END = "\ue000", "\ue001", "\ue002"

# How tightly Python binds.
ATOM, POWER, UNARY, COMPARE, NOT, AND, OR, CHOICE = 20, 15, 14, 6, 5, 4, 3, 2
_LEVELS = {"*": 12, "/": 12, "//": 12, "%": 12, "@": 12, "+": 11, "-": 11, "<<": 10, ">>": 10, "&": 9, "^": 8, "|": 7}


@dataclass(frozen=True)
class Expr:
    """An expression.

    Attributes:
        text: as Python writes it.
        level: how tightly its outermost operator binds.
        reads: the registers in it.
        depth: how deep it is nested.
        kind: what it is, where somebody asks: "name", "constant", "global", "cell", "method", "item", "attribute",
            "truth", "iter", "next", "match", "slice", "display", "drawn", "inplace".
        parts: the operands, for the kinds whose outermost operator may be written in another way.
        name: of a global, a cell or an attribute, or the operator of "inplace".
    """

    text: str
    level: int = ATOM
    reads: frozenset[int] = frozenset()
    depth: int = 0
    kind: str = ""
    parts: tuple[Expr, ...] = ()
    name: str = ""

    def at(self, level: int) -> str:
        """The text as an operand that has to bind at least so tightly."""
        return self.text if self.level >= level else f"({self.text})"

    @property
    def test(self) -> Expr:
        """What to test where only the truth matters."""
        return self.parts[0].test if self.kind == "truth" else self


def made(text: str, level: int, parts: Sequence[Expr], kind: str = "", name: str = "") -> Expr:
    """An expression of others."""
    reads = frozenset().union(*(p.reads for p in parts))
    return Expr(text, level, reads, 1 + max((p.depth for p in parts), default=0), kind, tuple(parts), name)


def negated(test: Expr) -> Expr:
    """`not test`."""
    return made(f"not {test.at(NOT)}", NOT, [test])


@dataclass
class Line:
    """A statement.

    Attributes:
        text: as Python writes it.
        where: where the program has it; None where it can raise nothing.
        target: the register that it assigns, if it does nothing else.
        value: what it assigns.
        special: for instructions of CPython's whose names begin so, where the program has what they do.
        defines: the function of the module whose definition this is; the text is the name that it gets.
    """

    text: str
    where: Where | None = None
    target: int | None = None
    value: Expr | None = None
    special: dict[str, Where | None] = field(default_factory=dict)
    defines: Code | None = None


@dataclass
class Lowered:
    """What a block became.

    Attributes:
        lines: its statements, with the terminator where that ends the function.
        test: of a BRANCH or SWITCH.
        where: of that.
        computed: where the value that is tested is computed, if that is a part of the test.
    """

    lines: list[Line] = field(default_factory=list)
    test: Expr | None = None
    where: Where | None = None
    computed: Where | None = None


@dataclass
class _Item:
    """A value that has been computed in the program, but is still to be written: where it is used."""

    register: int
    expr: Expr
    where: Where | None
    light: bool  # neither raises nor does, nor depends on anything but local variables


class Surroundings:
    """What a block's statements need to know of the function and the module.

    Attributes:
        code: the function.
        names: how each register is called; -1 and -2 are ITEM and CAUGHT.
        constants: the registers that are constants.
        cells: how the cells are called.
        natural: registers for which Python itself knows whether they are bound.
    """

    def __init__(self, code: Code, names: Mapping[int, str], constants: Mapping[int, Expr], cells: Sequence[str],
                 natural: Mapping[int, str], where: Callable[[Instr], Where | None], helper: Callable[[str], str],
                 is_free: Callable[[str], bool], direct: Mapping[str, str], known: frozenset[str],
                 mark: Callable[[Where], int], nested: Mapping[str, str],
                 named: Callable[[str], str]) -> None:
        """
        Args:
            code, names, constants, cells, natural: see the attributes.
            where: where an instruction stands in the program.
            helper: the name under which the generated module knows one of ours.
            is_free: whether Python can name this global in the function.
            direct: the functions that nothing assigns: by name, what the generated one is called.
            known: names of all functions of the module.
            mark: the number by which the text names a place in the program.
            named: the name under which the generated module knows a constant, given as text.
            nested: the functions whose definitions stand inside of this one, with the names that they get.
        """
        self.code = code
        self.names = names
        self.constants = constants
        self.cells = cells
        self.natural = natural
        self.where = where
        self.helper = helper
        self.is_free = is_free
        self.direct = direct
        self.known = known
        self.nested = nested
        self.named = named
        self._mark = mark

    def marked(self, expr: Expr, where: Where | None) -> Expr:
        """The expression with the place in the program that it stands for."""
        if where is None:
            return expr
        return replace(expr, text=f"{MARK}{self._mark(where)}{BEGIN}{expr.text}{END}")


def is_name(text: str) -> bool:
    """Whether Python can write this as a variable or an attribute."""
    return text.isidentifier() and not keyword.iskeyword(text)


def nests(expr: Expr) -> bool:
    """Whether an expression can be a part of another."""
    return expr.kind != "inplace" and expr.depth <= DEEPEST


class _Lowerer:
    def __init__(self, block: Block, around: Surroundings, live_out: frozenset[int], caught: frozenset[int]) -> None:
        self.block = block
        self.around = around
        self.live_out = live_out
        self.caught = caught
        self.found = Lowered()
        self.items: list[_Item] = []
        self.uses: list[int] = []   # of what each instruction defines; -1 when it has to stand in its register
        self.position = 0
        self.skip: set[int] = set()

    # --- which values are used once -------------------------------------------------------------------

    def count(self) -> None:
        defined: dict[int, int] = {}
        for position, instr in enumerate(self.block.instrs):
            for argument in instr.args:
                if argument.number in defined and self.uses[defined[argument.number]] >= 0:
                    self.uses[defined[argument.number]] += 1
            self.uses.append(0)
            if instr.dest is not None:
                defined[instr.dest.number] = position
                if instr.dest.number in self.caught:
                    self.uses[position] = -1
        for number, position in defined.items():
            if number in self.live_out:
                self.uses[position] = -1

    def run(self) -> Lowered:
        self.count()
        for position, instr in enumerate(self.block.instrs):
            self.position = position
            if position not in self.skip:
                self.step(instr)
        self.flush(self.heavy())
        return self.found

    # --- pending values -------------------------------------------------------------------------------

    def heavy(self) -> list[_Item]:
        return [item for item in self.items if not item.light]

    def pending(self, value: Value) -> _Item | None:
        return next((item for item in self.items if item.register == value.number), None)

    def place(self, value: Value) -> Expr:
        """A register as an operand."""
        known = self.around.constants.get(value.number)
        return known if known is not None else self.variable(value.number)

    def variable(self, register: int) -> Expr:
        kind = "drawn" if register == ITEM else "name"
        return Expr(self.around.names[register], reads=frozenset((register,)), kind=kind)

    def take(self, values: Sequence[Value]) -> list[Expr]:
        """The operands of an instruction, in the order in which Python evaluates them.

        Pending values become part of it where that changes no order; the others are written before it.
        """
        wanted = [item for item in map(self.pending, values) if item is not None and not item.light]
        waiting = self.heavy()
        kept = 0
        while kept < len(wanted) and waiting[-1 - kept] is wanted[-1 - kept] and nests(waiting[-1 - kept].expr):
            kept += 1
        if kept < len(wanted):
            self.flush(waiting[: len(waiting) - kept])
        found = []
        for value in values:
            item = self.pending(value)
            if item is None:
                found.append(self.place(value))
            else:
                self.items.remove(item)
                found.append(item.expr)
        return found

    def unfold(self, value: Value) -> None:
        """Put a pending value into its register if it may be all of literals, where Python warns of these."""
        item = self.pending(value)
        if item is None or item.light:
            return
        if item.expr.kind == "display" or (not item.expr.reads and item.expr.kind in ("", "truth")):
            waiting = self.heavy()
            self.flush(waiting[: waiting.index(item) + 1])

    def named(self, expr: Expr) -> Expr:
        """A constant by name, for the same places."""
        if expr.kind != "constant":
            return expr
        return replace(expr, text=self.around.named(expr.text), level=ATOM)

    def flush(self, items: Sequence[_Item]) -> None:
        """Write pending values into their registers."""
        for item in items:
            self.items.remove(item)
            if item.expr.kind == "inplace":
                self.write_in_place(item)
            else:
                self.assign_now(item.register, item.expr, item.where)

    def clobber(self, register: int) -> None:
        """Before a register is written: write what still reads its old value."""
        while True:
            reader = next((item for item in self.items if register in item.expr.reads), None)
            if reader is None:
                return
            if reader.light:
                self.flush([reader])
            else:
                waiting = self.heavy()
                self.flush(waiting[: waiting.index(reader) + 1])

    def statement(self, text: str, where: Where | None) -> None:
        self.flush(self.heavy())
        self.found.lines.append(Line(text, where))

    def assign_now(self, register: int, value: Expr, where: Where | None) -> None:
        self.clobber(register)
        self.found.lines.append(Line(f"{self.around.names[register]} = {value.text}", where, register, value))

    def assign(self, register: int, value: Expr, where: Where | None) -> None:
        self.flush(self.heavy())
        self.assign_now(register, value, where)

    def define(self, instr: Instr, value: Expr, light: bool = False, where: Where | None = None) -> None:
        """The result of an instruction."""
        assert instr.dest is not None
        register, uses = instr.dest.number, self.uses[self.position]
        where = None if light else where or self.around.where(instr)
        if value.kind != "inplace":
            value = self.around.marked(value, where)
        self.clobber(register)
        if uses == 1:
            self.items.append(_Item(register, value, where, light))
        elif uses == 0 and light:
            return
        elif value.kind == "inplace":
            self.flush(self.heavy())
            self.write_in_place(_Item(register, value, where, False))
        elif uses == 0:
            self.statement(value.text, where)
        else:
            self.assign(register, value, where)

    def write_in_place(self, item: _Item) -> None:
        """`x = a`, `x += b`."""
        left, right = item.expr.parts
        register = item.register
        name = self.around.names[register]
        is_own = left.kind == "name" and left.reads == {register}
        if not is_own and (register in right.reads or register in self.caught):
            helper = self.around.helper("op_" + self.in_place_row(item.expr))
            self.assign_now(register, made(f"{helper}({left.text}, {right.text})", ATOM, [left, right]), item.where)
            return
        self.clobber(register)
        if not is_own:
            self.found.lines.append(Line(f"{name} = {left.text}", item.where, register, left))
        self.found.lines.append(Line(f"{left.text if is_own else name} {item.expr.name}= {right.text}", item.where))

    def in_place_statement(self, target: Expr, item: _Item, stored: Where | None) -> None:
        """`target += b`, where the target is no register."""
        self.flush(self.heavy())
        text = f"{target.text} {item.expr.name}= {item.expr.parts[1].text}"
        self.found.lines.append(Line(text, item.where, special={"STORE": stored}))

    @staticmethod
    def in_place_row(expr: Expr) -> str:
        return next(row.name for row in ops.OPS.values() if row.text == f"a {expr.name}= b")

    # --- instructions -----------------------------------------------------------------------------------

    def step(self, instr: Instr) -> None:
        own = getattr(self, "op_" + instr.op, None)
        if own is not None:
            own(instr)
            return
        row = instr.row
        assert row.meaning is not None, f"no Python for {instr.op}"
        if row.name in ("IS", "IS_NOT"):
            for argument in instr.args:
                self.unfold(argument)
            named = [o if o.text in ("None", "True", "False", "...") else self.named(o) for o in self.take(instr.args)]
            self.define(instr, self.compared(row.text[2:-2], *named))
            return
        operands = self.take(instr.args)
        if row.family == "compare" or row.name in ("IN", "NOT_IN"):
            self.define(instr, self.compared(row.text[2:-2], *operands))
        elif row.base and row.family == "arith":
            self.define(instr, made("", 0, operands, "inplace", row.text[2:-3]))
        elif row.family == "arith":
            self.define(instr, self.binary(row.text[2:-2], *operands))
        else:
            listed = ", ".join(o.text for o in operands)
            self.define(instr, made(f"{self.around.helper('op_' + row.name)}({listed})", ATOM, operands))

    def compared(self, symbol: str, left: Expr, right: Expr) -> Expr:
        return made(f"{left.at(COMPARE + 1)} {symbol} {right.at(COMPARE + 1)}", COMPARE, [left, right])

    def binary(self, symbol: str, left: Expr, right: Expr) -> Expr:
        if symbol == "**":
            return made(f"{left.at(POWER + 1)} ** {right.at(POWER + 1)}", POWER, [left, right])
        level = _LEVELS[symbol]
        return made(f"{left.at(level)} {symbol} {right.at(level + 1)}", level, [left, right])

    def unary(self, instr: Instr) -> None:
        (operand,) = self.take(instr.args)
        self.define(instr, made(f"{instr.row.text[0]}{operand.at(UNARY + 1)}", UNARY, [operand]))

    op_NEG = op_POS = op_INVERT = unary

    def op_NOT(self, instr: Instr) -> None:
        (operand,) = self.take(instr.args)
        self.define(instr, negated(operand.test))

    def op_TRUTH(self, instr: Instr) -> None:
        (operand,) = self.take(instr.args)
        tested = operand.test
        self.define(instr, made(f"True if {tested.at(CHOICE + 1)} else False", CHOICE, [tested], "truth"))

    def op_CONST(self, instr: Instr) -> None:
        assert instr.dest is not None
        if instr.dest.number not in self.around.constants:
            raise AssertionError(f"{instr.dest} is a constant and something else")

    op_UNBOUND = op_CONST

    def op_MOVE(self, instr: Instr) -> None:
        (source,), dest = instr.args, instr.dest
        assert dest is not None
        item = self.pending(source)
        if item is not None and not item.light:
            if self.uses[self.position] == 1 and item is self.heavy()[-1]:
                self.items.remove(item)
                self.clobber(dest.number)
                self.items.append(replace(item, register=dest.number))
                return
            if item.expr.kind == "inplace" and item is self.heavy()[-1] and self.is_variable(item.expr, dest.number):
                self.items.remove(item)
                self.flush(self.heavy())
                self.write_in_place(replace(item, register=dest.number))
                return
            where = item.where
            (value,) = self.take([source])
            if self.uses[self.position] == 0:
                self.statement(value.text, where)
                return
            self.flush(self.heavy())
            self.assign(dest.number, value, where)
            return
        (value,) = self.take([source])
        if source.number != dest.number or item is not None:
            self.define(instr, value, light=True)

    op_SPILL = op_RELOAD = op_MOVE

    @staticmethod
    def is_variable(expr: Expr, register: int) -> bool:
        left = expr.parts[0]
        return left.kind == "name" and left.reads == {register}

    def op_ADVANCE(self, instr: Instr) -> None:
        assert instr.dest is not None
        if instr.args[0].number != instr.dest.number:
            self.op_MOVE(instr)

    def op_CHECK_BOUND(self, instr: Instr) -> None:
        (source,), dest, where = instr.args, instr.dest, self.around.where(instr)
        assert dest is not None
        item = self.pending(source)
        if item is not None and (not item.light or self.around.natural):
            self.op_MOVE(instr)  # it has just been computed
            return
        if self.around.natural.get(source.number) == instr.imm:
            if source.number == dest.number:
                # CPython 3.11 may join this load with a store before it, and would name that one's line: see `pass`.
                self.statement("pass", None)
                self.statement(self.around.names[source.number], where)
            else:
                self.define(instr, self.variable(source.number))
            return
        (value,) = self.take([source])
        if not value.kind:
            raise AssertionError("what may be unbound is a variable")
        helper = self.around.helper
        self.statement(f"if {value.text} is {helper('UNBOUND')}: raise {helper('unbound')}({instr.imm!r})", where)
        if source.number != dest.number:
            self.define(instr, value, light=True)

    def op_CAUGHT(self, instr: Instr) -> None:
        self.define(instr, self.variable(CAUGHT), light=True)

    def op_LOAD_GLOBAL(self, instr: Instr) -> None:
        name = instr.imm
        if instr.dest is not None and instr.dest.number in self.around.constants:
            return
        if name in self.around.direct:
            self.define(instr, replace(self.global_(name), kind="global", name=name), light=True)
        else:
            self.define(instr, self.global_(name))

    def global_(self, name: str) -> Expr:
        text = name if self.around.is_free(name) else f"{self.around.helper('load')}({name!r})"
        return Expr(text, kind="global", name=name)

    def op_STORE_GLOBAL(self, instr: Instr) -> None:
        name, where = instr.imm, self.around.where(instr)
        if self.around.is_free(name):
            self.store(name, instr.args[0], where, "global", name)
            return
        (value,) = self.take(instr.args)
        self.statement(f"{self.around.helper('store')}({name!r}, {value.text})", where)

    def op_LOAD_CELL(self, instr: Instr) -> None:
        name = self.around.cells[instr.imm]
        self.define(instr, Expr(name, kind="cell", name=name))

    def op_STORE_CELL(self, instr: Instr) -> None:
        name = self.around.cells[instr.imm]
        self.store(name, instr.args[0], self.around.where(instr), "cell", name)

    def store(self, text: str, value: Value, where: Where | None, kind: str, name: str) -> None:
        """`text = value`, or in place."""
        item = self.pending(value)
        if item is not None and item.expr.kind == "inplace" and item is self.heavy()[-1]:
            left = item.expr.parts[0]
            if left.kind == kind and left.name == name:
                self.items.remove(item)
                self.in_place_statement(left, item, where)
                return
        (stored,) = self.take([value])
        self.statement(f"{text} = {stored.text}", where)

    def op_MAKE_FUNCTION(self, instr: Instr) -> None:
        code = self.around.code
        assert code.module is not None
        inner = code.module.functions[instr.imm]
        name = self.around.nested.get(instr.imm)
        if name is not None:
            self.flush(self.heavy())
            self.found.lines.append(Line(name, defines=inner))
            self.define(instr, Expr(f"{self.around.helper('make_' + instr.imm)}({name})"))
            return
        cells = dict(zip((*code.captured, *code.cells), self.around.cells))
        captured = "".join(cells[name] + ", " for name in inner.captured)
        listed = f"lambda: ({captured.rstrip() or ','})" if captured else ""
        self.define(instr, Expr(f"{self.around.helper('make_' + instr.imm)}({listed})"))

    def op_GETATTR(self, instr: Instr) -> None:
        (owner,) = self.take(instr.args)
        if not is_name(instr.imm):
            text = f"{self.around.helper('getattr')}({owner.text}, {instr.imm!r})"
            self.define(instr, made(text, ATOM, [owner]))
            return
        self.define(instr, made(f"{self.owner(owner)}.{instr.imm}", ATOM, [owner], "attribute", instr.imm))

    @staticmethod
    def owner(expr: Expr) -> str:
        # A number would swallow the dot.
        return f"({expr.text})" if expr.text[-1:].isdigit() and expr.kind == "constant" else expr.at(ATOM)

    def op_SETATTR(self, instr: Instr) -> None:
        (target, value), where = instr.args, self.around.where(instr)
        if not is_name(instr.imm):
            owner, given = self.take([target, value])
            self.statement(f"{self.around.helper('setattr')}({owner.text}, {instr.imm!r}, {given.text})", where)
            return
        if self.pending(target) is None:
            item = self.pending(value)
            left = item.expr.parts[0] if item is not None and item.expr.kind == "inplace" else None
            owner = self.place(target)
            if item is not None and left is not None and item is self.heavy()[-1] and left.kind == "attribute" \
                    and left.name == instr.imm and left.parts[0] == owner and owner.kind == "name":
                self.items.remove(item)
                self.in_place_statement(left, item, where)
                return
        given, owner = self.take([value, target])
        self.statement(f"{self.owner(owner)}.{instr.imm} = {given.text}", where)

    def op_GETITEM(self, instr: Instr) -> None:
        self.unfold(instr.args[0])
        owner, key = self.take(instr.args)
        owner = self.named(owner)
        self.define(instr, made(f"{owner.at(ATOM)}[{self.key(key)}]", ATOM, [owner, key], "item"))

    @staticmethod
    def key(expr: Expr) -> str:
        if expr.kind != "slice":
            return expr.text
        start, stop, step = ("" if p.text == "None" else p.at(CHOICE) for p in expr.parts)
        return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"

    def op_SETITEM(self, instr: Instr) -> None:
        (target, key, value), where = instr.args, self.around.where(instr)
        if self.pending(target) is None and self.pending(key) is None:
            item = self.pending(value)
            left = item.expr.parts[0] if item is not None and item.expr.kind == "inplace" else None
            if item is not None and left is not None and item is self.heavy()[-1] and left.kind == "item" \
                    and left.parts == (self.place(target), self.place(key)):
                self.items.remove(item)
                self.in_place_statement(left, item, where)
                return
        given, owner, at = self.take([value, target, key])
        self.statement(f"{owner.at(ATOM)}[{self.key(at)}] = {given.text}", where)

    def op_DELITEM(self, instr: Instr) -> None:
        where = self.around.where(instr)
        owner, key = self.take(instr.args)
        self.statement(f"del {owner.at(ATOM)}[{self.key(key)}]", where)

    def display(self, instr: Instr, left: str, right: str) -> None:
        items = self.take(instr.args)
        listed = ", ".join(i.text for i in items)
        if left == "(" and len(items) == 1:
            listed += ","
        self.define(instr, made(f"{left}{listed}{right}", ATOM, items, "display"))

    def op_BUILD_LIST(self, instr: Instr) -> None:
        self.display(instr, "[", "]")

    def op_BUILD_TUPLE(self, instr: Instr) -> None:
        self.display(instr, "(", ")")

    def op_BUILD_SET(self, instr: Instr) -> None:
        self.display(instr, "{" if instr.args else "{*()", "}")

    def op_BUILD_DICT(self, instr: Instr) -> None:
        items = self.take(instr.args)
        pairs = ", ".join(f"{key.text}: {value.text}" for key, value in zip(items[::2], items[1::2], strict=True))
        self.define(instr, made(f"{{{pairs}}}", ATOM, items, "display"))

    def op_BUILD_SLICE(self, instr: Instr) -> None:
        bounds = self.take(instr.args)
        text = f"{self.around.helper('slice')}({', '.join(b.text for b in bounds)})"
        self.define(instr, made(text, ATOM, bounds, "slice"))

    def op_UNPACK(self, instr: Instr) -> None:
        where, count = self.around.where(instr), instr.imm
        targets = self.unpacked(count)
        (value,) = self.take(instr.args)
        assert instr.dest is not None
        if targets is None:
            text = f"{self.around.helper('unpack')}({value.text}, {count})"
            self.define(instr, made(text, ATOM, [value]))
            return
        self.flush(self.heavy())
        for target in targets:
            self.clobber(target)
        names = ", ".join(self.around.names[t] for t in targets) + "," * (count == 1)
        self.found.lines.append(Line(f"{names or '[]'} = {value.text}", where, None, value))

    def unpacked(self, count: int) -> list[int] | None:
        """The registers that take the items, where nothing else happens to what is unpacked; those are skipped."""
        instrs, first = self.block.instrs, self.position + 1
        items = instrs[first: first + count]
        holder = instrs[self.position].dest
        if self.uses[self.position] != count or len(items) < count:
            return None
        places: dict[int, tuple[int, int]] = {}
        for position, item in enumerate(items, first):
            if item.op != "ITEM" or item.args[0] is not holder or item.dest is None or item.imm in places:
                return None
            if self.uses[position] == 0 or item.dest.number in {number for number, _ in places.values()}:
                return None
            places[item.imm] = (item.dest.number, position)
        moves = instrs[first + count: first + 2 * count]
        targets = [m.dest.number for m in moves if m.op == "MOVE" and m.dest is not None]
        sources = [m.args[0].number for m in moves if m.op == "MOVE"]
        wanted = [places[k][0] for k in range(count)]
        single = all(self.uses[position] == 1 for _, position in places.values())
        if single and sources == wanted and len(set(targets)) == count and not set(targets) & set(wanted):
            self.skip.update(range(first, first + 2 * count))
            return targets
        self.skip.update(range(first, first + count))
        return wanted

    def op_ITEM(self, instr: Instr) -> None:
        item = self.pending(instr.args[0])
        (holder,) = self.take(instr.args)
        light = item is None or item.light
        self.define(instr, made(f"{holder.at(ATOM)}[{instr.imm}]", ATOM, [holder]), light)

    def op_CALL(self, instr: Instr) -> None:
        callee = self.pending(instr.args[0])
        plain = callee is not None and (callee.expr.kind in ("attribute", "cell")
                                        or (callee.expr.kind == "global" and
                                            (callee.expr.name in self.around.direct
                                             or callee.expr.name not in self.around.known)))
        if callee is not None and not plain and not callee.light:
            waiting = self.heavy()
            self.flush(waiting[: waiting.index(callee) + 1])
        function, *arguments = self.take(instr.args)
        function = self.named(function)
        listed = ", ".join(a.text for a in arguments)
        text = function.at(ATOM)
        if function.kind == "global" and function.name in self.around.direct:
            text = self.around.direct[function.name]
        elif function.kind in ("name", "cell"):
            helper = self.around.helper
            text = f"({text}.function or {text} if {helper('type')}({text}) is {helper('Routine')} else {text})"
        self.define(instr, made(f"{text}({listed})", ATOM, [function, *arguments]))

    def op_LIST_ADD(self, instr: Instr) -> None:
        where = self.around.where(instr)
        target, value = self.take(instr.args)
        self.statement(f"{target.at(ATOM)}.append({value.text})", where)

    def op_METER(self, instr: Instr) -> None:
        budget, where = self.around.helper("budget"), self.around.where(instr)
        self.statement(f"{budget}.left -= {instr.imm}", None)
        self.statement(f"if {budget}.left < 0: {budget}.look({instr.imm})", where)

    def op_MATCH(self, instr: Instr) -> None:
        error, wanted = self.take(instr.args)
        text = f"{self.around.helper('matches')}({error.text}, {wanted.text})"
        self.define(instr, made(text, ATOM, [error, wanted], "match"))

    def op_ITER(self, instr: Instr) -> None:
        (value,) = self.take(instr.args)
        self.define(instr, made(f"{self.around.helper('iter')}({value.text})", ATOM, [value], "iter"))

    def op_HAS_NEXT(self, instr: Instr) -> None:
        self.clobber(ITEM)
        (cursor,) = self.take(instr.args)
        helper, item = self.around.helper, self.around.names[ITEM]
        text = f"({item} := {helper('next')}({cursor.text}, {helper('END')})) is not {helper('END')}"
        self.define(instr, made(text, COMPARE, [cursor], "next"))

    def op_VALUE(self, instr: Instr) -> None:
        self.define(instr, self.variable(ITEM), light=True)

    # --- terminators ----------------------------------------------------------------------------------

    def op_JUMP(self, instr: Instr) -> None:
        pass

    def op_BRANCH(self, instr: Instr) -> None:
        where = self.around.where(instr)
        item = self.pending(instr.args[0])
        (test,) = self.take(instr.args)
        self.flush(self.heavy())
        self.found.test, self.found.where = self.around.marked(test.test, where), where
        self.found.computed = None if item is None else item.where

    def op_SWITCH(self, instr: Instr) -> None:
        self.op_BRANCH(instr)
        assert self.found.test is not None
        if self.found.test.kind not in ("name", "constant"):
            raise AssertionError("a signal stands in a variable")

    def op_RETURN(self, instr: Instr) -> None:
        item = self.pending(instr.args[0])
        where = item.where if item is not None and item.where is not None else self.around.where(instr)
        (value,) = self.take(instr.args)
        self.statement(f"return {value.text}", where)

    def op_RAISE(self, instr: Instr) -> None:
        where = self.around.where(instr)
        (value,) = self.take(instr.args)
        self.statement(f"raise {value.text}", where)


def lower(block: Block, around: Surroundings, live_out: frozenset[int], caught: frozenset[int]) -> Lowered:
    """The statements of a block of the register form.

    Args:
        block: not empty.
        around: names, and what is known of the module.
        live_out: the registers that are read behind the block.
        caught: those that its handler reads.
    """
    return _Lowerer(block, around, live_out, caught).run()


HANDLED: frozenset[str] = frozenset(name[3:] for name in vars(_Lowerer) if name.startswith("op_"))


def literal(value: Any) -> str:
    """A constant as Python writes it, or "" for what has no literal."""
    if value is None or value is Ellipsis or type(value) in (bool, str, bytes):
        return repr(value)
    if type(value) is int:
        return repr(value) if value.bit_length() < 10_000 else ""
    if type(value) is float:
        return repr(value) if value - value == 0 else ""
    if type(value) is tuple:
        items = [literal(item) for item in value]
        return f"({', '.join(items)}{',' * (len(items) == 1)})" if all(items) else ""
    return ""
