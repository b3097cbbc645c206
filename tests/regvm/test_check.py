"""The allocation checker: it accepts what runs right, and reports an allocator that was broken on purpose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import strategies
from tests.regvm.test_destruct import HERE, INPUTS
from zexus.bytecode import Routine
from zexus.regvm import allocate as allocation
from zexus.regvm import destruct as destruction
from zexus.regvm.allocate import Allocation, allocate
from zexus.regvm.build import build
from zexus.regvm.check import InvalidAllocation, check
from zexus.regvm.destruct import destruct
from zexus.regvm.interpreter import RegisterMachine
from zexus.regvm.ir import Block, Context, Function, Instr, Value
from zexus.regvm.liveness import Masks
from zexus.regvm.ssa import construct
from zexus.regvm.text import parse, print_function
from zexus.vm.limits import Budget, LimitExceeded
from zexus.vm.metering import metered_code
from zexus.vm.stack import StackMachine

SEEDS = range(30)


def outcome(machine: Any, code: Any, seed: int) -> tuple[Any, ...]:
    """What a random function does, its calls of the host included."""
    notes: list[str] = []

    def note(*values: Any) -> int:
        notes.append(repr(values))
        return len(notes)

    try:
        found = repr(machine.run(Routine(code, {"note": note}, (), machine.enter), strategies.arguments(code, seed)))
    except LimitExceeded:
        found = "endless"
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
    return found, notes


# --- ways of breaking it --------------------------------------------------------------------------------------


def forget_back_edges(patch: pytest.MonkeyPatch) -> None:
    """Live ranges end where a loop goes back."""

    def end(self: Masks, block: Block) -> int:
        live = 0
        for successor in block.successors:
            live |= self.entry[successor] if successor.number > block.number else 0
        return live

    patch.setattr(Masks, "end", end)


def forget_handlers(patch: pytest.MonkeyPatch) -> None:
    """What a handler reads is not live in the blocks that catch."""
    backwards = Masks.backwards

    def without(self: Masks, block: Block) -> Any:
        handler, block.catches = block.catches, None
        found = list(backwards(self, block))
        block.catches = handler
        return iter(found)

    patch.setattr(Masks, "backwards", without)


def coalesce_anything(patch: pytest.MonkeyPatch) -> None:
    """Both sides of a move share a register although they interfere."""

    def coalesce(self: Any, move: int) -> None:
        self.waiting.discard(move)
        one, other = (self.find(end) for end in self.moves[move])
        if one != other and not self.removed[one] and not self.removed[other]:
            self.neighbours[one].discard(other)
            self.neighbours[other].discard(one)
            self.merge(one, other)
            self.file(one)

    patch.setattr(allocation._Graph, "coalesce", coalesce)


def lose_spills(patch: pytest.MonkeyPatch) -> None:
    """Results of spilled live ranges never get to their slots."""
    in_memory = allocation._in_memory

    def without(fn: Function, instr: Instr, homes: Any, temporaries: Any) -> list[Instr]:
        made = in_memory(fn, instr, homes, temporaries)
        return [i for i in made if i is instr or i.op != "SPILL"]

    patch.setattr(allocation, "_in_memory", without)


def mistake_slots(patch: pytest.MonkeyPatch) -> None:
    """Operands are reloaded from the slot that was made before theirs."""
    in_memory = allocation._in_memory
    slots: list[tuple[Function, Value]] = []  # in the order in which they are made

    def crossed(fn: Function, instr: Instr, homes: Any, temporaries: Any) -> list[Instr]:
        made = in_memory(fn, instr, homes, temporaries)
        others = [slot for owner, slot in slots if owner is fn and slot not in homes.values()]
        for reload in made:
            if reload is not instr and reload.op == "RELOAD" and others:
                reload.args = others[-1:]
        slots.extend((fn, slot) for slot in set(homes.values()) if not slots or slots[-1][1] is not slot)
        return made

    patch.setattr(allocation, "_in_memory", crossed)


def share_slots(patch: pytest.MonkeyPatch) -> None:
    """All spilled live ranges are kept in one slot."""
    spill = allocation._spill
    first: list[tuple[Function, Value]] = []

    def shared(fn: Function, homes: dict[Value, Value], temporaries: Any) -> None:
        slot = next((slot for owner, slot in first if owner is fn), next(iter(homes.values())))
        first.append((fn, slot))
        spill(fn, dict.fromkeys(homes, slot), temporaries)

    patch.setattr(allocation, "_spill", shared)


def move_one_by_one(patch: pytest.MonkeyPatch) -> None:
    """The moves of an edge overwrite each other's sources."""
    patch.setattr(destruction, "sequential",
                  lambda pairs, fn: [Instr("MOVE", [source], dest) for dest, source in pairs if dest is not source])


def keep_reloads_away(patch: pytest.MonkeyPatch) -> None:
    """A register counts as holding what a slot holds, although it was written in between."""
    without = allocation._without_reloads

    def wrong(instrs: list[Instr], registers: int) -> list[Instr]:
        kept = without(instrs, registers)
        seen: set[int] = set()
        made = []
        for instr in kept:
            if instr.op == "RELOAD" and instr.args[0].number in seen:
                continue
            seen.update(v.number for v in instr.args if instr.op == "RELOAD")
            made.append(instr)
        return made

    patch.setattr(allocation, "_without_reloads", wrong)


BREAKS: tuple[Callable[[pytest.MonkeyPatch], None], ...] = (
    forget_back_edges, forget_handlers, coalesce_anything, lose_spills, mistake_slots, share_slots, move_one_by_one,
    keep_reloads_away,
)


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.__name__)
def test_a_broken_allocator_is_reported(broken: Callable[[pytest.MonkeyPatch], None],
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    reported = 0
    for seed in SEEDS:
        code = metered_code(strategies.graph(seed))
        program = build(code)
        fn = construct(program, Context(program))
        for registers in (2, 4):
            made = allocate(destruct(fn), registers)
            try:
                check(fn, made.fn)
            except InvalidAllocation:
                reported += 1
                continue
            # What is not reported runs right although the allocator is broken: the mistake did not matter here.
            machine = RegisterMachine(lambda code, made=made: made, 100, Budget(instructions=100_000))  # type: ignore
            assert outcome(machine, code, seed) == outcome(StackMachine(100), code, seed)
    assert reported


def test_it_reports_nothing_where_nothing_is_broken() -> None:
    for seed in SEEDS:
        program = build(strategies.graph(seed))
        fn = construct(program, Context(program))
        for registers in (2, 4):
            check(fn, allocate(destruct(fn), registers).fn)


# --- single mistakes -----------------------------------------------------------------------------------------


def allocated(name: str, registers: int) -> tuple[Function, Allocation]:
    fn = parse((HERE / f"{name}.ir").read_text(encoding="utf-8"))
    return fn, allocate(destruct(fn), registers)


MISTAKES = (
    ("swap", 8, "BUILD_TUPLE v2, v3", "BUILD_TUPLE v3, v2", "does not hold"),
    ("swap", 8, "  v1 = MOVE v2\n  v2 = MOVE v3\n", "  v2 = MOVE v3\n  v1 = MOVE v2\n", "does not hold"),
    ("many_operands", 2, "BUILD_TUPLE v0, v2, v6", "BUILD_TUPLE v0, v6, v2", "does not hold"),
    ("many_operands", 2, "(v2, v6, v5,", "(v2, v2, v5,", "places of their own"),
    ("lost_copy", 8, "CONST [1]", "CONST [0]", "does not hold"),
    ("lost_copy", 8, "  v1 = MOVE v0\n", "", "does not hold"),
    ("lost_copy", 8, "  RETURN", "  v0 = ADD v0, v0\n  RETURN", "is wanted"),
    ("critical_edge", 8, "MUL", "SUB", "is wanted"),
    ("virtual_swap", 8, "BRANCH v1 -> bb1, bb2", "BRANCH v1 -> bb2, bb1", "is wanted"),
    ("retry", 8, "bb1: catches bb3", "bb1: catches bb4", "another handler"),
)


@pytest.mark.parametrize(("name", "registers", "old", "new", "message"), MISTAKES)
def test_a_mistake_is_named(name: str, registers: int, old: str, new: str, message: str) -> None:
    fn, made = allocated(name, registers)
    text = print_function(made.fn)
    assert old in text, text
    with pytest.raises(InvalidAllocation, match=message):
        check(fn, parse(text.replace(old, new, 1)))


def test_instructions_of_few_operands_read_no_slots() -> None:
    fn, made = allocated("swap", 2)
    text = print_function(made.fn).replace("v1 = RELOAD v4", "v1 = MOVE v4")
    with pytest.raises(InvalidAllocation, match="RELOAD out of one"):
        check(fn, parse(text))
    with pytest.raises(InvalidAllocation, match="is a slot"):
        check(fn, parse(print_function(made.fn).replace("LT v0, v1", "LT v0, v4")))


def test_every_input_has_its_text() -> None:
    assert {path.stem for path in Path(HERE).glob("*.ir")} == set(INPUTS)
