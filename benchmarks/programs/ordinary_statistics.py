"""Marks of school classes summarized with the statistics module."""

from __future__ import annotations

import random
import statistics

GROUP = "ordinary"
ARGS = (250, 270)

SUBJECTS = ("Algebra", "Biology", "Chemistry", "Drawing", "English")


def setup(classes, pupils):
    chance = random.Random(20)
    records = []
    for number in range(classes):
        for pupil in range(pupils):
            for subject in SUBJECTS:
                mark = min(100, max(0, round(chance.gauss(60 + number % 5, 15))))
                records.append((f"class {number:02}", f"pupil {pupil:02}", subject, mark))
    return (records,)


def grouped(records, place):
    groups = {}
    for record in records:
        groups.setdefault(record[place], []).append(record[3])
    return groups


def summary(marks):
    return {
        "mean": round(statistics.mean(marks), 3),
        "median": statistics.median(marks),
        "spread": round(statistics.pstdev(marks), 3),
        "grouped": round(statistics.median_grouped(marks, 5), 3),
        "quartiles": [round(cut, 2) for cut in statistics.quantiles(marks, n=4)],
        "common": sorted(statistics.multimode(marks))[:3],
    }


def ranking(groups):
    order = sorted(groups, key=lambda name: (-statistics.fmean(groups[name]), name))
    return {name: place for place, name in enumerate(order, 1)}


def run(records):
    report = []
    for place in (0, 2):
        groups = grouped(records, place)
        places = ranking(groups)
        for name, marks in sorted(groups.items()):
            report.append((name, places[name], summary(marks)))
    best = None
    for name, marks in grouped([(None, f"{r[0]}/{r[1]}", None, r[3]) for r in records], 1).items():
        harmonic = statistics.harmonic_mean([mark + 1 for mark in marks])
        if best is None or harmonic > best[1]:
            best = name, harmonic
    return report[:4], len(report), best[0], round(best[1], 6)
