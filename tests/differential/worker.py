"""The process that runs programs under an engine: answers one pickled request after the other."""

from __future__ import annotations

import faulthandler
import os
import pickle
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

PACKAGE = "differential"


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
    for only in range(len(case.sets)) if case.apart else (None,):
        found, compiled = harness.compare(load(topic), load(topic), name, harness.engine(mode), rounds, only)
        if found:
            return {"problems": harness.report(found, compiled)}
    return {"problems": ""}


def run_generated(text: str, label: str, modes: tuple[str, ...]) -> dict[str, Any]:
    """Compare one generated program in some modes, and tell what the engine made of it."""
    from differential import harness
    from differential.cases import load_text

    problems: dict[str, str] = {}
    regions: list[tuple[str, str, int, int, int]] = []
    before = _exit_counts()
    for mode in modes:
        filename = f"<{label}-{mode}>"
        reference, subject = (load_text(text, filename, label) for _ in range(2))
        rounds = harness.ROUNDS.get(mode, 1)
        found, compiled = harness.compare(reference, subject, "f", harness.engine(mode), rounds)
        if found:
            problems[mode] = harness.report(found, compiled)
        if mode == "first":
            regions = [
                (r.tier, r.code, r.iterations, r.native_iterations, r.side_exits) for r in harness.regions(compiled)
            ]
    after = _exit_counts()
    exits = {key: count - before.get(key, 0) for key, count in after.items() if count != before.get(key, 0)}
    return {"problems": problems, "regions": regions, "exits": exits}


def _exit_counts() -> dict[str, int]:
    try:
        from zexus import events
    except ImportError:
        return {}
    counts = getattr(events, "counts", None)
    return {key: n for key, n in counts().items() if key.startswith("exit:")} if counts else {}


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
    from differential import harness

    requests = sys.stdin.buffer
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
