"""Jobs with priorities on several machines, kept in heaps of tuples; sorted logs merged."""

from __future__ import annotations

import heapq
import itertools
import random

GROUP = "ordinary"
ARGS = (110_000,)


def setup(count):
    chance = random.Random(7)
    jobs = []
    arrival = 0
    for number in range(count):
        arrival += chance.randrange(4)
        jobs.append((arrival, f"job-{number}", chance.choice(("low", "normal", "high")), chance.randrange(1, 17)))
    return (jobs,)


URGENCY = {"high": 0, "normal": 1, "low": 2}


def schedule(jobs, machines):
    waiting = []
    free = [(0, machine) for machine in range(machines)]
    heapq.heapify(free)
    logs = [[] for _ in range(machines)]
    ticket = itertools.count()
    place = 0
    while place < len(jobs) or waiting:
        clock, machine = heapq.heappop(free)
        while place < len(jobs) and jobs[place][0] <= clock:
            arrival, name, kind, length = jobs[place]
            heapq.heappush(waiting, (URGENCY[kind], next(ticket), arrival, name, length))
            place += 1
        if not waiting:
            heapq.heappush(free, (jobs[place][0], machine))
            continue
        _, _, arrival, name, length = heapq.heappop(waiting)
        logs[machine].append((clock, name, clock - arrival))
        heapq.heappush(free, (clock + length, machine))
    return logs


def report(jobs, machines):
    logs = schedule(jobs, machines)
    merged = list(heapq.merge(*logs))
    slowest = heapq.nlargest(5, merged, key=lambda entry: (entry[2], entry[1]))
    earliest = heapq.nsmallest(5, merged, key=lambda entry: (entry[0], entry[1]))
    waits = {}
    for clock, name, wait in merged:
        waits.setdefault(clock // 10_000, []).append(wait)
    return slowest, earliest, [(hour, max(each), len(each)) for hour, each in sorted(waits.items())][-5:]


def run(jobs):
    return [report(jobs, machines) for machines in range(5, 13)]
