"""Profiles: every knob of every phase; validation, schema, environment variables and documents come from here.

What a knob of the core is called, means and takes stands once, in `zexus.settings`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from zexus.settings import (
    MOST,
    CodePasses,
    Functions,
    GcSettings,
    InlineLimits,
    JitSettings,
    PeepholeSettings,
    PoolSettings,
    SettingsError,
    Stance,
    TracePasses,
    VmSettings,
    of_mapping,
)

# Phases that can be named in a profile but do nothing by that yet: turning one on is answered by a warning.
NOT_THERE: Mapping[str, str] = {
    "profiler": "profiles do not switch the profiler on in this version, but `zexus run --profile LEVEL program.zxa` "
                "does",
    "async": "the async phase is not part of this version, and coroutines run as ever",
}


class Section(BaseModel):
    """What sections have in common: no conversions, no unknown keys, no changes."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, regex_engine="python-re")


def _of(settings: Any, name: str) -> Any:
    """A knob of the core, with the default, the words and the bounds that it has there."""
    found = next(one for one in fields(settings) if one.name == name)
    return Field(default=found.default, description=found.metadata["words"], **found.metadata["bounds"])


class Profiler(Section):
    """Counts and times what programs execute."""

    enabled: bool = Field(default=False, description="Whether the profiler runs.")
    level: Literal["basic", "detailed", "full"] = Field(
        default="basic",
        description="How much it notes: counts (`basic`), times as well (`detailed`), memory, branches and paths too "
                    "(`full`).")


class Gc(Section):
    """CPython's garbage collector during a run; undone behind it."""

    freeze: bool = _of(GcSettings, "freeze")
    thresholds: Annotated[list[Annotated[int, Field(ge=0, le=2**31 - 1)]], Field(min_length=1, max_length=3)] | None = (
        _of(GcSettings, "thresholds"))


class Memory(Section):
    """Pools of the objects that host code asks a `zexus.VM` for, and the garbage collector."""

    enabled: bool = Field(
        default=True,
        description="Whether `allocate_string`, `allocate_list` and their like keep objects for the next one who asks, "
                    "and `gc` applies.")
    pool_max_size: int = Field(
        default=1000, ge=0, le=MOST, description="How many strings, and how many lists of each size, the pools keep.")
    smallest_integer: int = _of(PoolSettings, "smallest_integer")
    largest_integer: int = _of(PoolSettings, "largest_integer")
    longest_string: int = _of(PoolSettings, "longest_string")
    longest_list: int = _of(PoolSettings, "longest_list")
    gc: Gc = Field(default=Gc(), description="CPython's garbage collector during a run.")


class Peephole(Section):
    """Shortens the stack form of bytecode programs before they run."""

    enabled: bool = Field(default=True, description="Whether bytecode programs are optimized before they run.")
    level: Literal["basic", "moderate", "aggressive"] = Field(
        default="moderate",
        description="Which rules are used: `basic`, `moderate` or `aggressive`.")
    rounds: int = _of(PeepholeSettings, "rounds")


class Async(Section):
    """Coroutines."""

    enabled: bool = Field(default=False, description="Whether coroutines are optimized.")


class RegvmPasses(Section):
    """The passes over register code, one by one."""

    copies: bool = _of(CodePasses, "copies")
    sccp: bool = _of(CodePasses, "sccp")
    simplify: bool = _of(CodePasses, "simplify")
    gvn: bool = _of(CodePasses, "gvn")
    licm: bool = _of(CodePasses, "licm")
    dce: bool = _of(CodePasses, "dce")
    thread: bool = _of(CodePasses, "thread")
    straighten: bool = _of(CodePasses, "straighten")


class Inlining(Section):
    """What is worth inlining."""

    size: int = _of(InlineLimits, "size")
    loop_size: int = _of(InlineLimits, "loop_size")
    constant_bonus: int = _of(InlineLimits, "constant_bonus")
    total: int = _of(InlineLimits, "total")
    recursion: int = _of(InlineLimits, "recursion")
    circular: bool = _of(InlineLimits, "circular")


class Regvm(Section):
    """The machines that bytecode programs (`.zxa`) run on."""

    enabled: bool = Field(default=True, description="Whether warm programs leave the stack machine for a faster one.")
    generated: bool = Field(
        default=True,
        description="Whether warm programs become Python functions; `jit` needs that. Otherwise they become code of the"
                    " register machine.")
    warm_instructions: int = _of(VmSettings, "warm_instructions")
    registers: int = Field(default=32, ge=2, le=256, description="How many registers the register machine has.")
    variables: int = _of(VmSettings, "variables")
    optimize: bool = Field(default=True, description="Whether the passes over register code run.")
    passes: RegvmPasses = Field(default=RegvmPasses(), description="These passes, one by one.")
    rounds: int = _of(VmSettings, "rounds")
    inline: bool = Field(default=True, description="Whether functions that nothing assigns to are inlined.")
    inlining: Inlining = Field(default=Inlining(), description="What is worth inlining.")
    recursion_limit: int = _of(VmSettings, "recursion_limit")
    host_depth: int = _of(VmSettings, "host_depth")
    max_instructions: int | None = Field(
        default=None, ge=1, le=2**62,
        description="Instructions that a run may take; null for any number. A run under limits is not native.")
    timeout: float | None = Field(
        default=None, gt=0, le=MOST,
        description="Seconds that a run may take; null for any time. A run under limits is not native.")
    clock_instructions: int = _of(VmSettings, "clock_instructions")
    kept_functions: int = _of(VmSettings, "kept_functions")
    verify: bool = _of(VmSettings, "verify")


class JitPasses(Section):
    """The passes over a loop's typed form, one by one."""

    copies: bool = _of(TracePasses, "copies")
    fold: bool = _of(TracePasses, "fold")
    gvn: bool = _of(TracePasses, "gvn")
    ranges: bool = _of(TracePasses, "ranges")
    licm: bool = _of(TracePasses, "licm")
    starts: bool = _of(TracePasses, "starts")
    bounds: bool = _of(TracePasses, "bounds")
    short: bool = _of(TracePasses, "short")
    sink: bool = _of(TracePasses, "sink")
    strips: bool = _of(TracePasses, "strips")
    dce: bool = _of(TracePasses, "dce")


class Jit(Section):
    """Native code for hot loops."""

    enabled: bool = _of(JitSettings, "enabled")
    threshold: int = _of(JitSettings, "threshold")
    background: bool = _of(JitSettings, "background")
    cache: bool = _of(JitSettings, "cache")
    max_versions: int = _of(JitSettings, "max_versions")
    strict: bool = _of(JitSettings, "strict")
    stance: Stance = _of(JitSettings, "stance")
    force_exit: int = _of(JitSettings, "force_exit")
    functions: Functions = _of(JitSettings, "functions")
    unknown_length: int = _of(JitSettings, "unknown_length")
    patience: int = _of(JitSettings, "patience")
    record_iterations: int = _of(JitSettings, "record_iterations")
    record_budget: int = _of(JitSettings, "record_budget")
    inline_depth: int = _of(JitSettings, "inline_depth")
    inline_size: int = _of(JitSettings, "inline_size")
    max_outlined: int = _of(JitSettings, "max_outlined")
    weigh: bool = _of(JitSettings, "weigh")
    entry_cost: int = _of(JitSettings, "entry_cost")
    generator_cost: int = _of(JitSettings, "generator_cost")
    outlined_cost: int = _of(JitSettings, "outlined_cost")
    variable_cost: int = _of(JitSettings, "variable_cost")
    call_cost: int = _of(JitSettings, "call_cost")
    builtin_cost: int = _of(JitSettings, "builtin_cost")
    measure: bool = _of(JitSettings, "measure")
    measure_margin: float = _of(JitSettings, "measure_margin")
    measure_pairs: int = _of(JitSettings, "measure_pairs")
    measure_seconds: float = _of(JitSettings, "measure_seconds")
    measure_share: float = _of(JitSettings, "measure_share")
    effort_share: float = _of(JitSettings, "effort_share")
    retry_after: float = _of(JitSettings, "retry_after")
    widen_after: int = _of(JitSettings, "widen_after")
    rare_exits: int = _of(JitSettings, "rare_exits")
    exit_budget: int = _of(JitSettings, "exit_budget")
    miss_budget: int = _of(JitSettings, "miss_budget")
    predictable: int = _of(JitSettings, "predictable")
    slice_iterations: int = _of(JitSettings, "slice_iterations")
    nogil: bool = _of(JitSettings, "nogil")
    passes: JitPasses = Field(default=JitPasses(), description="The passes over a loop's typed form, one by one.")
    rounds: int = _of(JitSettings, "rounds")
    stretch_length: int = _of(JitSettings, "stretch_length")
    stretch_size: int = _of(JitSettings, "stretch_size")
    llvm_level: int = _of(JitSettings, "llvm_level")
    vectorize: bool = _of(JitSettings, "vectorize")
    compile_seconds: float = _of(JitSettings, "compile_seconds")
    big_unit: int = _of(JitSettings, "big_unit")
    mirror_after: float = _of(JitSettings, "mirror_after")
    poll_seconds: float = _of(JitSettings, "poll_seconds")
    verify: bool = _of(JitSettings, "verify")


class Report(Section):
    """What is said during and at the end of a run."""

    enabled: bool = Field(default=False, description="Say on stderr at the end which loops ran where, and why.")
    format: Literal["text", "json"] = Field(default="text", description="A `text` to be read, or `json`.")
    log: list[Literal["compile", "refuse", "deopt", "cache", "all"]] = Field(
        default=[],
        description="What is told on stderr as it happens, also without `enabled`.")
    events: int = Field(
        default=10_000, ge=0, le=MOST, description="How many happenings are kept in memory for `zexus.events`.")


class Profile(Section):
    """How the phases are set."""

    profiler: Profiler = Field(default=Profiler(), description="Counts and times what programs execute.")
    memory: Memory = Field(
        default=Memory(), description="Pools of the objects that host code asks a VM for, and the garbage collector.")
    peephole: Peephole = Field(default=Peephole(), description="Shortens bytecode programs before they run.")
    async_: Async = Field(default=Async(), alias="async", description="Coroutines.")
    regvm: Regvm = Field(default=Regvm(), description="The machines that bytecode programs run on.")
    jit: Jit = Field(default=Jit(), description="Native code for hot loops.")
    report: Report = Field(default=Report(), description="What is said during and at the end of a run.")

    @classmethod
    def load(cls, name: str | os.PathLike[str], *more: str | os.PathLike[str], changes: Sequence[str] = (),
             environ: Mapping[str, str] | None = None) -> Profile:
        """A profile by its name, or from a file.

        Args:
            name: a shipped profile's name, or the path of a YAML file.
            more: files whose values go over it, one after the other.
            changes: `NAME=VALUE` texts that go over the environment's variables.
            environ: the environment whose `ZEXUS_PHASE__KNOB` variables go over the files; by default the process's.

        Raises:
            ConfigError: everything that is wrong, with places.
        """
        from zexus.config.layers import Resolver

        resolver = Resolver(Profile)
        resolver.add_named(os.fspath(name), "profile")
        for path in more:
            resolver.add_file(os.fspath(path))
        resolver.add_environment(os.environ if environ is None else environ)
        resolver.add_changes(changes)
        return resolver.resolved().model(Profile)

    def jit_settings(self) -> JitSettings:
        """What the tracing tier takes."""
        return of_mapping(JitSettings, self.jit.model_dump())

    def gc_settings(self) -> GcSettings:
        """What the garbage collector is told during a run."""
        return of_mapping(GcSettings, self.memory.gc.model_dump()) if self.memory.enabled else GcSettings()

    def collecting(self) -> AbstractContextManager[None]:
        """A block in which CPython's garbage collector does what `memory.gc` says, and as before behind it."""
        from zexus.vm.collector import collecting

        return collecting(self.gc_settings())

    def vm_settings(self) -> VmSettings:
        """The numbers of the bytecode machines."""
        regvm, memory = self.regvm.model_dump(), self.memory.model_dump()
        names = {one.name for one in fields(VmSettings)}
        return VmSettings(**{
            **{name: value for name, value in regvm.items() if name in names},
            "jit": self.jit_settings(),
            "passes": CodePasses(**regvm["passes"]),
            "inlining": InlineLimits(**regvm["inlining"]),
            "peephole": PeepholeSettings(self.peephole.rounds),
            "pools": PoolSettings(**{one.name: memory[one.name] for one in fields(PoolSettings)}),
            "gc": self.gc_settings(),
        })

    def vm_options(self) -> dict[str, Any]:
        """The arguments of `zexus.VM`."""
        regvm = self.regvm
        return {
            "mode": "auto" if regvm.enabled else "stack",
            "optimization_level": self.peephole.level,
            "enable_peephole_optimizer": self.peephole.enabled,
            "enable_register_optimizer": regvm.optimize,
            "enable_inlining": regvm.inline,
            "enable_generated_tier": regvm.generated,
            "enable_native_tier": self.jit.enabled,
            "enable_memory_pool": self.memory.enabled,
            "pool_max_size": self.memory.pool_max_size,
            "registers": regvm.registers,
            "max_instructions": regvm.max_instructions,
            "timeout": regvm.timeout,
            "settings": self.vm_settings(),
        }

    def missing(self) -> tuple[str, ...]:
        """The enabled phases that this version has no code for."""
        return tuple(name for name in NOT_THERE if getattr(self, _attribute(name)).enabled)


def _attribute(name: str) -> str:
    return "async_" if name == "async" else name


def jit_settings_of(profile: object) -> JitSettings:
    """What the tracing tier takes from a profile, given by name, by path or as it is.

    Raises:
        ConfigError: something is wrong with it.
        SettingsError: it is no profile.
    """
    if isinstance(profile, str) and profile.replace("-", "_").isidentifier():
        profile = _shipped(profile, tuple(item for item in sorted(os.environ.items()) if item[0].startswith("ZEXUS_")))
    elif isinstance(profile, (str, os.PathLike)):
        profile = Profile.load(profile)
    if not isinstance(profile, Profile):
        raise SettingsError("profile takes the name or path of a profile, a zexus.Profile, a "
                            f"zexus.settings.JitSettings or None, got {profile!r}")
    return profile.jit_settings()


@lru_cache(maxsize=64)
def _shipped(name: str, environ: tuple[tuple[str, str], ...]) -> Profile:
    """A shipped profile, read once for all the functions of a program that are compiled with it."""
    return Profile.load(name, environ=dict(environ))


def section_of(field: FieldInfo) -> type[Section] | None:
    """The section that a field holds, or None where it is a knob itself."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


def sections() -> dict[str, type[Section]]:
    """The phases by the names that files know them by."""
    found: dict[str, type[Section]] = {}
    for name, field in Profile.model_fields.items():
        kind = section_of(field)
        assert kind is not None
        found[field.alias or name] = kind
    return found


def knobs() -> Iterator[tuple[str, str, FieldInfo]]:
    """Every knob: its phase, its name there ("threshold", "passes.licm") and what is known about it."""
    for phase, section in sections().items():
        for name, field in _knobs(section):
            yield phase, name, field


def _knobs(section: type[Section]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in section.model_fields.items():
        inner = section_of(field)
        if inner is None:
            yield name, field
        else:
            yield from ((f"{name}.{below}", item) for below, item in _knobs(inner))


def knob_names() -> tuple[str, ...]:
    """The dotted names of all knobs."""
    return tuple(f"{phase}.{name}" for phase, name, _ in knobs())
