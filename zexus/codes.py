"""The registry of stable codes: every refusal, side exit and demotion that Zexus can report."""

from __future__ import annotations

import ast

from zexus.records import dataclass


@dataclass(frozen=True)
class Explanation:
    """What a code means (one sentence) and what a user can do about it (one hint).

    `tradeoff` is what would help too but gives other results, "" where there is nothing of the kind: it is offered as
    such and never done.
    """

    code: str
    text: str
    hint: str
    tradeoff: str = ""


NOTHING_TO_DO = "Nothing to do."

_ROWS: tuple[tuple[str, ...], ...] = (
    ("ZX000", "The loop runs as native code.", NOTHING_TO_DO),
    ("ZX001", "The loop has not been hot yet.", "Lower the threshold if it should be compiled sooner."),
    ("ZX002", "The loop is hot and its native code is being compiled.", "Run longer, or set background=False to wait."),
    ("ZX003", "Zexus is switched off.", "Unset ZEXUS_DISABLE, or set jit.enabled=true."),
    ("ZX004", "The native tier does not know this interpreter's object layout.",
     "Use a standard CPython 3.11 to 3.13."),
    ("ZX005", "A tracer, debugger, profiler or coverage tool is active.", "Run without it to go native."),
    ("ZX010", "The function's source cannot be found or differs from the code that runs.",
     "Keep the source file beside the code and reload the module after editing."),
    ("ZX011", "The object is not a plain Python function.", "Pass a function written in Python."),
    ("ZX012", "The loop contains yield or await.", "Move the computation between two yields into a loop of its own."),
    ("ZX013", "The loop needs its true frame (locals, eval, exec, super without arguments).",
     "Move that statement out of the loop."),
    ("ZX014", "The loop deletes a local variable.", "Assign None instead of deleting."),
    ("ZX015", "The loop assigns a variable that a nested function captures.",
     "Compute in a local variable and assign the captured one behind the loop."),
    ("ZX016", "The loop defines a function or class, or imports inside its body.",
     "Move the definition out of the loop."),
    ("ZX017", "The loop iterates over something that has no native form.",
     "Iterate over range, a list, a short tuple, an array, enumerate or zip."),
    ("ZX018", "A statement of every iteration has no native form.", "Move that statement out of the hot loop."),
    ("ZX019", "The syntax has no native form yet.", "Keep this statement out of the hot loop."),
    ("ZX020", "A value has a type that has no native form.", "Use int, float, bool, lists of them or NumPy arrays."),
    ("ZX021", "A variable changes its type from iteration to iteration.",
     "Keep one type per variable in the hot loop.",
     "begin with 0.0 instead of 0 where floats are added, if a float is wanted for an empty loop too."),
    ("ZX022", "A call in the loop has no native form.", "Call plain Python functions, math or NumPy scalars."),
    ("ZX030", "An integer did not fit 64 bits.", "Nothing to do: Python's big integers take over for that step.",
     "keep the value in 64 bits by a mask (x & 0xffffffffffffffff), if only its low bits are wanted."),
    ("ZX031", "A value had another type than recorded.", "Keep the types in the loop stable."),
    ("ZX032", "An index was out of range.", "Nothing to do: Python raises the IndexError."),
    ("ZX033", "An operation would raise or warn.", "Nothing to do: Python performs it.",
     "test for such operands in front of the operation, if they may be skipped."),
    ("ZX034", "A branch was taken that had not been seen while recording.", NOTHING_TO_DO),
    ("ZX035", "A global, closure variable or callee changed.", "Avoid rebinding it while the loop runs."),
    ("ZX038", "Another version of the native code is ready.", "Nothing to do: it takes over."),
    ("ZX037", "The machine's stack was used up by native recursion.", "Nothing to do: Python goes deeper by itself."),
    ("ZX036", "An element to be overwritten is of a type with effects of its own.", "Keep lists of plain numbers."),
    ("ZX040", "The loop left native code too often and was given back to CPython.",
     "See the side exits listed; keep types stable or move the rare case out."),
    ("ZX041", "Compilation failed or took longer than its budget.", "Split the loop into smaller ones."),
    ("ZX042", "Native code was slower than CPython here.", "Nothing to do: CPython runs it."),
    ("ZX043", "The loop is too short to pay.", NOTHING_TO_DO),
    ("ZX044", "Kept in Python, by the clock.",
     "Nothing to do: CPython runs it. Statements without a native form and side exits are what takes the time."),
    ("ZX045", "The compiler has a defect here.",
     "Nothing to do: CPython runs it. Please report the loop with this text."),
    ("ZX046", "An earlier run gave the loop up.",
     "Nothing to do: it is tried again when this run takes longer than that one. `zexus explain` tries it at once."),
    ("ZX047", "Finding out what the loop needs takes too long.",
     "Nothing to do: it is tried again later. Its iterations are long ones; loops in them are compiled by themselves."),
)

Span = tuple[int, int, int, int]

CODES: dict[str, Explanation] = {row[0]: Explanation(*row) for row in _ROWS}


class SideExit(Exception):
    """Native code was left, while the stance is `fail_on_side_exit`.

    Args:
        code: a key of `CODES`.
        line: the line in the user's file.
    """

    def __init__(self, code: str, line: int) -> None:
        self.code = code
        self.line = line
        super().__init__(code, line)

    def __str__(self) -> str:
        return f"{self.code} line {self.line}: {CODES[self.code].text} Hint: {CODES[self.code].hint}"


class Unsupported(Exception):
    """A construct that has no native form: the only reason for which a loop may be refused.

    Args:
        code: a key of `CODES`.
        node: the syntax node that is to blame, or None.
        detail: what exactly was met (completes the code's sentence).
        line: the line in the user's file; taken from `node` when absent.

    Attributes:
        span: line, column, last line and last column (columns as syntax nodes have them) of the expression that is to
            blame, None where it is none in particular.
        filename: the file of that expression where it is another than the loop's, else "".
    """

    def __init__(self, code: str, node: ast.AST | None = None, detail: str = "", line: int | None = None) -> None:
        self.code = code
        self.node = node
        self.detail = detail
        self.line = line if line is not None else getattr(node, "lineno", None)
        self.span: Span | None = _span(node)
        self.filename = ""
        super().__init__(code, detail, self.line)

    def blame(self, span: Span | None, filename: str = "") -> Unsupported:
        """Say which expression is to blame; itself."""
        if span is not None:
            self.span, self.filename = span, filename
        return self

    @property
    def hint(self) -> str:
        """What the user can do about it."""
        return CODES[self.code].hint

    @property
    def reason(self) -> str:
        """One sentence for a person, the detail included."""
        text = CODES[self.code].text
        return f"{text[:-1]}: {self.detail}." if self.detail else text

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line is not None else ""
        return f"{self.code} {where}{self.reason} Hint: {self.hint}"


def internal(defect: Exception) -> Unsupported:
    """What a program is told of an error of the compiler's own, which must not come to it."""
    return Unsupported("ZX045", detail=f"{type(defect).__name__}: {defect}")


def _span(node: ast.AST | None) -> Span | None:
    """Where an expression or a plain statement stands; a compound statement is nobody's fault as a whole."""
    compound = hasattr(node, "body") and not isinstance(node, ast.expr)
    if node is None or compound or getattr(node, "end_col_offset", None) is None:
        return None
    last: int = node.end_lineno  # type: ignore[attr-defined]
    return node.lineno, node.col_offset, last, node.end_col_offset  # type: ignore[attr-defined]
