"""Mixed: the queens' problem by backtracking, on lists of columns and diagonals."""


def main(size):
    return place(size, 0, [False] * size, [False] * (2 * size), [False] * (2 * size))


def place(size, row, columns, rising, falling):
    if row == size:
        return 1
    count = 0
    for column in range(size):
        up = row + column
        down = row - column + size
        if columns[column] or rising[up] or falling[down]:
            continue
        columns[column] = rising[up] = falling[down] = True
        count += place(size, row + 1, columns, rising, falling)
        columns[column] = rising[up] = falling[down] = False
    return count
