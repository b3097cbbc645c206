"""A binary log written with struct, read back record by record, checked with zlib and hashlib, and encoded as text."""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib

GROUP = "ordinary"
ARGS = (740_000,)

HEADER = struct.Struct(">4sHHI")
POINT = struct.Struct("<Iff")
COUNTER = struct.Struct("<Iq")
TEXT, MEASURE, COUNT, END = range(4)


class Damaged(Exception):
    pass


def record(number):
    kind = number % 3
    if kind == TEXT:
        return kind, f"event {number} of {('disk', 'net', 'door')[number % 7 % 3]}".encode()
    if kind == MEASURE:
        return kind, POINT.pack(number, number * 0.5, -number / 4)
    return kind, COUNTER.pack(number, -number * number)


def write(count):
    data = bytearray()
    for number in range(count):
        kind, body = record(number)
        data += HEADER.pack(b"ZLOG", kind, len(body), zlib.crc32(body, kind)) + body
    data += HEADER.pack(b"ZLOG", END, 0, zlib.crc32(b"", END))
    return data


def damage(data, every):
    for place in range(every, len(data), every):
        data[place] ^= 0x20
    return bytes(data)


def read(data):
    place = 0
    while place < len(data):
        try:
            magic, kind, length, checksum = HEADER.unpack_from(data, place)
            if magic != b"ZLOG":
                raise Damaged("header")
            body = data[place + HEADER.size : place + HEADER.size + length]
            if zlib.crc32(body, kind) != checksum:
                raise Damaged("body")
            if kind == END:
                return
            yield kind, body
            place += HEADER.size + length
        except (Damaged, struct.error) as problem:
            yield None, str(problem).split()[0]
            place = data.find(b"ZLOG", place + 1)
            if place < 0:
                return


def hexdump(data):
    for place in range(0, len(data), 16):
        row = data[place : place + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        yield f"{place:06x}  {row.hex(' '):<47}  {text}"


def run(count):
    data = damage(write(count), 7_919)
    words = {}
    measured = 0.0
    counted = 0
    losses = {}
    for kind, body in read(data):
        if kind is None:
            losses[body] = losses.get(body, 0) + 1
        elif kind == TEXT:
            word = body.decode().split()[-1]
            words[word] = words.get(word, 0) + 1
        elif kind == MEASURE:
            number, first, second = POINT.unpack(body)
            measured += first + second
        else:
            counted += COUNTER.unpack(body)[1]
    dump = list(hexdump(data[: count * 8]))
    code = base64.b85encode(data[:3000]).decode()
    return words, measured, counted, losses, len(dump), dump[-1], code[-20:], hashlib.sha256(data).hexdigest()
