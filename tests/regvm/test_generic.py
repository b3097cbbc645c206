"""The road of Code to optimized SSA on objects: goldens, and the same answers as the stack machine."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.regvm.objects import (
    VALUES,
    Evaluator,
    Maker,
    Noisy,
    Source,
    Spent,
    agrees,
    constant,
    evaluated,
    guard,
    module_of,
    reference,
)
from zexus.assembly import assemble
from zexus.bytecode import Module
from zexus.codes import Unsupported
from zexus.regvm.ir import Function, Instr
from zexus.regvm.passes.inline import Limits
from zexus.regvm.pipeline import ALL_PHASES, GENERAL, NO_PHASES, Lowering, Phases, lower
from zexus.regvm.text import parse, print_function
from zexus.regvm.verify import verify

HERE = Path(__file__).parent / "modules"
FILES = sorted(p for p in HERE.iterdir() if p.suffix in (".py", ".zxa"))


def module_in(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return module_of(text) if path.suffix == ".py" else assemble(text, path.name)


def agree(text: str, *arguments: Maker, phases: Phases = ALL_PHASES) -> tuple[Any, ...]:
    """What a module does with these arguments, the same on the stack machine and on optimized SSA."""
    module = module_of(text)
    wanted = reference(module, arguments)
    assert wanted is not None
    assert evaluated(module, Lowering(module, phases), arguments) == wanted
    return wanted


def rows(text: str, name: str = "main") -> list[str]:
    """The opcodes of an optimized function."""
    module = module_of(text)
    return [instr.op for instr in lower(module.functions[name], module).instructions()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_whole_road(path: Path, golden: Callable[[Path, str], None]) -> None:
    module = module_in(path)
    fn = lower(module.functions["main"], module)
    text = print_function(fn)
    assert print_function(parse(text)) == text
    golden(path.with_suffix(".out"), text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("phases", [ALL_PHASES, NO_PHASES], ids=["all", "none"])
def test_the_programs_keep_their_answers(path: Path, phases: Phases) -> None:
    module = module_in(path)
    for given_ in (0, 1, 7, -1, 2.5, "a", None, True):
        assert agrees(module, Lowering(module, phases), (constant(given_),)), given_


# --- the laws -------------------------------------------------------------------------------------------------

MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def random_module(rng: random.Random, handlers: bool) -> Module | None:
    """A random module without outlined statements."""
    try:
        module = module_of(Source(rng).text())
    except (Unsupported, SyntaxError):
        return None
    if any(code.blocks for code in module.functions.values()):
        return None
    for code in module.functions.values():
        if handlers and rng.random() < 0.6:
            guard(code, rng)
    return module


def check(rng: random.Random, handlers: bool, phases: Phases) -> None:
    module = random_module(rng, handlers)
    if module is None:
        return
    arguments = [rng.choice(VALUES) for _ in range(3)]
    assert agrees(module, Lowering(module, phases), arguments)


@given(st.randoms(use_true_random=True), st.booleans())
@MANY
def test_the_road_keeps_the_meaning(rng: random.Random, handlers: bool) -> None:
    check(rng, handlers, ALL_PHASES)


@pytest.mark.parametrize("run", GENERAL, ids=lambda run: run.__name__)
@given(rng=st.randoms(use_true_random=True), handlers=st.booleans())
@settings(MANY, max_examples=40)
def test_a_pass_alone_keeps_the_meaning(run: Any, rng: random.Random, handlers: bool) -> None:
    check(rng, handlers, Phases(**{**vars(NO_PHASES), run.__name__: True}))


@given(st.randoms(use_true_random=True), st.booleans())
@settings(MANY, max_examples=60)
def test_a_pass_tells_whether_it_changed_something(rng: random.Random, handlers: bool) -> None:
    module = random_module(rng, handlers)
    if module is None:
        return
    fn = lower(module.functions["main"], module, NO_PHASES)
    for run in GENERAL * 2:
        before = print_function(fn)
        changed = run(fn)
        verify(fn)
        assert changed == (print_function(fn) != before), run.__name__


OPERATORS = ("+", "-", "*", "/", "//", "%", "&", "|", "^", ">>", "<", "<=", "==", "!=", ">", ">=")
LITERALS = ("0", "1", "-1", "2", "7", "8", "True", "False", "0.0", "-0.0", "1.0", "2.0", "0.5", "1e308", "(1e308 * 10)",
            "(1e308 * 10 - 1e308 * 10)", "10 ** 30", "2 ** 53 + 1", "'a'", "''", "'%s'", "None", "(1, 2)", "()")


@given(st.tuples(*[st.sampled_from(LITERALS)] * 4), st.sampled_from(OPERATORS), st.integers(0, 3))
@settings(MANY, max_examples=400)
def test_operators_on_known_kinds(literals: tuple[str, ...], operator: str, way: int) -> None:
    first, second, third, fourth = literals
    # What a parameter chooses has known kinds, and is no constant.
    x, y = f"({first}) if p else ({second})", f"({third}) if q else ({fourth})"
    if way == 0:
        last = f"(x {operator} y, not x {operator} y)"
    elif way == 1:
        last = f"x {operator} ({third})"
    elif way == 2:
        last = f"({first}) {operator} y, x {operator} y, not y, x is None, y is not True, -x, +x"
    elif operator in OPERATORS[:10]:
        x, last = f"{x}\n    x {operator}= y", "x"
    else:
        last = "x ** 2 if y else x ** 1, x << 3, x ** 0.5"
    text = f"def main(p, q):\n    y = {y}\n    x = {x}\n    return {last}\n"
    module = module_of(text)
    for p in (True, False):
        assert agrees(module, Lowering(module), (constant(p), constant(not p)))


# --- the corners ----------------------------------------------------------------------------------------------


def test_objects_with_operators_keep_all_their_effects() -> None:
    text = """
def main(a, b, c):
    a + b
    x = a + b
    y = a + b
    if a < b:
        x = a + b
    -a
    a == a
    for i in range(3):
        c = a * b
    return x, y, c
"""
    found = agree(text, lambda log: Noisy(log, 2), constant(3), constant(None))
    assert found[-1].count("add 2 int 3") == 4 and found[-1].count("mul 2 int 3") == 3


def test_exceptions_come_in_their_order() -> None:
    text = """
def main(a, b, c):
    x = 1 // b
    y = a + 'text'
    return x, y
"""
    assert agree(text, constant(1), constant(0), constant(0))[0] == "ZeroDivisionError"
    assert agree(text, constant(1), constant(1), constant(0))[0] == "TypeError"


def test_what_raises_is_not_hoisted_out_of_a_loop_that_does_not_run() -> None:
    text = """
def main(n, b, c):
    d = len('') * 1
    i = 0
    while i < n:
        c = 7 // d
        i += 1
    return c
"""
    assert agree(text, constant(0), constant(0), constant("c"))[0] == "value"
    assert agree(text, constant(1), constant(0), constant("c"))[0] == "ZeroDivisionError"


def test_constants_of_other_types_are_other_constants() -> None:
    text = """
def main(a, b, c):
    return 1 == True, (1, True, 1.0, 0.0, -0.0), 1 * True, True + 0, 0.0 * -1, 6 / 3, 'a' * 2, 2 ** 0.5, 2 ** -1
"""
    assert "float 2.0" in agree(text, *[constant(None)] * 3)[1]


def test_folding_is_bounded() -> None:
    text = """
def main(a, b, c):
    if a:
        return 10 ** 10 ** 8, 'x' * 10 ** 9, 1 << 10 ** 9, (1, 2) * 10 ** 8, '%999999999d' % 1
    return 10 ** 9
"""
    assert agree(text, constant(False), constant(0), constant(0))[:2] == ("value", "int 1000000000")


def test_nan_and_the_signs_of_zero() -> None:
    text = """
def main(a, b, c):
    n = float('nan') if c else 0.5
    x = 0.0
    i = 0
    while i < 3:
        x = x * -1
        i += 1
    w = 1e308
    while i < 6:
        w = w * 10
        i += 1
    z = w - w
    y = not z < 1.0, not z >= 1.0, not z == z, z != z
    return y, x, x + 0, 0 * x, x - x, x == x, x != x, not x < x, x * 1, x / 2, x / 4.0, -x
"""
    agree(text, constant(0), constant(0), constant(0))


def test_a_loop_that_does_not_end_stays() -> None:
    module = module_of("def main():\n    while True:\n        1 + 1\n")
    fn = lower(module.functions["main"], module)
    assert any(block in block.successors for block in fn.blocks)


def test_a_handler_around_a_loop_stays_for_signals() -> None:
    text = """
function main()
start:
    LOAD_CONST 1
    POP
    JUMP start
stop:
    RETURN
  handler start stop -> stop depth 0
"""
    module = assemble(text)
    fn = lower(module.functions["main"], module)
    assert any(block.catches is not None for block in fn.blocks)


def test_a_handler_of_nothing_goes() -> None:
    text = """
function main(a)
start:
    LOAD_CONST 1
    LOAD_CONST 2
    ADD
    STORE_LOCAL a
stop:
    LOAD_LOCAL a
    RETURN
handler:
    RETURN
  handler start stop -> handler depth 0
"""
    module = assemble(text)
    fn = lower(module.functions["main"], module)
    assert [instr.op for instr in fn.instructions()] == ["CONST", "RETURN"]


# --- inlining -------------------------------------------------------------------------------------------------

CALLS = """
def low(x):
    return x + 1


def middle(x):
    y = low(x)
    return y * 2


def main(x):
    return (
        middle(x)
    )
"""


def test_calls_are_inlined_with_their_chain() -> None:
    module = module_of(CALLS)
    fn = lower(module.functions["main"], module)
    assert "CALL" not in [i.op for i in fn.instructions()]
    (add,) = [i for i in fn.instructions() if i.op == "ADD"]
    assert add.context is not None
    chain = []
    context = add.context
    while context is not None:
        chain.append(context.code.code.name)
        context = context.parent
    assert chain == ["low", "middle", "main"]
    assert len(add.context.path) == 2


def test_tracebacks_show_inlined_frames() -> None:
    assert agree(CALLS, constant("text"))[2] == [("main", 13), ("middle", 7), ("low", 3)]


def test_recursion_is_inlined_as_often_as_the_limit_says() -> None:
    text = "def main(n):\n    return 1 if n < 2 else n * main(n - 1)\n"
    module = module_of(text)
    for times in (0, 1, 2):
        fn = Lowering(module, limits=Limits(recursion=times)).lower(module.functions["main"])
        assert sum(i.op == "MUL" for i in fn.instructions()) == times + 1
    assert agree(text, constant(6))[1] == "int 720"


def test_functions_that_call_each_other_are_inlined_a_bounded_number_of_times() -> None:
    names = ("f", "g", "h")
    body = "    return n if n < 1 else {0}(n - 1) + {1}(n - 2)\n"
    text = "".join(f"def {name}(n):\n{body.format(*(other for other in names if other != name))}" for name in names)
    module = module_of(text + "def main(n):\n    return f(n)\n")
    fn = lower(module.functions["main"], module)
    chains = {len(i.context.path) for i in fn.instructions() if i.context is not None}
    assert max(chains) <= len(names) + 1
    assert agree(text + "def main(n):\n    return f(n)\n", constant(7))[0] == "value"


CIRCLE = """
def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def through(f, n):
    return f(n)


def twice(n):
    return n + n


def main(n):
    return even(n), through(main, 0) if n < 0 else 0, twice(n)
"""


def test_calls_that_may_lead_back_stay_calls_where_that_is_wanted() -> None:
    module = module_of(CIRCLE)
    lowering = Lowering(module, limits=Limits(circular=False))
    inlined = {name: {i.context.code.code.name for i in lowering.lower(code).instructions() if i.context is not None}
               for name, code in module.functions.items()}
    assert inlined["even"] == {"even"} and inlined["odd"] == {"odd"}
    # What `through` calls may be anything.
    assert inlined["main"] == {"main", "even", "twice"}
    assert agree(CIRCLE, constant(5))[1] == agree(CIRCLE, constant(5), phases=Phases(inline=False))[1]


def test_big_bodies_are_inlined_into_loops_only() -> None:
    body = "".join(f"    x = x * a + {n}\n" for n in range(15))
    text = f"def big(x, a):\n{body}    return x\n\n\ndef main(n, a):\n    x = big(n, a)\n"
    assert "CALL" in rows(text + "    return x\n")
    assert "CALL" not in rows(text.replace("    x = big(n, a)\n", "    x = n\n    while x:\n        x = big(x, a)\n")
                              + "    return x\n")


def test_functions_stay_within_the_total() -> None:
    text = "def f(x):\n    return x + x + x + x\n\n\ndef main(x):\n    return " + " + ".join(["f(x)"] * 30) + "\n"
    module = module_of(text)
    limits = Limits(total=100)
    fn = Lowering(module, limits=limits).lower(module.functions["main"])
    ops = [i.op for i in fn.instructions()]
    assert 0 < ops.count("CALL") < 30 and len(ops) <= limits.total + 30


@pytest.mark.parametrize("text", [
    "function f()\n    LOAD_CONST 1\n    RETURN\n\nfunction main()\n    LOAD_CONST 2\n    STORE_GLOBAL f\n"
    "    LOAD_GLOBAL f\n    CALL 0\n    RETURN\n",
    "function f(a)\n    LOAD_LOCAL a\n    RETURN\n\nfunction main()\n    LOAD_GLOBAL f\n    CALL 0\n    RETURN\n",
], ids=["assigned", "arguments"])
def test_calls_that_stay(text: str) -> None:
    module = assemble(text)
    fn = lower(module.functions["main"], module)
    assert "CALL" in [i.op for i in fn.instructions()]
    assert evaluated(module, Lowering(module), ()) == reference(module, ())


def test_exceptions_of_inlined_bodies_reach_the_handler_of_the_call() -> None:
    module = module_in(HERE / "handlers.zxa")
    fn = lower(module.functions["main"], module)
    divisions = [(block, i) for block in fn.blocks for i in block.instrs if i.op == "TRUEDIV"]
    assert len(divisions) == 1 and divisions[0][0].catches is not None
    found = evaluated(module, Lowering(module), (constant(4),))
    assert found is not None and found == reference(module, (constant(4),)) and found[0] == "value"


def test_a_body_without_a_way_back() -> None:
    text = """
function fail(a)
    LOAD_LOCAL a
    RAISE

function main(a)
    LOAD_GLOBAL fail
    LOAD_LOCAL a
    CALL 1
    LOAD_CONST 1
    ADD
    RETURN
"""
    module = assemble(text)
    fn = lower(module.functions["main"], module)
    assert fn.blocks[-1].terminator.op == "RAISE" and "ADD" not in [i.op for i in fn.instructions()]
    arguments = (constant(KeyError("x")),)
    assert evaluated(module, Lowering(module), arguments) == reference(module, arguments)


def test_the_phases_are_the_passes() -> None:
    assert set(vars(ALL_PHASES)) == {run.__name__ for run in GENERAL} | {"inline", "licm"}
    module = module_of(CALLS)
    seen: list[str] = []
    lower(module.functions["main"], module, watch=lambda name, fn: seen.append(name))
    assert "inline" in seen and set(seen) <= set(vars(ALL_PHASES))
    lower(module.functions["main"], module, NO_PHASES, lambda name, fn: seen.append("ran"))
    assert "ran" not in seen


def test_lowering_leaves_no_snapshots_and_knows_the_programs() -> None:
    module = module_of(CALLS)
    road = Lowering(module)
    fn: Function = road.lower(module.functions["main"])
    instr: Instr
    for instr in fn.instructions():
        assert instr.env is None
        if instr.context is not None:
            assert instr.context.code is road.program(instr.context.code.code)


def test_the_evaluator_ends_runs() -> None:
    module = module_of("def main():\n    while True:\n        pass\n")
    with pytest.raises(Spent):
        Evaluator(Lowering(module), {}, 50).call(module.namespace(lambda *a: None)["main"], ())
