"""Specialization: a program and what the recorder saw become a typed function with guards.

Callees are inlined on the general SSA form; then types are inferred by walking the function without keeping
what is emitted until nothing changes; then it is walked once more for good. A block that was never reached and
that needs a type nobody saw becomes a side exit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zexus.codes import Unsupported, internal
from zexus.jit.recorder import Lower, Profile
from zexus.jit.specialize.unit import Entry, Narrow, Refused, Unit
from zexus.jit.specialize.walk import Walk
from zexus.jit.tracebacks import is_ours
from zexus.regvm.build import Program
from zexus.regvm.ir import Context
from zexus.regvm.pipeline import CHECK
from zexus.settings import JIT_DEFAULTS, JitSettings

__all__ = ["Entry", "Narrow", "Refused", "Unit", "specialize"]


def specialize(program: Program, profile: Profile, entry: Entry, lower: Lower,
               make_block: Callable[[Context, int], Any], is_self: Callable[[Any], bool] | None = None,
               settings: JitSettings = JIT_DEFAULTS) -> Unit:
    """Make the typed function of a region.

    Args:
        program: the region's register form.
        profile: what the recorder saw.
        entry: the types of what the region is called with.
        lower: the executable of a plain function, for inlining.
        make_block: the callable that runs an outlined statement of a context's code.
        is_self: for a whole function, whether a callee is the function itself.
        settings: how much is inlined, and which passes run.

    Returns:
        The unit, ready for the passes and emission.

    Raises:
        Refused: a statement that has no native form although it runs.
        Unsupported: the region as a whole; also for a defect of the specializer's own, unless tests look for these.
    """
    try:
        return Walk(program, profile, entry, lower, make_block, is_self, settings).run()
    except (Refused, Unsupported):
        raise
    except Exception as defect:
        if CHECK or not is_ours(defect):
            raise
        raise internal(defect) from None  # the program goes on without native code
