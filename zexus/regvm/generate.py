"""Modules of bytecode as Python source: one Python function for each Code, which CPython runs."""

from __future__ import annotations

import builtins
import dis
import functools
import itertools
import linecache
import re
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import CellType, CodeType, FunctionType, TracebackType
from typing import Any

from zexus import ops
from zexus.bytecode import Code, Enter, InvalidCode, Module, Routine, unbound
from zexus.regvm import cfg, liveness, structure
from zexus.regvm.build import Program, build
from zexus.regvm.expressions import AND as AND_LEVEL
from zexus.regvm.expressions import (
    BEGIN,
    CAUGHT,
    DEEPEST,
    END,
    ITEM,
    MARK,
    UNARY,
    Expr,
    Line,
    Lowered,
    Surroundings,
    Where,
    is_name,
    literal,
    negated,
)
from zexus.regvm.expressions import OR as OR_LEVEL
from zexus.regvm.expressions import lower as lower_block
from zexus.regvm.expressions import made as expression
from zexus.regvm.ir import Block, Function, Instr
from zexus.regvm.structure import Choice, Goto, Irregular, Loop, Scope, Straight, Test, Tree, Try
from zexus.vm import depth, tracebacks
from zexus.vm.limits import Budget, LimitExceeded

_END = object()
_UNBOUND = object()  # not the one by which the tracing tier tells that a variable has no value: here it is one
_MAX_INDENT = 90
_DEEPEST_TREE = 20_000  # calls, of the functions that follow the dominator tree
_COPIES = 4  # places in which the definition of an inner function may stand
_GLOBAL = frozenset(("LOAD_GLOBAL", "STORE_GLOBAL"))


@dataclass
class Place:
    """What a line of the text stands for in the program.

    Attributes:
        where: what it stands for where nothing below says more.
        spans: columns (UTF-8 bytes) from and to, and what stands there; inner ones before those around them.
        special: for instructions of CPython's whose names begin so.
    """

    where: Where | None = None
    spans: list[tuple[int, int, Where]] = field(default_factory=list)
    special: dict[str, Where | None] = field(default_factory=dict)

    def of(self, opname: str, start: int | None, end: int | None) -> Where | None:
        """What an instruction of CPython's stands for.

        Args:
            opname: its name.
            start, end: its columns, if they are known.
        """
        for prefix, where in self.special.items():
            if opname.startswith(prefix):
                return where
        if start is None or end is None:
            return self.where
        around = [span for span in self.spans if span[0] <= start and end <= span[1]]
        if not around:
            return self.where
        size = min(last - first for first, last, _ in around)
        fitting = [where for first, last, where in around if last - first == size]
        # The test of a value stands around what computes the value.
        return fitting[-1 if "JUMP" in opname or opname in ("UNARY_NOT", "TO_BOOL") else 0]


@dataclass(frozen=True)
class Source:
    """A module as Python text.

    Attributes:
        filename: under which tracebacks and `linecache` know it.
        text: of the Python module.
        lines: what each line of it stands for.
        functions: name in the program -> name in the text, of the functions that capture nothing.
        makers: name in the program -> name in the text, of the functions that make those that capture cells.
        nested: name in the program -> name in the text, of those whose definitions stand in what makes them.
        cells: name in the program -> names in the text of the cells that the function captures.
        helpers: name in the text -> which of ours it is.
        constants: name in the text -> object that has no literal.
    """

    filename: str
    text: str
    lines: list[Place]
    functions: dict[str, str]
    makers: dict[str, str]
    nested: dict[str, str]
    cells: dict[str, tuple[str, ...]]
    helpers: dict[str, str]
    constants: dict[str, Any]


@dataclass
class _Row:
    indent: int
    line: Line


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


class _FunctionWriter:
    """Writes one function.

    Args:
        fn: of form "register".
        code: whose function it is.
        program: what instructions that name no Program refer to.
        module: names of the module.
        locals_: for registers that are local variables of the code, their names.
    """

    def __init__(self, fn: Function, code: Code, program: Program, module: _ModuleWriter, locals_: Mapping[int, str],
                 constants: Mapping[int, Any]) -> None:
        self.code = code
        self.program = program
        self.module = module
        self.params = [p.number for p in fn.params]
        self.fn = structure.simplify(fn)
        self.globals = {i.imm for i in self.fn.instructions() if i.op in _GLOBAL}
        self.cells = [module.cell_name(name) for name in (*code.captured, *code.cells)]
        self.names: dict[int, str] = {}
        self.nested = {i.imm: module.others[i.imm] for i in self.fn.instructions()
                       if i.op == "MAKE_FUNCTION" and i.imm in module.nested}
        self.taken = {*self.globals, *self.cells, *module.reserved}
        if self.nested:
            self.taken |= module.globals
        self.stored = sorted({i.imm for i in self.fn.instructions() if i.op == "STORE_GLOBAL" and self.is_free(i.imm)})
        known = self.constant_registers(constants)
        self.name_registers(locals_)
        self.caught = self.fresh("caught")
        self.names[ITEM], self.names[CAUGHT] = self.fresh("item"), self.caught
        self.to = self.fresh("to")
        checked = {i.args[0].number: i.imm for i in self.fn.instructions() if i.op == "CHECK_BOUND"}
        natural = {n: imm for n, imm in checked.items() if locals_.get(n) == imm and self.names.get(n) == imm}
        self.guarded = [n for n in checked if n not in natural and n not in known and n not in self.params] \
            if locals_ else []
        self.live = liveness.live_in(self.fn)
        self.around = Surroundings(code, self.names, known, self.cells, natural, self.where, module.helper,
                                   self.is_free, module.functions, frozenset(module.module.functions), module.mark,
                                   self.nested, module.named)
        self.lowered = {block: self.lower(block) for block in self.fn.blocks}
        while self.join_tests():
            pass
        self.loops = {loop.header: loop.blocks for loop in cfg.loops(self.fn)}
        self.rows: list[_Row] = []
        self.labels: dict[Block, int] = {}

    # --- names ------------------------------------------------------------------------------------------

    def constant_registers(self, constants: Mapping[int, Any]) -> dict[int, Expr]:
        """The registers that hold one constant and nothing else."""
        writes = dict.fromkeys(self.params, 1)
        for instr in self.fn.instructions():
            if instr.dest is not None:
                writes[instr.dest.number] = writes.get(instr.dest.number, 0) + 1
        found = {number: self.module.constant(value) for number, value in constants.items()}
        for instr in self.fn.instructions():
            if instr.op == "CONST" and instr.dest is not None and writes[instr.dest.number] == 1:
                found[instr.dest.number] = self.module.constant(self.fn.consts[instr.imm])
            elif instr.op == "UNBOUND" and instr.dest is not None and writes[instr.dest.number] == 1:
                found[instr.dest.number] = Expr(self.module.helper("UNBOUND"), kind="constant")
            elif instr.op == "LOAD_GLOBAL" and instr.dest is not None and writes[instr.dest.number] == 1 \
                    and instr.imm in self.module.functions and self.is_free(instr.imm):
                found[instr.dest.number] = Expr(instr.imm, kind="global", name=instr.imm)
        return found

    def fresh(self, wanted: str) -> str:
        name = wanted
        for number in itertools.count(1):
            if name not in self.taken and name not in self.names.values():
                break
            name = f"{wanted}_{number}"
        self.taken.add(name)
        return name

    def name_registers(self, locals_: Mapping[int, str]) -> None:
        for position, number in enumerate(self.params):
            wanted = self.code.locals[position]
            if wanted in self.code.cells:
                self.names[number] = self.module.cell_name(wanted)
            else:
                self.names[number] = self.fresh(identifier(wanted))
        for number, wanted in locals_.items():
            if number not in self.names and wanted not in self.code.cells:
                self.names[number] = self.fresh(identifier(wanted))
        others = {v.number for i in self.fn.instructions() for v in (*i.args, *([i.dest] if i.dest else []))}
        for position, number in enumerate(sorted(others - set(self.names))):
            self.names[number] = self.fresh(f"t{position}")

    def is_free(self, name: str) -> bool:
        """Whether Python can name this global in the function."""
        return is_name(name) and name not in self.cells and name != "__debug__"

    def where(self, instr: Instr) -> Where | None:
        if instr.index < 0 or instr.context is None:
            return None
        chain: list[tuple[Code, int]] = []
        context, index = instr.context, instr.index
        while True:
            program = context.code if isinstance(context.code, Program) else self.program
            position = program.positions[index]
            chain.append((program.code, program.code.first_line if position is None else position.line))
            if context.parent is None:
                break
            context, index = context.parent, context.call_index
        return tuple(reversed(chain))

    # --- blocks -----------------------------------------------------------------------------------------

    def lower(self, block: Block) -> Lowered:
        out: frozenset[int] = frozenset().union(*(self.live[s] for s in block.successors))
        caught = self.live[block.catches] if block.catches is not None else frozenset()
        return lower_block(block, self.around, out | caught, caught)

    def join_tests(self) -> bool:
        """Make one test of two, as `and` and `or` do; True when there were some."""
        edges = structure.count_edges(self.fn.blocks)
        for block in self.fn.blocks:
            if block.terminator.op != "BRANCH":
                continue
            first = self.lowered[block]
            yes, no = block.successors
            for second, is_and in ((yes, True), (no, False)):
                lowered = self.lowered[second]
                if second is block or second.terminator.op != "BRANCH" or lowered.lines or edges[second] != 1 \
                        or second.catches is not block.catches or second is self.fn.entry:
                    continue
                assert first.test is not None and lowered.test is not None
                if max(first.test.depth, lowered.test.depth) > DEEPEST:
                    continue
                other = no if is_and else yes
                on, off = second.successors
                test = lowered.test
                if on is off or (other is not on and other is not off):
                    continue
                if is_and is (other is on):
                    on, off, test = off, on, negated(test)
                level, word = (AND_LEVEL, "and") if is_and else (OR_LEVEL, "or")
                text = f"{first.test.at(level)} {word} {test.at(level + 1)}"
                first.test = expression(text, level, [first.test, test])
                block.terminator.targets = [on, off]
                self.fn.blocks.remove(second)
                return True
        return False

    # --- the function -------------------------------------------------------------------------------------

    def write(self, name: str, indent: int, structured: bool = True) -> list[_Row]:
        """The lines of the function.

        Raises:
            Irregular: `structured` is wanted, but there is no such form.
        """
        self.rows = []
        self.labels = {}
        start = (((self.code, self.code.first_line),))
        self.add(indent, Line(f"def {name}({', '.join(self.names[p] for p in self.params)}):", start))
        body = indent + 1
        if self.stored:
            self.add(body, Line(f"global {', '.join(self.stored)}"))
        cells = {self.cells[i.imm] for i in self.fn.instructions() if i.op == "STORE_CELL"}
        outer = sorted(cells & set(self.cells[: len(self.code.captured)]))
        if outer:
            self.add(body, Line(f"nonlocal {', '.join(outer)}"))
        for name in self.unassigned():
            # Python takes a name that nothing assigns for a global one.
            self.add(body, Line(f"{name}: object"))
        for number in self.guarded:
            self.add(body, Line(f"{self.names[number]} = {self.module.helper('UNBOUND')}"))
        if structured:
            tree = structure.recognize(structure.structure(self.fn), self.is_condition)
            self.tree(tree, body, frozenset(), None)
        else:
            self.dispatch(body)
        return self.rows

    def unassigned(self) -> list[str]:
        """Variables of the function that nothing in it assigns."""
        found = [_ASSIGNMENT.match(line.text) for lowered in self.lowered.values() for line in lowered.lines]
        assigned = {name for match in found if match is not None for name in match[1].replace(",", " ").split()}
        own = {*self.cells[len(self.code.captured):], *(self.names[number] for number in self.around.natural)}
        return sorted(own - assigned - {self.names[p] for p in self.params})

    def is_condition(self, block: Block) -> bool:
        return not self.lowered[block].lines

    def add(self, indent: int, line: Line) -> None:
        if indent > _MAX_INDENT:
            raise Irregular(f"{self.code.name}: nested too deeply")
        if line.defines is not None:
            self.rows += self.module.definition(line.defines, line.text, indent)
        else:
            self.rows.append(_Row(indent, line))

    def say(self, indent: int, text: str, where: Where | None = None) -> None:
        self.add(indent, Line(text, where))

    # --- structured statements; each answers whether control can reach what follows ----------------------------

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

    def straight(self, lines: Iterable[Line], indent: int) -> bool:
        falls = True
        for line in lines:
            self.add(indent, line)
            falls = not line.text.startswith(("return ", "raise "))
        return falls

    def goto(self, target: Block, indent: int, here: frozenset[Block], loop: _Running | None) -> bool:
        if target in here:
            return True
        if loop is None:
            raise Irregular(f"{self.code.name}: nothing to leave on the way to {target}")
        if target is loop.header:
            self.say(indent, "continue")
        elif target in loop.after:
            loop.left = True
            self.say(indent, "break")
        else:
            if target not in loop.crossing:
                loop.crossing.append(target)
            self.say(indent, f"{self.to} = {self.labels.setdefault(target, len(self.labels) + 1)}")
            self.say(indent, "break")
        return False

    def part(self, tree: Tree, indent: int, here: frozenset[Block], loop: _Running | None) -> tuple[list[_Row], bool]:
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
            self.rows += [_Row(row.indent - 1, row.line) for row in orelse]
            first = self.rows[-len(orelse)].line
            self.rows[-len(orelse)] = _Row(indent, replace(first, text="el" + first.text))
        elif orelse and then_falls:
            self.say(indent, "else:")
            self.rows += orelse
        elif orelse:
            self.rows += [_Row(row.indent - 1, row.line) for row in orelse]
        return then_falls or else_falls

    def choice(self, node: Choice, indent: int, here: frozenset[Block], loop: _Running | None) -> bool:
        lowered = self.lowered[node.block]
        assert lowered.test is not None
        falls = False
        for number, arm in enumerate(node.arms):
            rows, arm_falls = self.part(arm, indent + 1, here, loop)
            self.say(indent, f"{'el' * (number > 0)}if {lowered.test.text} == {number}:", lowered.where)
            self.rows += rows or [_Row(indent + 1, Line("pass"))]
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
        self.rows.insert(start, _Row(indent, Line(f"{self.to} = 0")))
        falls = False
        for target in running.crossing:
            rows, arm_falls = self.part([Goto(target)], indent + 1, here, loop)
            falls = falls or arm_falls
            if rows:
                self.say(indent, f"if {self.to} == {self.labels[target]}:")
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
                self.rows += [_Row(row.indent - 1, row.line) for row in rows]
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
        target = self.names[ITEM]
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
            self.say(indent + 1, f"{self.caught} = {raised}")
            return self.tree(node.caught, indent + 1, here, loop) or falls
        return self.clauses(node.caught, indent, here, loop) or falls

    def limits(self, indent: int) -> None:
        """Handlers of a program never take what ends its run."""
        if self.module.metered:
            self.say(indent, f"except {self.module.helper('LimitExceeded')}:")
            self.say(indent + 1, "raise")

    def clauses(self, tree: Tree, indent: int, here: frozenset[Block], loop: _Running | None) -> bool:
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
            falls = self.clause(wanted, lowered.computed, self.held(before, yes), then, indent, here, loop) or falls
            tree, live = orelse, no
        every = self.module.helper("BaseException")
        return self.clause(every, None, self.held(before, live), tree, indent, here, loop) or falls

    @staticmethod
    def held(before: Sequence[Line], live: frozenset[int]) -> list[Line]:
        return [line for line in before if line.target in live]

    def clause(self, wanted: str, where: Where | None, before: Sequence[Line], tree: Tree, indent: int,
               here: frozenset[Block], loop: _Running | None) -> bool:
        """One `except` clause."""
        start = len(self.rows)
        self.straight(before, indent + 1)
        falls = self.tree(tree, indent + 1, here, loop)
        rows = self.rows[start:] or [_Row(indent + 1, Line("pass"))]
        needed = any(_names(row.line.text, self.caught) for row in rows)
        del self.rows[start:]
        raised = self.module.helper("raised")
        if needed and any(row.line.text == f"{self.caught} = {raised}" for row in rows):
            # Python forgets the name at the end of the clause, but here it may leave with another exception in it.
            self.add(indent, Line(f"except {wanted} as {raised}:", where))
            self.say(indent + 1, f"{self.caught} = {raised}")
        else:
            self.add(indent, Line(f"except {wanted}{f' as {self.caught}' * needed}:", where))
        self.rows += rows
        return falls

    def wanted(self, block: Block, lines: Sequence[Line]) -> str | None:
        """The class that a handler's test asks for, where an `except` clause can ask for it."""
        test = self.lowered[block].test
        if test is None or test.kind != "match" or len(lines) > 1:
            return None
        error, wanted = test.parts
        holder = lines[0].target if lines else CAUGHT
        if lines and (lines[0].value is None or lines[0].value.text != self.caught):
            return None
        if error.reads != {holder} or error.kind != "name" or holder is None:
            return None
        if block.catches is not None and holder in self.live[block.catches]:
            return None
        return wanted.text if wanted.kind == "global" else None

    # --- the form without structure ---------------------------------------------------------------------------

    def dispatch(self, indent: int) -> None:
        """A loop around the blocks, of which a variable names the next."""
        at = self.fresh("at")
        numbers = {block: number for number, block in enumerate(self.fn.blocks)}
        handlers: dict[Block, list[int]] = {}
        for block, number in numbers.items():
            if block.catches is not None:
                handlers.setdefault(block.catches, []).append(number)
        self.say(indent, f"{at} = 0")
        self.say(indent, "while True:")
        inner = indent + 1
        if handlers:
            self.say(inner, "try:")
            inner += 1
        self.decide(at, [*numbers.items()], inner, numbers)
        if not handlers:
            return
        raised = self.module.helper("raised")
        self.limits(inner - 1)
        self.say(inner - 1, f"except {self.module.helper('BaseException')} as {raised}:")
        self.say(inner, f"{self.caught} = {raised}")
        word = "if"
        for handler, covered in handlers.items():
            self.say(inner, f"{word} {at} in ({', '.join(map(str, covered))},):")
            self.say(inner + 1, f"{at} = {numbers[handler]}")
            word = "elif"
        self.say(inner, "else:")
        self.say(inner + 1, "raise")

    def decide(self, at: str, blocks: list[tuple[Block, int]], indent: int, numbers: Mapping[Block, int]) -> None:
        if len(blocks) == 1:
            self.jump(at, blocks[0][0], indent, numbers)
            return
        middle = len(blocks) // 2
        self.say(indent, f"if {at} < {blocks[middle][1]}:")
        self.decide(at, blocks[:middle], indent + 1, numbers)
        self.say(indent, "else:")
        self.decide(at, blocks[middle:], indent + 1, numbers)

    def jump(self, at: str, block: Block, indent: int, numbers: Mapping[Block, int]) -> None:
        lowered = self.lowered[block]
        if not self.straight(lowered.lines, indent):
            return
        targets = [numbers[t] for t in block.successors]
        if lowered.test is None:
            self.say(indent, f"{at} = {targets[0]}")
        elif block.terminator.op == "BRANCH":
            self.say(indent, f"{at} = {targets[0]} if {lowered.test.at(3)} else {targets[1]}", lowered.where)
        else:
            self.say(indent, f"{at} = ({', '.join(map(str, targets))},)[{lowered.test.text}]", lowered.where)


def _is_one_test(rows: Sequence[_Row]) -> bool:
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


def identifier(name: str) -> str:
    """A name that Python takes, like `name`."""
    cleaned = "".join(c if c.isidentifier() or (c.isascii() and c.isdigit()) else "_" for c in name)
    if not cleaned or cleaned[0].isdigit():
        cleaned = "_" + cleaned
    return cleaned if is_name(cleaned) else cleaned + "_"


class _Through:
    """An iterator of the user's as its `next` shows it: asked for its iterator again, it answers itself."""

    __slots__ = ("inner",)

    def __init__(self, inner: Iterator[Any]) -> None:
        self.inner = inner

    def __iter__(self) -> _Through:
        return self

    def __next__(self) -> Any:
        return next(self.inner)


_KNOWN: tuple[Iterator[Any], ...] = (
    iter(()), iter([]), iter(range(0)), iter(range(2**63, 2**63)), iter(""), iter("\u0100"), iter(b""), iter({}),
    iter({}.values()), iter({}.items()), iter(set[Any]()), enumerate(()), zip(), map(str, ()), filter(None, ()),
    reversed([]), reversed(()), (n for n in range(0)),
)
# Types of iterators whose iterator is themselves.
_ITERATORS = frozenset(map(type, _KNOWN))


def _through(cursor: Iterator[Any]) -> Iterator[Any]:
    """What a `for` statement goes through to draw from an iterator that has been made before."""
    return cursor if type(cursor) in _ITERATORS else _Through(cursor)


_MARKS = re.compile(f"({MARK}[0-9]+{BEGIN}|{END})")
_ASSIGNMENT = re.compile(r"([\w, ]+) [^\s\w]{0,3}= ")
_NEW: Callable[[type[Routine]], Routine] = object.__new__
_COUNTER = itertools.count(1)
_HELPERS: dict[str, Any] = {
    "next": next, "iter": iter, "type": type, "slice": slice, "getattr": getattr, "setattr": setattr,
    "BaseException": BaseException, "Routine": Routine, "END": _END, "UNBOUND": _UNBOUND,
    "matches": ops.matches, "unpack": ops.unpack, "LimitExceeded": LimitExceeded,
    "through": _through,
}


class _ModuleWriter:
    """Writes a module.

    Args:
        module: whose functions have been verified.
        registers: gives the register form of a function, where that is not simply what `build` makes.
    """

    def __init__(self, module: Module, registers: Callable[[Code], Function] | None, structured: bool) -> None:
        self.module = module
        self.structured = structured
        self.registers = registers
        self.reserved: set[str] = set()
        self.used: set[str] = set()
        for code in module.functions.values():
            self.used.update((code.name, *code.locals, *code.captured, *code.cells))
        self.program_names = {identifier(name) for name in self.used} | {
            i.arg for code in module.functions.values() for i in code.instructions if i.op == "STORE_GLOBAL"}
        for code in module.functions.values():
            self.used.update(i.arg for i in code.instructions if isinstance(i.arg, str))
        self.used |= self.program_names | set(dir(builtins))
        self.helpers: dict[str, str] = {}
        self.constants: dict[str, Any] = {}
        self.literals: dict[str, Any] = {}
        self.marks: list[Where] = []
        self.metered = any(i.op == "METER" for code in module.functions.values() for i in code.instructions)
        made = [i.arg for code in module.functions.values() for i in code.instructions if i.op == "MAKE_FUNCTION"]
        self.globals = {i.arg for code in module.functions.values() for i in code.instructions if i.op in _GLOBAL}
        # Definitions that are needed in a few places stand there; the others are made of what captures their cells.
        self.nested = {name for name, code in module.functions.items()
                       if code.captured and made.count(name) <= _COPIES and not self.makes_itself(name)}
        direct = module.constants()
        self.functions = {name: self.own(identifier(name)) for name in module.functions if name in direct}
        self.others = {name: self.own(identifier(name)) for name in module.functions if name not in direct}
        self.makers = {name: self.own(f"{identifier(name)}_in") for name, code in module.functions.items()
                       if code.captured and name not in self.nested}
        self.cell_names: dict[str, str] = {}

    def makes_itself(self, name: str) -> bool:
        """Whether the function, or one that it makes, makes it."""
        work: list[str] = [name]
        seen: set[str] = set()
        while work:
            code = self.module.functions[work.pop()]
            found = {i.arg for i in code.instructions if i.op == "MAKE_FUNCTION"}
            if name in found:
                return True
            work.extend(found - seen)
            seen |= found
        return False

    def mark(self, where: Where) -> int:
        """The number of a place in the program."""
        self.marks.append(where)
        return len(self.marks) - 1

    def printed(self, row: _Row) -> tuple[str, Place]:
        """A line of the text without the marks in it, and what they say."""
        place = Place(row.line.where, special=row.line.special)
        pieces: list[str] = ["    " * row.indent]
        column = len(pieces[0])
        open_: list[tuple[int, Where]] = []
        for piece in _MARKS.split(row.line.text):
            if piece.startswith(MARK):
                open_.append((column, self.marks[int(piece[1:-1])]))
            elif piece == END:
                start, where = open_.pop()
                place.spans.append((start, column, where))
            else:
                pieces.append(piece)
                column += len(piece.encode())
        return "".join(pieces) + "\n", place

    def own(self, wanted: str) -> str:
        """A name that the program does not use."""
        name = wanted + "_"
        while name in self.used or name in self.reserved:
            name += "_"
        self.reserved.add(name)
        return name

    def helper(self, name: str) -> str:
        """How the text calls something of ours, or a builtin function that the program cannot hide."""
        if name in vars(builtins) and name not in self.program_names:
            return name
        if name not in self.helpers:
            self.helpers[name] = self.own(identifier(name))
        return self.helpers[name]

    def cell_name(self, name: str) -> str:
        if is_name(name):
            return name
        if name not in self.cell_names:
            self.cell_names[name] = self.own(identifier(name))
        return self.cell_names[name]

    def constant(self, value: Any) -> Expr:
        """A constant as an operand."""
        text = literal(value)
        if text:
            self.literals[text] = value
            return Expr(text, UNARY if text.startswith("-") else 20, kind="constant")
        return Expr(self.name_of(value), kind="constant")

    def named(self, text: str) -> str:
        """The name of a constant that is written as a literal, or its name already."""
        return self.name_of(self.literals[text]) if text in self.literals else text

    def name_of(self, value: Any) -> str:
        name = next((n for n, known in self.constants.items() if known is value), None)
        if name is None:
            name = self.own(f"const{len(self.constants)}")
            self.constants[name] = value
        return name

    def write(self, filename: str) -> Source:
        rows: list[_Row] = [_Row(0, Line(f"# {self.module.name}, from {one_line(self.module.filename)}"))]
        for name, code in self.module.functions.items():
            if name in self.nested:
                continue
            rows += [_Row(0, Line("")), _Row(0, Line(""))]
            rows += self.function(name, code)
        printed = [self.printed(row) for row in rows]
        text = "".join(line for line, _ in printed)
        return Source(filename, text, [Place(), *(place for _, place in printed)], {**self.functions, **{
            name: text for name, text in self.others.items() if not self.module.functions[name].captured}}, self.makers,
            {name: self.others[name] for name in self.nested},
            {name: tuple(map(self.cell_name, code.captured)) for name, code in self.module.functions.items()},
            {text: name for name, text in self.helpers.items()}, self.constants)

    def function(self, name: str, code: Code) -> list[_Row]:
        text = self.functions.get(name) or self.others[name]
        around: list[_Row] = []
        indent = 0
        if name in self.makers:
            cells = ", ".join(self.cell_name(c) for c in code.captured)
            around.append(_Row(0, Line(f"def {self.makers[name]}({cells}):")))
            indent = 1
        rows = self.definition(code, text, indent, around)
        if around:
            return [*around, *rows, _Row(1, Line(f"return {text}"))]
        return rows

    def definition(self, code: Code, text: str, indent: int, around: Sequence[_Row] = ()) -> list[_Row]:
        """The definition of a function, as the text calls it, in some other lines."""
        try:
            with depth.limited(_DEEPEST_TREE):
                rows = self.writer(code).write(text, indent, self.structured)
            if not indent or around:
                compile_quietly("".join(self.printed(row)[0] for row in (*around, *rows)), "<generated>")
        except (Irregular, SyntaxError, RecursionError, MemoryError):
            rows = self.writer(code).write(text, indent, structured=False)
        return rows


    def writer(self, code: Code) -> _FunctionWriter:
        program = build(code)
        if self.registers is None:
            return _FunctionWriter(program.fn, code, program, self, dict(enumerate(code.locals)), program.constants)
        return _FunctionWriter(self.registers(code), code, program, self, {}, {})


def compile_quietly(text: str, filename: str) -> CodeType:
    """`compile`, without the warnings about what only a program that was written by hand would mean otherwise."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return compile(text, filename, "exec", dont_inherit=True)


def one_line(text: str) -> str:
    return " ".join(text.split())


def generate(module: Module, registers: Callable[[Code], Function] | None = None, structured: bool = True) -> Source:
    """A module as Python text.

    Args:
        module: whose functions have been verified.
        registers: gives the optimized register form of a function; by default functions are written as they are.
        structured: False writes every function as if its control flow had no structure.

    Raises:
        InvalidCode: one of the functions is a region, or has outlined statements: they belong to a function of Python.
    """
    for name, code in module.functions.items():
        if code.region or code.blocks:
            raise InvalidCode(f"{name}: a part of a Python function is no function of a program", name)
    filename = f"<zexus {one_line(module.name)} {next(_COUNTER)}>"
    return _ModuleWriter(module, registers, structured).write(filename)


def link(source: Source, module: Module, namespace: dict[str, Any], enter: Enter,
         adapt: Callable[[FunctionType], FunctionType] | None = None,
         budget: Budget | None = None) -> dict[str, FunctionType]:
    """Bring a generated module to life.

    Its functions are Python functions whose globals are `namespace`; the Routines that stand in there, and those that
    the functions make, get them as their `function`.

    Args:
        source: what `generate` made of the module.
        module: the same.
        namespace: the module's globals (see `Module.namespace`), which get some names that the program does not use.
        enter: what Routines that the functions make call.
        adapt: makes a function of a function before anything refers to it, such as `zexus.jit.compile`.
        budget: what METER instructions spend; by default they spend what has no end.

    Returns:
        By name, the functions that capture nothing.
    """
    defined: dict[str, Any] = {}
    code = compile_quietly(source.text, source.filename)
    _keep(source, code)
    exec(code, namespace, defined)
    functions: dict[str, FunctionType] = {}
    for name, text in source.functions.items():
        function: FunctionType = defined[text]
        own = module.functions[name]
        function.__name__, function.__qualname__, function.__module__ = own.name, own.qualname, module.name
        function = adapt(function) if adapt is not None else function
        functions[name] = namespace[text] = function
        routine = namespace.get(name)
        if type(routine) is Routine and routine.code is own:
            routine.function = function
    for text, name in source.helpers.items():
        helper = (budget or Budget()) if name == "budget" else _HELPERS.get(name)
        namespace[text] = helper or _linked(name, source, module, namespace, enter, defined)
    namespace.update(source.constants)
    return functions


def _linked(name: str, source: Source, module: Module, namespace: dict[str, Any], enter: Enter,
            defined: Mapping[str, Any]) -> Any:
    """A helper that belongs to one module."""
    if name.startswith("op_"):
        return ops.OPS[name[3:]].meaning
    if name == "load":
        return lambda wanted: _load(namespace, wanted)
    if name == "store":
        return namespace.__setitem__
    if name == "unbound":
        return lambda local: unbound(local, False)
    if name == "raised":
        return None
    assert name.startswith("make_")
    return _maker(name[5:], source, module, namespace, enter, defined)


def _load(namespace: dict[str, Any], name: str) -> Any:
    if name in namespace:
        return namespace[name]
    try:
        return getattr(builtins, name)
    except AttributeError:
        raise NameError(f"name {name!r} is not defined", name=name) from None


def _maker(name: str, source: Source, module: Module, namespace: dict[str, Any], enter: Enter,
           defined: Mapping[str, Any]) -> Callable[..., Routine]:
    """What MAKE_FUNCTION calls: with a function that captures the cells, itself or in the place of what is made."""
    code = module.functions[name]
    shared = source.functions.get(name)
    maker: FunctionType | None = defined.get(source.makers.get(name, ""))
    order = source.cells.get(name, ())
    inner = maker(*order).__code__ if maker is not None else None
    qualname = code.qualname

    def make() -> Routine:
        return _routine(code, namespace, (), enter, namespace[shared or ""])

    def make_nested(function: FunctionType) -> Routine:
        function.__qualname__ = qualname
        return _routine(code, namespace, function.__closure__ or (), enter, function)

    def make_from(capturing: FunctionType) -> Routine:
        cells: dict[str, CellType] = dict(zip(capturing.__code__.co_freevars, capturing.__closure__ or (), strict=True))
        function = capturing
        if inner is not None:
            function = FunctionType(inner, namespace, code.name, None, tuple(cells[n] for n in inner.co_freevars))
        function.__qualname__ = qualname
        return _routine(code, namespace, tuple(cells.get(n) or CellType() for n in order), enter, function)

    if shared is not None:
        return make
    nested = _codes_named(source.nested.get(name, ""), defined)
    return make_nested if inner is None and all(found.co_freevars == order for found in nested) else make_from


def _routine(code: Code, namespace: dict[str, Any], cells: tuple[CellType, ...], enter: Enter,
             function: FunctionType) -> Routine:
    # As Routine(...) does, in less time: this is the cost of every closure.
    routine = _NEW(Routine)
    routine.code = code
    routine.namespace = namespace
    routine.cells = cells
    routine.enter = enter
    routine.function = function
    return routine


def _codes_named(name: str, defined: Mapping[str, Any]) -> list[CodeType]:
    """The code objects of the nested definitions of a function."""
    codes = [value.__code__ for value in defined.values() if isinstance(value, FunctionType)]
    return [found for code in codes for found in _codes_in(code) if found.co_name == name]


def _codes_in(code: CodeType) -> list[CodeType]:
    """A code object and those inside of it."""
    found = [code]
    for outer in found:
        found.extend(constant for constant in outer.co_consts if isinstance(constant, CodeType))
    return found


# Where the lines of generated modules stand in their programs, and how many of their code objects live, by filename.
_PLACES: dict[str, list[Place]] = {}
_LIVING: dict[str, int] = {}


def _keep(source: Source, code: CodeType) -> None:
    """Know what the lines of a module mean as long as any of its code objects lives."""
    linecache.cache[source.filename] = (len(source.text), None, source.text.splitlines(keepends=True), source.filename)
    _PLACES[source.filename] = source.lines
    codes = _codes_in(code)
    _LIVING[source.filename] = _LIVING.get(source.filename, 0) + len(codes)
    for each in codes:
        weakref.finalize(each, _release, source.filename).atexit = False


def _release(filename: str) -> None:
    _LIVING[filename] -= 1
    if not _LIVING[filename]:
        del _LIVING[filename], _PLACES[filename]
        linecache.cache.pop(filename, None)
        _found_at.cache_clear()


def _found(entry: TracebackType) -> Where | None:
    code = entry.tb_frame.f_code
    return _found_at(code, entry.tb_lasti, entry.tb_lineno) if code.co_filename in _PLACES else None


@functools.lru_cache(maxsize=256)
def _found_at(code: CodeType, offset: int, line: int) -> Where:
    opname, start, end = "", None, None
    if offset >= 0:
        opname = dis.opname[code.co_code[offset]]
        _, _, start, end = next(itertools.islice(code.co_positions(), offset // 2, None))
    return _PLACES[code.co_filename][line].of(opname, start, end) or ()


def call(function: FunctionType, arguments: Sequence[Any], recursion_limit: int) -> Any:
    """Call a function of a generated module from outside of it.

    Args:
        function: one that `link` answered, or that a Routine has.
        arguments: as many as it has parameters.
        recursion_limit: how deep calls may nest before RecursionError.

    Raises:
        BaseException: whatever the program raises; the traceback shows the program's functions and lines.
    """
    try:
        with depth.limited(recursion_limit):
            return function(*arguments)
    except BaseException as error:
        tracebacks.translate(error, _found)
        raise
