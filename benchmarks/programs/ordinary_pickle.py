"""Objects that refer to each other pickled and unpickled by the pure Python half of pickle."""

from __future__ import annotations

import io
import pickle

GROUP = "ordinary"
ARGS = (5_500,)


class Dumper(pickle._Pickler):
    """Keeps departments by name, outside of the pickle."""

    def persistent_id(self, value):
        if type(value) is tuple and len(value) == 2 and value[0] == "department":
            return value[1]
        return None


class Loader(pickle._Unpickler):
    def persistent_load(self, name):
        return "department", name


def employee(number):
    return {
        "name": f"employee {number}",
        "salary": number * 1000 + 0.5,
        "skills": ["python", f"skill {number % 10}", b"bytes" * (number % 3)],
        "department": ("department", f"d{number % 7}"),
        "ids": {number, number * number, -number},
        "big": 3**number % (1 << 300),
        "flags": (number % 2 == 0, None, 1j * number, frozenset((number,))),
    }


def staff(count):
    people = [employee(number) for number in range(count)]
    for number, person in enumerate(people):
        person["boss"] = people[(number - 1) // 4] if number else None
        person["peers"] = [people[number ^ 1]] if number ^ 1 < count else []
    return people


def dump(value, protocol):
    file = io.BytesIO()
    Dumper(file, protocol).dump(value)
    return file.getvalue()


def load(data):
    return Loader(io.BytesIO(data)).load()


def chain(person):
    names = []
    while person is not None:
        names.append(person["name"])
        person = person["boss"]
    return names


def run(count):
    people = staff(count)
    found = []
    for protocol in (0, 2, 4):
        data = dump(people, protocol)
        copies = load(data)
        longest = max((chain(person) for person in copies), key=len)
        same = sum(copy["boss"] is copies[(i - 1) // 4] for i, copy in enumerate(copies) if i)
        total = sum(copy["salary"] for copy in copies)
        wealthy = [copy["name"] for copy in copies if copy["big"] > people[-1]["big"] and copy["department"][1] == "d3"]
        found.append((longest, same, total, len(wealthy), copies[-1]["flags"][2], len(copies[3]["ids"])))
    return found
