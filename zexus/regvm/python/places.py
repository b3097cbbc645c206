"""Where the lines and columns of generated Python stand in the program that they were made of."""

from __future__ import annotations

import builtins
import dis
import functools
import itertools
import linecache
import re
import sys
import weakref
from collections.abc import Callable, Sequence
from dataclasses import field
from types import CodeType, TracebackType
from typing import Any, TypeAlias

from zexus.bytecode import Code
from zexus.records import dataclass
from zexus.vm.tracebacks import Spot

# The functions and lines that an instruction stands for, outermost first; several where calls were inlined.
Where: TypeAlias = tuple[tuple[Code, int], ...]

# In the text of expressions: the number of a place, then what stands for it between the second and the third of these.
_MARK, _BEGIN, _END = "\ue000", "\ue001", "\ue002"
_MARKS = re.compile(f"({_MARK}[0-9]+{_BEGIN}|{_END})")


def marked(text: str, number: int) -> str:
    """A part of a line that stands for the place of this number."""
    return f"{_MARK}{number}{_BEGIN}{text}{_END}"


@dataclass
class Place:
    """What a line of the text stands for in the program.

    Attributes:
        where: what it stands for where nothing below says more.
        spans: columns (UTF-8 bytes) from and to, and what stands there; inner ones before those around them.
        special: for instructions of CPython's whose names begin so.
    """

    where: Where | None = None
    spans: list[tuple[int, int, Where]] = field(default_factory=list)
    special: dict[str, Where | None] = field(default_factory=dict)

    def of(self, opname: str, start: int | None, end: int | None) -> Where | None:
        """What an instruction of CPython's stands for.

        Args:
            opname: its name.
            start, end: its columns, if they are known.
        """
        for prefix, where in self.special.items():
            if opname.startswith(prefix):
                return where
        if start is None or end is None:
            return self.where
        around = [span for span in self.spans if span[0] <= start and end <= span[1]]
        if not around:
            return self.where
        size = min(last - first for first, last, _ in around)
        fitting = [where for first, last, where in around if last - first == size]
        # The test of a value stands around what computes the value.
        return fitting[-1 if "JUMP" in opname or opname in ("UNARY_NOT", "TO_BOOL") else 0]


def printed(text: str, place: Place, numbered: Callable[[int], Where]) -> str:
    """A line without the marks in it; what they say goes into `place`.

    Args:
        text: the line.
        place: of the line.
        numbered: gives the place of a number.
    """
    pieces: list[str] = []
    column = 0
    open_: list[tuple[int, Where]] = []
    for piece in _MARKS.split(text):
        if piece.startswith(_MARK):
            open_.append((column, numbered(int(piece[1:-1]))))
        elif piece == _END:
            start, where = open_.pop()
            place.spans.append((start, column, where))
        else:
            pieces.append(piece)
            column += len(piece.encode())
    return "".join(pieces)


# What the lines of modules stand for, and how many of their code objects live, by filename.
_PLACES: dict[str, list[Place]] = {}
_LIVING: dict[str, int] = {}


class Pending:
    """Entries of tracebacks for which `left` could not be called, as calls nested too deeply.

    Putting one there calls nothing, and has a native form: `last` is the entry and what `last` was before.
    """

    __slots__ = ("last",)

    def __init__(self) -> None:
        self.last: tuple[TracebackType, Any] | None = None


PENDING = Pending()
# By code object, instruction of CPython's and number of calls around: which instructions of programs are left there.
_SPOTS: dict[tuple[int, int, int], tuple[Spot, ...]] = {}


def keep(filename: str, text: str, lines: list[Place], code: CodeType) -> None:
    """Know a module's text, and what its lines stand for, as long as any of its code objects lives.

    Args:
        filename: of the module.
        text: all of it.
        lines: the places, by the number of the line.
        code: what `text` was compiled to.
    """
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    _PLACES[filename] = lines
    codes = codes_in(code)
    _LIVING[filename] = _LIVING.get(filename, 0) + len(codes)
    for each in codes:
        weakref.finalize(each, _release, filename).atexit = False


def _release(filename: str) -> None:
    _SPOTS.clear()  # another code object may come to have the number of this one
    _LIVING[filename] -= 1
    if not _LIVING[filename]:
        del _LIVING[filename], _PLACES[filename]
        linecache.cache.pop(filename, None)
        _found_at.cache_clear()


def codes_in(code: CodeType) -> list[CodeType]:
    """A code object and those inside of it."""
    found = [code]
    for outer in found:
        found.extend(constant for constant in outer.co_consts if isinstance(constant, CodeType))
    return found


def found(entry: TracebackType, error: BaseException) -> Where | None:
    """What an entry of an exception's traceback stands for; None where its text was not generated."""
    code = entry.tb_frame.f_code
    if code.co_filename not in _PLACES:
        return None
    unbound = str(error) if type(error) is UnboundLocalError and entry.tb_next is None else ""
    return _found_at(code, code.co_filename, entry.tb_lasti, entry.tb_lineno, unbound)


@functools.lru_cache(maxsize=256)
def _found_at(code: CodeType, filename: str, offset: int, line: int, unbound: str) -> Where:
    # Code objects of different files may be equal.
    opname, start, end = "", None, None
    if offset >= 0:
        if unbound and not _loads(code, offset, unbound) and _loads(code, offset + 2, unbound):
            offset += 2  # CPython ran two instructions as one, and names the first
        opname = dis.opname[code.co_code[offset]]
        at, _, start, end = next(itertools.islice(code.co_positions(), offset // 2, None))
        line = at or line
    return _PLACES[filename][line].of(opname, start, end) or ()


_REFUSING = (RecursionError, MemoryError, KeyboardInterrupt)  # what a call may raise that has not called anything
_UNSURE = ("_FAST", "DEREF", "LOAD_CONST")  # in the names of what reads variables, or runs as one with what does
_exception, _known = sys.exception, _SPOTS.get  # these are called at each exception of a profiled program


def spot_in(filename: str, line: int) -> Spot | None:
    """An instruction of a loop of a profiled program, by the line of the text on which the loop begins."""
    for place in _PLACES.get(filename, [])[line:]:
        where = place.special.get("FOR_ITER") or place.where or next((where for *_, where in place.spans), None)
        if where:
            spot = where[-1][1]
            return spot if type(spot) is Spot else None
    return None


def comes_from_within(wanted: str) -> bool:
    """Whether no exception of a class of Python's is raised by a call in place of what it calls."""
    kind = getattr(builtins, wanted, None)
    return isinstance(kind, type) and not any(issubclass(error, kind) for error in _REFUSING)


def spots_of(code: CodeType, lines: Sequence[Place], outside: int) -> dict[int, tuple[Spot, ...]]:
    """Which instructions of programs an exception leaves, by the instruction of CPython's that has raised it.

    Args:
        code: of a function of a text.
        lines: what each line of that stands for.
        outside: how many functions around are not left, into which the others were inlined.
    """
    known: dict[int, tuple[Spot, ...]] = {}
    for instruction in dis.get_instructions(code):
        at = instruction.positions
        # Which variable has no value only the exception knows.
        if at is None or at.lineno is None or any(word in instruction.opname for word in _UNSURE):
            continue
        where = lines[at.lineno].of(instruction.opname, at.col_offset, at.end_col_offset) or ()
        spots = tuple(line for _, line in where[outside:] if type(line) is Spot)
        if spots:
            known[instruction.offset] = spots
    return known


def left(outside: int) -> None:
    """Count, where an exception is being handled, the instructions that it has left.

    Args:
        outside: how many functions around the handler's own, into which that was inlined, have not been left.
    """
    error = _exception()
    entry: TracebackType = error.__traceback__  # type: ignore[union-attr, assignment]
    key = id(entry.tb_frame.f_code), entry.tb_lasti, outside
    spots = _known(key)
    if spots is None:
        spots = _spots(key)
    for spot in spots:
        spot.left += 1
    if spots and isinstance(error, _REFUSING):
        spots[-1].refused += not _has_begun(entry.tb_next)
    while PENDING.last is not None:
        entry, before = PENDING.last
        pending = [line for _, line in found(entry, RecursionError().with_traceback(entry)) or () if type(line) is Spot]
        for spot in pending:
            spot.left += 1
        if pending:
            pending[-1].refused += not _has_begun(entry.tb_next)
        PENDING.last = before


def _has_begun(entry: TracebackType | None) -> bool:
    """Whether a function that was called has come to its first instruction: a traceback's entry shows where it is."""
    where = () if entry is None else found(entry, RecursionError()) or ()
    return bool(entry) and (not where or type(where[-1][1]) is Spot)


def ended() -> None:
    """Count the instructions of a function that is left because the run ends."""
    entry = sys.exception().__traceback__  # type: ignore[union-attr]
    for spot in _spots((id(entry.tb_frame.f_code), entry.tb_lasti, 0)):  # type: ignore[union-attr]
        spot.ended += 1


def _spots(key: tuple[int, int, int]) -> tuple[Spot, ...]:
    error = sys.exception()
    assert error is not None and error.__traceback__ is not None
    entry = error.__traceback__
    spots = tuple(line for _, line in (found(entry, error) or ())[key[2]:] if type(line) is Spot)
    # Which variable has no value only the exception knows, and a code object that is not ours may end any time.
    if type(error) is not UnboundLocalError and entry.tb_frame.f_code.co_filename in _PLACES:
        _SPOTS[key] = spots
    return spots


def _loads(code: CodeType, offset: int, message: str) -> bool:
    """Whether an instruction loads the local variable that a message names."""
    found = code.co_code[offset: offset + 2]
    return len(found) == 2 and dis.opname[found[0]].startswith("LOAD_FAST") and found[1] < len(code.co_varnames) \
        and repr(code.co_varnames[found[1]]) in message
