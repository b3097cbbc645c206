"""`zexus explain`: the story of each loop of the program, told when its process ends, as text or as JSON."""

from __future__ import annotations

import atexit
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from zexus.codes import CODES

if TYPE_CHECKING:
    from zexus.jit.explain import RegionReport

VERSION = 1  # of the JSON form


@dataclass(frozen=True)
class Choice:
    """Which loops are told about, and how.

    Attributes:
        functions: qualified or plain names of functions; () for all.
        line: a line that the loop has to contain, 0 for any.
        json: the file that the JSON goes to; "" for the story as text on stderr.
        vectorized: whether LLVM is asked which native loops work on several iterations at once.
    """

    functions: tuple[str, ...] = ()
    line: int = 0
    json: str = ""
    vectorized: bool = False


def tell_at_exit(choice: Choice, enabled: bool) -> None:
    """Tell about the loops of this process, but not of its forks, when it ends.

    Args:
        choice: which ones, and how.
        enabled: whether loops go native at all.
    """
    atexit.register(_tell, choice, enabled, os.getpid())


def _tell(choice: Choice, enabled: bool, process: int) -> None:
    if os.getpid() != process:
        return
    from zexus.jit.explain import program_regions, program_reporters, vector_regions

    sys.stdout.flush()
    regions, remark = vector_regions(program_reporters()) if choice.vectorized else (program_regions(), "")
    if remark:
        sys.stderr.write(f"zexus: {remark}\n")
    found = chosen(regions, choice)
    if choice.json:
        _write(document(found), choice.json)
        return
    from zexus.jit.story import of_program

    if not enabled:
        words = f"{CODES['ZX003'].text} {CODES['ZX003'].hint}"
    elif regions and not found:
        words = absent(regions, choice)
    else:
        words = of_program(found)
    sys.stderr.write(words + "\n")


def chosen(regions: Iterable[RegionReport], choice: Choice) -> list[RegionReport]:
    """The regions that are asked for."""
    return [region for region in regions
            if (not choice.functions or not _names(region).isdisjoint(choice.functions))
            and (not choice.line or region.first_line <= choice.line <= region.last_line)]


def _names(region: RegionReport) -> set[str]:
    return {region.function, region.function.rpartition(".")[2]}


def absent(regions: Sequence[RegionReport], choice: Choice) -> str:
    """What is said where no loop is what was asked for."""
    wanted = [*choice.functions, *([f"line {choice.line}"] if choice.line else [])]
    known = ", ".join(sorted({region.function for region in regions}))
    return f"zexus: no loop in {' and '.join(wanted)}; loops are in {known}"


def document(regions: Iterable[RegionReport]) -> str:
    """The regions as JSON; lists stand in the place of tuples."""
    found = {"format": "zexus-loops", "version": VERSION, "regions": [asdict(region) for region in regions]}
    return json.dumps(found, indent=1) + "\n"


def _write(text: str, path: str) -> None:
    from zexus.report.reading import BadReport, write

    try:
        write(text, path)
    except BadReport as error:
        sys.stderr.write(f"zexus: {error}\n")
