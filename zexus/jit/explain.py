"""What became of a function's loops: the reports of its regions, as objects, and who knows about which function."""

from __future__ import annotations

import types
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import asdict, field, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from zexus.codes import CODES, Unsupported
from zexus.records import Sealed, dataclass

if TYPE_CHECKING:
    from zexus.jit.guarding import Guards
    from zexus.jit.history import Compilation
    from zexus.jit.place import Place
    from zexus.jit.vectorization import VectorRemark

Tier = Literal["native", "vm", "python"]


@dataclass(frozen=True)
class RegionReport(Sealed):
    """What became of one loop (or of one self-recursive function).

    Attributes:
        first_line: first line of the loop statement.
        last_line: its last line.
        kind: "for", "while" or "function".
        tier: where its iterations run now: "native", "vm" (being recorded) or "python".
        code: why, as a key of `zexus.codes.CODES`.
        reason: why, as a sentence.
        hint: what the user can do about it.
        entries: how often the loop was entered, as far as it was observed.
        iterations: how many iterations were observed.
        native_iterations: how many of them ran as native code.
        side_exits: how often native code was left before the loop's end.
        versions: how often the loop was compiled.
        compile_ms: time spent in compiling it, in milliseconds.
        function: qualified name of the function.
        filename: its file.
        exits: (code, line, count) of the side exits.
        exit_places: where these stand, in the same order.
        place: the expression that is to blame where the loop does not go native, if there is one in particular.
        tradeoff: what would help but change results, "" where there is nothing of the kind.
        entry_guards: how many guards the native code has at its entry.
        guards: the other guards of the native code, by kind.
        compilations: each compilation of the loop, with what made it necessary.
        vectorization: which loops of its native code work on several iterations at once, where that was asked for.
    """

    first_line: int
    last_line: int
    kind: str
    tier: Tier
    code: str
    reason: str
    hint: str
    entries: int = 0
    iterations: int = 0
    native_iterations: int = 0
    side_exits: int = 0
    versions: int = 0
    compile_ms: float = 0.0
    function: str = ""
    filename: str = ""
    exits: tuple[tuple[str, int, int], ...] = ()
    exit_places: tuple[Place, ...] = ()
    place: Place | None = None
    tradeoff: str = ""
    entry_guards: int = 0
    guards: tuple[Guards, ...] = ()
    compilations: tuple[Compilation, ...] = ()
    vectorization: tuple[VectorRemark, ...] = ()

    @property
    def native_share(self) -> float | None:
        """The share of its iterations that ran as native code, None where none was observed."""
        return self.native_iterations / self.iterations if self.iterations else None


@dataclass(frozen=True)
class Explanation(Sealed):
    """What became of the loops of one callable.

    Attributes:
        function: its qualified name.
        filename: the file it comes from ("" when it has none).
        regions: its loops in source order.
        remark: a sentence about the callable as a whole, or "".
    """

    function: str
    filename: str = ""
    regions: tuple[RegionReport, ...] = field(default=())
    remark: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, lists and scalars."""
        found: dict[str, Any] = _listed(asdict(self))
        return found

    def __str__(self) -> str:
        from zexus.jit.story import told

        return told(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from zexus.jit.story_html import shown

        return shown(self)


def _listed(value: Any) -> Any:
    """The same with lists in the place of tuples, as JSON has it."""
    if isinstance(value, dict):
        return {key: _listed(one) for key, one in value.items()}
    return [_listed(one) for one in value] if isinstance(value, (list, tuple)) else value


_COLUMNS = ("lines", "kind", "tier", "code", "entries", "iterations", "native", "exits", "versions", "compile")


def percent(share: float | None) -> str:
    """A share in words; "-" for none. What is not all of it is never rounded up to all of it."""
    if share is None:
        return "-"
    return f"{min(100 * share, 99.9) if share < 1 else 100.0:.1f} %"


def _cells(region: RegionReport) -> tuple[str, ...]:
    first, last = region.first_line, region.last_line
    return (
        str(first) if first == last else f"{first}-{last}",
        region.kind, region.tier, region.code,
        str(region.entries), str(region.iterations), percent(region.native_share),
        str(region.side_exits), str(region.versions),
        f"{region.compile_ms:.1f} ms" if region.compile_ms else "-",
    )


def table(regions: Iterable[RegionReport]) -> str:
    """A plain-text table of `regions`; under each row why it runs where it runs, and what to do about it."""
    regions = list(regions)
    rows = [_COLUMNS, *(_cells(region) for region in regions)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    head, *lines = ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([head, *(text for line, region in zip(lines, regions) for text in (line, *_remarks(region)))])


def _remarks(region: RegionReport) -> list[str]:
    remarks = [] if region.code == "ZX000" else [f"why:  {region.reason}", f"hint: {region.hint}"]
    remarks += [f"{code} at line {line}: {count} times. {CODES[code].text}" for code, line, count in region.exits]
    return [f"      {remark}" for remark in remarks]


class Reporter(Protocol):
    """What knows the regions of one function (a `FunctionHost`)."""

    @property
    def function(self) -> str: ...

    @property
    def filename(self) -> str: ...

    @property
    def inner(self) -> Sequence[Reporter]: ...

    def reports(self) -> Sequence[RegionReport]: ...

    def runs(self, code: types.CodeType) -> bool: ...


_compiled: weakref.WeakKeyDictionary[types.FunctionType, Reporter | str] = weakref.WeakKeyDictionary()
_program: list[Reporter] = []
_inner: weakref.WeakSet[Reporter] = weakref.WeakSet()


def register(function: types.FunctionType, reporter: Reporter | str) -> None:
    """Remember who knows about `function`: a reporter, or the sentence that says why there is none."""
    _compiled[function] = reporter
    if not isinstance(reporter, str):
        _inner.update(reporter.inner)


def exchange(function: types.FunctionType, reporter: Reporter | str | None) -> None:
    """Let another one know about `function` from now on, or nobody."""
    _compiled.pop(function, None)
    if reporter is not None and reporter_of(function) is not reporter:  # which may know it by the code that it runs
        _compiled[function] = reporter


def compiled_functions() -> list[types.FunctionType]:
    """The functions that `register` knows."""
    return list(_compiled)


def register_program(reporter: Reporter) -> None:
    """Remember the reporter of a function (or module body) of a program that was rewritten at import."""
    _program.append(reporter)


def explain(obj: object, vectorized: bool = False) -> Explanation:
    """What became of the loops of `obj`, a function or method, compiled or not.

    Args:
        obj: what to explain.
        vectorized: whether to ask LLVM, too, which native loops work on several iterations at once; that takes the
            time of a compilation.

    Returns:
        its regions and those of the functions in it, or a remark that says why it has none. It never raises.
    """
    plain = underlying(obj)
    if plain is None:
        return Explanation(_name(obj), remark=f"ZX011 {CODES['ZX011'].text} It runs as it is.")
    name, filename = plain.__qualname__, plain.__code__.co_filename
    reporter = reporter_of(plain)
    if isinstance(reporter, str):
        return Explanation(name, filename, remark=reporter)
    if reporter is None:
        return Explanation(name, filename, _static(plain), "It was not compiled: pass it through zexus.jit.compile.")
    reporters = [reporter, *reporter.inner]
    if not vectorized:
        return Explanation(name, filename, tuple(region for one in reporters for region in one.reports()))
    regions, remark = vector_regions(reporters)
    return Explanation(name, filename, tuple(regions), remark)


def vector_regions(reporters: Sequence[Reporter]) -> tuple[list[RegionReport], str]:
    """The regions of functions with what LLVM remarks about them, and why there are no remarks, if there are none."""
    from zexus.jit.remarks import Untold
    from zexus.jit.vectorization import with_vectorization

    try:
        return with_vectorization(reporters), ""
    except Untold as error:
        return [region for one in reporters for region in one.reports()], f"Vectorization is not known: {error}."


def reporter_of(function: types.FunctionType) -> Reporter | str | None:
    """Who knows about `function`, or the sentence that says why nobody does; None when it was not compiled."""
    found = _compiled.get(function)
    known = (reporter for reporter in (*_program, *_inner) if reporter.runs(function.__code__))
    return found or next(known, None)


def underlying(obj: object) -> types.FunctionType | None:
    """The plain function behind a function, bound method, staticmethod or classmethod; None for anything else."""
    if isinstance(obj, (types.MethodType, staticmethod, classmethod)):
        obj = obj.__func__
    return obj if isinstance(obj, types.FunctionType) else None


def _name(obj: object) -> str:
    for attribute in ("__qualname__", "__name__"):
        name = getattr(obj, attribute, None)
        if isinstance(name, str):
            return name
    return f"an instance of {type(obj).__qualname__}"


def _static(function: types.FunctionType) -> tuple[RegionReport, ...]:
    """The loops of a function that was not compiled, with the refusals that are certain already."""
    from zexus.frontend.loops import loop_sites
    from zexus.frontend.source import find
    from zexus.jit.host import quiet

    try:
        with quiet():
            scope = find(function).scope
    except Unsupported:
        return ()
    return tuple(python_report(site, site.refusal.code if site.refusal else "ZX001") for site in loop_sites(scope))


def python_report(site: Any, code: str, detail: str = "") -> RegionReport:
    """The report of a loop site that runs on CPython because of `code`."""
    refusal = site.refusal
    report = RegionReport(
        first_line=site.first_line, last_line=site.last_line, kind=site.kind, tier="python", code=code,
        reason=CODES[code].text, hint=CODES[code].hint, tradeoff=CODES[code].tradeoff, function=site.scope.qualname,
        filename=site.scope.filename,
    )
    if refusal is not None and refusal.code == code:
        report = refused(report, refusal)
    return replace(report, reason=f"{report.reason} {detail}") if detail else report


def refused(report: RegionReport, refusal: Unsupported) -> RegionReport:
    """A report with the reason for which the loop runs on CPython, and the expression that is to blame."""
    from zexus.jit.place import of_span

    where = None if refusal.span is None else of_span(refusal.filename or report.filename, refusal.span)
    return replace(report, code=refusal.code, reason=refusal.reason, hint=refusal.hint, place=where,
                   tradeoff=CODES[refusal.code].tradeoff)


def all_regions() -> list[RegionReport]:
    """The regions of everything that was rewritten or compiled in this process."""
    compiled = [one for reporter in _compiled.values() if not isinstance(reporter, str)
                for one in (reporter, *reporter.inner)]
    return [region for reporter in dict.fromkeys([*_program, *compiled]) for region in reporter.reports()]


def program_reporters() -> list[Reporter]:
    """Who knows about the functions of the rewritten program, and about its top levels."""
    return list(_program)


def program_regions() -> list[RegionReport]:
    """The regions of the rewritten program."""
    return [region for host in _program for region in host.reports()]


def report_program() -> str:
    """Which loops of the rewritten program ran where, and why: one table a file. Cold loops are only counted."""
    return report_text(program_regions())


def report_text(regions: Iterable[RegionReport]) -> str:
    """Where regions ran, and why: one table a file. Cold loops are only counted."""
    by_file: dict[str, list[RegionReport]] = {}
    cold = 0
    for region in regions:
        if region.code == "ZX001":
            cold += 1
            continue
        by_file.setdefault(region.filename, []).append(region)
    parts: list[str] = []
    for filename, regions in sorted(by_file.items()):
        parts.append(filename)
        parts.append(table(sorted(regions, key=lambda region: region.first_line)))
    if cold:
        parts.append(f"{cold} {'loop was' if cold == 1 else 'loops were'} never hot.")
    return "\n".join(parts) if parts else "No loop of the program was observed."
