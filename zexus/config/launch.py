"""A job's target in a process of its own: what it is told, what it prints, and what came of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from zexus.config.job import Job, is_bytecode, is_function
from zexus.config.layers import Resolved
from zexus.config.problems import ConfigError, Problem

_PATIENCE = 5.0  # seconds that a process has to take note of an interrupt
_PACKAGE = str(Path(__file__).parents[2])
_START = "import sys; sys.path[0] = {!r}; from zexus.config.child import main; main({!r})"


@dataclass(frozen=True)
class Task:
    """What a process is told.

    Attributes:
        kind: "script", "function" or "bytecode".
        target: an absolute path, or `module:function`.
        directory: where modules are looked for.
        args, kwargs: the arguments.
        warmup, repeat: how often, in this process.
        expected: the value to compare with, in a list, or None.
        jit: settings of the tracing tier.
        vm: arguments of the VM.
        gc: what the garbage collector is told.
        log: kinds of events that are told on stderr.
        events: how many events are kept.
        measured: whether the runs are measured for comparison: see `zexus.config.clock`.
    """

    kind: str
    target: str
    directory: str
    args: list[Any]
    kwargs: dict[str, Any]
    warmup: int
    repeat: int
    expected: list[Any] | None
    jit: dict[str, Any]
    vm: dict[str, Any]
    gc: dict[str, Any]
    log: list[str]
    events: int
    measured: bool = False


@dataclass
class Outcome:
    """What came of one process.

    Attributes:
        code: its exit code.
        stdout: what it printed, where that was asked for.
        seconds: how long each timed run took.
        own: the same without waiting for a processor, where that was measured.
        units: what the calibration loop took around each of these runs.
        value: the repr of what was returned, or None for a script.
        equal: whether it was the expected value; None where none was.
        regions: reports of its loops (see `zexus.jit.explain.RegionReport`).
        report: the same as text.
        missing: what of the target was not found, in words, or "".
    """

    code: int
    stdout: str = ""
    seconds: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    units: list[list[float]] = field(default_factory=list)
    value: str | None = None
    equal: bool | None = None
    regions: list[dict[str, Any]] = field(default_factory=list)
    report: str = ""
    missing: str = ""

    @property
    def native_share(self) -> float | None:
        """Of the observed loop iterations, the share that was native; None where none was observed."""
        iterations = sum(region["iterations"] for region in self.regions)
        return sum(region["native_iterations"] for region in self.regions) / iterations if iterations else None

    @property
    def side_exits(self) -> int:
        """How often native code was left before its loop's end."""
        return sum(region["side_exits"] for region in self.regions)


def task(job: Job, resolved: Resolved) -> Task:
    """What the process of a job is told.

    Raises:
        ConfigError: the target is no file, or the job asks of it what it has not.
    """
    directory = resolved.directory("target")
    function = is_function(job.target)
    kind = "function" if function else "bytecode" if is_bytecode(job.target) else "script"
    target = job.target if function else os.path.normpath(os.path.join(directory, job.target))
    problems = list(_mismatches(job, resolved, kind))
    if not function and not os.path.isfile(target):
        problems.append(Problem(resolved.place("target"), "target", f"there is no file {target}"))
    if problems:
        raise ConfigError(problems)
    expects = "value" in job.expect.model_fields_set
    options = job.vm_options()
    options["settings"] = asdict(options["settings"])
    return Task(kind, target, directory, [str(word) for word in job.args] if kind == "script" else job.args, job.kwargs,
                0 if kind == "script" else job.warmup, 1 if kind == "script" else job.repeat,
                [job.expect.value] if expects else None, asdict(job.jit_settings()), options,
                asdict(job.gc_settings()), list(job.report.log), job.report.events)


def _mismatches(job: Job, resolved: Resolved, kind: str) -> list[Problem]:
    problems = []
    if kind == "script" and "value" in job.expect.model_fields_set:
        problems.append(Problem(resolved.place("expect", "value"), "expect.value",
                                "a script returns nothing; expect its stdout"))
    if kind != "function" and job.kwargs:
        problems.append(Problem(resolved.place("kwargs"), "kwargs", f"a {kind} takes no keyword arguments"))
    return problems


def launch(told: Task, env: dict[str, str], capture: bool, show: bool) -> Outcome:
    """Run a task in a fresh process and wait for it.

    Args:
        told: the task.
        env: variables that are added to the environment.
        capture: whether what it prints is kept.
        show: whether what it prints is shown. Where it is not, the process has no terminal either: it reads nothing,
            and an interrupt from the keyboard ends it without a word.
    """
    handle, path = tempfile.mkstemp(prefix="zexus-", suffix=".json")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(told), file)
        stdout = subprocess.PIPE if capture else None if show else subprocess.DEVNULL
        sys.stdout.flush()
        with _Waiting(show) as waiting:
            process = subprocess.Popen(
                [sys.executable, "-c", _START.format(_PACKAGE, path)], stdout=stdout,
                stdin=None if show else subprocess.DEVNULL, env={**os.environ, **env},
                process_group=None if show else 0)
            waiting.watch(process)
            kept = _printed(process, show)
        if waiting.interrupts and (not show or process.returncode == -signal.SIGINT):
            raise KeyboardInterrupt
        return _outcome(path, process.returncode, kept)
    finally:
        os.unlink(path)


class _Waiting:
    """The signals that this process gets while it waits for another one.

    An interrupt from the keyboard reaches a process that is shown as well, and what that makes of it is its own affair;
    one that is not shown is ended. Whatever else ends this process ends the other one too. Interrupts raise nothing: an
    exception while the process is made, or between its end and the note of its exit code, would lose it.

    Args:
        show: whether the process is shown.

    Attributes:
        interrupts: how many interrupts have come.
    """

    def __init__(self, show: bool) -> None:
        self.interrupts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._show = show
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number, handler in ((signal.SIGINT, self._interrupt), (signal.SIGTERM, self._end)):
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, handler)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """The process is there; interrupts may have come already."""
        self._process = process
        if self.interrupts:
            self._tell(process)

    def _interrupt(self, number: int, frame: object) -> None:
        self.interrupts += 1
        if self._process is not None:
            self._tell(self._process)

    def _tell(self, process: subprocess.Popen[bytes]) -> None:
        if self.interrupts > 1 or not self._show:
            process.terminate()
            return
        # It may be that only this process was sent one.
        again = threading.Timer(_PATIENCE, process.send_signal, (signal.SIGINT,))
        again.daemon = True
        again.start()

    def _end(self, number: int, frame: object) -> None:
        if self._process is not None:
            self._process.terminate()
        sys.exit(128 + number)


def _printed(process: subprocess.Popen[bytes], show: bool) -> bytes:
    """What a process prints until its end."""
    kept = bytearray()
    if process.stdout is not None:
        with process.stdout:
            while data := os.read(process.stdout.fileno(), 1 << 16):
                kept += data
                if show:
                    sys.stdout.buffer.write(data)
                    sys.stdout.buffer.flush()
    process.wait()
    return bytes(kept)


def _outcome(path: str, code: int, kept: bytes) -> Outcome:
    found = Outcome(code if code >= 0 else 128 - code, kept.decode("utf-8", "replace"))
    try:
        told = json.loads(Path(path).read_text("utf-8"))
    except ValueError:
        return found
    if "seconds" in told:  # otherwise the process ended before it wrote anything
        for name in ("seconds", "own", "units", "value", "equal", "regions", "report", "missing"):
            setattr(found, name, told[name])
    return found
