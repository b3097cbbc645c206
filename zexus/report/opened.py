"""What a line of the page opens to: its loop and the forms of that, its statements or instructions, its bytecode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from zexus.codes import CODES, NOTHING_TO_DO
from zexus.report.inside import rows_of_lines
from zexus.report.model import FormPart, InstructionPart, LoopPart, Report, VectorPart
from zexus.report.tables import duration, number, share

_FORMS = {"code": "Bytecode", "ssa": "SSA form", "trace": "Typed trace: what is made native",
          "llvm": "LLVM assembly, before LLVM optimizes it"}


class Insides:
    """What there is to say about lines, by file and line.

    Args:
        report: where it stands.
    """

    def __init__(self, report: Report) -> None:
        self._unit = report.unit[:-1]
        self._parts: dict[tuple[str, int], list[InstructionPart]] = {}
        for part in report.instructions:
            self._parts.setdefault((part.file, part.line), []).append(part)
        self._loops: dict[tuple[str, int], list[LoopPart]] = {}
        self._remarks: dict[tuple[str, int], list[VectorPart]] = {}
        self._native = [loop for loop in report.loops if loop.forms and loop.tier == "native"]
        self._rows: dict[tuple[str, int], list[str]] = {}
        for loop in sorted(report.loops, key=lambda loop: (loop.tier != "native", loop.nesting)):
            if loop.code:
                self._loops.setdefault((loop.file, loop.line), []).append(loop)
            for remark in loop.vectorization:
                self._remarks.setdefault((remark.file, remark.line), []).append(remark)
            for form in loop.forms:
                if form.stage == "code":
                    for line, rows in rows_of_lines(form.text).items():
                        self._rows.setdefault((loop.file, line), rows)  # as the outermost native loop has them

    def of(self, file: str, line: int) -> str:
        """The HTML of a line."""
        place = file, line
        loops = "".join(piece for loop in self._loops.get(place, ()) for piece in self._loop(loop))
        parts = self._parts.get(place)
        if parts is None:
            return loops
        return "".join([loops, *_parts(parts, self._unit), *_bytecode(self._rows.get(place, ()))])

    def _loop(self, loop: LoopPart) -> Iterator[str]:
        yield '<div class="inside">'
        for sentence in sentences(loop):
            yield f"<p>{escape(sentence)}</p>"
        around = None if loop.forms else self._around(loop)
        if around is not None:
            for remark in self._remarks.get((loop.file, loop.line), ()):
                yield f"<p>{escape(vectorized(remark))}</p>"
            yield f'<p><a href="#{anchor(loop.file, around.line)}">The forms of the loop in line {around.line}</a></p>'
        for form in loop.forms:
            yield from _form(form)
        if loop.forms:
            yield '<p class="quiet">These have the profiler\'s counters in them, as what ran had.</p>'
        yield "</div>"

    def _around(self, loop: LoopPart) -> LoopPart | None:
        """The loop in whose native code one runs, where it has its forms."""
        if loop.tier != "native":
            return None
        outer = [one for one in self._native if (one.file, one.function) == (loop.file, loop.function)
                 and one.line < loop.line and one.nesting < loop.nesting]
        return max(outer, key=lambda one: one.line, default=None)


def anchor(file: str, line: int) -> str:
    """The name of a line in the page."""
    return f"L{line}-" + "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in file)


def sentences(loop: LoopPart) -> Iterator[str]:
    """What became of a loop, in words."""
    yield f"{_where(loop)}{_compiled(loop)}"
    if loop.tier != "native" and loop.code != "ZX000":  # its code is there, but came when all was over
        yield f"{loop.code} {loop.reason}{_advice(loop.hint, '')}"
    for left in loop.exits:
        code = CODES[left.code]
        times = "once" if left.count == 1 else f"{number(left.count)} times"
        yield (f"Native code was left {times} in line {left.line}: {left.code} {code.text}"
               f"{_advice(code.hint, code.tradeoff)}")
    for remark in loop.vectorization:
        yield vectorized(remark, loop.line)


def _where(loop: LoopPart) -> str:
    if loop.native_iterations is None:
        return loop.reason
    part = share(loop.native_iterations, loop.iterations)
    return f"{part} of {number(loop.iterations)} iterations ran as native code."


def _compiled(loop: LoopPart) -> str:
    if not loop.versions:
        return ""
    times = "once" if loop.versions == 1 else f"{loop.versions} times"
    return f" It was compiled {times}, in {duration(1e6 * loop.compile_ms)}."


def vectorized(remark: VectorPart, line: int = 0) -> str:
    """Whether a loop works on several iterations at once, in words.

    Args:
        remark: what LLVM says.
        line: of the loop that is being told of, 0 for the remark's own.
    """
    verdict = "Vectorized" if remark.vectorized else "Not vectorized"
    where = f", the loop in line {remark.line}" if line not in (0, remark.line) else ""
    return f"{verdict}{where}: {remark.reason}{_advice(remark.hint, remark.tradeoff)}"


def _advice(hint: str, tradeoff: str) -> str:
    told = f" Hint: {hint}" if hint and hint != NOTHING_TO_DO else ""
    return told + (f" Would change results: {tradeoff}" if tradeoff else "")


def _form(form: FormPart) -> Iterator[str]:
    rows = form.text.count("\n") + form.rest
    yield (f'<details class="form"><summary>{_FORMS[form.stage]} <span class="quiet">{number(rows)} rows</span>'
           f"</summary><pre>{escape(form.text)}</pre>")
    if form.rest:
        yield f'<p class="quiet">and {number(form.rest)} more rows</p>'
    yield "</details>"


def _parts(parts: Sequence[InstructionPart], unit: str) -> Iterator[str]:
    yield (f'<table><thead><tr><th class="n">at</th><th>{unit}</th><th class="n">count</th>'
           f'<th class="n">raised</th></tr></thead><tbody>')
    for part in parts:
        yield (f'<tr><td class="n">{part.index}</td><td>{escape(part.opcode)}</td>'
               f'<td class="n">{number(part.count)}</td>'
               f'<td class="n">{number(part.raised) if part.raised else ""}</td></tr>')
    yield "</tbody></table>"


def _bytecode(rows: Sequence[str]) -> Iterator[str]:
    if rows:
        yield f'<pre class="bytecode">{escape(chr(10).join(rows))}</pre>'
