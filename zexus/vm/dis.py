"""Listings of a bytecode program: its functions in stack form, register form and SSA, and as generated Python."""

from __future__ import annotations

from zexus.assembly import assemble
from zexus.bytecode import Code, print_code
from zexus.regvm import ssa
from zexus.regvm.build import build
from zexus.regvm.ir import Context
from zexus.regvm.pipeline import ALL_PHASES
from zexus.regvm.text import print_function
from zexus.vm.builder import near
from zexus.vm.tiers import written

STAGES = ("code", "function", "ssa", "python")


def program_listing(path: str, function: str = "", stage: str = "code") -> str:
    """The text of a program's functions at a stage.

    Args:
        path: the program's file.
        function: the name of one; "" for all.
        stage: "code" (stack form), "function" (register form), "ssa" or "python" (what a warm program becomes, whole).

    Raises:
        ValueError: the program cannot be assembled, or has no such function, or there is no such stage.
        OSError: the file cannot be read.
    """
    if stage not in STAGES:
        raise ValueError(f"bytecode has no stage {stage!r}; stages are {', '.join(STAGES)}")
    with open(path, encoding="utf-8") as file:
        module = assemble(file.read(), path)
    if stage == "python" and not function:
        return written(module, ALL_PHASES).text
    if not function:
        return "\n".join(_shown(code, stage) for code in module.functions.values())
    if function not in module.functions:
        raise ValueError(f"{path} has no function {function!r}{near(function, module.functions)}")
    if stage == "python":
        raise ValueError("generated Python is shown for whole programs: the functions call each other")
    return _shown(module.functions[function], stage)


def _shown(code: Code, stage: str) -> str:
    if stage == "code":
        return print_code(code)
    program = build(code)
    if stage == "function":
        return print_function(program.fn)
    return print_function(ssa.construct(program, Context(program)))
