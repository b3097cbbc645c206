"""Random control-flow graphs, irreducible ones and handlers among them, on every machine that a VM may choose."""

from __future__ import annotations

from typing import Any

import pytest

from tests import strategies
from tests.vm.outcomes import shown
from zexus.bytecode import Code
from zexus.settings import JitSettings, VmSettings
from zexus.vm.vm import VM

JIT = JitSettings(threshold=2, record_iterations=2, background=False, weigh=False, cache=False)
SETTINGS = VmSettings(warm_instructions=25, jit=JIT)
OPTIONS: dict[str, dict[str, Any]] = {
    "generated": {"mode": "generated", "enable_native_tier": False},
    "generated, as it is written": {"mode": "generated", "optimization_level": "O0"},
    "going on as Python": {"enable_native_tier": False},
    "going on in registers": {"enable_generated_tier": False, "registers": 3},
    "native": {"mode": "generated"},
}
COMPILED = 5  # of so many graphs one goes native, which takes the longest


def outcome(vm: VM, code: Code, seed: int) -> tuple[Any, ...]:
    """What a random function does, its calls of the host included."""
    notes: list[str] = []

    def note(*values: Any) -> int:
        notes.append(shown(values))
        return len(notes)

    vm.load(code)["note"] = note
    try:
        found = shown(vm.run(code, *strategies.arguments(code, seed)))
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
    return found, notes


@pytest.mark.fuzz
@pytest.mark.parametrize("name", OPTIONS)
def test_random_graphs(name: str, request: pytest.FixtureRequest) -> None:
    count, first = request.config.getoption("--examples"), request.config.getoption("--seed")
    for seed in range(first, first + count, COMPILED if name == "native" else 1):
        code = strategies.graph(seed)
        expected = outcome(VM("stack", optimization_level="O0"), code, seed)
        assert outcome(VM(settings=SETTINGS, **OPTIONS[name]), code, seed) == expected, f"seed {seed}"
