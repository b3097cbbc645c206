"""Building bytecode in Python: instructions that name constants, variables and labels, resolved at the end."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any

from zexus import ops
from zexus.bytecode import Code, Handler, Instruction, InvalidCode, Module, Position, identity, verify_module

LAST_LINE = 2**31 - 1  # that tracebacks can show


class BytecodeBuilder:
    """Builds a module, function by function.

        builder = BytecodeBuilder("sums")
        main = builder.function("main", "n")
        main.LOAD_LOCAL("n")
        main.RETURN()
        module = builder.build()
    """

    def __init__(self, name: str = "program", filename: str = "<built>") -> None:
        """
        Args:
            name: of the module.
            filename: what tracebacks name.
        """
        self.name = name
        self.filename = filename
        self.functions: dict[str, FunctionBuilder] = {}

    def function(self, name: str, *params: str, first_line: int = 1) -> FunctionBuilder:
        """Begin a function.

        Args:
            name: what the module's functions know it by.
            params: names of its parameters.
            first_line: where it stands.

        Raises:
            InvalidCode: there is a function of that name.
        """
        if name in self.functions:
            raise InvalidCode(f"function {name!r} stands twice", name)
        made = self.functions[name] = FunctionBuilder(name, self.filename, params, first_line)
        return made

    def build(self) -> Module:
        """The module, verified.

        Raises:
            InvalidCode: naming the first instruction that breaks a law.
        """
        codes = {name: function.code() for name, function in self.functions.items()}
        for function in self.functions.values():
            for index, (op, arguments, _) in enumerate(function.instructions):
                if op == "MAKE_FUNCTION" and arguments and arguments[0] not in codes:
                    raise function.unknown("function", arguments[0], codes, index, 0)
        module = Module(self.name, self.filename, codes)
        verify_module(module)
        return module


class FunctionBuilder:
    """Builds one function. Every opcode is a method: `f.LOAD_CONST(5)`, `f.JUMP("loop")`, `f.CALL(2)`.

    Attributes:
        locals: the variables declared so far; what STORE_LOCAL names first is added to them.
        cells: variables that inner functions capture.
        captured: variables of enclosing functions.
        labels: name -> index of the instruction it stands before.
        instructions: opcode, argument parts and position of each.
    """

    def __init__(self, name: str, filename: str, params: Iterable[str], first_line: int = 1) -> None:
        self.name = name
        self.filename = filename
        self.first_line = first_line
        self.locals = list(params)
        self.params = len(self.locals)
        self.cells: list[str] = []
        self.captured: list[str] = []
        self.labels: dict[str, int] = {}
        self.instructions: list[tuple[str, tuple[Any, ...], Position | None]] = []
        self.handlers: list[tuple[str, str, str, int]] = []
        self.position: Position | None = None

    def __getattr__(self, op: str) -> Callable[..., None]:
        if op not in ops.OPS:
            raise AttributeError(f"unknown opcode {op!r}{near(op, ops.OPS)}")
        return lambda *arguments: self.emit(op, *arguments)

    def emit(self, op: str, *arguments: Any) -> None:
        """Append an instruction.

        Args:
            op: the opcode.
            arguments: the parts of its argument: a constant's value, the name of a variable or label, a number.
        """
        self.instructions.append((op, arguments, self.position))

    def label(self, name: str) -> None:
        """Name the place in front of the next instruction.

        Raises:
            InvalidCode: the function has that label.
        """
        if name in self.labels:
            raise InvalidCode(f"{self.name}: label {name!r} stands twice", self.name)
        self.labels[name] = len(self.instructions)

    def line(self, number: int | None) -> None:
        """Say on which line the instructions that follow stand; None for no line.

        Raises:
            InvalidCode: a traceback cannot show a line of that number.
        """
        if number is not None and not 0 <= number <= LAST_LINE:
            raise InvalidCode(f"{self.name}: there is no line {number}", self.name)
        self.position = None if number is None else Position(number, number, 0, 0)

    def handler(self, start: str, end: str, target: str, depth: int = 0) -> None:
        """Let exceptions between two labels go to a third one, the stack cut to `depth`; inner handlers come first."""
        self.handlers.append((start, end, target, depth))

    def code(self) -> Code:
        """The function with everything that it names found; not verified.

        Raises:
            InvalidCode: an opcode, variable or label is unknown, or an argument is of the wrong kind.
        """
        for op, arguments, _ in self.instructions:
            if op == "STORE_LOCAL" and arguments and isinstance(arguments[0], str) and arguments[0] not in self.locals:
                self.locals.append(arguments[0])
        code = Code(self.name, self.name, self.filename, self.first_line, tuple(self.locals), self.params,
                    captured=tuple(self.captured), cells=tuple(self.cells))
        constants: dict[tuple[Any, ...], int] = {}
        for index, (op, arguments, position) in enumerate(self.instructions):
            if op not in ops.OPS:
                message = f"{self.name}: unknown opcode {op!r} at {index}{near(op, ops.OPS)}"
                raise InvalidCode(message, self.name, index)
            kinds = ops.OPS[op].argument.split()
            if kinds == ["labels"]:
                kinds = ["label"] * len(arguments)
            if len(arguments) != len(kinds):
                wanted = f"{op} takes {len(kinds) or 'no'} argument{'s' * (len(kinds) != 1)}"
                raise InvalidCode(f"{self.name}: {wanted}, got {len(arguments)}, at {index}", self.name, index)
            values = [self._resolved(code, constants, index, part, kind, value)
                      for part, (kind, value) in enumerate(zip(kinds, arguments, strict=True))]
            whole = op == "SWITCH" or len(values) > 1
            arg = tuple(values) if whole else values[0] if values else None
            code.instructions.append(Instruction(op, arg, position))
        for start, end, target, depth in self.handlers:
            code.handlers.append(Handler(self._place(start), self._place(end), self._place(target), depth))
        return code

    def _resolved(self, code: Code, constants: dict[tuple[Any, ...], int], index: int, part: int, kind: str,
                  value: Any) -> Any:
        if kind == "const":
            number = constants.setdefault(identity(value), len(constants))
            if number == len(code.consts):
                code.consts.append(value)
            return number
        tables = {"local": self.locals, "cell": [*self.captured, *self.cells]}
        if kind in tables:
            if value not in tables[kind]:
                raise self.unknown(kind, value, tables[kind], index, part)
            return tables[kind].index(value)
        if kind == "label":
            if value not in self.labels:
                raise self.unknown("label", value, self.labels, index, part)
            return self.labels[value]
        return value

    def _place(self, label: str) -> int:
        if label not in self.labels:
            raise InvalidCode(f"{self.name}: no label {label!r}{near(label, self.labels)}", self.name)
        return self.labels[label]

    def unknown(self, kind: str, name: Any, known: Iterable[str], index: int, part: int) -> InvalidCode:
        """The error of naming something that is not there."""
        op = self.instructions[index][0]
        message = f"{self.name}: no {kind} {name!r} at {index} {op}{near(str(name), known)}"
        return InvalidCode(message, self.name, index, part)


def near(name: str, known: Iterable[str]) -> str:
    """What a misspelt name may have meant, as the end of a message."""
    found = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {found[0]!r}?" if found else ""
