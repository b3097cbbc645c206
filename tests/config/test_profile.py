"""Profiles: definition, shipped ones, precedence, and what the core gets of them."""

from __future__ import annotations

import gc
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import pydantic
import pytest
from pydantic.fields import FieldInfo

import zexus
from zexus import Profile
from zexus.config.describe import merged, schema, schema_text, table
from zexus.config.job import Job
from zexus.config.layers import SHIPPED, Resolver, is_job, shipped
from zexus.config.problems import ConfigError
from zexus.config.profile import NOT_THERE, jit_settings_of, knob_names, knobs, sections
from zexus.config.wording import model_at
from zexus.settings import JitSettings, SettingsError, VmSettings

ROOT = Path(__file__).parents[2]
PHASES = ["profiler", "memory", "peephole", "async", "regvm", "jit", "report"]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith("ZEXUS_") and "__" in name:
            monkeypatch.delenv(name)
    yield


def load(tmp_path: Path, text: str, **options: object) -> Profile:
    path = tmp_path / "p.yaml"
    path.write_text(text)
    return Profile.load(path, environ={}, **options)  # type: ignore[arg-type]


def test_the_phases() -> None:
    assert list(sections()) == PHASES
    assert all("enabled" in section.model_fields for section in sections().values())
    assert all(field.description and field.description.endswith(".") for _, _, field in knobs())


def leaves(value: object, path: str = "") -> dict[str, object]:
    """Every plain value inside of dataclasses and mappings, by its path."""
    if is_dataclass(value):
        value = vars(value)
    if not isinstance(value, dict):
        return {path: value}
    return {name: leaf for key, item in value.items() for name, leaf in leaves(item, f"{path}.{key}").items()}


def told(profile: Profile) -> dict[str, object]:
    """Everything that the core gets of a profile."""
    said = {"log": profile.report.log, "events": profile.report.events, "report": profile.report.enabled,
            "format": profile.report.format}
    return leaves({"jit": profile.jit_settings(), "vm": profile.vm_options(), "gc": profile.gc_settings(), **said})


def other(field: FieldInfo) -> str:
    """A value that a knob can have and does not have by default, as `--set` takes it."""
    kind, default = str(field.annotation), field.default
    if isinstance(default, bool):
        return str(not default).lower()
    if isinstance(default, int):
        edge = next(rule.le for rule in field.metadata if hasattr(rule, "le"))
        return str(default + 1 if default < edge else default - 1)
    if isinstance(default, float):
        return str(default / 2)
    if default is None:
        return "[5]" if "list" in kind else "7"
    if default == []:
        return "[all]"
    choices = ("basic", "full", "json", "text", "python_only", "recursive")
    return next(choice for choice in choices if choice in kind and choice != default)


NOT_THE_CORE_S = {f"{phase}.{name}" for phase in NOT_THERE for name in ("enabled", "level")}


def test_the_core_s_numbers_are_the_profiles() -> None:
    assert Profile().jit_settings() == JitSettings()
    options = Profile().vm_options()
    assert options["settings"] == VmSettings(jit=JitSettings())
    assert zexus.VM(**options).mode == "auto"
    reached = {path for phase, name, field in knobs() if phase == "jit" for path in [f"jit.{name}"]}
    assert reached == {f"jit{path}" for path in leaves(JitSettings())}


@pytest.mark.parametrize("name", [name for name in knob_names() if name not in NOT_THE_CORE_S])
def test_each_knob_reaches_the_core(name: str) -> None:
    """A knob changes what the core is told, and nothing that another knob of its phase stands for."""
    field = next(field for phase, inner, field in knobs() if f"{phase}.{inner}" == name)
    before, after = told(Profile()), told(Profile.load("default", changes=[f"{name}={other(field)}"], environ={}))
    changed = {path for path in before if before[path] != after[path]}
    assert changed
    places = {path.removeprefix(".vm.settings").removeprefix(".vm") for path in changed}
    assert len(places) <= 2, "the native tier is told beside and inside of the VM's options"


def test_every_number_of_the_core_is_a_knob() -> None:
    """Each field of the settings is set by some profile."""
    fixed = told(Profile())
    moved = set()
    for phase, name, field in knobs():
        changed = told(Profile.load("default", changes=[f"{phase}.{name}={other(field)}"], environ={}))
        moved |= {path for path in fixed if fixed[path] != changed[path]}
    assert set(fixed) - moved == {".vm.settings.passes.inline"}, "inlining is switched by an option of the VM"


def test_a_vm_without_options_is_the_default_profile_s() -> None:
    import inspect

    defaults = {name: parameter.default for name, parameter in inspect.signature(zexus.VM).parameters.items()}
    options = Profile().vm_options() | {"settings": None, "optimization_level": "MODERATE"}
    assert {name: defaults[name] for name in options} == options


def test_profiles_do_not_change() -> None:
    with pytest.raises(pydantic.ValidationError):
        Profile().jit.threshold = 3  # type: ignore[misc]


# --- shipped ones ---------------------------------------------------------------------------------------


def test_the_shipped_profiles() -> None:
    assert set(shipped()) >= {"default", "off", "debug", "fast-start", "throughput", "low-memory", "safe",
                              *(f"phase-{phase}" for phase in PHASES if phase != "report")}
    assert (ROOT / "configs").resolve() == SHIPPED


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_profile_loads_by_name_and_explains_itself(name: str) -> None:
    assert Profile.load(name, environ={}) == Profile.load(SHIPPED / f"{name}.yaml", environ={})
    text = (SHIPPED / f"{name}.yaml").read_text("utf-8")
    first, second = text.splitlines()[:2]
    assert first == "# yaml-language-server: $schema=profile.schema.json"
    assert second.startswith(f"# {name}: ")


def test_default_spells_out_the_defaults() -> None:
    resolver = Resolver(Profile)
    resolver.add_named("default")
    resolved = resolver.resolved()
    assert resolved.model(Profile) == Profile()
    assert set(resolved.origins()) == {f"{phase}.{name}" for phase, name, _ in knobs()}


def test_off_and_the_phases_alone() -> None:
    off = Profile.load("off", environ={})
    assert not any(getattr(off, name).enabled for name in Profile.model_fields)
    for phase in PHASES[:-1]:
        alone = Profile.load(f"phase-{phase}", environ={}).model_dump(by_alias=True)
        assert [name for name, section in alone.items() if section["enabled"]] == [phase]


def test_debug_checks_what_the_compilers_do() -> None:
    debug = Profile.load("debug", environ={})
    assert debug.jit_settings().verify and debug.vm_settings().verify and debug.report.log
    assert not Profile().jit.verify and not Profile().regvm.verify


def test_a_profile_s_garbage_collector_in_a_program_of_one_s_own() -> None:
    before = gc.get_threshold()
    changes = ["memory.gc.thresholds=[9]", "memory.gc.freeze=true"]
    with Profile.load("default", changes=changes, environ={}).collecting():
        assert gc.get_threshold()[0] == 9 and gc.get_freeze_count()
    assert gc.get_threshold() == before and not gc.get_freeze_count()


def test_phases_that_are_not_there_are_named() -> None:
    assert Profile().missing() == ()
    assert Profile.load("phase-memory", environ={}).missing() == ()
    for phase in NOT_THERE:
        assert Profile.load(f"phase-{phase}", environ={}).missing() == (phase,)
    assert Profile.load("phase-jit", environ={}).missing() == ()


# --- precedence -----------------------------------------------------------------------------------------


def test_precedence(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("jit: {threshold: 2, max_versions: 2, exit_budget: 2,\n"
                                        "      weigh: false, cache: false}")
    (tmp_path / "one.yaml").write_text("extends: [default, base.yaml]\njit: {max_versions: 3, exit_budget: 3}\n")
    (tmp_path / "two.yaml").write_text("jit: {exit_budget: 4, record_iterations: 4, big_unit: 4}")
    found = Profile.load(tmp_path / "one.yaml", tmp_path / "two.yaml", changes=["jit.big_unit=6"],
                         environ={"ZEXUS_JIT__RECORD_ITERATIONS": "5", "ZEXUS_JIT__BIG_UNIT": "5"}).jit
    numbers = [found.threshold, found.max_versions, found.exit_budget, found.record_iterations, found.big_unit]
    assert numbers == [2, 3, 4, 5, 6]
    assert found.weigh is found.cache is False and found.background is True


def test_the_environment() -> None:
    environ = {"ZEXUS_JIT__CACHE": "0", "ZEXUS_JIT__WEIGH": "off", "ZEXUS_REGVM__TIMEOUT": "2.5", "ZEXUS_DISABLE": "1",
               "ZEXUS_PEEPHOLE__LEVEL": "basic", "ZEXUS_ASYNC__ENABLED": "yes", "ZEXUS_LOGS": "all"}
    found = Profile.load("default", environ=environ)
    assert (found.jit.cache, found.jit.weigh, found.async_.enabled) == (False, False, True)
    assert (found.regvm.timeout, found.peephole.level) == (2.5, "basic")


def test_where_values_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("p.yaml").write_text("extends: safe\njit:\n  threshold: 3\n")
    resolver = Resolver(Profile)
    resolver.add_file("p.yaml")
    resolver.add_environment({"ZEXUS_JIT__CACHE": "0"})
    resolver.add_changes(["weigh=false"])
    resolved = resolver.resolved()
    places = {key: str(place) for key, place in resolved.origins().items()}
    assert places.pop("jit.enabled") == "safe:7:12"
    assert places == {"jit.threshold": "p.yaml:3:14", "jit.cache": "ZEXUS_JIT__CACHE:1:18", "jit.weigh": "--set:1:7"}
    text = merged(resolved, resolved.model(Profile), origin=True)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "threshold: 3 # p.yaml:3:14" in lines and "max_versions: 4 # default" in lines
    Path("again.yaml").write_text(text)
    assert Profile.load("again.yaml", environ={}) == resolved.model(Profile)


# --- what the core gets ---------------------------------------------------------------------------------


def test_compile_takes_profiles(tmp_path: Path) -> None:
    def total(n: int) -> int:
        found = 0
        for i in range(n):
            found += i
        return found

    assert zexus.jit.compile(total, profile="safe") is total
    assert zexus.jit.compile(total, profile=Profile.load("off", environ={})) is total
    path = tmp_path / "p.yaml"
    path.write_text("jit: {threshold: 10, background: false}")
    made = zexus.jit.compile(total, profile=str(path))
    assert made(5000) == total(5000)
    assert zexus.explain(made).regions[0].tier == "native"
    assert zexus.jit.compile(total, profile="safe", enabled=True) is not total
    with pytest.raises(SettingsError, match="did you mean 'throughput'"):
        zexus.jit.compile(total, profile="thruput")


def test_a_name_is_read_once_but_the_environment_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first = jit_settings_of("throughput")
    with monkeypatch.context() as patched:
        patched.setattr(Profile, "load", None)
        assert jit_settings_of("throughput") == first
    monkeypatch.setenv("ZEXUS_JIT__THRESHOLD", "77")
    assert jit_settings_of("throughput").threshold == 77
    monkeypatch.setenv("ZEXUS_JIT__THRESHOLD", "none")
    for _ in range(2):
        with pytest.raises(ConfigError, match="ZEXUS_JIT__THRESHOLD:1:22"):
            jit_settings_of("throughput")


def test_profiles_of_the_vm() -> None:
    assert Profile.load("off", environ={}).vm_options()["mode"] == "stack"
    options = Profile.load("phase-peephole", environ={}).vm_options()
    assert options["optimization_level"] == "aggressive" and not options["enable_native_tier"]
    for name in shipped():
        zexus.VM(**Profile.load(name, environ={}).vm_options())


def test_the_core_does_without() -> None:
    program = ("import sys, zexus, zexus.jit.compile, zexus.vm.vm\n"
               "zexus.jit.compile(lambda: None)\n"
               "print([name for name in ('pydantic', 'yaml', 'click', 'rich', 'zexus.config') if name in sys.modules])")
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout == "[]\n"


# --- schema and documents -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Profile, Job])
def test_the_schema_s_file_is_current(kind: type[Profile]) -> None:
    """`zexus config schema` and `zexus config schema --job` print it."""
    assert (SHIPPED / f"{kind.__name__.lower()}.schema.json").read_text("utf-8") == schema_text(kind)


def test_the_schema_says_what_the_code_does() -> None:
    found = schema(Profile)
    assert found["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert list(found["properties"]) == ["extends", *PHASES]
    jit = found["definitions"]["Jit"]
    assert jit["additionalProperties"] is False
    assert jit["properties"]["threshold"]["minimum"] == 1 and jit["properties"]["threshold"]["type"] == "integer"
    assert schema(Job)["anyOf"] == [{"required": ["target"]}, {"required": ["extends"]}]
    for kind in (Profile, Job):  # nothing is no name
        assert [one["type"] for one in schema(kind)["properties"]["extends"]["anyOf"]] == ["string", "array"]


def test_the_documentation_s_table_is_current() -> None:
    """`zexus config table` prints it."""
    text = (ROOT / "docs" / "profiles.md").read_text("utf-8")
    assert table() in text


def test_the_documentation_s_files_are_right(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "profiles.md").read_text("utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        path = tmp_path / "file.yaml"
        path.write_text(block)
        kind = Job if is_job(path) else Profile
        resolver = Resolver(kind)
        resolver.add_file(str(path), main=True)
        assert resolver.resolved().model(kind).jit.threshold == 100


def test_the_documentation_s_mistakes_are_told_like_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my.yaml").write_text("# a profile\nextends: throughput\njit:\n  treshold: 100\n  max_versions: 0\n")
    with pytest.raises(ConfigError) as caught:
        Profile.load("my.yaml")
    assert f"```\n{caught.value}\n```" in (ROOT / "docs" / "profiles.md").read_text("utf-8")


def test_the_documentation_s_commands_exist() -> None:
    from zexus.cli import commands

    group: Any = commands()
    lines = re.findall(r"^zexus (.*)$", (ROOT / "docs" / "profiles.md").read_text("utf-8"), re.MULTILINE)
    assert len(lines) >= 6
    for line in lines:
        words = shlex.split(line)
        options = {option for parameter in group.commands[words[0]].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_models_are_found_by_path() -> None:
    assert model_at(Job, ("reports", "0")) is not None
    assert model_at(Job, ("args",)) is None


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"jit:\n  # caf\xe9\n  threshold: 3\n")
    with pytest.raises(ConfigError, match=r"latin.yaml:2:8: this is not UTF-8"):
        Profile.load(tmp_path / "latin.yaml")
    (tmp_path / "bom.yaml").write_bytes(b"\xef\xbb\xbfjit: {threshold: 3}")
    assert Profile.load(tmp_path / "bom.yaml", environ={}).jit.threshold == 3
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        Profile.load(f"{tmp_path}/")
    (tmp_path / "large.yaml").write_bytes(b"#" * (1 << 21))
    with pytest.raises(ConfigError, match="larger than"):
        Profile.load(tmp_path / "large.yaml")
