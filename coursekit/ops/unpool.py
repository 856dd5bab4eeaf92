"""Unpooling: a small map made large again, with the places that the pooling remembered."""

from torch import Tensor

from coursekit.ops.argument import WHOLE, expect, wide
from coursekit.ops.upsample import Size, pair


def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: tuple[int, ...] | None = None,
) -> Tensor:
    """Return a sparse map: every value goes back to the pixel whose switch says that it was the maximum there.

    Shapes: (N, C, H, W) twice -> (N, C, H', W').
    Args:
        indices: the switches of `F.max_pool2d(..., return_indices=True)`: places row * W' + column.
        kernel_size, stride, padding: those of the pooling; stride is kernel_size unless given.
        output_size: (H', W') or the whole shape; unless given, the smallest map that pools to this one.
    Raises:
        ValueError: switches of another shape, or switches that point outside the output.
    Like `F.max_unpool2d`.
    Source: Zeiler et al., "Adaptive deconvolutional networks", 2011; Noh et al., 2015, arXiv:1505.04366.

    >>> import torch
    >>> pooled, switches = torch.nn.functional.max_pool2d(torch.tensor([[[[1.0, 7.0], [5.0, 2.0]]]]), 2, return_indices=True)
    >>> max_unpool2d(pooled, switches, 2)
    tensor([[[[0., 7.],
              [0., 0.]]]])
    """
    expect("input", input, "(...)")
    expect("indices", indices, "(...)", WHOLE)
    if input.shape != indices.shape or input.ndim not in (3, 4):
        raise ValueError(
            f"values {tuple(input.shape)} and switches {tuple(indices.shape)}: both must be (N, C, H, W)."
        )
    steps = pair(kernel_size if stride is None else stride)
    sides = zip(input.shape[-2:], steps, pair(padding), pair(kernel_size), strict=True)
    smallest = tuple((side - 1) * step - 2 * margin + kernel for side, step, margin, kernel in sides)
    height, width = smallest if output_size is None else output_size[-2:]
    output = input.new_zeros(*input.shape[:-2], height * width)
    try:  # scatter looks at every switch anyway
        output.scatter_(-1, wide(indices).flatten(-2), input.flatten(-2))
    except RuntimeError as error:
        if "out of bounds" not in str(error):
            raise
        raise ValueError(
            f"a switch points outside {height} x {width} pixels: is it of another map?"
        ) from error
    return output.unflatten(-1, (height, width))
