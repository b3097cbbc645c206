"""How long a process takes from its start to the first native loop, with an empty cache and with a warm one."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHILD = '''
import json, sys, time
start = int(sys.argv[1])
since = lambda: ((time.monotonic_ns() - start) / 1e6, time.process_time() * 1e3)
marks = {"interpreter": since()}
import zexus
marks["import zexus"] = since()

def total(n):
    s = 0.0
    for i in range(n):
        s += i * 0.5
    return s

adaptive = zexus.jit.compile(total, background=False)
marks["compile() returned"] = since()

from zexus.jit import cache, compiler, loader, specialize, tier
parts = {}
def timed(owner, name, words):
    call = getattr(owner, name)
    def around(*args, **named):
        before = time.process_time()
        try:
            return call(*args, **named)
        finally:
            parts[words] = parts.get(words, 0.0) + (time.process_time() - before) * 1e3
    setattr(owner, name, around)
timed(tier.LoopTier, "lowered", "lower")
timed(specialize, "specialize", "specialize")
timed(cache, "key", "cache key, with the import of llvmlite")
timed(cache, "load", "cache look-up")
timed(compiler.Job, "_start", "emit and compile")
timed(loader, "load", "load")

answer = adaptive(5_000)
marks["native code entered"] = since()
region = zexus.explain(adaptive).regions[0]
assert answer == total(5_000)
print(json.dumps({"marks": marks, "parts": parts, "native": region.native_iterations > 0,
                  "tier": f"{region.tier} {region.code}", "cached": "emit and compile" not in parts,
                  "heavy": sorted({"numpy", "numba", "llvmlite", "click", "rich"} & set(sys.modules))}))
'''


def one_process(script: Path, environment: dict[str, str]) -> dict:
    """What one process tells of itself; its marks are milliseconds (by the clock, of work) since it was started."""
    command = [sys.executable, str(script), str(time.monotonic_ns())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"the measured process failed:\n{done.stderr}")
    return json.loads(done.stdout)


def show(title: str, runs: list[dict]) -> None:
    """Medians of the marks of equal processes."""
    last = runs[-1]
    print(f"{title}: native {last['native']} ({last['tier']}), imported {', '.join(last['heavy']) or 'nothing heavy'}")
    for mark in last["marks"]:
        clock, work = (statistics.median(run["marks"][mark][i] for run in runs) for i in (0, 1))
        least = min(run["marks"][mark][0] for run in runs)
        print(f"  {mark:40} {clock:8.1f} ms, at best {least:8.1f} ms, work {work:8.1f} ms")
    for part in last["parts"]:
        print(f"    {part:38} {'':31} work {statistics.median(run['parts'][part] for run in runs):8.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    checkout = str(Path(__file__).resolve().parents[1])
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "child.py"
        script.write_text(CHILD, encoding="utf-8")
        # Byte code is there, as behind an installation.
        base = {**os.environ, "PYTHONPATH": checkout, "PYTHONPYCACHEPREFIX": f"{folder}/byte code"}
        base.pop("PYTHONDONTWRITEBYTECODE", None)
        environments = [{**base, "ZEXUS_CACHE_DIR": f"{folder}/cache{number}"} for number in range(rounds + 1)]
        one_process(script, environments[-1])
        cold, warm, bare = [], [], []
        for environment in environments[:-1]:
            cold.append(one_process(script, environment))
            warm.append(one_process(script, environment))
            started = time.monotonic_ns()
            subprocess.run([sys.executable, "-c", "pass"], check=True, env=base)
            bare.append((time.monotonic_ns() - started) / 1e6)
        print("Medians; work is the processor's time, which other programs on the machine hardly change.")
        print(f"an interpreter that does nothing: {statistics.median(bare):.1f} ms")
        show("empty cache", cold)
        show("warm cache", warm)


if __name__ == "__main__":
    main()
