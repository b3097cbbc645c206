"""Profiles and jobs described for others: the JSON schema for editors, the table of the documentation, merged YAML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

import pydantic
import yaml
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from zexus.config.job import Job
from zexus.config.layers import Resolved
from zexus.config.problems import Place
from zexus.config.profile import NOT_THERE, Profile, Section, knobs, section_of, sections
from zexus.settings import MOST

_DRAFT = "http://json-schema.org/draft-07/schema#"


def schema(kind: type[Profile]) -> dict[str, Any]:
    """The JSON schema (draft-07) of profiles or of jobs."""
    made = kind.model_json_schema(ref_template="#/definitions/{model}", schema_generator=_Draft7)
    definitions = made.pop("$defs")
    made.pop("required", None)
    if kind is Job:  # a job may have its target from another one
        made["anyOf"] = [{"required": ["target"]}, {"required": ["extends"]}]
    if kind is Profile:
        extends = Job.model_json_schema(ref_template="#/definitions/{model}", schema_generator=_Draft7)
        made["properties"] = {"extends": extends["properties"]["extends"], **made["properties"]}
    extends = made["properties"]["extends"]  # it may be left out, and not be empty
    extends["anyOf"] = [one for one in extends["anyOf"] if one["type"] != "null"]
    del extends["default"]
    found: dict[str, Any] = _without_titles({"$schema": _DRAFT, **made, "definitions": definitions})
    return {**found, "title": f"Zexus {kind.__name__.lower()}"}


class _Draft7(GenerateJsonSchema):
    schema_dialect = _DRAFT

    def default_schema(self, schema: Any) -> dict[str, Any]:
        """What is beside a `$ref` is ignored in draft-07, and a section's defaults stand at its knobs."""
        made = super().default_schema(schema)
        if "$ref" in made or "allOf" in made:
            made.pop("default", None)
        return made


def _without_titles(node: Any) -> Any:
    """Without the titles that pydantic makes of names; a knob may be called "title" all the same."""
    if isinstance(node, list):
        return [_without_titles(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _without_titles(item) for key, item in node.items() if key != "title" or not isinstance(item, str)}


def schema_text(kind: type[Profile]) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema(kind), indent=2) + "\n"


# --- the documentation's table ---------------------------------------------------------------------------


def table() -> str:
    """All knobs as Markdown tables, one a phase."""
    parts: list[str] = []
    for phase, section in sections().items():
        parts += [f"### `{phase}`", "", (section.__doc__ or "").strip(), ""]
        if phase in NOT_THERE:
            parts += [f"Not there yet: {NOT_THERE[phase]}. A run with a profile that turns it on says so.", ""]
        parts += ["| knob | takes | default | |", "|---|---|---|---|"]
        parts += [f"| `{name}` | {_takes(field)} | `{_scalar(field.default)}` | {field.description} |"
                  for other, name, field in knobs() if other == phase]
        parts.append("")
    return "\n".join(parts)


_BOUNDS = {"min_length": "{} or more items", "max_length": "at most {} items", "ge": "{} or more",
           "gt": "more than {}", "le": "at most {}"}
_KINDS: dict[Any, str] = {bool: "true or false", int: "whole number", float: "number", str: "text"}


def choices(field: FieldInfo) -> tuple[str, ...]:
    """The values of a knob that has few."""
    if field.annotation is bool:
        return "true", "false"
    return get_args(field.annotation) if get_origin(field.annotation) is Literal else ()


def _takes(field: FieldInfo) -> str:
    return _words(field.annotation, field.metadata)


def _words(kind: Any, rules: Sequence[Any] = ()) -> str:
    """What a type takes, in words."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _words(inside[0], inside[1:])
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in inside)
    if origin is list:
        return ", ".join([f"list ({_words(inside[0])})", *_bounds(rules)])
    if origin is not None:  # of something and None
        return f"{', '.join([_words(inside[0]), *_bounds(rules)])} or null"
    return ", ".join([_KINDS[kind], *_bounds(rules)])


def _bounds(rules: Sequence[Any]) -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, FieldInfo):
            yield from _bounds(rule.metadata)
        for name, words in _BOUNDS.items():
            edge = getattr(rule, name, None)
            if edge is not None and (edge < MOST or name != "le"):
                yield words.format(edge)


def _scalar(value: Any) -> str:
    return json.dumps(value) if not isinstance(value, str) else value


# --- merged values ---------------------------------------------------------------------------------------


def merged(resolved: Resolved, model: Profile, origin: bool = False) -> str:
    """All values of a profile or job as YAML.

    Args:
        resolved: the layers' values.
        model: the same, checked and with defaults.
        origin: whether each line says where its value was set.
    """
    rows = list(_lines(model.model_dump(by_alias=True), type(model), "", "", resolved.origins()))
    width = min(60, max(len(text) for text, _ in rows))
    return "".join(f"{text:{width}}  # {where}".rstrip() + "\n" if origin and where else text + "\n"
                   for text, where in rows)


def _lines(values: dict[str, Any], kind: type[Section], path: str, indent: str,
           origins: Mapping[str, Place]) -> Iterator[tuple[str, str]]:
    """Each value as a line of YAML, with where it was set."""
    for name, field in kind.model_fields.items():
        key, inner = field.alias or name, section_of(field)
        if path + key == "extends":
            continue
        if inner is not None:
            yield f"{indent}{key}:", ""
            yield from _lines(values[key], inner, f"{path}{key}.", indent + "  ", origins)
        else:
            yield f"{indent}{key}: {_flow(values[key])}", str(origins.get(path + key, "default"))


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=1_000_000, allow_unicode=True, sort_keys=False)
    text = text.removesuffix("...\n").rstrip("\n")
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False) if "\n" in text or value in ("on", "off", "yes", "no") else text
    return text


def plain(model: pydantic.BaseModel) -> dict[str, Any]:
    """A profile or job as plain values."""
    return model.model_dump(mode="json", by_alias=True)
