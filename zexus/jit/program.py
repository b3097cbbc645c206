"""`zexus run`: a whole program, its own modules rewritten at import, behaving as under `python`."""

from __future__ import annotations

import atexit
import builtins
import fnmatch
import importlib.machinery
import importlib.util
import os
import signal
import site
import sys
import traceback
import types
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from zexus.codes import Unsupported
from zexus.jit import generations, guests
from zexus.jit.explain import report_program
from zexus.jit.namesakes import make_room
from zexus.records import dataclass
from zexus.settings import JitSettings, disabled

if TYPE_CHECKING:
    from zexus.jit.profiling import PythonProfiler

_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
_OWN = os.path.dirname(os.path.dirname(__file__)) + os.sep  # as code objects name it
_NAME = __name__.partition(".")[0]
_MACHINERY = frozenset(("numba", "llvmlite"))


@dataclass(frozen=True)
class Program:
    """What is to be run.

    Attributes:
        target: path of a script (or of a directory or zip file with a `__main__.py`), or name of a module.
        is_module: whether `target` is the name of a module, as behind `python -m`.
        arguments: the program's own arguments.
        settings: settings of the tracing tier.
        include: patterns of names of further modules that are rewritten.
        report: whether to say on stderr at the end which loops ran where.
        level: what the profiler notes, "" without any.
        json: the file that the profiler's report is written to; "" for stderr.
    """

    target: str
    is_module: bool
    arguments: tuple[str, ...]
    settings: JitSettings
    include: tuple[str, ...] = ()
    report: bool = False
    level: str = ""
    json: str = ""


_main: types.ModuleType | None = None  # kept, so that the interpreter clears it at its end like any `__main__`
_interrupted = False


def run(program: Program, profiler: PythonProfiler | None = None, tell: Callable[[], None] | None = None) -> None:
    """Run `program` as `__main__`.

    Args:
        program: what is to be run.
        profiler: counts what its modules do, if that is wanted.
        tell: called when the process ends, after what the program has registered for its end.

    Raises:
        SystemExit: as the program raised it; with 1 behind an uncaught exception, with 2 for a missing script.
    """
    atexit.register(_die_of_interrupt)
    if tell is not None:
        atexit.register(tell)
    if program.report:
        atexit.register(_print_report, os.getpid())
    if program.is_module:
        _run_module(program, program.target, profiler)
    elif _is_container(program.target):
        sys.argv = [program.target, *program.arguments]
        make_room(program.target)
        sys.path[: not sys.flags.safe_path] = [os.path.join(os.getcwd(), program.target)]
        _run_module(program, "__main__", profiler)
    else:
        _run_script(program, profiler)


def _is_container(path: str) -> bool:
    if not os.path.exists(path):
        return False
    import pkgutil

    return pkgutil.get_importer(path) is not None


def _run_script(program: Program, profiler: PythonProfiler | None) -> None:
    path = os.path.join(os.getcwd(), program.target)
    sys.argv = [program.target, *program.arguments]
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        sys.stderr.write(f"zexus: can't open file {path!r}: [Errno {error.errno}] {error.strerror}\n")
        sys.exit(2)
    directory = os.path.dirname(os.path.realpath(path))
    if not sys.flags.safe_path:
        make_room(directory)
        sys.path[0] = directory
    loader = importlib.machinery.SourceFileLoader("__main__", path)
    module = _new_main(__loader__=loader, __file__=path, __cached__=None)
    _install_finder(program, directory, profiler)
    _execute(module, data, path, program.settings, profiler)


def _run_module(program: Program, name: str, profiler: PythonProfiler | None) -> None:
    import runpy

    if program.is_module:
        sys.argv = ["-m", *program.arguments]
        if not sys.flags.safe_path:
            make_room(os.getcwd())
            sys.path[0] = os.getcwd()
    module = _new_main()
    find_details: Any = getattr(runpy, "_get_main_module_details" if name == "__main__" else "_get_module_details")
    missing: Any = getattr(runpy, "_Error")  # noqa: B009
    finder = _install_finder(program, sys.path[0] if sys.path else os.getcwd(), profiler)
    failure: BaseException | None = None
    try:
        _, spec, code = find_details(missing) if name == "__main__" else find_details(name, missing)
    except missing as error:
        sys.exit(f"{sys.executable}: {error}")
    except SystemExit:
        raise
    except BaseException as error:
        failure = error
    if failure is not None:
        _die_of(failure)
    if program.is_module:
        sys.argv[0] = spec.origin
    module.__dict__.update(
        __file__=spec.origin, __cached__=spec.cached, __loader__=spec.loader, __package__=spec.parent, __spec__=spec
    )
    finder.roots.add(_root(spec))
    data = spec.loader.get_data(spec.origin) if isinstance(spec.loader, importlib.machinery.SourceFileLoader) else code
    _execute(module, data, spec.origin, program.settings, profiler)


def _root(spec: importlib.machinery.ModuleSpec) -> str:
    """The directory that holds the top-level package (or module) of `spec`."""
    directory = os.path.dirname(os.path.realpath(spec.origin or "."))
    for _ in range(spec.name.count(".")):
        directory = os.path.dirname(directory)
    return directory


def _new_main(**names: object) -> types.ModuleType:
    global _main
    module = types.ModuleType("__main__")
    module.__dict__.update(__builtins__=builtins, __annotations__={}, **names)
    sys.modules["__main__"] = _main = module
    return module


def _execute(
    module: types.ModuleType, source: bytes | types.CodeType, path: str, settings: JitSettings,
    profiler: PythonProfiler | None
) -> None:
    failure: BaseException | None = None
    try:
        with generations.starting():
            code = _code_of_main(module, source, path, settings, profiler)
    except (SyntaxError, ValueError) as error:
        failure = error.with_traceback(None)
    if failure is None:
        try:
            exec(code, module.__dict__)
        except SystemExit:
            raise
        except BaseException as error:
            failure = error
    if failure is not None:  # outside of the handlers, so that a failing excepthook has no context but its own
        _die_of(failure)


def _code_of_main(
    module: types.ModuleType, source: bytes | types.CodeType, path: str, settings: JitSettings,
    profiler: PythonProfiler | None
) -> types.CodeType:
    if isinstance(source, types.CodeType):
        return source
    plain = compile(source, path, "exec", dont_inherit=True)  # with the errors and warnings that python would show
    rewritten = rewrite(source, path, settings, profiler)
    return plain if rewritten is None else rewritten.link(module.__dict__)


class Rewritten(Protocol):
    """A module that was rewritten: its code for a namespace."""

    def link(self, namespace: dict[str, Any]) -> types.CodeType: ...


def rewrite(source: bytes, path: str, settings: JitSettings,
            profiler: PythonProfiler | None = None) -> Rewritten | None:
    """The module with its loops instrumented, and with counters, or None when it has to run as it is."""
    if profiler is not None:
        return profiler.module(source, path)
    if disabled() or not settings.enabled:
        return None
    from zexus.jit.host import tracer
    from zexus.jit.hosts import ModuleHost

    if tracer() is not None:
        return None
    try:
        return ModuleHost(importlib.util.decode_source(source), path, settings)
    except (Unsupported, SyntaxError, ValueError, RecursionError):
        return None


def _die_of(error: BaseException) -> NoReturn:
    """Show an uncaught exception as the interpreter would, and leave."""
    global _interrupted
    _interrupted = isinstance(error, KeyboardInterrupt)
    error.__traceback__ = entry = _below_package(error.__traceback__)
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, entry
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    try:
        sys.excepthook(type(error), error, entry)
    except SystemExit:
        raise
    except BaseException as second:
        sys.stderr.write("Error in sys.excepthook:\n")
        traceback.print_exception(second.with_traceback(_below_package(second.__traceback__)))
        sys.stderr.write("\nOriginal exception was:\n")
        sys.__excepthook__(type(error), error, entry)
    raise SystemExit(1) from None


def _below_package(entry: types.TracebackType | None) -> types.TracebackType | None:
    """The traceback without its first entries as far as they are of this package."""
    while entry is not None and os.path.realpath(entry.tb_frame.f_code.co_filename).startswith(_PACKAGE + os.sep):
        entry = entry.tb_next
    return entry


def _die_of_interrupt() -> None:
    """Behind an uncaught KeyboardInterrupt the process ends by the signal, so that shells stop too."""
    if not _interrupted or sys.platform == "win32":
        return
    sys.stdout.flush()
    sys.stderr.flush()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)


def _print_report(process: int) -> None:
    if os.getpid() != process:
        return
    sys.stdout.flush()
    sys.stderr.write(report_program() + "\n")


def _install_finder(program: Program, root: str, profiler: PythonProfiler | None) -> Finder:
    finder = Finder(root, program.include, program.settings, profiler)
    if profiler is not None or not disabled():
        places = [place for place, other in enumerate(sys.meta_path) if other is importlib.machinery.PathFinder]
        sys.meta_path.insert(places[0] if places else len(sys.meta_path), finder)
    return finder


class Finder:
    """Finds modules as `PathFinder` does, and gives the program's own ones a loader that rewrites them.

    Args:
        root: a directory under which the program's own modules lie.
        include: patterns of names of further modules.
        settings: settings of the tracing tier.
        profiler: as for `run`.
    """

    def __init__(self, root: str, include: Sequence[str], settings: JitSettings,
                 profiler: PythonProfiler | None = None) -> None:
        self.roots = {os.path.realpath(root)}
        self._include = tuple(include)
        self._libraries = _libraries()
        self._settings = settings
        self._profiler = profiler

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec that the import system asks for."""
        if name.partition(".")[0] == _NAME:
            return None  # the engine's own: `PathFinder` is asked next
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or type(spec.loader) is not importlib.machinery.SourceFileLoader or not spec.origin:
            return spec
        if name == guests.NUMBA:
            spec.loader = guests.NumbaLoader(name, spec.origin)
        if not self._is_own(name, spec.origin):
            return spec
        try:
            source = spec.loader.get_data(spec.origin)
        except OSError:
            return spec
        rewritten = rewrite(source, spec.origin, self._settings, self._profiler)
        if rewritten is not None:
            spec.loader = Loader(name, spec.origin, rewritten)
        return spec

    def _is_own(self, name: str, origin: str) -> bool:
        place = os.path.realpath(origin)
        if _is_under(place, _PACKAGE) or name.partition(".")[0] in _MACHINERY or _for_itself():
            return False
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in self._include):
            return True
        libraries = [library for library in self._libraries if _is_under(place, library)]
        return any(
            _is_under(place, root) and all(_is_under(root, library) for library in libraries) for root in self.roots
        )


def _for_itself() -> bool:
    """Whether this package is importing, and not the program."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code.co_filename == __file__ and code.co_name in ("run", "_run_module", "_run_script"):
            return False
        if code.co_filename != __file__ and code.co_filename.startswith(_OWN):
            return True
        frame = frame.f_back
    return False


def _libraries() -> list[str]:
    """Where the standard library and installed packages lie."""
    places = [os.path.dirname(os.__file__), *site.getsitepackages(), site.getusersitepackages()]
    return [os.path.realpath(place) for place in places]


def _is_under(place: str, directory: str) -> bool:
    return place == directory or place.startswith(directory.rstrip(os.sep) + os.sep)


class Loader(importlib.machinery.SourceFileLoader):
    """Loads one module from its rewritten source; what is cached as byte code is the plain one."""

    def __init__(self, name: str, path: str, rewritten: Rewritten) -> None:
        super().__init__(name, path)
        self._rewritten: Rewritten | None = rewritten
        self._namespace: dict[str, Any] | None = None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """The module as the import system would make it; its dictionary is what the tiers look at."""
        module = types.ModuleType(spec.name)
        self._namespace = module.__dict__
        return module

    def get_code(self, fullname: str) -> types.CodeType | None:
        """The rewritten code for the module that is being loaded; the plain code for anybody else who asks."""
        plain = super().get_code(fullname)
        namespace, self._namespace = self._namespace, None
        if namespace is None and fullname in sys.modules:
            namespace = sys.modules[fullname].__dict__  # importlib.reload
        rewritten, self._rewritten = self._rewritten, None
        return plain if namespace is None or rewritten is None else rewritten.link(namespace)
