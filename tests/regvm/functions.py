"""Random typed functions, and a small evaluator of them that checks every proven fact."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from zexus import ops, types
from zexus.regvm.ir import Block, Exit, Function, Instr, Phi, Value

EDGES = (0, 1, -1, 2, 3, 5, 7, -3, 64, 2**31, 2**53, -(2**53) - 1, 2**62, 2**63 - 1, -(2**63), 2**63 - 2)
SMALL = (0, 1, 2, 3, 5, -1, -2)
FLOATS = (0.0, -0.0, 1.0, -1.5, 2.0**53, 1e308, -1e308, float("inf"), float("-inf"), float("nan"))

_INT_ROWS = ("ADD", "SUB", "MUL", "FLOORDIV", "MOD", "AND", "OR", "XOR", "LSHIFT", "RSHIFT")
_LEAVING = frozenset(("ADD", "SUB", "MUL", "FLOORDIV", "MOD", "LSHIFT", "RSHIFT", "NEG", "ABS"))
_COMPARES = ("LT", "LE", "EQ", "NE", "GT", "GE")


class _Maker:
    """One random function in the making."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.fn = Function("random", "typed")
        self.block = self.fn.block()
        self.values: dict[str, list[Value]] = {"i64": [], "f64": [], "i1": [], "ptr": []}
        self.fn.exits.append(Exit(0, "ZX031", []))

    def pick(self, options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def one(self, kind: str) -> Value:
        return self.pick(self.values[kind][-8:])

    def exit(self) -> Exit:
        boxes = {"i64": "i", "f64": "f", "i1": "b", "ptr": "p"}
        leaves = [(v, boxes[kind]) for kind, values in self.values.items() for v in values[-4:]]
        way = Exit(len(self.fn.exits), "ZX033", leaves)
        self.fn.exits.append(way)
        return way

    def emit(self, op: str, args: list[Value], kind: str = "", imm: Any = None, leaves: bool = False) -> Value:
        instr = Instr(op, args, self.fn.value(kind) if kind else None, imm)
        if leaves:
            instr.exit = self.exit()
        self.block.instrs.append(instr)
        if instr.dest is None:
            return Value(-1)
        self.values[kind].append(instr.dest)
        return instr.dest

    def make(self) -> Function:
        for kind, count in (("i64", 3), ("f64", 1), ("i1", 1), ("ptr", 2)):
            for _ in range(count):
                param = self.fn.value(kind)
                self.fn.params.append(param)
                self.values[kind].append(param)
        for param in self.fn.params[-2:]:
            self.emit("GUARD_LIST", [param], leaves=True)
        self.emit("K", [], "i64", self.pick(SMALL))
        self.body(2, self.draw(st.integers(2, 8)))
        boxes = [self.boxed("BOX_INT", self.one("i64")), self.boxed("BOX_FLOAT", self.one("f64")),
                 self.boxed("BOX_BOOL", self.one("i1"))]
        self.block.instrs.append(Instr("LEAVE", boxes, imm=0))
        return self.fn

    def boxed(self, op: str, value: Value) -> Value:
        made = self.fn.value("ptr")
        self.block.instrs.append(Instr(op, [value], made))
        return made

    def body(self, depth: int, length: int) -> None:
        for _ in range(length):
            kind = self.pick(("step",) * 6 + (("if", "loop") if depth else ()))
            if kind == "step":
                self.step()
            elif kind == "if":
                self.branch(depth)
            else:
                self.loop(depth)

    def step(self) -> None:
        kind = self.pick(("int", "int", "int", "k", "compare", "float", "convert", "bits", "word", "guard", "list",
                          "list"))
        if kind == "int":
            op = self.pick(_INT_ROWS)
            self.emit(op, [self.one("i64"), self.one("i64")], "i64", leaves=op in _LEAVING)
        elif kind == "k":
            self.emit("K", [], "i64", self.pick(EDGES))
        elif kind == "compare":
            self.emit(self.pick(_COMPARES), [self.one("i64"), self.one("i64")], "i1")
        elif kind == "float":
            op = self.pick(("ADD", "SUB", "MUL", "NEG"))
            self.emit(op, [self.one("f64")] if op == "NEG" else [self.one("f64"), self.one("f64")], "f64")
        elif kind == "convert":
            self.convert()
        elif kind == "bits":
            self.bits()
        elif kind == "word":
            self.word()
        elif kind == "guard":
            self.emit("GUARD", [self.one("i1")], leaves=True)
        else:
            self.listed()

    def convert(self) -> None:
        op = self.pick(("INT_TO_FLOAT", "EXACT_FLOAT", "FLOAT_TO_INT", "BOOL_TO_INT", "NEG", "ABS", "WRAP"))
        if op in ("INT_TO_FLOAT", "EXACT_FLOAT"):
            self.emit(op, [self.one("i64")], "f64", leaves=op == "EXACT_FLOAT")
        elif op == "FLOAT_TO_INT":
            self.emit(op, [self.one("f64")], "i64", self.pick((None, "floor", "ceil", "round", "trunc")), leaves=True)
        elif op == "BOOL_TO_INT":
            self.emit(op, [self.one("i1")], "i64")
        elif op == "WRAP":
            self.emit(op, [self.one("i64")], "i64", self.pick(("int8", "uint8", "int32", "uint32")), leaves=True)
        else:
            self.emit(op, [self.one("i64")], "i64", leaves=True)

    def word(self) -> None:
        op = self.pick(("ADD", "SUB", "MUL", "LSHIFT", "AND", "WORD_MOD", "WORD_FLOORDIV", "INT_TO_FLOAT"))
        if op == "INT_TO_FLOAT":
            self.emit(op, [self.one("i64")], "f64", "word")
            return
        second = self.one("i64")
        if op == "LSHIFT":
            second = self.emit("K", [], "i64", self.pick((0, 1, 13, 63)))
        self.emit(op, [self.one("i64"), second], "i64", leaves=op.startswith("WORD"))
        if op in ("ADD", "SUB", "MUL", "LSHIFT"):
            self.block.instrs[-1].facts = frozenset(("wraps",))

    def bits(self) -> None:
        op = self.pick(("NOT", "AND", "OR", "SELECT", "compare"))
        if op == "NOT":
            self.emit(op, [self.one("i1")], "i1")
        elif op == "SELECT":
            self.emit(op, [self.one("i1"), self.one("i64"), self.one("i64")], "i64")
        elif op == "compare":
            self.emit(self.pick(_COMPARES), [self.one("f64"), self.one("f64")], "i1")
        else:
            self.emit(op, [self.one("i1"), self.one("i1")], "i1")

    def listed(self) -> None:
        owner = self.pick(self.fn.params[-2:])
        op = self.pick(("length", "read", "read", "write", "push"))
        if op == "length":
            self.emit("LIST_LEN", [owner], "i64")
        elif op == "push":
            self.emit("LIST_PUSH_INT", [owner, self.one("i64")])
        else:
            new = self.one("i64")
            at, slots = self.indexed(owner, self.one("i64"))
            if op == "write":
                self.emit("LIST_SET_INT", [slots, at, new], leaves=True)
            else:
                self.unboxed(slots, at)

    def indexed(self, owner: Value, index: Value) -> tuple[Value, Value]:
        """A checked index, and the slots of the list."""
        at = self.emit("INDEX", [index, self.emit("LIST_LEN", [owner], "i64")], "i64", leaves=True)
        slots = self.fn.value("ptr")
        self.block.instrs.append(Instr("LIST_SLOTS", [owner], slots))
        return at, slots

    def unboxed(self, slots: Value, at: Value) -> None:
        item = self.fn.value("ptr")
        self.block.instrs.append(Instr("LIST_ITEM", [slots, at], item))
        self.emit("UNBOX_INT", [item], "i64", leaves=True)

    def saved(self) -> dict[str, list[Value]]:
        return {kind: list(values) for kind, values in self.values.items()}

    def branch(self, depth: int) -> None:
        head, before = self.block, self.saved()
        test = self.one("i1")
        yes, no, join = self.fn.block(), self.fn.block(), self.fn.block()
        head.instrs.append(Instr("BRANCH", [test], targets=[yes, no]))
        ends = []
        for side in (yes, no):
            self.block, self.values = side, {kind: list(values) for kind, values in before.items()}
            self.body(depth - 1, self.draw(st.integers(0, 3)))
            ends.append((self.block, self.one("i64")))
            self.block.instrs.append(Instr("JUMP", [], targets=[join]))
        self.block, self.values = join, before
        phi = Phi(self.fn.value("i64"))
        phi.incoming = dict(ends)
        join.phis.append(phi)
        self.values["i64"].append(phi.dest)

    def loop(self, depth: int) -> None:
        start, stop, total = self.one("i64"), self.one("i64"), self.one("i64")
        if self.pick((False, True)):
            start = self.emit("K", [], "i64", self.pick((0, 1)))
        preheader, header, inside, done = self.block, self.fn.block(), self.fn.block(), self.fn.block()
        jump = Instr("JUMP", [], targets=[header])
        if self.pick((False, True, True)):
            jump.exit = self.exit()
        preheader.instrs.append(jump)
        at, sum_ = Phi(self.fn.value("i64")), Phi(self.fn.value("i64"))
        header.phis.extend((at, sum_))
        self.block = header
        self.values["i64"].extend((at.dest, sum_.dest))
        owner = self.pick(self.fn.params[-2:])
        if self.pick((False, True)):
            stop = self.emit("LIST_LEN", [owner], "i64")
        test = self.emit(self.pick(("LT", "LT", "LT", "LE", "NE", "GT")), [at.dest, stop], "i1")
        after = self.saved()
        self.block.instrs.append(Instr("BRANCH", [test], targets=[inside, done]))
        self.block = inside
        if self.pick((False, True)):
            place, slots = self.indexed(owner, at.dest)
            self.unboxed(slots, place)
        self.body(depth - 1, self.draw(st.integers(0, 4)))
        step = self.emit("K", [], "i64", self.pick((1, 1, 2, -1)))
        following = self.emit("ADD", [at.dest, step], "i64", leaves=True)
        latch = self.block
        at.incoming = {preheader: start, latch: following}
        sum_.incoming = {preheader: total, latch: self.one("i64")}
        latch.instrs.append(Instr("JUMP", [], targets=[header]))
        self.block, self.values = done, after


@st.composite
def functions(draw: Any) -> Function:
    """Typed functions of three ints, a float, a truth value and two lists."""
    return _Maker(draw).make()


def arguments() -> st.SearchStrategy[list[Any]]:
    """What `functions` are called with; the two lists may be one."""
    ints = st.sampled_from((*EDGES, *SMALL)) | st.integers(-10, 40) | st.integers(-(2**63), 2**63 - 1)
    items = st.lists(st.integers(-5, 5) | st.just(1.5), max_size=12)
    lists = st.tuples(items, items) | items.map(lambda one: (one, one))
    floats = st.sampled_from(FLOATS) | st.floats()
    return st.tuples(ints, ints, ints, floats, st.booleans(), lists).map(lambda t: [*t[:5], *t[5]])


@dataclass
class Outcome:
    """How an evaluation ended: "leave", "exit" or "fuel", with the values handed over and the lists' contents."""

    kind: str
    number: int
    values: list[str]


@dataclass
class Slots:
    """Where the items of a list were; they may have moved when its length changes."""

    owner: list[Any]
    length: int

    def current(self) -> list[Any]:
        assert self.length == len(self.owner), "the items may have moved"
        return self.owner


def evaluate(fn: Function, given: list[Any], landings: list[Outcome] | None = None, fuel: int = 3000) -> Outcome:
    """Run a function; facts that do not hold and results that wrap fail an assertion.

    `landings` gets the states in which preheaders were left: hoisted guards may leave in any of them.
    """
    values: dict[Value, Any] = {}
    copies: dict[int, list[Any]] = {}
    for param, value in zip(fn.params, given):
        values[param] = copies.setdefault(id(value), list(value)) if isinstance(value, list) else value
    lists = [values[p] for p in fn.params if p.type == "ptr"]

    def outcome(kind: str, number: int, held: list[Any]) -> Outcome:
        return Outcome(kind, number, [repr(v) for v in (*held, *lists)])

    block, source = fn.entry, None
    while True:
        arrived = {phi.dest: values[phi.incoming[source]] for phi in block.phis} if source is not None else {}
        values.update(arrived)
        for instr in block.instrs:
            fuel -= 1
            if fuel < 0:
                return Outcome("fuel", 0, [])
            if instr.op == "LEAVE":
                return outcome("leave", instr.imm, [values[a] for a in instr.args])
            if instr.op == "JUMP" and instr.exit is not None and landings is not None:
                landings.append(outcome("exit", instr.exit.number, [values[v] for v, _ in instr.exit.leaves]))
            if instr.targets:
                target = instr.targets[0]
                if instr.op == "BRANCH" and not values[instr.args[0]]:
                    target = instr.targets[1]
                source, block = block, target
                break
            made = step(instr, [values[a] for a in instr.args])
            if made is LEFT:
                assert instr.exit is not None, f"{instr} wraps, or leaves without an exit"
                return outcome("exit", instr.exit.number, [values[v] for v, _ in instr.exit.leaves])
            if instr.dest is not None:
                values[instr.dest] = made


LEFT = object()


def step(instr: Instr, a: list[Any]) -> Any:
    """The result of one native row as CPython computes it, or LEFT."""
    op, facts = instr.op, instr.facts
    if op == "K":
        return instr.imm
    if op in ("BOX_INT", "BOX_FLOAT", "BOX_BOOL"):
        return a[0]
    if op == "UNBOX_INT":
        return a[0] if type(a[0]) is int else LEFT
    if op == "GUARD":
        return None if a[0] else LEFT
    if op == "SELECT":
        return a[1] if a[0] else a[2]
    if op == "LIST_LEN":
        return len(a[0])
    if op == "INDEX":
        index = a[0] + a[1] if a[0] < 0 else a[0]
        assert "nonneg" not in facts or a[0] >= 0, "not nonneg"
        assert "inbounds" not in facts or 0 <= index < a[1], "not inbounds"
        return index if 0 <= index < a[1] else LEFT
    if op == "GUARD_LIST":
        return None
    if op == "LIST_SLOTS":
        return Slots(a[0], len(a[0]))
    if op == "LIST_ITEM":
        return a[0].current()[a[1]]
    if op == "LIST_SET_INT":
        a[0].current()[a[1]] = a[2]
        return None
    if op == "LIST_PUSH_INT":
        a[0].append(a[1])
        return None
    if op == "INT_TO_FLOAT":
        return float(a[0] if instr.imm is None else a[0] % 2**64)
    if op in ("WORD_MOD", "WORD_FLOORDIV"):
        x, y = (v % 2**64 for v in a)
        return LEFT if y == 0 else signed(x % y if op == "WORD_MOD" else x // y)
    if op == "EXACT_FLOAT":
        assert "small" not in facts or abs(a[0]) <= 2**53, "not small"
        return float(a[0]) if abs(a[0]) <= 2**53 else LEFT
    if op == "BOOL_TO_INT":
        return int(a[0])
    if op == "WRAP":
        low, high = types.INT_DTYPES[instr.imm]
        return a[0] if low <= a[0] <= high else LEFT
    if op == "FLOAT_TO_INT":
        if not math.isfinite(a[0]):
            return LEFT
        return fitting({"floor": math.floor, "ceil": math.ceil, "round": round}.get(instr.imm, int)(a[0]))
    assert "nonneg" not in facts or all(v >= 0 for v in a), "not nonneg"
    if "wraps" in facts:
        assert "nowrap" not in facts or fitting(ops.OPS[op].meaning(*a)) is not LEFT, "not nowrap"
        return signed(ops.OPS[op].meaning(*a))
    if op in ("LSHIFT", "RSHIFT") and not 0 <= a[1] < (63 if op == "LSHIFT" else 2**63):
        return LEFT
    if op == "RSHIFT":
        return a[0] >> min(a[1], 63)
    meaning = ops.OPS[op].meaning
    assert meaning is not None, op
    try:
        made = meaning(*a)
    except ZeroDivisionError:
        return LEFT
    if instr.dest is not None and instr.dest.type == "i64":
        made = fitting(int(made))
        assert "nowrap" not in facts or made is not LEFT, "not nowrap"
    return made


def fitting(value: int) -> Any:
    return value if types.INT64_MIN <= value <= types.INT64_MAX else LEFT


def signed(value: int) -> int:
    """The lowest 64 bits of an int, as the machine reads them."""
    low = value % 2**64
    return low if low < 2**63 else low - 2**64


def block_of(fn: Function, number: int) -> Block:
    """The block of that number."""
    return next(b for b in fn.blocks if b.number == number)
