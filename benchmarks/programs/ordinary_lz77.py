"""Bytes compressed after Lempel and Ziv: matches found through a dictionary of triples, then run-length coding."""

from __future__ import annotations

GROUP = "ordinary"
ARGS = (900_000,)

WINDOW = 4096
LONGEST = 18


def setup(size):
    words = [b"the ", b"compressor ", b"reads ", b"bytes", b", and ", b"writes ", b"them ", b"again. ", b"\x00" * 4]
    data = bytearray()
    state = 99
    while len(data) < size:
        state = (state * 1103515245 + 12345) % 2147483648
        data += words[state // 65536 % len(words)]
        if state % 50 == 0:
            data += b"\xff" * (state // 7 % 40)
    return (bytes(data),)


def match_length(data, one, other):
    length = 0
    while length < LONGEST and other + length < len(data) and data[one + length] == data[other + length]:
        length += 1
    return length


def compress(data):
    output = bytearray()
    places = {}
    place = 0
    while place < len(data):
        best, distance = 0, 0
        for candidate in reversed(places.get(data[place : place + 3], ())):
            if place - candidate > WINDOW:
                break
            length = match_length(data, candidate, place)
            if length > best:
                best, distance = length, place - candidate
                if best == LONGEST:
                    break
        if best >= 4:
            output += bytes((0xFE, best, distance >> 8, distance & 255))
            step = best
        else:
            byte = data[place]
            output += b"\xfd" + bytes((byte,)) if byte >= 0xFD else bytes((byte,))
            step = 1
        for passed in range(place, place + step):
            known = places.setdefault(data[passed : passed + 3], [])
            known.append(passed)
            if len(known) > 16:
                del known[:8]
        place += step
    return bytes(output)


def expand(packed):
    data = bytearray()
    source = iter(packed)
    for byte in source:
        if byte == 0xFE:
            length = next(source)
            distance = next(source) << 8 | next(source)
            for _ in range(length):
                data.append(data[-distance])
        elif byte == 0xFD:
            data.append(next(source))
        else:
            data.append(byte)
    return bytes(data)


def run_lengths(data):
    runs = []
    for byte in data:
        if runs and runs[-1][0] == byte and runs[-1][1] < 255:
            runs[-1][1] += 1
        else:
            runs.append([byte, 1])
    return runs


def run(data):
    packed = compress(data)
    if expand(packed) != data:
        raise AssertionError("not the same bytes")
    runs = run_lengths(data)
    if b"".join(bytes((byte,)) * count for byte, count in runs) != data:
        raise AssertionError("not the same runs")
    longest = max(runs, key=lambda run: run[1])
    return len(data), len(packed), packed[:40], len(runs), longest
