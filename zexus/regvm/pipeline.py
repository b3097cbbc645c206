"""The passes over a typed function, in their order."""

from __future__ import annotations

import os
from collections.abc import Callable

from zexus.regvm import verify
from zexus.regvm.ir import Function
from zexus.regvm.passes.copies import copies
from zexus.regvm.passes.dce import dce
from zexus.regvm.passes.fold import fold
from zexus.regvm.passes.gvn import gvn
from zexus.regvm.passes.ranges import ranges

Pass = Callable[[Function], bool]

PASSES: tuple[Pass, ...] = (copies, fold, gvn, ranges, dce)
MAX_ROUNDS = 3

# Whether the verifier runs before the first pass and behind each; set for the tests and the processes they start.
CHECK = os.environ.get("ZEXUS_CHECK") == "1"


def optimize(fn: Function, watch: Callable[[str, Function], None] | None = None) -> bool:
    """Run the passes until none changes the function, or a few rounds are over.

    Args:
        fn: a typed function.
        watch: called behind each pass that changed something with its name and the function.

    Returns:
        Whether the function changed.

    Raises:
        verify.InvalidFunction: with CHECK, a pass broke a law.
    """
    if CHECK:
        verify.verify(fn)
    changed = False
    for _ in range(MAX_ROUNDS):
        again = False
        for run in PASSES:
            if not run(fn):
                continue
            again = True
            if CHECK:
                verify.verify(fn)
            if watch is not None:
                watch(run.__name__, fn)
        changed = changed or again
        if not again:
            break
    return changed
