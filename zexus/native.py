"""The rows of the typed form: machine operations, which the specializer makes and emission writes one by one.

A line is a row: its name, its operands, its result, what it has to do with memory, whether it leaves, and its traits.

* Operands: a letter for each. `i` an i64, `f` an f64, `b` an i1, `p` a pointer, `n` an i64 or f64, `k` what is
  hashed (no i1), `.` anything. `*` stands for any number of the letter before it, `a` for dimensions and as many
  indices, `t` for an object, or for the tuple's items where one is to be made of them. How many, the immediate says.
* Result: its payload; `=` depends on the operands or on the immediate.
* Memory: what is read, or behind `=` what is written: `number` (items that are numbers), `item` (any others),
  `length`, `shape` (of instances), `table` (of dicts and sets), `deque`, `array`, `header` (of arrays). `objects`
  (several of these) and `world` (globals, cells, fields) are read anew each time. `=own` is what nobody else looks
  at; `=anything` is all but arrays, since what allocates may collect garbage, whose finalizers may do anything;
  behind `~` nobody misses it where the result is not needed. `call` runs other code.
* Exit: `always` has one; `may` has one unless its operands make it unnecessary.
* Traits: see `TRAITS`.
"""

from __future__ import annotations

from zexus.records import dataclass

TRAITS = {
    "same": "with the same operands it gives the same result, anywhere in a function",
    "pinned": "it stays where it is, although it reads no memory",
    "faults": "it may stand only where what it looks at has been checked",
    "pools": "it keeps an object for as long as the region runs",
    "reuses": "it gives an object that the next one changes, unless somebody else has it",
    "borrows": "it gives an object that nobody holds for native code",
    "bypasses": "it looks at objects in memory, where an unboxed copy may know better",
    "dear": "it costs native code about as much as CPython",
}

_OBJECTS = frozenset(("number", "item", "length", "shape", "table", "deque"))
_EVERYTHING = _OBJECTS | {"array", "header"}
_READ_ANEW = frozenset(("objects", "world"))
MEMORY = _EVERYTHING | _READ_ANEW


@dataclass(frozen=True)
class Facts:
    """What a line says, but for the name.

    Attributes:
        operands: the pattern of the operands' payloads.
        result: "" for none.
        reads: the kind of memory, or "".
        writes: the kinds of memory that may be others behind it.
        effect: "" (pure), "read", "write" or "call".
        exits: "", "may" or "always".
        traits: some of `TRAITS`.
    """

    operands: str
    result: str
    reads: str
    writes: frozenset[str]
    effect: str
    exits: str
    traits: frozenset[str]

    @property
    def arity(self) -> int:
        """How many operands there are; -1 where the immediate says it."""
        return -1 if set(self.operands) & set("*at") else len(self.operands)


NOTHING = Facts("", "", "", frozenset(), "", "", frozenset())


def rows() -> dict[str, Facts]:
    """All of them by their names."""
    found: dict[str, Facts] = {}
    for line in _TABLE.strip().splitlines():
        name, *columns = line.split()
        if name in found:
            raise ValueError(f"row {name} stands twice in the table")
        found[name] = _facts(*("" if column == "-" else column for column in columns))
    return found


def _facts(operands: str, result: str, memory: str, exits: str, traits: str) -> Facts:
    return Facts(operands, result, memory if _effect(memory) == "read" else "", _written(memory),
                 _effect(memory), exits, frozenset(traits.split(",")) if traits else frozenset())


def _effect(memory: str) -> str:
    if memory == "call" or not memory:
        return memory
    return {"=": "write", "~": ""}.get(memory[0], "read")


def _written(memory: str) -> frozenset[str]:
    if memory == "call":
        return _EVERYTHING
    if memory[:1] not in ("=", "~") or memory == "=own":
        return frozenset()
    return _OBJECTS if memory[1:] == "anything" else frozenset(memory[1:].split(","))


_TABLE = """
    K                   -      =    -             -       same
    REF                 -      ptr  -             -       same
    ARG                 -      ptr  -             -       same,pinned
    SELECT              b..    =    -             -       same
    INT_TO_FLOAT        i      f64  -             -       same
    FLOAT_TO_INT        f      i64  -             always  same
    BOOL_TO_INT         b      i64  -             -       same
    ROUND_F32           f      f64  -             -       same
    WRAP                i      i64  -             always  same
    CHECK_FP            fff    f64  -             always  same
    CHECK_FLOAT         f      f64  -             may     same
    POW_MOD             iii    i64  -             always  same
    WORD_FLOORDIV       ii     i64  -             may     same
    WORD_MOD            ii     i64  -             may     same
    POW_PART            ffi    f64  -             always  same
    HYPOT               ff     f64  -             may     same
    HYPOT_TEST          fff    i1   -             may     same
    HYPOTS_TEST         ffff   i1   -             may     same
    EXACT_FLOAT         i      f64  -             may     same
    KEEP                .      -    -             -       pools
    GUARD               b      -    -             always  same
    GUARD_IS            pp     -    -             always  same
    GUARD_LIST          p      -    -             always  same
    GUARD_ARRAY         p      ptr  header        always  -
    GUARD_TUPLE         p      -    -             always  same
    GUARD_WORLD         p*     -    world         always  -
    SAME                pp     i1   -             -       same
    UNBOX_INT           p      i64  number        always  same
    INT_VALUE           p      i64  -             always  same,pinned
    UNBOX_FLOAT         p      f64  number        always  same
    UNBOX_BOOL          p      i1   number        always  same
    UNBOX_NP            p      =    -             always  same
    TAG_OF              p      i64  number        always  same
    UNBOX_TAGGED        pi     =    number        always  same
    UNBOX_PART          p      f64  number        always  same
    UNBOX_IMAG          pi     f64  number        -       same
    BOX_INT             i      ptr  -             -       pools,same
    BOX_FLOAT           f      ptr  -             -       pools
    BOX_BOOL            b      ptr  -             -       same
    BOX_NP              .      ptr  ~anything     -       pools
    BOX_TAGGED          i.     ptr  ~anything     -       pools
    BOX_COMPLEX         ff     ptr  -             -       pools
    BOX_NP_COMPLEX      ff     ptr  ~anything     -       pools
    BOX_TAGGED_COMPLEX  iff    ptr  ~anything     -       pools
    LIST_LEN            p      i64  length        -       faults
    LIST_SLOTS          p      ptr  length        -       faults
    LIST_ITEM           pi     ptr  item          -       borrows,faults
    LIST_SET_INT        pii    -    =number       always  -
    LIST_SET_FLOAT      pif    -    =number       always  -
    LIST_SET_BOOL       pib    -    =number       always  -
    LIST_SET_PTR        pip    -    =item,number  always  pools
    LIST_SET_COMPLEX    piff   -    =number       always  -
    LIST_PUSH           pp     -    =anything     -       -
    LIST_PUSH_INT       pi     -    =anything     -       -
    LIST_PUSH_FLOAT     pf     -    =anything     -       -
    LIST_PUSH_COMPLEX   pff    -    =anything     -       -
    LIST_POP            p      ptr  =anything     always  pools,borrows
    LIST_NEW            p*     ptr  =anything     -       pools,dear
    SET_NEW             -      ptr  =anything     -       pools,dear
    SET_PUT             p.     -    call          always  pools,dear
    DICT_NEW            -      ptr  =anything     -       pools,dear
    DICT_PUT            p..    -    call          always  pools,dear
    LIST_REPEAT         pi     ptr  =anything     always  pools
    LIST_SLICE          piii   ptr  =anything     always  pools,dear
    LIST_SUM            piii.  =    objects       always  bypasses
    SEEK                p.     i64  objects       always  bypasses
    LIST_CUT            pi     -    =anything     may     pools
    LIST_INSERT         pip    -    =anything     -       -
    LIST_PUSH_TUPLE     pt     -    =anything     -       -
    NULL                -      ptr  -             -       same
    TUPLE_LEN           p      i64  -             -       same,faults
    TUPLE_SLOTS         p      ptr  -             -       same
    TUPLE_BOX           t      ptr  ~anything     -       pools,borrows,dear
    GUARD_CLASS         p      -    shape         always  -
    IS_KIND             p      i1   objects       always  -
    IS_CLASS            p      i1   shape         -       -
    IS_METHOD           pp     i1   -             -       -
    IS_CALLEE           .      i1   world         -       -
    IS_CODE             p      i1   world         -       -
    GUARD_UNHIDDEN      p      -    shape         always  -
    GUARD_QUIET         p*     -    objects       may     -
    ATTR_PLACE          p      ptr  shape         may     bypasses
    SLOT_PLACE          p      ptr  -             -       same,bypasses
    ATTR_ITEM           p      ptr  item          may     borrows
    ATTR_ELSE           pp     ptr  item          -       borrows
    TRACK_DICT          p      -    =own          -       -
    INDEX               ii     i64  -             may     same
    DICT_LEN            p      i64  table         -       -
    DICT_PLACE          p.     ptr  table         always  bypasses
    DICT_HAS            p      i1   -             -       same
    DICT_GET            pp     ptr  item          -       borrows
    DICT_NEXT           piii   i64  table         always  bypasses
    DICT_KEY            pi     ptr  table         -       borrows
    DICT_VALUE          pi     ptr  item          -       borrows
    DICT_PLACE_TUPLE    pk*    ptr  table         always  bypasses
    DICT_STORE          pp.t   -    =anything     may     pools
    DEFAULT_ITEM        pppt   ptr  =anything     always  pools,borrows
    DICT_DEFAULT        pppt   ptr  =anything     always  pools,borrows
    DICT_CUT            ppt    -    =anything     always  pools
    SET_LEN             p      i64  table         -       -
    SET_HAS             p.     i1   table         always  bypasses
    SET_NEXT            piii   i64  table         always  bypasses
    SET_KEY             pi     ptr  table         -       borrows
    SET_HAS_TUPLE       pk*    i1   table         always  bypasses
    SET_INSERT          bpt    -    =anything     may     pools
    TEXT_LEN            p      i64  -             -       same,faults
    TEXT_AT             pi     i64  -             may     same,faults
    TEXT_EQ             pp     i1   -             -       same,faults
    TEXT_ORDER          pp     i64  -             -       same,faults
    TEXT_HAS            pp     i1   -             -       same,faults
    TEXT_IS             i      i1   -             -       same
    TEXT_ALL            p      i1   -             -       same,faults
    TEXT_TAIL           pp     i1   -             -       same,faults
    TEXT_FIND           pp     i64  -             -       same,faults
    TEXT_COUNT          pp     i64  -             -       same,faults
    TEXT_SKIP           p      i64  -             -       same,faults
    TEXT_INT            p      i64  -             -       same,faults
    TEXT_FLOAT          p      f64  -             -       same,faults
    TEXT_FAILS          p      i1   -             -       same,faults
    PLAIN_EQ            p.     i1   number        -       same,faults
    PLAIN_TRUTH         p      i1   objects       -       -
    TEXT_SLICE          pii    ptr  -             may     pools,dear
    TEXT_APPEND         pp     ptr  -             -       pools,dear
    BOX_CHAR            i      ptr  -             -       pools,dear
    INT_TEXT            i      ptr  -             -       pools
    FLOAT_TEXT          fp     ptr  -             -       pools
    TEXT_PAD            pp     ptr  -             -       pools
    TEXT_CASE           pp     ptr  -             -       pools
    CALL_BUILTIN        p*     ptr  =anything     always  pools,dear
    TEXT_JOIN           p*     ptr  =anything     always  pools,dear
    ERROR               -      ptr  =anything     -       -
    ERROR_TAKEN         p      -    =anything     -       pools
    RANDOM              p      f64  =own          -       -
    RANDOM_BITS         pi     i64  =own          may     -
    COMPUTE             n*     =    -             may     same
    REMAINDER           i*     i64  -             may     same
    TUPLE_ITEM          p      ptr  -             -       borrows,same,faults
    CELL_GET            p      ptr  world         always  borrows
    CELL_SET_INT        pi     -    =number       always  -
    CELL_SET_FLOAT      pf     -    =number       always  -
    CELL_SET_BOOL       pb     -    =number       always  -
    CELL_SET_PTR        pp     -    =number       always  pools
    GLOBAL_GET          -      ptr  world         always  -
    ARRAY_DIM           p      i64  header        -       same
    ARRAY_STRIDE        p      i64  header        -       same
    ARRAY_AT            pi     ptr  -             -       same
    VIEW_ID             -      i64  -             -       pinned
    GUARD_WRITEABLE     p      -    header        always  -
    BOX_VIEW            .*     ptr  ~anything     always  pools
    ARRAY_LOAD          pa     =    array         -       faults
    ARRAY_STORE         pa.    -    =array        may     -
    GUARD_TYPE          p      -    -             always  same
    GUARD_FIELD         p      -    world         always  -
    GUARD_CODE          p      -    world         always  -
    GUARD_SAME_ARRAY    .*     -    world         always  -
    GUARD_STACK         -      -    -             always  -
    GUARD_SERVICE       -      -    world         may     -
    FIELD               p      i64  world         -       -
    FIELD_PTR           p      ptr  world         always  -
    CALL_SELF           .*     i64  call          may     -
    SELF_OBJECT         .      ptr  -             -       pools
    SELF_VALUE          .      =    -             -       -
    CALL_BODY           .*     ptr  call          -       pools
    RET                 .      -    -             -       -
    CALL_BLOCK          p*     ptr  call          always  pools,dear
    CALL_OBJECT         p*     ptr  call          always  pools,dear
    DRAW                p      ptr  call          always  pools,dear
    BYTES_LEN           p      i64  length        -       faults
    BYTES_AT            pi     i64  array         -       faults
    BYTES_SET           pii    -    =array        -       -
    HEAP_PUSH           pp     -    =anything     always  -
    HEAP_POP            p      ptr  =anything     always  pools
    BISECT              ppii   i64  objects       always  bypasses
    HEAP_SWAP           pp     ptr  =anything     always  pools
    DEQUE_LEN           p      i64  deque         -       faults
    DEQUE_END           p      ptr  deque         -       borrows,faults
    DEQUE_ITEM          pi     ptr  deque         -       borrows,faults
    DEQUE_PUSH          pt     -    =deque        always  pools
    DEQUE_POP           p      -    =deque        always  pools
    SWEEP               -      -    call          -       -
    DRAW_QUIETLY        p      ptr  =anything     always  pools,dear
    DRAW_KEPT           p      ptr  =anything     always  reuses,borrows
    POLL                p*     -    call          always  -
    EXIT                -      -    -             always  -
    TICK                i      -    -             -       -
    COUNT               i      -    -             -       pinned
    SAVE                pa.    -    =own          -       -
    RESTORE             pa.    -    =array        -       -
    MIRROR              p      ptr  =own          always  -
    MIRROR_WIDTH        p      i64  -             -       -
    MIRROR_APART        p      -    -             always  -
    WEIGH               p      -    =own          -       -
    STAY                -      -    -             always  -
    EXPECT              .*     -    -             -       -
    OWNER               p      ptr  -             -       -
    NEW                 -      ptr  -             -       -
    EXPECT_NONE         p      -    -             -       -
    EXPECT_ANSWER       p      -    -             -       -
    NEW_OBJECT          -      ptr  =anything     may     pools,dear
    ATTR_FILL           pp     -    =item,number  may     -
    ATTR_INIT           pp.    -    =item,number  may     pools
    OBJECT              -      ptr  -             -       -
"""
