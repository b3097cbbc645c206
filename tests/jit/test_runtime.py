"""What emitted code calls: every function is where it is said to be, and each part is complete."""

from __future__ import annotations

import re

import pytest

from zexus.jit.emit import library, runtime


def test_functions_are_inlined_or_shared() -> None:
    assert set(runtime.SHARED.values()) == set(runtime.PARTS)
    assert runtime.SHARED["answer_exit"] == "base" and runtime.SHARED["mirror_list"] == "mirrors"
    assert "decref" not in runtime.SHARED


@pytest.mark.parametrize("part", runtime.PARTS)
def test_a_part_compiles_and_defines_its_functions(part: str) -> None:
    assembly = runtime.part_assembly(part)
    own = {name for name, place in runtime.SHARED.items() if place == part}
    assert set(re.findall(r"define [^@]*@zx_(\w+)", assembly)) == own
    assert library.compile_object(assembly)


def test_a_unit_declares_what_it_calls_and_defines_what_is_inlined() -> None:
    unit = 'declare void @"drop"(ptr)\ndefine void @f(ptr %o) {\n  call void @"drop"(ptr %o)\n  ret void\n}\n'
    made = runtime.complete(unit, {"drop", "is_plain"})
    assert "declare void @zx_drop(ptr) nounwind memory(inaccessiblemem: readwrite)" in made
    assert "define internal i1 @is_plain" in made and "@zx_is_simple(ptr) nounwind memory(read)" in made
    assert "call void @zx_drop" in made
    assert library.compile_object(made)
    assert runtime.parts(made) == ["base"] and runtime.parts(b"...zx_mirror_find...") == ["base", "mirrors"]
    assert runtime.parts("") == []
