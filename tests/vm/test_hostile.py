"""Programs that somebody damaged: refused at a place, or the same on all machines; never an error of a machine."""

from __future__ import annotations

import contextlib
import copy
import io
import random
import re
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.test_examples import EXAMPLES
from zexus import ops
from zexus.assembly import AssemblyError, assemble
from zexus.bytecode import Code, Handler, Instruction, InvalidCode, Module
from zexus.settings import VmSettings
from zexus.vm.limits import LimitExceeded
from zexus.vm.vm import MODES, VM

TEXTS = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.zxa"))]
WORDS = sorted({word for text in TEXTS for word in text.split()})
ODD = ("-1", "999999", "1e999", "'", '"', "\\", "(", "[", "{", "é", "\x00", "\t", "\r", "\u2028", ":", "->", "1__0",
       "#", ";", "handler", "depth", "function", "locals", "cells", "captured", ".line", "METER 5", "METER -5",
       "SWAP 0", "COPY 99", "LOAD_CONST", "BUILD_LIST 99999999", "UNPACK 100000", "CALL -1", "(1,(2,3))",
       "__import__('os')")
ARGUMENTS = (3, 5, "ab", "1+2*3", [3, 1, 2], None)
OPCODES: tuple[Any, ...] = (*ops.OPS, "NOPE", "", None, 3, ("x",))
PARTS = (None, 0, 1, 2, 5, -1, 10**6, 10**30, True, 1.5, float("nan"), "x", "print", "main", "", (), (0, 1), (0, "ADD"),
         (1, 2, "ADD", 0), [0], {}, b"x", (0, 0, 0, 0, 0), ("ADD", 0))


def damaged_text(rng: random.Random) -> str:
    lines = rng.choice(TEXTS).split("\n")
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        at = rng.randrange(len(lines))
        pick = rng.randrange(6)
        column = rng.randrange(len(lines[at]) + 1)
        if pick == 0:
            lines[at: at + 1] = []
        elif pick == 1:
            lines.insert(at, rng.choice(lines))
        elif pick == 2:
            words = lines[at].split(" ")
            words[rng.randrange(len(words))] = rng.choice((*WORDS, *ODD))
            lines[at] = " ".join(words)
        elif pick == 3:
            lines[at] = lines[at][:column] + rng.choice(ODD) + lines[at][column:]
        elif pick == 4:
            lines[at] = lines[at][:column] + lines[at][column + 1:]
        else:
            lines.insert(at, f"    {rng.choice(WORDS)} {rng.choice((*WORDS, *ODD))}")
        lines = lines or [""]
    return "\n".join(lines)


def damaged_module(rng: random.Random) -> Module:
    module = assemble(rng.choice(TEXTS), "damaged.zxa")
    functions = {name: replace(code, instructions=[replace(i) for i in code.instructions],
                               handlers=list(code.handlers), consts=list(code.consts))
                 for name, code in module.functions.items()}
    code = functions["main"] if rng.random() < 0.7 else rng.choice(list(functions.values()))
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        rng.choice(DAMAGE)(code, rng.randrange(max(1, len(code.instructions))), rng)
    return Module(module.name, module.filename, functions)


def another_opcode(code: Code, at: int, rng: random.Random) -> None:
    code.instructions[at: at + 1] = [Instruction(rng.choice(OPCODES), i.arg) for i in code.instructions[at: at + 1]]


def a_similar_opcode(code: Code, at: int, rng: random.Random) -> None:
    for instruction in code.instructions[at: at + 1]:
        row = ops.OPS.get(instruction.op) if isinstance(instruction.op, str) else None
        if row is not None:
            instruction.op = rng.choice([name for name, other in ops.OPS.items() if other.argument == row.argument
                                         and (other.arity, other.result) == (row.arity, row.result)])


def another_argument(code: Code, at: int, rng: random.Random) -> None:
    for instruction in code.instructions[at: at + 1]:
        instruction.arg = rng.choice((*PARTS, object()))


def one_less(code: Code, at: int, rng: random.Random) -> None:
    del code.instructions[at: at + 1]


def one_more(code: Code, at: int, rng: random.Random) -> None:
    code.instructions.insert(at, Instruction(rng.choice(OPCODES), rng.choice(PARTS)))


def a_handler(code: Code, at: int, rng: random.Random) -> None:
    code.handlers.append(Handler(*(rng.choice((0, 1, 2, at, len(code.instructions), -1, 10**9)) for _ in range(4))))


def other_tables(code: Code, at: int, rng: random.Random) -> None:
    pick = rng.randrange(4)
    if pick == 0:
        code.params = rng.choice((0, 1, 2, -1, 99, len(code.locals)))
    elif pick == 1:
        code.locals = rng.choice((code.locals[:1], (), (*code.locals, "x"), code.locals * 2))
    elif pick == 2:
        del code.consts[rng.randrange(len(code.consts) + 1):]
    else:
        code.cells, code.captured = rng.choice((("z",), code.locals[:1], ("z", "z"))), rng.choice(((), ("q",)))


DAMAGE: Sequence[Callable[[Code, int, random.Random], None]] = (
    another_opcode, a_similar_opcode, another_argument, one_less, one_more, a_handler, other_tables)


def outcome(module: Module, arguments: Sequence[Any], mode: str) -> tuple[str, str]:
    """What a program does, and what it prints; an error of the machine itself fails the test."""
    vm = VM(mode, max_instructions=20_000, enable_native_tier=False,
            settings=VmSettings(recursion_limit=100, warm_instructions=30))
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            found = f"value {vm.run(module, *copy.deepcopy(arguments))!r}"
    except (InvalidCode, LimitExceeded) as error:
        return type(error).__name__, ""
    except RecursionError:
        return "RecursionError", ""
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        its_own = re.search("cannot be called|positional argument", str(error))
        assert its_own or Path(last.filename).parent.name not in ("vm", "regvm", "python"), f"{error!r} at {last}"
        found = f"raised {error!r}"
    return tuple(re.sub("0x[0-9a-f]+", "at", text) for text in (found, printed.getvalue()))  # type: ignore[return-value]


def agree(module: Module, rng: random.Random) -> bool:
    """Whether a program runs; it does the same everywhere."""
    main = module.functions.get("main")
    arguments = [rng.choice(ARGUMENTS) for _ in range(main.params if main is not None and 0 < main.params < 9 else 0)]
    found = {mode: outcome(module, arguments, mode) for mode in MODES}
    assert len(set(found.values())) == 1, found
    return found["stack"][0] != "InvalidCode"


@pytest.mark.fuzz
def test_damaged_texts(request: pytest.FixtureRequest) -> None:
    count, first = request.config.getoption("--examples"), request.config.getoption("--seed")
    refused = 0
    for seed in range(first, first + 5 * count):
        rng = random.Random(f"text {seed}")
        try:
            module = assemble(damaged_text(rng), "damaged.zxa")
        except AssemblyError as error:
            assert re.match(r"damaged\.zxa:\d+:\d+: \S", str(error)), (seed, error)
            refused += 1
            continue
        if "main" in module.functions:
            assert agree(module, rng), f"seed {seed}: assembled, but refused"
    assert refused


@pytest.mark.fuzz
def test_damaged_modules(request: pytest.FixtureRequest) -> None:
    count, first = request.config.getoption("--examples"), request.config.getoption("--seed")
    ran = 0
    for seed in range(first, first + 3 * count):
        rng = random.Random(f"module {seed}")
        ran += agree(damaged_module(rng), rng)
    assert 0 < ran < 3 * count
