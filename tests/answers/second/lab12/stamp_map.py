"""Lab 12, exercise 1: stamp_map."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_loops(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """Loop over the cells, add one stamp for each. Rounds to the map's dtype at every stamp (for an integer map: each stamp is truncated)."""
    (h, w), (kh, kw) = cells.shape, kernel.shape
    out = torch.zeros((h - 1) * stride + kh, (w - 1) * stride + kw, dtype=cells.dtype, device=cells.device)
    for i in range(h):
        for j in range(w):
            stamp = (cells[i, j] * kernel).to(cells.dtype)
            out[i * stride : i * stride + kh, j * stride : j * stride + kw] += stamp
    return out


def right_fold(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """Vectorised: an outer product, and F.fold adds up the overlaps. Casts the kernel to the map's dtype first; computes in float64 and casts back."""
    (h, w), (kh, kw) = cells.shape, kernel.shape
    kernel = kernel.to(cells.dtype)
    stamps = kernel.double().flatten()[:, None] * cells.double().flatten()[None]  # (kh kw, h w)
    size = ((h - 1) * stride + kh, (w - 1) * stride + kw)
    return F.fold(stamps[None], size, (kh, kw), stride=stride)[0, 0].to(cells.dtype)


def right_library(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """F.conv_transpose2d (the text forbids it only in exercise 5), in the promoted dtype, cast to the map's dtype only at the end."""
    common = torch.promote_types(torch.promote_types(cells.dtype, kernel.dtype), torch.float32)
    out = F.conv_transpose2d(cells.to(common)[None, None], kernel.to(common)[None, None], stride=stride)
    return out[0, 0].to(cells.dtype)


def wrong_overwrites(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """Writes each stamp with = instead of +=: overlaps do not add up."""
    (h, w), (kh, kw) = cells.shape, kernel.shape
    out = torch.zeros((h - 1) * stride + kh, (w - 1) * stride + kw, dtype=cells.dtype)
    for i in range(h):
        for j in range(w):
            out[i * stride : i * stride + kh, j * stride : j * stride + kw] = cells[i, j] * kernel
    return out


def wrong_size(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """Makes the output h * stride + kh: it counts one stride too many, so rows and columns of zeros are left at the end."""
    (h, w), (kh, kw) = cells.shape, kernel.shape
    out = torch.zeros(h * stride + kh, w * stride + kw, dtype=cells.dtype)
    for i in range(h):
        for j in range(w):
            out[i * stride : i * stride + kh, j * stride : j * stride + kw] += cells[i, j] * kernel
    return out


def wrong_dtype(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """Makes the output with torch.zeros alone: always float32, also for a map in float64."""
    (h, w), (kh, kw) = cells.shape, kernel.shape
    out = torch.zeros((h - 1) * stride + kh, (w - 1) * stride + kw)
    for i in range(h):
        for j in range(w):
            out[i * stride : i * stride + kh, j * stride : j * stride + kw] += cells[i, j] * kernel
    return out


def wrong_flipped(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """Flips the kernel, because 'that is what a transposed convolution does'."""
    (h, w), (kh, kw) = cells.shape, kernel.shape
    kernel = kernel.flip(0, 1)
    out = torch.zeros((h - 1) * stride + kh, (w - 1) * stride + kw, dtype=cells.dtype)
    for i in range(h):
        for j in range(w):
            out[i * stride : i * stride + kh, j * stride : j * stride + kw] += cells[i, j] * kernel
    return out


def wrong_square_kernel(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """Takes the kernel for square (kw = kh): an error is raised if it is not."""
    (h, w), k = cells.shape, len(kernel)
    out = torch.zeros((h - 1) * stride + k, (w - 1) * stride + k, dtype=cells.dtype)
    for i in range(h):
        for j in range(w):
            out[i * stride : i * stride + k, j * stride : j * stride + k] += cells[i, j] * kernel
    return out


def wrong_stride_one(cells: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """Makes the output as large as it should be, but begins the stamps at (i, j) instead of (i * stride, j * stride)."""
    (h, w), (kh, kw) = cells.shape, kernel.shape
    out = torch.zeros((h - 1) * stride + kh, (w - 1) * stride + kw, dtype=cells.dtype)
    for i in range(h):
        for j in range(w):
            out[i : i + kh, j : j + kw] += cells[i, j] * kernel
    return out
