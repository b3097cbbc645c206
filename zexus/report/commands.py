"""The commands that read reports: `zexus report` and `zexus diff`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import click

from zexus import completion

if TYPE_CHECKING:
    from zexus.report.model import Report

FORMATS = ("text", "json", "html", "speedscope", "chrome")


def _percent(ctx: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    """A share, written with or without the sign."""
    if value is None:
        return None
    try:
        found = float(value.removesuffix("%"))
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise click.BadParameter(f"{value!r} is no share; write 5%, for instance")
    return found


def add_commands(zexus: click.Group) -> None:
    """Add `report` and `diff` to the command line."""

    @zexus.command()
    @click.argument("files", nargs=-1, required=True, metavar="RUN.json...", shell_complete=completion.files)
    @click.option("--format", "format", type=click.Choice(FORMATS), default="text", show_default=True,
                  help="What to make of it.")
    @click.option("--output", metavar="FILE", help="Where to put it; by default it is printed.",
                  shell_complete=completion.files)
    @click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="Rows of a table at most.")
    @click.option("--no-source", is_flag=True, help="Leave the text of the programs out.")
    def report(files: tuple[str, ...], format: str, output: str | None, top: int, no_source: bool) -> int:
        """Show what runs have noted; several reports become one."""
        from zexus.report import BadReport, Report, write
        from zexus.report.views import view

        found = _read(files)
        try:
            merged = Report.merge(found) if len(found) > 1 else found[0]
        except ValueError as error:
            _refuse(str(error))
        text = view(merged.without_source() if no_source else merged, format, top)
        if output is None:
            click.echo(text, nl=False)
            return 0
        try:
            write(text, output)
        except BadReport as error:
            _refuse(str(error))
        return 0

    @zexus.command()
    @click.argument("before", metavar="A.json", shell_complete=completion.files)
    @click.argument("after", metavar="B.json", shell_complete=completion.files)
    @click.option("--fail-on-regression", "limit", callback=_percent, metavar="PERCENT",
                  help="Exit with 1 when B executed more than so much more than A.")
    @click.option("--top", type=click.IntRange(min=1), default=20, show_default=True, help="Figures at most.")
    def diff(before: str, after: str, limit: float | None, top: int) -> int:
        """Say what two runs executed differently."""
        from zexus.report.diff import changes, show

        one, other = _read((before, after))
        if one.unit != other.unit:
            _refuse(f"{before} counts {one.unit}, {after} {other.unit}: these cannot be compared")
        found = changes(one, other)
        click.echo(show(found, top), nl=False)
        whole = found[0]
        if limit is None or whole.after <= whole.before * (1 + limit / 100):
            return 0
        grown = f"{100 * (whole.ratio - 1):.1f} %" if whole.before else "from nothing"
        sys.stderr.write(f"zexus: a regression: {other.unit} grew by {grown}, more than {limit:g} %\n")
        return 1


def _read(files: Sequence[str]) -> list[Report]:
    from zexus.report import BadReport, read

    try:
        return [read(name) for name in files]
    except BadReport as error:
        _refuse(str(error))


def _refuse(message: str) -> NoReturn:
    sys.stderr.write(f"zexus: {message}\n")
    sys.exit(2)
