"""Views of arrays: the objects that they become, and that none is made before one is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import zexus
from zexus import types
from zexus.jit import views
from zexus.jit.dis import trace

NOW: dict[str, Any] = {"threshold": 1, "background": False, "cache": False, "weigh": False}


def odd_owner() -> Any:
    """An array that is no view of an array, although its memory is no block."""
    return np.lib.stride_tricks.as_strided(np.arange(24.0), (3, 4), (64, 16))


def frozen() -> Any:
    made = np.arange(12.0).reshape(3, 4)
    made.flags.writeable = False
    return made


@pytest.mark.parametrize("base", [
    lambda: np.arange(12.0).reshape(3, 4), lambda: np.zeros((3, 4))[::-1, ::2], lambda: np.ones((3, 4), order="F"),
    lambda: np.frombuffer(bytes(96)).reshape(3, 4), lambda: np.frombuffer(bytearray(96)), frozen, odd_owner,
    lambda: np.broadcast_to(np.arange(4.0), (3, 4)), lambda: np.arange(12.0)[:0].reshape(0, 4),
])
@pytest.mark.parametrize("take", [lambda a: a[1:], lambda a: a[::-1], lambda a: a.T, lambda a: a[..., -2:]])
def test_objects_are_those_of_indexing(base: Callable[[], Any], take: Callable[[Any], Any]) -> None:
    array = base()
    wanted = take(array)
    kind = types.View("float64", wanted.ndim, False)
    made = views.made(kind, array, wanted.__array_interface__["data"][0], list(wanted.shape), list(wanted.strides))
    assert made.shape == wanted.shape and made.strides == wanted.strides and made.tolist() == wanted.tolist()
    assert made.flags.writeable == wanted.flags.writeable and made.dtype is wanted.dtype
    assert np.shares_memory(made, array) == np.shares_memory(wanted, array)
    if array.base is None or type(array.base) in (np.ndarray, bytes, bytearray):
        assert made.base is wanted.base


def rows_read(a: Any) -> Any:
    total = 0.0
    for i in range(len(a)):
        row = a[i]
        for j in range(len(row)):
            total += row[j] + a.T[j][i] + a[i:][0, j]
    return total


def rows_kept(a: Any) -> Any:
    out = []
    for i in range(len(a)):
        row = a[i]
        if row[0] >= 0:
            out.append(row)
    return out, row


def windows(xs: Any) -> Any:
    total = 0
    for i in range(len(xs) - 3):
        for x in xs[i:i + 3]:
            total += x
        total += sum(xs[i:]) % 7
    return total


def windows_written(xs: Any) -> Any:
    total = 0
    for i in range(len(xs) - 3):
        for x in xs[i:i + 3]:
            total += x
            xs[i] = total & 255
    return total


def compiled(function: Any, argument: Any) -> str:
    """The trace of the outermost loop, behind a call."""
    made = zexus.jit.compile(function, **NOW)
    for _ in range(3):
        made(argument)
    return trace(made, 0)


def test_views_that_stay_in_a_loop_become_no_objects() -> None:
    assert "BOX_VIEW" not in compiled(rows_read, np.ones((50, 40)))


def test_a_view_that_is_kept_becomes_one_object() -> None:
    a = np.ones((50, 4))
    assert compiled(rows_kept, a).count("BOX_VIEW") == 1
    out, row = zexus.jit.compile(rows_kept, **NOW)(a)
    assert out[-1] is row and row.base is a


def test_slices_that_are_read_in_place_are_copied_for_time_slices_only() -> None:
    text = compiled(windows, list(range(200)))
    before = [line for line in text.splitlines() if "LIST_SLICE" in line]
    assert len(before) == 1 and "LIST_SUM" in text


def test_slices_of_lists_that_are_written_are_copied() -> None:
    text = compiled(windows_written, list(range(200)))
    assert "LIST_SLICE" in text and text.index("LIST_SLICE") < text.index("LIST_SET_INT")
