"""The commands of the command line that are about profiles and jobs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import click

from zexus import completion

if TYPE_CHECKING:
    from zexus.config.bench import Variant
    from zexus.config.layers import Resolved
    from zexus.config.problems import ConfigError
    from zexus.config.profile import Profile

_COMMA = re.compile(r",(?![^\[{]*[\]}])")  # those inside of lists and mappings do not separate
_CHANGES = click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="A setting, as jit.cache=false.",
                        shell_complete=completion.settings)
_PROFILE = click.option("--profile", metavar="NAME", help="A shipped profile, or the path of one.",
                        shell_complete=completion.profiles)


def _refuse(error: ConfigError) -> NoReturn:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)


def profile_of(name: str | None, changes: Sequence[str]) -> Profile:
    """The profile of a run, after a warning for each phase in it that is not there.

    Raises:
        ConfigError: something is wrong with it.
    """
    from zexus.config.layers import Resolver
    from zexus.config.profile import Profile
    from zexus.config.run import warn

    resolver = Resolver(Profile)
    if name is not None:
        resolver.add_named(name)
    resolver.add_environment(os.environ)
    resolver.add_changes(changes)
    resolved = resolver.resolved()
    profile = resolved.model(Profile)
    warn(resolved, profile)
    return profile


def chosen_profile(name: str | None, changes: Sequence[str]) -> Profile:
    """As `profile_of`; what is wrong is told, and ends the process."""
    from zexus.config.problems import ConfigError

    try:
        return profile_of(name, changes)
    except ConfigError as error:
        _refuse(error)


def resolve(files: Sequence[str], profile: str | None, changes: Sequence[str], job: bool,
            swept: Sequence[str] = ()) -> Resolved:
    """Put the layers of a command one over the other.

    Args:
        files: names of profiles or paths, the first one the main one.
        profile: what takes the place of the profiles that the files extend.
        changes: `NAME=VALUE` texts.
        job: whether a job is wanted.
        swept: further `NAME=VALUE` texts, those of `--sweep`.

    Raises:
        ConfigError: everything that is wrong with them.
    """
    from zexus.config.job import Job
    from zexus.config.layers import Resolver, is_file
    from zexus.config.profile import Profile

    resolver = Resolver(Job if job else Profile, replaced=profile is not None)
    for index, name in enumerate(files):
        if is_file(name):
            resolver.add_file(name, main=index == 0)
        else:
            resolver.add_named(name, "profile")
        if index == 0 and profile is not None:
            resolver.add_below(profile)
    resolver.add_environment(os.environ)
    resolver.add_changes(changes)
    resolver.add_changes(swept, "--sweep")
    return resolver.resolved()


def run_job(files: Sequence[str], profile: str | None, changes: Sequence[str], directory: str | None,
            dry: bool) -> int:
    """`zexus run JOB.yaml`; the exit code."""
    from zexus.config.problems import ConfigError
    from zexus.config.run import run

    try:
        return run(resolve(files, profile, changes, True), directory, dry)
    except ConfigError as error:
        _refuse(error)


def variants(files: Sequence[str], profiles: Sequence[str], sweep: str | None, changes: Sequence[str]) -> list[Variant]:
    """The ways to run a job that `zexus bench` measures: by profiles, by values of a setting, or the job as it is.

    Raises:
        ConfigError: something is wrong with one of them.
    """
    from zexus.config.bench import Variant
    from zexus.config.job import Job
    from zexus.config.launch import task
    from zexus.config.problems import ConfigError, Place, Problem, Source
    from zexus.config.run import warn

    chosen: list[tuple[str, str | None, tuple[str, ...]]] = [(name, name, ()) for name in dict.fromkeys(profiles)]
    if sweep is not None:
        name, separator, values = sweep.partition("=")
        if not separator or not values:
            raise ConfigError([Problem(Place(Source("--sweep", sweep)), "", "a sweep is written NAME=VALUE,VALUE,...")])
        words = dict.fromkeys(f"{name}={value}" for value in _COMMA.split(values))
        chosen = [(f"{title} {word}".strip(), profile, (word,)) for title, profile, _ in chosen or [("", None, ())]
                  for word in words]
    made = []
    for title, profile, more in chosen or [("job", None, ())]:
        resolved = resolve(files, profile, changes, True, more)
        job = resolved.model(Job)
        warn(resolved, job)
        made.append(Variant(title, task(job, resolved), job.env))
    return made


def add_commands(zexus: click.Group) -> None:
    """Add `config` and `bench` to the command line."""

    @zexus.group()
    def config() -> None:
        """Look at profiles and jobs."""

    @config.command()
    @click.argument("files", nargs=-1, metavar="[NAME|FILE]...", shell_complete=completion.profiles)
    @_PROFILE
    @_CHANGES
    @click.option("--origin", is_flag=True, help="Say where each value was set.")
    def show(files: tuple[str, ...], profile: str | None, changes: tuple[str, ...], origin: bool) -> None:
        """Print what profiles and jobs come to."""
        from zexus.config.describe import merged
        from zexus.config.job import Job
        from zexus.config.layers import is_job
        from zexus.config.problems import ConfigError
        from zexus.config.profile import Profile

        job = any(is_job(name) for name in files)
        try:
            resolved = resolve(files or ("default",), profile, changes, job)
            click.echo(merged(resolved, resolved.model(Job if job else Profile), origin), nl=False)
        except ConfigError as error:
            _refuse(error)

    @config.command()
    @click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=completion.files)
    def check(files: tuple[str, ...]) -> None:
        """Say what is wrong with each FILE."""
        from zexus.config.job import Job
        from zexus.config.layers import Resolver, is_job
        from zexus.config.problems import ConfigError
        from zexus.config.profile import Profile
        from zexus.config.run import tasks

        failed = False
        for name in files:
            kind = Job if is_job(name) else Profile
            resolver = Resolver(kind)
            resolver.add_file(name, main=True)
            try:
                resolved = resolver.resolved()
                if kind is Job:
                    tasks(resolved)
                else:
                    resolved.model(kind)
                click.echo(f"{name}: right")
            except ConfigError as error:
                failed = True
                sys.stderr.write(f"{error}\n")
        if failed:
            sys.exit(2)

    @config.command()
    @click.option("--job", is_flag=True, help="That of jobs, not of profiles.")
    def schema(job: bool) -> None:
        """Print the JSON schema (draft-07), for editors."""
        from zexus.config.describe import schema_text
        from zexus.config.job import Job
        from zexus.config.profile import Profile

        click.echo(schema_text(Job if job else Profile), nl=False)

    @config.command()
    def table() -> None:
        """Print all knobs as Markdown tables."""
        from zexus.config.describe import table

        click.echo(table(), nl=False)

    @config.command()
    @click.option("--profile", default="default", show_default=True, metavar="NAME", help="What to copy.",
                  shell_complete=completion.profiles)
    @click.argument("path", default="zexus.yaml")
    def init(profile: str, path: str) -> None:
        """Write a copy of a shipped profile to PATH (zexus.yaml), to be changed."""
        from zexus.config.layers import SHIPPED, shipped
        from zexus.config.problems import did_you_mean

        if profile not in shipped():
            raise click.UsageError(f"unknown profile {profile!r}; {did_you_mean(profile, shipped())}")
        text = (SHIPPED / f"{profile}.yaml").read_text("utf-8")
        try:
            with open(path, "x", encoding="utf-8") as file:
                file.write(text.partition("\n")[2])
        except OSError as error:
            raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
        click.echo(f"{path} written")

    @zexus.command()
    @click.argument("files", nargs=-1, required=True, metavar="JOB.yaml [MORE.yaml]...",
                    shell_complete=completion.files)
    @click.option("--compare", nargs=2, metavar="A B", help="Two profiles.", shell_complete=completion.profiles)
    @click.option("--sweep", metavar="NAME=V,V,...", help="A row for each value of a setting.",
                  shell_complete=completion.settings)
    @click.option("--rounds", type=click.IntRange(2), default=10, show_default=True, help="Measurements of each.")
    @click.option("--record", metavar="FILE", help="Write the figures to FILE, to be compared with later.")
    @click.option("--against", metavar="FILE", help="Compare with figures recorded before.")
    @click.option("--fail-on-regression", "limit", metavar="PERCENT",
                  help="Exit with 3 where something takes longer than recorded by more than that.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @_CHANGES
    def bench(files: tuple[str, ...], compare: tuple[str, str] | None, sweep: str | None, rounds: int,
              record: str | None, against: str | None, limit: str | None, as_json: bool,
              changes: tuple[str, ...]) -> int:
        """Measure variants of a job side by side, in fresh processes, and check that they give the same."""
        from zexus.config.problems import ConfigError

        share = _share(limit, against)
        if compare is not None and (compare[0] == compare[1] or any(name.startswith("-") for name in compare)):
            raise click.UsageError(f"--compare takes two profiles, got {' '.join(compare)}")
        try:
            ways = variants(files, compare or (), sweep, changes)
            return _bench(ways, rounds, record, against, share, as_json)
        except ConfigError as error:
            _refuse(error)


def _share(limit: str | None, against: str | None) -> float | None:
    if limit is None:
        return None
    if against is None:
        raise click.UsageError("--fail-on-regression needs --against")
    try:
        share = float(limit.strip().removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share < float("inf"):
        raise click.UsageError(f"--fail-on-regression takes a percentage, got {limit!r}")
    return share


def _bench(ways: Sequence[Variant], rounds: int, record: str | None, against: str | None, limit: float | None,
           as_json: bool) -> int:
    import json

    from zexus.config import bench
    from zexus.config.run import FAILED_CHECK

    base = {} if against is None else bench.baseline(against, ways)
    if record is not None:
        bench.check_writable(record)
    try:
        bench.measure(ways, rounds)
    except bench.Mismatch as error:
        sys.stderr.write(f"zexus: {error}\n")
        return FAILED_CHECK
    found = bench.figures(ways)
    rows = bench.against(found, base)
    worse = [name for name, row in rows.items() if limit is not None and bench.regressed(row, limit)]
    if as_json:
        click.echo(json.dumps({**found, "against": rows, "regressions": worse}, indent=2))
    else:
        click.echo(bench.text(found))
        for name, row in rows.items():
            click.echo(f"{name}: {row['ratio']:.3f} times as long as recorded ({row['low']:.3f} to {row['high']:.3f})"
                       + (": a regression" if name in worse else ""))
    if record is not None:
        bench.record(record, found)
    return FAILED_CHECK if worse else 0
