"""The story of each loop as plain text: where it runs, what is guarded, why it was left, compiled again or refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zexus.codes import CODES, NOTHING_TO_DO
from zexus.jit.explain import Explanation, RegionReport, percent
from zexus.jit.guarding import KINDS
from zexus.jit.history import Compilation
from zexus.jit.place import Place, excerpt
from zexus.jit.vectorization import VectorRemark

_STEP = "  "
_TIERS = {"native": "native", "vm": "being recorded", "python": "in CPython"}


def told(explanation: Explanation) -> str:
    """The story of a callable's loops."""
    name, filename = explanation.function, explanation.filename
    lines = [f"{name} ({filename})" if filename else name]
    if explanation.remark:
        lines.append(_STEP + explanation.remark)
    elif not explanation.regions:
        lines.append(f"{_STEP}It has no loop.")
    for region in explanation.regions:
        lines += ["", *story(region)]
    return "\n".join(lines)


def of_program(regions: Iterable[RegionReport]) -> str:
    """The stories of a program's loops, function by function; loops that were never hot are only counted."""
    lines: list[str] = []
    cold, head = 0, ("", "")
    for region in sorted(regions, key=lambda region: (region.filename, region.first_line)):
        if region.code == "ZX001":
            cold += 1
            continue
        if head != (region.filename, region.function):
            head = region.filename, region.function
            lines += [*[""][: bool(lines)], f"{region.function} ({region.filename})"]
        lines += ["", *story(region)]
    if cold:
        lines += [*[""][: bool(lines)], f"{cold} {'loop was' if cold == 1 else 'loops were'} never hot."]
    return "\n".join(lines) if lines else "No loop of the program was observed."


def story(region: RegionReport) -> list[str]:
    """The lines about one loop."""
    return [_STEP + line for line in (title(region), *(_STEP + line for line in parts(region)))]


def title(region: RegionReport) -> str:
    """Which loop it is, and where it runs."""
    where = f"{'line' if region.first_line == region.last_line else 'lines'} {lines_of(region)}"
    what = "function" if region.kind == "function" else f"{region.kind} loop"
    head = f"{what}, {where}: {_TIERS[region.tier]}"
    if not region.iterations:
        return head
    each = "calls" if region.kind == "function" else "iterations"
    return f"{head}; {percent(region.native_share)} of {counted(region.iterations, each)} native"


def lines_of(region: RegionReport) -> str:
    """The lines that it takes."""
    first, last = region.first_line, region.last_line
    return str(first) if first == last else f"{first}-{last}"


def counted(number: int, noun: str) -> str:
    """A number with its noun, which is given as for many."""
    return f"{number:,} {noun[:-1] if number == 1 else noun}".replace(",", " ")


def parts(region: RegionReport) -> Iterator[str]:
    """The lines about one loop without its title."""
    if region.code != "ZX000":
        yield f"{region.code} {region.reason}"
        yield from _advice(region.place, region.hint, region.tradeoff)
    yield from compiled(region)
    if region.tier == "native":
        yield guarded(region)
    for remark in region.vectorization:
        yield from vectorized(remark, region.filename)
    for (code, line, times), where in zip(region.exits, region.exit_places):
        yield f"left native code {counted(times, 'times')} in line {line}: {code} {CODES[code].text}"
        yield from _advice(where, CODES[code].hint, CODES[code].tradeoff)


def _advice(where: Place | None, hint: str, tradeoff: str) -> Iterator[str]:
    if where is not None:
        yield from excerpt(where, _STEP)
    if hint != NOTHING_TO_DO:
        yield f"{_STEP}hint: {hint}"
    if tradeoff:
        yield f"{_STEP}would change results: {tradeoff}"


def vectorized(remark: VectorRemark, filename: str) -> Iterator[str]:
    """Whether an innermost loop works on several iterations at once, and why not."""
    file = "" if remark.filename == filename else f" of {remark.filename}"
    yield f"{'' if remark.vectorized else 'not '}vectorized: the loop in line {remark.line}{file}: {remark.reason}"
    yield from _advice(remark.place, remark.hint or NOTHING_TO_DO, remark.tradeoff)


def compiled(region: RegionReport) -> Iterator[str]:
    """How often it was compiled, and why more than once."""
    rows = region.compilations
    if rows:
        yield f"compiled {counted(len(rows), 'times')}" + (f", {region.compile_ms:.1f} ms" if region.compile_ms else "")
    yield from (_STEP + line for row in rows if row.cause for line in recompiled(row))


def recompiled(row: Compilation) -> Iterator[str]:
    """Why a loop was compiled again, and what differed."""
    where = f"line {row.line}, " if row.line else ""
    often = f" ({where}{counted(row.times, 'times')})" if row.times else ""
    code = f"{row.code} " if row.code else ""
    yield f"recompiled: {code}{row.cause.rstrip('.')}{often}"
    yield from (_STEP + difference for difference in row.differences)


def guarded(region: RegionReport) -> str:
    """Which guards its native code has."""
    inside = [(KINDS[one.code], one.inside) for one in region.guards if one.inside]
    outside = [(KINDS[one.code], one.outside) for one in region.guards if one.outside]
    return f"guards: {region.entry_guards} at the entry, {_kinds(outside)} beside the loops, {_kinds(inside)} in them"


def _kinds(rows: list[tuple[str, int]]) -> str:
    whole = sum(number for _, number in rows)
    return f"{whole} ({', '.join(f'{number} {kind}' for kind, number in rows)})" if rows else "0"
