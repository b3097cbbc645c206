"""A script without any function: all of its loops stand at the top level. It is run as a whole process."""

from __future__ import annotations

GROUP = "toplevel"

size = 700
grid = []
state = 11
for i in range(size):
    row = []
    for j in range(size):
        state = (state * 1103515245 + 12345) % 2147483648
        row.append(1 if state // 65536 % 3 == 0 else 0)
    grid.append(row)

generation = 0
while generation < 6:
    following = []
    for i in range(size):
        row = []
        for j in range(size):
            neighbours = 0
            for di in range(-1, 2):
                for dj in range(-1, 2):
                    if di != 0 or dj != 0:
                        neighbours += grid[(i + di) % size][(j + dj) % size]
            if neighbours == 3 or (neighbours == 2 and grid[i][j] == 1):
                row.append(1)
            else:
                row.append(0)
        following.append(row)
    grid = following
    generation += 1

alive = 0
check = 0
for i in range(size):
    for j in range(size):
        alive += grid[i][j]
        check = (check * 31 + grid[i][j] * (i + j)) % 1000003
print(alive, check)
