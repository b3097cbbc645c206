"""Object code from LLVM assembly, optimized and generated with the settings of Numba's nopython target.

The settings are Numba's, its import is not needed: what native code calls is the interpreter and libm.
"""

from __future__ import annotations

from functools import cache
from typing import Any

LEVEL = 3  # that of Numba's nopython target


@cache
def target_machine() -> Any:
    """LLVM's code generator for this processor, as Numba's nopython target sets it up."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    name, features = processor()
    relocations = "static" if target.name.startswith("x86") else "default"
    return target.create_target_machine(
        cpu=name, features=features, opt=3, reloc=relocations, codemodel="jitdefault", jit=True
    )


@cache
def processor() -> tuple[str, str]:
    """Name and features of this processor."""
    import llvmlite.binding as llvm

    name: str = llvm.get_host_cpu_name()
    try:
        return name, llvm.get_host_cpu_features().flatten()
    except RuntimeError:
        return name, ""  # LLVM cannot tell on this processor


def _builder(level: int, vectorize: bool) -> Any:
    import llvmlite.binding as llvm

    options = llvm.create_pipeline_tuning_options(level)
    options.loop_vectorization, options.slp_vectorization = vectorize, False
    return llvm.create_pass_builder(target_machine(), options)


def _finished(assembly: str, reduced: bool, level: int = LEVEL, vectorize: bool = True) -> Any:
    """The optimized module."""
    import llvmlite.binding as llvm

    machine = target_machine()
    module = llvm.parse_assembly(assembly)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    module.verify()
    builder = _builder(level, vectorize)
    if reduced:
        passes = llvm.create_new_module_pass_manager()
        for add in ("add_sccp_pass", "add_new_gvn_pass", "add_simplify_cfg_pass", "add_loop_rotate_pass"):
            getattr(passes, add)()
    else:
        passes = builder.getModulePassManager()
    passes.run(module, builder)
    return module


def compile_object(assembly: str, reduced: bool = False, level: int = LEVEL, vectorize: bool = True) -> bytes:
    """Optimize a module and generate its object code.

    Args:
        assembly: LLVM assembly of the module.
        reduced: use the few passes that are fast on every input instead of the full pipeline.
        level: how much that optimizes, 0 to 3.
        vectorize: whether it makes vector instructions of loops.

    Returns:
        The relocatable object file.

    Raises:
        RuntimeError: LLVM refuses the assembly.
    """
    made: bytes = target_machine().emit_object(_finished(assembly, reduced, level, vectorize))
    return made


def optimized(assembly: str, level: int = LEVEL, vectorize: bool = True) -> str:
    """The assembly after optimization, for people to read."""
    return str(_finished(assembly, False, level, vectorize))
