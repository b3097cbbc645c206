"""Misspelled words corrected: edit distances of strings, alignments, and a ranking of suggestions."""

from __future__ import annotations

GROUP = "ordinary"
ARGS = (2_900,)

DICTIONARY = (
    "abandon bicycle calendar definite embarrass familiar guarantee harass immediate judgement knowledge library "
    "maintenance necessary occurrence parallel questionnaire receive separate tomorrow until vacuum weird accommodate"
).split()


def distance(one, other):
    if len(one) < len(other):
        one, other = other, one
    previous = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        current = [i]
        for j, candidate in enumerate(other, 1):
            current.append(min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (letter != candidate)))
        previous = current
    return previous[-1]


def alignment(one, other):
    table = {(0, 0): (0, "")}
    for i in range(len(one) + 1):
        for j in range(len(other) + 1):
            choices = []
            if i:
                cost, steps = table[i - 1, j]
                choices.append((cost + 1, steps + "-"))
            if j:
                cost, steps = table[i, j - 1]
                choices.append((cost + 1, steps + "+"))
            if i and j:
                cost, steps = table[i - 1, j - 1]
                same = one[i - 1] == other[j - 1]
                choices.append((cost + (not same), steps + ("=" if same else "~")))
            if choices:
                table[i, j] = min(choices)
    return table[len(one), len(other)]


def common_subsequence(one, other):
    best = [[""] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, letter in enumerate(one):
        for j, candidate in enumerate(other):
            if letter == candidate:
                best[i + 1][j + 1] = best[i][j] + letter
            else:
                best[i + 1][j + 1] = max(best[i][j + 1], best[i + 1][j], key=len)
    return best[-1][-1]


def misspell(word, number):
    place = number % (len(word) - 1)
    kind = number % 4
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[:place] + word[place] + word[place:]
    if kind == 2:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + "e" + word[place + 1 :]


def run(count):
    right = 0
    edits = {}
    shared = ""
    for number in range(count):
        word = DICTIONARY[number % len(DICTIONARY)]
        wrong = misspell(word, number)
        ranked = sorted((distance(wrong, candidate), candidate) for candidate in DICTIONARY)
        suggestion = ranked[0][1]
        right += suggestion == word
        cost, steps = alignment(wrong, suggestion)
        if cost != ranked[0][0]:
            raise AssertionError((wrong, suggestion))
        for step in steps:
            edits[step] = edits.get(step, 0) + 1
        shared = max(shared, common_subsequence(wrong + word, suggestion + ranked[1][1]), key=len)
    return right, sorted(edits.items()), shared
