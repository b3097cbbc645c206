"""The text of functions that the standard library writes itself, and keeps nowhere: the constructors of data classes.

What is answered is a guess, which has to be compiled and compared with the code object like any other text.
"""

from __future__ import annotations

import types

# The function around them, and what a constructor calls at its end.
_AROUND, _BEHIND = "__create_fn__", "__post_init__"
# What it calls `object`, by whose method it assigns the attributes of objects that are frozen.
_OBJECT = "__dataclass_builtins_object__"

# The ends of what it calls the mark of an argument that is not given, for which a factory is asked.
_ABSENT = ("_HAS_DEFAULT_FACTORY", "_HAS_DEFAULT_FACTORY__")


def constructor(code: types.CodeType) -> str:
    """The text of a file that has, at its line, what `dataclasses` writes for such an `__init__`; or ""."""
    if code.co_filename != "<string>" or code.co_qualname != f"{_AROUND}.<locals>.__init__" or not code.co_argcount:
        return ""
    owner, *names = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
    positional, only = names[:code.co_argcount - 1], names[code.co_argcount - 1:]
    signature = ", ".join((owner, *positional, *(["*", *only] if only else [])))
    frozen = _OBJECT if _OBJECT in code.co_freevars else ""
    stored = code.co_consts if frozen else code.co_names
    body = [_stored(owner, name, code, frozen) for name in stored if name in names]
    if _BEHIND in code.co_names:
        body.append(f"{owner}.{_BEHIND}()")
    outside = ", ".join(code.co_freevars)
    head = [f"def {_AROUND}({outside}):", f" def __init__({signature}):"]
    return "\n" * (code.co_firstlineno - 2) + "\n".join([*head, *(f"  {line}" for line in body or ["pass"])]) + "\n"


def _stored(owner: str, name: str, code: types.CodeType, frozen: str) -> str:
    """How a constructor stores an argument, for which there may be a factory."""
    factory = next((f for f in (f"_dflt_{name}", f"__dataclass_dflt_{name}__") if f in code.co_freevars), None)
    value = name
    if factory is not None:
        absent = next((a for a in code.co_freevars if a.endswith(_ABSENT)), "")
        value = f"{factory}() if {name} is {absent} else {name}"
    return f"{frozen}.__setattr__({owner},{name!r},{value})" if frozen else f"{owner}.{name}={value}"
