"""Whether native code pays: what it saves in an iteration, and what the statements cost that Python runs from it.

Both are counted in instructions of the stack form, which are about as many as CPython's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Any

from zexus.bytecode import Instruction
from zexus.codes import Span
from zexus.jit import stamps
from zexus.jit.recorder import Bound, Key
from zexus.records import dataclass
from zexus.regvm.ir import Function
from zexus.regvm.machine import Executable
from zexus.settings import JitSettings

Statement = tuple[int, int]
_CALLS = ("CALL", "CALL_KEYWORD")
# The immediate of a DRAW that runs a function of the program's each time, which costs as calls of builtins do.
RUNNING = "running"
# A look at something that is taken for constant, in instructions.
_LOOK = 1.5
# The same where a stamp tells.
_STAMP = 0.1


@dataclass(frozen=True)
class Costs:
    """Prices, in instructions.

    Attributes:
        statement: of leaving native code for a statement, on top of the statement itself.
        variable: of carrying one variable there or back.
        call: of a call under CPython, beyond the instructions of the function.
        builtin: of a call of a builtin function from native code, beyond the function.
    """

    statement: int
    variable: int
    call: int
    builtin: int

    @classmethod
    def of(cls, settings: JitSettings) -> Costs:
        """The prices that the settings name."""
        return cls(settings.outlined_cost, settings.variable_cost, settings.call_cost, settings.builtin_cost)

@dataclass(frozen=True)
class Balance:
    """What an iteration gains and loses by native code, in instructions.

    Attributes:
        saved: instructions that CPython would have run.
        spent: the price of the outlined statements.
        line: where the dearest of these stands, 0 without any.
        span: the expression that is the dearest, if it is known.
        own: whether that stands in the region, and not in an inlined function.
    """

    saved: float
    spent: float
    line: int
    span: Span | None = None
    own: bool = True

    @property
    def pays(self) -> bool:
        """Whether native code is the faster way."""
        return self.spent < self.saved


def is_lost(executable: Executable, frequencies: Mapping[Key, float], callees: Mapping[Key, Sequence[Any]],
            statement: Statement,
            costs: Costs) -> bool:
    """Whether a loop cannot pay if one more of its statements is outlined, whatever becomes of the others.

    Args:
        executable: the region, where the statement is still code.
        frequencies: as for `balance`.
        callees: what its calls call, by call path and index; how much an inlined function saves is not known.
        statement: the line and column of that statement.
        costs: the prices.
    """
    code, leaders, origins = executable.code, executable.program.leaders, executable.program.origins
    outlined = {i.statement for i in code.instructions if i.op == "PYBLOCK"} | {statement}
    functions = {origins[at] for (path, at), found in callees.items()
                 if not path and any(isinstance(callee, (FunctionType, Bound)) for callee in found)}
    saved = spent = 0.0
    frequency = 0.0
    paid = False
    for index, instruction in enumerate(code.instructions):
        if index in leaders:
            frequency = frequencies.get(((), leaders[index]), 0.0)
        if instruction.op == "PYBLOCK" or (instruction.statement == statement and not paid):
            paid = paid or instruction.op != "PYBLOCK"
            spent += frequency * costs.statement
        elif instruction.statement not in outlined:
            if index in functions:
                return False
            saved += frequency * (costs.call if instruction.op in _CALLS else 1)
    return spent >= saved


def prices(fn: Function, costs: Costs) -> dict[Key, float]:
    """What instructions of native code cost that call the interpreter, by call path and index.

    That is the calls, beyond what CPython pays for them too, and looking again at what other code may have changed.
    """
    found: dict[Key, float] = {}
    for instr in fn.instructions():
        price = 0.0
        if instr.op == "CALL_OBJECT" or (instr.op == "DRAW" and instr.imm == RUNNING):
            price = costs.builtin
        elif instr.op == "GUARD_WORLD":
            slots = instr.imm[1:]
            looks = sum(slot[0] != "cell" and not stamps.of_slot(slot) for slot in slots)
            price = _LOOK * looks + _STAMP * len({stamp for slot in slots for stamp in stamps.of_slot(slot)})
        if price and instr.context is not None:
            key = (instr.context.path, instr.index)
            found[key] = found.get(key, 0.0) + price
    return found


def balance(executables: Mapping[tuple[int, ...], Executable], frequencies: Mapping[Key, float],
            called: Mapping[Key, float], costs: Costs) -> Balance:
    """Weigh a loop.

    Args:
        executables: the region and the inlined functions, by call path.
        frequencies: how often each block runs in an iteration, by call path and index of its first instruction.
        called: the prices of the instructions that call the interpreter from native code, by call path and index.
        costs: the prices.
    """
    saved = spent = dearest = 0.0
    line, span, own = 0, None, True
    for path, executable in executables.items():
        code, leaders = executable.code, executable.program.leaders
        origins = executable.program.origins
        builtin = {origins[at]: price for (where, at), price in called.items() if where == path}
        outlined = {i.statement for i in code.instructions if i.op == "PYBLOCK"}
        frequency = 0.0
        for index, instruction in enumerate(code.instructions):
            if index in leaders:
                frequency = frequencies.get((path, leaders[index]), 0.0)
            if index in builtin and instruction.op != "PYBLOCK":
                price = frequency * builtin[index]
                spent += price
                if price > dearest:
                    dearest, line, span, own = price, instruction.statement[0], _span(path, instruction), not path
            elif instruction.op == "PYBLOCK":
                block = code.blocks[instruction.arg]
                carried = costs.variable * (len(block.params) + len(block.results))
                price = frequency * (costs.statement + carried + builtin.get(index, 0.0))
                spent += price
                if price > dearest:
                    dearest, line, span, own = price, block.line, None, not path
            elif instruction.statement not in outlined:
                saved += frequency * (costs.call if instruction.op in _CALLS else 1)
    return Balance(saved, spent, line, span, own)


def _span(path: tuple[int, ...], instruction: Instruction) -> Span | None:
    """Where an instruction of the region stands; those of inlined functions have another file."""
    return None if path or instruction.position is None else instruction.position.span
