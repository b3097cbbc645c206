"""Python source read with tokenize: names counted, comments taken out, lines measured."""

from __future__ import annotations

import io
import keyword
import token
import tokenize

GROUP = "ordinary"
ARGS = (3_100,)

SOURCE = '''
# Part {0} of the program.
def part_{0}(first, second=None):
    """Joins two things."""
    result = []  # what was found
    while first and second:
        if first[0] <= second[0]:
            result.append(first.pop(0) * 2.5e3 + 0x1F)
        else:  # the other one is less
            result += [second.pop(0), "text (not a # comment)"]
    return result or (first, second)[{0} % 2]
'''


def setup(parts):
    return ("".join(SOURCE.format(i) for i in range(parts)),)


def read(text):
    return tokenize.generate_tokens(io.StringIO(text).readline)


def count_names(tokens):
    counts = {}
    for item in tokens:
        if item.type == token.NAME:
            kind = "keyword" if keyword.iskeyword(item.string) else "name"
            counts[kind, item.string] = counts.get((kind, item.string), 0) + 1
    return counts


def without_comments(tokens):
    kept = []
    comments = 0
    for item in tokens:
        if item.type == token.COMMENT:
            comments += 1
            continue
        kept.append((item.type, item.string))
    return kept, comments


def longest_brackets(tokens):
    stack = []
    longest = 0
    for item in tokens:
        if item.type != token.OP:
            continue
        if item.string in "([{":
            stack.append(item.start)
        elif item.string in ")]}":
            line, column = stack.pop()
            if line == item.end[0]:
                longest = max(longest, item.end[1] - column)
    return longest


def run(text):
    counts = count_names(read(text))
    kept, comments = without_comments(read(text))
    common = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:12]
    return common, len(kept), comments, longest_brackets(read(text))
