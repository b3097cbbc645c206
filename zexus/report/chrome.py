"""The view of a report for Chrome's trace viewer and Perfetto: functions one after the other, their lines inside.

A width is a number of instructions (or statements), of which each stands for a microsecond: when things happened is
not known.
"""

from __future__ import annotations

import json
from typing import Any

from zexus.report.model import InstructionPart, Report


def show(report: Report, top_n: int) -> str:
    """Complete events, whatever `top_n` says."""
    name = f"zexus (1 us = 1 {report.unit[:-1]})"
    events: list[dict[str, Any]] = [
        {"name": "process_name", "ph": "M", "pid": 1, "tid": 1, "args": {"name": name}}]
    functions: dict[tuple[str, str], list[InstructionPart]] = {}
    for part in report.instructions:
        functions.setdefault((part.file, part.function), []).append(part)
    start = 0
    for (file, name), parts in functions.items():
        lines: dict[int, int] = {}
        for part in parts:
            lines[part.line] = lines.get(part.line, 0) + part.count
        events.append(_event(name, start, sum(lines.values()), {"file": file}))
        for line, weight in lines.items():
            events.append(_event(f"line {line}", start, weight, {"file": file, "line": line}))
            start += weight
    return json.dumps({"traceEvents": events, "displayTimeUnit": "ms"}, indent=1) + "\n"


def _event(name: str, start: int, width: int, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "ph": "X", "ts": start, "dur": width, "pid": 1, "tid": 1, "args": arguments}
