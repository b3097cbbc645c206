"""Lowering: a loop or a function, from syntax to stack Code.

A statement that has no opcodes is outlined and becomes one PYBLOCK; what cannot be outlined either, or
would take a loop with it, refuses the whole region.
"""

from __future__ import annotations

import ast
import dis
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

from zexus import bytecode, ops
from zexus.bytecode import Code, Instruction, Position
from zexus.codes import Unsupported
from zexus.frontend import outline
from zexus.frontend.scopes import assigned_around, counts_callers, guarded
from zexus.frontend.sites import LoopSite, Scope

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "ADD", ast.Sub: "SUB", ast.Mult: "MUL", ast.Div: "TRUEDIV", ast.FloorDiv: "FLOORDIV", ast.Mod: "MOD",
    ast.Pow: "POW", ast.LShift: "LSHIFT", ast.RShift: "RSHIFT", ast.BitAnd: "AND", ast.BitOr: "OR",
    ast.BitXor: "XOR", ast.MatMult: "MATMUL",
}
UNARY: dict[type[ast.unaryop], str] = {ast.USub: "NEG", ast.UAdd: "POS", ast.Invert: "INVERT", ast.Not: "NOT"}
COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "LT", ast.LtE: "LE", ast.Eq: "EQ", ast.NotEq: "NE", ast.Gt: "GT", ast.GtE: "GE", ast.Is: "IS",
    ast.IsNot: "IS_NOT", ast.In: "IN", ast.NotIn: "NOT_IN",
}
BOOL_COMPARE = (ast.Is, ast.IsNot, ast.In, ast.NotIn)

CURSOR = ".it"
SIGNAL = ".signal"
VALUE = ".value"


@cache
def blames_loops() -> bool:
    """Whether this interpreter blames the whole `for` statement, not the expression, for what cannot be iterated."""
    code = compile("for a in b:\n    a", "", "exec")
    return any(i.opname == "GET_ITER" and i.positions is not None and i.positions.end_lineno == 2
               for i in dis.get_instructions(code))


MAX_FOLDED_BITS = 128


def folded(node: ast.expr) -> int | float | None:
    """The number that an expression of literals makes, as CPython folds it; None when it is no such expression."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) in (int, float) else None  # type: ignore[return-value]
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        operand = folded(node.operand)
        return None if operand is None else _computed(UNARY[type(node.op)], operand)
    if not isinstance(node, ast.BinOp):
        return None
    left = folded(node.left)
    right = folded(node.right) if left is not None else None
    if left is None or right is None:
        return None
    if isinstance(node.op, (ast.Pow, ast.LShift)) and abs(right) > MAX_FOLDED_BITS:
        return None
    return _computed(BINARY[type(node.op)], left, right)


def _computed(name: str, *operands: int | float) -> int | float | None:
    meaning = ops.OPS[name].meaning
    assert meaning is not None
    try:
        made = meaning(*operands)
    except (ArithmeticError, TypeError, ValueError):
        return None
    if type(made) is int:
        return made if made.bit_length() <= MAX_FOLDED_BITS else None
    return made if type(made) is float else None


class Label:
    """A jump target that is not yet known."""

    __slots__ = ("index",)

    def __init__(self) -> None:
        self.index = -1


class Lowering:
    """One lowering in progress: the instructions so far and the names in sight.

    Args:
        scope: where the names stand.
        code: what is being filled; its `locals` are set at the end.
        params: names of the locals that the caller sets, in order.
        unsure: those of them that may be unbound.
        assigned: in a module, the names that count as locals (the others are globals).
        forced: statements to outline although they could be lowered, by (line, column).
    """

    def __init__(self, scope: Scope, code: Code, params: Sequence[str], unsure: frozenset[str],
                 assigned: frozenset[str] | None, forced: frozenset[tuple[int, int]]) -> None:
        self.scope = scope
        self.code = code
        self.locals: dict[str, int] = {name: i for i, name in enumerate(params)}
        self.bound = set(params) - unsure
        self.assigned = assigned
        self.forced = forced
        self.captured: dict[str, int] = {name: i for i, name in enumerate(code.captured)}
        self.loops: list[tuple[Label, Label, bool]] = []
        self.renamed: dict[str, str] = {}
        self.position: Position | None = None
        self.statement = (0, 0)
        self.frame: tuple[str, Position] | None = None
        self.fresh = 0

    # --- emission ---------------------------------------------------------------------------------

    def emit(self, op: str, arg: Any = None) -> None:
        self.code.instructions.append(Instruction(op, arg, self.position, self.statement))

    def place(self, label: Label) -> None:
        label.index = len(self.code.instructions)

    def at(self, node: ast.AST) -> None:
        line = getattr(node, "lineno", None)
        if line is None:
            return
        self.position = Position(line, node.end_lineno or line, node.col_offset,  # type: ignore[attr-defined]
                                 node.end_col_offset or 0, self.frame)  # type: ignore[attr-defined]

    def const(self, value: Any) -> None:
        for index, known in enumerate(self.code.consts):
            if type(known) is type(value) and repr(known) == repr(value):
                self.emit("LOAD_CONST", index)
                return
        self.code.consts.append(value)
        self.emit("LOAD_CONST", len(self.code.consts) - 1)

    def local(self, name: str) -> int:
        return self.locals.setdefault(name, len(self.locals))

    def hidden(self) -> str:
        self.fresh += 1
        return f".{self.fresh}"

    def finish(self) -> Code:
        """Resolve the labels and check the result."""
        for instruction in self.code.instructions:
            if isinstance(instruction.arg, Label):
                instruction.arg = instruction.arg.index
            elif instruction.op == "SWITCH":
                instruction.arg = tuple(label.index for label in instruction.arg)
        for loop in self.code.loops:
            loop.head, loop.done, loop.end = loop.head.index, loop.done.index, loop.end.index
        self.code.locals = tuple(self.locals)
        bytecode.verify(self.code)
        return self.code

    # --- names ------------------------------------------------------------------------------------

    def is_local(self, name: str) -> bool:
        if self.scope.is_module:
            return self.assigned is not None and name in self.assigned
        return name in self.scope.locals

    def load(self, name: str, node: ast.AST) -> None:
        if name in self.renamed:
            self.emit("LOAD_LOCAL", self.local(self.renamed[name]))
            return
        if self.is_local(name):
            self.emit("LOAD_LOCAL", self.local(name))
            if name not in self.bound:
                self.emit("CHECK_BOUND", name)
            return
        if name in self.scope.cells or name in self.scope.free:
            if name not in self.captured:
                if self.code.region or name in self.scope.cells:
                    raise Unsupported("ZX015", node, f"{name!r} is captured by a nested function")
                self.captured[name] = len(self.captured)
                self.code.captured = tuple(self.captured)
            self.emit("LOAD_CELL", self.captured[name])
            return
        self.emit("LOAD_GLOBAL", name)

    def store(self, name: str, node: ast.AST) -> None:
        if name in self.renamed:
            self.emit("STORE_LOCAL", self.local(self.renamed[name]))
            return
        if not self.is_local(name):
            raise Unsupported("ZX019", node, f"assignment to {name!r}, which is no local variable")
        self.emit("STORE_LOCAL", self.local(name))
        self.bound.add(name)

    # --- statements -------------------------------------------------------------------------------

    def body(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            self.one(statement)

    def one(self, node: ast.stmt) -> None:
        """Lower a statement, or outline it when it has no opcodes."""
        outer, self.statement = self.statement, (node.lineno, node.col_offset)
        self.at(node)
        start, bound = len(self.code.instructions), set(self.bound)
        locals_before, loops, inner = dict(self.locals), len(self.loops), len(self.code.loops)
        try:
            if self.statement in self.forced:
                raise Unsupported("ZX018", node)
            method = getattr(self, "stmt_" + type(node).__name__, None)
            if method is None:
                raise Unsupported("ZX019", node, type(node).__name__.lower())
            method(node)
        except Unsupported as refusal:
            if any(isinstance(inner, (ast.For, ast.While, ast.AsyncFor)) for inner in ast.walk(node)):
                raise
            del self.code.instructions[start:]
            del self.loops[loops:]
            del self.code.loops[inner:]
            self.locals, self.bound = locals_before, bound
            self.at(node)
            self.outlined(node, refusal)
        self.statement = outer

    def outlined(self, node: ast.stmt, refusal: Unsupported) -> None:
        """PYBLOCK, its results stored, and control sent where its signal says."""
        if self.renamed:
            raise refusal
        made = outline.outline(self.scope, [node], self.assigned)
        if self.scope.is_module:
            params = tuple(n for n in made.params if self.is_local(n))
            results = tuple(n for n in made.results if self.is_local(n))
            stray = set(made.results) - set(results)
            if stray:
                raise refusal
        else:
            params, results = made.params, made.results
        for name in (*params, *results):
            self.local(name)
        for name in made.free:
            if name not in self.captured:
                if self.code.region or name in self.scope.cells:
                    raise refusal
                self.captured[name] = len(self.captured)
                self.code.captured = tuple(self.captured)
        self.code.blocks.append(bytecode.Block(params, results, made.free, made, node.lineno))
        self.emit("PYBLOCK", len(self.code.blocks) - 1)
        self.emit("UNPACK", 2 + len(results))
        self.emit("STORE_LOCAL", self.local(SIGNAL))
        self.emit("STORE_LOCAL", self.local(VALUE))
        for name in results:
            self.emit("STORE_LOCAL", self.local(name))
        self.bound -= set(results)
        jumps = [n for n in ast.walk(node) if isinstance(n, (ast.Break, ast.Continue, ast.Return))]
        if not jumps:
            return
        fall, leave, again, back = Label(), Label(), Label(), Label()
        self.emit("LOAD_LOCAL", self.local(SIGNAL))
        self.emit("SWITCH", (fall, leave, again, back))
        self.place(leave)
        if self.loops:
            self.jump_out(0)
        else:
            self.emit("JUMP", fall)
        self.place(again)
        if self.loops:
            self.emit("JUMP", self.loops[-1][1])
        else:
            self.emit("JUMP", fall)
        self.place(back)
        self.emit("LOAD_LOCAL", self.local(VALUE))
        self.emit("RETURN")
        self.place(fall)

    def jump_out(self, _: int) -> None:
        end, _again, has_cursor = self.loops[-1]
        if has_cursor:
            self.emit("POP")
        self.emit("JUMP", end)

    def stmt_Pass(self, node: ast.Pass) -> None:
        pass

    def stmt_Global(self, node: ast.Global) -> None:
        pass

    def stmt_Nonlocal(self, node: ast.Nonlocal) -> None:
        pass

    def stmt_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return
        self.expr(node.value)
        self.emit("POP")

    def stmt_Assign(self, node: ast.Assign) -> None:
        first = node.targets[0]
        if (len(node.targets) == 1 and isinstance(first, ast.Tuple) and isinstance(node.value, ast.Tuple)
                and len(first.elts) == len(node.value.elts)
                and not any(isinstance(e, ast.Starred) for e in (*first.elts, *node.value.elts))):
            self.parallel(first.elts, node.value.elts)
            return
        self.expr(node.value)
        for target in node.targets[:-1]:
            self.emit("COPY", 1)
            self.assign(target)
        self.assign(node.targets[-1])

    def parallel(self, targets: Sequence[ast.expr], values: Sequence[ast.expr]) -> None:
        """`a, b = x, y` without a tuple: all values first, then the targets from left to right."""
        names = [self.hidden() for _ in values]
        for name, value in zip(names, values, strict=True):
            self.expr(value)
            self.emit("STORE_LOCAL", self.local(name))
        for name, target in zip(names, targets, strict=True):
            self.emit("LOAD_LOCAL", self.local(name))
            self.assign(target)

    def stmt_AnnAssign(self, node: ast.AnnAssign) -> None:
        if not isinstance(node.target, ast.Name) or self.scope.is_module:
            raise Unsupported("ZX019", node, "annotation")
        if node.value is not None:
            self.expr(node.value)
            self.assign(node.target)

    def stmt_AugAssign(self, node: ast.AugAssign) -> None:
        operator = "I" + BINARY[type(node.op)]
        target = node.target
        if isinstance(target, ast.Name):
            self.at(target)
            self.load(target.id, target)
            self.expr(node.value)
            self.at(node)
            self.emit(operator)
            self.store(target.id, target)
            return
        if isinstance(target, ast.Subscript):
            self.expr(target.value)
            self.subscript_index(target.slice)
            self.at(target)
            self.emit("COPY", 2)
            self.emit("COPY", 2)
            self.emit("GETITEM")
            self.expr(node.value)
            self.at(node)
            self.emit(operator)
            self.emit("SWAP", 3)
            self.emit("SWAP", 2)
            self.at(target)
            self.emit("STORE_ITEM")
            return
        raise Unsupported("ZX019", node, "assignment to an attribute")

    def assign(self, target: ast.expr) -> None:
        """Store the value on top of the stack."""
        self.at(target)
        if isinstance(target, ast.Name):
            self.store(target.id, target)
            return
        if isinstance(target, (ast.Tuple, ast.List)):
            if any(isinstance(e, ast.Starred) for e in target.elts):
                raise Unsupported("ZX019", target, "starred assignment")
            self.emit("UNPACK", len(target.elts))
            for element in target.elts:
                self.assign(element)
            return
        if isinstance(target, ast.Subscript):
            self.expr(target.value)
            self.subscript_index(target.slice)
            self.at(target)
            self.emit("STORE_ITEM")
            return
        raise Unsupported("ZX019", target, "assignment to an attribute")

    def stmt_If(self, node: ast.If) -> None:
        then, other, end = Label(), Label(), Label()
        self.condition(node.test, then, other)
        before = set(self.bound)
        self.place(then)
        self.body(node.body)
        after_then, self.bound = self.bound, before
        if node.orelse:
            self.emit("JUMP", end)
            self.place(other)
            self.body(node.orelse)
            self.place(end)
        else:
            self.place(other)
            self.place(end)
        ends = isinstance(node.body[-1], (ast.Break, ast.Continue, ast.Return, ast.Raise))
        if not ends:
            self.bound &= after_then

    def stmt_While(self, node: ast.While) -> None:
        head, inside, done, end = Label(), Label(), Label(), Label()
        self.code.loops.append(bytecode.InnerLoop(self.statement, head, done, end, False))
        self.place(head)
        self.condition(node.test, inside, done)
        before = set(self.bound)
        self.place(inside)
        self.loops.append((end, head, False))
        self.body(node.body)
        self.loops.pop()
        self.at(node)
        self.emit("JUMP", head)
        self.bound = before
        self.place(done)
        self.body(node.orelse)
        self.place(end)
        self.bound = before

    def stmt_For(self, node: ast.For) -> None:
        self.expr(node.iter)
        self.at(node if blames_loops() else node.iter)
        self.emit("ITER")
        head, done, end = Label(), Label(), Label()
        self.code.loops.append(bytecode.InnerLoop(self.statement, head, done, end, True))
        before = set(self.bound)
        self.place(head)
        self.at(node.iter)
        self.emit("FOR_ITER", done)
        self.assign(node.target)
        self.loops.append((end, head, True))
        self.body(node.body)
        self.loops.pop()
        self.at(node)
        self.emit("JUMP", head)
        self.bound = before
        self.place(done)
        self.body(node.orelse)
        self.place(end)
        self.bound = set(before)

    def stmt_Break(self, node: ast.Break) -> None:
        self.jump_out(0)

    def stmt_Continue(self, node: ast.Continue) -> None:
        self.emit("JUMP", self.loops[-1][1])

    def stmt_Return(self, node: ast.Return) -> None:
        if node.value is None:
            self.const(None)
        else:
            self.expr(node.value)
        self.at(node)
        self.emit("RETURN")

    # --- conditions -------------------------------------------------------------------------------

    def condition(self, node: ast.expr, if_true: Label, if_false: Label) -> None:
        """Jump to one of the labels; control never falls through."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.condition(node.operand, if_false, if_true)
            return
        if isinstance(node, ast.BoolOp):
            for value in node.values[:-1]:
                following = Label()
                if isinstance(node.op, ast.And):
                    self.condition(value, following, if_false)
                else:
                    self.condition(value, if_true, following)
                self.place(following)
            self.condition(node.values[-1], if_true, if_false)
            return
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            self.chain(node, if_true, if_false)
            return
        if isinstance(node, ast.Constant):
            self.emit("JUMP", if_true if node.value else if_false)
            return
        self.expr(node)
        self.at(node)
        if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], BOOL_COMPARE)):
            self.emit("TRUTH")
        self.emit("JUMP_IF_FALSE", if_false)
        self.emit("JUMP", if_true)

    def chain(self, node: ast.Compare, if_true: Label, if_false: Label) -> None:
        """`a < b < c` as jumps; every operand is evaluated once."""
        self.expr(node.left)
        name = self.hidden()
        for operator, right in zip(node.ops[:-1], node.comparators[:-1], strict=True):
            self.expr(right)
            self.emit("COPY", 1)
            self.emit("STORE_LOCAL", self.local(name))
            self.at(node)
            self.emit(COMPARE[type(operator)])
            self.emit("TRUTH")
            self.emit("JUMP_IF_FALSE", if_false)
            self.emit("LOAD_LOCAL", self.local(name))
        self.expr(node.comparators[-1])
        self.at(node)
        self.emit(COMPARE[type(node.ops[-1])])
        self.emit("TRUTH")
        self.emit("JUMP_IF_FALSE", if_false)
        self.emit("JUMP", if_true)

    # --- expressions: each leaves one value on the stack ---------------------------------------------

    def expr(self, node: ast.expr) -> None:
        method = getattr(self, "expr_" + type(node).__name__, None)
        if method is None:
            raise Unsupported("ZX019", node, type(node).__name__)
        self.at(node)
        method(node)

    def expr_Constant(self, node: ast.Constant) -> None:
        self.const(node.value)

    def expr_Name(self, node: ast.Name) -> None:
        self.load(node.id, node)

    def expr_BinOp(self, node: ast.BinOp) -> None:
        number = folded(node)
        if number is not None:
            self.const(number)
            return
        self.expr(node.left)
        self.expr(node.right)
        self.at(node)
        self.emit(BINARY[type(node.op)])

    def expr_UnaryOp(self, node: ast.UnaryOp) -> None:
        number = folded(node)
        if number is not None:
            self.const(number)
            return
        self.expr(node.operand)
        self.at(node)
        self.emit(UNARY[type(node.op)])

    def expr_BoolOp(self, node: ast.BoolOp) -> None:
        end = Label()
        jump = "JUMP_IF_FALSE" if isinstance(node.op, ast.And) else "JUMP_IF_TRUE"
        for value in node.values[:-1]:
            self.expr(value)
            self.emit("COPY", 1)
            self.emit("TRUTH")
            self.emit(jump, end)
            self.emit("POP")
        self.expr(node.values[-1])
        self.place(end)

    def expr_Compare(self, node: ast.Compare) -> None:
        if len(node.ops) == 1:
            self.expr(node.left)
            self.expr(node.comparators[0])
            self.at(node)
            self.emit(COMPARE[type(node.ops[0])])
            return
        self.expr(node.left)
        end = Label()
        for position, (operator, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
            self.expr(right)
            self.at(node)
            if position == len(node.ops) - 1:
                self.emit(COMPARE[type(operator)])
                break
            name = self.hidden()
            self.emit("COPY", 1)
            self.emit("STORE_LOCAL", self.local(name))
            self.emit(COMPARE[type(operator)])
            self.emit("COPY", 1)
            self.emit("TRUTH")
            self.emit("JUMP_IF_FALSE", end)
            self.emit("POP")
            self.emit("LOAD_LOCAL", self.local(name))
        self.place(end)

    def expr_IfExp(self, node: ast.IfExp) -> None:
        then, other, end = Label(), Label(), Label()
        self.condition(node.test, then, other)
        self.place(then)
        self.expr(node.body)
        self.emit("JUMP", end)
        self.place(other)
        self.expr(node.orelse)
        self.place(end)

    def expr_NamedExpr(self, node: ast.NamedExpr) -> None:
        if self.renamed:
            raise Unsupported("ZX019", node, "assignment expression in a comprehension")
        self.expr(node.value)
        self.emit("COPY", 1)
        self.assign(node.target)

    def expr_Subscript(self, node: ast.Subscript) -> None:
        self.expr(node.value)
        self.subscript_index(node.slice)
        self.at(node)
        self.emit("GETITEM")

    def subscript_index(self, node: ast.expr) -> None:
        if any(isinstance(part, ast.Slice) for part in (node, *getattr(node, "elts", ()))):
            raise Unsupported("ZX019", node, "slice")
        self.expr(node)

    def expr_Attribute(self, node: ast.Attribute) -> None:
        if node.attr.startswith("__"):
            raise Unsupported("ZX019", node, "special attribute")
        self.expr(node.value)
        self.at(node)
        self.emit("GETATTR", node.attr)

    def expr_Call(self, node: ast.Call) -> None:
        if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            raise Unsupported("ZX022", node, "keyword or starred arguments")
        if counts_callers(node):
            raise Unsupported("ZX013", node, "the frames of callers are counted")
        self.expr(node.func)
        for argument in node.args:
            self.expr(argument)
        self.at(node)
        self.emit("CALL", len(node.args))

    def expr_List(self, node: ast.List) -> None:
        self.sequence(node, "BUILD_LIST")

    def expr_Tuple(self, node: ast.Tuple) -> None:
        self.sequence(node, "BUILD_TUPLE")

    def sequence(self, node: ast.List | ast.Tuple, op: str) -> None:
        if any(isinstance(e, ast.Starred) for e in node.elts):
            raise Unsupported("ZX019", node, "starred element")
        for element in node.elts:
            self.expr(element)
        self.at(node)
        self.emit(op, len(node.elts))

    def expr_ListComp(self, node: ast.ListComp) -> None:
        if len(node.generators) != 1 or node.generators[0].is_async:
            raise Unsupported("ZX019", node, "comprehension with several loops")
        generator = node.generators[0]
        self.expr(generator.iter)
        self.at(generator.iter)
        self.emit("ITER")
        self.at(node)
        outer_frame, outer_names = self.frame, dict(self.renamed)
        assert self.position is not None
        if sys.version_info < (3, 12):
            self.frame = ("<listcomp>", self.position)
        target = self.hidden()
        self.emit("BUILD_LIST", 0)
        self.emit("STORE_LOCAL", self.local(target))
        for name in ast.walk(generator.target):
            if isinstance(name, ast.Name):
                self.renamed[name.id] = f"{target}.{name.id}"
                self.bound.add(f"{target}.{name.id}")
        head, done = Label(), Label()
        self.place(head)
        self.at(generator.iter)
        self.emit("FOR_ITER", done)
        self.assign(generator.target)
        for test in generator.ifs:
            inside = Label()
            self.condition(test, inside, head)
            self.place(inside)
        self.emit("LOAD_LOCAL", self.local(target))
        self.expr(node.elt)
        self.at(node)
        self.emit("LIST_ADD")
        self.emit("JUMP", head)
        self.place(done)
        self.frame, self.renamed = outer_frame, outer_names
        self.at(node)
        self.emit("LOAD_LOCAL", self.local(target))


def lower_loop(site: LoopSite, namespace: dict[str, Any],
               forced: frozenset[tuple[int, int]] = frozenset()) -> Code:
    """Lower a loop to a region.

    Its first local is the cursor (unused by `while`), then come `site.params`.

    Raises:
        Unsupported: the loop, or a statement that can be neither lowered nor outlined.
    """
    if site.refusal is not None:
        raise site.refusal
    scope = site.scope
    code = Code(scope.name, scope.qualname, scope.filename, getattr(scope.node, "lineno", 1), (), 1 + len(site.params),
                results=site.results, captured=site.captured, region=True, is_module=scope.is_module,
                namespace=namespace)
    assigned = frozenset(site.results) | assigned_around(site) if scope.is_module else None
    code.shared = tuple(sorted(assigned or ()))
    code.kept = site.results if guarded(site) else ()
    lowering = Lowering(scope, code, (CURSOR, *site.params), site.unsure, assigned, forced)
    for name in (*site.results, *code.shared):
        lowering.local(name)
    node = site.node
    assert isinstance(node, (ast.For, ast.While))
    lowering.statement = (node.lineno, node.col_offset)
    lowering.at(node)
    head, inside, done, end = Label(), Label(), Label(), Label()
    if isinstance(node, ast.For):
        lowering.emit("LOAD_LOCAL", 0)
        lowering.place(head)
        lowering.at(node.iter)
        lowering.emit("FOR_ITER", done)
        lowering.assign(node.target)
    else:
        lowering.place(head)
        lowering.condition(node.test, inside, done)
        lowering.place(inside)
    lowering.loops.append((end, head, isinstance(node, ast.For)))
    lowering.body(node.body)
    lowering.loops.pop()
    lowering.at(node)
    lowering.emit("JUMP", head)
    lowering.place(done)
    lowering.emit("LEAVE", 0)
    lowering.place(end)
    lowering.emit("LEAVE", 1)
    return lowering.finish()


def lower_function(scope: Scope, first_line: int, namespace: dict[str, Any],
                   forced: frozenset[tuple[int, int]] = frozenset()) -> Code:
    """Lower a whole function: its locals begin with its parameters, it ends by RETURN.

    Raises:
        Unsupported: the function has other than plain positional parameters, is a generator, or holds
            something that can be neither lowered nor outlined.
    """
    node = scope.node
    if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
        raise Unsupported("ZX022", node, "only plain functions are inlined")
    spec = node.args
    if spec.vararg or spec.kwarg or spec.kwonlyargs:
        raise Unsupported("ZX022", node, "a callee with starred or keyword-only parameters")
    params = tuple(a.arg for a in (*spec.posonlyargs, *spec.args))
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Yield, ast.YieldFrom, ast.Await)):
            raise Unsupported("ZX012", inner)
    if scope.cells & set(params):
        raise Unsupported("ZX015", node, "a parameter is captured by a nested function")
    code = Code(scope.name, scope.qualname, scope.filename, first_line, (), len(params), namespace=namespace)
    lowering = Lowering(scope, code, params, frozenset(), None, forced)
    if isinstance(node, ast.Lambda):
        lowering.at(node.body)
        lowering.expr(node.body)
        lowering.emit("RETURN")
        return lowering.finish()
    lowering.body(node.body)
    lowering.const(None)
    lowering.emit("RETURN")
    return lowering.finish()
