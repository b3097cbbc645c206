"""Completion in shells: click's scripts, and what may stand behind the options of `zexus`."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

VARIABLE = "_ZEXUS_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


def script(shell: str, group: click.Command) -> str:
    """What a shell has to evaluate to complete the words of `zexus`.

    Args:
        shell: one of SHELLS.
        group: the command line.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    return kind(group, {}, "zexus", VARIABLE).source()


def profiles(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of shipped profiles, and files; these first, since click's script for bash forgets what is before them."""
    from zexus.config.layers import shipped

    named = [CompletionItem(name) for name in shipped() if name.startswith(incomplete)]
    return [*files(ctx, parameter, incomplete), *named]


def settings(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`NAME=`, and the values of names that have few."""
    from zexus.config.describe import choices
    from zexus.config.profile import knobs

    name, separator, _ = incomplete.partition("=")
    found = {f"{phase}.{inner}": field for phase, inner, field in knobs()}
    if not separator:
        return [CompletionItem(f"{known}=", help=field.description) for known, field in found.items()
                if known.startswith(incomplete)]
    values = choices(found[name]) if name in found else ()
    return [CompletionItem(word) for word in (f"{name}={value}" for value in values) if word.startswith(incomplete)]


def files(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files, which the shell finds itself."""
    return [CompletionItem(incomplete, type="file")]


def codes(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The codes of refusals and exits."""
    from zexus.codes import CODES

    return [CompletionItem(code, help=row.text) for code, row in CODES.items() if code.startswith(incomplete.upper())]
