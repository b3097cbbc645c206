"""The worker process of the compile service: reads typed functions or LLVM assembly, answers object code."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from typing import Any

from zexus.codes import internal
from zexus.jit.service import packed, unpacked

_MOST_DESCRIPTORS = 4096


# For how long a worker goes on for programs to come when its own has ended, in seconds.
_ORPHANED = 20.0


def main() -> None:
    """Serve until the other side closes the connection, and then do what was asked for before."""
    connection = os.dup(0)
    os.dup2(2, 1)
    os.closerange(3, connection)
    os.closerange(connection + 1, _MOST_DESCRIPTORS)  # whatever the program's own parent had left open
    requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, requests), daemon=True).start()
    from zexus.jit.emit import library

    library.target_machine()
    _send(connection, (0, b"", 0.0))
    while (request := requests.get()) is not None:
        number, source, seconds, file, *how = request
        started = time.perf_counter()
        # The signal ends the process, whatever LLVM is doing; the other side notices.
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            answer: bytes | str = library.compile_object(source.assembly(), *how)
        except RuntimeError as error:
            answer = f"LLVM: {error}"
        except Exception as defect:
            answer = str(internal(defect))
        signal.setitimer(signal.ITIMER_REAL, 0)
        if not _send(connection, (number, answer, time.perf_counter() - started)):
            _keep(file, answer)


def _keep(file: str, answer: bytes | str) -> None:
    """Put object code into the cache for the next program."""
    if file and isinstance(answer, bytes):
        from pathlib import Path

        from zexus.jit import cache

        cache.store(Path(file), answer)


def _receive(connection: int, requests: queue.SimpleQueue[Any]) -> None:
    incoming = bytearray()
    try:
        while chunk := os.read(connection, 1 << 16):
            incoming += chunk
            while (message := unpacked(incoming)) is not None:
                requests.put(message)
    finally:
        # The other side is gone, in order or (with an answer that it did not read) as a reset.
        requests.put(None)
        time.sleep(_ORPHANED)
        os._exit(0)


def _send(connection: int, message: Any) -> bool:
    """Send a message; whether there is anybody to read it."""
    left = packed(message)
    try:
        while left:
            left = left[os.write(connection, left):]
    except OSError:
        return False
    return True
