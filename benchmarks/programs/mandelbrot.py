"""Points of the Mandelbrot set, counted over a grid."""

from __future__ import annotations

GROUP = "scalar"
ARGS = (500, 500, 200)


def run(width, height, limit):
    inside = 0
    steps = 0
    for row in range(height):
        cy = -1.2 + 2.4 * row / height
        for column in range(width):
            cx = -2.1 + 2.8 * column / width
            x = 0.0
            y = 0.0
            escaped = False
            for step in range(limit):
                xx = x * x
                yy = y * y
                if xx + yy > 4.0:
                    steps += step
                    escaped = True
                    break
                y = 2.0 * x * y + cy
                x = xx - yy + cx
            if not escaped:
                inside += 1
    return inside, steps
