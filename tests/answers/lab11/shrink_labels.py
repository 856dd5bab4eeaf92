"""Answers to `shrink_labels` (lab 11), written from the student's notebook alone.

For an even factor the centre of a small pixel lies on the border of four large ones. The text does not say
which of them has "the label at its centre"; the right answers differ there.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_library(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """ "nearest-exact" looks at the centre ("nearest" does not); on a border the lower right pixel."""
    return F.interpolate(labels[None, None].double(), size=size, mode="nearest-exact")[0, 0].long()


def right_by_indices(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """Whole numbers only: the centre of pixel i is at (2i + 1) / 2n of the side; rounded down."""
    rows = (2 * torch.arange(size[0]) + 1) * labels.shape[0] // (2 * size[0])
    columns = (2 * torch.arange(size[1]) + 1) * labels.shape[1] // (2 * size[1])
    return labels[rows[:, None], columns]


def right_by_loops(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """Pixel by pixel in Python."""
    (height, width), (h, w) = labels.shape, size
    return torch.tensor(
        [
            [int(labels[int((i + 0.5) * height / h), int((j + 0.5) * width / w)]) for j in range(w)]
            for i in range(h)
        ],
        dtype=torch.int64,
    )


def right_upper_left_of_the_border(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """Where the centre lies on a border, the upper left pixel: pixels reach from just above i to i + 1."""

    def at(small: int, large: int) -> Tensor:
        return ((2 * torch.arange(small) + 1) * large - 1) // (2 * small)

    return labels.index_select(0, at(size[0], labels.shape[0])).index_select(1, at(size[1], labels.shape[1]))


def right_by_nearest_centre(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """The large pixel whose centre is nearest, with numpy; of two equally near ones the first."""
    picks = []
    for small, large in zip(size, labels.shape, strict=True):
        wanted, there = (np.arange(small) + 0.5) / small, (np.arange(large) + 0.5) / large
        picks.append(np.abs(wanted[:, None] - there).round(12).argmin(1))
    return torch.from_numpy(labels.numpy()[np.ix_(*picks)].astype(np.int64))


def _pick(labels, rows, columns):
    """Reads the label map at the given rows and columns, for answers whose mistake is where they look."""
    return labels[rows.clamp(0, labels.shape[0] - 1)[:, None], columns.clamp(0, labels.shape[1] - 1)]


def wrong_corner(labels, size):
    """ "nearest" reads at the upper left corner of each pixel: everything moves by half a small pixel."""
    return F.interpolate(labels[None, None].float(), size, mode="nearest")[0, 0].long()


def wrong_far_corner(labels, size):
    """Reads the last large pixel within each small one: the lower right corner and not the centre."""
    at = [torch.arange(1, s + 1) * n // s - 1 for s, n in zip(size, labels.shape, strict=True)]
    return _pick(labels, *at)


def wrong_blended(labels, size):
    """Bilinear and rounded: between class 0 and class 4 lies class 2, which is not there."""
    large = labels[None, None].float()
    return F.interpolate(large, size, mode="bilinear", antialias=True)[0, 0].round().long()


def wrong_largest_label(labels, size):
    """The maximum of each cell: the largest number wins, and void most of all."""
    return F.adaptive_max_pool2d(labels[None, None].float(), size)[0, 0].long()


def wrong_majority(labels, size):
    """The most frequent label of each cell and not the one at its centre: thin parts vanish."""
    names = labels.unique()
    shares = torch.stack([(labels == name).float() for name in names])
    return names[F.adaptive_avg_pool2d(shares[None], size)[0].argmax(0)]


def wrong_void_is_background(labels, size):
    """Reads at the right place, but turns 255 into 0: nobody's pixels become background."""
    small = right_by_indices(labels, size)
    return small.masked_fill(small == 255, 0)


def wrong_floats(labels, size):
    """The right numbers as float32 and not int64: no index, and no class for a loss."""
    return F.interpolate(labels[None, None].float(), size, mode="nearest-exact")[0, 0]


def wrong_width_first(labels, size):
    """Reads `size` as (width, height)."""
    return right_by_indices(labels, (size[1], size[0]))


def wrong_corners_aligned(labels, size):
    """Spreads the rows evenly from the first to the last pixel: right in the middle, off at the edges."""
    at = [torch.linspace(0, n - 1, s).round().long() for s, n in zip(size, labels.shape, strict=True)]
    return _pick(labels, *at)


def wrong_cut_out(labels, size):
    """Cuts the upper left part out: the scale stays, most of the picture is lost."""
    return labels[: size[0], : size[1]].clone()


def wrong_middle_cut_out(labels, size):
    """Cuts the middle of the picture out."""
    top, left = (labels.shape[0] - size[0]) // 2, (labels.shape[1] - size[1]) // 2
    return labels[top : top + size[0], left : left + size[1]].clone()


def wrong_extra_axes(labels, size):
    """Forgets to take off the axes of the batch and of the channel: (1, 1, h, w)."""
    return F.interpolate(labels[None, None].float(), size, mode="nearest-exact").long()


def wrong_one_factor_for_both(labels, size):
    """Uses the factor of the height for the width as well: wrong when the shape of the picture changes."""
    factor = labels.shape[0] / size[0]
    rows, columns = (((torch.arange(n) + 0.5) * factor).long() for n in size)
    return _pick(labels, rows, columns)


def wrong_whole_factor(labels, size):
    """Rounds the factor down to a whole number: for 9 columns to 5 only the first five are read."""
    factors = [max(n // s, 1) for s, n in zip(size, labels.shape, strict=True)]
    at = [torch.arange(s) * f + f // 2 for s, f in zip(size, factors, strict=True)]
    return _pick(labels, *at)


def wrong_reshaped(labels, size):
    """Picks evenly from the flat list of pixels: the rows of the picture run into each other."""
    wanted = size[0] * size[1]
    places = (2 * torch.arange(wanted) + 1) * labels.numel() // (2 * wanted)
    return labels.flatten()[places].view(size)


def wrong_eight_bits(labels, size):
    """Goes through signed 8-bit numbers: 255 comes back as -1."""
    return right_by_indices(labels.to(torch.int8), size).long()


def wrong_blend_of_one_hot_maps(labels, size):
    """Enlarges a map for each class bilinearly and takes the best: invents nothing, but is not the
    centre's label.
    """
    names = labels.unique()
    shares = torch.stack([(labels == name).float() for name in names])[None]
    return names[F.interpolate(shares, size, mode="bilinear", antialias=True)[0].argmax(0)]
