"""The worker process of the compile service: reads LLVM assembly, answers object code."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from typing import Any

from zexus.jit.service import packed, unpacked

_MOST_DESCRIPTORS = 4096


def main() -> None:
    """Serve until the other side closes the connection."""
    connection = os.dup(0)
    os.dup2(2, 1)
    os.closerange(3, connection)
    os.closerange(connection + 1, _MOST_DESCRIPTORS)  # whatever the program's own parent had left open
    requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, requests), daemon=True).start()
    from zexus.jit.emit import library

    library.target_machine()
    _send(connection, (0, b"", 0.0))
    while True:
        number, assembly, seconds, *how = requests.get()
        started = time.perf_counter()
        # The signal ends the process, whatever LLVM is doing; the other side notices.
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            answer: bytes | str = library.compile_object(assembly, *how)
        except RuntimeError as error:
            answer = f"LLVM: {error}"
        signal.setitimer(signal.ITIMER_REAL, 0)
        _send(connection, (number, answer, time.perf_counter() - started))


def _receive(connection: int, requests: queue.SimpleQueue[Any]) -> None:
    incoming = bytearray()
    try:
        while chunk := os.read(connection, 1 << 16):
            incoming += chunk
            while (message := unpacked(incoming)) is not None:
                requests.put(message)
    finally:
        # The other side is gone, in order or (with an answer that it did not read) as a reset.
        os._exit(0)


def _send(connection: int, message: Any) -> None:
    left = packed(message)
    while left:
        left = left[os.write(connection, left):]
