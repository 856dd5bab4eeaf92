"""Answers to `stamp_map` (lab 12), written by the author of its check as a student might."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_cell_by_cell(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """Two loops over the cells."""
    out = torch.zeros(
        (cells.shape[0] - 1) * stride + kernel.shape[0],
        (cells.shape[1] - 1) * stride + kernel.shape[1],
        dtype=cells.dtype,
    )
    for y, row in enumerate(cells):
        for x, value in enumerate(row):
            out[y * stride : y * stride + len(kernel), x * stride : x * stride + kernel.shape[1]] += (
                value * kernel
            )
    return out


def right_by_places(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """Loops over the places of the kernel."""
    (h, w), (kh, kw) = cells.shape, kernel.shape
    out = cells.new_zeros((h - 1) * stride + kh, (w - 1) * stride + kw)
    for i in range(kh):
        for j in range(kw):
            out[i : i + (h - 1) * stride + 1 : stride, j : j + (w - 1) * stride + 1 : stride] += (
                cells * kernel[i, j]
            )
    return out


def right_by_outer_product(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """F.fold adds overlapping patches up."""
    (h, w), (kh, kw) = cells.shape, kernel.shape
    patches = kernel.reshape(-1, 1) * cells.reshape(1, -1)
    size = ((h - 1) * stride + kh, (w - 1) * stride + kw)
    return F.fold(patches[None], size, (kh, kw), stride=stride)[0, 0]


def _cell_by_cell(cells, kernel, stride, size=None, add=True):
    (h, w), (kh, kw) = cells.shape, kernel.shape
    out = cells.new_zeros(*(size or ((h - 1) * stride + kh, (w - 1) * stride + kw)))
    for y in range(h):
        for x in range(w):
            part = out[y * stride : y * stride + kh, x * stride : x * stride + kw]
            stamp = cells[y, x] * kernel[: part.shape[0], : part.shape[1]]
            part.copy_(part + stamp if add else stamp)
    return out


def wrong_overwrites(cells, kernel, stride):
    """= for +=."""
    return _cell_by_cell(cells, kernel, stride, add=False)


def wrong_size(cells, kernel, stride):
    """h * stride rows, as if stamps never reached further."""
    return _cell_by_cell(cells, kernel, stride, (cells.shape[0] * stride, cells.shape[1] * stride))


def wrong_flipped(cells, kernel, stride):
    """Flips the kernel, as in a convolution."""
    return _cell_by_cell(cells, kernel.flip(0).flip(1), stride)


def wrong_stride(cells, kernel, stride):
    """Stamps side by side, at every place."""
    return _cell_by_cell(cells, kernel, 1)


def wrong_float32(cells, kernel, stride):
    """torch.zeros without a dtype."""
    return _cell_by_cell(cells.float(), kernel.float(), stride)


def wrong_without_number(cells, kernel, stride):
    """The kernel alone is stamped."""
    return _cell_by_cell(torch.ones_like(cells), kernel, stride)


def wrong_exchanged(cells, kernel, stride):
    """Rows for columns."""
    return _cell_by_cell(cells.T, kernel, stride)


def wrong_one_stride_more(cells, kernel, stride):
    """h * stride + kh rows."""
    size = (cells.shape[0] * stride + kernel.shape[0], cells.shape[1] * stride + kernel.shape[1])
    return _cell_by_cell(cells, kernel, stride, size)
