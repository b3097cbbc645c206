"""The tracing tier's public face: `compile`."""

from __future__ import annotations

from zexus.jit.compile import compile

__all__ = ["compile"]
