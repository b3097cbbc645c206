"""The commands of the command line that are about profiles and jobs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from zexus.config.layers import Resolved
    from zexus.config.problems import ConfigError
    from zexus.config.profile import Profile

_CHANGES = click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="A setting, as jit.cache=false.")
_PROFILE = click.option("--profile", metavar="NAME", help="A shipped profile, or the path of one.")


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


def resolve(files: Sequence[str], profile: str | None, changes: Sequence[str], job: bool) -> Resolved:
    """Put the layers of a command one over the other.

    Args:
        files: names of profiles or paths, the first one the main one.
        profile: what takes the place of the profiles that the files extend.
        changes: `NAME=VALUE` texts.
        job: whether a job is wanted.

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


def add_commands(zexus: click.Group) -> None:
    """Add `config` and `bench` to the command line."""

    @zexus.group()
    def config() -> None:
        """Look at profiles and jobs."""

    @config.command()
    @click.argument("files", nargs=-1, metavar="[NAME|FILE]...")
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
    @click.argument("files", nargs=-1, required=True, metavar="FILE...")
    def check(files: tuple[str, ...]) -> None:
        """Say what is wrong with each FILE."""
        from zexus.config.job import Job
        from zexus.config.launch import task
        from zexus.config.layers import Resolver, is_job
        from zexus.config.problems import ConfigError
        from zexus.config.profile import Profile

        failed = False
        for name in files:
            kind = Job if is_job(name) else Profile
            resolver = Resolver(kind)
            resolver.add_file(name, main=True)
            try:
                resolved = resolver.resolved()
                model = resolved.model(kind)
                if isinstance(model, Job):
                    task(model, resolved)
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
    @click.option("--profile", default="default", show_default=True, metavar="NAME", help="What to copy.")
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
