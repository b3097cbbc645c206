"""Window rules that compute with constants, by the meaning of the opcodes' own rows."""

from __future__ import annotations

from typing import Any

from zexus import ops
from zexus.bytecode import Instruction
from zexus.vm.peephole.rules import OptimizationLevel, Rule, Work, rule, window

MAX_BITS = 128       # of an int that grows by folding
MAX_LENGTH = 4096    # of a text that folding makes
MAX_ITEMS = 256      # of a tuple that folding makes

_REAL = (int, float, bool)
_NUMBERS = (*_REAL, complex)
_TEXTS = (str, bytes)
_SCALARS = frozenset((*_NUMBERS, *_TEXTS, type(None), type(...)))
_SINGLETONS = (type(None), bool, type(...))
_GROWING = frozenset(("MUL", "POW", "LSHIFT"))


def is_plain(value: Any) -> bool:
    """Whether a constant is immutable through and through, and of no class that could have methods of the user's."""
    return type(value) in _SCALARS or (type(value) is tuple and all(map(is_plain, value)))


def _base(op: str) -> str:
    return ops.OPS[op].base or op


def _small(op: str, a: Any, b: Any) -> bool:
    """Whether the result of numbers is of a size that can stay in the program."""
    if op not in _GROWING or not (isinstance(a, int) and isinstance(b, int)):
        return True
    if op == "MUL":
        return a.bit_length() + b.bit_length() <= MAX_BITS
    return b < 0 or (b <= MAX_BITS and (a.bit_length() * b if op == "POW" else a.bit_length() + b) <= MAX_BITS)


def _binary(op: str, a: Any, b: Any) -> bool:
    """Whether a row may be run on these operands beforehand."""
    left, right, op = type(a), type(b), _base(op)
    if op in ("IS", "IS_NOT"):
        return left in _SINGLETONS and right in _SINGLETONS
    if left in _NUMBERS and right in _NUMBERS:
        return ops.OPS[op].family in ("arith", "compare") and _small(op, a, b)
    if op == "GETITEM":
        return left in (*_TEXTS, tuple) and right in (int, bool) and is_plain(a)
    if left in _TEXTS and left is right:
        return ops.OPS[op].family == "compare" or (op == "ADD" and len(a) + len(b) <= MAX_LENGTH)
    if left is tuple and right is tuple:
        return op == "ADD" and len(a) + len(b) <= MAX_ITEMS and is_plain(a) and is_plain(b)
    if op == "MUL" and (left in _TEXTS or left is tuple) and right is int:
        return is_plain(a) and len(a) * b <= (MAX_ITEMS if left is tuple else MAX_LENGTH)
    return op == "MUL" and left is int and (right in _TEXTS or right is tuple) and _binary(op, b, a)


def _unary(op: str, a: Any) -> bool:
    kind = type(a)
    if op in ("NOT", "TRUTH"):
        return is_plain(a)
    if op == "LEN":
        return kind in (*_TEXTS, tuple)
    if op == "INVERT":
        return kind is int  # that of a bool warns, from 3.12 on
    return kind in _NUMBERS and op in ("NEG", "POS", "ABS")


def computed(op: str, operands: list[Any]) -> tuple[Any] | None:
    """What a row makes of constants; None where that is not for the optimizer to say: it raises, warns or is large."""
    fits = _unary(op, *operands) if len(operands) == 1 else _binary(op, *operands)
    if not fits:
        return None
    meaning = ops.OPS[op].meaning
    assert meaning is not None
    try:
        made = meaning(*operands)
    except (ArithmeticError, TypeError, ValueError, LookupError):
        return None
    return (made,) if is_plain(made) else None


FOLD = rule("constant folding", "constant_folds", OptimizationLevel.BASIC,
            "the operands are plain constants, and their row neither raises nor warns nor makes anything large")
_FOLDED = [row.name for row in ops.OPS.values()
           if row.meaning is not None and (row.family in ("arith", "unary", "compare") or
                                           row.name in ("GETITEM", "LEN", "ABS"))]


@window(FOLD, (name for name in _FOLDED if ops.OPS[name].arity == 2), after=["LOAD_CONST"])
def fold_binary(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    if len(emitted) < 2 or emitted[-2].op != "LOAD_CONST":
        return False
    made = computed(instruction.op, [work.consts[emitted[-2].arg], work.consts[emitted[-1].arg]])
    return made is not None and _replaced(emitted, 2, made[0], instruction, work)


@window(FOLD, (name for name in _FOLDED if ops.OPS[name].arity == 1), after=["LOAD_CONST"])
def fold_unary(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    made = computed(instruction.op, [work.consts[emitted[-1].arg]])
    return made is not None and _replaced(emitted, 1, made[0], instruction, work)


def _replaced(emitted: list[Instruction], count: int, value: Any, instruction: Instruction, work: Work,
              made: Rule = FOLD) -> bool:
    del emitted[-count:]
    emitted.append(Instruction("LOAD_CONST", work.const(value), instruction.position, instruction.statement))
    work.used(made.name)
    return True


TUPLE = rule("constant tuple", "constant_folds", OptimizationLevel.BASIC,
             "the items are plain constants: a tuple of them may be made once")


@window(TUPLE, ["BUILD_TUPLE"], after=["LOAD_CONST"])
def fold_tuple(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    items = _constants(emitted, instruction.arg, work)
    return bool(items) and _replaced(emitted, instruction.arg, items, instruction, work, TUPLE)


LIST = rule("constant list that nobody keeps", "constant_folds", OptimizationLevel.BASIC,
            "the list of plain constants is only searched or iterated over, which a tuple of them answers equally")


@window(LIST, ["IN", "NOT_IN", "ITER"], after=["BUILD_LIST"])
def fold_list(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    built = emitted[-1]
    items = _constants(emitted[:-1], built.arg, work)
    if items is None:
        return False
    del emitted[len(emitted) - 1 - len(items):]
    emitted.append(Instruction("LOAD_CONST", work.const(items), built.position, built.statement))
    emitted.append(instruction)
    work.used(LIST.name)
    return True


def _constants(emitted: list[Instruction], count: int, work: Work) -> tuple[Any, ...] | None:
    """The plain constants that the last `count` instructions load."""
    if count > MAX_ITEMS or count > len(emitted):
        return None
    loads = emitted[len(emitted) - count:]
    if any(load.op != "LOAD_CONST" for load in loads):
        return None
    items = tuple(work.consts[load.arg] for load in loads)
    return items if is_plain(items) else None
