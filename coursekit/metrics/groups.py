"""Rows that belong together and stand next to each other, handled all at once."""

import numpy as np


def ranges(first: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the whole numbers first[k], first[k] + 1, ..., count[k] of them, and before them their k.

    >>> ranges(np.array([5, 9]), np.array([2, 1]))
    (array([0, 0, 1]), array([5, 6, 9]))
    """
    owner = np.repeat(np.arange(len(count)), count)
    return owner, np.arange(len(owner)) + (first - np.cumsum(count) + count)[owner]


def place_in_group(group: np.ndarray) -> np.ndarray:
    """Return the place of each element among its equals; `group` is ascending.

    >>> place_in_group(np.array([3, 3, 5, 5, 5])).tolist()
    [0, 1, 0, 1, 2]
    """
    return np.arange(len(group)) - _first_place(group)


def _first_place(group: np.ndarray) -> np.ndarray:
    """Where the equals of each element begin; one pass, where a search for each would take several."""
    begins = np.diff(group, prepend=group[:1] - 1) != 0
    return np.maximum.accumulate(np.where(begins, np.arange(len(group)), 0))
