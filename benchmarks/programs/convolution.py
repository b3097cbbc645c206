"""A 5 x 5 convolution of an 8-bit picture with an integer kernel, clipped."""

from __future__ import annotations

import numpy as np

GROUP = "slices"
ARGS = (170,)


def setup(size):
    picture = np.array([[(x * x + 3 * y) % 256 for x in range(size)] for y in range(size)], dtype=np.uint8)
    kernel = np.array([[1, 4, 6, 4, 1], [4, 16, 24, 16, 4], [6, 24, 36, 24, 6], [4, 16, 24, 16, 4], [1, 4, 6, 4, 1]])
    return picture, kernel


def run(picture, kernel):
    height, width = picture.shape
    out = np.zeros_like(picture)
    for y in range(2, height - 2):
        for x in range(2, width - 2):
            total = 0
            for i in range(5):
                for j in range(5):
                    total += int(picture[y + i - 2, x + j - 2]) * int(kernel[i, j])
            total //= 256
            out[y, x] = 255 if total > 255 else total
    return out
