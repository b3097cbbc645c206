"""What is left to Python: statements and headers that have no opcodes, and the ways out of what runs there."""

from __future__ import annotations

import ast
from collections.abc import Callable

from zexus import bytecode
from zexus.codes import Unsupported
from zexus.frontend import outline
from zexus.frontend.emission import Label
from zexus.frontend.managing import Managing
from zexus.frontend.scopes import assigned, consumed, read
from zexus.frontend.sites import blamed_for_test

SIGNAL = ".signal"
VALUE = ".value"


class Outlining(Managing):
    """Statements and headers that Python runs, each as one PYBLOCK, and jumps out of loops."""

    def checkpoint(self) -> Callable[[], None]:
        """A function that undoes what is lowered from now on."""
        start, bound = len(self.code.instructions), set(self.bound)
        locals_before, loops, inner = dict(self.locals), list(self.loops), len(self.code.loops)
        guards, rows = [(guard, guard.start) for guard in self.guards], len(self.rows)
        blocks, statement = len(self.code.blocks), self.statement

        def undo() -> None:
            del self.code.instructions[start:]
            self.loops = loops
            del self.code.loops[inner:]
            del self.rows[rows:]
            del self.code.blocks[blocks:]
            self.guards = [guard for guard, _ in guards]
            for guard, covered in guards:
                guard.start = covered
            self.locals, self.bound, self.statement = locals_before, bound, statement

        return undo

    def outlined(self, node: ast.stmt, refusal: Unsupported) -> None:
        """PYBLOCK, its results stored, and control sent where its signal says."""
        if getattr(node, "implicit", None) is not None or hasattr(node, "adds") or hasattr(node, "made"):
            raise refusal  # CPython would run it in another frame, or adds the very object, or knows no such statement
        written = assigned([node])
        looked_at = written if self.guards else written.intersection(self.code.kept)
        catches = bool(looked_at) and not self.scope.is_module and not _assigns_last(node)
        self.left_to_python(node, refusal, catches)
        jumps = [n for n in ast.walk(node) if isinstance(n, (ast.Break, ast.Continue, ast.Return))]
        if not jumps and not catches:
            return
        fall, leave, again, back, raised = Label(), Label(), Label(), Label(), Label()
        self.emit("LOAD_LOCAL", self.local(SIGNAL))
        self.emit("SWITCH", (fall, leave, again, back, *([raised] if catches else [])))
        if catches:
            self.place(raised)
            self.emit("LOAD_LOCAL", self.local(VALUE))
            self.emit("RERAISE")
        self.place(leave)
        if self.loops:
            self.jump_out()
        else:
            self.emit("JUMP", fall)
        self.place(again)
        if self.loops:
            self.jump_on()
        else:
            self.emit("JUMP", fall)
        self.place(back)
        self.emit("LOAD_LOCAL", self.local(VALUE))
        self.give()
        self.place(fall)

    def left_to_python(self, node: ast.stmt, refusal: Unsupported, catches: bool = False) -> None:
        """PYBLOCK, its signal, its value and its results stored."""
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and consumed(call) and isinstance(call.func, ast.Name) \
                    and not self.is_builtin(call.func.id):
                # It may keep the generator, which reads variables that are kept here.
                raise Unsupported("ZX015", call, f"{call.func.id!r} is not the builtin function")
        made = outline.outline(self.scope, [node], self.assigned, catches)
        if self.scope.is_module:
            params = tuple(n for n in made.params if self.is_local(n))
            results = tuple(n for n in made.results if self.is_local(n))
            stray = set(made.results) - set(results)
            if stray:
                raise refusal
        else:
            params, results = made.params, made.results
        for name in (*params, *results):
            self.local(name)
        for name in made.free:
            if name not in self.captured:
                if self.code.region or name in self.scope.cells:
                    raise refusal
                self.captured[name] = len(self.captured)
                self.code.captured = tuple(self.captured)
        self.code.blocks.append(bytecode.Block(params, results, made.free, made, node.lineno))
        self.emit("PYBLOCK", len(self.code.blocks) - 1)
        self.emit("UNPACK", 2 + len(results))
        self.emit("STORE_LOCAL", self.local(SIGNAL))
        self.emit("STORE_LOCAL", self.local(VALUE))
        for name in results:
            self.emit("STORE_LOCAL", self.local(name))
        self.bound -= set(results)

    def header(self, node: ast.expr) -> None:
        """An expression in the header of a statement that holds loops: Python evaluates what has no opcodes."""
        undo = self.checkpoint()
        try:
            if self.statement in self.forced:
                raise Unsupported("ZX018", node)
            self.expr(node)
        except Unsupported as refusal:
            made = any(name.startswith(".") for name in read([node]))
            if made or getattr(node, "implicit", None) is not None or assigned([ast.Expr(node)]):
                raise
            undo()
            self.at(node)
            self.left_to_python(ast.copy_location(ast.Return(node), node), refusal)
            self.emit("LOAD_LOCAL", self.local(VALUE))

    def test(self, node: ast.expr, if_true: Label, if_false: Label, holder: ast.AST) -> None:
        """The condition of a statement that holds loops."""
        undo = self.checkpoint()
        try:
            if self.statement in self.forced:
                raise Unsupported("ZX018", node)
            self.condition(node, if_true, if_false, holder)
        except Unsupported:
            undo()
            self.header(node)
            self.at(blamed_for_test(node, holder))
            self.emit("TRUTH")
            self.emit("JUMP_IF_FALSE", if_false)
            self.emit("JUMP", if_true)

    def jump_out(self) -> None:
        """Break the innermost loop."""
        loop = self.loops[-1]
        with self.leaving(len(self.loops)):
            self.pop(loop.left)
            self.emit("JUMP", loop.end)

    def jump_on(self) -> None:
        """Go on with the innermost loop's next iteration."""
        with self.leaving(len(self.loops)):
            self.emit("JUMP", self.loops[-1].again)

    def give(self) -> None:
        """Return the value on top of the stack."""
        held = self.hidden() if self.guards else ""
        if held:
            self.emit("STORE_LOCAL", self.local(held))
        with self.leaving(0):
            if held:
                self.emit("LOAD_LOCAL", self.local(held))
            self.emit("RETURN")


def holds_loops(node: ast.AST) -> bool:
    """Whether there are loops in a statement."""
    return any(isinstance(inner, (ast.For, ast.While, ast.AsyncFor)) for inner in ast.walk(node))


def _assigns_last(node: ast.stmt) -> bool:
    """Whether nothing of a statement can raise any more when it assigns."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return all(isinstance(target, ast.Name) for target in targets) and not any(
        isinstance(part, ast.NamedExpr) for part in ast.walk(node))
