"""One function as Python: its head, the declarations of its variables, and its statements."""

from __future__ import annotations

import re

from zexus.regvm.python.block import Line, Row
from zexus.regvm.python.body import Body
from zexus.regvm.python.dispatch import Dispatch
from zexus.regvm.python.names import FunctionNames, tally
from zexus.regvm.python.places import Where
from zexus.regvm.python.statements import Statements

_ASSIGNMENT = re.compile(r"([\w, ]+) [^\s\w]{0,3}= ")


def write_function(names: FunctionNames, text: str, indent: int, structured: bool) -> list[Row]:
    """The lines of a function.

    Args:
        names: of the function, which is used up.
        text: what the function is called.
        indent: how deep its definition stands.
        structured: whether its control flow becomes statements; otherwise there is a loop around its blocks.

    Raises:
        Irregular: `structured` is wanted, but there is no such form.
    """
    body: Body = Statements(names) if structured else Dispatch(names)
    head = ((names.code, names.code.first_line),)
    body.say(indent, f"def {text}({', '.join(names.parameters)}):", head)
    indent += 1
    if names.stored:
        body.say(indent, f"global {', '.join(names.stored)}")
    assigned = {names.cells[i.imm] for i in body.fn.instructions() if i.op == "STORE_CELL"}
    outer = sorted(assigned & set(names.cells[: len(names.code.captured)]))
    if outer:
        body.say(indent, f"nonlocal {', '.join(outer)}")
    start = len(body.rows)
    for number in names.guarded:
        body.say(indent, f"{names.names[number]} = {names.module.helper('UNBOUND')}")
    if names.module.counted:
        _counting(body, names, indent, head)
    else:
        body.write(indent)
    # Python takes a name that nothing assigns for a global one.
    declared = [Row(indent, Line(f"{name}: object")) for name in _unassigned(names, body.rows)]
    return [*body.rows[:start], *declared, *body.rows[start:]]


def _counting(body: Body, names: FunctionNames, indent: int, head: Where) -> None:
    """Write a body of a profiled program.

    Counters in loops are local variables, which go into the tally however the function is left. Nothing is called for
    that, so that it works where calls nest as deep as they can. Where they do, the exception's place in the function is
    noted for a function around it, which can call something.
    """
    helper = names.module.helper
    if names.held:
        body.say(indent, f"{' = '.join(names.held.values())} = 0", head)
    body.say(indent, "try:", head)  # what the tracing tier does before the first instruction is done here
    body.write(indent + 1)
    if names.module.metered:
        body.say(indent, f"except {helper('LimitExceeded')}:")
        body.say(indent + 1, f"{helper('ended')}()")
        body.say(indent + 1, "raise")
    body.say(indent, f"except {helper('BaseException')}:")
    body.say(indent + 1, "try:")
    body.say(indent + 2, f"{helper('left')}(0)")
    body.say(indent + 1, f"except {helper('RecursionError')} as {helper('raised')}:")
    pending, entry = helper("pending"), f"{helper('raised')}.__context__.__traceback__"
    body.say(indent + 2, f"{pending}.last = {entry}, {pending}.last")
    body.say(indent + 1, "raise")
    if names.held:
        body.say(indent, "finally:")
    for number, held in names.held.items():
        body.say(indent + 1, f"{tally(names.module, number)} += {held}")


def _unassigned(names: FunctionNames, rows: list[Row]) -> list[str]:
    """Variables of the function that nothing in its text assigns: blocks that nothing reaches are not written."""
    assigned: set[str] = set()
    inner: int | None = None  # how deep the definition of another function stands that begins here
    for row in rows[1:]:
        if inner is not None and row.indent > inner:
            continue
        inner = row.indent if row.line.text.startswith("def ") else None
        match = _ASSIGNMENT.match(row.line.text)
        if match is not None:
            assigned.update(match[1].replace(",", " ").split())
    own = {*names.cells[len(names.code.captured):], *(names.names[number] for number in names.natural)}
    return sorted(own - assigned - {*names.parameters})
