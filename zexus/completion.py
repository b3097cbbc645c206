"""Completion in shells: click's scripts, and what may stand behind the options of `zexus`."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

VARIABLE = "_ZEXUS_COMPLETE"
SHELLS = ("bash", "zsh", "fish")

# Click's own splits words at `=`, as bash does, and puts a space behind each.
_BASH = r"""_zexus_completion() {
    local IFS=$'\n' word words=() last=-1 inside= prefix= completion kind value
    for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        if [[ $last -ge 0 && ($word == "=" || -n $inside) ]]; then
            words[last]+=$word
        else
            words[++last]=$word
        fi
        if [[ $word == "=" ]]; then inside=1; else inside=; fi
    done
    if [[ ${words[last]} == *=* && $COMP_WORDBREAKS == *=* ]]; then
        prefix=${words[last]%%=*}=
    fi
    COMPREPLY=()
    for completion in $(env COMP_WORDS="${words[*]}" COMP_CWORD=$last _ZEXUS_COMPLETE=bash_complete "$1"); do
        IFS=',' read -r kind value <<< "$completion"
        if [[ $kind == file ]]; then
            compopt -o default
        else
            COMPREPLY+=("${value#"$prefix"}")
            if [[ $value == *= ]]; then compopt -o nospace; fi
        fi
    done
}
complete -o nosort -F _zexus_completion zexus
"""


def script(shell: str, group: click.Command) -> str:
    """What a shell has to evaluate to complete the words of `zexus`.

    Args:
        shell: one of SHELLS.
        group: the command line.
    """
    if shell == "bash":
        return _BASH
    kind = get_completion_class(shell)
    assert kind is not None
    return kind(group, {}, "zexus", VARIABLE).source()


def profiles(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of shipped profiles, and files."""
    from zexus.config.layers import shipped

    named = [CompletionItem(name) for name in shipped() if name.startswith(incomplete)]
    return [*named, *files(ctx, parameter, incomplete)]


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
