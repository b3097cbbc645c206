"""Random control-flow graphs, irreducible ones and handlers among them: through SSA and back, through allocation."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests import strategies
from tests.regvm.test_check import outcome
from zexus.bytecode import Code
from zexus.regvm import cfg
from zexus.regvm.allocate import allocate
from zexus.regvm.build import build
from zexus.regvm.check import check
from zexus.regvm.destruct import destruct
from zexus.regvm.interpreter import RegisterMachine
from zexus.regvm.ir import Function
from zexus.regvm.pipeline import ALL_PHASES, NO_PHASES, Lowering
from zexus.regvm.text import parse, print_function
from zexus.regvm.verify import verify
from zexus.vm.stack import StackMachine

REGISTERS = (2, 3, 8, 32)


def is_reducible(fn: Function) -> bool:
    """Whether every edge that goes back leads to a block that dominates where it comes from."""
    idom = cfg.dominators(fn)
    order = {block: number for number, block in enumerate(cfg.reverse_postorder(fn))}
    return all(order[target] > order[block] or cfg.dominates(idom, target, block)
               for block in idom for target in cfg.following(block))


def agree(code: Code, seed: int, phases: Any, tally: Counter[str]) -> None:
    """SSA and allocations of a function are lawful, proved, and do what the stack machine does."""
    wanted = outcome(StackMachine(100), code, seed)
    fn = Lowering(None, phases).lower(code)
    verify(fn)
    assert print_function(parse(print_function(fn))) == print_function(fn)
    tally["irreducible"] += not is_reducible(fn)
    tally["handlers"] += any(block.catches is not None for block in fn.blocks)
    tally["raised"] += ":" in wanted[0]
    for registers in REGISTERS:
        made = allocate(destruct(fn), registers)
        verify(made.fn)
        check(fn, made.fn)
        tally["slots"] += made.slots
        machine = RegisterMachine(lambda code, made=made: made, 100)  # type: ignore[misc]
        assert outcome(machine, code, seed) == wanted, f"seed {seed}, {registers} registers"


@pytest.mark.fuzz
@pytest.mark.parametrize("phases", [NO_PHASES, ALL_PHASES], ids=["plain", "optimized"])
def test_random_graphs(request: pytest.FixtureRequest, phases: Any) -> None:
    count, first = request.config.getoption("--examples"), request.config.getoption("--seed")
    tally: Counter[str] = Counter()
    for seed in range(first, first + count):
        agree(strategies.graph(seed), seed, phases, tally)
    print(f"{count} graphs: {dict(tally)}")
    if count >= 60 and phases is NO_PHASES:
        assert all(tally[kind] >= count // 20 for kind in ("irreducible", "handlers", "raised", "slots"))


def test_a_graph_depends_on_its_seed_only() -> None:
    assert str(strategies.graph(3)) == str(strategies.graph(3)) != str(strategies.graph(4))


@pytest.mark.parametrize("seed", range(20))
def test_register_form_lives_as_its_exceptional_edges_say(seed: int) -> None:
    program = build(strategies.graph(seed))
    verify(program.fn)
    for block, live in program.live_in.items():
        if block.catches is not None:
            assert program.live_in[block.catches] <= live
