"""`zexus.jit.compile`: a plain function in, a new plain function out whose hot loops run as native code."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zexus.codes import Unsupported
from zexus.jit import stances
from zexus.jit.explain import register, reporter_of
from zexus.settings import JitSettings, disabled, from_environment, of_profile, updated

if TYPE_CHECKING:
    from zexus.jit.hosts import FunctionHost


def compile(fn: Any = None, *, strict: bool = False, profile: object = None, **settings: Any) -> Any:
    """Make `fn` adaptive: its hot loops run as native code, and its answers stay exactly CPython's.

    Works as a call, as `@compile` and as `@compile(threshold=100)`. The original function stays untouched.

    Args:
        fn: a function, method, staticmethod or classmethod. Anything else comes back as it is.
        strict: raise when a loop of the function can never run as native code.
        profile: settings to start from: the name of a profile, the path of one, a `zexus.Profile`, or
            `zexus.settings.JitSettings`, which the environment does not change. None is the environment's.
        settings: fields of `zexus.settings.JitSettings` that differ from it.

    Returns:
        a new function with the same signature, name, defaults, closure and attributes; `__wrapped__` is `fn`.
        `fn` itself where there is nothing to compile; `zexus.explain(fn)` says why.

    Raises:
        SettingsError: an unknown setting, or a value of the wrong kind.
        Unsupported: only with `strict`.
    """
    if fn is None:
        chosen = _settings(strict, profile, settings)
        return lambda fn: _compiled(fn, chosen)
    return _compiled(fn, _settings(strict, profile, settings))


def _settings(strict: bool, profile: object, changes: Mapping[str, Any]) -> JitSettings:
    if strict:
        changes = {**changes, "strict": True}
    return updated(from_environment() if profile is None else of_profile(profile), changes)


def _compiled(fn: Any, settings: JitSettings) -> Any:
    if disabled() or not settings.enabled:
        return fn
    if type(fn) is types.MethodType:
        function = _compiled(fn.__func__, settings)
        return fn if function is fn.__func__ else types.MethodType(function, fn.__self__)
    if type(fn) in (staticmethod, classmethod):
        function = _compiled(fn.__func__, settings)
        return fn if function is fn.__func__ else _rewrapped(fn, function)
    if type(fn) is not types.FunctionType:
        if settings.strict:
            raise Unsupported("ZX011", detail=f"it is of type {type(fn).__qualname__}")
        return fn
    return _function(fn, settings)


def _is_strict(settings: JitSettings) -> bool:
    """Whether a function with a loop that can never go native is an error."""
    return settings.strict or stances.of(settings) == "force_native"


def _rewrapped(descriptor: Any, function: types.FunctionType) -> Any:
    new = type(descriptor)(function)
    new.__dict__.update({name: value for name, value in vars(descriptor).items() if name not in vars(new)})
    return new


def _function(fn: types.FunctionType, settings: JitSettings) -> types.FunctionType:
    function = _copy(fn)
    try:
        host = _host(fn, settings)
    except Unsupported as refusal:
        if _is_strict(settings):
            raise
        register(function, f"{refusal.code} {refusal.reason} Hint: {refusal.hint}")
        return function
    host.attach(function)
    register(function, host)
    return function


def _host(fn: types.FunctionType, settings: JitSettings) -> FunctionHost:
    """The host of a function that is a copy of `fn`, whose own code may have been rewritten before."""
    from zexus.frontend import unseen
    from zexus.frontend.source import find
    from zexus.jit import verdicts
    from zexus.jit.family import PartHost
    from zexus.jit.host import quiet, tracer
    from zexus.jit.hosts import FunctionHost

    active = tracer()
    if active is not None:
        raise Unsupported("ZX005", detail=active)
    former = reporter_of(fn)
    if isinstance(former, FunctionHost):
        source, original = former.source, former.original
    elif isinstance(former, PartHost):
        source, original = former.function_source, former.original
    else:
        with quiet():
            source, original = unseen.source_of(fn.__code__) or find(fn), fn.__code__
    sites = verdicts.sites_of(source.scope, settings)
    if _is_strict(settings):
        for site in sites:
            if site.refusal is not None:
                raise site.refusal
    return FunctionHost(source, sites, original, fn.__globals__, settings)


def _copy(fn: types.FunctionType) -> types.FunctionType:
    new = types.FunctionType(fn.__code__, fn.__globals__, fn.__name__, fn.__defaults__, fn.__closure__)
    new.__kwdefaults__ = fn.__kwdefaults__ if fn.__kwdefaults__ is None else dict(fn.__kwdefaults__)
    new.__annotations__ = dict(fn.__annotations__)
    new.__doc__, new.__module__, new.__qualname__ = fn.__doc__, fn.__module__, fn.__qualname__
    if sys.version_info >= (3, 12):
        new.__type_params__ = fn.__type_params__
    new.__dict__.update(fn.__dict__)
    new.__dict__["__wrapped__"] = fn
    new.__dict__["__numba__"] = "__wrapped__"  # Numba's name for where it finds what it is to compile
    return new
