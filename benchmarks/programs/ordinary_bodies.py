"""Planets and comets with vector classes: forces, steps, collisions with inheritance, and a log."""

from __future__ import annotations

import math
from dataclasses import dataclass

GROUP = "ordinary"
ARGS = (9, 11_500)


@dataclass(frozen=True)
class Vector:
    x: float
    y: float

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    def __abs__(self):
        return math.sqrt(self.x * self.x + self.y * self.y)


ZERO = Vector(0.0, 0.0)


class Body:
    def __init__(self, name, mass, place, speed):
        self.name = name
        self.mass = mass
        self.place = place
        self.speed = speed

    @property
    def radius(self):
        return 0.02 * self.mass ** (1 / 3)

    def attraction(self, other):
        apart = other.place - self.place
        distance = abs(apart)
        return apart * (other.mass / (distance * distance * distance + 1e-6))

    def step(self, force, time):
        self.speed = self.speed + force * time
        self.place = self.place + self.speed * time

    def energy(self):
        return self.mass * abs(self.speed) ** 2 / 2

    def merge(self, other):
        total = self.mass + other.mass
        self.place = self.place * (self.mass / total) + other.place * (other.mass / total)
        self.speed = self.speed * (self.mass / total) + other.speed * (other.mass / total)
        self.mass = total


class Star(Body):
    def step(self, force, time):
        pass  # the centre of everything


class Comet(Body):
    def __init__(self, name, mass, place, speed):
        super().__init__(name, mass, place, speed)
        self.nearest = math.inf

    def step(self, force, time):
        super().step(force, time)
        self.nearest = min(self.nearest, abs(self.place))
        self.mass *= 0.99999


class Sky:
    def __init__(self, bodies):
        self.bodies = bodies
        self.log = []

    def step(self, time):
        forces = []
        for body in self.bodies:
            force = ZERO
            for other in self.bodies:
                if other is not body:
                    force = force + body.attraction(other)
            forces.append(force)
        for body, force in zip(self.bodies, forces):
            body.step(force, time)

    def collide(self, moment):
        for i, one in enumerate(self.bodies):
            for other in self.bodies[i + 1 :]:
                if abs(one.place - other.place) < one.radius + other.radius:
                    one.merge(other)
                    self.bodies.remove(other)
                    self.log.append(f"{moment}: {one.name} swallows {other.name}")
                    return True
        return False


def make_sky(count):
    bodies = [Star("sun", 10.0, ZERO, ZERO)]
    for i in range(count):
        angle = i * 2.4
        distance = 1.0 + i * 0.45
        place = Vector(math.cos(angle) * distance, math.sin(angle) * distance)
        speed = Vector(-math.sin(angle), math.cos(angle)) * math.sqrt(10.0 / distance)
        if i % 4 == 3:
            bodies.append(Comet(f"comet {i}", 0.001, place, speed * 0.35))
        else:
            bodies.append(Body(f"planet {i}", 0.01 + i * 0.004, place, speed))
    return Sky(bodies)


def run(count, steps):
    sky = make_sky(count)
    energies = []
    for moment in range(steps):
        sky.step(0.004)
        while sky.collide(moment):
            pass
        if moment % 100 == 0:
            energies.append(sum(body.energy() for body in sky.bodies))
    comets = {body.name: round(body.nearest, 6) for body in sky.bodies if isinstance(body, Comet)}
    places = [(body.name, round(body.place.x, 6), round(body.place.y, 6)) for body in sky.bodies]
    return sky.log, comets, places, round(sum(energies), 6)
