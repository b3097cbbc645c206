"""Caches with a limit: one of linked nodes, one over OrderedDict, and functools.lru_cache, on the same requests."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache

GROUP = "ordinary"
ARGS = (780_000, 64)


class Node:
    __slots__ = ("after", "before", "key", "value")

    def __init__(self, key, value):
        self.key = key
        self.value = value
        self.before = self.after = None


class LinkedCache:
    def __init__(self, size):
        self.size = size
        self.nodes = {}
        self.head = Node(None, None)
        self.tail = Node(None, None)
        self.head.after = self.tail
        self.tail.before = self.head
        self.hits = self.misses = 0

    def _remove(self, node):
        node.before.after = node.after
        node.after.before = node.before

    def _put_first(self, node):
        node.after = self.head.after
        node.before = self.head
        self.head.after.before = node
        self.head.after = node

    def get(self, key, make):
        node = self.nodes.get(key)
        if node is not None:
            self.hits += 1
            self._remove(node)
            self._put_first(node)
            return node.value
        self.misses += 1
        node = self.nodes[key] = Node(key, make(key))
        self._put_first(node)
        if len(self.nodes) > self.size:
            oldest = self.tail.before
            self._remove(oldest)
            del self.nodes[oldest.key]
        return node.value

    def __iter__(self):
        node = self.head.after
        while node is not self.tail:
            yield node.key
            node = node.after


class OrderedCache:
    def __init__(self, size):
        self.size = size
        self.values = OrderedDict()
        self.hits = self.misses = 0

    def get(self, key, make):
        try:
            value = self.values[key]
        except KeyError:
            self.misses += 1
            value = self.values[key] = make(key)
            if len(self.values) > self.size:
                self.values.popitem(last=False)
        else:
            self.hits += 1
            self.values.move_to_end(key)
        return value


def requests(count):
    state = 12345
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        page = state // 65536 % 100
        yield f"page {page * page // 100}" if state % 3 else f"picture {page}"


def make(key):
    kind, _, number = key.partition(" ")
    return kind.upper(), int(number) * 3


def run(count, size):
    linked = LinkedCache(size)
    ordered = OrderedCache(size)
    cached = lru_cache(maxsize=size)(make)
    total = 0
    for key in requests(count):
        value = linked.get(key, make)
        if value != ordered.get(key, make) or value != cached(key):
            raise AssertionError(key)
        total += value[1]
    info = cached.cache_info()
    newest_first = list(linked)
    same = newest_first == list(reversed(ordered.values))
    return total, (linked.hits, linked.misses), (ordered.hits, ordered.misses), tuple(info), same, newest_first[:4]
