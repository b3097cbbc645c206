"""The native forms of opcodes: for each row, which operand types it can run on unboxed and how."""
