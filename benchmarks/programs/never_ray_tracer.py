"""A ray tracer of spheres with vectors as objects."""

from __future__ import annotations

import math

GROUP = "never"
ARGS = (520, 400)


class Vector:
    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y, self.z - other.z)

    def scale(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    def unit(self):
        return self.scale(1.0 / math.sqrt(self.dot(self)))


class Ray:
    def __init__(self, origin, direction):
        self.origin = origin
        self.direction = direction

    def at(self, distance):
        return self.origin + self.direction.scale(distance)


class Sphere:
    def __init__(self, centre, radius, shade):
        self.centre = centre
        self.radius = radius
        self.shade = shade

    def hit(self, ray):
        to_centre = self.centre - ray.origin
        along = to_centre.dot(ray.direction)
        inside = self.radius * self.radius - to_centre.dot(to_centre) + along * along
        if inside < 0.0:
            return None
        distance = along - math.sqrt(inside)
        return distance if distance > 1e-6 else None

    def normal(self, point):
        return (point - self.centre).unit()


class Scene:
    def __init__(self, spheres, light):
        self.spheres = spheres
        self.light = light

    def trace(self, ray):
        nearest = None
        best = None
        for sphere in self.spheres:
            distance = sphere.hit(ray)
            if distance is not None and (nearest is None or distance < nearest):
                nearest = distance
                best = sphere
        if best is None:
            return 0.1
        point = ray.at(nearest)
        to_light = (self.light - point).unit()
        shadow = Ray(point, to_light)
        for sphere in self.spheres:
            if sphere is not best and sphere.hit(shadow) is not None:
                return 0.05
        return best.shade * max(0.0, best.normal(point).dot(to_light)) + 0.05


def run(width, height):
    spheres = [
        Sphere(Vector((i % 3) - 1.0, (i // 3) * 0.9 - 1.0, 4.0 + i * 0.4), 0.45, 0.5 + 0.05 * i) for i in range(9)
    ]
    scene = Scene(spheres, Vector(5.0, 5.0, -5.0))
    total = 0.0
    lit = 0
    for row in range(height):
        for column in range(width):
            direction = Vector(2.0 * column / width - 1.0, 1.0 - 2.0 * row / height, 1.5).unit()
            brightness = scene.trace(Ray(Vector(0.0, 0.0, 0.0), direction))
            total += brightness
            if brightness > 0.1:
                lit += 1
    return total, lit
