"""Rays from an eye onto spheres, with a class for vectors."""

from __future__ import annotations

import math

GROUP = "objects"
ARGS = (160, 120)


class Vec:
    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vec(self.x - other.x, self.y - other.y, self.z - other.z)

    def scale(self, factor):
        return Vec(self.x * factor, self.y * factor, self.z * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    def unit(self):
        return self.scale(1.0 / math.sqrt(self.dot(self)))


class Sphere:
    def __init__(self, centre, radius, shade):
        self.centre = centre
        self.radius = radius
        self.shade = shade

    def hit(self, origin, direction):
        offset = self.centre - origin
        along = offset.dot(direction)
        rest = offset.dot(offset) - along * along
        inside = self.radius * self.radius - rest
        if inside < 0.0:
            return -1.0
        return along - math.sqrt(inside)


def run(width, height):
    spheres = [Sphere(Vec(i * 1.5 - 3.0, (i % 3) - 1.0, 8.0 + i), 1.0 + 0.1 * i, 0.3 + 0.1 * i) for i in range(5)]
    eye = Vec(0.0, 0.0, -1.0)
    light = Vec(-1.0, 1.0, -1.0).unit()
    total = 0.0
    hits = 0
    for row in range(height):
        for column in range(width):
            ray = Vec((column - width / 2) / width, (row - height / 2) / width, 1.0).unit()
            nearest = 1e9
            found = None
            for sphere in spheres:
                distance = sphere.hit(eye, ray)
                if 0.0 < distance < nearest:
                    nearest = distance
                    found = sphere
            if found is not None:
                point = eye + ray.scale(nearest)
                normal = (point - found.centre).unit()
                total += found.shade * max(0.0, normal.dot(light))
                hits += 1
    return total, hits
