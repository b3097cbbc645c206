"""What one emitted module names: our runtime, the interpreter's symbols, memory tags, functions of libm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llvmlite import ir

from zexus import ops

if TYPE_CHECKING:
    from zexus.jit.emit.scalars import Scalars
    from zexus.regvm.ir import Instr

I1, I64, F64 = ir.IntType(1), ir.IntType(64), ir.DoubleType()
PTR = ir.PointerType()


class Prelude:
    """The symbols that one module uses."""

    def __init__(self, module: ir.Module) -> None:
        self.module = module
        self.functions: set[str] = set()
        self.tags: dict[str, Any] = {}
        self.root: Any = None

    def function(self, name: str, result: ir.Type, arguments: list[ir.Type]) -> ir.Function:
        """A function of our runtime."""
        self.functions.add(name)
        return self.external(name, result, arguments)

    def external(self, name: str, result: ir.Type, arguments: list[ir.Type]) -> ir.Function:
        """A function of the interpreter."""
        known = self.module.globals.get(name)
        if known is not None:
            return known
        return ir.Function(self.module, ir.FunctionType(result, arguments), name=name)

    intrinsic = external

    def allocator(self, name: str, *arguments: ir.Type) -> ir.Function:
        """A function of the interpreter that touches no memory but what it makes."""
        return self.external(name, PTR, list(arguments))

    def libm(self, name: str, arity: int) -> ir.Function:
        """A function of libm, called as it is: LLVM must not replace it by something nearly equal."""
        return self.external(name, F64, [F64] * arity)

    def data(self, name: str) -> ir.Value:
        """An object of the interpreter, by its symbol."""
        known = self.module.globals.get(name)
        if known is None:
            known = ir.GlobalVariable(self.module, ir.IntType(8), name=name)
            known.type = PTR
        return known

    def memory(self, name: str) -> Any:
        """The tag of a kind of memory: accesses with different tags never overlap."""
        if name not in self.tags:
            if self.root is None:
                self.root = self.module.add_metadata(["zexus"])
            kind = self.module.add_metadata([name, self.root, ir.Constant(I64, 0)])
            self.tags[name] = self.module.add_metadata([kind, kind, ir.Constant(I64, 0)])
        return self.tags[name]

    def math(self, emitter: Scalars, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """A function of the math module, left before where CPython raises."""
        b = emitter.b
        name = instr.op.removeprefix("MATH_").lower()
        infinity, zero, one = ir.Constant(F64, float("inf")), ir.Constant(F64, 0.0), ir.Constant(F64, 1.0)
        fabs = self.intrinsic("llvm.fabs.f64", F64, [F64])
        x = a[0]
        if name == "isnan":
            return b.fcmp_unordered("uno", x, x)
        if name in ("isinf", "isfinite"):
            size = b.call(fabs, [x])
            return b.fcmp_ordered("==" if name == "isinf" else "<", size, infinity)
        domain = ops.MATH_UNARY.get(name) or ops.MATH_BINARY.get(name) or ""
        size = b.call(fabs, [x])
        holds = {
            "finite": lambda: b.fcmp_unordered("<", size, infinity),
            "unit": lambda: b.fcmp_unordered("<=", size, one),
            "open_unit": lambda: b.fcmp_unordered("<", size, one),
            "one_up": lambda: b.fcmp_unordered(">=", x, one),
            "not_negative": lambda: b.fcmp_unordered(">=", x, zero),
            "positive": lambda: b.fcmp_unordered(">", x, zero),
            "above_minus_one": lambda: b.fcmp_unordered(">", x, ir.Constant(F64, -1.0)),
        }.get(domain)
        if holds is not None:
            emitter.leave_unless(holds(), instr)
        if name == "sqrt":
            return b.call(self.intrinsic("llvm.sqrt.f64", F64, [F64]), a)
        if name == "fabs":
            return size
        if name == "copysign":
            return b.call(self.intrinsic("llvm.copysign.f64", F64, [F64, F64]), a)
        made = b.call(self.libm(name, len(a)), a)
        if domain in ("overflow", "pow", "fmod"):
            emitter.leave_unless(emitter.is_finite(made), instr)
        return made
