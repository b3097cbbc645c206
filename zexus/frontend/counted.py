"""Sources of functions and modules that count themselves: the same as their own, but for the counters in them."""

from __future__ import annotations

import ast
import types
from dataclasses import replace

from zexus.frontend.counting import Timing, counted
from zexus.frontend.given import filled
from zexus.frontend.scopes import assigned, body_of, module_scope
from zexus.frontend.source import FunctionSource, ModuleSource, entries
from zexus.frontend.tallies import Tally
from zexus.frontend.unfold import unfold


def counted_function(source: FunctionSource, timing: Timing | None = None) -> tuple[FunctionSource, list[Tally]]:
    """A function that counts itself, with the definitions in it, and what it counts."""
    node, tallies = counted(source.node, source.filename, source.scope.qualname, timing)
    if isinstance(node, ast.Lambda):
        return source, tallies
    unfolded = unfold(node, source.scope.owner)
    hidden = {name for name in assigned(body_of(unfolded), source.scope.owner) if name.startswith(".")}
    scope = replace(source.scope, node=unfolded, locals=source.scope.locals | hidden, counted=True,
                    timed=timing is not None)
    return replace(source, node=node, scope=scope), tallies


def counted_module(source: ModuleSource, timing: Timing | None = None) -> tuple[ModuleSource, list[Tally]]:
    """A module that counts itself, and what it counts."""
    tree, tallies = counted(source.tree, source.filename, source.name, timing)
    scope = replace(module_scope(tree, source.filename, source.name), counted=True, timed=timing is not None)
    return replace(source, tree=tree, scope=scope, entries=entries(tree)), tallies


def compiled_module(source: ModuleSource) -> types.CodeType:
    """The code of a module without probes."""
    return filled(compile(source.tree, source.filename, "exec", dont_inherit=True))
