"""Probed loops behave as the user's own, whatever the hook answers."""

from __future__ import annotations

import functools
import gc
import itertools
import pickle
import sys
import textwrap
import types
import weakref
from typing import Any

import pytest

from tests.frontend.programs import Region, define, fix, go_on, outcome, parts, probed, rebuilt
from zexus.frontend.sites import UNBOUND, LoopSite
from zexus.frontend.slots import ITERABLES, Slot, Turns
from zexus.frontend.source import module_source
from zexus.frontend.templates import instrument, instrument_module, substitute

HEADERS = {
    "range": "for x in range(n):",
    "list": "for x in [5, 3, 1, 4, 2, 9, 7][:n]:",
    "shown": "for x in [5, 3, 1, 4, 2, 9, 7]:",
    "enumerate": "for i, x in enumerate(xs):",
    "zip": "for x, (i, *_) in zip(xs, [(1, 2), (3,), (4, 5, 6), (7,)] * 2):",
    "generator": "for x in (y * 2 for y in xs):",
    "while": "while (x := next(source, 99)) < 50:",
    "forever": "while True:",
}
BODIES = {
    "fall": "log.append(x)",
    "break": "log.append(x)\nif x == 4: break\nlog.append('kept')",
    "continue": "if x == 4: continue\nlog.append(x)",
    "return": "if x == 4: return ('early', x, log)\nlog.append(x)",
    "raise": "if x == 4:\n    raise KeyError(x)\nlog.append(x)",
    "call": "log.append(helper(x))",
    "try": "try:\n    if x == 3: continue\n    if x == 4: break\n    helper(x)\nfinally:\n    log.append(('f', x))",
    "sum": "total += x\nlast = x",
    "inner": "for y in range(x):\n    if y == 2: break\n    total += y\nelse:\n    log.append(('else', x))",
    "inner return": "for y in xs:\n    while y:\n        y -= 1\n        if y == 7: return y, total\n    total += y",
    "inner continue": "for y in xs:\n    if y == x: continue\n    total += y\n    if total > 200: break",
}
PROGRAM = """
def helper(x):
    if x == 8:
        raise ValueError(x)
    return x + 1
def f(n, xs, log):
    total = 0
    source = iter(xs)
    for around in (1, 2):
        {header}
            {extra}
            {body}
        {orelse}
        log.append(('behind', total))
    return log, total, {last}
"""


def program(header: str, body: str, orelse: str) -> str:
    extra = "x = next(source)" if header == "forever" else "pass"
    last = "last" if body == "sum" else "0"
    if orelse:
        orelse = textwrap.indent(orelse, " " * 8).lstrip()
    body = textwrap.indent(BODIES[body], " " * 12).lstrip()
    return PROGRAM.format(header=HEADERS[header], extra=extra, body=body, orelse=orelse, last=last)


ELSES = ("", "else:\n    log.append('else')", "else:\n    continue", "else:\n    break")
SCRIPTS: dict[str, tuple[tuple[int | None, ...], int | None]] = {
    "all": ((None,), None),
    "none": ((0,), None),
    "one": ((1,), 1),
    "mixed": ((0, 2, 1), 2),
    "some": ((2,), None),
}


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("body", BODIES)
def test_hooks_that_run_parts_of_the_loop(header: str, body: str) -> None:
    for orelse in ELSES:
        function = define(program(header, body, orelse))
        source, sites = parts(function)
        template = instrument(source, sites, frozenset(range(len(sites))))
        assert len(template.probed) > (header != "generator")
        regions = {index: Region(sites[index], function.__globals__) for index in template.probed}
        inputs = [(7, [5, 3, 1, 4, 2]), (0, []), (9, [6, 8, 4])]
        expected = [(outcome(function, n, xs, log), log) for n, xs in inputs for log in ([],)]
        for (budgets, chunk), limit in itertools.product(SCRIPTS.values(), (0, 2)):
            code = template.code({index: Slot(limit, region) for index, region in regions.items()}, fix)
            copy = rebuilt(function, code)
            for region in regions.values():
                region.restart(budgets, chunk)
            assert [(outcome(copy, n, xs, log), log) for n, xs in inputs for log in ([],)] == expected


@pytest.mark.parametrize("limit", [0, 1, 2, 100])
@pytest.mark.parametrize("header", HEADERS)
def test_hooks_that_leave_the_loop_to_cpython(header: str, limit: int) -> None:
    for body, orelse in itertools.product(BODIES, ELSES[:2]):
        function = define(program(header, body, orelse))
        copy, _ = probed(function, go_on, limit)
        for n, xs in ((7, [5, 3, 1, 4, 2]), (0, []), (9, [6, 8, 4])):
            log: list[Any] = []
            seen: list[Any] = []
            assert outcome(copy, n, xs, seen) == outcome(function, n, xs, log)
            assert seen == log


def recorder(calls: list[Any], *answers: tuple[Any, ...]) -> Any:
    """A hook that notes its arguments and gives the answers in turn, the last one for ever."""
    waiting = list(answers)

    def make(site: LoopSite) -> Any:
        def hook(*arguments: Any) -> tuple[Any, ...]:
            calls.append(arguments)
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]

        return hook

    return make


def test_the_hook_sees_the_live_iterator_and_the_locals() -> None:
    function = define("""
        def f(xs, k):
            t = 0
            for x in xs:
                t += x * k
                if t > 1000: u = 1
            return t, x
    """)
    calls: list[Any] = []
    _, sites = parts(function)
    assert sites[0].params == ("k", "t")
    copy, _ = probed(function, recorder(calls, (0, None, 77, 88)), 2)
    assert sites[0].results == ("t", "x")
    assert copy([1, 2, 3, 4, 5], 10) == (77, 88)
    iterator, k, t = calls[0]
    assert (list(iterator), k, t) == ([3, 4, 5], 10, 30)


def test_an_unbound_result_leaves_the_variable_as_it_is() -> None:
    function = define("""
        def f(n):
            kept = "before"
            for i in range(n):
                kept = i
            return kept
    """)
    copy, _ = probed(function, recorder([], (0, None, UNBOUND)), 2)
    assert copy(10) == 1
    copy, _ = probed(function, recorder([], (0, None, UNBOUND)), 0)
    assert copy(10) == "before"


def test_possibly_unbound_variables_are_handed_over_as_unbound() -> None:
    function = define("""
        def f(n, first):
            if first:
                seen = "yes"
            for i in range(n):
                if i > 5: return seen
                if i == 4 and not first: seen = "late"
            return "end"
    """)
    _, sites = parts(function)
    assert sites[0].unsure == {"seen"}
    calls: list[Any] = []
    copy, _ = probed(function, recorder(calls, (2, "out", UNBOUND)), 3)
    assert copy(9, True) == copy(9, False) == "out"
    assert [call[1:] for call in calls] == [(True, "yes"), (False, UNBOUND)]


def test_chunks_call_the_hook_again_until_it_says_no() -> None:
    function = define("""
        def f(xs):
            t = []
            for x in xs:
                t.append(x)
            else:
                t.append('e')
            return t
    """)
    calls: list[Any] = []

    def make(site: LoopSite) -> Any:
        def hook(iterator: Any, *rest: Any) -> tuple[Any, ...]:
            calls.append(1)
            return (3, itertools.islice(iterator, 2)) if len(calls) < 4 else (3, None)

        return hook

    copy, _ = probed(function, make, 1)
    assert copy(list(range(10))) == [*range(10), "e"]
    assert len(calls) == 4


def test_status_three_with_the_iterator_itself_asks_once_more() -> None:
    function = define("def f(xs):\n    t = 0\n    for x in xs: t += x\n    return t\n")
    calls: list[Any] = []

    def make(site: LoopSite) -> Any:
        def hook(iterator: Any, *rest: Any) -> tuple[Any, ...]:
            calls.append(rest)
            return (3, iterator, UNBOUND) if len(calls) == 1 else (0, None, UNBOUND)

        return hook

    copy, _ = probed(function, make, 2)
    assert copy([1, 2, 3, 4]) == 10
    assert calls == [(3,), (10,)]


def test_captured_variables_come_as_cells() -> None:
    function = define("""
        def make(a, b):
            def f(xs):
                t = 0
                for x in xs:
                    t += x * b + a
                return t, [lambda: xs]
            return f
        f = make(3, 5)
    """)
    _, sites = parts(function)
    assert sites[0].captured == ("a", "b") and sites[0].params == ("t",)
    calls: list[Any] = []
    copy, _ = probed(function, recorder(calls, (3, None, UNBOUND)), 1)
    assert copy([1, 2])[0] == function([1, 2])[0] == 21
    assert [cell is own for cell, own in zip(calls[0][2], function.__closure__, strict=True)] == [True, True]


def test_a_function_that_calls_itself_asks_at_its_entry() -> None:
    function = define('''
        def f(n, k=1):
            """Doc."""
            return n if n < 2 else f(n - 1) + f(n - 2)
    ''')
    _, sites = parts(function)
    assert [(site.kind, site.params) for site in sites] == [("function", ("n", "k"))]
    calls: list[Any] = []
    copy, _ = probed(function, recorder(calls, (2, "native")), 1)
    assert copy(9) == "native" and calls == [(9, 1)] and copy.__doc__ == "Doc."
    copy, _ = probed(function, recorder(calls, (3, None)), 1)
    assert copy(9) == 34


TURNS = {
    "for": "def f(xs):\n    t = 0\n    for x in xs:\n        t += x\n    else:\n        t = -t\n    return t\n",
    "while": "def f(xs):\n    t = k = 0\n    while k < len(xs):\n        t += xs[k]\n        k += 1\n    return -t\n",
    "function": "def f(xs):\n    return -xs[0] + f(xs[1:]) if xs else 0\n",
}


@pytest.mark.parametrize("kind", TURNS)
def test_entries_come_to_their_probe_in_turns(kind: str) -> None:
    function = define(TURNS[kind])
    source, sites = parts(function)
    template = instrument(source, sites, frozenset({0}))
    calls: list[Any] = []
    hook, turns = recorder(calls, (3, None, *[UNBOUND] * len(sites[0].results)))(sites[0]), Turns()
    copy = rebuilt(function, template.code({0: Slot(0, hook, turns=turns.iterator)}, fix))
    for stride in (1, 3, 2):
        turns.again(stride)
        for count in range(1, 7):
            calls.clear()
            assert copy([1, 2, 4]) == -7
            assert len(calls) == (count % stride == 0)
            if calls:
                turns.again()
    for _ in range(2000):
        assert copy([1, 2, 4]) == -7
    calls.clear()
    assert copy([1, 2, 4]) == -7 and not calls  # nobody has said how to go on


def test_an_iterator_is_asked_for_once_and_needs_no_iter_of_its_own() -> None:
    function = define("""
        def f(log):
            class Iterator:
                left = 3
                def __next__(self):
                    self.left -= 1
                    if self.left < 0: raise StopIteration
                    return self.left
            class Iterable:
                def __iter__(self):
                    log.append("iter")
                    return Iterator()
            for x in Iterable():
                log.append(x)
            return log
    """)
    copy, _ = probed(function)
    assert copy([]) == function([]) == ["iter", 2, 1, 0]


def test_a_class_that_cannot_be_hashed_is_iterated() -> None:
    function = define("""
        class Meta(type):
            def __eq__(cls, other): raise AssertionError
        class Thing(metaclass=Meta):
            def __iter__(self): return iter((1, 2))
        def f():
            found = []
            for x in Thing(): found.append(x)
            return found
    """)
    assert probed(function)[0]() == [1, 2]


@pytest.mark.parametrize("ending", ["pass", "break", "return log", "raise KeyError"])
def test_generators_are_closed_at_the_same_moment(ending: str) -> None:
    function = define(f"""
        def f(log, wrap):
            def numbers():
                try:
                    yield from range(5)
                finally:
                    log.append("closed")
            try:
                for x in numbers():
                    log.append(x)
                    if x == 3:
                        {ending}
                else:
                    log.append("else")
                log.append("behind")
            except KeyError:
                log.append("caught")
            finally:
                log.append("finally")
            try:
                for x in zip(numbers()):
                    log.append(x)
                    if x == (3,):
                        {ending}
                else:
                    log.append("else")
                log.append("behind")
            except KeyError:
                log.append("caught")
            finally:
                log.append("finally")
            return log
    """)
    for limit in (0, 2, 9):
        assert probed(function, limit=limit)[0]([], 0) == function([], 0)


def test_nothing_stays_alive_behind_a_loop() -> None:
    function = define("""
        def f(make, alive):
            seen = []
            for x in make():
                pass
            del x
            seen.append(alive())
            try:
                for x in make():
                    raise KeyError
            except KeyError:
                del x
            seen.append(alive())
            for x in make():
                break
            del x
            seen.append(alive())
            return seen
    """)

    class Thing:
        pass

    references: list[weakref.ref[Thing]] = []

    def make() -> list[Thing]:
        things = [Thing() for _ in range(4)]
        references.extend(map(weakref.ref, things))
        return things

    def alive() -> int:
        return sum(reference() is not None for reference in references)

    gc.disable()
    try:
        for limit in (0, 2, 9):
            assert probed(function, limit=limit)[0](make, alive) == function(make, alive) == [0, 0, 0]
    finally:
        gc.enable()


def test_a_list_that_grows_while_it_is_iterated() -> None:
    function = define("""
        def f():
            xs = [1, 2]
            for x in xs:
                if x < 40: xs.append(x * 2)
            return xs
    """)
    for limit in (0, 1, 3):
        assert probed(function, limit=limit)[0]() == function()


def test_a_named_iterator_is_left_to_its_owner() -> None:
    function = define("""
        def f(xs):
            it = iter(xs)
            pairs = []
            for x in it:
                pairs.append((x, next(it, None)))
            return pairs
    """)
    calls: list[Any] = []
    copy, _ = probed(function, recorder(calls, (3, None)), 0)
    assert copy([1, 2, 3]) == function([1, 2, 3])
    assert not calls


def test_arrays_are_held_too() -> None:
    numpy = pytest.importorskip("numpy")
    function = define("def f(xs):\n    t = 0\n    for x in xs: t = t + x\n    return t\n")
    calls: list[Any] = []
    copy, _ = probed(function, recorder(calls, (3, None, UNBOUND)), 2)
    assert copy(numpy.arange(5)) == 10 and len(calls) == 1


ERRORS = [
    "for x in 5:\n    pass",
    "for x in (lambda: 1 // 0)():\n    pass",
    "for x, y in [(1, 2),\n             (3,)]:\n    pass",
    "for x in enumerate(bad()):\n    pass",
    "for x in bad():\n    pass",
    "while 1 // (3 - k) < 9:\n    k += 1",
    "while bad_test():\n    pass",
    "for x in range(4):\n    if x == 2:\n        k = (1 +\n             x // 0)",
]


@pytest.mark.parametrize("text", ERRORS)
def test_tracebacks_are_those_of_the_plain_function(text: str) -> None:
    function = define("""
        class Bad:
            def __bool__(self): raise KeyError("bool")
        def bad():
            yield 1
            raise ValueError("inside")
        def bad_test():
            return Bad()
        def f(k=0):
        {text}
    """.replace("        ", "").format(text=textwrap.indent(text, "    ")))

    def trace(function: Any) -> list[Any]:
        try:
            function()
        except Exception as exception:
            found = []
            entry = exception.__traceback__
            while entry is not None:
                code = entry.tb_frame.f_code
                places = next(itertools.islice(code.co_positions(), entry.tb_lasti // 2, None))
                found.append((code.co_name, entry.tb_lineno, places[0], places[2]))
                entry = entry.tb_next
            return [type(exception), str(exception), found[1:]]
        raise AssertionError("nothing was raised")

    for limit in (0, 1, 2, 9):
        assert trace(probed(function, limit=limit)[0]) == trace(function)


def test_generators_and_coroutines_with_plain_loops_inside() -> None:
    function = define("""
        def f(n):
            for i in range(n):
                t = 0
                for j in range(i):
                    t += j
                yield t
            return "done"
    """)
    _, sites = parts(function)
    assert [site.refusal is None for site in sites] == [False, True]
    copy, template = probed(function, limit=1)
    assert template.probed == {1}
    assert list(copy(6)) == list(function(6))

    function = define("""
        async def f(n):
            for i in range(n):
                if i == 3:
                    return
            yield i
    """)
    copy, template = probed(function, recorder([], (2, "ignored", UNBOUND)), 1)
    assert template.probed == {0}
    with pytest.raises(StopAsyncIteration):
        copy(9).__anext__().send(None)


def test_deep_nests_lose_only_the_probes_that_do_not_fit() -> None:
    depth = 12
    lines = ["def f(t):"]
    lines += ["    " * (level + 1) + f"for x{level} in range(2):" for level in range(depth)]
    lines += ["    " * (depth + 1) + "t += 1", "    return t"]
    function = define("\n".join(lines))
    copy, template = probed(function)
    assert 0 < len(template.probed) < depth and 0 in template.probed
    assert copy(0) == 2**depth


def test_only_chosen_sites_are_probed_and_the_rest_is_the_users_code() -> None:
    function = define(program("range", "inner", ""))
    source, sites = parts(function)
    for chosen in (frozenset(), frozenset({1}), frozenset({0, 2})):
        template = instrument(source, sites, chosen)
        assert template.probed == chosen
        hooks = {index: Slot(1, go_on(sites[index])) for index in chosen}
        copy = rebuilt(function, template.code(hooks, print))
        assert copy(4, [1], []) == function(4, [1], [])
    assert instrument(source, sites, frozenset()).raw.co_code == function.__code__.co_code


def test_binding_puts_the_slots_into_the_constants() -> None:
    function = define("def f(n):\n    for i in range(n): pass\n    while n: n -= 1\n")
    source, sites = parts(function)
    template = instrument(source, sites, frozenset({0, 1}))
    one, two = go_on(sites[0]), go_on(sites[1])
    code = template.code({0: Slot(7001, one), 1: Slot(7002, two)}, print)
    asked = [constant() for constant in code.co_consts if isinstance(constant, functools.partial)]
    assert sorted(asked) == [7001, 7002]
    for wanted in (one, two):
        assert sum(constant is wanted for constant in code.co_consts) == 1
    assert not any(isinstance(constant, str) and "zexus" in constant for constant in code.co_consts)
    assert hash(code) == hash(code.replace()) and code == code.replace()
    again = template.code({0: Slot(5, one), 1: Slot(6, two)}, print)
    asked = [constant() for constant in again.co_consts if isinstance(constant, functools.partial)]
    assert again.co_code == code.co_code and sorted(asked) == [5, 6]


def test_the_table_of_iterables_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(ITERABLES)) is ITERABLES


MODULE = """
total = 0
for i in range(10):
    total += i
    if i == 7:
        break
else:
    total = -1
squares = []
while len(squares) < 5:
    squares.append(len(squares) ** 2)
else:
    squares.append("else")
try:
    for i in [1, 2, 3]:
        for j in range(3):
            if j == i: raise KeyError(j)
except KeyError:
    pass
def double(xs):
    found = []
    for x in xs:
        found.append(x * 2)
    return found
class Thing:
    def run(self, n):
        def inner(m):
            t = 0
            for k in range(m):
                t += k
            return t
        t = 0
        for k in range(n):
            t += inner(k)
        return t
answer = double([1, 2, 3]), Thing().run(5)
names = sorted(name for name in list(locals()))
"""


def run_module(text: str, code: types.CodeType | None = None) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "program"}
    exec(code if code is not None else compile(text, "<module>", "exec", dont_inherit=True), namespace)
    del namespace["__builtins__"]
    return namespace


@pytest.mark.parametrize("limit", [0, 1, 4, 100])
def test_a_whole_module(limit: int) -> None:
    text = MODULE.replace("names = sorted(name for name in list(locals()))\n", "")
    template = instrument_module(module_source(text, "<module>"))
    slots = {
        part.index: {index: Slot(limit, go_on(part.sites[index])) for index in part.template.probed}
        for part in template.parts
    }
    assert [part.source.scope.qualname for part in template.parts] == [
        "<module>", "double", "Thing.run", "Thing.run.<locals>.inner",
    ]  # fmt: skip
    assert [len(part.template.probed) for part in template.parts] == [4, 1, 1, 1]
    plain, rewritten = run_module(text), run_module(text, template.codes(slots, print)[0])
    assert list(rewritten) == list(plain)
    for name in ("total", "squares", "i", "j", "answer"):
        assert rewritten[name] == plain[name]


def test_a_module_that_looks_at_its_namespace_keeps_its_loops() -> None:
    template = instrument_module(module_source(MODULE, "<module>"))
    refusals = {site.refusal.code for site in template.parts[0].sites if site.refusal is not None}
    assert refusals == {"ZX013"} and not template.parts[0].template.probed
    assert template.parts[1].template.probed


@pytest.mark.parametrize("budgets, chunk", SCRIPTS.values())
def test_module_loops_that_hooks_run(budgets: Any, chunk: Any) -> None:
    text = "t = 0\nfor i in range(9):\n    t += i\n    if t > 30: break\nelse:\n    t = -t\nlast = i\n"
    text += "while t:\n    t -= 1\n    if t == 2: continue\n    u = t\nelse:\n    v = 1\n"
    template = instrument_module(module_source(text, "<module>"))
    namespace: dict[str, Any] = {"__name__": "program"}
    sites = template.parts[0].sites
    assert sites[0].results == ("i", "t") and sites[1].results == ("t", "u")
    slots = {0: {site.index: Slot(2, Region(site, namespace).restart(budgets, chunk)) for site in sites}}
    exec(template.codes(slots, print)[0], namespace)
    expected = run_module(text)
    assert {name: namespace[name] for name in expected} == expected
    assert not any(name.startswith(".") for name in namespace)


def test_codes_of_parts_can_be_exchanged_one_by_one() -> None:
    text = MODULE.replace("names = sorted(name for name in list(locals()))\n", "")
    template = instrument_module(module_source(text, "<module>"))

    def slots(limit: int) -> dict[int, dict[int, Slot]]:
        return {
            part.index: {index: Slot(limit, go_on(part.sites[index])) for index in part.template.probed}
            for part in template.parts
        }

    codes = template.codes(slots(1), print)
    changed = template.recoded(codes, 3, slots(9), print)
    assert [new is old for new, old in zip(changed, codes, strict=True)] == [False, True, False, False]
    assert changed[3] in changed[2].co_consts
    fewer = template.reprobed(3, frozenset())
    assert [part.template.probed for part in fewer.parts][1:] == [{0}, {0}, frozenset()]
    again = fewer.recoded(codes, 3, slots(9), print)
    assert [new is old for new, old in zip(again, codes, strict=True)] == [False, True, False, False]
    assert run_module(text, again[0])["answer"] == run_module(text)["answer"]


def test_substitute_goes_by_identity() -> None:
    def outer() -> Any:
        return lambda: 1

    inner = outer().__code__
    assert substitute(outer.__code__, {inner.replace(): inner.replace(co_name="x")}) is outer.__code__
    renamed = inner.replace(co_name="x")
    assert renamed in substitute(outer.__code__, {inner: renamed}).co_consts


WORK = {
    "heapq": "result = list(merge([1, 4], [2, 3])), nsmallest(3, list(range(50, 0, -1))), nlargest(2, [3, 1, 2])",
    "difflib": "result = list(unified_diff('abcde', 'abxde')), SequenceMatcher(None, 'qabxcd', 'abycdf').ratio()",
    "textwrap": "result = wrap('the quick brown fox jumps ' * 9, 33), dedent('   a\\n    b\\n')",
    "statistics": "result = mean([1, 2.5, 3]), median([3, 1, 2]), quantiles(range(20)), multimode('aabbc')",
    "fractions": "result = sum(Fraction(1, k) for k in range(1, 20)), Fraction(3.14).limit_denominator(100)",
    "shlex": "result = split('a \"b c\" d --e=f # g', comments=True), quote(\"it's\")",
    "string": "result = capwords('hello big world'), Template('$a ${b} $$').substitute(a=1, b=2)",
    "bisect": "result = [bisect_left([1, 2, 2, 3], k) for k in range(5)], bisect_right([1, 2, 2], 2)",
}


@pytest.mark.parametrize("module", WORK)
def test_the_standard_library_works_with_probes(module: str) -> None:
    import importlib.util

    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None
    with open(spec.origin, encoding="utf-8") as file:
        # The accelerated versions would otherwise replace what is under test.
        text = file.read().replace("from _heapq import", "from nowhere import").replace("from _bisect", "from nowhere")
    text = f"{text}\n{WORK[module]}\n"
    source = module_source(text, spec.origin)
    template = instrument_module(source)
    plain = run_named(compile(text, spec.origin, "exec", dont_inherit=True), module)
    for limit in (0, 1, 3):
        calls: list[int] = []

        def hook(site: LoopSite, calls: list[int] = calls) -> Any:
            answer = go_on(site)(None)

            def run(*arguments: Any) -> tuple[Any, ...]:
                calls.append(site.index)
                return answer

            return run

        slots = {
            part.index: {index: Slot(limit, hook(part.sites[index])) for index in part.template.probed}
            for part in template.parts
        }
        assert run_named(template.codes(slots, print)[0], module) == plain
        assert calls or limit or module == "string"


def run_named(code: types.CodeType, module: str) -> Any:
    space = types.ModuleType(f"probed_{module}")
    space.__file__ = code.co_filename
    sys.modules[space.__name__] = space
    try:
        exec(code, vars(space))
    finally:
        del sys.modules[space.__name__]
    return repr(space.result)
