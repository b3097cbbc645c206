"""Attributes of instances: read and written where the instance keeps them, as long as its class is as it was.

What an attribute is depends on the class and on the instance: a descriptor of the class comes first, then what the
instance has, then what else the class has. What was found in the class is part of the world; the class of the instance
is looked at wherever other code may have changed it.
"""

from __future__ import annotations

import sys
import types as python_types
from collections import namedtuple
from typing import Any

from zexus import layout, shapes, types
from zexus.codes import Unsupported
from zexus.frontend.tallies import Count
from zexus.jit import hooks
from zexus.jit.forms import callees, numbers, randoms, seeking, sequences
from zexus.jit.hooks import MAKING, Construction, Hook
from zexus.jit.specialize.edges import Edges
from zexus.jit.specialize.world import Owner
from zexus.jit.trace import Rep
from zexus.regvm.declining import MIRRORED
from zexus.regvm.ir import Instr, Value
from zexus.types import BOOL, FLOAT, INT, Type

_STORES: dict[Type, str] = {INT: "INT", FLOAT: "FLOAT", BOOL: "BOOL", types.COMPLEX: "COMPLEX"}

_CLASSES: dict[Type, type] = {INT: int, FLOAT: float, BOOL: bool, types.COMPLEX: complex, types.NONE: type(None),
                              types.CHAR: str, types.List(): list}
# Descriptors that classes written in C hold for their methods.
_FIXED = (python_types.ClassMethodDescriptorType, python_types.MethodDescriptorType,
          python_types.WrapperDescriptorType)
_METHODS = (python_types.FunctionType, python_types.MethodDescriptorType)


# What stands in the class of a named tuple for each field.
_FIELD: type = type(vars(namedtuple("_Sample", "field"))["field"])
# What `x.__class__` finds, and where a class keeps its names.
_CLASS = vars(object)["__class__"]
_OF_CLASSES = {"__name__": "heap_type.name", "__qualname__": "heap_type.qualname"}
_DESCRIBES = ("__get__", "__set__", "__delete__")


def class_of(kind: Type) -> type | None:
    """The class of values of a type that are no objects; None where that says too little."""
    if isinstance(kind, (types.Tuple, types.AnyTuple)):
        return tuple
    return list if isinstance(kind, types.List) else _CLASSES.get(kind)


def _describes(found: Any) -> bool:
    """Whether something that a class holds is a descriptor."""
    return any(shapes.lookup(type(found), name) is not shapes.ABSENT for name in _DESCRIBES)


def _is_default(kind: type, name: str, found: Any) -> bool:
    """Whether a class holds what its instances have where they have nothing of their own, and some have."""
    return not _describes(found) and shapes.has_dict(kind) and shapes.has_values(kind) \
        and shapes.value_index(kind, name) is not None


def _slot(what: str, kind: type, name: str) -> tuple[Any, ...]:
    """The slot of the world for a look at a class."""
    owner = Owner(kind, f"class {kind.__qualname__}")
    return (what, owner, *((Owner(sys.intern(name), f"name {name}"),) if name else ()))


def _next(kind: type, known: type) -> type | None:
    """The class behind another one in the order of a class; None where what follows is not that class's own order."""
    order = shapes.bases(kind)
    place = next((i for i, one in enumerate(order[:-1], 1) if one is known), 0)
    return order[place] if place and order[place:] == shapes.bases(order[place]) else None


class Attributes(Edges):
    """How attributes of the program's own objects are found."""

    def read_attribute(self, instr: Instr, rep: Rep, seen: set[Type]) -> Rep:
        """`rep.name`, or the method of that name.

        Raises:
            Unsupported: the object was of several classes, or finds this attribute in its own way.
        """
        t, name = self.t, str(instr.imm)
        held = self.field_held(rep, name)
        if held is not None:
            return held
        rep = t.as_object(rep)
        builtin = self.builtin_method(instr, rep)
        if builtin is not None:
            return builtin
        if name in _OF_CLASSES and self.owner_seen(instr) is type:
            return self.name_of(rep, name, seen)
        kind = self.owner(instr, rep)
        if name == "__class__" and shapes.lookup(kind, name) is _CLASS:
            return self.class_held(rep, seen)
        found = self.in_class(kind, name)
        offset = shapes.slot_offset(kind, found)
        if offset is not None:
            place = t.emit("SLOT_PLACE", rep.values, "ptr", offset)
            return sequences.unbox(t, t.emit("ATTR_ITEM", (place,), "ptr", None, "ZX033"), seen, None)
        if type(found) is _FIELD and issubclass(kind, tuple):
            self.of_class("class", kind, name, found)
            reduced: Any = found.__reduce__()
            return self.field(rep, reduced[1][0], seen)
        if found is shapes.ABSENT:
            place, _ = self.value_place(kind, rep, name)
            return sequences.unbox(t, t.emit("ATTR_ITEM", (place,), "ptr", None, "ZX033"), seen, None)
        if _is_default(kind, name, found):
            held = self.of_class("class", kind, name, found)
            self.no_descriptor(held, found)
            place, _ = self.value_place(kind, rep, name)
            default = self.as_found(held, "class", kind, name)
            return sequences.unbox(t, t.emit("ATTR_ELSE", (place, default), "ptr"), seen, None)
        drawn = randoms.descriptor(kind, found)
        static = type(found) is staticmethod
        if type(found) not in _METHODS and not static and hasattr(type(found), "__get__"):
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
        if not static:
            self.no_descriptor(held, found)
        if drawn:
            return Rep(types.Method(rep.type, drawn, site_of(instr)), rep.values)
        if static:
            return t.known(found.__func__, f"{kind.__qualname__}.{name}")
        if type(found) not in _METHODS:
            return held
        assert isinstance(held.type, types.Known)
        return Rep(types.Bound(rep.type, held.type.ref, site_of(instr)), rep.values)

    def class_held(self, rep: Rep, seen: set[Type]) -> Rep:
        """The class of a value."""
        t = self.t
        kind = class_of(rep.type)
        if kind is not None:
            return t.known(kind, f"class {kind.__qualname__}")
        if shapes.problem():
            raise Unsupported("ZX020", detail="the layout of objects")
        rep = t.as_object(rep)
        if isinstance(rep.type, types.Instance):
            kind = rep.type.kind
            sequences.instance(t, rep.value, types.OBJECT, [kind])
            return t.known(kind, f"class {kind.__qualname__}")
        return self.part(t.boxed(rep), "type", seen)

    def name_of(self, rep: Rep, name: str, seen: set[Type]) -> Rep:
        """A name of a class whose own class is `type`, and that a statement made."""
        t = self.t
        pointer = t.boxed(rep)
        sequences.instance(t, pointer, types.OBJECT, [type])
        made = t.emit("AND", (t.emit("FIELD", (pointer,), "i64", "type.flags"), t.int_(layout.HEAP_TYPE)), "i64")
        t.guard(t.emit("NE", (made, t.int_(0)), "i1"), "ZX031")
        return self.part(pointer, _OF_CLASSES[name], seen)

    def part(self, pointer: Value, field: str, seen: set[Type]) -> Rep:
        """What an object holds in a field of its layout."""
        t = self.t
        place = t.emit("SLOT_PLACE", (pointer,), "ptr", layout.OFFSETS[field])
        return sequences.unbox(t, t.emit("ATTR_ITEM", (place,), "ptr", None, "ZX033"), seen, None)

    def inherited(self, instr: Instr, found_by: types.Super, rep: Rep) -> Rep:
        """A method that stands behind a class in the order in which the class of an object looks for it.

        Raises:
            Unsupported: it is no plain method, or the order is not that of the next class.
        """
        t, name, kind = self.t, str(instr.imm), self.owner_seen(instr)
        base = _next(kind, t.objects[found_by.ref]) if kind is not None and not shapes.problem() else None
        if kind is None or base is None:
            raise Unsupported("ZX020", detail=f"attribute {name!r} of super()")
        found = shapes.lookup(base, name)
        rep = sequences.instance(t, rep.value, types.Instance(kind=kind), [kind])
        self.keeps_order(kind)
        if found is object.__init__:
            return Rep(types.Bound(rep.type, t.ref(found, "object.__init__"), site_of(instr)), rep.values)
        if type(found) is not python_types.FunctionType:
            raise Unsupported("ZX020", detail=f"attribute {name!r} of super(), which is no plain method")
        held = self.of_class("class", base, name, found)
        assert isinstance(held.type, types.Known)
        return Rep(types.Bound(rep.type, held.type.ref, site_of(instr)), rep.values)

    def keeps_order(self, kind: type) -> None:
        """The order in which a class looks for what it finds stays as it is."""
        t, words = self.t, f"class {kind.__qualname__}"
        owner, number = t.ref(kind, words), t.ref(kind.__mro__, f"{words}.__mro__")
        t.emit("GUARD_FIELD", (t.emit("REF", (), "ptr", owner),), "", ("type.mro", number), "ZX035")
        self.fields.append((owner, "type.mro", number))

    def field(self, rep: Rep, index: int, seen: set[Type]) -> Rep:
        """A field of a named tuple."""
        t = self.t
        t.guard(t.emit("GT", (t.emit("TUPLE_LEN", rep.values, "i64"), t.int_(index)), "i1"), "ZX033")
        return sequences.unbox(t, t.emit("TUPLE_ITEM", rep.values, "ptr", index), seen, None)

    def field_held(self, rep: Rep, name: str) -> Rep | None:
        """A field of a tuple whose items are known; None for any other attribute."""
        if not isinstance(rep.type, types.Named) or shapes.problem():
            return None
        kind, found = rep.type.kind, shapes.lookup(rep.type.kind, name)
        if type(found) is not _FIELD:
            return None
        self.of_class("getattro", kind, "", kind)
        self.of_class("class", kind, name, found)
        described: Any = found.__reduce__()
        index: int = described[1][0]
        return self.t.items(rep)[index]

    def as_instance(self, rep: Rep) -> Rep:
        """A tuple with names as an object of its class."""
        assert isinstance(rep.type, types.Named)
        return Rep(types.Instance(kind=rep.type.kind), (self.t.boxed(rep),))

    def lacks(self, kind: type, name: str) -> None:
        """A class has nothing under a name."""
        if shapes.lookup(kind, name) is not shapes.ABSENT:
            raise Unsupported("ZX020", detail=f"{name} of {kind.__qualname__}")
        self.of_class("lacks", kind, name, kind)

    def expect_unique(self, rep: Rep) -> None:
        """The class of an object that is equal to nothing but itself stays like that."""
        if seeking.is_unique(rep):
            assert isinstance(rep.type, types.Instance)
            self.found_as(rep.type.kind, object, "__eq__")

    def found_as(self, kind: type, base: type, *names: str) -> None:
        """A class finds these methods where another one does, from which it is derived."""
        for name in names:
            if shapes.lookup(kind, name) is not shapes.lookup(base, name) or shapes.lookup(base, name) is shapes.ABSENT:
                raise Unsupported("ZX020", detail=f"{name} of {kind.__qualname__}")
            self.of_class("class", kind, name, shapes.lookup(base, name))

    def no_descriptor(self, held: Rep, found: Any) -> None:
        """What a class holds is no descriptor, and stays none."""
        kind, t = type(found), self.t
        if shapes.is_changeable(kind):
            number = t.ref(kind, f"class {kind.__qualname__}")
            t.emit("GUARD_CLASS", (t.boxed(held),), "", (number,), "ZX031")
            for name in _DESCRIBES:
                if shapes.lookup(kind, name) is shapes.ABSENT:
                    self.of_class("lacks", kind, name, kind)

    def class_attribute(self, instr: Instr, owner: type) -> Rep | None:
        """`owner.name` of a class: a constant, or a function; None where its metaclass has a say in it."""
        name, meta, t = str(instr.imm), type(owner), self.t
        if name in _OF_CLASSES and meta is type and not shapes.problem():
            if not shapes.is_changeable(owner):
                return t.constant(sys.intern(getattr(owner, name)))  # a new text each time
            return self.part(t.reference(owner, f"class {owner.__qualname__}"), _OF_CLASSES[name], self.seen(instr))
        found = shapes.lookup(owner, name)
        words = f"{owner.__qualname__}.{name}"
        if meta is type and not shapes.is_changeable(owner) and type(found) in _FIXED \
                and not hasattr(type(shapes.lookup(type, name)), "__set__"):
            return t.known(getattr(owner, name), words)  # nothing can change such a class
        if found is shapes.ABSENT or shapes.lookup(meta, name) is not shapes.ABSENT \
                or shapes.lookup(meta, "__getattribute__") is not shapes.lookup(type, "__getattribute__"):
            return None
        made = found
        if type(found) is classmethod and type(found.__func__) is python_types.FunctionType and self.is_called(instr):
            made = python_types.MethodType(found.__func__, owner)
        elif type(found) is staticmethod:
            made = found.__func__
        elif type(found) is not python_types.FunctionType and _describes(found):
            return None
        if shapes.is_changeable(meta):
            self.of_class("lacks", meta, name, meta)
        held = self.of_class("class", owner, name, found)
        if made is found:
            self.no_descriptor(held, found)
            return held
        return t.known(made, words)

    def builtin_method(self, instr: Instr, rep: Rep) -> Rep | None:
        """A method of a builtin type, which nothing can change and no object can hide; None for anything else."""
        t, name = self.t, instr.imm
        kind: type | None = {types.List: list, types.Instance: getattr(rep.type, "kind", None)}.get(type(rep.type))
        if rep.type == types.OBJECT:
            kind = self.owner_seen(instr)
        if kind is None or shapes.is_changeable(kind) or kind.__dictoffset__:
            return None
        found = shapes.lookup(kind, name)
        if type(found) is not python_types.MethodDescriptorType or not callees.is_callable(found):
            return None
        if isinstance(rep.type, types.Object):
            rep = sequences.instance(t, rep.value, types.Instance(kind=kind), [kind])
        return Rep(types.Bound(rep.type, t.ref(found, f"{kind.__name__}.{name}"), site_of(instr)), rep.values)

    def expect_passing(self, hook: Hook, op: str) -> None:
        """The class of the first operand still knows nothing of an operation."""
        kind = hook.kinds[0]
        if not shapes.is_changeable(kind):
            return
        if op in MIRRORED:
            self.found_as(kind, object, hooks.METHODS[op])
            return
        for name in {hooks.METHODS[op], hooks.in_place(hooks.METHODS[op])}:
            self.lacks(kind, name)

    def expect_hook(self, hook: Hook, op: str, args: list[Rep]) -> None:
        """Leave where an operation would call another function than the one that was taken in."""
        t, kind = self.t, hook.owner
        if shapes.problem():
            raise Unsupported("ZX020", detail="the layout of objects")
        for wanted, rep in zip(hook.kinds, map(t.as_object, args), strict=True):
            if isinstance(rep.type, types.Object):
                sequences.instance(t, rep.value, types.OBJECT, [wanted])
            elif isinstance(rep.type, types.Union):
                numbers.narrow(t, rep, lambda member, wanted=wanted: class_of(member) is wanted)  # type: ignore[misc]
            elif class_of(rep.type) is not wanted:
                raise Unsupported("ZX020", detail=f"{rep.type} where {wanted.__qualname__} was seen")
        if isinstance(hook.found, property):
            self.of_class("setattro" if hook.sets else "getattro", kind, "", kind)
        elif hook.in_place:
            self.of_class("lacks", kind, hooks.in_place(hook.name), kind)
        elif hook.negates:
            self.found_as(kind, object, "__ne__")
        elif hook.name == "__len__" and op in ("TRUTH", "NOT"):
            self.lacks(kind, "__bool__")
        if hook.reflected:
            self.expect_passing(hook, op)
        self.of_class("class", kind, hook.name, hook.found)
        self.guard_code(hook)

    def expect_construction(self, made: Construction) -> None:
        """A call of a class still makes an object in the ordinary way."""
        if shapes.problem():
            raise Unsupported("ZX020", detail="the layout of objects")
        if type(made.kind) is not type:
            self.of_class("class", type(made.kind), "__call__", MAKING)
        self.of_class("class", made.kind, "__init__", made.function)
        self.of_class("class", made.kind, "__new__", object.__dict__["__new__"])
        self.of_class("lacks", made.kind, "__del__", made.kind)

    def new(self, made: Construction) -> Rep:
        """A new object of a class, without attributes."""
        t = self.t
        what = (t.ref(made.kind, f"class {made.kind.__qualname__}"), t.ref((), "()"))
        new = t.emit("NEW_OBJECT", (), "ptr", what, "ZX033")
        t.fresh.add(new)
        return Rep(types.Instance(kind=made.kind), (new,))

    def guard_code(self, hook: Hook) -> None:
        """The function of a property is guarded like those that are found in classes."""
        if isinstance(hook.found, property):
            words = f"{hook.name} of {hook.kinds[0].__qualname__}"
            self.guard_function(hook.function, words, self.t.reference(hook.function, words))

    def write_attribute(self, instr: Instr, rep: Rep, value: Rep) -> None:
        """`rep.name = value`, where the attribute has a value already.

        Raises:
            Unsupported: as for `read_attribute`.
        """
        name = instr.imm
        kind = self.owner(instr, rep)
        if not shapes.is_plain(kind, "setattro"):
            raise Unsupported("ZX020", detail=f"attributes of {kind.__qualname__}, which stores them in its own way")
        self.of_class("setattro", kind, "", kind)
        self.store_attribute(kind, name, rep, value)

    def store_attribute(self, kind: type, name: str, rep: Rep, value: Rep) -> None:
        """Store an attribute of an instance of a class in the way of `object`.

        Raises:
            Unsupported: the class holds something under this name that has a way of its own.
        """
        t = self.t
        if isinstance(value.type, types.Union):
            value = numbers.narrow_bound(t, value)
        held = _STORES.get(value.type, "PTR")
        new = (t.boxed(value),) if held == "PTR" else value.values
        found = self.in_class(kind, name)
        offset = shapes.slot_offset(kind, found)
        if offset is not None:
            place, number = t.emit("SLOT_PLACE", rep.values, "ptr", offset), -1
        elif found is shapes.ABSENT or not _describes(found):
            if found is not shapes.ABSENT:
                self.no_descriptor(self.of_class("class", kind, name, found), found)
            place, number = self.value_place(kind, rep, name)
        else:
            raise Unsupported("ZX020", detail=f"attribute {name!r} of {kind.__qualname__}, a {type(found).__name__}")
        if rep.value in t.fresh:
            operand = value.value if held in ("INT", "FLOAT", "BOOL") else t.boxed(value)
            t.emit("ATTR_INIT", (rep.value, place, operand), "", number, "ZX036")
            return
        t.emit("ATTR_FILL", (rep.value, place), "", number, "ZX033")
        if held == "PTR" and offset is None:
            t.emit("TRACK_DICT", rep.values, "", shapes.has_values(kind))
        t.emit("LIST_SET_" + held, (place, t.int_(0), *new), "", "any", "ZX036")

    def is_count(self, rep: Rep) -> bool:
        """Whether this is a counter of the profiler's: what is known of it needs no look at how it was used."""
        return isinstance(rep.type, types.Known) and type(self.t.object_of(rep)) is Count and not shapes.problem()

    def count(self, rep: Rep, times: Rep) -> Rep:
        """Let a counter count."""
        t = self.t
        place = self.count_place(rep)
        item = t.emit("ATTR_ITEM", (place,), "ptr", None, "ZX033")
        made = numbers.binary(t, "ADD", sequences.unbox(t, item, {INT}, None), times)
        held, operand = ("INT", made.value) if made.type == INT else ("PTR", t.boxed(made))
        t.emit("LIST_SET_" + held, (place, t.int_(0), operand), "", "any", "ZX036")
        return rep

    def count_place(self, rep: Rep) -> Value:
        """Where a counter keeps its number."""
        offset = shapes.slot_offset(Count, Count.__dict__["n"])
        return self.t.emit("SLOT_PLACE", (self.t.boxed(rep),), "ptr", offset)

    def owner(self, instr: Instr, rep: Rep) -> type:
        """The class of an instance whose attribute is accessed; an instance of another one leaves."""
        kind = self.owner_seen(instr)
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
        return self.world(_slot(what, kind, name), found, f"{kind.__qualname__}.{name or what}")

    def as_found(self, held: Rep, what: str, kind: type, name: str) -> Value:
        """The object itself that `of_class` has found."""
        if isinstance(held.type, types.Known):
            return self.t.boxed(held)
        return self.t.world_values[self.t.world.index(self.numbered(_slot(what, kind, name)))]

    def value_place(self, kind: type, rep: Rep, name: str) -> tuple[Value, int]:
        """Where an instance keeps an attribute of its own, and its number in tables, -1 where there are none."""
        if not shapes.has_dict(kind):
            raise Unsupported("ZX020", detail=f"attribute {name!r} of {kind.__qualname__}")
        index = shapes.value_index(kind, name) if shapes.has_values(kind) else None
        number = -1 if index is None else index
        which = (number, self.name_ref(name), *self.spaces())
        return self.t.emit("ATTR_PLACE", rep.values, "ptr", which, "ZX033"), number

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
