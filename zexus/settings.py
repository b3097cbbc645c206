"""Settings of the tracing tier and of the bytecode machines, and the environment variables that set them.

A number that a user may want to turn stands here once, with what it means and the values that it takes; profiles, their
schema and their documentation take all three from here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, field, fields, is_dataclass, replace
from importlib import import_module
from typing import Any, Literal, TypeVar, get_args

from zexus.records import Sealed, dataclass

Settings = TypeVar("Settings")

MOST = 10**9

Stance = Literal["default", "force_native", "fail_on_side_exit", "python_only"]

Functions = Literal["recursive", "short", "all"]


class SettingsError(ValueError):
    """An unknown setting or a value of the wrong kind; the message names it and what is possible."""


def knob(default: Any, words: str, choices: tuple[str, ...] = (), **bounds: float) -> Any:
    """A field of settings.

    Args:
        default: its value where nothing is said.
        words: what it means.
        choices: the texts that it takes, where it takes texts.
        bounds: `ge`, `gt`, `le`: what a number must be at least, more than, and at most; whole ones have a maximum
            always, because what counts with them has one.
    """
    if type(default) is int:
        bounds.setdefault("le", MOST)
    return field(default=default, metadata={"words": words, "choices": choices, "bounds": bounds})


@dataclass(frozen=True)
class TracePasses(Sealed):
    """The passes over the typed function of a loop, each of which can be left out."""

    copies: bool = knob(True, "Use one value for what is only copied.")
    fold: bool = knob(True, "Compute what depends on constants only.")
    gvn: bool = knob(True, "Compute once what is computed twice (value numbering).")
    ranges: bool = knob(True, "Drop the checks that the ranges of integers prove needless.")
    licm: bool = knob(True, "Move what is the same in each iteration in front of the loop.")
    starts: bool = knob(True, "Look once at what counts start from, so that they need no checks.")
    bounds: bool = knob(True, "Check indices that count once, in front of the loop.")
    short: bool = knob(True, "Let loops of few iterations run without turns of CPython, so that they can unroll.")
    sink: bool = knob(True, "Keep new objects that do not leave an iteration as their attributes.")
    strips: bool = knob(True, "Run counted loops in stretches whose checks are made once for all iterations.")
    dce: bool = knob(True, "Drop what nothing uses.")


@dataclass(frozen=True)
class JitSettings(Sealed):
    """What a user can turn in the tracing tier."""

    enabled: bool = knob(True, "Whether loops become native code at all.")
    threshold: int = knob(1000, "Iterations after which a loop is hot.", ge=1)
    background: bool = knob(
        True, "Compile in a process beside the program. When off, the program waits for each compilation.")
    cache: bool = knob(True, "Keep compiled loops on disk for later runs.")
    max_versions: int = knob(
        4, "How often one loop may be compiled for entries of related types, and for how many kinds of entries that "
           "are not related; what is left stays on CPython.", ge=1)
    strict: bool = knob(
        False, "Let `zexus.jit.compile` raise `zexus.Unsupported` for a function with a loop that cannot go native.")
    stance: str = knob(
        "default",
        "What becomes of hot loops: `default`, native where that pays; `force_native`, native as soon as they run, or "
        "an error; `fail_on_side_exit`, a side exit is an error; `python_only`, none goes native.",
        choices=get_args(Stance))
    force_exit: int = knob(
        0, "A testing aid: n > 0 makes each guard in turn fail on its n-th pass. 0 is off.", ge=0)

    functions: str = knob(
        "short",
        "Which functions go native as wholes: `recursive`, those that call themselves; `short`, also those that are "
        "called often and have short loops; `all`, each with a loop, so that its loops are not looked at.",
        choices=get_args(Functions))

    # Watching loops.
    unknown_length: int = knob(
        30, "Iterations that an entry counts for where the iterable does not tell its length.", ge=1)
    patience: int = knob(
        2000, "Entries that end before the loop is hot, after which it is watched no more.", ge=1)
    record_iterations: int = knob(
        16, "Iterations that are watched before a loop is compiled for what they show.", ge=1)
    record_budget: int = knob(
        20_000, "Instructions after which watching ends even if fewer iterations have run.", ge=1)
    inline_depth: int = knob(
        6, "How deep calls may nest that become part of a loop's native code; 0 inlines nothing.", ge=0, le=100)
    inline_size: int = knob(6000, "Instructions of a loop above which no further call becomes a part of it.", ge=1)
    max_outlined: int = knob(
        12, "How many statements without a native form a loop may have and still become native.", ge=1)
    weigh: bool = knob(
        True, "Leave a loop to CPython when its statements without a native form cost more than native code saves.")
    entry_cost: int = knob(100, "For `weigh`: what entering native code costs, in instructions.", ge=0)
    generator_cost: int = knob(
        800, "For `weigh`: what entering native code over a generator, and leaving it, costs, in instructions.", ge=0)
    outlined_cost: int = knob(34, "For `weigh`: what leaving native code for a statement costs, in instructions.", ge=0)
    variable_cost: int = knob(2, "For `weigh`: what carrying a variable there or back costs, in instructions.", ge=0)
    call_cost: int = knob(6, "For `weigh`: what a call costs CPython, in instructions.", ge=0)
    builtin_cost: int = knob(
        26, "For `weigh`: what a call of a builtin function from native code costs, in instructions.", ge=0)
    measure: bool = knob(
        True, "For `weigh`: let native code that calls Python, or is left often, take turns with CPython, and leave "
              "the loop to CPython when native code loses by the clock.")
    measure_margin: float = knob(
        0.95, "For `measure`: native code that is at least so many times as fast as CPython stays.", gt=0, le=1)
    measure_pairs: int = knob(
        9, "For `measure`: how many pairs of turns native code must lose, but for one in eight.", ge=3, le=1000)
    measure_seconds: float = knob(0.0003, "For `measure`: how long a turn of CPython is.", gt=0, le=60)
    measure_share: float = knob(
        0.01, "For `measure`: the share of the program's time that it may cost, all loops together.", ge=0, le=1)
    effort_share: float = knob(
        0.05, "For `weigh`: the share of the program's time that watching, specializing and leaving loops may cost, "
              "all together, beside half of what native code saves; 1 is no limit.", ge=0, le=1)

    retry_after: float = knob(
        10.0, "Seconds into a run behind which loops are tried again in any case that an earlier run, as the cache "
              "remembers, gave up; sooner where this run takes longer than that one; 0 remembers nothing.",
        ge=0, le=1_000_000)

    # Leaving native code.
    widen_after: int = knob(12, "Side exits of one kind after which the loop may be compiled anew for them.", ge=1)
    rare_exits: int = knob(
        200, "Iterations that each side exit has to be worth; what is left more often is compiled anew or given up.",
        ge=1)
    exit_budget: int = knob(
        200, "Entries that do not fit any version, after which a loop that may have no more of them is given up.", ge=1)
    miss_budget: int = knob(
        3, "Entries with other types than known after which another version is compiled for them.", ge=1)
    predictable: int = knob(
        64, "How often a branch goes the same way before it goes the other to be laid out as predictable.", ge=2)
    slice_iterations: int = knob(
        65_536, "Iterations of native code between two turns of CPython, which serves signals and threads.",
        ge=16, le=2**30)
    nogil: bool = knob(
        False, "Whether loops that touch nothing but numbers and the memory of arrays run without the interpreter's "
               "lock, beside other threads, which must not write to the same items meanwhile.")

    # Compiling.
    passes: TracePasses = TracePasses()
    rounds: int = knob(3, "How often these passes run at most, as long as they find something.", ge=1, le=100)
    stretch_length: int = knob(1024, "Iterations of a stretch that keeps items (see `passes.strips`).", ge=16, le=4096)
    stretch_size: int = knob(96, "Instructions of a loop's body above which it does not run in stretches.", ge=0)
    llvm_level: int = knob(3, "How much LLVM optimizes, 0 to 3.", ge=0, le=3)
    vectorize: bool = knob(True, "Let LLVM use the processor's vector instructions in loops.")
    compile_seconds: float = knob(10.0, "Time budget of one compilation.", gt=0, le=1_000_000)
    big_unit: int = knob(
        1500, "Instructions above which a loop is compiled in a process of its own even without `background`.", ge=1)
    mirror_after: float = knob(
        0.05, "Seconds of native code after which a loop is compiled once more, to work on unboxed copies of its lists "
              "where that pays; 0 is at once and wherever it is possible, less than 0 is never.")
    poll_seconds: float = knob(
        0.002, "Seconds between two looks at whether a compilation beside the program is done.", gt=0, le=60)
    verify: bool = knob(False, "Check the laws of the intermediate form behind each pass; a breach is an error.")


@dataclass(frozen=True)
class CodePasses(Sealed):
    """The passes over register code, each of which can be left out."""

    inline: bool = knob(True, "Put functions that nothing assigns to in the place of their calls.")
    copies: bool = knob(True, "Use one value for what is only copied.")
    sccp: bool = knob(True, "Follow constants through branches.")
    simplify: bool = knob(True, "Replace operations by cheaper ones.")
    gvn: bool = knob(True, "Compute once what is computed twice (value numbering).")
    licm: bool = knob(True, "Move what is the same in each iteration in front of the loop.")
    dce: bool = knob(True, "Drop what nothing uses.")
    thread: bool = knob(True, "Let jumps to decided branches go where these lead.")
    straighten: bool = knob(True, "Join blocks that always follow each other.")


@dataclass(frozen=True)
class InlineLimits(Sealed):
    """What is worth inlining in bytecode; sizes are in instructions."""

    size: int = knob(24, "Instructions of a function that is inlined anywhere.", ge=0)
    loop_size: int = knob(60, "Instructions of a function that is inlined into a loop.", ge=0)
    constant_bonus: int = knob(6, "What each constant among the arguments adds to these sizes.", ge=0)
    total: int = knob(400, "Instructions of a function with all that has been inlined into it.", ge=0, le=100_000)
    recursion: int = knob(1, "How many functions of a chain of calls may stand in it before.", ge=0, le=10)
    circular: bool = knob(True, "Whether calls are inlined that may lead back to the function that they stand in.")


@dataclass(frozen=True)
class PeepholeSettings(Sealed):
    """Numbers of the peephole optimizer."""

    rounds: int = knob(8, "How often the rules run at most, as long as they find something.", ge=1, le=100)


@dataclass(frozen=True)
class PoolSettings(Sealed):
    """Sizes of what the pools of a VM hold."""

    smallest_integer: int = knob(-128, "The smallest of the integers that are made beforehand.", ge=-1_000_000, le=0)
    largest_integer: int = knob(256, "The largest of these.", ge=0, le=1_000_000)
    longest_string: int = knob(64, "Characters of the longest string that is kept.", ge=0)
    longest_list: int = knob(16, "Items of the longest list that is kept.", ge=0, le=1000)


@dataclass(frozen=True)
class GcSettings(Sealed):
    """What CPython's garbage collector does during a run; undone behind it."""

    freeze: bool = knob(
        False, "Whether objects that are there before the run are left out of its collections.")
    thresholds: tuple[int, ...] | None = knob(
        None, "The collector's thresholds during the run, one to three numbers; null leaves them, a first number of 0 "
              "turns automatic collection off.")


@dataclass(frozen=True)
class VmSettings(Sealed):
    """Numbers of the bytecode machines.

    Attributes:
        jit: settings of native code; None for those of the environment.
    """

    recursion_limit: int = knob(200_000, "How deep calls may nest before RecursionError.", ge=1, le=10_000_000)
    warm_instructions: int = knob(50_000, "Instructions after which a program is warm.", ge=1)
    jit: JitSettings | None = None
    passes: CodePasses = CodePasses()
    rounds: int = knob(3, "How often these passes run at most, as long as they find something.", ge=1, le=100)
    inlining: InlineLimits = InlineLimits()
    variables: int = knob(256, "How many variables a generated Python function has at most.", ge=2, le=256)
    clock_instructions: int = knob(
        2000, "Instructions between two looks at the clock where `timeout` is set.", ge=1, le=10_000_000)
    host_depth: int = knob(
        500, "How deep runs may nest that host code begins inside of runs, before RecursionError.", ge=1, le=10_000)
    kept_functions: int = knob(5000, "Functions whose decoded form the stack machine keeps.", ge=1)
    verify: bool = knob(False, "Check the laws of the intermediate form behind each pass; a breach is an error.")
    peephole: PeepholeSettings = PeepholeSettings()
    pools: PoolSettings = PoolSettings()
    gc: GcSettings = GcSettings()


JIT_DEFAULTS = JitSettings()
VM_DEFAULTS = VmSettings()


def of_mapping(kind: type[Settings], values: Mapping[str, Any]) -> Settings:
    """Settings from what `dataclasses.asdict` made of them, perhaps by way of JSON."""
    found: dict[str, Any] = {}
    for one in fields(kind):  # type: ignore[arg-type]
        value = values[one.name]
        if isinstance(value, Mapping):
            inner = JitSettings if one.name == "jit" else type(one.default)
            value = of_mapping(inner, value)
        found[one.name] = tuple(value) if isinstance(value, list) else value
    return kind(**found)


def _leaves(kind: Any, before: str = "") -> Iterator[tuple[str, Field[Any]]]:
    """The settings of a class and of those inside of it, by dotted name."""
    for one in fields(kind):
        if is_dataclass(one.default):
            yield from _leaves(one.default, f"{before}{one.name}.")
        else:
            yield before + one.name, one


_JIT: dict[str, Field[Any]] = dict(_leaves(JitSettings))
_TESTS = {"ge": ("at least", float.__ge__), "gt": ("more than", float.__gt__), "le": ("at most", float.__le__)}


_WORDS = {"bool": "true or false", "int": "a whole number", "float": "a number"}
# As profiles write them.
_NUMBERS = {"int": r"[-+]?(?:0|[1-9][0-9]*)",
            "float": r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?"}


def _convert(name: str, kind: str, value: Any) -> Any:
    if not isinstance(value, str):
        if kind == "bool" and isinstance(value, bool):
            return value
        if kind == "int" and isinstance(value, int) and not isinstance(value, bool):
            return value
        if kind == "float" and isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        raise SettingsError(f"setting {name!r} takes {_WORDS[kind]}, got {value!r}")
    text = value.strip().lower()
    if kind == "bool":
        if text in ("1", "true", "on", "yes"):
            return True
        if text in ("0", "false", "off", "no", ""):
            return False
    elif re.fullmatch(_NUMBERS[kind], text):
        return int(text) if kind == "int" else float(text)
    raise SettingsError(f"setting {name!r} takes {_WORDS[kind]}, got {value!r}")


def _checked(name: str, value: Any) -> Any:
    """A value of a setting of the tracing tier, as what it takes.

    Raises:
        SettingsError: it takes no such value.
    """
    choices = _JIT[name].metadata["choices"]
    if choices:
        if value not in choices:
            raise SettingsError(f"setting {name!r} takes one of {', '.join(choices)}, got {value!r}")
        return value
    found = _convert(name, str(_JIT[name].type), value)
    for bound, edge in _JIT[name].metadata["bounds"].items():
        words, holds = _TESTS[bound]
        if not holds(float(found), float(edge)):
            raise SettingsError(f"setting {name!r} must be {words} {edge}, got {value!r}")
    return found


def updated(base: JitSettings, values: Mapping[str, Any]) -> JitSettings:
    """`base` with `values` put over it, by names like "threshold" and "passes.licm" (or "passes" with a mapping).

    Raises:
        SettingsError: an unknown name (the nearest known one is suggested), or a value of the wrong kind or size.
    """
    changes: dict[str, Any] = {}
    passes: dict[str, Any] = {}
    for name, value in values.items():
        if name == "passes" and isinstance(value, TracePasses):
            changes["passes"] = value
        elif name == "passes" and isinstance(value, Mapping):
            passes.update({inner: _named(f"passes.{inner}", item) for inner, item in value.items()})
        elif name.startswith("passes."):
            passes[name.removeprefix("passes.")] = _named(name, value)
        else:
            changes[name] = _named(name, value)
    made = replace(base, **changes)
    return replace(made, passes=replace(made.passes, **passes)) if passes else made


def _named(name: str, value: Any) -> Any:
    if name in _JIT:
        return _checked(name, value)
    import difflib

    near = difflib.get_close_matches(name, _JIT, 1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known settings: {', '.join(_JIT)}"
    raise SettingsError(f"unknown setting {name!r}{hint}")


_PREFIX = "ZEXUS_JIT__"


def from_environment(environ: Mapping[str, str] | None = None) -> JitSettings:
    """The defaults with every `ZEXUS_JIT__NAME=value` of `environ` put over them."""
    environ = os.environ if environ is None else environ
    values = {key[len(_PREFIX):].lower().replace("__", "."): text for key, text in environ.items()
              if key.startswith(_PREFIX)}
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
