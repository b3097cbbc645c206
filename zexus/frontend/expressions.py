"""Expressions as stack code: each leaves one value on the stack, a condition jumps."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from zexus import ops
from zexus.codes import Unsupported
from zexus.frontend.emission import Emission, Label
from zexus.frontend.given import Given
from zexus.frontend.refusals import frame_needed, is_super, is_super_of
from zexus.frontend.sites import blamed_for_test

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

MAX_FOLDED_BITS = 128
# What is read under special names as any attribute is: of exceptions, of objects, and of classes.
_OF_EXCEPTIONS = frozenset(("__context__", "__traceback__"))
_OF_CLASSES = frozenset(("__class__", "__name__", "__qualname__", "__setattr__"))


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


class Expressions(Emission):
    """Conditions and expressions."""

    @contextmanager
    def perhaps(self) -> Iterator[None]:
        """What is evaluated here need not be: names that it assigns may have no value behind it."""
        before = set(self.bound)
        yield
        self.bound &= before

    # --- conditions -------------------------------------------------------------------------------

    def condition(self, node: ast.expr, if_true: Label, if_false: Label, holder: ast.AST) -> None:
        """Jump to one of the labels, by a test that `holder` holds; control never falls through."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.condition(node.operand, if_false, if_true, holder)
            return
        if isinstance(node, ast.BoolOp):
            first, *others = node.values
            following = self.leading(first, node.op, if_true, if_false, holder)
            with self.perhaps():
                for value in others[:-1]:
                    self.place(following)
                    following = self.leading(value, node.op, if_true, if_false, holder)
                self.place(following)
                self.condition(others[-1], if_true, if_false, holder)
            return
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            self.chain(node, if_true, if_false)
            return
        if isinstance(node, ast.Constant):
            self.emit("JUMP", if_true if node.value else if_false)
            return
        self.expr(node)
        self.at(node if isinstance(node, ast.Compare) else blamed_for_test(node, holder))
        if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], BOOL_COMPARE)):
            self.emit("TRUTH")
        self.emit("JUMP_IF_FALSE", if_false)
        self.emit("JUMP", if_true)

    def leading(self, node: ast.expr, operator: ast.boolop, if_true: Label, if_false: Label, holder: ast.AST) -> Label:
        """A condition that is followed by others; where it does not decide, control goes to the label answered."""
        following = Label()
        if isinstance(operator, ast.And):
            self.condition(node, following, if_false, holder)
        else:
            self.condition(node, if_true, following, holder)
        return following

    def chain(self, node: ast.Compare, if_true: Label, if_false: Label) -> None:
        """`a < b < c` as jumps; every operand is evaluated once."""
        self.expr(node.left)
        name = self.hidden()
        self.expr(node.comparators[0])
        with self.perhaps():
            for operator, right in zip(node.ops[:-1], node.comparators[1:], strict=True):
                self.emit("COPY", 1)
                self.emit("STORE_LOCAL", self.local(name))
                self.at(node)
                self.emit(COMPARE[type(operator)])
                self.emit("TRUTH")
                self.emit("JUMP_IF_FALSE", if_false)
                self.emit("LOAD_LOCAL", self.local(name))
                self.compared(node, right)
        self.at(node)
        self.emit(COMPARE[type(node.ops[-1])])
        self.emit("TRUTH")
        self.emit("JUMP_IF_FALSE", if_false)
        self.emit("JUMP", if_true)

    # --- expressions: each leaves one value on the stack ---------------------------------------------

    def expr(self, node: ast.expr) -> None:
        method = getattr(self, "expr_" + type(node).__name__, None)
        if method is None:
            self.unknown(node)
        self.at(node)
        method(node)

    def unknown(self, node: ast.expr) -> NoReturn:
        raise Unsupported("ZX019", node, type(node).__name__)

    def expr_Constant(self, node: ast.Constant) -> None:
        self.const(node.value)

    def expr_Given(self, node: Given) -> None:
        self.constant(node.object)

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
        first, *others = node.values
        self.expr(first)
        with self.perhaps():
            for value in others:
                self.emit("COPY", 1)
                self.emit("TRUTH")
                self.emit(jump, end)
                self.emit("POP")
                self.expr(value)
        self.place(end)

    def expr_Compare(self, node: ast.Compare) -> None:
        if len(node.ops) == 1:
            self.expr(node.left)
            self.operand(node.ops[0], node.comparators[0])
            self.at(node)
            self.emit(COMPARE[type(node.ops[0])])
            return
        self.expr(node.left)
        end = Label()
        self.expr(node.comparators[0])
        with self.perhaps():
            for operator, right in zip(node.ops[:-1], node.comparators[1:], strict=True):
                self.at(node)
                name = self.hidden()
                self.emit("COPY", 1)
                self.emit("STORE_LOCAL", self.local(name))
                self.emit(COMPARE[type(operator)])
                self.emit("COPY", 1)
                self.emit("TRUTH")
                self.emit("JUMP_IF_FALSE", end)
                self.emit("POP")
                self.emit("LOAD_LOCAL", self.local(name))
                self.compared(node, right)
        self.at(node)
        self.emit(COMPARE[type(node.ops[-1])])
        self.place(end)

    def compared(self, node: ast.Compare, right: ast.expr) -> None:
        """An operand of a chain of comparisons, behind the first two."""
        if right is node.comparators[-1]:
            self.operand(node.ops[-1], right)
        else:
            self.expr(right)

    def operand(self, operator: ast.cmpop, node: ast.expr) -> None:
        """The last operand of comparisons; a list or set that is only looked through is a constant, as in CPython."""
        items = getattr(node, "elts", [])
        if not isinstance(operator, (ast.In, ast.NotIn)) or any(isinstance(item, ast.Starred) for item in items):
            self.expr(node)
        elif isinstance(node, ast.List):
            self.expr(ast.copy_location(ast.Tuple(items, ast.Load()), node))
        elif isinstance(node, ast.Set) and all(isinstance(item, ast.Constant) for item in items):
            self.const(frozenset(item.value for item in items))
        else:
            self.expr(node)

    def expr_IfExp(self, node: ast.IfExp) -> None:
        then, other, end = Label(), Label(), Label()
        self.condition(node.test, then, other, node)
        self.place(then)
        with self.perhaps():
            self.expr(node.body)
        self.emit("JUMP", end)
        self.place(other)
        with self.perhaps():
            self.expr(node.orelse)
        self.place(end)

    def expr_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.expr(node.value)
        self.emit("COPY", 1)
        self.assign(node.target)

    def expr_Subscript(self, node: ast.Subscript) -> None:
        self.expr(node.value)
        self.expr(node.slice)
        self.at(node)
        self.emit("GETITEM")

    def subscript_index(self, node: ast.expr) -> None:
        """An index that is assigned to, or both read and assigned to."""
        if any(isinstance(part, ast.Slice) for part in (node, *getattr(node, "elts", ()))):
            raise Unsupported("ZX019", node, "assignment to a slice")
        self.expr(node)

    def expr_Slice(self, node: ast.Slice) -> None:
        for part in (node.lower, node.upper, node.step):
            if part is None:
                self.const(None)
            else:
                self.expr(part)
        self.at(node)
        self.emit("BUILD_SLICE")

    def expr_Attribute(self, node: ast.Attribute) -> None:
        if is_super(node.value) and not self.code.region and self.is_builtin("super") and self.has_owner():
            self.super_object(node.value)
            self.at(node)
        elif is_super_of(node.value) and self.is_builtin("super"):
            self.super_of(node.value)
            self.at(node)
        else:
            self.attribute_owner(node)
        self.emit("GETATTR", node.attr)

    def has_owner(self) -> bool:
        """Whether the function has a first parameter, of which `super` makes use."""
        node = self.scope.node
        return isinstance(node, (ast.FunctionDef, ast.Lambda)) and bool(node.args.posonlyargs or node.args.args)

    def super_object(self, node: ast.expr) -> None:
        """`super()`, which looks at its function's class and first parameter."""
        self.load("super", node)
        self.load("__class__", node)
        self.load(next(iter(self.locals)), node)
        self.at(node)
        self.emit("CALL", 2)

    def super_of(self, node: ast.Call) -> None:
        """`super(C, self)`."""
        self.load("super", node)
        for argument in node.args:
            self.expr(argument)
        self.at(node)
        self.emit("CALL", len(node.args))

    def attribute_owner(self, node: ast.Attribute) -> None:
        """The object whose attribute is read or assigned."""
        hidden = isinstance(node.value, ast.Name) and node.value.id.startswith(".")
        plain = node.attr in _OF_EXCEPTIONS or (node.attr in _OF_CLASSES and isinstance(node.ctx, ast.Load))
        if node.attr.startswith("__") and not plain and not hidden:
            raise Unsupported("ZX019", node, "special attribute")
        self.expr(node.value)
        self.at(node)

    def expr_Call(self, node: ast.Call) -> None:
        given = [part for argument in node.args for part in self.arguments(argument, "")]
        given += [part for keyword in node.keywords for part in self.arguments(keyword.value, keyword.arg)]
        keywords = tuple(name for name, _ in given if name)
        if len(set(keywords)) < len(keywords):
            raise Unsupported("ZX022", node, "a keyword that is given twice")
        needed = frame_needed(node)
        if needed is not None:
            raise Unsupported("ZX013", node, needed)
        self.expr(node.func)
        for _, argument in given:
            self.expr(argument)
        self.at(node)
        if keywords:
            self.emit("CALL_KEYWORD", (len(given), keywords))
        else:
            self.emit("CALL", len(given))

    def arguments(self, node: ast.expr, keyword: str | None) -> list[tuple[str, ast.expr]]:
        """What a call is given by one of its arguments, with the keyword: by one with stars what that has collected.

        Args:
            node: the argument.
            keyword: "" for none, None for two stars.
        """
        starred = isinstance(node, ast.Starred)
        if not starred and keyword is not None:
            return [(keyword, node)]
        inner = node.value if isinstance(node, ast.Starred) else node
        parts = self.spread.get(inner.id) if isinstance(inner, ast.Name) else None
        if parts is None or (parts and starred == bool(parts[0][0])):
            raise Unsupported("ZX022", node, "starred arguments")
        return [(name, ast.copy_location(ast.Name(hidden, ast.Load()), inner)) for name, hidden in parts]

    def expr_List(self, node: ast.List) -> None:
        self.sequence(node, "BUILD_LIST")

    def expr_Tuple(self, node: ast.Tuple) -> None:
        self.sequence(node, "BUILD_TUPLE")

    def sequence(self, node: ast.List | ast.Tuple | ast.Set, op: str) -> None:
        if any(isinstance(e, ast.Starred) for e in node.elts):
            raise Unsupported("ZX019", node, "starred element")
        for element in node.elts:
            self.expr(element)
        self.at(node)
        self.emit(op, len(node.elts))

    def assign(self, target: ast.expr) -> None:
        """Store the value on top of the stack."""
        raise NotImplementedError
