"""Programs go on, on another machine, from wherever the first one left them."""

from __future__ import annotations

import itertools
import textwrap
import traceback
from typing import Any

import pytest

from tests.test_examples import EXAMPLES, RUNS
from zexus.assembly import assemble
from zexus.bytecode import Routine, verify
from zexus.settings import VmSettings
from zexus.vm.continuation import bound, continuation
from zexus.vm.limits import InstructionLimit, Warming
from zexus.vm.stack import Frame, StackMachine
from zexus.vm.vm import VM

NESTED = """
function main(xs)
    LOAD_CONST 0
    STORE_LOCAL total
    LOAD_LOCAL xs
    ITER
  outer: FOR_ITER done
    STORE_LOCAL x
    LOAD_CONST 'below'
    LOAD_GLOBAL range
    LOAD_LOCAL x
    CALL 1
    ITER
  inner: FOR_ITER next
    LOAD_LOCAL total
    ADD
    STORE_LOCAL total
    JUMP inner
  next: POP
    JUMP outer
  done: LOAD_LOCAL total
    RETURN
"""


def continued(text: str, after: int, *arguments: Any) -> Any:
    """What a program answers when each of its activations goes on as a continuation behind so many instructions."""
    stops = 0

    def promote(frame: Frame, below: int) -> Any:
        nonlocal stops
        stops += 1
        routine, _, index, stack, variables, cells = frame
        names = bound(routine.code, variables)
        rest = continuation(routine.code, index, names, len(stack))
        verify(rest)
        given = [v for name, v in zip(routine.code.locals, variables, strict=True) if name in names]
        other = StackMachine(100)
        return other.run(Routine(rest, routine.namespace, tuple(cells), other.enter), [*given, *stack])

    machine = StackMachine(100, promote=lambda frames: promote)
    space = assemble(textwrap.dedent(text), "program.zxa").namespace(machine.enter)
    machine.warming = Warming(after)
    return space["main"](*arguments), stops


@pytest.mark.parametrize("after", range(1, 60))
def test_a_loop_goes_on_from_every_instruction(after: int) -> None:
    value, stops = continued(NESTED, after, [2, 0, 3])
    assert value == 4 and stops == 1


CELLS = """
function main(a)
  cells a b
    LOAD_CONST 10
    STORE_CELL b
    MAKE_FUNCTION inner
    STORE_LOCAL f
    LOAD_LOCAL f
    CALL 0
    POP
    LOAD_LOCAL f
    CALL 0
    LOAD_CELL a
    BUILD_TUPLE 2
    RETURN
function inner()
  captured b a
    LOAD_CELL a
    LOAD_CELL b
    ADD
    STORE_CELL a
    LOAD_CELL a
    RETURN
"""


@pytest.mark.parametrize("after", range(1, 22))
def test_cells_stay_shared(after: int) -> None:
    value, stops = continued(CELLS, after, 1)
    assert value == (21, 21) and 1 <= stops <= 2


CATCHING = """
function main(x)
    LOAD_CONST 'kept'
  risky: LOAD_GLOBAL middle
    LOAD_LOCAL x
    CALL 1
  end: BUILD_TUPLE 2
    RETURN
  caught: GETATTR args
    BUILD_TUPLE 2
    RETURN
  handler risky end -> caught depth 1
function middle(x)
    LOAD_GLOBAL deep
    LOAD_LOCAL x
    CALL 1
    RETURN
function deep(x)
    LOAD_CONST 1
    LOAD_LOCAL x
    FLOORDIV
    RETURN
"""


@pytest.mark.parametrize("after", range(1, 13))
def test_callers_take_the_exceptions_of_continued_activations(after: int) -> None:
    assert continued(CATCHING, after, 0)[0] == ("kept", ("integer division or modulo by zero",))
    assert continued(CATCHING, after, 1)[0] == ("kept", 1)


def test_the_traceback_shows_each_activation_once() -> None:
    for after in range(3, 10):
        with pytest.raises(TypeError) as caught:
            continued(CATCHING.replace("handler risky end -> caught depth 1", ""), after, "x")
        entries = [(e.name, e.lineno) for e in traceback.extract_tb(caught.value.__traceback__)
                   if e.filename == "program.zxa"]
        assert entries == [("main", 6), ("middle", 16), ("deep", 21)], after


@pytest.mark.parametrize("generated", [True, False])
@pytest.mark.parametrize("warm", [2, 20, 1097])
@pytest.mark.parametrize("name", RUNS)
def test_programs_get_warm_anywhere(name: str, warm: int, generated: bool, capsys: pytest.CaptureFixture[str]) -> None:
    path = EXAMPLES / f"{name}.zxa"
    arguments, expected = RUNS[name]
    vm = VM("auto", enable_generated_tier=generated, enable_native_tier=False,
            settings=VmSettings(warm_instructions=warm))
    print(vm.run(assemble(path.read_text(encoding="utf-8"), str(path)), *arguments))
    assert capsys.readouterr().out == expected


def test_a_warm_program_stays_warm() -> None:
    module = assemble(NESTED)
    vm = VM(settings=VmSettings(warm_instructions=100))
    for _ in range(10):
        assert vm.run(module, [2, 0, 3]) == 4
    ran: list[object] = []
    vm._stack.run = lambda *rest: ran.append(rest)  # type: ignore[method-assign,assignment]
    assert vm.run(module, [2, 0, 3]) == 4 and not ran


@pytest.mark.parametrize("generated", [True, False])
def test_with_limits_a_program_gets_warm_as_well(generated: bool) -> None:
    module = assemble(NESTED)
    vm = VM(max_instructions=1000, enable_generated_tier=generated, settings=VmSettings(warm_instructions=50))
    for _ in range(3):
        assert vm.run(module, [2, 0, 3]) == 4
        with pytest.raises(InstructionLimit):
            vm.run(module, [10**9])


def test_host_code_may_call_back_while_the_program_gets_warm() -> None:
    text = """
        function main(n)
            LOAD_GLOBAL sum
            LOAD_GLOBAL map
            LOAD_GLOBAL square
            LOAD_GLOBAL range
            LOAD_LOCAL n
            CALL 1
            CALL 2
            CALL 1
            RETURN
        function square(x)
            LOAD_LOCAL x
            COPY 1
            MUL
            RETURN
        """
    for warm in itertools.chain(range(1, 40), (1000,)):
        vm = VM(settings=VmSettings(warm_instructions=warm))
        assert vm.run(assemble(textwrap.dedent(text)), 10) == 285


def test_a_budget_is_not_touched_by_going_on() -> None:
    module = assemble(NESTED)
    spent = set()
    for warm in range(1, 60):
        vm = VM(max_instructions=1000, settings=VmSettings(warm_instructions=warm))
        assert vm.run(module, [2, 0, 3]) == 4
        spent.add(vm.spent)
    assert len(spent) == 1 and 0 not in spent


CHECKED = """
function main(n)
  locals late
    LOAD_LOCAL n
    JUMP_IF_FALSE check
    LOAD_CONST 7
    STORE_LOCAL late
  check:
    LOAD_LOCAL late
    CHECK_BOUND late
    RETURN
"""


@pytest.mark.parametrize("generated", [True, False])
def test_a_variable_without_a_value_stays_without_one(generated: bool) -> None:
    module = assemble(CHECKED)
    for warm in range(1, 8):
        vm = VM(enable_generated_tier=generated, settings=VmSettings(warm_instructions=warm))
        with pytest.raises(UnboundLocalError, match="'late'"):
            vm.run(module, 0)
        assert VM(enable_generated_tier=generated, settings=VmSettings(warm_instructions=warm)).run(module, 1) == 7


class Drawn:
    """An iterator that has no iterator of its own."""

    def __init__(self) -> None:
        self.left = 5

    def __next__(self) -> int:
        if not self.left:
            raise StopIteration
        self.left -= 1
        return self.left


class Drawable:
    def __iter__(self) -> Any:
        return Drawn()


@pytest.mark.parametrize("generated", [True, False])
def test_an_iterator_is_not_asked_for_another_one(generated: bool) -> None:
    module = assemble(NESTED)
    for warm in range(1, 60):
        vm = VM(enable_generated_tier=generated, settings=VmSettings(warm_instructions=warm))
        assert vm.run(module, Drawable()) == vm.run(module, [4, 3, 2, 1, 0])


def test_a_parameter_may_later_hold_a_function_of_the_module() -> None:
    text = """
        function main(n)
            LOAD_CONST 0
            STORE_LOCAL total
            LOAD_GLOBAL range
            LOAD_LOCAL n
            CALL 1
            ITER
          loop: FOR_ITER done
            STORE_LOCAL i
            LOAD_GLOBAL unbounded
            LOAD_LOCAL total
            LOAD_LOCAL i
            ADD
            CALL 1
            STORE_LOCAL total
            JUMP loop
          done: LOAD_LOCAL total
            RETURN
        function unbounded(x)
            LOAD_LOCAL x
            RETURN
        """
    for warm in range(1, 80):
        vm = VM(enable_native_tier=False, enable_inlining=False, settings=VmSettings(warm_instructions=warm))
        assert vm.run(assemble(textwrap.dedent(text)), 9) == 36


def test_an_own_cell_that_holds_nothing_stays_an_own_variable() -> None:
    text = "function main()\n cells x\n LOAD_CONST 1\n POP\n LOAD_CELL x\n RETURN"
    for warm in range(1, 5):
        with pytest.raises(UnboundLocalError, match="cannot access local variable 'x'"):
            VM(settings=VmSettings(warm_instructions=warm)).run(assemble(text))


def test_handlers_of_what_is_behind_are_forgotten() -> None:
    text = """
        function main()
          cells kept
          first: LOAD_CONST 1
            STORE_CELL kept
          risky: LOAD_CONST 2
            LOAD_CONST 1
            FLOORDIV
            POP
          end: LOAD_CONST 1
            LOAD_CONST 0
            FLOORDIV
            RETURN
          caught: POP
            LOAD_CELL kept
            RETURN
          handler first risky -> caught
          handler end caught -> caught
        """
    for warm in range(1, 14):
        for generated in (True, False):
            vm = VM(enable_generated_tier=generated, settings=VmSettings(warm_instructions=warm))
            assert vm.run(assemble(textwrap.dedent(text))) == 1
