"""Loops: three counted loops, one inside the other, with a test in the innermost."""


def main(n):
    count = 0
    for a in range(1, n):
        for b in range(a, n):
            square = a * a + b * b
            for c in range(b, n):
                if c * c == square:
                    count += 1
    return count
