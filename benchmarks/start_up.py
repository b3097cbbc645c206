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
since = lambda: (time.monotonic_ns() - start) / 1e6
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
answer = adaptive(100_000)
marks["first call done"] = since()
region = zexus.explain(adaptive).regions[0]
assert answer == total(100_000)
print(json.dumps({"marks": marks, "native": region.native_iterations > 0, "tier": f"{region.tier} {region.code}",
                  "numba": "numba" in sys.modules, "compile_ms": region.compile_ms}))
'''


def one_process(script: Path, environment: dict[str, str]) -> dict[str, object]:
    """What one process tells of itself; its marks are milliseconds since just before it was started."""
    command = [sys.executable, str(script), str(time.monotonic_ns())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"the measured process failed:\n{done.stderr}")
    return json.loads(done.stdout)


def show(title: str, runs: list[dict]) -> None:
    """Medians of the marks of equal processes."""
    print(f"{title}: native {runs[-1]['native']} ({runs[-1]['tier']}), Numba imported {runs[-1]['numba']}")
    for mark in runs[0]["marks"]:
        print(f"  {mark:20} {statistics.median(run['marks'][mark] for run in runs):8.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    checkout = str(Path(__file__).resolve().parents[1])
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "child.py"
        script.write_text(CHILD, encoding="utf-8")
        cold = []
        environment: dict[str, str] = {}
        for number in range(rounds):
            cache = str(Path(folder) / f"cache{number}")
            environment = {**os.environ, "ZEXUS_CACHE_DIR": cache, "XDG_CACHE_HOME": cache, "PYTHONPATH": checkout}
            cold.append(one_process(script, environment))
        show("empty cache", cold)
        show("warm cache", [one_process(script, environment) for _ in range(rounds)])


if __name__ == "__main__":
    main()
