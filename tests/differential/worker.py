"""The process that runs programs under an engine: answers one pickled request after the other."""

from __future__ import annotations

import faulthandler
import functools
import os
import pickle
import struct
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

PACKAGE = "differential"
GUARDS: Counter[str] = Counter()
MIRRORED: set[str] = set()


def run_corpus(topic: str, name: str, mode: str) -> dict[str, Any]:
    """Compare one corpus function in one mode ("native" judges where its loops run)."""
    from differential import harness
    from differential.cases import load

    subject = load(topic)
    if mode == "native":
        problems, compiled = harness.check_native(subject, name, harness.engine("first"))
        return {"problems": harness.report(problems, compiled) if problems else ""}
    rounds = harness.ROUNDS.get(mode, 1)
    case = subject.cases[name]
    # Optimizing takes most of the time; the ways out are the same with few optimizations, and most answers are.
    with reduced(zlib.crc32(name.encode()) % 4 != 0 and (_leaves(mode) or mode == "first")):
        for only in range(len(case.sets)) if case.apart else (None,):
            found, compiled = harness.compare(load(topic), load(topic), name, harness.engine(mode), rounds, only)
            if found:
                return {"problems": harness.report(found, compiled)}
    return {"problems": ""}


def _leaves(mode: str) -> bool:
    """Whether a mode is about ways out and the lists' mirrors, and not about what is optimized."""
    from differential import harness

    return bool({"force_exit", "mirror_after"} & harness.MODES.get(mode, {}).keys())


@contextmanager
def reduced(holds: bool) -> Iterator[None]:
    """Where that holds, let loops get only the few optimizations that the engine falls back to."""
    from zexus.jit.emit import library

    full = library.compile_object
    if holds:
        library.compile_object = functools.partial(full, reduced=True)
    try:
        yield
    finally:
        library.compile_object = full


def run_generated(text: str, label: str, modes: tuple[str, ...], few: bool = False) -> dict[str, Any]:
    """Compare one generated program in some modes, and tell what the engine made of it.

    Args:
        text: the program.
        label: what its files are called.
        modes: keys of `harness.MODES`.
        few: optimize but for the first and the default mode by the few passes that the engine falls back to, to save
            time.
    """
    from differential import harness
    from differential.cases import load_text
    from zexus.jit import cache

    problems: dict[str, str] = {}
    regions: list[tuple[str, str, int, int, int]] = []
    GUARDS.clear()
    MIRRORED.clear()
    cache.clear()  # the forced-exit modes of one program share their code; the next program shares none
    for mode in modes:
        filename = f"<{label}-{mode}>"
        reference, subject = (load_text(text, filename, label) for _ in range(2))
        rounds = harness.ROUNDS.get(mode, 1)
        with reduced(few and _leaves(mode)):
            found, compiled = harness.compare(reference, subject, "f", harness.engine(mode), rounds)
        if found:
            problems[mode] = harness.report(found, compiled)
        if mode == "first":
            regions = [
                (r.tier, r.code, r.iterations, r.native_iterations, r.side_exits) for r in harness.regions(compiled)
            ]
    return {"problems": problems, "regions": regions, "guards": dict(GUARDS), "mirrored": len(MIRRORED)}


def count_guards() -> None:
    """Note in GUARDS what kind of guard it was whenever native code is left or cannot be entered."""
    from zexus.jit.tier import LoopTier
    from zexus.jit.version import Version

    frames_of, missed, serve = LoopTier.frames_of, LoopTier.missed, LoopTier.serve

    @functools.lru_cache(maxsize=32)
    def kinds(version: Version) -> dict[int, str]:
        return {
            instr.exit.number: f"{instr.exit.code} {instr.op}"
            for fn in version.unit.functions()
            for instr in fn.instructions()
            if instr.exit is not None
        }

    def counted_frames(self: LoopTier, version: Version, answer: Any, before: Any) -> Any:
        found = frames_of(self, version, answer, before)
        GUARDS[kinds(version).get(found[1].number, found[1].code)] += 1
        return found

    def counted_miss(self: LoopTier, *arguments: Any) -> Any:
        GUARDS["entry"] += 1
        return missed(self, *arguments)

    def noted_serve(self: LoopTier, version: Version) -> None:
        if version.unit.mirrored:
            MIRRORED.add(self.where())
        serve(self, version)

    LoopTier.frames_of, LoopTier.missed = counted_frames, counted_miss  # type: ignore[method-assign]
    LoopTier.serve = noted_serve  # type: ignore[method-assign]


JOBS: dict[str, Callable[..., dict[str, Any]]] = {"corpus": run_corpus, "generated": run_generated}


def send(stream: IO[bytes], message: Any) -> None:
    """Write one message with its length in front."""
    data = pickle.dumps(message)
    stream.write(struct.pack("<I", len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read one message; EOFError when the other side is gone."""
    head = stream.read(4)
    if len(head) < 4:
        raise EOFError
    return pickle.loads(stream.read(struct.unpack("<I", head)[0]))


def main() -> None:
    """Serve requests until the input ends; what programs print must not reach the answers."""
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root), str(root / "tests")]
    faulthandler.enable()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ZEXUS_CACHE_DIR"] = sys.argv[1] if len(sys.argv) > 1 else folder
        count_guards()
        serve(sys.stdin.buffer, answers)
    os._exit(0)  # to take all that it has made apart takes seconds


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    from differential import harness

    while True:
        try:
            job, arguments = receive(requests)
        except EOFError:
            return
        try:
            answer = JOBS[job](*arguments)
        except Exception as error:  # the engine's own failure is an answer too
            answer = {"failure": harness.failure(error)}
        send(answers, answer)


if __name__ == "__main__":
    main()
