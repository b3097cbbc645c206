"""Loop sites: where a function's loops are, and which variables cross their borders."""

from __future__ import annotations

import ast
import dis
import sys
from dataclasses import field
from functools import cache
from typing import Literal

from zexus.bytecode import UNBOUND as UNBOUND
from zexus.codes import Unsupported
from zexus.frontend.tallies import Count
from zexus.records import dataclass

Kind = Literal["for", "while", "function"]


@dataclass(frozen=True)
class Scope:
    """The namespace in which a function's (or module's) loops stand.

    Attributes:
        name: `__name__` of the function, or "<module>".
        qualname: its qualified name.
        filename: the file named in its code object.
        owner: name of the class that privately mangles names (`__x`), or None.
        node: the FunctionDef, Lambda or Module.
        locals: names that are fast locals; in a module the names that its body assigns.
            A name captured only by list, set or dict comprehensions counts as a fast local.
        cells: local names captured by nested functions, lambdas or generator expressions.
        free: names that come from enclosing functions.
        is_module: whether the locals live in the module's dictionary.
        counted: whether it counts itself.
        timed: whether the time in hooks of its loops is taken.
    """

    name: str
    qualname: str
    filename: str
    owner: str | None
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module
    locals: frozenset[str]
    cells: frozenset[str]
    free: frozenset[str]
    is_module: bool = False
    counted: bool = False
    timed: bool = False


@dataclass(frozen=True)
class LoopSite:
    """One loop statement (or a whole function) that may become a region.

    Attributes:
        index: its number in the function, in source order (preorder).
        kind: "for", "while", or "function" for a function entry.
        node: the statement; the FunctionDef or Lambda for kind "function".
        scope: where it stands.
        params: local names handed to the region, sorted: those that may be read before they are assigned. Of a module's
            names only those that the loop, or one around it, assigns; the others are read as globals.
        unsure: the subset of `params` that may be unbound when the loop starts (handed over as UNBOUND).
        results: local names handed back, sorted: assigned in the loop and needed behind it or by another
            entry. A result may come back as UNBOUND, which means: not assigned, leave it as it is.
        captured: names of cells and free variables that the loop reads, sorted. Their cell objects are
            handed over, as one tuple in this order.
        parent: index of the innermost enclosing site, or None.
        refusal: why this loop can never be a region, or None.
        spent: the time that was spent in its hook, ns, where that is taken.
    """

    index: int
    kind: Kind
    node: ast.For | ast.While | ast.FunctionDef | ast.Lambda
    scope: Scope
    params: tuple[str, ...]
    unsure: frozenset[str]
    results: tuple[str, ...]
    captured: tuple[str, ...]
    parent: int | None
    refusal: Unsupported | None = field(default=None, compare=False)
    spent: Count | None = field(default=None, compare=False)

    @property
    def first_line(self) -> int:
        return self.node.lineno

    @property
    def iterated(self) -> ast.AST:
        """The expression that a `for` loop goes over; of others the statement."""
        return self.node.iter if isinstance(self.node, ast.For) else self.node

    @property
    def makes_iterator(self) -> bool:
        """Whether the header makes an iterator over other things, if the names in it mean what they usually do."""
        if not isinstance(self.node, ast.For):
            return False
        given: ast.Assign | None = getattr(self.node.iter, "given", None)  # evaluated before the loop begins
        header = self.node.iter if given is None else given.value
        return isinstance(header, ast.Call) and isinstance(header.func, ast.Name) \
            and header.func.id in ("enumerate", "zip", "reversed")

    @property
    def is_beside_call(self) -> bool:
        """Whether a builtin does the same where it is not the turn of the loop."""
        return hasattr(self.node, "in_turn")

    @property
    def last_line(self) -> int:
        return self.node.end_lineno or self.node.lineno


def place_of(loop: ast.stmt | ast.expr) -> tuple[int, int, int]:
    """Where a loop stands: its line and column, and at which level of a comprehension that is written out."""
    return loop.lineno, loop.col_offset, getattr(loop, "level", 0)


def blamed_for_test(node: ast.AST, holder: ast.AST) -> ast.AST:
    """Where an error in the truth of a test stands: before 3.12 in the statement or expression that holds the test."""
    return node if sys.version_info >= (3, 12) else holder


@cache
def blames_loops() -> bool:
    """Whether this interpreter blames the whole `for` statement, not the expression, for what cannot be iterated."""
    code = compile("for a in b:\n    a", "", "exec")
    return any(i.opname == "GET_ITER" and i.positions is not None and i.positions.end_lineno == 2
               for i in dis.get_instructions(code))
