"""Programs that are counted go native where they would otherwise."""

from __future__ import annotations

import zexus
from tests.vm.profiling.test_counts import DEEPER, counted, naive
from tests.vm.test_executors import ARGUMENTS, JIT
from zexus.assembly import assemble
from zexus.settings import VmSettings
from zexus.vm.vm import VM

FIBONACCI = """
function main(n, xs)
    LOAD_GLOBAL fibonacci
    LOAD_CONST 14
    CALL 1
    RETURN
function fibonacci(n)
    LOAD_LOCAL n
    LOAD_CONST 2
    LT
    JUMP_IF_FALSE more
    LOAD_LOCAL n
    RETURN
  more:
    LOAD_GLOBAL fibonacci
    LOAD_LOCAL n
    LOAD_CONST 1
    SUB
    CALL 1
    LOAD_GLOBAL fibonacci
    LOAD_LOCAL n
    LOAD_CONST 2
    SUB
    CALL 1
    ADD
    RETURN
"""
CALLED = "fibonacci_by_name_0"


def test_recursion() -> None:
    module = assemble(FIBONACCI, "program.zxa")
    vm = VM("generated", settings=VmSettings(DEEPER, jit=JIT))
    vm.start_profiling()
    namespace = vm.load(module)
    assert vm.run(module, *ARGUMENTS) == 377
    (region,) = zexus.explain(namespace[CALLED].function).regions
    assert region.tier == "native" and region.native_iterations > 10
    assert counted(vm.profiler) == naive(module, DEEPER, 10**6)[1]
