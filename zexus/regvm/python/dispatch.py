"""The form without structure: a loop around the blocks of a function, of which a variable names the next."""

from __future__ import annotations

from collections.abc import Mapping

from zexus.regvm.ir import Block
from zexus.regvm.python.body import Body


class Dispatch(Body):
    """A body that stays a heap of blocks."""

    def write(self, indent: int) -> None:
        """A loop around the blocks, of which a variable names the next."""
        at = self.names.fresh("at")
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
        self.say(inner, f"{self.names.caught} = {raised}")
        word = "if"
        for handler, covered in handlers.items():
            self.say(inner, f"{word} {at} in ({', '.join(map(str, covered))},):")
            self.leaving(inner + 1, handler)
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
