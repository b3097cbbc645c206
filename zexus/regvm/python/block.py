"""A block's instructions as Python statements: values that are used once become parts of larger expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace

from zexus import ops
from zexus.bytecode import Code
from zexus.records import dataclass
from zexus.regvm.ir import Block, Instr, Value
from zexus.regvm.python import syntax
from zexus.regvm.python.places import Where, marked
from zexus.regvm.python.syntax import ATOM, COMPARE, Expr, is_name, made

ITEM, CAUGHT = -1, -2  # registers of the generated code's own: the item that a loop drew, the exception caught
DEEPEST = 30
# Operands that must not be literals, and which of them, where Python warns of these.
_UNFOLDED = {"GETITEM": (0,), "IS": (0, 1), "IS_NOT": (0, 1)}


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
class Row:
    """A line of the text: how deep it is indented, and what stands in it."""

    indent: int
    line: Line


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
                 named: Callable[[str], str], counters: Mapping[int, str]) -> None:
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
            counters: what each counter is called.
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
        self.counters = counters
        self._named = named
        self._mark = mark

    def named(self, expr: Expr) -> Expr:
        """A constant by name, for places in which Python warns of literals."""
        return replace(expr, text=self._named(expr.text), level=ATOM) if expr.kind == "constant" else expr

    def marked(self, expr: Expr, where: Where | None) -> Expr:
        """The expression with the place in the program that it stands for."""
        return expr if where is None else replace(expr, text=marked(expr.text, self._mark(where)))


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
        for position in _UNFOLDED.get(instr.op, ()):
            self.unfold(instr.args[position])
        operands = self.take(instr.args)
        if instr.row.base and instr.row.family == "arith":
            self.define(instr, made("", 0, operands, "inplace", syntax.symbol(instr.row)))
            return
        value = syntax.expression(instr, operands, self.around)
        if value is not None:
            self.define(instr, value)
            return
        text = syntax.statement(instr, operands, self.around)
        assert text is not None, f"no Python for {instr.op}"
        self.statement(text, self.around.where(instr))

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
                self.statement(self.around.names[source.number], where)
            else:
                self.define(instr, self.variable(source.number))
            return
        (value,) = self.take([source])
        if not value.kind:
            raise AssertionError("what may be unbound is a variable")
        self.statement(syntax.bound_check(value, instr.imm, False, self.around), where)
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

    def op_SETATTR(self, instr: Instr) -> None:
        (target, value), where = instr.args, self.around.where(instr)
        if is_name(instr.imm) and self.pending(target) is None:
            item = self.pending(value)
            left = item.expr.parts[0] if item is not None and item.expr.kind == "inplace" else None
            owner = self.place(target)
            if item is not None and left is not None and item is self.heavy()[-1] and left.kind == "attribute" \
                    and left.name == instr.imm and left.parts[0] == owner and owner.kind == "name":
                self.items.remove(item)
                self.in_place_statement(left, item, where)
                return
        # In an assignment Python evaluates the value first; in a call of setattr, it stands behind the object.
        if is_name(instr.imm):
            given, owner = self.take([value, target])
        else:
            owner, given = self.take([target, value])
        self.assigned(instr, [owner, given], where)

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
        self.assigned(instr, [owner, at, given], where)

    def op_DICT_SET(self, instr: Instr) -> None:
        (target, key, value), where = instr.args, self.around.where(instr)
        given, owner, at = self.take([value, target, key])
        self.assigned(instr, [owner, at, given], where)

    def assigned(self, instr: Instr, operands: Sequence[Expr], where: Where | None) -> None:
        """The statement of a row that assigns to a part of an object."""
        text = syntax.statement(instr, operands, self.around)
        assert text is not None
        self.statement(text, where)

    def op_UNPACK(self, instr: Instr) -> None:
        where, count = self.around.where(instr), instr.imm
        targets = self.unpacked(count)
        (value,) = self.take(instr.args)
        assert instr.dest is not None
        if targets is None:
            unpacked = syntax.expression(instr, [value], self.around)
            assert unpacked is not None
            self.define(instr, unpacked)
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
        found = syntax.expression(instr, self.take(instr.args), self.around)
        assert found is not None
        self.define(instr, found, item is None or item.light)

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
        function = self.around.named(function)
        listed = ", ".join(a.text for a in arguments)
        text = function.at(ATOM)
        if function.kind == "global" and function.name in self.around.direct:
            text = self.around.direct[function.name]
        elif function.kind in ("name", "cell"):
            helper = self.around.helper
            text = f"({text}.function or {text} if {helper('type')}({text}) is {helper('Routine')} else {text})"
        self.define(instr, made(f"{text}({listed})", ATOM, [function, *arguments]))

    def op_METER(self, instr: Instr) -> None:
        counts, looks = syntax.meter(self.around.helper("budget"), instr.imm)
        self.statement(counts, None)
        self.statement(looks, self.around.where(instr))

    def op_TALLY(self, instr: Instr) -> None:
        self.statement(f"{self.around.counters[instr.imm]} += 1", None)

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


def lower(block: Block, around: Surroundings, live_out: frozenset[int], caught: frozenset[int]) -> Lowered:
    """The statements of a block of the register form.

    Args:
        block: not empty.
        around: names, and what is known of the module.
        live_out: the registers that are read behind the block.
        caught: those that its handler reads.
    """
    return _Lowerer(block, around, live_out, caught).run()


HANDLED: frozenset[str] = syntax.WRITTEN | {name[3:] for name in vars(_Lowerer) if name.startswith("op_")}
