"""Pixels and the regions that they belong to, at random."""

import numpy as np

HEIGHT, WIDTH = 24, 17


def random_labels(count, seed, height=HEIGHT, width=WIDTH):
    """Each pixel goes to the nearest of `count` points."""
    random = np.random.default_rng(seed)
    chosen = random.choice(height * width, count, replace=False)
    rows, columns = np.mgrid[:height, :width]
    y, x = np.divmod(chosen, width)
    return ((rows[..., None] - y) ** 2 + (columns[..., None] - x) ** 2).argmin(-1)


def random_pixels(seed, height=HEIGHT, width=WIDTH):
    return np.random.default_rng(seed).random((height, width, 3)) ** 2
