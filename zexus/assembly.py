"""The assembler: programs as people write them (`.zxa`), and the listings that `print_code` makes, read back."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable
from typing import Any

from zexus import ops, parsing
from zexus.bytecode import (
    Block,
    Code,
    Handler,
    Instruction,
    InvalidCode,
    Module,
    Position,
    constant_text,
    parts,
    targets,
    verify,
)
from zexus.records import dataclass
from zexus.vm.builder import LAST_LINE, BytecodeBuilder, FunctionBuilder, near

_HEAD = re.compile(r"code (\S+) \((.*):(\d+)\)( region)?( module)? params (\d+)$")
_NAMES = re.compile(r"(locals|results|captured|cells) (.*)$")
_CONST = re.compile(r"const (\d+): (.*)$")
_BLOCK = re.compile(r"block (\d+): line (\d+) \((.*)\) -> \((.*)\)$")
_HANDLER = re.compile(r"handler (\d+) (\d+) -> (\d+) depth (\d+)(?: handles (\d+))?$")
_INSTRUCTION = re.compile(r"(?:(\d+)\s+)??(?:>>\s+)?(\d+) ([A-Z][A-Z0-9_]*)(?:\s+(.*?))??(?:\s+; .*)?$")
_RENDERED = {"inf": float("inf"), "nan": float("nan")}


def parse(text: str) -> Code:
    """The Code that `print_code` printed, verified.

    Its outlined statements have no body, and positions are lines only.

    Raises:
        InvalidCode: naming the line that cannot be read, or the instruction that breaks a law.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)
             if line.strip() and not line.lstrip().startswith(";")]
    head = _HEAD.match(lines[0][1]) if lines else None
    if head is None:
        raise InvalidCode("line 1: expected `code NAME (FILE:LINE) params N`")
    qualname, filename, first_line, region, module, params = head.groups()
    code = Code(qualname.rpartition(".")[2], qualname, filename, int(first_line), (), int(params),
                region=region is not None, is_module=module is not None)
    position: Position | None = None
    for number, line in lines[1:]:
        for pattern, read in _DECLARATIONS:
            found = pattern.match(line)
            if found is not None:
                _checked(number, read, code, found)
                break
        else:
            found = _INSTRUCTION.match(line)
            if found is None:
                raise InvalidCode(f"line {number}: cannot read {line!r}")
            source, index, op, arg = found.groups()
            if int(index) != len(code.instructions):
                raise InvalidCode(f"line {number}: instruction {len(code.instructions)} is expected, not {index}")
            if op not in ops.OPS:
                raise InvalidCode(f"line {number}: unknown opcode {op!r}")
            if source is not None:
                position = Position(int(source), int(source), 0, 0)
            value = _checked(number, _literal, arg) if arg else None
            code.instructions.append(Instruction(op, value, position))
    verify(code)
    return code


def _checked(number: int, read: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return read(*arguments)
    except (ValueError, SyntaxError) as error:
        raise InvalidCode(f"line {number}: {error}") from None


class _Rendered(ast.NodeTransformer):
    """What `repr` makes of floats that have no literal."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Constant(_RENDERED[node.id]) if node.id in _RENDERED else node


def _literal(text: str) -> Any:
    return ast.literal_eval(_Rendered().visit(parsing.parse_expression(text)))


def _names(code: Code, found: re.Match[str]) -> None:
    setattr(code, found[1], tuple(found[2].split()))


def _const(code: Code, found: re.Match[str]) -> None:
    if int(found[1]) != len(code.consts):
        raise ValueError("constants are numbered in order")
    code.consts.append(_literal(found[2]))


def _block(code: Code, found: re.Match[str]) -> None:
    if int(found[1]) != len(code.blocks):
        raise ValueError("blocks are numbered in order")
    code.blocks.append(Block(tuple(found[3].split()), tuple(found[4].split()), (), None, int(found[2])))


def _handler(code: Code, found: re.Match[str]) -> None:
    code.handlers.append(Handler(*(int(part) for part in found.groups(default="-1"))))


_DECLARATIONS: tuple[tuple[re.Pattern[str], Callable[[Code, re.Match[str]], None]], ...] = (
    (_NAMES, _names), (_CONST, _const), (_BLOCK, _block), (_HANDLER, _handler),
)


# --- programs -----------------------------------------------------------------------------------------------


class AssemblyError(InvalidCode):
    """A program that cannot be assembled: file, line and column, what is wrong, and the line with a caret."""

    def __init__(self, message: str, filename: str, line: int, column: int, text: str) -> None:
        self.filename = filename
        self.line = line
        self.column = column
        before = "".join(sign if sign == "\t" else " " for sign in text[:column - 1])
        super().__init__(f"{filename}:{line}:{column}: {message}\n    {text.rstrip()}\n    {before}^")


@dataclass(frozen=True)
class _Word:
    text: str
    line: int
    column: int


class _Rejected(Exception):
    """Something is wrong at a word."""

    def __init__(self, message: str, word: _Word) -> None:
        super().__init__(message)
        self.word = word


def assemble(text: str, filename: str = "<program>") -> Module:
    """The module that a program's text describes, verified.

        module sums                    ; its name; without this line the file's name
        function main(n)
          locals total i               ; those that are not stored to anywhere else may stand here; the order counts
          cells count                  ; variables that inner functions capture
          captured count               ; variables of the enclosing function
            LOAD_CONST 0               ; a literal
            STORE_LOCAL total
        loop:
            JUMP loop
          handler a b -> c depth 1     ; from label a up to label b to label c, the stack cut to depth 1 (or 0)
          .line 12                     ; what follows stands on line 12; `.line` alone: where it stands in this text

    Args:
        text: the program.
        filename: what messages and tracebacks name, unless `module NAME "FILE"` says so.

    Raises:
        AssemblyError: naming file, line and column of the first mistake.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    reader = _Reader(filename)
    try:
        for number, line in enumerate(lines, 1):
            words = _words(line, number)
            if words:
                reader.read(words)
        return reader.finish()
    except _Rejected as error:
        word = error.word
        shown = lines[word.line - 1] if word.line <= len(lines) else ""
        raise AssemblyError(str(error), filename, word.line, word.column, shown) from None


_QUOTED = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")
_FUNCTION = re.compile(r"([^\s()]+)\s*\(([^()]*)\)$")


def _words(line: str, number: int) -> list[_Word]:
    """What stands in a line up to its comment; quotes and parentheses hold together."""
    found: list[_Word] = []
    position = 0
    while position < len(line) and line[position] != ";":
        if line[position].isspace():
            position += 1
            continue
        end = _end(line, position, number)
        found.append(_Word(line[position:end], number, position + 1))
        position = end
    return found


def _end(line: str, position: int, number: int) -> int:
    """Where the word ends that begins at a position of a line.

    Raises:
        _Rejected: a quote or parenthesis in it has no partner.
    """
    opened: list[int] = []
    while position < len(line) and (opened or not (line[position].isspace() or line[position] == ";")):
        sign = line[position]
        quoted = _QUOTED.match(line, position)
        if (sign in "\"'" and quoted is None) or (sign == ")" and not opened):
            opened = [position]
            break
        if sign == "(":
            opened.append(position)
        elif sign == ")":
            opened.pop()
        position = position + 1 if quoted is None else quoted.end()
    if opened:
        raise _Rejected("a quote or parenthesis has no partner", _Word("", number, opened[0] + 1))
    return position


class _Reader:
    """Reads a program line by line."""

    def __init__(self, filename: str) -> None:
        stem = os.path.splitext(os.path.basename(filename))[0]
        self.module = BytecodeBuilder(stem, filename)
        self.function: FunctionBuilder | None = None
        self.line: int | None = None
        self.own_lines = True
        self.words: dict[str, list[list[_Word]]] = {}
        self.heads: dict[str, _Word] = {}
        self.handlers: list[tuple[FunctionBuilder, list[_Word]]] = []
        self.last = _Word("", 1, 1)

    def read(self, words: list[_Word]) -> None:
        first, *rest = words
        self.last = first
        read = getattr(self, "_" + first.text.removeprefix("."), None) if first.text in _DIRECTIVES else None
        if read is not None:
            read(first, rest)
        elif first.text.endswith(":"):
            self._label(first, first.text[:-1])
            if rest:
                self.read(rest)
        else:
            self._instruction(first, rest)

    def _current(self, word: _Word) -> FunctionBuilder:
        if self.function is None:
            raise _Rejected(f"{word.text} stands outside of a function", word)
        return self.function

    def _module(self, word: _Word, rest: list[_Word]) -> None:
        if self.module.functions or not 1 <= len(rest) <= 2:
            raise _Rejected('`module NAME "FILE"` stands before the functions', word)
        self.module.name = rest[0].text
        if len(rest) == 2:
            self.module.filename = str(_constant(rest[1]))

    def _function(self, word: _Word, rest: list[_Word]) -> None:
        head = _FUNCTION.match(" ".join(part.text for part in rest))
        if head is None:
            raise _Rejected("a function begins with `function NAME(PARAMETERS)`", word)
        params = [name for name in head[2].replace(",", " ").split() if name]
        if len(set(params)) < len(params):
            raise _Rejected("a parameter stands twice", rest[0])
        if head[1] in self.module.functions:
            raise _Rejected(f"function {head[1]!r} stands twice", rest[0])
        line = word.line if self.own_lines else self.line or 0
        self.function = self.module.function(head[1], *params, first_line=line)
        self.words[head[1]] = []
        self.heads[head[1]] = rest[0]

    def _locals(self, word: _Word, rest: list[_Word]) -> None:
        self._declare(self._current(word).locals, rest)

    def _cells(self, word: _Word, rest: list[_Word]) -> None:
        self._declare(self._current(word).cells, rest)

    def _captured(self, word: _Word, rest: list[_Word]) -> None:
        self._declare(self._current(word).captured, rest)

    def _declare(self, table: list[str], names: list[_Word]) -> None:
        for name in names:
            if name.text in table:
                raise _Rejected(f"{name.text!r} stands twice", name)
            table.append(name.text)

    def _handler(self, word: _Word, rest: list[_Word]) -> None:
        function = self._current(word)
        match [part.text for part in rest]:
            case [start, end, "->", target]:
                function.handler(start, end, target)
            case [start, end, "->", target, "depth", depth] if depth.isdecimal():
                function.handler(start, end, target, int(depth))
            case _:
                raise _Rejected("a handler is written `handler FROM TO -> LABEL depth N`", word)
        self.handlers.append((function, rest))

    def _line(self, word: _Word, rest: list[_Word]) -> None:
        if len(rest) > 1 or (rest and not (rest[0].text.isdecimal() and int(rest[0].text) <= LAST_LINE)):
            raise _Rejected("a line is written `.line NUMBER`", word)
        self.own_lines = not rest
        self.line = int(rest[0].text) or None if rest else None

    def _label(self, word: _Word, name: str) -> None:
        function = self._current(word)
        if name in function.labels:
            raise _Rejected(f"label {name!r} stands twice", word)
        function.label(name)

    def _instruction(self, word: _Word, rest: list[_Word]) -> None:
        function = self._current(word)
        row = ops.OPS.get(word.text)
        if row is None:
            raise _Rejected(f"unknown opcode {word.text!r}{near(word.text, (*_STACK_FORM, *_DIRECTIVES))}", word)
        arguments = [_argument(part, kind) for part, kind in zip(rest, row.argument.split())]
        function.line(word.line if self.own_lines else self.line)
        function.emit(word.text, *arguments, *(part.text for part in rest[len(arguments):]))
        self.words[function.name].append([word, *rest])

    def finish(self) -> Module:
        """The module.

        Raises:
            _Rejected: a mistake that only the whole shows.
        """
        for function, words in self.handlers:
            for word in (words[0], words[1], words[3]):
                if word.text not in function.labels:
                    raise _Rejected(f"no label {word.text!r}{near(word.text, function.labels)}", word)
            start, end, target = (function.labels[words[part].text] for part in (0, 1, 3))
            if start >= end:
                raise _Rejected(f"no instruction stands from {words[0].text!r} to {words[1].text!r}", words[0])
            if target == len(function.instructions):
                raise _Rejected(f"no instruction stands behind {words[3].text!r}", words[3])
        if not self.module.functions:
            raise _Rejected("there is no function", self.last)
        try:
            return self.module.build()
        except InvalidCode as error:
            raise _Rejected(str(error), self._word(error)) from None

    def _word(self, error: InvalidCode) -> _Word:
        """Where an error is: the part of the instruction, the instruction, or the function."""
        instructions = self.words[error.function]
        if error.index is None or not instructions:
            return self.heads[error.function]
        words = instructions[min(error.index, len(instructions) - 1)]
        return words[0] if error.part is None else words[1 + error.part]


_DIRECTIVES = frozenset(("module", "function", "locals", "cells", "captured", "handler", ".line"))
_STACK_FORM = [row.name for row in ops.OPS.values() if row.family not in ("register", "native")]


def _argument(word: _Word, kind: str) -> Any:
    if kind == "const":
        return _constant(word)
    if kind in ("count", "status", "block"):
        if not word.text.isdecimal():
            raise _Rejected(f"a number is wanted, not {word.text!r}", word)
        return int(word.text)
    return word.text


def _constant(word: _Word) -> Any:
    try:
        value = _literal(word.text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):  # the last two for what nests too deeply
        raise _Rejected(f"{word.text!r} is no literal; texts stand in quotes", word) from None
    if not _is_immutable(value):
        raise _Rejected("a constant is a number, a text, bytes, True, False, None, ... or a tuple of these", word)
    return value


def _is_immutable(value: Any) -> bool:
    if type(value) is tuple:
        return all(map(_is_immutable, value))
    return type(value) in (int, float, complex, bool, str, bytes, type(None), type(...))


def _is_literal(value: Any) -> bool:
    try:
        return _is_immutable(value) and constant_text(_literal(constant_text(value))) == constant_text(value)
    except (ValueError, SyntaxError):
        return False  # some complex numbers


def print_module(module: Module) -> str:
    """The text of a module, which `assemble` reads back.

    Raises:
        ValueError: a function has outlined statements, is a loop's region, or has a constant that is no literal.
    """
    lines = [f"module {module.name} {module.filename!r}"]
    for code in module.functions.values():
        lines += ["", *_printed(code)]
    return "\n".join(lines) + "\n"


def _printed(code: Code) -> list[str]:
    if code.blocks or code.region:
        raise ValueError(f"{code.name}: only whole functions without outlined statements have a text")
    labels = {target for instruction in code.instructions for target in targets(instruction)}
    labels.update(edge for row in code.handlers for edge in (row.start, row.end, row.target))
    lines = [f".line {code.first_line}", f"function {code.name}({', '.join(code.locals[:code.params])})"]
    for title, names in (("locals", code.locals[code.params:]), ("cells", code.cells), ("captured", code.captured)):
        if names:
            lines.append(f"  {title} {' '.join(names)}")
    line = code.first_line
    for index, instruction in enumerate(code.instructions):
        if index in labels:
            lines.append(f"  L{index}:")
        here = instruction.position.line if instruction.position else 0
        if here != line:
            lines.append(f"  .line {here}")
            line = here
        shown = [_shown(code, kind, part) for kind, part in parts(instruction)] if instruction.arg is not None else []
        lines.append(" ".join((f"    {instruction.op:<14}", *shown)).rstrip())
    if len(code.instructions) in labels:
        lines.append(f"  L{len(code.instructions)}:")
    for row in code.handlers:
        lines.append(f"  handler L{row.start} L{row.end} -> L{row.target} depth {row.depth}")
    return lines


def _shown(code: Code, kind: str, part: Any) -> str:
    if kind == "const":
        value = code.consts[part]
        if not _is_literal(value):
            raise ValueError(f"{code.name}: {value!r} is no literal")
        return constant_text(value)
    if kind == "local":
        return str(code.locals[part])
    if kind == "cell":
        return str((*code.captured, *code.cells)[part])
    if kind == "label":
        return f"L{part}"
    return ",".join(part) if kind == "names" else str(part)
