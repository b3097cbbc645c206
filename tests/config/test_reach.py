"""No number that a user might want to turn is out of reach: what is no knob stands here with the reason."""

from __future__ import annotations

import ast
from pathlib import Path

ZEXUS = Path(__file__).parents[2] / "zexus"
# The command line's side has its own rules; what is here is the engine.
OUTSIDE = ("config/", "cli.py", "doctor.py", "selftest.py", "completion.py", "settings.py")

PYTHON = "it is CPython's or NumPy's own"
MEANING = "another value would give wrong answers"
LAYOUT = "it describes objects in memory"
ENDING = "an analysis has to come to an end; answers and speed hardly depend on where"
GUESS = "how often loops run is not known beforehand; what is spilled depends on it, not how the program runs"
TEXT = "how generated text is spelled; the same work is done"
STACK = "it keeps the machine's stack from running over"
SYSTEM = "it is a matter between this package and the operating system"
UNIT = "a share of another number, which is a knob"
PACE = "work that pays in any case is done a little sooner or later"

FIXED: dict[str, str] = {
    "bytecode._LONGEST_DECIMAL": PYTHON, "vm/builder.LAST_LINE": PYTHON,
    "events._MOST": "the default of report.events",
    "frontend/expressions.MAX_FOLDED_BITS": PYTHON,
    "layout.C_CONTIGUOUS": LAYOUT, "layout.ALIGNED": LAYOUT, "layout.WRITEABLE": LAYOUT, "layout.HEAP_TYPE": LAYOUT,
    "layout.HAVE_GC": LAYOUT, "layout.OWNDATA": LAYOUT, "layout.MANAGED_DICT": LAYOUT,
    "layout.OBJECT_MEMBER": LAYOUT,
    "jit/hooks._ABSTRACT": LAYOUT, "shapes._IMMUTABLE": LAYOUT, "regvm/ir._VARIANT": MEANING,
    "jit/recorder.MANY": "places with more classes are as rare as those with very many, whose code would grow",
    **{f"jit/emit/dict_runtime.{name}": LAYOUT for name in ("UNSURE", "END", "CHANGED")},
    "jit/emit/call_runtime.RAISED": LAYOUT, "jit/emit/attribute_runtime.UNSURE": LAYOUT,
    "jit/emit/set_runtime._NO_HASH": LAYOUT, "jit/emit/deque_runtime.BLOCK": LAYOUT,
    **{f"jit/emit/dict_runtime.{name}": LAYOUT for name in ("_DIFFERS", "_EQUALS", "_ASK")},
    "jit/emit/dict_runtime._HASH_BITS": PYTHON, "jit/emit/dict_runtime._HASH_OF_INFINITY": PYTHON,
    "jit/emit/dict_runtime._MINUS_ONE": PYTHON, "jit/emit/dict_runtime._PRIMES": PYTHON,
    **{f"jit/emit/heap_runtime.{name}": LAYOUT for name in ("_NEITHER", "_UNSURE")},
    "jit/emit/heap_runtime._EXACT": MEANING,
    "jit/emit/heap_runtime._DEPTH": ENDING, "jit/emit/heap_runtime._LEVELS": "no list has as many items",
    **{f"jit/emit/set_runtime.{name}": LAYOUT for name in ("ABSENT", "PRESENT", "UNSURE", "_LINEAR")},
    "jit/emit/dicts._WATCHED": LAYOUT,
    "jit/emit/ending_runtime._HEAD": LAYOUT,
    **{f"jit/emit/ending_runtime.{name}": "objects that hold more than this leave, as those with finalizers do"
       for name in ("_DEPTH", "_ITEMS")},
    "jit/forms/tuples._MEMBERS": "what is longer is looked for by the interpreter, as it hashes it",
    **{f"jit/functions.{name}": GUESS for name in ("_DEEP", "_DEEP_CAPTURED", "_LOOK")},
    "jit/stack._DEEPEST": STACK, "jit/stack._FRAMES": STACK, "jit/stack._ROOMS": STACK,
    "jit/forms/words._BITS": MEANING, "types.WORD_MAX": MEANING, "jit/forms/words._MOST_PARTS": GUESS,
    "jit/specialize/masking._DEEPEST": GUESS, "jit/tier._SELDOM": GUESS, "frontend/slots._ROOM": GUESS,
    "jit/entries._ASKED": GUESS, "jit/entrytrial._BESIDE": GUESS, "frontend/slots.ASK": MEANING,
    "frontend/slots._OWN": LAYOUT, "frontend/slots.BEGIN": MEANING,
    "jit/inner._UNKNOWN": GUESS, "jit/tier._FEW": GUESS,
    **{f"jit/emit/random_runtime._{name}": MEANING for name in ("N", "M", "WIDTH")},
    **{f"jit/emit/texts._{name}": LAYOUT for name in ("COMPACT", "ASCII", "KIND_SHIFT")},
    **{f"jit/emit/{name}_runtime._COMPACT_ASCII": LAYOUT for name in ("reading", "plain", "text")},
    **{f"jit/emit/reading_runtime.{name}": MEANING for name in ("_EXACT", "_MOST_DIGITS")},
    "jit/forms/texts._HIGHEST": PYTHON, "jit/forms/texts._LONGEST": "which of two equal forms of a test is shorter",
    "types.INT64_MIN": MEANING, "types.INT64_MAX": MEANING,
    "jit/counters.WORD": LAYOUT,
    "jit/compiler._LEAVES_PER_INSTRUCTION": UNIT,
    **{f"jit/emit/frame.POOL_{name}": LAYOUT for name in ("BASE", "CAPACITY", "LIMIT", "SIZE")},
    **{f"jit/emit/mirror_runtime._{name}": LAYOUT for name in ("ONE_DIGIT", "ROW", "SHARED")},
    "jit/emit/mirror_runtime._MOST_ITEMS": "how much memory copies take", "jit/emit/mirrors.ITEMS_IN_ALL": LAYOUT,
    "jit/emit/mirror_runtime._MOST_ROWS": "how much memory copies take",
    "jit/emit/mirrors.ITERATIONS_PER_ITEM": PACE, "jit/emit/mirrors.LONGEST_SLICE": PACE,
    "jit/emit/runtime.POOL_ROOM": PACE,
    "jit/forms/tuples.LONGEST": UNIT, "jit/forms/named._MOST": UNIT,
    "jit/mirroring._BOUNDLESS": MEANING, "jit/mirroring._CREDIT": PACE, "jit/mirroring._ENOUGH": PACE,
    "jit/mirroring._PER_ITEM": PACE, "jit/tier.ROUND": PACE, "jit/tier.STIRRING": PACE,
    "jit/emit/library.LEVEL": "the default of jit.llvm_level",
    "jit/emit/scalars._SMALL_FACTOR": "which of two equal forms of a check is shorter",
    "jit/emit/scalars._FAR": MEANING, "jit/emit/scalars._NEAR": MEANING,
    "jit/forms/numbers.EXACT": MEANING, "jit/forms/numbers.WRITTEN_OUT": MEANING,
    "jit/forms/complexes._EXACT": MEANING,
    **{f"jit/emit/number_runtime.{name}": MEANING for name in ("MOST_DIGITS", "MOST_FACTORS")},
    "jit/emit/number_runtime.MOST_PARTS": UNIT,
    "jit/emit/format_runtime.MOST": MEANING, "jit/emit/format_runtime.SHORT": MEANING,
    "jit/emit/format_runtime._COMPACT_ASCII": LAYOUT, "jit/emit/format_runtime.UNSHARED": MEANING,
    "jit/forms/computed._MOST_PLACES": MEANING,
    "jit/forms/powers._LARGEST_INT_EXPONENT": PYTHON, "jit/forms/powers._ROUNDER": MEANING,
    "jit/specialize/raising._HEAP": LAYOUT,
    "jit/findings.VARIOUS": MEANING,
    "regvm/passes/magnitudes._ORDINARY": MEANING,
    "jit/loader._METH_FASTCALL": PYTHON,
    **{f"jit/linker.{name}": MEANING for name in (
        "_RELOCATABLE", "_AMD64", "_ABSOLUTE", "_SYMBOLS", "_RELOCATIONS", "_ZEROS", "_WRITTEN", "_NEEDED", "_LOCAL")},
    "jit/pace._LONG": UNIT,
    "jit/service._FIRST_DESCRIPTOR": SYSTEM, "jit/worker._MOST_DESCRIPTORS": SYSTEM,
    "jit/worker._ORPHANED": SYSTEM, "jit/emit/runtime.POOL_LENT": LAYOUT,
    "jit/worth._LOOK": GUESS, "jit/worth._STAMP": GUESS, "jit/forms/octets._MOST": MEANING,
    "jit/specialize/state.UNKNOWN": MEANING,
    "jit/specialize/walk.MAX_ROUNDS": ENDING,
    "jit/views.HEAD": LAYOUT, "jit/views.IS_ARRAY": MEANING,
    "jit/stack._MARGIN": STACK,
    **{f"jit/stopwatch.{name}": UNIT for name in ("_APART", "_GROWTH", "_LONGEST", "_STRAY")},
    **{f"jit/stopwatch.{name}": PACE
       for name in ("_CREDIT", "_DEAREST", "_SLOWEST", "_FIRST", "_PIECES", "LATE", "SOON")},
    "jit/trial._EARLY": PACE, "jit/codes.ADDRESS": LAYOUT,
    "jit/codes.ROOM": "older ones are held by few functions, whose calls leave native code",
    **{f"jit/functions.{name}": PACE for name in ("_OFTEN", "_SOME", "_SHARE")},
    "jit/verdicts._LONGER": PACE, "jit/tier._LONG": PACE,
    "jit/tier._SAMPLE": PACE, "jit/tier._SPARSE": PACE, "jit/effort._TEDIOUS": PACE,
    "jit/effort._WORTH": PACE, "jit/effort._SHARE": PACE,
    **{f"jit/ledger.{name}": PACE for name in ("_CREDIT", "_PIECE", "_LONGER", "_SOON", "_REINVESTED", "_INVESTED")},
    "jit/ledger._INSTRUCTION": GUESS, "jit/ledger._LEAST": MEANING,
    "jit/wholes._CALLS": PACE, "jit/wholes._SHORT": GUESS,
    "jit/stack._ANYWHERE": MEANING,
    "jit/version.SIDE_EXIT": MEANING,
    "regvm/allocate.FEWEST": "the least of regvm.registers", "regvm/allocate.MOST": "the most of regvm.registers",
    "regvm/allocate._LOOP_WEIGHT": GUESS, "regvm/allocate._DEEPEST": GUESS,
    "regvm/passes/short.MOST": "a loop so short keeps CPython waiting for next to no time",
    "regvm/python/block.DEEPEST": PYTHON, "regvm/python/block.ITEM": MEANING, "regvm/python/block.CAUGHT": MEANING,
    **{f"regvm/python/syntax.{name}": "Python's precedence of operators" for name in (
        "ATOM", "POWER", "UNARY", "COMPARE", "NOT", "AND", "OR", "CHOICE")},
    "regvm/facts.MANY": ENDING,
    "regvm/python/body._MAX_INDENT": PYTHON, "regvm/python/module._DEEPEST_TREE": STACK,
    "regvm/python/module._COPIES": TEXT, "regvm/segments._SHORT": TEXT, "regvm/segments._LONGEST": TEXT,
    "regvm/intervals.LONGEST_LIST": MEANING, "regvm/intervals.COUNT_ROOM": MEANING,
    "regvm/intervals._WIDEN_AFTER": ENDING, "regvm/intervals._NARROWINGS": ENDING,
    "regvm/intervals._MAX_ROUNDS": ENDING, "regvm/intervals._SMALL_STEP": MEANING,
    "regvm/intervals._MOST_COUNTED": MEANING,
    "regvm/kinds._LARGE": ENDING, "regvm/kinds._MANY_STEPS": ENDING, "regvm/kinds._BITS": PYTHON,
    "regvm/kinds._LENGTH": PYTHON,
    "regvm/steps.RETURNED": MEANING, "regvm/suspended._RUNNING": LAYOUT, "regvm/suspended._PRIVATE": LAYOUT,
    "regvm/iterators._PRIVATE": LAYOUT,
    "jit/specialize/entering.INSIDE": MEANING, "jit/specialize/entering.LOOKED_AT": MEANING,
    "regvm/passes/fold._EXACT": MEANING, "regvm/passes/fold._LARGEST_SHIFT": MEANING,
    "regvm/passes/ranges._EXACT": MEANING, "regvm/passes/simplify._EXACT": MEANING,
    "regvm/stretch._EXACT": MEANING, "regvm/stretch._MOST_GROWTH": MEANING, "regvm/stretch._SIZES": MEANING,
    "regvm/stretch._FREE_LENGTH": "stands beside jit.stretch_length: nothing is kept there that length makes dear",
    "regvm/python/structure._SMALL_EXIT": TEXT,
    "vm/depth._CALL_BYTES": STACK, "vm/depth._LEAF": STACK, "vm/limits._ENDLESS": MEANING,
    "vm/profiling/flow.OUTSIDE": MEANING, "vm/profiling/flow._ROUNDS": GUESS, "vm/profiling/flow._PLACE": GUESS,
    "vm/profiling/calls._TRIED": ENDING, "vm/profiling/origins.UNKNOWN": MEANING, "vm/profiling/calls._LEAF": GUESS,
    "vm/profiling/work._ROUNDS": ENDING, "vm/profiling/watching.WATCHING": MEANING,
    "vm/profiling/histogram.STEPS": "how true times are: a part in 32",
    "vm/profiling/timing.SHORTEST": "what clocks can tell apart",
    **{f"vm/profiling/timing.{name}": PACE for name in ("_ALL", "_OPEN", "_OUTLIER", "_SELDOM", "_SHARE")},
    **{f"jit/callers.{name}": PACE for name in ("_FRAMES", "_CHAINS", "_SHARE")},
    "vm/profiling/containers._SLICE": MEANING,
    "vm/profiling/sections._LEFT": GUESS, "vm/profiling/sections._LEAST": GUESS,
    **{f"report/costs.{name}": GUESS for name in ("_OFF", "_APART", "_CLOSE")},
    "report/python._CALLS": "how long a report is",
    "vm/profiling/paths.MOST": "how much memory the counts of a function take",
    **{f"report/html.{name}": TEXT for name in ("_HEAT", "_NAMED")},
    **{f"report/flame.{name}": TEXT for name in ("_ROW", "_LABELLED", "_THINNEST", "_ROWS")},
    "jit/specialize/entering._COUNTED": MEANING,
    **{f"report/inside.{name}": "how long a report is" for name in ("LOOPS", "ROWS")},
    "report/loops.VERSION": MEANING, "regvm/cursor.FAR": MEANING,
    "report/model.VERSION": MEANING, "report/tables._WIDE": TEXT,
    "frontend/counting._DEEPEST": PYTHON, "frontend/embedding._WRITTEN": ENDING,
    "vm/peephole/listing._NEVER": MEANING, "vm/depth._GAP_BYTES": STACK, "vm/depth._SPARE_BYTES": STACK,
    "vm/peephole/constants.MAX_BITS": PYTHON, "vm/peephole/constants.MAX_ITEMS": PYTHON,
    "vm/peephole/constants.MAX_LENGTH": PYTHON,
}


def is_number(node: ast.expr | None) -> bool:
    """Whether an expression computes with nothing but numbers."""
    if isinstance(node, ast.Constant):
        return type(node.value) in (int, float)
    if isinstance(node, ast.UnaryOp):
        return is_number(node.operand)
    if isinstance(node, ast.BinOp):
        return is_number(node.left) and is_number(node.right)
    return False


def numbers(path: Path) -> list[str]:
    """The names of the numbers at the top level of a module, those in tuples included."""
    place = str(path.relative_to(ZEXUS).with_suffix(""))
    found = []
    for node in ast.parse(path.read_text("utf-8")).body:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        value = node.value
        parts = value.elts if isinstance(value, ast.Tuple) else [value]
        if parts and all(map(is_number, parts)):
            names = [name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
            found += [f"{place}.{name.id}" for name in names]
    return found


def test_each_number_is_a_knob_or_fixed_for_a_reason() -> None:
    """A new number becomes a field in `zexus/settings.py`, or gets a row above that says why nobody turns it."""
    found = {name for path in sorted(ZEXUS.rglob("*.py"))
             if not str(path.relative_to(ZEXUS)).startswith(OUTSIDE) for name in numbers(path)
             if name.rpartition(".")[2].isupper() or name.rpartition(".")[2].strip("_").isupper()}
    assert found - set(FIXED) == set(), "neither a knob nor fixed for a reason"
    assert set(FIXED) - found == set(), "these are gone"
    assert all(FIXED.values())
