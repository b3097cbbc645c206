"""The tracing tier's public face: `compile`, and `stance`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zexus.jit.stances import stance

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, overload

    F = TypeVar("F")

    # Declared for type checkers only: `typing.overload` would keep this module, and all it leads to, alive for good.
    @overload
    def compile(fn: F, *, strict: bool = ..., profile: object = ..., **settings: Any) -> F: ...
    @overload
    def compile(
        fn: None = ..., *, strict: bool = ..., profile: object = ..., **settings: Any
    ) -> Callable[[F], F]: ...
    def compile(fn: Any = ..., *, strict: bool = ..., profile: object = ..., **settings: Any) -> Any: ...

else:
    from zexus.jit.compile import compile

__all__ = ["compile", "stance"]
