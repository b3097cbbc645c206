"""The assembler: the text form of Code, read back."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from zexus import ops
from zexus.bytecode import Block, Code, Handler, Instruction, InvalidCode, Position, verify

_HEAD = re.compile(r"code (\S+) \((.*):(\d+)\)( region)?( module)? params (\d+)$")
_NAMES = re.compile(r"(locals|results|captured|cells) (.*)$")
_CONST = re.compile(r"const (\d+): (.*)$")
_BLOCK = re.compile(r"block (\d+): line (\d+) \((.*)\) -> \((.*)\)$")
_HANDLER = re.compile(r"handler (\d+) (\d+) -> (\d+) depth (\d+)$")
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


def _literal(text: str) -> Any:
    if text.removeprefix("-") in _RENDERED:
        return -_RENDERED[text[1:]] if text.startswith("-") else _RENDERED[text]
    return ast.literal_eval(text)


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
    code.handlers.append(Handler(*(int(part) for part in found.groups())))


_DECLARATIONS: tuple[tuple[re.Pattern[str], Callable[[Code, re.Match[str]], None]], ...] = (
    (_NAMES, _names), (_CONST, _const), (_BLOCK, _block), (_HANDLER, _handler),
)
