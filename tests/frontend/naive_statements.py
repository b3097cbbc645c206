"""The reference for counts of statements: a call in front of each one, and nothing derived from anything."""

from __future__ import annotations

import ast
import types
from typing import Any

NAME = "__begun__"
Place = tuple[int, int]


def counting(text: str, filename: str) -> types.CodeType:
    """The code of a module whose functions and classes call NAME with line and column before each statement."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            statements = getattr(node, field, None)
            if isinstance(statements, list) and statements and isinstance(statements[0], ast.stmt):
                setattr(node, field, _counted(node, statements))
    return compile(tree, filename, "exec", dont_inherit=True)


def _counted(node: ast.AST, statements: list[ast.stmt]) -> list[ast.stmt]:
    kept = 0
    if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        kept = 1 if ast.get_docstring(node, clean=False) is not None else 0
    found: list[ast.stmt] = []
    for position, statement in enumerate(statements):
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if position >= kept and not future and not isinstance(statement, (ast.Global, ast.Nonlocal)):
            line, column = place(statement)
            text = f"{NAME}({line}, {column})"
            call = ast.copy_location(ast.parse(text).body[0], statement)
            for part in ast.walk(call):
                if "lineno" in part._attributes:
                    ast.copy_location(part, statement)
            found.append(call)
        found.append(statement)
    return found


def place(statement: ast.stmt) -> Place:
    """The line of a statement, or of its first decorator, and its column."""
    decorators: list[Any] = getattr(statement, "decorator_list", [])
    return (decorators[0].lineno if decorators else statement.lineno), statement.col_offset


class Counts(dict[Place, int]):
    """What was begun, as `NAME` of a module. Programs may change what a Counter does."""

    def __call__(self, line: int, column: int) -> None:
        self[line, column] += 1

    def __missing__(self, place: Place) -> int:
        return 0
