"""The rules of the peephole optimizer, and how they are applied to a listing."""
