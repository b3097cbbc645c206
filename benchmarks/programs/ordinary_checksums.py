"""MD5, CRC-32 and Adler-32 written in Python, as files are checked with them block by block."""

from __future__ import annotations

import hashlib
import math
import struct
import zlib

GROUP = "ordinary"
ARGS = (1_150, 120)

SHIFTS = [7, 12, 17, 22] * 4 + [5, 9, 14, 20] * 4 + [4, 11, 16, 23] * 4 + [6, 10, 15, 21] * 4
SINES = [int(abs(math.sin(i + 1)) * 2**32) for i in range(64)]


def make_table():
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ 0xEDB88320 if value & 1 else value >> 1
        table.append(value)
    return table


TABLE = make_table()


def rotate(value, bits):
    return (value << bits | value >> 32 - bits) & 0xFFFFFFFF


class MD5:
    def __init__(self):
        self.state = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
        self.rest = b""
        self.length = 0

    def update(self, data):
        self.length += len(data)
        data = self.rest + data
        whole = len(data) - len(data) % 64
        for place in range(0, whole, 64):
            self._block(data[place : place + 64])
        self.rest = data[whole:]

    def _block(self, block):
        words = struct.unpack("<16I", block)
        a, b, c, d = self.state
        for i in range(64):
            if i < 16:
                f, g = b & c | ~b & d, i
            elif i < 32:
                f, g = d & b | ~d & c, (5 * i + 1) % 16
            elif i < 48:
                f, g = b ^ c ^ d, (3 * i + 5) % 16
            else:
                f, g = c ^ (b | ~d & 0xFFFFFFFF), 7 * i % 16
            f = (f + a + SINES[i] + words[g]) & 0xFFFFFFFF
            a, d, c, b = d, c, b, (b + rotate(f, SHIFTS[i])) & 0xFFFFFFFF
        self.state = tuple((old + new) & 0xFFFFFFFF for old, new in zip(self.state, (a, b, c, d)))

    def hexdigest(self):
        copy = MD5()
        copy.state = self.state
        tail = self.rest + b"\x80"
        tail += b"\0" * ((56 - len(tail)) % 64) + struct.pack("<Q", self.length * 8 & 0xFFFFFFFFFFFFFFFF)
        for place in range(0, len(tail), 64):
            copy._block(tail[place : place + 64])
        return struct.pack("<4I", *copy.state).hex()


class CRC32:
    def __init__(self):
        self.value = 0xFFFFFFFF

    def update(self, data):
        value = self.value
        for byte in data:
            value = TABLE[(value ^ byte) & 0xFF] ^ value >> 8
        self.value = value

    def hexdigest(self):
        return f"{self.value ^ 0xFFFFFFFF:08x}"


class Adler32:
    def __init__(self):
        self.low, self.high = 1, 0

    def update(self, data):
        for byte in data:
            self.low = (self.low + byte) % 65521
            self.high = (self.high + self.low) % 65521

    def hexdigest(self):
        return f"{self.high << 16 | self.low:08x}"


def blocks(data, size):
    for place in range(0, len(data), size):
        yield data[place : place + size]


def check(data, size):
    sums = {"md5": MD5(), "crc32": CRC32(), "adler32": Adler32()}
    for block in blocks(data, size):
        for checksum in sums.values():
            checksum.update(block)
    return {name: checksum.hexdigest() for name, checksum in sums.items()}


def run(lines, files):
    found = []
    for number in range(files):
        data = "\n".join(f"file {number}, line {i}" for i in range(lines)).encode()
        sums = check(data, 1000 + number)
        expected = hashlib.md5(data).hexdigest(), f"{zlib.crc32(data):08x}", f"{zlib.adler32(data):08x}"
        if tuple(sums.values()) != expected:
            raise AssertionError(number)
        found.append(sums["md5"][:8] + sums["crc32"] + sums["adler32"])
    return found
