"""Mirrors: a loop nest reads and writes unboxed copies of the lists that it was given.

The lists are copied at the end of the entry block; emission writes changed items back before anything else can look:
at each way out and before each time slice, behind which the mirrors are filled again. Compare the storage strategies
of Bolz, Diekmann and Tratt, Storage Strategies for Collections in Dynamically Typed Languages (2013).
"""

from __future__ import annotations

from zexus.regvm.ir import Function, Instr, Value
from zexus.regvm.mirror import DTYPES, Mirror, Mirrors, study

_WHOLE = {"int64": "i64", "float64": "f64", "bool": "i1"}


def mirrors(fn: Function) -> bool:
    """Give every list that can have one a mirror; a list that turns out not to allow it misses at the entry."""
    found = study(fn)
    if found is None:
        return False
    _Mirroring(fn, found).run()
    return True


def weigh(fn: Function) -> bool:
    """Let the entry count the items of the lists that could have mirrors, so that their worth can be told."""
    found = study(fn)
    if found is None:
        return False
    fn.entry.instrs[-1:-1] = [Instr("WEIGH", [mirror.list], imm=mirror.nested) for mirror in found.found]
    return True


class _Mirroring:
    """The rewriting of one function."""

    def __init__(self, fn: Function, found: Mirrors) -> None:
        self.fn = fn
        self.found = found
        self.made: list[Instr] = []
        self.replaced: dict[Value, Value] = {}
        self.gone: set[Instr] = set()
        # How each list is reached in its mirror: the data, the dimensions, the first index of a row.
        self.places: dict[Value, tuple[str, list[Value], list[Value]]] = {}

    def run(self) -> None:
        fn, entry = self.fn, self.fn.entry
        for mirror in self.found.found:
            self.open(mirror)
        for other in self.found.others:
            self.emit("MIRROR_APART", [other], "")
        makers = {i.dest: i for i in fn.instructions() if i.dest is not None}
        behind = [block for block in fn.blocks if block is not entry]
        readers: dict[Value, list[Instr]] = {}
        for instr in fn.instructions():
            if instr.op in DTYPES and instr.op.startswith("UNBOX"):
                readers.setdefault(instr.args[0], []).append(instr)
        for block in behind:
            for instr in block.instrs:
                if instr.op in ("LIST_LEN", "GUARD_LIST"):
                    self.look(instr)
                elif instr.op == "LIST_ITEM" and instr.dest in readers:
                    self.read(instr, makers[instr.args[0]].args[0], readers[instr.dest])
                elif instr.op in DTYPES and instr.op.startswith("LIST_SET"):
                    self.write(instr, makers[instr.args[0]].args[0])
        entry.instrs[-1:-1] = self.made
        for block in behind:
            block.instrs = [i for i in block.instrs if i not in self.gone]
        fn.substitute(self.replaced)

    def emit(self, op: str, args: list[Value], kind: str, imm: object = None) -> Value:
        value = self.fn.value(kind)
        made = Instr(op, args, value if kind else None, imm)
        if made.row.facts.exits:
            made.exit = self.fn.exits[0]
        self.made.append(made)
        return value

    def open(self, mirror: Mirror) -> None:
        data = self.emit("MIRROR", [mirror.list], "ptr", (mirror.dtype, mirror.written, mirror.nested))
        size = self.emit("LIST_LEN", [mirror.list], "i64")
        if not mirror.nested:
            self.places[mirror.list] = mirror.dtype, [data, size], []
            return
        width = self.emit("MIRROR_WIDTH", [data], "i64")
        for row, maker in mirror.rows.items():
            self.places[row] = mirror.dtype, [data, size, width], [maker.args[1]]
        self.places[mirror.list] = "", [data, size], []

    def look(self, instr: Instr) -> None:
        """A length is that of the mirror; that the rows of one are lists is certain."""
        place = self.places.get(instr.args[0])
        if place is None:
            return
        if instr.dest is not None:
            self.replaced[instr.dest] = place[1][-1]
        self.gone.add(instr)

    def read(self, instr: Instr, owner: Value, readers: list[Instr]) -> None:
        """Load the number at the place where its object was read."""
        place = self.places.get(owner)
        if place is None:
            return
        dtype, where, row = place
        value = self.fn.value(_WHOLE[dtype])
        instr.op, instr.args = "ARRAY_LOAD", [*where, *row, instr.args[1]]
        instr.dest, instr.imm = value, (len(instr.args), dtype)
        for reader in readers:
            assert reader.dest is not None
            self.replaced[reader.dest] = value
            self.gone.add(reader)

    def write(self, instr: Instr, owner: Value) -> None:
        place = self.places.get(owner)
        if place is None:
            return
        dtype, where, row = place
        instr.op, instr.args = "ARRAY_STORE", [*where, *row, *instr.args[1:]]
        instr.exit, instr.imm = None, (len(instr.args), dtype)
