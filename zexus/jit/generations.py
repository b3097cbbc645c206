"""The garbage collector beside the engine: what the engine makes is no reason to look at the program's objects.

CPython counts containers as they are made, and looks through the young ones when there are many. The engine makes
thousands where the program may have made none, and one young list of the program's can be so long that looking
through it takes longer than compiling a loop.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


def grow_up() -> None:
    """Let all objects that exist count as old ones: collections that follow look at younger ones only."""
    if gc.get_freeze_count() == 0:  # what the program has frozen stays so, or the interpreter itself, as 3.12 has
        gc.freeze()
        gc.unfreeze()


@contextlib.contextmanager
def starting() -> Iterator[None]:
    """Begin the engine, before there is anything of the program's: nothing is collected meanwhile."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        grow_up()
        if enabled:
            gc.enable()
