"""Equality of objects of the program's classes that are equal to nothing but themselves."""

from __future__ import annotations

from itertools import product
from types import NoneType

from zexus import shapes, types
from zexus.jit.forms import numbers, sequences
from zexus.jit.specialize.attributes import Attributes
from zexus.jit.trace import Rep
from zexus.regvm.ir import Instr
from zexus.types import Type


class Equality(Attributes):
    """What becomes of `==` and `!=` there."""

    def equal(self, instr: Instr, a: Rep, b: Rep) -> Rep | None:
        """`a == b` or `a != b` of objects whose classes compare by identity, or None; None for any others."""
        t, op = self.t, instr.op
        seen = self.operands_seen(instr) or [set(), set()]
        if op not in ("EQ", "NE") or {a.type, b.type} <= {types.NONE}:
            return None
        kinds = [self.classes_of(rep, known) for rep, known in zip((a, b), seen, strict=True)]
        if not all(found and all(map(_compares_by_identity, found - {NoneType})) for found in kinds):
            return None
        names = ("__eq__",) if op == "EQ" else ("__eq__", "__ne__")
        for found, rep in zip(kinds, (a, b), strict=True):
            ordered = sorted(found, key=lambda kind: kind.__qualname__)
            if rep.type != types.NONE:
                sequences.instance(t, t.boxed(rep), types.OBJECT, ordered)
            for kind, name in product(ordered, names):
                if kind is not NoneType:
                    self.of_class("class", kind, name, shapes.lookup(kind, name))
        return numbers.identity(t, "IS" if op == "EQ" else "IS_NOT", a, b)

    def classes_of(self, rep: Rep, seen: set[Type]) -> set[type]:
        """The classes of which an object is one, as far as they are known or were seen; none where it is no object."""
        if isinstance(rep.type, types.Known):
            return {type(self.t.object_of(rep))}
        if rep.type == types.NONE:
            return {NoneType}
        if isinstance(rep.type, types.Instance):
            return {rep.type.kind}
        if rep.type != types.OBJECT or not all(one == types.NONE or isinstance(one, types.Instance) for one in seen):
            return set()
        return {one.kind if isinstance(one, types.Instance) else NoneType for one in seen}


def _compares_by_identity(kind: type) -> bool:
    return shapes.is_changeable(kind) and all(shapes.lookup(kind, name) is shapes.lookup(object, name)
                                              for name in ("__eq__", "__ne__"))
