"""Counting: functions, classes and modules that count how often each of their statements is begun.

One counter serves a run of statements (`tallies`). In loops it is a local variable that no Python text can name, so
that it is a machine integer in native code; what it has counted goes into the tally behind the outermost loop, in a
`finally`. Elsewhere, and wherever the variables of a function can be looked at or the function may never end, it is an
attribute of an object. Everything that is added stands on the line of the statement it counts, and none of it raises.
"""

from __future__ import annotations

import ast
import copy
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from typing import Any

from zexus import parsing
from zexus.frontend.given import given
from zexus.frontend.scopes import FUNCTIONS, FunctionNode, function_nodes, own_nodes
from zexus.frontend.tallies import (
    Count,
    Counted,
    CountedBranch,
    CountedLoop,
    Following,
    Otherwise,
    Statement,
    Stopwatch,
    Tally,
)
from zexus.records import dataclass

_JUMPS = (ast.Break, ast.Continue)
_ENDS = (*_JUMPS, ast.Return, ast.Raise)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_GUARDS = (ast.Try, ast.TryStar, ast.With, ast.AsyncWith)
# CPython allows twenty blocks in each other, those that a handler takes included.
_DEEPEST = 12
_DECLARATIONS = (ast.Global, ast.Nonlocal)
_SUSPENDS = (ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith)
# Who names one of these may look at the variables of a frame.
_LOOKS = frozenset((
    "locals", "vars", "dir", "eval", "exec", "_getframe", "_current_frames", "currentframe", "stack", "trace",
    "getouterframes", "getinnerframes", "f_locals", "f_back", "tb_frame", "gi_frame", "settrace", "setprofile",
    "breakpoint", "set_trace",
))  # fmt: skip


_COUNTER, _BEGUN = ".count", ".count.begun"  # what the names of hidden variables begin with


def is_counter(name: str) -> bool:
    """Whether a variable is one of the profiler's, which is needed behind an exception."""
    return name.startswith(_COUNTER)


class Flushed(ast.Try):
    """A loop behind which counters go into the tally, however it is left."""


class Noted(ast.Try):
    """The statements of a function, with what notes the lines of exceptions that leave it."""


class Begin(ast.Assign):
    """Timing begins."""


class End(ast.If):
    """Timing ends. In native code that takes a function in, nothing is timed: no clock is read there."""


@dataclass(frozen=True)
class Timing:
    """What is timed: outermost loops, and functions that have any.

    Attributes:
        loop: makes what times a loop.
        call: makes what times calls.
        every: whether functions without loops are timed too.
    """

    loop: Callable[[], Stopwatch]
    call: Callable[[], Stopwatch]
    every: bool = False


def counted(node: Any, filename: str, qualname: str, timing: Timing | None = None) -> tuple[Any, list[Tally]]:
    """A copy of a function or module that counts itself, and what it counts: its own first, then of those inside.

    Args:
        node: a function or module, which is left as it is; what does not change is shared with it.
        filename: its file.
        qualname: its qualified name.
        timing: what is timed, if anything is.
    """
    tallies: list[Tally] = []
    if isinstance(node, ast.Lambda):
        return node, tallies
    return _definition(node, filename, qualname, f"{qualname}.<locals>.", tallies, timing), tallies


def _definition(node: Any, filename: str, qualname: str, prefix: str, tallies: list[Tally],
                timing: Timing | None) -> Any:
    kind = "module" if isinstance(node, ast.Module) else "class" if isinstance(node, ast.ClassDef) else "function"
    first = 1 if kind == "module" else _first_line(node)
    last = _last_line(node) if kind == "module" else node.end_lineno
    tally = Tally(filename, qualname, first, getattr(node, "lineno", 1), last, kind)
    tallies.append(tally)
    made = copy.copy(node)
    made.body = _Body(node, tally, prefix if kind != "module" else "", tallies, timing).made()
    return made


def _last_line(node: ast.Module) -> int:
    return max((statement.end_lineno or 1 for statement in node.body), default=1)


def _first_line(node: Any) -> int:
    decorators = getattr(node, "decorator_list", None)
    return int(decorators[0].lineno if decorators else node.lineno)


def _looks(node: FunctionNode) -> bool:
    """Whether a function may look at the variables of frames, or names that are built."""
    for part in function_nodes(node.body):  # type: ignore[arg-type]
        name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
        if name in _LOOKS:
            return True
    return False


def _is_bare(node: ast.AST) -> bool:
    """Whether this is a `raise` that goes on with the exception that is being handled."""
    return isinstance(node, ast.Raise) and node.exc is None


def _raises_again(nodes: Iterable[ast.AST]) -> bool:
    """Whether there is a bare `raise` outside of all handlers: its traceback is that of another frame."""
    for node in nodes:
        if _is_bare(node):
            return True
        if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.expr)):
            continue
        inner = ast.iter_child_nodes(node)
        if _raises_again(child for child in inner if not isinstance(child, ast.ExceptHandler)):
            return True
    return False


def _is_plain(node: Any) -> bool:
    """Whether a function runs to its end once it has begun, and nobody looks at its variables."""
    if not isinstance(node, ast.FunctionDef):
        return False
    if _nesting(node.body) > _DEEPEST:
        return False
    return not (any(isinstance(part, _SUSPENDS) for part in function_nodes(node.body)) or _looks(node)
                or _raises_again(node.body))


def _nesting(statements: Iterable[ast.AST]) -> int:
    """How deep loops, `try` and `with` stand in each other."""
    deepest = 0
    for node in statements:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.expr)):
            continue
        own = isinstance(node, (*_LOOPS, *_GUARDS))
        deepest = max(deepest, own + _nesting(ast.iter_child_nodes(node)))
    return deepest


@dataclass
class _Way:
    """What is known of a statement that was visited.

    Attributes:
        escapes: the numbers of returns and bare raises in it, and of the jumps out of it.
        jumps: which of these are jumps.
        opaque: whether what happens in it cannot be told from outside.
    """

    escapes: list[int] = field(default_factory=list)
    jumps: set[int] = field(default_factory=set)
    opaque: bool = False

    def add(self, other: _Way) -> None:
        self.escapes += other.escapes
        self.jumps |= other.jumps
        self.opaque |= other.opaque


class _Body:
    """The body of one function, class or module.

    Args:
        node: it.
        tally: what it counts.
        prefix: what the qualified names of definitions in it begin with.
        tallies: where those of definitions in it go.
        timing: as for `counted`.
    """

    def __init__(self, node: Any, tally: Tally, prefix: str, tallies: list[Tally], timing: Timing | None) -> None:
        self._node, self._tally, self._prefix, self._tallies = node, tally, prefix, tallies
        self._timing = timing
        self._plain = _is_plain(node)
        self._names = _names_of(node)
        self._crowded = _crowded(node.body)
        self._numbers: dict[int, str] = {}  # the counters that are local variables, by their numbers
        self._depth = 0  # of the loops around
        self._inside: list[int] = []  # the counters of the outermost loop that is being visited
        self._notes = False  # whether the lines of exceptions have to be known

    def made(self) -> list[ast.stmt]:
        """The statements, and what counts them."""
        body, kept = list(self._node.body), 0
        if ast.get_docstring(self._node, clean=False) is not None:
            kept = 1
        while kept < len(body) and isinstance(body[kept], ast.ImportFrom) and body[kept].module == "__future__":
            kept += 1
        made, _ = self._block(body[kept:], single=not self._plain)
        if not self._tally.counters:
            made = [self._counter(self._node.body[-1]), *made]
        if self._plain and self._timing is not None and (self._timing.every or self._tally.loops):
            self._tally.watch = self._timing.call()
        if self._notes or self._tally.watch is not None:
            made = _noted(made, self._node, self._tally, self._notes)
        return [*body[:kept], *made]

    def _block(self, statements: Sequence[ast.stmt], single: bool,
               begun: Otherwise | None = None) -> tuple[list[ast.stmt], _Way]:
        """Statements that follow each other.

        Args:
            statements: they.
            single: whether an exception that leaves one of them may be handled in the function.
            begun: what tells how often the first one is begun, where that needs no counter.
        """
        made: list[ast.stmt] = []
        whole = _Way()
        known: Counted | Otherwise | Following | None = begun
        only = all(isinstance(statement, _DECLARATIONS) for statement in statements)  # then these are counted
        for statement in statements:
            if isinstance(statement, _DECLARATIONS) and not only:
                made.append(statement)
                continue
            number = len(self._tally.statements)
            if known is None:
                made.append(self._counter(statement))
                known = Counted(len(self._tally.counters) - 1)
            self._tally.statements.append(Statement(
                _first_line(statement), statement.end_lineno or statement.lineno, statement.col_offset,
                type(statement).__name__, known, self._is_sure(statement), next(_headers([statement]))[1],
                *_operations(statement)))
            new, way = self._visit(statement, number, single)
            made += new
            whole.add(way)
            known = self._following(statement, number, way, single)
        return made, whole

    def _following(self, statement: ast.stmt, number: int, way: _Way, single: bool) -> Following | None:
        """How often the statement behind one is begun, if that needs no counter."""
        if isinstance(statement, _ENDS) or way.opaque:
            return None
        if self._tally.statements[number].sure:
            return Following(number, sure=True)
        if single or not all(self._is_clear(one) for one in (number, *way.escapes)):
            return None
        self._notes = True
        return Following(number, tuple(way.escapes))

    def _is_clear(self, number: int) -> bool:
        """Whether the lines of a statement tell which exceptions have left it."""
        one = self._tally.statements[number]
        if one.kind in _COMPOUND:
            return True  # others cannot stand on its lines
        return one.sure or not any(line in self._crowded for line in range(one.line, one.last_line + 1))

    def _is_sure(self, node: ast.stmt) -> bool:
        """Whether no exception can leave a statement."""
        if isinstance(node, (ast.Pass, *_JUMPS, *_DECLARATIONS)) or _is_bare(node):
            return True  # what a bare `raise` raises has left another line
        if isinstance(node, ast.Return):
            return node.value is None or isinstance(node.value, ast.Constant)
        if isinstance(node, ast.Expr):
            return isinstance(node.value, ast.Constant)
        if not isinstance(node, ast.Assign) or not isinstance(self._node, ast.FunctionDef):
            return False
        return isinstance(node.value, ast.Constant) and all(isinstance(target, ast.Name) for target in node.targets)

    # --- statements ---------------------------------------------------------------------------------------

    def _visit(self, node: Any, number: int, single: bool) -> tuple[list[ast.stmt], _Way]:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            return [self._defined(node)], _Way()
        if isinstance(node, _LOOPS):
            return self._loop(node, number, single)
        if isinstance(node, ast.If):
            return self._if(node, number, single)
        if isinstance(node, (ast.Try, ast.TryStar)):
            return self._try(node, single)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            made = copy.copy(node)
            made.body, way = self._block(node.body, single=True)
            return [made], _Way(opaque=True)
        if isinstance(node, ast.Match):
            return self._match(node, single)
        way = _Way()
        if isinstance(node, (ast.Return, *_JUMPS)) or _is_bare(node):
            way.escapes.append(number)
        if isinstance(node, _JUMPS):
            way.jumps.add(number)
        return [node], way

    def _defined(self, node: Any) -> ast.stmt:
        is_global = node.name in self._names
        qualname = node.name if is_global else f"{self._prefix}{node.name}"
        inner = f"{qualname}." if isinstance(node, ast.ClassDef) else f"{qualname}.<locals>."
        made: ast.stmt = _definition(node, self._tally.filename, qualname, inner, self._tallies, self._timing)
        return made

    def _if(self, node: ast.If, number: int, single: bool) -> tuple[list[ast.stmt], _Way]:
        made = copy.copy(node)
        first = len(self._tally.statements)
        made.body, way = self._block(node.body, single)
        header = range(node.lineno, (node.test.end_lineno or node.lineno) + 1)
        otherwise: Otherwise | None = None
        if node.orelse and not single and not any(line in self._crowded for line in header):
            otherwise = Otherwise(number, first, header[-1])
            self._notes = True
        second = len(self._tally.statements) if node.orelse else None
        made.orelse, other = self._block(node.orelse, single, otherwise)
        self._tally.branches.append(CountedBranch(number, first, second))
        way.add(other)
        return [made], way

    def _match(self, node: ast.Match, single: bool) -> tuple[list[ast.stmt], _Way]:
        made, way = copy.copy(node), _Way()
        made.cases = []
        for case in node.cases:
            new = copy.copy(case)
            new.body, inner = self._block(case.body, single)
            made.cases.append(new)
            way.add(inner)
        return [made], way

    def _try(self, node: Any, single: bool) -> tuple[list[ast.stmt], _Way]:
        made = copy.copy(node)
        made.body, _ = self._block(node.body, single=True)
        # A `finally` clause may stop what is raised in the clauses before it.
        inside = single or bool(node.finalbody) or isinstance(node, ast.TryStar)
        made.handlers = []
        for handler in node.handlers:
            new = copy.copy(handler)
            new.body, _ = self._block(handler.body, inside)
            made.handlers.append(new)
        made.orelse, _ = self._block(node.orelse, inside)
        made.finalbody, _ = self._block(node.finalbody, single)
        return [made], _Way(opaque=True)

    def _loop(self, node: Any, number: int, single: bool) -> tuple[list[ast.stmt], _Way]:
        made = copy.copy(node)
        outermost = self._depth == 0
        if outermost:
            self._inside = []
        self._depth += 1
        body = len(self._tally.statements)
        self._tally.loops.append(CountedLoop(number, body, self._depth - 1))
        made.body, way = self._block(node.body, single)
        way.escapes = [one for one in way.escapes if one not in way.jumps]
        way.jumps = set()
        # What stands in the last clause of an outermost loop is counted with the loop.
        made.orelse, other = self._block(node.orelse, single)
        self._depth -= 1
        way.add(other)
        if not outermost:
            return [made], way
        watch: Stopwatch | None = None
        in_module = self._tally.kind == "module" and _nesting([node]) <= _DEEPEST
        if self._timing is not None and (self._plain or in_module):
            watch = self._tally.watches[number] = self._timing.loop()
        counters = {self._numbers[one]: self._tally.counters[one] for one in self._inside}
        if watch is None and not counters:
            return [made], way
        return _flushed(made, counters, watch, f"{_BEGUN}{number}" if self._plain else ""), way

    # --- counters -----------------------------------------------------------------------------------------

    def _counter(self, statement: ast.stmt) -> ast.stmt:
        """A new counter; what counts up is answered."""
        number = len(self._tally.counters)
        counter = Count()
        self._tally.counters.append(counter)
        target: ast.Name | ast.Attribute
        if self._plain and self._depth:
            name = self._numbers[number] = f"{_COUNTER}{number}"
            self._inside.append(number)
            target = ast.Name(name, ast.Store())
        else:
            target = _number_of(counter, ast.Store())
        return _placed(ast.AugAssign(target, ast.Add(), ast.Constant(1)), statement)


_COMPOUND = frozenset(kind.__name__ for kind in (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.Match, ast.Try, ast.TryStar, ast.With, ast.AsyncWith))


def _names_of(node: Any) -> frozenset[str]:
    """The names that a body declares global."""
    return frozenset(name for part in own_nodes(node.body) if isinstance(part, ast.Global) for name in part.names)


def _crowded(body: Sequence[ast.stmt]) -> frozenset[int]:
    """The lines on which parts of several statements of a body stand."""
    lines: Counter[int] = Counter()
    for first, last in _headers(body):
        lines.update(range(first, last + 1))
    return frozenset(line for line, times in lines.items() if times > 1)


def _headers(statements: Iterable[Any]) -> Iterator[tuple[int, int]]:
    """The lines of statements that stand in no other one, of compound ones those of what they evaluate themselves."""
    for node in statements:
        blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
        clauses = [*getattr(node, "handlers", []), *getattr(node, "cases", [])]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield _first_line(node), max(node.lineno, _first_line(node.body[0]) - 1)
            continue
        if not any(blocks) and not clauses:
            yield _first_line(node), node.end_lineno
            continue
        own = [part for part in ast.iter_child_nodes(node) if not isinstance(part, (ast.stmt, ast.ExceptHandler))]
        ends = [part.end_lineno for part in _expressions(own) if part.end_lineno]
        yield node.lineno, max([node.lineno, *ends])
        for clause in clauses:
            ends = [part.end_lineno for part in _expressions(_besides(clause)) if part.end_lineno]
            starts = [part.lineno for part in _expressions(_besides(clause))]
            yield min([getattr(clause, "lineno", 1 << 60), *starts]), max([getattr(clause, "lineno", 0), *ends])
            yield from _headers(clause.body)
        for block in blocks:
            yield from _headers(block)


def _operations(statement: ast.stmt) -> tuple[int, tuple[str, ...]]:
    """Of how many operations a statement consists without those inside it, about; and what it calls."""
    own = [part for part in ast.iter_child_nodes(statement)
           if isinstance(part, (ast.expr, ast.withitem)) and not isinstance(statement, (*FUNCTIONS, ast.ClassDef))]
    parts = [part for node in own for part in ast.walk(node)]
    called = [part.func for part in parts if isinstance(part, ast.Call)]
    names = [getattr(function, "attr", getattr(function, "id", "")) for function in called]
    return 1 + sum(isinstance(part, (ast.expr, ast.comprehension)) for part in parts), tuple(filter(None, names))


def _besides(clause: ast.AST) -> list[ast.AST]:
    return [part for part in ast.iter_child_nodes(clause) if not isinstance(part, ast.stmt)]


def _expressions(nodes: Iterable[ast.AST]) -> Iterator[Any]:
    for node in nodes:
        if isinstance(node, ast.match_case):
            continue
        yield from (part for part in ast.walk(node) if isinstance(part, (ast.expr, ast.pattern)))


# --- what is added ----------------------------------------------------------------------------------------------


def _number_of(counter: Count, context: ast.expr_context) -> ast.Attribute:
    return ast.Attribute(given(counter), "n", context)


def _placed(node: ast.stmt, like: Any) -> ast.stmt:
    """Give all that is new the line of a statement, and no columns: statements are told apart by these."""
    line = _first_line(like)
    waiting: list[Any] = [node]
    while waiting:
        part = waiting.pop()
        if "lineno" in part._attributes:
            if hasattr(part, "lineno"):
                continue
            part.lineno = part.end_lineno = line
            part.col_offset = part.end_col_offset = -1
        waiting += ast.iter_child_nodes(part)
    return node


def _flushed(loop: ast.stmt, counters: dict[str, Count], watch: Stopwatch | None, begun: str) -> list[ast.stmt]:
    """A loop, behind which counters go into the tally, and which is timed.

    Args:
        loop: it.
        counters: by the variables that count in it.
        watch: what times it, or None.
        begun: the variable for when it has begun; "" where there is none to spare.
    """
    made: list[ast.stmt] = []
    ends: list[ast.stmt] = [ast.AugAssign(_number_of(counter, ast.Store()), ast.Add(), ast.Name(name, ast.Load()))
                            for name, counter in counters.items()]
    handlers: list[ast.ExceptHandler] = []
    if counters:
        made.append(ast.Assign([ast.Name(name, ast.Store()) for name in counters], ast.Constant(0)))
    if watch is not None:
        start, forget, end = _timed(watch, begun)
        made.append(start)
        ends.append(end)
        handlers.append(ast.ExceptHandler(given(BaseException), None, [forget, ast.Raise()]))
    made.append(Flushed([loop], handlers, [], ends))
    return [_placed(one, loop) for one in made]


def _timed(watch: Stopwatch, name: str) -> tuple[ast.stmt, ast.stmt, ast.stmt]:
    """What begins to time, what lets it be, and what ends it.

    Args:
        watch: what times.
        name: the variable for when it has begun; "" where that goes into an object.
    """
    held = Count()

    def place(context: ast.expr_context) -> ast.expr:
        return ast.Name(name, context) if name else ast.Attribute(given(held), "n", context)

    def call(method: str, *arguments: ast.expr) -> ast.expr:
        return ast.Call(ast.Attribute(given(watch), method, ast.Load()), list(arguments), [])

    ended = End(place(ast.Load()), [ast.Expr(call("end", place(ast.Load())))], [])
    return Begin([place(ast.Store())], call("begin")), ast.Assign([place(ast.Store())], ast.Constant(0)), ended


def _noted(body: list[ast.stmt], node: ast.stmt, tally: Tally, notes: bool) -> list[ast.stmt]:
    """The statements of a function, timed, and in what notes where exceptions have left them.

    Nothing is called for noting them: calls may nest as deep as they can there.

    Args:
        body: the statements.
        node: the function.
        tally: of the function.
        notes: whether exceptions are to be noted.
    """
    made: list[ast.stmt] = []
    ends: list[ast.stmt] = []
    first: list[ast.stmt] = []
    if tally.watch is not None:
        start, forget, end = _timed(tally.watch, _BEGUN)
        made.append(start)
        ends.append(end)
        first.append(forget)
    if notes:
        tally.left.update(dict.fromkeys(range(tally.first_line, tally.last_line + 1), 0))
        handler = _handler(tally)
        handler.body[:0] = first
    else:
        handler = ast.ExceptHandler(given(BaseException), None, [*first, ast.Raise()])
    made.append(Noted(body, [handler], [], ends))
    return [_placed(one, node) for one in made]


def _handler(tally: Tally) -> ast.ExceptHandler:
    """What notes an exception that leaves a function."""
    text = parsing.parse(_HANDLER).body[0]
    assert isinstance(text, ast.Try)
    constants = {"_ERRORS": BaseException, "_TRACEBACKS": _TRACEBACKS, "_LEFT": tally.left, "_UNKNOWN": tally.unknown}
    handler: ast.ExceptHandler = _Constants(constants, tally.first_line).visit(text.handlers[0])
    for part in ast.walk(handler):
        for name in ("lineno", "end_lineno", "col_offset", "end_col_offset"):
            vars(part).pop(name, None)
    return handler


class _Tracebacks:
    """The tracebacks by exceptions, past the attribute hooks that their classes may have; no call of the program's."""

    def __getitem__(self, error: BaseException) -> types.TracebackType | None:
        found: types.TracebackType | None = BaseException.__getattribute__(error, "__traceback__")
        return found


_TRACEBACKS = _Tracebacks()


_HANDLER = """
try:
    pass
except _ERRORS as error:
    error = _TRACEBACKS[error]
    if error is not None and error.tb_frame.f_code.co_firstlineno == _FIRST and error.tb_lineno in _LEFT:
        _LEFT[error.tb_lineno] += 1
    else:
        _UNKNOWN.n += 1
    raise
"""


class _Constants(ast.NodeTransformer):
    """Puts constants and a hidden name into the text of a handler."""

    def __init__(self, constants: dict[str, object], first: int) -> None:
        self._constants, self._first = constants, first

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = ".error"
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == "_FIRST":
            return ast.Constant(self._first)
        if node.id in self._constants:
            return given(self._constants[node.id])
        return ast.Name(f".{node.id}", node.ctx)
