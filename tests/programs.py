"""Random modules of bytecode: loops, branches, calls, closures, lists, exceptions with handlers, stack shuffles."""

from __future__ import annotations

import random

from zexus.bytecode import Module
from zexus.vm.builder import BytecodeBuilder, FunctionBuilder

INTS = ("i", "j", "k", "m")
VALUES = ("u", "v", "w")  # anything; `xs` is a list
ERRORS = ("ValueError", "ZeroDivisionError", "TypeError", "IndexError", "KeyError", "LookupError", "Exception")
_COMPARES = ("LT", "LE", "EQ", "NE", "GT", "GE")
_BITS = ("ADD", "SUB", "AND", "OR", "XOR", "IADD", "ISUB")


class _Function:
    """One function in the making."""

    def __init__(self, module: _Module, name: str, params: tuple[str, ...], depth: int) -> None:
        self.module = module
        self.random = module.random
        self.out: FunctionBuilder = module.builder.function(name, *params)
        self.depth = depth
        self.cursors: tuple[int, ...] = ()   # the for loops around, whose cursors lie on the stack
        self.breaks: list[tuple[str, str, int]] = []
        self.placed: list[tuple[str, tuple[int, ...]]] = []
        self.wanted: list[tuple[str, tuple[int, ...]]] = []
        self.size = 0
        self.guarded = 0

    def emit(self, op: str, *arguments: object) -> None:
        self.module.line += 1
        self.out.line(self.module.line)
        self.out.emit(op, *arguments)
        self.size += 1

    def label(self) -> str:
        self.module.labels += 1
        return f"L{self.module.labels}"

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    # --- expressions: each leaves one value ----------------------------------------------------------------

    def int_(self, deep: int = 0) -> None:
        """Mostly a small int; sometimes something that raises."""
        pick = self.random.randrange(14) if deep < 3 else self.random.randrange(6)
        if pick < 3:
            self.emit("LOAD_LOCAL", self.random.choice(INTS))
        elif pick < 6:
            self.emit("LOAD_CONST", self.random.choice((0, 1, 2, 3, -1, 7, 100, True)))
        elif pick < 9:
            self.int_(deep + 1)
            if self.chance(0.2):
                self.emit("LOAD_CONST", self.random.choice((1, 2, 3, -2, 7, 7, 0)))
                self.emit(self.random.choice(("FLOORDIV", "MOD", "IFLOORDIV")))
            else:
                self.int_(deep + 1)
                self.emit(self.random.choice(_BITS) if self.chance(0.98) else "TRUEDIV")
        elif pick == 9:
            self.int_(deep + 1)
            self.emit("LOAD_CONST", 63)
            self.emit("AND")
            self.int_(deep + 1)
            self.emit("LOAD_CONST", 15)
            self.emit("AND")
            self.emit("MUL")
        elif pick == 10:
            self.emit("LOAD_GLOBAL", "len")
            self.emit("LOAD_LOCAL", "xs" if self.chance(0.95) else self.random.choice(VALUES))
            self.emit("CALL", 1)
        elif pick == 11:
            self.int_(deep + 1)
            self.emit(self.random.choice(("NEG", "INVERT", "POS", "NOT", "TRUTH")))
        elif pick == 12:
            self.emit("LOAD_LOCAL", "xs")
            self.index()
            self.emit("GETITEM")
        else:
            self.choice(deep + 1)

    def index(self) -> None:
        if self.chance(0.1):
            self.int_(2)
        else:
            self.emit("LOAD_CONST", self.random.choice((0, 1, -1)))

    def choice(self, deep: int) -> None:
        """`a if c else b`, `a and b`, `a or b`."""
        end, other = self.label(), self.label()
        if self.chance(0.5):
            self.int_(deep)
            self.emit("COPY", 1)
            self.emit(self.random.choice(("JUMP_IF_FALSE", "JUMP_IF_TRUE")), end)
            self.emit("POP")
            self.int_(deep)
        else:
            self.condition(other, False)
            self.int_(deep)
            self.emit("JUMP", end)
            self.out.label(other)
            self.int_(deep)
        self.out.label(end)

    def value(self, deep: int = 0) -> None:
        """Anything."""
        pick = self.random.randrange(22) if deep < 2 else self.random.randrange(8)
        if pick < 3:
            self.int_(deep + 1)
        elif pick < 6:
            self.emit("LOAD_LOCAL", self.random.choice((*VALUES, *INTS, "xs")))
        elif pick == 6:
            self.emit("LOAD_CONST", self.random.choice((None, "ab", 1.5, -0.0, (1, 2), "", False, 2**70)))
        elif pick == 7:
            self.emit("LOAD_GLOBAL", self.random.choice(("state", "len", *self.module.names)) if self.chance(0.95)
                      else self.random.choice(("other", "nowhere")))
        elif pick < 10:
            count = self.random.randrange(4)
            for _ in range(count):
                self.value(deep + 1)
            self.emit(self.random.choice(("BUILD_LIST", "BUILD_LIST", "BUILD_TUPLE")), count)
        elif pick == 10:
            count = self.random.randrange(3)
            for _ in range(count):
                self.int_(deep + 1)
                self.value(deep + 1)
            self.emit("BUILD_DICT", count)
        elif pick == 11:
            count = self.random.randrange(3)
            for _ in range(count):
                self.int_(deep + 1)
            self.emit("BUILD_SET", count)
        elif pick == 12:
            self.sequence(deep + 1)
            for _ in range(2):
                self.int_(2)
            self.emit("LOAD_CONST", self.random.choice((None, 1, -1)))
            self.emit("BUILD_SLICE")
            if self.chance(0.9):
                self.emit("GETITEM")
            else:
                self.emit("BUILD_TUPLE", 2)
        elif pick == 13:
            self.sequence(deep + 1)
            self.index()
            self.emit("GETITEM")
        elif pick == 14:
            self.value(deep + 1)
            if self.chance(0.5):
                self.sequence(deep + 1)
                self.emit(self.random.choice(("IN", "NOT_IN")))
            else:
                self.value(deep + 1)
                self.emit(self.random.choice(("EQ", "NE", "IS_NOT", "EQ", "LT")))
        elif pick < 18:
            self.call(deep + 1)
        elif pick == 18 and self.chance(0.3):
            self.emit("LOAD_LOCAL", "late")
            self.emit("CHECK_BOUND", "late")
        elif pick == 19 and (self.out.cells or self.out.captured):
            self.emit("LOAD_CELL", self.random.choice((*self.out.captured, *self.out.cells)))
        elif pick == 20 and self.out.cells:
            self.emit("MAKE_FUNCTION", self.random.choice(self.module.inner[self.out.name]))
        elif pick == 19 and self.chance(0.2):
            self.value(deep + 1)
            self.emit("GETATTR", self.random.choice(("real", "append", "args", "count")))
        else:
            self.emit("LOAD_GLOBAL", "abs")
            self.int_(deep + 1)
            self.emit("CALL", 1)

    def sequence(self, deep: int) -> None:
        """Mostly a list."""
        if self.chance(0.05):
            self.value(deep)
        elif self.chance(0.6):
            self.emit("LOAD_LOCAL", "xs")
        else:
            self.int_(deep)
            self.value(deep + 1)
            self.emit("BUILD_LIST" if self.chance(0.5) else "BUILD_TUPLE", 2)

    def call(self, deep: int) -> None:
        pick = self.random.randrange(6)
        if pick < 3 and self.module.names:
            name = self.random.choice(self.module.names)
            self.emit("LOAD_GLOBAL", name)
            count = self.module.params[name] if self.chance(0.95) else self.random.randrange(4)
        elif pick == 3 or self.chance(0.2):
            self.emit("LOAD_GLOBAL", self.random.choice(("log", "str", "callable", "bool")))
            count = 1
        elif pick == 4 or self.chance(0.8):
            self.emit("LOAD_LOCAL", "xs")
            name, count = self.random.choice((("copy", 0), ("append", 1), ("count", 1), ("append", 1), ("pop", 0)))
            self.emit("GETATTR", name)
        else:
            self.value(deep + 1)
            count = self.random.randrange(2)
        for _ in range(count):
            self.value(deep + 1)
        self.emit("CALL", count)

    def recur(self) -> None:
        """Call itself, or what calls it, with less than it got, mostly as long as that is more than nothing."""
        skip = self.label()
        name = self.random.choice([self.out.name, *(n for n in self.module.params if n != "main")])
        if "i" in self.out.locals[: self.module.params[self.out.name]] and self.chance(0.85):
            self.emit("LOAD_LOCAL", "i")
            self.emit("LOAD_CONST", 0)
            self.emit("GT")
            self.emit("JUMP_IF_FALSE", skip)
        self.emit("LOAD_GLOBAL", name)
        for position in range(self.module.params[name]):
            if position:
                self.value(2)
            else:
                self.emit("LOAD_LOCAL", "i")
                self.emit("LOAD_CONST", 1)
                self.emit("SUB")
        self.emit("CALL", self.module.params[name])
        self.emit("STORE_LOCAL", self.random.choice(VALUES))
        self.out.label(skip)

    def condition(self, target: str, when: bool) -> None:
        """Jump to the target if the condition is `when`, fall through otherwise."""
        pick = self.random.randrange(6)
        jump = "JUMP_IF_TRUE" if when else "JUMP_IF_FALSE"
        if pick < 3:
            self.int_(1)
            self.int_(1)
            self.emit(self.random.choice(_COMPARES))
            self.emit(jump, target)
        elif pick == 3:
            self.value(1)
            self.emit(jump, target)
        elif pick == 4:
            self.int_(2)
            self.emit("TRUTH")
            self.emit(jump, target)
            self.condition(target, when)
        else:
            skip = self.label()
            self.int_(1)
            self.emit("JUMP_IF_FALSE" if when else "JUMP_IF_TRUE", skip)
            self.condition(target, when)
            self.out.label(skip)

    # --- statements ----------------------------------------------------------------------------------------

    def body(self, count: int) -> None:
        for _ in range(count):
            if self.chance(0.15):
                label = self.label()
                self.out.label(label)
                self.placed.append((label, self.cursors))
            self.statement()
            self.place_wanted()

    def place_wanted(self) -> None:
        for label, cursors in list(self.wanted):
            if cursors == self.cursors and self.chance(0.4):
                self.out.label(label)
                self.wanted.remove((label, cursors))

    def statement(self) -> None:
        self.depth += 1
        simple = (self.assign, self.assign, self.in_place, self.item, self.log, self.shuffle, self.unpack,
                  self.store_away, self.goto, self.effect)
        nested = (self.if_, self.if_, self.while_, self.for_, self.try_, self.try_)
        if self.out.name in self.module.params and self.out.name != "main" and self.chance(0.08):
            self.recur()
        elif self.depth > 5 or self.size > 250 or self.chance(0.6):
            self.random.choice(simple)()
        else:
            self.random.choice(nested)()
        if self.chance(0.03):
            self.leave()
        self.depth -= 1

    def assign(self) -> None:
        if self.chance(0.5):
            self.int_()
            self.emit("STORE_LOCAL", self.random.choice(INTS))
        else:
            self.value()
            self.emit("STORE_LOCAL", self.random.choice((*VALUES, "late")))

    def in_place(self) -> None:
        name = self.random.choice((*INTS, *INTS, "xs", *VALUES))
        if name in VALUES and self.chance(0.8):
            self.int_(1)
            self.emit("STORE_LOCAL", name)
        self.emit("LOAD_LOCAL", name)
        self.int_(1)
        if name == "xs":
            self.emit("BUILD_LIST", 1)
        self.emit("IADD" if name == "xs" else self.random.choice(("IADD", "ISUB", "IXOR")))
        self.emit("STORE_LOCAL", name if self.chance(0.9) else self.random.choice(VALUES))

    def item(self) -> None:
        pick = self.random.randrange(4)
        if pick == 0:
            self.value(1)
            self.emit("LOAD_LOCAL", "xs" if self.chance(0.95) else "u")
            self.index()
            self.emit("STORE_ITEM")
        elif pick == 1:
            self.emit("LOAD_LOCAL", "xs")
            self.index()
            self.emit("COPY", 2)
            self.emit("COPY", 2)
            self.emit("GETITEM")
            self.int_(2)
            self.emit("IADD")
            self.emit("SWAP", 3)
            self.emit("SWAP", 2)
            self.emit("STORE_ITEM")
        elif pick == 2 and self.chance(0.3):
            self.emit("LOAD_LOCAL", "xs")
            self.index()
            self.emit("DELITEM")
        else:
            self.emit("LOAD_LOCAL", "xs")
            self.index()
            self.int_(1)
            self.emit("SETITEM")

    def log(self) -> None:
        self.emit("LOAD_GLOBAL", "log")
        self.value()
        self.emit("CALL", 1)
        self.emit("POP")

    def effect(self) -> None:
        self.value()
        self.emit("POP")

    def shuffle(self) -> None:
        """Several values on the stack, in another order, into variables."""
        count = self.random.randint(2, 3)
        for _ in range(count):
            self.value(1) if self.chance(0.3) else self.emit("LOAD_LOCAL", self.random.choice(INTS))
        for _ in range(self.random.randint(1, 3)):
            if self.chance(0.7):
                self.emit("SWAP", self.random.randint(2, count))
            elif count < 5:
                self.emit("COPY", self.random.randint(1, count))
                count += 1
        for _ in range(count):
            self.emit("STORE_LOCAL", self.random.choice(VALUES))

    def unpack(self) -> None:
        count = self.random.randint(1, 3)
        if self.chance(0.6):
            for _ in range(count):
                self.value(1)
            self.emit("BUILD_TUPLE", count)
        elif self.chance(0.3):
            self.emit("LOAD_LOCAL", self.random.choice(VALUES))
        else:
            for _ in range(count):
                self.int_(2)
            self.emit("BUILD_LIST", count)
        self.emit("UNPACK", count)
        for _ in range(count):
            self.emit("STORE_LOCAL", self.random.choice(VALUES)) if self.chance(0.9) else self.emit("POP")

    def store_away(self) -> None:
        pick = self.random.randrange(3)
        if pick == 0 and (self.out.cells or self.out.captured):
            name = self.random.choice((*self.out.captured, *self.out.cells))
            if self.chance(0.4):
                self.emit("LOAD_CELL", name)
                self.int_(2)
                self.emit("IADD")
            else:
                self.int_(1)
            self.emit("STORE_CELL", name)
        else:
            if self.chance(0.5):
                self.emit("LOAD_GLOBAL", "state")
                self.int_(2)
                self.emit("IADD")
            else:
                self.int_(1)
            self.emit("STORE_GLOBAL", "state" if self.chance(0.9) else "other")

    def goto(self) -> None:
        """A jump to somewhere else at the same depth of the stack, into loops and out of them."""
        near = [label for label, cursors in self.placed if cursors == self.cursors]
        if near and self.chance(0.5):
            label = self.random.choice(near)
        else:
            label = self.label()
            self.wanted.append((label, self.cursors))
        self.condition(label, True)

    def leave(self) -> None:
        if not self.chance(0.5):
            self.int_(1)
            self.emit("RETURN")
        elif self.breaks and self.chance(0.7):
            end, again, depth = self.breaks[-1]
            skip = self.label()
            self.condition(skip, True)
            if self.chance(0.5):
                for _ in range(len(self.cursors) - depth):
                    self.emit("POP")
                self.emit("JUMP", end)
            else:
                self.emit("JUMP", again)
            self.out.label(skip)
            return
        else:
            self.emit("LOAD_GLOBAL", self.random.choice(ERRORS))
            self.int_(1)
            self.emit("CALL", 1)
            self.emit("RAISE")
        self.out.label(label := self.label())
        # What follows is reached through this only, or not at all.
        self.placed.append((label, self.cursors))

    def if_(self) -> None:
        other, end = self.label(), self.label()
        self.condition(other, False)
        self.body(self.random.randint(1, 3))
        if self.chance(0.5):
            self.emit("JUMP", end)
            self.out.label(other)
            self.body(self.random.randint(1, 2))
            self.out.label(end)
        else:
            self.out.label(other)

    def while_(self) -> None:
        head, end = self.label(), self.label()
        counter = self.random.choice(INTS)
        if self.chance(0.7):
            self.emit("LOAD_CONST", 0)
            self.emit("STORE_LOCAL", counter)
        self.out.label(head)
        if self.chance(0.8):
            self.emit("LOAD_LOCAL", counter)
            self.emit("LOAD_CONST", self.random.choice((1, 2, 3, 4, 4, 15)))
            self.emit("LT")
            self.emit("JUMP_IF_FALSE", end)
        else:
            self.condition(end, True)
        self.breaks.append((end, head, len(self.cursors)))
        self.body(self.random.randint(1, 3))
        self.breaks.pop()
        self.emit("LOAD_LOCAL", counter)
        self.emit("LOAD_CONST", 1)
        self.emit("IADD")
        self.emit("STORE_LOCAL", counter)
        self.emit("JUMP", head)
        self.out.label(end)

    def for_(self) -> None:
        head, done, end = self.label(), self.label(), self.label()
        pick = self.random.randrange(4)
        if pick < 2:
            self.emit("LOAD_GLOBAL", "range")
            self.emit("LOAD_CONST", self.random.choice((0, 1, 2, 3, 4, 4, 12, 40)))
            self.emit("CALL", 1)
        elif pick == 2:
            self.emit("LOAD_LOCAL", "xs")
            self.emit("GETATTR", "copy")
            self.emit("CALL", 0)
        elif self.chance(0.2):
            self.value(1)
        else:
            count = self.random.randrange(4)
            for _ in range(count):
                self.int_(2)
            self.emit("BUILD_TUPLE", count)
        self.emit("ITER")
        outer = self.cursors
        self.out.label(head)
        self.emit("FOR_ITER", done)
        self.cursors = (*outer, self.module.labels)
        self.breaks.append((end, head, len(outer)))
        if self.chance(0.05):
            self.emit("UNPACK", 2)
            self.emit("STORE_LOCAL", "u")
        self.emit("STORE_LOCAL", self.random.choice(INTS if pick < 2 else VALUES))
        if self.chance(0.1):
            # The cursor is used once more, beside the loop's own use.
            self.emit("COPY", 1)
            self.emit("STORE_LOCAL", "late")
        self.body(self.random.randint(1, 3))
        self.breaks.pop()
        self.emit("JUMP", head)
        for label, cursors in list(self.wanted):
            if cursors == self.cursors:
                self.out.label(label)
                self.wanted.remove((label, cursors))
                self.emit("JUMP", head)
        self.cursors = outer
        self.out.label(done)
        if self.chance(0.3):
            self.body(1)
        self.out.label(end)

    def try_(self) -> None:
        start, stop, target, end = (self.label() for _ in range(4))
        self.out.label(start)
        self.emit("LOAD_CONST", 1)
        self.emit("STORE_LOCAL", self.random.choice(INTS))
        self.body(self.random.randint(1, 3))
        self.emit("JUMP", end)
        self.out.label(stop)
        self.out.handler(start, stop, target, len(self.cursors))
        self.out.label(target)
        pick = self.random.randrange(4)
        if pick == 0:
            self.emit("STORE_LOCAL", self.random.choice(VALUES))
        elif pick == 1:
            self.emit("POP")
        else:
            other = self.label()
            self.emit("COPY", 1)
            if self.chance(0.2):
                self.emit("LOAD_GLOBAL", self.random.choice(ERRORS))
                self.emit("LOAD_GLOBAL", self.random.choice(ERRORS))
                self.emit("BUILD_TUPLE", 2)
            else:
                self.emit("LOAD_GLOBAL", self.random.choice((*ERRORS, "Exception", "Exception", "nowhere")))
            self.emit("MATCH")
            self.emit("JUMP_IF_FALSE", other)
            self.emit("STORE_LOCAL", self.random.choice(("u", "late")))
            self.body(1)
            self.emit("JUMP", end)
            self.out.label(other)
            if self.chance(0.3):
                self.emit("STORE_LOCAL", "late")
                self.body(1)
                self.emit("LOAD_LOCAL", "late")
                self.emit("CHECK_BOUND", "late")
            self.emit("RAISE")
        self.body(self.random.randint(0, 2))
        self.out.label(end)

    def finish(self) -> None:
        for label, cursors in self.wanted:
            if not cursors:
                self.out.label(label)
        self.value(1)
        self.emit("RETURN")
        for label, cursors in self.wanted:
            if cursors:
                self.out.label(label)
                self.emit("LOAD_CONST", "stray")
                self.emit("RETURN")


class _Module:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.builder = BytecodeBuilder(f"random{seed}", "random.zxa")
        self.line = 0
        self.labels = 0
        self.names: list[str] = []
        self.params: dict[str, int] = {}
        self.inner: dict[str, list[str]] = {}

    def make(self) -> Module:
        self.params = {f"f{number}": self.random.randint(0, 2) for number in range(self.random.randint(0, 2))}
        self.params["main"] = 2
        for name, params in self.params.items():
            self.function(name, params, self.chance(0.3 if name == "main" else 0.4))
        return self.builder.build()

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def function(self, name: str, params: int, has_inner: bool) -> None:
        given = INTS[:params] if name != "main" else ("i", "xs")
        if has_inner and name != "main" and self.chance(0.4):
            given = (*given, "c")
            self.params[name] += 1
        if has_inner:
            self.inner[name] = [f"{name}_in"]
            inner = self.begin(f"{name}_in", ("i",)[: self.random.randrange(2)])
            inner.out.captured.extend(("c", "d"))
            inner.depth = 3
            inner.body(self.random.randint(1, 3))
            inner.finish()
        made = self.begin(name, given)
        if has_inner:
            made.out.cells.extend(("c", "d"))
            for cell in ("c", "d"):
                if self.chance(0.9):
                    made.int_(2)
                    made.emit("STORE_CELL", cell)
        made.body(self.random.randint(2, 6))
        made.finish()
        self.names.append(name)

    def begin(self, name: str, given: tuple[str, ...]) -> _Function:
        made = _Function(self, name, given, 0)
        if "late" not in made.out.locals:
            made.out.locals.append("late")
        for local in (*INTS, *VALUES, "xs"):
            if local in given:
                continue
            if local == "xs":
                made.emit("LOAD_CONST", 3)
                made.emit("LOAD_CONST", 0)
                made.emit("BUILD_LIST", 2)
            else:
                made.emit("LOAD_CONST", self.random.choice((0, 1, 5)) if local in INTS else None)
            made.emit("STORE_LOCAL", local)
        return made


def module(seed: int) -> Module:
    """A random module whose `main` takes two arguments.

    Its functions call `log` and read and write the globals `state` and `other`. It may run for ever, and it may be
    refused by the verifier where code stands that nothing reaches.

    Raises:
        InvalidCode: it breaks a law of the stack form; few do.
    """
    return _Module(seed).make()
