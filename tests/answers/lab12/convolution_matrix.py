"""Answers to `convolution_matrix` (lab 12), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_loops(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    """One picture of zeros for each window, with the kernel in it; flattened, these are the rows."""
    (kh, kw), (h, w) = kernel.shape, size
    rows = []
    for top in range(0, h - kh + 1, stride):
        for left in range(0, w - kw + 1, stride):
            picture = torch.zeros(h, w, dtype=kernel.dtype)
            picture[top : top + kh, left : left + kw] = kernel
            rows.append(picture.flatten())
    return torch.stack(rows)


def right_by_unit_pictures(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    """Column j is what the convolution makes of the picture whose pixel j is 1 and all others 0."""
    h, w = size
    units = torch.eye(h * w, dtype=kernel.dtype).reshape(h * w, 1, h, w)
    return F.conv2d(units, kernel[None, None], stride=stride).reshape(h * w, -1).T


def right_by_places(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    """Windows of a table of the pixels' numbers say in which columns the kernel's entries stand."""
    h, w = size
    numbers = torch.arange(h * w).reshape(h, w)
    windows = numbers.unfold(0, kernel.shape[0], stride).unfold(1, kernel.shape[1], stride)
    columns = windows.reshape(-1, kernel.numel())
    matrix = torch.zeros(len(columns), h * w, dtype=kernel.dtype)
    return matrix.scatter_(1, columns, kernel.reshape(1, -1).expand_as(columns).contiguous())


def right_by_kronecker(kernel: Tensor, size: tuple[int, int], stride: int = 1) -> Tensor:
    """Sum over the places of the kernel: a shift down, kron a shift across, times the weight."""
    (kh, kw), (h, w) = kernel.shape, size
    down, across = torch.eye(h, dtype=kernel.dtype), torch.eye(w, dtype=kernel.dtype)
    total = 0
    for a in range(kh):
        for b in range(kw):
            rows = down[a : h - kh + 1 + a : stride]
            columns = across[b : w - kw + 1 + b : stride]
            total = total + kernel[a, b] * torch.kron(rows, columns)
    return total


def _matrix(kernel, size, tops, lefts):
    """A row for each upper left corner."""
    (kh, kw), rows = kernel.shape, []
    for top in tops:
        for left in lefts:
            picture = torch.zeros(size, dtype=kernel.dtype)
            picture[top : top + kh, left : left + kw] = kernel
            rows.append(picture.flatten())
    return torch.stack(rows)


def _corners(kernel, size, stride):
    return (range(0, size[axis] - kernel.shape[axis] + 1, stride) for axis in (0, 1))


def wrong_flipped(kernel, size, stride=1):
    """Flips the kernel as a mathematician's convolution does: F.conv2d does not."""
    return _matrix(kernel.flip(0, 1), size, *_corners(kernel, size, stride))


def wrong_transpose(kernel, size, stride=1):
    """Returns the transpose, (H * W, outputs)."""
    return _matrix(kernel, size, *_corners(kernel, size, stride)).T


def wrong_stride_ignored(kernel, size, stride=1):
    """A row for every place of the window: too many rows at stride 2."""
    return _matrix(kernel, size, *_corners(kernel, size, 1))


def wrong_stride_across_only(kernel, size, stride=1):
    """The stride counts from left to right only: too many rows of windows."""
    (tops, _), (_, lefts) = _corners(kernel, size, 1), _corners(kernel, size, stride)
    return _matrix(kernel, size, tops, lefts)


def wrong_last_window_lost(kernel, size, stride=1):
    """`range(0, H - kh, stride)`: the windows that end at the last row or column are lost."""
    (kh, kw), (h, w) = kernel.shape, size
    return _matrix(kernel, size, range(0, max(h - kh, 1), stride), range(0, max(w - kw, 1), stride))


def wrong_column_by_column(kernel, size, stride=1):
    """Windows first down and then to the right: the rows come in another order."""
    tops, lefts = _corners(kernel, size, stride)
    matrix = _matrix(kernel, size, tops, lefts).reshape(len(tops), len(lefts), -1)
    return matrix.transpose(0, 1).reshape(len(tops) * len(lefts), -1)


def wrong_pictures_flattened_downwards(kernel, size, stride=1):
    """Numbers the pixels column by column: the rows of C do not fit x.flatten()."""
    matrix = _matrix(kernel, size, *_corners(kernel, size, stride))
    return matrix.reshape(-1, *size).transpose(1, 2).reshape(len(matrix), -1)


def wrong_width_before_height(kernel, size, stride=1):
    """Reads size as (W, H): another matrix for pictures that are not square."""
    size = (size[1], size[0])
    return _matrix(kernel, size, *_corners(kernel, size, stride))


def wrong_shifted_by_one_each(kernel, size, stride=1):
    """Each row is the one before, shifted by `stride`: windows wrap around where a row of windows ends."""
    tops, lefts = _corners(kernel, size, stride)
    first = _matrix(kernel, size, [0], [0])[0]
    return torch.stack([first.roll(stride * i) for i in range(len(tops) * len(lefts))])


def wrong_kernel_in_one_run(kernel, size, stride=1):
    """Writes the flattened kernel as one run, as if its rows followed each other in the picture."""
    matrix = _matrix(torch.ones_like(kernel[:1, :1]), size, *_corners(kernel, size, stride))
    out = torch.zeros_like(matrix)
    for row, start in enumerate(matrix.argmax(1).tolist()):
        run = kernel.flatten()[: matrix.shape[1] - start]
        out[row, start : start + len(run)] = run
    return out


def wrong_padded(kernel, size, stride=1):
    """Pads so that each pixel is the middle of a window ("same"): too many rows, no padding was asked for."""
    (kh, kw), (h, w) = kernel.shape, size
    units = torch.eye(h * w, dtype=kernel.dtype).reshape(h * w, 1, h, w)
    return F.conv2d(units, kernel[None, None], stride=stride, padding=(kh // 2, kw // 2)).reshape(h * w, -1).T


def wrong_single_precision(kernel, size, stride=1):
    """torch.zeros without a dtype: C @ x fails for a kernel and pictures in double precision."""
    return _matrix(kernel, size, *_corners(kernel, size, stride)).float()


def wrong_ones(kernel, size, stride=1):
    """Says which pixels a window sees, without the weights."""
    return _matrix(torch.ones_like(kernel), size, *_corners(kernel, size, stride))
