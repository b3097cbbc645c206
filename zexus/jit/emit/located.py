"""Emission with the user's lines as debug locations, so that LLVM's remarks name them; no object code is made of it."""

from __future__ import annotations

import re
from typing import Any

from llvmlite import ir

from zexus.jit.emit.frame import I32
from zexus.jit.emit.function import Emitter
from zexus.jit.emit.runtime import complete
from zexus.records import dataclass
from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr
from zexus.settings import JitSettings

_MARK = "zexus.loop"


@dataclass(frozen=True)
class LoopPlace:
    """A loop of a typed function.

    Attributes:
        filename, line: where it stands in the user's text.
        exits: (code, line) of the guards in it.
        innermost: whether it holds no other loop.
    """

    filename: str
    line: int
    exits: tuple[tuple[str, int], ...]
    innermost: bool


@dataclass(frozen=True)
class Listing:
    """LLVM assembly with locations.

    Attributes:
        assembly: the module. A location of an instruction has column 0, that of a loop the loop's number plus 1.
        files: the files, by the number that stands for the name in locations.
        loops: the loops, by number.
    """

    assembly: str
    files: tuple[str, ...]
    loops: tuple[LoopPlace, ...]


def located(fn: Function, settings: JitSettings) -> Listing:
    """The assembly of a typed function that is no function of the program's, but a loop."""
    emitter = LocatedEmitter(fn, "located", False, settings)
    text = complete(str(emitter.emit()), emitter.prelude.functions)
    # A loop's identity is a node that names itself, which the builder of the assembly cannot write.
    text = re.sub(rf'^(!\d+) = !{{ !"{_MARK}", (!\d+) }}', r"\1 = distinct !{ \1, \2 }", text, flags=re.MULTILINE)
    return Listing(text, tuple(emitter.scopes), tuple(emitter.loops))


class LocatedEmitter(Emitter):
    """Emits every instruction with its line.

    Attributes:
        scopes: the files, with what stands for each of them in locations.
        loops: the loops, in order.
    """

    scopes: dict[str, Any]
    loops: list[LoopPlace]

    def emit(self) -> ir.Module:
        self.scopes, self.loops = {}, []
        self._describe()
        made = super().emit()
        for loop in cfg.loops(self.fn):
            self._mark(loop)
        return made

    def make(self, instr: Instr) -> None:
        where = _where(instr)
        self.b.debug_metadata = None if where is None else self._location(*where)
        super().make(instr)

    def _describe(self) -> None:
        """What LLVM wants to know of a function before it takes locations in it."""
        module = self.module
        file = module.add_debug_info("DIFile", {"filename": "located", "directory": ""})
        unit = module.add_debug_info("DICompileUnit", {
            "language": ir.DIToken("DW_LANG_Python"), "file": file, "producer": "zexus", "isOptimized": True,
            "runtimeVersion": 0, "emissionKind": ir.DIToken("LineTablesOnly")}, is_distinct=True)
        kind = module.add_debug_info("DISubroutineType", {"types": module.add_metadata([])})
        self._program = module.add_debug_info("DISubprogram", {
            "name": "located", "scope": file, "file": file, "line": 1, "scopeLine": 1, "type": kind, "unit": unit,
            "spFlags": ir.DIToken("DISPFlagDefinition")}, is_distinct=True)
        self.entry.set_metadata("dbg", self._program)
        module.add_named_metadata("llvm.dbg.cu", unit)
        version = module.add_metadata([ir.Constant(I32, 2), "Debug Info Version", ir.Constant(I32, 3)])
        module.add_named_metadata("llvm.module.flags", version)

    def _location(self, filename: str, line: int, column: int = 0) -> Any:
        module = self.module
        if filename not in self.scopes:
            file = module.add_debug_info("DIFile", {"filename": str(len(self.scopes)), "directory": ""})
            self.scopes[filename] = module.add_debug_info(
                "DILexicalBlockFile", {"scope": self._program, "file": file, "discriminator": 0})
        return module.add_debug_info(
            "DILocation", {"line": line, "column": column, "scope": self.scopes[filename]})

    def _mark(self, loop: cfg.Loop) -> None:
        """Give a loop a location that tells which one it is."""
        where = _first(loop.header) or next((found for block in loop.blocks if (found := _first(block))), None)
        if where is None:
            return
        inside = [instr for block in loop.blocks for instr in block.instrs]
        exits = dict.fromkeys((i.exit.code, i.exit.line) for i in inside if i.exit is not None)
        self.loops.append(LoopPlace(*where, tuple(exits), not loop.children))
        mark = self.module.add_metadata([_MARK, self._location(*where, len(self.loops))])
        for latch in loop.latches:
            if latch in self.ends:
                self.ends[latch].terminator.set_metadata("llvm.loop", mark)


def _first(block: Block) -> tuple[str, int] | None:
    return next((found for instr in block.instrs if (found := _where(instr)) is not None), None)


def _where(instr: Instr) -> tuple[str, int] | None:
    """The file and line of an instruction, if it has any."""
    if instr.context is None or not 0 <= instr.index < len(instr.context.code.positions):
        return None
    position = instr.context.code.positions[instr.index]
    return None if position is None else (instr.context.code.code.filename, position.line)
