"""How deep calls nest: the same number in all machines with frames of their own, whatever was inlined."""

from __future__ import annotations

from typing import Any

import pytest

from zexus.assembly import assemble
from zexus.bytecode import Module
from zexus.settings import VmSettings
from zexus.vm.vm import VM

# Each counts its calls in a list, and goes on for ever, or far beyond the limits here.
PROGRAMS = {
    "itself": """
function main(calls)
    LOAD_LOCAL calls
    GETATTR append
    LOAD_CONST 1
    CALL 1
    POP
    LOAD_GLOBAL main
    LOAD_LOCAL calls
    CALL 1
    RETURN
""",
    "each other": """
function main(calls)
    LOAD_GLOBAL even
    LOAD_LOCAL calls
    CALL 1
    RETURN
function even(calls)
    LOAD_LOCAL calls
    GETATTR append
    LOAD_CONST 'even'
    CALL 1
    POP
    LOAD_GLOBAL odd
    LOAD_LOCAL calls
    CALL 1
    RETURN
function odd(calls)
    LOAD_LOCAL calls
    GETATTR append
    LOAD_CONST 'odd'
    CALL 1
    POP
    LOAD_GLOBAL even
    LOAD_LOCAL calls
    CALL 1
    RETURN
""",
    "helpers": """
function main(calls)
    LOAD_GLOBAL note
    LOAD_LOCAL calls
    CALL 1
    POP
    LOAD_GLOBAL main
    LOAD_LOCAL calls
    CALL 1
    LOAD_GLOBAL note
    LOAD_LOCAL calls
    CALL 1
    RETURN
function note(calls)
    LOAD_GLOBAL really
    LOAD_LOCAL calls
    CALL 1
    RETURN
function really(calls)
    LOAD_LOCAL calls
    GETATTR append
    LOAD_CONST 'noted'
    CALL 1
    RETURN
""",
    "with a handler": """
function main(calls)
    LOAD_GLOBAL down
    LOAD_LOCAL calls
    LOAD_CONST 3
    CALL 2
    RETURN
function down(calls, times)
  try:
    LOAD_LOCAL calls
    GETATTR append
    LOAD_LOCAL times
    CALL 1
    POP
    LOAD_GLOBAL down
    LOAD_LOCAL calls
    LOAD_LOCAL times
    CALL 2
    RETURN
  caught:
    POP
    LOAD_LOCAL times
    JUMP_IF_FALSE enough
    LOAD_GLOBAL down
    LOAD_LOCAL calls
    LOAD_LOCAL times
    LOAD_CONST 1
    SUB
    CALL 2
    POP
  enough:
    LOAD_GLOBAL over
    LOAD_LOCAL calls
    CALL 1
    RETURN
  handler try caught -> caught
function over(calls)
    LOAD_LOCAL calls
    GETATTR append
    LOAD_CONST 'over'
    CALL 1
    LOAD_LOCAL calls
    GETATTR pop
    CALL 0
    POP
    RETURN
""",
    "a closure": """
function main(calls)
  cells itself calls
    MAKE_FUNCTION inner
    STORE_CELL itself
    LOAD_GLOBAL start
    LOAD_CELL itself
    CALL 1
    RETURN
function start(f)
    LOAD_LOCAL f
    CALL 0
    RETURN
function inner()
  captured itself calls
    LOAD_CELL calls
    GETATTR append
    LOAD_CONST 1
    CALL 1
    POP
    LOAD_GLOBAL start
    LOAD_CELL itself
    CALL 1
    RETURN
""",
}


def calls(module: Module, limit: int, mode: str, **options: Any) -> list[Any]:
    """What the calls left, until there were too many."""
    vm = VM(mode, settings=VmSettings(limit, options.pop("warm", 50_000)), **options)
    made: list[Any] = []
    try:
        vm.run(module, made)
    except RecursionError as error:
        assert str(error).startswith("maximum recursion depth exceeded")
        made.append("RecursionError")
    return made


@pytest.mark.parametrize("title", PROGRAMS)
def test_inlined_calls_count(title: str) -> None:
    module = assemble(f"module deep\n{PROGRAMS[title]}", "deep.zxa")
    for limit in range(1, 14):
        wanted = calls(module, limit, "stack", optimization_level="NONE")
        assert calls(module, limit, "stack", optimization_level="AGGRESSIVE") == wanted
        for registers in (2, 32):
            assert calls(module, limit, "register", registers=registers) == wanted, (limit, registers)
        for warm in (1, 20, 45):
            found = calls(module, limit, "auto", enable_generated_tier=False, warm=warm)
            assert found == wanted, (limit, warm)


# In generated Python a call is the host's, and one more of these is allowed than of the program's. Calls that may lead
# back to their caller are not inlined there; what is inlined counts for nothing. What watches loops counts as well.
MORE = {"itself": 1, "each other": 1, "helpers": 1, "a closure": 1}
WATCHING = 4


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("title", MORE)
def test_generated_functions_nest_nearly_as_deep(title: str, native: bool) -> None:
    module = assemble(f"module deep\n{PROGRAMS[title]}", "deep.zxa")
    for limit in (50, 51, 200):
        wanted = calls(module, limit, "stack")
        found = calls(module, limit, "generated", enable_native_tier=native)
        assert found[-1] == wanted[-1] == "RecursionError"
        assert -WATCHING * native <= len(found) - len(wanted) <= MORE[title], limit
