"""The report of a profiled program in Python, made when the program has ended, however that was."""

from __future__ import annotations

import atexit
import os
import sys

from zexus.jit.profiling import PythonProfiler
from zexus.jit.program import Program
from zexus.report.python import collect_python
from zexus.report.reading import BadReport, write
from zexus.report.views import view
from zexus.vm.profiler import ProfilingLevel


def profiler_of(program: Program) -> PythonProfiler:
    """The profiler of a program that is going to run now. Its report is written at the end of this very process."""
    profiler = PythonProfiler(ProfilingLevel.of(program.level), program.settings)
    profiler.start()
    # What the program itself has registered comes before that.
    atexit.register(_tell, profiler, program.json, os.getpid())
    return profiler


def _tell(profiler: PythonProfiler, path: str, process: int) -> None:
    if os.getpid() != process:
        return
    profiler.end_program()
    report = collect_python(profiler)
    if sys.stdout is not None:
        sys.stdout.flush()
    if not path:
        sys.stderr.write("\n" + view(report, "text"))
        return
    try:
        write(view(report, "json"), path)
    except BadReport as error:
        sys.stderr.write(f"zexus: {error}\n")
