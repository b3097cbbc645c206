"""Listings of what a function becomes on its way to machine code."""

from __future__ import annotations

import sys
import tokenize
from collections.abc import Iterable
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from os.path import samefile
from typing import Any

from zexus.bytecode import Code
from zexus.codes import Unsupported
from zexus.frontend.loops import loop_sites
from zexus.frontend.source import FunctionSource, module_source
from zexus.jit.stages import LIVE_STAGES, STATIC_STAGES, live_form, static_form
from zexus.settings import from_environment


def listing(path: str, function: str, stage: str) -> str:
    """The text of a function of a file at a stage.

    Args:
        path: the file.
        function: the function's qualified name, its plain name when only one has it, or "<module>".
        stage: "code" (stack form), "function" (register form) or "ssa"; whole, or loop by loop when the whole
            function has no form of its own. "trace" (typed form) and "llvm" need the types of a run: the file is run
            as a script, what it prints goes to stderr, and its loops that went native are shown.

    Raises:
        ValueError: the file cannot be parsed, has no such function, or no loop of it went native.
        OSError: the file cannot be read.
    """
    if stage not in (*STATIC_STAGES, *LIVE_STAGES):
        raise ValueError(f"unknown stage {stage!r}; stages are {', '.join((*STATIC_STAGES, *LIVE_STAGES))}")
    with tokenize.open(path) as file:
        text = file.read()
    try:
        module = module_source(text, path)
    except SyntaxError as error:
        raise ValueError(f"{path}:{error.lineno}: {error.msg}") from None
    if function == "<module>":
        return _of_run(path, function, stage) if stage in LIVE_STAGES else "\n".join(_loops(module.scope, stage))
    chosen = _chosen(module.functions, function, path)
    if stage in LIVE_STAGES:
        return _of_run(path, chosen.scope.qualname, stage)
    return "\n".join(_codes(chosen, stage))


def _of_run(path: str, function: str, stage: str) -> str:
    """The native loops of a function behind a run of its file as a script."""
    from zexus.jit.explain import program_reporters, report_text
    from zexus.jit.program import Program, run

    with redirect_stdout(sys.stderr), suppress(SystemExit):
        run(Program(path, False, (), replace(from_environment(), background=False)))
    own: list[Any] = [h for h in program_reporters() if h.function == function and samefile(h.filename, path)]
    tiers = [tier for host in own for tier in host.tiers()]
    if not any(tier.version for tier in tiers):
        report = report_text(region for host in own for region in host.reports())
        raise ValueError(f"no loop of {function} went native when {path} ran as a script\n{report}")
    return _traced(tiers, None, stage)


def _chosen(functions: tuple[FunctionSource, ...], name: str, path: str) -> FunctionSource:
    exact = [f for f in functions if f.scope.qualname == name]
    found = exact or [f for f in functions if f.scope.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        choices = ", ".join(sorted({f.scope.qualname for f in found}))
        raise ValueError(f"{path} has {len(found)} functions {name!r}: {choices}")
    known = ", ".join(sorted({f.scope.qualname for f in functions})) or "no function"
    raise ValueError(f"{path} has no function {name!r}; it has {known}")


def _codes(source: FunctionSource, stage: str) -> list[str]:
    """The whole function, or else each of its loops."""
    from zexus.frontend.lower import lower_function

    scope = source.scope
    try:
        return [_shown(lower_function(scope, scope.node.lineno, {}), stage)]  # type: ignore[union-attr]
    except Unsupported as refusal:
        return [f"; {scope.qualname}: {refusal}\n", *_loops(scope, stage)]


def _loops(scope: Any, stage: str) -> list[str]:
    from zexus.frontend.lower import lower_loop

    parts = []
    for site in loop_sites(scope):
        if site.kind == "function":
            continue
        head = f"; {site.kind} loop, lines {site.first_line}-{site.last_line}"
        try:
            parts.append(f"{head}\n{_shown(lower_loop(site, {}), stage)}")
        except Unsupported as refusal:
            parts.append(f"{head}: {refusal}\n")
    return parts or [f"; {scope.qualname} has no loop\n"]


def _shown(code: Code, stage: str) -> str:
    from zexus.regvm.build import build

    return static_form(build(code), stage)


def trace(function: Any, loop: int | None = None, stage: str = "trace") -> str:
    """The typed form, or the LLVM assembly, of the loops of a live compiled function.

    Args:
        function: a function made by `zexus.jit.compile` that has run.
        loop: number of the loop in source order; None for all that are native.
        stage: "trace" or "llvm".

    Raises:
        ValueError: another stage, a function that was not compiled, or no native loop.
    """
    from zexus.jit.explain import reporter_of, underlying

    if stage not in LIVE_STAGES:
        raise ValueError(f"unknown stage {stage!r}; stages are {', '.join(LIVE_STAGES)}")
    plain = underlying(function)
    host: Any = reporter_of(plain) if plain is not None else None
    if host is None or isinstance(host, str):
        raise ValueError(host or "the function was not compiled: pass it through zexus.jit.compile")
    return _traced(host.tiers(), loop, stage)


def _traced(found: Iterable[Any], loop: int | None, stage: str) -> str:
    tiers: dict[int, Any] = {tier.site.index: tier for tier in found}
    if loop is not None and loop not in tiers:
        raise ValueError(f"there is no loop {loop}; loops are {', '.join(map(str, sorted(tiers)))}")
    parts = []
    for number, tier in sorted(tiers.items()):
        version = getattr(tier, "version", None)
        if version is None or loop not in (None, number):
            continue
        parts.append(f"; loop {number}, line {tier.site.first_line}\n")
        parts.append(live_form(version.unit, stage, f"loop_{number}", tier.settings))
    if not parts:
        raise ValueError("no loop of the function is native yet; zexus.explain says why")
    return "".join(parts)
