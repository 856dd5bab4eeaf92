"""What the texts of lab 03 leave open is made alike before answers are compared."""

from typing import Any

import torch
from torch import Tensor

from classroom.exercises.cases import uniform

INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32)


def any_integers(arguments: tuple, value: Any) -> Any:
    """Return a tensor of smaller integers as int64, everything else as it is: a judge."""
    return value.long() if isinstance(value, Tensor) and value.dtype in INTEGERS else value


def predicted(*shape: int) -> Tensor:
    """Made-up predictions of cells, (…, h, w, B, 4) in [0, 1]."""
    return uniform(*shape, 4) * 0.5 + 0.1
