"""Generic SSA on objects: a small evaluator, objects whose operators have effects, and random programs."""

from __future__ import annotations

import builtins
import random
import struct
from collections.abc import Callable, Sequence
from typing import Any

from zexus import ops
from zexus.bytecode import (
    UNBOUND,
    Code,
    Handler,
    Instruction,
    Module,
    Routine,
    activation_cells,
    captured_cells,
    depths,
    empty_cell,
    successors,
    unbound,
    verify,
    wrong_arguments,
)
from zexus.frontend.lower import lower_function
from zexus.frontend.source import module_source
from zexus.regvm import cursor
from zexus.regvm.ir import Block, Function, Instr, Value
from zexus.regvm.pipeline import NO_PHASES, Lowering
from zexus.vm.limits import Budget, InstructionLimit
from zexus.vm.metering import metered
from zexus.vm.stack import StackMachine


class Spent(BaseException):
    """An evaluation takes too many instructions, or its values grow too large."""


class Deep(BaseException):
    """Calls are nested deeper than the stack machine allows."""


class Evaluator:
    """Runs functions of form "ssa"; calls of a module's routines run in here as well.

    Attributes:
        frames: the function names and lines that the last exception passed, outermost first.
        steps: how many instructions may still run.
    """

    def __init__(self, lowering: Lowering, namespace: dict[str, Any], steps: int) -> None:
        self.lowering = lowering
        self.namespace = namespace
        self.steps = steps
        self.functions: dict[Code, Function] = {}
        self.frames: list[tuple[str, int]] = []
        self.depth = 0

    def call(self, routine: Routine, arguments: Sequence[Any]) -> Any:
        code = routine.code
        if len(arguments) != code.params:
            raise wrong_arguments(code, len(arguments))
        if code not in self.functions:
            self.functions[code] = self.lowering.lower(code)
        self.depth += 1
        if self.depth >= DEPTH:
            raise Deep
        try:
            return self.run(self.functions[code], code, list(arguments), activation_cells(routine, arguments))
        finally:
            self.depth -= 1

    def run(self, fn: Function, code: Code, arguments: list[Any], cells: Sequence[Any]) -> Any:
        values: dict[Value, Any] = dict(zip(fn.params, arguments, strict=True))
        block, source, caught = fn.entry, None, None
        while True:
            if source is not None:
                values.update({phi.dest: values[phi.incoming[source]] for phi in block.phis})
            begin = dict(values)
            for instr in block.instrs:
                self.steps -= 1
                if self.steps < 0:
                    raise Spent
                if instr.op == "RETURN":
                    return values[instr.args[0]]
                try:
                    if instr.op == "CAUGHT":
                        made = caught
                    else:
                        made = self.step(fn, code, instr, [values[a] for a in instr.args], cells)
                except Exception as error:
                    self.note(instr)
                    if block.catches is None:
                        raise
                    values, caught = begin, error
                    source, block = block, block.catches
                    self.frames = []
                    break
                if isinstance(made, Block):
                    source, block = block, made
                    break
                if instr.dest is not None:
                    values[instr.dest] = made

    def note(self, instr: Instr) -> None:
        """Put the frames of an instruction before those that are noted."""
        passed = []
        context, index = instr.context, instr.index
        while context is not None:
            position = context.code.positions[index]
            passed.append((context.code.code.name, position.line if position else context.code.code.first_line))
            context, index = context.parent, context.call_index
        self.frames = passed[::-1] + self.frames

    def step(self, fn: Function, code: Code, instr: Instr, a: list[Any], cells: Sequence[Any]) -> Any:
        op, imm = instr.op, instr.imm
        if op == "CONST":
            return fn.consts[imm]
        if op == "UNBOUND":
            return UNBOUND
        if op == "JUMP":
            return instr.targets[0]
        if op == "BRANCH":
            return instr.targets[0 if a[0] else 1]
        if op == "RAISE":
            raise a[0]
        if op == "CHECK_BOUND":
            if a[0] is UNBOUND:
                raise unbound(imm, False)
            return a[0]
        if op == "LOAD_GLOBAL":
            if imm in self.namespace:
                return self.namespace[imm]
            if hasattr(builtins, imm):
                return getattr(builtins, imm)
            raise NameError(f"name {imm!r} is not defined")
        if op == "STORE_GLOBAL":
            self.namespace[imm] = a[0]
        elif op == "LOAD_CELL":
            try:
                return cells[imm].cell_contents
            except ValueError:
                raise empty_cell(code, imm) from None
        elif op == "STORE_CELL":
            cells[imm].cell_contents = a[0]
        elif op == "MAKE_FUNCTION":
            inner = self.lowering.module.functions[imm]
            return Routine(inner, self.namespace, captured_cells(inner, code, cells), self.call)
        elif op == "CALL":
            return self.call(a[0], a[1:]) if type(a[0]) is Routine else a[0](*a[1:])
        elif op == "GETATTR":
            return getattr(a[0], imm)
        elif op == "BUILD_LIST":
            return a
        elif op == "BUILD_TUPLE":
            return tuple(a)
        elif op == "UNPACK":
            return ops.unpack(a[0], imm)
        elif op == "ITEM":
            return a[0][imm]
        elif op == "LIST_ADD":
            a[0].append(a[1])
        elif op == "MATCH":
            return ops.matches(a[0], a[1])
        elif op in ("ITER", "HAS_NEXT", "VALUE", "ADVANCE"):
            return _iterate(op, a[0])
        else:
            assert instr.row.meaning is not None, op
            if instr.row.family == "arith" and too_large(instr.row.base or op, a[0], a[1]):
                raise Spent
            return instr.row.meaning(*a)
        return None


def too_large(op: str, a: Any, b: Any) -> bool:
    """Whether the result of an operator would take much room."""
    sizes = [v.bit_length() if isinstance(v, int) else len(v) if type(v) in (str, tuple, list) else 0 for v in (a, b)]
    if op in ("POW", "LSHIFT") and isinstance(a, int) and isinstance(b, int):
        return abs(b) * (sizes[0] if op == "POW" else 1) > LARGE
    if op == "MUL":
        for count, other in ((a, b), (b, a)):
            if isinstance(count, int) and type(other) in (str, tuple, list):
                return count * len(other) > LARGE
    return sum(sizes) > LARGE


def _iterate(op: str, value: Any) -> Any:
    if op == "ITER":
        return cursor.start(value, named=True)
    if op == "HAS_NEXT":
        return value.ready()
    if op == "VALUE":
        return value.value()
    value.advance()
    return value


# --- objects with effects -----------------------------------------------------------------------------------


class Noisy:
    """Tells a log what is done to it; with an odd number, arithmetic raises now and then."""

    def __init__(self, log: list[str], number: int) -> None:
        self.log = log
        self.number = number

    def did(self, what: str, other: Any = None) -> Noisy:
        self.log.append(f"{what} {self.number} {other.number if isinstance(other, Noisy) else shown(other)}")
        if len(self.log) % 5 == 3 and self.number % 2:
            raise ArithmeticError(f"{what} of {self.number}")
        return Noisy(self.log, self.number + 1)

    def __add__(self, other: Any) -> Any:
        return self.did("add", other)

    def __radd__(self, other: Any) -> Any:
        return self.did("radd", other)

    def __iadd__(self, other: Any) -> Any:
        self.did("iadd", other)
        self.number += 1
        return self

    def __mul__(self, other: Any) -> Any:
        return self.did("mul", other)

    def __sub__(self, other: Any) -> Any:
        return self.did("sub", other)

    def __lt__(self, other: Any) -> Any:
        self.did("lt", other)
        return self.number % 2 == 0

    def __eq__(self, other: object) -> Any:
        self.did("eq", other)
        return Noisy(self.log, self.number)

    def __bool__(self) -> bool:
        self.log.append(f"bool {self.number}")
        return self.number % 3 == 0

    def __neg__(self) -> Any:
        return self.did("neg")

    def __repr__(self) -> str:
        return f"Noisy({self.number})"


def shown(value: Any) -> str:
    """A value with the types of all that is in it, and the bits of floats."""
    if type(value) is float:
        return f"float {value!r} {struct.pack('>d', value)[0] >> 7 if value == value else ''}"
    if type(value) in (list, tuple):
        return f"{type(value).__name__}({', '.join(map(shown, value))})"
    if type(value) in (int, bool, str, complex, type(None), Noisy):
        return f"{type(value).__name__} {value!r}"
    return type(value).__name__


Maker = Callable[[list[str]], Any]


def constant(value: Any) -> Maker:
    """An argument that does not look at the log."""
    return lambda log: value


_PLAIN = (0, 1, -1, 2, 7, True, False, 2**70, -(2**63), 0.0, -0.0, 1.5, float("nan"), float("inf"), "a", "", "xyz",
          None, (1, 2), ())
VALUES: tuple[Maker, ...] = (*map(constant, _PLAIN), lambda log: [1, 2.5], lambda log: [], lambda log: Noisy(log, 2),
                             lambda log: Noisy(log, 3), lambda log: Noisy(log, 6))


# --- random programs ----------------------------------------------------------------------------------------

_LITERALS = ("0", "1", "2", "3", "8", "-1", "True", "False", "0.0", "-0.0", "2.0", "0.5", "1.5", "'a'", "''", "None",
             "10 ** 30", "(1, 2)")
_OPERATORS = ("+", "-", "*", "+", "-", "*", "//", "%", "/", "&", "|", "^", ">>")
_GROWING = ("<< 1", "<< (-1)", "** 2", "** 0.5", "** (-1)", "** 1", "** True", "<< 3")
_COMPARES = ("<", "<=", "==", "!=", ">", ">=", "<", "==")
# Of numbers equality is promised, not identity.
_SINGLETONS = ("is None", "is not None", "is True", "is not False")


class Source:
    """Writes a random module: helpers `h0`, `h1`, ... which call earlier ones and themselves, and `main`."""

    def __init__(self, rng: random.Random, size: int = 7) -> None:
        self.rng = rng
        self.size = size
        self.lines: list[str] = []
        self.names: list[str] = []
        self.helpers: list[tuple[str, int]] = []
        self.loops = 0

    def text(self) -> str:
        for number in range(self.rng.randint(0, 3)):
            params = [f"p{i}" for i in range(self.rng.randint(0, 3))]
            name = f"h{number}"
            if self.rng.random() < 0.15:
                self.helpers.append((name, len(params)))  # it may call itself
            self.function(name, params, self.rng.randint(1, 3))
            if (name, len(params)) not in self.helpers:
                self.helpers.append((name, len(params)))
        self.function("main", ["a", "b", "c"], self.size)
        return "\n".join(self.lines) + "\n"

    def function(self, name: str, params: list[str], length: int) -> None:
        self.names = [*params, "x", "y"]
        self.lines.append(f"def {name}({', '.join(params)}):")
        for local in ("x", "y"):
            if self.rng.random() < 0.7:
                self.lines.append(f"    {local} = {self.rng.choice([*params, *_LITERALS])}")
        self.body(length, 1, 2)
        self.lines.append(f"    return {self.returned()}")

    def returned(self) -> str:
        if self.rng.random() < 0.3:
            return f"({self.value(1)}, {self.value(1)})"
        return self.value(2)

    def body(self, length: int, indent: int, depth: int) -> None:
        for _ in range(length):
            self.statement("    " * indent, indent, depth)

    def statement(self, pad: str, indent: int, depth: int) -> None:
        nested = ("if", "if", "for", "while") if depth else ()
        kind = self.rng.choice(("set", "set", "set", "set", "set", "add", "add", "two", "item", "expression", *nested))
        if kind == "set":
            self.lines.append(f"{pad}{self.local()} = {self.value(2)}")
        elif kind == "add":
            self.lines.append(f"{pad}{self.local()} {self.rng.choice(('+', '-', '*'))}= {self.value(1)}")
        elif kind == "two":
            self.lines.append(f"{pad}x, y = {self.value(1)}, {self.value(1)}")
        elif kind == "item":
            owner, key = self.rng.choice(self.names), self.rng.choice((*self.names, "0", "1"))
            self.lines.append(f"{pad}{self.local()} = {owner}[{key}]")
        elif kind == "expression":
            self.lines.append(f"{pad}{self.value(1)}")
        elif kind == "if":
            self.lines.append(f"{pad}if {self.test()}:")
            self.body(self.rng.randint(1, 2), indent + 1, depth - 1)
            if self.rng.random() < 0.5:
                self.lines.append(f"{pad}else:")
                self.body(self.rng.randint(1, 2), indent + 1, depth - 1)
        else:
            self.loop(kind, pad, indent, depth)

    def loop(self, kind: str, pad: str, indent: int, depth: int) -> None:
        self.loops += 1
        counter = f"i{self.loops}"
        if kind == "for":
            over = self.rng.choice((f"range({self.rng.randint(0, 4)})", "(1, 2.0, 'a')", self.rng.choice(self.names)))
            self.lines.append(f"{pad}for {counter} in {over}:")
            self.names.append(counter)
        else:
            self.lines.append(f"{pad}{counter} = 0")
            self.names.append(counter)
            self.lines.append(f"{pad}while {counter} < {self.rng.choice(('2', '3', '4', self.value(0)))}:")
            self.lines.append(f"{pad}    {counter} += 1")
        self.body(self.rng.randint(1, 3), indent + 1, depth - 1)
        if self.rng.random() < 0.3:
            self.lines.append(f"{pad}    if {self.test()}:")
            self.lines.append(f"{pad}        {self.rng.choice(('break', 'continue'))}")

    def local(self) -> str:
        return self.rng.choice(("x", "y", "x", "y", *[n for n in self.names if not n.startswith("i")]))

    def test(self) -> str:
        kind = self.rng.random()
        if kind < 0.1:
            return f"{self.value(1)} {self.rng.choice(_SINGLETONS)}"
        if kind < 0.6:
            return f"{self.value(1)} {self.rng.choice(_COMPARES)} {self.value(1)}"
        if kind < 0.8:
            return f"{self.value(0)} {self.rng.choice(('and', 'or'))} {self.value(0)}"
        return f"{'not ' * self.rng.randint(0, 2)}{self.value(1)}"

    def value(self, depth: int) -> str:
        kind = self.rng.random()
        if depth == 0 or kind < 0.25:
            # Literals twice: what is known is what passes act on.
            return self.rng.choice((self.rng.choice(self.names), f"({self.rng.choice(_LITERALS)})"))
        if kind < 0.3:
            return f"({self.value(depth - 1)} {self.rng.choice(_GROWING)})"
        if kind < 0.7:
            return f"({self.value(depth - 1)} {self.rng.choice(_OPERATORS)} {self.value(depth - 1)})"
        if kind < 0.78:
            return f"({self.test()})"
        if kind < 0.83:
            return f"{self.rng.choice(('-', '+', 'not '))}{self.value(depth - 1)}"
        if kind < 0.95 and self.helpers:
            name, count = self.rng.choice(self.helpers)
            return f"{name}({', '.join(self.value(depth - 1) for _ in range(count))})"
        return f"({self.value(depth - 1)} if {self.test()} else {self.value(depth - 1)})"


def module_of(text: str) -> Module:
    """The module of functions that a text defines at its top level."""
    made = Module("random", "random.py")
    for found in module_source(text, "random.py").functions:
        made.add(lower_function(found.scope, found.scope.node.lineno, {}))
    return made


def guard(code: Code, rng: random.Random) -> None:
    """Lay a random handler over a stretch of a function; it keeps the exception in a variable and goes on elsewhere."""
    if not code.locals:
        return
    levels = depths(code)
    places = [index for index, level in enumerate(levels) if level == 0]
    start = rng.choice(places)
    end = rng.choice([place for place in (*places, len(levels)) if place > start])
    kept = code.locals.index("x") if "x" in code.locals else 0
    target = len(code.instructions)
    position = code.instructions[start].position
    behind = rng.choice(places)
    code.instructions += [Instruction("STORE_LOCAL", kept, position), Instruction("JUMP", behind, position)]
    if code.instructions[-3].op not in ("RETURN", "JUMP", "RAISE"):
        raise AssertionError("functions end by RETURN")
    code.handlers.append(Handler(start, end, target, 0))
    verify(code)
    assert successors(code, target + 1) == [behind]


# --- outcomes -----------------------------------------------------------------------------------------------

Outcome = tuple[Any, ...]
STEPS = 6000
DEPTH = 50
LARGE = 5000


def reference(module: Module, arguments: Sequence[Maker]) -> Outcome | None:
    """What the module's `main` does on the stack machine; None when it does not end in time."""
    machine = StackMachine(DEPTH, Budget(STEPS))
    namespace = metered(module).namespace(machine.enter)
    log: list[str] = []
    given = [make(log) for make in arguments]
    try:
        value = machine.run(namespace["main"], given)
    except (InstructionLimit, RecursionError):
        return None
    except Exception as error:
        return type(error).__name__, str(error), lines(error, module.filename), shown(given), log
    return "value", shown(value), shown(given), log


def agrees(module: Module, lowering: Lowering, arguments: Sequence[Maker]) -> bool:
    """Whether both do the same; programs that take too long or call too deep are let pass."""
    try:
        plain = evaluated(module, Lowering(module, NO_PHASES), arguments)
    except Spent:
        return True
    wanted = reference(module, arguments)
    if plain is None or wanted is None:
        return True
    assert plain == wanted
    got = evaluated(module, lowering, arguments)
    return got is None or got == wanted


def lines(error: BaseException, filename: str) -> list[tuple[str, int]]:
    """The program's functions and lines in a traceback."""
    found = []
    entry = error.__traceback__
    while entry is not None:
        if entry.tb_frame.f_code.co_filename == filename:
            found.append((entry.tb_frame.f_code.co_name, entry.tb_lineno))
        entry = entry.tb_next
    return found


def evaluated(module: Module, lowering: Lowering, arguments: Sequence[Maker]) -> Outcome | None:
    """The same on SSA; None when calls are nested too deep, which inlining changes.

    Raises:
        Spent: it takes too long.
    """
    namespace: dict[str, Any] = {}
    machine = Evaluator(lowering, namespace, 4 * STEPS)
    namespace.update(module.namespace(machine.call))
    log: list[str] = []
    given = [make(log) for make in arguments]
    try:
        value = machine.call(namespace["main"], given)
    except Deep:
        return None
    except Exception as error:
        return type(error).__name__, str(error), machine.frames, shown(given), log
    return "value", shown(value), shown(given), log
