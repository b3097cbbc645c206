"""What each instruction does in the register machine: a closure that works on the registers of an activation.

A closure answers the next instruction's index, or None for the one that follows.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from warnings import warn

from zexus import ops
from zexus.bytecode import UNBOUND, Code, empty_cell, unbound
from zexus.regvm import cursor as cursors
from zexus.regvm.build import Program
from zexus.regvm.clock import CLOCK
from zexus.regvm.ir import Instr
from zexus.regvm.special import Special

Step = Callable[[list[Any]], "int | None"]
RETURNED = -1


class Warn(BaseException):
    """A warning is asked for that names the place of a caller's: only who has all frames can give it."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given


def ask_for_callers(given: Sequence[Any], keywords: Sequence[str]) -> None:
    alone = len(given) - len(keywords)
    named = dict(zip(("message", "category", "stacklevel", "source"), given[:alone]))
    named |= zip(keywords, given[alone:])
    if type(named.get("stacklevel")) is int and named["stacklevel"] > 1:
        raise Warn(named)


class Steps:
    """The closures of one program.

    Args:
        program: the register form.
        namespace: its globals.
        builtin: its builtins.
        blocks: gives the function of an outlined statement, over the cells of an activation.

    Attributes:
        cells: the register that holds an activation's cells.
        caught: the register that holds the exception that a handler takes.
    """

    def __init__(self, program: Program, namespace: dict[str, Any], builtin: dict[str, Any],
                 blocks: Callable[[Code, int, Sequence[Any]], Callable[..., Any]]) -> None:
        self.program, self.code = program, program.code
        self.globals, self.builtins = namespace, builtin
        self.make_block = blocks
        self.cells, self.caught = program.size, program.size + 1

    def of(self, instr: Instr) -> Step:
        """The closure of an instruction."""
        make = getattr(self, "_op_" + instr.op, None)
        if make is not None:
            return make(instr)  # type: ignore[no-any-return]
        meaning = instr.row.meaning
        assert meaning is not None, f"no executor for {instr.op}"
        meaning = self.in_place_of(meaning, instr)
        args = [a.number for a in instr.args]
        if instr.dest is None:
            return _effect(meaning, args)
        dest = instr.dest.number
        if len(args) == 1:
            (only,) = args

            def unary(r: list[Any]) -> None:
                r[dest] = meaning(r[only])

            return unary
        left, right = args

        def binary(r: list[Any]) -> None:
            r[dest] = meaning(r[left], r[right])

        return binary

    def in_place_of(self, meaning: Callable[..., Any], instr: Instr) -> Callable[..., Any]:
        """`meaning` in a frame that looks like the user's own: warnings and callees see that file and line."""
        position = self.program.positions[instr.index]
        function: types.FunctionType = meaning  # type: ignore[assignment]
        code = function.__code__
        line = position.line if position else self.code.first_line
        first = line - (max(n for _, _, n in code.co_lines() if n is not None) - code.co_firstlineno)
        names = tuple("." + name for name in code.co_varnames)
        code = code.replace(co_filename=self.code.filename, co_name=self.code.name, co_qualname=self.code.qualname,
                            co_firstlineno=max(first, 1), co_varnames=names)
        return types.FunctionType(code, self.globals)

    def _op_MOVE(self, instr: Instr) -> Step:
        source, dest = instr.args[0].number, _dest(instr)

        def step(r: list[Any]) -> None:
            r[dest] = r[source]

        return step

    def _op_UNBOUND(self, instr: Instr) -> Step:
        dest = _dest(instr)

        def step(r: list[Any]) -> None:
            r[dest] = UNBOUND

        return step

    def _op_CHECK_BOUND(self, instr: Instr) -> Step:
        source, dest, name = instr.args[0].number, _dest(instr), instr.imm
        is_module = self.code.is_module

        def step(r: list[Any]) -> None:
            if r[source] is UNBOUND:
                raise unbound(name, is_module)
            r[dest] = r[source]

        return step

    def _op_LOAD_GLOBAL(self, instr: Instr) -> Step:
        dest, name = _dest(instr), instr.imm
        namespace, builtin = self.globals, self.builtins

        def step(r: list[Any]) -> None:
            for space in (namespace, builtin):
                try:
                    r[dest] = space[name]
                    return
                except KeyError:
                    pass
            raise NameError(f"name {name!r} is not defined", name=name)

        return step

    def _op_LOAD_CELL(self, instr: Instr) -> Step:
        dest, index, cells = _dest(instr), instr.imm, self.cells

        def step(r: list[Any]) -> None:
            try:
                held = r[cells][index].cell_contents
            except ValueError:
                held = UNBOUND
            if held is UNBOUND:
                raise empty_cell(self.code, index)
            r[dest] = held

        return step

    def _op_STORE_CELL(self, instr: Instr) -> Step:
        source, index, cells = instr.args[0].number, instr.imm, self.cells

        def step(r: list[Any]) -> None:
            r[cells][index].cell_contents = r[source]

        return step

    def _op_STORE_GLOBAL(self, instr: Instr) -> Step:
        source, name, namespace = instr.args[0].number, instr.imm, self.globals

        def step(r: list[Any]) -> None:
            namespace[name] = r[source]

        return step

    def _op_CAUGHT(self, instr: Instr) -> Step:
        dest, caught = _dest(instr), self.caught

        def step(r: list[Any]) -> None:
            r[dest], r[caught] = r[caught], UNBOUND

        return step

    def _op_GETATTR(self, instr: Instr) -> Step:
        source, dest = instr.args[0].number, _dest(instr)
        special = isinstance(instr.imm, Special)
        get = instr.imm.of if special else self.in_place_of(written(f"lambda a: a.{instr.imm}"), instr)

        def step(r: list[Any]) -> None:
            r[dest] = get(r[source])

        return step

    def _op_SETATTR(self, instr: Instr) -> Step:
        target, value = [a.number for a in instr.args]
        assign = self.in_place_of(_assigning(instr.imm), instr)

        def step(r: list[Any]) -> None:
            assign(r[target], r[value])

        return step

    def _op_BUILD_LIST(self, instr: Instr) -> Step:
        args, dest = [a.number for a in instr.args], _dest(instr)

        def step(r: list[Any]) -> None:
            r[dest] = [r[a] for a in args]

        return step

    def _op_BUILD_TUPLE(self, instr: Instr) -> Step:
        args, dest = [a.number for a in instr.args], _dest(instr)

        def step(r: list[Any]) -> None:
            r[dest] = tuple([r[a] for a in args])

        return step

    def _op_BUILD_SET(self, instr: Instr) -> Step:
        args, dest = [a.number for a in instr.args], _dest(instr)

        def step(r: list[Any]) -> None:
            r[dest] = {r[a] for a in args}

        return step

    def _op_BUILD_DICT(self, instr: Instr) -> Step:
        args, dest = [a.number for a in instr.args], _dest(instr)
        pairs = list(zip(args[::2], args[1::2], strict=True))

        def step(r: list[Any]) -> None:
            r[dest] = {r[key]: r[value] for key, value in pairs}

        return step

    def _op_BUILD_SLICE(self, instr: Instr) -> Step:
        (start, stop, stride), dest = [a.number for a in instr.args], _dest(instr)

        def step(r: list[Any]) -> None:
            r[dest] = slice(r[start], r[stop], r[stride])

        return step

    def _op_MATCH(self, instr: Instr) -> Step:
        (error, wanted), dest = [a.number for a in instr.args], _dest(instr)

        def step(r: list[Any]) -> None:
            r[dest] = ops.matches(r[error], r[wanted])

        return step

    def _op_UNPACK(self, instr: Instr) -> Step:
        source, dest, count = instr.args[0].number, _dest(instr), instr.imm

        def step(r: list[Any]) -> None:
            r[dest] = ops.unpack(r[source], count)

        return step

    def _op_ITEM(self, instr: Instr) -> Step:
        source, dest, index = instr.args[0].number, _dest(instr), instr.imm

        def step(r: list[Any]) -> None:
            r[dest] = r[source][index]

        return step

    def _op_CALL(self, instr: Instr) -> Step:
        operands = [a.number for a in instr.args]
        dest = _dest(instr)
        names = ", ".join(f"a{i}" for i in range(instr.imm))
        call = self.in_place_of(written(f"lambda f, {names}: f({names})"), instr)

        def step(r: list[Any]) -> None:
            if r[operands[0]] is warn:
                ask_for_callers([r[a] for a in operands[1:]], ())
            with CLOCK.away():
                r[dest] = call(*[r[a] for a in operands])

        return step

    def _op_CALL_KEYWORD(self, instr: Instr) -> Step:
        operands = [a.number for a in instr.args]
        dest = _dest(instr)
        count, keywords = instr.imm
        names = [f"a{i}" for i in range(count)]
        alone = count - len(keywords)
        given = ", ".join((*names[:alone], *(f"{k}={a}" for k, a in zip(keywords, names[alone:], strict=True))))
        call = self.in_place_of(written(f"lambda f, {', '.join(names)}: f({given})"), instr)

        def step(r: list[Any]) -> None:
            if r[operands[0]] is warn:
                ask_for_callers([r[a] for a in operands[1:]], keywords)
            with CLOCK.away():
                r[dest] = call(*[r[a] for a in operands])

        return step

    def _op_LIST_ADD(self, instr: Instr) -> Step:
        target, value = [a.number for a in instr.args]

        def step(r: list[Any]) -> None:
            r[target].append(r[value])

        return step

    def _op_ITER(self, instr: Instr) -> Step:
        source, dest = instr.args[0].number, _dest(instr)
        named = source < len(self.code.locals)

        def step(r: list[Any]) -> None:
            r[dest] = cursors.start(r[source], named)

        return step

    def _op_HAS_NEXT(self, instr: Instr) -> Step:
        source, dest = instr.args[0].number, _dest(instr)

        def step(r: list[Any]) -> None:
            r[dest] = r[source].ready()

        return step

    def _op_VALUE(self, instr: Instr) -> Step:
        source, dest = instr.args[0].number, _dest(instr)

        def step(r: list[Any]) -> None:
            r[dest] = r[source].value()

        return step

    def _op_ADVANCE(self, instr: Instr) -> Step:
        source, dest = instr.args[0].number, _dest(instr)

        def step(r: list[Any]) -> None:
            r[source].advance()
            r[dest] = r[source]

        return step

    def _op_PYBLOCK(self, instr: Instr) -> Step:
        args, dest, number = [a.number for a in instr.args], _dest(instr), instr.imm[1]
        cells = self.cells
        make, code = self.make_block, self.code

        def step(r: list[Any]) -> None:
            block = make(code, number, r[cells])
            with CLOCK.away():
                r[dest] = block(*[r[a] for a in args])

        return step

    def _op_JUMP(self, instr: Instr) -> Step:
        target = self.program.starts[instr.targets[0]]
        return lambda r: target

    def _op_BRANCH(self, instr: Instr) -> Step:
        test = instr.args[0].number
        yes, no = (self.program.starts[t] for t in instr.targets)
        return lambda r: yes if r[test] else no

    def _op_SWITCH(self, instr: Instr) -> Step:
        test = instr.args[0].number
        targets = [self.program.starts[t] for t in instr.targets]
        return lambda r: targets[r[test]]

    def _op_RETURN(self, instr: Instr) -> Step:
        return lambda r: RETURNED

    _op_LEAVE = _op_YIELD = _op_RETURN

    def _op_RERAISE(self, instr: Instr) -> Step:
        source = instr.args[0].number

        def step(r: list[Any]) -> None:
            error = r[source]
            context = BaseException.__getattribute__(error, "__context__")
            try:
                raise error
            finally:
                BaseException.__setattr__(error, "__context__", context)

        return step

    def _op_RAISE(self, instr: Instr) -> Step:
        source = instr.args[0].number

        def step(r: list[Any]) -> None:
            raise r[source]

        return step


@cache
def written(text: str) -> Callable[..., Any]:
    made: Callable[..., Any] = eval(text)
    return made


@cache
def _assigning(name: str) -> Callable[..., Any]:
    scope: dict[str, Any] = {}
    exec(f"def assign(a, b): a.{name} = b", scope)
    made: Callable[..., Any] = scope["assign"]
    return made


def _dest(instr: Instr) -> int:
    assert instr.dest is not None
    return instr.dest.number


def _effect(meaning: Callable[..., Any], args: list[int]) -> Step:
    def step(r: list[Any]) -> None:
        meaning(*[r[a] for a in args])

    return step
