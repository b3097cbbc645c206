"""Files with mistakes: each is answered at its line and column, without a traceback, and all of them at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zexus.config.document import parse
from zexus.config.job import Job
from zexus.config.layers import SHIPPED, Resolver
from zexus.config.problems import ConfigError, Source
from zexus.config.profile import Profile

# A profile, and where what is wrong: LINE:COLUMN: KEY: TEXT.
PROFILES: list[tuple[str, list[str]]] = [
    ("jti: {}", ["1:1: jti: unknown key; did you mean 'jit'?"]),
    ("jit:\n  treshold: 3", ["2:3: jit.treshold: unknown key; did you mean 'threshold'?"]),
    ("threshold: 3", ["1:1: threshold: unknown key; did you mean 'jit.threshold'?"]),
    ("registers: 3", ["1:1: registers: unknown key; did you mean 'regvm.registers'?"]),
    ("jit:\n  registers: 3", ["2:3: jit.registers: unknown key; did you mean 'regvm.registers'?"]),
    ("zzz: 1", ["1:1: zzz: unknown key; known are profiler, memory,"]),
    ("jit: {threshold: 0}", ["1:18: jit.threshold: must be at least 1 (got 0)"]),
    ("jit: {threshold: -5}", ["1:18: jit.threshold: must be at least 1 (got -5)"]),
    ("jit: {threshold: ten}", ["1:18: jit.threshold: takes a whole number (got 'ten')"]),
    ("jit: {threshold: '10'}", ["1:18: jit.threshold: takes a whole number (got '10')"]),
    ("jit: {threshold: 1.5}", ["1:18: jit.threshold: takes a whole number (got 1.5)"]),
    ("jit: {threshold: 1e3}", ["1:18: jit.threshold: takes a whole number (got 1000.0)"]),
    ("jit: {threshold: 010}", ["1:18: jit.threshold: takes a whole number (got '010')"]),
    ("jit: {threshold: 1_000}", ["1:18: jit.threshold: takes a whole number (got '1_000')"]),
    ("jit: {threshold: true}", ["1:18: jit.threshold: takes a whole number (got true)"]),
    ("jit: {threshold: null}", ["1:18: jit.threshold: takes a whole number (got nothing)"]),
    ("jit: {threshold: [1]}", ["1:18: jit.threshold: takes a whole number (got a list)"]),
    ("jit: {threshold: {a: 1}}", ["1:18: jit.threshold: takes a whole number (got a mapping)"]),
    ("jit: {threshold: .inf}", ["1:18: jit.threshold: takes a whole number (got inf)"]),
    ("jit:\n  threshold:\n", ["2:13: jit.threshold: takes a whole number (got nothing)"]),
    ("jit: {enabled: off}", ["1:16: jit.enabled: takes true or false (got 'off'); write false"]),
    ("jit: {enabled: Yes}", ["1:16: jit.enabled: takes true or false (got 'Yes'); write true"]),
    ("jit: {enabled: 1}", ["1:16: jit.enabled: takes true or false (got 1)"]),
    ("jit: {enabled: 'true'}", ["1:16: jit.enabled: takes true or false (got 'true')"]),
    ("jit: {compile_seconds: 0}", ["1:24: jit.compile_seconds: must be more than 0 (got 0)"]),
    ("jit: {compile_seconds: .nan}", ["1:24: jit.compile_seconds: takes a finite number (got nan)"]),
    ("jit: {compile_seconds: -.inf}", ["1:24: jit.compile_seconds: takes a finite number (got -inf)"]),
    ("jit: {compile_seconds: long}", ["1:24: jit.compile_seconds: takes a number (got 'long')"]),
    ("jit: {force_exit: -1}", ["1:19: jit.force_exit: must be at least 0 (got -1)"]),
    ("jit: 3", ["1:6: jit: takes a mapping of names to values (got 3)"]),
    ("jit:", ["1:5: jit: takes a mapping of names to values (got nothing)"]),
    ("jit: [enabled]", ["1:6: jit: takes a mapping of names to values (got a list)"]),
    ("jit: on", ["1:6: jit: takes a mapping of names to values (got 'on')"]),
    ("async: {enabled: no}", ["1:18: async.enabled: takes true or false (got 'no'); write false"]),
    ("async_: {enabled: true}", ["1:1: async_: unknown key; did you mean 'async'?"]),
    ("memory: {size: 3}", ["1:10: memory.size: unknown key; did you mean 'regvm.inlining.size'?"]),
    ("peephole: {level: basik}", ["1:19: peephole.level: takes one of basic, moderate, aggressive (got 'basik'); "
                                  "did you mean 'basic'?"]),
    ("peephole: {level: 2}", ["1:19: peephole.level: takes one of basic, moderate, aggressive (got 2)"]),
    ("report: {format: html}", ["1:18: report.format: takes one of text, json (got 'html')"]),
    ("regvm: {registers: 1}", ["1:20: regvm.registers: must be at least 2 (got 1)"]),
    ("regvm: {registers: 257}", ["1:20: regvm.registers: must be at most 256 (got 257)"]),
    ("regvm: {timeout: 0}", ["1:18: regvm.timeout: must be more than 0 (got 0)"]),
    ("regvm: {max_instructions: none}", ["1:27: regvm.max_instructions: takes a whole number (got 'none')"]),
    ("memory: {zzz: 3}", ["1:10: memory.zzz: unknown key; known are enabled, pool_max_size"]),
    ("jit: {zzz: 3}", ["1:7: jit.zzz: unknown key; `zexus config show` lists all that are known"]),
    ("regvm: {licm: true}", ["1:9: regvm.licm: unknown key; did you mean 'regvm.passes.licm'?"]),
    ("jit: {passes: {lcim: true}}", ["1:16: jit.passes.lcim: unknown key; did you mean 'licm'?"]),
    ("jit: {passes: {licm: 0}}", ["1:22: jit.passes.licm: takes true or false (got 0)"]),
    ("jit: {passes: [licm]}", ["1:15: jit.passes: takes a mapping of names to values (got a list)"]),
    ("jit: {threshold: 99999999999}", ["1:18: jit.threshold: must be at most 1000000000 (got 99999999999)"]),
    ("memory: {gc: {thresholds: [1, 2, 3, 4]}}", ["1:27: memory.gc.thresholds: takes at most 3 items (got 4)"]),
    ("memory: {gc: {thresholds: []}}", ["1:27: memory.gc.thresholds: takes at least 1 item (got 0)"]),
    ("memory: {gc: {thresholds: [1, -2]}}", ["1:31: memory.gc.thresholds.1: must be at least 0 (got -2)"]),
    ("memory: {gc: {freeze: on}}", ["1:23: memory.gc.freeze: takes true or false (got 'on'); write true"]),
    ("report: {log: [compile, reufse]}", ["1:25: report.log.1: takes one of compile, refuse, deopt, cache, all"]),
    ("report: {log: all}", ["1:15: report.log: takes a list (got 'all')"]),
    ("profiler: {level: 2}", ["1:19: profiler.level: takes one of basic, detailed, full (got 2)"]),
    ("- jit", ["1:1: a profile or job is a mapping of names to values"]),
    ("just words", ["1:1: a profile or job is a mapping of names to values"]),
    ("42", ["1:1: a profile or job is a mapping of names to values"]),
    ("1: {}", ["1:1: 1: unknown key"]),
    ("'': {}", ["1:1: unknown key"]),
    ("jit:\n  cache: true\n  cache: false", ["3:3: jit.cache: the key stands twice; first in line 2"]),
    ("<<: {jit: {}}", ["1:1: <<: merge keys are not known here; `extends` is for what files share"]),
    ("JIT: {}", ["1:1: JIT: unknown key; did you mean 'jit'?"]),
    ("jit: {maxVersions: 3}", ["1:7: jit.maxVersions: unknown key; did you mean 'max_versions'?"]),
    ("extends: defualt", ["1:10: extends: unknown profile 'defualt'; did you mean 'default'?"]),
    ("extends: nowhere.yaml", ["1:10: extends: nowhere.yaml cannot be read: No such file or directory"]),
    ("extends: 3", ["1:10: extends: takes the name of a profile or the path of a file, or a list of these"]),
    ("extends: [safe, {a: 1}]", ["1:17: extends: takes the name of a profile"]),
    ("extends:", ["1:9: extends: takes the name of a profile"]),
    ("extends: file.yaml", ["1:10: extends: a circle: file.yaml -> file.yaml"]),
    ("extends: circle.yaml", ["circle.yaml:1:10: extends: a circle: file.yaml -> circle.yaml -> file.yaml"]),
    ("extends: broken.yaml", ["broken.yaml:2:3: jit.treshold: unknown key; did you mean 'threshold'?"]),
    ("extends: brokn.yaml", ["1:10: extends: brokn.yaml cannot be read: No such file or directory; did you mean "
                             "'broken.yaml'?"]),
    ("extends: job.yaml", ["job.yaml:1:1: target: this belongs to a job, and a profile is needed here"]),
    ("target: x.py", ["1:1: target: this belongs to a job"]),
    ("jit: {threshold: 0, max_versions: 0}\nreport: 3\nx: 1",
     ["1:18: jit.threshold: must", "1:35: jit.max_versions: must", "2:9: report: takes a mapping", "3:1: x: unknown"]),
    ("extends: [a, b.yaml]\njit: {cache: 1}", ["1:11: extends: unknown profile 'a'", "1:14: extends: b.yaml cannot",
                                               "2:14: jit.cache: takes true"]),
    ("jit: {threshold: 0x}", ["1:18: jit.threshold: takes a whole number (got '0x')"]),
    ("jit: {threshold: !!int '3x'}", ["1:18: jit.threshold: this is no int"]),
    ("jit: {threshold: !!python/name:os.system x}", ["1:18: jit.threshold: the tag '!!python/name:os.system'"]),
    ("jit: {threshold: 3", ["1:19: not YAML:"]),
    ("jit:\n   cache: true\n  weigh: true", ["3:3: not YAML:"]),
    ("jit: 'open", ["1:11: not YAML:"]),
    ("ü: 1\njit: {ö: ä, cache: ß}", ["1:1: ü: unknown key", "2:7: jit.ö: unknown key", "2:20: jit.cache: takes true"]),
    ("jit: &x {threshold: *x}", ["1:21: jit.threshold: an alias stands inside of what it stands for"]),
    ("jit: {threshold: &a ten,\n      max_versions: *a}", ["1:18: jit.threshold: takes a whole number (got 'ten')",
                                                       "2:21: jit.max_versions: takes a whole number (got 'ten')"]),
    ("jit:\r\n  threshold: 0\r\n  cahce: 1\r\n", ["2:14: jit.threshold: must be", "3:3: jit.cahce: unknown key"]),
    ("\ufeffjit: {threshold: 0}", ["1:18: jit.threshold: must be at least 1"]),
    ("jit: {threshold: 0}\n---\njit: {}", ["2:1: not YAML: expected a single document"]),
    ("jit: {? [a, b] : 1}", ["1:9: jit: a key must be a plain text"]),
    ("extends: ../\0", ["1:13: not YAML: the character U+0000"]),
    ('extends: "a\\0.yaml"', [r"1:10: extends: a\x00.yaml cannot be read: embedded null byte"]),
    ('extends: "\\ud800.yaml"', [r"1:10: extends: \ud800.yaml cannot be read: 'utf-8' codec can't encode"]),
    ("extends: no.yaml", ["1:10: extends: no.yaml cannot be read: No such file or directory\n"]),
    ('jit: {"\\e[31m\\u202Ered": 1}', [r"1:7: jit.\x1b[31m\u202ered: unknown key"]),
]

JOBS: list[tuple[str, list[str]]] = [
    ("repeat: 3", ["1:1: target: is missing"]),
    ("target: 3", ["1:9: target: takes a text (got 3)"]),
    ("target: ''", ["1:9: target: takes a text that is not empty (got '')"]),
    ("target: x.py\nrepeat: 0", ["2:9: repeat: must be at least 1 (got 0)"]),
    ("target: x.py\nwarmup: -1", ["2:9: warmup: must be at least 0 (got -1)"]),
    ("target: x.py\nargs: 3", ["2:7: args: takes a list (got 3)"]),
    ("target: x.py\nkwargs: [3]", ["2:9: kwargs: takes a mapping of names to values (got a list)"]),
    ("target: x.py\nenv: {A: 1}", ["2:10: env.A: takes a text (got 1); put it in quotes"]),
    ("target: x.py\nenv: {A=B: '1'}", ["2:7: env.A=B: is no name of a variable"]),
    ('target: x.py\nenv: {A: "1\\0"}', [r"2:10: env.A: may not hold the character U+0000 (got '1\x00')"]),
    ('target: x.py\nreports: [{path: "a\\0b"}]', [r"2:18: reports.0.path: may not hold the character U+0000 (got"]),
    ("target: x.py\nexpect: {stdout: '('}", ["2:18: expect.stdout: is no regular expression: missing )"]),
    ("target: x.py\nexpect: {native_share: 2}", ["2:24: expect.native_share: must be at most 1 (got 2)"]),
    ("target: x.py\nexpect: {nativ_share: 1}", ["2:10: expect.nativ_share: unknown key; did you mean 'native_share'?"]),
    ("target: x.py\nreports: [{format: text}]", ["2:11: reports.0.path: is missing"]),
    ("target: x.py\nreports:\n- format: html\n  path: a", ["3:11: reports.0.format: takes one of text, json (got"]),
    ("target: x.py\ntargets: y", ["2:1: targets: unknown key; did you mean 'target'?"]),
    ("target: x.py\njit: {threshold: 0}", ["2:18: jit.threshold: must be at least 1 (got 0)"]),
]


def test_mistakes_are_many() -> None:
    assert len(PROFILES) + len(JOBS) >= 100


def problems(kind: type[Profile], path: Path) -> list[str]:
    resolver = Resolver(kind)
    resolver.add_file(str(path), main=True)
    with pytest.raises(ConfigError) as caught:
        resolver.resolved().model(kind)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(("kind", "text", "expected"), [
    *((Profile, text, expected) for text, expected in PROFILES), *((Job, text, expected) for text, expected in JOBS),
])
def test_a_mistake_is_found_at_its_place(kind: type[Profile], text: str, expected: list[str], tmp_path: Path,
                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("circle.yaml").write_text("extends: file.yaml")
    Path("broken.yaml").write_text("jit:\n  treshold: 3")
    Path("job.yaml").write_text("target: x.py")
    Path("file.yaml").write_text(text, "utf-8")
    found = problems(kind, Path("file.yaml"))
    assert len(found) == len(expected), found
    for problem, start in zip(found, expected, strict=True):
        whole = start if start.startswith(("circle", "broken", "job")) else f"file.yaml:{start}"
        assert problem.startswith(whole), found


TEXTS = [path.read_text("utf-8") for path in sorted(SHIPPED.glob("*.yaml"))]
PIECES = st.sampled_from(["", " ", "\n", "\t", ":", "- ", "[", "]", "{", "}", "'", '"', "#", "&a ", "*a", "!!int ", "0",
                          "-1", "off", "null", "jit:", "extends: default\n", "\0", "é", "enabled", ".nan"])


@given(st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutations_of_the_shipped_files(tmp_path: Path, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(PIECES) + text[end:]
    path = tmp_path / "mutant.yaml"
    path.write_text(text, "utf-8", newline="")
    for kind in (Profile, Job):
        resolver = Resolver(kind)
        resolver.add_file(str(path), main=True)
        try:
            resolver.resolved().model(kind)
        except ConfigError as error:
            lines = text.count("\n") + 1
            for problem in error.problems:
                assert 1 <= problem.place.line <= lines + 1 or problem.place.source.name != str(path)


@given(st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutation_is_told_where_it_is(tmp_path: Path, data: st.DataObject) -> None:
    """A key misspelt, a value of a kind that nothing takes, a line twice: each at its line and column."""
    text = data.draw(st.sampled_from(TEXTS))
    tree = parse(Source("", text))
    path, leaf = data.draw(st.sampled_from([(p, v) for p, v in tree.leaves() if p[0] != "args" and p[-1] != "value"]))
    lines = text.split("\n")
    number, key, value = leaf.key_place.line - 1, leaf.key_place.column - 1, leaf.place.column - 1
    line = lines[number]
    change = data.draw(st.sampled_from(["key", "value", "twice"]))
    if change == "key":
        lines[number] = line[:key] + path[-1] + "x9" + line[key + len(path[-1]):]
        expected = f"{number + 1}:{key + 1}: {'.'.join((*path[:-1], path[-1] + 'x9'))}: unknown key"
    elif change == "value":
        lines[number] = line[:value] + "{zz9: [1]}"
        expected = f"{number + 1}:{value + 1}: {'.'.join(path)}: takes "
    else:
        lines.insert(number, line)
        expected = f"{number + 2}:{key + 1}: {'.'.join(path)}: the key stands twice; first in line {number + 1}"
    mutant = tmp_path / "mutant.yaml"
    mutant.write_text("\n".join(lines), "utf-8")
    kind = Job if "target" in tree.data else Profile
    places = {str(mutant), os.path.relpath(mutant)}
    assert any(problem.startswith(f"{place}:{expected}") for problem in problems(kind, mutant) for place in places)


@given(data=st.binary(max_size=300))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bytes.yaml"
    path.write_bytes(data)
    resolver = Resolver(Profile)
    resolver.add_file(str(path))
    try:
        resolver.resolved().model(Profile)
    except ConfigError as error:
        assert error.problems


VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                      lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
                      max_leaves=6)


@given(st.sampled_from(["jit.threshold", "jit", "regvm.timeout", "peephole.level", "kwargs", "env", "reports", "expect",
                        "args", "target", "extends", "expect.value", "a.b.c", "jit.threshold.x"]), VALUES)
@settings(deadline=None)
def test_any_value_of_a_setting(name: str, value: object) -> None:
    import yaml

    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1_000_000)
    resolver = Resolver(Job)
    resolver.add_changes([f"{name}={text}"])
    try:
        resolver.resolved().model(Job)
    except ConfigError as error:
        assert error.problems
