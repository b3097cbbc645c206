"""Versions of a text compared line by line and word by word with difflib."""

from __future__ import annotations

import difflib

GROUP = "ordinary"
ARGS = (150, 1_800)

SENTENCES = (
    "the parser reads one token at a time",
    "a report is written at the end of each day",
    "every visitor gets a badge at the door",
    "the old archive was moved to the cellar",
    "nobody knows who wrote the first page",
    "all names are kept in alphabetical order",
    "the second draft was never sent",
)


def setup(lines, versions):
    texts = [[f"{SENTENCES[i % 7]} ({i})" for i in range(lines)]]
    for version in range(1, versions):
        text = list(texts[-1])
        text[version * 5 % lines] = f"{SENTENCES[version % 7]}, as of version {version}"
        text.insert(version * 11 % lines, f"a new line of version {version}")
        del text[version * 17 % lines]
        texts.append(text)
    return (texts,)


def count_changes(diff):
    added = removed = 0
    for line in diff:
        if line.startswith("+") and not line.startswith("+++"):
            added += 1
        elif line.startswith("-") and not line.startswith("---"):
            removed += 1
    return added, removed


def changed_words(old, new):
    words = []
    matcher = difflib.SequenceMatcher(None, old.split(), new.split())
    for tag, low, high, other_low, other_high in matcher.get_opcodes():
        if tag == "equal":
            continue
        words.extend(old.split()[low:high])
        words.extend(new.split()[other_low:other_high])
    return words


def run(texts):
    history = []
    vocabulary = {}
    for old, new in zip(texts, texts[1:]):
        diff = list(difflib.unified_diff(old, new, "old", "new", lineterm="", n=1))
        history.append(count_changes(diff))
        for before, after in zip(old, new):
            if before == after:
                continue
            for word in changed_words(before, after):
                vocabulary[word] = vocabulary.get(word, 0) + 1
    closest = difflib.get_close_matches("the parser reads two tokens at a time", texts[-1], n=3)
    return history, sorted(vocabulary.items())[:20], closest
