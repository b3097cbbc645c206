"""Knight's tours by Warnsdorff's rule and by backtracking, on boards that are lists of lists of names."""

from __future__ import annotations

GROUP = "ordinary"
ARGS = (24, 5)

JUMPS = [(1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2)]


class Board:
    def __init__(self, width, height):
        self.width = width
        self.height = height
        self.fields = [[None] * width for _ in range(height)]
        self.used = 0

    def __contains__(self, field):
        x, y = field
        return 0 <= x < self.width and 0 <= y < self.height

    def __getitem__(self, field):
        x, y = field
        return self.fields[y][x]

    def __setitem__(self, field, value):
        x, y = field
        self.used += (value is not None) - (self.fields[y][x] is not None)
        self.fields[y][x] = value

    def free_from(self, field):
        x, y = field
        return [(x + dx, y + dy) for dx, dy in JUMPS if (x + dx, y + dy) in self and self[x + dx, y + dy] is None]

    @property
    def full(self):
        return self.used == self.width * self.height

    def __str__(self):
        return "\n".join(" ".join(f"{name or '--':>4}" for name in row) for row in self.fields)


def warnsdorff(board, field):
    step = 1
    board[field] = f"k{step}"
    while not board.full:
        choices = board.free_from(field)
        if not choices:
            return False
        middle = board.width / 2, board.height / 2
        field = min(
            choices,
            key=lambda choice: (
                len(board.free_from(choice)),
                -abs(choice[0] - middle[0]) - abs(choice[1] - middle[1]),
                choice,
            ),
        )
        step += 1
        board[field] = f"k{step}"
    return True


def tours(board, field, limit, found):
    """Collects tours that begin on `field`, by trying all."""
    board[field] = f"k{board.used + 1}"
    if board.full:
        found.append(str(board))
    else:
        for choice in board.free_from(field):
            tours(board, choice, limit, found)
            if len(found) >= limit:
                break
    board[field] = None


def run(largest, small):
    successes = {}
    last = ""
    for size in range(5, largest):
        board = Board(size, size)
        successes[size] = warnsdorff(board, (size % 3, 0))
        last = str(board)
    found = []
    for start in ((0, 0), (2, 2), (1, 1)):
        tours(Board(small, small), start, 4 + len(found), found)
    return sorted(successes.items()), last[:60], len(found), found[-1]
