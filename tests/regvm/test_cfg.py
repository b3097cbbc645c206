"""Orders, dominators and loops against naive definitions, on random graphs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr


@st.composite
def graphs(draw: st.DrawFn) -> Function:
    """Functions of blocks that only branch."""
    fn = Function("graph", "register")
    blocks = [fn.block() for _ in range(draw(st.integers(1, 9)))]
    for block in blocks:
        targets = draw(st.lists(st.sampled_from(blocks), max_size=2))
        op = ("LEAVE", "JUMP", "BRANCH")[len(targets)]
        block.instrs.append(Instr(op, [], targets=targets, imm=0 if op == "LEAVE" else None))
    return fn


def reachable(fn: Function, without: Block | None = None) -> set[Block]:
    seen: set[Block] = set()
    work = [fn.entry]
    while work:
        block = work.pop()
        if block is not without and block not in seen:
            seen.add(block)
            work.extend(block.successors)
    return seen


@given(graphs())
@settings(deadline=None)
def test_dominators_are_what_every_path_passes(fn: Function) -> None:
    everything = reachable(fn)
    idom = cfg.dominators(fn)
    assert set(idom) == everything
    for a in everything:
        cut_off = everything - reachable(fn, without=a)
        assert {b for b in everything if cfg.dominates(idom, a, b)} == cut_off


@given(graphs())
@settings(deadline=None)
def test_the_immediate_dominator_is_dominated_by_the_others(fn: Function) -> None:
    idom = cfg.dominators(fn)
    for block, above in idom.items():
        strict = {a for a in idom if a is not block and cfg.dominates(idom, a, block)}
        if block is fn.entry:
            assert above is block and not strict
        else:
            assert above in strict and all(cfg.dominates(idom, a, above) for a in strict)


@given(graphs())
@settings(deadline=None)
def test_reverse_postorder_has_each_reachable_block_once_and_dominators_first(fn: Function) -> None:
    order = cfg.reverse_postorder(fn)
    assert order[0] is fn.entry
    assert len(order) == len(set(order)) and set(order) == reachable(fn)
    place = {block: i for i, block in enumerate(order)}
    assert all(place[above] <= place[block] for block, above in cfg.dominators(fn).items())


@given(graphs())
@settings(deadline=None)
def test_predecessors_are_the_reverse_of_successors(fn: Function) -> None:
    preds = cfg.predecessors(fn)
    everything = reachable(fn)
    assert {(a, b) for b, sources in preds.items() for a in sources} == \
        {(a, b) for a in everything for b in a.successors}


@given(graphs())
@settings(deadline=None)
def test_a_loop_is_what_reaches_its_latches_without_its_header(fn: Function) -> None:
    idom = cfg.dominators(fn)
    found = cfg.loops(fn)
    assert {(latch, loop.header) for loop in found for latch in loop.latches} == \
        {(a, b) for a in idom for b in a.successors if cfg.dominates(idom, b, a)}
    for loop in found:
        preds = cfg.predecessors(fn)
        body, work = {loop.header}, list(loop.latches)
        while work:
            block = work.pop()
            if block not in body:
                body.add(block)
                work.extend(preds[block])
        assert loop.blocks == body
        assert all(cfg.dominates(idom, loop.header, block) for block in body)
        if loop.parent is not None:
            assert loop.header in loop.parent.blocks and loop in loop.parent.children
            assert loop.depth == loop.parent.depth + 1
