"""Stances: what becomes of hot loops for a while."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import zexus
from zexus.settings import SettingsError

ROOT = Path(__file__).resolve().parents[2]


def total(n):
    s = 0
    for i in range(n):
        s += i
    return s


def growing(n):
    s = 1
    for _ in range(n):
        s = s * 3
    return s


def yielding(n):
    for i in range(n):
        yield i


def tier_of(function: Any) -> str:
    (region,) = zexus.explain(function).regions
    return region.tier


def test_python_only_gives_functions_their_own_code_for_a_while() -> None:
    compiled = zexus.jit.compile(total, threshold=10, background=False)
    assert compiled(100) == 4950 and tier_of(compiled) == "native"
    rewritten = compiled.__code__
    with zexus.jit.stance("python_only"):
        assert compiled.__code__ is total.__code__
        assert compiled(100) == 4950
    assert compiled.__code__ is not total.__code__ and compiled.__code__.co_code == rewritten.co_code
    entries = zexus.explain(compiled).regions[0].entries
    assert compiled(100) == 4950 and zexus.explain(compiled).regions[0].entries >= entries


def test_force_native_compiles_as_soon_as_a_loop_runs() -> None:
    compiled = zexus.jit.compile(total)
    with zexus.jit.stance("force_native"):
        assert compiled(3) == 3
    assert tier_of(compiled) == "native"


def test_force_native_refuses_what_has_no_native_form() -> None:
    with zexus.jit.stance("force_native"), pytest.raises(zexus.Unsupported, match="ZX012"):
        zexus.jit.compile(yielding)
    assert list(zexus.jit.compile(yielding)(3)) == [0, 1, 2]


def test_a_side_exit_can_be_an_error() -> None:
    compiled = zexus.jit.compile(growing, threshold=5, background=False, stance="fail_on_side_exit")
    assert compiled(30) == growing(30) and tier_of(compiled) == "native"
    with pytest.raises(zexus.SideExit, match="ZX030 line 29") as caught:
        compiled(100)
    assert caught.value.code == "ZX030" and "Hint:" in str(caught.value)
    with zexus.jit.stance("default"):
        assert compiled(100) == growing(100)


def test_stances_nest_and_wrong_names_are_refused() -> None:
    compiled = zexus.jit.compile(total, threshold=10, background=False)
    with zexus.jit.stance("python_only"):
        with zexus.jit.stance("force_native"):
            assert compiled(3) == 3
        assert compiled.__code__ is total.__code__
    assert tier_of(compiled) == "native"
    with zexus.jit.stance("python_only"), zexus.jit.stance("default"):
        with zexus.jit.stance("python_only"):
            assert compiled.__code__ is total.__code__
        assert compiled.__code__ is not total.__code__
    with pytest.raises(SettingsError, match="one of default"), zexus.jit.stance("native"):  # type: ignore[arg-type]
        pass
    with pytest.raises(SettingsError, match="one of default"):
        zexus.jit.compile(total, stance="fast")


def test_a_setting_holds_for_a_whole_program(tmp_path: Path) -> None:
    script = tmp_path / "s.py"
    script.write_text("def f(n):\n    s = 0\n    for i in range(n):\n        s += i\n    return s\nprint(f(5000))\n")
    for stance, tier in (("python_only", "python"), ("force_native", "native")):
        ran = subprocess.run(
            [sys.executable, "-m", "zexus", "run", "--report", "--set", f"jit.stance={stance}", str(script)],
            capture_output=True, text=True, check=True, timeout=120, env=dict(os.environ, PYTHONPATH=str(ROOT)))
        assert ran.stdout == "12497500\n"
        assert f"  {tier}" in ran.stderr or (tier == "python" and "never hot" in ran.stderr), ran.stderr
