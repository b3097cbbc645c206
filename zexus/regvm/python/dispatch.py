"""The form without structure: a loop around the blocks of a function, of which a variable names the next."""

from __future__ import annotations

from collections.abc import Mapping

from zexus.regvm.ir import Block
from zexus.regvm.python.body import Body


class Dispatch:
    """Writes the blocks of a function into the lines of its body."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.names = body.names

    def write(self, indent: int) -> None:
        """A loop around the blocks, of which a variable names the next."""
        at = self.names.fresh("at")
        numbers = {block: number for number, block in enumerate(self.body.fn.blocks)}
        handlers: dict[Block, list[int]] = {}
        for block, number in numbers.items():
            if block.catches is not None:
                handlers.setdefault(block.catches, []).append(number)
        self.body.say(indent, f"{at} = 0")
        self.body.say(indent, "while True:")
        inner = indent + 1
        if handlers:
            self.body.say(inner, "try:")
            inner += 1
        self.decide(at, [*numbers.items()], inner, numbers)
        if not handlers:
            return
        raised = self.body.module.helper("raised")
        self.body.limits(inner - 1)
        self.body.say(inner - 1, f"except {self.body.module.helper('BaseException')} as {raised}:")
        self.body.say(inner, f"{self.names.caught} = {raised}")
        word = "if"
        for handler, covered in handlers.items():
            self.body.say(inner, f"{word} {at} in ({', '.join(map(str, covered))},):")
            self.body.say(inner + 1, f"{at} = {numbers[handler]}")
            word = "elif"
        self.body.say(inner, "else:")
        self.body.say(inner + 1, "raise")

    def decide(self, at: str, blocks: list[tuple[Block, int]], indent: int, numbers: Mapping[Block, int]) -> None:
        if len(blocks) == 1:
            self.jump(at, blocks[0][0], indent, numbers)
            return
        middle = len(blocks) // 2
        self.body.say(indent, f"if {at} < {blocks[middle][1]}:")
        self.decide(at, blocks[:middle], indent + 1, numbers)
        self.body.say(indent, "else:")
        self.decide(at, blocks[middle:], indent + 1, numbers)

    def jump(self, at: str, block: Block, indent: int, numbers: Mapping[Block, int]) -> None:
        lowered = self.body.lowered[block]
        if not self.body.straight(lowered.lines, indent):
            return
        targets = [numbers[t] for t in block.successors]
        if lowered.test is None:
            self.body.say(indent, f"{at} = {targets[0]}")
        elif block.terminator.op == "BRANCH":
            self.body.say(indent, f"{at} = {targets[0]} if {lowered.test.at(3)} else {targets[1]}", lowered.where)
        else:
            self.body.say(indent, f"{at} = ({', '.join(map(str, targets))},)[{lowered.test.text}]", lowered.where)
