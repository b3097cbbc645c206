"""What emitted code calls to draw from iterators, in LLVM assembly."""

from __future__ import annotations

# The answer where an iterator has raised; null is its end.
RAISED = 1

FUNCTIONS: dict[str, str] = {
    "drawn": f"""
define internal ptr @drawn(ptr %it) {{
  %item = call ptr @PyIter_Next(ptr %it)
  %none = icmp eq ptr %item, null
  br i1 %none, label %ask, label %done
done:
  ret ptr %item
ask:
  %error = call ptr @PyErr_Occurred()
  %ended = icmp eq ptr %error, null
  %mark = inttoptr i64 {RAISED} to ptr
  %answer = select i1 %ended, ptr null, ptr %mark
  ret ptr %answer
}}
""",
}
DECLARATIONS: dict[str, str] = {
    "PyIter_Next": "declare ptr @PyIter_Next(ptr)",
    "PyErr_Occurred": "declare ptr @PyErr_Occurred()",
}
