"""The register interpreter: what the stack machine does, at any number of registers; and what is its own."""

from __future__ import annotations

import signal
import textwrap
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.vm import test_stack
from tests.vm.test_stack import (  # noqa: F401 - they run here too, on the register machine
    test_a_caught_exception_knows_where_it_was_raised,
    test_a_cell_that_holds_nothing,
    test_a_local_without_a_value,
    test_a_run_ends_in_time,
    test_an_exception_inside_a_loop_keeps_the_iterator,
    test_attributes_are_set,
    test_errors_are_pythons,
    test_handlers_take_exceptions_out_of_calls,
    test_host_code_calls_routines,
    test_inner_functions_share_a_cell,
    test_no_handler_takes_a_limit,
    test_plain_rows_mean_what_they_say,
    test_recursion_is_not_the_hosts,
    test_structural_rows,
    test_the_inner_handler_comes_first_and_raises_into_the_outer_one,
    test_the_traceback_shows_the_program,
    test_the_traceback_through_host_code_shows_each_frame_once,
)
from zexus import ops
from zexus.assembly import assemble
from zexus.bytecode import Code, Module, Routine
from zexus.frontend.lower import lower_function
from zexus.frontend.source import module_source
from zexus.regvm import segments
from zexus.regvm.allocate import Allocation
from zexus.regvm.interpreter import Counts, RegisterMachine
from zexus.regvm.pipeline import ALL_PHASES, NO_PHASES, Lowering, Phases
from zexus.vm.limits import Budget, InstructionLimit
from zexus.vm.metering import metered


class Machine(RegisterMachine):
    """A register machine that is made like a stack machine."""

    registers = 32
    phases: Phases = ALL_PHASES

    def __init__(self, recursion_limit: int, budget: Budget | None = None,
                 make_block: Callable[[Code, int, Sequence[Any]], Callable[..., Any]] | None = None,
                 counts: Counts | None = None) -> None:
        super().__init__(self.allocated, recursion_limit, budget, make_block, counts, plain=self.alone)
        self.lowerings: dict[tuple[Module | None, Phases], Lowering] = {}

    def allocated(self, code: Code) -> Allocation:
        return self.lowering(code, self.phases).allocated(code, self.registers)

    def alone(self, code: Code) -> Allocation:
        return self.lowering(code, replace(self.phases, inline=False)).allocated(code, self.registers)

    def lowering(self, code: Code, phases: Phases) -> Lowering:
        return self.lowerings.setdefault((code.module, phases), Lowering(code.module, phases))


@pytest.fixture(autouse=True, params=[2, 3, 32, "optimized"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[Machine]:
    """The machine, with few registers and with many, on code as it was written and on optimized code."""
    registers, phases = (32, ALL_PHASES) if request.param == "optimized" else (request.param, NO_PHASES)
    made = type("Machine", (Machine,), {"registers": registers, "phases": phases})
    monkeypatch.setattr(test_stack, "StackMachine", made)
    return made


def program(text: str, machine: RegisterMachine) -> dict[str, Any]:
    module = assemble(textwrap.dedent(text), "program.zxa")
    return (metered(module) if machine.budget.limited else module).namespace(machine.enter)


def lowered(text: str, made: RegisterMachine, **names: Any) -> dict[str, Any]:
    """The functions of a Python text, for the machine."""
    text = textwrap.dedent(text)
    codes = [lower_function(s.scope, 2, {}) for s in module_source(text, "program.py").functions]
    module = Module("program", "program.py", {code.name: code for code in codes})
    return module.namespace(made.enter) | names if names else module.namespace(made.enter)


def test_every_row_of_the_register_form_has_a_spelling() -> None:
    inline = {"CALL", "JUMP", "CONST", "UNBOUND"}
    rows = {row.name for row in ops.OPS.values() if row.family in ("structural", "register")}
    assert segments.SPELLED & rows | inline == rows - {"PHI", "CALL_KEYWORD"}


@pytest.mark.parametrize("row", [row for row in ops.OPS.values() if row.text], ids=lambda row: row.name)
def test_the_text_of_a_row_means_what_the_row_means(row: ops.Op, machine: type[Machine]) -> None:
    changing: dict[str, list[Any]] = {
        "SETITEM": [[1, 2, 3], {1: 2}], "DELITEM": [[1, 2, 3], {1: 2}], "DICT_SET": [{1: 2}, {}],
        "SET_ADD": [{1}, set()],
    }
    if row.name in changing:
        for operand in changing[row.name]:
            changed, wanted = operand.copy(), operand.copy()
            program(f"function main(a, b, c)\n {self_loads(row)}\n {row.name}\n LOAD_LOCAL a\n RETURN",
                    machine(10))["main"](changed, 1, 7)
            assert row.meaning is not None
            row.meaning(wanted, *(1, 7)[: row.arity - 1])
            assert changed == wanted
        return
    samples: list[tuple[Any, ...]] = [(7, 3), (-7, 2), (2.5, 2), ([1, 2], 1), ([1], [2]), (True, False), (3, {3: 4})]
    for sample in samples:
        operands = sample[: row.arity]
        assert outcome(row.meaning, *operands) == outcome(
            program(f"function main(a, b)\n {self_loads(row)}\n {row.name}\n RETURN", machine(10))["main"], *sample)


def self_loads(row: ops.Op) -> str:
    return "\n ".join(f"LOAD_LOCAL {name}" for name in "abc"[: row.arity])


def outcome(function: Any, *operands: Any) -> str:
    operands = tuple(list(o) if type(o) is list else o for o in operands)
    try:
        return repr(function(*operands))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


# --- names and constants -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["zx_r", "zx_f", "zx_s0_0", "r", "f", "class", "not a name", "range", "type", "é"])
def test_globals_may_have_any_name(name: str, machine: type[Machine]) -> None:
    code = assemble("function main()\n LOAD_CONST 5\n STORE_GLOBAL x\n LOAD_GLOBAL x\n RETURN", "p.zxa")
    for instruction in code.functions["main"].instructions:
        if instruction.arg == "x":
            instruction.arg = name
    space = code.namespace(machine(10).enter)
    assert space["main"]() == 5 and space[name] == 5
    missing = assemble("function main()\n LOAD_GLOBAL x\n RETURN", "p.zxa")
    missing.functions["main"].instructions[0].arg = name + "_"
    with pytest.raises(NameError, match=f"name '{name}_' is not defined"):
        missing.namespace(machine(10).enter)["main"]()


CONSTANTS = (5, -5, 0.5, -0.0, float("inf"), float("-inf"), 10**50, "text", "x" * 100, b"b", None, True, ..., (1, (2,)),
             1j, frozenset((1,)), "quo'\"te\n")


@pytest.mark.parametrize("value", CONSTANTS, ids=lambda value: repr(value)[:20])
def test_constants_are_operands(value: Any, machine: type[Machine]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for body in ("LOAD_CONST {0}\n RETURN",
                     "LOAD_CONST {0}\n LOAD_CONST {0}\n BUILD_TUPLE 2\n UNPACK 2\n POP\n RETURN",
                     "LOAD_CONST {0}\n LOAD_CONST {0}\n IS\n POP\n LOAD_CONST {0}\n RETURN"):
            module = assemble("function main()\n " + body.format(1), "p.zxa")
            module.functions["main"].consts[:] = [value]
            found = module.namespace(machine(10).enter)["main"]()
            assert type(found) is type(value) and repr(found) == repr(value)


@pytest.mark.parametrize(("body", "error"), [
    ("LOAD_CONST 5\n CALL 0", "'int' object is not callable"),
    ("LOAD_CONST 5\n LOAD_CONST 0\n GETITEM", "'int' object is not subscriptable"),
    ("LOAD_CONST None\n GETATTR nothing", "'NoneType' object has no attribute 'nothing'"),
    ("LOAD_CONST 5\n ITER", "'int' object is not iterable"),
    ("LOAD_CONST 5\n RAISE", "exceptions must derive from BaseException"),
])
def test_wrong_constants_raise_and_warn_of_nothing(body: str, error: str, machine: type[Machine]) -> None:
    with pytest.raises((TypeError, AttributeError), match=error):
        program(f"function main()\n {body}\n RETURN", machine(10))["main"]()


# --- loops ---------------------------------------------------------------------------------------------------


class Odd:
    """An iterator that is not its own iterator, and goes on behind its end."""

    def __init__(self) -> None:
        self.asked = 0
        self.given = 0

    def __iter__(self) -> Iterator[int]:
        self.asked += 1
        return self

    def __next__(self) -> int:
        self.given += 1
        if self.given % 3 == 0:
            raise StopIteration
        return self.given


class Bare:
    """Makes iterators without `__iter__`."""

    class Counter:
        at = 0

        def __next__(self) -> int:
            self.at += 1
            if self.at > 3:
                raise StopIteration
            return self.at

    def __iter__(self) -> Any:
        return Bare.Counter()


LOOPS = """
    def total(xs):
        sum = 0
        for x in xs:
            for y in xs:
                sum += x * y
        return sum
    def first(xs):
        for x in xs:
            return x
    def pairs(xs, ys):
        out = []
        for x in xs:
            if x == 2:
                continue
            for y in ys:
                if y == 5:
                    break
                out.append((x, y))
            else:
                out.append(x)
        return out
    """


def test_loops_over_everything(machine: type[Machine]) -> None:
    space = lowered(LOOPS, machine(10))
    plain: dict[str, Any] = {}
    exec(textwrap.dedent(LOOPS), plain)
    for make in (lambda: [1, 2, 3], lambda: range(4), lambda: (2, 5), lambda: {1: 2, 3: 4}, lambda: {1, 2}, Bare,
                 lambda: iter([1, 2]), lambda: enumerate_values(), lambda: range(2**63, 2**63 + 2), lambda: b"ab"):
        for name in ("total", "first"):
            assert space[name](make()) == plain[name](make())
    assert space["pairs"]([1, 2, 3], [4, 5]) == plain["pairs"]([1, 2, 3], [4, 5])
    assert space["pairs"](Bare(), (4, 6)) == plain["pairs"](Bare(), (4, 6))


def enumerate_values() -> Iterator[int]:
    yield from (1, 2, 3)


def test_an_iterator_of_the_users_is_asked_once(machine: type[Machine]) -> None:
    odd = Odd()
    assert lowered(LOOPS, machine(10))["first"](odd) == 1
    assert (odd.asked, odd.given) == (1, 1)


def test_what_an_iterator_raises(machine: type[Machine]) -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise KeyError("in the middle")

    with pytest.raises(KeyError, match="in the middle") as caught:
        lowered(LOOPS, machine(10))["total"](failing())
    assert [e.name for e in traceback.extract_tb(caught.value.__traceback__)][-2:] == ["total", "failing"]


# --- calls, frames -------------------------------------------------------------------------------------------

MANY = """
    function main(a, b, c, d, e)
        LOAD_GLOBAL other
        LOAD_LOCAL e
        LOAD_LOCAL d
        LOAD_LOCAL c
        LOAD_LOCAL b
        LOAD_LOCAL a
        CALL 5
        LOAD_LOCAL a
        BUILD_TUPLE 2
        RETURN
    function other(a, b, c, d, e)
        LOAD_LOCAL a
        LOAD_LOCAL b
        LOAD_LOCAL c
        LOAD_LOCAL d
        LOAD_LOCAL e
        BUILD_LIST 5
        RETURN
    """


def test_more_arguments_than_registers(machine: type[Machine]) -> None:
    assert program(MANY, machine(10))["main"](1, 2, 3, 4, 5) == ([5, 4, 3, 2, 1], 1)


@pytest.mark.parametrize("given", [0, 4, 6])
def test_a_wrong_number_of_arguments(given: int, machine: type[Machine]) -> None:
    count = "missing" if given < 5 else "takes 5"
    with pytest.raises(TypeError, match=f"main.. {count}"):
        program(MANY, machine(10))["main"](*range(given))
    text = MANY.replace("CALL 5", "BUILD_LIST 5\n POP\n CALL 0")
    with pytest.raises(TypeError, match=r"other\(\) missing 5 required"):
        program(text, machine(10))["main"](1, 2, 3, 4, 5)


def test_frames_go_when_their_calls_are_over(machine: type[Machine]) -> None:
    alive = 0

    class Counted:
        def __init__(self) -> None:
            nonlocal alive
            alive += 1

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    space = program("""
        function main(make)
            LOAD_GLOBAL inner
            LOAD_LOCAL make
            CALL 1
            POP
            LOAD_GLOBAL look
            CALL 0
            RETURN
        function inner(make)
          locals x
            LOAD_LOCAL make
            CALL 0
            STORE_LOCAL x
            LOAD_LOCAL x
            LOAD_LOCAL x
            BUILD_LIST 2
            POP
            LOAD_CONST None
            RETURN
        """, machine(10))
    space["look"] = lambda: alive
    if machine.phases is NO_PHASES:  # inlined, a value may stay in its register until that is used again
        assert space["main"](Counted) == 0
    space["main"](Counted)
    assert alive == 0


def test_recursion_has_a_limit_of_its_own(machine: type[Machine]) -> None:
    space = program(test_stack.SUM_TO, machine(50))
    assert space["main"](49) == 49 * 25
    with pytest.raises(RecursionError, match="maximum recursion depth exceeded"):
        space["main"](50)
    assert space["main"](49) == 49 * 25


def test_a_routine_of_another_namespace(machine: type[Machine]) -> None:
    made = machine(10)
    one = program("function main(f)\n LOAD_LOCAL f\n CALL 0\n RETURN", made)
    text = "function main()\n LOAD_GLOBAL here\n RETURN"
    first, second = program(text, made), program(text, made)
    shared = first["main"].code
    third: dict[str, Any] = {"here": 3}
    first["here"], second["here"] = 1, 2
    routines = [first["main"], second["main"], Routine(shared, third, (), made.enter)]
    assert [one["main"](r) for r in routines] == [1, 2, 3]


# --- what is executed ----------------------------------------------------------------------------------------

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


def test_instructions_are_counted(machine: type[Machine]) -> None:
    counts = Counts()
    space = program(COUNTING, machine(10, counts=counts))
    space["main"](0)
    without = counts.instructions
    space["main"](1)
    once = counts.instructions - 2 * without
    space["main"](100)
    assert counts.instructions - 3 * without - once == 100 * once
    assert once >= 3 and counts.spills == counts.reloads == 0
    assert {code.name: times for code, times in counts.functions.items()} == {"main": counts.instructions}


def test_spills_and_reloads_are_counted(machine: type[Machine]) -> None:
    counts = Counts()
    program(MANY, machine(10, counts=counts))["main"](1, 2, 3, 4, 5)
    assert (counts.reloads > 0) == (machine.registers < 5)
    assert counts.spills == 0  # the arguments come in slots


def test_loops_that_do_nothing_end_by_their_limits(machine: type[Machine]) -> None:
    with pytest.raises(InstructionLimit):
        program("function main()\n a: JUMP b\n b: JUMP a", machine(10, Budget(100)))["main"]()


def test_an_interrupt_ends_a_run(machine: type[Machine]) -> None:
    made = machine(10, Budget(100))
    space = program("function main()\nloop: JUMP loop", made)
    with pytest.raises(InstructionLimit):
        space["main"]()
    made.budget.instructions, made.budget.seconds = None, 60
    made.budget.begin()
    timer = threading.Timer(0.05, signal.raise_signal, (signal.SIGINT,))
    timer.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        space["main"]()
    timer.join()
    assert traceback.extract_tb(caught.value.__traceback__)[-1].name == "main"
    made.budget.instructions = 100
    made.budget.begin()
    with pytest.raises(InstructionLimit):
        space["main"]()


INLINED = """
    function main(x)
      .line 10
        LOAD_GLOBAL middle
        LOAD_LOCAL x
        CALL 1
        RETURN
    function middle(x)
      .line 20
        LOAD_GLOBAL inner
        LOAD_LOCAL x
        CALL 1
        RETURN
    function inner(x)
      .line 30
        LOAD_CONST 1
        LOAD_LOCAL x
        FLOORDIV
        RETURN
    """


def test_tracebacks_show_what_was_inlined(machine: type[Machine]) -> None:
    space = program(INLINED, machine(10))
    assert space["main"](1) == 1
    with pytest.raises(ZeroDivisionError) as caught:
        space["main"](0)
    entries = traceback.extract_tb(caught.value.__traceback__)
    assert [e.name for e in entries][-3:] == ["main", "middle", "inner"]
    assert len({e.lineno for e in entries[-3:]}) == 3
