"""The compile service: a worker process beside the program that turns typed functions into object code.

The program never waits for the worker: it asks now and then what has come. There is no thread, so a program that
forks, counts its threads or ends sees none; and the worker is not the program's child, so `os.wait` never meets it.
What a program that ends has not taken is put into the cache, by itself or, where it is not ready, by the worker: the
next run has it.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import pickle
import select
import struct
import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

from zexus import events
from zexus.jit.emission import Source
from zexus.jit.forking import serving
from zexus.records import dataclass
from zexus.settings import JitSettings

if TYPE_CHECKING:
    import _socket

_FIRST_DESCRIPTOR = 64  # programs that count on the numbers of their own files find them unchanged
_DROPPED = ("PYTHONWARNINGS", "PYTHONINSPECT", "PYTHONDEVMODE", "PYTHONSTARTUP", "PYTHONPROFILEIMPORTTIME")
# The shell goes at once and leaves the worker without a parent; interrupts from the keyboard do not reach it.
_DETACH = 'exec 3<&0; "$@" 0<&3 1>&3 3<&- &'


class Failed(Exception):
    """The worker could not compile; the message says why."""


class Broken(Exception):
    """There is no worker on this machine."""


@dataclass
class Request:
    """What the worker is asked for.

    Attributes:
        source: the module.
        seconds: the time that the worker may take.
        file: where the object code is to be kept if the program ends before it has it; "" for nowhere.
        level, vectorize: how LLVM optimizes.
        reduced: whether only the passes that are fast on every input are to be used.
    """

    source: Source
    seconds: float
    file: str
    level: int
    vectorize: bool
    reduced: bool = False


class Service:
    """The near end of the worker.

    Attributes:
        greeted: whether the present worker has said that it works.
    """

    def __init__(self) -> None:
        self.greeted = False
        self._socket: _socket.socket | None = None
        self._identity = (0, 0)
        self._waiting: dict[int, Request] = {}
        self._answers: dict[int, tuple[bytes | str, float]] = {}
        self._files: dict[int, str] = {}  # of what has not been fetched
        self._incoming, self._outgoing = bytearray(), bytearray()
        self._numbers = 0
        self._broken = False

    def prepare(self) -> None:
        """Start the worker, because something is going to be asked for."""
        with serving:
            if self._socket is None and not self._broken:
                self._connect()

    def submit(self, source: Source, settings: JitSettings, file: str = "") -> int:
        """Ask for object code, made as the settings say.

        Args:
            source: the module.
            settings: the user's.
            file: where the code is to be kept if the program ends before it has it.

        Returns:
            the number under which it is to be fetched.
        """
        with serving:
            self._numbers += 1
            self._waiting[self._numbers] = request = Request(
                source, settings.compile_seconds, file, settings.llvm_level, settings.vectorize)
            self._files[self._numbers] = file
            if self._socket is not None:
                self._ask(self._numbers, request)
            self._advance()
            return self._numbers

    def fetch(self, number: int) -> tuple[bytes, float] | None:
        """Object code and the seconds that it took, or None as long as there is none.

        Raises:
            Failed: LLVM refused the module, or the time was up twice.
            Broken: there is no worker.
        """
        with serving:
            self._advance()
            if self._broken and number in self._waiting:
                del self._waiting[number]
                raise Broken
            if number not in self._answers:
                return None
            answer, seconds = self._answers.pop(number)
            self._files.pop(number, None)
        if isinstance(answer, str):
            raise Failed(answer)
        return answer, seconds

    def rest(self) -> None:
        """Wait a moment for something to come from the worker."""
        with serving:
            descriptor = -1 if self._socket is None else self._socket.fileno()
        if descriptor >= 0:
            select.select([descriptor], [], [], 0.02)

    def forget_worker(self) -> None:
        """In the child of a fork: the worker is the parent's; what is waited for goes to an own one."""
        self._disconnect()

    def stop(self) -> None:
        """Close the connection; the worker ends itself when it has done what it was asked for."""
        with serving:
            if self._socket is not None:  # a worker is not started to be left at once
                self._advance()
            for number, (answer, _) in self._answers.items():
                if isinstance(answer, bytes) and self._files[number]:
                    from pathlib import Path

                    from zexus.jit import cache

                    cache.store(Path(self._files[number]), answer)
            self._answers.clear()
            self._waiting.clear()
            self._disconnect()

    def _advance(self) -> None:
        """Send and receive what can be without waiting."""
        if self._broken or not self._waiting:
            return
        if self._socket is None:
            self._connect()
        if self._socket is None:
            return
        try:
            self._transfer(self._socket)
        except OSError:
            self._lost()

    def _transfer(self, connection: _socket.socket) -> None:
        if not self._is_ours(connection):
            raise OSError("the descriptor was taken away")
        try:
            while self._outgoing:
                del self._outgoing[: connection.send(self._outgoing)]
        except BlockingIOError:
            pass
        try:
            while chunk := connection.recv(1 << 16):
                self._incoming += chunk
        except BlockingIOError:
            self._sort()
            return
        self._sort()
        raise OSError("the worker is gone")

    def _sort(self) -> None:
        while (message := unpacked(self._incoming)) is not None:
            number, answer, seconds = message
            self.greeted = True
            if self._waiting.pop(number, None) is not None:
                self._answers[number] = answer, seconds

    def _ask(self, number: int, request: Request) -> None:
        self._outgoing += packed((number, request.source, request.seconds, request.file, request.reduced,
                                  request.level, request.vectorize))

    def _lost(self) -> None:
        """The worker has ended: it never worked, or LLVM took more time on the oldest request than it may."""
        greeted = self.greeted
        self._disconnect()
        if not greeted:
            self._give_up("no worker process could be started")
            return
        number, request = next(iter(self._waiting.items()), (0, None))
        if request is None:
            return
        events.append("compile", "worker", "a compilation ran out of its budget")
        if request.reduced:
            del self._waiting[number]
            self._answers[number] = "the compiler ran out of its budget", request.seconds
        request.reduced = True

    def _give_up(self, reason: str) -> None:
        self._broken = True
        events.append("compile", "worker", reason)

    def _connect(self) -> None:
        executable = interpreter()
        if executable is None or not hasattr(os, "posix_spawn"):
            self._give_up("there is no interpreter to run a worker process with")
            return
        import _socket

        near, far = _socket.socketpair()
        try:
            near = _high(near)
            far = _high(far)
            _spawn(executable, far.fileno())
        except OSError as error:
            near.close()
            self._give_up(f"no worker process could be started: {error.strerror}")
            return
        finally:
            far.close()
        near.setblocking(False)
        self._socket, self._identity = near, _identity(near.fileno())
        for number, request in self._waiting.items():
            self._ask(number, request)

    def _is_ours(self, connection: _socket.socket) -> bool:
        """Whether the descriptor is still what it was: a program may close what it does not know."""
        try:
            return _identity(connection.fileno()) == self._identity
        except OSError:
            return False

    def _disconnect(self) -> None:
        connection, self._socket = self._socket, None
        self.greeted = False
        self._incoming, self._outgoing = bytearray(), bytearray()
        if connection is None:
            return
        if self._is_ours(connection):
            connection.close()
        else:
            connection.detach()


def interpreter() -> str | None:
    """The path of a Python interpreter like this one, or None."""
    names = [sys.executable or ""] if not hasattr(sys, "frozen") else []
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    names.append(os.path.join(sys.exec_prefix, "bin", version))
    for name in names:
        if os.path.basename(name).lower().startswith("python") and os.access(name, os.X_OK):
            return name
    return None


def places() -> list[str]:
    """Where a worker finds what it imports: it starts without the site's own start-up code."""
    files = [os.path.dirname(os.path.realpath(__file__))]
    spec = PathFinder.find_spec("llvmlite")
    if spec is not None and spec.origin is not None:
        files.append(spec.origin)
    return [os.path.dirname(os.path.dirname(file)) for file in files]


def environment() -> dict[str, str]:
    """The environment of a worker."""
    found = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    found["ZEXUS_DISABLE"] = "1"
    return found


def _spawn(executable: str, descriptor: int) -> None:
    program = f"import sys; sys.path[:0] = {places()}; from zexus.jit.worker import main; main()"
    child = os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", _DETACH, "sh", executable, "-P", "-S", "-W", "ignore", "-c", program],
        environment(),
        file_actions=[
            (os.POSIX_SPAWN_DUP2, descriptor, 0),
            (os.POSIX_SPAWN_DUP2, descriptor, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
    )
    try:
        os.waitpid(child, 0)
    except ChildProcessError:
        return  # the program lets the system reap its children


def _high(connection: _socket.socket) -> _socket.socket:
    """The same socket under a descriptor that nobody asks for by its number."""
    import _socket

    try:
        moved = fcntl.fcntl(connection.fileno(), fcntl.F_DUPFD_CLOEXEC, _FIRST_DESCRIPTOR)
    except OSError:
        moved = fcntl.fcntl(connection.fileno(), fcntl.F_DUPFD_CLOEXEC, 3)
    connection.close()
    return _socket.socket(fileno=moved)


def _identity(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino


def packed(message: Any) -> bytes:
    """A message with its length in front."""
    raw = pickle.dumps(message)
    return struct.pack("<Q", len(raw)) + raw


def unpacked(stream: bytearray) -> Any:
    """The first message of a stream, which is taken out of it; None when it is not all there."""
    if len(stream) < 8:
        return None
    (size,) = struct.unpack_from("<Q", stream)
    if len(stream) < 8 + size:
        return None
    message = pickle.loads(bytes(stream[8:8 + size]))
    del stream[:8 + size]
    return message


_service = Service()


def service() -> Service:
    """The process's service."""
    return _service


os.register_at_fork(after_in_child=_service.forget_worker)
atexit.register(_service.stop)
