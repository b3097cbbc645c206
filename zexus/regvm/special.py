"""Methods that the interpreter looks up in the class of an object alone, for `with` statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zexus import shapes


class Special(str):
    """The name of such a method, in the place of that of an attribute."""

    def of(self, owner: Any) -> Callable[..., Any]:
        """The method of this name, bound to an object.

        Raises:
            TypeError: the class has none.
        """
        kind = type(owner)
        found = shapes.lookup(kind, self)
        if found is shapes.ABSENT:
            missed = " (missed __exit__ method)" if self == "__exit__" else ""
            raise TypeError(f"{kind.__name__!r} object does not support the context manager protocol{missed}")
        bind = shapes.lookup(type(found), "__get__")
        method: Callable[..., Any] = found if bind is shapes.ABSENT else bind(found, owner, kind)
        return method


ENTER, EXIT = Special("__enter__"), Special("__exit__")
