"""The arguments of metrics: lists of any kind become arrays, and meaningless settings are refused."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def as_array(values: Sequence | np.ndarray | Tensor) -> np.ndarray:
    """Return a list, an array or a tensor of any precision, on any device, as an array.

    >>> as_array(torch.tensor([0.5], dtype=torch.bfloat16, requires_grad=True)).tolist()
    [0.5]
    """
    if not isinstance(values, Tensor):
        return np.asarray(values)
    values = values.detach().cpu()
    return values.float().numpy() if values.dtype == torch.bfloat16 else values.numpy()


def expect_draws(seed: int, repeats: int, level: float = 0.95) -> None:
    """Refuse settings of a bootstrap that make no sense.

    >>> expect_draws(0, 0, 0.95)
    Traceback (most recent call last):
    ValueError: A bootstrap needs a seed from 0 on, one or more repeats and a level between 0 and 1: not 0, 0 and 0.95.
    """
    if seed < 0 or repeats < 1 or not 0 < level < 1:
        needed = "a seed from 0 on, one or more repeats and a level between 0 and 1"
        raise ValueError(f"A bootstrap needs {needed}: not {seed}, {repeats} and {level}.")
