"""Answers to `fold` (lab 13), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_library(x: Tensor, around, through) -> Tensor:
    """ceil_mode rounds the size up; F.interpolate makes the result as large as x."""
    small = F.max_pool2d(x, 2, ceil_mode=True)
    return around(x) + F.interpolate(through(small), size=x.shape[-2:], mode="nearest")


def right_by_padding(x: Tensor, around, through) -> Tensor:
    """A row and a column of minus infinity at the far ends where the size is odd; repeats and cuts back."""
    h, w = x.shape[-2:]
    padded = F.pad(x, (0, w % 2, 0, h % 2), value=float("-inf"))
    windows = padded.unfold(2, 2, 2).unfold(3, 2, 2)
    deep = through(windows.amax((-2, -1)))
    large = deep.repeat_interleave(2, 2).repeat_interleave(2, 3)
    return torch.add(large[:, :, :h, :w], around(x))


def right_by_index(x: Tensor, around, through) -> Tensor:
    """Repeats the last row and column where odd, the maximum of four quarters; fine cell i lies in coarse
    cell i // 2.
    """
    rows, columns = torch.arange(x.shape[2]), torch.arange(x.shape[3])
    last_row, last_column = len(rows) - 1, len(columns) - 1
    upper = torch.maximum(x[:, :, ::2], x[:, :, (rows[::2] + 1).clamp(max=last_row)])
    small = torch.maximum(upper[..., ::2], upper[..., (columns[::2] + 1).clamp(max=last_column)])
    deep = through(small)
    return around(x) + deep[:, :, rows // 2][:, :, :, columns // 2]


def right_by_nearest_centre(x: Tensor, around, through) -> Tensor:
    """Takes "nearest cell" by the centres, with both maps laid over the same square: at odd sizes from 3 on
    this is another cell than i // 2 in places, a choice that the text leaves open.
    """
    n, c, h, w = x.shape
    small = torch.stack([row.amax(2) for row in x.split(2, 2)], 2)
    small = torch.stack([column.amax(3) for column in small.split(2, 3)], 3)
    deep = F.interpolate(through(small), (h, w), mode="nearest-exact")
    return (deep + around(x)).view(n, c, h, w)


def _small(x):
    return F.max_pool2d(x, 2, ceil_mode=True)


def _large(deep, x):
    return F.interpolate(deep, size=x.shape[-2:])


def wrong_rounded_down(x, around, through):
    """An odd last row or column is left out on the way down."""
    return around(x) + _large(through(F.max_pool2d(x, 2)), x)


def wrong_mean(x, around, through):
    """Means of 2 x 2 and not maxima."""
    return around(x) + _large(through(F.avg_pool2d(x, 2, ceil_mode=True)), x)


def wrong_every_second_cell(x, around, through):
    """Takes every second cell and forgets the other three of four."""
    return around(x) + _large(through(x[:, :, ::2, ::2]), x)


def wrong_odd_sizes_padded_with_zeros(x, around, through):
    """Fills an odd size up with zeros: where all is negative the last row becomes 0."""
    padded = F.pad(x, (0, x.shape[3] % 2, 0, x.shape[2] % 2))
    return around(x) + _large(through(F.max_pool2d(padded, 2)), x)


def wrong_adaptive_windows(x, around, through):
    """Adaptive pooling to the rounded size: at odd sizes its windows overlap and are no 2 x 2 windows."""
    half = [(side + 1) // 2 for side in x.shape[-2:]]
    return around(x) + _large(through(F.adaptive_max_pool2d(x, half)), x)


def wrong_factor_two(x, around, through):
    """Enlarges by exactly two: an error at odd sizes, where a row too many comes back."""
    return around(x) + F.interpolate(through(_small(x)), scale_factor=2)


def wrong_bilinear(x, around, through):
    """Interpolates between cells on the way up: nearest was asked for."""
    return around(x) + F.interpolate(through(_small(x)), size=x.shape[-2:], mode="bilinear")


def wrong_side_by_side(x, around, through):
    """Concatenates, as U-Net does: 2 C channels."""
    return torch.cat([around(x), _large(through(_small(x)), x)], 1)


def wrong_around_dropped(x, around, through):
    """Only what went through: what is lost on the way does not go around."""
    return _large(through(_small(x)), x)


def wrong_around_not_called(x, around, through):
    """Adds x itself and not around(x)."""
    return x + _large(through(_small(x)), x)


def wrong_around_of_the_small_map(x, around, through):
    """The way around starts after the pooling: the fine map is lost on both ways."""
    small = _small(x)
    return _large(around(small) + through(small), x)


def wrong_through_at_full_size(x, around, through):
    """Nothing is made small: `through` works on all of x, and folds inside never see the whole object."""
    return around(x) + through(x)


def wrong_enlarged_before(x, around, through):
    """Enlarges first and then goes through: `through` works at full size."""
    return around(x) + through(_large(_small(x), x))


def wrong_layers_exchanged(x, around, through):
    """`through` at full size and `around` at half."""
    return through(x) + _large(around(_small(x)), x)


def wrong_around_twice(x, around, through):
    """What goes through has gone around before: one way after the other, and x is looked at only there."""
    side = around(x)
    return side + _large(through(_small(side)), x)


def wrong_product(x, around, through):
    """Multiplies both ways."""
    return around(x) * _large(through(_small(x)), x)


def wrong_mean_of_both(x, around, through):
    """Half of the sum."""
    return (around(x) + _large(through(_small(x)), x)) / 2


def wrong_no_gradient_through(x, around, through):
    """Detaches what went through: the layers inside are never trained."""
    return around(x) + _large(through(_small(x)).detach(), x)


def wrong_tiles(x, around, through):
    """`repeat` lays four copies of the small map side by side: each cell should be repeated."""
    h, w = x.shape[-2:]
    return around(x) + through(_small(x)).repeat(1, 1, 2, 2)[..., :h, :w]
