"""Texts: their characters, comparisons and slices, what is told about characters, and texts that grow."""

from __future__ import annotations

from ..cases import case

SAMPLES = ("", "a", "The quick brown fox, 42 times", "z\xe9xus \xdf\u0130 \u0119\u0661\u00b2", "\U0001f600a\U0001f601 b\ud800", "x" * 100)


def codes(text):
    total = 0
    for c in text:
        total = total * 3 + ord(c)
        total %= 1000003
    return total, text


def hot_codes(text, n):
    total = 0
    for _ in range(n):  # native
        for c in text:
            total = (total * 3 + ord(c)) % 1000003
    return total


def times(n):
    found, total = [], 0
    for i in range(n):  # native
        word = "ab" * (i % 4)
        total += len(word) + len(3 * word[:1])
        if i % 5 == 0:
            found.append(word + "=" * (3 - i % 4) + "x" * -1 + "y" * True)
    return found, total


case(codes, *((text,) for text in SAMPLES), (b"abc",), (["a", "b"],), (["a", "bc"],), ("abc" * 40,), apart=True)
case(hot_codes, long=("The quick brown fox", 300))


def classes(text, n):
    found = []
    for _ in range(n):
        for c in text:
            found.append((c.isalpha(), c.isdigit(), c.isspace(), c.isalnum(), c.islower(), c.isupper(), c.isdecimal(), c.isnumeric()))
    return found


def cases(text, n):
    found = []
    for i in range(n):
        for c in text:
            found.append(c.upper() + c.lower())
    return "".join(found)


case(classes, *((text, 5) for text in SAMPLES), apart=True)
case(cases, *((text, 9) for text in SAMPLES), apart=True)


def indexed(text, indices):
    found = []
    for i in indices:
        found.append((text[i], text[-1 - i] == text[i], text[i] < "m", text[i] != "", text[i] in "aeiou", text[i] in {"a", "x"}))
    return found


case(indexed, ("abcdefghij", list(range(10)) * 6), ("abc", [0, 1, 2] * 20 + [3]), ("abc", [0, 1, 2] * 20 + [-4]),
     (SAMPLES[3], list(range(8)) * 6), (SAMPLES[4], list(range(5)) * 9), ("", [0]), ("abc", [True, False] * 30),
     (["a", "b"], [0, 1] * 30), ("abc", [0] * 40 + ["a"]), apart=True)


def compared(texts, pattern):
    found = []
    for text in texts:
        found.append((text == pattern, text != "abc", text < pattern, text >= "b", text in pattern, "b" in text, text is None, bool(text)))
    return found


case(compared, (["abc", "", "a", "b\xe9", "abcd", "\u0119"] * 9, "abc"), (["a"] * 60, ""), (["a"] * 40 + [5], "abc"),
     (["a"] * 40 + [None], "abc"), (["a", "b"] * 30, "\U0001f600"), apart=True)


def single(text, others):
    same = 0
    for c in text:
        for other in others:
            if c == other:
                same += 1
            if c < other:
                same += 100
            if other in c:
                same += 10000
    return same


case(single, ("abcabc" * 9, ["a", "bc", "", "c\xe9"]), ("abc" * 20, ["a", 5]), ("abc" * 20, [None, "a", 1.5]), ("", ["a"]), apart=True)


def sliced(text, n):
    found = []
    for i in range(n):
        found.append(text[i:i + 3])
        found.append(text[-i:])
        found.append(text[:i])
        found.append(text[i % 5])
    return found


case(sliced, ("abcdefgh", 60), ("\u0119x\U0001f600yz", 40), ("abc", 40), ("abcdefgh", 0), apart=True)


def stepped(text, n):
    found = []
    for i in range(1, n):
        found.append(text[::i])
    return found


case(stepped, ("abcdefgh", 40))


def grown(text, n):
    out, kept = "", []
    for i in range(n):
        for c in text:
            out += c
            if len(out) % 7 == 0:
                kept.append(out)
    return out, kept


def twice(n):
    one = two = ""
    for i in range(n):
        one += "ab"
        two = one + str(i)
        both = one
        one = one + "c"
        both += two
    return one, two, both


def doubled(n):
    text = "a"
    for i in range(n):
        text += text if len(text) < 100 else "b"
    return text


case(grown, ("abc", 30), ("\u0119", 30), ("a\xe9\u0119\U0001f600", 20), ("", 5), ("abc", 300), apart=True)
case(twice, (0,), (40,), (300,))
case(doubled, (60,))


def made(numbers):
    found = []
    for n in numbers:
        found.append(chr(n))
    return "".join(found), found


case(made, ([97, 98, 233, 281, 128512] * 12,), ([97] * 40 + [-1],), ([97] * 40 + [0x110000],), ([97] * 40 + ["a"],), ([97] * 40 + [2**70],),
     ([True, False] * 30,), ([0xD800] * 30,), apart=True)


def shifted(text, by):
    out = []
    for c in text:
        if "a" <= c <= "z":
            out.append(chr((ord(c) - 97 + by) % 26 + 97))
        else:
            out.append(c)
    return "".join(out)


case(shifted, *((text, 3) for text in SAMPLES), ("abc" * 30, 2.5), ("abc" * 30, "a"), apart=True)


def words(lines):
    total, found = 0, []
    for line in lines:
        parts = line.strip().split(",")
        for part in parts:
            if part.startswith("n"):
                total += int(part[1:])
            else:
                found.append(part.replace("a", "A").upper() + str(total) + repr(part))
    return total, found


case(words, (["n1,n22,abc\n", " x,n5 ", ""] * 15,), (["n1,nx"] * 20,), (["n1"] * 40 + ["nab"],), (["n1"] * 40 + [5],), ([],), apart=True)


def formatted(n):
    found = []
    for i in range(n):
        found.append(f"{i}: {i * 0.5:.2f}|{'abc'[i % 3]!r:>5}|{i % 2 == 0}")
    return found


case(formatted, (0,), (60,))


def mixed(items):
    last, seen = None, []
    for item in items:
        for c in item:
            if last is not None and c == last:
                seen.append(c)
            last = c
    return last, seen


case(mixed, (["aab", "bcc"] * 20,), (["aab", [1, 1, 2]] * 20,), ([("a", "a"), "aa"] * 20,), apart=True)


def counted(text):
    count = best = 0
    last = ""
    for c in text:
        if c == last:
            count += 1
        else:
            count, last = 1, c
        if count > best:
            best = count
    return best, last


case(counted, ("aabbbbcc" * 8,), ("",), ("a",), ("\u0119\u0119a" * 20,))


def iterators(text, n):
    found = []
    it = iter(text)
    for i, c in zip(range(n), it):
        found.append((i, c))
    rest = list(it)
    for i, c in enumerate(text):
        found.append((c, i))
    for a, b in zip(text, text[1:]):
        found.append(a == b)
    return found, rest


case(iterators, ("abcabc" * 10, 40), ("a\u0119" * 30, 40), ("", 3), ("ab", 5), apart=True)


def failing(text, n):
    total = 0
    for i in range(n):
        total += ord(text[i]) // (
            len(text) - 40 - i)
    return total


case(failing, ("abc" * 20, 60), ("abc", 60), apart=True)


class Name(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


def subclassed(texts):
    found = []
    for text in texts:
        found.append((text == "zz", text[:1], len(text)))
    return found


case(subclassed, (["a", Name("b")] * 20,), ([Name("b")] * 40,), (["a"] * 40 + [Name("b")] * 5,), apart=True)
case(times, (40,), (3,), long=(3_000,))


def digits(text):
    total, out = 0, []
    for c in text:  # native
        out.append(int(c))
        total = total * 7 % 1009 + int(c) * 2
    return total, out, type(out[-1]) if out else None


case(digits, lambda: ("1234567890" * 5,), lambda: ("12345" * 5 + "a",), lambda: ("12345" * 5 + " ",),
     lambda: ("12" * 9 + "٣²",),
     lambda: ("٣" * 30,), lambda: ("",), lambda: (["1", "22", 3] * 9,),
     lambda: ([1.5, True] * 9,), long=lambda: ("0123456789" * 300,))


def digits_of_numbers(n):
    found = []
    for x in range(n):  # native
        if sum(int(d) ** 3 for d in str(x)) == x:
            found.append(x)
    return found


case(digits_of_numbers, lambda: (50,), long=lambda: (3000,))


def digits_or_not(text):
    total = bad = 0
    for c in text:
        try:
            total += int(c)
        except ValueError as error:
            bad += len(str(error))
    return total, bad


case(digits_or_not, lambda: ("123abc٣²" * 5,), lambda: ("123 " * 9,))
