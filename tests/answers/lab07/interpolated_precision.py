"""Answers to `interpolated_precision` (lab 07), written from the student's notebook alone."""

import numpy as np
import torch
from torch import Tensor


def right_by_a_table(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """All recalls against all points of the curve; a column of zeros stands for what is never reached."""
    beyond = recall[None] >= recalls[:, None]
    table = torch.where(beyond, precision[None], 0.0)
    return torch.cat([table, table.new_zeros(len(recalls), 1)], 1).amax(1)


def right_by_a_loop(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Word for word, in Python floats; always float64."""
    points = list(zip(precision.tolist(), recall.tolist(), strict=True))
    heights = [max((p for p, r in points if r >= wanted), default=0.0) for wanted in recalls.tolist()]
    return torch.tensor(heights, dtype=torch.float64)


def right_by_search(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Best so far from the end, then the first place whose recall is enough (recall never falls)."""
    stairs = torch.cat([precision.flip(0).cummax(0).values.flip(0), precision.new_zeros(1)])
    return stairs[torch.searchsorted(recall.contiguous(), recalls.to(recall.dtype).contiguous(), right=False)]


def right_by_numpy(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """As pycocotools: an envelope, searchsorted from the left, zeros where it runs out."""
    envelope = np.maximum.accumulate(precision.numpy()[::-1])[::-1]
    where = np.searchsorted(recall.numpy(), recalls.numpy(), side="left")
    heights = np.zeros(len(recalls))
    reached = where < len(envelope)
    heights[reached] = envelope[where[reached]]
    return torch.from_numpy(heights)


def right_by_painting(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Each point of the curve lifts all recalls up to its own; in the dtype of `recalls`."""
    heights = torch.zeros_like(recalls)
    for p, r in zip(precision, recall, strict=True):
        heights = torch.where(recalls <= r, torch.maximum(heights, p.to(heights.dtype)), heights)
    return heights


def _table(precision, beyond):
    """The best precision of each row of a mask, or 0."""
    return torch.stack([precision[row].max() if row.any() else precision.new_zeros(()) for row in beyond])


def wrong_strictly_beyond(precision, recall, recalls):
    """> and not >=: wrong where a recall is reached exactly, such as 1.0 by a perfect detector."""
    return _table(precision, recall[None] > recalls[:, None])


def wrong_up_to_this_recall(precision, recall, recalls):
    """The best precision at this recall or before: the staircase rises, where it should fall."""
    return _table(precision, recall[None] <= recalls[:, None])


def wrong_no_staircase(precision, recall, recalls):
    """The zigzag itself: the first point that gets there, though a later one is better."""
    where = torch.searchsorted(recall, recalls)
    return torch.cat([precision, precision.new_zeros(1)])[where]


def wrong_last_height_goes_on(precision, recall, recalls):
    """Beyond the last recall the last precision goes on, where it should be 0."""
    stairs = precision.flip(0).cummax(0).values.flip(0)
    return stairs[torch.searchsorted(recall, recalls).clamp(max=len(stairs) - 1)]


def wrong_straight_lines(precision, recall, recalls):
    """Straight lines between the points (numpy.interp), where there should be steps."""
    stairs = precision.flip(0).cummax(0).values.flip(0)
    return torch.from_numpy(np.interp(recalls.numpy(), recall.numpy(), stairs.numpy(), right=0.0))


def wrong_mean_beyond(precision, recall, recalls):
    """The mean of the precisions at this recall or beyond, and not the best."""
    rows = recall[None] >= recalls[:, None]
    return torch.stack([precision[r].mean() if r.any() else precision.new_zeros(()) for r in rows])


def wrong_nearest_recall(precision, recall, recalls):
    """Reads the staircase at the nearest point of the curve, which may lie before; and nowhere is it 0."""
    stairs = precision.flip(0).cummax(0).values.flip(0)
    return stairs[(recall[None] - recalls[:, None]).abs().argmin(1)]


def wrong_never_reached_is_minus_infinity(precision, recall, recalls):
    """No height is set where the detector never gets: -inf and not 0."""
    table = torch.where(recall[None] >= recalls[:, None], precision[None], -torch.inf)
    return table.amax(1)


def wrong_never_reached_is_not_a_number(precision, recall, recalls):
    """NaN where the detector never gets: the mean of the heights becomes NaN."""
    rows = recall[None] >= recalls[:, None]
    return torch.stack([precision[r].max() if r.any() else precision.new_tensor(torch.nan) for r in rows])


def wrong_never_reached_is_left_out(precision, recall, recalls):
    """Leaves out recalls that are never reached: fewer than R numbers, and a mean that is too good."""
    reached = recalls[recalls <= recall[-1]]
    return _table(precision, recall[None] >= reached[:, None])


def wrong_mean_already(precision, recall, recalls):
    """Returns one number, the mean of the heights, and not the heights."""
    return _table(precision, recall[None] >= recalls[:, None]).mean()


def wrong_step_to_the_left(precision, recall, recalls):
    """Off by one: the height of the point before the one that gets there, which may be higher."""
    stairs = torch.cat([precision.flip(0).cummax(0).values.flip(0), precision.new_zeros(1)])
    return stairs[(torch.searchsorted(recall, recalls) - 1).clamp(min=0)]


def wrong_best_from_the_wrong_end(precision, recall, recalls):
    """A running maximum from the start: the height never falls again after a right first detection."""
    stairs = torch.cat([precision.cummax(0).values, precision.new_zeros(1)])
    return stairs[torch.searchsorted(recall, recalls)]


def wrong_axes_exchanged(precision, recall, recalls):
    """The best recall at this precision or beyond: the two tensors are confused."""
    return _table(recall, precision[None] >= recalls[:, None])


def wrong_evenly_spaced_recalls(precision, recall, recalls):
    """Ignores where the recalls lie, takes as many evenly from 0 to 1: wrong for any others."""
    even = torch.linspace(0, 1, len(recalls), dtype=recalls.dtype)
    return _table(precision, recall[None] >= even[:, None])


def wrong_crash_without_detections(precision, recall, recalls):
    """The maximum over nothing raises an error: wrong for a class that the detector never names."""
    return torch.where(recall[None] >= recalls[:, None], precision[None], 0.0).amax(1)


def wrong_staircase_in_place(precision, recall, recalls):
    """Builds the staircase inside the caller's precision: the zigzag is lost for whoever draws it next."""
    for i in range(len(precision) - 2, -1, -1):
        precision[i] = max(precision[i], precision[i + 1])
    return torch.cat([precision, precision.new_zeros(1)])[torch.searchsorted(recall, recalls)]
