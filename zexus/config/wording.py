"""Validation errors in words that say what a value takes, what was given and what was perhaps meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from zexus.config.document import Value
from zexus.config.problems import did_you_mean, got
from zexus.config.profile import Profile

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


def schema_names(kind: type[Profile]) -> tuple[str, ...]:
    """The dotted names of everything that can be set."""
    names: list[str] = []
    for key in keys(kind):
        inner = model_at(kind, (key,))
        names.extend([key] if inner is None else [f"{key}.{name}" for name in keys(inner)])
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
    if error in _BOUNDS:
        name, words = _BOUNDS[error]
        return f"{words} {context[name]:g} {shown}"
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
    known = keys(inner)
    hint = did_you_mean(name, known)
    if hint.startswith("did"):
        return f"unknown key; {hint}"
    elsewhere = {full.rpartition(".")[2]: full for full in schema_names(kind)}
    near = difflib.get_close_matches(name, elsewhere, 1, 0.8)
    return f"unknown key; did you mean {elsewhere[near[0]]!r}?" if near else f"unknown key; {hint}"


def _switch(data: object) -> str:
    word = _SWITCH_WORDS.get(data.lower()) if isinstance(data, str) else None
    return f"; write {word}" if word else ""


def _quoted(data: object) -> str:
    return "; put it in quotes" if isinstance(data, (bool, int, float)) else ""
