"""`zexus run job.yaml`: run a job's target as often as it says, write its reports, and check what has to come out."""

from __future__ import annotations

import atexit
import json
import os
import platform
import re
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from zexus.config.describe import merged
from zexus.config.job import Job
from zexus.config.launch import Outcome, Task, launch, task
from zexus.config.layers import Resolved, Resolver
from zexus.config.problems import ConfigError, Place, Problem, Source
from zexus.config.profile import NOT_THERE, Profile
from zexus.config.writing import obstacle

FAILED_CHECK = 3


def warn(resolved: Resolved, profile: Profile) -> None:
    """Say on stderr which of the phases that a profile turns on are not there."""
    for phase in profile.missing():
        problem = Problem(resolved.place(phase, "enabled"), f"{phase}.enabled", f"warning: {NOT_THERE[phase]}")
        sys.stderr.write(f"{problem}\n")


def run(resolved: Resolved, directory: str | None = None, dry: bool = False) -> int:
    """Run a job.

    Args:
        resolved: the job's values.
        directory: where the job as it was run, its report and its environment are written, if anywhere.
        dry: only print what would be run.

    Returns:
        the exit code: the target's own where it is not 0, 3 where an expectation failed.

    Raises:
        ConfigError: the job cannot be run as it is written.
    """
    job, told, other = tasks(resolved)
    warn(resolved, job)
    if dry:
        sys.stdout.write(merged(resolved, job, origin=True))
        return 0
    _prepare(job, resolved, directory)
    outcomes = list(_runs(job, told))
    last = outcomes[-1]
    if last.missing:
        raise ConfigError([Problem(resolved.place("target"), "target", last.missing)])
    problems: list[Problem] = []
    if not last.code:
        _summary(job, outcomes)
        problems += [problem for outcome in outcomes for problem in failures(job, resolved, outcome)]
    if not last.code and other is not None:
        problems += _compared(job, resolved, outcomes, other)
    _reports(job, resolved, last)
    if directory is not None:
        _keep(directory, resolved, job, outcomes)
    if last.code:
        return last.code
    if problems:
        sys.stderr.write(f"{ConfigError(problems)}\n")
        return FAILED_CHECK
    return 0


def _prepare(job: Job, resolved: Resolved, directory: str | None) -> None:
    """See that what is to be written can be, before the job takes its time.

    Raises:
        ConfigError: something cannot.
    """
    problems = []
    for index, report in enumerate(job.reports):
        path = os.path.join(resolved.directory("reports"), report.path)
        why = obstacle(path)
        if why:
            problems.append(Problem(resolved.place("reports", str(index), "path"), f"reports.{index}.path",
                                    f"{path} cannot be written: {why}"))
    if directory is not None:
        place = Place(Source("--run-dir", directory))
        try:
            os.makedirs(directory, exist_ok=True)
            if os.listdir(directory):
                problems.append(Problem(place, "", "the directory is not empty"))
            with tempfile.TemporaryFile(dir=directory):
                pass
        except (OSError, ValueError) as error:
            words = getattr(error, "strerror", None) or str(error)
            problems.append(Problem(place, "", f"the directory cannot be made or written to: {words}"))
    if problems:
        raise ConfigError(problems)


def tasks(resolved: Resolved) -> tuple[Job, Task, Task | None]:
    """A job, what its process is told, and the same for the profile that it is compared with, if there is one.

    Raises:
        ConfigError: the job cannot be run as it is written.
    """
    job = resolved.model(Job)
    told = task(job, resolved)
    if job.compare is None:
        return job, told, None
    found = Resolver(Profile).instead(resolved, job.compare, resolved.place("compare"))
    # A few runs at most: they may take much longer.
    other = replace(task(found.model(Job), found), warmup=0, repeat=min(told.repeat, 3), expected=None)
    return job, told, other


def _compared(job: Job, resolved: Resolved, outcomes: list[Outcome], told: Task) -> Iterator[Problem]:
    """Say how many times as fast the job is as under another profile, and whether that gives something else."""
    place = resolved.place("compare")
    other = launch(told, job.env, True, False)
    if other.code:
        yield Problem(place, "compare", f"with {job.compare} the target ended with exit code {other.code}")
    elif (other.stdout, other.value) != (outcomes[-1].stdout, outcomes[-1].value):
        yield Problem(place, "compare", f"with {job.compare} the target prints or returns something else")
    elif other.seconds and (ours := [second for outcome in outcomes for second in outcome.seconds]):
        seconds, factor = statistics.median(other.seconds), statistics.median(other.seconds) / statistics.median(ours)
        words = f"the profile {job.compare}" if told.jit["enabled"] or told.kind == "bytecode" else "plain Python"
        sys.stderr.write(f"zexus: {words} takes {seconds:.4g} s: {factor:.3g} times as long\n")


def _runs(job: Job, told: Task) -> Iterator[Outcome]:
    """Each timed process; a script is warmed up by processes before, whose output is not shown."""
    capture = job.expect.stdout is not None or job.compare is not None
    warmup, repeat = (job.warmup, job.repeat) if told.kind == "script" else (0, 1)
    for _ in range(warmup):
        outcome = launch(told, job.env, False, False)
        if outcome.code:
            yield outcome
            return
    for _ in range(repeat):
        outcome = launch(told, job.env, capture, True)
        yield outcome
        if outcome.code:
            return


def _summary(job: Job, outcomes: list[Outcome]) -> None:
    seconds = [second for outcome in outcomes for second in outcome.seconds]
    if len(seconds) > 1:
        sys.stdout.flush()
        sys.stderr.write(f"zexus: {len(seconds)} runs of {job.target}: median {statistics.median(seconds):.4g} s, "
                         f"{min(seconds):.4g} to {max(seconds):.4g} s\n")


def report_at_exit() -> None:
    """Write the report of this process to stderr, as JSON, when it ends."""
    process = os.getpid()

    def write() -> None:
        from zexus.jit.explain import all_regions

        if os.getpid() == process:
            sys.stdout.flush()
            regions = [asdict(region) for region in all_regions()]
            sys.stderr.write(_text("json", Outcome(0, regions=regions)))

    atexit.register(write)


def _text(kind: str, outcome: Outcome) -> str:
    if kind == "text":
        return outcome.report + "\n"
    return json.dumps({"seconds": outcome.seconds, "value": outcome.value, "native_share": outcome.native_share,
                       "side_exits": outcome.side_exits, "regions": outcome.regions}, indent=2) + "\n"


def _reports(job: Job, resolved: Resolved, outcome: Outcome) -> None:
    if job.report.enabled:
        sys.stderr.write(_text(job.report.format, outcome))
    for index, report in enumerate(job.reports):
        path = os.path.join(resolved.directory("reports"), report.path)
        try:
            Path(path).write_text(_text(report.format, outcome), "utf-8")
        except OSError as error:
            raise ConfigError([Problem(resolved.place("reports", str(index), "path"), f"reports.{index}.path",
                                       f"{path} cannot be written: {error.strerror}")]) from None


def failures(job: Job, resolved: Resolved, outcome: Outcome) -> Iterator[Problem]:
    """The expectations that one process did not meet."""
    expect = job.expect

    def failed(name: str, text: str) -> Problem:
        return Problem(resolved.place("expect", name), f"expect.{name}", text)

    if outcome.value is None and "value" in expect.model_fields_set:
        yield failed("value", "the target ended its process before it returned anything")
    elif outcome.equal is False:
        value = outcome.value or ""
        yield failed("value", f"another value came out (got {value if len(value) <= 200 else value[:197] + '...'})")
    if expect.stdout is not None and re.search(expect.stdout, outcome.stdout, re.MULTILINE) is None:
        yield failed("stdout", "not found in what was printed")
    if expect.no_side_exits and outcome.side_exits:
        yield failed("no_side_exits", f"native code was left early (got {outcome.side_exits} side exits)")
    if expect.native_share is not None and (outcome.native_share is None or outcome.native_share < expect.native_share):
        share = "no loop was observed" if outcome.native_share is None else f"got {outcome.native_share:.4f}"
        yield failed("native_share", f"fewer iterations were native ({share})")


def _keep(directory: str, resolved: Resolved, job: Job, outcomes: list[Outcome]) -> None:
    try:
        place = Path(directory)
        head = f"# The job as it was run; its relative paths are relative to {resolved.directory('target')}\n"
        (place / "job.yaml").write_text(head + merged(resolved, job, origin=True), "utf-8")
        (place / "report.txt").write_text(_text("text", outcomes[-1]), "utf-8")
        (place / "report.json").write_text(_text("json", outcomes[-1]), "utf-8")
        (place / "environment.json").write_text(json.dumps(environment(), indent=2) + "\n", "utf-8")
    except OSError as error:
        raise ConfigError([Problem(Place(Source("--run-dir", directory)), "",
                                   f"the directory cannot be written to: {error.strerror}")]) from None


def environment() -> dict[str, object]:
    """What a run's figures depend on besides its job."""
    return {"python": sys.version, "implementation": platform.python_implementation(), "platform": platform.platform(),
            "machine": platform.machine(), "processors": os.cpu_count(),
            "versions": {name: _version(name) for name in ("zexus", "llvmlite", "numba", "numpy")},
            "variables": {name: text for name, text in sorted(os.environ.items()) if name.startswith("ZEXUS_")}}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
