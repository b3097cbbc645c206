"""Functions that a variable holds: native code is made for the very one, if it will be there the next time."""

from __future__ import annotations

import types
from typing import Any

from zexus.jit.forms import callees


def is_durable(value: Any) -> bool:
    """Whether a value is a function that was not made for this call: the next one made is another object."""
    kind = type(value)
    if kind is types.ModuleType:
        return True
    if kind is types.FunctionType:
        return value.__closure__ is None and "<locals>" not in value.__qualname__
    if kind is types.BuiltinFunctionType:
        return type(value.__self__) is types.ModuleType and callees.is_callable(value)
    return kind is type and callees.is_callable(value)
