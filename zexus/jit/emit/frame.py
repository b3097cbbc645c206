"""The frame of an emitted function: one C entry, `METH_FASTCALL`, its rooms, and where its side exits meet.

`self` is the tuple of objects that the code refers to, so no address stands in the code. All side exits meet in
one block, where phis gather the exit's number and its live values; a loop there boxes them into the answer:

    (status, ...)            the region was left: what the host expects
    (4 + exit, leaf, ...)    a side exit with its live values; exit 0: a guard at the entry failed
    (-1 - exit, leaf, ..., exception)   the same after an exception in code that was called
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from itertools import zip_longest
from typing import Any

from llvmlite import ir

from zexus import layout, ops, types
from zexus.jit import counters
from zexus.jit.emit.brief import brief
from zexus.jit.emit.prelude import Prelude
from zexus.jit.emit.runtime import POOL_ROOM
from zexus.jit.emit.unlocked import Unlocked
from zexus.regvm import cfg, liveness
from zexus.regvm.ir import Block, Exit, Function, Instr, Value
from zexus.settings import JitSettings

I1, I8, I16, I32, I64 = (ir.IntType(width) for width in (1, 8, 16, 32, 64))
F32, F64 = ir.FloatType(), ir.DoubleType()
PTR = ir.PointerType()
# The objects, how many, room for how many; how many the entry made; beyond how many the dead ones are dropped.
POOL = ir.LiteralStructType([PTR, I64, I64, I64, I64])
POOL_SIZE, POOL_CAPACITY, POOL_BASE, POOL_LIMIT = 8, 16, 24, 32
KINDS: dict[str, ir.Type] = {"i64": I64, "f64": F64, "i1": I1, "ptr": PTR}
# Native rows that call other code, which may drop objects.
DROPPING = frozenset(row.name for row in ops.OPS.values() if row.family == "native" and row.effect == "call")
# Rows whose pointer is found in memory that other code may change: nobody holds the object for native code.
BORROWING = frozenset(row.name for row in ops.OPS.values() if "borrows" in row.facts.traits)
# What these hand out is changed by the next one, unless somebody else has it.
KEEPING = frozenset(row.name for row in ops.OPS.values() if "reuses" in row.facts.traits)
# The immediate of a LIST_SET row where anything may stand that is overwritten, and not only numbers.
OF_ANY = "any"


class Frame:
    """One emission in progress."""

    def __init__(self, fn: Function, symbol: str, force: bool, settings: JitSettings,
                 prelude: Prelude | None = None) -> None:
        self.fn = fn
        self.settings = settings
        self.force = force
        self.prelude = prelude or Prelude(ir.Module(name="zexus"))
        self.module = self.prelude.module
        self.entry = self.declare(symbol)
        self.values: dict[Value, ir.Value] = {}
        self.blocks: dict[Block, ir.Block] = {}
        self.ends: dict[Block, ir.Block] = {}
        self.landings: dict[tuple[int, tuple[Value, ...]], ir.Block] = {}
        self.refs: Mapping[int, ir.Value] = {}
        self.rooms: dict[tuple[int, str], ir.Value] = {}
        self.runs_once = False
        self.views: ir.Value | None = None
        self.late: dict[Value, Instr] = {}
        self.unlocked = Unlocked(fn) if settings.nogil else None
        self.thread: ir.Value | None = None  # the room for the thread's state as long as the lock is given up

    def declare(self, symbol: str) -> ir.Function:
        """The function itself, and what its parameters are."""
        made = ir.Function(self.module, ir.FunctionType(PTR, [PTR, PTR, I64]), name=symbol)
        self.self_arg, self.args_arg, self.nargs_arg = made.args
        return made

    # --- the frame of the function ------------------------------------------------------------------

    def emit(self) -> ir.Module:
        fn = self.fn
        head = self.entry.append_basic_block("head")
        self.b = b = ir.IRBuilder(head)
        self.head = head
        self.borrowed, self.kept = derived(fn, BORROWING), derived(fn, KEEPING)
        self.brief = brief(fn)
        self.last: dict[Instr, list[Value]] = {}
        for value, instr in self.brief.items():
            self.last.setdefault(instr, []).append(value)
        self.needed = liveness.behind(fn, DROPPING | KEEPING, "ptr")
        self.makes_objects = any(i.op == "NEW_OBJECT" or (i.op == "TUPLE_BOX" and _has_names(i.imm[1]))
                                 for i in fn.instructions())
        self.appended = liveness.behind(fn, {"TEXT_APPEND"}, "ptr")
        self.growing = {loop.header for loop in cfg.loops(fn)
                        if any(self.grows(i) for block in loop.blocks for i in block.instrs)}
        self.uses_pool = any(pools(i) or self.lent(i) for i in fn.instructions())
        self.pool = self.room(POOL) if self.uses_pool else None
        if self.pool is not None:
            b.store(ir.Constant(POOL, None), self.pool)
            self.begin_pool()
        self.pending = self.room(PTR)
        b.store(ir.Constant(PTR, None), self.pending)
        self.ticks, self.slice, self.leaving = self.room(I64), self.room(I64), self.room(I1)
        if self.unlocked is not None:
            self.thread = self.room(PTR)
            b.store(ir.Constant(PTR, None), self.thread)
        self.exit_block = self.entry.append_basic_block("side_exits")
        for block in fn.blocks:
            self.blocks[block] = self.entry.append_basic_block(f"bb{block.number}")
        self.fetch_references()
        self.counters = b.load(self.field(self.refs[len(fn.refs) - 1], "bytearray.start"), typ=PTR)
        self.begin_slice()
        self.prologue()
        b.branch(self.blocks[fn.entry])
        order = cfg.reverse_postorder(fn)
        self.late = only_handed(fn)
        phis: list[tuple[Any, ir.Value]] = []
        for block in order:
            b.position_at_end(self.blocks[block])
            for phi in block.phis:
                made = b.phi(KINDS[phi.dest.type])
                self.values[phi.dest] = made
                phis.append((phi, made))
        for block in order:
            b.position_at_end(self.blocks[block])
            self.runs_once = block is fn.entry
            if self.unlocked is not None and block in self.unlocked.behind:
                self.take_lock()
            for instr in block.instrs[:-1]:
                self.instr(instr)
            if block is fn.entry:
                self.found_pool()
            if self.unlocked is not None and block in self.unlocked.before:
                self.give_lock()
            self.instr(block.terminator)
            self.ends[block] = b.block
        for phi, made in phis:
            for source, value in phi.incoming.items():
                made.add_incoming(self.values[value], self.ends[source])
        self.emit_exits()
        return self.module

    def fetch_references(self) -> None:
        """What the code refers to is fetched once, at its entry."""
        self.refs = {index: self.reference(index) for index in range(len(self.fn.refs))}

    def reference(self, index: int) -> ir.Value:
        """What the code refers to under a number."""
        place = [ir.Constant(I64, layout.OFFSETS["tuple.items"] + 8 * index)]
        loaded = self.b.load(self.b.gep(self.self_arg, place, source_etype=I8), typ=PTR)
        loaded.set_metadata("invariant.load", self.module.add_metadata([]))
        return loaded

    def begin_slice(self) -> None:
        """Take up the time slice where the last entry left it."""
        b = self.b
        ticks = [i for i in self.fn.instructions() if i.op in ("TICK", "COUNT")]
        self.ticking = any(i.op == "TICK" for i in ticks)
        self.holds_loops = not all(i.imm for i in ticks)  # the outermost one has ticks of its own
        left = b.load(self.counter("left"), typ=I64) if self.ticking else ir.Constant(I64, 0)
        b.store(left, self.ticks)
        b.store(left, self.slice)
        b.store(ir.Constant(I1, 0), self.leaving)

    def begin_pool(self) -> None:
        """What the pool begins with: nothing, and it has no room."""

    def prologue(self) -> None:
        """What is done before the first block."""

    def emit_exits(self) -> None:
        """The block where all side exits meet: box the leaves and answer."""
        b, fn = self.b, self.fn
        b.position_at_end(self.exit_block)
        if not self.landings:
            b.unreachable()
            return
        width = max(len(leaves) for _, leaves in self.landings)
        number = b.phi(I64)
        slots = [b.phi(I64) for _ in range(width)]
        undefined = ir.Constant(I64, ir.Undefined)
        for (exit_number, leaves), landing in self.landings.items():
            number.add_incoming(ir.Constant(I64, exit_number), landing)
            with b.goto_block(landing):
                words = [self.as_word(leaf) for leaf in leaves]
            for slot, word in zip_longest(slots, words, fillvalue=undefined):
                slot.add_incoming(word, landing)
        room = self.room(ir.ArrayType(I64, max(width, 1)))
        for position, slot in enumerate(slots):
            b.store(slot, b.gep(room, [ir.Constant(I64, 8 * position)], source_etype=I8))
        row_size = max(width, 1) + 2
        table_rows = bytearray()
        for way in fn.exits:
            codes = [leaf_code(kind) for _, kind in way.leaves] if len(way.leaves) <= width else []
            table_rows += (len(codes).to_bytes(2, "little") + bytes(codes)).ljust(row_size, b"\0")
        table_type = ir.ArrayType(I8, len(table_rows))
        table = ir.GlobalVariable(self.module, table_type, name=self.entry.name + "_exits")
        table.global_constant = True
        table.linkage = "internal"
        table.initializer = ir.Constant(table_type, table_rows)
        table.type = PTR
        row = b.gep(table, [b.mul(number, ir.Constant(I64, row_size))], source_etype=I8)
        self.take_lock()
        pending = b.load(self.pending, typ=PTR)
        answer = b.call(self.prelude.function("answer_exit", PTR, [I64, PTR, PTR, PTR]), [number, row, room, pending])
        self.answer(answer)

    def answer(self, answer: ir.Value) -> None:
        """Give the answer of a side exit to whoever called."""
        self.drain()
        self.b.ret(answer)

    def give_lock(self) -> None:
        """Let other threads run Python code from here on."""
        save = self.prelude.external("PyEval_SaveThread", PTR, [])
        self.b.store(self.b.call(save, []), self.thread)

    def take_lock(self) -> None:
        """Have the interpreter's lock from here on."""
        if self.thread is None:
            return
        b = self.b
        state = b.load(self.thread, typ=PTR)
        with b.if_then(b.icmp_unsigned("!=", state, ir.Constant(PTR, None))):
            b.call(self.prelude.external("PyEval_RestoreThread", ir.VoidType(), [PTR]), [state])
            b.store(ir.Constant(PTR, None), self.thread)

    def drain(self) -> None:
        """What is done on every way out: count the iterations, drop what the pool holds."""
        b = self.b
        if self.ticking:
            self.count_slice()
            self.count("entries", ir.Constant(I64, 1))
            b.store(b.load(self.ticks, typ=I64), self.counter("left"))
        if self.pool is not None:
            with b.if_then(self.has_pooled()):
                b.call(self.prelude.function("pool_drain", ir.VoidType(), [PTR]), [self.pool])

    def has_pooled(self) -> ir.Value:
        """Whether there is anything to drop or to free."""
        return self.b.icmp_unsigned("!=", self.b.load(self.pool, typ=PTR), ir.Constant(PTR, None))

    def count_slice(self) -> None:
        """Count the iterations of the time slice so far."""
        b = self.b
        self.count("iterations", b.sub(b.load(self.slice, typ=I64), b.load(self.ticks, typ=I64)))

    def count(self, name: str, more: ir.Value) -> None:
        address = self.counter(name)
        self.b.store(self.b.add(self.b.load(address, typ=I64), more), address)

    def counter(self, name: str) -> ir.Value:
        """Where one of the version's numbers stands."""
        return self.b.gep(self.counters, [ir.Constant(I64, counters.offset(name))], source_etype=I8)

    def room(self, kind: ir.Type) -> ir.Value:
        """Space in the function's frame."""
        with self.b.goto_block(self.head):
            made = self.b.alloca(kind)
        made.type = PTR
        return made

    def instr(self, instr: Instr) -> None:
        if instr.dest not in self.late:
            self.make(instr)
        for value in self.last.get(instr, ()):
            self.b.call(self.prelude.function("decref", ir.VoidType(), [PTR]), [self.values[value]])

    def make(self, instr: Instr) -> None:
        name = "math" if instr.op.startswith("MATH_") else "op_" + instr.op
        method: Callable[[Instr, list[ir.Value]], ir.Value | None] | None = getattr(self, name, None)
        assert method is not None, f"no emission for {instr.op}"
        made = method(instr, [self.values[a] for a in instr.args])
        if instr.dest is not None:
            assert made is not None, instr
            self.values[instr.dest] = made

    # --- memory and objects ---------------------------------------------------------------------------

    def stack_address(self) -> ir.Value:
        """Where the stack stands."""
        b = self.b
        frame = b.call(self.prelude.intrinsic("llvm.frameaddress.p0", PTR, [I32]), [ir.Constant(I32, 0)])
        return b.ptrtoint(frame, I64)

    def field(self, base: ir.Value, name: str) -> ir.Value:
        return self.b.gep(base, [ir.Constant(I64, layout.OFFSETS[name])], source_etype=I8)

    def load(self, address: ir.Value, kind: ir.Type, memory: str) -> ir.Value:
        """A load that is told apart from stores to other kinds of memory."""
        made = self.b.load(address, typ=kind)
        made.set_metadata("tbaa", self.prelude.memory(memory))
        return made

    def store(self, value: ir.Value, address: ir.Value, memory: str) -> None:
        made = self.b.store(value, address)
        made.set_metadata("tbaa", self.prelude.memory(memory))

    def load_field(self, base: ir.Value, name: str, kind: ir.Type, memory: str) -> ir.Value:
        return self.load(self.field(base, name), kind, memory)

    def type_of(self, pointer: ir.Value) -> ir.Value:
        return self.load_field(pointer, "type", PTR, "type")

    def push(self, pointer: ir.Value) -> None:
        """Give an owned reference to the pool, which drops it when the region is left."""
        self.b.call(self.prelude.function("pool_push", ir.VoidType(), [PTR, PTR]), [self.pool, pointer])

    def pool_field(self, place: int) -> ir.Value:
        return self.b.gep(self.pool, [ir.Constant(I64, place)], source_etype=I8)

    def found_pool(self) -> None:
        """What the pool holds by now, it holds until the region is left."""
        b = self.b
        if self.growing:
            size = b.load(self.pool_field(POOL_SIZE), typ=I64)
            b.store(size, self.pool_field(POOL_BASE))
            b.store(b.add(size, ir.Constant(I64, POOL_ROOM)), self.pool_field(POOL_LIMIT))

    def sweep_objects(self, instr: Instr) -> None:
        """Drop the program's objects that are dead: what is called now could see that they are still there."""
        if self.makes_objects:
            self.sweep_pool(instr)

    def sweep_pool(self, instr: Instr, result: ir.Value | None = None) -> None:
        """Drop what the pool holds beyond that, but for what lives on behind this instruction.

        Args:
            instr: the instruction.
            result: what it has made; without one it has yet to be done, and what it reads is kept.
        """
        if not self.growing:
            return
        b = self.b
        live = [self.values[value] for value in self.needed[instr]]
        if result is None:
            read = [value for value in instr.args if value.type == "ptr" and value not in self.needed[instr]]
            live += [self.values[value] for value in dict.fromkeys(read)]
        else:
            live.append(result)
        room = self.room(ir.ArrayType(PTR, max(len(live), 1)))
        for position, value in enumerate(live):
            b.store(value, b.gep(room, [ir.Constant(I64, 8 * position)], source_etype=I8))
        sweep = self.prelude.function("pool_sweep", ir.VoidType(), [PTR, PTR, I64])
        b.call(sweep, [self.pool, room, ir.Constant(I64, len(live))])

    def owned(self, made: ir.Value) -> ir.Value:
        self.push(made)
        return made

    def make_int(self, value: ir.Value) -> ir.Value:
        return self.b.call(self.prelude.allocator("PyLong_FromLongLong", I64), [value])

    def make_word(self, value: ir.Value) -> ir.Value:
        return self.b.call(self.prelude.allocator("PyLong_FromUnsignedLongLong", I64), [value])

    def make_float(self, value: ir.Value) -> ir.Value:
        return self.b.call(self.prelude.allocator("PyFloat_FromDouble", F64), [value])

    def make_complex(self, real: ir.Value, imag: ir.Value) -> ir.Value:
        return self.b.call(self.prelude.allocator("PyComplex_FromDoubles", F64, F64), [real, imag])

    def op_KEEP(self, instr: Instr, a: list[ir.Value]) -> None:
        """Hold a borrowed object until the region is left."""
        self.incref(a[0])
        self.push(a[0])

    def incref(self, pointer: ir.Value) -> None:
        """One reference more to an object, which is none that may be missing."""
        self.b.call(self.prelude.function("incref", ir.VoidType(), [PTR]), [pointer])

    def lent(self, instr: Instr) -> list[Value]:
        """The objects that native code only borrows and still needs behind this call, which may drop them."""
        needed = self.needed.get(instr, [])
        if instr.op == "CALL_SELF":  # nobody but its caller holds what a function is given
            needed = list(dict.fromkeys((*needed, *instr.args)))
        lent = self.kept if instr.op in KEEPING else self.borrowed
        return [value for value in needed if value in lent]

    def grows(self, instr: Instr) -> bool:
        """Whether each time that an instruction is done, the pool may hold more."""
        return pools(instr) or (instr.op in KEEPING and bool(self.lent(instr)))

    def keep_lent(self, instr: Instr) -> None:
        for value in self.lent(instr):
            pointer = self.values[value]
            with self.b.if_then(self.b.icmp_unsigned("!=", pointer, ir.Constant(PTR, None))):
                self.op_KEEP(instr, [pointer])

    # --- ways out -------------------------------------------------------------------------------------

    def leave_if_forced(self, instr: Instr) -> None:
        """The side exit that tests can force, in front of what cannot be undone."""
        if self.force:
            self.leave_unless(ir.Constant(I1, 1), instr)

    def leave_unless(self, condition: ir.Value, instr: Instr, forced: bool = True) -> None:
        """Side exit of `instr` unless `condition` holds; an instruction without an exit was proven not to leave.

        Args:
            condition: what has to hold.
            instr: the instruction.
            forced: whether nothing has happened yet, so that the exit can be taken for a test in any case.
        """
        if instr.exit is None:
            return
        b = self.b
        if self.force and forced and instr.exit.number:
            condition = b.and_(condition, self.not_forced(instr.exit.number))
        inside = self.entry.append_basic_block()
        branch = b.cbranch(condition, inside, self.landing(instr))
        branch.set_weights([10000, 1])
        b.position_at_end(inside)

    def not_forced(self, number: int) -> ir.Value:
        """False on the n-th pass of this exit's guards, where n stands in the first counter."""
        return self.b.call(self.prelude.function("not_forced", I1, [PTR, I64]),
                           [self.counters, ir.Constant(I64, counters.passes(number))])

    def take_exit(self, instr: Instr) -> None:
        self.b.branch(self.landing(instr))

    def landed(self, way: Exit) -> None:
        """What is done where an exit begins."""

    def landing(self, instr: Instr) -> ir.Block:
        """Where the exit of `instr` begins; exits that hand over the same values share it."""
        way = instr.exit
        assert way is not None, instr
        key = way.number, tuple(value for value, _ in way.leaves)
        if key not in self.landings:
            self.landings[key] = self.entry.append_basic_block(f"exit{way.number}")
            with self.b.goto_block(self.landings[key]):
                self.landed(way)
                for value in dict.fromkeys(value for value, _ in way.leaves if value in self.brief):
                    self.push(self.values[value])
                self.b.branch(self.exit_block)
        return self.landings[key]

    def as_word(self, value: Value) -> ir.Value:
        if value in self.late:
            self.make(self.late[value])
        made, b = self.values[value], self.b
        if value.type == "f64":
            return b.bitcast(made, I64)
        if value.type == "i1":
            return b.zext(made, I64)
        if value.type == "ptr":
            return b.ptrtoint(made, I64)
        return made

    def call_out(self, result: ir.Value, instr: Instr) -> None:
        """After a call into Python: an exception leaves by the side exit with the exception beside it."""
        b = self.b
        failed = b.icmp_unsigned("==", result, ir.Constant(PTR, None))
        inside = self.entry.append_basic_block()
        raised = self.entry.append_basic_block()
        b.cbranch(failed, raised, inside).set_weights([1, 10000])
        b.position_at_end(raised)
        b.store(b.call(self.prelude.function("take_error", PTR, []), []), self.pending)
        if "handled" in instr.facts:
            b.branch(inside)  # what follows looks whether there is a result
        else:
            self.take_exit(instr)
        b.position_at_end(inside)


def replaces_any(instr: Instr) -> bool:
    """Whether an instruction may overwrite anything, and not only numbers."""
    return instr.imm == OF_ANY or instr.op == "DICT_STORE"


def _has_names(spec: tuple[Any, ...]) -> bool:
    """Whether a tuple of a class of the program's is made."""
    return any(isinstance(item, int) or (isinstance(item, tuple) and _has_names(item)) for item in spec)


def pools(instr: Instr) -> bool:
    """Whether an instruction may give objects to the pool."""
    return "pools" in instr.row.facts.traits or replaces_any(instr)


def only_handed(fn: Function) -> dict[Value, Instr]:
    """The absolute values that nothing uses but ways out: they are computed there."""
    made = {i.dest: i for i in fn.instructions() if i.op == "HYPOT" and i.exit is None and i.dest is not None}
    if made:
        used = {value for i in fn.instructions() for value in i.args}
        used |= {value for block in fn.blocks for phi in block.phis for value in phi.incoming.values()}
        made = {value: i for value, i in made.items() if value not in used}
    return made


def leaf_code(kind: str) -> int:
    """How the word of a leaf is boxed: as an int (0), a float (1), a bool (2), or it is an object (3), or no int has a
    sign there (4).
    """
    if kind.startswith("n"):
        return {"i64": 0, "f64": 1, "i1": 2}[types.payload(types.NpScalar(kind[1:]))]
    return {"i": 0, "f": 1, "b": 2, "p": 3, "w": 4}[kind[0]]


def derived(fn: Function, rows: Set[str]) -> set[Value]:
    """The values that are, or by way of phis and selections may be, what instructions of some rows have made."""
    found = {i.dest for i in fn.instructions() if i.op in rows and i.dest is not None}
    chosen = [(phi.dest, [*phi.incoming.values()]) for block in fn.blocks for phi in block.phis
              if phi.dest.type == "ptr"]
    chosen += [(i.dest, i.args[1:]) for i in fn.instructions() if i.op == "SELECT" and i.dest is not None]
    before = -1
    while before < len(found):
        before = len(found)
        found.update(made for made, sources in chosen if not found.isdisjoint(sources))
    return found
