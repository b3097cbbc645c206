"""`zexus.profile` and `zexus.profiling`: how often each line of Python functions is begun, and on what it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from zexus.jit.explain import compiled_functions, underlying
from zexus.jit.profiling import PythonProfiler, functions_of, modules_like
from zexus.report.model import Report
from zexus.report.python import collect_python
from zexus.report.views import view
from zexus.settings import from_environment, of_profile
from zexus.vm.profiler import ProfilingLevel

Result = TypeVar("Result")


@dataclass(frozen=True)
class Profiled(Generic[Result]):
    """What a profiled call has returned, and the report of it."""

    result: Result
    report: Report

    def __str__(self) -> str:
        return view(self.report, "text")


_running: profiling | None = None


class profiling:
    """A block whose calls are profiled: `with zexus.profiling("basic") as p: ...`, then `p.report()`.

    Counted are the functions of the module in which the block stands, those that `zexus.jit.compile` made, and those
    of the modules that `include` names, as far as they exist when the block begins. Calls that have not ended when the
    report is made are not wholly counted; the block itself is not. Blocks do not stand in each other.
    """

    def __init__(self, level: str | int | ProfilingLevel = "basic", *, include: Iterable[str] = (),
                 functions: Iterable[Callable[..., Any]] = (), profile: object = None) -> None:
        """
        Args:
            level: "none", "basic" (counts), "detailed" (times of loops, and of functions that have any, too) or "full"
                (of all functions).
            include: patterns of names of further modules, as in `fnmatch`.
            functions: further functions, wherever they come from.
            profile: settings for functions that were not compiled, as in `zexus.jit.compile`.

        Raises:
            ValueError: an unknown level.
        """
        settings = from_environment() if profile is None else of_profile(profile)
        self.profiler = PythonProfiler(ProfilingLevel.of(level), settings)
        self._include = (include,) if isinstance(include, str) else tuple(include)
        self._functions = tuple(functions)

    def __enter__(self) -> profiling:
        self._start(sys._getframe(1).f_globals)
        return self

    def __exit__(self, *raised: object) -> None:
        self._stop()

    def _stop(self) -> None:
        global _running
        self.profiler.stop()
        _running = None

    def _start(self, space: dict[str, Any]) -> None:
        global _running
        if _running is not None:
            raise RuntimeError("functions are being profiled already")
        named = [plain for one in self._functions if (plain := underlying(one)) is not None]
        found = [*named, *compiled_functions(), *functions_of(space, *modules_like(self._include))]
        _running = self
        self.profiler.start(dict.fromkeys(found))

    def report(self) -> Report:
        """What was counted by now."""
        return collect_python(self.profiler)

    def __str__(self) -> str:
        return view(self.report(), "text")


def profile(fn: Callable[..., Result], /, *args: Any, level: str | int | ProfilingLevel = "full",
            **kwargs: Any) -> Profiled[Result]:
    """Call `fn(*args, **kwargs)` and count what it does, and what the functions of its module do meanwhile.

    For functions of other modules there is `profiling`. A parameter of `fn` that is called `level` is reached by
    `functools.partial`.

    Args:
        fn: a function or method in Python, compiled or not.
        args, kwargs: its arguments.
        level: as for `profiling`.

    Returns:
        the result and the report. Of a generator or coroutine function, the result has not run yet: `profiling` is
        for these.

    Raises:
        BaseException: what `fn` raises, with the report as its attribute `zexus_report`.
        ValueError: an unknown level.
        TypeError: `fn` is no function in Python.
    """
    function = underlying(fn)
    if function is None:
        raise TypeError(f"a function in Python is needed, got an object of type {type(fn).__qualname__}")
    block = profiling(level, functions=(function,))
    block._start(function.__globals__)
    try:
        result = fn(*args, **kwargs)
    except BaseException as error:
        block._stop()
        _keep(error, block.report())
        raise
    block._stop()
    return Profiled(result, block.report())


def _keep(error: BaseException, report: Report) -> None:
    """Let an exception have a report; past its own class, whose attribute hooks are the user's."""
    BaseException.__setattr__(error, "zexus_report", report)
