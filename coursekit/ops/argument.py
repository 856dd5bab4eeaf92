"""What an operator is given: questions about types and shapes, asked at its door and answered within a microsecond.

A form is written as in the docstrings: "(N, 4)" has two axes, the last one of length 4; "(..., H, W)" has two or more.
"""

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

HALF = frozenset({torch.float16, torch.bfloat16})
FLOATS = HALF | {torch.float32, torch.float64}
WHOLE = frozenset({torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64})
NUMBERS = FLOATS | WHOLE
PIXELS = NUMBERS | {torch.bool}
SINGLE = {dtype: torch.float64 if dtype == torch.float64 else torch.float32 for dtype in PIXELS}
WIDE = {dtype: torch.int64 if dtype in WHOLE else dtype for dtype in PIXELS}
IN_WORDS = {
    FLOATS: "floating-point numbers",
    WHOLE: "whole numbers",
    NUMBERS: "numbers",
    PIXELS: "numbers, or of true and false",
}


def expect(name: str, value: Any, form: str, kind: frozenset[torch.dtype] = NUMBERS) -> None:
    """Refuse what is not a tensor of that form and of one of those kinds of numbers.

    Raises:
        TypeError: another object than a tensor.
        ValueError: another shape, or other numbers.

    >>> expect("boxes", torch.zeros(2, 5), "(N, 4)")
    Traceback (most recent call last):
    ValueError: `boxes` must be a tensor (N, 4) of numbers, but is torch.float32 of shape (2, 5).
    """
    if not isinstance(value, Tensor):
        raise TypeError(
            f"`{name}` must be a tensor {form}, but is a {type(value).__name__}: use torch.as_tensor."
        )
    if value.dtype not in kind or not _has_form(value.shape, form):
        raise ValueError(
            f"`{name}` must be a tensor {form} of {IN_WORDS[kind]}, "
            f"but is {value.dtype} of shape {tuple(value.shape)}."
        )


def expect_partners(names: tuple[str, str], first: Tensor, second: Tensor) -> None:
    """Refuse two tensors that cannot be taken row by row: their shapes must be equal, or 1 where they are not.

    >>> expect_partners(("boxes1", "boxes2"), torch.zeros(2, 4), torch.zeros(3, 4))
    Traceback (most recent call last):
    ValueError: `boxes1` (2, 4) and `boxes2` (3, 4) do not fit together: give one row for each.
    """
    if first.shape != second.shape and not _can_be_broadcast(first.shape, second.shape):
        shapes = f"`{names[0]}` {tuple(first.shape)} and `{names[1]}` {tuple(second.shape)}"
        raise ValueError(f"{shapes} do not fit together: give one row for each.")


def expect_image_size(name: str, size: Any) -> None:
    """Refuse what is not (height, width), two numbers from 0 on.

    >>> expect_image_size("size", (3, -1))
    Traceback (most recent call last):
    ValueError: `size` must be (height, width), two numbers from 0 on, but is (3, -1).
    """
    if not hasattr(size, "__len__") or len(size) != 2 or not all(0 <= side < torch.inf for side in size):
        raise ValueError(f"`{name}` must be (height, width), two numbers from 0 on, but is {size!r}.")


def single(values: Tensor) -> Tensor:
    """Return the numbers in at least single precision, in which sums neither overflow nor lose their digits.

    >>> single(torch.tensor([True, False])), single(torch.ones(1, dtype=torch.float16)).dtype
    (tensor([1., 0.]), torch.float32)
    """
    return values.to(SINGLE[values.dtype])


def wide(values: Tensor) -> Tensor:
    """Return whole numbers in 64 bits, where 200 + 100 is not 44 as in uint8, and all others as they are.

    >>> wide(torch.tensor([200], dtype=torch.uint8)) + 100
    tensor([300])
    """
    return values.to(WIDE[values.dtype])


@lru_cache(maxsize=1024)
def _can_be_broadcast(first: torch.Size, second: torch.Size) -> bool:
    pairs = zip(reversed(first), reversed(second), strict=False)
    return all(1 in (a, b) or a == b for a, b in pairs)


@lru_cache(maxsize=1024)
def _has_form(shape: torch.Size, form: str) -> bool:
    *axes, last = form.strip("()").rstrip(",").split(", ")
    wanted = [axis for axis in (*axes, last) if axis and axis != "..."]
    fits = len(shape) >= len(wanted) if "..." in form else len(shape) == len(wanted)
    ends = shape[len(shape) - len(wanted) :]
    return fits and all(
        not axis.isdigit() or side == int(axis) for side, axis in zip(ends, wanted, strict=True)
    )
