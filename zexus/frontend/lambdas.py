"""Functions in functions, which are compiled again with parts of these: the code object that they have had before.

Native code tells a function that is made anew at each entry by its code object.
"""

from __future__ import annotations

import types
import weakref
from typing import Any

_known: weakref.WeakValueDictionary[tuple[Any, ...], types.CodeType] = weakref.WeakValueDictionary()


def note(code: types.CodeType, mark: str) -> None:
    """Remember the functions in a function; constants that begin with `mark` are exchanged, and tell nothing."""
    for nested in code.co_consts:
        if isinstance(nested, types.CodeType):
            note(nested, mark)
            if not _has(nested, mark):
                _known.setdefault(_key(nested), nested)


def same(code: types.CodeType) -> types.CodeType:
    """The code object that a function has had before; `code` itself for one that is new."""
    found = _known.get(_key(code))
    return found if found is not None and found == code else code


def _key(code: types.CodeType) -> tuple[Any, ...]:
    return code.co_filename, code.co_qualname, code.co_firstlineno, code.co_linetable, code.co_code


def _has(code: types.CodeType, mark: str) -> bool:
    return any(constant.startswith(mark) if isinstance(constant, str) else _has(constant, mark)
               for constant in code.co_consts if isinstance(constant, (str, types.CodeType)))
