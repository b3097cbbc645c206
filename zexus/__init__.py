"""Zexus: an adaptive virtual machine for Python whose hot loops run as native code, with exactly CPython's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zexus.codes import SideExit, Unsupported

if TYPE_CHECKING:
    from zexus.config.profile import Profile as Profile
    from zexus.jit.explain import explain as explain
    from zexus.report.profiling import Profiled as Profiled
    from zexus.report.profiling import profile as profile
    from zexus.report.profiling import profiling as profiling
    from zexus.vm.vm import VM as VM

__version__ = "0.1.0"

__all__ = ["VM", "Profile", "Profiled", "SideExit", "Unsupported", "__version__", "explain", "jit", "profile",
           "profiling"]


def __getattr__(name: str) -> object:
    if name == "explain":
        from zexus.jit.explain import explain

        return explain
    if name in ("Profiled", "profile", "profiling"):
        from zexus.report import profiling

        return getattr(profiling, name)
    if name == "Profile":
        from zexus.config.profile import Profile

        return Profile
    if name == "VM":
        from zexus.vm.vm import VM

        return VM
    if name == "jit":
        import importlib

        return importlib.import_module("zexus.jit")
    raise AttributeError(f"module 'zexus' has no attribute {name!r}")
