"""The report of a profiled program in Python, made when the program has ended, however that was."""

from __future__ import annotations

import os
import sys
from functools import partial

from zexus.jit.profiling import PythonProfiler
from zexus.jit.program import Program, run
from zexus.report.python import collect_python
from zexus.report.reading import BadReport, write
from zexus.report.views import view
from zexus.vm.profiler import ProfilingLevel


def run_profiled(program: Program) -> None:
    """Run a program and count what its modules do. The report is written at the end of this very process.

    Raises:
        SystemExit: as `zexus.jit.program.run`.
    """
    profiler = PythonProfiler(ProfilingLevel.of(program.level), program.settings)
    profiler.start()
    run(program, profiler, partial(_tell, profiler, program.json, os.getpid()))


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
