"""The Mandelbrot set as text, from loops over plain floats."""

from __future__ import annotations

SHADES = " .:-=+*#%@"


def escape_time(cx, cy, limit):
    """After how many steps the point leaves the circle of radius 2 (`limit`: never)."""
    x = 0.0
    y = 0.0
    for step in range(limit):
        xx = x * x
        yy = y * y
        if xx + yy > 4.0:
            return step
        y = 2.0 * x * y + cy
        x = xx - yy + cx
    return limit


def picture(width, height, limit):
    """One string of shades per row."""
    rows = []
    for row in range(height):
        cy = 1.2 - 2.4 * row / (height - 1)
        line = ""
        for column in range(width):
            cx = -2.1 + 2.8 * column / (width - 1)
            steps = escape_time(cx, cy, limit)
            line += SHADES[-1] if steps == limit else SHADES[steps % (len(SHADES) - 1)]
        rows.append(line)
    return rows


def area(samples, limit):
    """The area of the set, by counting the points of a grid that never leave."""
    inside = 0
    for row in range(samples):
        for column in range(samples):
            cx = -2.1 + 2.8 * (column + 0.5) / samples
            cy = -1.2 + 2.4 * (row + 0.5) / samples
            if escape_time(cx, cy, limit) == limit:
                inside += 1
    return 2.8 * 2.4 * inside / (samples * samples)


def main():
    for line in picture(72, 28, 100):
        print(line)
    print(f"area about {area(300, 200):.4f}")


if __name__ == "__main__":
    main()
