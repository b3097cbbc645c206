"""Compares ways of dispatch for the register interpreter: the same allocated functions, the same register file.

A decision tree looks at each instruction's opcode; closures do one instruction each and answer what follows; segments
do a basic block each and answer the segment that follows. Rounds take turns; a ratio is the median over the rounds.
"""

from __future__ import annotations

import argparse
import re
import statistics
import textwrap
import time
from collections.abc import Callable
from typing import Any

from zexus import ops
from zexus.bytecode import UNBOUND, Code, Routine
from zexus.frontend.lower import lower_function
from zexus.frontend.source import module_source
from zexus.regvm.interpreter import RegisterMachine
from zexus.regvm.ir import Block, Function, Instr
from zexus.regvm.pipeline import Lowering

PROGRAMS: dict[str, tuple[str, int]] = {
    "sum": ("""
        def f(n):
            t = 0
            i = 0
            while i < n:
                t += i * i
                i += 1
            return t
        """, 5000),
    "collatz": ("""
        def f(n):
            m = 0
            for i in range(1, n):
                x = i
                k = 0
                while x != 1:
                    if x % 2 == 0:
                        x = x // 2
                    else:
                        x = 3 * x + 1
                    k += 1
                if k > m:
                    m = k
            return m
        """, 120),
    "sieve": ("""
        def f(n):
            s = [True] * n
            for i in range(2, n):
                if s[i]:
                    for j in range(i * i, n, i):
                        s[j] = False
            return s.count(True)
        """, 3000),
    "lists": ("""
        def f(n):
            out = []
            for i in range(n):
                out.append((i, i * 2.5))
            t = 0.0
            for a, b in out:
                t += a * b
            return t
        """, 1500),
    "strings": ("""
        def f(n):
            s = ''
            for i in range(n):
                s = s + str(i % 10)
            return len(s)
        """, 1500),
}
Run = Callable[[Any], Any]


def positions(fn: Function) -> tuple[list[Instr], dict[Block, int]]:
    """All instructions in a row, and where the blocks begin."""
    flat: list[Instr] = []
    starts = {}
    for block in fn.blocks:
        starts[block] = len(flat)
        flat.extend(block.instrs)
    return flat, starts


def file_of(fn: Function) -> list[Any]:
    """A register file with the constants in their places."""
    made = [UNBOUND] * fn.next_value
    for instr in fn.entry.instrs:
        if instr.op == "CONST" and instr.dest is not None:
            made[instr.dest.number] = fn.consts[instr.imm]
    return made


class Drawn:
    """An iterator with the value drawn last."""

    def __init__(self, iterable: Any) -> None:
        self.source = iter(iterable)
        self.value: Any = None

    def ready(self) -> bool:
        for self.value in self.source:  # noqa: B020
            return True
        return False


SPELLED = {"MOVE": "a", "SPILL": "a", "RELOAD": "a", "ADVANCE": "a", "HAS_NEXT": "a.ready()", "VALUE": "a.value",
           "ITER": "drawn(a)"}


def spell(instr: Instr, names: list[str]) -> str:
    """An instruction as an expression, or as a statement where it has no result."""
    row = instr.row
    if instr.op == "GETATTR":
        return f"{names[0]}.{instr.imm}"
    if instr.op == "ITEM":
        return f"{names[0]}[{instr.imm}]"
    if instr.op == "LOAD_GLOBAL":
        return instr.imm
    if instr.op == "CALL":
        return f"{names[0]}({', '.join(names[1:])})"
    if instr.op in ("BUILD_LIST", "BUILD_TUPLE"):
        inside = "".join(n + ", " for n in names)
        return f"[{inside}]" if instr.op == "BUILD_LIST" else f"({inside})"
    if instr.op == "UNPACK":
        return f"unpack({names[0]}, {instr.imm})"
    if row.family == "builtin":
        return f"{row.meaning.__name__}({', '.join(names)})"  # type: ignore[union-attr]
    text = SPELLED.get(instr.op) or ops.OPS[row.base or row.name].text
    return re.sub(r"\b[abc]\b", lambda m: names["abc".index(m[0])], text)


def closures(fn: Function) -> Run:
    """A Python function an instruction, with its registers and its operator in the text."""
    flat, starts = positions(fn)
    scope: dict[str, Any] = {"drawn": Drawn, "unpack": ops.unpack}
    steps = []
    for index, instr in enumerate(flat):
        names = [f"r[{v.number}]" for v in instr.args]
        if instr.op == "JUMP":
            body = f"return {starts[instr.targets[0]]}"
        elif instr.op == "BRANCH":
            body = f"return {starts[instr.targets[0]]} if {names[0]} else {starts[instr.targets[1]]}"
        elif instr.op == "RETURN":
            body = f"r[0] = {names[0]}; return -1"
        elif instr.op in ("CONST", "UNBOUND"):
            body = f"return {index + 1}"
        elif instr.dest is not None:
            body = f"r[{instr.dest.number}] = {spell(instr, names)}; return {index + 1}"
        else:
            body = f"{spell(instr, names)}; return {index + 1}"
        exec(f"def step(r):\n    {body}\n", scope)
        steps.append(scope["step"])
    file = file_of(fn)
    (param,) = fn.params

    def run(argument: Any) -> Any:
        registers = file.copy()
        registers[param.number] = argument
        index = 0
        while index >= 0:
            index = steps[index](registers)
        return registers[0]

    return run


def tree(fn: Function) -> Run:
    """A chain of tests of the opcode, the frequent ones first, over decoded instructions."""
    flat, starts = positions(fn)
    opcodes = sorted({i.op for i in flat} - {"CONST", "UNBOUND"}, key=lambda op: -sum(i.op == op for i in flat))
    numbers = {op: n for n, op in enumerate(opcodes)}
    shapes: dict[str, Instr] = {i.op: i for i in flat}
    lines = ["def loop(r, program):", "    index = 0", "    while True:",
             "        op, dest, a, b, c, imm = program[index]", "        index += 1"]
    for op in opcodes:
        instr = shapes[op]
        lines.append(f"        {'el' * (numbers[op] > 0)}if op == {numbers[op]}:  # {op}")
        names = ["r[a]", "r[b]", "r[c]"][: len(instr.args)]
        if op == "JUMP":
            body = "index = a"
        elif op == "BRANCH":
            body = "index = b if r[a] else c"
        elif op == "RETURN":
            body = "return r[a]"
        elif op == "LOAD_GLOBAL":
            body = "r[dest] = space[imm]"
        elif op == "GETATTR":
            body = "r[dest] = getattr(r[a], imm)"
        elif op == "ITEM":
            body = "r[dest] = r[a][imm]"
        elif op == "UNPACK":
            body = "r[dest] = unpack(r[a], imm)"
        elif op == "CALL":
            body = "r[dest] = r[a](*[r[x] for x in imm])"
        elif op == "BUILD_LIST":
            body = "r[dest] = [r[x] for x in imm]"
        elif op == "BUILD_TUPLE":
            body = "r[dest] = tuple([r[x] for x in imm])"
        else:
            text = spell(instr, names)
            body = text if instr.dest is None else f"r[dest] = {text}"
        lines.append(f"            {body}")
    import builtins

    scope: dict[str, Any] = {"drawn": Drawn, "unpack": ops.unpack, "space": vars(builtins)}
    exec("\n".join(lines), scope)
    program: list[tuple[int, ...]] = []
    for index, instr in enumerate(flat):
        operands = [v.number for v in instr.args] + [starts[t] for t in instr.targets]
        imm: Any = instr.imm
        if instr.op in ("CALL", "BUILD_LIST", "BUILD_TUPLE"):
            imm = tuple(operands[int(instr.op == "CALL"):])
            operands = operands[:1]
        if instr.op in ("CONST", "UNBOUND"):
            program.append((numbers["JUMP"], 0, index + 1, 0, 0, None))
            continue
        a, b, c = [*operands, 0, 0, 0][:3]
        program.append((numbers[instr.op], instr.dest.number if instr.dest else 0, a, b, c, imm))
    file, loop = file_of(fn), scope["loop"]
    (param,) = fn.params

    def run(argument: Any) -> Any:
        registers = file.copy()
        registers[param.number] = argument
        return loop(registers, program)

    return run


def segments(code: Code, registers: int) -> Run:
    """The interpreter."""
    machine = RegisterMachine(lambda code: Lowering().allocated(code, registers), 100)
    routine = Routine(code, {}, (), machine.enter)
    return lambda argument: machine.run(routine, (argument,))


def main() -> None:
    """Print, for each program, the times of the three ways over CPython's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--registers", type=int, default=32)
    options = parser.parse_args()
    print(f"{'program':10} {'tree':>8} {'closures':>9} {'segments':>9}   (times CPython's time)")
    found: dict[str, list[float]] = {"tree": [], "closures": [], "segments": []}
    for name, (text, argument) in PROGRAMS.items():
        scope: dict[str, Any] = {}
        text = textwrap.dedent(text)
        exec(text, scope)
        (source,) = module_source(text, "program.py").functions
        code = lower_function(source.scope, 2, {})
        fn = Lowering().allocated(code, options.registers).fn
        runs: dict[str, Run] = {"cpython": scope["f"], "tree": tree(fn), "closures": closures(fn),
                                "segments": segments(code, options.registers)}
        wanted = repr(scope["f"](argument))
        for way, run in runs.items():
            if repr(run(argument)) != wanted:
                raise SystemExit(f"{name}: {way} answers wrong")
        times: dict[str, list[float]] = {way: [] for way in runs}
        for _ in range(options.rounds):
            for way, run in runs.items():
                start = time.process_time()
                run(argument)
                times[way].append(time.process_time() - start)
        ratios = {way: statistics.median(t / c for t, c in zip(times[way], times["cpython"])) for way in found}
        for way, ratio in ratios.items():
            found[way].append(ratio)
        print(f"{name:10} {ratios['tree']:8.1f} {ratios['closures']:9.1f} {ratios['segments']:9.1f}")
    means = {way: statistics.geometric_mean(ratios) for way, ratios in found.items()}
    print(f"{'geomean':10} {means['tree']:8.1f} {means['closures']:9.1f} {means['segments']:9.1f}")


if __name__ == "__main__":
    main()
