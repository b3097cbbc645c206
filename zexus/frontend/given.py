"""Given constants: objects of the engine that stand as constants in a program's code, which has no names for them.

The compiler takes plain constants only, so that a text stands for each object until the code is there. Such objects
have to be hashable: code objects are hashed with their constants.
"""

from __future__ import annotations

import ast
import itertools
import types
from typing import Any

_PREFIX = "\0zexus-given "
_numbers = itertools.count()
_objects: dict[str, Any] = {}


class Given(ast.Constant):
    """A constant that stands for an object."""

    @property
    def object(self) -> Any:
        """What it stands for."""
        return _objects[str(self.value)]


def given(value: Any) -> str:
    """The text that stands for an object from now on; `Given(text)` is it in a tree."""
    text = f"{_PREFIX}{next(_numbers)}"
    _objects[text] = value
    return text


def filled(code: types.CodeType) -> types.CodeType:
    """`code` with the objects in place, also in the code nested in it; `code` itself where there are none."""
    if not _objects:
        return code
    constants = tuple(map(_filled, code.co_consts))
    same = all(new is old for new, old in zip(constants, code.co_consts, strict=True))
    return code if same else code.replace(co_consts=constants)


def _filled(constant: Any) -> Any:
    if isinstance(constant, types.CodeType):
        return filled(constant)
    return _objects[constant] if isinstance(constant, str) and constant.startswith(_PREFIX) else constant
