"""Which lists of a typed function can have mirrors: unboxed copies of their items that stand for them in its loops."""

from __future__ import annotations

from dataclasses import field

from zexus.records import dataclass
from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr, Value

# The dtype of a mirror by the rows that read and write the items of its list.
DTYPES = {
    "UNBOX_INT": "int64", "UNBOX_FLOAT": "float64", "UNBOX_BOOL": "bool",
    "LIST_SET_INT": "int64", "LIST_SET_FLOAT": "float64", "LIST_SET_BOOL": "bool",
}
_SETS = frozenset(("LIST_SET_INT", "LIST_SET_FLOAT", "LIST_SET_BOOL"))
# Traits of rows behind which a list may be another one than its mirror, or that look where a mirror is not.
_FOREIGN = frozenset(("pools", "bypasses"))


@dataclass
class Mirror:
    """A list that can have a mirror.

    Attributes:
        list: the list, known before the first loop.
        dtype: of its items; "" as long as no item was met.
        nested: whether its items are the lists that hold these.
        written: whether items are written.
        rows: where `nested`, the lists found in it: for each the instruction that reads it.
    """

    list: Value
    dtype: str = ""
    nested: bool = False
    written: bool = False
    rows: dict[Value, Instr] = field(default_factory=dict)


@dataclass
class Mirrors:
    """The lists of a function.

    Attributes:
        found: those that can have mirrors.
        others: the other lists that are looked at: none of them may be one of the former.
    """

    found: list[Mirror]
    others: list[Value]


def study(fn: Function) -> Mirrors | None:
    """The lists that can have mirrors, or None where no list can.

    A mirror stands for its list from the end of the entry block to wherever the function is left. No instruction
    in between may change a list in another way than by overwriting numbers, nor run other code; and all lists that
    are looked at must be known before the first loop, or be items of one that is.
    """
    behind = [block for block in fn.blocks if block is not fn.entry]
    ended = {block for block in behind if block.terminator.op in ("LEAVE", "EXIT")}
    if not cfg.loops(fn) or any(_is_foreign(i) for b in behind if b not in ended for i in b.instrs):
        return None
    return _Study(fn, behind).run()


def _is_foreign(instr: Instr) -> bool:
    """Whether a list may be another one behind an instruction, or must be itself for it; time slices see to both."""
    facts = instr.row.facts
    return bool(facts.traits & _FOREIGN) or ("length" in facts.writes and instr.op not in ("POLL", "ERROR"))


def _is_read(user: Instr) -> bool:
    """Whether an instruction reads an item as what a mirror holds."""
    return user.op in DTYPES and (user.op != "UNBOX_INT" or user.imm is None)


class _Study:
    """The uses of one function's lists."""

    def __init__(self, fn: Function, behind: list[Block]) -> None:
        self.fn = fn
        self.behind = behind
        self.makers = {i.dest: i for i in fn.instructions() if i.dest is not None}
        self.early = {i.dest for i in fn.entry.instrs if i.dest is not None}
        self.users: dict[Value, list[Instr]] = {}
        for instr in fn.instructions():
            for value in instr.args:
                self.users.setdefault(value, []).append(instr)
        self.handed = {value for way in fn.exits for value, _ in way.leaves}
        self.handed |= {v for b in fn.blocks for phi in b.phis for v in phi.incoming.values()}

    def run(self) -> Mirrors | None:
        lists = self.lists()
        if lists is None:
            return None
        found: dict[Value, Mirror | None] = {}
        for pointer, root in lists.items():
            if root is pointer:
                found[root] = self.mirror(root)
        for pointer, root in lists.items():
            mirror = found.get(root)
            if root is not pointer and (mirror is None or pointer not in mirror.rows):
                return None  # an item of a list without a mirror may be any list
        made = [m for m in found.values() if m is not None and m.dtype]
        return Mirrors(made, [root for root, m in found.items() if m is None]) if made else None

    def lists(self) -> dict[Value, Value] | None:
        """The lists whose length or items are looked at, each with the list known early that it is or stands in."""
        found: dict[Value, Value] = {}
        for block in self.behind:
            for instr in block.instrs:
                if instr.op == "LIST_LEN" or instr.op == "LIST_SLOTS":
                    pointer = instr.args[0]
                elif instr.op == "LIST_ITEM" or instr.op in _SETS:
                    pointer = self.owner(instr)
                else:
                    continue
                root = self.home(pointer)
                if root is None:
                    return None
                found[pointer] = root
                found.setdefault(root, root)
        return found

    def owner(self, instr: Instr) -> Value:
        """The list of whose slots an instruction reads or writes one."""
        return self.makers[instr.args[0]].args[0]

    def home(self, pointer: Value) -> Value | None:
        """The list, known early, that a list is or is an item of."""
        maker = self.makers.get(pointer)
        if maker is not None and maker.op == "LIST_ITEM":
            pointer = self.owner(maker)
        return pointer if pointer in self.early and not self.is_told_later(pointer) else None

    def is_told_later(self, pointer: Value) -> bool:
        """Whether an object that the entry knows turns out to be a list behind the entry only."""
        guards = [user for user in self.users.get(pointer, []) if user.op == "GUARD_LIST"]
        return bool(guards) and all(guard not in self.fn.entry.instrs for guard in guards)

    def mirror(self, root: Value) -> Mirror | None:
        """The mirror that a list can have; None where its items, or what is done with them, do not allow one."""
        made = Mirror(root)
        kinds: set[str] = set()
        for instr in self.touches(root):
            if instr.op in _SETS:
                kinds.add(DTYPES[instr.op])
                made.written = True
                continue
            assert instr.dest is not None
            users = self.users.get(instr.dest, [])
            if any(user.op == "GUARD_LIST" for user in users):
                made.rows[instr.dest] = instr
            elif instr.dest in self.handed | self.early or any(not _is_read(user) for user in users):
                return None
            else:
                kinds.update(DTYPES[user.op] for user in users)
        if made.rows:
            return self.nest(made, kinds)
        return self.of_one_kind(made, kinds)

    def nest(self, made: Mirror, kinds: set[str]) -> Mirror | None:
        """The mirror of a list of lists."""
        if kinds or made.written:
            return None
        made.nested = True
        for row in made.rows:
            if any(user.op not in ("GUARD_LIST", "LIST_LEN", "LIST_SLOTS") for user in self.users[row]):
                return None
            inner = self.mirror(row)
            if inner is None or inner.nested:
                return None
            made.written |= inner.written
            kinds.update(filter(None, (inner.dtype,)))
        return self.of_one_kind(made, kinds)

    def of_one_kind(self, made: Mirror, kinds: set[str]) -> Mirror | None:
        if len(kinds) > 1:
            return None
        made.dtype = "".join(kinds)
        return made

    def touches(self, pointer: Value) -> list[Instr]:
        """The instructions behind the entry that read or write items of a list."""
        slots = [u.dest for u in self.users.get(pointer, []) if u.op == "LIST_SLOTS" and u.dest is not None]
        found = [user for s in slots for user in self.users.get(s, []) if user.op == "LIST_ITEM" or user.op in _SETS]
        return [i for i in found if i.dest not in self.early or self.matters(i)]

    def matters(self, instr: Instr) -> bool:
        """Whether an item that the entry reads is looked at behind it."""
        assert instr.dest is not None
        return any(user not in self.fn.entry.instrs for user in self.users.get(instr.dest, []))
