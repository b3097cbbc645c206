"""Calls: of functions that are taken in, of builtin functions with native forms, and of the function itself."""

from __future__ import annotations

import builtins
import functools
import sys
import types as python_types
from itertools import chain
from typing import Any

from zexus import ops, shapes, types
from zexus.codes import Unsupported
from zexus.jit import deopt, tracebacks
from zexus.jit.forms import (
    analytic,
    bisections,
    callees,
    complexes,
    computed,
    deques,
    dicts,
    heaps,
    numbers,
    powers,
    randoms,
    ranges,
    seeking,
    sequences,
    spreading,
    texts,
    tuples,
    words,
)
from zexus.jit.hooks import Construction, Hook, construction
from zexus.jit.recorder import Bound, function_of
from zexus.jit.specialize.attributes import class_of
from zexus.jit.specialize.caught import Caught
from zexus.jit.specialize.converting import Converting
from zexus.jit.specialize.raising import quiet
from zexus.jit.specialize.standing import Standing
from zexus.jit.specialize.unit import Narrow
from zexus.jit.trace import Rep, is_format
from zexus.regvm import calling
from zexus.regvm.declining import Told
from zexus.regvm.ir import Instr, Value
from zexus.types import Type

# What a recursive function returns without an object.
NUMBERS: tuple[Type, ...] = (types.INT, types.FLOAT, types.BOOL)
# What raises where a text is not found in another one.
_NOWHERE = functools.partial("".index, "x")
# What raises where a dict has no such key.
NO_KEY: Any = {}.pop
# Keywords of builtin functions, and where the argument may stand without one.
_KEYWORDS = ((builtins.enumerate, "start", 1), (builtins.sum, "start", 1), (builtins.pow, "exp", 1),
             (builtins.pow, "mod", 2), (builtins.complex, "imag", 1), (builtins.round, "ndigits", 1))


class Calls(Standing, Caught, Converting):
    """The instructions that call something, and those that expect what was taken in for a call."""

    def may_stay_unwritten(self, op: str, args: list[Rep]) -> bool:
        """Whether an operation takes texts that nobody has looked at yet: exceptions and other texts do."""
        if op in ("RAISE", "RERAISE") or not any(isinstance(rep.type, types.Text) for rep in args):
            return True
        if op == "GETATTR" and texts.is_binary(args[0]):
            return True
        called = self.t.object_of(args[0]) if op == "CALL" and isinstance(args[0].type, types.Known) else None
        return is_format(called) or (isinstance(called, type) and issubclass(called, BaseException))

    def _op_EXPECT(self, instr: Instr, args: list[Rep]) -> None:
        """Leave, or refuse, where another function than the one that was taken in would be called."""
        callee = instr.imm
        if callee is len:
            if not isinstance(args[0].type, types.Known) or self.t.object_of(args[0]) is not len:
                raise Unsupported("ZX035", detail="another callee")
            return
        function = function_of(callee)
        if isinstance(callee, Hook):
            assert instr.context is not None
            self.expect_hook(callee, instr.context.code.flat[instr.index].op, args)
        elif isinstance(callee, Construction):
            self.expect_class(callee, args[0])
        elif not self.is_expected(callee, function, args[0]):
            if not isinstance(args[0].type, types.Object):
                raise Unsupported("ZX022", detail="a callee that is not a global or closure variable")
            if isinstance(callee, Bound):
                self.expect_method(args[0], function)
            else:
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

    def bare(self, called: Any, args: list[Rep]) -> Rep | None:
        """A new object of a class that does not set up its objects; None for any other call."""
        made = construction(called) if isinstance(called, type) and not args else None
        if made is None or not made.is_bare or shapes.problem():
            return None
        self.expect_construction(made)
        return self.new(made)

    def _op_NEW(self, instr: Instr, args: list[Rep]) -> Rep:
        return self.new(instr.imm)

    def _op_EXPECT_NONE(self, instr: Instr, args: list[Rep]) -> None:
        if args[0].type != types.NONE:
            raise Unsupported("ZX033", detail="__init__() answers something")

    def _op_EXPECT_ANSWER(self, instr: Instr, args: list[Rep]) -> None:
        """A function that an operation has called answers what that can use, and does not decline."""
        t, (rep,), answer = self.t, args, instr.imm
        if isinstance(answer, Told):
            if rep.type != (types.BOOL if answer.name == "__bool__" else types.INT):
                raise Unsupported("ZX035", detail=f"the answer of {answer.name}")
            if rep.type == types.INT:
                t.guard(t.emit("GE", (rep.value, t.int_(0)), "i1"), "ZX033")
            return
        if answer.negates and rep.type not in (types.BOOL, types.INT, types.FLOAT, types.NONE):
            # Behind the function it would be too late to leave.
            raise Unsupported("ZX035", detail=f"the truth of {rep.type}")
        if isinstance(rep.type, types.Known):
            if t.object_of(rep) is NotImplemented:
                raise Unsupported("ZX035", detail="an operation is declined")
        elif isinstance(rep.type, types.Object):
            declined = t.emit("REF", (), "ptr", t.ref(NotImplemented, "NotImplemented"))
            t.guard(t.emit("NOT", (t.emit("SAME", (rep.value, declined), "i1"),), "i1"), "ZX035")

    def _op_OWNER(self, instr: Instr, args: list[Rep]) -> Rep:
        (rep,) = args
        if isinstance(rep.type, types.Known):
            method = self.t.object_of(rep)
            return self.t.known(method.__self__, f"the owner of {method.__qualname__}")
        if not isinstance(rep.type, types.Bound):
            owner = self.t.emit("FIELD_PTR", rep.values, "ptr", "method.self", "ZX031")
            return Rep(types.OBJECT, (owner,))
        return Rep(rep.type.owner, rep.values)

    def known_kinds(self, rep: Rep) -> tuple[Any, ...]:
        """The classes of which a value is one, a union, or a tuple; (None,) where they are not known."""
        if isinstance(rep.type, types.Tuple):
            return tuple(chain.from_iterable(self.known_kinds(item) for item in self.t.items(rep)))
        found = self.t.object_of(rep) if isinstance(rep.type, types.Known) else None
        return found.__args__ if type(found) is python_types.UnionType else (found,)

    def is_plain_method(self, rep: Rep) -> bool:
        """Whether a value is a method, just taken, that is a function of the program."""
        return isinstance(rep.type, types.Bound) and type(self.t.objects[rep.type.ref]) is python_types.FunctionType

    def is_kind(self, rep: Rep, asked: tuple[Any, ...]) -> Rep | None:
        """`isinstance(rep, asked)`; None where a class may answer in its own way."""
        t = self.t
        if not all(type(kind) is type for kind in asked):
            return None
        if isinstance(rep.type, types.Union):
            kinds = {member: class_of(member) for member in rep.type.members}
            if None in kinds.values():
                return None
            tags = [t.emit("EQ", (rep.values[0], t.int_(types.TAGS[member])), "i1")
                    for member, own in sorted(kinds.items(), key=str) if own is not None and issubclass(own, asked)]
            return Rep(types.BOOL, (functools.reduce(lambda a, b: t.emit("OR", (a, b), "i1"), tags, t.k("i1", False)),))
        if not isinstance(rep.type, types.Object):
            own = python_types.MethodType if self.is_plain_method(rep) else class_of(rep.type)
            return None if own is None else Rep(types.BOOL, (t.k("i1", issubclass(own, asked)),))
        found = t.k("i1", False)
        for kind in asked:
            how = (t.ref(kind, f"class {kind.__qualname__}"), t.ref(sys.intern("__class__"), "name __class__"),
                   t.ref(vars(object)["__class__"], "object.__class__"))
            found = t.emit("OR", (found, t.emit("IS_KIND", rep.values, "i1", how, "ZX031")), "i1")
        return Rep(types.BOOL, (found,))

    def _op_CALL(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        args = self.call_of_names(args)
        function, *rest = args
        if self.me is not None and function.values == (self.me,):
            return self.call_self(instr, function_of(self.callee_seen(instr)), rest)
        function = self.taken(instr, function)
        rest = [numbers.narrow_bound(t, r) for r in rest]
        if isinstance(function.type, types.Method):
            owner = Rep(function.type.owner, function.values)
            if function.type.name == "conjugate" and not rest:
                return complexes.conjugate(t, owner)
            if texts.is_binary(owner):
                ones = computed.ones(t, owner, rest)
                if ones is not None:
                    return ones
                owner = texts.settled(t, owner)
            if owner.type in (types.STR, types.CHAR):
                at = texts.place(t, owner, function.type.name, rest)
                if at is not None:
                    self.expect(instr, t.emit("GE", (at, t.int_(0)), "i1"), ValueError, _NOWHERE, [])
                    return Rep(types.INT, (at,))
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
                if function.type.name != "get":
                    self.guard_world_apart(owner)
                return dicts.method(t, owner, function.type.name, rest, self.seen(instr),
                                    lambda there: self.expect(instr, there, KeyError, NO_KEY, rest))
            if function.type.name in randoms.NAMES:
                return randoms.draw(t, owner, function.type.name, rest)
            if computed.is_method(function.type.owner, function.type.name) and not rest:
                return computed.method(t, owner, function.type.name)
            for rep in rest if function.type.name in seeking.METHODS else ():
                self.expect_unique(rep)
            found = seeking.method(t, owner, function.type.name, rest,
                                   lambda there, what: self.expect(instr, there, ValueError, what, rest))
            return found or sequences.method(t, owner, function.type.name, rest, self.seen(instr))
        if isinstance(function.type, types.Bound) and self.is_own(t.objects[function.type.ref]):
            owner = Rep(function.type.owner, function.values)
            return self.call_self(instr, t.objects[function.type.ref], [owner, *rest])
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
        if self.is_own(obj):
            return self.call_self(instr, obj, rest)
        made = self.made_of_names(obj, args[1:])
        if made is not None:
            return made
        if isinstance(obj, ops.Spread):
            return spreading.spread(t, obj, rest[0], self.items_seen(instr))
        made = self.asked_of_error(instr, obj, rest) or self.stood_for(instr, obj, rest)
        if made is not None:
            return made
        if isinstance(obj, type) and issubclass(obj, BaseException):
            return self.exception(instr, obj, rest)
        if is_format(obj):
            return self.formatted(instr, obj, rest)
        if obj is builtins.super and len(rest) == 2 and isinstance(rest[0].type, types.Known):
            owner = t.as_object(rest[1])
            return Rep(types.Super(owner.type, rest[0].type.ref), owner.values)
        if obj is type and len(rest) == 1:
            return self.class_held(rest[0], self.seen(instr))
        made = self.bare(obj, rest)
        if made is not None:
            return made
        if not rest and any(obj is kind for kind in (list, dict, set)):
            return self.empty(instr, obj)
        if obj is builtins.range and 1 <= len(rest) <= 3:
            return ranges.make(t, rest)
        if obj is builtins.isinstance and len(rest) == 2:
            told = self.is_kind(rest[0], self.known_kinds(rest[1]))
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
        if obj is builtins.bin and [rep.type for rep in rest] == [types.INT] and self.is_counted(instr):
            return Rep(types.Text(bin, (types.INT,)), rest[0].values)
        if obj is builtins.chr and len(rest) == 1:
            return texts.from_ordinal(t, rest[0])
        if obj is builtins.str and [rep.type for rep in rest] == [types.INT]:
            return Rep(types.STR, (t.emit("INT_TEXT", rest[0].values, "ptr"),))
        if (obj is builtins.str or obj is builtins.repr) and [rep.type for rep in rest] == [types.FLOAT]:
            return Rep(types.STR, (texts.of_float(t, rest[0].value, ""),))
        if obj is builtins.int and [rep.type for rep in rest] == [types.CHAR] and self.taking is None:
            return texts.digit(t, rest[0])
        if texts.converts(t, obj, rest):
            return self.converted(instr, obj, rest, lambda: self.call_builtin(instr, obj, rest))
        if obj is builtins.pow and len(rest) == 2:
            return powers.power(t, rest[0], rest[1], self.seen(instr))
        if obj is builtins.pow and len(rest) == 3:
            return powers.power_modulo(t, rest)
        if obj is builtins.complex and len(rest) <= 2:
            return complexes.make(t, rest)
        made = heaps.call(t, obj, rest, self.seen(instr)) or bisections.call(t, obj, rest) or \
            computed.call(t, obj, rest)
        if made is not None:
            return made
        row = None
        try:
            row = ops.BUILTINS.get(obj)
        except TypeError:
            row = None
        if row is not None and len(rest) != row.arity and not (rest and row.name in ("MIN", "MAX")):
            row = None
        if row is None and callees.is_closed(obj) and all(texts.is_plain(t, rep) for rep in rest):
            return self.call_builtin(instr, obj, rest)
        if row is None:
            return self.call_object(instr, obj, rest)
        if row.name in ("MIN", "MAX"):
            of_tuple = len(rest) == 1 and tuples.is_one(t, rest[0])
            items = t.items(tuples.whole(t, rest[0])) if of_tuple else rest
            if items and (of_tuple or len(rest) > 1):
                return functools.reduce(lambda a, b: self.extreme(row.name, a, b), items)
            return self.call_object(instr, obj, rest)
        if row.name == "LEN" and (dicts.is_one(rest[0]) or dicts.is_set(rest[0])):
            return Rep(types.INT, (dicts.length(t, rest[0]),))
        if row.name == "LEN" and texts.is_one(t, rest[0]):
            return Rep(types.INT, (texts.length(t, rest[0]),))
        if row.name == "LEN":
            return self.length(instr, rest[0])
        if row.name.startswith("CMATH_"):
            return analytic.call(t, row.name.removeprefix("CMATH_").lower(), rest)
        if complexes.among(*rest):
            return complexes.builtin(t, row, rest)
        if words.among(*rest):
            return words.builtin(t, row.name, rest)
        return numbers.builtin(t, row, rest)

    def is_counted(self, instr: Instr) -> bool:
        """Whether all that is done with a text is to count in it."""
        users = self.users.get(instr.dest, []) if instr.dest is not None else []
        return bool(users) and all(user.op == "GETATTR" and user.imm == "count" for user in users)

    def items_seen(self, instr: Instr) -> dict[int, set[Type]]:
        """The types that the items had into which the result of an instruction is taken apart, by their places."""
        assert instr.dest is not None
        apart = [user.dest for user in self.users.get(instr.dest, []) if user.op == "UNPACK" and user.dest is not None]
        items = [item for holder in apart for item in self.users.get(holder, []) if item.op == "ITEM"]
        return {item.imm: self.seen(item) for item in items}

    def length(self, instr: Instr, rep: Rep) -> Rep:
        """How many items there are in a container; objects are asked."""
        try:
            return sequences.length(self.t, rep)
        except Unsupported:
            if not isinstance(rep.type, types.Object) or not self.may_call(instr):
                raise
        return self.call_object(instr, builtins.len, [rep])

    def empty(self, instr: Instr, kind: type) -> Rep:
        """A new list, dict or set; one that a dict is only given in case that it has no such key is not made yet."""
        known: dict[type, Type] = {list: types.List(None), dict: types.DICT, set: types.SET}
        made = Rep(types.Fresh(kind))
        return made if self.is_default(instr) else Rep(known[kind], (self.t.boxed(made),))

    def is_default(self, instr: Instr) -> bool:
        """Whether nothing is done with a value but to give it to the method `setdefault` of a dict."""
        assert instr.dest is not None
        users = self.users.get(instr.dest, [])
        if len(users) != 1 or users[0].op != "CALL" or users[0].args[2:] != [instr.dest]:
            return False
        function = self.t.reps.get(users[0].args[0])
        return function is not None and isinstance(function.type, types.Method) and function.type.name == "setdefault"

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
        made = t.built(function, [t.boxed(rep) for rep in args])
        self.catch(instr, made, quiet)
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
        made = computed.with_keywords(t, obj, rest, names)
        if made is not None:
            return made
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
        if words.among(a, b):
            return words.extreme(self.t, name, a, b)
        form = tuples.extreme if tuples.is_one(self.t, a) and tuples.is_one(self.t, b) else numbers.extreme
        return form(self.t, name, a, b)

    def is_own(self, callee: Any) -> bool:
        """Whether a callee is the function itself, where that is compiled whole."""
        return self.is_self is not None and self.is_self(callee)

    def call_self(self, instr: Instr, function: Any, args: list[Rep]) -> Rep:
        """A call of the function from itself: native to native, with a look at how it came back."""
        t, seen = self.t, self.seen(instr)
        if type(function) is not python_types.FunctionType:
            raise Unsupported("ZX031", detail="nothing was seen here while recording")
        args = [numbers.narrow_bound(t, rep) for rep in args]
        sources = calling.arrange(function, len(args))
        if sources is None or any(isinstance(source, calling.Rest) for source in sources):
            raise Unsupported("ZX022", detail=f"{function.__qualname__}() with such arguments")
        if not seen:
            raise Unsupported("ZX031", detail="nothing was seen here while recording")
        values: list[Value] = []
        for position, (source, kind) in enumerate(zip(sources, self.entry.arguments, strict=True)):
            assert kind is not None and not isinstance(source, calling.Rest)
            rep = t.constant(source.value) if isinstance(source, calling.Default) else args[source]
            if isinstance(kind, types.Fixed):
                if not isinstance(rep.type, types.Known) or t.object_of(rep) is not kind.obj:
                    raise Narrow(position, types.OBJECT, kind)
                continue
            if not _covers(kind, rep.type):
                raise Narrow(position, rep.type, kind)
            values.extend(t.coerce(rep, kind).values)
        if self.me is not None:
            values.append(self.me)
        (only,) = seen if len(seen) == 1 else (types.OBJECT,)
        result = self.types.get(self.returned, only if only in NUMBERS else types.OBJECT)
        assert instr.context is not None
        passed = deopt.passed(instr.context, instr.index)
        if passed is None:
            status = t.emit("CALL_SELF", values, "i64", (len(values),), "ZX033")
        else:
            notes = t.ref(passed, "where an exception passes"), t.ref(tracebacks.NOTE, "its frames")
            status = t.emit("CALL_SELF", values, "i64", (len(values), *notes))
        held = t.emit("SELF_OBJECT", (status,), "ptr")
        t.after = (instr, Rep(types.OBJECT, (held,)))
        if result != types.OBJECT:
            # Only where this fails is there an object.
            t.guard(t.emit("EQ", (status, t.int_(0)), "i1"), "ZX031")
            made = Rep(result, (t.emit("SELF_VALUE", (status,), types.payload(result)),))
            t.after = (instr, made)
        else:
            t.guard(t.emit("EQ", (status, t.int_(0)), "i1"), "ZX035")
        self.arrays_again()
        return sequences.unbox(t, held, seen, None) if result == types.OBJECT else made


def _covers(kind: Type, other: Type) -> bool:
    """Whether each value of another type has a form as one of this type."""
    try:
        return types.join(kind, other) == kind
    except Unsupported:
        return kind == types.OBJECT
