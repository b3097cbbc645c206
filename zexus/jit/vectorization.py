"""Which native loops work on several iterations at once, and why the others do not, in the user's words and lines.

Nothing of this is computed before somebody asks: the typed functions in service are emitted once more then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zexus.codes import CODES, NOTHING_TO_DO
from zexus.jit.guarding import KINDS
from zexus.jit.place import Place, of_line
from zexus.jit.stages import version_of
from zexus.records import dataclass

if TYPE_CHECKING:
    from zexus.jit.emit.located import Listing, LoopPlace
    from zexus.jit.explain import RegionReport
    from zexus.jit.remarks import Remark
    from zexus.jit.specialize import Unit
    from zexus.settings import JitSettings

_WIDTH = re.compile(r"vectorized loop \(vectorization width: (?P<width>(?:vscale x )?\d+), "
                    r"interleaved count: (?P<times>\d+)")
_REFUSED = "loop not vectorized: "


@dataclass(frozen=True)
class Reason:
    """Why a loop is not vectorized: a sentence, a hint, and what would help but change results ("" for nothing)."""

    text: str
    hint: str = NOTHING_TO_DO
    tradeoff: str = ""


# What stands in LLVM's words, and what is said in their place.
_REASONS: tuple[tuple[str, Reason], ...] = (
    ("reorder floating-point operations", Reason(
        "It adds up floats one after the other: another order would round differently.", NOTHING_TO_DO,
        "numpy.sum and numpy.dot add in another order; float32 items round more, and twice as many fit.")),
    ("unsafe dependent memory operations", Reason(
        "An iteration reads what an earlier one has written.", NOTHING_TO_DO,
        "write into another array than the one that is read.")),
    ("cannot identify array bounds", Reason(
        "Which items an iteration reads and writes is not known in advance.",
        "Index by the loop's variable, plus or minus a constant.")),
    ("cannot check memory dependencies at runtime", Reason(
        "Whether its arrays overlap cannot be tested in advance.", "Index by the loop's variable.")),
    ("call instruction cannot be vectorized", Reason(
        "It calls a function that has no vector form.",
        "Compute what the call gives in a loop of its own, or in front of this one.")),
    ("instruction return type cannot be vectorized", Reason(
        "One of its values is of a type that has no vector form.", "Keep numbers in the loop.")),
    ("instruction cannot be vectorized", Reason(
        "One of its operations has no vector form.", "Move that operation into a loop of its own.")),
    ("could not be identified as reduction", Reason(
        "A variable that each iteration computes from its last value is no plain sum, product, minimum or maximum.",
        "Split the loop: what does not depend on that variable can stand in a loop of its own.")),
    ("early exit", Reason("An iteration may leave the loop in its middle.", "Take break and return out of the loop.")),
    ("control flow is not understood", Reason(
        "An iteration may leave the loop in its middle.", "Take break and return out of the loop.")),
    ("could not determine number of loop iterations", Reason(
        "How many iterations there will be is not known when it begins.", "Go over a range or an array.")),
    ("control flow cannot be substituted for a select", Reason(
        "A branch in it does something that cannot be done for both ways.",
        "Compute both values in front of the test, and choose one.")),
    ("cost-model indicates", Reason("LLVM expects no gain from it here.")),
    ("interleaved loop", Reason("LLVM expects no gain from it here, and interleaves its iterations instead.")),
    ("loop invariant address", Reason(
        "Each iteration writes to the same item.", "Add up in a variable, and store it behind the loop.")),
    ("induction variable", Reason("How its variable changes is not regular.", "Go over a range.")),
)
_OFF = Reason("The setting jit.vectorize is off.", "Set jit.vectorize=true.")
_SILENT = Reason("LLVM says nothing of it: it is unrolled, or gone.")
# What takes guards out of a loop, by their codes, the most telling first: hints, and what would change results.
_GUARDED: dict[str, tuple[str, str]] = {
    "ZX031": ("", "a NumPy array has items of one type, which are NumPy's numbers."),
    "ZX032": ("Index by the variable of a range, plus or minus a constant: such indices can be tested in advance.", ""),
    "ZX034": ("Take the rare case out of the loop.", ""),
    "ZX036": ("", "a NumPy array stores numbers only, rounded or wrapped to its type."),
    "ZX030": ("", CODES["ZX030"].tradeoff),
}


@dataclass(frozen=True)
class VectorRemark:
    """What is known of one innermost loop in native code.

    Attributes:
        filename, line: where the loop stands.
        vectorized: whether it works on several iterations at once.
        reason: how many, or why not, as a sentence.
        hint: what the user can do about it, "" for nothing.
        tradeoff: what would help but change results, "" for nothing.
        place: the line that is to blame, None for the loop itself.
    """

    filename: str
    line: int
    vectorized: bool
    reason: str
    hint: str = ""
    tradeoff: str = ""
    place: Place | None = None


def with_vectorization(reporters: Iterable[Any]) -> list[RegionReport]:
    """The reports of functions and modules, those of native loops with what LLVM remarks about them.

    Functions that call themselves are left out: their calls stand in the way. All are taken to have the same settings.

    Raises:
        remarks.Untold: LLVM could not be asked.
    """
    reports: list[RegionReport] = []
    asked: dict[int, Unit] = {}
    settings = None
    for reporter in reporters:
        tiers = {tier.site.index: tier for tier in reporter.tiers()}
        for site, report in zip(reporter.sites, reporter.reports()):
            tier = tiers.get(site.index)
            version = version_of(tier)
            if version is not None and version.unit.entry is None:
                settings = version.tier.settings
                asked[len(reports)] = version.unit
            reports.append(report)
    if settings is None:
        return reports
    for number, found in zip(asked, vector_remarks(list(asked.values()), settings), strict=True):
        reports[number] = replace(reports[number], vectorization=found)
    return reports


def vector_remarks(units: Sequence[Unit], settings: JitSettings) -> list[tuple[VectorRemark, ...]]:
    """What LLVM remarks about the innermost loops of what native code was made from.

    Args:
        units: of loops, not of functions that call themselves.
        settings: of all of them.

    Raises:
        remarks.Untold: LLVM could not be asked.
    """
    from zexus.jit.emit.located import located
    from zexus.jit.remarks import remarks

    silence = _SILENT if settings.vectorize else _OFF
    listings = [located(unit.fn, settings) for unit in units]
    told = remarks([listing.assembly for listing in listings], settings)
    return [tuple(understood(listing, found, silence)) for listing, found in zip(listings, told, strict=True)]


def understood(listing: Listing, found: Sequence[Remark], silence: Reason = _SILENT) -> Iterator[VectorRemark]:
    """What LLVM's remarks say about each innermost loop of the user's, which may be several in native code.

    Args:
        listing: the native code.
        found: the remarks.
        silence: what it means where there is none.
    """
    told = _sorted(found)
    places = dict.fromkeys((loop.filename, loop.line) for loop in listing.loops if loop.innermost)
    for filename, line in places:
        same = {number: loop for number, loop in enumerate(listing.loops)
                if loop.innermost and (loop.filename, loop.line) == (filename, line)}
        words = next(filter(None, (_vector(told.get(number, [])) for number in same)), None)
        if words is not None:
            yield VectorRemark(filename, line, True, words)
            continue
        # The copy without exits is the one that could be; where there is none, its guards are the reason.
        number = min(same, key=lambda number: len(same[number].exits))
        yield _refused(same[number], told.get(number, []), listing.files, silence)


def _sorted(found: Sequence[Remark]) -> dict[int, list[Remark]]:
    """The remarks by the number of their loop: what LLVM finds wrong comes before its verdict."""
    told: dict[int, list[Remark]] = {}
    pending: list[Remark] = []
    for remark in found:
        pending.append(remark)
        if not remark.words.startswith(_REFUSED):
            if remark.column:
                told.setdefault(remark.column - 1, []).extend(pending)
            pending = []
    return told


def _vector(told: Iterable[Remark]) -> str | None:
    for remark in told:
        found = _WIDTH.match(remark.words)
        if found is not None:
            times = int(found["times"])
            more = f", {times} times interleaved" if times > 1 else ""
            return f"{found['width']} iterations at once{more}."
    return None


def _refused(loop: LoopPlace, told: Sequence[Remark], files: Sequence[str], silence: Reason) -> VectorRemark:
    guards: dict[str, list[int]] = {}
    for code, line in loop.exits:
        if code in KINDS:
            guards.setdefault(KINDS[code], []).append(line)
    if guards:
        names = "; ".join(f"{kind} in {lines_in_words(lines)}" for kind, lines in guards.items())
        codes = {code for code, _ in loop.exits}
        hint, tradeoff = next((words for code, words in _GUARDED.items() if code in codes), ("", ""))
        reason = f"An iteration may leave at its guards: {names}."
        return VectorRemark(loop.filename, loop.line, False, reason, hint, tradeoff)
    blamed = next((one for one in told if one.words.startswith(_REFUSED)), told[0] if told else None)
    found = silence if blamed is None else reason_of(blamed.words)
    where = None
    if blamed is not None and not blamed.column and blamed.file < len(files):
        where = of_line(files[blamed.file], blamed.line)
    hint = "" if found.hint == NOTHING_TO_DO else found.hint
    return VectorRemark(loop.filename, loop.line, False, found.text, hint, found.tradeoff, where)


def reason_of(words: str) -> Reason:
    """What LLVM's words mean for the user; those that are not known are passed on."""
    told = words.removeprefix(_REFUSED).partition(". Use #pragma")[0]
    return next((reason for part, reason in _REASONS if part in told), Reason(f"LLVM: {told}."))


def lines_in_words(lines: Iterable[int]) -> str:
    """Numbers of lines, those that follow each other as one: "lines 3-5, 9"."""
    runs: list[list[int]] = []
    for line in sorted(set(lines)):
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    words = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
    return f"line {words}" if words.isdigit() else f"lines {words}"
