"""The blocks of a generated function as statements and tests, and the lines that are written of them."""

from __future__ import annotations

from collections.abc import Iterable

from zexus.regvm import liveness
from zexus.regvm.ir import Block
from zexus.regvm.python import places, structure
from zexus.regvm.python.block import DEEPEST, Line, Lowered, Row
from zexus.regvm.python.block import lower as lower_block
from zexus.regvm.python.names import FunctionNames
from zexus.regvm.python.places import Where
from zexus.regvm.python.structure import Irregular
from zexus.regvm.python.syntax import AND, OR, made, negated

_MAX_INDENT = 90


class Body:
    """A function's blocks, each as Python, before they are put together.

    Attributes:
        names: of the function.
        fn: its register form; tests that are one are one block's.
        live: the registers that are live at the beginning of each block.
        lowered: what each block became.
        rows: the lines that have been written.
    """

    def __init__(self, names: FunctionNames) -> None:
        self.names = names
        self.module = names.module
        self.fn = names.fn
        self.live = liveness.live_in(self.fn)
        self.lowered = {block: self.lower(block) for block in self.fn.blocks}
        while self.join_tests():
            pass
        self.rows: list[Row] = []

    def lower(self, block: Block) -> Lowered:
        out: frozenset[int] = frozenset().union(*(self.live[s] for s in block.successors))
        caught = self.live[block.catches] if block.catches is not None else frozenset()
        return lower_block(block, self.names.around, out | caught, caught)

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
                level, word = (AND, "and") if is_and else (OR, "or")
                text = f"{first.test.at(level)} {word} {test.at(level + 1)}"
                first.test = made(text, level, [first.test, test])
                block.terminator.targets = [on, off]
                self.fn.blocks.remove(second)
                return True
        return False

    def write(self, indent: int) -> None:
        """Put the blocks together in lines, so deep."""
        raise NotImplementedError

    # --- lines --------------------------------------------------------------------------------------------

    def add(self, indent: int, line: Line) -> None:
        if indent > _MAX_INDENT:
            raise Irregular(f"{self.names.code.name}: nested too deeply")
        if line.defines is not None:
            self.rows += self.module.definition(line.defines, line.text, indent)
        else:
            self.rows.append(Row(indent, line))

    def say(self, indent: int, text: str, where: Where | None = None) -> None:
        self.add(indent, Line(text, where))

    def straight(self, lines: Iterable[Line], indent: int) -> bool:
        falls = True
        for line in lines:
            self.add(indent, line)
            falls = not line.text.startswith(("return ", "raise "))
        return falls

    def leaving(self, indent: int, handler: Block, wanted: str = "BaseException") -> None:
        """In a profiled program, where an exception has come from is counted when its handler begins.

        Args:
            indent: how deep the handler stands.
            handler: it.
            wanted: the class of exceptions that it takes.
        """
        if not self.module.counted:
            return
        outside = self.names.callers(handler)
        if self.names.table and places.comes_from_within(wanted):
            table, place = self.module.helper(f"left{outside}_{self.names.table}"), self.names.place
            self.say(indent, f"{place} = {self.names.caught}.__traceback__.tb_lasti")
            self.say(indent, f"if {place} in {table}:")
            self.say(indent + 1, f"{table}[{place}] += 1")
            self.say(indent, "else:")
            indent += 1
        self.say(indent, f"{self.module.helper('left')}({outside})")

    def limits(self, indent: int) -> None:
        """Handlers of a program never take what ends its run."""
        if self.module.metered:
            self.say(indent, f"except {self.module.helper('LimitExceeded')}:")
            self.say(indent + 1, "raise")
