"""Answers to `interpolated_precision` (lab 07) by somebody else, written from the student's notebook alone."""

import numpy as np
import torch
from torch import Tensor


def right_table(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    if len(precision) == 0:
        return torch.zeros(len(recalls), dtype=torch.float64)
    reached = recall[:, None].double() >= recalls[None].double()  # (D, R)
    heights = torch.where(reached, precision[:, None].double(), torch.zeros((), dtype=torch.float64))
    return heights.amax(0)


def right_loop(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    pairs = list(zip(precision.tolist(), recall.tolist(), strict=True))
    return torch.tensor(
        [max((p for p, r in pairs if r >= at), default=0.0) for at in recalls.tolist()], dtype=torch.float64
    )


def right_search_the_stairs(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """The best from behind, and a 0 at the end for the recalls that are never reached."""
    stairs = precision.double().flip(0).cummax(0).values.flip(0) if len(precision) else precision.double()
    stairs = torch.cat([stairs, stairs.new_zeros(1)])
    return stairs[torch.searchsorted(recall.double(), recalls.double())]


def right_numpy(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    stairs = np.maximum.accumulate(precision.numpy()[::-1].astype(np.float64))[::-1]
    first = np.searchsorted(recall.numpy().astype(np.float64), recalls.numpy().astype(np.float64), "left")
    heights = np.zeros(len(recalls))
    heights[first < len(stairs)] = stairs[first[first < len(stairs)]]
    return torch.from_numpy(heights)


def right_paint_from_the_left(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Each detection lifts all recalls up to its own."""
    heights = torch.zeros(len(recalls), dtype=torch.float64)
    for p, r in zip(precision.double(), recall.double(), strict=True):
        heights = torch.where(recalls.double() <= r, torch.maximum(heights, p), heights)
    return heights


def _nothing(recalls: Tensor) -> Tensor:
    return torch.zeros(len(recalls), dtype=torch.float64)


def wrong_straight_lines(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Draws straight lines between the points of the curve instead of stairs."""
    if len(precision) == 0:
        return _nothing(recalls)
    return torch.from_numpy(np.interp(recalls.numpy(), recall.numpy(), precision.numpy(), right=0.0))


def wrong_zigzag(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Takes the precision where the recall is first reached, not the best one beyond."""
    padded = torch.cat([precision.double(), torch.zeros(1, dtype=torch.float64)])
    return padded[torch.searchsorted(recall.double(), recalls.double())]


def wrong_best_before(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Takes the best precision up to this recall instead of from it on."""
    pairs = list(zip(precision.tolist(), recall.tolist(), strict=True))
    most = max(recall.tolist(), default=-1.0)
    return torch.tensor(
        [
            max((p for p, r in pairs if r <= at), default=0.0) if at <= most else 0.0
            for at in recalls.tolist()
        ],
        dtype=torch.float64,
    )


def wrong_strictly_beyond(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """A detection that just reaches the recall does not count."""
    pairs = list(zip(precision.tolist(), recall.tolist(), strict=True))
    return torch.tensor(
        [max((p for p, r in pairs if r > at), default=0.0) for at in recalls.tolist()], dtype=torch.float64
    )


def wrong_cummax_from_the_front(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Runs the maximum from the front, so that the stairs only go up."""
    if len(precision) == 0:
        return _nothing(recalls)
    stairs = torch.cat([precision.double().cummax(0).values, torch.zeros(1, dtype=torch.float64)])
    return stairs[torch.searchsorted(recall.double(), recalls.double())]


def wrong_last_value_goes_on(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Where the detector never gets, the last precision goes on instead of 0."""
    if len(precision) == 0:
        return _nothing(recalls)
    stairs = precision.double().flip(0).cummax(0).values.flip(0)
    place = torch.searchsorted(recall.double(), recalls.double()).clamp(max=len(stairs) - 1)
    return stairs[place]


def wrong_single_precision(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Returns float32."""
    heights = torch.zeros(len(recalls))
    for n, at in enumerate(recalls):
        reached = precision[recall >= at]
        if len(reached):
            heights[n] = reached.max()
    return heights


def wrong_needs_detections(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Takes the maximum of an empty list, which is an error without detections."""
    reached = recall[:, None] >= recalls[None]
    return (precision[:, None] * reached).max(0).values


def wrong_starts_at_one(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Adds a point with recall 0 and precision 1 before the first detection."""
    one, zero = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    p, r = torch.cat([one, precision.double()]), torch.cat([zero, recall.double()])
    return torch.where(r[:, None] >= recalls[None].double(), p[:, None], zero).amax(0)


def wrong_nearest_point(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Reads the stairs at the detection whose recall is nearest, before or beyond."""
    if len(precision) == 0:
        return _nothing(recalls)
    stairs = precision.double().flip(0).cummax(0).values.flip(0)
    heights = stairs[(recall[:, None] - recalls[None]).abs().argmin(0)]
    return torch.where(recalls > recall.max(), torch.zeros_like(heights), heights)


def wrong_mean_beyond(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Takes the mean precision from this recall on instead of the best."""
    heights = _nothing(recalls)
    for n, at in enumerate(recalls):
        beyond = precision[recall >= at]
        if len(beyond):
            heights[n] = beyond.double().mean()
    return heights


def wrong_one_number(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Returns the mean over the recalls instead of the height at each."""
    return right_table(precision, recall, recalls).mean()


def wrong_never_reached_is_nan(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Says nan where the detector never gets, instead of 0."""
    heights = right_table(precision, recall, recalls)
    reached = (recall[:, None] >= recalls[None]).any(0)
    return heights.masked_fill(~reached, float("nan"))


def wrong_recall_and_precision_swapped(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Mixes up the two curves: the best recall at this precision or beyond."""
    return right_table(recall, precision, recalls)


def wrong_height_for_each_detection(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Returns the stairs at the detections, (D,), and never looks at `recalls`."""
    if len(precision) == 0:
        return precision.double()
    return precision.double().flip(0).cummax(0).values.flip(0)


def right_one_place_before(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Reads the stairs at the last detection before the recall is reached: the same, since precision only rises there."""
    if len(precision) == 0:
        return _nothing(recalls)
    stairs = precision.double().flip(0).cummax(0).values.flip(0)
    place = (torch.searchsorted(recall.double(), recalls.double()) - 1).clamp(min=0)
    return torch.where(recalls > recall.max(), torch.zeros((), dtype=torch.float64), stairs[place])
