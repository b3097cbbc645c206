"""Other compilers in the program: Numba reads byte code, and is given functions as their authors wrote them."""

from __future__ import annotations

import functools
import importlib.machinery
import types
from collections.abc import Callable
from typing import Any

from zexus.jit.explain import reporter_of

# Where Numba looks up the function to compile.
NUMBA = "numba.core.bytecode"
_LOOKUP = "get_function_object"


def unwritten(function: Any) -> Any:
    """A function with the code that its author wrote; anything that was not rewritten as it is."""
    if type(function) is not types.FunctionType:
        return function
    original = getattr(reporter_of(function), "original", None)
    if original is None or original is function.__code__:
        return function
    made = types.FunctionType(original, function.__globals__, function.__name__, function.__defaults__,
                              function.__closure__)
    made.__kwdefaults__ = function.__kwdefaults__
    functools.update_wrapper(made, function)
    del made.__dict__["__wrapped__"]
    return made


class NumbaLoader(importlib.machinery.SourceFileLoader):
    """Loads the module of Numba that looks up functions, and has it look them up here."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the module's code."""
        super().exec_module(module)
        find: Callable[[Any], Any] | None = getattr(module, _LOOKUP, None)
        if find is not None:
            setattr(module, _LOOKUP, lambda obj: unwritten(find(obj)))
