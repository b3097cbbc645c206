"""Records of several classes written as indented JSON by an encoder of their own, read back and compared."""

from __future__ import annotations

import datetime
import json

GROUP = "ordinary"
ARGS = (32_000,)


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


class Encoder(json.JSONEncoder):
    def default(self, value):
        if isinstance(value, Point):
            return {"type": "point", "x": value.x, "y": value.y}
        if isinstance(value, datetime.date):
            return {"type": "date", "iso": value.isoformat()}
        if isinstance(value, (set, frozenset)):
            return sorted(value)
        return super().default(value)


def revive(record):
    kind = record.get("type")
    if kind == "point":
        return record["x"], record["y"]
    if kind == "date":
        return datetime.date.fromisoformat(record["iso"])
    return record


def journey(number):
    return {
        "id": number,
        "name": f'journey "{number}" to Zürich',
        "stops": [Point(number % 90 + k / 4, -k) for k in range(number % 5)],
        "start": datetime.date(2020, 1, 1) + datetime.timedelta(days=number),
        "marks": {"a", f"m{number % 4}"},
        "price": None if number % 6 == 0 else number * 0.1,
        "open": number % 2 == 0,
    }


def difference(one, other, path="$"):
    if type(one) is not type(other):
        return [path]
    if isinstance(one, dict):
        found = [f"{path}.{key}" for key in one.keys() ^ other.keys()]
        for key in one.keys() & other.keys():
            found += difference(one[key], other[key], f"{path}.{key}")
        return found
    if isinstance(one, list):
        if len(one) != len(other):
            return [f"{path}[]"]
        found = []
        for place, (left, right) in enumerate(zip(one, other)):
            found += difference(left, right, f"{path}[{place}]")
        return found
    return [] if one == other else [path]


def run(count):
    length = 0
    text = ""
    changes = {}
    before = {}
    refused = 0
    for number in range(count):
        try:
            record = journey(number)
            if number % 500 == 499:
                record["stops"].append(object())
            text = json.dumps(record, cls=Encoder, indent=2, sort_keys=True)
        except TypeError:
            refused += 1
            continue
        length += len(text)
        record = json.loads(text, object_hook=revive)
        for path in difference(before, record):
            changes[path] = changes.get(path, 0) + 1
        before = record
    return length, text, sorted(changes.items()), refused
