"""Generators that have stopped: their variables and the iterators of their loops, read and written where they stand.

While code that is not their own goes on with them, they look as if they were running: whoever asks them for a value
then is told so, as by a generator that is.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Sequence
from functools import cache, lru_cache
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from zexus import layout
from zexus.bytecode import UNBOUND, Code
from zexus.regvm import cursor as cursors

if TYPE_CHECKING:
    Generator = GeneratorType[Any, Any, Any]
else:
    Generator = GeneratorType

_RUNNING = 0
# The state of a generator, its globals and the number of its slots, as they follow each other.
_SPACE, _TOP = (layout.OFFSETS[f"generator.{name}"] - layout.OFFSETS["generator.state"] for name in ("globals", "top"))
_HEAD = struct.Struct(f"=b{_SPACE - 1}xQ{_TOP - _SPACE - 8}xi")
# References to an iterator that only the stack of its generator has, seen from `state`.
_PRIVATE = 3


def namespace_of(source: Generator) -> dict[str, Any]:
    """The globals of a generator."""
    found: dict[str, Any] = _read(id(source) + layout.OFFSETS["generator.globals"])
    return found


def standing(source: Generator) -> tuple[int, int]:
    """The address of a generator's globals, and how many slots it holds where it stands at a `yield`; else -1."""
    state, space, top = _HEAD.unpack(ctypes.string_at(id(source) + layout.OFFSETS["generator.state"], _HEAD.size))
    return space, top if state == _suspended() else -1


def slots(source: Generator, code: Code) -> int:
    """How many slots a generator holds at the `yield` where others can go on with it.

    Args:
        source: the generator.
        code: what goes on with it.
    """
    return _size(source) + code.params - len(code.results)


def is_new(source: Any) -> bool:
    """Whether this is a generator that has not begun."""
    return type(source) is GeneratorType and _state(source).value < _suspended()


def has_ended(source: Generator) -> bool:
    """Whether a generator has no more values."""
    return _state(source).value > _RUNNING


def parts(source: Generator, code: Code) -> list[Any]:
    """The variables of a generator that has stopped, UNBOUND where they have no value, and the iterators of its loops.

    Args:
        source: the generator.
        code: what goes on with it: `results` names the variables.
    """
    base, numbers = _slots(source, code)
    try:
        held = (ctypes.py_object * (max(numbers, default=-1) + 1)).from_address(base)[:]
    except ValueError:  # some variable has no value
        return [_read(base + 8 * number) for number in numbers]
    return [held[number] for number in numbers]


def resume(source: Generator, code: Code) -> list[Any]:
    """What `state` answers; from now on the generator counts as running."""
    held = state(source, code)
    _state(source).value = _RUNNING
    return held


def state(source: Generator, code: Code) -> list[Any]:
    """The parts of a generator, cursors in the place of the iterators; one that others know too stays as it is."""
    held = parts(source, code)
    for number in range(len(code.results), len(held)):
        shared = sys.getrefcount(held[number]) > _PRIVATE
        held[number] = cursors.ObjectCursor(held[number]) if shared else cursors.of_iterator(held[number])
    return held


def is_known(held: Sequence[Any], number: int) -> bool:
    """Whether somebody else has a generator that another one draws from.

    Args:
        held: the parts of that one, which nobody else has.
        number: which of them it is.
    """
    own = sum(one is held[number] for one in held)
    return sys.getrefcount(held[number]) > 2 * own + 1  # its slots, the list of these and the argument


def start(source: Generator) -> None:
    """Let a generator count as running."""
    _state(source).value = _RUNNING


def stop(source: Generator, code: Code, held: Sequence[Any]) -> None:
    """Let a generator stand at its `yield` again.

    Args:
        source: the generator.
        code: what went on with it.
        held: its parts by now, the cursors of its loops last.
    """
    names = len(code.results)
    base, numbers = _slots(source, code)
    for place, (number, value) in enumerate(zip(numbers, held, strict=True)):
        if place < names:
            _write(base + 8 * number, value)
        elif not issubclass(type(value), cursors.ObjectCursor):
            _write(base + 8 * number, value.iterator())
    _state(source).value = _suspended()


def close(source: Generator) -> None:
    """Let a generator end: it has run to its end."""
    _state(source).value = _suspended()
    source.close()


def rest(source: Generator) -> None:
    """Let a generator no longer count as running; its parts are as they were."""
    _state(source).value = _suspended()


def _state(source: Generator) -> ctypes.c_int8:
    return ctypes.c_int8.from_address(id(source) + layout.OFFSETS["generator.state"])


def _size(source: Generator) -> int:
    """How many slots are variables."""
    code = source.gi_code
    cells = code.co_cellvars
    return len(code.co_varnames) + (len(set(cells) - set(code.co_varnames)) if cells else 0) + len(code.co_freevars)


def _slots(source: Generator, code: Code) -> tuple[int, tuple[int, ...]]:
    """Where the slots begin, and which of them the parts are."""
    of_loops = code.params - len(code.results)
    numbers = _numbers(source.gi_code.co_varnames, code.results, _size(source), of_loops)
    return id(source) + layout.OFFSETS["generator.slots"], numbers


@lru_cache
def _numbers(names: tuple[str, ...], wanted: tuple[str, ...], size: int, of_loops: int) -> tuple[int, ...]:
    return (*map(names.index, wanted), *range(size, size + of_loops))


def _read(address: int) -> Any:
    pointer = ctypes.c_void_p.from_address(address).value
    return UNBOUND if pointer is None else ctypes.cast(pointer, ctypes.py_object).value


def _write(address: int, value: Any) -> None:
    place = ctypes.c_void_p.from_address(address)
    before = place.value
    if value is UNBOUND:
        place.value = None
    else:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))
        place.value = id(value)
    if before is not None:
        ctypes.pythonapi.Py_DecRef(ctypes.c_void_p(before))


@cache
def _suspended() -> int:
    """The state of a generator that stands at a `yield`."""
    sample = (item for item in (1, 2))
    next(sample)
    return _state(sample).value  # type: ignore[arg-type]
