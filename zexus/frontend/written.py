"""The text of functions that the standard library writes itself, and keeps nowhere: the constructors of data classes.

What is answered is a guess, which has to be compiled and compared with the code object like any other text.
"""

from __future__ import annotations

import types

# The function around them, and what a constructor calls at its end.
_AROUND, _BEHIND = "__create_fn__", "__post_init__"


def constructor(code: types.CodeType) -> str:
    """The text of a file that has, at its line, what `dataclasses` writes for such an `__init__`; or ""."""
    if code.co_filename != "<string>" or code.co_qualname != f"{_AROUND}.<locals>.__init__" or not code.co_argcount:
        return ""
    owner, *names = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
    positional, only = names[:code.co_argcount - 1], names[code.co_argcount - 1:]
    signature = ", ".join((owner, *positional, *(["*", *only] if only else [])))
    body = [_stored(owner, name, code) for name in code.co_names if name in names]
    if _BEHIND in code.co_names:
        body.append(f"{owner}.{_BEHIND}()")
    outside = ", ".join(code.co_freevars)
    head = [f"def {_AROUND}({outside}):", f" def __init__({signature}):"]
    return "\n" * (code.co_firstlineno - 2) + "\n".join([*head, *(f"  {line}" for line in body or ["pass"])]) + "\n"


def _stored(owner: str, name: str, code: types.CodeType) -> str:
    """How a constructor stores an argument, for which there may be a factory."""
    factory = next((f for f in (f"_dflt_{name}", f"__dataclass_dflt_{name}__") if f in code.co_freevars), None)
    if factory is None:
        return f"{owner}.{name}={name}"
    absent = next((a for a in code.co_freevars if a.endswith(("_HAS_DEFAULT_FACTORY", "_HAS_DEFAULT_FACTORY__"))), "")
    return f"{owner}.{name}={factory}() if {name} is {absent} else {name}"
