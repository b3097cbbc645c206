"""Emission: the instructions of a lowering so far, and the names in its sight."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from zexus import bytecode
from zexus.bytecode import Code, Handler, Instruction, Position
from zexus.codes import Unsupported
from zexus.frontend.sites import Scope
from zexus.records import dataclass


class Loop(NamedTuple):
    """A loop that is being lowered.

    Attributes:
        end: where `break` leads.
        again: where `continue` leads.
        held: cursors of it on the stack while its body runs.
        left: cursors that `break` takes from the stack.
    """

    end: Label
    again: Label
    held: int
    left: int


class Label:
    """A jump target that is not yet known."""

    __slots__ = ("index",)

    def __init__(self) -> None:
        self.index = -1


@dataclass(eq=False)
class Guard:
    """A stretch of instructions, still open, whose exceptions go to a handler.

    Attributes:
        start: its first instruction, once more behind each interruption.
        target: where the handler begins.
        handles: the local with the exception that is being handled there, -1 without any.
        leave: emits what control does on its way out by `break`, `continue` or `return`.
        loops: how many loops stand around it.
    """

    start: int
    target: Label
    handles: int
    leave: Callable[[], None] | None
    loops: int


class Emission:
    """One lowering in progress: the instructions so far and the names in sight.

    Args:
        scope: where the names stand.
        code: what is being filled; its `locals` are set at the end.
        params: names of the locals that the caller sets, in order.
        unsure: those of them that may be unbound.
        assigned: in a module, the names that count as locals (the others are globals).
        forced: statements to outline although they could be lowered, by (line, column).
    """

    def __init__(self, scope: Scope, code: Code, params: Sequence[str], unsure: frozenset[str],
                 assigned: frozenset[str] | None, forced: frozenset[tuple[int, int]]) -> None:
        self.scope = scope
        self.code = code
        self.locals: dict[str, int] = {name: i for i, name in enumerate(params)}
        self.bound = set(params) - unsure
        self.assigned = assigned
        self.forced = forced
        self.captured: dict[str, int] = {name: i for i, name in enumerate(code.captured)}
        self.loops: list[Loop] = []
        self.guards: list[Guard] = []
        self.rows: list[tuple[int, int, Label, int, int]] = []
        self.position: Position | None = None
        self.statement = (0, 0)
        self.fresh = 0
        self.spread: dict[str, list[tuple[str, str]]] = {}  # what parameters with stars have collected

    # --- emission ---------------------------------------------------------------------------------

    def emit(self, op: str, arg: Any = None) -> None:
        self.code.instructions.append(Instruction(op, arg, self.position, self.statement))

    def place(self, label: Label) -> None:
        label.index = len(self.code.instructions)

    def at(self, node: ast.AST) -> None:
        if getattr(node, "lineno", None) is None:
            return
        self.position = self.position_of(node)

    def position_of(self, node: Any) -> Position:
        """Where a node stands."""
        end = node.end_lineno or node.lineno
        return Position(node.lineno, end, node.col_offset, node.end_col_offset or 0, getattr(node, "implicit", None))

    def pop(self, count: int) -> None:
        """Take cursors from the stack."""
        for _ in range(count):
            self.emit("POP")

    def const(self, value: Any) -> None:
        for index, known in enumerate(self.code.consts):
            if type(known) is type(value) and repr(known) == repr(value):
                self.emit("LOAD_CONST", index)
                return
        self.constant(value)

    def constant(self, value: Any) -> None:
        """A constant that is this very object."""
        self.code.consts.append(value)
        self.emit("LOAD_CONST", len(self.code.consts) - 1)

    def local(self, name: str) -> int:
        return self.locals.setdefault(name, len(self.locals))

    def hidden(self) -> str:
        self.fresh += 1
        return f".{self.fresh}"

    # --- exceptions -------------------------------------------------------------------------------

    def guard(self, target: Label, handles: str = "", leave: Callable[[], None] | None = None) -> None:
        """Let the exceptions of what follows go to a handler."""
        local = self.local(handles) if handles else -1
        self.guards.append(Guard(len(self.code.instructions), target, local, leave, len(self.loops)))

    def unguard(self) -> None:
        """End what the last `guard` began."""
        self.close(self.guards.pop())

    def close(self, guard: Guard) -> None:
        """A row of the exception table for what a guard has covered since it began."""
        stop = len(self.code.instructions)
        if guard.start < stop:
            depth = sum(loop.held for loop in self.loops[:guard.loops])
            self.rows.append((guard.start, stop, guard.target, depth, guard.handles))

    @contextmanager
    def leaving(self, loops: int) -> Iterator[None]:
        """The way out of the guards that stand in no fewer than `loops` loops, and a jump that they do not cover.

        What a guard emits for that stands where the guard does: out of the loops inside of it, by whose end control
        may go another way. What it assigns has no value where control stays.
        """
        around, inside, bound = self.guards, self.loops, set(self.bound)
        left = [guard for guard in around if guard.loops >= loops]
        for guard in reversed(left):
            self.close(guard)
            self.guards = self.guards[:-1]
            if guard.leave is not None:
                self.pop(sum(loop.held for loop in self.loops[guard.loops:]))
                self.loops = self.loops[:guard.loops]
                guard.leave()
        yield
        self.guards, self.loops, self.bound = around, inside, bound
        for guard in left:
            guard.start = len(self.code.instructions)

    def finish(self) -> Code:
        """Resolve the labels and check the result."""
        self.code.handlers = [Handler(start, stop, target.index, *rest) for start, stop, target, *rest in self.rows]
        for instruction in self.code.instructions:
            if isinstance(instruction.arg, Label):
                instruction.arg = instruction.arg.index
            elif instruction.op == "SWITCH":
                instruction.arg = tuple(label.index for label in instruction.arg)
        for loop in self.code.loops:
            loop.head, loop.done, loop.end = loop.head.index, loop.done.index, loop.end.index
        self.code.locals = tuple(self.locals)
        bytecode.verify(self.code)
        return self.code

    # --- names ------------------------------------------------------------------------------------

    def is_local(self, name: str) -> bool:
        if name.startswith("."):
            return True
        if self.scope.is_module:
            return self.assigned is not None and name in self.assigned
        return name in self.scope.locals

    def is_builtin(self, name: str) -> bool:
        """Whether a name is that of the builtin of this name, as far as the globals tell now."""
        if self.is_local(name) or name in self.scope.cells | self.scope.free:
            return False
        namespace = self.code.namespace
        around = namespace.get("__builtins__", builtins)
        known = around if isinstance(around, dict) else vars(around)
        return namespace.get(name, known.get(name)) is getattr(builtins, name)

    def load(self, name: str, node: ast.AST) -> None:
        if self.is_local(name):
            self.emit("LOAD_LOCAL", self.local(name))
            if name not in self.bound:
                self.emit("CHECK_BOUND", name)
            return
        if name in self.scope.cells or name in self.scope.free:
            if name not in self.captured:
                if self.code.region or name in self.scope.cells:
                    raise Unsupported("ZX015", node, f"{name!r} is captured by a nested function")
                self.captured[name] = len(self.captured)
                self.code.captured = tuple(self.captured)
            self.emit("LOAD_CELL", self.captured[name])
            return
        self.emit("LOAD_GLOBAL", name)

    def store(self, name: str, node: ast.AST) -> None:
        if not self.code.region and name in self.scope.free and name not in self.captured:
            self.captured[name] = len(self.captured)
            self.code.captured = tuple(self.captured)
        if name in self.captured and not self.is_local(name):
            self.emit("STORE_CELL", self.captured[name])
            return
        if not self.is_local(name):
            raise Unsupported("ZX019", node, f"assignment to {name!r}, which is no local variable")
        self.emit("STORE_LOCAL", self.local(name))
        self.bound.add(name)
