"""Methods that call themselves on other objects go native; those that only look as if they did go back to CPython."""

from __future__ import annotations

from typing import Any

import zexus

NOW: dict[str, Any] = {"threshold": 1, "background": False, "cache": False, "record_iterations": 2, "weigh": False}


class Node:
    def __init__(self, key: Any, below: Any) -> None:
        self.key, self.below = key, below

    def total(self, start: Any = 0) -> Any:
        start += self.key
        return start if self.below is None else self.below.total(start)


class Loud(Node):
    def total(self, start: Any = 0) -> Any:
        return "loud"


class Items:
    def __init__(self) -> None:
        self.items: list[Any] = []

    def append(self, item: Any) -> int:
        self.items.append(item)
        return len(self.items)


def chain(*kinds: type) -> Any:
    below = None
    for number, kind in enumerate(reversed(kinds)):
        below = kind(number, below)
    return below


def tier(function: Any) -> str:
    return zexus.explain(function).regions[0].tier


def test_a_method_goes_native_with_the_calls_of_itself() -> None:
    total = zexus.jit.compile(Node.total, **NOW)
    for _ in range(5):
        assert total(chain(*[Node] * 9)) == 36
    region = zexus.explain(total).regions[0]
    assert (region.tier, region.kind) == ("native", "function") and region.native_iterations >= 9


def test_other_classes_and_other_methods_are_seen() -> None:
    total, plain = zexus.jit.compile(Node.total, **NOW), Node.total
    for _ in range(5):
        assert total(chain(Node, Node, Node)) == 3
    assert tier(total) == "native"
    assert total(chain(Node, Node, Loud, Node)) == "loud"
    try:
        Node.total = lambda self, start=0: start + 1000  # type: ignore[method-assign]
        assert total(chain(Node, Node, Node)) == 1002
    finally:
        Node.total = plain  # type: ignore[method-assign]
    assert total(chain(Node, Node, Node)) == 3


def test_defaults_that_are_exchanged_are_those_of_the_calls() -> None:
    class Counted(Node):
        def total(self, start: Any = 0, step: int = 1) -> Any:
            start += step
            return start if self.below is None else self.below.total(start)

    total = zexus.jit.compile(Counted.total, **NOW)
    for _ in range(5):
        assert total(chain(Counted, Counted, Counted)) == 3
    assert tier(total) == "native"
    Counted.total.__defaults__ = (0, 10)
    assert total(chain(Counted, Counted, Counted)) == 21


def test_a_method_of_the_same_name_on_something_else_is_no_recursion() -> None:
    append = zexus.jit.compile(Items.append, threshold=1, background=False, cache=False)
    items = Items()
    assert [append(items, k) for k in range(2000)] == list(range(1, 2001))
    assert tier(append) == "python"
