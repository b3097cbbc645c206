"""Object files are linked into the process as LLVM would do it, and what has another form is refused."""

from __future__ import annotations

import ctypes
import platform
import struct
import sys
from typing import Any

import pytest

import zexus
from zexus.jit import linker, loader
from zexus.jit.emit import library

pytestmark = pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64",
                                reason="object files have another form here")

PROGRAM = """
@table = constant [4 x i64] [i64 7, i64 11, i64 13, i64 17]
@count = internal global i64 0
@pointer = global ptr @table
declare i64 @labs(i64)
define i64 @third(i64 %index) {
  %n = load i64, ptr @count
  %more = add i64 %n, 1
  store i64 %more, ptr @count
  %items = load ptr, ptr @pointer
  %place = getelementptr i64, ptr %items, i64 %index
  %item = load i64, ptr %place
  %negative = sub i64 0, %item
  %again = call i64 @labs(i64 %negative)
  %scaled = mul i64 %again, 1000
  %sum = add i64 %scaled, %more
  ret i64 %sum
}
define i64 @fourth(i64 %index) {
  %one = call i64 @third(i64 3)
  ret i64 %one
}
"""


def linked(text: str = PROGRAM) -> dict[str, int]:
    return linker.link(library.compile_object(text), linker.address_of)


def test_code_data_and_what_it_calls() -> None:
    found = linked()
    assert {"third", "fourth", "table", "pointer"} <= found.keys() and "count" not in found
    call = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)
    third, fourth = call(found["third"]), call(found["fourth"])
    assert [third(k) for k in range(3)] == [7001, 11002, 13003]
    assert fourth(0) == 17004
    again = call(linked()["third"])
    assert again(0) == 7001, "each file has variables of its own"


def test_code_cannot_be_written_and_data_cannot_be_run() -> None:
    place = linked()["third"]
    with open("/proc/self/maps") as maps:
        for line in maps:
            first, last = (int(end, 16) for end in line.split()[0].split("-"))
            if first <= place < last:
                assert line.split()[1] == "r-xp"
                return
    pytest.fail("the code is nowhere")


def test_what_is_not_in_the_process_is_refused() -> None:
    with pytest.raises(linker.Unlinkable, match="nowhere_at_all"):
        linked("declare i64 @nowhere_at_all()\ndefine i64 @f() {\n  %x = call i64 @nowhere_at_all()\n  ret i64 %x\n}\n")


def other_machine(code: bytes) -> bytes:
    return code[:18] + struct.pack("<H", 183) + code[20:]


def other_relocation(code: bytes) -> bytes:
    changed = bytearray(code)
    for section in linker._sections(code):
        if section.type == linker._RELOCATIONS:
            for at in range(section.offset, section.offset + section.size, 24):
                symbol, = struct.unpack_from("<I", changed, at + 12)
                struct.pack_into("<II", changed, at + 8, 2, symbol)
    return bytes(changed)


@pytest.mark.parametrize("change", [other_machine, other_relocation, lambda code: b"MZ" + code, lambda code: b""])
def test_other_forms_are_refused(change: Any) -> None:
    with pytest.raises(linker.Unlinkable):
        linker.link(change(library.compile_object(PROGRAM)), linker.address_of)


def total(n: int) -> float:
    found = 0.0
    for i in range(n):
        found += i % 7 * 0.5
    return found


def test_what_it_refuses_is_left_to_llvm(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*arguments: Any) -> Any:
        raise linker.Unlinkable("told so")

    link = linker.link
    monkeypatch.setattr(linker, "link", refused)
    compiled = zexus.jit.compile(total, threshold=10, background=False, cache=False)
    assert compiled(10_000) == total(10_000)
    assert zexus.explain(compiled).regions[0].tier == "native"
    assert loader._engine is not None
    monkeypatch.setattr(linker, "link", link)

    def doubled(n: int) -> float:
        found = 0.0
        for i in range(n):
            found += i % 5 * 0.5
        return found

    compiled = zexus.jit.compile(doubled, threshold=10, background=False, cache=False)
    assert compiled(10_000) == doubled(10_000)
    assert zexus.explain(compiled).regions[0].tier == "native"
