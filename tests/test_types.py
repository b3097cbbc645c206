"""The type lattice: what live objects are, how types join, how they are held."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zexus import types
from zexus.codes import Unsupported
from zexus.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NONE,
    OBJECT,
    UNBOUND_T,
    WORD,
    Array,
    List,
    NpScalar,
    Tuple,
    Union,
    View,
)

SCALARS = (INT, WORD, FLOAT, BOOL, COMPLEX, NONE, *(NpScalar(d) for d in types.DTYPES))
ARRAYS = (Array("float64", 2), Array("float64", 2, False), View("float64", 2), View("float64", 2, False, True),
          View("float64", 1))
SIMPLE = st.sampled_from((*SCALARS, UNBOUND_T, OBJECT, List(INT), List(None), *ARRAYS, types.Known(3)))
TYPES = SIMPLE | st.lists(SIMPLE, max_size=3).map(lambda items: Tuple(tuple(items)))


@pytest.mark.parametrize(("value", "wanted"), [
    (1, INT), (2**63 - 1, INT), (-(2**63), INT), (2**63, WORD), (2**64 - 1, WORD), (2**64, OBJECT),
    (True, BOOL), (1.5, FLOAT), (None, NONE),
    ("x", types.STR), ({}, types.DICT), (set(), types.SET),
        (1j, COMPLEX), (np.complex64(1j), NpScalar("complex64")), (np.clongdouble(1j), OBJECT),
    ([1, 2], List(INT)), ((1, 2.0), Tuple((INT, FLOAT))), (np.float64(1), NpScalar("float64")),
    (np.int32(1), NpScalar("int32")), (np.bool_(1), NpScalar("bool")), (np.float16(1), OBJECT),
    (np.zeros((2, 3)), Array("float64", 2)), (np.zeros((2, 3)).T, Array("float64", 2, False)),
    (np.zeros((1, 1, 1, 1)), Array("float64", 4)), (np.zeros(3)[::-1], Array("float64", 1, False)),
    (np.zeros(5, np.uint64), Array("uint64", 1)), (np.zeros(2, np.float16), OBJECT), (np.array(1.0), OBJECT),
    (np.zeros(3, ">f8"), OBJECT), (np.zeros(3, complex), Array("complex128", 1)), (range(3), OBJECT),
    (np.zeros(3, np.clongdouble), OBJECT),
])
def test_of(value: Any, wanted: types.Type) -> None:
    assert types.of(value) == wanted


def test_of_subclasses_is_object() -> None:
    class Odd(int):
        pass

    class Rows(list):  # type: ignore[type-arg]
        pass

    assert types.of(Odd(3)) == types.of(Rows()) == types.of(np.zeros(3).view(np.matrix)) == OBJECT


def test_elements_are_a_hint() -> None:
    assert types.of([1, 2]).elem == INT  # type: ignore[attr-defined]
    assert types.of([1, 2.0]).elem is None  # type: ignore[attr-defined]
    assert types.of([]).elem is None  # type: ignore[attr-defined]
    assert types.of([[1.0]]).elem == List(FLOAT)  # type: ignore[attr-defined]
    assert List(INT) == List(FLOAT)


@given(TYPES)
def test_join_with_itself(t: types.Type) -> None:
    assert types.join(t, t) == t


@given(TYPES, TYPES)
def test_join_commutes_and_is_an_upper_bound(a: types.Type, b: types.Type) -> None:
    try:
        both = types.join(a, b)
    except Unsupported as refusal:
        assert refusal.code == "ZX021"
        with pytest.raises(Unsupported):
            types.join(b, a)
        return
    assert types.join(b, a) == both
    assert types.join(both, a) == types.join(both, b) == both


@given(st.lists(st.sampled_from(SCALARS), min_size=1, max_size=4))
def test_the_payload_of_a_union_holds_every_member(members: list[types.Type]) -> None:
    held = types.union_payload(members)
    payloads = {types.payload(m) for m in members} - {""}
    if held:
        wider = {"f64": {"i64", "f64"}, "c128": {"i64", "f64", "c128"}}
        assert payloads <= wider.get(held, {held})
    if len(payloads) == 1:
        assert held == payloads.pop()


@given(TYPES)
def test_layouts_are_machine_payloads(t: types.Type) -> None:
    parts = types.layout(t)
    assert set(parts) <= {"i64", "f64", "i1", "ptr"}
    if types.payload(t):
        assert parts == types.parts(types.payload(t))
    if isinstance(t, Tuple):
        assert parts == ("ptr", *(p for item in t.items for p in types.layout(item)))


def test_layouts() -> None:
    assert types.layout(Array("float32", 3)) == ("ptr", "ptr", "i64", "i64", "i64")
    assert types.layout(Union(frozenset((INT, NONE)))) == ("i64", "i64")
    assert types.layout(Union(frozenset((NONE, UNBOUND_T)))) == ("i64",)
    assert types.layout(types.COMPLEX) == ("f64", "f64")
    assert types.layout(Union(frozenset((INT, types.COMPLEX, NONE)))) == ("i64", "f64", "f64")
    assert types.layout(types.RANGE) == ("i64",) * 3
    enumerated = types.Cursor("enumerate", (types.Cursor("list", (List(INT),)),))
    assert types.layout(enumerated) == ("ptr", "i64", "i64")
    zipped = types.Cursor("zip", (types.Cursor("range"), enumerated))
    assert types.layout(zipped) == ("i64", "i64", "i64", "ptr", "i64", "i64")
    assert types.layout(types.Known(1)) == types.layout(NONE) == ()


def test_names() -> None:
    optional = Union(frozenset((FLOAT, NONE)))
    assert str(Tuple((optional, List(INT), Array("int8", 1)))) == "tuple(None|float, list(int), array(int8, 1))"
    assert str(types.Cursor("zip", (types.Cursor("range"),))) == "cursor.zip(cursor.range())"


def test_each_goes_into_tuples_and_cursors() -> None:
    inner = Tuple((INT, Tuple((FLOAT,))))
    assert list(types.each(inner)) == [inner, INT, Tuple((FLOAT,)), FLOAT]
    cursor = types.Cursor("list", (List(INT),))
    assert list(types.each(cursor)) == [cursor, List(INT)]


def test_every_scalar_has_a_tag_of_its_own() -> None:
    assert len(set(types.TAGS.values())) == len(types.TAGGED)
    assert all(types.TAGGED[tag] == t for t, tag in types.TAGS.items())


PAIR = Tuple((INT, FLOAT))


@pytest.mark.parametrize(("a", "b", "wanted"), [
    (PAIR, Tuple((FLOAT, FLOAT)), Tuple((Union(frozenset((INT, FLOAT))), FLOAT))),
    (PAIR, NONE, types.Maybe(PAIR, frozenset((NONE,)))),
    (types.Maybe(PAIR, frozenset((NONE,))), UNBOUND_T, types.Maybe(PAIR, frozenset((NONE, UNBOUND_T)))),
    (types.Maybe(PAIR, frozenset((NONE,))), PAIR, types.Maybe(PAIR, frozenset((NONE,)))),
    (Tuple((List(INT),)), NONE, OBJECT), (PAIR, Tuple((INT,)), types.AnyTuple()),
    (PAIR, types.AnyTuple(), types.AnyTuple()),
    (NONE, types.AnyTuple(), OBJECT), (PAIR, List(INT), OBJECT),
    (PAIR, Tuple((INT, List(INT))), types.AnyTuple()),
    (Tuple((List(INT),)), types.Maybe(PAIR, frozenset((NONE,))), OBJECT),
])
def test_tuples_join(a: types.Type, b: types.Type, wanted: types.Type) -> None:
    assert types.join(a, b) == types.join(b, a) == wanted


def test_a_number_is_no_tuple() -> None:
    with pytest.raises(Unsupported):
        types.join(PAIR, INT)


def test_samples_are_of_their_types() -> None:
    for t in (PAIR, WORD, Tuple((BOOL, NONE, Tuple((NpScalar("int8"),)))), Tuple(())):
        assert types.of(types.sample(t)) == t
