"""Splitting: where objects of several classes were seen, each class gets code of its own (polymorphic inlining).

Compare the polymorphic inline caches of Hölzle, Chambers and Ungar, Optimizing Dynamically-Typed Object-Oriented
Languages With Polymorphic Inline Caches (1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import FunctionType
from typing import Any

from zexus import shapes
from zexus.jit.hooks import Hook
from zexus.jit.recorder import MANY, Bound, Local, function_of
from zexus.jit.specialize.state import UNKNOWN, State
from zexus.records import dataclass
from zexus.regvm.ir import Block, Function, Instr, Phi, Value, Variant
from zexus.regvm.machine import CALLS, HOOKED, called_with

_OWNING = frozenset(("GETATTR", "SETATTR", "GETITEM", "SETITEM"))


@dataclass(frozen=True)
class Case:
    """One of the cases at a place.

    Attributes:
        kind: the class of the object, None for any other; of a call what was noted of its callee.
        owner, callee: which of the owners and of the callees that were seen there it has, -1 for none.
    """

    kind: Any
    owner: int
    callee: int


class Splitting(State):
    """The general form before calls are taken in."""

    def divided(self, fn: Function, blocks: Sequence[Block]) -> list[Block]:
        """Blocks, and what became of those that had places with several classes."""
        work, found = list(reversed(blocks)), []
        tried: set[Instr] = set()
        while work:
            block = work.pop()
            place = next((i for i in block.instrs if not _is_decided(i) and i not in tried and self.cases(i)), None)
            if place is None or not self.has_room(fn):
                found.append(block)
                continue
            tried.add(place)
            work.extend(reversed(self.split(fn, block, place)))
        return found

    def cases(self, instr: Instr) -> list[Case]:
        """What was seen at a place where several classes were; nothing where it was one, or too many."""
        if instr.context is None or instr.op not in HOOKED | _OWNING | CALLS:
            return []
        key = (instr.context.path, instr.index)
        owners, called = self.profile.owners.get(key, []), self.profile.callees.get(key, [])
        if instr.op in CALLS:
            return self.callees(called)
        if instr.op in _OWNING:
            hooked = {hook.kinds[0]: number for number, hook in enumerate(called) if isinstance(hook, Hook)}
            found = [Case(kind, number, hooked.get(kind, -1)) for number, kind in enumerate(owners)]
        else:
            found = [Case(hook.kinds[0] if isinstance(hook, Hook) else None, -1, number)
                     for number, hook in enumerate(called)]
            found.sort(key=lambda case: case.kind is None)
        return found if _apart(found) and 1 < len(found) <= MANY else []

    def callees(self, called: Sequence[Any]) -> list[Case]:
        """The same of a call: several functions, methods or objects that a variable held."""
        if all(isinstance(noted, Hook) and noted.name == "__call__" for noted in called):
            objects = [Case(hook.kinds[0], -1, number) for number, hook in enumerate(called)]
            return objects if _apart(objects) and 1 < len(objects) <= MANY else []
        found = [Case(noted, -1, number) for number, noted in enumerate(called)]
        codes = {function_of(noted).__code__ for noted in called if type(function_of(noted)) is FunctionType}
        alike = all(isinstance(noted, Bound) for noted in called) \
            or all(isinstance(noted, Local | FunctionType) for noted in called)
        return found if alike and len(codes) == len(found) and 1 < len(found) <= MANY else []

    def split(self, fn: Function, block: Block, first: Instr) -> list[Block]:
        """Give each case of a place code of its own, up to the call of a method that is taken there."""
        cases = self.cases(first)
        last = self.last(fn, block, first) if first.op == "GETATTR" else first
        at, end = block.instrs.index(first), block.instrs.index(last)
        body, tail = block.instrs[at:end + 1], Block(fn.next_block)
        tail.instrs = block.instrs[end + 1:]
        fn.next_block += 1
        block.instrs = block.instrs[:at]
        ways = [self.copy(fn, body, case, number, tail) for number, case in enumerate(cases)]
        tests = self.tests(fn, block, first, [case.kind for case in cases], [way for way, _ in ways])
        made = [*tests, *(way for way, _ in ways), tail]
        self.cover(block, made)
        for successor in tail.successors:
            for phi in successor.phis:
                if block in phi.incoming:
                    phi.incoming[tail] = phi.incoming.pop(block)
        fn.blocks[fn.blocks.index(block) + 1:fn.blocks.index(block) + 1] = made
        inside = {instr.dest for instr in body if instr.dest is not None}
        for value in [v for v in inside if v in _needed(fn, {way for way, _ in ways})]:
            phi = Phi(value)
            phi.incoming = {way: names[value] for way, names in ways}
            tail.phis.append(phi)
        self.runs.update((made_block, UNKNOWN) for made_block in made)
        self.runs[tail] = self.runs.get(block, UNKNOWN)
        return [block, *made]

    def cover(self, block: Block, others: list[Block]) -> None:
        """Let the exceptions of further blocks, where they have no handler, go to that of a block."""
        if block.catches is None:
            return
        for other in others:
            if other.catches is None:
                other.catches = block.catches
                for phi in block.catches.phis:
                    phi.incoming[other] = phi.incoming[block]

    def has_room(self, fn: Function) -> bool:
        """Whether a function may become larger still."""
        return sum(len(b.instrs) for b in fn.blocks) <= self.settings.inline_size

    def last(self, fn: Function, block: Block, taken: Instr) -> Instr:
        """The call of a method, where nothing else is done with it; else the instruction that takes it."""
        users = [i for other in fn.blocks for i in other.instrs if taken.dest in i.args]
        if len(users) != 1 or users[0] not in block.instrs:
            return taken
        (call,) = users
        return call if call.op in CALLS and call.args[0] is taken.dest and taken.dest not in call.args[1:] else taken

    def copy(self, fn: Function, body: Sequence[Instr], case: Case, number: int,
             tail: Block) -> tuple[Block, dict[Value, Value]]:
        """The code of one case, and what its values are called there."""
        block, names = Block(fn.next_block), dict[Value, Value]()
        fn.next_block += 1
        for instr in body:
            made = Instr(instr.op, [names.get(a, a) for a in instr.args], None, instr.imm, index=instr.index,
                         context=instr.context)
            made.env = _renamed(instr.env, names)
            made.facts = instr.facts
            # What stands between the two is copied as well, and may be calls that are taken in.
            before = instr.variant or Variant(None, None, 0)
            made.variant = replace(before, copy=before.copy * (MANY + 1) + number + 1)
            if instr.dest is not None:
                made.dest = names[instr.dest] = fn.value()
            block.instrs.append(made)
        block.instrs[0].variant = Variant(case.owner, case.callee, self.copy_of(block.instrs[0]))
        if len(body) > 1:
            method = self.method_number(body[-1], case.kind, body[0].imm)
            block.instrs[-1].variant = Variant(method, method, self.copy_of(block.instrs[-1]))
        first = tail.instrs[0]
        jump = Instr("JUMP", [], targets=[tail], index=first.index, context=first.context)
        jump.env = _renamed(first.env, names)
        block.instrs.append(jump)
        return block, names

    def method_number(self, call: Instr, kind: Any, name: str) -> int:
        """Which of the callees of a call the method of a class is, -1 for none."""
        assert call.context is not None
        found = shapes.lookup(kind, name) if kind is not None else None
        if type(found) is not FunctionType:
            return -1
        called = self.profile.callees.get((call.context.path, call.index), [])
        return next((n for n, one in enumerate(called) if isinstance(one, Bound) and one.function is found), -1)

    def tests(self, fn: Function, block: Block, first: Instr, kinds: Sequence[Any],
              ways: Sequence[Block]) -> list[Block]:
        """Let a block go to the way of the class that an object has, or of a callee; to the last one without a look."""
        op = "IS_CLASS" if first.op not in CALLS or all(isinstance(kind, type) for kind in kinds) else "IS_CALLEE"
        asked = called_with(first)[:1]
        tests = []
        for kind, way, rest in zip(kinds, ways, ways[1:], strict=False):
            following = rest if rest is ways[-1] else Block(fn.next_block)
            if following is not rest:
                fn.next_block += 1
                tests.append(following)
            same, index, context = fn.value(), first.index, first.context
            block.instrs += [Instr(op, list(asked), same, kind, index=index, context=context),
                             Instr("BRANCH", [same], targets=[way, following], index=index, context=context)]
            for instr in block.instrs[-2:]:
                instr.env = first.env
            block = following
        return tests


def _apart(cases: Sequence[Case]) -> bool:
    """Whether each case has a class of its own."""
    return len({case.kind for case in cases}) == len(cases)


def _is_decided(instr: Instr) -> bool:
    """Whether an instruction is for one of the cases at its place."""
    return instr.variant is not None and instr.variant.seen is not None


def _renamed(env: dict[int, Value] | None, names: dict[Value, Value]) -> dict[int, Value] | None:
    return None if env is None else {register: names.get(value, value) for register, value in env.items()}


def _needed(fn: Function, inside: set[Block]) -> set[Value]:
    """The values that are used outside of some blocks."""
    found: set[Value] = set()
    for block in fn.blocks:
        for phi in block.phis:
            found.update(value for source, value in phi.incoming.items() if source not in inside)
        if block not in inside:
            for instr in block.instrs:
                found.update(instr.args)
                found.update((instr.env or {}).values())
    return found
