"""Random programs in the forms that the machines run: control-flow graphs of any shape."""

from __future__ import annotations

import random
from typing import Any

from zexus.bytecode import Code, Handler, Instruction, verify

_ARITHMETIC = ("ADD", "SUB", "MUL", "FLOORDIV", "MOD", "AND", "OR", "XOR", "IADD", "ISUB")
_COMPARES = ("LT", "LE", "EQ", "NE", "GT", "GE", "IS", "IN")
_MODULUS = 1009


class _Graph:
    """One random function in the making: straight pieces of code, and jumps from any to any."""

    def __init__(self, source: random.Random) -> None:
        self.random = source
        self.count = source.randint(2, 6)
        self.names = tuple(f"x{n}" for n in range(self.count))
        # The last two hold the steps that are left, and an iterator.
        self.code = Code("graph", "graph", "graph.py", 1, (*self.names, "steps", "it"), source.randint(0, self.count))
        self.labels: list[int] = []

    def emit(self, op: str, arg: Any = None) -> None:
        self.code.instructions.append(Instruction(op, arg))

    def const(self, value: Any) -> None:
        self.code.consts.append(value)
        self.emit("LOAD_CONST", len(self.code.consts) - 1)

    def any(self) -> int:
        return self.random.randrange(self.count)

    def load(self) -> None:
        if self.random.random() < 0.2:
            self.const(self.random.choice((0, 1, 2, 7, -3, True, None)))
        else:
            self.emit("LOAD_LOCAL", self.any())

    def make(self) -> Code:
        for local in range(self.code.params, self.count):
            self.const(self.random.choice((0, 1, 5, -2)))
            self.emit("STORE_LOCAL", local)
        self.const(self.random.randint(5, 40))
        self.emit("STORE_LOCAL", self.count)
        self.const(())
        self.emit("ITER")
        self.emit("STORE_LOCAL", self.count + 1)
        blocks = self.random.randint(1, 10)
        # Labels first stand for blocks: their instructions are not known yet.
        for block in range(blocks):
            self.labels.append(len(self.code.instructions))
            self.tick()
            for _ in range(self.random.randint(0, 4)):
                self.statement()
            self.end(blocks, block == blocks - 1)
        behind = len(self.code.instructions)
        landings = [self.landing(blocks, behind) for _ in range(self.random.choice((0, 0, 1, 2, 3)))]
        # Inner ones first: no row reaches over the edge of another one.
        for target in sorted(landings, key=lambda row: row[1] - row[0]):
            start, end, index = target
            if any(h.start < end and start < h.end and not (start <= h.start and h.end <= end)
                   for h in self.code.handlers):
                continue
            self.code.handlers.append(Handler(start, end, index, 0))
        for instruction in self.code.instructions:
            if isinstance(instruction.arg, _Label):
                instruction.arg = self.labels[instruction.arg.block]
        verify(self.code)
        return self.code

    def tick(self) -> None:
        """Every block takes a step; without any left the function returns all that it knows."""
        steps = self.count
        self.emit("LOAD_LOCAL", steps)
        self.const(1)
        self.emit("SUB")
        self.emit("COPY", 1)
        self.emit("STORE_LOCAL", steps)
        self.const(0)
        self.emit("GT")
        self.emit("JUMP_IF_TRUE", len(self.code.instructions) + self.count + 3)
        self.leave()

    def leave(self) -> None:
        for local in range(self.count):
            self.emit("LOAD_LOCAL", local)
        self.emit("BUILD_TUPLE", self.count)
        self.emit("RETURN")

    def statement(self) -> None:
        kind = self.random.choice(("compute", "compute", "compute", "compare", "copy", "swap", "note", "many",
                                   "iterate", "deep"))
        if kind == "compute":
            self.load()
            self.load()
            op = self.random.choice(_ARITHMETIC)
            self.emit(op)
            if op == "MUL":
                self.const(_MODULUS)
                self.emit("MOD")
        elif kind == "compare":
            self.load()
            self.load()
            op = self.random.choice(_COMPARES)
            if op == "IN":
                self.emit("BUILD_TUPLE", 1)
            self.emit(op)
        elif kind == "copy":
            self.load()
        elif kind == "swap":
            self.emit("LOAD_LOCAL", self.any())
            self.emit("LOAD_LOCAL", self.any())
            self.emit("SWAP", 2)
            self.emit("STORE_LOCAL", self.any())
        elif kind in ("note", "many"):
            self.emit("LOAD_GLOBAL", "note")
            count = self.random.randint(0, 2) if kind == "note" else self.random.randint(3, 6)
            for _ in range(count):
                self.load()
            self.emit("CALL", count)
        elif kind == "iterate":
            self.load()
            self.load()
            self.emit("BUILD_LIST", 2)
            self.emit("ITER")
            self.emit("COPY", 1)
            self.emit("STORE_LOCAL", self.count + 1)
            self.emit("POP")
            return
        else:
            for _ in range(3):
                self.load()
            self.emit("ADD")
            self.emit("SUB")
        self.emit("STORE_LOCAL", self.any())

    def end(self, blocks: int, last: bool) -> None:
        kind = self.random.choice(("jump", "branch", "branch", "branch", "loop", "leave", "raise", "fall"))
        if last and kind == "fall":
            kind = "leave"
        if kind == "jump":
            self.emit("JUMP", self.label(blocks))
        elif kind == "branch":
            self.load()
            self.load()
            self.emit(self.random.choice(("LT", "EQ", "NE")))
            self.emit(self.random.choice(("JUMP_IF_FALSE", "JUMP_IF_TRUE")), self.label(blocks))
            if last or self.random.random() < 0.7:
                self.emit("JUMP", self.label(blocks))
        elif kind == "loop":
            self.emit("LOAD_LOCAL", self.count + 1)
            self.emit("FOR_ITER", self.label(blocks))
            self.emit("STORE_LOCAL", self.any())
            self.emit("POP")
            self.emit("JUMP", self.label(blocks))
        elif kind == "raise":
            self.emit("LOAD_GLOBAL", "LookupError")
            self.load()
            self.emit("CALL", 1)
            self.emit("RAISE")
        elif kind == "leave":
            self.leave()

    def label(self, blocks: int) -> _Label:
        return _Label(self.random.randrange(blocks))

    def landing(self, blocks: int, behind: int) -> tuple[int, int, int]:
        """A handler: what it covers, and where it begins."""
        first = self.random.randrange(blocks)
        last = self.random.randrange(first, blocks)
        index = len(self.code.instructions)
        if self.random.random() < 0.4:
            self.emit("POP")
        else:
            self.emit("STORE_LOCAL", self.any())
        self.emit("JUMP", self.label(blocks))
        return self.labels[first], self.labels[last + 1] if last + 1 < blocks else behind, index


class _Label:
    def __init__(self, block: int) -> None:
        self.block = block


def graph(seed: int) -> Code:
    """A function with a random control-flow graph, often irreducible, with handlers, that always ends.

    Its locals are numbers at first. It calls the global `note`, with any number of arguments, and uses what that
    returns; it may raise.
    """
    return _Graph(random.Random(seed)).make()


def arguments(code: Code, seed: int) -> list[Any]:
    """What `graph(seed)` can be called with."""
    source = random.Random(~seed)
    return [source.choice((0, 1, 2, 3, -1, 10, 100)) for _ in range(code.params)]
