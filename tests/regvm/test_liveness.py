"""Liveness against its definition: a register is live where some path reads it before writing it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from zexus.regvm import cfg, liveness
from zexus.regvm.ir import Block, Exit, Function, Instr, Phi, Value


@st.composite
def register_functions(draw: st.DrawFn) -> Function:
    """Register form of MOVEs between four registers, with random control flow."""
    fn = Function("moves", "register")
    registers = [Value(i) for i in range(4)]
    blocks = [fn.block() for _ in range(draw(st.integers(1, 6)))]
    pairs = st.tuples(st.sampled_from(registers), st.sampled_from(registers))
    for block in blocks:
        for source, dest in draw(st.lists(pairs, max_size=4)):
            block.instrs.append(Instr("MOVE", [source], dest))
        targets = draw(st.lists(st.sampled_from(blocks), max_size=2))
        if len(targets) == 2:
            block.instrs.append(Instr("BRANCH", [draw(st.sampled_from(registers))], targets=targets))
        elif targets:
            block.instrs.append(Instr("JUMP", [], targets=targets))
        else:
            block.instrs.append(Instr("RETURN", [draw(st.sampled_from(registers))]))
    return fn


def read_first(block: Block, position: int, register: int) -> bool:
    """Whether some path from here reads the register before it writes it."""
    seen: set[Block] = set()
    work = [(block, position)]
    while work:
        block, position = work.pop()
        for instr in block.instrs[position:]:
            if any(a.number == register for a in instr.args):
                return True
            if instr.dest is not None and instr.dest.number == register:
                break
        else:
            for target in block.successors:
                if target not in seen:
                    seen.add(target)
                    work.append((target, 0))
    return False


@given(register_functions())
@settings(deadline=None)
def test_live_in(fn: Function) -> None:
    found = liveness.live_in(fn)
    assert set(found) == set(cfg.reverse_postorder(fn))
    for block, live in found.items():
        assert live == {r for r in range(4) if read_first(block, 0, r)}


@given(register_functions())
@settings(deadline=None)
def test_around_each_instruction(fn: Function) -> None:
    entry = liveness.live_in(fn)
    for block in entry:
        for position, (before, after) in enumerate(liveness.around(block, entry)):
            assert before == {r for r in range(4) if read_first(block, position, r)}
            if position + 1 < len(block.instrs):
                assert after == {r for r in range(4) if read_first(block, position + 1, r)}


def test_what_is_needed_behind_an_instruction() -> None:
    fn = Function("swept", "typed")
    entry, head, back, end = (fn.block() for _ in range(4))
    number = fn.value("i64")
    box, handed, first, again = (fn.value("ptr") for _ in range(4))
    test = fn.value("i1")
    carried = Phi(fn.value("ptr"))
    carried.incoming = {entry: first, back: again}
    entry.instrs = [Instr("K", [], number, 300), Instr("BOX_INT", [number], box), Instr("BOX_INT", [number], handed),
                    Instr("REF", [], first, 0), Instr("JUMP", [], targets=[head])]
    head.phis = [carried]
    poll = Instr("POLL", [], imm=(0,))
    poll.exit = Exit(1, "ZX035", [(handed, "p")])
    head.instrs = [poll, Instr("BOX_INT", [number], again), Instr("BRANCH", [test], targets=[back, end])]
    back.instrs = [Instr("JUMP", [], targets=[head])]
    end.instrs = [Instr("LEAVE", [box, carried.dest], imm=0)]
    needed = liveness.behind(fn, frozenset(("POLL",)), "ptr")
    assert needed == {poll: [box, handed, carried.dest]}
