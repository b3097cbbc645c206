"""Huffman's code: a tree of tuples and objects, a text written as bits and read again."""

from __future__ import annotations

import heapq
from collections import Counter

GROUP = "ordinary"
ARGS = (11, 1_000)

TEXT = (
    "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, and "
    "nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of "
    "the world. "
)


class Leaf:
    def __init__(self, symbol):
        self.symbol = symbol

    def codes(self, prefix):
        yield self.symbol, prefix or "0"


class Branch:
    def __init__(self, left, right):
        self.left = left
        self.right = right

    def codes(self, prefix):
        yield from self.left.codes(prefix + "0")
        yield from self.right.codes(prefix + "1")


def build(text):
    heap = []
    for order, (symbol, count) in enumerate(sorted(Counter(text).items())):
        heap.append((count, order, Leaf(symbol)))
    heapq.heapify(heap)
    order = len(heap)
    while len(heap) > 1:
        one = heapq.heappop(heap)
        other = heapq.heappop(heap)
        heapq.heappush(heap, (one[0] + other[0], order, Branch(one[2], other[2])))
        order += 1
    return heap[0][2]


def pack(bits):
    padded = bits + "0" * (-len(bits) % 8)
    return bytes(int(padded[i : i + 8], 2) for i in range(0, len(padded), 8))


def encode(text, codes):
    return pack("".join(codes[symbol] for symbol in text))


def bits_of(data):
    for byte in data:
        for place in range(7, -1, -1):
            yield byte >> place & 1


def decode(data, tree, length):
    symbols = []
    node = tree
    for bit in bits_of(data):
        if isinstance(node, Branch):
            node = node.right if bit else node.left
        if isinstance(node, Leaf):
            symbols.append(node.symbol)
            if len(symbols) == length:
                break
            node = tree
    return "".join(symbols)


def run(rounds, repeats):
    sizes = []
    longest = ""
    for number in range(rounds):
        text = (TEXT[number * 10 :] + TEXT[: number * 3]) * repeats + "äöü"[number % 3 :]
        tree = build(text)
        codes = dict(tree.codes(""))
        data = encode(text, codes)
        if decode(data, tree, len(text)) != text:
            raise AssertionError("the text has changed")
        sizes.append((len(text), len(data)))
        longest = max(longest, *codes.values(), key=len)
    return sizes, longest, sorted(codes.items())[:6], data[:16]
