"""Profiles: every knob of every phase, defined once; defaults, ranges, schema and documents come from here."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from zexus.settings import JitSettings, SettingsError, VmSettings

_JIT = JitSettings()
_VM = VmSettings()

# Phases that can be named in a profile but have no code behind them yet: turning one on is answered by a warning.
NOT_THERE: Mapping[str, str] = {
    "profiler": "the instruction profiler is not part of this version, and nothing is profiled",
    "async": "the async phase is not part of this version, and coroutines run as ever",
}


class Section(BaseModel):
    """What sections have in common: no conversions, no unknown keys, no changes."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, regex_engine="python-re")


class Profiler(Section):
    """Counts and times what programs execute."""

    enabled: bool = Field(default=False, description="Whether the profiler runs.")


class Memory(Section):
    """Pools of the objects that host code asks a `zexus.VM` for."""

    enabled: bool = Field(
        default=True,
        description="Whether `allocate_string`, `allocate_list` and their like keep objects for the next one who asks.")
    pool_max_size: int = Field(
        default=1000, ge=1, description="How many strings, and how many lists of each size, the pools keep.")


class Peephole(Section):
    """Shortens the stack form of bytecode programs before they run."""

    enabled: bool = Field(default=True, description="Whether bytecode programs are optimized before they run.")
    level: Literal["basic", "moderate", "aggressive"] = Field(
        default="moderate",
        description="Which rules are used: `basic`, `moderate` or `aggressive`.")


class Async(Section):
    """Coroutines."""

    enabled: bool = Field(default=False, description="Whether coroutines are optimized.")


class Regvm(Section):
    """The machines that bytecode programs (`.zxa`) run on."""

    enabled: bool = Field(default=True, description="Whether warm programs leave the stack machine for a faster one.")
    generated: bool = Field(
        default=True,
        description="Whether warm programs become Python functions; `jit` needs that. Otherwise they become code of the"
                    " register machine.")
    optimize: bool = Field(default=True, description="Whether the passes over register code run.")
    inline: bool = Field(default=True, description="Whether functions that nothing assigns to are inlined.")
    registers: int = Field(default=32, ge=2, le=256, description="How many registers the register machine has.")
    warm_instructions: int = Field(
        default=_VM.warm_instructions, ge=1,
        description="Instructions after which a program is warm.")
    recursion_limit: int = Field(
        default=_VM.recursion_limit, ge=1, le=10_000_000,
        description="How deep calls may nest before RecursionError.")
    max_instructions: int | None = Field(
        default=None, ge=1,
        description="Instructions that a run may take; null for any number. A run under limits is not native.")
    timeout: float | None = Field(
        default=None, gt=0,
        description="Seconds that a run may take; null for any time. A run under limits is not native.")


class Jit(Section):
    """Native code for hot loops."""

    enabled: bool = Field(default=_JIT.enabled, description="Whether loops become native code at all.")
    threshold: int = Field(default=_JIT.threshold, ge=1, description="Iterations after which a loop is hot.")
    background: bool = Field(
        default=_JIT.background,
        description="Compile in a process beside the program. When off, the program waits for each compilation.")
    cache: bool = Field(default=_JIT.cache, description="Keep compiled loops on disk for later runs.")
    max_versions: int = Field(
        default=_JIT.max_versions, ge=1,
        description="How often one loop may be compiled anew before it stays on CPython.")
    record_iterations: int = Field(
        default=_JIT.record_iterations, ge=1,
        description="Iterations that are watched before a loop is compiled for what they show.")
    weigh: bool = Field(
        default=_JIT.weigh,
        description="Leave a loop to CPython when its statements without a native form cost more than native code "
                    "saves.")
    exit_budget: int = Field(
        default=_JIT.exit_budget, ge=1,
        description="Side exits that compiled code may take before the loop is watched anew.")
    compile_seconds: float = Field(default=_JIT.compile_seconds, gt=0, description="Time budget of one compilation.")
    big_unit: int = Field(
        default=_JIT.big_unit, ge=1,
        description="Instructions above which a loop is compiled in a process of its own even without `background`.")
    mirror_after: float = Field(
        default=_JIT.mirror_after,
        description="Seconds of native code after which a loop is compiled once more, to work on unboxed copies of its "
                    "lists where that pays; 0 is at once and wherever it is possible, less than 0 is never.")
    strict: bool = Field(
        default=_JIT.strict,
        description="Let `zexus.jit.compile` raise `zexus.Unsupported` for a function with a loop that cannot become "
                    "native.")
    force_exit: int = Field(
        default=_JIT.force_exit, ge=0,
        description="A testing aid: n > 0 makes each guard in turn fail on its n-th pass. 0 is off.")


class Report(Section):
    """What is said at the end of a run."""

    enabled: bool = Field(default=False, description="Say on stderr at the end which loops ran where, and why.")
    format: Literal["text", "json"] = Field(default="text", description="A `text` to be read, or `json`.")


class Profile(Section):
    """How the phases are set."""

    profiler: Profiler = Field(default=Profiler(), description="Counts and times what programs execute.")
    memory: Memory = Field(default=Memory(), description="Pools of the objects that host code asks a VM for.")
    peephole: Peephole = Field(default=Peephole(), description="Shortens bytecode programs before they run.")
    async_: Async = Field(default=Async(), alias="async", description="Coroutines.")
    regvm: Regvm = Field(default=Regvm(), description="The machines that bytecode programs run on.")
    jit: Jit = Field(default=Jit(), description="Native code for hot loops.")
    report: Report = Field(default=Report(), description="What is said at the end of a run.")

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
        return JitSettings(**self.jit.model_dump())

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
            "settings": VmSettings(regvm.recursion_limit, regvm.warm_instructions, self.jit_settings()),
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
    if isinstance(profile, (str, os.PathLike)):
        profile = Profile.load(profile)
    if not isinstance(profile, Profile):
        raise SettingsError("profile takes the name or path of a profile, a zexus.Profile, a "
                            f"zexus.settings.JitSettings or None, got {profile!r}")
    return profile.jit_settings()


def sections() -> dict[str, type[Section]]:
    """The phases by the names that files know them by."""
    found: dict[str, type[Section]] = {}
    for name, field in Profile.model_fields.items():
        assert isinstance(field.annotation, type) and issubclass(field.annotation, Section)
        found[field.alias or name] = field.annotation
    return found


def knobs() -> Iterator[tuple[str, str, FieldInfo]]:
    """Every knob: its phase, its name and what is known about it."""
    for phase, section in sections().items():
        for name, field in section.model_fields.items():
            yield phase, name, field


def knob_names() -> tuple[str, ...]:
    """The dotted names of all knobs."""
    return tuple(f"{phase}.{name}" for phase, name, _ in knobs())
