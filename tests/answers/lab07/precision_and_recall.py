"""Answers to `precision_and_recall` (lab 07), written from the student's notebook alone."""

import math

import numpy as np
import torch
from torch import Tensor


def right_by_cumulative_sum(right: Tensor, num_objects: int) -> tuple[Tensor, Tensor]:
    """One running count; without objects recall is 0 / 0, not a number."""
    hits = right.double().cumsum(0)
    return hits / torch.arange(1, len(right) + 1, dtype=torch.float64), hits / num_objects


def right_by_a_loop(right: Tensor, num_objects: int) -> tuple[Tensor, Tensor]:
    """Counts one by one in Python; without objects recall is 0."""
    precision, recall, hits = [], [], 0
    for n, yes in enumerate(right.tolist(), 1):
        hits += bool(yes)
        precision.append(hits / n)
        recall.append(hits / num_objects if num_objects else 0.0)
    return torch.tensor(precision, dtype=torch.float64), torch.tensor(recall, dtype=torch.float64)


def right_by_numpy(right: Tensor, num_objects: int) -> tuple[Tensor, Tensor]:
    """Numpy divides integers to float64 by itself; at least one object in the denominator."""
    hits = np.cumsum(right.numpy().astype(np.int64))
    precision, recall = hits / np.arange(1, len(hits) + 1), hits / max(num_objects, 1)
    return torch.from_numpy(precision), torch.from_numpy(recall)


def right_by_a_triangle(right: Tensor, num_objects: int) -> tuple[Tensor, Tensor]:
    """Row n of a triangle of ones adds the first n; divided by its own sum. Recall is 1 if nothing was
    there.
    """
    upto = torch.ones(len(right), len(right), dtype=torch.float64).tril()
    hits = upto @ right.to(torch.float64)
    recall = hits / num_objects if num_objects > 0 else torch.ones_like(hits)
    return hits / upto.sum(1), recall


def right_by_hits_and_misses(right: Tensor, num_objects: int) -> tuple[Tensor, Tensor]:
    """TP / (TP + FP) and TP / (TP + FN), as the textbook has them; NaN without objects."""
    tp, fp = right.to(torch.float64).cumsum(0), (~right.bool()).to(torch.float64).cumsum(0)
    fn = num_objects - tp
    recall = tp / (tp + fn) if num_objects else torch.full_like(tp, math.nan)
    return tp / (tp + fp), recall


def _counts(right):
    return right.double().cumsum(0), torch.arange(1, len(right) + 1, dtype=torch.float64)


def wrong_single_precision(right, num_objects):
    """Integer counts divided by integers are float32 in torch: the wrong dtype for any input."""
    hits = right.cumsum(0)
    return hits / torch.arange(1, len(right) + 1), hits / num_objects


def wrong_converted_too_late(right, num_objects):
    """Divides in float32 and converts afterwards: 1/3 is wrong from the eighth digit on."""
    hits = right.cumsum(0)
    return (hits / torch.arange(1, len(right) + 1)).double(), (hits / num_objects).double()


def wrong_recall_first(right, num_objects):
    """Returns recall and precision, in this order."""
    hits, n = _counts(right)
    return hits / num_objects, hits / n


def wrong_recall_of_what_is_found(right, num_objects):
    """Divides by the right detections and not by the objects: recall ends at 1 though objects are missed."""
    hits, n = _counts(right)
    return hits / n, hits / hits[-1:].clamp(min=1)


def wrong_recall_of_detections(right, num_objects):
    """Divides by the number of detections: wrong whenever it is not the number of objects."""
    hits, n = _counts(right)
    return hits / n, hits / max(len(right), 1)


def wrong_precision_of_the_whole_list(right, num_objects):
    """Divides by the length of the whole list from the first detection on."""
    hits, n = _counts(right)
    return hits / max(len(right), 1), hits / num_objects


def wrong_counts_from_zero(right, num_objects):
    """Divides by 0, 1, 2, …: the first precision is infinite or not a number, the others are too large."""
    hits, n = _counts(right)
    return hits / (n - 1), hits / num_objects


def wrong_before_each_detection(right, num_objects):
    """Counts the hits before a detection and not after it: always one behind."""
    hits, n = _counts(right)
    hits = hits - right.double()
    return hits / n, hits / num_objects


def wrong_staircase_already(right, num_objects):
    """Makes the staircase of the next exercise here: precision never rises, wrong after wrong then right."""
    hits, n = _counts(right)
    return (hits / n).flip(0).cummax(0).values.flip(0), hits / num_objects


def wrong_starts_at_nothing(right, num_objects):
    """Puts the point (recall 0, precision 1) in front: D + 1 numbers and not D."""
    hits, n = _counts(right)
    one, zero = torch.ones(1).double(), torch.zeros(1).double()
    return torch.cat([one, hits / n]), torch.cat([zero, hits / num_objects])


def wrong_at_right_detections_only(right, num_objects):
    """Leaves out the points after wrong detections: fewer than D numbers as soon as one is wrong."""
    hits, n = _counts(right)
    return (hits / n)[right.bool()], (hits / num_objects)[right.bool()]


def wrong_only_the_end(right, num_objects):
    """Two numbers for the whole list, and not for each place to stop."""
    hits = right.double().sum()
    return hits / max(len(right), 1), hits / num_objects


def wrong_from_the_end(right, num_objects):
    """Counts from the least sure detection on: wrong unless the list reads the same from both ends."""
    hits, n = _counts(right.flip(0))
    return (hits / n).flip(0), (hits / num_objects).flip(0)


def wrong_until_the_first_mistake(right, num_objects):
    """A running product inside the sum: after the first wrong detection no hit counts any more."""
    n = torch.arange(1, len(right) + 1, dtype=torch.float64)
    hits = right.double().cumprod(0).cumsum(0)
    return hits / n, hits / num_objects


def wrong_whole_numbers(right, num_objects):
    """Divides with //: everything between 0 and 1 becomes 0."""
    hits, n = _counts(right)
    return hits // n, hits // num_objects
