"""How long it takes from a hot loop to its native code, by the size of the loop, without a cache."""

from __future__ import annotations

import argparse
import json
import linecache
import statistics
import subprocess
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
    """Milliseconds of the processor's time that one call takes; other programs on the machine hardly change it."""
    start = time.process_time()
    call(*args)
    return (time.process_time() - start) * 1000.0


class Part:
    """A step of the compiler, put around its function, and the milliseconds of the processor's time it took so far."""

    def __init__(self, owner: Any, name: str) -> None:
        self.spent = 0.0
        self.call = getattr(owner, name)
        setattr(owner, name, self)

    def __call__(self, *args: Any, **named: Any) -> Any:
        start = time.process_time()
        try:
            return self.call(*args, **named)
        finally:
            self.spent += (time.process_time() - start) * 1000.0

    def taken(self) -> float:
        """What it took since it was asked last."""
        spent, self.spent = self.spent, 0.0
        return spent


def measure(kind: str, statements: int, repeats: int, parts: dict[str, Part]) -> str:
    """One line of the table: medians over `repeats` functions that differ in nothing but their file."""
    import zexus

    rows, versions, tiers = [], [], set()
    for repeat in range(repeats):
        plain = function(source(kind, statements), f"<compile_time {kind} {statements} {repeat}>")
        adaptive = zexus.jit.compile(plain, background=False, cache=False)
        first = clocked(adaptive, 5000)
        taken = [part.taken() for part in parts.values()]
        assert adaptive(5000) == plain(5000)
        steady = min(clocked(adaptive, 5000) for _ in range(5))
        rows.append((first, steady, *taken, first - steady - sum(taken)))
        regions = zexus.explain(adaptive).regions
        versions.append(sum(region.versions for region in regions))
        tiers |= {f"{region.tier} {region.code}" for region in regions}
    shown = " ".join(f"{statistics.median(column):10.1f}" for column in zip(*rows, strict=True))
    count = statements * INSTRUCTIONS[kind]
    return f"{kind:8} {statements:10} {count:12} {shown} {max(versions):8}  {', '.join(sorted(tiers))}"


BESIDE = '''
import json, sys, time
sys.path[:0] = [{checkout!r}, {benchmarks!r}]
from compile_time import function, source
import zexus
from zexus.jit import service, tier

def noted(owner, name, words):
    call = getattr(owner, name)
    def around(*args, **named):
        try:
            return call(*args, **named)
        finally:
            marks.setdefault(words, (time.perf_counter() - hot[0]) * 1e3)
    setattr(owner, name, around)

real = tier.LoopTier.heat
def heat(self, it, arguments):
    hot.append(time.perf_counter())
    return real(self, it, arguments)
tier.LoopTier.heat = heat
noted(service.Service, "submit", "recorded, specialized, emitted")
noted(tier.LoopTier, "install", "native code entered")
found = []
for number in range(2):
    marks, hot = {{}}, []
    adaptive = zexus.jit.compile(function(source({kind!r}, {statements}), "<beside %d>" % number), cache=False)
    while "native code entered" not in marks:
        adaptive(1100)
        if service.service().greeted and hot:
            marks.setdefault("worker ready", (time.perf_counter() - hot[0]) * 1e3)
    marks["of it compiling"] = zexus.explain(adaptive).regions[0].compile_ms
    found.append(marks)
print(json.dumps(found))
'''


WORKER = '''
import sys, time
sys.path[:0] = {places!r}
from zexus.jit import worker
from zexus.jit.emit import library
library.target_machine()
print(time.process_time() * 1e3)
'''


def worker_start(repeats: int) -> float:
    """Milliseconds of the processor's time until a worker can compile."""
    from zexus.jit import service

    command = [sys.executable, "-P", "-S", "-c", WORKER.format(places=service._places())]
    return statistics.median(
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(repeats)
    )


def beside(kind: str, statements: int, repeats: int) -> None:
    """How long loops that are hot go on in CPython until their native code, made by the worker, has come."""
    here = Path(__file__).resolve().parent
    program = BESIDE.format(checkout=str(here.parent), benchmarks=str(here), kind=kind, statements=statements)
    runs = []
    for _ in range(repeats):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout))
    for number, words in enumerate(("first loop", "second loop")):
        found = [run[number] for run in runs]
        marks = ", ".join(f"{name} {statistics.median(f[name] for f in found):.0f}" for name in found[0])
        print(f"hot to native beside the program, {kind} x {statements}, {words}: {marks}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, nargs="+", default=[1, 8, 25, 75])
    parser.add_argument("--kind", nargs="+", choices=sorted(STATEMENTS), default=sorted(STATEMENTS))
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    print("First by the clock, in ms since the loop was hot:")
    for statements in options.statements[:3]:
        beside("int", statements, options.repeats)
    print(f"start of the worker: {worker_start(options.repeats):.0f} ms of the processor's time")
    import zexus
    from zexus.jit import specialize
    from zexus.jit.emit import function as emitter
    from zexus.jit.emit import library

    parts = {"specialize": Part(specialize, "specialize"), "emit": Part(emitter, "emit"),
             "LLVM": Part(library, "compile_object")}
    warm_up = function(source("float", 1), "<compile_time warm up>")
    adaptive = zexus.jit.compile(warm_up, background=False, cache=False)
    print(f"first loop of the process: {clocked(adaptive, 5000):.0f} ms of the processor's time")
    print("The processor's time in ms. The first call, of 5000 iterations, runs on CPython, records, specializes,")
    print("emits, compiles and enters; rest = first - steady - the steps named.")
    for part in parts.values():
        part.taken()
    names = " ".join(f"{name:>10}" for name in ("first", "steady", *parts, "rest"))
    print(f"kind     statements instructions {names} versions  tier")
    for kind in options.kind:
        for statements in options.statements:
            print(measure(kind, statements, options.repeats, parts), flush=True)


if __name__ == "__main__":
    main()
