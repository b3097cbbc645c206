"""Dicts, sets, deques and bytes that globals, cells and defaults hold, and what literals are looked through for."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque

from ..cases import case

PRICES = {"pear": 3, "plum": 5, "fig": 0}
KNOWN = {"pear", "plum", 7}
SEEN: set[int] = set()
TALLY: Counter[str] = Counter()
GROUPS: defaultdict[int, list[int]] = defaultdict(list)
LINE: deque[int] = deque([1, 2, 3])
OCTETS = bytes(range(7, 70))
WRITTEN = bytearray(16)
ORDERED = OrderedDict(a=1)
WORDS = ["pear", "fig", "cherry", "plum", "pear", "7"]


def looked_up(n):
    total = missed = 0
    for i in range(n):  # native
        word = WORDS[i % 6]
        if word in PRICES:
            total += PRICES[word]
        if word not in KNOWN:
            missed += 1
    return total, missed


def kept(n):
    SEEN.clear()
    TALLY.clear()
    GROUPS.clear()
    fresh = 0
    for i in range(n):  # native
        k = i * 7 % 13
        if k not in SEEN:
            SEEN.add(k)
            fresh += 1
        TALLY[WORDS[k % 6]] += 1
        GROUPS[k].append(i)
    return fresh, dict(TALLY), {k: len(v) for k, v in GROUPS.items()}, sorted(SEEN)


def turned(n):
    total = 0
    for i in range(n):  # native
        LINE.append(LINE.popleft())
        total = total * 3 % 1009 + LINE[0] + OCTETS[i % 63]
        WRITTEN[i % 16] = total & 255
    return total, list(LINE), bytes(WRITTEN)


def exchanged(n):
    """The global becomes another dict in mid-loop."""
    global PRICES
    before, total = PRICES, 0
    for i in range(n):
        if i == n // 2:
            PRICES = {"pear": 100, "plum": 200, "fig": 300}
        total += PRICES["fig"] + PRICES["pear"]
    PRICES = before
    return total


def missing(n):
    try:
        for i in range(n):
            PRICES["pear" if i < n - 2 else "grape"]
    except KeyError as error:
        return i, error.args
    return None


def shared(n, memo={0: 0, 1: 1}):  # noqa: B006 - it is what is tested
    """A default that is a dict."""
    for i in range(2, n):  # native
        if i not in memo:
            memo[i] = (memo[i - 1] + memo[i - 2]) % 100_003
    found = memo[n - 1] if n > 1 else 0
    for i in range(2, n):
        del memo[i]
    return found


def enclosed(n):
    """A dict and a set that cells hold."""
    memo, odd = {}, {1}

    def half(k):
        total = 0
        for i in range(k):
            key = i % 11
            if key in memo:
                total += memo[key]
            else:
                memo[key] = key * key
            if i % 2:
                odd.add(i % 5)
        return total

    return half(n), memo, sorted(odd)


def ordered(n):
    total = 0
    for _ in range(n):
        total += ORDERED["a"]
    return total


def walked(n):
    total = 0
    for _ in range(n):
        for word in PRICES:
            total += len(word)
        for number in LINE:
            total += number
    return total


def literals(words, n):
    found = []
    for i in range(n):  # native
        word = words[i % len(words)]
        found.append((word in ("pear", "fig"), word in ["plum", "fig"], word not in {"pear", "cherry"}))
        found.append((i % 7 in (1, 2, 3), i % 7 in [0, 4], i % 7 not in {5, 6}, i % 3 in {"a", "b", 2}))
    return found


def characters(text):
    count = 0
    for c in text:  # native
        if c in {"a", "e", "i", "o", "u"} or c in ("x", "yy") or c in ["z"]:
            count += 1
    return count


def several(values):
    """What is looked for is of several types."""
    found = []
    for value in values:
        found.append((value in (1, "1", None), value in {1, "1", 2.5}, value in [True, "x"], value in {1, 2, 3}))
    return found


def chained(n):
    """A list that is compared once more is one."""
    found = 0
    for i in range(n):
        if i % 3 in [0, 1] == [0, 1]:
            found += 1
        if 0 < i % 5 in [1, 2]:
            found += 2
    return found


def not_hashable(n):
    try:
        for i in range(n):
            if i == n - 1:
                [i] in {1, 2}  # noqa: B015
    except TypeError as error:
        return i, str(error)
    return None


case(looked_up, lambda: (40,), lambda: (7,), long=lambda: (5_000,))
case(kept, lambda: (40,), lambda: (3,), long=lambda: (3_000,))
case(turned, lambda: (40,), lambda: (3,), long=lambda: (3_000,))
case(exchanged, lambda: (40,), lambda: (4,), long=lambda: (3_000,))
case(missing, lambda: (40,), lambda: (4,), long=lambda: (3_000,))
case(shared, lambda: (40,), lambda: (4,), long=lambda: (3_000,))
case(enclosed, lambda: (40,), lambda: (4,), long=lambda: (3_000,))
case(ordered, lambda: (40,), lambda: (4,))
case(walked, lambda: (40,), lambda: (4,))
case(literals, lambda: (WORDS, 40), lambda: ([*WORDS, "", "figs", "\u0101"], 50), long=lambda: (WORDS, 3_000))
case(characters, lambda: ("a quick brown fox jumps over the lazy dog" * 2,), lambda: ("\u0101\U0001f600aez" * 9,),
     long=lambda: ("a quick brown fox" * 200,))
case(several, lambda: ([1, "1", None, 2.5, True, "x", 3, 1.0, 2] * 4,), lambda: (["x", 1, float("nan"), 2**70] * 5,))
case(chained, lambda: (40,), lambda: (4,))
case(not_hashable, lambda: (40,))
