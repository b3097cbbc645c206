"""Comprehensions as loops: lists, and generator expressions that a builtin function consumes on the spot."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from zexus.codes import Unsupported
from zexus.frontend import outline
from zexus.frontend.emission import Label
from zexus.frontend.expressions import COMPARE, Expressions
from zexus.frontend.scopes import Comprehension, comprehension_targets, consumed, read
from zexus.frontend.sites import blames_loops

# From 3.12 on comprehensions have no frame of their own, and `sum` adds floats with a compensation.
_MODERN = sys.version_info >= (3, 12)
_GENERATOR = "<genexpr>"
# The name of an implicit frame and where the frame around it stands; None for that frame itself.
_Frame = tuple[str, ast.expr] | None


class Comprehensions(Expressions):
    """Their expressions."""

    def expr_ListComp(self, node: ast.ListComp) -> None:
        self.first(node)
        self.listed(node, None if _MODERN else ("<listcomp>", node), node)

    def expr_Call(self, node: ast.Call) -> None:
        if not self.consumer(node):
            super().expr_Call(node)

    # --- generator expressions ------------------------------------------------------------------------

    def consumer(self, node: ast.Call) -> bool:
        """Lower a call that consumes a generator expression, if it is one with a form as a loop."""
        source = consumed(node)
        if source is None or not isinstance(node.func, ast.Name) or len(node.args) > 1:
            return False
        method = getattr(self, "consume_" + node.func.id, None)
        if method is None or not self.is_builtin(node.func.id):
            return False
        other, end = Label(), Label()
        self.at(node.func)
        self.load(node.func.id, node.func)
        self.const(getattr(builtins, node.func.id))
        self.emit("IS")
        self.emit("JUMP_IF_FALSE", other)
        self.first(source)
        method(source, node)
        self.emit("JUMP", end)
        self.place(other)
        self.called(source, node)
        self.place(end)
        return True

    def is_builtin(self, name: str) -> bool:
        """Whether a name is that of the builtin of this name, as far as the globals tell now."""
        if self.is_local(name) or name in self.renamed or name in self.scope.cells | self.scope.free:
            return False
        namespace = self.code.namespace
        around = namespace.get("__builtins__", builtins)
        known = around if isinstance(around, dict) else vars(around)
        return namespace.get(name, known.get(name)) is getattr(builtins, name)

    def called(self, source: ast.GeneratorExp, node: ast.Call) -> None:
        """The call as it stands: the name has come to mean something else."""
        names = sorted(name for name in read([source], self.scope.owner)
                       if name in self.renamed or self.is_local(name) or name in self.scope.cells | self.scope.free)
        self.at(node.func)
        self.load(node.func.id, node.func)  # type: ignore[attr-defined]
        self.const(outline.generator(self.scope, source, names, self.code.namespace))
        self.expr(source.generators[0].iter)
        for name in names:
            self.load(name, source)
        self.emit("CALL", 1 + len(names))
        self.at(node)
        self.emit("CALL", 1)

    def consume_list(self, source: ast.GeneratorExp, node: ast.Call) -> None:
        self.listed(source, (_GENERATOR, node), node)

    def consume_sum(self, source: ast.GeneratorExp, node: ast.Call) -> None:
        if _MODERN:
            raise Unsupported("ZX019", node, "a sum that is compensated for floats")
        total, item = self.hidden(), self.hidden()
        self.const(0)
        self.emit("STORE_LOCAL", self.local(total))

        def add() -> None:
            self.expr(source.elt)
            self.emit("STORE_LOCAL", self.local(item))
            with self.outside(node):
                self.emit("LOAD_LOCAL", self.local(total))
                self.emit("LOAD_LOCAL", self.local(item))
                self.emit("ADD")
                self.emit("STORE_LOCAL", self.local(total))

        self.loops_of(source, (_GENERATOR, node), add)
        self.emit("LOAD_LOCAL", self.local(total))

    def consume_any(self, source: ast.GeneratorExp, node: ast.Call) -> None:
        self.searched(source, node, "JUMP_IF_TRUE", True)

    def consume_all(self, source: ast.GeneratorExp, node: ast.Call) -> None:
        self.searched(source, node, "JUMP_IF_FALSE", False)

    def searched(self, source: ast.GeneratorExp, node: ast.Call, jump: str, answer: bool) -> None:
        """`answer` from the first item whose truth lets `jump` jump, else the opposite."""
        found, end = Label(), Label()

        def test() -> None:
            self.expr(source.elt)
            with self.outside(node):
                self.emit("TRUTH")
                self.emit(jump, found)

        self.loops_of(source, (_GENERATOR, node), test)
        self.const(not answer)
        self.emit("JUMP", end)
        self.place(found)
        for _ in source.generators:
            self.emit("POP")
        self.const(answer)
        self.place(end)

    def consume_min(self, source: ast.GeneratorExp, node: ast.Call) -> None:
        self.best(source, node, COMPARE[ast.Lt])

    def consume_max(self, source: ast.GeneratorExp, node: ast.Call) -> None:
        self.best(source, node, COMPARE[ast.Gt])

    def best(self, source: ast.GeneratorExp, node: ast.Call, better: str) -> None:
        """The first item that no other one is `better` than; the body of the loop stands there twice."""
        if len(source.generators) > 1:
            raise Unsupported("ZX019", node, "the least or largest of several loops")
        (generator,) = source.generators
        best, item = self.hidden(), self.hidden()
        again, onward, empty, done, end = Label(), Label(), Label(), Label(), Label()
        with self.inside(source, (_GENERATOR, node)):
            self.place(again)
            self.drawn(source, generator, again, empty)
            self.expr(source.elt)
            self.emit("STORE_LOCAL", self.local(best))
            self.place(onward)
            self.drawn(source, generator, onward, done)
            self.expr(source.elt)
            self.emit("STORE_LOCAL", self.local(item))
            with self.outside(node):
                self.emit("LOAD_LOCAL", self.local(item))
                self.emit("LOAD_LOCAL", self.local(best))
                self.emit(better)
                self.emit("TRUTH")
                self.emit("JUMP_IF_FALSE", onward)
                self.emit("LOAD_LOCAL", self.local(item))
                self.emit("STORE_LOCAL", self.local(best))
                self.emit("JUMP", onward)
        self.place(empty)
        self.at(node)
        self.const(getattr(builtins, node.func.id))  # type: ignore[attr-defined]
        self.const(())
        self.emit("CALL", 1)  # it says that there is none
        self.emit("JUMP", end)
        self.place(done)
        self.emit("LOAD_LOCAL", self.local(best))
        self.place(end)

    # --- their loops ------------------------------------------------------------------------------------

    def first(self, node: Comprehension) -> None:
        """The outermost iterator, which the scope around makes."""
        self.expr(node.generators[0].iter)
        self.at(node if blames_loops() else node.generators[0].iter)
        self.emit("ITER")

    def listed(self, node: ast.ListComp | ast.GeneratorExp, frame: _Frame, adding: ast.expr) -> None:
        """A list of the items."""
        target = self.hidden()
        with self.framed(frame if isinstance(node, ast.ListComp) else None):
            self.at(adding)
            self.emit("BUILD_LIST", 0)
            self.emit("STORE_LOCAL", self.local(target))

        def add() -> None:
            self.emit("LOAD_LOCAL", self.local(target))
            self.expr(node.elt)
            self.at(node)
            self.emit("LIST_ADD")

        self.loops_of(node, frame, add)
        self.at(node)
        self.emit("LOAD_LOCAL", self.local(target))

    def loops_of(self, node: ast.ListComp | ast.GeneratorExp, frame: _Frame, each: Callable[[], None]) -> None:
        """All loops of a comprehension, whose outermost iterator is on the stack; `each` lowers what an item takes."""
        with self.inside(node, frame):
            self.loop(node, node.generators, each)

    def loop(self, node: ast.expr, generators: Sequence[ast.comprehension], each: Callable[[], None]) -> None:
        generator, *others = generators
        head, done = Label(), Label()
        self.place(head)
        self.drawn(node, generator, head, done)
        if others:
            self.expr(others[0].iter)
            self.at(node if blames_loops() else others[0].iter)
            self.emit("ITER")
            self.loop(node, others, each)
        else:
            each()
        self.emit("JUMP", head)
        self.place(done)

    def drawn(self, node: ast.expr, generator: ast.comprehension, again: Label, done: Label) -> None:
        """The next item that passes the tests, assigned; to `done` if there is none."""
        self.at(node if blames_loops() else generator.iter)
        self.emit("FOR_ITER", done)
        self.assign(generator.target)
        for test in generator.ifs:
            passed = Label()
            self.condition(test, passed, again)
            self.place(passed)

    @contextmanager
    def inside(self, node: ast.ListComp | ast.GeneratorExp, frame: _Frame) -> Iterator[None]:
        """In the scope of a comprehension, whose targets are variables of its own."""
        _check(node)
        outer, prefix = dict(self.renamed), self.hidden()
        with self.framed(frame):
            for name in comprehension_targets(node):
                self.renamed[name] = f"{prefix}.{name}"
            try:
                yield
            finally:
                self.renamed = outer

    @contextmanager
    def framed(self, frame: _Frame) -> Iterator[None]:
        outer = self.frame
        if frame is not None:
            name, node = frame
            self.at(node)
            assert self.position is not None
            self.frame = name, self.position
        try:
            yield
        finally:
            self.frame = outer

    @contextmanager
    def outside(self, node: ast.Call) -> Iterator[None]:
        """What the consuming function does itself, in the frame around the generator's."""
        inner = self.frame
        assert inner is not None
        self.frame = inner[1].frame
        self.at(node)
        try:
            yield
        finally:
            self.frame = inner


def _check(node: ast.ListComp | ast.GeneratorExp) -> None:
    """Refuse what reads its variables before they have a value, or assigns other things than variables."""
    later: set[str] = set()
    for generator in reversed(node.generators):
        if generator.is_async:
            raise Unsupported("ZX012", node, "an asynchronous comprehension")
        own = {part.id for part in ast.walk(generator.target) if isinstance(part, ast.Name)}
        if any(not isinstance(part, (ast.Name, ast.Tuple, ast.List, ast.expr_context))
               for part in ast.walk(generator.target)):
            raise Unsupported("ZX019", node, "a comprehension that assigns items or attributes")
        early = set(later & read(generator.ifs))
        if generator is not node.generators[0]:
            early |= (later | own) & read([generator.iter])
        if early:
            raise Unsupported("ZX019", node, "a comprehension whose variable may have no value")
        later |= own
