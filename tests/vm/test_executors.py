"""All executors of bytecode agree: values, types, exceptions with their lines, and side effects."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import pytest

import zexus
from tests import programs
from tests.vm.outcomes import shown
from zexus.assembly import assemble
from zexus.bytecode import InvalidCode, Module, Routine
from zexus.regvm import generate
from zexus.regvm.destruct import destruct
from zexus.regvm.pipeline import Lowering
from zexus.settings import VmSettings
from zexus.vm.limits import InstructionLimit
from zexus.vm.vm import VM

BUDGET = 20_000
ARGUMENTS = (3, [1, 2, 3])
REGISTERS = (2, 3, 8, 32)
DEPTH = 60
DEEPER = 3_000  # calls where the compiler runs in the middle of the program
Outcome = tuple[Any, ...]


def outcome(run: Callable[..., Any], namespace: dict[str, Any], module: Module) -> Outcome:
    """What happens when `run` is called: value or exception, what it logged, the globals, the arguments afterwards."""
    logged: list[str] = []
    namespace.update(log=lambda value: logged.append(shown(value)), state=10)
    arguments = [ARGUMENTS[0], list(ARGUMENTS[1])]
    try:
        found: Outcome = ("value", shown(run(*arguments)))
    except InstructionLimit:
        raise
    except BaseException as error:
        found = ("raised", type(error).__name__, str(error), lines(error, module))
    state = [shown(namespace.get(name)) for name in ("state", "other")]
    return (*found, logged, state, shown(arguments))


def lines(error: BaseException, module: Module) -> list[tuple[str, int]]:
    """The functions and lines of the program in a traceback; only the fact for one that is too deep."""
    if isinstance(error, RecursionError):
        return []
    found = []
    entry = error.__traceback__
    while entry is not None:
        if entry.tb_frame.f_code.co_filename == module.filename:
            found.append((entry.tb_frame.f_code.co_name, entry.tb_lineno))
        entry = entry.tb_next
    return found


def on_vm(module: Module, depth: int = DEPTH, **options: Any) -> Outcome:
    """On a VM."""
    vm = VM(settings=VmSettings(recursion_limit=depth), **options)
    namespace = vm.load(module)
    return outcome(lambda *arguments: vm.run(module, *arguments), namespace, module)


def generated(module: Module, adapt: Callable[[FunctionType], FunctionType] | None = None, optimized: bool = False,
              structured: bool = True, depth: int = DEPTH) -> Outcome:
    """As generated Python."""

    def enter(routine: Routine, arguments: Any) -> Any:
        assert routine.function is not None
        return routine.function(*arguments)

    namespace = module.namespace(enter)
    lowering = Lowering(module)
    source = generate.generate(module, (lambda code: destruct(lowering.lower(code))) if optimized else None, structured)
    functions = generate.link(source, module, namespace, enter, adapt)
    return outcome(lambda *arguments: generate.call(functions["main"], arguments, depth), namespace, module)


def native(module: Module) -> Outcome:
    """As generated Python whose loops are compiled after very few iterations."""

    def adapt(function: FunctionType) -> FunctionType:
        made: FunctionType = zexus.jit.compile(function, threshold=2, record_iterations=2, background=False,
                                               weigh=False, cache=False)
        return made

    return generated(module, adapt, depth=DEEPER)


EXECUTORS: dict[str, Callable[[Module], Outcome]] = {
    **{f"register-{k}": lambda module, k=k: on_vm(module, mode="register", registers=k) for k in REGISTERS},
    "generated": generated,
    "dispatch": lambda module: generated(module, structured=False),
    "optimized": lambda module: generated(module, optimized=True),
}


def reference(module: Module, depth: int = DEPTH) -> Outcome | None:
    """On the stack machine, with nothing optimized; None for a program that runs too long."""
    try:
        return on_vm(module, depth, mode="stack", optimization_level="NONE", max_instructions=BUDGET)
    except InstructionLimit:
        return None


def made(seed: int) -> Module | None:
    try:
        return programs.module(seed)
    except InvalidCode:
        return None


def chosen(seed: int, every: bool) -> list[str]:
    """On which executors a program runs: on all, or on a generated one and some of the others in turn."""
    if every:
        return [*EXECUTORS, "native"]
    return ["generated", f"register-{REGISTERS[seed % 4]}", ("dispatch", "optimized", "native")[seed % 3]]


def check(seed: int, names: list[str]) -> bool:
    """Whether the program of a seed is one that can be compared; fails if the executors differ."""
    module = made(seed)
    wanted = None if module is None else reference(module)
    if module is None or wanted is None:
        return False
    for name in names:
        if name != "native":
            assert EXECUTORS[name](module) == wanted, f"seed {seed}, {name}"
    deeper = reference(module, DEEPER) if "native" in names else None
    assert deeper is None or native(module) == deeper, f"seed {seed}, native"
    return True


CHUNK = 5


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "first_seed" in metafunc.fixturenames:
        start, count = metafunc.config.getoption("seed"), metafunc.config.getoption("examples")
        metafunc.parametrize("first_seed", range(start, start + count, CHUNK))


@pytest.mark.fuzz
def test_random_programs(first_seed: int, request: pytest.FixtureRequest) -> None:
    every = bool(request.config.getoption("all_modes"))
    compared = [check(seed, chosen(seed, every)) for seed in range(first_seed, first_seed + CHUNK)]
    assert any(compared)


# Programs that some executor ran in another way than the others, once.
FOUND = {
    "a handler of code that cannot raise": """
function main(n, xs)
  start:
    LOAD_CONST 1
    STORE_LOCAL n
    JUMP end
  stop:
    POP
    JUMP end
  end:
    LOAD_LOCAL n
    RETURN
  handler start stop -> stop
""",
    "a check of what was just stored": """
function main(n, xs)
  locals late
    LOAD_LOCAL n
    LOAD_CONST 1
    ADD
    STORE_LOCAL late
    LOAD_LOCAL late
    CHECK_BOUND late
    RETURN
""",
    "an exception that is kept beyond the handler of another": """
function main(n, xs)
  locals u
  outer:
    LOAD_CONST 1
    LOAD_CONST 0
    MOD
    STORE_LOCAL n
  outer_end:
    JUMP end
  first:
    POP
  inner:
    LOAD_LOCAL n
    LOAD_LOCAL xs
    ADD
    STORE_LOCAL n
  inner_end:
    JUMP end
  second:
    STORE_LOCAL u
  again:
    LOAD_LOCAL n
    LOAD_CONST 1
    SUB
    STORE_LOCAL n
    LOAD_LOCAL u
    RAISE
  again_end:
  third:
    STORE_LOCAL u
    LOAD_LOCAL n
    JUMP_IF_TRUE inner
    LOAD_LOCAL u
    RAISE
  end:
    LOAD_LOCAL n
    RETURN
  handler outer outer_end -> first
  handler inner inner_end -> second
  handler again again_end -> third
""",
    "a cell that is read but never written": """
function main(n, xs)
  cells d
    LOAD_CELL d
    RETURN
""",
    "a variable that is read but never written": """
function main(n, xs)
  locals late
    LOAD_LOCAL late
    CHECK_BOUND late
    RETURN
""",
    "a cursor that one of two ways made": """
function main(n, xs)
    LOAD_LOCAL xs
    ITER
    LOAD_LOCAL n
    JUMP_IF_FALSE loop
    POP
    LOAD_CONST (5, 6)
    ITER
  loop:
    FOR_ITER done
    LOAD_LOCAL n
    ADD
    STORE_LOCAL n
    JUMP loop
  done:
    LOAD_LOCAL n
    RETURN
""",
    "an unpacked item that nobody wants": """
function main(n, xs)
    LOAD_CONST None
    UNPACK 1
    POP
    LOAD_LOCAL n
    RETURN
""",
    "the line of a variable without a value, behind a store": """
function main(n, xs)
  locals late
    LOAD_LOCAL n
    JUMP_IF_FALSE zero
    LOAD_LOCAL n
    LOAD_LOCAL n
    ADD
    STORE_LOCAL n
    LOAD_LOCAL late
    CHECK_BOUND late
    RETURN
  zero:
    LOAD_CONST 2
    STORE_LOCAL late
    LOAD_LOCAL late
    RETURN
""",
}


@pytest.mark.parametrize("title", FOUND)
def test_programs_that_were_told_apart_once(title: str) -> None:
    module = assemble(f"module found\n{FOUND[title]}", "found.zxa")
    wanted = reference(module)
    for name, run in EXECUTORS.items():
        assert run(module) == wanted, name


def test_programs_do_what_they_are_for() -> None:
    """Loops, handlers that are entered, values and exceptions as outcomes: each happens in some of a few programs."""
    found = [reference(module) for module in map(made, range(40)) if module is not None]
    assert {outcome[0] for outcome in found if outcome is not None} == {"value", "raised"}
    assert sum(outcome is not None for outcome in found) > 20
    instructions = [i.op for seed in range(40) if (module := made(seed)) for code in module.functions.values()
                    for i in code.instructions]
    assert {"FOR_ITER", "MATCH", "RAISE", "CALL", "MAKE_FUNCTION", "STORE_CELL", "SWAP", "UNPACK"} <= set(instructions)
