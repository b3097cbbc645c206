"""Particles are objects; their numbers are copied to lists, moved in hot loops, and written back."""

from __future__ import annotations

GROUP = "mixed"
ARGS = (80, 2_000)


class Particle:
    def __init__(self, name, x, v):
        self.name = name
        self.x = x
        self.v = v
        self.history = []


def setup(count, steps):
    return [Particle(f"p{i}", float(i), ((i * 37) % 11 - 5) / 10.0) for i in range(count)], steps


def run(particles, steps):
    n = len(particles)
    xs = [particle.x for particle in particles]
    vs = [particle.v for particle in particles]
    for step in range(steps):
        for i in range(n):
            force = 0.0
            for j in range(n):
                if i != j:
                    distance = xs[j] - xs[i]
                    force += distance / (1.0 + distance * distance)
            vs[i] += 0.01 * force
        for i in range(n):
            xs[i] += 0.01 * vs[i]
    for i in range(n):
        particles[i].x = xs[i]
        particles[i].v = vs[i]
        particles[i].history.append((steps, xs[i]))
    leader = max(particles, key=lambda particle: particle.x)
    return f"{leader.name} leads at {leader.x:.9f} with {leader.v:.9f}"
