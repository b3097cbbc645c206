"""The child process of the compile service: reads LLVM assembly, answers object code."""

from __future__ import annotations

import os
import sys

from zexus.jit.compiler import receive, send


def main() -> None:
    """Serve until the other side closes the pipe."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from zexus.jit.emit import library

    while True:
        try:
            assembly, reduced = receive(requests)
        except EOFError:
            return
        try:
            answer: bytes | str = library.compile_object(assembly, reduced)
        except RuntimeError as error:
            answer = f"LLVM: {error}"
        send(answers, answer)
