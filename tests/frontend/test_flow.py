"""Which names surely have a value, and which are read before they have one."""

from __future__ import annotations

import ast
import textwrap

import pytest

from zexus.frontend.flow import assigned_at_exits, exposed


@pytest.mark.parametrize(
    "statements, names",
    [
        ("a = 1\nb = a", ""),
        ("b = a\na = 1", "a"),
        ("a += 1", "a"),
        ("if x: a = 1\nb = a", "a x"),
        ("if x: a = 1\nelse: a = 2\nb = a", "x"),
        ("if x: a = 1\nelse: raise E\nb = a", "E x"),
        ("for a in xs: b = a\nc = b", "b xs"),
        ("for a in xs:\n  t += a", "t xs"),
        ("while x: a = 1\na", "a x"),
        ("while True:\n  a = 1\n  if a: break\na", ""),
        ("while True:\n  if x: break\n  a = 1\na", "a x"),
        ("for i in x:\n  break\nelse:\n  a = 1\na", "a x"),
        ("try: a = f()\nexcept E: pass\na", "E a f"),
        ("try: a = f()\nexcept E: a = 1\na", "E f"),
        ("try: a = f()\nfinally: b = 1\na, b", "f"),
        ("try: a = f()\nfinally: a", "a f"),
        ("try: f()\nexcept E as e: g(e)", "E f g"),
        ("e = 1\ntry: f()\nexcept E as e: pass\ne", "E e f"),
        ("try: a = f()\nexcept E: pass\nelse: a", "E f"),
        ("with c: a = 1\na", "a c"),
        ("with c as d: d", "c"),
        ("x and (a := 1)\na", "a x"),
        ("(a := x) and a", "x"),
        ("(a := 1) if x else 2\na", "a x"),
        ("x < (a := 1) < (b := 2)\na, b", "b x"),
        ("[a for a in xs]\na", "a xs"),
        ("[(b := a) for a in xs]\nb", "b xs"),
        ("del a\na", "a"),
        ("a = 1\ndel a\na", "a"),
        ("a = 1\nfor i in x: del a\na", "a x"),
        ("match x:\n case [a]: pass\n case _: a = 1\na", "x"),
        ("match x:\n case [a]: pass\na", "a x"),
        ("a[i] = v", "a i v"),
        ("a = 1\nf = lambda b: a + b + c", "c"),
        ("assert (a := x)\na", "a x"),
        ("return a\nb", "a"),
    ],
)
def test_exposed(statements: str, names: str) -> None:
    text = textwrap.indent(statements, "    ")
    function = ast.parse(f"def f():\n{text}").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert exposed(function.body) == set(names.split())


@pytest.mark.parametrize(
    "statements, names",
    [
        ("a = 1\nif x: break\nb = 1", "a"),
        ("if x: continue\na = 1", ""),
        ("a = 1\nif x: return (b := 2)\nb = 3", "a b"),
        ("for i in y:\n    if i: break\na = 1", "a"),
        ("try: a = f()\nexcept E as e: break\nb = 1", ""),
        ("try:\n  b = 1\n  if x: break\nfinally: del b", ""),
    ],
)
def test_assigned_at_exits(statements: str, names: str) -> None:
    loop = ast.parse("def f():\n  while 1:\n" + textwrap.indent(statements, "    ")).body[0].body[0]
    assert assigned_at_exits(loop.body) == set(names.split())
