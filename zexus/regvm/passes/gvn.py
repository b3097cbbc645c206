"""Global value numbering, scoped by dominators: what has been computed or checked before is not done again.

Briggs, Cooper, Simpson: Value Numbering (1997), the dominator-tree walk. Reads of memory are numbered only along
straight lines of blocks and until something may write that memory. In typed functions the rows tell what depends on
what; on objects the kinds of the operands do.
"""

from __future__ import annotations

from zexus import ops
from zexus.regvm import cfg
from zexus.regvm.facts import Facts
from zexus.regvm.ir import Block, Function, Instr, Value

_ALWAYS = frozenset((
    "K", "REF", "NULL", "ARG", "SELECT", "INT_TO_FLOAT", "FLOAT_TO_INT", "BOOL_TO_INT", "ROUND_F32", "WRAP", "CHECK_FP",
    "CHECK_FLOAT", "EXACT_FLOAT", "GUARD", "GUARD_IS", "GUARD_LIST", "GUARD_TUPLE", "GUARD_TYPE", "SAME", "UNBOX_INT",
    "UNBOX_FLOAT", "UNBOX_BOOL", "UNBOX_NP", "TAG_OF", "UNBOX_TAGGED", "BOX_INT", "BOX_BOOL", "TUPLE_ITEM", "TUPLE_LEN",
    "TUPLE_SLOTS", "ARRAY_DIM", "ARRAY_STRIDE", "ARRAY_AT", "INDEX", "UNBOX_PART", "UNBOX_IMAG", "HYPOT", "HYPOT_TEST",
    "HYPOTS_TEST", "POW_MOD", "WORD_FLOORDIV", "WORD_MOD", "POW_PART", "SLOT_PLACE", "INT_VALUE",
    "DICT_HAS", "TEXT_LEN", "TEXT_AT", "TEXT_EQ", "TEXT_ORDER", "TEXT_HAS", "TEXT_IS", "COMPUTE", "REMAINDER",
    "PLAIN_EQ", "TEXT_INT", "TEXT_FLOAT", "TEXT_FAILS", "TEXT_ALL", "TEXT_TAIL", "TEXT_FIND", "TEXT_COUNT",
))
_LENGTHS = frozenset(("LIST_LEN", "BYTES_LEN", "LIST_SLOTS", "GUARD_CLASS", "GUARD_UNHIDDEN", "ATTR_PLACE", "IS_CLASS",
                      "DICT_LEN", "DICT_PLACE", "SET_LEN", "SET_HAS",
                      "DICT_PLACE_TUPLE", "SET_HAS_TUPLE", "DICT_NEXT", "SET_NEXT", "DICT_KEY", "SET_KEY"))
_ITEMS = frozenset(("LIST_ITEM", "ATTR_ITEM", "ATTR_ELSE", "DICT_GET", "DICT_VALUE"))
_ARRAYS = frozenset(("ARRAY_LOAD", "BYTES_AT"))
_DEQUES = frozenset(("DEQUE_LEN", "DEQUE_END", "DEQUE_ITEM"))
_READS = _LENGTHS | _ITEMS | _ARRAYS | _DEQUES
_INTEGRAL = frozenset((int, bool))
Key = tuple[object, ...]


def gvn(fn: Function) -> bool:
    """Replace repeated instructions by the first one's value; repeated guards go."""
    graph = cfg.Graph(fn)
    idom, preds = graph.idom, graph.preds
    children: dict[Block, list[Block]] = {block: [] for block in idom}
    for block, above in idom.items():
        if above is not block:
            children[above].append(block)
    facts = Facts(fn) if fn.form == "ssa" else None
    replaced: dict[Value, Value] = {}
    table: dict[Key, Value | None] = {}
    changed = False
    work: list[tuple[Block, dict[Key, Value | None]] | list[Key]] = [(fn.entry, {})]
    while work:
        task = work.pop()
        if isinstance(task, list):
            for key in task:
                del table[key]
            continue
        block, reads = task
        reads = dict(reads)
        made: list[Key] = []
        kept: list[Instr] = []
        for instr in block.instrs:
            instr.args = [_first(replaced, v) for v in instr.args]
            read = instr.op in _READS if facts is None else _reads(instr, facts)
            if not read and not _numbered(instr, facts):
                _forget(instr, reads, facts)
                kept.append(instr)
                continue
            scope = reads if read else table
            key = _key(instr, facts)
            if key not in scope:
                scope[key] = instr.dest
                if scope is table:
                    made.append(key)
                kept.append(instr)
                continue
            changed = True
            known = scope[key]
            if instr.dest is not None and known is not None:
                replaced[instr.dest] = known
        block.instrs = kept
        # With one predecessor nothing runs between the two blocks, so what was read is still so.
        tasks = [(child, reads if preds[child] == [block] and child is not block.catches else {})
                 for child in children[block]]
        if block.catches is None:
            work.append(made)
            work.extend(tasks)
            continue
        # Where an exception leads as well, nothing that the block makes is certain to be there.
        work.extend(task for task in tasks if task[1] is not reads)
        work.append(made)
        work.extend(task for task in tasks if task[1] is reads)
    if replaced:
        fn.substitute(replaced)
    return changed


def _first(replaced: dict[Value, Value], value: Value) -> Value:
    while value in replaced:
        value = replaced[value]
    return value


def _reads(instr: Instr, facts: Facts) -> bool:
    """Whether an instruction on objects does nothing but read memory."""
    effects = facts.effects(instr)
    return instr.dest is not None and effects.reads and not (effects.calls or effects.writes or effects.fresh)


def _numbered(instr: Instr, facts: Facts | None) -> bool:
    """Whether an instruction's result depends on its operands and nothing else."""
    if facts is not None:
        return instr.dest is not None and facts.effects(instr).repeatable
    return instr.op in _ALWAYS or instr.row.family in ("arith", "compare", "unary") or instr.op == "ABS" \
        or instr.op.startswith("MATH_")


def _key(instr: Instr, facts: Facts | None) -> Key:
    args = [v.number for v in instr.args]
    # Of two NaNs an addition of floats returns the first; strings and the user's objects have an order.
    if instr.row.commutative and (instr.args[0].type != "f64" if facts is None
                                  else all(facts.kinds(a) <= _INTEGRAL for a in instr.args)):
        args.sort()
    kind = instr.dest.type if instr.dest is not None else ""
    return (instr.op, repr(instr.imm), kind, *args)


def _forget(instr: Instr, reads: dict[Key, Value | None], facts: Facts | None) -> None:
    """Drop the reads whose memory an instruction may write."""
    if facts is not None:
        effects = facts.effects(instr)
        if effects.calls or effects.writes:
            reads.clear()
        return
    if instr.op in ("ARRAY_STORE", "RESTORE", "BYTES_SET"):
        gone = _ARRAYS
    elif instr.op in ("DEQUE_PUSH", "DEQUE_POP"):
        gone = _DEQUES
    elif instr.op in ("RANDOM", "RANDOM_BITS", "TRACK_DICT"):
        return
    elif ops.changes_lengths(instr.row):
        gone = _READS
    elif instr.row.effect == "write":
        gone = _ITEMS
    else:
        return
    for key in [key for key in reads if key[0] in gone]:
        del reads[key]
