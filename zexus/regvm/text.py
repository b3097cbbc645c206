"""The text form of functions: one instruction a line; what is printed is what is parsed."""

from __future__ import annotations

import math
import re
from typing import Any

from zexus import ops, parsing
from zexus.regvm import cfg
from zexus.regvm.ir import Block, Exit, Function, Instr, Phi, Value

FORMS = ("register", "ssa", "typed")
PAYLOADS = ("i64", "f64", "i1", "ptr")


class InvalidText(ValueError):
    """Text that is not the form of a function; the message names the line."""


# --- printing -------------------------------------------------------------------------------------------


def print_literal(value: Any) -> str:
    """An immediate operand: a literal, or a tuple of them; floats are written exactly."""
    if type(value) is float:
        return f"float({value})" if math.isnan(value) or math.isinf(value) else f"float({value.hex()})"
    if type(value) is tuple:
        return "(" + " ".join(print_literal(v) for v in value) + ")"
    return repr(value)


def _operand(value: Value) -> str:
    return f"v{value.number}"


def _definition(value: Value) -> str:
    return f"v{value.number}:{value.type}" if value.type else f"v{value.number}"


def _targets(blocks: list[Block]) -> str:
    return " -> " + ", ".join(f"bb{b.number}" for b in blocks) if blocks else ""


def print_instr(instr: Instr) -> str:
    """One instruction as a line without its indentation."""
    parts = []
    if instr.dest is not None:
        parts.append(f"{_definition(instr.dest)} =")
    parts.append(instr.op)
    if instr.args:
        parts.append(", ".join(map(_operand, instr.args)))
    if instr.imm is not None:
        parts.append(f"[{print_literal(instr.imm)}]")
    parts.extend("!" + fact for fact in sorted(instr.facts))
    if instr.exit is not None:
        parts.append(f"exit {instr.exit.number}")
    return " ".join(parts) + _targets(instr.targets)


def print_function(fn: Function) -> str:
    """The whole function: parameters, blocks with their predecessors, exits with their live values, references and
    constants.
    """
    preds = cfg.predecessors(fn)
    params = ", ".join(map(_definition, fn.params))
    lines = [f"function {fn.name} {fn.form} ({params})" + f" registers {fn.registers}" * bool(fn.registers)]
    for block in fn.blocks:
        if block not in preds:
            continue
        sources = ", ".join(f"bb{p.number}" for p in preds[block])
        caught = f" catches bb{block.catches.number}" if block.catches is not None else ""
        lines.append(f"bb{block.number}:{caught}" + (f"  ; from {sources}" if sources else ""))
        for phi in block.phis:
            incoming = ", ".join(f"bb{b.number} {_operand(v)}" for b, v in phi.incoming.items())
            lines.append(f"  {_definition(phi.dest)} = PHI {incoming}")
        lines.extend("  " + print_instr(i) for i in block.instrs)
    for way in fn.exits:
        leaves = ", ".join(f"v{v.number} {kind}" for v, kind in way.leaves)
        lines.append(f"exit {way.number} {way.code} line {way.line} pc {way.pc}: {leaves}".rstrip())
    lines.extend(f"ref {number}: {words!r}" for number, words in enumerate(fn.refs))
    lines.extend(f"const {number}: {print_literal(value)}" for number, value in enumerate(fn.consts))
    return "\n".join(lines) + "\n"


# --- parsing ----------------------------------------------------------------------------------------------

_HEAD = re.compile(r"function (?P<name>.+) (?P<form>\w+) \((?P<params>.*)\)(?: registers (?P<registers>\d+))?$")
_BLOCK = re.compile(r"bb(\d+):(?: catches (bb\d+))?(?:\s*;.*)?$")
_PHI = re.compile(r"v(\d+)(?::(\w+))? = PHI (.*)$")
_INSTR = re.compile(
    r"(?:v(?P<dest>\d+)(?::(?P<type>\w+))? = )?(?P<op>[A-Z][A-Z0-9_]*)"
    r"(?P<args>(?: v\d+,| v\d+)*)(?: \[(?P<imm>.*)\])?(?P<facts>(?: ![a-z]+)*)(?: exit (?P<exit>\d+))?"
    r"(?: -> (?P<targets>bb\d+(?:, bb\d+)*))?$")
_EXIT = re.compile(r"exit (\d+) (\w+) line (-?\d+) pc (-?\d+):(.*)$")
_REF = re.compile(r"ref (\d+): (.*)$")
_CONST = re.compile(r"const (\d+): (.*)$")
_TOKEN = re.compile(r"""float\([^)]*\)|\(|\)|[bB]?'(?:[^'\\]|\\.)*'|[bB]?"(?:[^"\\]|\\.)*"|[^\s()]+""")


def parse_literal(text: str) -> Any:
    """The value that `print_literal` printed.

    Raises:
        ValueError: not a literal.
    """
    tokens = _TOKEN.findall(text)
    tokens.reverse()
    value = _literal(tokens)
    if tokens:
        raise ValueError(f"{text!r} is not one literal")
    return value


def _literal(tokens: list[str]) -> Any:
    if not tokens:
        raise ValueError("a literal is missing")
    token = tokens.pop()
    if token == "(":
        items = []
        while tokens and tokens[-1] != ")":
            items.append(_literal(tokens))
        if not tokens:
            raise ValueError("a parenthesis is not closed")
        tokens.pop()
        return tuple(items)
    if token.startswith("float("):
        digits = token[6:-1]
        return float(digits) if digits in ("nan", "inf", "-inf") else float.fromhex(digits)
    try:
        return parsing.literal(token)
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{token!r} is not a literal") from error


class _Parser:
    def __init__(self, text: str) -> None:
        self.lines = [(number, line) for number, line in enumerate(text.splitlines(), 1)
                      if line.strip() and not line.lstrip().startswith(";")]
        self.values: dict[int, Value] = {}
        self.blocks: dict[int, Block] = {}
        self.exits: dict[int, Exit] = {}
        self.line = 0

    def error(self, what: str) -> InvalidText:
        return InvalidText(f"line {self.line}: {what}")

    def value(self, number: str, kind: str | None = None) -> Value:
        found = self.values.setdefault(int(number), Value(int(number)))
        if kind:
            if kind not in PAYLOADS:
                raise self.error(f"unknown payload {kind!r}")
            found.type = kind
        return found

    def operand(self, text: str) -> Value:
        number, _, kind = text.strip().removeprefix("v").partition(":")
        if not text.strip().startswith("v") or not number.isdigit():
            raise self.error(f"{text.strip()!r} is not a value")
        return self.value(number, kind)

    def block(self, text: str) -> Block:
        number = int(text.strip().removeprefix("bb"))
        return self.blocks.setdefault(number, Block(number))

    def literal(self, text: str) -> Any:
        try:
            return parse_literal(text)
        except ValueError as error:
            raise self.error(str(error)) from None

    def exit(self, number: int) -> Exit:
        return self.exits.setdefault(number, Exit(number, "", []))

    def parse(self) -> Function:
        if not self.lines:
            raise InvalidText("line 1: a function is expected")
        self.line, head = self.lines[0]
        found = _HEAD.match(head.strip())
        if found is None or found["form"] not in FORMS:
            raise self.error(f"expected `function NAME FORM (PARAMS)` with a form of {', '.join(FORMS)}")
        fn = Function(found["name"], found["form"])
        fn.registers = int(found["registers"] or 0)
        fn.params = [self.operand(p) for p in found["params"].split(",") if p.strip()]
        current: Block | None = None
        listed: list[int] = []
        for number, raw in self.lines[1:]:
            self.line, line = number, raw.strip()
            if label := _BLOCK.match(line):
                current = self.block(label[1])
                if current in fn.blocks:
                    raise self.error(f"bb{current.number} stands twice")
                fn.blocks.append(current)
                current.catches = self.block(label[2]) if label[2] else None
            elif way := _EXIT.match(line):
                listed.append(int(way[1]))
                self.way_out(way)
            elif ref := _REF.match(line):
                if int(ref[1]) != len(fn.refs):
                    raise self.error("references are numbered in order")
                fn.refs.append(self.literal(ref[2]))
            elif const := _CONST.match(line):
                if int(const[1]) != len(fn.consts):
                    raise self.error("constants are numbered in order")
                fn.consts.append(self.literal(const[2]))
            elif current is None:
                raise self.error("an instruction stands outside of a block")
            else:
                self.instruction(current, line)
        self.check(fn, listed)
        fn.exits = [self.exits[number] for number in listed]
        fn.next_value = max(self.values, default=-1) + 1
        fn.next_block = max(self.blocks, default=-1) + 1
        return fn

    def check(self, fn: Function, listed: list[int]) -> None:
        if not fn.blocks:
            raise self.error("a function has a block")
        missing = set(self.blocks.values()) - set(fn.blocks)
        if missing:
            raise self.error(f"bb{min(b.number for b in missing)} is not defined")
        unknown = set(self.exits) - set(listed)
        if unknown:
            raise self.error(f"exit {min(unknown)} is not defined")

    def way_out(self, found: re.Match[str]) -> None:
        way = self.exit(int(found[1]))
        way.code, way.line, way.pc = found[2], int(found[3]), int(found[4])
        for leaf in found[5].split(","):
            if leaf.strip():
                value, _, kind = leaf.strip().partition(" ")
                way.leaves.append((self.operand(value), kind))

    def instruction(self, block: Block, line: str) -> None:
        if phi := _PHI.match(line):
            made = Phi(self.value(phi[1], phi[2]))
            for part in phi[3].split(","):
                source, _, value = part.strip().partition(" ")
                made.incoming[self.block(source)] = self.operand(value)
            block.phis.append(made)
            return
        found = _INSTR.match(line)
        if found is None:
            raise self.error(f"cannot read {line!r}")
        if found["op"] not in ops.OPS:
            raise self.error(f"unknown opcode {found['op']!r}")
        imm = self.literal(found["imm"]) if found["imm"] is not None else None
        dest = self.value(found["dest"], found["type"]) if found["dest"] is not None else None
        args = [self.operand(a) for a in found["args"].replace(",", " ").split()]
        targets = [self.block(t) for t in found["targets"].split(",")] if found["targets"] else []
        instr = Instr(found["op"], args, dest, imm, targets)
        instr.facts = frozenset(f[1:] for f in found["facts"].split())
        if found["exit"] is not None:
            instr.exit = self.exit(int(found["exit"]))
        block.instrs.append(instr)


def parse(text: str) -> Function:
    """The function that `print_function` printed; the snapshots of its exits have no frames.

    Raises:
        InvalidText: naming the line that cannot be read.
    """
    return _Parser(text).parse()
