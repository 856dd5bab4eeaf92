"""Answers to `softmax_of_pixels` (lab 11), written from the student's notebook alone."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_library(logits: Tensor) -> Tensor:
    """At each place the classes share 1."""
    return logits.softmax(0)


def right_by_logarithms(logits: Tensor) -> Tensor:
    """Subtracts the logarithm of the sum; for logits of hundreds float32 then errs in the fifth digit."""
    return (logits - logits.logsumexp(0, keepdim=True)).exp()


def right_by_hand(logits: Tensor) -> Tensor:
    """The largest logit of each place is taken off first, so that nothing overflows."""
    heat = torch.exp(logits - logits.amax(dim=0, keepdim=True))
    return heat / heat.sum(dim=0, keepdim=True)


def right_place_by_place(logits: Tensor) -> Tensor:
    """A list of places, a softmax for each, back to a map."""
    places = [F.softmax(place, dim=-1) for place in logits.flatten(1).T]
    return torch.stack(places, 1).view(logits.shape)


def right_by_numpy(logits: Tensor) -> Tensor:
    """In float64 with numpy, and back to the dtype of the logits; has no gradient."""
    values = logits.detach().double().numpy()
    heat = np.exp(values - values.max(axis=0))
    return torch.from_numpy(heat / heat.sum(axis=0)).to(logits.dtype)


def right_with_a_batch(logits: Tensor) -> Tensor:
    """As a batch of one picture, where the classes are axis 1."""
    return torch.nn.Softmax2d()(logits[None])[0]


def wrong_along_the_row(logits):
    """The last axis: each row of cells adds up to 1, and not each place."""
    return logits.softmax(-1)


def wrong_along_the_column(logits):
    """Axis 1, where the classes of a batch (N, K) are: each column of cells adds up to 1."""
    return logits.softmax(1)


def wrong_over_the_places(logits):
    """Each class adds up to 1 over the picture: where it is, if it is there, and not what is here."""
    return logits.flatten(1).softmax(1).view(logits.shape)


def wrong_over_everything(logits):
    """All numbers together add up to 1: each place gets a small share."""
    return logits.flatten().softmax(0).view(logits.shape)


def wrong_sigmoid(logits):
    """Each class for itself: between 0 and 1, but the sum over the classes is anything."""
    return logits.sigmoid()


def wrong_overflow(logits):
    """exp of the logits as they are: infinity by infinity for logits from 89 on."""
    heat = logits.exp()
    return heat / heat.sum(0)


def wrong_one_maximum_for_all(logits):
    """Takes off the largest logit of the whole map: 0 by 0 at a place whose logits are all 110 lower."""
    heat = (logits - logits.max()).exp()
    return heat / heat.sum(0)


def wrong_log_probabilities(logits):
    """The logarithms of the probabilities: none is above 0."""
    return logits.log_softmax(0)


def wrong_without_exponential(logits):
    """Divides the logits by their sum: negative for negative logits."""
    return logits / logits.sum(0)


def wrong_largest_is_one(logits):
    """Divides by the largest and not by the sum: the best class is always 1."""
    return (logits - logits.amax(0)).exp()


def wrong_winner_takes_all(logits):
    """1 for the best class and 0 for the others."""
    return F.one_hot(logits.argmax(0), len(logits)).permute(2, 0, 1).to(logits.dtype)


def wrong_logits_used_up(logits):
    """The right numbers, computed inside the caller's logits."""
    logits -= logits.amax(0, keepdim=True)
    logits.exp_()
    logits /= logits.sum(0, keepdim=True)
    return logits


def wrong_classes_last(logits):
    """Right probabilities as (h, w, K): the classes are not moved back."""
    return logits.permute(1, 2, 0).softmax(-1)


def wrong_reshaped_not_permuted(logits):
    """Reads (K, h, w) as (places, K): each group of K numbers in memory adds up to 1."""
    return logits.reshape(-1, len(logits)).softmax(1).reshape(logits.shape)


def wrong_twice(logits):
    """A softmax of a softmax: adds up to 1, but nearly equal for all classes."""
    return logits.softmax(0).softmax(0)


def wrong_powers_of_two(logits):
    """Powers of 2 in place of e: adds up to 1, but is less sure."""
    return (logits * 0.6931).softmax(0)


def wrong_scaled_between_zero_and_one(logits):
    """Scales the logits of each place between 0 and 1, then divides by the sum: the lowest class gets 0."""
    low, high = logits.amin(0), logits.amax(0)
    heat = (logits - low) / (high - low).clamp(min=1e-9)
    return heat / heat.sum(0).clamp(min=1e-9)
