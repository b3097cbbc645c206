"""Lines of a table formatted in several ways and joined."""

from __future__ import annotations

GROUP = "never"
ARGS = (900_500,)


def run(rows):
    lines = []
    length = 0
    for i in range(rows):
        name = "item-%05d" % i
        price = i * 0.37
        line = f"{name:<12}|{price:>12.2f}|{i:08x}|" + "{:^10}".format(name[-3:]) + "|" + str(i).zfill(8)
        lines.append(line.upper() if i % 7 == 0 else line)
        if len(lines) == 1000:
            text = "\n".join(lines)
            length += len(text)
            lines = []
    return length, "\n".join(lines)[-200:]
