"""Identities of exact integers and truth values: x + 0, x * 1, x & -1 and their like."""

from __future__ import annotations

from typing import Any, TypeVar

Operand = TypeVar("Operand")


def of_integers(op: str, x: Operand, y: Operand, a: Any, b: Any) -> Operand | None:
    """The operand that `x op y` equals, or None.

    Args:
        op: a row.
        x, y: the operands, integers whatever they are.
        a, b: what is known of them: an integer, or None.
    """
    if b == 0 and op in ("ADD", "SUB", "OR", "XOR", "LSHIFT", "RSHIFT"):
        return x
    if a == 0 and op in ("ADD", "OR", "XOR"):
        return y
    if b == 1 and op in ("MUL", "FLOORDIV", "POW"):
        return x
    if a == 1 and op == "MUL":
        return y
    if op == "AND" and (b == -1 or a == 0):
        return x
    if op == "AND" and (a == -1 or b == 0):
        return y
    if op == "MUL" and b == 0:
        return y
    if op == "MUL" and a == 0:
        return x
    return x if op in ("AND", "OR") and x is y else None


def of_truth_values(op: str, x: Operand, y: Operand, a: Any, b: Any) -> Operand | None:
    """The operand that `x op y` equals, or None, when both are bools; `a` and `b` are True, False or None (unknown)."""
    if op == "AND":
        return x if x is y or b is True or a is False else y if a is True or b is False else None
    if op == "OR":
        return x if x is y or b is False or a is True else y if a is False or b is True else None
    return None
