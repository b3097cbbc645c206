"""The terms of a specialization: how a region is entered, what comes out, how a statement is refused."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from zexus.codes import Unsupported
from zexus.jit.counters import Counters
from zexus.records import dataclass
from zexus.regvm.ir import Context, Function
from zexus.regvm.machine import Executable
from zexus.types import Cursor, Type


class Refused(Exception):
    """A statement that cannot be specialized: it is to be outlined, or else the region refused."""

    def __init__(self, refusal: Unsupported, context: Context, index: int) -> None:
        self.refusal = refusal
        self.context = context
        self.index = index
        super().__init__(str(refusal))

    def in_region(self) -> Refused:
        """A refusal in an inlined function as one of the call in the region that led there."""
        parent = self.context.parent
        return self if parent is None else Refused(self.refusal, parent, self.context.call_index).in_region()


class Narrow(Unsupported):
    """A function calls itself with an argument of a type that its entry has no form for.

    Args:
        position: which of its parameters.
        kind: what it is given.
        wanted: what it is entered with.
    """

    def __init__(self, position: int, kind: Type, wanted: Type) -> None:
        self.position, self.kind = position, kind
        super().__init__("ZX021", detail=f"{kind} where it is entered with {wanted}")


@dataclass
class Entry:
    """How a region is entered: the type of each argument, the cursor's first (None for `while` and functions).

    Attributes:
        far: the positions of integers that were too far from zero to count from, now or in an earlier entry.
        free: the variables that a function has captured which is given itself as well, in the order of its cells.
    """

    arguments: list[Type | None]
    cells: tuple[Any, ...] = ()
    steps: dict[int, int] = field(default_factory=dict)
    free: tuple[str, ...] = ()
    far: frozenset[int] = frozenset()

    @property
    def over_generator(self) -> bool:
        """Whether the cursor is one over a generator."""
        return self._over("generator")

    @property
    def over_unknown(self) -> bool:
        """Whether the cursor is one over an iterator of which nothing is known."""
        return self._over("object")

    def _over(self, kind: str) -> bool:
        first = self.arguments[0] if self.arguments else None
        return isinstance(first, Cursor) and first.kind == kind


@dataclass
class Unit:
    """What the specializer made: the typed function, the objects it refers to, the functions inlined into it.

    For a function that calls itself, `fn` is its body over unboxed parameters and `entry` the way in from Python.

    Attributes:
        weighed: whether the items of its lists are counted, for they could have mirrors.
        mirrored: whether its lists have mirrors.
    """

    fn: Function
    objects: list[Any]
    inlined: dict[Context, tuple[Executable, Any]]
    entry: Function | None = None
    weighed: bool = False
    mirrored: bool = False

    @property
    def counters(self) -> Counters:
        """The numbers that its code keeps: the last of its objects."""
        return Counters(self.objects[-1])

    def functions(self) -> list[Function]:
        """The typed functions of which it consists."""
        return [self.fn] if self.entry is None else [self.fn, self.entry]
