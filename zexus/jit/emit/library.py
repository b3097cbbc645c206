"""Object code from LLVM assembly: Numba's nopython target optimizes and generates it."""

from __future__ import annotations

from typing import Any


def _finished(assembly: str, reduced: bool) -> tuple[Any, Any]:
    """The optimized module and Numba's code generator."""
    import llvmlite.binding as llvm
    from numba.core import registry
    from numba.core.compiler_lock import global_compiler_lock

    with global_compiler_lock:
        codegen: Any = registry.cpu_target.target_context.codegen()
        module = llvm.parse_assembly(assembly)
        module.triple = codegen._tm.triple
        module.data_layout = codegen._data_layout
        module.verify()
        if reduced:
            passes = llvm.create_new_module_pass_manager()
            for add in ("add_sccp_pass", "add_new_gvn_pass", "add_simplify_cfg_pass", "add_loop_rotate_pass"):
                getattr(passes, add)()
            passes.run(module, llvm.create_pass_builder(codegen._tm, llvm.create_pipeline_tuning_options()))
            return module, codegen
        library = codegen.create_library("zexus")
        library.add_llvm_module(module)
        library._optimize_final_module()
        return library._final_module, codegen


def compile_object(assembly: str, reduced: bool = False) -> bytes:
    """Optimize a module and generate its object code.

    Args:
        assembly: LLVM assembly of the module.
        reduced: use the few passes that are fast on every input instead of the full pipeline.

    Returns:
        The relocatable object file.

    Raises:
        RuntimeError: LLVM refuses the assembly.
    """
    module, codegen = _finished(assembly, reduced)
    made: bytes = codegen._tm.emit_object(module)
    return made


def optimized(assembly: str) -> str:
    """The assembly after optimization, for people to read."""
    return str(_finished(assembly, False)[0])
