"""Sudoku solved by propagation and search, with squares as strings in dictionaries."""

from __future__ import annotations

GROUP = "ordinary"
ARGS = (72,)

DIGITS = "123456789"
ROWS = "ABCDEFGHI"
PUZZLES = (
    "4.....8.5.3..........7......2.....6.....8.4......1.......6.3.7.5..2.....1.4......",
    "52...6.........7.13...........4..8..6......5...........418.........3..2...87.....",
    "6.....8.3.4.7.................5.4.7.3..2.....1.6.......2.....5.....8.6......1....",
    "..3.2.6..9..3.5..1..18.64....81.29..7.......8..67.82....26.95..8..2.3..9..5.1.3..",
    "85...24..72......9..4.........1.7..23.5...9...4...........8..7..17..........36.4.",
)


def cross(letters, digits):
    return [letter + digit for letter in letters for digit in digits]


SQUARES = cross(ROWS, DIGITS)
UNITS_ALL = (
    [cross(ROWS, digit) for digit in DIGITS]
    + [cross(row, DIGITS) for row in ROWS]
    + [cross(rows, digits) for rows in ("ABC", "DEF", "GHI") for digits in ("123", "456", "789")]
)
UNITS = {square: [unit for unit in UNITS_ALL if square in unit] for square in SQUARES}
PEERS = {square: sorted(set(sum(UNITS[square], [])) - {square}) for square in SQUARES}


class Contradiction(Exception):
    pass


def parse(text):
    values = dict.fromkeys(SQUARES, DIGITS)
    for square, digit in zip(SQUARES, text):
        if digit in DIGITS:
            assign(values, square, digit)
    return values


def assign(values, square, digit):
    for other in values[square].replace(digit, ""):
        eliminate(values, square, other)


def eliminate(values, square, digit):
    if digit not in values[square]:
        return
    values[square] = values[square].replace(digit, "")
    if not values[square]:
        raise Contradiction(square)
    if len(values[square]) == 1:
        for peer in PEERS[square]:
            eliminate(values, peer, values[square])
    for unit in UNITS[square]:
        places = [place for place in unit if digit in values[place]]
        if not places:
            raise Contradiction(digit)
        if len(places) == 1:
            assign(values, places[0], digit)


def search(values, counts):
    counts["visited"] += 1
    if all(len(values[square]) == 1 for square in SQUARES):
        return values
    _, square = min((len(values[square]), square) for square in SQUARES if len(values[square]) > 1)
    for digit in values[square]:
        copy = values.copy()
        try:
            assign(copy, square, digit)
        except Contradiction:
            counts["contradictions"] += 1
            continue
        solved = search(copy, counts)
        if solved is not None:
            return solved
    return None


def renamed(text, shift):
    return "".join(DIGITS[(DIGITS.index(c) + shift) % 9] if c in DIGITS else c for c in text)


def is_solved(values):
    return all(sorted(values[square] for square in unit) == list(DIGITS) for unit in UNITS_ALL)


def run(rounds):
    counts = {"visited": 0, "contradictions": 0}
    lines = []
    for shift in range(rounds):
        for puzzle in PUZZLES:
            solved = search(parse(renamed(puzzle, shift)), counts)
            if not is_solved(solved):
                raise AssertionError(puzzle)
            lines.append("".join(solved[square] for square in SQUARES))
    return counts, lines[-2:], len(set(lines))
