"""Object code from LLVM assembly: Numba's nopython target optimizes and generates it."""

from __future__ import annotations

import hashlib
from typing import Any


def compile_object(assembly: str) -> bytes:
    """Optimize a module and generate its object code, by a Numba `CodeLibrary`.

    Args:
        assembly: LLVM assembly of the module.

    Returns:
        The relocatable object file.
    """
    from numba.core import registry
    from numba.core.compiler_lock import global_compiler_lock

    import llvmlite.binding as llvm

    context = registry.cpu_target.target_context
    with global_compiler_lock:
        codegen: Any = context.codegen()
        library = codegen.create_library("zexus." + hashlib.sha256(assembly.encode()).hexdigest()[:16])
        module = llvm.parse_assembly(assembly)
        module.triple = codegen._tm.triple
        module.data_layout = codegen._data_layout
        library.add_llvm_module(module)
        library.finalize()
        made: bytes = codegen._tm.emit_object(library._final_module)
    return made


def optimized_assembly(assembly: str) -> str:
    """The LLVM assembly after optimization, for people."""
    from numba.core import registry

    context = registry.cpu_target.target_context
    import llvmlite.binding as llvm

    codegen: Any = context.codegen()
    library = codegen.create_library("zexus.listing")
    library.add_llvm_module(llvm.parse_assembly(assembly))
    library.finalize()
    return str(library._final_module)
