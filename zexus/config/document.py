"""YAML text to plain values that know where they stand, by the scalar rules of YAML 1.2 and without its surprises."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from zexus.config.problems import ConfigError, Place, Problem, Source, did_you_mean

_MOST_VALUES = 20_000  # aliases of aliases can spell a huge document in a few lines


@dataclass(frozen=True)
class Value:
    """A value of a document.

    Attributes:
        data: a scalar, a list of Values, or a dict from key to Value.
        place: where it begins.
        key_place: where its key begins, or its own place.
        whole: whether it takes the place of a mapping that is there already, whose keys are else kept.
    """

    data: Any
    place: Place
    key_place: Place
    whole: bool = False

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.data, dict):
            return {key: value.plain() for key, value in self.data.items()}
        if isinstance(self.data, list):
            return [value.plain() for value in self.data]
        return self.data

    def leaves(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Value]]:
        """Every value that is no mapping (or an empty one), with its path."""
        if not isinstance(self.data, dict) or not self.data:
            yield path, self
            return
        for key, value in self.data.items():
            yield from value.leaves((*path, key))


_TAG = "tag:yaml.org,2002:"
# The core schema of YAML 1.2, but a number with a leading zero stays a text: to some it is octal, to others decimal.
_SCALARS: tuple[tuple[str, str, str], ...] = (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
              r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+.0123456789"),
)


class _Loader(yaml.SafeLoader):
    """PyYAML's parser with other scalar rules; only its tree of nodes is used, and nothing is constructed."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node; one for an alias is what it stands for, but begins where the alias does."""
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        node: yaml.Node | None = super().compose_node(parent, index)
        if node is not None and isinstance(event, yaml.AliasEvent):
            node = copy.copy(node)
            node.start_mark = event.start_mark
        return node


for _kind, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(_TAG + _kind, re.compile(rf"(?:{_pattern})\Z"),
                                  ["" if char == "\0" else char for char in _first])


def parse(source: Source) -> Value:
    """The one document of a text.

    Raises:
        ConfigError: no YAML, more than one document, a key that stands twice or is no text, a tag, an alias inside of
            what it stands for, a document that is too deep or too large.
    """
    try:
        loader = _Loader(source.text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(source, mark.line + 1, mark.column + 1) if mark else Place(source)
        raise ConfigError([Problem(place, "", f"not YAML: {_reason(error)}")]) from None
    except yaml.reader.ReaderError as error:
        before = source.text[: max(0, error.position)]
        place = Place(source, before.count("\n") + 1, len(before) - before.rfind("\n"))
        char = ord(error.character) if isinstance(error.character, str) else error.character
        raise ConfigError([Problem(place, "", f"not YAML: the character U+{char:04X} may not stand in it")]) from None
    except RecursionError:
        raise ConfigError([Problem(Place(source), "", "nested too deeply")]) from None
    except (ValueError, OverflowError) as error:  # PyYAML lets what int and chr refuse through: escapes, %YAML 9...9
        raise ConfigError([Problem(Place(source), "", f"not YAML: {error}")]) from None
    return _Construction(source).of(node)


def _reason(error: yaml.MarkedYAMLError) -> str:
    if error.problem == "found character '\\t' that cannot start any token" or "'\\t'" in (error.problem or ""):
        return "a tab cannot indent; use spaces"
    parts = [part for part in (error.context, error.problem) if part]
    return ", ".join(parts) or "it cannot be read"


class _Construction:
    """The values of one document, and what is wrong with it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.count = 0
        self.open: set[int] = set()

    def of(self, node: yaml.Node | None) -> Value:
        start = Place(self.source)
        if node is None:
            return Value({}, start, start)
        try:
            value = self._value(node, (), self._place(node))
        except RecursionError:
            raise ConfigError([Problem(start, "", "nested too deeply")]) from None
        if self.problems:
            raise ConfigError(self.problems)
        return value

    def _place(self, node: yaml.Node) -> Place:
        return Place(self.source, node.start_mark.line + 1, node.start_mark.column + 1)

    def _wrong(self, place: Place, path: tuple[str, ...], text: str) -> None:
        self.problems.append(Problem(place, ".".join(path), text))

    def _value(self, node: yaml.Node, path: tuple[str, ...], key_place: Place) -> Value:
        place = self._place(node)
        self.count += 1
        if self.count > _MOST_VALUES:
            raise ConfigError([Problem(Place(self.source), "", f"more than {_MOST_VALUES} values in one document, "
                                                               "with each alias counted as what it stands for")])
        identity = id(node.value)  # that of aliases is the same
        if isinstance(node, yaml.CollectionNode) and identity in self.open:
            self._wrong(place, path, "an alias stands inside of what it stands for")
            return Value(None, place, key_place)
        self.open.add(identity)
        data: Any = None
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            data = self._mapping(node, path)
        elif isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            data = [self._value(item, (*path, str(index)), self._place(item)) for index, item in enumerate(node.value)]
        elif isinstance(node, yaml.ScalarNode):
            data = self._scalar(node, path, place)
        else:
            self._wrong(place, path, f"the tag {_short(node.tag)} is not known here; values are plain")
        self.open.discard(identity)
        return Value(data, place, key_place)

    def _mapping(self, node: yaml.MappingNode, path: tuple[str, ...]) -> dict[str, Value]:
        data: dict[str, Value] = {}
        for key_node, value_node in node.value:
            place = self._place(key_node)
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag.startswith("!"):
                self._wrong(place, path, "a key must be a plain text")
                continue
            key = key_node.value
            if key in data:
                first = data[key].key_place
                self._wrong(place, (*path, key), f"the key stands twice; first in line {first.line}")
                continue
            data[key] = self._value(value_node, (*path, key), place)
        return data

    def _scalar(self, node: yaml.ScalarNode, path: tuple[str, ...], place: Place) -> Any:
        kind, text = node.tag.removeprefix(_TAG), node.value
        if kind == "str":
            return text
        pattern = next((pattern for name, pattern, _ in _SCALARS if name == kind), None)
        if pattern is None:
            self._wrong(place, path, f"the tag {_short(node.tag)} is not known here; values are plain")
            return None
        if re.fullmatch(pattern, text) is None:
            self._wrong(place, path, f"this is no {kind}")
            return None
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "float":
            return float(text.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf").replace(".n", "n")
                         .replace(".N", "n"))
        if len(text) > 400:
            self._wrong(place, path, "a number of more than 400 digits")
            return None
        return int(text, 0)


def _short(tag: str) -> str:
    return repr(tag.replace(_TAG, "!!") if len(tag) < 80 else tag[:77] + "...")


def parse_setting(word: str, known: tuple[str, ...], option: str = "--set") -> tuple[tuple[str, ...], Value]:
    """The path and the value of a `NAME=VALUE`, whose value is read as one of a file.

    Args:
        word: the text.
        known: dotted names, for suggestions.
        option: what messages call the text.

    Raises:
        ConfigError: no name, no `=`, or a value that is no YAML.
    """
    source = Source(option, word)
    name, separator, text = word.partition("=")
    path = tuple(part.strip() for part in name.split("."))
    if not separator or not all(path):
        hint = f"; {did_you_mean(name.strip(), known)}" if name.strip() and not separator else ""
        raise ConfigError([Problem(Place(source), "", f"a setting is written NAME=VALUE{hint}")])
    return path, inline(source, text, len(name) + 1, path)


def inline(source: Source, text: str, offset: int, path: tuple[str, ...]) -> Value:
    """The value that stands behind `offset` characters of a one-line source.

    Raises:
        ConfigError: it is no YAML.
    """
    try:
        value = parse(Source(source.name, text))
    except ConfigError as error:
        raise ConfigError([Problem(_moved(problem.place, source, offset), ".".join((*path, problem.key)).rstrip("."),
                                   problem.text) for problem in error.problems]) from None
    if not text.strip():
        value = Value(None, value.place, value.key_place)
    return _shifted(value, source, offset, Place(source))


def _moved(place: Place, source: Source, offset: int) -> Place:
    return Place(source, place.line, place.column + (offset if place.line == 1 else 0))


def _shifted(value: Value, source: Source, offset: int, key_place: Place) -> Value:
    data = value.data
    if isinstance(data, dict):
        data = {key: _shifted(item, source, offset, _moved(item.key_place, source, offset))
                for key, item in data.items()}
    elif isinstance(data, list):
        data = [_shifted(item, source, offset, _moved(item.key_place, source, offset)) for item in data]
    return Value(data, _moved(value.place, source, offset), key_place)
