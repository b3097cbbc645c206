"""`zexus.jit.compile`: what comes back is an ordinary function, and nothing that it is given makes it raise."""

from __future__ import annotations

import asyncio
import builtins
import copy
import functools
import gc
import importlib
import inspect
import linecache
import os
import pickle
import subprocess
import sys
import threading
import types
import warnings
import weakref
from pathlib import Path
from typing import Any

import pytest

import zexus
from zexus.frontend.sites import UNBOUND
from zexus.frontend.slots import ALWAYS, passed
from zexus.jit import compile
from zexus.jit.explain import RegionReport
from zexus.settings import JitSettings, SettingsError

LIMIT = 3


class CountingTier:
    """Leaves every loop to CPython and counts how often it was asked."""

    made: list[CountingTier] = []
    leave = staticmethod(passed)
    turns = ALWAYS

    def __init__(self, site: Any, namespace: dict[str, Any], settings: JitSettings, host: Any) -> None:
        self.site, self.namespace, self.settings, self.host = site, namespace, settings, host
        self.limit = LIMIT
        self.calls: list[tuple[Any, ...]] = []
        CountingTier.made.append(self)

    def hook(self, *arguments: Any) -> tuple[Any, ...]:
        self.calls.append(arguments)
        return (3, None, *[UNBOUND] * len(self.site.results))

    def idle(self, code: str) -> bool:
        return True

    def report(self) -> RegionReport:
        return RegionReport(self.site.first_line, self.site.last_line, self.site.kind, "python", "ZX001", "", "",
                            entries=len(self.calls))


@pytest.fixture(autouse=True)
def counting_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("zexus.jit.tier")
    module.LoopTier = CountingTier  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "zexus.jit.tier", module)
    CountingTier.made = []


def total(n: int, *, start: int = 0) -> int:
    """Adds up."""
    result = start
    for i in range(n):
        result += i
    return result


PROGRAM = '''\
from zexus.jit import compile

@compile
def decorated(n):
    for i in range(n):
        pass
    return i


@compile(threshold=7, background=False)
def decorated_with_settings(n):
    while n > 10:
        n -= 1
    return n


class Shape:
    scale = 3

    @compile
    def area(self, n: int) -> int:
        result = 0
        for i in range(n):
            result += self.scale
        return result

    @staticmethod
    @compile
    def still(n):
        for i in range(n):
            pass
        return i

    @compile
    @staticmethod
    def outside(n):
        for i in range(n):
            pass
        return i

    @compile
    @classmethod
    def of(cls, n):
        """Made of n."""
        for i in range(n):
            pass
        return cls.__name__, i

    def plain(self, n):
        for __private in range(n):
            pass
        return __private, __class__.__name__
'''


@pytest.fixture
def program(counting_tier: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module whose functions were compiled by the decorator."""
    (tmp_path / "decorated_program.py").write_text(PROGRAM)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "decorated_program", raising=False)
    return importlib.import_module("decorated_program")


def asked() -> int:
    return sum(len(tier.calls) for tier in CountingTier.made)


def test_a_new_function_runs_and_the_original_stays() -> None:
    before = total.__code__
    new = compile(total)
    assert new is not total and type(new) is types.FunctionType
    assert new.__wrapped__ is total and total.__code__ is before and new.__code__ is not before
    assert new(10) == total(10) == 45 and new(10, start=5) == 50
    assert asked() == 2


def test_the_face_of_the_function_stays() -> None:
    total.mark = [1]
    new = compile(total)
    for name in ("__name__", "__qualname__", "__module__", "__doc__", "__defaults__", "__kwdefaults__",
                 "__annotations__", "__closure__"):
        assert getattr(new, name) == getattr(total, name), name
    assert new.__globals__ is total.__globals__
    assert inspect.signature(new) == inspect.signature(total)
    assert inspect.getsource(new) == inspect.getsource(total)
    assert new.mark is total.mark
    assert new.__kwdefaults__ is not total.__kwdefaults__
    new.other = 1
    assert not hasattr(total, "other")
    assert new.__code__.co_firstlineno == total.__code__.co_firstlineno
    assert new.__code__.co_qualname == "total"


def test_decorators(program: Any) -> None:
    assert program.decorated(5) == 4
    assert program.decorated_with_settings(5000) == 10
    assert program.decorated.__wrapped__.__name__ == "decorated"


def test_settings_reach_the_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZEXUS_JIT__EFFORT_SHARE")
    monkeypatch.delenv("ZEXUS_JIT__FUNCTIONS")
    compile(total, threshold=7, background=False)
    monkeypatch.setenv("ZEXUS_JIT__THRESHOLD", "12")
    monkeypatch.setenv("ZEXUS_JIT__RETRY_AFTER", "5")
    compile(total)
    compile(total, profile=JitSettings(threshold=9), cache=False)
    assert [tier.settings for tier in CountingTier.made] == [
        JitSettings(threshold=7, background=False, retry_after=0.0), JitSettings(threshold=12, retry_after=5.0),
        JitSettings(threshold=9, cache=False),
    ]


def test_methods(program: Any) -> None:
    Shape = program.Shape
    shape = Shape()
    assert shape.area(10) == 30 and Shape.still(4) == 3 and Shape.outside(4) == 3 and Shape.of(4) == ("Shape", 3)
    assert Shape.of.__doc__ == "Made of n."
    assert isinstance(vars(Shape)["outside"], staticmethod) and isinstance(vars(Shape)["of"], classmethod)
    bound = compile(shape.plain)
    assert isinstance(bound, types.MethodType) and bound.__self__ is shape
    assert bound(4) == (3, "Shape")
    assert asked() == 5


def test_closures_and_lambdas() -> None:
    step = 2

    def climb(n):
        nonlocal step
        for i in range(n):
            step += 1
        return step

    def walk(n):
        result = 0
        for i in range(n):
            result += step
        return result

    climb, walk = compile(climb), compile(walk)
    assert walk(10) == 20 and climb(3) == 5 and walk(10) == 50 and step == 5
    pick = compile(lambda n: [k for k in range(n)])
    assert pick(3) == [0, 1, 2]


def test_generators_and_coroutines() -> None:
    def numbers(n):
        for i in range(n):
            yield i
        for j in range(n):
            pass
        yield j

    async def later(n):
        for i in range(n):
            pass
        await asyncio.sleep(0)
        return i

    new_numbers, new_later = compile(numbers), compile(later)
    assert list(new_numbers(5)) == list(numbers(5))
    assert inspect.isgeneratorfunction(new_numbers) and inspect.iscoroutinefunction(new_later)
    assert asyncio.run(new_later(8)) == 7
    assert asked() == 2
    assert [region.code for region in zexus.explain(new_numbers).regions] == ["ZX012", "ZX001"]


@pytest.mark.parametrize(
    "thing",
    [len, int, CountingTier, functools.partial(total, 3), property(lambda self: 1), functools.lru_cache(total), "text",
     3, [].append, print, object()],
)
def test_other_things_come_back_as_they_are(thing: object) -> None:
    assert compile(thing) is thing
    remark = zexus.explain(thing).remark
    assert "ZX011" in remark
    with pytest.raises(zexus.Unsupported) as caught:
        compile(thing, strict=True)
    assert caught.value.code == "ZX011" and caught.value.hint


def test_code_without_source_runs_as_it_is() -> None:
    scope: dict[str, Any] = {}
    exec("def f(n):\n    for i in range(n): pass\n    return i\n", scope)
    new = compile(scope["f"])
    assert new(4) == 3 and new.__code__ is scope["f"].__code__
    assert "ZX010" in zexus.explain(new).remark
    with pytest.raises(zexus.Unsupported) as caught:
        compile(scope["f"], strict=True)
    assert caught.value.code == "ZX010"


def test_code_of_a_notebook_cell() -> None:
    text = "def f(n):\n    for i in range(n): pass\n    return i\n"
    linecache.cache["<cell 1>"] = (len(text), None, text.splitlines(True), "<cell 1>")
    scope: dict[str, Any] = {}
    exec(builtins.compile(text, "<cell 1>", "exec"), scope)
    assert compile(scope["f"])(40) == 39
    assert asked() == 1


def test_strict() -> None:
    def good(n):
        for i in range(n):
            pass
        return i

    def bad(n):
        for i in range(n):
            pass
        for j in range(n):
            locals()
        return i

    assert compile(good, strict=True)(4) == 3
    with pytest.raises(zexus.Unsupported) as caught:
        compile(bad, strict=True)
    assert caught.value.code == "ZX013"
    assert caught.value.line is not None and caught.value.hint
    assert compile(bad)(4) == 3


def test_unknown_settings_are_named() -> None:
    with pytest.raises(SettingsError, match=r"treshold.*did you mean 'threshold'"):
        compile(total, treshold=3)
    with pytest.raises(SettingsError, match="nonsense"):
        compile(nonsense=3)
    with pytest.raises(ValueError, match="takes a whole number"):
        compile(total, threshold="many")
    with pytest.raises(SettingsError, match=r"unknown profile .fast.; known are"):
        compile(total, profile="fast")
    with pytest.raises(ValueError, match="JitSettings"):
        compile(total, profile=3)
    with pytest.raises(SettingsError):
        compile(len, treshold=3)


def test_disabled(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEXUS_DISABLE", "1")
    assert compile(total) is total
    assert compile(threshold=3)(total) is total
    shape = program.Shape()
    assert compile(shape.plain).__func__ is program.Shape.plain


def test_a_tracer_keeps_the_function_on_cpython() -> None:
    sys.settrace(lambda *arguments: None)
    try:
        new = compile(total)
    finally:
        sys.settrace(None)
    assert new(4) == 6 and new.__code__ is total.__code__
    assert "ZX005" in zexus.explain(new).remark


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring")
def test_a_monitoring_tool_keeps_the_function_on_cpython() -> None:
    sys.monitoring.use_tool_id(sys.monitoring.COVERAGE_ID, "watcher")
    try:
        new = compile(total)
    finally:
        sys.monitoring.free_tool_id(sys.monitoring.COVERAGE_ID)
    assert new.__code__ is total.__code__ and "watcher" in zexus.explain(new).remark


def test_loops_that_the_compiler_leaves_out() -> None:
    def stops(n):
        if False:
            for i in range(n):
                pass
        return n
        while n:
            n -= 1

    assert compile(stops)(7) == 7


def test_code_objects_stay_hashable() -> None:
    assert len({compile(total).__code__, compile(total).__code__}) == 2


def test_loops_that_the_compiler_leaves_out_in_part() -> None:
    @compile(threshold=5)
    def f(n: int, xs: list[int]) -> bool:
        while True:
            if "":
                if n <= len(xs):
                    try:  # noqa: SIM105
                        pass
                    except ZeroDivisionError as caught:  # noqa: F841
                        pass
                else:
                    for item in xs.copy():
                        n = True if item else False  # noqa: SIM210
                n = caught  # noqa: F821
            break
        return True if n else False  # noqa: SIM210

    assert f(1, []) is True


def test_compiled_twice() -> None:
    once = compile(total)
    twice = compile(once, threshold=5)
    assert twice(10) == 45 and twice is not once
    assert [len(tier.calls) for tier in CountingTier.made] == [0, 1]
    assert CountingTier.made[1].settings.threshold == 5


def test_copies_and_pickles(program: Any) -> None:
    assert pickle.loads(pickle.dumps(program.decorated)) is program.decorated
    assert copy.deepcopy(program.decorated) is program.decorated
    assert pickle.loads(pickle.dumps(program.Shape.area)) is program.Shape.area
    new = compile(total)
    with pytest.raises(pickle.PicklingError):
        pickle.dumps(new)  # its name leads to another function


@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_cloudpickle(protocol: int) -> None:
    cloudpickle = pytest.importorskip("cloudpickle")

    def outer(step):
        @compile
        def walk(n):
            result = 0
            for i in range(n):
                if i == 90:
                    seen = i
                result += step
            while result % 7:
                result += 1
            return result, seen

        return walk

    for function, arguments in ((compile(total), (100,)), (outer(3), (100,))):
        copied = cloudpickle.loads(cloudpickle.dumps(function, protocol))
        assert copied is not function
        assert copied(*arguments) == function(*arguments)


def test_cloudpickle_in_another_process() -> None:
    cloudpickle = pytest.importorskip("cloudpickle")
    scope: dict[str, Any] = {"__name__": "__main__"}
    text = "def f(n):\n    for i in range(n):\n        if i > 3: x = i\n    return x\n"
    linecache.cache["<pickled>"] = (len(text), None, text.splitlines(True), "<pickled>")
    exec(builtins.compile(text, "<pickled>", "exec"), scope)
    data = cloudpickle.dumps(compile(scope["f"]))
    code = f"import pickle\nprint(pickle.loads({data!r})(50))"
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path for path in sys.path if path))
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert result.stdout == "49\n", result.stderr


def test_tiers_die_with_their_function() -> None:
    gone = weakref.ref(compile(lambda: None)), weakref.ref(compile(total)), weakref.ref(CountingTier.made.pop())
    gc.collect()
    assert [reference() for reference in gone] == [None, None, None]


def test_objects_die_at_the_end_of_the_process(tmp_path: Path) -> None:
    script = tmp_path / "s.py"
    script.write_text(
        "import zexus.jit\n"
        "class Thing:\n    def __del__(self): print('gone')\n"
        "thing = Thing()\n"
        "@zexus.jit.compile\ndef f(n):\n    for i in range(n): pass\n    return i\n"
        "print(f(9))\n"
    )
    places = [str(Path(__file__).parent / "fake"), str(Path(zexus.__file__).parents[1])]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(places))
    result = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=environment, timeout=60
    )
    assert result.stdout == "8\ngone\n", result.stderr


def test_threads_compile_at_once() -> None:
    results: list[int] = []

    def work() -> None:
        results.append(compile(total)(100))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [4950] * 8


def test_no_warning_from_the_users_source() -> None:
    text = "def f(n):\n    for i in range(n):\n        if i is 3: return '\\d'\n    return 0\n"
    linecache.cache["<warned>"] = (len(text), None, text.splitlines(True), "<warned>")
    scope: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(builtins.compile(text, "<warned>", "exec"), scope)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert compile(scope["f"])(9) == "\\d"
    assert seen == []
    assert asked() == 1
