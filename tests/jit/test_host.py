"""The host keeps code objects in step with tiers: relinking, removing, restoring, in functions and whole modules."""

from __future__ import annotations

import gc
import itertools
import linecache
import os
import sys
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from zexus.codes import CODES
from zexus.frontend.loops import loop_sites
from zexus.frontend.sites import UNBOUND
from zexus.frontend.slots import ALWAYS, passed
from zexus.frontend.source import find
from zexus.jit.explain import RegionReport
from zexus.jit.hosts import FunctionHost, ModuleHost
from zexus.settings import JitSettings

counter = itertools.count()


class Tier:
    """A tier whose hook does what the test says; by default it leaves the loop to CPython."""

    leave = staticmethod(passed)
    turns = ALWAYS

    def __init__(self, site: Any, namespace: dict[str, Any], settings: JitSettings, host: Any) -> None:
        self.site, self.namespace, self.settings, self.host = site, namespace, settings, host
        self.limit = 2
        self.answer: Callable[..., tuple[Any, ...]] = self.go_on
        self.calls: list[tuple[Any, ...]] = []

    def hook(self, *arguments: Any) -> tuple[Any, ...]:
        self.calls.append(arguments)
        return self.answer(*arguments)

    def go_on(self, *arguments: Any) -> tuple[Any, ...]:
        return (3, None, *[UNBOUND] * len(self.site.results))

    def idle(self, code: str) -> bool:
        return True

    def report(self) -> RegionReport:
        return RegionReport(self.site.first_line, self.site.last_line, self.site.kind, "native", "ZX000",
                            CODES["ZX000"].text, "", entries=len(self.calls))


def defined(text: str, name: str = "f") -> types.FunctionType:
    filename = f"<host test {next(counter)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    scope: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), scope)
    return scope[name]  # type: ignore[no-any-return]


class Hosted:
    """A function, its host and its tiers by site."""

    def __init__(self, text: str) -> None:
        self.plain = defined(text)
        self.tiers: dict[int, Tier] = {}
        source = find(self.plain)

        def make(site: Any, namespace: dict[str, Any], settings: JitSettings, host: Any) -> Tier:
            self.tiers[site.index] = Tier(site, namespace, settings, host)
            return self.tiers[site.index]

        sites = loop_sites(source.scope)
        self.host = FunctionHost(source, sites, self.plain.__code__, self.plain.__globals__, JitSettings(), make)
        self.function = types.FunctionType(self.plain.__code__, self.plain.__globals__, "f")
        self.host.attach(self.function)


TWO_LOOPS = """\
def f(n):
    s = 0
    for i in range(n):
        s += i
    while s > 10:
        s -= 1
    return s, i
"""


def test_hooks_are_called_behind_the_limit() -> None:
    hosted = Hosted(TWO_LOOPS)
    assert hosted.function(2) == hosted.plain(2) == (1, 1)
    assert len(hosted.tiers[0].calls) == 1  # exhausted within the limit: asked once, for what is left
    assert hosted.function(100) == hosted.plain(100)
    _, arguments = hosted.tiers[0].calls
    assert arguments[1:] == tuple({"i": 1, "s": 1}[name] for name in hosted.tiers[0].site.params)
    assert len(hosted.tiers[1].calls) == 1


def test_a_hook_may_run_the_loop_itself() -> None:
    hosted = Hosted(TWO_LOOPS)
    tier = hosted.tiers[0]

    def finish(it: Any, *values: Any) -> tuple[Any, ...]:
        s = dict(zip(tier.site.params, values, strict=True))["s"]
        i: Any = UNBOUND
        for i in it:
            s += i
        return (0, None, *[{"s": s, "i": i}[name] for name in tier.site.results])

    tier.answer = finish
    assert hosted.function(100) == hosted.plain(100)


def test_relink_changes_limit_and_hook() -> None:
    hosted = Hosted(TWO_LOOPS)
    tier = hosted.tiers[0]
    before = hosted.function.__code__
    others: list[Any] = []
    tier.limit = 50
    tier.hook = lambda *arguments: (others.append(arguments), tier.go_on())[1]  # type: ignore[method-assign]
    hosted.host.relink(0)
    assert hosted.function.__code__ is not before
    assert hosted.function(40)[1] == 39 and len(others) == 1
    assert next(others[0][0], None) is None  # CPython ran all 40
    assert hosted.function(100) == hosted.plain(100) and len(others) == 2
    assert tier.calls == []


def test_remove_takes_out_one_probe_and_the_last_one_restores_the_code() -> None:
    hosted = Hosted(TWO_LOOPS)
    hosted.host.remove(0)
    assert hosted.function(100) == hosted.plain(100)
    assert len(hosted.tiers[0].calls) == 0 and len(hosted.tiers[1].calls) == 1
    hosted.host.remove(1)
    assert hosted.function.__code__ is hosted.plain.__code__
    hosted.host.remove(1)
    hosted.host.relink(0)
    assert hosted.function.__code__ is hosted.plain.__code__
    assert [report.entries for report in hosted.host.reports()] == [0, 1]


def test_removed_while_the_function_runs() -> None:
    hosted = Hosted(TWO_LOOPS)

    def leave(*arguments: Any) -> tuple[Any, ...]:
        hosted.host.remove(0)
        hosted.host.remove(1)
        return hosted.tiers[0].go_on()

    hosted.tiers[0].answer = leave
    assert hosted.function(100) == hosted.plain(100)
    assert hosted.function.__code__ is hosted.plain.__code__


def test_refused_loops_have_no_tier_but_a_report() -> None:
    hosted = Hosted("def f(n):\n    for i in range(n):\n        yield i\n    for j in range(n): pass\n")
    assert list(hosted.function(3)) == [0, 1, 2]
    assert list(hosted.tiers) == [1]
    first, second = hosted.host.reports()
    assert (first.code, first.tier, first.hint) == ("ZX012", "python", CODES["ZX012"].hint)
    assert second.entries == 1


def test_the_host_does_not_keep_functions_alive() -> None:
    hosted = Hosted(TWO_LOOPS)
    other = types.FunctionType(hosted.plain.__code__, {})
    hosted.host.attach(other)
    gone = weakref.ref(other)
    del other
    gc.collect()
    assert gone() is None
    hosted.host.relink(0)
    assert hosted.function(100) == hosted.plain(100)


def test_relink_from_other_threads() -> None:
    hosted = Hosted(TWO_LOOPS)
    stop = threading.Event()

    def relink() -> None:
        for limit in itertools.cycle((1, 7, 30)):
            hosted.tiers[0].limit = limit
            hosted.host.relink(0)
            if stop.is_set():
                return

    threads = [threading.Thread(target=relink) for _ in range(3)]
    for thread in threads:
        thread.start()
    expected = hosted.plain(60)
    results = {hosted.function(60) for _ in range(300)}
    stop.set()
    for thread in threads:
        thread.join()
    assert results == {expected}


@pytest.mark.skipif(not hasattr(os, "fork") or sys.version_info >= (3, 12), reason="fork beside threads warns")
def test_fork_while_another_thread_relinks() -> None:
    hosted = Hosted(TWO_LOOPS)
    stop = threading.Event()

    def relink() -> None:
        while not stop.is_set():
            hosted.host.relink(0)

    thread = threading.Thread(target=relink)
    thread.start()
    try:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                hosted.host.relink(0)
                hosted.host.remove(1)
                os._exit(0 if hosted.function(60) == hosted.plain(60) else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        stop.set()
        thread.join()


MODULE = """\
import functools

total = 0
for i in range(100):
    total += i

def plain(n):
    s = 0
    for k in range(n):
        s += k
    return s

def outer(n):
    def inner(m):
        s = n
        for k in range(m):
            s += k
        return s
    return inner

class Thing:
    values = [v for v in range(4)]

    def method(self, n):
        for __k in range(n):
            pass
        return __k

    @staticmethod
    def still(n):
        while n > 3:
            n -= 1
        return n

    @property
    def size(self):
        for j in range(7):
            pass
        return j

    @functools.cached_property
    def deep(self):
        return (lambda n: [self.method(q) for q in range(1, n)])(4)

def generator(n):
    for k in range(n):
        yield k

one, two = (lambda n: sum(x for x in range(n))), (lambda n: sum(x * 2 for x in range(n)))

def fact(n):
    if n < 2:
        return 1
    return n * fact(n - 1)
"""


class Module:
    """A rewritten module that has run, with its tiers by (function, site index)."""

    def __init__(self, text: str = MODULE, **names: Any) -> None:
        filename = f"<host test {next(counter)}>"
        self.tiers: dict[tuple[str, int], Tier] = {}

        def make(site: Any, namespace: dict[str, Any], settings: JitSettings, host: Any) -> Tier:
            tier = self.tiers[site.scope.qualname, site.index] = Tier(site, namespace, settings, host)
            return tier

        self.names: dict[str, Any] = {"__name__": "rewritten", **names}
        self.host = ModuleHost(text, filename, JitSettings(), make)
        exec(self.host.link(self.names), self.names)

    def calls(self, qualname: str, index: int = 0) -> int:
        return len(self.tiers[qualname, index].calls)


def test_module_runs_as_it_is_written() -> None:
    plain: dict[str, Any] = {"__name__": "rewritten"}
    exec(compile(MODULE, "<plain>", "exec", dont_inherit=True), plain)
    module = Module()
    names = module.names
    assert names.keys() == plain.keys()
    assert names["total"] == plain["total"] == 4950 and names["i"] == 99
    assert names["plain"](50) == 1225 and names["outer"](5)(50) == 1230
    thing = names["Thing"]()
    assert (thing.method(9), thing.still(90), thing.size, thing.deep) == (8, 3, 6, [0, 1, 2])
    assert list(names["generator"](4)) == [0, 1, 2, 3]
    assert (names["one"](5), names["two"](5), names["fact"](20)) == (10, 20, plain["fact"](20))
    for name in ("plain", "outer", "generator", "one", "fact"):
        for attribute in ("co_name", "co_qualname", "co_firstlineno", "co_freevars", "co_flags"):
            assert getattr(names[name].__code__, attribute) == getattr(plain[name].__code__, attribute)
    assert {key for key in module.tiers if module.calls(*key)} == {
        ("<module>", 0), ("plain", 0), ("outer.<locals>.inner", 0), ("Thing.method", 0), ("Thing.still", 0),
        ("Thing.size", 0), ("fact", 0),
    }


def test_tiers_of_a_module_see_its_namespace() -> None:
    module = Module()
    assert all(tier.namespace is module.names for tier in module.tiers.values())


def test_relink_reaches_functions_that_exist_and_functions_to_come() -> None:
    module = Module()
    outer = module.names["outer"]
    early = outer(1)
    tier = module.tiers["outer.<locals>.inner", 0]
    tier.limit = 60
    tier.host.relink(0)
    late = outer(1)
    for function in (early, late):
        tier.calls.clear()
        assert function(50) == 1226
        (arguments,) = tier.calls
        assert next(arguments[0], None) is None  # CPython ran all 50
    assert early.__code__ is late.__code__


def test_remove_reaches_functions_that_exist_and_functions_to_come() -> None:
    module = Module()
    outer = module.names["outer"]
    early = outer(1)
    tier = module.tiers["outer.<locals>.inner", 0]
    tier.host.remove(0)
    late = outer(1)
    assert early(50) == late(50) == 1226 and tier.calls == []
    assert early.__code__ is late.__code__


def test_methods_and_wrapped_functions_follow() -> None:
    module = Module()
    thing = module.names["Thing"]()
    for name, run in (("Thing.method", lambda: thing.method(20)), ("Thing.still", lambda: thing.still(20)),
                      ("Thing.size", lambda: thing.size)):
        tier = module.tiers[name, 0]
        tier.host.remove(0)
        run()
        assert tier.calls == []


def test_relink_while_the_functions_maker_runs() -> None:
    text = """\
def outer(n):
    made = []
    for k in range(n):
        def inner(m):
            for q in range(m): pass
            return q
        made.append(inner)
        inner(9)
        callback(k)
    return made
"""
    tiers: list[Any] = []

    def callback(k: int) -> None:
        if k == 3:
            tiers[0].host.remove(0)

    module = Module(text, callback=callback)
    tiers.append(module.tiers["outer.<locals>.inner", 0])
    made = module.names["outer"](6)
    tiers[0].host.relink(0)
    tiers[0].calls.clear()
    assert [function(4) for function in made] == [3] * 6
    made = module.names["outer"](6)
    assert [function(4) for function in made] == [3] * 6
    assert len(tiers[0].calls) <= 2  # functions made by the frame that ran at the time of the removal


def test_top_level_loop_may_be_relinked_while_it_runs() -> None:
    module = Module(
        "import itertools\nseen = []\nfor i in range(40):\n    seen.append(i)\n    callback(i)\n",
        callback=lambda i: None,
    )
    assert module.names["seen"] == list(range(40))
    tier = module.tiers["<module>", 0]
    tier.host.relink(0)
    tier.host.remove(0)


def test_module_reports() -> None:
    module = Module()
    module.names["plain"](50)
    reports = {(report.function, report.kind): report for report in module.host.reports()}
    assert reports["generator", "for"].code == "ZX012"
    assert any(report.entries == 1 for report in module.host.reports())
