"""Every shipped profile runs every example with equal answers, and switching a phase or a pass off changes none."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from zexus import VM, Profile
from zexus.assembly import assemble
from zexus.config.layers import shipped
from zexus.config.profile import sections
from zexus.settings import CodePasses, TracePasses

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if path.suffix in (".py", ".zxa"))
SCRIPTS = [name for name in EXAMPLES if name.endswith(".py")]
# What the bytecode programs are called with; see tests/test_examples.py for what they print.
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "calculator": ("2 * (3 + 4) - 10 / 4",), "closures": (60,), "errors": (), "graph": ("a", "e"), "life": (8,),
    "matrices": (30,), "primes": (1000,), "queens": (6,), "recursion": (2000,), "sequences": (12,), "sorting": (60,),
    "words": ("Anna saw Otto ride a kayak saw",)}
PHASES_OFF = [f"{phase}.enabled=false" for phase in sections()]
OTHERS_OFF = [*(f"regvm.passes.{one.name}=false" for one in fields(CodePasses) if one.name != "inline"),
              "regvm.generated=false", "regvm.optimize=false", "regvm.inline=false", "regvm.registers=2",
              "regvm.variables=2", "regvm.rounds=1", "peephole.rounds=1", "peephole.level=basic",
              "memory.gc.thresholds=[5]", "memory.gc.freeze=true"]
JIT_OFF = [f"jit.passes.{one.name}=false" for one in fields(TracePasses)]


def arguments_of(name: str) -> tuple[Any, ...]:
    return () if name.endswith(".py") else ARGUMENTS[name.removesuffix(".zxa")]


def printed(*words: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", "zexus", "run", *words], cwd=ROOT, capture_output=True, text=True,
                          timeout=300, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return done.returncode, done.stdout


def expected(name: str) -> tuple[int, str]:
    """What CPython, or the stack machine on the program as it is written, prints."""
    path = f"examples/{name}"
    if name.endswith(".py"):
        done = subprocess.run([sys.executable, path], cwd=ROOT, capture_output=True, text=True, timeout=300)
        return done.returncode, done.stdout
    return printed("--profile", "off", path, *map(str, arguments_of(name)))


def run(name: str, *options: str) -> None:
    assert printed(*options, f"examples/{name}", *map(str, arguments_of(name))) == expected(name)


SHARE = [(name, shipped()[number % len(shipped())]) for number, name in enumerate(EXAMPLES)]


@pytest.mark.parametrize(("name", "profile"), SHARE)
def test_an_example_under_a_profile(name: str, profile: str) -> None:
    run(name, "--profile", profile)


@pytest.mark.thorough
@pytest.mark.parametrize("profile", shipped())
@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_under_each_profile(name: str, profile: str) -> None:
    run(name, "--profile", profile)


@pytest.mark.thorough
@pytest.mark.parametrize("change", [*PHASES_OFF, *JIT_OFF])
@pytest.mark.parametrize("name", SCRIPTS)
def test_each_script_without_a_phase_or_pass(name: str, change: str) -> None:
    run(name, "--set", change, "--set", "jit.threshold=50")


# --- bytecode in this process -----------------------------------------------------------------------------


def outcome(name: str, profile: Profile, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What a program prints and returns in two runs of one VM."""
    vm = VM(**profile.vm_options())
    module = assemble((ROOT / "examples" / f"{name}.zxa").read_text("utf-8"))
    found = []
    for _ in range(2):
        found.append(repr(vm.run(module, *ARGUMENTS[name])))
        found.append(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("profile", shipped())
@pytest.mark.parametrize("name", ["errors", "closures", "sequences"])
def test_bytecode_under_each_profile(name: str, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    base = outcome(name, Profile.load("off", environ={}), capsys)
    assert outcome(name, Profile.load(profile, environ={}), capsys) == base


FEW = ("errors", "matrices")


@pytest.mark.parametrize("name", [*FEW, *(pytest.param(name, marks=pytest.mark.thorough)
                                          for name in ARGUMENTS if name not in FEW)])
@pytest.mark.parametrize("change", [*PHASES_OFF, *OTHERS_OFF])
def test_bytecode_without_a_phase_or_pass(name: str, change: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Programs are warm at once, so that every machine takes part."""
    base = outcome(name, Profile.load("off", environ={}), capsys)
    changes = ["regvm.warm_instructions=50", "jit.threshold=20", "jit.background=false", change]
    assert outcome(name, Profile.load("throughput", changes=changes, environ={}), capsys) == base


def test_every_example_is_run() -> None:
    assert {name.removesuffix(".zxa") for name in EXAMPLES if name.endswith(".zxa")} == set(ARGUMENTS)
    assert {profile for _, profile in SHARE} == set(shipped())
