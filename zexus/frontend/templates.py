"""Code objects of functions and modules with probes in their loops, whose hooks are put in later as constants."""

from __future__ import annotations

import ast
import functools
import operator
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from types import MappingProxyType
from typing import Any

from zexus.frontend import lambdas
from zexus.frontend.fragments import CONSTANTS, FIX, MARK
from zexus.frontend.given import filled
from zexus.frontend.loops import loop_sites
from zexus.frontend.probes import Plan, Rewriter, depth_of, planned
from zexus.frontend.scopes import FUNCTIONS, FunctionNode
from zexus.frontend.sites import LoopSite, Scope
from zexus.frontend.slots import Slot
from zexus.frontend.source import FunctionSource, ModuleSource
from zexus.frontend.unseen import Unseen
from zexus.records import dataclass


@dataclass(frozen=True, eq=False)
class Template:
    """A code object whose probes wait for their hooks.

    Attributes:
        raw: the code object, placeholders among its constants.
        probed: indices of the sites that have a probe.
        beside: those of them beside whose probed loops the user's own stand.
    """

    raw: types.CodeType
    probed: frozenset[int]
    beside: frozenset[int]
    _places: tuple[tuple[int, str, int], ...] = field(repr=False)
    _constants: tuple[Any, ...] = field(repr=False)

    def code(
        self,
        slots: Mapping[int, Slot],
        fix: Callable[..., object],
        nested: Mapping[types.CodeType, types.CodeType] | None = None,
    ) -> types.CodeType:
        """The code object with hooks in place.

        Args:
            slots: by index of the site; every probed site needs one.
            fix: called when an exception leaves a hook, or the loop of a comprehension.
            nested: code objects of nested functions to be exchanged, by identity of the template's own ones.
        """
        constants = list(self._constants)
        for position, what, site in self._places:
            constants[position] = fix if what == "FIX" else getattr(slots[site], what.lower())
        code = self.raw.replace(co_consts=tuple(constants))
        return substitute(code, nested) if nested else code


def _template(code: types.CodeType, part: int, probed: frozenset[int], sites: Sequence[LoopSite]) -> Template:
    places: list[tuple[int, str, int]] = []
    constants = list(code.co_consts)
    for position, constant in enumerate(code.co_consts):
        if not isinstance(constant, str) or not constant.startswith(MARK):
            continue
        words = constant[len(MARK):].split()
        if constant == FIX:
            places.append((position, "FIX", -1))
        elif len(words) == 1:
            constants[position] = CONSTANTS[words[0]]
        else:
            assert int(words[0]) == part
            places.append((position, words[1], int(words[2])))
    hooks = [site for _, what, site in places if what == "HOOK"]
    # A probe in code that can never run, which the compiler leaves out, is no probe; it may leave out a part only.
    probed = probed.intersection(hooks)
    for position, what, site in places:
        if site not in probed and what != "FIX":
            constants[position] = None
    places = [place for place in places if place[2] in probed or place[1] == "FIX"]
    limits = [site for _, what, site in places if what == "ASKED"]
    counted = {site.index for site in sites if site.index in probed and site.kind != "function"}
    assert len(hooks) == len(probed) and sorted(limits) == sorted(counted), "the compiler merged placeholders"
    lambdas.note(code, MARK)
    beside = frozenset(site for _, what, site in places if what == "ALIVE")
    return Template(code, probed, beside, tuple(places), tuple(constants))


def substitute(code: types.CodeType, changes: Mapping[types.CodeType, types.CodeType]) -> types.CodeType:
    """`code` with nested code objects exchanged, at any depth; `code` itself when none is found.

    Args:
        code: where to look.
        changes: new code objects by old one. Only the very same object counts, not an equal one.
    """
    return _substituted(code, {id(old): new for old, new in changes.items()})


def _substituted(code: types.CodeType, changes: Mapping[int, types.CodeType]) -> types.CodeType:
    constants = tuple(
        changes.get(id(constant)) or _substituted(constant, changes)
        if isinstance(constant, types.CodeType)
        else constant
        for constant in code.co_consts
    )
    return code.replace(co_consts=constants) if any(map(operator.is_not, constants, code.co_consts)) else code


def instrument(source: FunctionSource, sites: Sequence[LoopSite], probed: frozenset[int]) -> Template:
    """Rewrite one function with probes at some of its sites; functions nested in it stay as they are.

    Args:
        source: the function.
        sites: all its sites.
        probed: indices of those that get a probe. Refused ones, and loops nested deeper than the compiler
            allows with probes, go without; `Template.probed` tells.
    """
    wanted = frozenset(site.index for site in sites if site.index in probed and site.refusal is None)
    while True:
        rewriter = Rewriter({source.node: planned(source.scope.node, sites, wanted, 0)})
        try:
            code = source.compile(rewriter.function(source.node))
        except SyntaxError:
            if not wanted:
                raise
            wanted = _shallower(sites, wanted)
            continue
        return _template(code, 0, wanted, sites)


def _shallower(sites: Sequence[LoopSite], probed: frozenset[int]) -> frozenset[int]:
    """`probed` without its most deeply nested sites: CPython limits how deep blocks nest."""

    deepest = max((depth_of(sites, index) for index in probed), default=0)
    return frozenset(index for index in probed if depth_of(sites, index) < deepest)


# Modules.


@dataclass(frozen=True, eq=False)
class Part:
    """One function of a module, or the module itself, with its probes.

    Attributes:
        index: its position in `ModuleTemplate.parts`.
        source: what it was compiled from.
        sites: its loops.
        template: its code object; nested functions' placeholders are not filled in it.
        parent: index of the enclosing part.
    """

    index: int
    source: FunctionSource | ModuleSource
    sites: tuple[LoopSite, ...]
    template: Template
    parent: int | None


@dataclass(frozen=True, eq=False)
class ModuleTemplate:
    """A module whose top-level loops and whose functions' loops are probed.

    Attributes:
        source: the module.
        parts: the module itself, then every function that has sites or encloses one that has, in source order.
    """

    source: ModuleSource
    parts: tuple[Part, ...]

    def codes(
        self, slots: Mapping[int, Mapping[int, Slot]], fix: Callable[..., object]
    ) -> tuple[types.CodeType, ...]:
        """The code object of every part, each holding those nested in it; the first one is the module's.

        Args:
            slots: by part, then by site.
            fix: called when an exception leaves a hook, or the loop of a comprehension.
        """
        made: dict[int, types.CodeType] = {}
        for part in reversed(self.parts):
            made[part.index] = self._made(part, made, slots.get(part.index, {}), fix)
        return tuple(made[part.index] for part in self.parts)

    def recoded(
        self,
        codes: Sequence[types.CodeType],
        index: int,
        slots: Mapping[int, Mapping[int, Slot]],
        fix: Callable[..., object],
    ) -> tuple[types.CodeType, ...]:
        """`codes` with new code objects for one part and those that enclose it; all others stay the same objects."""
        made = dict(enumerate(codes))
        position: int | None = index
        while position is not None:
            part = self.parts[position]
            made[position] = self._made(part, made, slots.get(position, {}), fix)
            position = part.parent
        return tuple(made[part.index] for part in self.parts)

    def reprobed(self, index: int, probed: frozenset[int]) -> ModuleTemplate:
        """The same module with other probes in one part. Parts keep their indices."""
        chosen = {part.index: part.template.probed for part in self.parts}
        return instrument_module(self.source, {**chosen, index: probed})

    @functools.cached_property
    def _children(self) -> Mapping[int | None, list[Part]]:
        children: dict[int | None, list[Part]] = {}
        for part in self.parts:
            children.setdefault(part.parent, []).append(part)
        return children

    def _made(
        self, part: Part, made: Mapping[int, types.CodeType], slots: Mapping[int, Slot], fix: Callable[..., object]
    ) -> types.CodeType:
        nested = {id(child.template.raw): made[child.index] for child in self._children.get(part.index, ())}
        return _substituted(part.template.code(slots, fix), nested)


def instrument_module(
    source: ModuleSource, probed: Mapping[int, frozenset[int]] | None = None, sites_of: SitesOf = loop_sites,
    left_out: Mapping[ast.AST, Unseen] = MappingProxyType({}),
) -> ModuleTemplate:
    """Rewrite a whole module.

    Args:
        source: the module.
        probed: by part the sites that get a probe; every site that is not refused where a part is not named.
        sites_of: finds the sites of a scope.
        left_out: functions that go without probes.
    """
    found = list(_parts(source, sites_of(source.scope), sites_of, source.functions_but(left_out)))
    return ModuleTemplate(source, _instrumented(source, found, probed, left_out))


def instrument_nested(
    source: FunctionSource, sites: tuple[LoopSite, ...], sites_of: SitesOf = loop_sites
) -> tuple[Part, ...]:
    """Rewrite a function that has these sites together with those in it that have sites or enclose some that have.

    Returns:
        the function itself and those in it; nothing if there are none.
    """
    found = list(_parts(source, sites, sites_of, source.functions))
    return _instrumented(source, found, None) if len(found) > 1 else ()


SitesOf = Callable[[Scope], tuple[LoopSite, ...]]
_Found = tuple[FunctionSource | ModuleSource, tuple[LoopSite, ...], int | None]


def _instrumented(
    source: FunctionSource | ModuleSource, found: Sequence[_Found], probed: Mapping[int, frozenset[int]] | None,
    left_out: Mapping[ast.AST, Unseen] = MappingProxyType({}),
) -> tuple[Part, ...]:
    chosen: list[frozenset[int]] = []
    for index, (_, sites, _) in enumerate(found):
        allowed = frozenset(site.index for site in sites if site.refusal is None)
        chosen.append(allowed if probed is None else allowed & probed.get(index, allowed))
    while True:
        plans: dict[ast.AST, Plan] = {
            _node(part): planned(part.scope.node, sites, chosen[index], index)
            for index, (part, sites, _) in enumerate(found)
            if chosen[index]
        }
        try:
            code = _compiled(source, Rewriter(plans, left_out).function(_node(source)))
            break
        except SyntaxError:
            if not any(chosen):
                raise
            chosen = [_shallower(sites, own) for (_, sites, _), own in zip(found, chosen, strict=True)]
    codes = {(nested.co_qualname, nested.co_firstlineno): nested for nested in _nested(code)}
    parts: list[Part] = []
    for index, (part, sites, parent) in enumerate(found):
        if parent is None or isinstance(part, ModuleSource):
            template = _template(code, index, chosen[index], sites)
        elif (own := codes.get((part.scope.qualname, part.first_line))) is not None:
            template = _template(own, index, chosen[index], sites)
        else:
            # Code that can never run, which the compiler left out.
            template = instrument(part, sites, chosen[index])
        parts.append(Part(index, part, sites, template, parent))
    return tuple(parts)


def _compiled(source: FunctionSource | ModuleSource, node: Any) -> types.CodeType:
    if isinstance(source, FunctionSource):
        return source.compile(node)
    code = filled(compile(node, source.filename, "exec", dont_inherit=True))
    return code if source.name == "<module>" else code.replace(co_name=source.name, co_qualname=source.name)


def _node(source: FunctionSource | ModuleSource) -> FunctionNode | ast.Module:
    return source.tree if isinstance(source, ModuleSource) else source.node


def _parts(source: FunctionSource | ModuleSource, own: tuple[LoopSite, ...], sites_of: SitesOf,
           functions: Sequence[FunctionSource]) -> Iterator[_Found]:
    """A module or function and the functions in it worth a part, with their sites and the part around them."""
    sites = {function.node: sites_of(function.scope) for function in functions}
    wanted = {node for node, found in sites.items() if found}
    for function in functions:
        if function.node in wanted:
            wanted.update(around for around in function.enclosing if isinstance(around, FUNCTIONS))
    yield source, own, None
    numbers: dict[ast.AST, int] = {_node(source): 0}
    for function in functions:
        if function.node not in wanted:
            continue
        around = [numbers[node] for node in function.enclosing if node in numbers]
        numbers[function.node] = len(numbers)
        yield function, sites[function.node], around[-1] if around else 0


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _nested(constant)
