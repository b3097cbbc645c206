"""Window rules on what was just pushed, popped, stored or tested."""

from __future__ import annotations

from zexus.bytecode import Instruction
from zexus.vm.peephole.constants import is_plain
from zexus.vm.peephole.rules import OptimizationLevel, Work, rule, window

BASIC, MODERATE = OptimizationLevel.BASIC, OptimizationLevel.MODERATE
# What takes the place of an instruction that a rule has taken out, and what stands where there is none.
GONE = NOTHING = Instruction("NOP")

# Pushes that neither raise nor run code of the user's.
PUSHES = frozenset(("LOAD_LOCAL", "LOAD_CONST", "COPY"))
# Rows that make True or False of anything.
BOOLEAN = frozenset(("NOT", "TRUTH", "IS", "IS_NOT", "IN", "NOT_IN", "MATCH", "TO_BOOL"))
_OPPOSITE = {"IS": "IS_NOT", "IS_NOT": "IS", "IN": "NOT_IN", "NOT_IN": "IN", "NOT": "TRUTH", "TRUTH": "NOT"}
OTHER_WAY = {"JUMP_IF_FALSE": "JUMP_IF_TRUE", "JUMP_IF_TRUE": "JUMP_IF_FALSE"}


def renamed(instruction: Instruction, op: str) -> Instruction:
    """The same instruction with another opcode."""
    return Instruction(op, instruction.arg, instruction.position, instruction.statement)


NOP = rule("no operation", "dead_code_removed", BASIC, "it does nothing; jumps to it go to what follows")


def without_nops(listing: list[Instruction], work: Work) -> list[Instruction]:
    """The instructions that do something."""
    kept = [instruction for instruction in listing if instruction.op != "NOP"]
    found = sum(instruction.op == "NOP" and instruction is not GONE for instruction in listing)
    if found:
        work.used(NOP.name, found)
    return kept


LOAD_POP = rule("load and pop", "dead_code_removed", BASIC,
                "the load neither raises nor runs other code: a local, a constant or a copy, never a global or a cell")


@window(LOAD_POP, ["POP"], after=PUSHES)
def drop_load(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    emitted.pop()
    work.used(LOAD_POP.name)
    return True


COPY_POP = rule("copy, store and pop", "dead_code_removed", BASIC, "what is popped is what was copied")


@window(COPY_POP, ["POP"], after=["STORE_LOCAL"])
def drop_copy(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    if len(emitted) < 2 or emitted[-2].op != "COPY" or emitted[-2].arg != 1:
        return False
    del emitted[-2]
    work.used(COPY_POP.name)
    return True


SELF_STORE = rule("store of itself", "dead_stores", BASIC, "nothing stands between load and store of the same local")


@window(SELF_STORE, ["STORE_LOCAL"], after=["LOAD_LOCAL"])
def drop_store_of_itself(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    if emitted[-1].arg != instruction.arg:
        return False
    emitted.pop()
    work.used(SELF_STORE.name)
    return True


SWAPS = rule("needless swap", "strength_reductions", BASIC,
             "it undoes the swap before it, exchanges a value with its copy, or two loads that run no other code")


@window(SWAPS, ["SWAP"], after=["SWAP", "COPY", "LOAD_LOCAL", "LOAD_CONST"])
def drop_swap(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    last = emitted[-1]
    if last.op == "SWAP" and last.arg == instruction.arg:
        emitted.pop()
    elif instruction.arg == 2 and len(emitted) > 1 and _are_loads(emitted[-2], last):
        emitted[-2:] = [last, emitted[-2]]
    elif instruction.arg != 2 or last.op != "COPY" or last.arg != 1:
        return False
    work.used(SWAPS.name)
    return True


def _are_loads(*instructions: Instruction) -> bool:
    return all(i.op in ("LOAD_LOCAL", "LOAD_CONST") for i in instructions)


UNPACKED = rule("pack and unpack", "strength_reductions", BASIC,
                "the tuple or list has exactly the items that are wanted, at most three, and nothing else sees it")


@window(UNPACKED, ["UNPACK"], after=["BUILD_TUPLE", "BUILD_LIST"])
def drop_packing(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    count = instruction.arg
    if emitted[-1].arg != count or count > 3:
        return False
    emitted.pop()
    work.used(UNPACKED.name)
    if count > 1:
        swap = Instruction("SWAP", count, instruction.position, instruction.statement)
        if not (count == 2 and len(emitted) > 1 and drop_swap(emitted, swap, work)):
            emitted.append(swap)
    return True


TRUTH = rule("truth of a truth value", "strength_reductions", BASIC,
             "the value before is a bool, whatever its operands")


@window(TRUTH, ["TRUTH"], after=BOOLEAN)
def drop_truth(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    work.used(TRUTH.name)
    return True


NEGATED = rule("negated test", "strength_reductions", BASIC,
               "the negated row makes a bool; the result of other comparisons may be of any type, whose truth is asked")


@window(NEGATED, ["NOT"], after=_OPPOSITE)
def turn_test(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    emitted[-1] = renamed(emitted[-1], _OPPOSITE[emitted[-1].op])
    work.used(NEGATED.name)
    return True


NEGATED_JUMP = rule("negated jump", "strength_reductions", BASIC,
                    "the truth of the operand is asked all the same, once")


@window(NEGATED_JUMP, OTHER_WAY, after=["NOT"])
def turn_jump(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    emitted[-1] = renamed(emitted[-1], "TRUTH")
    if len(emitted) > 1 and emitted[-2].op in BOOLEAN:
        emitted.pop()
    emitted.append(renamed(instruction, OTHER_WAY[instruction.op]))
    work.used(NEGATED_JUMP.name)
    return True


DECIDED = rule("decided jump", "constant_folds", BASIC, "the tested value is a plain constant")


@window(DECIDED, OTHER_WAY, after=["LOAD_CONST"])
def decide_jump(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    if not is_plain(work.consts[emitted[-1].arg]):
        return False
    truth = bool(work.consts[emitted.pop().arg])
    if truth == (instruction.op == "JUMP_IF_TRUE"):
        emitted.append(renamed(instruction, "JUMP"))
    work.again = True
    work.used(DECIDED.name)
    return True
