"""Which names a scope binds and reads."""

from __future__ import annotations

import pytest

from tests.frontend.programs import parsed
from zexus.frontend.scopes import assigned, mangle, read


@pytest.mark.parametrize(
    "statements, names",
    [
        ("a = b = c", "a b"),
        ("a, (b, *c) = d", "a b c"),
        ("a.b = c[d] = e", ""),
        ("a += 1", "a"),
        ("a: int = 1", "a"),
        ("for a, b in c: d = 1", "a b d"),
        ("with a as b, c as (d, e): pass", "b d e"),
        ("try: pass\nexcept E as e: a = 1", "a e"),
        ("import a.b, c as d\nfrom e import f as g, h", "a d g h"),
        ("def f(a): b = 1\nclass C: d = 1", "f C"),
        ("[a for b in c if (d := b)]", "d"),
        ("x = [[(e := 1) for a in b] for c in d]", "x e"),
        ("lambda a: (b := a)", ""),
        ("del a, b[0]", "a"),
        ("match x:\n case [a, *b] | {'k': a, **b}: pass\n case C(d, e=f) as g: pass\n case _: pass", "a b d f g"),
        ("if (a := b): c = 1\nelse: d = 1", "a c d"),
        ("global a\na = 1", "a"),
    ],
)
def test_assigned(statements: str, names: str) -> None:
    assert assigned(parsed(statements)) == set(names.split())


@pytest.mark.parametrize(
    "statements, names",
    [
        ("a = b + c.d[e]", "b c e"),
        ("a += b", "a b"),
        ("a[b] += c", "a b c"),
        ("[a for a in b if c]", "b c"),
        ("[a for a in b for c in a if d]", "b d"),
        ("[a for b in b]", "a b"),
        ("(lambda a, b=c: a + d)", "c d"),
        ("def f(a=b): return a + c", "b c"),
        ("class C(a):\n  b = c\n  d = b\n  def m(self): return e", "a c e"),
        ("{a: b for a, b in c}", "c"),
        ("for a in b: c", "b c"),
        ("def f():\n  global a\n  return a", ""),
        ("def f():\n  nonlocal a\n  a = 1", "a"),
    ],
)
def test_read(statements: str, names: str) -> None:
    assert read(parsed(statements)) == set(names.split())


def test_private_names() -> None:
    assert mangle("__x", "__C") == "_C__x" and mangle("__x", "__") == "__x" and mangle("__x__", "C") == "__x__"
