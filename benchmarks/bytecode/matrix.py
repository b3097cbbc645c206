"""Lists: the product of two matrices, lists of lists of floats."""


def main(size):
    a = made(size, 0.5)
    b = made(size, 0.25)
    c = []
    for row in a:
        line = []
        for j in range(size):
            total = 0.0
            for k in range(size):
                total += row[k] * b[k][j]
            line.append(total)
        c.append(line)
    return c[size // 2][size // 3]


def made(size, factor):
    rows = []
    for i in range(size):
        row = []
        for j in range(size):
            row.append((i * 3 + j) % 7 * factor)
        rows.append(row)
    return rows
