"""Visits: the native form of each opcode, by the types of its operands."""

from __future__ import annotations

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
    arrays,
    complexes,
    computed,
    containers,
    deques,
    dicts,
    indices,
    numbers,
    octets,
    percents,
    plain,
    powers,
    ranges,
    seeking,
    sequences,
    texts,
    tuples,
    words,
)
from zexus.jit.hooks import METHODS
from zexus.jit.specialize.attributes import class_of, site_of
from zexus.jit.specialize.calls import NO_KEY, Calls
from zexus.jit.specialize.derived import Derived
from zexus.jit.specialize.equality import Equality
from zexus.jit.specialize.masking import Masking
from zexus.jit.specialize.raising import KEYS
from zexus.jit.specialize.world import Owner
from zexus.jit.trace import Rep, Trace
from zexus.regvm.ir import Block, Instr, Value
from zexus.regvm.machine import USING
from zexus.types import Type

# The methods that an object is asked for its truth.
_ASKED = ("__bool__", "__len__")
# Families of rows that take ints of which only the lowest bits are known.
_CUTTING = frozenset(("arith", "unary"))
# Rows that look into their operands: a variable that may be unbound is not read by them.
_READING = frozenset(("GETATTR", "SETATTR", "UNPACK", "ITER", "GETITEM", "SETITEM", "BUILD_TUPLE", "BUILD_LIST",
                      "LIST_ADD", "SET_ADD", "DICT_SET", "DELITEM"))

# Rows that need to know no more of an operand than which of some builtin types it is of, and which operands.
_ASKING: dict[str, tuple[int, ...]] = {
    "EQ": (0, 1), "NE": (0, 1), "IN": (0,), "NOT_IN": (0,), "TRUTH": (0,), "NOT": (0,),
}

# What operations on dicts find in the class of an object that is like one.
_METHODS = {
    "GETITEM": ("__getitem__", "__missing__"), "SETITEM": ("__setitem__",), "IN": ("__contains__",),
    "NOT_IN": ("__contains__",), "ITER": ("__iter__",), "CALL": ("__len__",), "GETATTR": (),
}


def _size(t: Trace, rep: Rep) -> Value | None:
    """How many items there are in what is true where there are some; None for anything else."""
    if rep.type in (types.DICT, types.SET):
        return dicts.length(t, rep)
    return deques.length(t, rep) if deques.is_one(rep) else None


class Visits(Calls, Derived, Equality, Masking):
    """One instruction at a time."""

    def visit(self, instr: Instr, args: list[Rep]) -> Rep | None:
        """The representation of an instruction's result; its native form is emitted on the way."""
        t = self.t
        block, before, arrays_before = t.block, len(t.block.instrs), len(t.arrays)
        try:
            return self.natively(instr, self.as_used(instr, args))
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

    def as_used(self, instr: Instr, args: list[Rep]) -> list[Rep]:
        """Operands, those of which nothing is known as what they were here: it may depend on the way to this place."""
        if instr.op not in USING or all(rep.type != types.OBJECT for rep in args):
            return list(args)
        if instr.op == "CALL" and self.callee_seen(instr) is not None:
            return list(args)  # what is known of a parameter is found where it is used
        made = list(args)
        for position, kinds in enumerate(self.operands_seen(instr)[:len(args)]):
            function = instr.op == "CALL" and position == 0
            # Other containers are told apart by their class, see `opened`.
            are_tuples = all(isinstance(one, (types.Tuple, types.AnyTuple)) for one in kinds)
            known = args[position].type != types.OBJECT
            if function or known or not kinds or (instr.op == "GETITEM" and not are_tuples):
                continue
            classes = plain.known(kinds) if position in _ASKING.get(instr.op, ()) else None
            form = None
            if classes is None or str not in classes or len(kinds) == 1:
                form = sequences.as_one_of(self.t, args[position].value, kinds)
            if classes is not None and (form is None or form.type == types.OBJECT):
                form = plain.narrowed(self.t, args[position].value, classes)
            made[position] = form or args[position]
        return made

    def natively(self, instr: Instr, args: list[Rep]) -> Rep | None:
        """The same, of what has a native form.

        Raises:
            Unsupported: it has none. Nothing with an effect has been emitted.
        """
        t = self.t
        op = instr.op
        if not self.may_stay_unwritten(op, args):
            args = [texts.settled(t, rep) for rep in args]
        if ops.OPS[op].family not in _CUTTING:
            args = [words.settled(t, rep) for rep in args]
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
        if op in ("NEG", "POS", "INVERT") and (words.among(*args) or (op == "NEG" and self.is_wide(instr, op, args))):
            return words.unary(t, op, args[0], self.is_cut(instr, False))
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
            if seeking.fits(t, args[1], args[0]):
                self.expect_unique(args[0])
                return seeking.contains(t, op, args[0], args[1])
            if texts.is_one(t, args[0]) and not tuples.is_one(t, args[1]):
                return texts.contains(t, op, args[0], args[1])
            return tuples.contains(t, op, args[0], args[1])
        if op in ("LT", "LE", "EQ", "NE", "GT", "GE"):
            if op in ("EQ", "NE") and any(map(plain.is_one, args)):
                return plain.compare(t, op, args[0], args[1])
            if any(tuples.is_one(t, rep) for rep in args):
                return tuples.compare(t, op, args[0], args[1])
            if any(texts.is_one(t, rep) for rep in args):
                return texts.compare(t, op, args[0], args[1])
            equal = self.equal(instr, args[0], args[1])
            if equal is not None:
                return equal
            if words.among(*args):
                return words.compare(t, op, args[0], args[1])
            form = complexes.compare if is_complex else numbers.compare
            return form(t, op, args[0], args[1])
        raise Unsupported("ZX019", detail=op.lower())

    def truth(self, instr: Instr, rep: Rep) -> Value:
        """Whether a value counts as true; objects are asked."""
        t = self.t
        if plain.is_one(rep):
            return plain.truth(t, rep)
        size = _size(t, rep)
        if size is not None:
            return t.emit("NE", (size, t.int_(0)), "i1")
        if isinstance(rep.type, types.Object):
            there = self.is_there(rep, next(iter(self.operands_seen(instr)), set()))
            if there is not None:
                return there
        try:
            return numbers.truth(t, rep)
        except Unsupported:
            if not isinstance(rep.type, types.Object) or not self.may_call(instr):
                raise
        made = self.called(instr, operator.truth if instr.op == "TRUTH" else operator.not_, [rep])
        (answer,) = sequences.unbox_as(t, made, types.BOOL).values
        return answer if instr.op == "TRUTH" else t.emit("NOT", (answer,), "i1")

    def is_there(self, rep: Rep, seen: set[Type]) -> Value | None:
        """Whether an object is not None; None where others of those that were seen may count as false."""
        t, absent = self.t, types.NONE in seen
        # In one order, so that the next process finds the code in the cache.
        kinds = sorted((one.kind for one in seen if isinstance(one, types.Instance)), key=lambda one: one.__qualname__)
        if not kinds or len(kinds) + absent < len(seen):
            return None
        if any(shapes.lookup(kind, name) is not shapes.ABSENT for kind in kinds for name in _ASKED):
            return None
        for kind in kinds:
            for name in _ASKED:
                self.of_class("lacks", kind, name, kind)
        if isinstance(rep.type, types.Instance) and rep.type.kind in kinds:
            return t.k("i1", True)
        none = t.emit("SAME", (rep.value, t.emit("REF", (), "ptr", t.ref(None, "None"))), "i1")
        found = none if absent else t.k("i1", False)
        for kind in kinds:
            one = t.emit("IS_CLASS", rep.values, "i1", t.ref(kind, f"class {kind.__qualname__}"))
            found = t.emit("OR", (found, one), "i1")
        t.guard(found, "ZX031")
        return t.emit("NOT", (none,), "i1")

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
        if op == "MOD" and texts.is_one(self.t, a):
            return self.by_percents(instr, a, b)
        if tuples.is_one(self.t, a) or tuples.is_one(self.t, b):
            return tuples.arithmetic(self.t, op, a, b)
        if op == "ADD" and texts.is_one(self.t, a):
            return texts.joined(self.t, a, b)
        if op == "MUL" and any(texts.is_one(self.t, rep) for rep in args):
            return texts.repeated(self.t, a, b)
        if op == "POW":
            return powers.power(self.t, a, b, self.seen(instr))
        if op == "MUL" and instr.op == op:
            if isinstance(a.type, types.List):
                return sequences.repeat(self.t, a, b)
            if isinstance(b.type, types.List):
                return sequences.repeat(self.t, b, a)
        if complexes.among(a, b):
            return complexes.binary(self.t, op, a, b)
        if words.among(a, b) or self.is_wide(instr, op, args):
            cut = self.is_cut(instr, False) or (op in words.EXACT and self.is_reduced(instr))
            return words.binary(self.t, op, a, b, cut, self.seen(instr))
        return numbers.binary(self.t, op, a, b)

    def is_wide(self, instr: Instr, op: str, args: list[Rep]) -> bool:
        """Whether a result may need more bits than native code has, of which constant masks or remainders leave 64."""
        reduced = op in words.EXACT and self.is_reduced(instr)
        return words.grows(self.t, op, *args) and (reduced or self.is_cut(instr, True))

    def by_percents(self, instr: Instr, template: Rep, given: Rep) -> Rep:
        """`template % given`."""
        t, text = self.t, texts.constant(self.t, template)
        values = percents.values_of(t, t.opened(given))
        if text is None or values is None or not percents.are_written(t, text, values):
            raise numbers.refuse("MOD", template, given)
        how = percents.braced(text, values)
        if how is not None:
            return self.formatted(instr, how.format, values)
        return Rep(types.STR, (t.built(operator.mod, [t.boxed(template), t.boxed(given)]),))

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
        if args[0].type == types.OBJECT:  # which covers what has no value, too
            numbers.guard_bound(self.t, args[0])
        return numbers.narrow_bound(self.t, args[0])

    def _op_LOAD_GLOBAL(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.load_global(instr)

    def _op_LOAD_CELL(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.load_cell(instr)

    def _op_STORE_CELL(self, instr: Instr, args: list[Rep]) -> None:
        self.write_cell(instr, args[0])

    def _op_GETATTR(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        (rep,) = args
        name = str(instr.imm)  # of a special method, too
        if isinstance(rep.type, types.Super):
            return self.inherited(instr, rep.type, Rep(rep.type.owner, rep.values))
        if isinstance(rep.type, types.Bound) and name in ("__func__", "__self__") and self.is_plain_method(rep):
            return Rep(types.Known(rep.type.ref)) if name == "__func__" else Rep(rep.type.owner, rep.values)
        if texts.is_binary(rep):
            return Rep(types.Method(rep.type, name, site_of(instr)), rep.values)
        if isinstance(rep.type, types.Raised):
            return self.attribute_of_error(instr, rep, rep.type)
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
        if computed.is_method(rep.type, name):
            return Rep(types.Method(rep.type, name, site_of(instr)), rep.values)
        if (isinstance(rep.type, types.List) and name in sequences.METHODS) or seeking.has(rep, name):
            return Rep(types.Method(rep.type, name, site_of(instr)), rep.values)
        if arrays.is_array(rep):
            return arrays.attribute(t, rep, name)
        return self.read_attribute(instr, rep, self.seen(instr))

    def _op_SETATTR(self, instr: Instr, args: list[Rep]) -> None:
        self.write_attribute(instr, self.t.as_object(args[0]), args[1])

    def _op_BUILD_LIST(self, instr: Instr, args: list[Rep]) -> Rep:
        if not args:
            return self.empty(instr, list)
        return sequences.build(self.t, args)

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

    def _op_LIST_ADD(self, instr: Instr, args: list[Rep]) -> None:
        sequences.method(self.t, args[0], "append", [args[1]], set())

    def _op_BUILD_SET(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.display(types.SET, "SET_NEW", "SET_PUT", [[rep] for rep in args])

    def _op_BUILD_DICT(self, instr: Instr, args: list[Rep]) -> Rep:
        if not args:
            return self.empty(instr, dict)
        return self.display(types.DICT, "DICT_NEW", "DICT_PUT", list(zip(args[::2], args[1::2], strict=True)))

    def display(self, kind: Type, new: str, put: str, items: Sequence[Sequence[Rep]]) -> Rep:
        """A new set or dict of some keys, maybe with values."""
        t = self.t
        if sum(containers.floats(t, key) for key, *_ in items) > 1:
            raise Unsupported("ZX020", detail="several floats as keys")  # an exit would make one object of two nans
        for key, *_ in items:
            if not containers.hashes_alone(t, key):
                raise Unsupported("ZX020", detail=f"{key.type} as a key")
            containers.tell_apart(t, key)
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
        had = key.type == types.FLOAT and not self.is_computed(instr.args[1])  # another object of it would be made
        if target.type not in (types.OBJECT, types.DICT, types.SET) or not containers.hashes_alone(t, key) or had:
            raise Unsupported("ZX020", detail=f"{key.type} as a key")
        containers.tell_apart(t, key)
        t.emit(row, (target.value, *(containers.operand(t, rep) for rep in (key, *values))), "", None, "ZX033")
        t.after = (instr, None)
        self.world_again()

    def is_computed(self, value: Value) -> bool:
        """Whether a number was made by an operation, and not read from somewhere."""
        maker = self.makers.get(value)
        return maker is not None and (maker.op == "CALL" or ops.OPS[maker.op].family in ("arith", "unary", "builtin"))

    def _op_GETITEM(self, instr: Instr, args: list[Rep]) -> Rep:
        made = sequences.get(self.t, self.opened(instr, args[0]), args[1], self.seen(instr), self.factory_seen(instr))
        if not isinstance(made.type, types.Part) or self.passes_by(instr):
            return made
        return sequences.settled(self.t, made)

    def guard_handler(self, block: Block, instr: Instr, args: list[Rep]) -> None:
        """Go to the handler of a block where an instruction raises; also where a dict has no such key."""
        if instr.op != "GETITEM" or self.owner_seen(instr) is not dict or args[1].type not in KEYS:
            super().guard_handler(block, instr, args)
            return
        t, owner = self.t, self.opened(instr, args[0])
        if owner.type != types.DICT:
            return
        there = t.emit("DICT_HAS", (dicts.place(t, owner, args[1]),), "i1")
        error = self.error(instr, KeyError, KeyError, KeyError, (args[1].type,))
        self.throw(block, instr, there, self.raised(error, args[1].values))

    def _op_SETITEM(self, instr: Instr, args: list[Rep]) -> None:
        owner = self.opened(instr, args[0])
        if not dicts.is_one(owner):
            sequences.put(self.t, owner, args[1], args[2])
            return
        self.guard_world_apart(owner)
        dicts.put(self.t, owner, args[1], args[2])

    def _op_DELITEM(self, instr: Instr, args: list[Rep]) -> None:
        owner = self.opened(instr, args[0])
        if dicts.has_methods(owner) and dicts.keys_fit(self.t, args[1]):
            self.guard_world_apart(owner)
            dicts.delete(self.t, owner, args[1], lambda there: self.expect(instr, there, KeyError, NO_KEY, args[1:]))
            return
        if sequences.delete(self.t, owner, args[1]):
            return
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
                                  bytes: octets.BYTES, bytearray: octets.BYTEARRAY, deque: types.DEQUE,
                                  range: ranges.HELD}
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
