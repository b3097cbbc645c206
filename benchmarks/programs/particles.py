"""Particles as instances that bounce in a box."""

from __future__ import annotations

GROUP = "objects"
ARGS = (60, 4_000)


class Particle:
    def __init__(self, x, y, vx, vy):
        self.x = x
        self.y = y
        self.vx = vx
        self.vy = vy
        self.bounces = 0

    def step(self, dt):
        self.x += self.vx * dt
        self.y += self.vy * dt
        if self.x < 0.0 or self.x > 100.0:
            self.vx = -self.vx
            self.bounces += 1
        if self.y < 0.0 or self.y > 100.0:
            self.vy = -self.vy
            self.bounces += 1

    def energy(self):
        return 0.5 * (self.vx * self.vx + self.vy * self.vy)


def run(count, steps):
    particles = [Particle(i * 1.5, i * 0.75, 3.0 + i % 7, -2.0 + i % 5) for i in range(count)]
    total = 0.0
    for _ in range(steps):
        for particle in particles:
            particle.step(0.05)
        total += particles[0].energy()
    return total, sum(p.bounces for p in particles), sum(p.x + p.y for p in particles)
