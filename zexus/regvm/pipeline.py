"""The passes over a typed function, in their order."""

from __future__ import annotations

import os
from collections.abc import Callable

from zexus.regvm import verify
from zexus.regvm.ir import Function
from zexus.regvm.passes.bounds import bounds
from zexus.regvm.passes.copies import copies
from zexus.regvm.passes.dce import dce
from zexus.regvm.passes.fold import fold
from zexus.regvm.passes.gvn import gvn
from zexus.regvm.passes.licm import licm
from zexus.regvm.passes.ranges import ranges
from zexus.regvm.passes.strips import strips

Pass = Callable[[Function], bool]
Watch = Callable[[str, Function], None]

PASSES: tuple[Pass, ...] = (copies, fold, gvn, ranges)
MAX_ROUNDS = 3
# Once each: what they put into preheaders is then simplified once more.
HOISTS: tuple[Pass, ...] = (licm, bounds, licm)

# Whether the verifier runs before the first pass and behind each; set for the tests and the processes they start.
CHECK = os.environ.get("ZEXUS_CHECK") == "1"


def optimize(fn: Function, watch: Watch | None = None) -> bool:
    """Run the passes until none changes the function or a few rounds are over, hoist, and run them again.

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
    changed = _settle(fn, watch)
    if any([_apply(run, fn, watch) for run in HOISTS]):
        _settle(fn, watch)
        changed = True
    return changed


def stretch(fn: Function, watch: Watch | None = None) -> bool:
    """Behind `optimize`: let counted loops run in stretches without exits."""
    if not _apply(strips, fn, watch):
        return False
    _settle(fn, watch)
    return True


def _apply(run: Pass, fn: Function, watch: Watch | None) -> bool:
    if not run(fn):
        return False
    if CHECK:
        verify.verify(fn)
    if watch is not None:
        watch(run.__name__, fn)
    return True


def _settle(fn: Function, watch: Watch | None) -> bool:
    settled = False
    for _ in range(MAX_ROUNDS):
        if not any([_apply(run, fn, watch) for run in PASSES]):
            break
        settled = True
    return _apply(dce, fn, watch) or settled
