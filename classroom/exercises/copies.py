"""Copies of a case's arguments, so that no answer can spoil the case for the next one, and what an answer changed in them."""

import copy
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


def fresh(argument: Any, gradient: bool = False) -> Any:
    """Return a copy that shares no memory with `argument`; with `gradient`, its float tensors require one.

    >>> before = [torch.zeros(2)]
    >>> fresh(before)[0].add_(1), before
    (tensor([1., 1.]), [tensor([0., 0.])])
    """
    copied = copy.deepcopy(argument)
    for tensor in tensors(copied) if gradient else ():
        if tensor.is_floating_point():
            tensor.requires_grad_()
    return copied


def tensors(value: Any) -> Iterator[Tensor]:
    """Yield the tensor itself, or those inside a tuple, list, dict (in the order of its keys) or dataclass."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for key in sorted(value, key=str):
            yield from tensors(value[key])
    elif isinstance(value, tuple | list):
        for part in value:
            yield from tensors(part)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from tensors(getattr(value, field.name))


def same(a: Any, b: Any) -> bool:
    """Return whether two values hold the same numbers, wherever they are inside; NaN equals NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Tensor):
        return a.shape == b.shape and a.dtype == b.dtype and _same_numbers(a.detach(), b.detach())
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, nn.Module):
        return same(a.state_dict(), b.state_dict())
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if is_dataclass(a) and not isinstance(a, type):
        return all(same(getattr(a, field.name), getattr(b, field.name)) for field in fields(a))
    return not isinstance(a, int | float | str | bytes | set) or a == b or a != a


def _same_numbers(a: Tensor, b: Tensor) -> bool:
    both_nan = a.isnan() & b.isnan() if a.is_floating_point() else torch.zeros_like(a, dtype=torch.bool)
    return bool(((a == b) | both_nan).all())
