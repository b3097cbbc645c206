"""Naming: named tuples are tuples to what only works on tuples, and objects to everything else."""

from __future__ import annotations

import builtins
from typing import Any

from zexus import ops, shapes, types
from zexus.jit.forms import named, sequences
from zexus.jit.specialize.attributes import Attributes
from zexus.jit.trace import Rep
from zexus.regvm.ir import Instr

# What operations on tuples find in the class of one with names, which are tuples to them; the first operand, or both.
_OF_TUPLES = {"UNPACK": "__iter__", "ITER": "__iter__", "GETITEM": "__getitem__", "EQ": "__eq__", "NE": "__ne__",
              "LT": "__lt__", "LE": "__le__", "GT": "__gt__", "GE": "__ge__"}
# Where such a tuple may be a key, by its position among the operands.
_KEYS = {"GETITEM": 1, "SETITEM": 1, "IN": 0, "NOT_IN": 0}
# Operations that only hand their operands on, or have a form for such tuples of their own.
_HANDING = frozenset(("BUILD_TUPLE", "BUILD_LIST", "LIST_ADD", "SETITEM", "CHECK_BOUND", "IS", "IS_NOT", "GETATTR",
                      "CALL", "STORE_CELL"))


class Naming(Attributes):
    """Operands that are tuples whose fields have names."""

    def has_names(self, rep: Rep) -> bool:
        """Whether a value is a tuple whose fields have names, as its items or as an object."""
        kind = rep.type
        return isinstance(kind, types.Named) or (isinstance(kind, types.Instance) and bool(named.maker(kind.kind)))

    def as_tuples(self, instr: Instr, args: list[Rep]) -> list[Rep]:
        """Operands some of which are tuples with names: plain ones where that is the same, or else their objects."""
        op = instr.op
        known = next((rep.type for rep in args if isinstance(rep.type, types.Named)), None)
        for position, rep in enumerate(args):
            if not self.has_names(rep):
                continue
            kind: Any = rep.type
            if op in _OF_TUPLES and (position == 0 or op in ops.COMPARISONS):
                if isinstance(kind, types.Instance):
                    if op in ops.COMPARISONS and (known is None or known.kind is not kind.kind):
                        continue
                    rep = sequences.instance(self.t, rep.value, kind, [kind.kind]) if known is None or op == "ITER" \
                        else named.unboxed(self.t, rep.value, known)
                self.found_as(kind.kind, tuple, _OF_TUPLES[op])
                args[position] = named.as_tuple(rep)
            elif isinstance(kind, types.Named) and _KEYS.get(op) == position:
                self.found_as(kind.kind, tuple, "__hash__", "__eq__")
            elif isinstance(kind, types.Named) and op not in _HANDING:
                args[position] = self.as_instance(rep)
        return args

    def call_of_names(self, args: list[Rep]) -> list[Rep]:
        """What a call that is not taken in is given: tuples with names only where it hands them on."""
        function = args[0].type
        name = function.name if isinstance(function, types.Method) else ""
        made = list(args)
        for position, rep in enumerate(args):
            if not isinstance(rep.type, types.Named) or name in ("append", "appendleft"):
                continue
            if name in ("add", "get", "setdefault", "pop"):
                self.found_as(rep.type.kind, tuple, "__hash__", "__eq__")
            elif isinstance(function, types.Known) and self.t.object_of(args[0]) is builtins.len and len(args) == 2:
                self.found_as(rep.type.kind, tuple, "__len__")
                made[position] = named.as_tuple(rep)
            else:
                made[position] = self.as_instance(rep)
        return made

    def made_of_names(self, kind: Any, args: list[Rep]) -> Rep | None:
        """A call of a class that makes a tuple by its fields; None for any other."""
        function = named.maker(kind) if isinstance(kind, type) else None
        if function is None or shapes.problem():
            return None
        words = f"{kind.__qualname__}.__new__"
        self.of_class("class", kind, "__new__", shapes.lookup(kind, "__new__"))
        self.of_class("class", kind, "__init__", shapes.lookup(object, "__init__"))
        self.of_class("lacks", kind, "__del__", kind)
        self.guard_function(function, words, self.t.reference(function, words))
        return named.make(self.t, kind, function, args)
