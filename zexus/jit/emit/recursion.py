"""Emission of functions that call themselves: the body over unboxed parameters, and the way in from Python.

The body answers a status and a word: 0 the usual result, unboxed if it is a number, 1 an object (owned), 2 an
exception is set, 3 an object, and what is taken for constant is not what it was. A side exit of the body lets Python
finish that one frame; the callers go on natively with its result if that is the usual one.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from llvmlite import ir

from zexus.jit.emit.frame import DROPPING, F64, I1, I8, I32, I64, KINDS, POOL_CAPACITY, POOL_SIZE, PTR, pools
from zexus.jit.emit.function import Emitter
from zexus.jit.emit.runtime import POOL_LENT
from zexus.regvm.ir import Exit, Function, Instr

RESULT = ir.LiteralStructType([I64, I64])
TOO_DEEP = "maximum recursion depth exceeded"
BOXED = {"i64": "PyLong_Type", "f64": "PyFloat_Type", "i1": "PyBool_Type"}


class _References(dict[int, ir.Value]):
    """What the code refers to, fetched anew at each use."""

    def __init__(self, emitter: Emitter) -> None:
        super().__init__()
        self._emitter = emitter

    def __missing__(self, index: int) -> ir.Value:
        return self._emitter.reference(index)


class BodyEmitter(Emitter):
    """Emits the body: an internal function that calls itself."""

    def declare(self, symbol: str) -> ir.Function:
        kinds = [KINDS[p.type] for p in self.fn.params]
        made = ir.Function(self.module, ir.FunctionType(RESULT, [PTR, PTR, I64, I32, *kinds]), name=symbol)
        made.linkage = "internal"
        self.self_arg, self.thread_arg, self.floor_arg, self.depth_arg, *rest = made.args
        self.given = dict(zip(self.fn.params, rest, strict=True))
        self.returned = next((i.args[0].type for i in self.fn.instructions() if i.op == "RET"), "i64")
        return made

    def prologue(self) -> None:
        """Count the call; be no deeper than Python's own recursion may be; now and then let Python have its turn."""
        b = self.b
        self.values.update(self.given)
        with b.if_then(b.icmp_signed(">=", self.depth_arg, _limit(self, self.thread_arg)), likely=False):
            self.tell_depth()
            kind = b.load(self.prelude.data("PyExc_RecursionError"), typ=PTR)
            b.call(self.prelude.external("PyErr_SetString", ir.VoidType(), [PTR, PTR]), [kind, self.words(TOO_DEEP)])
            b.ret(ir.Constant(RESULT, [2, 0]))
        address = self.counter("iterations")
        calls = b.add(b.load(address, typ=I64), ir.Constant(I64, 1))
        b.store(calls, address)
        last = (1 << (self.settings.slice_iterations - 1).bit_length()) - 1  # a mask: the next power of two, less one
        due = b.icmp_signed("==", b.and_(calls, ir.Constant(I64, last)), ir.Constant(I64, 0))
        with b.if_then(due, likely=False):
            self.tell_depth()
            noop = self.refs[len(self.fn.refs) - 2]
            result = b.call(self.prelude.external("PyObject_CallNoArgs", PTR, [PTR]), [noop])
            with b.if_then(b.icmp_unsigned("==", result, ir.Constant(PTR, None)), likely=False):
                self.finish(ir.Constant(RESULT, [2, 0]))
            b.call(self.prelude.external("Py_DecRef", ir.VoidType(), [PTR]), [result])

    def fetch_references(self) -> None:
        """They are fetched where they are used: most of it is where calls seldom come."""
        self.refs = _References(self)

    def begin_pool(self) -> None:
        """Room for some objects: most calls need no other, and those that most likely have none need none."""
        instrs = list(self.fn.instructions())
        self.has_room = any((pools(i) and i.op != "SELF_OBJECT") or self.lent(i) for i in instrs)
        if not self.has_room:
            return
        self.b.store(self.room(ir.ArrayType(PTR, POOL_LENT)), self.pool)
        self.b.store(ir.Constant(I64, POOL_LENT), self.pool_field(POOL_CAPACITY))

    def has_pooled(self) -> ir.Value:
        if not self.has_room:
            return super().has_pooled()
        size, capacity = (self.b.load(self.pool_field(place), typ=I64) for place in (POOL_SIZE, POOL_CAPACITY))
        other = self.b.xor(capacity, ir.Constant(I64, POOL_LENT))
        return self.b.icmp_unsigned("!=", self.b.or_(size, other), ir.Constant(I64, 0))

    def finish(self, result: ir.Value) -> None:
        if self.pool is not None:
            self.tell_depth()
        self.drain()
        self.b.ret(result)

    def tell_depth(self) -> None:
        """Before Python may run: how many calls its limit still allows below this one."""
        below = self.b.add(self.depth_arg, ir.Constant(I32, 1))
        left = self.b.sub(_limit(self, self.thread_arg), below)
        self.b.store(left, self.field(self.thread_arg, "thread.recursion_remaining"))

    def words(self, text: str) -> ir.Value:
        raw = bytearray(text.encode() + b"\0")
        held = ir.GlobalVariable(self.module, ir.ArrayType(I8, len(raw)), name="words")
        held.global_constant, held.linkage = True, "internal"
        held.initializer = ir.Constant(held.value_type, raw)
        held.type = PTR
        return held

    @cached_property
    def world(self) -> tuple[Any, ...]:
        """What is taken for constant: slots, and fields of objects."""
        guards = (instr for instr in self.fn.instructions() if instr.op == "GUARD_STACK")
        return next((instr.imm for instr in guards), ())

    def landed(self, way: Exit) -> None:
        if way.code == "ZX035":
            self.tell_change(1)

    @cached_property
    def changed(self) -> ir.Value:
        """Where it is noted, until Python runs the next time, whether something of that is known to be another."""
        made = ir.GlobalVariable(self.module, I64, name="changed")
        made.linkage, made.initializer = "internal", ir.Constant(I64, 0)
        made.type = PTR
        return made

    def call_out(self, result: ir.Value, instr: Instr) -> None:
        if instr.op in DROPPING:
            with self.b.if_then(self.b.icmp_unsigned("==", result, ir.Constant(PTR, None)), likely=False):
                self.tell_change(1)  # what was called may have changed something before it raised
        super().call_out(result, instr)

    def tell_change(self, told: int) -> None:
        self.b.store(ir.Constant(I64, told), self.changed)

    def look_around(self) -> list[ir.Value]:
        """The world as it is now."""
        return [self.b.load(self.field(self.refs[slot[1]], slot[2]), typ=PTR) if slot[0] == "field"
                else self.lookup(slot) for slot in self.world]

    def op_GUARD_STACK(self, instr: Instr, a: list[ir.Value]) -> None:
        self.leave_unless(self.b.icmp_unsigned(">", self.stack_address(), self.floor_arg), instr)

    def pair(self, status: int, word: ir.Value) -> ir.Value:
        made = self.b.insert_value(ir.Constant(RESULT, ir.Undefined), ir.Constant(I64, status), 0)
        return self.b.insert_value(made, word, 1)

    def word(self, value: ir.Value, kind: str) -> ir.Value:
        if kind == "f64":
            return self.b.bitcast(value, I64)
        if kind == "ptr":
            return self.b.ptrtoint(value, I64)
        return self.b.zext(value, I64) if kind == "i1" else value

    def answer(self, answer: ir.Value) -> None:
        """Let Python finish this frame; its result comes back unboxed if it has the usual type."""
        self.tell_depth()
        finished = self.b.call(self.python, [self.self_arg, answer])
        self.finish(finished)

    @cached_property
    def python(self) -> ir.Function:
        """Lets Python finish a frame (what the code refers to, the frame); apart, so that frames need less stack."""
        made = ir.Function(self.module, ir.FunctionType(RESULT, [PTR, PTR]), name="python")
        made.linkage = "internal"
        made.attributes.add("noinline")
        outside = self.self_arg, self.b
        self.self_arg, self.b = made.args[0], ir.IRBuilder(made.append_basic_block())
        self.finished_by_python(made.args[1])
        self.self_arg, self.b = outside
        return made

    def finished_by_python(self, frame: ir.Value) -> None:
        b = self.b
        drop = self.prelude.external("Py_DecRef", ir.VoidType(), [PTR])
        call = self.prelude.external("PyObject_CallOneArg", PTR, [PTR, PTR])
        same = b.icmp_unsigned("==", b.load(self.changed, typ=I64), ir.Constant(I64, 0))
        self.tell_change(0)
        before = self.look_around()
        result = b.call(call, [self.refs[len(self.fn.refs) - 3], frame])
        b.call(drop, [frame])
        # A look must not meet the exception, if there is one.
        error = [b.alloca(PTR) for _ in range(3)]
        b.call(self.prelude.external("PyErr_Fetch", ir.VoidType(), [PTR] * 3), error)
        for held, now in zip(before, self.look_around(), strict=True):
            same = b.and_(same, b.icmp_unsigned("==", held, now))
        b.call(self.prelude.external("PyErr_Restore", ir.VoidType(), [PTR] * 3),
               [b.load(place, typ=PTR) for place in error])
        with b.if_then(b.icmp_unsigned("==", result, ir.Constant(PTR, None))):
            with b.if_then(b.not_(same)):
                self.tell_change(1)  # to the frame that handles the exception
            b.ret(ir.Constant(RESULT, [2, 0]))
        with b.if_then(b.not_(same)):
            b.ret(self.pair(3, b.ptrtoint(result, I64)))
        if self.returned == "ptr":
            b.ret(self.pair(0, b.ptrtoint(result, I64)))
            return
        usual = self.is_exactly(result, BOXED[self.returned])
        word: ir.Value
        if self.returned == "f64":
            with b.if_then(usual):
                word = b.load(self.field(result, "float.value"), typ=I64)
                b.call(drop, [result])
                b.ret(self.pair(0, word))
        elif self.returned == "i1":
            with b.if_then(usual):
                word = b.zext(b.icmp_unsigned("==", result, self.prelude.data("_Py_TrueStruct")), I64)
                b.call(drop, [result])
                b.ret(self.pair(0, word))
        else:
            with b.if_then(usual):
                pair = b.call(self.prelude.function("long_value", ir.LiteralStructType([I64, I1]), [PTR]), [result])
                with b.if_then(b.extract_value(pair, 1)):
                    b.call(drop, [result])
                    b.ret(self.pair(0, b.extract_value(pair, 0)))
        b.ret(self.pair(1, b.ptrtoint(result, I64)))

    def op_RET(self, instr: Instr, a: list[ir.Value]) -> None:
        if self.returned == "ptr":
            self.incref(a[0])  # before the pool drops its own
        self.finish(self.pair(0, self.word(a[0], instr.args[0].type)))

    def op_CALL_SELF(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        self.keep_lent(instr)
        depth = b.add(self.depth_arg, ir.Constant(I32, 1))
        result = b.call(self.entry, [self.self_arg, self.thread_arg, self.floor_arg, depth, *a])
        status, self.came_back = b.extract_value(result, 0), b.extract_value(result, 1)
        with b.if_then(b.icmp_unsigned(">", status, ir.Constant(I64, 1)), likely=False):
            with b.if_then(b.icmp_signed("==", status, ir.Constant(I64, 2))):
                self.pass_on(instr)
            self.tell_change(1)
        return status

    def pass_on(self, instr: Instr) -> None:
        """An exception has come back: it is handled in this frame, or passes it."""
        b = self.b
        if instr.exit is not None:
            b.store(b.call(self.prelude.function("take_error", PTR, []), []), self.pending)
            self.take_exit(instr)
            return
        b.call(self.prelude.function("pass_error", ir.VoidType(), [PTR, PTR]),
               [self.refs[number] for number in instr.imm[1:]])
        self.finish(ir.Constant(RESULT, [2, 0]))

    def op_SELF_OBJECT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        if self.returned == "ptr":
            return self.owned(b.inttoptr(self.came_back, PTR))
        boxed = b.icmp_signed("!=", a[0], ir.Constant(I64, 0))
        none = b.ptrtoint(self.prelude.data("_Py_NoneStruct"), I64)
        held = b.inttoptr(b.select(boxed, self.came_back, none), PTR)
        with b.if_then(boxed, likely=False):
            self.push(held)
        if not self.force:
            return held
        # A guard that is made to fail must hand over the result that came unboxed.
        return b.select(boxed, held, self.boxed_result())

    def boxed_result(self) -> ir.Value:
        word = self.came_back
        if self.returned == "f64":
            return self.owned(self.make_float(self.b.bitcast(word, F64)))
        if self.returned == "i1":
            return self.owned(self.b.call(self.prelude.external("PyBool_FromLong", PTR, [I64]), [word]))
        return self.owned(self.make_int(word))

    def op_SELF_VALUE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        assert instr.dest is not None
        if instr.dest.type == "f64":
            return self.b.bitcast(self.came_back, F64)
        return self.b.trunc(self.came_back, I1) if instr.dest.type == "i1" else self.came_back


class EntryEmitter(Emitter):
    """Emits the way in: arguments are unboxed, the body called, its result boxed."""

    def __init__(self, fn: Function, symbol: str, force: bool, body: BodyEmitter) -> None:
        self.body = body
        super().__init__(fn, symbol, force, body.settings, body.prelude)

    def floor(self) -> ir.Value:
        """The address below which recursion is left to Python; that of another thread is measured anew."""
        b = self.b
        bounds = b.load(self.field(self.refs[len(self.fn.refs) - 5], "bytearray.start"), typ=PTR)
        end = b.gep(bounds, [ir.Constant(I64, 8)], source_etype=I8)
        here = self.stack_address()
        above = b.icmp_unsigned(">", here, b.load(bounds, typ=I64))
        inside = b.and_(above, b.icmp_unsigned("<", here, b.load(end, typ=I64)))
        with b.if_then(b.not_(inside), likely=False):
            measured = b.call(self.prelude.external("PyObject_CallNoArgs", PTR, [PTR]),
                              [self.refs[len(self.fn.refs) - 4]])
            with b.if_then(b.icmp_unsigned("==", measured, ir.Constant(PTR, None)), likely=False):
                b.ret(ir.Constant(PTR, None))
            b.call(self.prelude.external("Py_DecRef", ir.VoidType(), [PTR]), [measured])
        beyond = b.icmp_unsigned(">=", here, b.load(end, typ=I64))
        return b.select(beyond, ir.Constant(I64, -1), b.load(bounds, typ=I64))

    def op_CALL_BODY(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        b = self.b
        thread = b.call(self.prelude.external("PyThreadState_Get", PTR, []), [])
        floor = self.floor()
        calls_left = self.field(thread, "thread.recursion_remaining")
        depth = b.sub(_limit(self, thread), b.load(calls_left, typ=I32))
        result = b.call(self.body.entry, [self.self_arg, thread, floor, depth, *a])
        b.store(b.sub(_limit(self, thread), depth), calls_left)
        status, word = b.extract_value(result, 0), b.extract_value(result, 1)
        with b.if_then(b.icmp_signed("==", status, ir.Constant(I64, 2)), likely=False):
            self.drain()
            b.ret(ir.Constant(PTR, None))
        with b.if_else(b.icmp_signed("==", status, ir.Constant(I64, 0)), likely=True) as (plain, boxed):
            with plain:
                if self.body.returned == "f64":
                    made = self.make_float(b.bitcast(word, F64))
                elif self.body.returned == "ptr":
                    made = b.inttoptr(word, PTR)
                elif self.body.returned == "i1":
                    made = b.call(self.prelude.external("PyBool_FromLong", PTR, [I64]), [word])
                else:
                    made = self.make_int(word)
                first = b.block
            with boxed:
                held = b.inttoptr(word, PTR)
                second = b.block
        answer = b.phi(PTR)
        answer.add_incoming(made, first)
        answer.add_incoming(held, second)
        return self.owned(answer)


def _limit(emitter: Emitter, thread: ir.Value) -> ir.Value:
    """How deep calls may go by now: Python that runs below native frames may set another limit."""
    return emitter.b.load(emitter.field(thread, "thread.recursion_limit"), typ=I32)
