"""The verifier: whether a function obeys the laws of its form."""

from __future__ import annotations

from typing import Any

from zexus import ops
from zexus.regvm import cfg
from zexus.regvm.ir import Block, Exit, Function, Instr, Value

FACTS = frozenset(("likely", "unlikely", "constant", "nowrap", "inbounds", "nonneg", "small", "near", "handled",
                   "wraps"))
_TARGETS = {"JUMP": 1, "BRANCH": 2, "RETURN": 0, "LEAVE": 0, "RAISE": 0, "RERAISE": 0, "YIELD": 0, "EXIT": 0, "TICK": 2}
_LETTERS = {"i": "i64", "w": "i64", "f": "f64", "b": "i1", "p": "ptr"}
_NUMBERS = ("i64", "f64")

# Payloads of the operands of native rows: i i64, f f64, b i1, p ptr, . any. Rows of any length are not listed.
_OPERANDS: dict[str, str] = {
    "K": "", "REF": "", "NULL": "", "ARG": "", "GLOBAL_GET": "", "OBJECT": "", "EXIT": "", "TICK": "i",
    "COUNT": "i",
    "INT_TO_FLOAT": "i", "FLOAT_TO_INT": "f", "BOOL_TO_INT": "b", "ROUND_F32": "f", "WRAP": "i",
    "CHECK_FP": "fff", "CHECK_FLOAT": "f", "EXACT_FLOAT": "i", "GUARD": "b", "GUARD_IS": "pp", "GUARD_LIST": "p",
    "GUARD_ARRAY": "p", "GUARD_TUPLE": "p", "GUARD_TYPE": "p", "GUARD_FIELD": "p", "GUARD_CODE": "p",
    "GUARD_STACK": "", "SAME": "pp",
    "INT_VALUE": "p", "UNBOX_INT": "p", "UNBOX_FLOAT": "p", "UNBOX_BOOL": "p", "UNBOX_NP": "p", "TAG_OF": "p",
    "UNBOX_TAGGED": "pi", "UNBOX_PART": "p", "UNBOX_IMAG": "pi", "BOX_COMPLEX": "ff", "BOX_NP_COMPLEX": "ff",
    "BOX_TAGGED_COMPLEX": "iff",
    "POW_MOD": "iii", "POW_PART": "ffi", "HYPOT": "ff", "HYPOT_TEST": "fff", "HYPOTS_TEST": "ffff",
    "LIST_SET_COMPLEX": "piff", "LIST_PUSH_COMPLEX": "pff",
    "WORD_FLOORDIV": "ii", "WORD_MOD": "ii",
    "BOX_INT": "i", "BOX_FLOAT": "f", "BOX_BOOL": "b", "BOX_NP": ".", "BOX_TAGGED": "i.",
    "LIST_LEN": "p", "LIST_SLOTS": "p", "LIST_ITEM": "pi", "LIST_SET_INT": "pii", "LIST_SET_FLOAT": "pif",
    "LIST_SET_BOOL": "pib", "LIST_SET_PTR": "pip", "LIST_PUSH": "pp", "LIST_PUSH_INT": "pi", "LIST_PUSH_FLOAT": "pf",
    "CELL_GET": "p", "CELL_SET_INT": "pi", "CELL_SET_FLOAT": "pf", "CELL_SET_BOOL": "pb", "CELL_SET_PTR": "pp",
    "LIST_POP": "p", "LIST_REPEAT": "pi", "LIST_SLICE": "piii", "LIST_SUM": "piii.", "SET_PUT": "p.", "DICT_PUT": "p..",
    "TUPLE_ITEM": "p", "SEEK": "p.", "LIST_CUT": "pi", "LIST_INSERT": "pip",
    "DICT_LEN": "p", "DICT_PLACE": "p.", "DICT_HAS": "p", "DICT_GET": "pp",
    "DICT_NEXT": "piii", "DICT_KEY": "pi", "DICT_VALUE": "pi", "SET_NEXT": "piii", "SET_KEY": "pi",
    "IS_KIND": "p", "IS_CLASS": "p", "IS_METHOD": "pp", "IS_CODE": "p",
    "BYTES_LEN": "p", "BYTES_AT": "pi", "BYTES_SET": "pii",
    "DRAW": "p", "DRAW_QUIETLY": "p", "SWEEP": "", "HEAP_PUSH": "pp", "HEAP_POP": "p", "HEAP_SWAP": "pp",
    "BISECT": "ppii",
    "DEQUE_LEN": "p", "DEQUE_END": "p", "DEQUE_ITEM": "pi", "DEQUE_POP": "p",
    "SET_LEN": "p", "SET_HAS": "p.",
    "TEXT_LEN": "p", "TEXT_AT": "pi", "TEXT_EQ": "pp", "TEXT_ORDER": "pp", "TEXT_HAS": "pp", "TEXT_IS": "i",
    "TEXT_ALL": "p", "TEXT_TAIL": "pp", "TEXT_FIND": "pp", "TEXT_COUNT": "pp",
    "TEXT_INT": "p", "TEXT_FLOAT": "p", "TEXT_FAILS": "p", "ERROR": "", "ERROR_TAKEN": "p",
    "PLAIN_EQ": "p.", "PLAIN_TRUTH": "p",
    "TEXT_SLICE": "pii", "TEXT_APPEND": "pp", "BOX_CHAR": "i", "INT_TEXT": "i",
    "RANDOM": "p", "RANDOM_BITS": "pi", "GUARD_CLASS": "p", "GUARD_UNHIDDEN": "p",
    "ATTR_PLACE": "p", "SLOT_PLACE": "p", "ATTR_ITEM": "p", "ATTR_ELSE": "pp", "TRACK_DICT": "p",
    "TUPLE_LEN": "p", "TUPLE_SLOTS": "p", "ARRAY_DIM": "p", "INDEX": "ii",
    "ARRAY_STRIDE": "p", "ARRAY_AT": "pi", "VIEW_ID": "", "GUARD_WRITEABLE": "p",
    "FIELD": "p", "FIELD_PTR": "p", "OWNER": "p", "NEW": "", "EXPECT_NONE": "p", "EXPECT_ANSWER": "p",
    "NEW_OBJECT": "", "ATTR_FILL": "pp", "ATTR_INIT": "pp.",
    "MIRROR": "p", "MIRROR_WIDTH": "p", "MIRROR_APART": "p", "WEIGH": "p", "STAY": "",
    "JUMP": "", "BRANCH": "b", "NOT": "b", "INVERT": "i", "LSHIFT": "ii", "RSHIFT": "ii", "TRUEDIV": "ff",
}
_ALIKE = frozenset(("ADD", "SUB", "MUL", "FLOORDIV", "MOD", "POW", "NEG", "ABS"))
_BITWISE = frozenset(("AND", "OR", "XOR"))


class InvalidFunction(ValueError):
    """A function that breaks a law of its form; the message names the instruction."""


def verify(fn: Function) -> None:
    """Check a function: blocks and terminators always; dominance, phis, payloads and exits in SSA forms.

    Raises:
        InvalidFunction: naming the first offending instruction.
    """
    if not fn.blocks:
        raise InvalidFunction(f"{fn.name}: no block")
    known = set(fn.blocks)
    if len(known) != len(fn.blocks) or len({b.number for b in fn.blocks}) != len(fn.blocks):
        raise InvalidFunction(f"{fn.name}: a block or its number stands twice")
    for block in fn.blocks:
        _shape(fn, block, known)
    _handlers(fn, known)
    if fn.form == "register":
        return
    _dominance(fn)
    if fn.form == "typed":
        for block in fn.blocks:
            for phi in block.phis:
                if any(v.type != phi.dest.type for v in phi.incoming.values()):
                    raise InvalidFunction(f"{fn.name}: bb{block.number}: payloads of {phi!r} differ")
            for instr in block.instrs:
                problem = _payloads(instr)
                if problem:
                    raise InvalidFunction(f"{fn.name}: bb{block.number}: {instr!r}: {problem}")
        _exits(fn)


def _shape(fn: Function, block: Block, known: set[Block]) -> None:
    """One terminator at the end, arities, targets inside the function."""

    def wrong(instr: Instr | None, what: str) -> InvalidFunction:
        return InvalidFunction(f"{fn.name}: bb{block.number}: {instr!r}: {what}")

    if not block.instrs:
        raise wrong(None, "the block is empty")
    for position, instr in enumerate(block.instrs):
        row = ops.OPS.get(instr.op)
        if row is None or row.family in ("stack", "fused") or instr.op == "PHI":
            raise wrong(instr, "no opcode of the register form")
        ends = instr.op in ops.TERMINATORS
        if ends != (position == len(block.instrs) - 1):
            raise wrong(instr, "a terminator stands at the end and nowhere else")
        if instr.op in _TARGETS and len(instr.targets) != _TARGETS[instr.op]:
            raise wrong(instr, f"{_TARGETS[instr.op]} targets are wanted")
        if not ends and instr.targets:
            raise wrong(instr, "only terminators have targets")
        if any(target not in known for target in instr.targets):
            raise wrong(instr, "a target is no block of the function")
        if instr.op not in ("LEAVE", "RETURN"):
            wanted = ops.operands(row, instr.imm)
            if len(instr.args) != wanted:
                raise wrong(instr, f"{wanted} operands are wanted")
        if (instr.dest is not None) != row.result:
            raise wrong(instr, "a result is wanted" if row.result else "it has no result")
        if not instr.facts <= FACTS:
            raise wrong(instr, f"unknown fact {min(instr.facts - FACTS)}")


def _handlers(fn: Function, known: set[Block]) -> None:
    """A handler begins with CAUGHT, which stands nowhere else, and only exceptions lead to it."""
    handlers = {block.catches for block in fn.blocks if block.catches is not None}
    for block in fn.blocks:
        for position, instr in enumerate(block.instrs):
            if (instr.op == "CAUGHT") != (position == 0 and block in handlers):
                raise InvalidFunction(f"{fn.name}: bb{block.number}: {instr!r}: a handler, and nothing else, begins "
                                      "with CAUGHT")
        if handlers.intersection(block.instrs[-1].targets):
            raise InvalidFunction(f"{fn.name}: bb{block.number}: {block.instrs[-1]!r}: a target is a handler")
    if not handlers <= known or fn.entry in handlers:
        raise InvalidFunction(f"{fn.name}: a handler is the entry, or no block of the function")


def _dominance(fn: Function) -> None:
    """Each value has one definition, which dominates its uses; phis have one value for each predecessor."""
    graph = cfg.Graph(fn)
    idom, preds = graph.idom, graph.preds
    homes: dict[Value, tuple[Block | None, int]] = {}
    numbers: set[int] = set()

    def define(value: Value, block: Block | None, position: int, what: object) -> None:
        if value in homes or value.number in numbers:
            raise InvalidFunction(f"{fn.name}: {what!r}: v{value.number} is defined twice")
        homes[value] = (block, position)
        numbers.add(value.number)

    for param in fn.params:
        define(param, None, -1, param)
    for block in idom:
        for phi in block.phis:
            define(phi.dest, block, -1, phi)
        for position, instr in enumerate(block.instrs):
            if instr.dest is not None:
                define(instr.dest, block, position, instr)

    passed: dict[Block, set[Block]] = {}

    def past(home: Block) -> set[Block]:
        """The blocks that an exception in `home` leads to, past what `home` has not done yet."""
        if home not in passed:
            passed[home] = _reached(home.catches, home)
        return passed[home]

    def check(value: Value, block: Block, position: int, what: object) -> None:
        if value not in homes:
            raise InvalidFunction(f"{fn.name}: bb{block.number}: {what!r}: v{value.number} is not defined")
        home, at = homes[value]
        if home is None:
            return
        reached = at < position if home is block else cfg.dominates(idom, home, block)
        if not reached or (at >= 0 and home is not block and block in past(home)):
            raise InvalidFunction(f"{fn.name}: bb{block.number}: {what!r}: v{value.number} does not dominate its use")

    for block in idom:
        for phi in block.phis:
            if set(phi.incoming) != set(preds[block]):
                raise InvalidFunction(f"{fn.name}: bb{block.number}: {phi!r}: incoming values are not those of the "
                                      f"predecessors {preds[block]}")
            for source, value in phi.incoming.items():
                # Exceptions bring the values at the beginning of the block.
                check(value, source, 0 if source.catches is block else len(source.instrs), phi)
        for position, instr in enumerate(block.instrs):
            for value in instr.args:
                check(value, block, position, instr)
            if instr.exit is not None:
                for value, _ in instr.exit.leaves:
                    # The result of an instruction that leaves after its effect is none of the leaves yet.
                    check(value, block, position, instr)


def _reached(start: Block | None, without: Block) -> set[Block]:
    """The blocks on the ways from `start` that do not pass `without`."""
    found: set[Block] = set()
    work = [start] if start is not None else []
    while work:
        block = work.pop()
        if block not in found and block is not without:
            found.add(block)
            work.extend(cfg.following(block))
    return found


def _payloads(instr: Instr) -> str:
    """What is wrong with the payloads of a typed instruction, or ""."""
    row = ops.OPS[instr.op]
    kinds = [v.type for v in instr.args]
    dest = instr.dest.type if instr.dest is not None else ""
    if instr.dest is not None and dest not in _LETTERS.values():
        return "the result has no payload"
    if any(k not in _LETTERS.values() for k in kinds):
        return "an operand has no payload"
    if instr.op in _ALIKE:
        ok = kinds[0] in _NUMBERS and all(k == dest for k in kinds)
        return "" if ok else "numbers of one payload are wanted"
    if instr.op in _BITWISE:
        return "" if dest in ("i64", "i1") and all(k == dest for k in kinds) else "i64 or i1 alike are wanted"
    if row.family == "compare":
        return "" if dest == "i1" and kinds[0] == kinds[1] and kinds[0] != "ptr" else "alike numbers, i1 as result"
    if instr.op == "SELECT":
        return "" if kinds[0] == "i1" and kinds[1] == kinds[2] == dest else "i1 and two alike are wanted"
    if instr.op.startswith("MATH_"):
        return "" if all(k == "f64" for k in kinds) and dest in ("f64", "i1") else "f64 operands are wanted"
    if instr.op == "K":
        wanted: type = {"i64": int, "f64": float, "i1": bool}.get(dest, type(None))
        if type(instr.imm) is not wanted:
            return f"the constant is no {dest}"
        fits = type(instr.imm) is not int or -(2**63) <= instr.imm < 2**63
        return "" if fits else "the constant does not fit"
    if instr.op in ("LIST_NEW", "LEAVE", "CALL_BLOCK", "CALL_OBJECT", "CALL_BUILTIN", "TEXT_JOIN", "GUARD_WORLD",
                    "GUARD_QUIET", "POLL"):
        return "" if all(k == "ptr" for k in kinds) else "objects are wanted"
    if instr.op == "COMPUTE":
        return "numbers are wanted" if "ptr" in kinds else ""
    if instr.op == "REMAINDER":
        return "" if all(k == "i64" for k in kinds) else "ints are wanted"
    if instr.op in ("ARRAY_LOAD", "ARRAY_STORE", "SAVE", "RESTORE"):
        return _array_payloads(instr, kinds)
    if instr.op in ("DICT_PLACE_TUPLE", "SET_HAS_TUPLE"):
        return "" if kinds[0] == "ptr" and "i1" not in kinds else "a pointer, numbers and texts are wanted"
    if instr.op in _TUPLES:
        spec = instr.imm[1]
        letters = _TUPLES[instr.op] + ("." if spec is None else _tuple_letters(spec))
        fits = all(letter == "." or _LETTERS[letter] == kind for letter, kind in zip(letters, kinds, strict=True))
        return "" if fits else f"{letters} is wanted"
    if instr.op == "LIST_SUM" and kinds[-1] != dest:
        return "the sum is what it begins with"
    signature = _OPERANDS.get(instr.op)
    if signature is None:
        return "" if row.family == "native" else "no row of the typed form"
    for letter, kind in zip(signature, kinds):
        if letter != "." and _LETTERS[letter] != kind:
            return f"{_LETTERS[letter]} is wanted, {kind} given"
    results = {"NOT": "i1", "INVERT": "i64", "LSHIFT": "i64", "RSHIFT": "i64", "TRUEDIV": "f64", "GUARD_ARRAY": "ptr"}
    wanted_result = results.get(instr.op, row.native)
    return "" if not wanted_result or dest == wanted_result else f"the result is {wanted_result}"


# Rows that may make a tuple of their last operands, and the payloads of what stands before these.
_TUPLES = {"TUPLE_BOX": "", "LIST_PUSH_TUPLE": "p", "DICT_STORE": "pp.", "DEFAULT_ITEM": "ppp", "SET_INSERT": "bp",
           "DEQUE_PUSH": "p", "DICT_DEFAULT": "ppp", "DICT_CUT": "pp"}


def _tuple_letters(spec: tuple[Any, ...]) -> str:
    """The payloads of a tuple's object and of its items."""
    return "p" + "".join(_tuple_letters(item) if isinstance(item, tuple) else item for item in spec
                         if not isinstance(item, int))


def _array_payloads(instr: Instr, kinds: list[str]) -> str:
    """A data pointer, dimensions, as many indices, and for a store the item."""
    inner = kinds[1:] if instr.op == "ARRAY_LOAD" else kinds[1:-1]
    if kinds[0] != "ptr" or len(inner) % 2 or not inner or any(k != "i64" for k in inner):
        return "a pointer, dimensions and as many indices are wanted"
    return ""


def _exits(fn: Function) -> None:
    """An instruction that may leave has a listed exit; exits stand at their numbers."""
    listed: set[Exit] = set()
    for position, way in enumerate(fn.exits):
        if way.number != position:
            raise InvalidFunction(f"{fn.name}: exit {way.number} stands at place {position}")
        listed.add(way)
    for block in fn.blocks:
        for instr in block.instrs:
            where = f"{fn.name}: bb{block.number}: {instr!r}"
            if instr.exit is not None and instr.exit not in listed:
                raise InvalidFunction(f"{where}: its exit is not listed")
            if instr.exit is None and _must_leave(instr):
                raise InvalidFunction(f"{where}: an exit is wanted")


# Without their exit, these have no native form; the others have one for operands that make it unnecessary.
_GUARDING = frozenset((
    "EXIT", "GUARD", "GUARD_IS", "GUARD_LIST", "GUARD_ARRAY", "GUARD_TUPLE", "GUARD_TYPE", "GUARD_FIELD",
    "GUARD_CODE", "GUARD_CLASS", "GUARD_UNHIDDEN",
    "GUARD_WORLD", "GUARD_SAME_ARRAY", "GUARD_STACK", "UNBOX_INT", "INT_VALUE", "UNBOX_FLOAT", "UNBOX_BOOL", "UNBOX_NP",
    "UNBOX_TAGGED", "UNBOX_PART", "TAG_OF", "GLOBAL_GET", "FIELD_PTR", "POLL", "CALL_BLOCK", "LIST_POP", "LIST_REPEAT",
    "SET_PUT", "DICT_PUT", "DICT_PLACE", "SET_HAS", "DICT_PLACE_TUPLE", "SET_HAS_TUPLE", "DEFAULT_ITEM",
    "DICT_DEFAULT", "DICT_CUT",
    "DICT_NEXT", "SET_NEXT", "CALL_OBJECT", "CALL_BUILTIN", "TEXT_JOIN",
    "IS_KIND", "DRAW", "DRAW_QUIETLY", "HEAP_PUSH", "HEAP_POP", "HEAP_SWAP", "BISECT",
    "DEQUE_PUSH", "DEQUE_POP",
    "LIST_SLICE", "LIST_SUM", "SEEK", "GUARD_WRITEABLE", "BOX_VIEW", "LIST_SET_INT", "LIST_SET_FLOAT", "LIST_SET_BOOL",
    "LIST_SET_PTR", "LIST_SET_COMPLEX", "CELL_GET", "CELL_SET_INT", "CELL_SET_FLOAT", "CELL_SET_BOOL", "CELL_SET_PTR",
    "WRAP", "CHECK_FP", "POW_MOD", "POW_PART", "FLOAT_TO_INT", "MIRROR", "MIRROR_APART", "STAY",
))


def _must_leave(instr: Instr) -> bool:
    if instr.op in _GUARDING:
        return True
    if instr.op == "EXACT_FLOAT":
        return "small" not in instr.facts
    return instr.op == "INDEX" and "inbounds" not in instr.facts
