"""Structured statements: the tree of a function's control flow as `if`, `while`, `for`, `try`.

Functions that write statements answer whether control can reach what follows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field, replace

from zexus.records import dataclass
from zexus.regvm import cfg
from zexus.regvm.ir import Block
from zexus.regvm.python import structure
from zexus.regvm.python.block import CAUGHT, ITEM, Line, Row
from zexus.regvm.python.body import Body
from zexus.regvm.python.names import FunctionNames
from zexus.regvm.python.places import Where
from zexus.regvm.python.structure import Choice, Goto, Irregular, Loop, Scope, Straight, Test, Tree, Try
from zexus.regvm.python.syntax import Expr, negated


@dataclass
class _Running:
    """A Python loop that is being written.

    Attributes:
        after: the labels to which `break` leads.
        header: the label to which `continue` leads.
        left: whether something leaves it by `break`.
        crossing: labels farther out to which something inside goes.
    """

    after: frozenset[Block]
    header: Block | None
    left: bool = False
    crossing: list[Block] = field(default_factory=list)


class Statements(Body):
    """A body that becomes a tree of statements."""

    def __init__(self, names: FunctionNames) -> None:
        super().__init__(names)
        self.loops = {loop.header: loop.blocks for loop in cfg.loops(self.fn)}
        self.labels: dict[Block, int] = {}

    def write(self, indent: int) -> None:
        """
        Raises:
            Irregular: there is no such form.
        """
        tree = structure.recognize(structure.structure(self.fn), self.is_condition)
        self.tree(tree, indent, frozenset(), None)

    def is_condition(self, block: Block) -> bool:
        return not self.lowered[block].lines

    def tree(self, tree: Tree, indent: int, following: frozenset[Block], loop: _Running | None) -> bool:
        """The statements of a tree.

        Args:
            tree: what to write.
            indent: how deep.
            following: the labels to which control comes behind the last of them.
            loop: the innermost Python loop around them.
        """
        falls = True
        for position, node in enumerate(tree):
            here = following if position == len(tree) - 1 else frozenset()
            match node:
                case Straight(block):
                    falls = self.straight(self.lowered[block].lines, indent)
                case Goto(target):
                    falls = self.goto(target, indent, here, loop)
                case Test():
                    falls = self.test(node, indent, here, loop)
                case Choice():
                    falls = self.choice(node, indent, here, loop)
                case Loop():
                    falls = self.loop(node, indent, here, loop)
                case Scope():
                    falls = self.scope(node, indent, here, loop)
                case Try():
                    falls = self.protected(node, indent, here, loop)
            if not falls:
                return False
        return falls

    def goto(self, target: Block, indent: int, here: frozenset[Block], loop: _Running | None) -> bool:
        if target in here:
            return True
        if loop is None:
            raise Irregular(f"{self.names.code.name}: nothing to leave on the way to {target}")
        if target is loop.header:
            self.say(indent, "continue")
        elif target in loop.after:
            loop.left = True
            self.say(indent, "break")
        else:
            if target not in loop.crossing:
                loop.crossing.append(target)
            self.say(indent, f"{self.names.to} = {self.labels.setdefault(target, len(self.labels) + 1)}")
            self.say(indent, "break")
        return False

    def part(self, tree: Tree, indent: int, here: frozenset[Block], loop: _Running | None) -> tuple[list[Row], bool]:
        """The lines of a tree, kept aside."""
        outer, self.rows = self.rows, []
        falls = self.tree(tree, indent, here, loop)
        rows, self.rows = self.rows, outer
        return rows, falls

    def test(self, node: Test, indent: int, here: frozenset[Block], loop: _Running | None) -> bool:
        lowered = self.lowered[node.block]
        assert lowered.test is not None
        then, then_falls = self.part(node.then, indent + 1, here, loop)
        orelse, else_falls = self.part(node.orelse, indent + 1, here, loop)
        test = lowered.test
        if not then or (then_falls and not else_falls):
            then, orelse, then_falls, else_falls = orelse, then, else_falls, then_falls
            test = negated(test)
        self.say(indent, f"if {test.text}:", lowered.where)
        self.rows += then
        if not then:
            self.say(indent + 1, "pass")
        if orelse and then_falls and _is_one_test(orelse):
            self.rows += [Row(row.indent - 1, row.line) for row in orelse]
            first = self.rows[-len(orelse)].line
            self.rows[-len(orelse)] = Row(indent, replace(first, text="el" + first.text))
        elif orelse and then_falls:
            self.say(indent, "else:")
            self.rows += orelse
        elif orelse:
            self.rows += [Row(row.indent - 1, row.line) for row in orelse]
        return then_falls or else_falls

    def choice(self, node: Choice, indent: int, here: frozenset[Block], loop: _Running | None) -> bool:
        lowered = self.lowered[node.block]
        assert lowered.test is not None
        falls = False
        for number, arm in enumerate(node.arms):
            rows, arm_falls = self.part(arm, indent + 1, here, loop)
            self.say(indent, f"{'el' * (number > 0)}if {lowered.test.text} == {number}:", lowered.where)
            self.rows += rows or [Row(indent + 1, Line("pass"))]
            falls = falls or arm_falls
        return falls

    def scope(self, node: Scope, indent: int, here: frozenset[Block], loop: _Running | None) -> bool:
        if not structure.falls_short(node.body, node.label):
            return self.tree(node.body, indent, here | {node.label}, loop)
        running = _Running(here | {node.label}, None)
        start = len(self.rows)
        self.say(indent, "while True:")
        if self.tree(node.body, indent + 1, frozenset((node.label,)), running):
            self.say(indent + 1, "break")
            running.left = True
        return self.behind(running, start, indent, here | {node.label}, loop) or running.left

    def behind(self, running: _Running, start: int, indent: int, here: frozenset[Block], loop: _Running | None) -> bool:
        """Behind a loop: go on to where something inside wanted to go; answers whether control comes here for that."""
        if not running.crossing:
            return False
        self.rows.insert(start, Row(indent, Line(f"{self.names.to} = 0")))
        falls = False
        for target in running.crossing:
            rows, arm_falls = self.part([Goto(target)], indent + 1, here, loop)
            falls = falls or arm_falls
            if rows:
                self.say(indent, f"if {self.names.to} == {self.labels[target]}:")
                self.rows += rows
        return falls

    def loop(self, node: Loop, indent: int, here: frozenset[Block], loop: _Running | None) -> bool:
        running = _Running(here, node.header)
        lowered = self.lowered[node.header]
        body = node.body
        if not node.condition:
            start = len(self.rows)
            self.say(indent, "while True:")
        else:
            assert lowered.test is not None
            drawn = lowered.test.kind == "next" and not node.inverted and self.takes_item(body)
            if drawn:
                line, body = self.for_header(node, body, indent)
                start = len(self.rows)
                self.add(indent, line)
            else:
                start = len(self.rows)
                test = negated(lowered.test) if node.inverted else lowered.test
                self.say(indent, f"while {test.text}:", lowered.where)
        inside = len(self.rows)
        self.tree(body, indent + 1, frozenset((node.header,)), running)
        if len(self.rows) == inside:
            self.say(indent + 1, "pass")
        falls = running.left
        if node.condition:
            rows, else_falls = self.part(node.orelse, indent + 1, here, loop)
            if rows and not falls and not running.crossing:
                self.rows += [Row(row.indent - 1, row.line) for row in rows]
            elif rows:
                self.say(indent, "else:")
                self.rows += rows
            falls = falls or else_falls
        return self.behind(running, start, indent, here, loop) or falls

    def takes_item(self, body: Tree) -> bool:
        first = innermost_first(body)
        return isinstance(first, Straight) and first.block.instrs[0].op == "VALUE"

    def for_header(self, node: Loop, body: Tree, indent: int) -> tuple[Line, Tree]:
        """`for target in iterable:`, the target from the first line of the body, the iterable from the one before."""
        lowered = self.lowered[node.header]
        assert lowered.test is not None
        (cursor,) = lowered.test.parts
        first = innermost_first(body)
        assert isinstance(first, Straight)
        inside = self.lowered[first.block]
        target = self.names.names[ITEM]
        where = lowered.where
        special: dict[str, Where | None] = {"FOR_ITER": lowered.where}
        if inside.lines:
            line = inside.lines[0]
            if line.value is not None and line.value.kind == "drawn" and first.block.catches is node.header.catches:
                target = line.text.rpartition(" = ")[0]
                inside.lines = inside.lines[1:]
                special["UNPACK"] = line.where
        iterable = cursor.text
        position = self.cursor_made(node, cursor, indent)
        if position is not None:
            before = self.rows.pop(position).line
            assert before.value is not None
            iterable = before.value.parts[0].text
            where = special["GET_ITER"] = before.where
        else:
            iterable = f"{self.module.helper('through')}({iterable})"
        return Line(f"for {target} in {iterable}:", where, special=special), body

    def cursor_made(self, node: Loop, cursor: Expr, indent: int) -> int | None:
        """Which of the lines before a loop makes its cursor, if that can as well happen in the loop's header."""
        caught = self.live[node.header.catches] if node.header.catches is not None else frozenset()
        passed: set[int | None] = set()
        for position in range(len(self.rows) - 1, -1, -1):
            line = self.rows[position].line
            value = line.value
            if value is None or line.target is None or self.rows[position].indent != indent:
                return None
            if value.kind == "iter" and cursor.reads == {line.target}:
                fits = not passed & value.reads and self.is_only_cursor(node, line.target)
                return position if fits else None
            if line.where is not None or value.kind not in ("name", "constant") or line.target in caught \
                    or value.reads & cursor.reads:
                return None
            passed.add(line.target)
        return None

    def is_only_cursor(self, node: Loop, register: int) -> bool:
        """Whether nothing but the loop itself looks at its cursor."""
        inside = self.loops[node.header]
        for block in inside:
            for instr in block.instrs:
                touches = register in [a.number for a in instr.args] or (instr.dest and instr.dest.number == register)
                expected = (instr.op in ("HAS_NEXT", "VALUE") and instr.dest and instr.dest.number != register) or (
                    instr.op == "ADVANCE" and instr.dest and instr.dest.number == register)
                if touches and not expected:
                    return False
            for target in block.successors if block.catches is None else (*block.successors, block.catches):
                if target not in inside and register in self.live[target]:
                    return False
        return True

    def protected(self, node: Try, indent: int, here: frozenset[Block], loop: _Running | None) -> bool:
        body, falls = self.part(node.body, indent + 1, here, loop)
        if not body:
            return falls
        self.say(indent, "try:")
        self.rows += body
        self.limits(indent)
        if structure.is_goto(node.caught):
            raised = self.module.helper("raised")
            self.say(indent, f"except {self.module.helper('BaseException')} as {raised}:")
            self.leaving(indent + 1, node.handler)
            self.say(indent + 1, f"{self.names.caught} = {raised}")
            return self.tree(node.caught, indent + 1, here, loop) or falls
        return self.clauses(node.handler, node.caught, indent, here, loop) or falls

    def clauses(self, handler: Block, tree: Tree, indent: int, here: frozenset[Block], loop: _Running | None) -> bool:
        """The `except` clauses of a handler, which may begin with tests of what was raised."""
        falls = False
        before: list[Line] = []
        live = frozenset((CAUGHT,))
        while True:
            match tree:
                case [Straight(block), Test(tested, then, orelse)] if block is tested:
                    lowered = self.lowered[block]
                case _:
                    break
            wanted = self.wanted(block, [*before, *lowered.lines])
            if wanted is None:
                break
            before += lowered.lines
            yes, no = (self.live[target] for target in block.successors)
            held = self.held(before, yes)
            falls = self.clause(handler, wanted, lowered.computed, held, then, indent, here, loop) or falls
            tree, live = orelse, no
        every = Expr(self.module.helper("BaseException"), name="BaseException")
        return self.clause(handler, every, None, self.held(before, live), tree, indent, here, loop) or falls

    @staticmethod
    def held(before: Sequence[Line], live: frozenset[int]) -> list[Line]:
        return [line for line in before if line.target in live]

    def clause(self, handler: Block, wanted: Expr, where: Where | None, before: Sequence[Line], tree: Tree, indent: int,
               here: frozenset[Block], loop: _Running | None) -> bool:
        """One `except` clause."""
        start = len(self.rows)
        self.leaving(indent + 1, handler, wanted.name)
        self.straight(before, indent + 1)
        falls = self.tree(tree, indent + 1, here, loop)
        rows = self.rows[start:] or [Row(indent + 1, Line("pass"))]
        needed = any(_names(row.line.text, self.names.caught) for row in rows)
        del self.rows[start:]
        raised = self.module.helper("raised")
        if needed and any(row.line.text == f"{self.names.caught} = {raised}" for row in rows):
            # Python forgets the name at the end of the clause, but here it may leave with another exception in it.
            self.add(indent, Line(f"except {wanted.text} as {raised}:", where))
            self.say(indent + 1, f"{self.names.caught} = {raised}")
        else:
            self.add(indent, Line(f"except {wanted.text}{f' as {self.names.caught}' * needed}:", where))
        self.rows += rows
        return falls

    def wanted(self, block: Block, lines: Sequence[Line]) -> Expr | None:
        """The class that a handler's test asks for, where an `except` clause can ask for it."""
        test = self.lowered[block].test
        if test is None or test.kind != "match" or len(lines) > 1:
            return None
        error, wanted = test.parts
        holder = lines[0].target if lines else CAUGHT
        if lines and (lines[0].value is None or lines[0].value.text != self.names.caught):
            return None
        if error.reads != {holder} or error.kind != "name" or holder is None:
            return None
        if block.catches is not None and holder in self.live[block.catches]:
            return None
        if wanted.kind != "global":
            return None
        # What raises in a header has not come to the clause, which counts where exceptions come from.
        return wanted if not self.module.counted or self.module.names_error(wanted.name) else None


def _is_one_test(rows: Sequence[Row]) -> bool:
    """Whether lines are an `if` statement and nothing else."""
    indent = rows[0].indent
    return rows[0].line.text.startswith("if ") and not rows[0].line.text.endswith(")") and all(
        row.indent > indent or row.line.text.startswith(("elif ", "else:")) for row in rows[1:])


def _names(text: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


def innermost_first(tree: Tree) -> structure.Node | None:
    """The statement that a tree begins with, scopes opened."""
    while tree and isinstance(tree[0], Scope):
        tree = tree[0].body
    return tree[0] if tree else None
