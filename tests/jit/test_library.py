"""Object code is generated with the settings of Numba's nopython target, without Numba."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import llvmlite.binding as llvm

from zexus.jit.emit import library

ASSEMBLY = """
define double @dot(ptr %a, ptr %b, i64 %n) {
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %head ]
  %s = phi double [ 0.0, %0 ], [ %t, %head ]
  %p = getelementptr double, ptr %a, i64 %i
  %q = getelementptr double, ptr %b, i64 %i
  %x = load double, ptr %p
  %y = load double, ptr %q
  %m = fmul double %x, %y
  %t = fadd double %s, %m
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %head, label %done
done:
  %r = call double @sin(double %t)
  ret double %r
}
define i64 @total(ptr %a, i64 %n) {
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %head ]
  %s = phi i64 [ 0, %0 ], [ %t, %head ]
  %p = getelementptr i64, ptr %a, i64 %i
  %x = load i64, ptr %p
  %t = add i64 %s, %x
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %head, label %done
done:
  ret i64 %t
}
declare double @sin(double)
"""


def test_settings_are_those_of_numbas_nopython_target() -> None:
    from numba.core import registry

    codegen = registry.cpu_target.target_context.codegen()
    assert library.target_machine().triple == codegen._tm.triple
    assert str(library.target_machine().target_data) == codegen._data_layout
    finished = str(library._finished(ASSEMBLY, False))
    ours = library.target_machine().emit_assembly(llvm.parse_assembly(finished))
    assert ours == codegen._tm.emit_assembly(llvm.parse_assembly(finished))


def test_loops_are_vectorized() -> None:
    assert "x i64> " in library.optimized(ASSEMBLY)
    assert "x i64> " not in str(library._finished(ASSEMBLY, True))


def test_compiling_imports_neither_numba_nor_numpy(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, zexus\n"
        "def f(n):\n    s = 0.0\n    for i in range(n):\n        s += i * 0.5\n    return s\n"
        "g = zexus.jit.compile(f, background=False, cache=False)\n"
        "assert g(50_000) == f(50_000)\n"
        "assert zexus.explain(g).regions[0].tier == 'native'\n"
        "print({'numba', 'numpy'} & set(sys.modules))\n"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": root})
    assert (done.returncode, done.stdout) == (0, "set()\n"), done.stderr
