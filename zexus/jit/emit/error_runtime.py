"""The runtime of exceptions, in LLVM assembly: they are taken, set again, and told which frames they pass."""

from __future__ import annotations

from zexus import layout

_TAKE_OLD = """
define internal ptr @take_error() noinline optnone {
  %t = alloca ptr
  %v = alloca ptr
  %b = alloca ptr
  call void @PyErr_Fetch(ptr %t, ptr %v, ptr %b)
  call void @PyErr_NormalizeException(ptr %t, ptr %v, ptr %b)
  %value = load ptr, ptr %v
  %trace = load ptr, ptr %b
  %none = icmp eq ptr %trace, null
  br i1 %none, label %done, label %set
set:
  %ignored = call i32 @PyException_SetTraceback(ptr %value, ptr %trace)
  br label %done
done:
  %type = load ptr, ptr %t
  call void @Py_DecRef(ptr %type)
  call void @Py_DecRef(ptr %trace)
  ret ptr %value
}
"""
_TAKE_NEW = """
define internal ptr @take_error() noinline optnone {
  %e = call ptr @PyErr_GetRaisedException()
  ret ptr %e
}
"""
_RAISE_OLD = """
define internal void @raise_again(ptr %e) noinline optnone {
  %type = call ptr @PyObject_Type(ptr %e)
  %trace = call ptr @PyException_GetTraceback(ptr %e)
  call void @PyErr_Restore(ptr %type, ptr %e, ptr %trace)
  ret void
}
"""
_RAISE_NEW = """
define internal void @raise_again(ptr %e) noinline optnone {
  call void @PyErr_SetRaisedException(ptr %e)
  ret void
}
"""

FUNCTIONS = {
    "take_error": _TAKE_NEW if layout.MODERN else _TAKE_OLD,
    "raise_again": _RAISE_NEW if layout.MODERN else _RAISE_OLD,
    # What `tracebacks.note` does to the exception that is set.
    "pass_error": """
define internal void @pass_error(ptr %frames, ptr %name) noinline optnone {
  %e = call ptr @take_error()
  %names = call ptr @PyObject_GenericGetDict(ptr %e, ptr null)
  %below = call ptr @PyDict_GetItemWithError(ptr %names, ptr %name)
  %innermost = icmp eq ptr %below, null
  br i1 %innermost, label %first, label %more
first:
  call void @Py_IncRef(ptr %frames)
  br label %put
more:
  %longer = call ptr @PySequence_Concat(ptr %frames, ptr %below)
  br label %put
put:
  %noted = phi ptr [ %frames, %first ], [ %longer, %more ]
  %ignored = call i32 @PyDict_SetItem(ptr %names, ptr %name, ptr %noted)
  call void @Py_DecRef(ptr %noted)
  call void @Py_DecRef(ptr %names)
  call void @raise_again(ptr %e)
  ret void
}
""",
}

DECLARATIONS = {
    "PyDict_SetItem": "declare i32 @PyDict_SetItem(ptr, ptr, ptr)",
    "PyErr_Fetch": "declare void @PyErr_Fetch(ptr, ptr, ptr)",
    "PyErr_GetRaisedException": "declare ptr @PyErr_GetRaisedException()",
    "PyErr_NormalizeException": "declare void @PyErr_NormalizeException(ptr, ptr, ptr)",
    "PyErr_Restore": "declare void @PyErr_Restore(ptr, ptr, ptr)",
    "PyErr_SetRaisedException": "declare void @PyErr_SetRaisedException(ptr)",
    "PyException_GetTraceback": "declare ptr @PyException_GetTraceback(ptr)",
    "PyException_SetTraceback": "declare i32 @PyException_SetTraceback(ptr, ptr)",
    "PyObject_GenericGetDict": "declare ptr @PyObject_GenericGetDict(ptr, ptr)",
    "PyObject_Type": "declare ptr @PyObject_Type(ptr)",
    "PySequence_Concat": "declare ptr @PySequence_Concat(ptr, ptr)",
}
