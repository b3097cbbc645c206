"""A simulation whose parameters come from a dictionary of texts, parsed under try/except before the hot loop."""

from __future__ import annotations

GROUP = "mixed"
ARGS = (10_000_000,)


def setup(steps):
    return ({"steps": str(steps), "dt": "0.0005", "damping": 0.1, "stiffness": "9.5", "drive": "none", "start": 1},)


def run(settings):
    numbers = {}
    for name, text in settings.items():
        try:
            numbers[name] = float(text)
        except ValueError as problem:
            numbers[name] = 0.0 if "none" in str(problem) else -1.0
    dt = numbers["dt"]
    damping = numbers["damping"]
    stiffness = numbers["stiffness"]
    drive = numbers["drive"]
    position = numbers["start"]
    velocity = 0.0
    turns = 0
    for _ in range(int(numbers["steps"])):
        before = velocity
        velocity += dt * (drive - stiffness * position - damping * velocity)
        position += dt * velocity
        if (velocity > 0.0) != (before > 0.0):
            turns += 1
    return turns, position, velocity, sorted(numbers)
