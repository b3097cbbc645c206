"""The forms of a function or loop on its way to machine code, as texts: what `zexus dis` and reports show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zexus.bytecode import print_code
from zexus.codes import Unsupported
from zexus.regvm import ssa
from zexus.regvm.ir import Context
from zexus.regvm.text import print_function

if TYPE_CHECKING:
    from zexus.frontend.sites import LoopSite
    from zexus.jit.specialize import Unit
    from zexus.regvm.build import Program
    from zexus.settings import JitSettings

STATIC_STAGES = ("code", "function", "ssa")
LIVE_STAGES = ("trace", "llvm")


def static_form(program: Program, stage: str) -> str:
    """What is known before anything runs.

    Args:
        program: a function or loop.
        stage: one of STATIC_STAGES: stack form, register form, or that as SSA.
    """
    if stage == "code":
        return print_code(program.code)
    if stage == "function":
        return print_function(program.fn)
    return print_function(ssa.construct(program, Context(program)))


def lowered(site: LoopSite) -> Program | None:
    """What a loop is before anything has been recorded; None where it cannot be lowered, or is a whole function."""
    from zexus.frontend.lower import lower_loop
    from zexus.regvm.build import build

    if site.refusal is not None or site.kind == "function":
        return None
    try:
        return build(lower_loop(site, {}))
    except Unsupported:
        return None


def live_form(unit: Unit, stage: str, name: str, settings: JitSettings) -> str:
    """What a recording has made of it.

    Args:
        unit: what native code was made from.
        stage: one of LIVE_STAGES: typed form, or LLVM assembly as LLVM is given it.
        name: of the function in LLVM assembly.
        settings: of the tier.
    """
    if stage == "trace":
        return print_function(unit.fn)
    from zexus.jit.emit.function import emit

    return emit(unit.fn, name, entry=unit.entry, settings=settings)


def version_of(tier: Any) -> Any:
    """The native code of a loop that is in service, or that for entries with other types.

    Args:
        tier: of the loop, None where it has none.

    Returns:
        it, or None.
    """
    if tier is None:
        return None
    return next((one.version for one in (tier, *tier.behind) if one.version is not None), None)
