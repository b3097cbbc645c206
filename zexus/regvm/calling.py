"""How the arguments of a call come to the parameters of a Python function."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from types import FunctionType
from typing import Any

from zexus.records import dataclass


@dataclass(frozen=True)
class Default:
    """The value of a parameter that a call leaves out."""

    value: Any


@dataclass(frozen=True)
class Rest:
    """The tuple of the positional arguments from one on."""

    start: int
    stop: int


Source = int | Default | Rest


def arrange(function: FunctionType, count: int, names: Sequence[str] = (), spread: bool = False) -> list[Source] | None:
    """Where each parameter gets its value.

    Args:
        function: what is called.
        count: how many arguments the call has.
        names: the names of the last of them, which are given by keyword.
        spread: whether there is a parameter for each argument that one with stars collects.

    Returns:
        For each parameter the number of an argument, its default, or which arguments it collects: the positional ones
        come first, then those by keyword only, then the one with a star. None where the call does not fit, or where
        the function has a parameter with two stars.
    """
    code, positional = function.__code__, count - len(names)
    fixed, alone = code.co_argcount, code.co_posonlyargcount
    named = code.co_varnames[:fixed + code.co_kwonlyargcount]
    collects = bool(code.co_flags & inspect.CO_VARARGS)
    gathers = bool(code.co_flags & inspect.CO_VARKEYWORDS)
    if (gathers and not spread) or (positional > fixed and not collects):
        return None
    more: list[Source] = []
    found: dict[int, Source] = {i: i for i in range(min(positional, fixed))}
    for number, name in enumerate(names, positional):
        place = named.index(name, alone) if name in named[alone:] else -1
        if place < 0 and gathers:
            more.append(number)
            continue
        if place < 0 or place in found:
            return None
        found[place] = number
    defaults = function.__defaults__ or ()
    for place, value in enumerate(defaults, fixed - len(defaults)):
        found.setdefault(place, Default(value))
    for name, value in (function.__kwdefaults__ or {}).items():
        if name in named[fixed:]:
            found.setdefault(named.index(name, fixed), Default(value))
    if len(found) < len(named):
        return None
    rest: list[Source] = [Rest(fixed, max(fixed, positional))] if collects else []
    if spread:
        rest = [*range(fixed, positional), *more]
    return [*(found[place] for place in range(len(named))), *rest]


def collected(function: FunctionType, count: int, names: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """How many positional arguments, and which keywords, the parameters with stars of a function collect in a call."""
    code = function.__code__
    known = code.co_varnames[code.co_posonlyargcount:code.co_argcount + code.co_kwonlyargcount]
    return max(0, count - len(names) - code.co_argcount), tuple(name for name in names if name not in known)


def bind(sources: Sequence[Source], arguments: Sequence[Any]) -> list[Any]:
    """The values of a function's parameters, in their order.

    Args:
        sources: what `arrange` answered.
        arguments: those of the call, the ones by keyword behind the others.
    """
    return [arguments[source] if isinstance(source, int)
            else source.value if isinstance(source, Default) else tuple(arguments[source.start:source.stop])
            for source in sources]


def names(op: str, immediate: Any) -> tuple[str, ...]:
    """The keywords of a call instruction.

    Args:
        op: CALL or CALL_KEYWORD.
        immediate: its immediate.
    """
    return immediate[1] if op == "CALL_KEYWORD" else ()
