"""What a specialization knows: its task, the callees in it, what is inferred, and the walk in progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from zexus.jit.recorder import MANY, Lower, Profile
from zexus.jit.specialize.unit import Entry
from zexus.jit.trace import Rep, Trace
from zexus.regvm.build import Program
from zexus.regvm.ir import Block, Context, Function, Instr, Phi, Site, Value, step
from zexus.regvm.machine import Executable
from zexus.settings import JitSettings
from zexus.types import Error, Type

# How often a block ran that the recorder cannot tell apart.
UNKNOWN = -1


class State:
    """One specialization in progress."""

    # The general form, and what is known about it from walk to walk.
    fn: Function
    order: list[Block]
    order_number: dict[Block, int]
    preds: dict[Block, list[Block]]
    types: dict[Value, Type]
    dead_edges: set[tuple[Block, Block]]
    stored_kinds: set[tuple[str, int]]
    told_apart: set[Type]
    escaping: set[Value]
    settling: set[Value]
    over_parts: set[Block]
    users: dict[Value, list[Instr]]
    makers: dict[Value, Instr]
    objects: list[Any]  # what types and the code refer to by number
    words: list[str]
    met: list[tuple[tuple[Any, ...], Any, str]]
    edge_instr: dict[Block, Instr]
    last_edges: set[tuple[Block, Block]]
    live_edges: set[tuple[Block, Block]]

    # The walk in progress.
    t: Trace
    reachable: set[Block]
    visited: set[Block]
    made: dict[Block, Block]
    edges: list[tuple[Block, Block, Block]]
    cut: set[Block]
    world_slots: dict[Any, Rep]
    fields: list[tuple[int, str, int]]
    assumed: list[tuple[tuple[Any, ...], int]]  # slots that only the entry has looked at, and what they held
    cells: list[Value]
    me: Value | None  # the function that calls itself, where it has captured variables
    local_functions: dict[Site | None, Rep]  # where they are called -> functions that are others at each entry
    preheaders: dict[Block, Block]
    taking: Block | None  # the block that is walked, if its handler takes exceptions there
    thrown: dict[Block, Rep]  # blocks on edges to handlers -> what is raised there
    refusals: list[Exception]  # what has no native form with the types that are known so far
    catchers: dict[Block, tuple[Type, list[Phi]]]  # handlers -> the type and the phis of what they take

    def __init__(self, program: Program, profile: Profile, entry: Entry, lower: Lower,
                 make_block: Callable[[Context, int], Any], is_self: Callable[[Any], bool] | None,
                 settings: JitSettings) -> None:
        self.settings = settings
        self.is_self = is_self
        self.returned = Value(-1)
        self.program = program
        self.profile = profile
        self.entry = entry
        self.exposed = bool(program.code.held) and entry.over_generator  # whether others know of a generator
        self.lower = lower
        self.make_block = make_block
        self.programs: dict[Context, Program] = {}
        self.call_envs: dict[Context, dict[int, Value]] = {}
        self.functions: dict[Context, Any] = {}
        self.runs: dict[Block, int] = {}
        self.root = Context(program)
        self.inlined: dict[Context, tuple[Executable, Any]] = {}
        self.ending: set[Block] = set()  # from where a generator comes to no further value
        self.errors: dict[Any, Error] = {}
        self.caught: dict[Block, set[Error]] = {}

    def handles(self, instr: Instr) -> bool:
        """Whether an exception is being handled where an instruction stands."""
        context, index = instr.context, instr.index
        while context is not None and (index < 0 or context.code.handling(index) < 0):
            index, context = context.call_index, context.parent
        return context is not None

    def may_call(self, instr: Instr) -> bool:
        """Whether native code may call there what runs other code."""
        return not (self.program.code.shared or self.exposed or self.handles(instr))

    def seen(self, instr: Instr) -> set[Type]:
        """The types that the result of an instruction had."""
        assert instr.context is not None
        only = None if instr.variant is None else instr.variant.seen
        path, which = instr.context.path, range(MANY) if only is None else (max(0, only),)
        found: set[Type] = set()
        for key in [(path, step(instr.index, number)) for number in which]:
            hint = self.profile.hints.get(key)
            found |= {hint if hint is not None and hint == k else k for k in self.profile.seen.get(key, ())}
        return found

    def was_large(self, instr: Instr, position: int) -> bool:
        """Whether an operand of an instruction was an int beyond those that native code computes with."""
        return instr.context is not None and ((instr.context.path, instr.index), position) in self.profile.large

    def operands_seen(self, instr: Instr) -> list[set[Type]]:
        """The types that the operands of an instruction had, as far as it was seen."""
        assert instr.context is not None
        found = self.profile.operands.get((instr.context.path, instr.index), [])
        return found[1:] if "called" in instr.facts else found

    def owner_seen(self, instr: Instr) -> type | None:
        """The class of the objects whose attribute or item was accessed, None for several."""
        assert instr.context is not None
        found = self.profile.owners.get((instr.context.path, instr.index), [])
        kind: type | None = _one_of(found, None if instr.variant is None else instr.variant.seen)
        return kind

    def factory_seen(self, instr: Instr) -> Any:
        """The code by which a defaultdict made what it did not have, None for several."""
        assert instr.context is not None
        return _one_of(self.profile.factories.get((instr.context.path, instr.index), []), None)

    def raised_by(self, instr: Instr) -> list[type]:
        """The classes of the exceptions that an instruction raised."""
        assert instr.context is not None
        return self.profile.raised.get((instr.context.path, instr.index), [])

    def callee_seen(self, instr: Instr) -> Any:
        """What an instruction called, None for several things, or others than functions of the program."""
        assert instr.context is not None
        found = self.profile.callees.get((instr.context.path, instr.index), [])
        return _one_of(found, None if instr.variant is None else instr.variant.callee)

    def called_by(self, instr: Instr) -> int:
        """Which of the functions that were called there a call takes in."""
        return 0 if instr.variant is None else max(0, instr.variant.callee or 0)


    def copy_of(self, instr: Instr) -> int:
        """Which of the copies of an instruction it is."""
        return 0 if instr.variant is None else instr.variant.copy


def _one_of(found: Sequence[Any], number: int | None) -> Any:
    if number is None:
        return found[0] if len(found) == 1 else None
    return found[number] if 0 <= number < len(found) else None
