"""Given constants: objects of the engine that stand as constants in a program's code, which has no names for them.

The compiler takes plain constants only, so that a text stands for each object until the code is there. Such objects
have to be hashable, as code objects are hashed with their constants. They live as long as the trees and codes that have
them.
"""

from __future__ import annotations

import ast
import itertools
import types
import weakref
from typing import Any

_PREFIX = "\0zexus-given "
_numbers = itertools.count()
_objects: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()


class Given(ast.Constant):
    """A constant that stands for an object.

    Attributes:
        object: what it stands for.
    """

    def __init__(self, *arguments: Any, **fields: Any) -> None:
        super().__init__(*arguments, **fields)
        self.object: Any = _objects[str(self.value)]

    def __deepcopy__(self, memo: object) -> Given:
        return self


def given(value: Any) -> Given:
    """A constant for an object, to which weak references can be made."""
    text = f"{_PREFIX}{next(_numbers)}"
    _objects[text] = value
    return Given(text)


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
