"""Which variables cross a loop's borders, and which loops can never be regions."""

from __future__ import annotations

import ast
import sys
import textwrap
from typing import Any

import pytest

from tests.frontend.programs import define
from zexus.frontend.loops import loop_sites
from zexus.frontend.scopes import module_scope
from zexus.frontend.sites import LoopSite
from zexus.frontend.source import find, module_source


def sites_of(text: str, name: str = "f", **namespace: Any) -> tuple[LoopSite, ...]:
    return loop_sites(find(define(text, name, **namespace)).scope)


def only(body: str, arguments: str = "n, xs", before: str = "", after: str = "") -> LoopSite:
    """The first site of a function made of the pieces."""
    lines = [f"def f({arguments}):", *(["    pass"] if not (before or body or after) else [])]
    for piece in (before, body, after):
        lines += textwrap.indent(textwrap.dedent(piece), "    ").splitlines()
    return sites_of("\n".join(lines))[0]


def test_parameters_and_results_of_a_sum() -> None:
    site = only("t = 0\nfor x in xs:\n    y = x * n\n    t += y\nreturn t")
    assert (site.kind, site.params, site.results, site.unsure) == ("for", ("n", "t"), ("t",), frozenset())


def test_a_variable_read_only_behind_the_loop_is_a_result_and_no_parameter() -> None:
    site = only("for x in xs:\n    last = x\nreturn last")
    assert (site.params, site.results) == ((), ("last",))


def test_the_else_clause_is_outside() -> None:
    site = only("for x in xs:\n    y = x\nelse:\n    return y, n")
    assert (site.params, site.results) == ((), ("y",))


def test_the_header_of_a_for_loop_is_outside_and_that_of_a_while_loop_inside() -> None:
    assert only("for x in xs: pass").params == ()
    site = only("while n > (m := n - 1): n = m")
    assert (site.params, site.results) == (("n",), ("n",))


def test_variables_that_may_be_unbound() -> None:
    site = only("for x in xs:\n    n = n or a + b\nreturn n", before="if n: a = 1\nb = 2")
    assert (site.params, site.unsure) == (("a", "b", "n"), {"a"})
    site = only("for x in xs:\n    if x: y = x\n    print(y)")
    assert (site.params, site.unsure) == (("y",), {"y"})


def test_a_variable_deleted_later_in_an_outer_loop_is_unsure() -> None:
    sites = sites_of("""
        def f(xs):
            y = 1
            for x in xs:
                for z in xs: print(y)
                if x: del y
    """)
    assert sites[0].refusal.code == "ZX014" and sites[1].refusal is None
    assert sites[1].unsure == {"y"}


def test_nested_loops_are_numbered_in_source_order_with_their_parents() -> None:
    sites = sites_of("""
        def f(n):
            for a in range(n):
                while a:
                    a -= 1
                else:
                    for b in range(a): pass
            else:
                for c in range(n): pass
            with n:
                try:
                    for d in range(n): pass
                except E:
                    while d: d = 0
            match n:
                case 1:
                    for e in range(n): pass
    """)
    assert [(site.index, site.node.lineno, site.parent) for site in sites] == [
        (0, 3, None), (1, 4, 0), (2, 7, 0), (3, 9, None), (4, 12, None), (5, 14, None), (6, 17, None),
    ]  # fmt: skip
    assert sites[1].results == ("a",)


def test_variables_of_comprehensions_are_their_own() -> None:
    site = only("for x in xs:\n    t = [y for y in xs if y > x and n]\nreturn t")
    assert site.params == ("n", "xs")
    assert site.scope.cells == set()
    site = only("for x in xs:\n    t = [(w := y) for y in xs]\nreturn t, w")
    assert site.results == ("t", "w")


def test_captured_variables() -> None:
    sites = sites_of("""
        def make(a, b):
            def f(xs, k):
                g = lambda: k
                t = 0
                for x in xs:
                    t += a + k + g() + sum(b for _ in xs)
                return t
            return f
        f = make(1, 2)
    """)
    site = sites[0]
    assert site.scope.free == {"a", "b"} and site.scope.cells == {"k"}
    assert site.captured == ("a", "b", "k") and site.params == ("g", "t", "xs")
    assert site.refusal is None


@pytest.mark.parametrize(
    "code, body",
    [
        ("ZX012", "for x in xs: yield x"),
        ("ZX012", "for x in xs: y = yield from x"),
        ("ZX013", "for x in xs: print(locals())"),
        ("ZX013", "for x in xs: pass\nvars()"),
        ("ZX013", "eval('x')\nfor x in xs: pass"),
        ("ZX013", "for x in xs: pass\n[dir() for _ in xs]"),
        ("ZX013", "exec(*xs)\nfor x in xs: pass"),
        ("ZX014", "for x in xs: del x"),
        ("ZX014", "for x in xs:\n    del n, xs[0]"),
        ("ZX014", "e = 0\nfor x in xs:\n    try: x()\n    except E as e: pass\nreturn e"),
        ("ZX015", "for x in xs: [n := y for y in x]\nreturn lambda: n"),
        ("ZX015", "for x in xs:\n    try: x()\n    except E as n: pass\nreturn lambda: n"),
        ("ZX015", "for x in xs:\n    match x:\n        case n: pass\nreturn lambda: n"),
        ("ZX016", "for x in xs:\n    def g(): pass"),
        ("ZX016", "for x in xs:\n    class C: pass"),
        ("ZX016", "for x in xs:\n    import os"),
        ("ZX016", "while n:\n    from os import path"),
        ("ZX017", "for x in {1, 2}: pass"),
        ("ZX017", "for x in (y for y in xs): pass"),
        ("ZX017", "for x in 'text': pass"),
    ],
)
def test_refusals(code: str, body: str) -> None:
    refusal = only(body).refusal
    assert refusal is not None and refusal.code == code
    assert refusal.line is not None and refusal.line > 1


@pytest.mark.parametrize(
    "body",
    [
        "for x in xs:\n    del xs[0]",
        "for x in xs:\n    g = lambda: n\n    g()",
        "for x in xs: print(sum(n for _ in xs))",
        "for x in xs:\n    try: x()\n    except E as e: print(e)",
        "for x in xs: vars(x), dir(x), eval('y', {}), exec('z', {}, {})",
        "global G\nfor x in xs: G = x",
        "for x in xs:\n    with n: n.attribute[0] = 1",
        "for x in xs: [y for y in xs if y == x and n]",
        "def g():\n    yield locals()\nfor x in xs: pass",
        "n = lambda: (yield)\nfor x in xs: pass",
    ],
)
def test_no_refusal(body: str) -> None:
    assert only(body).refusal is None


def test_asynchronous_functions() -> None:
    sites = sites_of("""
        async def f(n):
            for i in range(n):
                await n
            for i in range(n):
                pass
            async for i in n:
                for j in range(i): pass
            for i in range(n):
                [k async for k in n]
            for i in range(n):
                [await k for k in n]
            for i in range(n):
                async with n: pass
    """)
    assert [site.refusal and site.refusal.code for site in sites] == ["ZX012", None, None, "ZX012", "ZX012", "ZX012"]


def test_super_is_refused_only_in_the_loop() -> None:
    sites = sites_of("""
        class C:
            def f(self, n):
                for i in range(n): super().f(n)
                g = super().__init__
                for i in range(n): g(), __class__, super(C, self)
        f = C.f
    """)
    assert [site.refusal and site.refusal.code for site in sites] == ["ZX013", None]
    assert sites[1].captured == ("__class__",)


@pytest.mark.parametrize(
    "text, found",
    [
        ("def f(n): return f(n - 1) if n else 0", True),
        ("def f(n, /, k=1): return f(n, k=2)", True),
        ("def f(*n): return f(1)", False),
        ("def f(n, *, k): return f(1, k=2)", False),
        ("def f(n): yield f(n)", False),
        ("def f(n):\n    f = n\n    return f(1)", False),
        ("def f(n): return n.f(n)", False),
        ("def make():\n    def f(n): return f(n - 1)\n    return f\nf = make()", True),
        ("class C:\n    def f(n): return f(n - 1)\nf = C.f", False),
    ],
)
def test_functions_that_call_themselves(text: str, found: bool) -> None:
    assert [site.kind for site in sites_of(text)] == (["function"] if found else [])


def test_the_entry_is_the_parent_of_the_outermost_loops() -> None:
    sites = sites_of("""
        def f(n):
            for i in range(n):
                for j in range(i): f(j)
    """)
    assert [(site.kind, site.parent) for site in sites] == [("function", None), ("for", 0), ("for", 1)]
    assert sites[0].params == ("n",) and sites[0].results == ()


@pytest.mark.parametrize("body", [
    "for x in xs: n = x\nreturn lambda: n",
    "for x in xs:\n    n += 1\n    g = (n == y for y in xs)",
    "def g():\n    nonlocal n\n    n = 1\nfor x in xs: n = 2",
    "for n in xs: print(lambda: n)",
])
def test_variables_that_are_stored_into_their_cells(body: str) -> None:
    site = only(body)
    assert site.refusal is None and site.captured == ("n",) and "n" not in site.params + site.results


def test_an_entry_whose_variables_are_captured_is_refused() -> None:
    (site,) = sites_of("def f(n): return f(n - 1), lambda: n")
    assert site.refusal is not None and site.refusal.code == "ZX015"


def test_a_module() -> None:
    text = "import a\nfor x in a:\n    y = x + z\nz = 1\nclass C:\n    for w in a: pass\ndef g(): return y\n"
    module = module_source(text, "<m>")
    (site,) = loop_sites(module.scope)
    assert module.scope.locals == {"a", "x", "y", "z", "C", "g"}
    assert (site.params, site.unsure, site.results) == ((), frozenset(), ("x", "y"))


def test_names_of_a_module_that_are_handed_to_its_loops() -> None:
    text = "for x in a:\n    for y in a: s += y * t * z\n    t = x\nz = 1\n"
    outer, inner = loop_sites(module_source(text, "<m>").scope)
    assert (outer.params, outer.results) == (("s", "t"), ("s", "t", "x", "y"))
    assert (inner.params, inner.results) == (("s", "t"), ("s", "y"))


@pytest.mark.parametrize("text", ["globals()", "vars(a)", "a.__dict__", "locals()", "exec('x')", "dir()"])
def test_a_module_that_looks_at_its_names(text: str) -> None:
    (site,) = loop_sites(module_scope(ast.parse(f"for x in a: pass\nb = {text}"), "<m>"))
    assert site.refusal is not None and site.refusal.code == "ZX013"


def test_private_names() -> None:
    sites = sites_of("""
        class C:
            def f(self, __n):
                for __i in range(__n):
                    self.__x = __i
                return __i
        f = C.f
    """)
    assert sites[0].results == ("_C__i",) and sites[0].params == ("self",)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type aliases came with 3.12")
def test_a_type_alias_in_a_loop() -> None:
    site = only("for x in xs:\n    type T = int")
    assert site.refusal is not None and site.refusal.code == "ZX016"
