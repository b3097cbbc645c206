"""All executors of bytecode agree: values, types, exceptions with their lines, and side effects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cached_property
from multiprocessing import get_context
from types import FunctionType
from typing import Any

import pytest

import zexus
from tests import programs
from tests.vm.outcomes import shown
from zexus.assembly import assemble
from zexus.bytecode import Code, InvalidCode, Module, Routine
from zexus.regvm.destruct import destruct
from zexus.regvm.interpreter import RegisterMachine
from zexus.regvm.ir import Function
from zexus.regvm.pipeline import Lowering, Phases, allocated
from zexus.regvm.python.link import call, link
from zexus.regvm.python.module import Source, generate
from zexus.settings import JitSettings, VmSettings
from zexus.vm.limits import Budget, InstructionLimit
from zexus.vm.metering import metered
from zexus.vm.peephole_optimizer import OptimizationLevel, PeepholeOptimizer
from zexus.vm.stack import StackMachine
from zexus.vm.vm import VM

BUDGET = 20_000
ARGUMENTS = (3, [1, 2, 3])
REGISTERS = (2, 3, 8, 32)
DEPTH = 60
DEEPER = 3_000  # calls that may nest in the host
JIT = JitSettings(threshold=2, record_iterations=2, background=False, weigh=False, cache=False)
Outcome = tuple[Any, ...]


def outcome(run: Callable[..., Any], namespace: dict[str, Any], module: Module, budget: Budget | None) -> Outcome:
    """What happens when `run` is called: value or exception, what it logged, the globals, the arguments afterwards,
    and, where instructions are counted, how many there were."""
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
    return (*found, logged, state, shown(arguments), None if budget is None else budget.spent)


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


class Program:
    """A module, and what several of its executors run, each made once: they differ in what they do with it.

    With `counting`, all of them count the instructions that they run, which has to give the same number.
    """

    def __init__(self, module: Module, level: OptimizationLevel = OptimizationLevel.MODERATE,
                 counting: bool = False) -> None:
        self.counting = counting
        self.written = module
        self.metered = metered(module)
        self.module = self.metered if counting else module
        self.level = level
        self.lowered: dict[Code, Function] = {}

    @cached_property
    def short(self) -> Module:
        """As the peephole optimizer leaves it."""
        return PeepholeOptimizer(self.level).optimize_module(self.module)

    @cached_property
    def lowering(self) -> Lowering:
        return Lowering(self.short)

    @cached_property
    def plain(self) -> Lowering:
        return Lowering(self.short, Phases(inline=False))

    def ssa(self, code: Code) -> Function:
        """A function of the short module behind all passes."""
        if code not in self.lowered:
            self.lowered[code] = self.lowering.lower(code)
        return self.lowered[code]

    @cached_property
    def text(self) -> Source:
        """The module as Python, as it is written."""
        return generate(self.module)

    def budget(self) -> Budget | None:
        return Budget() if self.counting else None

    # --- executors -------------------------------------------------------------------------------------------

    def reference(self, depth: int = DEPTH) -> Outcome | None:
        """On the stack machine, with nothing optimized; None for a program that runs too long."""
        budget = Budget(BUDGET)
        machine = StackMachine(depth, budget)
        namespace = self.metered.namespace(machine.enter)
        try:
            return outcome(namespace["main"], namespace, self.metered, budget if self.counting else None)
        except InstructionLimit:
            return None

    def peephole(self, depth: int) -> Outcome:
        """On the stack machine, behind the peephole optimizer."""
        budget = self.budget()
        machine = StackMachine(depth, budget)
        namespace = self.short.namespace(machine.enter)
        return outcome(namespace["main"], namespace, self.short, budget)

    def register(self, depth: int, registers: int) -> Outcome:
        """On the register machine."""
        budget = self.budget()
        machine = RegisterMachine(lambda code: allocated(self.ssa(code), registers), depth, budget,
                                  plain=lambda code: self.plain.allocated(code, registers))
        namespace = self.short.namespace(machine.enter)
        return outcome(namespace["main"], namespace, self.short, budget)

    def resumed(self, depth: int) -> Outcome:
        """On the stack machine and then, from the middle of the program on, on the register machine."""
        return self.on_vm("auto", depth, enable_generated_tier=False)

    def on_vm(self, mode: str, depth: int, **options: Any) -> Outcome:
        """On the machines of a VM; in mode "auto" one after the other, the second from somewhere in the program on."""
        size = len(self.written.functions["main"].instructions)
        settings = VmSettings(depth, warm_instructions=10 + size // 5, jit=JIT)
        vm = VM(mode, settings=settings, max_instructions=BUDGET if self.counting else None, **options)
        namespace = vm.load(self.written)
        return outcome(lambda *arguments: vm.run(self.written, *arguments), namespace, self.written,
                       vm._budget if self.counting else None)

    def python(self, depth: int, source: Source, module: Module,
               adapt: Callable[[FunctionType], FunctionType] | None = None) -> Outcome:
        """As generated Python."""

        def enter(routine: Routine, arguments: Any) -> Any:
            assert routine.function is not None
            return routine.function(*arguments)

        namespace, budget = module.namespace(enter), self.budget()
        functions = link(source, module, namespace, enter, adapt, budget)
        return outcome(lambda *arguments: call(functions["main"], arguments, depth), namespace, module, budget)

    def generated(self, depth: int) -> Outcome:
        return self.python(depth, self.text, self.module)

    def dispatch(self, depth: int) -> Outcome:
        """With a loop around the blocks of each function."""
        return self.python(depth, generate(self.module, structured=False), self.module)

    def optimized(self, depth: int) -> Outcome:
        """Behind all passes."""
        return self.python(depth, generate(self.short, lambda code: destruct(self.ssa(code))), self.short)

    def auto(self, depth: int) -> Outcome:
        """On the stack machine and then, from the middle of the program on, as Python and natively."""
        return self.on_vm("auto", depth)

    def whole(self, depth: int) -> Outcome:
        """As Python written from allocated register code, from the beginning on."""
        return self.on_vm("generated", depth, enable_native_tier=False)

    def native(self, depth: int) -> Outcome:
        """As generated Python whose loops are compiled after very few iterations."""
        return self.python(depth, self.text, self.module, lambda function: zexus.jit.compile(function, profile=JIT))


EXECUTORS: dict[str, Callable[[Program, int], Outcome]] = {
    "peephole": Program.peephole,
    **{f"register-{k}": lambda program, depth, k=k: program.register(depth, k) for k in REGISTERS},
    "resumed": Program.resumed,
    "generated": Program.generated,
    "dispatch": Program.dispatch,
    "optimized": Program.optimized,
    "auto": Program.auto,
    "whole": Program.whole,
    "native": Program.native,
}
# Their calls are the host's. The compiler runs in the middle of some, and the host counts what calls into C.
HOSTED = frozenset(("generated", "dispatch", "optimized", "auto", "whole", "native"))


def differences(program: Program, names: Iterable[str]) -> list[str] | None:
    """The executors that run a program in another way than the reference; None for one that runs too long.

    A program that meets the limit of its depth does so at the same call on all machines that have frames of their own.
    """
    wanted, deep = program.reference(), program.reference(DEEPER)
    if wanted is None or deep is None:
        return None
    found = []
    for name in names:
        if name not in HOSTED:
            same = EXECUTORS[name](program, DEPTH) == wanted
        elif wanted == deep and not (name == "native" and program.counting):
            same = EXECUTORS[name](program, DEEPER) == deep
        else:
            continue
        found.extend([] if same else [name])
    return found


def made(seed: int) -> Module | None:
    try:
        return programs.module(seed)
    except InvalidCode:
        return None


def chosen(seed: int, every: bool) -> list[str]:
    """On which executors a program runs: on all, or on a generated one and some of the others in turn."""
    if every:
        return [*EXECUTORS]
    others = ("dispatch", "optimized", "native", "auto", "whole", "resumed")
    return ["generated", f"register-{REGISTERS[seed % 4]}", others[seed % 6]]


def check(seed: int, names: list[str]) -> bool:
    """Whether the program of a seed is one that can be compared; fails if the executors differ."""
    module = made(seed)
    found = None if module is None else differences(Program(module, counting=seed % 3 == 0), names)
    assert not found, f"seed {seed}: {', '.join(found)}"
    return found is not None


CHUNK = 5
BATCH = 250  # programs of a process, where there are many: compiled code is never freed


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seeds" in metafunc.fixturenames:
        start, count = metafunc.config.getoption("seed"), metafunc.config.getoption("examples")
        size = CHUNK if count <= 2 * BATCH else BATCH
        metafunc.parametrize("seeds", [range(first, min(first + size, start + count))
                                       for first in range(start, start + count, size)], ids=lambda seeds: seeds.start)


def batch(seeds: range, every: bool) -> int:
    """How many programs of some seeds could be compared."""
    return sum(check(seed, chosen(seed, every)) for seed in seeds)


@pytest.mark.fuzz
def test_random_programs(seeds: range, request: pytest.FixtureRequest) -> None:
    every = bool(request.config.getoption("all_modes"))
    if len(seeds) <= CHUNK:
        assert batch(seeds, every)
        return
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        compared = pool.submit(batch, seeds, every).result()
    print(f"seeds {seeds.start} to {seeds.stop - 1}: {compared} programs compared, no difference")


# Programs that some executor ran in another way than the others, once.
FOUND = {
    "the order of a set of constants": """
function main(n, xs)
    LOAD_GLOBAL list
    LOAD_CONST (1, 0)
    LOAD_CONST (2, 1)
    LOAD_CONST (0, 2)
    LOAD_CONST (1, 2)
    LOAD_CONST (2, 2)
    BUILD_SET 5
    CALL 1
    RETURN
""",
    "the second of two cells that are read": """
function main(n, xs)
  cells c d
    LOAD_CONST 1
    STORE_CELL c
    LOAD_GLOBAL range
    LOAD_CONST 40
    CALL 1
    ITER
  loop:
    FOR_ITER done
    POP
    JUMP loop
  done:
    .line 20
    LOAD_CELL c
    .line 21
    LOAD_CELL d
    .line 22
    BUILD_TUPLE 2
    RETURN
""",
    "a parameter that inner functions capture, in a function with other values": """
function main(n, xs)
    LOAD_GLOBAL maker
    LOAD_LOCAL n
    CALL 1
    STORE_LOCAL f
    LOAD_LOCAL f
    CALL 0
    LOAD_LOCAL f
    CALL 0
    BUILD_TUPLE 2
    RETURN
function maker(k)
  cells k
    LOAD_CELL k
    LOAD_CONST 2
    MOD
    JUMP_IF_TRUE odd
    MAKE_FUNCTION counter
    RETURN
  odd:
    MAKE_FUNCTION outer
    CALL 0
    RETURN
function outer()
  captured k
    MAKE_FUNCTION counter
    RETURN
function counter()
  captured k
    LOAD_CELL k
    LOAD_CONST 1
    ADD
    STORE_CELL k
    LOAD_CELL k
    RETURN
""",
    "names that Python takes for one": """
function main(ﬁ, fi)
  cells ª a
    LOAD_LOCAL ﬁ
    STORE_GLOBAL ﬁ
    LOAD_LOCAL fi
    STORE_GLOBAL fi
    LOAD_CONST 1
    STORE_CELL ª
    LOAD_CONST 2
    STORE_CELL a
    LOAD_GLOBAL log
    LOAD_CONST 3
    SETATTR ﬁ
    LOAD_GLOBAL log
    LOAD_CONST 4
    SETATTR fi
    LOAD_GLOBAL ﬁ
    LOAD_GLOBAL fi
    LOAD_LOCAL ﬁ
    LOAD_LOCAL fi
    LOAD_CELL ª
    LOAD_CELL a
    LOAD_GLOBAL log
    GETATTR ﬁ
    LOAD_GLOBAL log
    GETATTR fi
    BUILD_TUPLE 8
    RETURN
""",
    "a variable without a value in a loop that goes native": """
function main(n, xs)
  locals late
    LOAD_CONST 0
    STORE_LOCAL k
    LOAD_GLOBAL range
    LOAD_CONST 40
    CALL 1
    ITER
  loop:
    FOR_ITER done
    LOAD_LOCAL k
    ADD
    STORE_LOCAL k
    LOAD_LOCAL n
    JUMP_IF_TRUE loop
    LOAD_LOCAL k
    STORE_LOCAL late
    JUMP loop
  done:
    LOAD_LOCAL late
    CHECK_BOUND late
    RETURN
""",
    "a cursor that is returned": """
function main(n, xs)
  locals late
    LOAD_LOCAL xs
    ITER
  loop:
    FOR_ITER done
    POP
    COPY 1
    STORE_LOCAL late
    LOAD_LOCAL late
    CHECK_BOUND late
    RETURN
  done:
    LOAD_LOCAL n
    RETURN
""",
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
    "a variable that only a handler assigns which nothing reaches": """
function main(n, xs)
  locals late
  handler start end -> caught
  start:
    LOAD_LOCAL n
    STORE_LOCAL k
  end:
    JUMP after
  caught:
    STORE_LOCAL late
  after:
    LOAD_GLOBAL log
    LOAD_LOCAL late
    CHECK_BOUND late
    CALL 1
    RETURN
""",
}


@pytest.mark.parametrize("title", FOUND)
def test_programs_that_were_told_apart_once(title: str) -> None:
    module = assemble(f"module found\n{FOUND[title]}", "found.zxa")
    assert differences(Program(module), EXECUTORS) == differences(Program(module, counting=True), EXECUTORS) == []


def test_programs_do_what_they_are_for() -> None:
    """Loops, handlers that are entered, values and exceptions as outcomes: each happens in some of a few programs."""
    found = [Program(module).reference() for module in map(made, range(40)) if module is not None]
    assert {outcome[0] for outcome in found if outcome is not None} == {"value", "raised"}
    assert sum(outcome is not None for outcome in found) > 20
    instructions = [i.op for seed in range(40) if (module := made(seed)) for code in module.functions.values()
                    for i in code.instructions]
    assert {"FOR_ITER", "MATCH", "RAISE", "CALL", "MAKE_FUNCTION", "STORE_CELL", "SWAP", "UNPACK"} <= set(instructions)


def test_programs_recurse() -> None:
    """Some call themselves, deeper than the machines allow; others come back."""
    deeper = 0
    for seed in range(200):
        module = made(seed)
        if module is not None:
            program = Program(module)
            deeper += program.reference() != program.reference(DEEPER)
    assert 1 <= deeper < 60
