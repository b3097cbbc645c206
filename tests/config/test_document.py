"""YAML as profiles read it: scalars without surprises, places that are right, and no crash on any bytes."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zexus.config.document import Value, parse, parse_setting
from zexus.config.problems import ConfigError, Source


def value_of(text: str) -> Any:
    return parse(Source("x.yaml", text)).plain()


@pytest.mark.parametrize(("text", "expected"), [
    ("off", "off"), ("on", "on"), ("yes", "yes"), ("No", "No"), ("y", "y"), ("true", True), ("False", False),
    ("1e3", 1000.0), ("1.5e-3", 0.0015), (".5", 0.5), ("5.", 5.0), ("1E+2", 100.0), ("-.inf", -math.inf),
    (".INF", math.inf), ("010", "010"), ("-007", "-007"), ("0o10", 8), ("0x1F", 31), ("0b1", "0b1"), ("1:30", "1:30"),
    ("190:20:30", "190:20:30"), ("1_000", "1_000"), ("2001-01-01", "2001-01-01"), ("=", "="), ("<<", "<<"), ("~", None),
    ("null", None), ("-12", -12), ("+3", 3), ("0", 0), ("'1'", "1"), ("1.2.3", "1.2.3"), ("infinity", "infinity"),
])
def test_scalars(text: str, expected: object) -> None:
    found = value_of(f"a: {text}")["a"]
    assert found == expected and type(found) is type(expected)


def test_nan_is_a_number() -> None:
    assert math.isnan(value_of("a: .nan")["a"])


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert value_of("base: &b {x: 1}\nother:\n  <<: *b") == {"base": {"x": 1}, "other": {"<<": {"x": 1}}}


def test_nothing_is_an_empty_mapping() -> None:
    assert value_of("") == value_of("# only a comment\n") == {}


def test_places() -> None:
    tree = parse(Source("x.yaml", "a:\n  bc: 1\n  d: [2,\n    é, {f: 3}]\n"))
    leaf: Value = tree.data["a"].data["d"].data[2].data["f"]
    assert str(leaf.place) == "x.yaml:4:12"
    assert str(leaf.key_place) == "x.yaml:4:9"
    assert str(tree.data["a"].data["bc"].key_place) == "x.yaml:2:3"


@pytest.mark.parametrize(("text", "where", "what"), [
    ("a: 1\nb: 2\na: 3", "3:1", "twice; first in line 1"),
    ("a:\n  b: 1\n  'b': 2", "3:3", "a.b: the key stands twice"),
    ("a: [1, 2", "1:9", "not YAML"),
    ("a:\n\tb: 1", "2:1", "a tab cannot indent"),
    ("a: b: c", "1:5", "not YAML"),
    ("a: !!python/object/apply:os.system [id]", "1:4", "tag"),
    ("a: !mine 3", "1:4", "tag '!mine'"),
    ("a: !!timestamp 2001-01-01", "1:4", "tag"),
    ("a: !!int x", "1:4", "this is no int"),
    ("a: !!set {b}", "1:4", "tag"),
    ("? [1, 2]\n: 3", "1:3", "a key must be a plain text"),
    ("a: 1\n---\nb: 2", "2:1", "not YAML"),
    ("a: &x [*x]", "1:8", "an alias stands inside"),
    ("a: *nothing", "1:4", "undefined alias"),
    ("a: " + "9" * 5000, "1:4", "more than 400 digits"),
    ("[" * 3000, "1:1", "nested too deeply"),
    ("a: \x00", "1:4", "U+0000 may not stand"),
    ('a: "\\UFFFFFFFF"', "1:1", "not YAML"),
    ("x: &a [1,1,1,1,1,1,1,1]\ny: &b [" + "*a," * 60 + "]\nz: &c [" + "*b," * 60 + "]", "1:1", "more than 20000"),
])
def test_what_cannot_be_read(text: str, where: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        value_of(text)
    assert len(caught.value.problems) == 1
    head = str(caught.value).splitlines()[0]
    assert head.startswith(f"x.yaml:{where}: ") and what in head


def test_the_line_and_a_caret() -> None:
    with pytest.raises(ConfigError) as caught:
        value_of("first: 1\nsecond: !x 2\n")
    assert str(caught.value) == ("x.yaml:2:9: second: the tag '!x' is not known here; values are plain\n"
                                 "  2 | second: !x 2\n"
                                 "    |         ^")


def test_of_long_lines_a_part_is_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        value_of("a: [" + "1, " * 400 + "!x 2]")
    _, line, caret = str(caught.value).splitlines()
    assert len(line) < 120 and line[caret.index("^") :].startswith("!x")


def test_all_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        value_of("a: !x 1\nb: 1\nb: 2\nc: !y 3")
    assert [problem.place.line for problem in caught.value.problems] == [1, 3, 4]


def test_settings_are_read_by_the_rules_of_files() -> None:
    def read(word: str) -> Any:
        path, value = parse_setting(word, ("jit.threshold",))
        return ".".join(path), value.plain()

    assert read("jit.threshold=1e3") == ("jit.threshold", 1000.0)
    assert read("a.b=[1, off, 'x']") == ("a.b", [1, "off", "x"])
    assert read("a = ") == ("a", None)
    assert read("a=x=y") == ("a", "x=y")
    assert read("a={b: 1}") == ("a", {"b": 1})
    with pytest.raises(ConfigError, match=r"--set:1:1: .*NAME=VALUE; did you mean 'jit.threshold'"):
        read("jit.treshold")
    with pytest.raises(ConfigError, match=r"--set:1:7: a.b: the tag"):
        read("a.b = !x 1")


FRAGMENTS = st.sampled_from([
    *"[]{}:,-&*!|>'\"%@`#?\n\t \\=~", "a: ", "- ", "&a ", "*a", "!!int ", "!!python/object:os.system ", '"\\x', '"\\U',
    "0x", "1e3", "---\n", "...\n", "%YAML 1.1\n", "%YAML 9999.1\n", "%TAG ! x\n", "\r", "\x85", "\u2028", "!<", "<<: ",
    "? ", "!!binary ", "\ufeff", "\0", "jit: ", "threshold: ", "extends: ", "off", "\n  ",
])


@given(st.one_of(st.lists(FRAGMENTS, max_size=40).map("".join), st.text(max_size=200),
                 st.binary(max_size=200).map(lambda data: data.decode("latin-1"))))
@example("%YAML " + "1" * 5000 + ".1\n---\na")
@settings(deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(Source("x.yaml", text)).plain()
    except ConfigError as error:
        assert error.problems
        for problem in error.problems:
            place = problem.place
            assert 1 <= place.line <= len(text) + 1 and 1 <= place.column <= len(text) + 2
            assert str(problem).startswith(f"x.yaml:{place.line}:{place.column}: ")
