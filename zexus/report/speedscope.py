"""The view of a report for speedscope (https://www.speedscope.app/file-format-schema.json): functions and their lines.

A weight is a number of instructions (or statements). Where calls were timed there is a second profile, of functions by
who called them, whose weights are times, estimated.
"""

from __future__ import annotations

import json
from typing import Any

from zexus.report.model import Report
from zexus.report.stacks import Node, called, counted, own_weights


def show(report: Report, top_n: int) -> str:
    """Sampled profiles, one sample a stack; whatever `top_n` says."""
    frames: dict[tuple[str, str, int], int] = {}
    profiles = [_profile(f"{report.unit} executed", "none", counted(report), frames)]
    if report.calls:
        profiles.append(_profile("time of calls, about", "nanoseconds", called(report), frames))
    shared = [{"name": name, "file": file, "line": line} for name, file, line in frames]
    return json.dumps({
        "$schema": "https://www.speedscope.app/file-format-schema.json", "exporter": "zexus", "name": "zexus",
        "activeProfileIndex": 0, "shared": {"frames": shared}, "profiles": profiles}, indent=1) + "\n"


def _profile(name: str, unit: str, root: Node, frames: dict[tuple[str, str, int], int]) -> dict[str, Any]:
    """A profile; frames that it needs are added to those that there are."""
    samples, weights = [], []
    for stack, weight in own_weights(root):
        samples.append([frames.setdefault((node.name, node.file, node.line), len(frames)) for node in stack])
        weights.append(round(weight))
    return {"type": "sampled", "name": name, "unit": unit, "startValue": 0, "endValue": sum(weights),
            "samples": samples, "weights": weights}
