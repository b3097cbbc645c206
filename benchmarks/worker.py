"""Runs one program in this interpreter and prints its times and answer as JSON: how another interpreter is measured."""

from __future__ import annotations

import argparse
import gc
import json
import time

import catalog

WARM_UP_CALLS = 3


def measure(program: catalog.Program, rounds: int) -> dict[str, object]:
    """Times of the first call and of `rounds` calls behind the warm-up, and the digest of result and arguments."""
    module = catalog.load(program.path, "worker")
    times = []
    answer = ""
    warm = WARM_UP_CALLS
    while len(times) < warm + rounds:
        args = catalog.fresh_arguments(module, program.args)
        gc.collect()
        start = time.perf_counter()
        result = module.run(*args)
        times.append(time.perf_counter() - start)
        if len(times) == warm and sum(times) < catalog.WARM_UP_SECONDS:
            warm += 1
        answer = catalog.digest((result, args))
    return {"first": times[0], "times": times[warm:], "answer": answer}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    chosen = [program for program in catalog.programs() if program.name == options.name]
    if not chosen:
        parser.error(f"no program is named {options.name!r}")
    print(json.dumps(measure(chosen[0], options.rounds)))


if __name__ == "__main__":
    main()
