"""The peephole optimizer: the same program in fewer instructions of the stack form.

The rules stand in `zexus.vm.peephole`, each with the condition under which no program can tell that it was used.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import field, fields
from typing import Any

from zexus import bytecode, ops
from zexus.bytecode import Code, InvalidCode, Module
from zexus.records import dataclass
from zexus.settings import VM_DEFAULTS, PeepholeSettings
from zexus.vm.peephole import listing
from zexus.vm.peephole.jumps import UNREACHABLE
from zexus.vm.peephole.rules import RULES, OptimizationLevel

__all__ = ["Instruction", "OptimizationLevel", "OptimizationStats", "PeepholeOptimizer"]


@dataclass(frozen=True)
class Instruction:
    """An instruction of a program that stands alone, without tables: it carries its constant and its names itself.

    Attributes:
        opcode: a row of `zexus.ops`, or a name by which others know it (BINARY_ADD, LOAD_FAST, RETURN_VALUE, ...).
        arg: the constant, the name of the variable, the number of operands, or the index that a jump goes to; for fused
            rows the tuple of what their parts carry.
        lineno: the line of the source, 0 if there is none.
    """

    opcode: str
    arg: Any = None
    lineno: int = 0

    def __repr__(self) -> str:
        bare = self.arg is None and self.opcode != "LOAD_CONST"
        return f"{self.opcode}" if bare else f"{self.opcode}({self.arg!r})"


@dataclass
class OptimizationStats:
    """What an optimizer has done since it was made or reset.

    Attributes:
        original_size, optimized_size: instructions before and after.
        constant_folds, dead_code_removed, dead_stores, strength_reductions, instruction_fusions, jumps_threaded: how
            often rules of each kind were used.
        seconds: the time that it took.
        rules: how often each rule was used, by its name.
    """

    original_size: int = 0
    optimized_size: int = 0
    constant_folds: int = 0
    dead_code_removed: int = 0
    dead_stores: int = 0
    strength_reductions: int = 0
    instruction_fusions: int = 0
    jumps_threaded: int = 0
    seconds: float = 0.0
    rules: dict[str, int] = field(default_factory=dict)

    @property
    def total_optimizations(self) -> int:
        """How often a rule was used."""
        return sum(self.rules.values())

    @property
    def reduction_percent(self) -> float:
        """Of a hundred instructions, how many are gone."""
        return 100.0 * (self.original_size - self.optimized_size) / self.original_size if self.original_size else 0.0

    def as_dict(self) -> dict[str, Any]:
        """All figures by name."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return {**found, "rules": dict(self.rules), "total_optimizations": self.total_optimizations,
                "reduction_percent": self.reduction_percent}

    def add(self, before: int, after: int, counts: dict[str, int], seconds: float) -> None:
        """Take in what became of one program."""
        self.original_size += before
        self.optimized_size += after
        self.seconds += seconds
        for name, times in counts.items():
            kind = RULES[name].kind
            setattr(self, kind, getattr(self, kind) + times)
            self.rules[name] = self.rules.get(name, 0) + times


class PeepholeOptimizer:
    """Optimizes programs of the stack form at one level, and counts what it did.

    Args:
        level: an OptimizationLevel, its name or its number.
        settings: further numbers.
    """

    def __init__(self, level: OptimizationLevel | str | int = OptimizationLevel.MODERATE,
                 settings: PeepholeSettings = VM_DEFAULTS.peephole) -> None:
        self.level = _level(level)
        self.settings = settings
        self.stats = OptimizationStats()

    def reset(self) -> None:
        """Begin new statistics."""
        self.stats = OptimizationStats()

    def optimize_code(self, code: Code) -> Code:
        """An equal Code; the given one, which must have been verified, stays as it is."""
        start = time.perf_counter()
        made, counts = listing.optimize(code, self.level, self.settings.rounds)
        self.stats.add(len(code.instructions), len(made.instructions), counts, time.perf_counter() - start)
        return made

    def optimize_module(self, module: Module) -> Module:
        """An equal Module of optimized functions."""
        functions = {name: self.optimize_code(code) for name, code in module.functions.items()}
        if self.level == OptimizationLevel.NONE:
            return module
        return Module(module.name, module.filename, functions)

    def optimize(self, program: Sequence[Instruction]) -> list[Instruction]:
        """An equal list of instructions. Control enters at the first and leaves behind the last.

        Raises:
            InvalidCode: naming the instruction that cannot stand there.
        """
        if not program:
            return []
        fragment = _Fragment(program)
        start = time.perf_counter()
        made, counts = listing.optimize(fragment.code, self.level, self.settings.rounds)
        seconds = time.perf_counter() - start
        found = fragment.instructions(made)
        if made.instructions[-1].op != "LEAVE" and self.level:
            counts[UNREACHABLE.name] -= 1  # the end is none of the program's instructions
            counts = {name: times for name, times in counts.items() if times}
        self.stats.add(len(program), len(found), counts, seconds)
        return found


def _level(level: OptimizationLevel | str | int) -> OptimizationLevel:
    try:
        return OptimizationLevel[level.upper()] if isinstance(level, str) else OptimizationLevel(level)
    except (KeyError, ValueError):
        known = ", ".join(OptimizationLevel.__members__)
        raise ValueError(f"unknown optimization level {level!r}; levels are {known}") from None


# --- programs that stand alone ------------------------------------------------------------------------------

_SPELLED = {
    "ADD": "ADD", "SUB": "SUBTRACT", "MUL": "MULTIPLY", "TRUEDIV": "TRUE_DIVIDE", "FLOORDIV": "FLOOR_DIVIDE",
    "MOD": "MODULO", "POW": "POWER", "MATMUL": "MATRIX_MULTIPLY", "LSHIFT": "LSHIFT", "RSHIFT": "RSHIFT", "AND": "AND",
    "OR": "OR", "XOR": "XOR",
}
_ALIASES: dict[str, str] = {
    "BINARY_DIV": "TRUEDIV", "BINARY_SUBSCR": "GETITEM", "STORE_SUBSCR": "STORE_ITEM", "DELETE_SUBSCR": "DELITEM",
    "UNARY_NEGATIVE": "NEG", "UNARY_POSITIVE": "POS", "UNARY_INVERT": "INVERT", "UNARY_NOT": "NOT", "UNARY_NEG": "NEG",
    "LOAD_FAST": "LOAD_LOCAL", "STORE_FAST": "STORE_LOCAL", "LOAD_NAME": "LOAD_GLOBAL", "STORE_NAME": "STORE_GLOBAL",
    "POP_TOP": "POP", "RETURN_VALUE": "RETURN", "JUMP_ABSOLUTE": "JUMP", "POP_JUMP_IF_FALSE": "TRUTH__JUMP_IF_FALSE",
    "POP_JUMP_IF_TRUE": "TRUTH__JUMP_IF_TRUE", "CALL_FUNCTION": "CALL", "LOAD_ATTR": "GETATTR", "STORE_ATTR": "SETATTR",
    "GET_ITER": "ITER", "UNPACK_SEQUENCE": "UNPACK",
}
for _name, _spelling in _SPELLED.items():
    _ALIASES.update({f"BINARY_{_name}": _name, f"BINARY_{_spelling}": _name,
                     f"INPLACE_{_name}": "I" + _name, f"INPLACE_{_spelling}": "I" + _name})
for _name in ("LT", "LE", "EQ", "NE", "GT", "GE"):
    _ALIASES[f"COMPARE_{_name}"] = _name
_NO_PLACE = frozenset(("LEAVE", "PYBLOCK", "MAKE_FUNCTION", "LOAD_CELL", "STORE_CELL"))


class _Fragment:
    """A list of instructions as Code: with tables, and with an end that stands for what follows."""

    def __init__(self, program: Sequence[Instruction]) -> None:
        self.locals: dict[Any, int] = {}
        self.code = Code("<program>", "<program>", "<program>", 1, (), 0, region=True)
        self.given: dict[int, Instruction] = {}
        for index, instruction in enumerate(program):
            made = self._taken(index, instruction, len(program))
            self.given[id(made)] = instruction
            self.code.instructions.append(made)
        self.code.instructions.append(bytecode.Instruction("LEAVE", 0))
        self.code.locals = tuple(str(name) for name in self.locals)
        self.code.results = self.code.locals
        try:
            bytecode.verify(self.code)
        except InvalidCode as wrong:
            at = wrong.index
            if at is None or at >= len(program):
                raise
            message = str(wrong).removeprefix("<program>: ").removesuffix(self.code.instructions[at].op)
            raise InvalidCode(f"{message.rstrip()} {program[at]!r}", index=at) from None

    def _taken(self, index: int, instruction: Instruction, size: int) -> bytecode.Instruction:
        if not isinstance(instruction, Instruction):
            raise InvalidCode(f"{index} is no Instruction but {instruction!r}", index=index)
        named = isinstance(instruction.opcode, str)
        op = _ALIASES.get(instruction.opcode, instruction.opcode) if named else ""
        row = ops.OPS.get(op)
        if row is None or row.family in ("register", "native"):
            raise InvalidCode(f"unknown opcode at {index} {instruction!r}", index=index)
        if op in _NO_PLACE:
            raise InvalidCode(f"this opcode needs a function around it at {index} {instruction!r}", index=index)
        kinds = row.argument.split()
        given = (instruction.arg,) if len(kinds) < 2 else instruction.arg
        if not isinstance(given, tuple) or len(given) != max(len(kinds), 1):
            raise InvalidCode(f"{len(kinds)} arguments are needed at {index} {instruction!r}", index=index)
        carried = tuple(self._part(kind, part, index, instruction, size) for kind, part in zip(kinds, given))
        arg = instruction.arg if not kinds else carried[0] if len(carried) == 1 else carried
        line = instruction.lineno
        position = bytecode.Position(line, line, 0, 0) if line else None
        return bytecode.Instruction(op, arg, position)

    def _part(self, kind: str, part: Any, index: int, instruction: Instruction, size: int) -> Any:
        if kind == "const":
            self.code.consts.append(part)
            return len(self.code.consts) - 1
        if kind == "local":
            if not isinstance(part, (str, int)):
                raise InvalidCode(f"bad argument {part!r} at {index} {instruction!r}", index=index)
            return self.locals.setdefault(part, len(self.locals))
        if kind == "label" and not (type(part) is int and 0 <= part <= size):
            raise InvalidCode(f"jump out of range at {index} {instruction!r}", index=index)
        return part

    def instructions(self, made: Code) -> list[Instruction]:
        """The optimized Code as a list again: what is left as it was is spelled as it was."""
        names = list(self.locals)
        found = []
        for instruction in made.instructions:
            if instruction.op == "LEAVE":
                continue
            given = self.given.get(id(instruction))
            if given is not None and not bytecode.targets(instruction):
                found.append(given)
                continue
            carried = tuple(made.consts[part] if kind == "const" else names[part] if kind == "local" else part
                            for kind, part in bytecode.parts(instruction))
            arg = None if not ops.OPS[instruction.op].argument else carried[0] if len(carried) == 1 else carried
            line = instruction.position.line if instruction.position else 0
            found.append(Instruction(instruction.op, arg, line))
        return found
