"""Conway's game of life on sets of cells, with patterns recognized and gliders counted."""

from __future__ import annotations

from collections import Counter

GROUP = "ordinary"
ARGS = (2_200,)

PATTERNS = {
    "glider": ".O.\n..O\nOOO",
    "r-pentomino": ".OO\nOO.\n.O.",
    "acorn": ".O.....\n...O...\nOO..OOO",
    "block": "OO\nOO",
    "blinker": "OOO",
    "toad": ".OOO\nOOO.",
}


def parse(text, row, column):
    return {
        (row + y, column + x)
        for y, line in enumerate(text.splitlines())
        for x, letter in enumerate(line)
        if letter == "O"
    }


def neighbours(cell):
    row, column = cell
    for y in (-1, 0, 1):
        for x in (-1, 0, 1):
            if y or x:
                yield row + y, column + x


def step(cells):
    counts = Counter(near for cell in cells for near in neighbours(cell))
    return {cell for cell, count in counts.items() if count == 3 or (count == 2 and cell in cells)}


def normalized(cells):
    top = min(row for row, _ in cells)
    left = min(column for _, column in cells)
    return frozenset((row - top, column - left) for row, column in cells)


def islands(cells):
    left = set(cells)
    while left:
        todo = [min(left)]
        left.discard(todo[0])
        found = set()
        while todo:
            cell = todo.pop()
            found.add(cell)
            for near in neighbours(cell):
                if near in left:
                    left.remove(near)
                    todo.append(near)
        yield found


def phases(name, count):
    cells = parse(PATTERNS[name], 0, 0)
    found = {}
    for _ in range(count):
        found[normalized(cells)] = name
        found[normalized({(column, row) for row, column in cells})] = name
        found[normalized({(-row, column) for row, column in cells})] = name
        found[normalized({(column, -row) for row, column in cells})] = name
        cells = step(cells)
    return found


def show(cells, rows, columns):
    return "\n".join("".join("O" if (y, x) in cells else "." for x in range(columns)) for y in range(rows))


def run(generations):
    known = {**phases("glider", 4), **phases("block", 1), **phases("blinker", 2)}
    cells = set()
    for place, name in enumerate(sorted(PATTERNS)):
        cells |= parse(PATTERNS[name], place * 9, place * 13)
    history = []
    census = Counter()
    for generation in range(generations):
        history.append(len(cells))
        cells = step(cells)
        if generation % 25 == 0:
            census.update(known.get(normalized(island), "other") for island in islands(cells))
    return history[-5:], max(history), sorted(census.items()), show(cells, 12, 30)
