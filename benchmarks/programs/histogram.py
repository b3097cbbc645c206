"""Histogram and contrast stretch of a grey image in a uint8 array, pixel by pixel."""

from __future__ import annotations

import numpy as np

GROUP = "arrays"
ARGS = (1_200, 1_600)


def setup(height, width):
    row = np.arange(height)[:, None]
    column = np.arange(width)[None, :]
    image = (40 + (row * 31 + column * 17 + row * column) % 150).astype(np.uint8)
    return image, np.zeros(256, dtype=np.int64)


def run(image, counts):
    height, width = image.shape
    for i in range(height):
        for j in range(width):
            counts[image[i, j]] += 1
    low = 0
    while counts[low] == 0:
        low += 1
    high = 255
    while counts[high] == 0:
        high -= 1
    total = 0
    for i in range(height):
        for j in range(width):
            pixel = (int(image[i, j]) - low) * 255 // (high - low)
            image[i, j] = pixel
            total += pixel
    return low, high, total
