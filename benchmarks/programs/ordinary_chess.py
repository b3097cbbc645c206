"""Chess positions as dictionaries: moves generated for all pieces, positions counted, a short search."""

from __future__ import annotations

GROUP = "ordinary"
ARGS = (3,)

FILES = "abcdefgh"
START = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR"
MIDDLE = "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R"
PROMOTION = "rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R"
ENDGAME = "8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8"
DIRECTIONS = {
    "N": [(1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2)],
    "B": [(1, 1), (1, -1), (-1, -1), (-1, 1)],
    "R": [(1, 0), (0, 1), (-1, 0), (0, -1)],
}
DIRECTIONS["Q"] = DIRECTIONS["K"] = DIRECTIONS["B"] + DIRECTIONS["R"]
VALUES = {"P": 1, "N": 3, "B": 3, "R": 5, "Q": 9, "K": 1000}


def name(square):
    return FILES[square[0]] + str(square[1] + 1)


class Position:
    def __init__(self, board, white):
        self.board = board
        self.white = white

    @classmethod
    def read(cls, text):
        board = {}
        for rank, row in zip(range(7, -1, -1), text.split("/")):
            file = 0
            for letter in row:
                if letter.isdigit():
                    file += int(letter)
                else:
                    board[file, rank] = letter
                    file += 1
        return cls(board, True)

    def is_own(self, piece):
        return piece.isupper() == self.white

    def moves(self):
        for square, piece in sorted(self.board.items()):
            if not self.is_own(piece):
                continue
            if piece in "Pp":
                yield from self.pawn_moves(square)
            else:
                yield from self.piece_moves(square, piece.upper())

    def piece_moves(self, square, kind):
        for dx, dy in DIRECTIONS[kind]:
            x, y = square
            while True:
                x, y = x + dx, y + dy
                if not (0 <= x < 8 and 0 <= y < 8):
                    break
                hit = self.board.get((x, y))
                if hit is not None and self.is_own(hit):
                    break
                yield square, (x, y)
                if hit is not None or kind in "NK":
                    break

    def pawn_moves(self, square):
        x, y = square
        step, first = (1, 1) if self.white else (-1, 6)
        if (x, y + step) not in self.board:
            yield square, (x, y + step)
            if y == first and (x, y + 2 * step) not in self.board:
                yield square, (x, y + 2 * step)
        for side in (x - 1, x + 1):
            hit = self.board.get((side, y + step))
            if hit is not None and not self.is_own(hit):
                yield square, (side, y + step)

    def after(self, move):
        source, target = move
        board = self.board.copy()
        piece = board.pop(source)
        if piece in "Pp" and target[1] in (0, 7):
            piece = "Q" if self.white else "q"
        board[target] = piece
        return Position(board, not self.white)

    def in_check(self):
        """Whether the side that has just moved left its king to be taken."""
        return any(self.board.get(target, "").upper() == "K" for _, target in self.moves())

    def legal(self):
        for move in self.moves():
            following = self.after(move)
            if not following.in_check():
                yield move, following

    def value(self):
        total = 0
        for piece in self.board.values():
            value = VALUES[piece.upper()]
            total += value if piece.isupper() else -value
        return total if self.white else -total


def count(position, depth):
    if depth == 0:
        return 1
    return sum(count(following, depth - 1) for _, following in position.legal())


def search(position, depth, alpha, beta):
    if depth == 0:
        return position.value(), None
    best = None
    for move, following in position.legal():
        value = -search(following, depth - 1, -beta, -alpha)[0]
        if best is None or value > alpha:
            best = move
        alpha = max(alpha, value)
        if alpha >= beta:
            break
    return alpha, best


def run(depth):
    results = []
    for text, less in ((START, 0), (ENDGAME, 0), (MIDDLE, 1), (PROMOTION, 0)):
        position = Position.read(text)
        value, move = search(position, 2, -5000, 5000)
        results.append((count(position, depth - less), value, name(move[0]) + name(move[1])))
    return results
