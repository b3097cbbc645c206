"""A small template language rendered with dictionaries of values."""

from __future__ import annotations

GROUP = "never"
ARGS = (340_000,)

TEMPLATE = """<li class="{{ kind }}">{{ name }} <b>{{ price }}</b>
{% if stock %}<i>{{ stock }} left</i>{% end %}{% for tag in tags %}<u>{{ tag }}</u>{% end %}</li>
"""


def parse(text):
    nodes = []
    stack = [nodes]
    while text:
        place = text.find("{")
        if place < 0 or place + 1 == len(text):
            stack[-1].append(("text", text))
            break
        if place:
            stack[-1].append(("text", text[:place]))
        marker = text[place : place + 2]
        if marker == "{{":
            end = text.index("}}", place)
            stack[-1].append(("value", text[place + 2 : end].strip()))
        else:
            end = text.index("%}", place)
            words = text[place + 2 : end].split()
            if words[0] == "end":
                stack.pop()
            else:
                inner = []
                stack[-1].append((words[0], words[1:], inner))
                stack.append(inner)
        text = text[end + 2 :]
    return nodes


def escape(value):
    return str(value).replace("&", "&amp;").replace("<", "&lt;")


def render(nodes, values, parts):
    for node in nodes:
        kind = node[0]
        if kind == "text":
            parts.append(node[1])
        elif kind == "value":
            parts.append(escape(values[node[1]]))
        elif kind == "if":
            if values.get(node[1][0]):
                render(node[2], values, parts)
        else:
            for item in values[node[1][2]]:
                render(node[2], dict(values, **{node[1][0]: item}), parts)


def run(count):
    nodes = parse(TEMPLATE)
    length = 0
    text = ""
    for i in range(count):
        parts = []
        values = {
            "kind": "odd" if i % 2 else "even",
            "name": f"thing <{i}>",
            "price": i * 0.5,
            "stock": i % 4,
            "tags": ["new", "a&b", f"t{i % 13}"],
        }
        render(nodes, values, parts)
        text = "".join(parts)
        length += len(text)
    return length, text
