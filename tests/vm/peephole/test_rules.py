"""Every rule: programs that it is for behave as before, and do not once its condition is dropped."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from tests.vm.outcomes import stack
from zexus import ops
from zexus.bytecode import Code, Handler, Instruction, InvalidCode, Position, verify
from zexus.vm.peephole import constants, fuse, jumps, listing, reduce, stores, windows
from zexus.vm.peephole.rules import RULES, OptimizationLevel, Rule, Work

LEVELS = [level for level in OptimizationLevel if level]


class Log:
    """What the objects of the run that is going on have noted."""

    lines: list[str] = []


class Loud:
    """An object that notes what is done to it, whose comparisons make no bools, and that notes its end."""

    def __init__(self, name: str, truth: Any = True) -> None:
        self.name, self.truth = name, truth
        self.log = Log.lines

    def __bool__(self) -> bool:
        Log.lines.append(f"truth of {self.name}")
        if self.truth is None:
            raise ArithmeticError(f"{self.name} has no truth")
        return bool(self.truth)

    def __eq__(self, other: object) -> Any:
        return Loud(f"{self.name}==", self.truth)

    def __ne__(self, other: object) -> Any:
        return Loud(f"{self.name}!=", self.truth)

    __hash__ = None  # type: ignore[assignment]

    def __mul__(self, other: object) -> Any:
        Log.lines.append("mul")
        return NotImplemented

    def __del__(self) -> None:
        self.log.append(f"end of {self.name}")  # of the run that made it, however late


@dataclass
class Example:
    """A program, what it is called with, and its exception table.

    Lines are (opcode, argument); the argument of LOAD_CONST is the constant itself. Each stands on a line of its own.
    """

    lines: Sequence[tuple[Any, ...]]
    arguments: Callable[[], tuple[Any, ...]] = tuple
    names: tuple[str, ...] = ("a", "b", "c")
    handlers: list[Handler] = field(default_factory=list)

    def code(self) -> Code:
        """The program as Code."""
        made = Code("f", "f", "f.py", 1, self.names, len(self.arguments()), handlers=list(self.handlers))
        made.namespace = {"note": lambda text: Log.lines.append(text)}
        for number, (op, *rest) in enumerate(self.lines):
            arg = rest[0] if rest else None
            if op == "LOAD_CONST":
                made.consts.append(arg)
                arg = len(made.consts) - 1
            made.instructions.append(Instruction(op, arg, Position(number + 2, number + 2, 0, 1)))
        verify(made)
        return made

    def outcome(self, code: Code) -> tuple[Any, ...]:
        """What it does, with what the objects in it have noted."""
        Log.lines = noted = []
        found = stack(code, self.arguments())
        return (*found, tuple(noted))


def equal(example: Example) -> bool:
    """Whether the program does the same at all levels as it does without the optimizer."""
    expected = example.outcome(example.code())
    for level in LEVELS:
        code = example.code()
        Log.lines = noted = []
        made, _ = listing.optimize(code, level)
        verify(made)
        if noted or example.outcome(made) != expected:
            return False
    return True


def differs(example: Example) -> bool:
    """Whether something is wrong, be it only that the optimizer fails."""
    try:
        return not equal(example)
    except (InvalidCode, LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
        return True


# --- values ----------------------------------------------------------------------------------------------------

INTS = st.sampled_from([0, 1, 2, -1, 3, 10, 2**40, -(2**70)]) | st.integers()
FLOATS = st.sampled_from([0.0, -0.0, 1.0, 2.0, 0.5, -4.0, math.inf, -math.inf, math.nan, 5e-324,
                          2.0**-1022]) | st.floats()
SCALARS = INTS | FLOATS | st.booleans() | st.none() | st.text("ab",
                                                              max_size=3) | st.binary(max_size=2) | st.complex_numbers()
CONSTANTS = SCALARS | st.tuples(SCALARS, SCALARS) | st.just(())
OPERANDS = SCALARS | st.sampled_from([[], [1], (1, 2)])
BINARY = sorted(name for name in ops.OPS if ops.is_operator(name) and name not in ("DIVMOD", "POW_CALL"))
REDUCED = sorted({*reduce._NEUTRAL, "POW", "TRUEDIV", "MUL", "MOD", "AND"})
RETURN = ("RETURN",)


def lines(*found: tuple[Any, ...], **more: Any) -> Example:
    return Example(found, **more)


def given_values(*values: Any) -> Callable[[], tuple[Any, ...]]:
    return lambda: tuple(list(value) if type(value) is list else value for value in values)


def cheap(example: Example) -> bool:
    """Whether CPython itself computes this in reasonable time and space."""
    op, right = example.lines[-2][0], example.lines[-3][1] if len(example.lines) == 4 else 0
    left = example.lines[0][1]
    numbers = [value for value in (left, right) if isinstance(value, int)]
    if op.removeprefix("I") in ("POW", "LSHIFT"):
        return not (len(numbers) == 2 and right > 200)
    return not (op in ("MUL", "IMUL") and len(numbers) == 1 and numbers[0] > 10**4)


FOLDED = st.builds(lambda a, b, op: lines(("LOAD_CONST", a), ("LOAD_CONST", b), (op,), RETURN),
                   CONSTANTS, CONSTANTS, st.sampled_from(BINARY)).filter(cheap) \
    | st.builds(lambda a, op: lines(("LOAD_CONST", a), (op,), RETURN), CONSTANTS,
                st.sampled_from(["NEG", "POS", "INVERT", "NOT", "TRUTH", "LEN", "ABS"]))

TUPLES = st.builds(lambda values, local: lines(*(("LOAD_LOCAL", 0) if n == local else ("LOAD_CONST", v)
                                                 for n, v in enumerate(values)), ("BUILD_TUPLE", len(values)), RETURN,
                                               arguments=given_values("argument")),
                   st.lists(CONSTANTS, min_size=1, max_size=4), st.integers(0, 8))

LISTS = st.builds(lambda values, last: lines(*(("LOAD_CONST", v) for v in values), ("BUILD_LIST", len(values)), *last,
                                             arguments=given_values(0)),
                  st.lists(SCALARS, min_size=1, max_size=3),
                  st.sampled_from([(RETURN,), (("ITER",), ("STORE_LOCAL", 1), ("LOAD_LOCAL", 0), RETURN),
                                   (("STORE_LOCAL", 1), ("LOAD_LOCAL", 0), ("LOAD_LOCAL", 1), ("IN",), RETURN)])) \
    | st.builds(lambda x, v, op: lines(("LOAD_LOCAL", 0), ("LOAD_CONST", v), ("BUILD_LIST", 1), (op,), RETURN,
                                       arguments=given_values(x)), OPERANDS, SCALARS, st.sampled_from(["IN", "NOT_IN"]))

NOPS = st.builds(lambda middle: lines(("LOAD_LOCAL", 0), ("NOP",), ("LOAD_LOCAL", 1), *middle, ("SUB",), ("NOP",),
                                      RETURN,
                                      arguments=given_values(5, 3)),
                 st.lists(st.sampled_from([("NOP",), ("SWAP", 2)]), max_size=3))

LOAD_POPS = st.builds(lambda load: lines(load, ("POP",), ("LOAD_CONST", 1), RETURN, arguments=given_values(1)),
                      st.sampled_from([("LOAD_LOCAL", 0), ("LOAD_CONST", 4), ("LOAD_GLOBAL", "note"),
                                       ("LOAD_GLOBAL", "missing")]))

COPY_POPS = st.builds(lambda n: lines(("LOAD_CONST", 7), ("LOAD_CONST", 8), ("COPY", n), ("STORE_LOCAL", 0), ("POP",),
                                      ("LOAD_LOCAL", 0), ("SUB",), RETURN), st.integers(1, 2))

SELF_STORES = st.builds(lambda n: lines(("LOAD_LOCAL", n), ("STORE_LOCAL", 1), ("LOAD_LOCAL", 1), RETURN,
                                        arguments=given_values(3, 4)), st.integers(0, 1))

_PUSHES = st.sampled_from([("LOAD_LOCAL", 0), ("LOAD_LOCAL", 1), ("LOAD_CONST", 9), ("LOAD_GLOBAL", "missing"),
                           ("LOAD_GLOBAL", "gone"), ("COPY", 1), ("SWAP", 2), ("SWAP", 3)])
SWAPPED = st.builds(lambda pushes: lines(("LOAD_CONST", 1), ("LOAD_CONST", 2), ("LOAD_CONST", 3), *pushes, ("SWAP", 2),
                                         ("BUILD_TUPLE", 2), RETURN, arguments=given_values(5, 6)),
                    st.lists(_PUSHES, min_size=1, max_size=4))

PACKED = st.builds(lambda kind, built, wanted: lines(
    *(("LOAD_LOCAL", n % 3) for n in range(built)), (kind, built), ("UNPACK", wanted), ("BUILD_TUPLE", wanted), RETURN,
    arguments=given_values(1, 2, 3)), st.sampled_from(["BUILD_TUPLE", "BUILD_LIST"]), st.integers(0, 4),
    st.integers(0, 4))

_LOUD = st.sampled_from([True, False, None])
TRUTHS = st.builds(lambda op, truth, x: lines(
    ("LOAD_LOCAL", 0), ("LOAD_LOCAL", 1), (op,), ("TRUTH",), RETURN, arguments=lambda: (Loud("x", truth), x)),
    st.sampled_from(["EQ", "NE", "IS", "IS_NOT"]), _LOUD, st.integers())

NEGATIONS = st.builds(lambda op, truth: lines(
    ("LOAD_LOCAL", 0), ("LOAD_LOCAL", 1), (op,), ("NOT",), RETURN, arguments=lambda: (Loud("x", truth), math.nan)),
    st.sampled_from(["EQ", "NE", "IS", "IS_NOT"]), _LOUD)


def _branch(*test: tuple[Any, ...], jump: str, arguments: Callable[[], tuple[Any, ...]]) -> Example:
    at = len(test)
    return lines(*test, (jump, at + 3), ("LOAD_CONST", "through"), RETURN, ("LOAD_CONST", "jumped"), RETURN,
                 arguments=arguments)


_JUMPS = st.sampled_from(["JUMP_IF_FALSE", "JUMP_IF_TRUE"])
NEGATED_JUMPS = st.builds(lambda jump, truth, nots: _branch(
    ("LOAD_LOCAL", 0), *[("NOT",)] * nots, jump=jump, arguments=lambda: (Loud("x", truth),)), _JUMPS, _LOUD,
    st.integers(0, 3))
DECIDED = st.builds(lambda jump, value: _branch(("LOAD_CONST", value), jump=jump, arguments=tuple), _JUMPS,
                    CONSTANTS | st.builds(Loud, st.just("constant"), _LOUD))

_TYPED = {"LEN": [[1, 2], "abc"], "TO_INT": ["12", 3.9, True], "TO_FLOAT": ["2.5", 3, math.nan, -0.0], "TO_BOOL": [1,
                                                                                                                   []],
          "MOVE": [0, 5, -3, 2.5, math.nan, math.inf, -0.0, "ab", [1, 2], (1,), True]}
_KNOWN = st.sampled_from([(row, value) for row, values in _TYPED.items() for value in values])


def _reduced(op: str, constant: Any, known: tuple[str, Any], stored: bool) -> Example:
    row, value = known
    made = [("LOAD_LOCAL", 0)] + ([(row,)] if row != "MOVE" else [])
    if stored:
        made += [("STORE_LOCAL", 1), ("LOAD_LOCAL", 1)]
    return lines(*made, ("LOAD_CONST", constant), (op,), RETURN, arguments=given_values(value))


ARITHMETIC = st.builds(_reduced, st.sampled_from([*REDUCED, *("I" + op for op in REDUCED)]),
                       st.sampled_from([0, 1, 2, -1, True, 0.0, 1.0, 2.0, 4.0, -0.5, 3.0, 2.0**-1022, 5e-324]), _KNOWN,
                       st.booleans())


DIVISIONS = st.builds(_reduced, st.sampled_from(["TRUEDIV", "ITRUEDIV"]),
                      st.sampled_from([2.0, 4.0, -0.5, 3.0, 10.0, 2.0**-1022, 5e-324, 2.0**1023, math.inf]),
                      st.sampled_from([("TO_FLOAT", "0.1"), ("TO_FLOAT", "7.3"), ("TO_FLOAT", -0.0), ("TO_FLOAT",
                                                                                                      1e308),
                                       ("TO_FLOAT", math.nan), ("MOVE", "text"), ("MOVE", 7)]), st.booleans())


def _temporary(parts: list[tuple[tuple[Any, ...], ...]]) -> Example:
    found: list[tuple[Any, ...]] = [("LOAD_CONST", "bottom"), ("LOAD_LOCAL", 0), ("STORE_LOCAL", 2)]
    found += [line for part in parts for line in part]
    return lines(*found, ("LOAD_LOCAL", 2), ("BUILD_TUPLE", 2), RETURN, arguments=given_values("a", "b"),
                 names=("a", "b", ".t"))


_NEUTRAL_PARTS = [(("LOAD_LOCAL", 1), ("STORE_LOCAL", 0)), (("STORE_LOCAL", 1), ("LOAD_LOCAL", 1)), (("LOAD_LOCAL", 1),
                  ("LOAD_LOCAL", 0), ("BUILD_TUPLE", 2), ("BUILD_TUPLE", 2)), (("LOAD_LOCAL", 1), ("POP",)),
                  (("COPY", 1), ("POP",)), (("LOAD_LOCAL", 1), ("SWAP", 2), ("STORE_LOCAL", 1))]
TEMPORARIES = st.builds(_temporary, st.lists(st.sampled_from(_NEUTRAL_PARTS), max_size=3))


def _stores(first: Any, second: Any, middle: list[tuple[Any, ...]], covered: bool) -> Example:
    body: list[tuple[Any, ...]] = [first, ("STORE_LOCAL", 1), *middle, second, ("STORE_LOCAL", 1), ("LOAD_GLOBAL",
                                                                                                    "note"),
                                   ("LOAD_CONST", "end"), ("CALL", 1), ("POP",), ("LOAD_CONST", 0), RETURN]
    size = len(body)
    handler = [("POP",), ("LOAD_LOCAL", 1), RETURN]
    return Example([*body, *(handler if covered else ())], given_values(3),
                   handlers=[Handler(2, 2 + len(middle) + 2, size, 0)] if covered else [])


class Made(Loud):
    """Something whose end can be seen."""


def _make() -> Any:
    return Made("made")


_VALUES = st.sampled_from([("LOAD_CONST", 1), ("LOAD_CONST", None), ("LOAD_CONST", (1, 2))])
_MIDDLES = st.lists(st.sampled_from([("LOAD_LOCAL", 0), ("LOAD_CONST", 3), ("LOAD_GLOBAL", "missing"), ("LOAD_LOCAL",
                                                                                                        1)]),
                    max_size=2).map(lambda loads: [part for load in loads for part in (load, ("POP",))])
DEAD_STORES = st.builds(_stores, _VALUES, _VALUES, _MIDDLES, st.booleans())
LIFETIMES = st.builds(lambda second: Example([
    ("LOAD_CONST", _make), ("CALL", 0), ("STORE_LOCAL", 1), ("LOAD_GLOBAL", "note"), ("LOAD_CONST", "between"),
    ("CALL", 1),
    ("POP",), second, ("STORE_LOCAL", 1), ("LOAD_GLOBAL", "note"), ("LOAD_CONST", "end"), ("CALL", 1), RETURN]),
    _VALUES)

THREADS = st.builds(lambda a, b, c, x: lines(
    ("LOAD_LOCAL", 0), ("TRUTH",), ("JUMP_IF_FALSE", a), ("JUMP", b), ("JUMP", c), ("JUMP", 8), ("NOP",), ("JUMP", 10),
    ("LOAD_CONST", "eight"), RETURN, ("LOAD_CONST", "ten"), ("STORE_LOCAL", 1), ("LOAD_LOCAL", 1), RETURN,
    arguments=given_values(x)), st.integers(3, 8), st.integers(4, 8), st.integers(5, 8), st.integers(0, 1))


def _ending(first: tuple[Any, ...], end: str, x: int) -> Example:
    return Example([("LOAD_LOCAL", 0), ("TRUTH",), ("JUMP_IF_FALSE", 4), ("JUMP", 7), ("LOAD_CONST", 5), ("POP",),
                    ("JUMP", 7),
                    first, (end,), ("POP",), ("LOAD_CONST", "handled"), RETURN],
                   given_values(x), handlers=[Handler(3, 7, 9, 0)])


ENDINGS = st.builds(_ending, st.sampled_from([("LOAD_LOCAL", 0), ("LOAD_CONST", "constant"), ("LOAD_GLOBAL", "missing"),
                                              ("LOAD_CONST", KeyError("raised"))]),
                    st.sampled_from(["RETURN", "RAISE"]), st.integers(0, 1))

NEXTS = st.builds(lambda jump, truth: lines(
    ("LOAD_LOCAL", 0), (jump, 2), ("LOAD_CONST", 1), RETURN, arguments=lambda: (Loud("x", truth),)), _JUMPS, _LOUD)

AROUNDS = st.builds(lambda jump, x, target: lines(
    ("LOAD_LOCAL", 0), ("TRUTH",), (jump, target), ("JUMP", 6), ("LOAD_CONST", "near"), RETURN, ("LOAD_CONST", "far"),
    RETURN,
    ("LOAD_CONST", "third"), RETURN, arguments=given_values(x)), _JUMPS, st.integers(0, 1), st.sampled_from([3, 4, 6,
                                                                                                             8]))

UNREACHED = st.builds(lambda value, start: Example([
    ("LOAD_LOCAL", 0), ("LOAD_CONST", value), ("TRUEDIV",), RETURN, ("LOAD_CONST", "dead"), RETURN, ("POP",),
    ("LOAD_CONST", "handled"), RETURN], given_values(1), handlers=[Handler(start, 4, 6, 0)]),
    st.sampled_from([0, 2]), st.integers(0, 3).filter(lambda start: start < 1))

FUSIONS = st.builds(lambda op, truth, jump: _branch(
    ("LOAD_LOCAL", 0), ("LOAD_CONST", 1), (op,), ("TRUTH",), jump=jump, arguments=lambda: (Loud("x", truth),)),
    st.sampled_from(["EQ", "NE", "IS", "ADD"]), _LOUD, _JUMPS)


# --- what is left of the rules without their conditions -----------------------------------------------------------

Patch = Callable[[pytest.MonkeyPatch], None]


def also(op: str, last: str, function: Any) -> Patch:
    """Use a window rule where it does not belong."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for table in listing._TABLES[1:]:
            monkeypatch.setitem(table, op, {**table.get(op, {}), last: (function,)})

    return patch


def attribute(module: Any, name: str, value: Any) -> Patch:
    return lambda monkeypatch: monkeypatch.setattr(module, name, value)


def item(table: Any, key: Any, value: Any) -> Patch:
    return lambda monkeypatch: monkeypatch.setitem(table, key, value)


def _dropped_copy(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    if len(emitted) > 1 and emitted[-2].op == "COPY":
        del emitted[-2]
        return True
    return False


def _computed_anyway(op: str, operands: list[Any]) -> tuple[Any]:
    try:
        return (ops.OPS[op].meaning(*operands),)  # type: ignore[misc]
    except (ArithmeticError, TypeError, ValueError, LookupError):
        return (None,)


def _dropped_pair(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    emitted.pop()
    return True


def _dropped_packing(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    if instruction.arg not in (2, 3):
        return False
    emitted[-1] = Instruction("SWAP", min(emitted[-1].arg, instruction.arg) or 1)
    return True


def _dropped_not(emitted: list[Instruction], instruction: Instruction, work: Work) -> bool:
    emitted[-1] = instruction
    return True


def _taken_list(emitted: list[Instruction], count: int, work: Work) -> tuple[Any, ...] | None:
    loads = emitted[len(emitted) - count:]
    return tuple(work.consts[load.arg] for load in loads if load.arg is not None and load.arg < len(work.consts))


def _any_type(emitted: list[Instruction], instruction: Instruction, work: Work, kind: type) -> Any:
    return work.consts[emitted[-1].arg] if len(emitted) > 1 else None


def _copied_end(code: list[Instruction], branches: list[int], work: Work) -> None:
    """Ends that raise go in front of jumps to them, into the reach of handlers."""
    for index in branches:
        target = code[index].arg
        if code[index].op == "JUMP" and code[index - 1].op == "POP" and code[target + 1].op == "RAISE":
            code[index - 2:index + 1] = [*code[target:target + 2], Instruction("NOP")]


def _careless_next(emitted: list[Instruction], at: int, work: Work) -> None:
    if emitted and emitted[-1].op in windows.OTHER_WAY and emitted[-1].arg == at:
        emitted[-1] = Instruction("POP")


def _careless_around(emitted: list[Instruction], at: int, work: Work) -> None:
    if len(emitted) > 1 and emitted[-1].op == "JUMP" and emitted[-2].op in windows.OTHER_WAY:
        emitted[-2:] = [Instruction(windows.OTHER_WAY[emitted[-2].op], emitted[-1].arg)]


def _without_handlers(code: list[Instruction], branches: list[int], handlers: list[Handler]) -> list[tuple[int, int]]:
    return _reached(code, branches, [])


def _one_further(code: list[Instruction], target: int) -> int:
    return _final(code, target) + 1


def _no_swaps(code: list[Instruction], work: Work) -> list[Instruction]:
    return [instruction for instruction in code if instruction.op not in ("NOP", "SWAP")]


_reached, _final, _live = jumps.reached, jumps.final, stores._live_after


def _live_without_handlers(code: Code, candidates: set[int]) -> list[int]:
    plain = Code(code.name, code.qualname, code.filename, 1, code.locals, code.params, instructions=code.instructions)
    return _live(plain, candidates)


@dataclass
class Trial:
    """Programs for a rule, and the rule without its condition, in one or more ways."""

    rule: Rule
    examples: st.SearchStrategy[Example]
    broken: list[Patch]


TRIALS = [
    Trial(constants.FOLD, FOLDED, [attribute(constants, "computed", _computed_anyway)]),
    Trial(constants.TUPLE, TUPLES, [attribute(constants, "_constants", _taken_list)]),
    Trial(constants.LIST, LISTS, [also("RETURN", "BUILD_LIST", constants.fold_list)]),
    Trial(windows.NOP, NOPS, [attribute(windows, "without_nops", _no_swaps)]),
    Trial(windows.LOAD_POP, LOAD_POPS, [also("POP", "LOAD_GLOBAL", windows.drop_load)]),
    Trial(windows.COPY_POP, COPY_POPS, [also("POP", "STORE_LOCAL", _dropped_copy)]),
    Trial(windows.SELF_STORE, SELF_STORES, [also("STORE_LOCAL", "LOAD_LOCAL", _dropped_pair)]),
    Trial(windows.SWAPS, SWAPPED, [attribute(windows, "_are_loads", lambda *_: True)]),
    Trial(windows.UNPACKED, PACKED, [also("UNPACK", "BUILD_LIST", _dropped_packing)]),
    Trial(windows.TRUTH, TRUTHS, [also("TRUTH", "EQ", windows.drop_truth)]),
    Trial(windows.NEGATED, NEGATIONS, [
        lambda m: (also("NOT", "EQ", windows.turn_test)(m), item(windows._OPPOSITE, "EQ", "NE")(m))[0]]),
    Trial(windows.NEGATED_JUMP, NEGATED_JUMPS, [also("JUMP_IF_FALSE", "NOT", _dropped_not)]),
    Trial(windows.DECIDED, DECIDED, [attribute(windows, "is_plain", lambda value: True)]),
    Trial(reduce.NEUTRAL, ARITHMETIC, [attribute(reduce, "_constant", _any_type)]),
    Trial(reduce.ABSORBING, ARITHMETIC, [attribute(reduce, "_constant", _any_type)]),
    Trial(reduce.SQUARE, ARITHMETIC, [attribute(reduce, "_constant", _any_type)]),
    Trial(reduce.RECIPROCAL, DIVISIONS, [attribute(reduce, "_has_exact_reciprocal", lambda value: value != 0),
                                         attribute(reduce, "_constant", _any_type)]),
    Trial(stores.TEMPORARY, TEMPORARIES, [attribute(stores, "_height", lambda *_: 0),
                                          attribute(stores, "_height", lambda *_: 1)]),
    Trial(stores.DEAD_STORE, DEAD_STORES | LIFETIMES, [
        attribute(stores, "_live_after", lambda code, _: [0] * len(code.instructions)),
        attribute(stores, "_live_after", _live_without_handlers),
        attribute(stores, "_candidates", lambda code, *_: set(range(code.params, len(code.locals))))]),
    Trial(jumps.THREAD, THREADS, [attribute(jumps, "final", _one_further)]),
    Trial(jumps.RETURN, ENDINGS, [attribute(jumps, "thread", _copied_end)]),
    Trial(jumps.NEXT, NEXTS, [attribute(jumps, "straighten", _careless_next)]),
    Trial(jumps.AROUND, AROUNDS, [attribute(jumps, "straighten", _careless_around)]),
    Trial(jumps.UNREACHABLE, UNREACHED, [attribute(jumps, "reached", _without_handlers)]),
    Trial(fuse.FUSE, FUSIONS, [attribute(fuse, "_one_position", lambda *_: True)]),
]
NAMES = [trial.rule.name for trial in TRIALS]
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def test_every_rule_is_tried() -> None:
    assert sorted(NAMES) == sorted(RULES)
    assert all(made.condition and made.kind for made in RULES.values())


@pytest.mark.parametrize("trial", TRIALS, ids=NAMES)
def test_a_rule_changes_nothing_that_can_be_seen(trial: Trial) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=QUIET, database=None)
    @given(trial.examples)
    def same(example: Example) -> None:
        assert equal(example)

    same()


@pytest.mark.parametrize("trial", TRIALS, ids=NAMES)
def test_a_rule_is_used_on_these_programs(trial: Trial) -> None:
    def uses(example: Example) -> bool:
        return any(listing.optimize(example.code(), level)[1].get(trial.rule.name) for level in LEVELS)

    find(trial.examples, uses, settings=settings(max_examples=2000, database=None, phases=[Phase.generate],
                                                 suppress_health_check=QUIET, derandomize=True))


@pytest.mark.parametrize(("trial", "patch"), [(trial, patch) for trial in TRIALS for patch in trial.broken],
                         ids=[f"{trial.rule.name} {n}" for trial in TRIALS for n in range(len(trial.broken))])
def test_without_its_condition_a_rule_is_wrong(trial: Trial, patch: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    patch(monkeypatch)
    try:
        find(trial.examples, differs, settings=settings(max_examples=3000, database=None, phases=[Phase.generate],
                                                        suppress_health_check=QUIET, derandomize=True))
    except NoSuchExample:
        pytest.fail("the programs do not need the condition")


# --- constants ------------------------------------------------------------------------------------------------------


def folded(*code_lines: tuple[Any, ...]) -> list[Any]:
    """The constants that are left of a calculation."""
    return listing.optimize(lines(*code_lines, RETURN).code(), OptimizationLevel.BASIC)[0].consts


@pytest.mark.parametrize(("a", "op", "b", "made"), [
    (6, "TRUEDIV", 3, 2.0), (-0.0, "MUL", 5, -0.0), (0.0, "ADD", -0.0, 0.0), (True, "ADD", True, 2), (2, "POW", -1,
                                                                                                      0.5),
    ("a", "ADD", "b", "ab"), ("ab", "MUL", 3, "ababab"), ((1, 2), "GETITEM", -1, 2), (1, "EQ", 1.0, True), (7, "MOD",
                                                                                                            -2, -1),
    (None, "IS", None, True), (2, "LSHIFT", 100, 2**101),
])
def test_what_is_computed(a: Any, op: str, b: Any, made: Any) -> None:
    (left,) = folded(("LOAD_CONST", a), ("LOAD_CONST", b), (op,))
    assert type(left) is type(made) and repr(left) == repr(made)


@pytest.mark.parametrize(("a", "op", "b"), [
    (1, "TRUEDIV", 0), (1, "LSHIFT", 10**8), (10, "POW", 10**8), (2**100, "MUL", 2**100), ("ab", "MUL", 10**6),
    ((0,), "MUL", 10**6), (1000, "IS", 1000), ("%s", "MOD", 1), (b"a", "EQ", "a"), (1, "ADD", "a"), ((1,), "GETITEM",
                                                                                                     5),
    (1, "LSHIFT", -1), (2.0, "POW", 10**5),
])
def test_what_is_left_to_the_program(a: Any, op: str, b: Any) -> None:
    assert len(folded(("LOAD_CONST", a), ("LOAD_CONST", b), (op,))) == 2


def test_a_tower_of_powers_stays_small() -> None:
    left = folded(("LOAD_CONST", 10), ("LOAD_CONST", 10), ("LOAD_CONST", 8), ("POW",), ("POW",))
    assert left == [10, 10**8]


def test_constants_that_are_equal_but_not_the_same_stay_apart() -> None:
    code = lines(("LOAD_CONST", 1), ("LOAD_CONST", 0.0), ("LOAD_CONST", (1,)), ("LOAD_CONST", 0), ("LOAD_CONST", 1),
                 ("ADD",),
                 ("LOAD_CONST", 0.0), ("NEG",), ("LOAD_CONST", 1.0), ("BUILD_TUPLE", 1), ("LOAD_CONST", 2),
                 ("LOAD_CONST", 1),
                 ("GT",), ("LOAD_LOCAL", 0), ("BUILD_TUPLE", 7), RETURN, arguments=given_values(1))
    made, _ = listing.optimize(code.code(), OptimizationLevel.BASIC)
    assert repr(made.consts) == "[1, 0.0, (1,), 1, -0.0, (1.0,), True]"


def test_nans_are_not_taken_for_each_other() -> None:
    code = lines(("LOAD_CONST", math.nan), ("LOAD_CONST", math.inf), ("LOAD_CONST", -math.inf), ("ADD",),
                 ("LOAD_LOCAL", 0), ("BUILD_TUPLE", 3), RETURN, arguments=given_values(1)).code()
    made, _ = listing.optimize(code, OptimizationLevel.BASIC)
    assert len(made.consts) == 2
