"""From bytecode to structured Python: goldens of trees and text, the same answers, and lines in tracebacks."""

from __future__ import annotations

import gc
import linecache
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.vm.outcomes import shown
from zexus import ops
from zexus.assembly import assemble
from zexus.bytecode import Module, verify_module
from zexus.regvm.build import build
from zexus.regvm.pipeline import Lowering
from zexus.regvm.python import block, structure
from zexus.regvm.python.link import call, link
from zexus.regvm.python.module import generate
from zexus.vm.builder import BytecodeBuilder
from zexus.vm.vm import VM

HERE = Path(__file__).parent / "structured"
EXAMPLES = Path(__file__).parents[3] / "examples"
SHAPES = assemble((HERE / "shapes.zxa").read_text(encoding="utf-8"), "shapes.zxa")
NUMBERS = [(n, m) for n in range(4) for m in range(4)]


def linked(module: Module, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The functions of a module, and their globals."""
    verify_module(module)
    namespace = module.namespace(lambda routine, arguments: routine.function(*arguments))  # type: ignore[misc]
    source = generate(module, **options)
    return link(source, module, namespace, lambda routine, arguments: routine.function(*arguments)), namespace


def outcome(run: Callable[..., Any], namespace: dict[str, Any], arguments: tuple[Any, ...]) -> list[str]:
    """What a call answers or raises, and what it logs."""
    found: list[str] = []
    namespace["log"] = lambda value: found.append(shown(value))
    try:
        found.append(shown(run(*arguments)))
    except Exception as error:
        found.append(repr(error))
    return found


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.zxa")), ids=lambda path: path.stem)
def test_what_examples_become(path: Path, golden: Callable[[Path, str], None]) -> None:
    module = assemble(path.read_text(encoding="utf-8"), path.name)
    golden(HERE / f"{path.stem}.txt", generate(module).text)


def test_what_optimized_functions_become(golden: Callable[[Path, str], None]) -> None:
    module = assemble((EXAMPLES / "queens.zxa").read_text(encoding="utf-8"), "queens.zxa")
    lowering = Lowering(module)
    golden(HERE / "queens.optimized.txt", generate(module, lambda code: lowering.allocated(code, 256).fn).text)


def test_what_shapes_become(golden: Callable[[Path, str], None]) -> None:
    golden(HERE / "shapes.txt", generate(SHAPES).text)


@pytest.mark.parametrize("name", [name for name in SHAPES.functions if name != "tangled"])
def test_trees(name: str, golden: Callable[[Path, str], None]) -> None:
    fn = structure.simplify(build(SHAPES.functions[name]).fn)
    golden(HERE / f"{name}.tree", structure.show(structure.structure(fn)))


def test_an_irreducible_graph_has_no_tree() -> None:
    fn = structure.simplify(build(SHAPES.functions["tangled"]).fn)
    with pytest.raises(structure.Irregular, match="several entries"):
        structure.structure(fn)


@pytest.mark.parametrize("structured", [True, False])
@pytest.mark.parametrize("name", SHAPES.functions)
def test_shapes_do_what_they_did(name: str, structured: bool) -> None:
    functions, namespace = linked(SHAPES, structured=structured)
    vm = VM("stack")
    outer = vm.load(SHAPES)
    for numbers in NUMBERS:
        wanted = outcome(outer[name], outer, numbers)
        assert outcome(functions[name], namespace, numbers) == wanted, numbers


def nested(depth: int, kind: str) -> Module:
    """A function with loops or tests nested in each other."""
    builder = BytecodeBuilder("deep", "deep.zxa")
    out = builder.function("main", "n")
    for level in range(depth):
        if kind == "for":
            out.LOAD_CONST((1, 2) if level < 2 else (1,))
            out.ITER()
            out.label(f"head{level}")
            out.FOR_ITER(f"end{level}")
            out.POP()
        else:
            out.LOAD_LOCAL("n")
            out.JUMP_IF_FALSE(f"end{level}")
    for _ in range(2):
        out.LOAD_LOCAL("n")
        out.LOAD_CONST(1)
        out.IADD()
        out.STORE_LOCAL("n")
    for level in reversed(range(depth)):
        if kind == "for":
            out.JUMP(f"head{level}")
        out.label(f"end{level}")
        out.LOAD_LOCAL("n")
        out.LOAD_CONST(3)
        out.IADD()
        out.STORE_LOCAL("n")
    out.LOAD_LOCAL("n")
    out.RETURN()
    return builder.build()


@pytest.mark.parametrize("depth, kind", [(15, "for"), (40, "for"), (60, "if"), (200, "if")])
def test_what_is_too_deep_for_cpython_is_written_without_structure(depth: int, kind: str) -> None:
    module = nested(depth, kind)
    functions, _ = linked(module)
    assert functions["main"](1) == VM("stack").run(module, 1)
    assert ("at = 0" in generate(module).text) == (depth in (40, 200))


def test_long_functions() -> None:
    builder = BytecodeBuilder("long", "long.zxa")
    out = builder.function("main", "n")
    for number in range(2000):
        out.LOAD_LOCAL("n")
        out.JUMP_IF_FALSE(f"L{number}")
        out.LOAD_LOCAL("n")
        out.LOAD_CONST(number % 7)
        out.ADD()
        out.STORE_LOCAL("n")
        out.label(f"L{number}")
    out.LOAD_LOCAL("n")
    for number in range(300):
        out.LOAD_CONST(number)
        out.ADD()
    out.RETURN()
    module = builder.build()
    functions, _ = linked(module)
    assert functions["main"](1) == VM("stack").run(module, 1)
    assert "at = 0" not in generate(module).text


NAMES = """
module names

function main(class, n)
  locals type iter caught item to main
    LOAD_LOCAL class
    STORE_LOCAL type
    LOAD_LOCAL n
    ITER
    STORE_LOCAL iter
    LOAD_LOCAL iter
  next:
    FOR_ITER end
    STORE_LOCAL item
    LOAD_GLOBAL main
    LOAD_GLOBAL main
    IS
    LOAD_LOCAL item
    BUILD_TUPLE 2
    STORE_LOCAL to
    JUMP next
  end:
    LOAD_GLOBAL next_
    LOAD_LOCAL type
    CALL 1
    STORE_LOCAL caught
    LOAD_LOCAL to
    CHECK_BOUND to
    LOAD_LOCAL caught
    BUILD_TUPLE 2
    RETURN

function next_(iter_)
    LOAD_LOCAL iter_
    LOAD_CONST 1
    STORE_GLOBAL n
    LOAD_GLOBAL n
    ADD
    RETURN
"""


def test_no_name_of_the_text_meets_one_of_the_program() -> None:
    module = assemble(NAMES, "names.zxa")
    for structured in (True, False):
        functions, namespace = linked(module, structured=structured)
        assert functions["main"](5, [7, 8]) == VM("stack").run(module, 5, [7, 8]) == ((True, 8), 6)
        assert namespace["n"] == 1


CONSTANTS = (float("inf"), float("-inf"), -0.0, -5, 10**4000, 1j, b"\xff", "\ue000'\n\u2028", frozenset((1,)), ...,
             (), (1,), ((1, -0.0), None), [1, 2], object())


@pytest.mark.parametrize("value", CONSTANTS, ids=lambda value: type(value).__name__)
def test_constants_stay_what_they_are(value: Any) -> None:
    builder = BytecodeBuilder("constants", "constants.zxa")
    out = builder.function("main")
    for op in ("EQ", "IS"):
        out.LOAD_CONST(value)
        out.LOAD_CONST(value)
        out.emit(op)
    out.LOAD_CONST(value)
    out.BUILD_TUPLE(3)
    out.RETURN()
    equal, same, found = linked(builder.build())[0]["main"]()
    assert equal and same and type(found) is type(value)
    assert found is value or repr(found) == repr(value)


def test_a_nan_stays_a_nan() -> None:
    builder = BytecodeBuilder("nan", "nan.zxa")
    out = builder.function("main")
    out.LOAD_CONST(float("nan"))
    out.RETURN()
    found = linked(builder.build())[0]["main"]()
    assert found != found


WRONG = """
module wrong

function main(n)
    LOAD_GLOBAL helper
    LOAD_LOCAL n
    CALL 1
    LOAD_LOCAL n
    LOAD_CONST 0
    FLOORDIV
    ADD
    RETURN

function helper(n)
    LOAD_CONST (1, 2)
    LOAD_LOCAL n
    GETITEM
    LOAD_CONST None
    LOAD_LOCAL n
    ADD
    MUL
    RETURN
"""


@pytest.mark.parametrize("argument, lines", [(7, [7, 17]), (1, [7, 20]), (None, [7, 17])])
def test_tracebacks_show_the_lines_of_the_program(argument: Any, lines: list[int]) -> None:
    functions, _ = linked(assemble(WRONG, "wrong.zxa"))
    with pytest.raises((IndexError, TypeError)) as caught:
        call(functions["main"], (argument,), 1000)
    entries = [e for e in traceback.extract_tb(caught.value.__traceback__) if e.filename != __file__]
    assert [(e.filename, e.lineno) for e in entries] == [("wrong.zxa", line) for line in lines]
    assert [e.name for e in entries] == ["main", "helper"]


def test_the_text_can_be_looked_at() -> None:
    functions, _ = linked(assemble(WRONG, "wrong.zxa"))
    code = functions["main"].__code__
    assert linecache.getline(code.co_filename, code.co_firstlineno).startswith("def main_(n):")
    assert functions["main"].__name__ == functions["main"].__qualname__ == "main"


def test_the_text_goes_with_the_last_of_its_functions() -> None:
    functions, namespace = linked(assemble(WRONG, "wrong.zxa"))
    filename = functions["main"].__code__.co_filename
    kept = functions["helper"]
    functions.clear()
    namespace.clear()
    gc.collect()
    assert linecache.getline(filename, kept.__code__.co_firstlineno).startswith("def helper_(")
    del kept
    gc.collect()
    assert linecache.getline(filename, 1) == ""


def test_wrong_numbers_of_arguments_have_cpythons_words() -> None:
    functions, _ = linked(assemble(WRONG, "wrong.zxa"))
    with pytest.raises(TypeError, match=r"^main\(\) missing 1 required positional argument: 'n'$"):
        functions["main"]()


def test_every_opcode_is_handled() -> None:
    wanted = {name for name, row in ops.OPS.items() if row.family in ("structural", "register")}
    assert wanted - block.HANDLED == {"PHI", "PYBLOCK", "LEAVE", "CALL_KEYWORD"}
    assert block.HANDLED - wanted <= set(ops.OPS)
