"""The text of functions that the standard library writes itself, and keeps nowhere: methods of data classes.

What is answered is a guess, which has to be compiled and compared with the code object like any other text.
"""

from __future__ import annotations

import linecache
import sys
import types

# The function around them, and what a constructor calls at its end.
_AROUND, _BEHIND = "__create_fn__", "__post_init__"
# What it calls `object`, by whose method it assigns the attributes of objects that are frozen.
_OBJECT = "__dataclass_builtins_object__"

# The ends of what it calls the mark of an argument that is not given, for which a factory is asked.
_ABSENT = ("_HAS_DEFAULT_FACTORY", "_HAS_DEFAULT_FACTORY__")
# The methods that compare two objects of the class, and do nothing but that.
_COMPARING = {"__eq__": "==", "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


def text(code: types.CodeType) -> str:
    """The text of a file that has, at its line, what `dataclasses` writes for a method; or ""."""
    if code.co_filename != "<string>" or code.co_qualname != f"{_AROUND}.<locals>.{code.co_name}":
        return ""
    if code.co_name in _COMPARING:
        return _at(code, "", "self,other", _comparison(code))
    return _constructor(code) if code.co_name == "__init__" and code.co_argcount else ""


def is_comparison(code: types.CodeType) -> bool:
    """Whether the text that was found for a function can only be one that compares two objects of its class."""
    known = code.co_name in _COMPARING and code.co_qualname == f"{_AROUND}.<locals>.{code.co_name}"
    return known and code.co_filename == "<string>" and not linecache.getlines(code.co_filename)


def _at(code: types.CodeType, outside: str, signature: str, body: list[str]) -> str:
    """A file with a function at its line."""
    head = [f"def {_AROUND}({outside}):", f" def {code.co_name}({signature}):"]
    return "\n" * (code.co_firstlineno - 2) + "\n".join([*head, *(f"  {line}" for line in body)]) + "\n"


def _comparison(code: types.CodeType) -> list[str]:
    fields = [name for name in code.co_names if name not in ("__class__", "NotImplemented")]
    if code.co_name == "__eq__" and sys.version_info >= (3, 13):
        same = " and ".join(f"self.{name}==other.{name}" for name in fields) or "True"
        return ["if self is other:", " return True", "if other.__class__ is self.__class__:", f" return {same}",
                "return NotImplemented"]
    one, two = (f"({','.join(f'{owner}.{name}' for name in fields)},)" if fields else "()"
                for owner in ("self", "other"))
    return ["if other.__class__ is self.__class__:", f" return {one}{_COMPARING[code.co_name]}{two}",
            "return NotImplemented"]


def _constructor(code: types.CodeType) -> str:
    owner, *names = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
    positional, only = names[:code.co_argcount - 1], names[code.co_argcount - 1:]
    signature = ", ".join((owner, *positional, *(["*", *only] if only else [])))
    frozen = _OBJECT if _OBJECT in code.co_freevars else ""
    stored = code.co_consts if frozen else code.co_names
    body = [_stored(owner, name, code, frozen) for name in stored if name in names]
    if _BEHIND in code.co_names:
        body.append(f"{owner}.{_BEHIND}()")
    return _at(code, ", ".join(code.co_freevars), signature, body or ["pass"])


def _stored(owner: str, name: str, code: types.CodeType, frozen: str) -> str:
    """How a constructor stores an argument, for which there may be a factory."""
    factory = next((f for f in (f"_dflt_{name}", f"__dataclass_dflt_{name}__") if f in code.co_freevars), None)
    value = name
    if factory is not None:
        absent = next((a for a in code.co_freevars if a.endswith(_ABSENT)), "")
        value = f"{factory}() if {name} is {absent} else {name}"
    return f"{frozen}.__setattr__({owner},{name!r},{value})" if frozen else f"{owner}.{name}={value}"
