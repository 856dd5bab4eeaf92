"""Lab 05, exercise 1: the reference of the similarity, and wrong answers about its parts and the colours."""

import torch
from torch import Tensor

from classroom.exercises.mistakes import Mistakes


def region_similarity(
    colour_a: Tensor, size_a: Tensor, colour_b: Tensor, size_b: Tensor, image_size: int
) -> Tensor:
    """How similar region a is to N others: what their colour histograms share, plus how small they are together: (N,)."""
    return torch.minimum(colour_a, colour_b).sum(-1) + 1 - (size_a + size_b) / image_size


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


def shared(colour_a, colour_b):
    return torch.minimum(colour_a, colour_b).sum(-1)


def _small(size_a, size_b, image_size):
    return 1 - (size_a + size_b) / image_size


# ---------------------------------------------------------------- a part is missing, or joined wrongly


@wrong(
    "the size left out",
    "Then one region swallows its neighbours one by one, and there are few medium-sized boxes.",
)
def _no_size(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b)


@wrong("the colour left out", "Size alone merges anything that is small.")
def _no_colour(colour_a, size_a, colour_b, size_b, image_size):
    return _small(size_a, size_b, image_size)


@wrong("half the sum", "The similarity is the sum of both parts, from 0 to 2, not their mean.")
def _halved(colour_a, size_a, colour_b, size_b, image_size):
    return (shared(colour_a, colour_b) + _small(size_a, size_b, image_size)) / 2


@wrong(
    "the product of both parts", "The two parts are added: a pair without a common colour can still merge."
)
def _multiplied(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b) * _small(size_a, size_b, image_size)


# ---------------------------------------------------------------- the colours


@wrong(
    "a product of histograms",
    "The intersection takes the smaller of the two numbers in each bin: equal histograms then share 1.",
)
def _product(colour_a, size_a, colour_b, size_b, image_size):
    return (colour_a * colour_b).sum(-1) + _small(size_a, size_b, image_size)


@wrong("a difference of histograms", "It grows as the colours differ: it is a distance, not a similarity.")
def _difference(colour_a, size_a, colour_b, size_b, image_size):
    return (colour_a - colour_b).abs().sum(-1) + _small(size_a, size_b, image_size)


@wrong(
    "1 minus the whole difference",
    "Histograms that share nothing differ by 2: only half of the difference counts.",
)
def _minus_difference(colour_a, size_a, colour_b, size_b, image_size):
    return 1 - (colour_a - colour_b).abs().sum(-1) + _small(size_a, size_b, image_size)


@wrong(
    "1 minus the Euclidean distance of the histograms",
    "What they share is the smaller of the two numbers in each bin.",
)
def _euclidean(colour_a, size_a, colour_b, size_b, image_size):
    return 1 - (colour_a - colour_b).norm(dim=-1) + _small(size_a, size_b, image_size)


@wrong("the cosine of the histograms", "What they share is the smaller of the two numbers in each bin.")
def _cosine(colour_a, size_a, colour_b, size_b, image_size):
    cosine = torch.cosine_similarity(colour_a[None], colour_b, dim=-1)
    return cosine + _small(size_a, size_b, image_size)


@wrong(
    "the larger number of each bin",
    "Regions without a common colour would be the most alike: take the minimum.",
)
def _maximum(colour_a, size_a, colour_b, size_b, image_size):
    return torch.maximum(colour_a, colour_b).sum(-1) + _small(size_a, size_b, image_size)


@wrong(
    "the mean over the bins",
    "What the histograms share is the sum over their bins; with 75 bins the mean is close to 0.",
)
def _mean(colour_a, size_a, colour_b, size_b, image_size):
    return torch.minimum(colour_a, colour_b).mean(-1) + _small(size_a, size_b, image_size)


@wrong("the largest shared bin alone", "Add up what the histograms share in all bins.")
def _largest_bin(colour_a, size_a, colour_b, size_b, image_size):
    return torch.minimum(colour_a, colour_b).amax(-1) + _small(size_a, size_b, image_size)


@wrong("a sum over the regions", "Sum over the bins, the last axis, so that one number per region is left.")
def _over_regions(colour_a, size_a, colour_b, size_b, image_size):
    return torch.minimum(colour_a, colour_b).sum(0) + _small(size_a, size_b, image_size)


@wrong(
    "the colours of all regions added up",
    "Each of the N regions has its own sum: sum over the last axis only.",
)
def _over_everything(colour_a, size_a, colour_b, size_b, image_size):
    return torch.minimum(colour_a, colour_b).sum() + _small(size_a, size_b, image_size)


@wrong("a table instead of a row", "Sum over the bins: the result is (N,), one number per region.")
def _kept_axis(colour_a, size_a, colour_b, size_b, image_size):
    return shared(colour_a, colour_b)[:, None] + _small(size_a, size_b, image_size)


@wrong("a table instead of a row", "Sum over the bins: the result is (N,), one number per region.")
def _all_bins(colour_a, size_a, colour_b, size_b, image_size):
    return torch.minimum(colour_a, colour_b) + _small(size_a, size_b, image_size)[:, None]
