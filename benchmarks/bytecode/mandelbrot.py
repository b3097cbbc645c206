"""Loops: iterations of the Mandelbrot set's points, on floats."""


def main(size):
    total = 0
    for row in range(size):
        y = 2.0 * row / size - 1.0
        for column in range(size):
            x = 3.0 * column / size - 2.0
            re = 0.0
            im = 0.0
            steps = 0
            while steps < 40 and re * re + im * im < 4.0:
                re, im = re * re - im * im + x, 2.0 * re * im + y
                steps += 1
            total += steps
    return total
