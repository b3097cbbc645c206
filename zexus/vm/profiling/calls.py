"""Calls by name: how often a function is entered follows from how often its program comes to the calls of it.

As much flows into a function as comes to its calls, less those that could not nest any deeper, and what enters it in
other ways. A counter on its entry tells that; for calls by name there is a form without it. In return another one of
the function's counters is spared: what it would say is the one number for which both sides are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from zexus.bytecode import Code, Module
from zexus.records import dataclass
from zexus.vm.profiling.flow import Edge, Flow
from zexus.vm.profiling.origins import UNKNOWN, behind

_TRIED = 32  # counters of a function that are looked at, at most
_LEAF = 2.0  # how many times more often a function ends without calling itself, where it calls itself in several places


@dataclass(frozen=True)
class Call:
    """A call of a function of the program by its name, with as many arguments as it takes.

    Attributes:
        load, call: the instructions that name it and that call it, by their indices.
        name: of the function.
    """

    load: int
    call: int
    name: str


@dataclass(frozen=True)
class Spared:
    """A counter that a function does not need.

    Attributes:
        edge: on which it would stand.
        balance: if control passed it once more, by how much more often the function would be entered than call itself.
    """

    edge: Edge
    balance: int


def calls(code: Code, flow: Flow, module: Module) -> list[Call]:
    """The calls of functions by name in a function, as far as a block shows them whole.

    Args:
        code: the function.
        flow: of it.
        module: the program.
    """
    constants = module.constants()
    found: list[Call] = []
    for block in flow.blocks:
        stack: list[int] = []  # what the block has put there, by the instruction that has loaded it
        copied: set[int] = set()
        for index in range(block.start, block.stop):
            op, arg = code.instructions[index].op, code.instructions[index].arg
            if op == "CALL" and arg < len(stack):
                load = stack[-1 - arg]
                name = None if load == UNKNOWN or load in copied else code.instructions[load].arg
                if name in constants and module.functions[name].params == arg:
                    found.append(Call(load, index, name))
            if op == "COPY":
                copied.update(stack[-arg:][:1])
            stack = behind(code.instructions[index], stack, index if op == "LOAD_GLOBAL" else UNKNOWN)
    return found


def spared(flow: Flow, own: list[int]) -> Spared | None:
    """The counter that would be passed most often of those that can be spared; None where there is none.

    Args:
        flow: of a function whose entries are known.
        own: the calls in it of itself.
    """
    nothing = [0] * len(flow.code.instructions)
    best: Spared | None = None
    most = 0.0
    for edge in sorted((edge for edge in flow.edges if edge.counted), key=flow.guess, reverse=True)[:_TRIED]:
        once = flow.derive(lambda passed, edge=edge: passed is edge, nothing, nothing)  # type: ignore[misc]
        again = sum(once.instructions[call] for call in own)
        weight = flow.guess(edge) * (_LEAF if len(own) > 1 and not again else 1.0)
        balance = once.edges[flow.edges[0]] - again
        if balance and weight > most:
            best, most = Spared(edge, balance), weight
    return best


def own_names(module: Module, names: Iterable[str], number: int) -> dict[str, str]:
    """Names for the forms of functions that calls by name run: no others of the program's, or of other forms.

    Args:
        module: the program.
        names: of the functions.
        number: no other forms have this one.
    """
    taken = {part.arg for code in module.functions.values() for part in code.instructions} | module.functions.keys()
    found: dict[str, str] = {}
    for name in names:
        own = f"{name}_by_name_{number}"
        while own in taken:
            own += "_"
        found[name] = own
    return found


def circular(callers: Mapping[str, set[str]]) -> set[str]:
    """The functions that may come back to themselves by way of others.

    Args:
        callers: by function, those that call it.
    """
    found: set[str] = set()
    for name, first in callers.items():
        seen: set[str] = set()
        waiting = first - {name}
        while waiting:
            seen |= waiting
            waiting = set().union(*(callers.get(one, set()) for one in waiting)) - seen
        if name in seen:
            found.add(name)
    return found
