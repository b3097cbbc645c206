"""Worker processes as the tests see them: recycled (compiled code is never freed), watched, and crash-proof."""

from __future__ import annotations

import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from .worker import receive, send

SCRIPT = Path(__file__).with_name("worker.py")


class Worker:
    """A process that answers requests one by one.

    Args:
        lifetime: requests after which the process is replaced by a new one.
        patience: seconds after which a request counts as hanging and its process is ended.
        cache: the directory in which its compiled loops are kept; each process has its own without it.
    """

    def __init__(self, lifetime: int = 200, patience: float = 120.0, cache: Path | None = None) -> None:
        self._arguments = [] if cache is None else [str(cache)]
        self.lifetime = lifetime
        self.patience = patience
        self._served = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by stop)

    def ask(self, job: str, *arguments: Any) -> dict[str, Any]:
        """The answer to a request; `failure` holds what happened when the process crashed or hung."""
        if self._served >= self.lifetime:
            self.close()
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        self._served += 1
        try:
            send(process.stdin, (job, arguments))
            ready, _, _ = select.select([process.stdout], [], [], self.patience)
            if not ready:
                process.kill()
                self.close()
                return {"failure": f"no answer within {self.patience} seconds"}
            answer: dict[str, Any] = receive(process.stdout)
        except (EOFError, BrokenPipeError):
            code = process.wait()
            self._errors.seek(0)
            tail = self._errors.read().decode(errors="replace")[-4000:]
            self.close()
            return {"failure": f"the process ended with exit code {code}\n{tail}"}
        return answer

    def stop(self) -> None:
        """End the process for good."""
        self.close()
        self._errors.close()

    def _start(self) -> subprocess.Popen[bytes]:
        self._errors.seek(0)
        self._errors.truncate()
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *self._arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
        )
        return self._process

    def close(self) -> None:
        """End the process; the next request starts a new one."""
        process, self._process, self._served = self._process, None, 0
        if process is None:
            return
        assert process.stdin is not None and process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def spread(requests: Iterable[tuple[str, tuple[Any, ...]]], workers: int, **how: Any) -> Iterator[dict[str, Any]]:
    """The answers to many requests in order, worked on by several processes."""
    idle: SimpleQueue[Worker] = SimpleQueue()
    crew = [Worker(**how) for _ in range(workers)]
    for worker in crew:
        idle.put(worker)

    def serve(request: tuple[str, tuple[Any, ...]]) -> dict[str, Any]:
        worker = idle.get()
        try:
            return worker.ask(request[0], *request[1])
        finally:
            idle.put(worker)

    try:
        with ThreadPoolExecutor(workers) as threads:
            yield from threads.map(serve, requests)
    finally:
        for worker in crew:
            worker.stop()


def shrink(lines: list[str], fails: Callable[[str], bool], attempts: int = 400) -> str:
    """The shortest text found by leaving out runs of lines for which `fails` still holds.

    A block is left out with its header, since a text that does not parse does not fail.
    """
    size = max(1, len(lines) // 2)
    while size and attempts > 0:
        start = 0
        while start < len(lines) and attempts > 0:
            candidate = lines[:start] + lines[start + size :]
            attempts -= 1
            if fails("\n".join(candidate) + "\n"):
                lines = candidate
            else:
                start += size
        size //= 2
    return "\n".join(lines) + "\n"
