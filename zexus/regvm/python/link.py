"""Generated modules brought to life: their functions, what these call by name, and calls from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import CellType, CodeType, FunctionType
from typing import Any

from zexus.bytecode import Code, Enter, Module, Routine
from zexus.regvm.python import places, syntax
from zexus.regvm.python.module import Source, compile_quietly
from zexus.vm import depth, tracebacks
from zexus.vm.limits import Budget, LimitExceeded
from zexus.vm.profiling.counting import Tallies

# What a variable without a value holds. Not UNBOUND: by that the tracing tier tells that a variable has no value, and
# in generated functions this is one.
NO_VALUE = object()
_NEW: Callable[[type[Routine]], Routine] = object.__new__
_TABLE = re.compile("left([0-9]+)_(.+)")  # a helper that counts the exceptions which handlers of a function take


class _Through:
    """An iterator of the user's as its `next` shows it: asked for its iterator again, it answers itself."""

    __slots__ = ("inner",)

    def __init__(self, inner: Iterator[Any]) -> None:
        self.inner = inner

    def __iter__(self) -> _Through:
        return self

    def __next__(self) -> Any:
        return next(self.inner)


_KNOWN: tuple[Iterator[Any], ...] = (
    iter(()), iter([]), iter(range(0)), iter(range(2**63, 2**63)), iter(""), iter("\u0100"), iter(b""), iter({}),
    iter({}.values()), iter({}.items()), iter(set[Any]()), enumerate(()), zip(), map(str, ()), filter(None, ()),
    reversed([]), reversed(()), (n for n in range(0)),
)
# Types of iterators whose iterator is themselves.
_ITERATORS = frozenset(map(type, _KNOWN))


def _through(cursor: Iterator[Any]) -> Iterator[Any]:
    """What a `for` statement goes through to draw from an iterator that has been made before."""
    return cursor if type(cursor) in _ITERATORS else _Through(cursor)


_HELPERS: dict[str, Any] = {
    **syntax.HELPERS, "LimitExceeded": LimitExceeded, "through": _through, "left": places.left, "ended": places.ended,
    "UNBOUND": NO_VALUE,
}


def link(source: Source, module: Module, namespace: dict[str, Any], enter: Enter,
         adapt: Callable[[FunctionType], FunctionType] | None = None,
         budget: Budget | None = None, tallies: Tallies | None = None) -> dict[str, FunctionType]:
    """Bring a generated module to life.

    Its functions are Python functions whose globals are `namespace`; the Routines that stand in there, and those that
    the functions make, get them as their `function`.

    Args:
        source: what `generate` made of the module.
        module: the same.
        namespace: the module's globals (see `Module.namespace`), which get some names that the program does not use.
        enter: what Routines that the functions make call.
        adapt: makes a function of a function before anything refers to it, such as `zexus.jit.compile`.
        budget: what METER instructions spend; by default they spend what has no end.
        tallies: what the functions count in.

    Returns:
        By name, the functions that capture nothing.
    """
    defined: dict[str, Any] = {}
    code = compile_quietly(source.text, source.filename)
    places.keep(source.filename, source.text, source.lines, code)
    exec(code, namespace, defined)
    functions: dict[str, FunctionType] = {}
    for name, text in source.functions.items():
        function: FunctionType = defined[text]
        own = module.functions[name]
        function.__name__, function.__qualname__, function.__module__ = own.name, own.qualname, module.name
        function = adapt(function) if adapt is not None else function
        functions[name] = namespace[text] = function
        routine = namespace.get(name)
        if type(routine) is Routine and routine.code is own:
            routine.function = function
    given: dict[str, Any] = {"budget": budget or Budget(), "pending": places.PENDING}
    if tallies is not None:
        given.update((f"tally{number}", count) for number, count in enumerate(tallies.generated))
    for text, name in source.helpers.items():
        if name in given:
            namespace[text] = given[name]
        else:
            namespace[text] = _HELPERS.get(name) or _linked(name, source, module, namespace, enter, defined, tallies)
    namespace.update(source.constants)
    return functions


def _linked(name: str, source: Source, module: Module, namespace: dict[str, Any], enter: Enter,
            defined: Mapping[str, Any], tallies: Tallies | None) -> Any:
    """A helper that belongs to one module."""
    table = _TABLE.fullmatch(name)
    if table is not None and tallies is not None:
        return tallies.table(places.spots_of(defined[table[2]].__code__, source.lines, int(table[1])))
    if name == "load":
        return lambda wanted: syntax.load_global(namespace, wanted)
    if name == "store":
        return namespace.__setitem__
    if name == "raised":
        return None
    assert name.startswith("make_")
    return _maker(name[5:], source, module, namespace, enter, defined)


def _maker(name: str, source: Source, module: Module, namespace: dict[str, Any], enter: Enter,
           defined: Mapping[str, Any]) -> Callable[..., Routine]:
    """What MAKE_FUNCTION calls: with a function that captures the cells, itself or in the place of what is made."""
    code = module.functions[name]
    shared = source.functions.get(name)
    maker: FunctionType | None = defined.get(source.makers.get(name, ""))
    order = source.cells.get(name, ())
    inner = maker(*order).__code__ if maker is not None else None
    qualname = code.qualname

    def make() -> Routine:
        return _routine(code, namespace, (), enter, namespace[shared or ""])

    def make_nested(function: FunctionType) -> Routine:
        function.__qualname__ = qualname
        return _routine(code, namespace, function.__closure__ or (), enter, function)

    def make_from(capturing: FunctionType) -> Routine:
        cells: dict[str, CellType] = dict(zip(capturing.__code__.co_freevars, capturing.__closure__ or (), strict=True))
        function = capturing
        if inner is not None:
            function = FunctionType(inner, namespace, code.name, None, tuple(cells[n] for n in inner.co_freevars))
        function.__qualname__ = qualname
        return _routine(code, namespace, tuple(cells.get(n) or CellType() for n in order), enter, function)

    if shared is not None:
        return make
    nested = _codes_named(source.nested.get(name, ""), defined)
    return make_nested if inner is None and all(found.co_freevars == order for found in nested) else make_from


def _routine(code: Code, namespace: dict[str, Any], cells: tuple[CellType, ...], enter: Enter,
             function: FunctionType) -> Routine:
    # As Routine(...) does, in less time: this is the cost of every closure.
    routine = _NEW(Routine)
    routine.code = code
    routine.namespace = namespace
    routine.cells = cells
    routine.enter = enter
    routine.function = function
    return routine


def _codes_named(name: str, defined: Mapping[str, Any]) -> list[CodeType]:
    """The code objects of the nested definitions of a function."""
    codes = [value.__code__ for value in defined.values() if isinstance(value, FunctionType)]
    return [found for code in codes for found in places.codes_in(code) if found.co_name == name]


def call(function: FunctionType, arguments: Sequence[Any], recursion_limit: int) -> Any:
    """Call a function of a generated module from outside of it.

    Args:
        function: one that `link` answered, or that a Routine has.
        arguments: as many as it has parameters.
        recursion_limit: how deep calls may nest before RecursionError.

    Raises:
        BaseException: whatever the program raises; the traceback shows the program's functions and lines.
    """
    try:
        with depth.limited(recursion_limit):
            return function(*arguments)
    except BaseException as error:
        tracebacks.translate(error, places.found)
        raise
