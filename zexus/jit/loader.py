"""From object code to a callable: the linker puts it into memory, CPython calls it as a builtin function.

What the linker does not know is left to LLVM, which takes longer to get ready than a program may have to run.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from zexus import layout
from zexus.jit import linker
from zexus.jit.emit.ending_runtime import DEALLOC
from zexus.jit.emit.random_runtime import MEMO, MEMO_SIZE

_METH_FASTCALL = 0x80
_lock = threading.Lock()
_engine: Any = None
_memo = ctypes.create_string_buffer(MEMO_SIZE)  # code that has it lasts as long as the process


class _Objects(tuple[Any, ...]):
    """What native code refers to. A copy of rewritten code in another process gets hooks that answer "go on"."""

    results: int

    def __reduce__(self) -> tuple[Any, ...]:
        from zexus.jit.host import Elsewhere

        return Elsewhere, (self.results,)


class _MethodDef(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("method", ctypes.c_void_p), ("flags", ctypes.c_int),
                ("doc", ctypes.c_char_p))


def _create_engine() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple().create_target_machine()
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)


def _keep(obj: Any) -> Any:
    """Let `obj` outlive the interpreter's own end, at which builtins die later than the modules that made them."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(obj))
    return obj


def load(code: bytes, symbol: str, name: str, objects: Sequence[Any], results: int) -> Callable[..., Any]:
    """Make object code callable.

    Args:
        code: a relocatable object file; the parts that it calls have been loaded.
        symbol: name of its entry, of the shape METH_FASTCALL.
        name: what the builtin function is called.
        objects: what the code refers to; the builtin keeps it alive.
        results: how many results its loop has.

    Returns:
        The builtin function. The code is never unmapped.
    """
    with _lock:
        if symbol not in _symbols:
            _add(code)
        address = _address(symbol)
    definition = _MethodDef(name.encode(), address, _METH_FASTCALL, None)
    _keep(definition)
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype = ctypes.py_object
    make.argtypes = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    held = _Objects(objects)
    held.results = results
    made: Callable[..., Any] = make(ctypes.addressof(definition), held, None)
    return made


# What object code may refer to beside what is in the process anyway, by name: its address.
_symbols: dict[str, int] = {MEMO: ctypes.addressof(_memo)}
_shared: set[str] = set()


def has(part: str) -> bool:
    """Whether the functions of a part are there."""
    return part in _shared


def load_part(part: str, code: bytes) -> None:
    """Map the functions of a part, which units call, unless they are there already."""
    with _lock:
        if part not in _shared:
            _add(code)
            _shared.add(part)


def _add(code: bytes) -> None:
    """Put one more object file into memory."""
    _symbols.setdefault(DEALLOC, layout.class_dealloc())
    try:
        found = linker.link(code, _address)
    except linker.Unlinkable:
        _add_by_llvm(code)
    else:
        _symbols.update(found)
        _tell(found)


def _address(name: str) -> int:
    """Where a symbol is.

    Raises:
        linker.Unlinkable: there is none of that name.
    """
    known = _symbols.get(name, 0) or (_engine.get_function_address(name) if _engine is not None else 0)
    return known or linker.address_of(name)


def _add_by_llvm(code: bytes) -> None:
    global _engine
    import llvmlite.binding as llvm

    if _engine is None:
        _engine = _keep(_create_engine())
        _tell(_symbols)
    _engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    _engine.finalize_object()


def _tell(symbols: Mapping[str, int]) -> None:
    """Let LLVM know where the linker has put what it may look for."""
    if _engine is None:
        return
    import llvmlite.binding as llvm

    for name, address in symbols.items():
        llvm.add_symbol(name, address)
