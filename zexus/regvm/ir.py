"""The register form: values, instructions, basic blocks and functions, in SSA or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from zexus import ops
from zexus.records import dataclass


class Value:
    """A register: in SSA form one definition, otherwise a place that several instructions may write.

    Attributes:
        number: its name in the text form, `v<number>`.
        type: its payload ("i64", "f64", "i1", "ptr") in typed functions, "" where values are general objects.
    """

    __slots__ = ("number", "type")

    def __init__(self, number: int, type: str = "") -> None:
        self.number = number
        self.type = type

    def __repr__(self) -> str:
        return f"v{self.number}"


# From which bit on an element of a call path says which function was called.
_VARIANT = 24


@dataclass(frozen=True)
class Context:
    """Where an instruction comes from: a Code, inlined at `call_index` of `parent`.

    `constructs`: it sets up a new object, which is what the call answers, and which its register holds meanwhile.
    `answer`: what becomes of what it answers, where that is not what the operation answers that has called it.
    `variant`: which of the functions that were called there it is; `copy`: which copy of the call it was inlined at.
    """

    code: Any
    parent: Context | None = None
    call_index: int = -1
    constructs: bool = False
    answer: Any = None
    variant: int = 0
    copy: int = 0

    @property
    def path(self) -> tuple[int, ...]:
        """The call sites from the outermost function inwards: the key under which the recorder files."""
        return () if self.parent is None else (*self.parent.path, step(self.call_index, self.variant))

    @property
    def site(self) -> Site | None:
        """Where it was inlined: the function, the call and which copy of that; None for the outermost function."""
        return None if self.parent is None else (self.parent, self.call_index, self.copy)


Site = tuple[Context, int, int]


def step(index: int, variant: int) -> int:
    """An element of a call path: the call, and which of the functions that were called there."""
    return index + (variant << _VARIANT)


def index_of(element: int) -> int:
    """The instruction of an element that `step` made."""
    return element & ((1 << _VARIANT) - 1)


@dataclass
class FrameState:
    """One canonical frame of a snapshot: which value each live register of the interpreted function has.

    Attributes:
        context: the function, and where it was called from.
        index: the instruction at which interpretation goes on.
        after: True when that instruction has had its effect; its result is then `result`.
        registers: register number of the interpreted function -> what it holds.
    """

    context: Context
    index: int
    after: bool
    registers: dict[int, Any]
    result: Any = None


@dataclass(frozen=True)
class Variant:
    """What a copy of an instruction is for.

    Attributes:
        seen: the case under which the recorder filed what it saw, -1 for none; None: it is for all of them.
        callee: which of the callees it calls, -1 for none; None likewise.
        copy: which of the copies it is.
    """

    seen: int | None
    callee: int | None
    copy: int


@dataclass(eq=False)
class Exit:
    """A way out of a typed function.

    Attributes:
        number: its name; what the native code answers.
        code: the stable code of its reason.
        leaves: the live values, each with the kind of box it gets.
        frames: how the interpreter's frames are rebuilt from the leaves (innermost last); None after parsing.
    """

    number: int
    code: str
    leaves: list[tuple[Value, str]]
    frames: list[FrameState] | None = None
    line: int = 0
    pc: int = 0


class Instr:
    """One operation.

    Attributes:
        op: its row's name in the table of opcodes.
        args: operands.
        dest: the value it makes, or None.
        imm: the immediate operand: a literal.
        targets: successor blocks, for terminators.
        index: position in the interpreted function (see `machine`), -1 for what has none.
        context: the function it comes from.
        env: in generic SSA, what the live registers hold before this instruction.
        variant: of a copy for one of the classes of objects that were seen there, which it is for.
        exit: in typed functions, where it leaves to.
        facts: what has been proven: "nowrap" (the result fits), "inbounds" (index < length), "nonneg" (no operand
            is negative), "small" (the operand is an exact float), "constant" (nothing ever assigns the global);
            or "wraps" (the result is the lowest 64 bits of what may not fit, and there is no exit);
            or "handled" (a handler in the function takes what Python raises in place of this exit);
            or what was seen: of a branch "likely" (nearly always to its first target) or "unlikely" (nearly never),
            of an argument "near" (always near enough to zero to count from);
            or "called" (of an operation in the place of a call: the function was its first operand).
    """

    __slots__ = ("args", "context", "dest", "env", "exit", "facts", "imm", "index", "op", "targets", "variant")

    def __init__(self, op: str, args: list[Value], dest: Value | None = None, imm: Any = None,
                 targets: list[Block] | None = None, index: int = -1, context: Context | None = None) -> None:
        self.op = op
        self.args = args
        self.dest = dest
        self.imm = imm
        self.targets = targets or []
        self.index = index
        self.context = context
        self.env: dict[int, Value] | None = None
        self.exit: Exit | None = None
        self.facts: frozenset[str] = frozenset()
        self.variant: Variant | None = None

    @property
    def row(self) -> ops.Op:
        return ops.OPS[self.op]

    def __repr__(self) -> str:
        dest = f"{self.dest} = " if self.dest else ""
        return f"<{dest}{self.op} {self.args} {self.imm if self.imm is not None else ''}>"


class Phi:
    """The value that a block's predecessor decides: `incoming[predecessor]`."""

    __slots__ = ("dest", "incoming", "register")

    def __init__(self, dest: Value, register: int = -1) -> None:
        self.dest = dest
        self.register = register
        self.incoming: dict[Block, Value] = {}

    def __repr__(self) -> str:
        return f"<{self.dest} = PHI {self.incoming}>"


class Block:
    """A basic block: phis, then instructions, the last of which is the terminator.

    Attributes:
        catches: the handler that the exceptions of its instructions go to; None where they leave the function.
            A handler begins with CAUGHT, and no terminator names it. In SSA form its phis take the values at the
            beginning of the block that catches, behind that block's own phis.
    """

    __slots__ = ("catches", "instrs", "loop", "number", "phis")

    def __init__(self, number: int) -> None:
        self.number = number
        self.phis: list[Phi] = []
        self.instrs: list[Instr] = []
        self.loop = False
        self.catches: Block | None = None

    @property
    def terminator(self) -> Instr:
        return self.instrs[-1]

    @property
    def successors(self) -> list[Block]:
        return self.instrs[-1].targets if self.instrs else []

    def __repr__(self) -> str:
        return f"bb{self.number}"


@dataclass
class Function:
    """Blocks, the first of which is the entry.

    Attributes:
        name: the user's name for it, with the line: only for people.
        form: "register" (values are places), "ssa" (generic objects) or "typed" (SSA, machine payloads).
        params: the values that the caller sets.
        registers: in allocated functions, how many registers there are: values of smaller numbers are registers, the
            others slots and constants (see `allocate`).
        refs: in typed functions, how each object that the code refers to is found, in words.
        consts: in generic SSA, the objects that CONST names by index.
    """

    name: str
    form: str = "ssa"
    params: list[Value] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    consts: list[Any] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    next_value: int = 0
    next_block: int = 0
    registers: int = 0

    def value(self, type: str = "") -> Value:
        """A fresh value."""
        made = Value(self.next_value, type)
        self.next_value += 1
        return made

    def block(self) -> Block:
        """A fresh block, appended."""
        made = Block(self.next_block)
        self.next_block += 1
        self.blocks.append(made)
        return made

    @property
    def entry(self) -> Block:
        return self.blocks[0]

    def instructions(self) -> Iterator[Instr]:
        """All instructions, block by block."""
        for block in self.blocks:
            yield from block.instrs

    def substitute(self, replaced: Mapping[Value, Value]) -> None:
        """Use `replaced[v]` (and what that is replaced by) wherever `v` is used, in snapshots too."""

        def find(value: Value) -> Value:
            while value in replaced:
                value = replaced[value]
            return value

        for block in self.blocks:
            for phi in block.phis:
                phi.incoming = {source: find(v) for source, v in phi.incoming.items()}
            for instr in block.instrs:
                instr.args = [find(v) for v in instr.args]
                if instr.env:
                    instr.env = {register: find(v) for register, v in instr.env.items()}
        for way in self.exits:
            way.leaves = [(find(v), kind) for v, kind in way.leaves]

