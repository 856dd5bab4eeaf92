"""What the texts of lab 02 leave open, made alike before an answer is compared."""

from typing import Any

import torch
from torch import Tensor


def any_width(arguments: tuple, value: Any) -> Any:
    """Return a tensor of numbers as float32, and one of whole numbers as int64; in a dict, each value.

    Empty tensors are judged by their shape alone. Whole numbers of 8 bits stay as they are: they cannot serve as indices.

    >>> any_width((), torch.tensor([1], dtype=torch.int32)).dtype
    torch.int64
    """
    if isinstance(value, dict):
        return {name: any_width(arguments, part) for name, part in value.items()}
    if not isinstance(value, Tensor):
        return value
    if not value.numel():
        return value.float()
    return (
        value.float() if value.is_floating_point() else value.long() if value.dtype == torch.int32 else value
    )
