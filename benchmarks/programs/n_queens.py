"""All ways to place queens that do not attack each other, by backtracking over lists."""

from __future__ import annotations

GROUP = "lists"
ARGS = (12,)


def run(n):
    column = [-1] * n
    taken = [False] * n
    rising = [False] * (2 * n)
    falling = [False] * (2 * n)
    solutions = 0
    row = 0
    while row >= 0:
        old = column[row]
        if old >= 0:
            taken[old] = False
            rising[row + old] = False
            falling[row - old + n] = False
        place = old + 1
        while place < n and (taken[place] or rising[row + place] or falling[row - place + n]):
            place += 1
        if place == n:
            column[row] = -1
            row -= 1
            continue
        column[row] = place
        taken[place] = True
        rising[row + place] = True
        falling[row - place + n] = True
        if row == n - 1:
            solutions += 1
        else:
            row += 1
    return solutions
