"""The compile service: typed functions in, builtin functions out; now, or beside the program, within a budget."""

from __future__ import annotations

import atexit
import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from zexus import events
from zexus.jit import cache
from zexus.jit.specialize import Unit
from zexus.regvm import text
from zexus.settings import JitSettings


@dataclass(frozen=True)
class Compiled:
    """A compiled unit: what to call, and what it cost."""

    call: Callable[..., tuple[Any, ...]]
    seconds: float
    cached: bool


class CompileFailed(Exception):
    """The compiler gave up; the message says why."""


def compile_now(unit: Unit, name: str, settings: JitSettings, force: bool = False) -> Compiled:
    """Compile a unit and wait for it.

    Raises:
        CompileFailed: the compiler found an error, or ran out of its budget.
    """
    started = time.perf_counter()
    printed = text.print_function(unit.fn) + (" forced" if force else "")
    key = cache.key(printed)
    code = cache.load(key) if settings.cache else None
    cached = code is not None
    if code is None:
        from zexus.jit.emit import function

        assembly = function.emit(unit.fn, symbol(key), force)
        size = sum(len(b.instrs) for b in unit.fn.blocks)
        if settings.background or size > settings.big_unit:
            code = service().compile(assembly, settings.compile_seconds)
        else:
            from zexus.jit.emit import library

            code = library.compile_object(assembly)
        if settings.cache:
            cache.store(key, code)
    from zexus.jit import loader

    call = loader.load(code, symbol(key), name, tuple(unit.objects))
    return Compiled(call, time.perf_counter() - started, cached)


def symbol(key: str) -> str:
    """The name of an entry in object code."""
    return "zexus_" + key[:24]


class Service:
    """A child process that compiles, so that the program neither waits for LLVM nor hangs with it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.child: subprocess.Popen[bytes] | None = None
        self.owner = os.getpid()

    def start(self) -> subprocess.Popen[bytes]:
        environment = dict(os.environ, ZEXUS_DISABLE="1")
        root = str(Path(__file__).resolve().parents[2])
        program = f"import sys; sys.path.insert(0, {root!r}); from zexus.jit.worker import main; main()"
        return subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, env=environment, start_new_session=True)

    def compile(self, assembly: str, seconds: float) -> bytes:
        """Object code of a module; a child that takes too long is killed, and the reduced pipeline tried.

        Raises:
            CompileFailed: both pipelines failed.
        """
        with self.lock:
            for reduced in (False, True):
                if self.child is None or self.child.poll() is not None:
                    self.child = self.start()
                answer = self.ask(self.child, (assembly, reduced), seconds + 5.0 * (not reduced))
                if isinstance(answer, bytes):
                    return answer
                if answer is None:
                    self.stop()
                    events.append("compile", "service", "a compilation ran out of its budget")
                    continue
                raise CompileFailed(answer)
        raise CompileFailed("the compiler ran out of its budget")

    def ask(self, child: subprocess.Popen[bytes], request: tuple[str, bool], seconds: float) -> bytes | str | None:
        timer = threading.Timer(seconds, child.kill)
        timer.daemon = True
        timer.start()
        try:
            assert child.stdin is not None and child.stdout is not None
            send(child.stdin, request)
            answer: bytes | str = receive(child.stdout)
            return answer
        except (OSError, EOFError):
            return None
        finally:
            timer.cancel()

    def stop(self) -> None:
        """End the child."""
        child, self.child = self.child, None
        if child is None or os.getpid() != self.owner:
            return
        child.kill()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()
        child.wait()


def send(stream: IO[bytes], message: Any) -> None:
    """Write a message with its length in front."""
    raw = pickle.dumps(message)
    stream.write(struct.pack("<Q", len(raw)) + raw)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read a message.

    Raises:
        EOFError: the other side is gone.
    """
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    (size,) = struct.unpack("<Q", head)
    raw = stream.read(size)
    if len(raw) < size:
        raise EOFError
    return pickle.loads(raw)


_service: Service | None = None
_jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
_thread: threading.Thread | None = None
_owner = os.getpid()
_start = threading.Lock()


def service() -> Service:
    """The process's service."""
    global _service
    if _service is None or _service.owner != os.getpid():
        _service = Service()
        atexit.register(_service.stop)
    return _service


def submit(job: Callable[[], None]) -> None:
    """Run a job in the compile thread."""
    global _thread, _owner, _jobs
    with _start:
        if _thread is None or _owner != os.getpid():
            _owner = os.getpid()
            _jobs = queue.SimpleQueue()
            _thread = threading.Thread(target=_work, args=(_jobs,), name="zexus-compile", daemon=True)
            _thread.start()
    _jobs.put(job)


def _work(jobs: queue.SimpleQueue[Callable[[], None]]) -> None:
    while True:
        jobs.get()()


def _after_fork() -> None:
    global _start
    _start = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
