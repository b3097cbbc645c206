"""Turns: of so many entries one comes to the probe, as long as somebody says how to go on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zexus.frontend.slots import Turns


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 150)), max_size=8))
def test_one_of_so_many_entries_comes_to_the_probe(plan: list[tuple[int, int]]) -> None:
    turns = Turns()
    for stride, entries in plan:
        turns.again(stride)
        for count in range(1, entries + 1):
            asked = next(turns.iterator)
            assert asked == (count % stride == 0)
            if asked:
                turns.again()


def test_no_entry_comes_where_nobody_says_how_to_go_on() -> None:
    turns = Turns()
    assert list(turns.iterator).count(True) == 1000
    assert next(turns.iterator, None) is None
