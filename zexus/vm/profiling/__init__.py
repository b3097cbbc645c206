"""The profiler of bytecode programs: where counters stand, and what follows from them."""
