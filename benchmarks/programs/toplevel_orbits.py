"""A script that follows three bodies by small steps, all of it at the top level."""

from __future__ import annotations

GROUP = "toplevel"

xs = [0.0, 1.0, 5.2]
ys = [0.0, 0.0, 0.0]
us = [0.0, 0.0, 0.0]
vs = [0.0, 6.28, 2.75]
masses = [39.5, 0.0001, 0.04]
step = 0.0005
for turn in range(800_000):
    for i in range(3):
        ax = 0.0
        ay = 0.0
        for j in range(3):
            if i != j:
                dx = xs[j] - xs[i]
                dy = ys[j] - ys[i]
                r = (dx * dx + dy * dy) ** 0.5
                ax += masses[j] * dx / (r * r * r)
                ay += masses[j] * dy / (r * r * r)
        us[i] += ax * step
        vs[i] += ay * step
    for i in range(3):
        xs[i] += us[i] * step
        ys[i] += vs[i] * step
print([round(x, 6) for x in xs], [round(y, 6) for y in ys])
