"""The register form as Python: what generated functions and the register interpreter's segments are made of."""
