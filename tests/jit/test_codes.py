"""The latest code objects of a function are known by their addresses, as long as they are alive."""

from __future__ import annotations

import types

from zexus.jit.codes import ADDRESS, ROOM, Codes


def made(number: int) -> types.CodeType:
    return compile(f"x = {number}", f"<{number}>", "exec")


def known(codes: Codes) -> set[int]:
    words = memoryview(codes.memory).cast("Q")
    assert len(codes.memory) == ROOM * ADDRESS
    return {word for word in words if word}


def test_those_that_are_alive_are_known() -> None:
    codes, alive = Codes(), [made(number) for number in range(3)]
    for code in alive:
        codes.add(code)
    assert known(codes) == {id(code) for code in alive}
    gone = id(alive.pop(1))
    del code
    assert known(codes) == {id(code) for code in alive} and gone not in known(codes)


def test_the_oldest_one_makes_way() -> None:
    codes, alive = Codes(), [made(number) for number in range(ROOM + 3)]
    for code in alive:
        codes.add(code)
    assert known(codes) == {id(code) for code in alive[3:]}
    del alive[:3]  # which does not take away what stands in their places now
    assert known(codes) == {id(code) for code in alive}
