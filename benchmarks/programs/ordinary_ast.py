"""Source code parsed, simplified by a NodeTransformer, measured by a NodeVisitor, and written out again."""

from __future__ import annotations

import ast

GROUP = "ordinary"
ARGS = (760,)

SOURCE = '''
def area_{0}(width, height, *, scale=2 * 3 + 1):
    """The area of number {0}."""
    if width < 0 or height < 0:
        raise ValueError("negative: " + repr(width))
    total = 0
    for step in range(10 - 3):
        total += width * height * scale + (4 - 2) * step
    return total if total > 1 + 1 else -(3 * 5)


class Shape_{0}:
    sides = 4 * {0}

    def __init__(self, name):
        self.name = name
        self.parts = [part.strip() for part in name.split(",") if part]

    def describe(self):
        return {{"name": self.name, "sides": self.sides + 2 * 2, "parts": len(self.parts)}}
'''


class Folder(ast.NodeTransformer):
    """Computes arithmetic of constants."""

    def __init__(self):
        self.folded = 0

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant):
            left, right = node.left.value, node.right.value
            if isinstance(left, int) and isinstance(right, int):
                value = self.compute(node.op, left, right)
                if value is not None:
                    self.folded += 1
                    return ast.copy_location(ast.Constant(value), node)
        return node

    def compute(self, operator, left, right):
        if isinstance(operator, ast.Add):
            return left + right
        if isinstance(operator, ast.Sub):
            return left - right
        if isinstance(operator, ast.Mult):
            return left * right
        return None


class Names(ast.NodeVisitor):
    """Counts how names are used, and how deep functions nest."""

    def __init__(self):
        self.counts = {}
        self.depth = 0
        self.deepest = 0

    def visit_Name(self, node):
        key = node.id, type(node.ctx).__name__
        self.counts[key] = self.counts.get(key, 0) + 1

    def visit_FunctionDef(self, node):
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        self.generic_visit(node)
        self.depth -= 1


def run(count):
    tree = ast.parse("".join(SOURCE.format(i) for i in range(count)))
    folder = Folder()
    names = Names()
    names.visit(tree)
    short = ast.unparse(folder.visit(tree))
    again = ast.unparse(ast.parse(short))
    kinds = {}
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                key = f"{type(node).__name__}.{name}"
                kinds[key] = kinds.get(key, 0) + len(value)
    return folder.folded, short == again, len(short), sorted(names.counts.items())[:9], names.deepest, sorted(kinds)[:9]
