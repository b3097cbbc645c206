"""Ints of classes of their own, members of enumerations above all: they count as ints where their class has no say."""

from __future__ import annotations

from typing import Any

from zexus import ops, shapes, types
from zexus.codes import Unsupported
from zexus.jit.forms import sequences
from zexus.jit.hooks import METHODS, in_place
from zexus.jit.specialize.attributes import Attributes
from zexus.jit.trace import Rep

# What an operation finds in the class of its right operand, if that is derived from the class of the left one.
_REFLECTED = {"LT": "__gt__", "LE": "__ge__", "GT": "__lt__", "GE": "__le__", "EQ": "__eq__", "NE": "__ne__"}
_ITEMS = frozenset(("GETITEM", "SETITEM"))


def _derived(kind: Any) -> bool:
    """Whether a class is derived from `int`, and can hold attributes of its own."""
    return isinstance(kind, type) and int in shapes.bases(kind) and shapes.is_changeable(kind)


class Derived(Attributes):
    """Operands that are ints of classes of their own."""

    def as_ints(self, op: str, args: list[Rep]) -> list[Rep]:
        """Operands of an operator, or the index of a list, as ints where these are the same."""
        if op in _ITEMS:
            of_list = isinstance(args[0].type, types.List)
            return [self.as_int(rep) if of_list and position == 1 and _derived(self.class_known(rep)) else rep
                    for position, rep in enumerate(args)]
        kinds = [self.class_known(rep) for rep in args]
        found = next((kind for kind in kinds if _derived(kind)), None)
        if found is None or op in ("IN", "NOT_IN") or \
                not (ops.OPS[op].family in ("arith", "compare", "unary") and op in METHODS):
            return args
        made = list(args)
        for position, (rep, kind) in enumerate(zip(args, kinds, strict=True)):
            if rep.type == types.OBJECT:
                # What it is compared with tells what it is most likely.
                made[position] = self.as_int(Rep(types.Instance(kind=found), rep.values), op)
            elif _derived(kind):
                made[position] = self.as_int(rep, op)
        return made

    def class_known(self, rep: Rep) -> type | None:
        """The class of an object, as far as that is known before it is looked at."""
        if isinstance(rep.type, types.Known):
            return type(self.t.object_of(rep))
        return rep.type.kind if isinstance(rep.type, types.Instance) else None

    def as_int(self, rep: Rep, op: str = "") -> Rep:
        """The value of an int of a class of its own, which finds what an operation calls where ints do."""
        t = self.t
        kind = self.class_known(rep)
        assert kind is not None
        if op:
            name = METHODS[op]
            reflected = _REFLECTED.get(op, name.replace("__", "__r", 1))
            self.found_as(kind, int, name, *((reflected,) if ops.OPS[op].arity == 2 else ()))
            if ops.OPS[op].base:
                self.lacks(kind, in_place(METHODS[ops.OPS[op].base]))
        pointer = t.boxed(rep)
        sequences.instance(t, pointer, types.OBJECT, [kind])
        if isinstance(rep.type, types.Known):
            value = int.__pos__(t.object_of(rep))
            if not types.INT64_MIN <= value <= types.INT64_MAX:
                raise Unsupported("ZX030", detail=f"{kind.__qualname__} beyond 64 bits")
            return t.constant(value)
        return Rep(types.INT, (t.emit("INT_VALUE", (pointer,), "i64", None, "ZX031"),))
