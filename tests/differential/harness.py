"""What a call shows to its user, under CPython and under an engine, and where the two differ."""

from __future__ import annotations

import difflib
import io
import math
import os
import pprint
import random
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from .cases import Arguments, Case, Program

Engine = Callable[[types.FunctionType], Any]

# Here loops go native also where it does not pay.
NOW: dict[str, Any] = {"threshold": 1, "background": False, "cache": False, "weigh": False}
# How often a guard passes before it fails is an argument of forced-exit code: one cached compilation serves all.
FORCED: dict[str, Any] = {**NOW, "cache": True, "record_iterations": 3, "max_versions": 2}
MODES: dict[str, dict[str, Any]] = {
    "first": {**NOW, "cache": True},
    "default": {"cache": False, "functions": "short"},
    "exit1": {**FORCED, "force_exit": 1},
    "exit2": {**FORCED, "force_exit": 2},
    "exit5": {**FORCED, "force_exit": 5},
    "mirrors": {**NOW, "cache": True, "mirror_after": 0},
    "mirrors-exit2": {**FORCED, "mirror_after": 0, "force_exit": 2},
    "wholes": {**NOW, "cache": True, "functions": "all", "record_iterations": 2},
    "wholes-exit1": {**FORCED, "functions": "all", "record_iterations": 2, "force_exit": 1},
}
ROUNDS = {"first": 2, "default": 3, "exit1": 2, "exit2": 2, "exit5": 2, "mirrors": 2, "mirrors-exit2": 2, "wholes": 3,
          "wholes-exit1": 3}
SHARE = 0.95


def plain(function: types.FunctionType) -> types.FunctionType:
    """The engine that changes nothing: validates the programs themselves."""
    return function


# Every number at an end of what makes sense, so that each bound is met often.
EXTREMES: dict[str, dict[str, Any]] = {
    "small": {"record_iterations": 1, "inline_depth": 1, "inline_size": 1, "widen_after": 1, "rare_exits": 1,
              "miss_budget": 1, "predictable": 2, "slice_iterations": 16, "nogil": True, "rounds": 1,
              "stretch_length": 16, "llvm_level": 0, "vectorize": False, "big_unit": 1, "exit_budget": 1},
    "large": {"record_iterations": 300, "inline_depth": 20, "inline_size": 100_000, "widen_after": 200,
              "rare_exits": 100_000, "miss_budget": 100, "predictable": 10_000, "slice_iterations": 2**30,
              "rounds": 20, "stretch_length": 4096, "stretch_size": 10_000, "max_versions": 20},
}


def settings_of(mode: str) -> dict[str, Any]:
    """The arguments of `zexus.jit.compile` for a mode.

    Beside the keys of `MODES` there are "profile:NAME", a shipped profile as it is; "pressed:NAME", the same with loops
    that go native at once; "without:PASS", a pass left out; and "extreme:NAME", a key of `EXTREMES`.
    """
    kind, separator, name = mode.partition(":")
    if not separator:
        return MODES[mode]
    if kind == "without":
        return {**NOW, "passes": {name: False}}
    if kind == "extreme":
        return {**NOW, **EXTREMES[name]}
    from zexus import Profile

    return {"profile": Profile.load(name, environ={}), **(NOW if kind == "pressed" else {})}


def engine(mode: str) -> Engine:
    """The engine of a mode: "plain" or what `settings_of` knows."""
    if mode == "plain":
        return plain

    def compiled(function: types.FunctionType) -> Any:
        import zexus

        return zexus.jit.compile(function, **settings_of(mode))

    return compiled


# ------------------------------------------------------------------------------------------------ freezing values


class Freezer:
    """Turns objects into nested tuples that are equal exactly when a user could not tell the objects apart.

    Types are exact, floats are told apart by sign of zero, and a mutable object met again is written as a
    reference to where it was met first, so that equal tuples mean equal aliasing.
    """

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._keep: list[Any] = []

    def freeze(self, value: Any) -> Any:
        kind = type(value)
        if value is None or kind in (bool, str, bytes, range, slice, type(Ellipsis), type(NotImplemented)):
            return (kind.__name__, repr(value))
        if kind is int:
            return ("int", hex(value) if abs(value) >> 64 else value)
        if kind is float:
            return ("float", _float(value))
        if kind is complex:
            return ("complex", _float(value.real), _float(value.imag))
        if kind is tuple:
            return ("tuple", *map(self.freeze, value))
        if isinstance(value, type):
            return ("class", value.__module__, value.__qualname__)
        if isinstance(value, (types.FunctionType, types.BuiltinFunctionType, types.MethodType, np.ufunc)):
            return ("function", getattr(value, "__qualname__", value.__name__))
        if isinstance(value, types.ModuleType):
            return ("module", value.__name__)
        if isinstance(value, np.generic):
            return (kind.__name__, _bits(np.asarray(value)))
        return self._mutable(value)

    def _mutable(self, value: Any) -> Any:
        known = self._seen.get(id(value))
        if known is not None:
            return ("same as", known)
        number = self._seen[id(value)] = len(self._seen)
        self._keep.append(value)
        name = f"{type(value).__qualname__}#{number}"
        return (name, *self._contents(value))

    def _contents(self, value: Any) -> Iterator[Any]:
        if isinstance(value, np.ndarray):
            yield (str(value.dtype), value.shape, value.strides)
            yield self.freeze(value.tolist()) if value.dtype == object else _bits(np.asarray(value))
            if isinstance(value.base, np.ndarray):
                yield ("view of", self.freeze(value.base), _address(value) - _address(value.base))
        elif isinstance(value, dict):
            for key, item in value.items():
                yield (self.freeze(key), self.freeze(item))
        elif isinstance(value, (set, frozenset)):
            yield from sorted(map(self.freeze, value), key=repr)
        elif isinstance(value, (list, tuple)):
            yield from map(self.freeze, value)
        elif isinstance(value, (int, float)):
            yield self.freeze(int(value) if isinstance(value, int) else float(value))
        elif isinstance(value, BaseException):
            yield self.freeze(value.args)
        elif isinstance(value, Iterator):
            yield ("rest", *map(self.freeze, value))
        elif isinstance(value, (str, bytes, bytearray)):
            yield repr(value)
        elif isinstance(value, random.Random):
            words = random.Random.getstate(value)[1]
            yield ("state", words[-1], hash(words))
        attributes = dict(getattr(value, "__dict__", {}))
        for cls in type(value).__mro__:
            slots = cls.__dict__.get("__slots__", ())
            for slot in (slots,) if isinstance(slots, str) else slots:
                if hasattr(value, slot):
                    attributes[slot] = getattr(value, slot)
        for key, item in attributes.items():
            yield (f".{key}", self.freeze(item))


def _float(value: float) -> str:
    return "nan" if math.isnan(value) else repr(value)


def _address(array: np.ndarray[Any, Any]) -> int:
    return int(array.__array_interface__["data"][0])


def _bits(array: np.ndarray[Any, Any]) -> Any:
    if array.dtype.kind == "f":
        return tuple(_float(float(item)) for item in array.ravel())
    if array.dtype.kind in "iub":
        return tuple(array.ravel().tolist())
    return (str(array.dtype), array.tobytes())


# ------------------------------------------------------------------------------------------------ observing a call


@dataclass(frozen=True)
class Outcome:
    """Everything that a user can see of one call.

    Attributes:
        value: what was returned, frozen; None when it raised.
        error: type and message of the exception and of those chained to it, outermost first.
        traceback: (file, function, line) of each frame below the caller.
        carets: (end line, column, end column) of the same frames.
        state: arguments, globals and closure cells afterwards, frozen together with the value.
        output: what was printed.
        warnings: (category, message, file, line) of each.
    """

    value: Any
    error: Any
    traceback: Any
    carets: Any
    state: Any
    output: str
    warnings: Any


def _frames(tb: types.TracebackType | None, limit: int | None = None) -> tuple[list[Any], list[Any]]:
    lines: list[Any] = []
    carets: list[Any] = []
    while tb is not None and (limit is None or len(lines) < limit):
        code = tb.tb_frame.f_code
        lines.append((_shown(code.co_filename), code.co_name, tb.tb_lineno))
        positions = list(code.co_positions())[tb.tb_lasti // 2] if tb.tb_lasti >= 0 else (None,) * 4
        carets.append(positions[1:])
        tb = tb.tb_next
    return lines, carets


def _shown(filename: str) -> str:
    if f"{os.sep}zexus{os.sep}" in filename and "tests" not in filename:
        return f"INSIDE THE ENGINE: {filename}"
    return os.path.basename(filename)


def _chain(error: BaseException) -> tuple[list[Any], list[Any], list[Any]]:
    described: list[Any] = []
    frames: list[Any] = []
    carets: list[Any] = []
    todo: list[tuple[str, BaseException]] = [("raised", error)]
    while todo and len(described) < 6:
        how, one = todo.pop(0)
        # Which call of the interpreter met the edge of the stack is in the message, and no promise.
        words = "maximum recursion depth exceeded" if isinstance(one, RecursionError) else str(one)
        described.append((how, type(one).__module__, type(one).__qualname__, words, getattr(one, "__notes__", None)))
        # The harness' own frame stands first in what was raised through it; how deep a stack can get is no promise.
        start = one.__traceback__.tb_next if how == "raised" and one.__traceback__ else one.__traceback__
        lines, columns = _frames(start, 2 if isinstance(one, RecursionError) else None)
        # 3.11 blames the first of two instructions that it has fused by then, even if that stands in another line.
        fused = isinstance(one, UnboundLocalError)
        frames.append(tuple((file, name) for file, name, _ in lines) if fused else tuple(lines))
        carets.append(() if fused else tuple(columns))
        if one.__cause__ is not None:
            todo.append(("cause", one.__cause__))
        if one.__context__ is not None and not one.__suppress_context__:
            todo.append(("context", one.__context__))
    return described, frames, carets


def _globals(module: types.ModuleType) -> dict[str, Any]:
    return {
        name: value
        for name, value in module.__dict__.items()
        if not name.startswith("__") and not isinstance(value, (types.ModuleType, type))
    }


def observe(module: types.ModuleType, function: Any, cells: Any, arguments: tuple[Any, ...]) -> Outcome:
    """Call `function` and note everything that shows.

    Args:
        module: whose globals are part of what shows.
        function: what to call.
        cells: the closure whose contents are part of what shows, or None.
        arguments: what to call it with.
    """
    freezer = Freezer()
    output = io.StringIO()
    value = error = frames = carets = None
    with warnings.catch_warnings(record=True) as noted, redirect_stdout(output), redirect_stderr(output):
        warnings.simplefilter("always")
        try:
            value = function(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as raised:
            error, frames, carets = _chain(raised)
    result = freezer.freeze(value)
    state: dict[str, Any] = {"arguments": tuple(map(freezer.freeze, arguments))}
    state["globals"] = {name: freezer.freeze(item) for name, item in _globals(module).items()}
    state["cells"] = [_cell(freezer, cell) for cell in cells or ()]
    seen = [(w.category.__name__, str(w.message), _shown(w.filename), w.lineno) for w in noted]
    return Outcome(result, error, frames, carets, state, output.getvalue(), seen)


def _cell(freezer: Freezer, cell: types.CellType) -> Any:
    try:
        return freezer.freeze(cell.cell_contents)
    except ValueError:
        return "empty"


# ------------------------------------------------------------------------------------------------ comparing


@dataclass(frozen=True)
class Difference:
    """One field in which an engine's outcome is not CPython's."""

    call: str
    field: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        before, after = (_lines(side) for side in (self.expected, self.actual))
        shown = list(difflib.unified_diff(before, after, "CPython", "engine", lineterm="", n=2))
        if len(shown) > 60:
            shown = [*shown[:60], f"... {len(shown) - 60} more lines"]
        return f"{self.call}: {self.field} differs\n" + "\n".join("    " + line for line in shown)


def _lines(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.splitlines()
    return pprint.pformat(value, width=110, sort_dicts=False).splitlines()


def differences(call: str, expected: Outcome, actual: Outcome) -> list[Difference]:
    """The fields of two outcomes that differ."""
    return [
        Difference(call, one.name, before, after)
        for one in fields(Outcome)
        if (before := getattr(expected, one.name)) != (after := getattr(actual, one.name))
    ]


def adopt(program: Program, case: Case, make: Engine) -> Any:
    """Compile the case's function and put the result where the function stood, as a decorator would."""
    compiled = make(case.function)
    spaces: list[Any] = [program.module]
    spaces += [value for value in program.module.__dict__.values() if isinstance(value, type)]
    for space in spaces:
        for name, value in list(vars(space).items()):
            if value is case.function:
                setattr(space, name, compiled)
    return compiled


def compare(
    reference: Program, subject: Program, name: str, make: Engine, rounds: int, only: int | None = None
) -> tuple[list[Difference], Any]:
    """Run the same sequence of calls in two instances of a module, one under the engine.

    Args:
        reference: the instance that runs on CPython alone.
        subject: the instance whose function is compiled.
        name: the case.
        make: the engine.
        rounds: how often to go through the argument sets.
        only: the number of the one argument set to use, or None for all.

    Returns:
        The differences of the first call that has any, and the compiled function.
    """
    case, other = reference.cases[name], subject.cases[name]
    compiled = adopt(subject, other, make)
    for turn in range(rounds):
        for index, (left, right) in enumerate(zip(case.sets, other.sets, strict=True)):
            if only is not None and index != only:
                continue
            expected = observe(reference.module, case.function, case.function.__closure__, left())
            actual = observe(subject.module, compiled, other.function.__closure__, right())
            found = differences(f"{name}, arguments {index}, round {turn + 1}", expected, actual)
            if found:
                return found, compiled
        settle(compiled)
    return [], compiled


def settle(compiled: Any, patience: float = 5.0) -> None:
    """Wait until nothing is being compiled in the background, so that the next round runs what was compiled."""
    deadline = time.monotonic() + patience
    while any(region.code == "ZX002" for region in regions(compiled)) and time.monotonic() < deadline:
        time.sleep(0.01)


# ------------------------------------------------------------------------------------------------ tiers


def regions(compiled: Any) -> list[Any]:
    """The engine's region reports; none for a plain function."""
    if not hasattr(compiled, "__wrapped__"):
        return []
    import zexus

    return list(zexus.explain(compiled).regions)


def table(compiled: Any) -> str:
    """The engine's own words on what it did with the function."""
    if not hasattr(compiled, "__wrapped__"):
        return "(plain function)"
    import zexus

    return str(zexus.explain(compiled))


def misplaced(marks: dict[int, str], before: list[Any], after: list[Any]) -> list[str]:
    """The marked loops that did not run where they must.

    Args:
        marks: line -> "native" or "python".
        before: the region reports when the function was warm.
        after: the reports some calls later; what happened between the two is judged.
    """
    earlier = {(region.first_line, region.kind): region for region in before}
    grown = []
    for region in after:
        old = earlier.get((region.first_line, region.kind))
        iterations = region.iterations - (old.iterations if old else 0)
        native = region.native_iterations - (old.native_iterations if old else 0)
        grown.append((region, iterations, native))
    problems = []
    for line, tier in marks.items():
        own = [row for row in grown if row[0].first_line == line]
        if not own:
            problems.append(f"line {line}: must run {tier}, but there is no region for it")
            continue
        if tier == "python":
            problems += [
                f"line {line}: must stay in CPython, is {r.tier} with {n} native iterations"
                for r, _, n in own
                if r.tier == "native" or n
            ]
            continue
        around = [row for row in grown if row[0].first_line <= line <= row[0].last_line]
        if any(r.tier == "native" and i > 0 and n >= SHARE * i for r, i, n in around):
            continue
        region, iterations, native = own[0]
        problems.append(
            f"line {line}: must run native, is {region.tier} ({region.code} {region.reason}), "
            f"{native} of {iterations} iterations native, {region.side_exits} side exits"
        )
    return problems


def check_native(subject: Program, name: str, make: Engine, warm: int = 4, judged: int = 4) -> tuple[list[str], Any]:
    """Call the function with its long arguments until warm, then see where its marked loops run."""
    case = subject.cases[name]
    assert case.long is not None, f"{name} marks loops but has no long arguments"
    compiled = adopt(subject, case, make)
    _repeat(subject, case, compiled, case.long, warm)
    before = regions(compiled)
    _repeat(subject, case, compiled, case.long, judged)
    return misplaced(case.marks, before, regions(compiled)), compiled


def _repeat(subject: Program, case: Case, compiled: Any, arguments: Arguments, times: int) -> None:
    for _ in range(times):
        observe(subject.module, compiled, case.function.__closure__, arguments())


def report(found: list[Difference] | list[str], compiled: Any) -> str:
    """The problems of one program with the engine's table beneath."""
    return "\n".join([*map(str, found), "", table(compiled)])


def failure(error: BaseException) -> str:
    """An exception of the engine itself (not of the program), in full."""
    return "the engine failed:\n" + "".join(traceback.format_exception(error))
