"""Tracebacks of exceptions that leave a region equal those that CPython gives for the plain function."""

from __future__ import annotations

import ast
import functools
import gc
import linecache
import pickle
import sys
import traceback
import types
import warnings
import weakref
from collections.abc import Callable
from typing import Any
from warnings import warn as tell

import pytest

import zexus
from zexus.frontend.loops import loop_sites
from zexus.frontend.outline import bind, outline
from zexus.frontend.sites import UNBOUND, LoopSite
from zexus.frontend.slots import Slot
from zexus.frontend.source import FunctionSource, find
from zexus.frontend.templates import instrument
from zexus.jit.tracebacks import FramePosition, fix, note

INTERNAL = zexus.__file__.replace("__init__.py", "jit/simulated.py")
counter = iter(range(10**6))


def namespace_of(source: str) -> tuple[dict[str, Any], str]:
    """Run `source` as a file that only linecache knows."""
    filename = f"<traceback test {next(counter)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    namespace: dict[str, Any] = {"__name__": "program"}
    exec(compile(source, filename, "exec"), namespace)
    return namespace, filename


def rewritten(source: str, filename: str, name: str, hook: Callable[..., Any], namespace: dict[str, Any]) -> Any:
    """The function `name` whose first loop is left to `hook`, with the body still standing in its code."""
    tree = ast.parse(source)
    function = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name)
    loop = next(node for node in ast.walk(function) if isinstance(node, ast.For))
    loop.iter = ast.copy_location(ast.Tuple([], ast.Load()), loop.iter)
    call = ast.parse("try:\n HOOK()\nexcept BaseException:\n FIX()\n raise").body[0]
    for node in ast.walk(call):
        ast.copy_location(node, loop)
    loop.orelse = [call]
    scope = dict(namespace, HOOK=hook, FIX=fix)
    exec(compile(tree, filename, "exec"), scope)
    return scope[name]


def internal(function: Callable[[], Any], depth: int = 2) -> Callable[[], Any]:
    """`function` called through frames of this package."""
    source = "def call(function):\n    return function()\n"
    scope: dict[str, Any] = {}
    exec(compile(source, INTERNAL, "exec"), scope)
    for _ in range(depth):
        function = (lambda inner: types.FunctionType(scope["call"].__code__, {}, "call", (inner,)))(function)
    return function


def position(namespace: dict[str, Any], source: str, name: str, text: str) -> FramePosition:
    """The position of the expression `text` in the function `name`."""
    tree = ast.parse(source)
    function = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name)
    node = next(n for n in ast.walk(function) if isinstance(n, ast.expr) and ast.get_source_segment(source, n) == text)
    code = namespace[name].__code__
    return FramePosition(
        code.co_filename, code.co_name, code.co_qualname, code.co_firstlineno,
        node.lineno, node.end_lineno, node.col_offset, node.end_col_offset,
    )


def shown(function: Callable[[], Any]) -> str:
    """The traceback of `function()` without this test's own frames."""
    with pytest.raises(BaseException) as caught:
        function()
    return shown_of(caught.value)


def shown_of(error: BaseException | None) -> str:
    whole = traceback.TracebackException.from_exception(error) if error is not None else None
    parts = []
    while whole is not None:
        whole.stack = traceback.StackSummary([frame for frame in whole.stack if frame.filename != __file__])
        parts.extend(whole.stack.format())
        parts.append("".join(whole.format_exception_only()))
        whole = whole.__cause__ or (None if whole.__suppress_context__ else whole.__context__)
    return "".join(parts)


PLAIN = """\
def helper(x, y):
    z = x + 1
    return (x * 2) // (y - 3)

def deeper(x, y):
    return 1 + helper(
        x,
        y)

def raises(x):
    raise KeyError(x)

def f(xs, y):
    total = 0
    for x in xs:
        total += xs[x + 5] * y
        total += helper(x, y) + 1
        total += deeper(x, y)
        total += raises(x)
    return total
"""


def test_position_inside_the_own_frame() -> None:
    names, filename = namespace_of(PLAIN)

    def hook() -> None:
        try:
            raise IndexError("list index out of range")
        except IndexError as error:
            error.__traceback__ = None
            note(error, [position(names, PLAIN, "f", "xs[x + 5]")])
            raise

    f = rewritten(PLAIN, filename, "f", internal(types.FunctionType(hook.__code__.replace(co_filename=INTERNAL),
                  hook.__globals__, "hook", None, hook.__closure__)), names)
    text = shown(lambda: f([1], 2))
    assert text == shown(lambda: names["f"]([1], 2))
    assert "xs[x + 5]" in text and "^^^" in text


def raising(error: BaseException, *frames: FramePosition, below: Callable[[], Any] | None = None) -> Any:
    """A hook made of internal frames that raises `error` (or what `below` raises) and notes `frames`."""
    source = (
        "def hook():\n"
        "    try:\n"
        "        if below is not None: below()\n"
        "        raise error\n"
        "    except BaseException as e:\n"
        "        note(e, frames)\n"
        "        raise\n"
    )
    scope = {"below": below, "error": error, "note": note, "frames": frames}
    exec(compile(source, INTERNAL, "exec"), scope)
    return internal(scope["hook"])


@pytest.mark.parametrize(
    ("inlined", "arguments", "error"),
    [
        ([("f", "helper(x, y)"), ("helper", "(x * 2) // (y - 3)")], ([-5], 3),
         ZeroDivisionError("integer division or modulo by zero")),
        ([("f", "xs[x + 5]")], ([1], 3), IndexError("list index out of range")),
    ],
)
def test_inlined_callees_are_frames_of_their_own(inlined: Any, arguments: Any, error: BaseException) -> None:
    names, filename = namespace_of(PLAIN)
    if sys.version_info >= (3, 13) and isinstance(error, ZeroDivisionError):
        error = ZeroDivisionError("integer division or modulo by zero")
    frames = [position(names, PLAIN, name, text) for name, text in inlined]
    f = rewritten(PLAIN, filename, "f", raising(error, *frames), names)
    assert shown(lambda: f(*arguments)) == shown(lambda: names["f"](*arguments))


def test_expression_over_several_lines() -> None:
    names, filename = namespace_of(PLAIN.replace("total += helper(x, y) + 1", "pass"))
    source = PLAIN.replace("total += helper(x, y) + 1", "pass")
    frames = [
        position(names, source, "f", "deeper(x, y)"),
        position(names, source, "deeper", "helper(\n        x,\n        y)"),
        position(names, source, "helper", "(x * 2) // (y - 3)"),
    ]
    error = ZeroDivisionError("integer division or modulo by zero")
    f = rewritten(source, filename, "f", raising(error, *frames), names)
    assert shown(lambda: f([-5], 3)) == shown(lambda: names["f"]([-5], 3))


def test_frames_of_called_functions_stay() -> None:
    source = PLAIN.replace("        total += helper(x, y) + 1\n        total += deeper(x, y)\n", "")
    names, filename = namespace_of(source)
    frames = [position(names, source, "f", "raises(x)")]
    hook = raising(ValueError(), *frames, below=lambda: names["raises"](-5))
    f = rewritten(source, filename, "f", hook, names)
    plain = shown(lambda: names["f"]([-5], 3))
    assert "in raises" in plain
    assert shown(lambda: f([-5], 3)) == plain


def outlined(names: dict[str, Any], source: str, name: str, text: str) -> Callable[[], Any]:
    """The statement `text` of the function `name`, outlined, with the values that it reads."""
    found = find(names[name])
    statement = next(
        node for node in ast.walk(found.node)
        if isinstance(node, ast.stmt) and text == ast.get_source_segment(source, node)
    )
    pieces = outline(found.scope, [statement])
    function = bind(pieces, names, {})
    values = {"xs": [-5], "x": -5, "y": 3, "total": 0}
    return functools.partial(function, *(values[parameter] for parameter in pieces.params))


@pytest.mark.parametrize("noted", [True, False])
def test_outlined_statement_is_merged_with_its_frame(noted: bool) -> None:
    source = PLAIN.replace("        total += helper(x, y) + 1\n        total += deeper(x, y)\n", "")
    names, filename = namespace_of(source)
    frames = [position(names, source, "f", "xs[x + 5]")] if noted else []  # the outlined frame knows better
    hook = raising(ValueError(), *frames, below=outlined(names, source, "f", "total += raises(x)"))
    f = rewritten(source, filename, "f", hook, names)
    assert shown(lambda: f([-5], 3)) == shown(lambda: names["f"]([-5], 3))


def test_outlined_statement_of_an_inlined_callee() -> None:
    source = "def callee(x):\n    x.y()\n    return 1\n\ndef f(xs, y):\n    for x in xs:\n        callee(x)\n"
    names, filename = namespace_of(source)
    frames = [position(names, source, "f", "callee(x)"), position(names, source, "callee", "x.y()")]
    hook = raising(ValueError(), *frames, below=outlined(names, source, "callee", "x.y()"))
    f = rewritten(source, filename, "f", hook, names)
    assert shown(lambda: f([-5], 3)) == shown(lambda: names["f"]([-5], 3))


def test_real_recursive_call_is_no_outlined_statement() -> None:
    source = "def f(xs, y):\n    for x in xs:\n        if not y: xs[1]\n        f(xs, y - 1)\n"
    names, filename = namespace_of(source)
    hook = raising(ValueError(), position(names, source, "f", "f(xs, y - 1)"), below=lambda: names["f"]([1], 0))
    f = rewritten(source, filename, "f", hook, names)
    assert shown(lambda: f([1], 1)) == shown(lambda: names["f"]([1], 1))


def test_regions_inside_regions() -> None:
    source = "def g(xs):\n    for x in xs:\n        xs[9]\n\ndef f(xs):\n    for x in xs:\n        g(xs)\n"
    names, filename = namespace_of(source)
    inner = rewritten(source, filename, "g",
                      raising(IndexError("list index out of range"), position(names, source, "g", "xs[9]")), names)
    hook = raising(ValueError(), position(names, source, "f", "g(xs)"), below=lambda: inner([1]))
    outer = rewritten(source, filename, "f", hook, names)
    assert shown(lambda: outer([1])) == shown(lambda: names["f"]([1]))


def test_notes_of_a_region_that_was_entered_without_a_frame_lie_below() -> None:
    names, filename = namespace_of(PLAIN)
    inner = raising(ZeroDivisionError("integer division or modulo by zero"),
                    position(names, PLAIN, "helper", "(x * 2) // (y - 3)"))
    f = rewritten(PLAIN, filename, "f",
                  raising(ValueError(), position(names, PLAIN, "f", "helper(x, y)"), below=inner), names)
    assert shown(lambda: f([-5], 3)) == shown(lambda: names["f"]([-5], 3))


def test_raised_again_in_the_caller() -> None:
    source = PLAIN + """
def again(xs, y):
    try:
        f(xs, y)
    except IndexError as error:
        kept = error
    raise kept

def chained(xs, y):
    try:
        f(xs, y)
    except IndexError as error:
        raise RuntimeError("chained") from error

def context(xs, y):
    try:
        f(xs, y)
    except IndexError as error:
        xs.append(1, 2)
"""
    names, filename = namespace_of(source)
    own = [position(names, source, "f", "xs[x + 5]")]
    for name in ("again", "chained", "context"):
        plain = shown(lambda name=name: names[name]([1], 2))
        f = rewritten(source, filename, "f", raising(IndexError("list index out of range"), *own), names)
        caller = types.FunctionType(names[name].__code__, dict(names, f=f))
        assert shown(lambda caller=caller: caller([1], 2)) == plain


def test_interrupt_without_a_note_shows_the_loop() -> None:
    names, filename = namespace_of(PLAIN)
    f = rewritten(PLAIN, filename, "f", raising(KeyboardInterrupt()), names)
    with pytest.raises(KeyboardInterrupt) as caught:
        f([1], 2)
    frames = [(frame.name, frame.lineno) for frame in traceback.extract_tb(caught.value.__traceback__)][1:]
    assert frames == [("f", 15)]


def test_the_exception_keeps_nothing() -> None:
    names, filename = namespace_of(PLAIN)
    error = IndexError("list index out of range")
    f = rewritten(PLAIN, filename, "f", raising(error, position(names, PLAIN, "f", "xs[x + 5]")), names)
    with pytest.raises(IndexError):
        f([1], 2)
    assert vars(error) == {}
    assert pickle.loads(pickle.dumps(error)).args == error.args


def test_exceptions_that_refuse_attributes() -> None:
    class Frozen(Exception):
        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(name)

    names, filename = namespace_of(PLAIN)
    f = rewritten(PLAIN, filename, "f", raising(Frozen(), position(names, PLAIN, "f", "xs[x + 5]")), names)
    assert "line 16" in shown(lambda: f([1], 2))


def test_frames_die_with_the_exception() -> None:
    names, filename = namespace_of(PLAIN)

    class Thing:
        pass

    frames = [position(names, PLAIN, "f", "helper(x, y)"), position(names, PLAIN, "helper", "(x * 2) // (y - 3)")]
    f = rewritten(PLAIN, filename, "f", raising(ValueError("gone"), *frames), names)
    thing = Thing()
    seen = weakref.ref(thing)
    gc.disable()
    try:
        try:
            f([1], thing)
        except ValueError as error:
            assert error.__traceback__ is not None
            error.__traceback__ = None
        del thing
        assert seen() is None
    finally:
        gc.enable()


def test_globals_of_an_inlined_frame() -> None:
    names, filename = namespace_of(PLAIN)
    place = position(names, PLAIN, "helper", "(x * 2) // (y - 3)")
    own = {"__name__": "elsewhere"}
    place = FramePosition(place.filename, place.name, place.qualname, place.first_line, *place.position, globals=own)
    f = rewritten(PLAIN, filename, "f",
                  raising(ValueError(), position(names, PLAIN, "f", "helper(x, y)"), place), names)
    with pytest.raises(ValueError) as caught:
        f([1], 2)
    entry = caught.value.__traceback__
    while entry is not None and entry.tb_next is not None:
        entry = entry.tb_next
    assert entry is not None and entry.tb_frame.f_globals is own
    assert (entry.tb_frame.f_code.co_name, entry.tb_frame.f_code.co_firstlineno) == ("helper", 1)


REAL = """\
import functools

def deep(x, y):
    return [x // y for x in (x, x)]

def f(xs, y):
    total = 0
    for x in xs:
        total += (x +
                  deep(x, y)[0])
        if total > 100:
            raise ValueError(f"{total} is too much")
    return total

def g(n):
    while n:
        n -= 1
        for k in range(n, -n, -1):
            if k == -2:
                n.missing
    return n

def rec(n):
    if n == 0:
        return [][n]
    for i in range(n):
        rec(n - 1)

def listed(xs):
    for x in xs:
        ys = [[1 // (x - y + 1) for y in xs]
              for _ in xs]

def reraised(xs):
    for x in xs:
        try:
            int(x)
        except ValueError as error:
            kept = error
    raise kept

def raised_inside(xs):
    for x in xs:
        try:
            int(x)
        except ValueError as error:
            kept = error
        for y in xs:
            if y == "b":
                raise kept from KeyError(y)
"""


@pytest.mark.parametrize("limit", [0, 1, 3, 100])
@pytest.mark.parametrize(
    "call",
    ["f([4, 3, 'x', 2], 2)", "f([50, 60, 70], 1)", "f([1, 2, 3, 4, 5], 0)", "f([1, 'x'], 1)", "f(3, 1)", "g(4)",
     "g(1.5)", "rec(3)", "listed([3, 4])", "reraised('ab')", "raised_inside('ab')"],
)
def test_probed_functions_whose_hooks_run_the_body_outlined(call: str, limit: int) -> None:
    """Every loop is run by its hook: each iteration as an outlined function, called from frames of this package."""
    names, _ = namespace_of(REAL)
    adapted = dict(names)
    for name, function in names.items():
        if isinstance(function, types.FunctionType):
            found = find(function)
            adapted[name] = function_with_outlined_loops(found, adapted, limit)
    plain = shown(lambda: eval(call, dict(names)))
    assert shown(lambda: eval(call, adapted)) == plain


def function_with_outlined_loops(found: FunctionSource, namespace: dict[str, Any], limit: int) -> Any:
    sites = loop_sites(found.scope)
    # The frames of comprehensions are noted by the register machine, which does not run here.
    chosen = frozenset(site.index for site in sites if site.kind != "function" and not hasattr(site.node, "drawn"))
    template = instrument(found, sites, chosen)
    slots = {index: Slot(limit, outlining_hook(sites[index], namespace)) for index in template.probed}
    return types.FunctionType(template.code(slots, fix), namespace)


def outlining_hook(site: LoopSite, namespace: dict[str, Any]) -> Callable[..., tuple[Any, ...]]:
    if site.kind == "while":
        return lambda *arguments: (3, None, *[UNBOUND] * len(site.results))
    pieces = outline(site.scope, site.node.body)
    body = bind(pieces, namespace, {})

    def hook(it: Any, *values: Any) -> tuple[Any, ...]:
        state = dict(zip(site.params, values, strict=True))
        status, value = 0, None
        for item in it:
            state[site.node.target.id] = item
            signal, value, *results = body(*(state.get(name, UNBOUND) for name in pieces.params))
            state.update(zip(pieces.results, results, strict=True))
            if signal in (1, 3):
                status = {1: 1, 3: 2}[signal]
                break
        return (status, value, *(state.get(name, UNBOUND) for name in site.results))

    return types.FunctionType(hook.__code__.replace(co_filename=INTERNAL), hook.__globals__, "hook", None,
                              hook.__closure__)


def checked(x: Any, level: int) -> Any:
    try:
        return (0, 1, 2)[x]
    except TypeError:
        tell("no index", RuntimeWarning, level)
        return int(x)


def adds(xs: list[Any], level: int) -> int:
    total = 0
    for x in xs:
        total += checked(x, level)
    return total


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("filtered", ["error", "always"])
def test_a_callee_warns_of_its_caller(level: int, filtered: Any) -> None:
    compiled = zexus.jit.compile(adds, threshold=1, background=False, cache=False, weigh=False)

    def told(function: Any, xs: list[Any]) -> Any:
        with warnings.catch_warnings(record=True) as noted:
            warnings.simplefilter(filtered)
            try:
                answer = function(xs, level)
            except RuntimeWarning as error:
                return traceback.extract_tb(error.__traceback__)[1:], str(error), repr(error.__context__)
        return answer, [(one.filename, one.lineno, str(one.message)) for one in noted]

    for xs in ([1, 2] * 20 + [1.0] * 3, [1.0] * 30, [1, 2.0, 1]):
        expected, found = (told(function, xs) for function in (adds, compiled))
        assert found == expected
