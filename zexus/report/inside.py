"""What loops are inside: their forms on the way to machine code, and what LLVM makes of native ones, in the model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from zexus.jit.remarks import Untold
from zexus.jit.stages import live_form, lowered, static_form
from zexus.jit.vectorization import VectorRemark, vector_remarks
from zexus.report.model import FormPart, LoopPart, Stage, VectorPart

if TYPE_CHECKING:
    from zexus.frontend.sites import LoopSite
    from zexus.jit.version import Version

_STATIC: tuple[Stage, ...] = ("code", "ssa")
Sites = dict[tuple[str, int], "LoopSite"]
Versions = dict[tuple[str, int], "Version"]

LOOPS = 12  # of a report that are shown so, the busiest ones
ROWS = 400  # of a form's text
_INSTRUCTION = re.compile(r"(?P<line>[ \d]{5,}?) (?P<row>(?:>>|  ) +\d+ [A-Z].*)")


def with_insides(loops: Sequence[LoopPart], versions: Versions, sites: Sites) -> list[LoopPart]:
    """Loops, the busiest ones with their forms, and the native ones among these with what LLVM remarks about them.

    Args:
        loops: the busiest first.
        versions: the native code of loops, by file and line.
        sites: the loops that may have any, by file and line.
    """
    found = list(loops)
    asked: dict[int, Version] = {}
    room = LOOPS
    for at, loop in enumerate(loops):
        if not room:
            break
        version = versions.get((loop.file, loop.line))
        own = forms(version, f"loop_{loop.line}") if version is not None else _static(loop, sites)
        room -= bool(own)
        found[at] = loop.model_copy(update={"forms": own})
        if version is not None and version.unit.entry is None:  # calls of the function itself stand in LLVM's way
            asked[at] = version
    if not asked:
        return found
    settings = next(iter(asked.values())).tier.settings
    try:
        told = vector_remarks([version.unit for version in asked.values()], settings)
    except Untold as error:
        untold = VectorRemark(loops[min(asked)].file, loops[min(asked)].line, False, f"This is not known: {error}.")
        told = [(replace(untold, filename=loops[at].file, line=loops[at].line),) for at in asked]
    for at, remarks in zip(asked, told, strict=True):
        found[at] = found[at].model_copy(update={"vectorization": list(map(_remark, remarks))})
    return found


def forms(version: Version, name: str) -> list[FormPart]:
    """The forms of native code in service.

    Args:
        version: the native code.
        name: of the function in LLVM assembly.
    """
    program, unit, settings = version.origin.executable.program, version.unit, version.tier.settings
    return [_form("code", static_form(program, "code")), _form("ssa", static_form(program, "ssa")),
            _form("trace", live_form(unit, "trace", name, settings)),
            _form("llvm", live_form(unit, "llvm", name, settings))]


def _static(loop: LoopPart, sites: Sites) -> list[FormPart]:
    """The forms of a loop that CPython runs, as far as it could be recorded; what runs in another's has those."""
    site = sites.get((loop.file, loop.line))
    program = lowered(site) if site is not None and loop.tier != "native" else None
    return [_form(stage, static_form(program, stage)) for stage in _STATIC] if program is not None else []


def _form(stage: Stage, text: str) -> FormPart:
    rows = text.splitlines()
    return FormPart(stage=stage, text="\n".join(rows[:ROWS]) + "\n", rest=max(len(rows) - ROWS, 0))


def _remark(one: VectorRemark) -> VectorPart:
    return VectorPart(file=one.filename, line=one.line, vectorized=one.vectorized, reason=one.reason, hint=one.hint,
                      tradeoff=one.tradeoff)


def rows_of_lines(listing: str) -> dict[int, list[str]]:
    """The rows of a listing in stack form by the source line that each belongs to, without that line's number."""
    found: dict[int, list[str]] = {}
    line = 0
    for row in listing.splitlines():
        instruction = _INSTRUCTION.fullmatch(row)
        if instruction is None:
            continue
        line = int(instruction["line"].strip() or line)
        found.setdefault(line, []).append(instruction["row"])
    return found
