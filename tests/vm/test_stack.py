"""The stack machine: what instructions mean, exceptions, calls, limits, tracebacks."""

from __future__ import annotations

import ast
import copy
import inspect
import itertools
import signal
import textwrap
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from zexus import ops
from zexus.assembly import assemble
from zexus.bytecode import Code, Routine
from zexus.frontend.lower import lower_function
from zexus.frontend.source import module_source
from zexus.vm import stack as stack_module
from zexus.vm.limits import Budget, InstructionLimit, LimitExceeded, TimeLimit
from zexus.vm.metering import metered
from zexus.vm.stack import StackMachine


def program(text: str, machine: StackMachine | None = None) -> dict[str, Any]:
    """The namespace of a program, ready to be called."""
    machine = StackMachine(100_000) if machine is None else machine
    module = assemble(textwrap.dedent(text), "program.zxa")
    return (metered(module) if machine.budget.limited else module).namespace(machine.enter)


def run(body: str, *arguments: Any, params: str = "a b c", machine: StackMachine | None = None) -> Any:
    """What a function of these lines returns."""
    names = ", ".join(params.split()[: len(arguments)])
    return program(f"function main({names})\n{textwrap.dedent(body)}", machine)["main"](*arguments)


def test_every_row_of_the_stack_form_has_an_arm() -> None:
    tree = ast.parse(inspect.getsource(stack_module))
    compared = {side.value for node in ast.walk(tree) if isinstance(node, ast.Compare)
                and isinstance(node.left, ast.Name) and node.left.id == "op"
                for side in node.comparators if isinstance(side, ast.Constant)}
    decoded = {row.name for row in ops.OPS.values() if row.meaning is not None}
    forms = {"structural", "stack", "fused"} & {row.family for row in ops.OPS.values()}
    named = {row.name for row in ops.OPS.values() if row.family in forms}
    tested = set(getattr(stack_module, "_TESTED", {}))
    assert compared - named == {"UNARY", "BINARY", "EFFECT"}
    assert named - compared == tested
    assert not named & decoded


@pytest.mark.parametrize("row", [row for row in ops.OPS.values()
                                 if row.family in ("arith", "compare", "unary", "builtin") and row.meaning],
                         ids=lambda row: row.name)
def test_plain_rows_mean_what_they_say(row: ops.Op) -> None:
    assert row.meaning is not None
    operands: list[Any] = [0.5, 3][:row.arity]
    body = "".join(f"LOAD_LOCAL {name}\n" for name in "ab"[:row.arity]) + f"{row.name}\nRETURN"

    def told(compute: Callable[[], Any]) -> tuple[str, str]:
        try:
            value = compute()
        except (TypeError, ValueError) as error:
            return type(error).__name__, str(error)
        return type(value).__name__, repr(value)

    assert told(lambda: run(body, *operands)) == told(lambda: row.meaning(*operands))  # type: ignore[misc]


@pytest.mark.parametrize(("body", "arguments", "expected"), [
    ("LOAD_LOCAL a\n LOAD_LOCAL b\n BUILD_LIST 2\n RETURN", (1, 2), [1, 2]),
    ("BUILD_LIST 0\n RETURN", (), []),
    ("LOAD_LOCAL a\n LOAD_LOCAL b\n BUILD_TUPLE 2\n RETURN", (1, 2), (1, 2)),
    ("LOAD_LOCAL a\n LOAD_LOCAL b\n LOAD_LOCAL a\n BUILD_SET 3\n RETURN", (1, 2), {1, 2}),
    ("LOAD_LOCAL a\n LOAD_LOCAL b\n LOAD_LOCAL b\n LOAD_LOCAL a\n BUILD_DICT 2\n RETURN", (1, 2), {1: 2, 2: 1}),
    ("LOAD_CONST 1\n LOAD_CONST None\n LOAD_LOCAL a\n BUILD_SLICE\n RETURN", (2,), slice(1, None, 2)),
    ("LOAD_LOCAL a\n UNPACK 2\n BUILD_LIST 2\n RETURN", ((1, 2),), [2, 1]),
    ("LOAD_LOCAL a\n LOAD_LOCAL b\n LOAD_LOCAL c\n SWAP 3\n BUILD_LIST 3\n RETURN", (1, 2, 3), [3, 2, 1]),
    ("LOAD_LOCAL a\n LOAD_LOCAL b\n COPY 2\n BUILD_LIST 3\n RETURN", (1, 2), [1, 2, 1]),
    ("LOAD_LOCAL a\n LOAD_CONST 0\n LOAD_LOCAL b\n SETITEM\n LOAD_LOCAL a\n RETURN", ([1], 2), [2]),
    ("LOAD_LOCAL b\n LOAD_LOCAL a\n LOAD_CONST 0\n STORE_ITEM\n LOAD_LOCAL a\n RETURN", ([1], 2), [2]),
    ("LOAD_LOCAL a\n LOAD_CONST 0\n DELITEM\n LOAD_LOCAL a\n RETURN", ([1, 2],), [2]),
    ("LOAD_LOCAL a\n LOAD_CONST 7\n LIST_ADD\n LOAD_LOCAL a\n RETURN", ([1],), [1, 7]),
    ("LOAD_LOCAL a\n LOAD_CONST 7\n SET_ADD\n LOAD_LOCAL a\n RETURN", ({1},), {1, 7}),
    ("LOAD_LOCAL a\n LOAD_CONST 7\n LOAD_CONST 8\n DICT_SET\n LOAD_LOCAL a\n RETURN", ({1: 2},), {1: 2, 7: 8}),
    ("LOAD_LOCAL a\n GETATTR real\n RETURN", (5,), 5),
    ("LOAD_GLOBAL len\n LOAD_LOCAL a\n CALL 1\n RETURN", ("abc",), 3),
    ("LOAD_CONST 4\n STORE_GLOBAL g\n LOAD_GLOBAL g\n RETURN", (), 4),
    ("LOAD_LOCAL a\n LOAD_GLOBAL LookupError\n MATCH\n RETURN", (KeyError(),), True),
    ("LOAD_LOCAL a\n JUMP_IF_TRUE yes\n LOAD_CONST 0\n RETURN\n yes: LOAD_CONST 1\n RETURN", ("x",), 1),
    ("LOAD_LOCAL a\n JUMP_IF_FALSE no\n LOAD_CONST 1\n RETURN\n no: LOAD_CONST 0\n RETURN", ([],), 0),
])
def test_structural_rows(body: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert run(body, *copy.deepcopy(arguments)) == expected


def test_attributes_are_set() -> None:
    class Thing:
        pass

    thing = Thing()
    assert run("LOAD_LOCAL a\n LOAD_CONST 3\n SETATTR size\n LOAD_LOCAL a\n GETATTR size\n RETURN", thing) == 3
    assert vars(thing) == {"size": 3}


@pytest.mark.parametrize(("body", "arguments", "error", "message"), [
    ("LOAD_GLOBAL nowhere\n RETURN", (), NameError, "name 'nowhere' is not defined"),
    ("LOAD_LOCAL a\n UNPACK 2\n POP\n RETURN", ((1, 2, 3),), ValueError, r"too many values to unpack \(expected 2\)"),
    ("LOAD_LOCAL a\n RAISE", (5,), TypeError, "exceptions must derive from BaseException"),
    ("LOAD_LOCAL a\n RAISE", (KeyError,), KeyError, "^$"),
    ("LOAD_LOCAL a\n LOAD_LOCAL a\n MATCH\n RETURN", (KeyError(),), TypeError, "catching classes"),
    ("LOAD_LOCAL a\n GETATTR nothing\n RETURN", (5,), AttributeError, "'int' object has no attribute 'nothing'"),
    ("LOAD_LOCAL a\n CALL 0\n RETURN", (5,), TypeError, "'int' object is not callable"),
    ("LOAD_GLOBAL main\n CALL 0\n RETURN", (5,), TypeError, r"main\(\) missing 1 required positional argument: 'a'"),
])
def test_errors_are_pythons(body: str, arguments: tuple[Any, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        run(body, *arguments)


def test_a_local_without_a_value() -> None:
    body = "locals x\n LOAD_LOCAL a\n JUMP_IF_FALSE skip\n LOAD_CONST 1\n STORE_LOCAL x\n skip: LOAD_LOCAL x\n" \
           " CHECK_BOUND x\n RETURN"
    assert run(body, True) == 1
    with pytest.raises(UnboundLocalError, match="cannot access local variable 'x'"):
        run(body, False)


# --- calls ---------------------------------------------------------------------------------------------------

SUM_TO = """
    function main(n)
        LOAD_LOCAL n
        JUMP_IF_TRUE more
        LOAD_CONST 0
        RETURN
    more:
        LOAD_LOCAL n
        LOAD_GLOBAL main
        LOAD_LOCAL n
        LOAD_CONST 1
        SUB
        CALL 1
        ADD
        RETURN
    """


def test_recursion_is_not_the_hosts() -> None:
    assert program(SUM_TO)["main"](50_000) == 50_000 * 50_001 // 2


def test_recursion_has_a_limit_of_its_own() -> None:
    space = program(SUM_TO, StackMachine(50))
    assert space["main"](49) == 49 * 25
    with pytest.raises(RecursionError, match="maximum recursion depth exceeded"):
        space["main"](50)
    assert space["main"](49) == 49 * 25


CLOSURES = """
    function main(start)
      cells start
        MAKE_FUNCTION step
        MAKE_FUNCTION step
        BUILD_TUPLE 2
        RETURN
    function step(by)
      captured start
        LOAD_CELL start
        LOAD_LOCAL by
        ADD
        COPY 1
        STORE_CELL start
        RETURN
    """


def test_inner_functions_share_a_cell() -> None:
    space = program(CLOSURES)
    first, second = space["main"](10)
    assert (first(1), second(2), first(3)) == (11, 13, 16)
    assert type(first) is Routine and "step" not in space
    other, _ = space["main"](0)
    assert other(5) == 5 and first(0) == 16


def test_a_cell_that_holds_nothing() -> None:
    text = "function main()\n cells x\n LOAD_CELL x\n RETURN"
    with pytest.raises(UnboundLocalError, match="cannot access local variable 'x'"):
        program(text)["main"]()
    inner = "\nfunction f()\n captured x\n LOAD_CELL x\n RETURN"
    outer = text.replace("LOAD_CELL x", "MAKE_FUNCTION f\n CALL 0")
    with pytest.raises(NameError, match="cannot access free variable 'x'"):
        program(outer + inner)["main"]()


def test_host_code_calls_routines() -> None:
    space = program("""
        function main(items)
            LOAD_GLOBAL max
            LOAD_GLOBAL map
            LOAD_GLOBAL square
            LOAD_LOCAL items
            CALL 2
            CALL 1
            RETURN
        function square(x)
            LOAD_LOCAL x
            COPY 1
            MUL
            RETURN
        """)
    assert space["main"]([1, -5, 3]) == 25


# --- exceptions ----------------------------------------------------------------------------------------------

CATCHING = """
    function main(f)
        BUILD_LIST 0
        LOAD_CONST 'kept'
    risky:
        LOAD_LOCAL f
        CALL 0
        SWAP 2
        POP
    end:
        RETURN
    caught:
        COPY 1
        LOAD_GLOBAL LookupError
        MATCH
        JUMP_IF_FALSE again
        GETATTR args
        BUILD_TUPLE 3
        RETURN
    again:
        RAISE
      handler risky end -> caught depth 2
    function fails()
        LOAD_GLOBAL deeper
        CALL 0
        RETURN
    function deeper()
        LOAD_GLOBAL KeyError
        LOAD_CONST 'deep'
        CALL 1
        RAISE
    function wrong()
        LOAD_CONST 1
        LOAD_CONST 0
        FLOORDIV
        RETURN
    function fine()
        LOAD_CONST 'fine'
        RETURN
    """


def test_handlers_take_exceptions_out_of_calls() -> None:
    space = program(CATCHING)
    assert space["main"](space["fails"]) == ([], "kept", ("deep",))
    assert space["main"](space["fine"]) == "fine"
    with pytest.raises(ZeroDivisionError):
        space["main"](space["wrong"])


def test_the_inner_handler_comes_first_and_raises_into_the_outer_one() -> None:
    assert run("""
        outer: inner: LOAD_LOCAL a
            LOAD_LOCAL a
            FLOORDIV
            RETURN
        first: POP
            LOAD_CONST ()
            LOAD_CONST 0
            GETITEM
            RETURN
        second: GETATTR args
            RETURN
          handler inner first -> first
          handler outer second -> second
        """, 0) == ("tuple index out of range",)


def test_an_exception_inside_a_loop_keeps_the_iterator() -> None:
    assert run("""
        locals out
            BUILD_LIST 0
            STORE_LOCAL out
            LOAD_LOCAL a
            ITER
        loop: FOR_ITER done
        risky: LOAD_CONST 12
            SWAP 2
            FLOORDIV
        end: LOAD_LOCAL out
            SWAP 2
            LIST_ADD
            JUMP loop
        caught: POP
            JUMP loop
        done: LOAD_LOCAL out
            RETURN
          handler risky end -> caught depth 1
        """, [1, 0, 3, "x", 4]) == [12, 4, 3]


def test_the_traceback_shows_the_program() -> None:
    space = program("""\
        function main(f)
            LOAD_GLOBAL middle
            LOAD_LOCAL f
            CALL 1
            RETURN
        function middle(f)
          .line 70
            LOAD_LOCAL f
            CALL 0
            RETURN
        """)

    def host() -> None:
        raise KeyError("host")

    with pytest.raises(KeyError) as caught:
        space["main"](host)
    entries = traceback.extract_tb(caught.value.__traceback__)
    assert [(e.filename, e.name, e.lineno) for e in entries[-3:]] == [
        ("program.zxa", "main", 4), ("program.zxa", "middle", 70), (__file__, "host", entries[-1].lineno)]
    assert not any(e.filename == stack_module.__file__ and e.name == "_run" for e in entries)


def test_the_traceback_through_host_code_shows_each_frame_once() -> None:
    space = program("""\
        function main(f)
            LOAD_LOCAL f
            LOAD_GLOBAL bad
            CALL 1
            RETURN
        function bad(x)
            LOAD_LOCAL x
            LOAD_CONST 0
            TRUEDIV
            RETURN
        """)

    def apply(f: Callable[[int], Any]) -> Any:
        return f(1)

    with pytest.raises(ZeroDivisionError) as caught:
        space["main"](apply)
    shown = [e.name for e in traceback.extract_tb(caught.value.__traceback__)]
    assert shown[-3:] == ["main", "apply", "bad"] and shown.count("bad") == 1


def test_a_caught_exception_knows_where_it_was_raised() -> None:
    space = program(CATCHING.replace("GETATTR args", "NOT").replace("BUILD_TUPLE 3", "RETURN"))
    seen: list[Any] = []
    space["KeyError"] = lambda text: seen.append(KeyError(text)) or seen[0]
    space["main"](space["fails"])
    assert [e.name for e in traceback.extract_tb(seen[0].__traceback__)] == ["main", "fails", "deeper"]


# --- limits --------------------------------------------------------------------------------------------------

ENDLESS = "function main()\nloop: JUMP loop"
COUNTING = """
    function main(n)
    loop: LOAD_LOCAL n
        JUMP_IF_FALSE done
        LOAD_LOCAL n
        LOAD_CONST 1
        SUB
        STORE_LOCAL n
        JUMP loop
    done: LOAD_LOCAL n
        RETURN
    """


def test_instructions_are_counted_exactly() -> None:
    needed = 3 * 7 + 4
    machine = StackMachine(10, Budget(needed))
    space = program(COUNTING, machine)
    assert space["main"](3) == 0 and machine.budget.spent == needed
    with pytest.raises(InstructionLimit, match=f"more than {needed} instructions"):
        space["main"](0)
    machine.budget.instructions = needed - 1
    machine.budget.begin()
    with pytest.raises(InstructionLimit, match=f"more than {needed - 1} instructions"):
        space["main"](3)
    assert machine.budget.spent == needed - 2, "the last block did not begin"
    machine.budget.begin()
    assert space["main"](2) == 0 and machine.budget.spent == needed - 7


def test_a_run_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    machine = StackMachine(10, Budget(seconds=5))
    with pytest.raises(TimeLimit, match="longer than 5 seconds"):
        program(ENDLESS, machine)["main"]()
    assert 0 < machine.budget.spent < 100_000
    machine.budget.begin()
    with pytest.raises(TimeLimit):
        program(ENDLESS, machine)["main"]()


def test_both_limits() -> None:
    machine = StackMachine(10, Budget(10_000, seconds=1000))
    with pytest.raises(InstructionLimit):
        program(ENDLESS, machine)["main"]()
    assert machine.budget.spent == 10_000


def test_no_handler_takes_a_limit() -> None:
    text = "function main()\nloop: JUMP loop\ncaught: RETURN\n handler loop caught -> caught"
    with pytest.raises(LimitExceeded) as caught:
        program(text, StackMachine(10, Budget(100)))["main"]()
    assert traceback.extract_tb(caught.value.__traceback__)[-1].name == "main"


def test_runs_inside_a_run_share_its_limits() -> None:
    machine = StackMachine(10, Budget(100_000))
    space = program("""
        function main()
            LOAD_GLOBAL list
            LOAD_GLOBAL map
            LOAD_GLOBAL count
            LOAD_GLOBAL range
            LOAD_CONST 50
            CALL 1
            CALL 2
            CALL 1
            RETURN
        function count(n)
        loop: LOAD_LOCAL n
            JUMP_IF_FALSE done
            LOAD_LOCAL n
            LOAD_CONST 1
            SUB
            STORE_LOCAL n
            JUMP loop
        done: LOAD_LOCAL n
            RETURN
        """, machine)
    assert space["main"]() == [0] * 50
    assert machine.budget.spent == 9 + sum(7 * n + 4 for n in range(50))
    machine.budget.instructions = 1000
    machine.budget.begin()
    with pytest.raises(InstructionLimit):
        space["main"]()


def test_an_interrupt_ends_a_run() -> None:
    timer = threading.Timer(0.05, signal.raise_signal, (signal.SIGINT,))
    space = program(ENDLESS, StackMachine(10, Budget(seconds=30)))
    timer.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        space["main"]()
    timer.join()
    assert "main" in [e.name for e in traceback.extract_tb(caught.value.__traceback__)]


# --- what the frontend makes -----------------------------------------------------------------------------------

def lowered(text: str) -> Code:
    (source,) = module_source(textwrap.dedent(text), "f.py").functions
    return lower_function(source.scope, 2, {})


def test_functions_from_python() -> None:
    code = lowered("""
        def f(rows):
            total = 0
            for i, row in enumerate(rows):
                for x in row:
                    if x < 0:
                        continue
                    total += x * i if x != 3 else -1
                else:
                    total += 100
            return total, [x + 1 for x in rows[0]]
        """)
    machine = StackMachine(100)
    assert machine.run(Routine(code, {}, (), machine.enter), ([[1, 2], [3, -4, 5]],)) == (204, [2, 3])
