"""Native forms of the methods of `random.Random` that are written in C: they draw from the interpreter's own state."""

from __future__ import annotations

import sys
import types as python_types
from typing import Any

from zexus import layout, types
from zexus.codes import Unsupported
from zexus.jit.forms import numbers
from zexus.jit.trace import Rep, Trace

NAMES = ("random", "getrandbits")


def drawing(obj: Any) -> str:
    """The name of the method that a builtin method of a generator is, or "" for anything else."""
    found = sys.modules.get("_random")
    if found is None or type(obj) is not python_types.BuiltinMethodType or obj.__name__ not in NAMES:
        return ""
    return obj.__name__ if isinstance(obj.__self__, found.Random) and _is_known() else ""


def descriptor(kind: type, found: Any) -> str:
    """The name of the method of generators that a class of such holds in C, or "" for anything else."""
    module = sys.modules.get("_random")
    if module is None or type(found) is not python_types.MethodDescriptorType:
        return ""
    if found.__objclass__ is not module.Random or module.Random not in type.__dict__["__mro__"].__get__(kind):
        return ""
    return found.__name__ if found.__name__ in NAMES and _is_known() else ""


def method(owner: Any, name: str) -> Any:
    """The method in C of a generator."""
    return vars(sys.modules["_random"].Random)[name].__get__(owner)


def draw(t: Trace, owner: Rep, name: str, args: list[Rep]) -> Rep:
    """`owner.random()` or `owner.getrandbits(k)`."""
    pointer = t.boxed(owner)
    if name == "random" and not args:
        return Rep(types.FLOAT, (t.emit("RANDOM", (pointer,), "f64"),))
    if name == "getrandbits" and len(args) == 1 and args[0].type == types.INT:
        return Rep(types.INT, (t.emit("RANDOM_BITS", (pointer, numbers.as_int(t, args[0])), "i64", None, "ZX033"),))
    raise Unsupported("ZX022", detail=f"{name}()")


def _is_known() -> bool:
    return not layout.random_problem()
