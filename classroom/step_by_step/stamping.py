"""A transposed convolution stamp by stamp, to be drawn or stepped through; `ops.conv_transpose2d` does all at once."""

from typing import NamedTuple

import torch
from torch import Tensor

from coursekit.ops.upsample import bilinear_kernel, conv_transpose_size


class Stamped(NamedTuple):
    """A transposed convolution after some of its input cells; nothing is cut off yet.

    The padding is what will be cut: how many rows and columns at each end.
    """

    output: Tensor  # (H, W)
    counts: Tensor  # (H, W) int64, how many stamps lie on each place
    corner: tuple[int, int] | None  # row and column of the last stamp's first place
    stamp: Tensor | None  # (k, k), the kernel times the last cell


def stamped(input: Tensor, kernel: Tensor, stride: int, steps: int) -> Stamped:
    """Return the uncut output of a transposed convolution after the first `steps` input cells, row by row.

    Shapes: (h, w), (k, k) -> (H, W) with H = (h - 1) * stride + k.
    Source: Dumoulin and Visin, "A guide to convolution arithmetic", 2016, chapter 4, arXiv:1603.07285.

    >>> stamped(torch.tensor([[1.0, 2.0]]), torch.ones(2, 2), stride=1, steps=2).output
    tensor([[1., 3., 2.],
            [1., 3., 2.]])
    """
    height, width = (
        conv_transpose_size(cells, side, stride)
        for cells, side in zip(input.shape, kernel.shape, strict=True)
    )
    output, corner, stamp = input.new_zeros(height, width), None, None
    counts = torch.zeros(height, width, dtype=torch.int64)
    for step in range(steps):
        row, column = divmod(step, input.shape[1])
        top, left = corner = (row * stride, column * stride)
        place = slice(top, top + kernel.shape[0]), slice(left, left + kernel.shape[1])
        stamp = input[row, column] * kernel  # (k, k)
        output[place] += stamp
        counts[place] += 1
    return Stamped(output, counts, corner, stamp)


def whole_tent(kernel_size: int) -> Tensor:
    """Return the bilinear kernel times the smallest number that makes it whole: (k, k).

    >>> whole_tent(4)[0]
    tensor([1., 3., 3., 1.])
    """
    tent = bilinear_kernel(kernel_size)
    return (tent / tent[0, 0]).round()
