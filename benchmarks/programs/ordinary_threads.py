"""Threads that take work from a queue.Queue and hand results on; the outcome does not depend on who did what."""

from __future__ import annotations

import queue
import threading

GROUP = "ordinary"
ARGS = (310_000, 3)

TEXT = "pack my box with five dozen liquor jugs and send them to the harbour before noon"


class Totals:
    def __init__(self):
        self._lock = threading.Lock()
        self._counts = {}

    def add(self, counts):
        with self._lock:
            for key, value in counts.items():
                self._counts[key] = self._counts.get(key, 0) + value

    def sorted(self):
        return sorted(self._counts.items())


class Worker(threading.Thread):
    def __init__(self, source, target, totals):
        super().__init__()
        self.source = source
        self.target = target
        self.totals = totals

    def run(self):
        while True:
            job = self.source.get()
            if job is None:
                self.source.put(None)
                break
            try:
                self.target.put((job, self.work(*job)))
            except ValueError as problem:
                self.target.put((job, str(problem)))

    def work(self, number, kind):
        words = TEXT.split()
        if kind == "letters":
            counts = {}
            for letter in words[number % len(words)]:
                counts[letter] = counts.get(letter, 0) + 1
            self.totals.add(counts)
            return len(counts)
        if kind == "reverse":
            return " ".join(word[::-1] for word in words[: number % 5])
        if kind == "divide":
            if number % 7 == 0:
                raise ValueError(f"{number} is refused")
            return number // (number % 7)
        return None


def collect(target, count):
    results = {}
    for _ in range(count):
        job, result = target.get()
        results[job] = result
    return results


def run(count, workers):
    source = queue.Queue()
    target = queue.Queue()
    totals = Totals()
    threads = [Worker(source, target, totals) for _ in range(workers)]
    for thread in threads:
        thread.start()
    kinds = ("letters", "reverse", "divide", "nothing")
    for number in range(count):
        source.put((number, kinds[number % 4]))
    results = collect(target, count)
    source.put(None)
    for thread in threads:
        thread.join()
    refused = sorted(number for (number, kind), result in results.items() if kind == "divide" and type(result) is str)
    whole = sum(result for result in results.values() if isinstance(result, int))
    return totals.sorted(), len(results), refused[:5], len(refused), whole
