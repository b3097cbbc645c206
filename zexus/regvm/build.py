"""Code to register form: a register for each local, each stack slot and each constant.

The stack disappears: loads and constants are read where they are used, a value that must survive a block's
end moves to the register of its stack slot.
"""

from __future__ import annotations

from typing import Any

from zexus import bytecode
from zexus.bytecode import Code, Position
from zexus.records import dataclass
from zexus.regvm import liveness
from zexus.regvm.ir import Block, Context, Function, Instr, Value


@dataclass(frozen=True)
class Covered:
    """A row of the exception table in indices of the register form.

    Attributes:
        range: the instructions that are covered.
        target: where the handler begins.
        handles: the register with the exception that is being handled there, -1 without any.
    """

    range: range
    target: int
    handles: int


@dataclass(eq=False)
class Program:
    """What the machine runs and the tracing tier specializes: the register form of one Code.

    Attributes:
        code: where it comes from.
        fn: the register form; `Instr.index` numbers its instructions.
        flat: all instructions by index.
        starts: first index of each block.
        constants: register number -> constant.
        size: number of registers.
        origins: index in the code of what each instruction does a part of.
        positions: source position of each instruction.
        statements: statement of each instruction.
        live: registers live before and after each instruction, constants left out.
        header: index of the region's loop header (0 for functions).
        leaders: index in the code -> index here, for the starts of blocks.
        depths: the stack depth before each instruction of the code.
        handlers: the exception table, innermost first.
    """

    code: Code
    fn: Function
    flat: list[Instr]
    starts: dict[Block, int]
    constants: dict[int, Any]
    size: int
    origins: list[int]
    positions: list[Position | None]
    statements: list[tuple[int, int]]
    live: list[tuple[frozenset[int], frozenset[int]]]
    live_in: dict[Block, frozenset[int]]
    header: int
    leaders: dict[int, int]
    depths: list[int]
    handlers: list[Covered]

    def handling(self, index: int) -> int:
        """The register with the exception that is being handled where an instruction stands, -1 without any."""
        return next((row.handles for row in self.handlers if row.handles >= 0 and index in row.range), -1)


class _Builder:
    def __init__(self, code: Code) -> None:
        self.code = code
        self.depths = bytecode.depths(code)
        self.nlocals = len(code.locals)
        deepest = max((d for d in self.depths if d >= 0), default=0) + 4
        self.const_base = self.nlocals + deepest
        self.size = self.const_base + len(code.consts)
        self.registers = [Value(i) for i in range(self.size)]
        self.fn = Function(code.name, "register", params=self.registers[: code.params])
        self.origins: list[int] = []
        self.positions: list[Position | None] = []
        self.statements: list[tuple[int, int]] = []
        self.flat: list[Instr] = []
        self.stack: list[Value] = []
        self.block: Block
        self.held = 0  # stack entries that the handler of the block reads
        self.at: bytecode.Instruction
        self.origin = 0
        self.context = Context(code)

    def slot(self, depth: int) -> Value:
        return self.registers[self.nlocals + depth]

    def add(self, op: str, args: list[Value], dest: Value | None = None, imm: Any = None,
            targets: list[Block] | None = None) -> None:
        instr = Instr(op, args, dest, imm, targets, len(self.flat), self.context)
        self.flat.append(instr)
        self.block.instrs.append(instr)
        self.origins.append(self.origin)
        self.positions.append(self.at.position)
        self.statements.append(self.at.statement)

    def push(self, op: str, args: list[Value], imm: Any = None) -> None:
        dest = self.slot(len(self.stack))
        self.add(op, args, dest, imm)
        self.stack.append(dest)

    def settle(self) -> None:
        """Move every pending value to the register of its stack slot."""
        pending = [(self.slot(d), v) for d, v in enumerate(self.stack) if v is not self.slot(d)]
        sources = {v.number for _, v in pending}
        if any(target.number in sources for target, _ in pending):
            spare = [self.registers[self.nlocals + len(self.stack) + i] for i in range(len(pending))]
            for register, (_, value) in zip(spare, pending, strict=True):
                self.add("MOVE", [value], register)
            pending = [(t, r) for (t, _), r in zip(pending, spare, strict=True)]
        for target, value in pending:
            self.add("MOVE", [value], target)
        self.stack = [self.slot(d) for d in range(len(self.stack))]

    def hold(self) -> None:
        """Move what a handler reads to the registers of its slots, as soon as it is there."""
        for depth, value in enumerate(self.stack[: self.held]):
            if value is not self.slot(depth):
                self.clobber(self.slot(depth))
                self.add("MOVE", [value], self.slot(depth))
                self.stack[depth] = self.slot(depth)

    def clobber(self, register: Value) -> None:
        """Before `register` is written: save the stack entries that still mean its old value."""
        for depth, value in enumerate(self.stack):
            if value is register:
                self.add("MOVE", [value], self.slot(depth))
                self.stack[depth] = self.slot(depth)

    def build(self) -> Program:
        code = self.code
        leaders = {0}
        for index, instruction in enumerate(code.instructions):
            if self.depths[index] < 0:
                continue
            following = bytecode.successors(code, index)
            if bytecode.targets(instruction):
                leaders.update(following)
        handlers = [h for h in code.handlers if any(self.reached(index) for index in range(h.start, h.end))]
        leaders.update(edge for h in handlers for edge in (h.start, h.end, h.target) if self.reached(edge))
        ordered = sorted(leaders)
        entry = self.fn.block()
        blocks = {leader: self.fn.block() for leader in ordered}
        pads: dict[tuple[int, int], Block] = {}
        held: dict[int, int] = {}
        for handler in handlers:
            pad = pads.get((handler.target, handler.depth)) or self.fn.block()
            pads[handler.target, handler.depth] = pad
            for leader in ordered:
                if handler.start <= leader < handler.end and blocks[leader].catches is None:
                    blocks[leader].catches = pad
                    held[leader] = handler.depth
        self.block, self.at = entry, code.instructions[0]
        self.add("JUMP", [], targets=[blocks[0]])
        for position, leader in enumerate(ordered):
            stop = ordered[position + 1] if position + 1 < len(ordered) else len(code.instructions)
            self.block, self.held = blocks[leader], held.get(leader, 0)
            self.stack = [self.slot(d) for d in range(self.depths[leader])]
            self.run(leader, stop, blocks)
        for (target, depth), pad in pads.items():
            self.block, self.at, self.origin = pad, code.instructions[target], target
            self.add("CAUGHT", [], self.slot(depth))
            self.add("JUMP", [], targets=[blocks[target]])
        constants = {self.const_base + i: value for i, value in enumerate(code.consts)}
        kept = frozenset(code.locals.index(name) for name in code.kept)
        kept |= {self.slot(depth).number for depth in range(code.held)}
        starts = {block: block.instrs[0].index for block in self.fn.blocks}
        table = [Covered(self.covered(handler, starts, blocks), starts[pads[handler.target, handler.depth]],
                         handler.handles) for handler in handlers]
        handled = {block: frozenset(row.handles for row in table if row.handles >= 0 and start in row.range)
                   for block, start in starts.items()}
        entry_live = liveness.live_in(self.fn, kept, handled)
        live: list[tuple[frozenset[int], frozenset[int]]] = [(frozenset(), frozenset())] * len(self.flat)
        known = frozenset(constants)
        for block in self.fn.blocks:
            if block not in entry_live:
                continue
            around = liveness.around(block, entry_live, kept | handled[block])
            for instr, (before, after) in zip(block.instrs, around, strict=True):
                live[instr.index] = (before - known, after - known)
        header = starts[blocks[0]]
        if code.region and code.instructions[0].op == "LOAD_LOCAL" and code.instructions[1].op == "FOR_ITER":
            header = starts[blocks[1]] if 1 in blocks else header
        return Program(code, self.fn, self.flat, starts, constants, self.size, self.origins, self.positions,
                       self.statements, live, {b: r - known for b, r in entry_live.items()}, header,
                       {leader: starts[block] for leader, block in blocks.items()}, self.depths, table)

    def reached(self, index: int) -> bool:
        return index < len(self.depths) and self.depths[index] >= 0

    def covered(self, handler: bytecode.Handler, starts: dict[Block, int], blocks: dict[int, Block]) -> range:
        covered = [starts[block] for leader, block in blocks.items() if handler.start <= leader < handler.end]
        behind = [start for start in starts.values() if start > max(covered)]
        return range(min(covered), min(behind, default=len(self.flat)))

    def run(self, leader: int, stop: int, blocks: dict[int, Block]) -> None:
        for index in range(leader, stop):
            self.at, self.origin = self.code.instructions[index], index
            for part in bytecode.split(self.at):
                if self.step(part, index, blocks):
                    return
                self.hold()
        self.settle()
        self.add("JUMP", [], targets=[blocks[stop]])

    def step(self, instruction: bytecode.Instruction, index: int, blocks: dict[int, Block]) -> bool:
        """Translate one instruction; True when it ended the block."""
        op, arg, stack = instruction.op, instruction.arg, self.stack
        if op == "LOAD_LOCAL":
            stack.append(self.registers[arg])
        elif op == "LOAD_CONST":
            stack.append(self.registers[self.const_base + arg])
        elif op == "STORE_LOCAL":
            value = stack.pop()
            self.clobber(self.registers[arg])
            self.add("MOVE", [value], self.registers[arg])
        elif op == "POP":
            stack.pop()
        elif op == "NOP":
            pass
        elif op == "COPY":
            stack.append(stack[-arg])
        elif op == "SWAP":
            stack[-1], stack[-arg] = stack[-arg], stack[-1]
            self.distinct()
        elif op == "STORE_ITEM":
            key, owner, value = stack.pop(), stack.pop(), stack.pop()
            self.add("SETITEM", [owner, key, value])
        elif op == "CHECK_BOUND":
            self.add("CHECK_BOUND", [stack[-1]], stack[-1], arg)
        elif op == "UNPACK":
            self.unpack(arg)
        elif op == "PYBLOCK":
            params = [self.registers[self.code.locals.index(n)] for n in self.code.blocks[arg].params]
            self.push_guarded("PYBLOCK", params, (len(params), arg))
        elif op == "JUMP":
            self.settle()
            self.add("JUMP", [], targets=[blocks[arg]])
            return True
        elif op in ("JUMP_IF_FALSE", "JUMP_IF_TRUE"):
            test = stack.pop()
            self.settle_keeping(test)
            taken, following = blocks[arg], blocks[index + 1]
            self.add("BRANCH", [self.test], targets=[following, taken] if op == "JUMP_IF_FALSE" else [taken, following])
            return True
        elif op == "SWITCH":
            test = stack.pop()
            self.settle_keeping(test)
            self.add("SWITCH", [self.test], targets=[blocks[t] for t in arg])
            return True
        elif op == "FOR_ITER":
            self.for_iter(blocks[arg])
        elif op in ("RETURN", "RAISE", "RERAISE"):
            # A `finally` around the region may look at its variables.
            kept = self.code.results if op == "RETURN" and self.code.region and self.code.kept else ()
            self.add(op, [stack.pop(), *(self.registers[self.code.locals.index(name)] for name in kept)])
            return True
        elif op == "LEAVE":
            names = [self.registers[self.code.locals.index(n)] for n in self.code.results if n in self.code.locals]
            self.add("LEAVE", names, imm=arg)
            return True
        elif op == "YIELD":
            value = stack.pop()
            names = [self.registers[self.code.locals.index(n)] for n in self.code.results]
            self.add("YIELD", [value, *names, *stack])
            return True
        else:
            self.plain(instruction)
        return False

    def plain(self, instruction: bytecode.Instruction) -> None:
        pops, pushes = bytecode.stack_effect(instruction)
        args = self.stack[len(self.stack) - pops:] if pops else []
        del self.stack[len(self.stack) - pops:]
        if not pushes:
            self.add(instruction.op, args, imm=instruction.arg)
            return
        self.push_guarded(instruction.op, args, instruction.arg)

    def push_guarded(self, op: str, args: list[Value], imm: Any) -> None:
        """Push a result whose slot register may still be an entry deeper in the stack (after SWAP)."""
        dest = self.slot(len(self.stack))
        self.clobber(dest)
        self.add(op, args, dest, imm)
        self.stack.append(dest)

    def distinct(self) -> None:
        """After SWAP a slot's register may stand at another depth; put pending values where nothing overwrites them."""
        base = self.nlocals
        if any(base <= v.number < self.const_base and v is not self.slot(d) for d, v in enumerate(self.stack)):
            self.settle()

    def settle_keeping(self, test: Value) -> None:
        """Settle while `test`, already popped, stays readable as `self.test`."""
        self.test = test
        if any(v is not self.slot(d) and self.slot(d) is test for d, v in enumerate(self.stack)):
            spare = self.registers[self.nlocals + len(self.stack) + 2]
            self.add("MOVE", [test], spare)
            self.test = spare
        self.settle()

    def unpack(self, count: int) -> None:
        value = self.stack.pop()
        base = len(self.stack)
        holder = self.slot(base + count) if base + count + self.nlocals < self.const_base else self.slot(base)
        self.clobber(holder)
        self.add("UNPACK", [value], holder, count)
        for position in reversed(range(count)):
            dest = self.slot(base + count - 1 - position)
            if dest is holder and position:
                raise bytecode.InvalidCode(f"{self.code.name}: stack too deep for UNPACK {count}")
            self.clobber(dest)
            self.add("ITEM", [holder], dest, position)
            self.stack.append(dest)

    def for_iter(self, done: Block) -> None:
        """The loop's test, and the next value on the stack; what is behind it is a block of its own."""
        self.settle()
        cursor = self.stack[-1]
        test = self.slot(len(self.stack))
        self.add("HAS_NEXT", [cursor], test)
        inside = self.fn.block()
        inside.catches = self.block.catches
        self.add("BRANCH", [test], targets=[inside, done])
        self.block = inside
        self.add("VALUE", [cursor], test)
        self.add("ADVANCE", [cursor], cursor)
        self.stack.append(test)


def build(code: Code) -> Program:
    """The register form of `code`."""
    return _Builder(code).build()
