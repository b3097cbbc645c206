"""Scalar replacement: an object that nobody but the function sees is its attributes; exits make it (sinking).

Compare the allocation removal of Bolz et al., Allocation Removal by Partial Evaluation in a Tracing JIT (2011), and the
allocation sinking of Pall's LuaJIT. An object has to be made in one place, be set up once on every way to where its
attributes are read, and go nowhere else: into no phi, no other object, no call.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from zexus import types
from zexus.regvm import cfg
from zexus.regvm.ir import Block, Exit, Function, Instr, Value

# How an attribute's value is read, by the payload in which it was written, and what makes an object of it.
_READS = {"f64": "UNBOX_FLOAT", "i64": "UNBOX_INT", "i1": "UNBOX_BOOL"}
_BOXES = {"f64": "BOX_FLOAT", "i64": "BOX_INT", "i1": "BOX_BOOL"}
_LETTERS = {"f64": "f", "i64": "i", "i1": "b", "ptr": "p"}
_TYPES = {"f64": types.FLOAT, "i64": types.INT, "i1": types.BOOL, "ptr": types.OBJECT}
_PLACES = ("ATTR_PLACE", "SLOT_PLACE")
# Types of what an exit holds of an object: the object itself, and what was taken from it.
_TAKEN = (types.Method, types.Bound, types.Super)


def sink(fn: Function) -> bool:
    """Put the attributes of objects that are made here in their place, where nobody else sees these."""
    changed = False
    while [made for made in list(fn.instructions()) if made.op == "NEW_OBJECT" and _Sinking(fn, made).run()]:
        changed = True  # an object that only stood in one of them may stand alone now
    return changed


class _Sinking:
    """The attempt at one object.

    Args:
        fn: the typed function.
        made: the instruction that makes the object.
    """

    def __init__(self, fn: Function, made: Instr) -> None:
        assert made.dest is not None
        self.fn, self.made, self.value = fn, made, made.dest
        self.where: dict[Instr, tuple[Block, int]] = {}
        self.users: dict[Value, list[Instr]] = {}
        self.merged: set[Value] = set()
        for block in fn.blocks:
            self.merged.update(v for phi in block.phis for v in phi.incoming.values())
            for number, instr in enumerate(block.instrs):
                self.where[instr] = block, number
                for arg in instr.args:
                    self.users.setdefault(arg, []).append(instr)
        self.places: dict[Value, tuple[str, int]] = {}  # where attributes stand -> which they are
        self.given: dict[tuple[str, int], Instr] = {}  # what sets them, in the order of the code
        self.read: list[Instr] = []
        self.gone: set[Instr] = {made}
        self.told: dict[Instr, bool] = {}  # tests of its class, and what they answer

    @cached_property
    def idom(self) -> dict[Block, Block]:
        return cfg.dominators(self.fn)

    def run(self) -> bool:
        """Replace the object; False where somebody else may see it."""
        if self.value in self.merged or not all(map(self.allows, self.users.get(self.value, []))):
            return False
        if not all(self.allows_place(place) for place in self.places) or not all(map(self.is_set, self.read)):
            return False
        exits = self.exits()
        if exits is None:
            return False
        for way, known in exits:
            self.hand_over(way, known)
        self.replace_reads()
        for block in self.fn.blocks:
            block.instrs = [i for i in block.instrs if i not in self.gone]
        return True

    def precedes(self, a: Instr, b: Instr) -> bool:
        """Whether control comes to `b` only by way of `a`."""
        (block, place), (other, at) = self.where[a], self.where[b]
        return place < at if block is other else cfg.dominates(self.idom, block, other)

    def allows(self, user: Instr) -> bool:
        """Whether an instruction only sets the object up, reads it, or tests what is certain."""
        kind = self.made.imm[0]
        if user.op in _PLACES and user.dest is not None:
            which = ("slot", user.imm) if user.op == "SLOT_PLACE" else ("name", user.imm[1])
            self.places[user.dest] = which
            self.gone.add(user)
            return True
        if user.op == "ATTR_INIT":
            return user.args[0] is self.value and user.args[2] is not self.value
        if user.op == "IS_CLASS":
            self.told[user] = user.imm == kind
            return True
        if user.op == "GUARD_CLASS" and kind in user.imm:
            self.gone.add(user)
            return True
        if user.op == "GUARD_UNHIDDEN":
            self.gone.add(user)
            return ("name", user.imm[1]) not in {self.name(u) for u in self.users[self.value] if u.op == "ATTR_PLACE"}
        return False

    def name(self, place: Instr) -> tuple[str, int]:
        return "name", place.imm[1]

    def allows_place(self, place: Value) -> bool:
        """Whether an attribute is set once, and read otherwise."""
        if place in self.merged:
            return False
        for user in self.users.get(place, []):
            if user.op == "ATTR_INIT" and user.args[1] is place:
                if self.places[place] in self.given:
                    return False
                self.given[self.places[place]] = user
                self.gone.add(user)
            elif user.op in ("ATTR_ITEM", "ATTR_ELSE") and user.args[0] is place:
                self.read.append(user)
                self.gone.add(user)
            else:
                return False
        return True

    def is_set(self, read: Instr) -> bool:
        """Whether an attribute has its value wherever it is read, and that is read as what it is."""
        given = self.given.get(self.places[read.args[0]])
        if given is None or not self.precedes(given, read) or read.dest is None:
            return False
        held = given.args[2].type
        reading = {(user.op, user.imm) for user in self.users.get(read.dest, []) if user.op in _READS.values()}
        return held == "ptr" or not reading - {(_READS[held], None)}

    def exits(self) -> list[tuple[Exit, list[Instr]]] | None:
        """The exits that hand the object over, each with what has been set there; None where that is not certain."""
        found: dict[int, tuple[Exit, list[Instr]]] = {}
        for instr in self.where:
            way = instr.exit
            if way is None or instr in self.gone:
                continue
            if all(value is not self.value for value, _ in way.leaves):
                continue
            known = [given for given in self.given.values() if self.precedes(given, instr)]
            if not all(one in known or self.precedes(instr, one) for one in self.given.values()):
                return None
            places = [place for place, (value, _) in enumerate(way.leaves) if value is self.value]
            snapshots = [stored for frame in way.frames or () for stored in self.held(frame)]
            if not all(self.is_plain(stored, place) for stored in snapshots for place in places):
                return None
            if way.number in found and found[way.number][1] != known:
                return None
            found[way.number] = way, known
        return list(found.values())

    def held(self, frame: Any) -> list[Any]:
        """What an exit says of the registers of a frame, and of the result of its instruction."""
        return [*frame.registers.values(), *([frame.result] if hasattr(frame.result, "leaves") else [])]

    def is_plain(self, stored: Any, place: int) -> bool:
        """Whether something in a snapshot is not this object, or nothing but it, or was taken from it."""
        if place not in stored.leaves:
            return True
        kind = stored.type.owner if isinstance(stored.type, _TAKEN) else stored.type
        return bool(stored.leaves == (place,) and isinstance(kind, types.Object))

    def hand_over(self, way: Exit, known: list[Instr]) -> None:
        """Let an exit hand over what the object is made of."""
        names = {given: which for which, given in self.given.items()}
        kinds = tuple(_TYPES[given.args[2].type] for given in known)
        sunk = types.Sunk(self.value.number, self.made.imm[0], tuple(names[given] for given in known), kinds)
        first = len(way.leaves)
        leaves = [(given.args[2], _LETTERS[given.args[2].type]) for given in known]
        places = [place for place, (value, _) in enumerate(way.leaves) if value is self.value]
        way.leaves = [leaf if place not in places else (self.nothing(), "i") for place, leaf in enumerate(way.leaves)]
        way.leaves += leaves
        behind = tuple(range(first, first + len(leaves)))

        def changed(stored: Any) -> Any:
            if not any(place in stored.leaves for place in places):
                return stored
            taken = isinstance(stored.type, _TAKEN)
            return replace(stored, type=replace(stored.type, owner=sunk) if taken else sunk, leaves=behind)

        for frame in way.frames or ():
            frame.registers = {number: changed(stored) for number, stored in frame.registers.items()}
            if hasattr(frame.result, "leaves"):
                frame.result = changed(frame.result)

    def nothing(self) -> Value:
        """What stands where an exit had the object."""
        entry = self.fn.entry
        known = next((i.dest for i in entry.instrs if i.op == "K" and i.imm == 0 and type(i.imm) is int), None)
        if known is None or known.type != "i64":
            known = self.fn.value("i64")
            entry.instrs.insert(0, Instr("K", [], known, 0))
        return known

    def replace_reads(self) -> None:
        """Whoever read an attribute has its value."""
        swap: dict[Value, Value] = {}
        for read in self.read:
            value = self.given[self.places[read.args[0]]].args[2]
            assert read.dest is not None
            if value.type == "ptr":
                swap[read.dest] = value
                continue
            for user in self.users.get(read.dest, []):
                if user.op == _READS[value.type] and user.dest is not None:
                    swap[user.dest] = value
                    self.gone.add(user)
            block, _ = self.where[read]
            boxed = Instr(_BOXES[value.type], [value], read.dest, index=read.index, context=read.context)
            block.instrs[block.instrs.index(read)] = boxed
        for test, answer in self.told.items():
            test.op, test.args, test.imm = "K", [], answer
        self.fn.substitute(swap)
