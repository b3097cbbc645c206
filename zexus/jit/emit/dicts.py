"""Emission of dicts and sets: values found and replaced where they stand, new keys put in by the interpreter."""

from __future__ import annotations

from llvmlite import ir

from zexus import layout
from zexus.jit import stamps
from zexus.jit.emit import dict_runtime, set_runtime
from zexus.jit.emit.frame import F64, I1, I32, I64, PTR
from zexus.jit.emit.lists import Lists
from zexus.jit.emit.tuples import Tuples
from zexus.regvm.ir import Instr

_WATCHED = 0xFF  # the bits of a dict's tag that say who wants to know of its changes, from 3.12 on

# What keys are looked for by, by their payloads.
_KINDS = {"i64": "int", "f64": "float", "ptr": "text"}


class Dicts(Lists, Tuples):
    """The instructions on dicts."""

    def op_DICT_LEN(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.load_field(a[0], "dict.used", I64, "list_header")

    def op_DICT_PLACE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Where the value of a key stands, or null; a key that only the program's own code can compare leaves."""
        return self.sure_place(self.asked("dict", PTR, instr, a), instr)

    def op_DICT_PLACE_TUPLE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The same for a tuple of numbers and texts, which needs no object."""
        return self.sure_place(self.asked_tuple("dict", PTR, instr, a), instr)

    def asked(self, where: str, kind: ir.Type, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """What a function that looks for an int, a float or a text answers (dict or set, key)."""
        what = _KINDS[instr.args[1].type]
        self.leave_at_nan(a[1:], instr)
        return self.b.call(self.prelude.function(f"{where}_find_{what}", kind, [PTR, a[1].type]), a)

    def asked_tuple(self, where: str, kind: ir.Type, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """What a function that looks for a tuple answers (dict or set, items)."""
        b = self.b
        owner, *wanted = a
        self.leave_at_nan(wanted, instr)
        room = self.room(ir.ArrayType(I64, 2 * len(wanted)))
        kinds = 0
        for position, (value, operand) in enumerate(zip(wanted, instr.args[1:], strict=True)):
            hash_of = self.prelude.function(f"hash_{_KINDS[operand.type]}", I64, [value.type])
            for place, word in ((2 * position, b.call(hash_of, [value])), (2 * position + 1, value)):
                b.store(word, b.gep(room, [ir.Constant(I64, place)], source_etype=I64))
            kinds |= dict_runtime.ITEM_KINDS[operand.type] << dict_runtime.ITEM_BITS * position
        find = self.prelude.function(f"{where}_find_tuple", kind, [PTR, PTR, I64, I64])
        return b.call(find, [owner, room, ir.Constant(I64, len(wanted)), ir.Constant(I64, kinds)])

    def leave_at_nan(self, parts: list[ir.Value], instr: Instr) -> None:
        """Which nan it is counts, and that a machine value does not tell."""
        for value in parts:
            if value.type == F64:
                self.leave_unless(self.b.fcmp_ordered("ord", value, value), instr)

    def sure_place(self, found: ir.Value, instr: Instr) -> ir.Value:
        """A place, or null; it leaves where only the program's own code could tell."""
        b = self.b
        sure = b.icmp_unsigned("!=", b.ptrtoint(found, I64), ir.Constant(I64, dict_runtime.UNSURE))
        self.leave_unless(sure, instr)
        return found

    def op_DICT_HAS(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Whether a place is one."""
        return self.b.icmp_unsigned("!=", a[0], ir.Constant(PTR, None))

    def op_DICT_GET(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The value at a place, or another object where there is none."""
        b = self.b
        begin = b.block
        with b.if_then(self.op_DICT_HAS(instr, a), likely=True):
            held = self.load(a[0], PTR, "list_items")
            inside = b.block
        made = b.phi(PTR)
        made.add_incoming(a[1], begin)
        made.add_incoming(held, inside)
        return made

    def op_DICT_NEXT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The next entry with a key, or -1 (dict, how many keys it had, where to look, how many are left)."""
        return self.next_entry("dict_next", instr, a)

    def op_SET_NEXT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The next entry with a key, or -1 (set, how many keys it had, where to look, how many are left)."""
        return self.next_entry("set_next", instr, a)

    def next_entry(self, name: str, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """What a function says of an iteration's next entry; where the iterator would raise it leaves."""
        b = self.b
        found = b.call(self.prelude.function(name, I64, [PTR, I64, I64, I64]), a)
        self.leave_unless(b.icmp_signed(">=", found, ir.Constant(I64, dict_runtime.END)), instr)
        return found

    def op_DICT_KEY(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.call(self.prelude.function("dict_key", PTR, [PTR, I64]), a)

    def op_DICT_VALUE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.call(self.prelude.function("dict_value", PTR, [PTR, I64]), a)

    def op_SET_KEY(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.b.call(self.prelude.function("set_key", PTR, [PTR, I64]), a)

    def op_DICT_STORE(self, instr: Instr, a: list[ir.Value]) -> None:
        """Put a value at a place (place, dict, value, parts of the key), or under a new key where there is none."""
        b = self.b
        place, owner, value, *parts = a
        if layout.MODERN:
            tag = b.and_(self.load_field(owner, "dict.tag", I64, "list_header"), ir.Constant(I64, _WATCHED))
            self.leave_unless(b.icmp_unsigned("==", tag, ir.Constant(I64, 0)), instr)
        if stamps.TELL_DICTS:
            self.store(ir.Constant(I64, 0), self.field(owner, "dict.tag"), "dict_tag")
        with b.if_else(self.op_DICT_HAS(instr, [place]), likely=True) as (old, new):
            with old:
                if value.type == I64:
                    self.put_int(instr, place, value)
                elif value.type == F64:
                    self.put_float(instr, place, value)
                elif value.type == I1:
                    self.put_bool(instr, place, self.truth_object(value))
                else:
                    self.track(owner)
                    self.put_object(instr, place, value)
            with new:
                self.insert(instr, owner, self.key_of(parts, instr), value)

    def op_DEFAULT_ITEM(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The value at a place (place, dict, code of its factory, parts of the key); where none is, one is made."""
        b = self.b
        place, owner, code, *parts = a
        self.leave_if_forced(instr)
        with b.if_else(self.op_DICT_HAS(instr, [place]), likely=True) as (old, new):
            with old:
                held = self.load(place, PTR, "list_items")
                inside = b.block
            with new:
                key = self.key_of(parts, instr)
                boxed = self.object_for(key)
                made = b.call(self.prelude.function("default_item", PTR, [PTR] * 3), [owner, code, boxed])
                if key.type != PTR:
                    b.call(self.prelude.function("decref", ir.VoidType(), [PTR]), [boxed])
                self.leave_unless(self.op_DICT_HAS(instr, [made]), instr, forced=False)
                behind = b.block
        answer = b.phi(PTR)
        answer.add_incoming(held, inside)
        answer.add_incoming(made, behind)
        return answer

    def op_DICT_DEFAULT(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The value at a place (place, dict, another value, parts of the key); where none is, the other is put in."""
        b = self.b
        place, owner, value, *parts = a
        _, _, fresh = instr.imm
        self.leave_if_forced(instr)
        with b.if_else(self.op_DICT_HAS(instr, [place]), likely=True) as (old, new):
            with old:
                held = self.load(place, PTR, "list_items")
                inside = b.block
            with new:
                if fresh is not None:
                    value = self.owned(self.empty(fresh))
                self.insert(instr, owner, self.key_of(parts, instr), value)
                behind = b.block
        answer = b.phi(PTR)
        answer.add_incoming(held, inside)
        answer.add_incoming(value, behind)
        return answer

    def empty(self, kind: str) -> ir.Value:
        """A new list, dict or set."""
        operands: dict[str, list[ir.Value]] = {
            "list": [ir.Constant(I64, 0)], "set": [ir.Constant(PTR, None)], "dict": [],
        }
        given = operands[kind]
        return self.b.call(self.prelude.function(f"new_{kind}", PTR, [value.type for value in given]), given)

    def op_DICT_CUT(self, instr: Instr, a: list[ir.Value]) -> None:
        """Take out a key with the value at its place, if there is one (place, dict, parts of the key)."""
        b = self.b
        place, owner, *parts = a
        is_number, is_quiet = instr.imm[2] == "number", instr.imm[2] == "quiet"
        self.leave_if_forced(instr)
        with b.if_then(self.op_DICT_HAS(instr, [place]), likely=True):
            held = self.load(place, PTR, "list_items")
            if not is_number and not is_quiet:
                self.leave_unless(self.may_go(held), instr, forced=False)
            if not is_number:
                self.incref(held)
            key = self.key_of(parts, instr)
            made = self.object_for(key)
            result = b.call(self.prelude.external("PyDict_DelItem", I32, [PTR, PTR]), [owner, made])
            if key.type != PTR:
                b.call(self.prelude.function("decref", ir.VoidType(), [PTR]), [made])
            if not is_number:
                self.release(held)
            failed = b.icmp_signed("<", result, ir.Constant(I32, 0))
            self.call_out(b.select(failed, ir.Constant(PTR, None), owner), instr)

    def key_of(self, parts: list[ir.Value], instr: Instr) -> ir.Value:
        """A key, for which a tuple may have to be made."""
        spec = instr.imm[1]
        return parts[0] if spec is None else self.object_of(parts, spec, fresh=False)

    def op_SET_LEN(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        return self.load_field(a[0], "set.used", I64, "list_header")

    def op_SET_HAS(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """Whether a key is in a set; one that only the program's own code can compare leaves."""
        return self.sure_presence(self.asked("set", I64, instr, a), instr)

    def op_SET_HAS_TUPLE(self, instr: Instr, a: list[ir.Value]) -> ir.Value:
        """The same for a tuple of numbers and texts."""
        return self.sure_presence(self.asked_tuple("set", I64, instr, a), instr)

    def sure_presence(self, found: ir.Value, instr: Instr) -> ir.Value:
        """Whether something was found; it leaves where only the program's own code could tell."""
        b = self.b
        self.leave_unless(b.icmp_unsigned("!=", found, ir.Constant(I64, set_runtime.UNSURE)), instr)
        return b.icmp_unsigned("==", found, ir.Constant(I64, set_runtime.PRESENT))

    def op_SET_INSERT(self, instr: Instr, a: list[ir.Value]) -> None:
        """Put a key into a set unless it is there (there, set, parts of the key)."""
        b = self.b
        there, owner, *parts = a
        with b.if_then(b.not_(there)):
            key = self.key_of(parts, instr)
            made = self.object_for(key)
            result = b.call(self.prelude.external("PySet_Add", I32, [PTR, PTR]), [owner, made])
            if key.type != PTR:
                b.call(self.prelude.function("decref", ir.VoidType(), [PTR]), [made])
            failed = b.icmp_signed("<", result, ir.Constant(I32, 0))
            self.call_out(b.select(failed, ir.Constant(PTR, None), owner), instr)

    def object_for(self, key: ir.Value) -> ir.Value:
        """The object of a key, a new one where it is a number."""
        if key.type == PTR:
            return key
        return self.make_int(key) if key.type == I64 else self.make_float(key)

    def insert(self, instr: Instr, owner: ir.Value, key: ir.Value, value: ir.Value) -> None:
        """A key that is surely not there: nothing is compared with it but by its hash."""
        b = self.b
        made: list[ir.Value] = []

        def handed(one: ir.Value) -> ir.Value:
            if one.type == I1:
                return self.truth_object(one)
            if one.type != PTR:
                made.append(self.object_for(one))
                return made[-1]
            return one

        put = self.prelude.external("PyDict_SetItem", I32, [PTR, PTR, PTR])
        result = b.call(put, [owner, handed(key), handed(value)])
        for one in made:
            b.call(self.prelude.function("decref", ir.VoidType(), [PTR]), [one])
        failed = b.icmp_signed("<", result, ir.Constant(I32, 0))
        self.call_out(b.select(failed, ir.Constant(PTR, None), owner), instr)
