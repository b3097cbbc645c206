"""Links object files into the process: relocatable ELF for x86-64 whose references are absolute 64-bit words.

That is what LLVM makes in its large code model, where code and data may be anywhere; any other form is refused. See the
System V ABI, generic part, chapter 4 (sections, symbols and relocations), and its supplement for AMD64.
"""

from __future__ import annotations

import ctypes
import functools
import mmap
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Any

from zexus.records import dataclass

_MAGIC = b"\x7fELF\x02\x01\x01"  # 64 bits, little-endian
_RELOCATABLE, _AMD64, _ABSOLUTE = 1, 62, 1
_SYMBOLS, _RELOCATIONS, _ZEROS = 2, 4, 8
_WRITTEN, _NEEDED = 1, 2
_LOCAL = 0
# Sections that describe how frames are left by exceptions of other languages.
_UNWINDING = frozenset((".eh_frame",))


class Unlinkable(Exception):
    """An object file has a form that is not known here, or refers to what is not in the process."""


@dataclass(frozen=True)
class _Section:
    """A section of an object file, as its header says; the fields are called as in the ABI."""

    name: str
    type: int
    flags: int
    offset: int
    size: int
    link: int
    info: int
    align: int


@dataclass(frozen=True)
class _Symbol:
    """A symbol: its name, where it is (0: not in this file), and whether others may refer to it."""

    name: str
    section: int
    value: int
    is_global: bool


def link(code: bytes, find: Callable[[str], int]) -> dict[str, int]:
    """Put an object file into memory, from where it is never taken away.

    Args:
        code: the file.
        find: gives the address of what the file refers to, by its name.

    Returns:
        the addresses of what others may refer to, by name.

    Raises:
        Unlinkable: it cannot be.
    """
    sections = _sections(code)
    places, size, protected = _arranged(sections)
    memory = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE)
    base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for number, place in places.items():
        section = sections[number]
        if section.type != _ZEROS:
            memory[place:place + section.size] = code[section.offset:section.offset + section.size]
    symbols = _symbols(code, sections)
    for section in sections:
        if section.type != _RELOCATIONS or section.info not in places:
            continue
        for offset, symbol, addend in _relocations(code, section):
            one = symbols[symbol]
            address = base + places[one.section] + one.value if one.section in places else find(one.name)
            struct.pack_into("<Q", memory, places[section.info] + offset, (address + addend) % 2**64)
    if _process().mprotect(ctypes.c_void_p(base), ctypes.c_size_t(protected), mmap.PROT_READ | mmap.PROT_EXEC):
        raise Unlinkable("memory cannot be made executable")
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(memory))  # code may be called until the interpreter's very end
    return {one.name: base + places[one.section] + one.value
            for one in symbols if one.is_global and one.section in places}


def address_of(name: str) -> int:
    """The address of something in the process.

    Raises:
        Unlinkable: there is nothing of that name.
    """
    try:
        return ctypes.addressof(ctypes.c_char.in_dll(_process(), name))
    except ValueError:
        raise Unlinkable(f"{name} is not in the process") from None


@functools.cache
def _process() -> Any:
    return ctypes.CDLL(None)


def _sections(code: bytes) -> list[_Section]:
    kind, machine = struct.unpack_from("<HH", code, 16) if code.startswith(_MAGIC) else (0, 0)
    if sys.platform != "linux" or (kind, machine) != (_RELOCATABLE, _AMD64):
        raise Unlinkable("this is no relocatable ELF file for x86-64")
    (first,), (size, count, names) = struct.unpack_from("<Q", code, 40), struct.unpack_from("<HHH", code, 58)
    raw = [struct.unpack_from("<IIQQQQIIQQ", code, first + size * number) for number in range(count)]
    start = raw[names][4]
    return [_Section(_text(code, start + one[0]), one[1], one[2], *one[4:9]) for one in raw]


def _arranged(sections: list[_Section]) -> tuple[dict[int, int], int, int]:
    """Where the sections come in memory, its size, and how much of it, from the beginning, is not written to."""
    needed = [number for number, one in enumerate(sections) if one.flags & _NEEDED and one.name not in _UNWINDING]
    places: dict[int, int] = {}
    at = protected = 0
    for written in (False, True):
        for number in needed:
            section = sections[number]
            if bool(section.flags & _WRITTEN) is written:
                at = _rounded(at, section.align)
                places[number] = at
                at += section.size
        at = _rounded(at, mmap.PAGESIZE)
        protected = protected or at
    return places, max(at, mmap.PAGESIZE), protected


def _symbols(code: bytes, sections: list[_Section]) -> list[_Symbol]:
    table = next(one for one in sections if one.type == _SYMBOLS)
    names = sections[table.link].offset
    found = struct.iter_unpack("<IBBHQQ", code[table.offset:table.offset + table.size])
    return [_Symbol(_text(code, names + name), section, value, info >> 4 != _LOCAL)
            for name, info, _, section, value, _ in found]


def _relocations(code: bytes, section: _Section) -> Iterator[tuple[int, int, int]]:
    """Where an address is to be written in the section that this one is about, of which symbol, and what is added."""
    for offset, info, addend in struct.iter_unpack("<QQq", code[section.offset:section.offset + section.size]):
        if info & 0xFFFFFFFF != _ABSOLUTE:
            raise Unlinkable(f"relocation {info & 0xFFFFFFFF}")
        yield offset, info >> 32, addend


def _text(code: bytes, start: int) -> str:
    return code[start:code.index(b"\0", start)].decode()


def _rounded(number: int, unit: int) -> int:
    return -(-number // max(1, unit)) * max(1, unit)
