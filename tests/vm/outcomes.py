"""What a Code does on a machine: value, types, exception and its lines, output, and what it has changed."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from types import CellType
from typing import Any

from zexus.bytecode import Code, Routine, activation_cells
from zexus.jit.callees import block
from zexus.regvm.build import build
from zexus.regvm.machine import Executable, Raised, run
from zexus.vm.stack import StackMachine

DEPTH = 100


def stack(code: Code, arguments: Sequence[Any], cells: tuple[CellType, ...] = ()) -> tuple[Any, ...]:
    """The outcome on the stack machine; the arguments may be changed."""
    machine = StackMachine(DEPTH, make_block=block)
    arguments = list(arguments)
    printed = io.StringIO()
    before = dict(code.namespace)
    try:
        with contextlib.redirect_stdout(printed):
            found = ("value", shown(machine.run(Routine(code, code.namespace, cells, machine.enter), arguments)))
    except BaseException as error:
        found = ("raised", type(error).__name__, str(error), str(_lines(error, code)))
    return (*found, shown(arguments), printed.getvalue(), _taken(code, before))


def register(code: Code, arguments: Sequence[Any], cells: tuple[CellType, ...] = ()) -> tuple[Any, ...]:
    """The outcome on the register machine."""
    executable = Executable(build(code), block)
    arguments = list(arguments)
    printed = io.StringIO()
    before = dict(code.namespace)
    held = activation_cells(Routine(code, code.namespace, cells, _no_entry), arguments)
    frame = executable.frame(arguments, 0, held)
    try:
        with contextlib.redirect_stdout(printed):
            outcome = run([frame])
        value = outcome.value
        if outcome.kind == "leave":
            value = outcome.status, tuple(frame.registers[code.locals.index(name)] for name in code.results)
        found: tuple[Any, ...] = ("value", shown(value))
    except Raised as raised:
        position = executable.program.positions[raised.frames[0][1]]
        line = position.line if position is not None else code.first_line
        found = ("raised", type(raised.error).__name__, str(raised.error), str([line]))
    return (*found, shown(arguments), printed.getvalue(), _taken(code, before))


MACHINES = {"stack": stack, "register": register}


def shown(value: Any, around: tuple[int, ...] = ()) -> str:
    """A value with the types of everything in it, without addresses; other objects by their type only."""
    if id(value) in around:
        return "itself"
    within = (*around, id(value))
    if type(value) in (list, tuple, set, frozenset):
        inside = [shown(item, within) for item in value]
        return f"{type(value).__name__}({', '.join(sorted(inside) if isinstance(value, (set, frozenset)) else inside)})"
    if type(value) is dict:
        return "dict(" + ", ".join(f"{shown(key, within)}: {shown(item, within)}" for key, item in value.items()) + ")"
    if value is None or type(value) in (int, float, complex, bool, str, bytes, slice, range):
        return f"{type(value).__name__} {value!r}"
    return type(value).__name__


def _taken(code: Code, before: dict[str, Any]) -> str:
    """What the run left in the namespace, which is put back."""
    changed = {name: value for name, value in code.namespace.items()
               if name != "__builtins__" and (name not in before or before[name] is not value)}
    code.namespace.clear()
    code.namespace.update(before)
    return shown(changed)


def _lines(error: BaseException, code: Code) -> list[int]:
    """The line of the program's outermost frame in the traceback."""
    entry = error.__traceback__
    while entry is not None:
        if entry.tb_frame.f_code.co_filename == code.filename:
            return [entry.tb_lineno]
        entry = entry.tb_next
    return []


def _no_entry(routine: Routine, arguments: Sequence[Any]) -> Any:
    raise AssertionError("nothing calls it")
