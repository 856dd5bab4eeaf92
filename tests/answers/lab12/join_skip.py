"""Answers to `join_skip` (lab 12), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_slices(coarse: Tensor, skip: Tensor) -> Tensor:
    """Cuts by slices, then puts the channels one after the other."""
    h, w = skip.shape[-2:]
    return torch.cat([coarse[..., :h, :w], skip], 1)


def right_by_narrowing(coarse: Tensor, skip: Tensor) -> Tensor:
    """narrow along each axis that is too long; any number of rows too many is cut."""
    for axis in (2, 3):
        if coarse.shape[axis] > skip.shape[axis]:
            coarse = coarse.narrow(axis, 0, skip.shape[axis])
    return torch.hstack((coarse, skip))


def right_by_negative_padding(coarse: Tensor, skip: Tensor) -> Tensor:
    """F.pad by a negative number at the far ends cuts."""
    below = skip.shape[2] - coarse.shape[2]
    beside = skip.shape[3] - coarse.shape[3]
    return torch.cat((F.pad(coarse, (0, beside, 0, below)), skip), dim=1)


def right_by_filling(coarse: Tensor, skip: Tensor) -> Tensor:
    """Makes the room first and writes both into it, image by image and channel by channel."""
    (n, c), (d, h, w) = coarse.shape[:2], skip.shape[1:]
    out = torch.zeros(n, c + d, h, w, dtype=skip.dtype)
    for image in range(n):
        for channel in range(c + d):
            source = coarse[image, channel] if channel < c else skip[image, channel - c]
            out[image, channel] = source[:h, :w]
    return out


def wrong_skip_first(coarse, skip):
    """First the skip, then what comes from below."""
    h, w = skip.shape[-2:]
    return torch.cat([skip, coarse[..., :h, :w]], 1)


def wrong_cut_at_the_beginning(coarse, skip):
    """Cuts the first row and column: what comes from below is shifted by a pixel."""
    h, w = skip.shape[-2:]
    return torch.cat([coarse[..., coarse.shape[2] - h :, coarse.shape[3] - w :], skip], 1)


def right_by_cutting_out_the_middle(coarse, skip):
    """Cuts out the middle as the paper does: wrong from two rows too many on, right for one."""
    h, w = skip.shape[-2:]
    top, left = (coarse.shape[2] - h) // 2, (coarse.shape[3] - w) // 2
    return torch.cat([coarse[..., top : top + h, left : left + w], skip], 1)


def wrong_always_cut(coarse, skip):
    """Cuts a row and a column off always: an error where the sizes had been equal."""
    return torch.cat([coarse[..., :-1, :-1], skip], 1)


def wrong_never_cut(coarse, skip):
    """Joins without a cut: an error for an odd size."""
    return torch.cat([coarse, skip], 1)


def wrong_rows_only(coarse, skip):
    """Cuts rows and forgets the columns: an error for an odd width."""
    return torch.cat([coarse[:, :, : skip.shape[2]], skip], 1)


def wrong_resized(coarse, skip):
    """Squeezes the larger map to the size of the skip: at odd sizes all values are resampled."""
    return torch.cat([F.interpolate(coarse, skip.shape[-2:], mode="bilinear"), skip], 1)


def wrong_skip_grows(coarse, skip):
    """Fills the skip with zeros up to the larger map: h' x w' and not h x w."""
    extra = (0, coarse.shape[3] - skip.shape[3], 0, coarse.shape[2] - skip.shape[2])
    return torch.cat([coarse, F.pad(skip, extra)], 1)


def wrong_sum(coarse, skip):
    """Adds, as a feature pyramid does: C channels, and an error where C is not D."""
    h, w = skip.shape[-2:]
    return coarse[..., :h, :w] + skip


def wrong_in_the_batch(coarse, skip):
    """Joins along axis 0: twice as many images, or an error where C is not D."""
    h, w = skip.shape[-2:]
    return torch.cat([coarse[..., :h, :w], skip], 0)


def wrong_width_for_height(coarse, skip):
    """Cuts the height to w and the width to h: an error for maps that are not square."""
    h, w = skip.shape[-2:]
    return torch.cat([coarse[..., :w, :h], skip], 1)


def wrong_no_gradient_through_the_skip(coarse, skip):
    """Detaches the skip: the layers on the way down learn nothing through it."""
    h, w = skip.shape[-2:]
    return torch.cat([coarse[..., :h, :w], skip.detach()], 1)


def wrong_skip_dropped(coarse, skip):
    """Cuts what comes from below and forgets the skip: C channels."""
    return coarse[..., : skip.shape[2], : skip.shape[3]]


def wrong_in_turns(coarse, skip):
    """Channels of both in turn, an error unless C is D: all of what comes from below was to be first."""
    h, w = skip.shape[-2:]
    return torch.stack([coarse[..., :h, :w], skip], 2).flatten(1, 2)
