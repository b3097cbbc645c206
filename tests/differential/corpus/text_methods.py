"""Methods of texts that tell something: where a text stands in another one, how often, and of which kind characters are."""

from __future__ import annotations

from ..cases import case

WORDS = ["", "a", "abc", "cab", "aaa", "ä", "äbc", "abcä", "\u4e2d\u6587", "\U0001f600a", " \t", "12", "1a", "٣", "²", "½", "\x1f",
         "\x85", "A1", "_", "\x7f", "\x00", "abcabc", "Ⅷ"]
PARTS = ["", "a", "b", "abc", "bc", "ä", "\u4e2d", "\U0001f600", "x", "aa", "abcabcabc"]


def places(words, part):
    told = []
    for word in words:  # native
        told.append((word.find(part), word.rfind(part), word.count(part)))
        if word.startswith(part):
            told.append(1)
        if word.endswith(part):
            told.append(2)
    return told


case(places, *[(WORDS, part) for part in PARTS], (WORDS, None), (WORDS, 5), (["a", None], "a"), (WORDS, ("a", "b")),
     long=lambda: (WORDS * 50, "bc"))


def of_single(text, word):
    told = 0
    for c in text:  # native
        told += word.find(c) + word.count(c) * 10 + word.startswith(c) * 100 + c.startswith("a") + c.endswith(word)
    return told


case(of_single, ("", "abc"), ("abcä\u4e2d", "cabä"), ("abc", ""), long=lambda: ("abcä" * 300, "cabä"))


def constants(words):
    told = 0
    for word in words:  # native
        told += word.startswith("ab") + 10 * word.endswith(("c", "ä")) + 100 * word.startswith(("", "x"))
        told += 1000 * word.startswith(()) + word.find("b") + word.count("") + "abc".find(word)
    return told


case(constants, ([],), (WORDS,), (["a", 5],), long=lambda: (WORDS * 50,))


def limits(words):
    told = 0
    for word in words:
        told += word.find("b", 1) + word.count("a", 0, 2) + word.startswith("b", 1)
    return told


case(limits, (WORDS,), long=lambda: (WORDS * 20,))


def kinds(words):
    told = []
    for word in words:  # native
        told.append((word.isalpha(), word.isalnum(), word.isdecimal(), word.isdigit(), word.isnumeric(), word.isspace()))
    return told


case(kinds, ([],), (WORDS,), ([chr(code) for code in range(300)],), ([chr(code) + "ä" for code in range(300)],),
     (["1", None],), (["\ud800", "\ud800a"],), long=lambda: (WORDS * 50,))


def indices(words, part):
    total, bad = 0, 0
    for word in words:  # native
        try:
            total += word.index(part) + word.rindex(part)
        except ValueError:
            bad += 1
    return total, bad


case(indices, *[(WORDS, part) for part in PARTS], (WORDS, None), long=lambda: (WORDS * 50, "bc"))


def told(words, part):
    lines = []
    for word in words:  # native
        try:
            lines.append(word.index(part))
        except ValueError as e:
            lines.append(str(e))
    return lines


case(told, (WORDS, "b"), (WORDS, "\u4e2d"), long=lambda: (WORDS * 50, "bc"))


def uncaught(words, part):
    total = 0
    for word in words:
        total += word.rindex(part)
    return total


case(uncaught, (["ab", "bb"], "b"), (["ab", "aa"], "b"), (["ab", "aa"], 5), long=lambda: (["ab", "bb"] * 300, "b"))


def stripped(texts):
    found, total = [], 0
    for text in texts:  # native
        total += len(text.strip()) * 3 + len(text.lstrip()) - len(text.rstrip())
        found.append(text.strip() + "|" + text.rstrip() + "|" + text.lstrip())
    return found, total


def stripped_where_nothing_is(texts):
    return [(text.strip() is text, text.lstrip() is text, text.rstrip() is text) for text in texts]


SPACES = [" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"[k % 10] * (k % 3) + "ab c"[: k % 5] + " \u2003\x85\u3000\t\xa0"[k % 6] * (k % 4) for k in range(60)]
case(stripped, (SPACES,), (["", " ", "a", "\u4e2d ", " \U0001f600", "\x00 ", "\x7f", "\x1b"],), (["a ", 1],), (["a ", None],), long=lambda: (SPACES * 30,))
case(stripped_where_nothing_is, (["", "abc", "a b", " ab", "ab ", "\u4e2d", "\u4e2d "] * 6,))


def other_letters(texts):
    found = []
    for text in texts:  # native
        found.append(text.lower() + "|" + text.upper())
        found.append((text.lower() is text, text.upper() == text, len(text.lower().upper())))
    return found


LETTERS = ["", "a", "Z", "aB c\x00[`{@", "\x7fXyz" * 9, "\u0130x", "stra\xdfe", "\ufb01", "\xc4b", "\U00010400"]
case(other_letters, (LETTERS,), (["a", 1],), (["a", None],), long=lambda: (LETTERS[:5] * 200,))
