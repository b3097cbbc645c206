"""Asking: operations on objects that have no native form are the interpreter's, and the loop is native around them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from types import MethodDescriptorType
from typing import Any

from zexus import shapes, types
from zexus.codes import Unsupported
from zexus.jit.callees import why_not
from zexus.jit.forms import callees, numbers, sequences
from zexus.jit.recorder import Taken
from zexus.jit.specialize.attributes import class_of
from zexus.jit.specialize.iterating import Iterating
from zexus.jit.trace import Rep
from zexus.regvm.ir import Instr, Value
from zexus.types import Type

_BINARY = ("ADD", "SUB", "MUL", "TRUEDIV", "FLOORDIV", "MOD", "POW", "LSHIFT", "RSHIFT", "MATMUL")
# What answers in the place of a row.
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{row: getattr(operator, row.lower()) for row in _BINARY},
    **{f"I{row}": getattr(operator, f"i{row.lower()}") for row in _BINARY},
    **{row: getattr(operator, row.lower()) for row in ("LT", "LE", "EQ", "NE", "GT", "GE", "NEG", "POS", "INVERT")},
    "AND": operator.and_, "OR": operator.or_, "XOR": operator.xor, "IAND": operator.iand, "IOR": operator.ior,
    "IXOR": operator.ixor, "GETITEM": operator.getitem, "SETITEM": operator.setitem, "IN": operator.contains,
    "NOT_IN": operator.contains,
}
# Rows that may look for an object in a container.
_SEEKING = frozenset(("GETITEM", "SETITEM", "IN", "NOT_IN"))
# Methods that only put something into a container, or that compare no objects.
_STORING = frozenset(("append", "appendleft", "extend", "extendleft", "insert", "join", "format", "sort"))
_OWN: dict[type, Type] = {list: types.List(None), str: types.STR, dict: types.DICT, set: types.SET}


class Asking(Iterating):
    """What the interpreter does for native code."""

    def asked(self, instr: Instr, args: list[Rep]) -> Rep | None:
        """The answer of the interpreter to an operation.

        Raises:
            Unsupported: code of the program's may run, which must see its caller's line, or nothing was seen here.
        """
        if instr.op == "CALL":
            return self.asked_method(instr, self.taken(instr, args[0]), args[1:])
        function = _FUNCTIONS.get(instr.op)
        if function is None or not self.may_call(instr) or not self.is_quiet(instr, args):
            raise Unsupported("ZX022", detail=instr.op)
        args = [numbers.narrow_bound(self.t, rep) for rep in args]
        if instr.op in _SEEKING:
            same_objects(args[:2])
        if instr.op == "SETITEM":
            self.called(instr, function, args, None)
            return None
        if instr.op in ("IN", "NOT_IN"):
            return self.contained(instr, args)
        seen = self.seen(instr)
        if not seen:
            raise Unsupported("ZX031", detail="nothing was seen here while recording")
        result = sequences.unbox(self.t, self.called(instr, function, args), seen, None)
        self.stay_quiet([result])
        return result

    def asked_method(self, instr: Instr, method: Rep, args: list[Rep]) -> Rep:
        """What a method of a builtin object answers that is given something for which it has no native form."""
        if not isinstance(method.type, types.Method):
            raise Unsupported("ZX022", detail=str(method.type))
        owner = method.type.owner
        kind = owner.kind if isinstance(owner, types.Instance) else class_of(owner)
        found = shapes.lookup(kind, method.type.name) if kind is not None else None
        if type(found) is not MethodDescriptorType:
            raise Unsupported("ZX022", detail=str(method.type))
        rest = [numbers.narrow_bound(self.t, rep) for rep in args]
        return self.call_object(instr, found, [Rep(owner, method.values), *rest])

    def call_object(self, instr: Instr, function: Any, args: list[Rep], names: Sequence[str] = ()) -> Rep:
        """A call of a builtin function that may run other code: the loop stays native around it."""
        t = self.t
        name = getattr(function, "__qualname__", type(function).__name__)
        if not callees.is_callable(function) or not self.may_call(instr):
            why = why_not(function)
            raise Unsupported("ZX022", detail=f"{name}(), because of its {why}" if why else f"{name}()")
        seen = self.seen(instr)
        if not seen:
            # Behind the call it would be too late to leave.
            raise Unsupported("ZX031", detail="nothing was seen here while recording")
        if type(function) is MethodDescriptorType and function.__name__ not in _STORING:
            same_objects(args)
        made = self.called(instr, function, args, names=names)
        result = sequences.unbox(t, made, seen, None)
        self.stay_quiet([result])
        return result

    def contained(self, instr: Instr, args: list[Rep]) -> Rep:
        """`key in owner`, `key not in owner`."""
        t = self.t

        def told(made: Value) -> Rep:
            wanted = t.emit("REF", (), "ptr", t.ref(instr.op == "IN", "the answer"))
            return Rep(types.BOOL, (t.emit("SAME", (made, wanted), "i1"),))

        return told(self.called(instr, operator.contains, [args[1], args[0]], told))

    def is_quiet(self, instr: Instr, args: list[Rep]) -> bool:
        """Whether an operation is one of a class written in C, so that no code of the program's asks who called it."""
        if any(isinstance(rep.type, (types.Array, types.View, types.NpScalar)) for rep in args):
            return False  # NumPy's warnings name their line
        owner = self.owner_seen(instr)
        kinds = [rep.type.kind for rep in args if isinstance(rep.type, types.Instance)]
        if instr.op in _SEEKING:
            return owner is not None and not shapes.is_written(owner) and owner.__module__ != "numpy"
        return not any(map(shapes.is_written, kinds))

    def taken(self, instr: Instr, function: Rep) -> Rep:
        """What a call calls: a method of a builtin object that a variable holds is as if it were taken here.

        Raises:
            Unsupported: nothing native is known of such methods.
        """
        t, callee = self.t, self.callee_seen(instr)
        if not isinstance(function.type, types.Object) or not isinstance(callee, Taken):
            return function
        descriptor = shapes.lookup(callee.kind, callee.name)
        words = f"{callee.kind.__name__}.{callee.name}"
        t.emit("GUARD_CLASS", function.values, "", (t.ref(types.BUILTIN_METHOD, "class of builtin methods"),), "ZX031")
        wanted = t.emit("REF", (), "ptr", t.ref(descriptor, words))
        t.guard(t.emit("IS_METHOD", (function.value, wanted), "i1"), "ZX031")
        held = t.emit("FIELD_PTR", function.values, "ptr", "builtin.self", "ZX031")
        owner = sequences.unbox_as(t, held, _OWN.get(callee.kind, types.Instance(kind=callee.kind)))
        taking = Instr("GETATTR", instr.args[:1], None, callee.name, index=instr.index, context=instr.context)
        taking.env = instr.env
        made = self.visit(taking, [owner])
        assert made is not None
        return made

    def visit(self, instr: Instr, args: list[Rep]) -> Rep | None:
        """The representation of an instruction's result; its native form is emitted on the way."""
        raise NotImplementedError


def same_objects(args: Sequence[Rep]) -> None:
    """Containers find objects by identity first, which tells nans apart: those that native code has are made anew.

    Raises:
        Unsupported: a value may be a nan.
    """
    for rep in args:
        kinds = rep.type.items if isinstance(rep.type, types.Tuple) else (rep.type,)
        if any(member == types.FLOAT or types.is_complex(member) or isinstance(member, types.NpScalar)
               for kind in kinds for member in types.members(kind)):
            raise Unsupported("ZX020", detail="a search for a float")
