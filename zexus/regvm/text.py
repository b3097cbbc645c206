"""The text form of functions: one instruction a line; what is printed is what is parsed."""

from __future__ import annotations

import math
from typing import Any

from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr, Value


def _literal(value: Any) -> str:
    if type(value) is float:
        return f"float({value})" if math.isnan(value) or math.isinf(value) else f"float({value.hex()})"
    if type(value) is tuple:
        return "(" + " ".join(_literal(v) for v in value) + ")"
    return repr(value)


def _operand(value: Value) -> str:
    return f"v{value.number}"


def _targets(blocks: list[Block]) -> str:
    return " -> " + ", ".join(f"bb{b.number}" for b in blocks) if blocks else ""


def print_instr(instr: Instr) -> str:
    """One instruction as a line without its indentation."""
    parts = []
    if instr.dest is not None:
        kind = f":{instr.dest.type}" if instr.dest.type else ""
        parts.append(f"v{instr.dest.number}{kind} =")
    parts.append(instr.op)
    if instr.args:
        parts.append(", ".join(map(_operand, instr.args)))
    if instr.imm is not None:
        parts.append(f"[{_literal(instr.imm)}]")
    parts.extend("!" + fact for fact in sorted(instr.facts))
    if instr.exit is not None:
        parts.append(f"exit {instr.exit.number}")
    return " ".join(parts) + _targets(instr.targets)


def print_function(fn: Function) -> str:
    """The whole function: parameters, blocks with their predecessors, exits with their live values, references."""
    preds = cfg.predecessors(fn)
    params = ", ".join(f"v{p.number}" for p in fn.params)
    lines = [f"function {fn.name} {fn.form} ({params})"]
    for block in fn.blocks:
        if block not in preds:
            continue
        sources = ", ".join(f"bb{p.number}" for p in preds[block])
        lines.append(f"bb{block.number}:" + (f"  ; from {sources}" if sources else ""))
        for phi in block.phis:
            incoming = ", ".join(f"bb{b.number} {_operand(v)}" for b, v in phi.incoming.items())
            kind = f":{phi.dest.type}" if phi.dest.type else ""
            lines.append(f"  v{phi.dest.number}{kind} = PHI {incoming}")
        lines.extend("  " + print_instr(i) for i in block.instrs)
    for way in fn.exits:
        leaves = ", ".join(f"v{v.number} {kind}" for v, kind in way.leaves)
        lines.append(f"exit {way.number} {way.code} line {way.line} pc {way.pc}: {leaves}".rstrip())
    lines.extend(f"ref {number}: {words!r}" for number, words in enumerate(fn.refs))
    return "\n".join(lines) + "\n"
