"""Bytes and bytearrays: items read and written, wrong items and indices, arrays over the same memory, growing ones."""

from __future__ import annotations

import numpy as np

from ..cases import case


def checksum(data, n):
    total = 0
    for i in range(n):
        total = (total * 31 + data[i]) & 0xFFFFFFFF
        total ^= data[-1 - i % len(data)]
    return total, len(data)


def hot_checksum(n):
    data, total = bytes(range(256)) * 4, 0
    for i in range(n):  # native
        total = (total * 31 + data[i % 1000]) & 0xFFFFFFFF
    for octet in data:  # native
        total ^= octet * 3
    return total


def hot_sieve(n):
    flags = bytearray(b"\x01") * n
    flags[0] = flags[1] = 0
    for i in range(2, n):  # native
        if flags[i]:
            for j in range(i * i, n, i):  # native
                flags[j] = 0
    return sum(flags), flags


def written(data, items):
    for place, item in enumerate(items):
        data[place % 7 - 3] = item
    return data


def growing(n):
    data, total = bytearray(b"abc"), 0
    for i in range(n):
        data[i % len(data)] = (data[i % 3] + i) % 256
        if i % 7 == 3:
            data.append(i)
        if i % 11 == 5:
            del data[0]
        total += data[-1]
    return data, total


def same_memory(n):
    data = bytearray(64)
    view, total = np.frombuffer(data, dtype=np.uint8), 0
    for i in range(n):
        data[i % 64] = i % 200
        total += int(view[i % 64]) + data[(i + 1) % 64]
        view[(i + 2) % 64] = 5
        total += data[(i + 2) % 64]
    return total, data


def compared(data, keys):
    found = []
    for key in keys:
        found.append(data[key] if key < len(data) else None)
        if data:
            found.append(data == b"abc")
    return found


class Own(bytes):
    def __getitem__(self, key):
        return 7


DATA = bytes(range(200, 256)) + bytes(range(60))
case(checksum, (DATA, 60), (bytearray(DATA), 60), (b"", 5), (b"a", 60), (Own(DATA), 60), (memoryview(DATA), 60), (DATA, 2.5), ("text" * 20, 60), apart=True)
case(hot_checksum, long=(4000,))
case(hot_sieve, long=(4000,))
case(written, lambda: (bytearray(9), list(range(60))), lambda: (bytearray(9), [1] * 50 + [256]), lambda: (bytearray(9), [1] * 50 + [-1]), lambda: (bytearray(9), [1] * 50 + [2.5]),
     lambda: (bytearray(2), [1] * 60), lambda: (bytes(9), [1] * 60), lambda: (bytearray(9), [True, False] * 30), lambda: (bytearray(9), [2**70]), apart=True)
case(growing, (60,), apart=True)
case(same_memory, (90,), apart=True)
case(compared, (b"abc", [0, 1, 2, 3, -1] * 12), (bytearray(b"abc"), [0, 1, 2, 3, -1] * 12), (b"", [0] * 60), apart=True)
