"""One function as Python: its head, the declarations of its variables, and its statements."""

from __future__ import annotations

import re

from zexus.regvm.python.block import Line, Row
from zexus.regvm.python.body import Body
from zexus.regvm.python.dispatch import Dispatch
from zexus.regvm.python.names import FunctionNames
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
    body.say(indent, f"def {text}({', '.join(names.names[p] for p in names.params)}):", head)
    indent += 1
    if names.stored:
        body.say(indent, f"global {', '.join(names.stored)}")
    assigned = {names.cells[i.imm] for i in body.fn.instructions() if i.op == "STORE_CELL"}
    outer = sorted(assigned & set(names.cells[: len(names.code.captured)]))
    if outer:
        body.say(indent, f"nonlocal {', '.join(outer)}")
    for name in _unassigned(names, body):
        # Python takes a name that nothing assigns for a global one.
        body.say(indent, f"{name}: object")
    for number in names.guarded:
        body.say(indent, f"{names.names[number]} = {names.module.helper('UNBOUND')}")
    body.write(indent)
    return body.rows


def _unassigned(names: FunctionNames, body: Body) -> list[str]:
    """Variables of the function that nothing in it assigns."""
    lines: list[Line] = [line for lowered in body.lowered.values() for line in lowered.lines]
    found = [_ASSIGNMENT.match(line.text) for line in lines]
    assigned = {name for match in found if match is not None for name in match[1].replace(",", " ").split()}
    own = {*names.cells[len(names.code.captured):], *(names.names[number] for number in names.natural)}
    return sorted(own - assigned - {names.names[p] for p in names.params})
