"""A model of letter triples, counted in nested dictionaries and used to write text."""

from __future__ import annotations

GROUP = "never"
ARGS = (28_000, 1_500_000)


def setup(repeats, length):
    text = "a virtual machine runs the program of the user and gives exactly the answer that is expected of it. "
    parts = []
    for i in range(repeats):
        shift = i % len(text)
        parts.append(text[shift:] + text[:shift])
    return "".join(parts), length


def train(text):
    model = {}
    for i in range(len(text) - 2):
        pair = text[i : i + 2]
        following = model.get(pair)
        if following is None:
            following = model[pair] = {}
        letter = text[i + 2]
        following[letter] = following.get(letter, 0) + 1
    return model


def write(model, pair, length):
    letters = [pair]
    state = 5
    for _ in range(length):
        following = model.get(pair) or {" ": 1}
        choices = sorted(following)
        state = (state * 1103515245 + 12345) % 2147483648
        letter = choices[state // 65536 % len(choices)]
        letters.append(letter)
        pair = pair[1] + letter
    return "".join(letters)


def run(text, length):
    model = train(text)
    written = write(model, "a ", length)
    return len(model), written[:60], len(set(written))
