"""Answers to `region_similarity` (lab 05), written from the student's notebook alone."""

import numpy as np
import torch
from torch import Tensor


def right_by_broadcasting(
    colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int
) -> Tensor:
    """The formula: a against all rows of b at once."""
    shared = torch.minimum(colour_a, colour_b).sum(-1)
    return shared + 1 - (size_a + size_b) / image_size


def right_by_loops(
    colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int
) -> Tensor:
    """Region by region, bin by bin, in Python's numbers; the dtype is the histograms'."""
    mine, total = colour_a.tolist(), []
    for theirs, size in zip(colour_b.tolist(), size_b.tolist(), strict=True):
        shared = sum(min(p, q) for p, q in zip(mine, theirs, strict=True))
        total.append(shared + 1.0 - (float(size_a) + size) / image_size)
    return torch.tensor(total, dtype=colour_b.dtype)


def right_by_differences(
    colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int
) -> Tensor:
    """min(p, q) = (p + q - |p - q|) / 2, and bins sum to 1: what is shared is 1 less half of the distance."""
    shared = 1 - 0.5 * (colour_b - colour_a).abs().sum(1)
    room = image_size - size_a - size_b
    return shared + room / image_size


def right_by_numpy(
    colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int
) -> Tensor:
    """numpy in double precision; the answer stays double."""
    shared = np.minimum(colour_a.numpy()[None, :], colour_b.numpy()).sum(axis=1, dtype=np.float64)
    share = (size_b.numpy().astype(np.float64) + float(size_a)) / image_size
    return torch.from_numpy(shared + 1 - share)


def right_by_where(
    colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int
) -> Tensor:
    """Takes a's bin where it is the smaller one, b's elsewhere;
    two shares of the image are taken off one by one.
    """
    a = colour_a.expand_as(colour_b)
    colour = torch.where(a < colour_b, a, colour_b).sum(dim=1)
    small = torch.ones_like(colour) - size_a / image_size - size_b / image_size
    return colour + small


def _shared(colour_a, colour_b):
    return torch.minimum(colour_a, colour_b).sum(-1)


def _small(size_a, size_b, image_size):
    return 1 - (size_a + size_b) / image_size


def wrong_product(colour_a, size_a, colour_b, size_b, image_size):
    """Multiplies the bins: two equal histograms of four even bins share 1/4 and not 1."""
    return (colour_a * colour_b).sum(-1) + _small(size_a, size_b, image_size)


def wrong_maximum(colour_a, size_a, colour_b, size_b, image_size):
    """The larger of two bins: regions without a common colour are the most alike."""
    return torch.maximum(colour_a, colour_b).sum(-1) + _small(size_a, size_b, image_size)


def wrong_axis(colour_a, size_a, colour_b, size_b, image_size):
    """Sums over the regions and not over the bins: an error, or nonsense where B equals N."""
    return torch.minimum(colour_a, colour_b).sum(0) + _small(size_a, size_b, image_size)


def wrong_mean(colour_a, size_a, colour_b, size_b, image_size):
    """The mean of the bins: the colour nearly vanishes beside the size."""
    return torch.minimum(colour_a, colour_b).mean(-1) + _small(size_a, size_b, image_size)


def wrong_large_first(colour_a, size_a, colour_b, size_b, image_size):
    """Adds the share of the image, where 1 minus it was asked for: large regions swallow all others."""
    return _shared(colour_a, colour_b) + (size_a + size_b) / image_size


def wrong_colour_alone(colour_a, size_a, colour_b, size_b, image_size):
    """The size is forgotten: one region grows and eats the picture."""
    return _shared(colour_a, colour_b)


def wrong_size_alone(colour_a, size_a, colour_b, size_b, image_size):
    """The colour is forgotten: equally small regions are equally alike."""
    return _small(size_a, size_b, image_size)


def wrong_brackets(colour_a, size_a, colour_b, size_b, image_size):
    """The brackets are missing: only the second size is divided, so the first one comes in pixels."""
    return _shared(colour_a, colour_b) + 1 - size_a + size_b / image_size


def wrong_whole_division(colour_a, size_a, colour_b, size_b, image_size):
    """// for /: every pair under the whole image has share 0."""
    return _shared(colour_a, colour_b) + 1 - (size_a + size_b) // image_size


def wrong_own_size_only(colour_a, size_a, colour_b, size_b, image_size):
    """Forgets the size of the others: they all get the same second part."""
    return _shared(colour_a, colour_b) + 1 - size_a / image_size


def wrong_share_of_the_largest(colour_a, size_a, colour_b, size_b, image_size):
    """Ignores the image and divides by the largest region in sight."""
    return _shared(colour_a, colour_b) + 1 - (size_a + size_b) / (size_a + size_b).max()


def wrong_euclidean_distance(colour_a, size_a, colour_b, size_b, image_size):
    """1 minus the length of the difference: two even histograms of four bins without a common colour would
    share 0.29.
    """
    return 1 - (colour_b - colour_a).norm(dim=-1) + _small(size_a, size_b, image_size)


def wrong_sizes_changed(colour_a, size_a, colour_b, size_b, image_size):
    """Adds into the caller's own sizes: every call makes all regions larger."""
    size_b += size_a
    return _shared(colour_a, colour_b) + 1 - size_b / image_size


def wrong_mean_of_the_two(colour_a, size_a, colour_b, size_b, image_size):
    """Half of the sum, so that it stays under 1: it should be the sum."""
    return (_shared(colour_a, colour_b) + _small(size_a, size_b, image_size)) / 2


def wrong_difference_of_sizes(colour_a, size_a, colour_b, size_b, image_size):
    """Rewards equal sizes, where the sum was asked for:
    two large regions merge as early as two small ones.
    """
    return _shared(colour_a, colour_b) + 1 - (size_a - size_b).abs() / image_size
