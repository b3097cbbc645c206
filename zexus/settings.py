"""Settings of the tracing tier and of the bytecode machines, and the environment variables that set them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib import import_module
from typing import Any


class SettingsError(ValueError):
    """An unknown setting or a value of the wrong kind; the message names it and what is possible."""


@dataclass(frozen=True)
class JitSettings:
    """What a user can turn in the tracing tier.

    Attributes:
        enabled: whether loops become native code at all.
        threshold: loop iterations after which a loop is hot.
        background: compile in a process beside the program; False compiles at once and waits.
        cache: keep compiled loops on disk.
        max_versions: how often one loop may be compiled anew before it stays on CPython.
        strict: raise `zexus.Unsupported` for a function with a loop that cannot go native.
        force_exit: testing aid: n > 0 makes each guard in turn fail on its n-th pass.
        record_iterations: iterations that the recorder watches before it specializes.
        weigh: leave a loop to CPython when its statements without a native form cost more than native code saves.
        exit_budget: side exits that a version may take before it is recorded anew.
        compile_seconds: time budget of one compilation.
        big_unit: instructions above which a unit is compiled in a child process.
        mirror_after: seconds that native code runs before it is compiled once more, to work on unboxed copies of its
            lists where that pays; 0: at once, wherever it is possible; less than 0: never.
    """

    enabled: bool = True
    threshold: int = 1000
    background: bool = True
    cache: bool = True
    max_versions: int = 4
    strict: bool = False
    force_exit: int = 0
    record_iterations: int = 16
    weigh: bool = True
    exit_budget: int = 200
    compile_seconds: float = 10.0
    big_unit: int = 1500
    mirror_after: float = 0.05


@dataclass(frozen=True)
class VmSettings:
    """Numbers of the bytecode machines.

    Attributes:
        recursion_limit: how deep calls may nest before RecursionError.
        warm_instructions: how many instructions of a module the stack machine runs before a faster machine goes on.
        jit: settings of native code; None for those of the environment.
    """

    recursion_limit: int = 200_000
    warm_instructions: int = 50_000
    jit: JitSettings | None = None


def _convert(name: str, kind: str, value: Any) -> Any:
    if not isinstance(value, str):
        if kind == "bool" and isinstance(value, bool):
            return value
        if kind == "int" and isinstance(value, int) and not isinstance(value, bool):
            return value
        if kind == "float" and isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        raise SettingsError(f"setting {name!r} takes a {kind}, got {value!r}")
    text = value.strip().lower()
    if kind == "bool":
        if text in ("1", "true", "on", "yes"):
            return True
        if text in ("0", "false", "off", "no", ""):
            return False
        raise SettingsError(f"setting {name!r} takes true or false, got {value!r}")
    try:
        return int(text) if kind == "int" else float(text)
    except ValueError:
        raise SettingsError(f"setting {name!r} takes a {kind}, got {value!r}") from None


_KINDS: dict[str, str] = {f.name: str(f.type) for f in fields(JitSettings)}


def updated(base: JitSettings, values: Mapping[str, Any]) -> JitSettings:
    """`base` with `values` put over it.

    Raises:
        SettingsError: an unknown name (the nearest known one is suggested) or a value of the wrong kind.
    """
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name not in _KINDS:
            import difflib

            near = difflib.get_close_matches(name, _KINDS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known settings: {', '.join(_KINDS)}"
            raise SettingsError(f"unknown setting {name!r}{hint}")
        changes[name] = _convert(name, _KINDS[name], value)
        if name in ("threshold", "record_iterations", "max_versions") and changes[name] < 1:
            raise SettingsError(f"setting {name!r} must be at least 1, got {value!r}")
    return replace(base, **changes)


_PREFIX = "ZEXUS_JIT__"


def from_environment(environ: Mapping[str, str] | None = None) -> JitSettings:
    """The defaults with every `ZEXUS_JIT__NAME=value` of `environ` put over them."""
    environ = os.environ if environ is None else environ
    values = {key[len(_PREFIX):].lower(): text for key, text in environ.items() if key.startswith(_PREFIX)}
    return updated(JitSettings(), values)


def of_profile(profile: object) -> JitSettings:
    """The settings of a profile: JitSettings, a name, a path, or a `zexus.Profile`.

    Raises:
        SettingsError: it is none of these, or something is wrong with it.
    """
    if isinstance(profile, JitSettings):
        return profile
    # Asked for by its name at each use: a reference from here would keep the whole package, and through it the
    # user's objects, until after the end of the process.
    found: JitSettings = import_module("zexus.config.profile").jit_settings_of(profile)
    return found


def disabled(environ: Mapping[str, str] | None = None) -> bool:
    """Whether ZEXUS_DISABLE turns everything off."""
    environ = os.environ if environ is None else environ
    return environ.get("ZEXUS_DISABLE", "") not in ("", "0")
