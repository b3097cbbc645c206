"""What is done where an operand declines is what the interpreter does."""

from __future__ import annotations

from typing import Any

import pytest

from zexus.regvm import declining

ROWS = ("ADD", "SUB", "MUL", "TRUEDIV", "FLOORDIV", "MOD", "POW", "LSHIFT", "RSHIFT", "AND", "OR", "XOR", "MATMUL")
COMPARING = ("LT", "LE", "EQ", "NE", "GT", "GE")


def declines(self: Any, other: Any) -> Any:
    return NotImplemented


def answers(self: Any, other: Any) -> Any:
    return type(self).__name__, type(other).__name__


class Unknowing:
    """Knows nothing of any operation."""


REFLECTED = [declining.reflected(row) for row in ROWS]
NAMES = [*REFLECTED, *(name.replace("__r", "__", 1) for name in REFLECTED), *declining.MIRRORED.values()]
Declining = type("Declining", (), dict.fromkeys(NAMES, declines))
Answering = type("Answering", (), dict.fromkeys(NAMES, answers))
SECOND = (Unknowing(), Declining(), Answering(), 3, 1.5, None)


def outcome(act: Any) -> Any:
    try:
        return act()
    except TypeError as error:
        return str(error)


@pytest.mark.parametrize("second", SECOND, ids=lambda second: type(second).__name__)
@pytest.mark.parametrize("op", [*ROWS, *(f"I{row}" for row in ROWS), *COMPARING])
def test_an_operation_goes_on_as_in_the_interpreter(op: str, second: Any) -> None:
    first = Declining()
    act = declining.function_of(op)
    assert outcome(lambda: declining.go_on(op, first, second, False)) == outcome(lambda: act(first, second))


@pytest.mark.parametrize("op", [*ROWS, *(f"I{row}" for row in ROWS), "LT", "GE"])
def test_nobody_is_asked_twice(op: str) -> None:
    asked = outcome(lambda: declining.go_on(op, 3, Declining(), True))
    assert asked == outcome(lambda: declining.function_of(op)(3, Declining()))


def test_an_answer_may_be_the_opposite() -> None:
    answer = declining.Answer("NE", True, False, True)
    one = Declining()
    assert answer.made([], (one, one)) is True
    assert answer.made([1], (one, one)) is False
    assert answer.made(NotImplemented, (one, one)) is False
    assert answer.made(NotImplemented, (one, 1)) is True
