"""What emitted code calls for deques, in LLVM assembly: items within, and what does not happen inside of one block.

A deque is a chain of blocks; `_collectionsmodule.c` has the moves. Blocks come and go by the interpreter's own methods.
"""

from __future__ import annotations

from zexus import layout

_OFFSETS = layout.OFFSETS
# How many items a block has room for.
BLOCK = 64


def _load(name: str, field: str, kind: str = "i64") -> str:
    return f"""
  %{name}.at = getelementptr i8, ptr %deque, i64 {_OFFSETS["deque." + field]}
  %{name} = load {kind}, ptr %{name}.at"""


def _slot(name: str, block: str, index: str) -> str:
    return f"""
  %{name}.items = getelementptr i8, ptr %{block}, i64 {_OFFSETS["block.items"]}
  %{name} = getelementptr ptr, ptr %{name}.items, i64 %{index}"""


def _pushing(side: str, other: str) -> str:
    """A function that puts an item in where there is no room beside the last one, or where another one has to go.

    It answers what has gone, a reference that the caller owns; the deque itself if nothing has; null after an
    exception. The item is the deque's behind it.
    """
    step, last, gone = (1, BLOCK - 1, BLOCK - 1) if side == "right" else (-1, 0, 0)
    return f"""
define internal ptr @deque_push_{side}(ptr %deque, ptr %item, ptr %method) noinline {{
  %pair = alloca [2 x ptr]
{_load("size", "size")}
{_load("most", "maxlen")}
  %full = icmp uge i64 %size, %most
  br i1 %full, label %first, label %call
first:
{_load("block", other + "block", "ptr")}
{_load("index", other + "index")}
{_slot("slot", "block", "index")}
  %old = load ptr, ptr %slot
{_load("edge", side + "index")}
  %other.stays = icmp ne i64 %index, {gone}
  %this.stays = icmp ne i64 %edge, {last}
  %simple = and i1 %other.stays, %this.stays
  br i1 %simple, label %move, label %hold
move:
  %behind = add i64 %edge, {step}
  store i64 %behind, ptr %edge.at
{_load("home", side + "block", "ptr")}
{_slot("to", "home", "behind")}
  store ptr %item, ptr %to
  %inner = add i64 %index, {step}
  store i64 %inner, ptr %index.at
{_load("state", "state")}
  %later = add i64 %state, 1
  store i64 %later, ptr %state.at
  ret ptr %old
hold:
  call void @Py_IncRef(ptr %old)
  br label %call
call:
  %answer = phi ptr [ %deque, %0 ], [ %old, %hold ]
  store ptr %deque, ptr %pair
  %second = getelementptr ptr, ptr %pair, i64 1
  store ptr %item, ptr %second
  %made = call ptr @PyObject_Vectorcall(ptr %method, ptr %pair, i64 2, ptr null)
  call void @Py_DecRef(ptr %item)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %raised, label %done
done:
  call void @Py_DecRef(ptr %made)
  ret ptr %answer
raised:
  %none = icmp eq ptr %answer, %deque
  br i1 %none, label %end, label %give
give:
  call void @Py_DecRef(ptr %answer)
  br label %end
end:
  ret ptr null
}}
"""


FUNCTIONS: dict[str, str] = {
    "deque_push_right": _pushing("right", "left"),
    "deque_push_left": _pushing("left", "right"),
    # Take an item out with which its block may go; the caller owns it.
    "deque_pop": """
define internal ptr @deque_pop(ptr %deque, ptr %method) noinline {
  %room = alloca ptr
  store ptr %deque, ptr %room
  %item = call ptr @PyObject_Vectorcall(ptr %method, ptr %room, i64 1, ptr null)
  ret ptr %item
}
""",
    # The item at an index that is known to be within, from the nearer end.
    "deque_item": f"""
define internal ptr @deque_item(ptr %deque, i64 %index) noinline memory(read) {{
{_load("size", "size")}
{_load("first", "leftindex")}
{_load("left", "leftblock", "ptr")}
{_load("right", "rightblock", "ptr")}
  %at = add i64 %index, %first
  %block = udiv i64 %at, {BLOCK}
  %place = urem i64 %at, {BLOCK}
  %half = ashr i64 %size, 1
  %near = icmp slt i64 %index, %half
  %last.at = add i64 %first, %size
  %before = sub i64 %last.at, 1
  %last = udiv i64 %before, {BLOCK}
  %back = sub i64 %last, %block
  %steps = select i1 %near, i64 %block, i64 %back
  %start = select i1 %near, ptr %left, ptr %right
  %link = select i1 %near, i64 {_OFFSETS["block.right"]}, i64 {_OFFSETS["block.left"]}
  br label %head
head:
  %n = phi i64 [ %steps, %0 ], [ %less, %step ]
  %here = phi ptr [ %start, %0 ], [ %next, %step ]
  %more = icmp sgt i64 %n, 0
  br i1 %more, label %step, label %found
step:
  %less = sub i64 %n, 1
  %link.at = getelementptr i8, ptr %here, i64 %link
  %next = load ptr, ptr %link.at
  br label %head
found:
{_slot("slot", "here", "place")}
  %item = load ptr, ptr %slot
  ret ptr %item
}}
""",
}
DECLARATIONS: dict[str, str] = {"PyObject_Vectorcall": "declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)"}
