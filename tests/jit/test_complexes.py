"""Complex arithmetic is CPython's bit for bit, or stays with CPython."""

from __future__ import annotations

import cmath
import random
import struct
from typing import Any

import pytest

import zexus
from zexus.jit.forms import faithful

EXPRESSIONS = (
    "x + y", "x * y", "x / y", "x * 2.5 - 1 / y", "x ** 3", "x ** -2", "x ** 0.5", "x ** y", "x ** k", "2 ** x",
    "abs(x)", "x.conjugate() * y.real", "cmath.exp(x)", "cmath.log(x)", "cmath.sqrt(x)", "cmath.sin(x)",
    "cmath.cosh(y)", "cmath.phase(x)", "cmath.rect(k, x.imag)", "abs(x) < abs(y)", "abs(x) >= 1",
)


def bits(value: Any) -> tuple[type, bytes]:
    parts = (value.real, value.imag) if isinstance(value, complex) else (float(value),)
    return type(value), struct.pack(f"{len(parts)}d", *parts)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_results_have_the_same_bits(expression: str, tmp_path: Any) -> None:
    rng = random.Random(expression)

    def number() -> complex:
        size = 10 ** rng.uniform(-6, 1)
        return complex(rng.uniform(-size, size), rng.uniform(-3, 3))

    count = 3000
    xs, ys = [number() for _ in range(count)], [number() for _ in range(count)]
    ks = [rng.randint(-150, 150) if "**" not in expression or k % 2 else rng.randint(-9, 9) for k in range(count)]
    if "** k" in expression:
        xs = [cmath.rect(1, x.imag) for x in xs]
    path = tmp_path / "loop.py"
    path.write_text("import cmath\n\n\ndef f(xs, ys, ks):\n    out = []\n    for x, y, k in zip(xs, ys, ks):\n"
                    f"        z = {expression}\n        out.append(z)\n    return out\n")
    scope: dict[str, Any] = {"__name__": "loop"}
    exec(compile(path.read_text(), str(path), "exec"), scope)
    compiled = zexus.jit.compile(scope["f"], threshold=20, background=False)
    found = compiled(xs, ys, ks)
    assert list(map(bits, found)) == list(map(bits, scope["f"](xs, ys, ks)))
    region = zexus.explain(compiled).regions[0]
    assert region.tier == "native" and region.native_iterations > count // 2, region


def products(xs: list[complex]) -> complex:
    total = 1 + 0j
    for x in xs:
        total = total * x + 1
    return total


def test_this_interpreter_computes_as_native_code_does() -> None:
    assert faithful.python() and faithful.numpy() and faithful.damping() in ("TRUEDIV", "MUL")


def test_an_interpreter_that_computes_otherwise_keeps_its_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faithful, "python", lambda: False)
    compiled = zexus.jit.compile(products, threshold=20, background=False, cache=False)
    xs = [complex(0.5, k % 3 - 1) for k in range(300)]
    assert compiled(xs) == products(xs)
    assert zexus.explain(compiled).regions[0].tier == "python"
