"""Emission: typed functions to LLVM, and LLVM to object code under Numba's nopython target."""
