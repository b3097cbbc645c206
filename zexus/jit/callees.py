"""Executables of plain Python functions, so that calls of them can be recorded and inlined."""

from __future__ import annotations

import inspect
import types
import weakref
from collections.abc import Sequence
from typing import Any

from zexus import layout
from zexus.bytecode import Code
from zexus.codes import Unsupported
from zexus.frontend import generators, lower, outline, source, spreading, unseen
from zexus.frontend.embedding import Generators
from zexus.frontend.spreading import Collected
from zexus.jit import deopt
from zexus.jit.explain import reporter_of
from zexus.regvm import build, calling, suspended
from zexus.regvm.ir import Context
from zexus.regvm.machine import Executable

# What modules have that look for their callers, as that of loggers does, which passes its own frames by.
_LOOKING = frozenset(("currentframe", "_getframe"))
_Space = tuple[int, Collected | None]
_known: weakref.WeakKeyDictionary[types.CodeType, dict[_Space, Executable | None]] = weakref.WeakKeyDictionary()
_handing: weakref.WeakKeyDictionary[types.CodeType, bool] = weakref.WeakKeyDictionary()
# What goes on with generators, and how many slots these hold where it does.
_Resuming = dict[int, tuple[Executable, int] | None]
_resuming: weakref.WeakKeyDictionary[types.CodeType, _Resuming] = weakref.WeakKeyDictionary()
_refused: weakref.WeakKeyDictionary[types.CodeType, str] = weakref.WeakKeyDictionary()
_blocks: weakref.WeakKeyDictionary[Any, dict[int, Any]] = weakref.WeakKeyDictionary()


def executable(function: types.FunctionType, count: int, names: Sequence[str]) -> Executable | None:
    """The executable of a function for calls of some kind, or None when it has no form in opcodes.

    Args:
        function: what is called.
        count: how many arguments a call has.
        names: the names of the last of them, which are given by keyword.
    """
    # Code objects compare by content; the same content may stand in several modules, each with its globals.
    known = _known.setdefault(function.__code__, {})
    collected = Collected(*calling.collected(function, count, names)) if _hands_on(function) else None
    space = id(function.__globals__), collected
    if space not in known:
        try:
            known[space] = ready(_lowered(function, collected))
        except Unsupported as refusal:
            known[space] = None
            _refused[function.__code__] = _words(refusal)
    return known[space]


def why_not(function: Any) -> str:
    """Why a function has no form in opcodes, as far as it was asked for one: the line and what stands there; or ""."""
    return _refused.get(function.__code__, "") if type(function) is types.FunctionType else ""


def _words(refusal: Unsupported) -> str:
    where = f"line {refusal.line}: " if refusal.line is not None else ""
    return f"{where}{refusal.detail or refusal.reason.rstrip('.')}"


def generator(source: Any) -> Executable | None:
    """The executable that goes on with a generator, or None when it has not stopped, or has none."""
    if type(source) is not types.GeneratorType or layout.problem():
        return None
    code = source.gi_code
    known = _resuming.get(code)
    if known is None:
        known = _resuming[code] = {}
    space, slots = suspended.standing(source)
    if space not in known:
        try:
            made = ready(_going_on(code, suspended.namespace_of(source)))
            known[space] = made, suspended.slots(source, made.code)
        except Unsupported:
            known[space] = None
    found = known[space]
    return found[0] if found is not None and found[1] == slots else None


def ready(code: Code) -> Executable:
    """The executable of a Code."""
    return Executable(build.build(code), block, deopt.place)


def _hands_on(function: types.FunctionType) -> bool:
    """Whether what parameters with stars collect has to be known."""
    code = function.__code__
    if not code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
        return False
    if code not in _handing:
        try:
            _handing[code] = spreading.hands_on(source_of(function).scope.node)
        except Unsupported:
            _handing[code] = False
    return _handing[code]


def _lowered(function: types.FunctionType, collected: Collected | None) -> Any:
    if not _LOOKING.isdisjoint(function.__globals__):
        raise Unsupported("ZX013", detail="its module looks at frames, and would find those of the register machine")
    found = source_of(function)
    return lower.lower_function(found.scope, found.first_line, function.__globals__,
                                generators=Generators(source_of), collected=collected)


def _going_on(code: types.CodeType, namespace: dict[str, Any]) -> Code:
    if code.co_freevars:
        raise Unsupported("ZX015", detail=f"{code.co_freevars[0]!r} is a captured variable of a generator")
    found = source_of(types.FunctionType(code, namespace))
    made = generators.lower_generator(found.scope, found.first_line, namespace)
    # A comprehension that is written out in one form and not in the other captures variables in one only.
    missing = set(made.results).difference(set(code.co_varnames).difference(code.co_cellvars))
    if missing:
        raise Unsupported("ZX015", detail=f"{min(missing)!r} is a captured variable of a generator")
    return made


def source_of(function: types.FunctionType) -> source.FunctionSource:
    """The source of a function, also of one whose code object was rewritten.

    Raises:
        Unsupported: it cannot be found.
    """
    reporter = reporter_of(function)
    known = getattr(reporter, "source", None)
    if isinstance(known, source.FunctionSource) and _is_of(function, known):
        return known
    return unseen.source_of(function.__code__) or source.find(function)


def _is_of(function: types.FunctionType, known: source.FunctionSource) -> bool:
    """Whether a function has not been given the code of another one meanwhile."""
    code = function.__code__
    return (code.co_qualname, code.co_firstlineno) == (known.scope.qualname, known.first_line)


def inlined_block(context: Context, number: int) -> Any:
    """The function of a statement that Python runs in a function which was taken in.

    Raises:
        Unsupported: it needs the cells of an activation.
    """
    code = context.code.code
    if code.blocks[number].free:
        raise Unsupported("ZX022", detail="a callee with a closure and a statement that Python runs")
    return block(code, number, ())


def block(code: Any, number: int, cells: Any) -> Any:
    """The function of an outlined statement, over the cells of one activation."""
    wanted = code.blocks[number]
    if wanted.free:  # kept, it would keep what the activation has captured
        return outline.bind(wanted.outlined, code.namespace, dict(zip(code.captured, cells, strict=False)))
    made = _blocks.setdefault(code, {})
    if number not in made:
        made[number] = outline.bind(wanted.outlined, code.namespace, {})
    return made[number]
