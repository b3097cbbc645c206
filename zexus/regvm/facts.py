"""Facts about generic SSA: constants, exact types, effects, and the edges that control can take.

Wegman and Zadeck, Constant Propagation with Conditional Branches (1991), on a lattice that has sets of exact types
between the constants and "anything".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr, Phi, Value
from zexus.regvm.kinds import (
    ANYTHING,
    NOTHING,
    OBJECT,
    Constant,
    Effects,
    Fact,
    Kinds,
    Unbound,
    behaviour,
    constant,
    folded,
)

UNKNOWN = Fact(ANYTHING)
MANY = 6


class Facts:
    """What is known about a function of form "ssa".

    Attributes:
        reached: the blocks that control can come to.
        edges: the edges that it can take, exceptional ones too.
        makers: what defines each value.
    """

    def __init__(self, fn: Function) -> None:
        self.fn = fn
        self.reached: set[Block] = set()
        self.edges: set[tuple[Block, Block]] = set()
        self.makers: dict[Value, Instr | Phi] = {}
        self._known: dict[Value, Fact] = {}
        self._pool = [_constant_fact(constant(value)) for value in fn.consts]
        self._solve()

    def of(self, value: Value) -> Fact:
        """What is known of a value."""
        return self._known.get(value, UNKNOWN)

    def kinds(self, value: Value) -> Kinds:
        """What a value's exact type can be."""
        return self.of(value).kinds

    def constant(self, value: Value) -> Constant | None:
        """The constant that a value is, if it is known."""
        return self.of(value).constant

    def effects(self, instr: Instr) -> Effects:
        """What an instruction may do."""
        return NOTHING if instr.op == "CONST" else behaviour(instr, [self.of(a) for a in instr.args])[1]

    # --- solving ---------------------------------------------------------------------------------------

    def _solve(self) -> None:
        fn = self.fn
        users: dict[Value, list[tuple[Block, Instr | Phi]]] = {}
        for block in fn.blocks:
            places: list[Instr | Phi] = [*block.phis, *block.instrs]
            for place in places:
                read: Iterable[Value] = place.incoming.values() if isinstance(place, Phi) else place.args
                for value in set(read):
                    users.setdefault(value, []).append((block, place))
                if place.dest is not None:
                    self.makers[place.dest] = place
        for param in fn.params:
            self._known[param] = UNKNOWN
        self._changed: list[Value] = []
        self._ways: list[tuple[Block, Block]] = []
        self._raised: set[Block] = set()
        self._places = {block: place for place, block in enumerate(cfg.reverse_postorder(fn))}
        self._enter(fn.entry)
        while self._ways or self._changed:
            while self._ways:
                source, target = self._ways.pop()
                if (source, target) in self.edges:
                    continue
                self.edges.add((source, target))
                if target not in self.reached:
                    self._enter(target)
                    continue
                for phi in target.phis:
                    self._phi(target, phi)
            while self._changed:
                for block, place in users.get(self._changed.pop(), ()):
                    if block not in self.reached:
                        continue
                    if isinstance(place, Phi):
                        self._phi(block, place)
                    else:
                        self._visit(block, place)

    def _returns(self, block: Block, instr: Instr) -> bool:
        """Whether a jump goes backwards: that is where signals, and with them their exceptions, come in."""
        return any(self._places[target] <= self._places[block] for target in instr.targets)

    def _raise(self, handler: Block) -> None:
        """A handler stands for all that it covers, or for nothing: pieces of it would have no structure."""
        if handler not in self._raised:
            self._raised.add(handler)
            self._ways.extend((b, handler) for b in self.fn.blocks if b.catches is handler and b in self.reached)

    def _enter(self, block: Block) -> None:
        self.reached.add(block)
        if block.catches is not None and block.catches in self._raised:
            self._ways.append((block, block.catches))
        for phi in block.phis:
            self._phi(block, phi)
        for instr in block.instrs:
            self._visit(block, instr)

    def _phi(self, block: Block, phi: Phi) -> None:
        made: Fact | None = None
        for source, value in phi.incoming.items():
            known = self._known.get(value) if (source, block) in self.edges else None
            if known is not None:
                made = known if made is None else join(made, known)
        if made is not None:
            self._learn(phi.dest, made)

    def _learn(self, value: Value, fact: Fact) -> None:
        before = self._known.get(value)
        if before is not None:
            fact = join(before, fact)
        if fact is not before and fact != before:
            self._known[value] = fact
            self._changed.append(value)

    def _visit(self, block: Block, instr: Instr) -> None:
        if instr.op == "CONST":
            assert instr.dest is not None
            self._learn(instr.dest, self._pool[instr.imm])
            return
        try:
            operands = [self._known[a] for a in instr.args]
        except KeyError:
            return  # an operand that only an edge not taken so far can bring
        kinds, effects = behaviour(instr, operands)
        if instr.dest is not None:
            known = self._fold(instr, operands)
            self._learn(instr.dest, Fact(_few(kinds)) if known is None else _constant_fact(known))
        if block.catches is not None and (effects.raises or self._returns(block, instr)):
            self._raise(block.catches)
        if instr.targets:
            self._ways.extend((block, target) for target in self._taken(instr, operands))

    def _fold(self, instr: Instr, operands: list[Fact]) -> Constant | None:
        if instr.op in ("IS", "IS_NOT"):
            same = _identical(instr.args, operands)
            return None if same is None else constant(same == (instr.op == "IS"))
        values = []
        for operand in operands:
            if operand.constant is None:
                return None
            values.append(operand.constant.value)
        if not values:
            return None
        if instr.op == "CHECK_BOUND":
            return operands[0].constant
        return folded(instr.op, values)

    def _taken(self, instr: Instr, operands: list[Fact]) -> Iterator[Block]:
        if instr.op == "BRANCH" and operands[0].constant is not None:
            test = folded("TRUTH", [operands[0].constant.value])
            if test is not None:
                yield instr.targets[0 if test.value else 1]
                return
        yield from instr.targets


def _constant_fact(known: Constant) -> Fact:
    return Fact(frozenset((type(known.value),)), known)


def _identical(args: list[Value], operands: list[Fact]) -> bool | None:
    """Whether two values are the same object, where that is certain."""
    a, b = operands
    if args[0] is args[1]:
        return True
    if object not in a.kinds and object not in b.kinds and not a.kinds & b.kinds:
        return False
    if a.constant is not None and b.constant is not None and type(a.constant.value) in (bool, type(None)):
        return a.constant == b.constant
    return None


def _few(kinds: Kinds) -> Kinds:
    """Sets of kinds stay small; beyond that, a value is anything."""
    if object in kinds:
        return ANYTHING if Unbound in kinds else OBJECT
    return kinds if len(kinds) <= MANY else ANYTHING


def join(a: Fact, b: Fact) -> Fact:
    """What is known of a value that is one of two."""
    if a is b or a == b:
        return a
    return Fact(_few(a.kinds | b.kinds), a.constant if a.constant == b.constant else None)


class Pool:
    """The constants of a function, for a pass that names some of them."""

    def __init__(self, fn: Function) -> None:
        self.consts = fn.consts
        self._places: dict[Constant, int] = {}
        self._seen = 0

    def index(self, wanted: Constant) -> int:
        """Where a constant stands; it is added if it is new."""
        for place in range(self._seen, len(self.consts)):
            self._places.setdefault(constant(self.consts[place]), place)
        found = self._places.setdefault(wanted, len(self.consts))
        if found == len(self.consts):
            self.consts.append(wanted.value)
        self._seen = len(self.consts)
        return found
