"""Fragments of code around loops and functions, written as text: how loops hand over to hooks.

Capitals with a leading underscore are constants; other names with a leading underscore are hidden variables; __NAME__
stands for syntax of the user's. A constant is called through a hidden variable, as the compiler warns of calls of
literals.
"""

from __future__ import annotations

import ast
import functools
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from types import GeneratorType
from typing import Any

from zexus import parsing
from zexus.frontend.consumers import PLAIN, RELIED_ON
from zexus.frontend.sites import UNBOUND
from zexus.frontend.slots import Once
from zexus.records import dataclass

# What placeholders among the constants of a code object begin with.
MARK = "\0zexus"
FIX = f"{MARK} fix"
CONSTANTS: dict[str, Any] = {
    "ITER": iter, "ISLICE": itertools.islice, "REPEAT": itertools.repeat, "CLASS": type,
    "ONCE": Once, "RANGE": range, "GENERATOR": GeneratorType, "HASATTR": hasattr,
    **{name.upper(): function for name, function in RELIED_ON.items()},
    "BASE_EXC": BaseException, "NAME_ERROR": NameError, "UNBOUND": UNBOUND, "GLOBALS": globals,
    "CLOCK": time.perf_counter_ns, "PLAIN": frozenset(PLAIN),
}  # fmt: skip

FOR = """
_s = 1
_src = __XS__
_it = None
__BEGIN__
"""

# The user's own loop stands beside the probed one: frames that run on after a probe is given up pay next to nothing.
ALIVE = """
if None in _ALIVE:
    __PROBED__
else:
    __PLAIN__
"""

IS_ALIVE = """
None in _ALIVE
"""

# The commonest types come first; others are looked up, but for classes that might define how they are hashed.
# What a function of the program's answers for `iter` is looked at behind that: it is to be called once.
FOR_BEGIN = """
_r = None
_it = (_h := _CLASS)(_src)
if (_it is (_h := _LIST) or _it is (_h := _RANGE)
        or (_h := _CLASS)(_it) is _h and ((_r := (_h := __TYPES__)[_it]) is True or _r == 1 and _h.fits(_src))):
    _it = (_h := _ITER)(_src)
    try:
        _src = (_h := _ISLICE)(_it, (_h := _ASKED)())
    except _BASE_EXC:
        (_h := _FIX)()
        raise
else:
    _it = None
    if _r == 2:
        try:
            _src = __BEGUN__
            if (_h := __TYPES__).begins(_src):
                _it = _src
                _src = (_h := _ISLICE)(_it, (_h := _ASKED)())
            else:
                _src = (_h := _ONCE)(_src)
        except _BASE_EXC:
            (_h := _FIX)()
            raise
"""

BEGUN = "(_h := _ITER)(_src)"

IN_TURN = """
for _h in _TURNS:
    if _h:
        __BEGIN__
    break
"""

FOR_PHASES = """
while True:
    for __TARGET__ in (_src, _src := None)[0]:
        __BODY__
    else:
        _s = 0
        if _it is not None:
            __HOOK__
            if _s == 3:
                if _src is None:
                    _src, _it = _it, None
                continue
    break
"""

WHILE = """
_s = 1
_src = (_h := _REPEAT)(None)
for _h in _TURNS:
    if _h:
        try:
            _src = (_h := _REPEAT)(None, (_h := _ASKED)())
        except _BASE_EXC:
            (_h := _FIX)()
            raise
    break
"""

WHILE_PHASES = """
while True:
    for _h in (_src, _src := None)[0]:
        if not __TEST__:
            _s = 0
            break
        __BODY__
    else:
        __HOOK__
        if _s == 3:
            __GO_ON__
    break
"""

GO_ON_INNERMOST = """
if _src is not None:
    continue
while __TEST__:
    __COPY__
else:
    _s = 0
"""

GO_ON_OUTER = """
if _src is None:
    _src = (_h := _REPEAT)(None)
continue
"""

HOOK = """
try:
    _r = (_h := _HOOK)(__ARGUMENTS__)
    _s = _r[0]
    if _s > 3 or _s < 0:
        __LEAVE__
        _s = _r[0]
except _BASE_EXC:
    (_h := _FIX)()
    raise
_src = _r[1]
__RESULTS__
_r = _h = None
if _s == 4:
    try:
        raise (_src, _src := None)[0]
    except _BASE_EXC:
        (_h := _FIX)()
        raise
"""

# The same, with the time that it takes.
TIMED_HOOK = HOOK.replace("""try:
    _r =""", """try:
    __SPENT__ -= (_h := _CLOCK)()
    _r =""", 1).replace("""except _BASE_EXC:
    (_h := _FIX)()""", """    __SPENT__ += (_h := _CLOCK)()
except _BASE_EXC:
    __SPENT__ += (_h := _CLOCK)()
    (_h := _FIX)()""", 1)

LEAVE = """
_r = (_h := _LEAVE)(_r, __ARGUMENTS__)
"""

RESULT = """
if _r[__INDEX__] is not (_h := _UNBOUND):
    __RESULT__ = _r[__INDEX__]
"""

PARAMETER = """
try:
    __HIDDEN__ = __NAME__
except _NAME_ERROR:
    __HIDDEN__ = _UNBOUND
"""

ENTRY = """
for _r in _TURNS:
    if _r:
        __PREPARE__
        try:
            _r = (_h := _HOOK)(__ARGUMENTS__)
        except _BASE_EXC:
            (_h := _FIX)()
            raise
        if _r[0] == 2:
            return _r[1]
        if _r[0] != 3:
            (_h := _LEAVE)(_r, None)
        _r = _h = None
    break
"""

# Entries whose turn it is not are the builtin's: it takes less time than the loop does in CPython.
CONSUMPTION = """
_h = None
for _h in _TURNS:
    break
if _h and __FITS__:
    __BODY__
else:
    __ELSE__
"""
IS_GENERATOR = "(_h := _CLASS)(__VALUE__) is (_h := _GENERATOR)"
IS_ITERABLE = "(_h := _HASATTR)((_h := _CLASS)(__VALUE__), '__iter__')"

IS_PLAIN = """
(_h := _CLASS)((_h := _CLASS)(__VALUE__)) is (_h := _CLASS) and (_h := _CLASS)(__VALUE__) in (_h := _PLAIN)
"""

# A comprehension's frame is shown in tracebacks.
SHOWN = """
try:
    __LOOP__
except _BASE_EXC:
    (_h := _FIX)(__SHOWN__)
    raise
"""

CLEANUP = """
try:
    __PHASES__
finally:
    _it = None
"""

MODULE_CLEANUP = """
_it = _r = _h = None
__PREPARE__
try:
    __PHASES__
except _BASE_EXC:
    __CLEAR__
    raise
"""

HIDDEN = ("s", "it", "r", "h", "src")


@dataclass(frozen=True)
class Place:
    """Where a fragment is put.

    Attributes:
        part: the number by which the placeholders of its function are told from those of others.
        site: the index of the loop.
        depth: in how many other loops it stands.
    """

    part: int
    site: int
    depth: int


def fill(text: str, place: Place, splices: Mapping[str, Any]) -> list[ast.stmt]:
    """The statements of a fragment, without places in the file where they are new.

    Args:
        text: the fragment.
        place: where it is put: its hidden names and constants are that loop's own.
        splices: the user's syntax.
    """
    made: list[ast.stmt] = _maker(text)(splices, f"{MARK} {place.part} ", f" {place.site}", str(place.depth))
    return made


@functools.cache
def _maker(text: str) -> Callable[[Mapping[str, Any], str, str, str], list[ast.stmt]]:
    """The function that makes the statements of a fragment.

    It is given the user's syntax, what a constant's placeholder begins and ends with, and the end of hidden names.
    """
    source = f"lambda splices, mark, site, depth: {_list_text(parsing.parse(text).body)}"
    names = {**vars(ast), "many": _many, **_SHARED}
    found: Callable[[Mapping[str, Any], str, str, str], list[ast.stmt]] = eval(source, names)
    return found


# Nodes that say nothing but what they are, of which one is enough.
_MARKS = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
_SHARED = {f"the{kind.__name__}": kind() for family in _MARKS for kind in family.__subclasses__()}


def _many(splice: Any) -> list[Any]:
    return splice if isinstance(splice, list) else [splice]


def _list_text(nodes: Sequence[Any]) -> str:
    """The expression that makes a list of nodes, those of splices among them."""
    parts = []
    for node in nodes:
        name = node.value if isinstance(node, ast.Expr) else node
        spliced = isinstance(name, ast.Name) and name.id.startswith("__")
        parts.append(f"*many({_text(name)})" if spliced else _text(node))
    return f"[{', '.join(parts)}]"


def _text(value: Any) -> str:
    """The expression that makes a node, or another value of a field."""
    if isinstance(value, list):
        return _list_text(value)
    if isinstance(value, ast.Name):
        return _name_text(value)
    if isinstance(value, _MARKS):
        return f"the{type(value).__name__}"
    if isinstance(value, ast.AST):
        return f"{type(value).__name__}({', '.join(_text(item) for _, item in ast.iter_fields(value))})"
    return repr(value)


def _name_text(node: ast.Name) -> str:
    name = node.id
    if name.startswith("__"):
        return f"splices[{name.strip('_')!r}]"
    if name in ("_ALIVE", "_ASKED", "_HOOK", "_LEAVE", "_TURNS"):
        return f"Constant(mark + {name[1:]!r} + site)"
    if name[1:].isupper():
        return f"Constant({FIX if name == '_FIX' else f'{MARK} {name[1:]}'!r})"
    return f"Name({hidden(name[1:], '')!r} + depth, {_text(node.ctx)})"


def hidden(name: str, depth: int | str) -> str:
    """A variable that no Python text can name; loops that do not stand in each other share theirs."""
    return f".{name}{depth}"
