"""`template % values` is told to be written only where it is, and the braced form of a template writes the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from zexus import types
from zexus.jit.forms import percents
from zexus.jit.trace import Rep, Trace

KINDS: dict[type, types.Type] = {
    int: types.INT, float: types.FLOAT, bool: types.BOOL, str: types.STR, type(None): types.NONE,
}
PIECES = st.one_of(
    st.sampled_from(["%%", "{", "}", "{}", "a", " ", "%"]),
    st.builds("%{}{}{}{}".format, st.sampled_from(["", "-", "+", "0", " ", "#"]), st.sampled_from(["", "5", "12"]),
              st.sampled_from(["", ".2", ".0"]), st.sampled_from("disrxXofgeEGc%ua")),
)
VALUES = st.one_of(st.integers(-2**63, 2**63 - 1), st.floats(), st.booleans(), st.text(max_size=4), st.none())


def rep(trace: Trace, value: Any) -> Rep:
    """A value as native code has it; where it stands does not matter here."""
    kind = KINDS[type(value)]
    return Rep(kind, tuple(trace.fn.value(held) for held in types.layout(kind)))


@given(st.lists(PIECES, max_size=5), st.lists(VALUES, max_size=4))
def test_what_is_told_to_be_written_is(pieces: list[str], values: list[Any]) -> None:
    trace, template = Trace("percents", False), "".join(pieces)
    reps = [rep(trace, value) for value in values]
    if not percents.are_written(trace, template, reps):
        return
    wanted = template % tuple(values)
    how = percents.braced(template, reps)
    assert how is None or how.format(*values) == wanted
