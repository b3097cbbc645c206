"""Attributes of instances: read and written where the instance keeps them, as long as its class is as it was.

What an attribute is depends on the class and on the instance: a descriptor of the class comes first, then what the
instance has, then what else the class has. What was found in the class is part of the world; the class of the instance
is looked at wherever other code may have changed it.
"""

from __future__ import annotations

import sys
import types as python_types
from typing import Any

from zexus import shapes, types
from zexus.codes import Unsupported
from zexus.jit.forms import numbers, randoms, sequences
from zexus.jit.specialize.edges import Edges
from zexus.jit.specialize.world import Owner
from zexus.jit.trace import Rep
from zexus.regvm.ir import Instr, Value
from zexus.types import BOOL, FLOAT, INT, Type

_STORES: dict[Type, str] = {INT: "INT", FLOAT: "FLOAT", BOOL: "BOOL", types.COMPLEX: "COMPLEX"}


class Attributes(Edges):
    """How attributes of the program's own objects are found."""

    def read_attribute(self, instr: Instr, rep: Rep, seen: set[Type]) -> Rep:
        """`rep.name`, or the method of that name.

        Raises:
            Unsupported: the object was of several classes, or finds this attribute in its own way.
        """
        t, name = self.t, instr.imm
        kind = self.owner(instr, rep)
        found = self.in_class(kind, name)
        offset = shapes.slot_offset(kind, found)
        if offset is not None:
            place = t.emit("SLOT_PLACE", rep.values, "ptr", offset)
            return sequences.unbox(t, t.emit("ATTR_ITEM", (place,), "ptr", None, "ZX033"), seen, None)
        if found is shapes.ABSENT:
            place = self.value_place(kind, rep, name)
            return sequences.unbox(t, t.emit("ATTR_ITEM", (place,), "ptr", None, "ZX033"), seen, None)
        drawn = randoms.descriptor(kind, found)
        if type(found) is not python_types.FunctionType and not drawn and hasattr(type(found), "__get__"):
            raise Unsupported("ZX020", detail=f"attribute {name!r} of {kind.__qualname__}, a {type(found).__name__}")
        if shapes.has_attributes(kind):
            values = shapes.has_values(kind)
            if not shapes.has_dict(kind) or (values and shapes.value_index(kind, name) is not None):
                detail = f"attribute {name!r} of {kind.__qualname__}, which instances may hide"
                raise Unsupported("ZX020", detail=detail)
            if values:
                self.of_class("unshared", kind, name, kind)
            t.emit("GUARD_UNHIDDEN", rep.values, "", (values, self.name_ref(name), *self.spaces()), "ZX031")
        held = self.of_class("class", kind, name, found)
        if shapes.is_changeable(type(found)):
            # It is no descriptor as long as its class is none.
            number = t.ref(type(found), f"class {type(found).__qualname__}")
            t.emit("GUARD_CLASS", (t.boxed(held),), "", (number,), "ZX031")
            self.of_class("lacks", type(found), "__get__", type(found))
        if drawn:
            return Rep(types.Method(rep.type, drawn, site_of(instr)), rep.values)
        if type(found) is not python_types.FunctionType:
            return held
        assert isinstance(held.type, types.Known)
        return Rep(types.Bound(rep.type, held.type.ref, site_of(instr)), rep.values)

    def write_attribute(self, instr: Instr, rep: Rep, value: Rep) -> None:
        """`rep.name = value`, where the attribute has a value already.

        Raises:
            Unsupported: as for `read_attribute`.
        """
        t, name = self.t, instr.imm
        kind = self.owner(instr, rep)
        if not shapes.is_plain(kind, "setattro"):
            raise Unsupported("ZX020", detail=f"attributes of {kind.__qualname__}, which stores them in its own way")
        self.of_class("setattro", kind, "", kind)
        if isinstance(value.type, types.Union):
            value = numbers.narrow_bound(t, value)
        held = _STORES.get(value.type, "PTR")
        new = (t.boxed(value),) if held == "PTR" else value.values
        found = self.in_class(kind, name)
        offset = shapes.slot_offset(kind, found)
        if offset is not None:
            place = t.emit("SLOT_PLACE", rep.values, "ptr", offset)
        elif found is shapes.ABSENT:
            place = self.value_place(kind, rep, name)
        else:
            raise Unsupported("ZX020", detail=f"attribute {name!r} of {kind.__qualname__}, a {type(found).__name__}")
        t.emit("ATTR_ITEM", (place,), "ptr", None, "ZX033")
        if held == "PTR" and offset is None:
            t.emit("TRACK_DICT", rep.values, "", shapes.has_values(kind))
        t.emit("LIST_SET_" + held, (place, t.int_(0), *new), "", "any", "ZX036")

    def owner(self, instr: Instr, rep: Rep) -> type:
        """The class of an instance whose attribute is accessed; an instance of another one leaves."""
        assert instr.context is not None
        kind = self.profile.owners.get((instr.context.path, instr.index))
        if not isinstance(rep.type, types.Object) or kind is None:
            raise Unsupported("ZX020", detail=f"attribute {instr.imm!r} of {rep.type}")
        if shapes.problem() or not shapes.is_plain(kind):
            raise Unsupported("ZX020", detail=f"attribute {instr.imm!r} of {kind.__qualname__}")
        t = self.t
        t.emit("GUARD_CLASS", rep.values, "", (t.ref(kind, f"class {kind.__qualname__}"),), "ZX031")
        self.of_class("getattro", kind, "", kind)
        return kind

    def in_class(self, kind: type, name: str) -> Any:
        """What a class holds under a name, as part of the world."""
        found = shapes.lookup(kind, name)
        if found is shapes.ABSENT:
            self.of_class("lacks", kind, name, kind)
        elif shapes.slot_offset(kind, found) is not None:
            self.of_class("class", kind, name, found)
        return found

    def of_class(self, what: str, kind: type, name: str, found: Any) -> Rep:
        """A look at a class that is made again behind what ran other code."""
        owner = Owner(kind, f"class {kind.__qualname__}")
        names = (Owner(sys.intern(name), f"name {name}"),) if name else ()
        return self.world((what, owner, *names), found, f"{kind.__qualname__}.{name or what}")

    def value_place(self, kind: type, rep: Rep, name: str) -> Value:
        """Where an instance keeps an attribute of its own."""
        if not shapes.has_dict(kind):
            raise Unsupported("ZX020", detail=f"attribute {name!r} of {kind.__qualname__}")
        index = shapes.value_index(kind, name) if shapes.has_values(kind) else None
        which = (-1 if index is None else index, self.name_ref(name), *self.spaces())
        return self.t.emit("ATTR_PLACE", rep.values, "ptr", which, "ZX033")

    def spaces(self) -> tuple[int, ...]:
        """The variables of a module that registers hold: an instance that has them for its dict leaves."""
        root = self.program.code
        return (self.t.ref(root.namespace, "globals"),) if root.is_module else ()

    def name_ref(self, name: str) -> int:
        return self.t.ref(sys.intern(name), f"name {name}")


def site_of(instr: Instr) -> tuple[tuple[int, ...], int]:
    """Which instruction takes a method: each makes an object of its own, and no method is handed on to an iteration."""
    assert instr.context is not None
    return instr.context.path, instr.index
