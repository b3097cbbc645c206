"""How long it takes from a hot loop to its native code, by the size of the loop; in the foreground, without a cache."""

from __future__ import annotations

import argparse
import linecache
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATEMENTS = {
    "float": "{a} = {a} * 0.5 + {b} * 0.375 + 1.0",
    "int": "{a} = ({b} * 3 + {c} - {a}) % 65521",
    "branch": "if {a} < {b}: {a} = {b} * 0.5 + 1.0\n        else: {b} = {a} * 0.5 + {c} * 0.25",
}
INSTRUCTIONS = {"float": 4, "int": 4, "branch": 6}
NAMES = "pqrstuvw"


def source(kind: str, statements: int) -> str:
    """A function with one loop of so many statements over eight variables."""
    start = "1" if kind == "int" else "1.0"
    lines = ["def f(n):", *(f"    {name} = {start}" for name in NAMES), "    for i in range(n):"]
    for number in range(statements):
        a, b, c = (NAMES[(number * step + step) % len(NAMES)] for step in (1, 3, 5))
        lines.append("        " + STATEMENTS[kind].format(a=a, b=b, c=c))
    lines.append(f"    return {' + '.join(NAMES)}")
    return "\n".join(lines) + "\n"


def function(text: str, filename: str) -> Callable[[int], Any]:
    """The function of `text`, with its source where tracebacks and Zexus look for it."""
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"__name__": "compile_time"}
    exec(compile(text, filename, "exec"), namespace)
    return namespace["f"]


def clocked(call: Callable[..., Any], *args: Any) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter()
    call(*args)
    return (time.perf_counter() - start) * 1000.0


def measure(kind: str, statements: int, repeats: int) -> str:
    """One line of the table: medians over `repeats` functions that differ in nothing but their file."""
    import zexus

    firsts, steadies, compiles, versions, tiers = [], [], [], [], set()
    for repeat in range(repeats):
        plain = function(source(kind, statements), f"<compile_time {kind} {statements} {repeat}>")
        adaptive = zexus.jit.compile(plain, background=False, cache=False)
        firsts.append(clocked(adaptive, 5000))
        assert adaptive(5000) == plain(5000)
        steadies.append(min(clocked(adaptive, 5000) for _ in range(5)))
        regions = zexus.explain(adaptive).regions
        compiles.append(sum(region.compile_ms for region in regions))
        versions.append(sum(region.versions for region in regions))
        tiers |= {f"{region.tier} {region.code}" for region in regions}
    first, steady, spent = map(statistics.median, (firsts, steadies, compiles))
    count = statements * INSTRUCTIONS[kind]
    return (
        f"{kind:8} {statements:10} {count:12} {first:10.1f} {steady:10.2f} {spent:10.1f} {first - steady - spent:10.1f}"
        f" {max(versions):8}  {', '.join(sorted(tiers))}"
    )


def beside(number: int) -> str:
    """How long a loop that is hot goes on in CPython until its native code, made by the worker, has come."""
    import zexus

    adaptive = zexus.jit.compile(function(source("float", 4), f"<compile_time beside {number}>"), cache=False)
    start = time.perf_counter()
    while zexus.explain(adaptive).regions[0].code in ("ZX001", "ZX002"):
        adaptive(1100)
    waited = (time.perf_counter() - start) * 1000.0
    region = zexus.explain(adaptive).regions[0]
    compiling = region.compile_ms
    return f"hot to native beside the program, loop {number}: {waited:.0f} ms, {compiling:.0f} ms of it compiling"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, nargs="+", default=[1, 8, 25, 75])
    parser.add_argument("--kind", nargs="+", choices=sorted(STATEMENTS), default=sorted(STATEMENTS))
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    print(f"import numba: {clocked(__import__, 'numba'):.0f} ms")
    warm_up = function(source("float", 1), "<compile_time warm up>")
    import zexus

    adaptive = zexus.jit.compile(warm_up, background=False, cache=False)
    print(f"first loop of the process: {clocked(adaptive, 5000):.0f} ms")
    print(beside(1) + " (the worker starts, which imports Numba)")
    print(beside(2))
    print("Times in ms. The first call, of 5000 iterations, runs on CPython, records, compiles and enters;")
    print("rest = first - steady - compile.")
    print("kind     statements instructions      first     steady    compile       rest versions  tier")
    for kind in options.kind:
        for statements in options.statements:
            print(measure(kind, statements, options.repeats), flush=True)


if __name__ == "__main__":
    main()
