"""Nested records built as dictionaries and written out as JSON text by hand."""

from __future__ import annotations

GROUP = "never"
ARGS = (240_000,)


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def dump(value, parts):
    if value is None:
        parts.append("null")
    elif value is True:
        parts.append("true")
    elif value is False:
        parts.append("false")
    elif isinstance(value, str):
        parts.append(quote(value))
    elif isinstance(value, (int, float)):
        parts.append(repr(value))
    elif isinstance(value, dict):
        parts.append("{")
        first = True
        for key, item in value.items():
            if not first:
                parts.append(", ")
            first = False
            parts.append(quote(key))
            parts.append(": ")
            dump(item, parts)
        parts.append("}")
    else:
        parts.append("[")
        first = True
        for item in value:
            if not first:
                parts.append(", ")
            first = False
            dump(item, parts)
        parts.append("]")


def record(i):
    return {
        "id": i,
        "name": "user " + str(i),
        "active": i % 3 == 0,
        "score": i / 7,
        "parent": None if i % 5 == 0 else {"id": i // 5, "kind": "group"},
        "tags": ["tag" + str(i % 10), 'with "quotes"', str(i)],
    }


def run(count):
    length = 0
    last = ""
    for i in range(count):
        parts = []
        dump(record(i), parts)
        last = "".join(parts)
        length += len(last)
    return length, last
