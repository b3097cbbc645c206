"""Native recursion goes as deep as Python's own, on any thread, and counts its depth as Python does."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

PROGRAM = """
    import sys, threading
    import zexus

    sys.setrecursionlimit(10**6)

    def depth(n):
        if n == 0:
            return 0
        return 1 + depth(n - 1)

    compiled = zexus.jit.compile(depth, background=False, threshold=20, cache=False)
    for _ in range(100):
        compiled(5)
    for n in (1000, 300_000):
        assert compiled(n) == n
    region = zexus.explain(compiled).regions[0]
    assert region.tier == "native", region
    print(region.native_iterations > 50_000, region.side_exits < 50)

    threading.stack_size(1 << 20)
    found = []
    threads = [threading.Thread(target=lambda: found.extend((compiled(150_000), compiled(40)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sorted(found) == [40] * 3 + [150_000] * 3, compiled(90_000))

    sys.setrecursionlimit(1500)
    for n in range(1300, 1600):
        try:
            compiled(n)
        except RecursionError as error:
            print(1400 < n < 1500, str(error).startswith("maximum recursion depth exceeded"))
            break
    print(compiled(1000))
"""


def test_deep_recursion(tmp_path: Path) -> None:
    program = tmp_path / "deep.py"
    program.write_text(textwrap.dedent(PROGRAM))
    run = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["True", "True", "True", "90000", "True", "True", "1000"]
