"""Validation errors in words that say what a value takes, what was given and what was perhaps meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from zexus.config.document import Value
from zexus.config.problems import did_you_mean, got
from zexus.config.profile import Profile, Section, section_of

_TAKES: Mapping[str, str] = {
    "int_type": "takes a whole number", "int_from_float": "takes a whole number", "float_type": "takes a number",
    "bool_type": "takes true or false", "string_type": "takes a text", "list_type": "takes a list",
    "dict_type": "takes a mapping of names to values", "model_type": "takes a mapping of names to values",
    "model_attributes_type": "takes a mapping of names to values", "finite_number": "takes a finite number",
    "string_too_short": "takes a text that is not empty", "string_unicode": "takes a text of valid characters",
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", "must be at least"), "less_than_equal": ("le", "must be at most"),
    "greater_than": ("gt", "must be more than"), "less_than": ("lt", "must be less than"),
}
_SWITCH_WORDS = {"on": "true", "yes": "true", "off": "false", "no": "false"}


def model_at(kind: type[BaseModel], path: Sequence[str]) -> type[BaseModel] | None:
    """The model that stands at a path of keys, or None."""
    for step in path:
        if step.isdigit():
            continue
        field = next((field for name, field in kind.model_fields.items() if (field.alias or name) == step), None)
        if field is None:
            return None
        candidates = [field.annotation, *get_args(field.annotation)]
        models = [item for item in candidates if isinstance(item, type) and issubclass(item, BaseModel)]
        if not models:
            return None
        kind = models[0]
    return kind


def keys(kind: type[BaseModel]) -> tuple[str, ...]:
    """The keys that a mapping of this kind may hold."""
    return tuple(field.alias or name for name, field in kind.model_fields.items())


def schema_names(kind: type[Section]) -> tuple[str, ...]:
    """The dotted names of everything that can be set."""
    names: list[str] = []
    for name, field in kind.model_fields.items():
        key, inner = field.alias or name, section_of(field)
        names.extend([key] if inner is None else [f"{key}.{below}" for below in schema_names(inner)])
    return tuple(names)


def wording(kind: type[Profile], path: Sequence[str], value: Value, detail: Mapping[str, Any]) -> str:
    """What is wrong, in words.

    Args:
        kind: the model of the whole.
        path: the keys down to the value.
        value: the value, with the places of what it holds.
        detail: an item of pydantic's list of errors.
    """
    error, shown, context = detail["type"], got(value.plain()), detail.get("ctx", {})
    if error == "extra_forbidden":
        return _unknown(kind, path)
    if error == "missing":
        return "is missing"
    if error in _TAKES:
        hint = _switch(value.data) if error == "bool_type" else _quoted(value.data) if error == "string_type" else ""
        return f"{_TAKES[error]} {shown}{hint}"
    if error in ("too_short", "too_long"):
        edge, words = (context["min_length"], "least") if error == "too_short" else (context["max_length"], "most")
        return f"takes at {words} {edge} item{'s' if edge != 1 else ''} (got {context['actual_length']})"
    if error in _BOUNDS:
        name, words = _BOUNDS[error]
        edge = context[name]
        return f"{words} {int(edge) if edge == int(edge) else edge} {shown}"
    if error == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        near = did_you_mean(value.data, choices) if isinstance(value.data, str) else ""
        hint = f"; {near}" if near.startswith("did") else ""
        return f"takes one of {', '.join(choices)} {shown}{hint}"
    if error == "value_error" and detail["loc"][-1] == "[key]":
        return str(context["error"])
    if error == "value_error":
        return f"{context['error']} {shown}"
    message = detail["msg"]
    return f"{message[:1].lower()}{message[1:]} {shown}"


def _unknown(kind: type[Profile], path: Sequence[str]) -> str:
    name = path[-1]
    inner = model_at(kind, path[:-1])
    if inner is None:
        return "unknown key"
    if name == "<<":
        return "merge keys are not known here; `extends` is for what files share"
    known = keys(inner)
    hint = did_you_mean(name, known)
    if hint.startswith("did"):
        return f"unknown key; {hint}"
    # The same name may stand in several places: those of the same phase first.
    elsewhere: dict[str, str] = {}
    for full in sorted(schema_names(kind), key=lambda full: not full.startswith(f"{path[0]}.")):
        elsewhere.setdefault(full.rpartition(".")[2], full)
    near = difflib.get_close_matches(name, elsewhere, 1, 0.8)
    return f"unknown key; did you mean {elsewhere[near[0]]!r}?" if near else f"unknown key; {hint}"


def _switch(data: object) -> str:
    word = _SWITCH_WORDS.get(data.lower()) if isinstance(data, str) else None
    return f"; write {word}" if word else ""


def _quoted(data: object) -> str:
    return "; put it in quotes" if isinstance(data, (bool, int, float)) else ""
