"""The process in which a job's target runs: it runs it as told, and writes down what came of it."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import inspect
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from zexus import events
from zexus.config import clock
from zexus.settings import GcSettings, JitSettings, VmSettings, disabled, of_mapping
from zexus.vm.collector import collecting


def main(path: str) -> None:
    """Run a target.

    Args:
        path: of a JSON file that says what to run (see `zexus.config.launch.Task`); the outcome goes into it.
    """
    with open(path, encoding="utf-8") as file:
        task = json.load(file)
    jit = of_mapping(JitSettings, task["jit"])
    events.tell(task["log"], task["events"])
    outcome: dict[str, Any] = {"seconds": [], "own": [], "units": [], "value": None, "equal": None, "missing": ""}
    interrupted = False
    kept: list[object] = []  # reports live as long as their functions
    try:
        {"script": _script, "function": _function, "bytecode": _bytecode}[task["kind"]](task, jit, outcome, kept)
    except Interrupted:
        interrupted = True
    finally:
        outcome |= _regions()
        with open(path, "w", encoding="utf-8") as file:
            json.dump(outcome, file)
    if interrupted:
        sys.stdout.flush()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)


class Interrupted(BaseException):
    """The target was interrupted, and its traceback has been printed."""


def _regions() -> dict[str, Any]:
    if "zexus.jit.explain" not in sys.modules:
        return {"regions": [], "report": "Nothing was rewritten."}
    from zexus.jit.explain import all_regions, report_text

    regions = all_regions()
    return {"regions": [asdict(region) for region in regions], "report": report_text(regions)}


def _script(task: dict[str, Any], jit: JitSettings, outcome: dict[str, Any], kept: list[object]) -> None:
    from zexus.jit.program import Program, run

    program = Program(task["target"], False, tuple(task["args"]), jit)
    with collecting(_gc(task)), _timed(task, outcome):
        run(program)


def _function(task: dict[str, Any], jit: JitSettings, outcome: dict[str, Any], kept: list[object]) -> None:
    sys.path[0] = task["directory"]
    if jit.enabled and not disabled():
        from importlib.machinery import PathFinder

        from zexus.jit.program import Finder

        places = [place for place, other in enumerate(sys.meta_path) if other is PathFinder]
        sys.meta_path.insert(places[0] if places else len(sys.meta_path), Finder(task["directory"], (), jit))
    module, _, name = task["target"].partition(":")
    sys.argv = [module]

    def find() -> Any:
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise
            outcome["missing"] = f"there is no module {error.name!r} in {task['directory']} or among the installed ones"
            sys.exit(2)
        for part in name.split("."):
            if not hasattr(found, part):
                outcome["missing"] = f"{getattr(found, '__name__', module)!r} has no {part!r}{_near(part, found)}"
                sys.exit(2)
            found = getattr(found, part)
        if not callable(found):
            outcome["missing"] = f"{name!r} cannot be called: it is of type {type(found).__name__!r}"
            sys.exit(2)
        if inspect.iscoroutinefunction(found) or inspect.isasyncgenfunction(found):
            outcome["missing"] = f"{name!r} is a coroutine function, which does nothing by itself"
            sys.exit(2)
        return _adaptive(found, jit)

    function = _guarded(find)
    kept.append(function)
    _repeat(lambda: function(*task["args"], **task["kwargs"]), task, outcome, _gc(task))


def _near(name: str, space: Any) -> str:
    near = difflib.get_close_matches(name, vars(space) if hasattr(space, "__dict__") else (), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _adaptive(function: Any, jit: JitSettings) -> Any:
    """The function itself where its module was rewritten; one of a library is compiled, because it was asked for."""
    if not jit.enabled:
        return function
    from zexus.jit.compile import compile
    from zexus.jit.explain import reporter_of, underlying

    plain = underlying(function)
    return function if plain is None or reporter_of(plain) is not None else compile(function, profile=jit)


def _bytecode(task: dict[str, Any], jit: JitSettings, outcome: dict[str, Any], kept: list[object]) -> None:
    from zexus.assembly import assemble
    from zexus.bytecode import InvalidCode
    from zexus.vm.vm import VM

    options = dict(task["vm"])
    options["settings"] = of_mapping(VmSettings, options["settings"])
    try:
        with open(task["target"], encoding="utf-8") as file:
            module = assemble(file.read(), task["target"])
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"zexus: can't read {task['target']!r}: {getattr(error, 'strerror', None) or error}\n")
        sys.exit(2)
    except InvalidCode as error:
        sys.exit(f"zexus: {error}")
    if "main" not in module.functions:
        sys.exit(f"zexus: {task['target']} has no function main")
    vm = VM(**options)
    kept.append(vm)
    _repeat(lambda: vm.run(module, *task["args"]), task, outcome, GcSettings())  # the VM sees to it


def _guarded(run: Callable[[], Any]) -> Any:
    """What `run` returns; where it raises, the process ends as one of Python's would, without what is around it."""
    try:
        return run()
    except SystemExit:
        raise
    except BaseException as error:
        entry = error.__traceback__
        while entry is not None and _is_around(entry.tb_frame.f_code.co_filename):
            entry = entry.tb_next
        traceback.print_exception(error.with_traceback(entry))
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted from None
        sys.exit(1)


def _is_around(path: str) -> bool:
    """Whether the code of a file stands between the process's start and the target: this one's and the importing."""
    return path in (__file__, importlib.__file__) or path.startswith("<frozen importlib.")


@contextlib.contextmanager
def _timed(task: dict[str, Any], outcome: dict[str, Any]) -> Iterator[None]:
    """Note how long a run takes; where it is measured, also the calibration loop before and behind it."""
    units = [clock.unit()] if task["measured"] else []
    own, start = clock.now(), time.perf_counter()
    try:
        yield
    finally:
        outcome["seconds"].append(time.perf_counter() - start)
        if units:
            outcome["own"].append(clock.now() - own)
            outcome["units"].append((*units, clock.unit()))


def _gc(task: dict[str, Any]) -> GcSettings:
    return of_mapping(GcSettings, task["gc"])


def _repeat(run: Callable[[], Any], task: dict[str, Any], outcome: dict[str, Any], gc: GcSettings) -> None:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        for _ in range(task["warmup"]):
            _guarded(run)
    value = None
    with collecting(gc):
        for _ in range(task["repeat"]):
            with _timed(task, outcome):
                value = _guarded(run)
    outcome["value"] = _guarded(lambda: repr(value))
    if task["expected"] is not None:
        outcome["equal"] = _guarded(lambda: equal(value, task["expected"][0]))
    if value is not None:
        _guarded(lambda: print(value))


def equal(value: Any, expected: Any) -> bool:
    """Whether a value is what YAML can say of it: tuples are lists, NumPy's numbers are numbers, nan is nan."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(expected, list):
        return (isinstance(value, (list, tuple)) and len(value) == len(expected)
                and all(map(equal, value, expected)))
    if isinstance(expected, dict):
        return (isinstance(value, dict) and value.keys() == expected.keys()
                and all(equal(value[key], expected[key]) for key in expected))
    if isinstance(expected, bool) or isinstance(value, bool) or expected is None:
        return value is expected
    return bool(value == expected or (value != value and expected != expected))
