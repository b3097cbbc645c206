"""Data classes of the core behave as those of `dataclasses` do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from zexus import records
from zexus.settings import JitSettings

NAN = float("nan")


def pair(**options: Any) -> tuple[type[Any], type[Any]]:
    """One class, made by `records` and by `dataclasses`."""

    def made(decorate: Any) -> type[Any]:
        class Point:
            x: Any
            y: Any = 2
            hidden: Any = dataclasses.field(default=0, repr=False, compare=False)

        Point.__qualname__ = "Point"
        return decorate(**options)(Point)  # type: ignore[no-any-return]

    return made(records.dataclass), made(dataclasses.dataclass)


@pytest.mark.parametrize("options", [{}, {"frozen": True}, {"eq": False}, {"frozen": True, "eq": False}])
def test_values_are_shown_compared_and_hashed_alike(options: dict[str, bool]) -> None:
    values = (1, 1.0, NAN, float("nan"), "a", None, (1, 2))

    def answers(kind: type[Any]) -> list[Any]:
        made = [kind(value, hidden=number) for number, value in enumerate(values)] + [kind(1, 3), kind(1)]
        found: list[Any] = [repr(one) for one in made]
        found += [one == other for one in made for other in made]
        found += [one == (1, 2) for one in made]
        if options.get("eq", True):
            found.append(hash(made[0]) if options.get("frozen") else kind.__hash__)
        return found

    ours, theirs = pair(**options)
    assert answers(ours) == answers(theirs)


@pytest.mark.parametrize("count", [0, 1])
def test_classes_of_few_fields_compare_as_tuples(count: int) -> None:
    def made(decorate: Any) -> type[Any]:
        return decorate(frozen=True)(type("Few", (), {"__annotations__": {"x": "object"} if count else {}}))  # type: ignore[no-any-return]

    ours, theirs = made(records.dataclass), made(dataclasses.dataclass)
    arguments = [NAN] * count
    assert ours(*arguments) == ours(*arguments)
    assert hash(ours(*arguments)) == hash(theirs(*arguments))
    assert repr(ours(*arguments)) == repr(theirs(*arguments)).replace(theirs.__qualname__, ours.__qualname__)


def test_own_methods_stay() -> None:
    @records.dataclass(frozen=True)
    class Own:
        x: int

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

    assert (repr(Own(1)), Own(1) == Own(2), hash(Own(3))) == ("own", True, 7)


def test_a_class_that_compares_itself_gets_a_hash_if_it_is_frozen() -> None:
    def made(decorate: Any) -> type[Any]:
        return decorate(frozen=True)(  # type: ignore[no-any-return]
            type("Plain", (), {"__annotations__": {"x": "int"}, "__eq__": lambda self, other: True}))

    assert hash(made(records.dataclass)(5)) == hash(made(dataclasses.dataclass)(5))


def test_slots() -> None:
    @records.dataclass(slots=True)
    class Slotted:
        x: int

    assert not hasattr(Slotted(1), "__dict__")
    assert (Slotted(1) == Slotted(1), repr(Slotted(1)).endswith("Slotted(x=1)")) == (True, True)


def test_what_holds_itself_is_shown() -> None:
    @records.dataclass
    class Ring:
        inside: Any = None

    ring = Ring()
    ring.inside = [ring]
    assert repr(ring).endswith("Ring(inside=[...])")


def test_what_users_have_is_sealed() -> None:
    settings = JitSettings(threshold=5)
    for change in (lambda: setattr(settings, "threshold", 6), lambda: setattr(settings, "unknown", 6),
                   lambda: delattr(settings, "threshold")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            change()
    assert settings.threshold == 5
    assert copy.copy(settings) == pickle.loads(pickle.dumps(settings)) == settings
    assert dataclasses.replace(settings, threshold=6) != settings
