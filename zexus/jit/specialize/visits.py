"""Visits: the native form of each opcode, by the types of its operands."""

from __future__ import annotations

import builtins
import functools
import operator
import sys
import types as python_types
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from zexus import ops, shapes, types
from zexus.codes import Unsupported
from zexus.jit.forms import (
    analytic,
    arrays,
    bisections,
    callees,
    complexes,
    containers,
    deques,
    dicts,
    heaps,
    indices,
    named,
    numbers,
    octets,
    powers,
    randoms,
    sequences,
    texts,
    tuples,
)
from zexus.jit.hooks import METHODS, Construction, Hook
from zexus.jit.recorder import Bound
from zexus.jit.specialize.asking import Asking
from zexus.jit.specialize.attributes import class_of, site_of
from zexus.jit.specialize.derived import Derived
from zexus.jit.specialize.world import Owner
from zexus.jit.trace import Rep, Trace, is_format
from zexus.regvm import calling
from zexus.regvm.ir import Instr, Value
from zexus.types import Type

# Rows that look into their operands: a variable that may be unbound is not read by them.
_READING = frozenset(("GETATTR", "SETATTR", "UNPACK", "ITER", "GETITEM", "SETITEM", "BUILD_TUPLE", "BUILD_LIST",
                      "LIST_ADD", "SET_ADD", "DICT_SET", "DELITEM"))

# What a recursive function returns without an object.
NUMBERS: tuple[Type, ...] = (types.INT, types.FLOAT, types.BOOL)

# What operations on dicts find in the class of an object that is like one.
_METHODS = {
    "GETITEM": ("__getitem__", "__missing__"), "SETITEM": ("__setitem__",), "IN": ("__contains__",),
    "NOT_IN": ("__contains__",), "ITER": ("__iter__",), "CALL": ("__len__",), "GETATTR": (),
}
# What operations on tuples find in the class of one with names, which are tuples to them; the first operand, or both.
_OF_TUPLES = {"UNPACK": "__iter__", "ITER": "__iter__", "GETITEM": "__getitem__", "EQ": "__eq__", "NE": "__ne__",
              "LT": "__lt__", "LE": "__le__", "GT": "__gt__", "GE": "__ge__"}
# Where such a tuple may be a key, by its position among the operands.
_KEYS = {"GETITEM": 1, "SETITEM": 1, "IN": 0, "NOT_IN": 0}
# Operations that only hand their operands on, or have a form for such tuples of their own.
_HANDING = frozenset(("BUILD_TUPLE", "BUILD_LIST", "LIST_ADD", "SETITEM", "CHECK_BOUND", "IS", "IS_NOT", "GETATTR",
                      "CALL", "STORE_CELL"))
# Keywords of builtin functions, and where the argument may stand without one.
_KEYWORDS = ((builtins.enumerate, "start", 1), (builtins.sum, "start", 1), (builtins.pow, "exp", 1),
             (builtins.pow, "mod", 2), (builtins.complex, "imag", 1))


def _size(t: Trace, rep: Rep) -> Value | None:
    """How many items there are in what is true where there are some; None for anything else."""
    if rep.type in (types.DICT, types.SET):
        return dicts.length(t, rep)
    return deques.length(t, rep) if deques.is_one(rep) else None


class Visits(Asking, Derived):
    """One instruction at a time."""

    def visit(self, instr: Instr, args: list[Rep]) -> Rep | None:
        """The representation of an instruction's result; its native form is emitted on the way."""
        t = self.t
        block, before, arrays_before = t.block, len(t.block.instrs), len(t.arrays)
        try:
            return self.natively(instr, list(args))
        except Unsupported:
            if t.block is not block:
                raise
            del block.instrs[before:], t.arrays[arrays_before:]
            t.after = None
            with suppress(Unsupported):
                return self.asked(instr, args)
            del block.instrs[before:], t.arrays[arrays_before:]
            t.after = None
            raise

    def natively(self, instr: Instr, args: list[Rep]) -> Rep | None:
        """The same, of what has a native form.

        Raises:
            Unsupported: it has none. Nothing with an effect has been emitted.
        """
        t = self.t
        op = instr.op
        if not self.may_stay_unwritten(op, args):
            args = [texts.settled(t, rep) for rep in args]
        if op in _READING:
            args = [numbers.narrow_bound(t, rep) if isinstance(rep.type, types.View) else rep for rep in args]
        if any(self.has_names(rep) for rep in args):
            args = self.as_tuples(instr, args)
        if op in _METHODS:
            args = [self.as_mapping(op, rep) if dicts.is_like(rep) else rep for rep in args]
        if op in METHODS or op in ("GETITEM", "SETITEM"):
            args = self.as_ints(op, args)
        method = getattr(self, "_op_" + op, None)
        if method is not None:
            return method(instr, args)  # type: ignore[no-any-return]
        row = ops.OPS[op]
        for position, rep in enumerate(args):
            args[position] = numbers.narrow_bound(t, rep)
        base = row.base or op
        if row.family == "arith":
            return self.arithmetic(instr, base, args)
        is_complex = complexes.among(*args)
        if op in ("NEG", "POS", "INVERT"):
            return complexes.unary(t, op, args[0]) if is_complex else numbers.unary(t, op, args[0])
        if op in ("NOT", "TRUTH"):
            truth = self.truth(instr, args[0])
            return Rep(types.BOOL, (truth if op == "TRUTH" else t.emit("NOT", (truth,), "i1"),))
        if op in ("IS", "IS_NOT"):
            if args[0] == args[1] and isinstance(args[0].type, types.Named):
                return Rep(types.BOOL, (t.k("i1", op == "IS"),))
            args = [self.as_instance(rep) if isinstance(rep.type, types.Named) else rep for rep in args]
            return numbers.identity(t, op, args[0], args[1])
        if op in ("IN", "NOT_IN"):
            if dicts.is_one(args[1]) or (dicts.is_set(args[1]) and dicts.keys_fit(t, args[0])):
                return dicts.contains(t, op, args[0], args[1])
            if texts.is_one(t, args[0]) and not tuples.is_one(t, args[1]):
                return texts.contains(t, op, args[0], args[1])
            return tuples.contains(t, op, args[0], args[1])
        if op in ("LT", "LE", "EQ", "NE", "GT", "GE"):
            if any(tuples.is_one(t, rep) for rep in args):
                return tuples.compare(t, op, args[0], args[1])
            if any(texts.is_one(t, rep) for rep in args):
                return texts.compare(t, op, args[0], args[1])
            equal = self.equal(op, args[0], args[1])
            if equal is not None:
                return equal
            form = complexes.compare if is_complex else numbers.compare
            return form(t, op, args[0], args[1])
        raise Unsupported("ZX019", detail=op.lower())

    def may_stay_unwritten(self, op: str, args: list[Rep]) -> bool:
        """Whether an operation takes texts that nobody has looked at yet: exceptions and other texts do."""
        if op in ("RAISE", "RERAISE") or not any(isinstance(rep.type, types.Text) for rep in args):
            return True
        called = self.t.object_of(args[0]) if op == "CALL" and isinstance(args[0].type, types.Known) else None
        return is_format(called) or (isinstance(called, type) and issubclass(called, BaseException))

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
            if name in ("add", "get"):
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

    def truth(self, instr: Instr, rep: Rep) -> Value:
        """Whether a value counts as true; objects are asked."""
        t = self.t
        size = _size(t, rep)
        if size is not None:
            return t.emit("NE", (size, t.int_(0)), "i1")
        try:
            return numbers.truth(t, rep)
        except Unsupported:
            if not isinstance(rep.type, types.Object) or not self.may_call(instr):
                raise
        made = self.called(instr, operator.truth if instr.op == "TRUTH" else operator.not_, [rep])
        (answer,) = sequences.unbox_as(t, made, types.BOOL).values
        return answer if instr.op == "TRUTH" else t.emit("NOT", (answer,), "i1")

    def is_kind(self, rep: Rep, kinds: Any) -> Rep | None:
        """`isinstance(rep, kinds)`; None where a class may answer in its own way."""
        t = self.t
        asked = kinds if type(kinds) is tuple else (kinds,)
        if not all(type(kind) is type for kind in asked):
            return None
        if not isinstance(rep.type, types.Object):
            own = class_of(rep.type)
            return None if own is None else Rep(types.BOOL, (t.k("i1", issubclass(own, asked)),))
        found = t.k("i1", False)
        for kind in asked:
            how = (t.ref(kind, f"class {kind.__qualname__}"), t.ref(sys.intern("__class__"), "name __class__"),
                   t.ref(vars(object)["__class__"], "object.__class__"))
            found = t.emit("OR", (found, t.emit("IS_KIND", rep.values, "i1", how, "ZX031")), "i1")
        return Rep(types.BOOL, (found,))

    def _op_IS_CLASS(self, instr: Instr, args: list[Rep]) -> Rep:
        """Whether an object is of exactly a class."""
        t, (rep,) = self.t, args
        if isinstance(rep.type, types.Super):
            rep = Rep(rep.type.owner, rep.values)
        if isinstance(rep.type, types.Known):
            return Rep(types.BOOL, (t.k("i1", type(t.object_of(rep)) is instr.imm),))
        if not isinstance(rep.type, types.Object):
            return Rep(types.BOOL, (t.k("i1", class_of(rep.type) is instr.imm),))
        number = t.ref(instr.imm, f"class {instr.imm.__qualname__}")
        return Rep(types.BOOL, (t.emit("IS_CLASS", rep.values, "i1", number),))

    def arithmetic(self, instr: Instr, op: str, args: list[Rep]) -> Rep:
        a, b = args
        if tuples.is_one(self.t, a) or tuples.is_one(self.t, b):
            return tuples.arithmetic(self.t, op, a, b)
        if op == "ADD" and texts.is_one(self.t, a):
            return texts.joined(self.t, a, b)
        if op == "POW":
            return powers.power(self.t, a, b, self.seen(instr))
        if op == "MUL" and instr.op == op:
            if isinstance(a.type, types.List):
                return sequences.repeat(self.t, a, b)
            if isinstance(b.type, types.List):
                return sequences.repeat(self.t, b, a)
        if complexes.among(a, b):
            return complexes.binary(self.t, op, a, b)
        return numbers.binary(self.t, op, a, b)

    def _op_IADD(self, instr: Instr, args: list[Rep]) -> Rep:
        if self.is_count(args[0]):
            return self.count(*args)
        return self.arithmetic(instr, "ADD", [numbers.narrow_bound(self.t, rep) for rep in args])

    def _op_CONST(self, instr: Instr, args: list[Rep]) -> Rep:
        assert instr.context is not None
        return self.t.constant(instr.context.code.code.consts[instr.imm])

    def _op_OBJECT(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.t.constant(instr.imm)

    def _op_UNBOUND(self, instr: Instr, args: list[Rep]) -> Rep:
        return Rep(types.UNBOUND_T)

    def _op_CHECK_BOUND(self, instr: Instr, args: list[Rep]) -> Rep:
        if args[0].type == types.UNBOUND_T:
            raise Unsupported("ZX033", detail=f"{instr.imm!r} is unbound")
        return numbers.narrow_bound(self.t, args[0])

    def _op_LOAD_GLOBAL(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.load_global(instr)

    def _op_LOAD_CELL(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.load_cell(instr)

    def _op_STORE_CELL(self, instr: Instr, args: list[Rep]) -> None:
        self.write_cell(instr, args[0])

    def _op_EXPECT(self, instr: Instr, args: list[Rep]) -> None:
        """Leave, or refuse, where another function than the one that was taken in would be called."""
        callee = instr.imm
        function = getattr(callee, "function", callee)
        if isinstance(callee, Hook):
            self.expect_hook(callee, args)
        elif isinstance(callee, Construction):
            self.expect_class(callee, args[0])
        elif not self.is_expected(callee, function, args[0]):
            if not isinstance(args[0].type, types.Object) or isinstance(callee, Bound):
                raise Unsupported("ZX022", detail="a callee that is not a global or closure variable")
            self.expect_function(instr, args[0], function)
            return
        self.guard_defaults(function)

    def expect_class(self, callee: Construction, rep: Rep) -> None:
        """A class is called that makes its objects in the ordinary way."""
        if not isinstance(rep.type, types.Known) or self.t.object_of(rep) is not callee.kind:
            raise Unsupported("ZX035", detail="another class")
        self.expect_construction(callee)

    def is_expected(self, callee: Any, function: Any, rep: Rep) -> bool:
        """Whether a callee is surely the one that was taken in.

        Raises:
            Unsupported: it surely is another one.
        """
        if isinstance(rep.type, types.Bound) and isinstance(callee, Bound):
            same = self.t.objects[rep.type.ref] is function
        elif isinstance(rep.type, types.Known):
            known = self.t.object_of(rep)
            bound = isinstance(callee, Bound) and isinstance(known, python_types.MethodType)
            same = (known.__func__ if bound else known) is function
        else:
            return False
        if not same:
            raise Unsupported("ZX035", detail="another callee")
        return True

    def _op_NEW(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.new(instr.imm)

    def _op_EXPECT_NONE(self, instr: Instr, args: list[Rep]) -> None:
        if args[0].type != types.NONE:
            raise Unsupported("ZX033", detail="__init__() answers something")

    def _op_GETATTR(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        (rep,) = args
        name = instr.imm
        if isinstance(rep.type, types.Super):
            return self.inherited(instr, rep.type, Rep(rep.type.owner, rep.values))
        if texts.is_one(t, rep):
            text = texts.constant(t, rep)
            if text is not None and name == "format":
                return t.constant(text.format)
            return texts.attribute(t, rep, name, site_of(instr))
        if isinstance(rep.type, types.Known):
            owner = t.object_of(rep)
            if isinstance(owner, python_types.ModuleType) and name in vars(owner):
                root = self.program.code
                if vars(owner) is root.namespace and name in root.shared:
                    raise Unsupported("ZX035", detail=f"the loop holds the global {name!r}")
                space = Owner(vars(owner), f"module {owner.__name__}")
                slot = ("attribute", space, Owner(sys.intern(name), f"name {name}"))
                return self.world(slot, vars(owner)[name], f"{owner.__name__}.{name}")
            made = self.class_attribute(instr, owner) if isinstance(owner, type) else None
            if made is not None:
                return made
        if all(map(complexes.number, types.members(rep.type))):
            found = complexes.attribute(t, rep, name)
            if found is not None and isinstance(found.type, types.Method):
                return Rep(types.Method(rep.type, name, site_of(instr)), rep.values)
            if found is not None:
                return found
        if (dicts.has_methods(rep) and name in dicts.METHODS) or (dicts.is_set(rep) and name == "add"):
            return Rep(types.Method(rep.type, name, site_of(instr)), rep.values)
        if name in deques.METHODS and self.is_deque(instr, rep):
            owner = sequences.unbox_as(t, t.boxed(rep), types.DEQUE) if not deques.is_one(rep) else rep
            return Rep(types.Method(types.DEQUE, name, site_of(instr)), owner.values)
        if rep.type in (types.INT, types.BOOL) and name == "bit_length":
            return Rep(types.Method(rep.type, name, site_of(instr)), rep.values)
        if isinstance(rep.type, types.List) and name in ("append", "pop"):
            return Rep(types.Method(rep.type, name, site_of(instr)), rep.values)
        if arrays.is_array(rep):
            return arrays.attribute(t, rep, name)
        return self.read_attribute(instr, rep, self.seen(instr))

    def _op_SETATTR(self, instr: Instr, args: list[Rep]) -> None:
        self.write_attribute(instr, self.t.as_object(args[0]), args[1])

    def _op_OWNER(self, instr: Instr, args: list[Rep]) -> Rep:
        (rep,) = args
        if isinstance(rep.type, types.Known):
            method = self.t.object_of(rep)
            return self.t.known(method.__self__, f"the owner of {method.__qualname__}")
        assert isinstance(rep.type, types.Bound)
        return Rep(rep.type.owner, rep.values)

    def _op_BUILD_LIST(self, instr: Instr, args: list[Rep]) -> Rep:
        made = sequences.build(self.t, args)
        if not args:
            return Rep(types.List(None), made.values)
        return made

    def _op_BUILD_TUPLE(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.t.tuple_of(args)

    def _op_BUILD_SLICE(self, instr: Instr, args: list[Rep]) -> Rep:
        return indices.make_slice([numbers.narrow_bound(self.t, rep) for rep in args])

    def _op_UNPACK(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        rep = tuples.whole(t, args[0])
        if isinstance(rep.type, types.Tuple) and len(rep.type.items) == instr.imm:
            return rep
        if rep.type == types.BLOCK_RESULT:
            return rep
        if isinstance(rep.type, types.AnyTuple):
            fits = t.emit("EQ", (sequences.tuple_length(t, rep), t.int_(instr.imm)), "i1")
            t.guard(fits, "ZX033")
            return rep
        if isinstance(rep.type, types.List):
            size = t.emit("LIST_LEN", (rep.value,), "i64")
            t.guard(t.emit("EQ", (size, t.int_(instr.imm)), "i1"), "ZX033")
            return rep
        if arrays.is_array(rep):
            t.guard(t.emit("EQ", (arrays.length(t, rep), t.int_(instr.imm)), "i1"), "ZX033")
            return rep
        raise Unsupported("ZX020", detail=f"unpacking {rep.type}")

    def _op_ITEM(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        (rep,) = args
        if isinstance(rep.type, types.Tuple):
            held: Rep = t.items(rep)[instr.imm]
            return held
        if arrays.is_array(rep):
            return arrays.at(t, rep, t.int_(instr.imm))
        hint = rep.type.elem if isinstance(rep.type, (types.List, types.AnyTuple)) else types.OBJECT
        if rep.type == types.BLOCK_RESULT:
            pointer = t.emit("TUPLE_ITEM", (rep.value,), "ptr", instr.imm)
            if instr.imm == 0:
                return sequences.unbox_as(t, pointer, types.INT)
            hint = types.NONE if instr.imm == 1 else types.OBJECT
        elif isinstance(rep.type, types.AnyTuple):
            pointer = t.emit("TUPLE_ITEM", (rep.value,), "ptr", instr.imm)
        else:
            pointer = sequences.list_item(t, rep.value, t.int_(instr.imm))
        item = sequences.unbox(t, pointer, self.seen(instr), hint)
        if rep.type == types.BLOCK_RESULT:
            self.stay_quiet([item])
        return item

    def _op_CALL(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        args = self.call_of_names(args)
        function, *rest = args
        function = self.taken(instr, function)
        rest = [numbers.narrow_bound(t, r) for r in rest]
        if isinstance(function.type, types.Method):
            owner = Rep(function.type.owner, function.values)
            if function.type.name == "conjugate" and not rest:
                return complexes.conjugate(t, owner)
            if function.type.owner in (types.STR, types.CHAR):
                made = texts.method(t, owner, function.type.name, rest)
                return made or self.call_builtin(instr, getattr(str, function.type.name), [owner, *rest])
            if dicts.is_set(owner):
                if len(rest) == 1 and dicts.keys_fit(t, rest[0]):
                    return dicts.add(t, owner, rest)
                return self.call_object(instr, set.add, [owner, *rest])
            if deques.is_one(owner):
                return deques.method(t, owner, function.type.name, rest, self.seen(instr))
            if function.type.name in dicts.VIEWS:
                if not rest and self.is_walked(instr):
                    return dicts.view(owner, function.type.name)
                return self.call_object(instr, getattr(dict, function.type.name), [owner, *rest])
            if dicts.is_one(owner):
                return dicts.get_or(t, owner, rest, self.seen(instr))
            if function.type.name in randoms.NAMES:
                return randoms.draw(t, owner, function.type.name, rest)
            if function.type.name == "bit_length" and not rest:
                return Rep(types.INT, (t.emit("BIT_LENGTH", (numbers.as_int(t, owner),), "i64"),))
            return sequences.method(t, owner, function.type.name, rest, self.seen(instr))
        if isinstance(function.type, types.Bound) and t.objects[function.type.ref] is object.__init__ and not rest:
            return Rep(types.NONE)
        if isinstance(function.type, types.Bound) and callees.is_callable(t.objects[function.type.ref]):
            owner = Rep(function.type.owner, function.values)
            return self.call_object(instr, t.objects[function.type.ref], [owner, *rest])
        if not isinstance(function.type, types.Known):
            raise Unsupported("ZX022", detail=str(function.type))
        obj = t.object_of(function)
        if randoms.drawing(obj):
            owner = t.known(obj.__self__, f"the generator of {obj.__name__}()")
            return randoms.draw(t, owner, obj.__name__, rest)
        if self.is_self is not None and self.is_self(obj):
            return self.call_self(instr, obj, rest)
        made = self.made_of_names(obj, args[1:])
        if made is not None:
            return made
        if isinstance(obj, type) and issubclass(obj, BaseException):
            return self.exception(instr, obj, rest)
        if is_format(obj):
            return self.formatted(instr, obj, rest)
        if obj is builtins.super and len(rest) == 2 and isinstance(rest[0].type, types.Known):
            owner = t.as_object(rest[1])
            return Rep(types.Super(owner.type, rest[0].type.ref), owner.values)
        if obj is builtins.range and 1 <= len(rest) <= 3:
            return sequences.make_range(t, rest)
        if obj is builtins.isinstance and len(rest) == 2 and isinstance(rest[1].type, types.Known):
            told = self.is_kind(rest[0], t.object_of(rest[1]))
            if told is not None:
                return told
        made = self.combined(instr, obj, rest)
        if made is not None:
            return made
        if obj is builtins.sum and len(rest) in (1, 2):
            start = rest[1] if len(rest) == 2 else Rep(types.INT, (t.int_(0),))
            if tuples.is_one(t, rest[0]):
                return tuples.total(t, rest[0], start)
            return sequences.total(t, rest[0], start, self.seen(instr))
        if obj is builtins.ord and len(rest) == 1:
            return texts.ordinal(t, rest[0])
        if obj is builtins.chr and len(rest) == 1:
            return texts.from_ordinal(t, rest[0])
        if obj is builtins.str and [rep.type for rep in rest] == [types.INT]:
            return Rep(types.STR, (t.emit("INT_TEXT", rest[0].values, "ptr"),))
        if texts.converts(t, obj, rest):
            return self.call_builtin(instr, obj, rest)
        if obj is builtins.pow and len(rest) == 2:
            return powers.power(t, rest[0], rest[1], self.seen(instr))
        if obj is builtins.pow and len(rest) == 3:
            return powers.power_modulo(t, rest)
        if obj is builtins.complex and len(rest) <= 2:
            return complexes.make(t, rest)
        made = heaps.call(t, obj, rest, self.seen(instr)) or bisections.call(t, obj, rest)
        if made is not None:
            return made
        row = None
        try:
            row = ops.BUILTINS.get(obj)
        except TypeError:
            row = None
        if row is None:
            return self.call_object(instr, obj, rest)
        if row.name in ("MIN", "MAX"):
            several = len(rest) > 1
            if len(rest) == 1 and tuples.is_one(t, rest[0]):
                rest, several = t.items(tuples.whole(t, rest[0])), True
            if rest and several:
                return functools.reduce(lambda a, b: self.extreme(row.name, a, b), rest)
        if len(rest) != row.arity:
            raise Unsupported("ZX022", detail=f"{row.name} of {len(rest)} arguments")
        if row.name == "LEN" and (dicts.is_one(rest[0]) or dicts.is_set(rest[0])):
            return Rep(types.INT, (dicts.length(t, rest[0]),))
        if row.name == "LEN" and texts.is_one(t, rest[0]):
            return Rep(types.INT, (texts.length(t, rest[0]),))
        if row.name == "LEN":
            return sequences.length(t, rest[0])
        if row.name.startswith("CMATH_"):
            return analytic.call(t, row.name.removeprefix("CMATH_").lower(), rest)
        if complexes.among(*rest):
            return complexes.builtin(t, row, rest)
        return numbers.builtin(t, row, rest)

    def formatted(self, instr: Instr, write: Any, args: list[Rep]) -> Rep:
        """What `str.format` makes of values; it is written at once but for exceptions and other texts."""
        assert instr.dest is not None
        users = self.users.get(instr.dest, [])
        late = all(user.op == "CALL" and user.args[0] in self.t.reps
                   and self.may_stay_unwritten("CALL", [self.t.reps[user.args[0]], Rep(types.Text(write, ()))])
                   for user in users)
        try:
            made = self.text(write, args)
            return made if late else texts.settled(self.t, made)
        except Unsupported:
            if not self.may_call(instr):
                raise
        return self.call_object(instr, write, [texts.settled(self.t, rep) for rep in args])

    def combined(self, instr: Instr, obj: Any, args: list[Rep]) -> Rep | None:
        """The cursor that `enumerate`, `reversed` or `zip` makes of what have cursors themselves; else None."""
        t = self.t
        try:
            if obj is builtins.enumerate and 1 <= len(args) <= 2:
                return sequences.make_enumerate(t, args)
            if obj is builtins.reversed and len(args) == 1 and self.is_gone_over(instr):
                return sequences.make_reversed(t, args[0])
            if obj is builtins.zip and args:
                return sequences.make_zip(t, args)
        except Unsupported:
            if not self.may_call(instr):
                raise
        return None

    def call_builtin(self, instr: Instr, function: Any, args: list[Rep]) -> Rep:
        """A call of a builtin function with arguments with which it runs no other code."""
        t = self.t
        lists = function is str.join
        if not all(texts.is_plain(t, rep) or (lists and isinstance(rep.type, types.List)) for rep in args):
            raise Unsupported("ZX022", detail=f"{function.__qualname__}()")
        number = t.ref(function, f"{function.__qualname__}()")
        boxes = (t.emit("REF", (), "ptr", number), *map(t.boxed, args))
        made = t.emit("CALL_BUILTIN", boxes, "ptr", len(boxes), "ZX033")
        t.after = (instr, Rep(types.OBJECT, (made,)))
        return sequences.unbox(t, made, self.seen(instr), None)

    def _op_CALL_KEYWORD(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        function, *rest = args
        _, names = instr.imm
        obj = t.object_of(function) if isinstance(function.type, types.Known) else None
        if any(obj is known and names == (keyword,) and len(rest) == position + 1
               for known, keyword, position in _KEYWORDS):
            return self._op_CALL(instr, args)
        rest = [numbers.narrow_bound(t, rep) for rep in rest]
        if obj is builtins.zip and names == ("strict",) and rest[-1].type == types.BOOL:
            strict = t.constants.get(rest[-1].value)
            if strict is not None and len(rest) > 1:
                return sequences.make_zip(t, rest[:-1], bool(strict))
        if isinstance(function.type, types.Bound) and callees.is_callable(t.objects[function.type.ref]):
            owner = Rep(function.type.owner, function.values)
            return self.call_object(instr, t.objects[function.type.ref], [owner, *rest], names)
        if isinstance(function.type, types.Method) and function.type.owner in (types.STR, types.CHAR):
            owner = Rep(function.type.owner, function.values)
            return self.call_object(instr, getattr(str, function.type.name), [owner, *rest], names)
        if obj is None:
            raise Unsupported("ZX022", detail=f"the keyword {names[0]!r} of {function.type}")
        return self.call_object(instr, obj, rest, names)

    def extreme(self, name: str, a: Rep, b: Rep) -> Rep:
        """`min(a, b)` or `max(a, b)`."""
        form = tuples.extreme if tuples.is_one(self.t, a) and tuples.is_one(self.t, b) else numbers.extreme
        return form(self.t, name, a, b)

    def call_self(self, instr: Instr, function: Any, args: list[Rep]) -> Rep:
        """A call of the function from itself: native to native, with a look at how it came back."""
        t, seen = self.t, self.seen(instr)
        sources = calling.arrange(function, len(args))
        if sources is None or any(isinstance(source, calling.Rest) for source in sources):
            raise Unsupported("ZX022", detail=f"{function.__qualname__}() with such arguments")
        if not seen:
            raise Unsupported("ZX031", detail="nothing was seen here while recording")
        values: list[Value] = []
        for source, kind in zip(sources, self.entry.arguments, strict=True):
            assert kind is not None and not isinstance(source, calling.Rest)
            rep = t.constant(source.value) if isinstance(source, calling.Default) else args[source]
            values.extend(t.coerce(rep, kind).values)
        (only,) = seen if len(seen) == 1 else (types.OBJECT,)
        result = self.types.get(self.returned, only if only in NUMBERS else types.OBJECT)
        status = t.emit("CALL_SELF", values, "i64", len(values), "ZX033")
        held = t.emit("SELF_OBJECT", (status,), "ptr")
        t.after = (instr, Rep(types.OBJECT, (held,)))
        if self.calls_out:
            self.world_again()
        if result == types.OBJECT:
            return sequences.unbox(t, held, seen, None)
        t.guard(t.emit("EQ", (status, t.int_(0)), "i1"), "ZX031")
        return Rep(result, (t.emit("SELF_VALUE", (status,), types.payload(result)),))

    def _op_LIST_ADD(self, instr: Instr, args: list[Rep]) -> None:
        sequences.method(self.t, args[0], "append", [args[1]], set())

    def _op_BUILD_SET(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.display(types.SET, "SET_NEW", "SET_PUT", [[rep] for rep in args])

    def _op_BUILD_DICT(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.display(types.DICT, "DICT_NEW", "DICT_PUT", list(zip(args[::2], args[1::2], strict=True)))

    def display(self, kind: Type, new: str, put: str, items: Sequence[Sequence[Rep]]) -> Rep:
        """A new set or dict of some keys, maybe with values."""
        t = self.t
        for key, *_ in items:
            if not containers.hashes_alone(t, key):
                raise Unsupported("ZX020", detail=f"{key.type} as a key")
        made = t.emit(new, (), "ptr")
        for item in items:
            parts = [containers.operand(t, numbers.narrow_bound(t, rep)) for rep in item]
            t.emit(put, (made, *parts), "", None, "ZX033")
        return Rep(kind, (made,))

    def _op_SET_ADD(self, instr: Instr, args: list[Rep]) -> None:
        self.put("SET_PUT", instr, args)

    def _op_DICT_SET(self, instr: Instr, args: list[Rep]) -> None:
        self.put("DICT_PUT", instr, args)

    def put(self, row: str, instr: Instr, args: list[Rep]) -> None:
        """Put a key, maybe with a value, into a set or dict, where keys of other types and older values may be."""
        t = self.t
        target, key, *values = (numbers.narrow_bound(t, rep) for rep in args)
        if self.program.code.shared:
            raise Unsupported("ZX020", detail="variables of a module that other code may look at")
        if target.type not in (types.OBJECT, types.DICT, types.SET) or not containers.hashes_alone(t, key):
            raise Unsupported("ZX020", detail=f"{key.type} as a key")
        t.emit(row, (target.value, *(containers.operand(t, rep) for rep in (key, *values))), "", None, "ZX033")
        t.after = (instr, None)
        self.world_again()

    def _op_GETITEM(self, instr: Instr, args: list[Rep]) -> Rep:
        made = sequences.get(self.t, self.opened(instr, args[0]), args[1], self.seen(instr))
        if not isinstance(made.type, types.Part) or self.passes_by(instr):
            return made
        return sequences.settled(self.t, made)

    def _op_SETITEM(self, instr: Instr, args: list[Rep]) -> None:
        owner = self.opened(instr, args[0])
        if not dicts.is_one(owner):
            sequences.put(self.t, owner, args[1], args[2])
            return
        self.guard_world_apart(owner)
        dicts.put(self.t, owner, args[1], args[2])

    def _op_DELITEM(self, instr: Instr, args: list[Rep]) -> None:
        if not self.may_call(instr):
            raise Unsupported("ZX022", detail="del of an item")
        self.called(instr, operator.delitem, args, None)

    def is_deque(self, instr: Instr, rep: Rep) -> bool:
        """Whether a value whose attribute is accessed is a deque, or was one."""
        unknown = rep.type == types.OBJECT or isinstance(rep.type, types.Known)
        return deques.is_one(rep) or (unknown and self.owner_seen(instr) is deque)

    def opened(self, instr: Instr, rep: Rep) -> Rep:
        """A value of any type as one of the type that was seen here."""
        kind = self.owner_seen(instr)
        known: dict[Any, Type] = {dict: types.DICT, set: types.SET, str: types.STR, list: types.List(None),
                                  bytes: octets.BYTES, bytearray: octets.BYTEARRAY, deque: types.DEQUE}
        if rep.type == types.OBJECT and kind in dicts.LIKE:
            return self.as_mapping(instr.op, Rep(types.Instance(kind=kind), rep.values))
        if rep.type != types.OBJECT or kind not in known:
            return rep
        return sequences.unbox_as(self.t, rep.value, known[kind])

    def as_mapping(self, op: str, rep: Rep) -> Rep:
        """An object that is like a dict: still of its class, which finds what the operation calls as it is known."""
        assert isinstance(rep.type, types.Instance)
        kind = rep.type.kind
        if shapes.is_changeable(kind):
            for name in _METHODS[op]:
                if not dicts.is_plain(kind, name):
                    raise Unsupported("ZX020", detail=f"{name} of {kind.__qualname__}")
                self.of_class("class", kind, name, shapes.lookup(kind, name))
        return sequences.instance(self.t, rep.value, rep.type, [kind])

    def _op_PYBLOCK(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        context = instr.context
        assert context is not None
        runner = self.make_block(context, instr.imm[1])
        number = t.ref(runner, f"block {instr.imm[1]} of {context.code.code.qualname}")
        boxes = [t.boxed(rep) for rep in args]
        result = t.emit("CALL_BLOCK", boxes, "ptr", (len(boxes), number), "ZX033")
        made = Rep(types.BLOCK_RESULT, (result,))
        t.after = (instr, made)
        self.world_again()
        return made
