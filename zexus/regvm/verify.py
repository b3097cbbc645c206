"""The verifier: whether a function obeys the laws of its form."""

from __future__ import annotations

from typing import Any

from zexus import ops
from zexus.regvm import cfg
from zexus.regvm.ir import Block, Exit, Function, Instr, Value

FACTS = frozenset(("likely", "unlikely", "constant", "nowrap", "inbounds", "nonneg", "small", "near", "handled",
                   "wraps"))
_TARGETS = {"JUMP": 1, "BRANCH": 2, "RETURN": 0, "LEAVE": 0, "RAISE": 0, "RERAISE": 0, "YIELD": 0, "EXIT": 0, "TICK": 2}
# What the letters of `zexus.native` stand for.
_LETTERS = {"i": ("i64",), "f": ("f64",), "b": ("i1",), "p": ("ptr",), "n": ("i64", "f64"), "k": ("i64", "f64", "ptr"),
            ".": ("i64", "f64", "i1", "ptr")}
_PAYLOADS = _LETTERS["."]

# Payloads of the operands of other rows that have a typed form, and of their results.
_OPERANDS = {
    "JUMP": "", "LEAVE": "p*", "BRANCH": "b", "NOT": "b", "INVERT": "i", "LSHIFT": "ii", "RSHIFT": "ii",
    "TRUEDIV": "ff",
}
_RESULTS = {"NOT": "i1", "INVERT": "i64", "LSHIFT": "i64", "RSHIFT": "i64", "TRUEDIV": "f64"}
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
    if instr.dest is not None and dest not in _PAYLOADS:
        return "the result has no payload"
    if any(k not in _PAYLOADS for k in kinds):
        return "an operand has no payload"
    if instr.op in _ALIKE:
        ok = kinds[0] in _LETTERS["n"] and all(k == dest for k in kinds)
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
    if instr.op == "LIST_SUM" and kinds[-1] != dest:
        return "the sum is what it begins with"
    pattern = row.facts.operands if row.family == "native" else _OPERANDS.get(instr.op)
    if pattern is None:
        return "no row of the typed form"
    letters = _letters(pattern, instr)
    if len(letters) != len(kinds):
        return f"{len(letters)} operands are wanted"
    if len(letters) > 2 and any(kind not in _LETTERS[letter] for letter, kind in zip(letters, kinds, strict=True)):
        return f"{letters} is wanted"
    for letter, kind in zip(letters, kinds, strict=True):
        if kind not in _LETTERS[letter]:
            return f"{' or '.join(_LETTERS[letter])} is wanted, {kind} given"
    result = _RESULTS.get(instr.op, row.native)
    return "" if not result or dest == result else f"the result is {result}"


def _letters(pattern: str, instr: Instr) -> str:
    """A pattern of operands with a letter for each operand of an instruction."""
    head, last = pattern[:-1], pattern[-1:]
    if last == "*":
        return head[:-1] + head[-1] * (len(instr.args) - len(head) + 1)
    if last == "t":
        spec = instr.imm[1]
        return head + ("." if spec is None else _tuple_letters(spec))
    if "a" in pattern:  # dimensions and as many indices
        head, _, last = pattern.partition("a")
        return head + "ii" * max(1, (len(instr.args) - len(head) - len(last)) // 2) + last
    return pattern


def _tuple_letters(spec: tuple[Any, ...]) -> str:
    """The payloads of a tuple's object and of its items."""
    return "p" + "".join(_tuple_letters(item) if isinstance(item, tuple) else item for item in spec
                         if not isinstance(item, int))


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


def _must_leave(instr: Instr) -> bool:
    if instr.row.facts.exits == "always":
        return True
    if instr.op == "EXACT_FLOAT":
        return "small" not in instr.facts
    return instr.op == "INDEX" and "inbounds" not in instr.facts
