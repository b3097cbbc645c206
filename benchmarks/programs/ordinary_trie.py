"""Words in a trie of nodes: inserted, completed, looked up with gaps and with mistakes."""

from __future__ import annotations

GROUP = "ordinary"
ARGS = (160_000,)

SYLLABLES = ("ba", "con", "der", "es", "fi", "gra", "ho", "in", "ju", "ka", "lon", "mer", "no", "or", "pe", "qui")


class Node:
    def __init__(self):
        self.children = {}
        self.word = None


class Trie:
    def __init__(self):
        self.root = Node()
        self.size = 0

    def insert(self, word):
        node = self.root
        for letter in word:
            if letter not in node.children:
                node.children[letter] = Node()
            node = node.children[letter]
        if node.word is None:
            node.word = word
            self.size += 1

    def find(self, prefix):
        node = self.root
        for letter in prefix:
            node = node.children.get(letter)
            if node is None:
                return None
        return node

    def __contains__(self, word):
        node = self.find(word)
        return node is not None and node.word is not None

    def complete(self, prefix, limit):
        found = []
        start = self.find(prefix)
        if start is not None:
            self._collect(start, found, limit)
        return found

    def _collect(self, node, found, limit):
        if len(found) >= limit:
            return
        if node.word is not None:
            found.append(node.word)
        for letter in sorted(node.children):
            self._collect(node.children[letter], found, limit)

    def match(self, pattern):
        def search(node, place):
            if place == len(pattern):
                if node.word is not None:
                    yield node.word
                return
            if pattern[place] == "?":
                for letter in sorted(node.children):
                    yield from search(node.children[letter], place + 1)
            elif pattern[place] in node.children:
                yield from search(node.children[pattern[place]], place + 1)

        return list(search(self.root, 0))

    def similar(self, word, mistakes):
        """The words that differ from `word` by so many letters at most, with their distances."""
        found = []
        first = list(range(len(word) + 1))
        todo = [(child, letter, first) for letter, child in sorted(self.root.children.items())]
        while todo:
            node, letter, above = todo.pop()
            row = [above[0] + 1]
            for column in range(1, len(word) + 1):
                change = above[column - 1] + (word[column - 1] != letter)
                row.append(min(row[column - 1] + 1, above[column] + 1, change))
            if node.word is not None and row[-1] <= mistakes:
                found.append((row[-1], node.word))
            if min(row) <= mistakes:
                todo.extend((child, below, row) for below, child in sorted(node.children.items()))
        return sorted(found)


def words(count):
    for i in range(count):
        yield "".join(SYLLABLES[i // 16**k % 16] for k in range(i % 3 + 2))


def run(count):
    trie = Trie()
    for word in words(count):
        trie.insert(word)
    known = sum(word + "s" in trie or word[:-2] in trie for word in words(count))
    completed = [trie.complete(prefix, 8) for prefix in ("con", "qui", "zz", "lonm")]
    gaps = [len(trie.match(pattern)) for pattern in ("co?d??", "??????", "j?b?", "?")]
    corrected = {}
    for i in range(0, count, 40):
        wrong = SYLLABLES[i % 16] + "x" + SYLLABLES[i // 16 % 16]
        corrected[wrong] = trie.similar(wrong, 1 + i % 2)[:3]
    return trie.size, known, completed, gaps, sorted(corrected.items())[-3:]
