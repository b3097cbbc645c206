"""Strings: take a text apart letter by letter, and count its words."""


def main(n):
    text = "the quick brown fox jumps over the lazy dog while another fox sleeps " * n
    counts = {}
    word = ""
    for char in text:
        if char == " ":
            if word:
                counts[word] = counts.get(word, 0) + 1
            word = ""
        else:
            word += char
    return sorted(counts.items())
