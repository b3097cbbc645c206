"""The view of a report for speedscope (https://www.speedscope.app/file-format-schema.json): functions and their lines.

A weight is a number of instructions (or statements), not a time.
"""

from __future__ import annotations

import json
from typing import Any

from zexus.report.model import Report


def show(report: Report, top_n: int) -> str:
    """A sampled profile, one sample a line; whatever `top_n` says."""
    frames: list[dict[str, Any]] = []
    numbers: dict[tuple[str, str, int], int] = {}

    def frame(name: str, file: str, line: int) -> int:
        key = name, file, line
        if key not in numbers:
            numbers[key] = len(frames)
            frames.append({"name": name, "file": file, "line": line})
        return numbers[key]

    first = {(part.file, part.function): part.line for part in report.functions}
    weights: dict[tuple[int, int], int] = {}
    for part in report.instructions:
        around = frame(part.function, part.file, first.get((part.file, part.function), part.line))
        stack = around, frame(f"line {part.line}", part.file, part.line)
        weights[stack] = weights.get(stack, 0) + part.count
    profile = {"type": "sampled", "name": f"{report.unit} executed", "unit": "none", "startValue": 0,
               "endValue": sum(weights.values()), "samples": [list(stack) for stack in weights],
               "weights": list(weights.values())}
    return json.dumps({
        "$schema": "https://www.speedscope.app/file-format-schema.json", "exporter": "zexus", "name": "zexus",
        "activeProfileIndex": 0, "shared": {"frames": frames}, "profiles": [profile]}, indent=1) + "\n"
