"""Chains of constraint objects through which a value is propagated by method calls, after DeltaBlue."""

from __future__ import annotations

GROUP = "never"
ARGS = (1_000, 4_500)


class Variable:
    def __init__(self, name, value):
        self.name = name
        self.value = value
        self.constraints = []
        self.mark = None

    def assign(self, value, mark):
        self.value = value
        self.mark = mark


class Constraint:
    def __init__(self, source, target):
        self.source = source
        self.target = target
        source.constraints.append(self)

    def satisfied(self):
        return self.target.value == self.compute(self.source.value)

    def compute(self, value):
        return value

    def execute(self, mark):
        self.target.assign(self.compute(self.source.value), mark)
        return self.target


class Equal(Constraint):
    pass


class Scale(Constraint):
    def __init__(self, source, target, factor, offset):
        super().__init__(source, target)
        self.factor = factor
        self.offset = offset

    def compute(self, value):
        return (value * self.factor + self.offset) % 10007


class Planner:
    def __init__(self):
        self.marks = {}

    def plan(self, start):
        steps = []
        todo = [start]
        seen = set()
        while todo:
            variable = todo.pop()
            if variable.name in seen:
                continue
            seen.add(variable.name)
            for constraint in variable.constraints:
                steps.append(constraint)
                todo.append(constraint.target)
        return steps

    def propagate(self, steps, mark):
        changed = 0
        for constraint in steps:
            if not constraint.satisfied():
                variable = constraint.execute(mark)
                self.marks[variable.name] = mark
                changed += 1
        return changed


def run(length, rounds):
    variables = [Variable(f"v{i}", i) for i in range(length)]
    for i in range(length - 1):
        if i % 3 == 0:
            Scale(variables[i], variables[i + 1], 3, i)
        else:
            Equal(variables[i], variables[i + 1])
    planner = Planner()
    steps = planner.plan(variables[0])
    changed = 0
    for mark in range(rounds):
        variables[0].assign(mark, mark)
        changed += planner.propagate(steps, mark)
    return changed, variables[-1].value, len(planner.marks)
