"""Nested settings merged, searched and pretty-printed."""

from __future__ import annotations

import pprint

GROUP = "ordinary"
ARGS = (3_500,)


def settings(number):
    return {
        "name": f"service-{number}",
        "ports": [8000 + number, 9000 + number],
        "limits": {"memory": number * 64, "cpu": number / 4, "burst": None},
        "owners": ("ann", "bob", f"team {number % 7}"),
        "routes": [
            {"path": f"/v{version}/items/{number}", "methods": ("GET", "POST"), "public": version % 2 == 0}
            for version in range(1, 5)
        ],
        "description": "a service that answers all kinds of questions about the items of the catalogue " * 2,
    }


def merge(base, extra):
    result = dict(base)
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merge(result[key], value)
        elif isinstance(value, list) and isinstance(result.get(key), list):
            result[key] = result[key] + value
        else:
            result[key] = value
    return result


def paths(value, prefix=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, prefix + (key,))
    elif isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            yield from paths(item, prefix + (place,))
    else:
        yield prefix, value


def run(count):
    merged = {}
    texts = []
    for number in range(count):
        service = merge(settings(number), {"limits": {"burst": number}, "ports": [7000]})
        merged = merge(merged, {f"zone {number % 3}": {service["name"]: service}})
        texts.append(pprint.pformat(service, width=70))
    whole = pprint.pformat(merged, width=100, compact=True)
    found = list(paths(merged))
    deepest = max(found, key=lambda pair: (len(pair[0]), str(pair[0])))
    return len(whole), sum(text.count("\n") for text in texts), texts[-1], len(found), str(deepest[0])
