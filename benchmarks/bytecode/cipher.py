"""Strings: shift letters round the alphabet, and encode the result by runs."""


def main(n):
    text = "Attack at dawn, hold the bridge!! " * n
    shifted = []
    for char in text:
        if "a" <= char <= "z":
            shifted.append(chr((ord(char) - 97 + 13) % 26 + 97))
        elif "A" <= char <= "Z":
            shifted.append(chr((ord(char) - 65 + 13) % 26 + 65))
        else:
            shifted.append(char)
    return runs("".join(shifted))


def runs(text):
    out = []
    i = 0
    while i < len(text):
        j = i
        while j < len(text) and text[j] == text[i]:
            j += 1
        if j - i > 1:
            out.append(text[i] + str(j - i))
        i = j
    return len(out), out[:5]
