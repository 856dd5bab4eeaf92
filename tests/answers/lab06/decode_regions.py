"""Answers to `decode_regions` (lab 06), written from the student's notebook alone."""

import math

import torch
from torch import Tensor

from coursekit import ops


def right_by_broadcasting(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    """The tool, with an axis of length 1 for the classes."""
    boxes = ops.decode_boxes(offsets, regions[:, None], (10.0, 10.0, 5.0, 5.0))
    return boxes, logits.softmax(-1)[:, 1:]


def right_by_rows(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    """One long table in which each region stands K times in a row."""
    count, classes = offsets.shape[:2]
    repeated = regions.repeat_interleave(classes, 0)
    boxes = ops.decode_boxes(offsets.reshape(-1, 4), repeated, (10.0, 10.0, 5.0, 5.0))
    power = (logits - logits.amax(1, keepdim=True)).exp()
    return boxes.reshape(count, classes, 4), power[:, 1:] / power.sum(1, keepdim=True)


def right_by_hand(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    """The formulas of lab 04 with their bound; scores by logarithms."""
    d = offsets / torch.tensor([10.0, 10.0, 5.0, 5.0])
    low, high = regions[:, None, :2], regions[:, None, 2:]
    half = (high - low) / 2 * d[..., 2:].clamp(max=math.log(1000 / 16)).exp()
    centre = (low + high) / 2 + d[..., :2] * (high - low)
    scores = (logits[:, 1:] - logits.logsumexp(1, keepdim=True)).exp()
    return torch.cat([centre - half, centre + half], -1), scores


def right_by_classes(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    """Class by class, the column of the background is cut off from the probabilities by split."""
    weights = (10.0, 10.0, 5.0, 5.0)
    boxes = [ops.decode_boxes(offsets[:, k], regions, weights) for k in range(offsets.shape[1])]
    _, scores = logits.softmax(dim=1).split([1, logits.shape[1] - 1], dim=1)
    return torch.stack(boxes, 1), scores


WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def _boxes(offsets, regions, weights=WEIGHTS):
    """The right boxes with a screw for the weights, for answers whose mistake is elsewhere."""
    return ops.decode_boxes(offsets, regions[:, None], weights)


def wrong_softmax_without_background(logits, offsets, regions):
    """Drops the background before the softmax: every region surely is some object."""
    return _boxes(offsets, regions), logits[:, 1:].softmax(1)


def wrong_sigmoid(logits, offsets, regions):
    """A sigmoid for each class, where the answers exclude each other."""
    return _boxes(offsets, regions), logits[:, 1:].sigmoid()


def wrong_weights_missing(logits, offsets, regions):
    """Decodes without (10, 10, 5, 5): the boxes move ten times too far."""
    return _boxes(offsets, regions, (1.0, 1.0, 1.0, 1.0)), logits.softmax(1)[:, 1:]


def wrong_times_the_weights(logits, offsets, regions):
    """Multiplies by the weights instead of dividing: a hundred times too far."""
    return _boxes(offsets, regions, (0.1, 0.1, 0.2, 0.2)), logits.softmax(1)[:, 1:]


def wrong_last_column_dropped(logits, offsets, regions):
    """Drops the last column for the background, which is the first:
    all scores are those of the class before.
    """
    return _boxes(offsets, regions), logits.softmax(1)[:, :-1]


def wrong_axis_of_the_softmax(logits, offsets, regions):
    """The softmax runs over the regions: one more region changes the scores of all others."""
    return _boxes(offsets, regions), logits.softmax(0)[:, 1:]


def wrong_background_kept(logits, offsets, regions):
    """Keeps the column of the background: (R, K + 1) scores for K boxes."""
    return _boxes(offsets, regions), logits.softmax(1)


def wrong_order_of_the_repeated_regions(logits, offsets, regions):
    """`repeat` lays the table of regions K times below itself: the offsets of region 0 meet regions 0, 1,
    2 ...
    """
    count, classes = offsets.shape[:2]
    boxes = ops.decode_boxes(offsets.reshape(-1, 4), regions.repeat(classes, 1), WEIGHTS)
    return boxes.reshape(count, classes, 4), logits.softmax(1)[:, 1:]


def wrong_best_class_only(logits, offsets, regions):
    """One box and one score for each region, those of its best class: (R, 4) and (R,)."""
    scores, best = logits.softmax(1)[:, 1:].max(1)
    return _boxes(offsets, regions)[torch.arange(len(regions)), best], scores


def wrong_logits_for_scores(logits, offsets, regions):
    """The logits themselves: scores may be negative or 7."""
    return _boxes(offsets, regions), logits[:, 1:]


def wrong_logarithms(logits, offsets, regions):
    """log_softmax, which the loss takes: all scores are negative."""
    return _boxes(offsets, regions), logits.log_softmax(1)[:, 1:]


def wrong_one_box_for_all_classes(logits, offsets, regions):
    """Every class gets the mean of the boxes of all classes."""
    mean = offsets.mean(1, keepdim=True).expand_as(offsets)
    return _boxes(mean, regions), logits.softmax(1)[:, 1:]


def wrong_regions_returned(logits, offsets, regions):
    """The regions as they are, K times: the second stage moves nothing."""
    return regions[:, None].expand(-1, offsets.shape[1], -1), logits.softmax(1)[:, 1:]


def wrong_order(logits, offsets, regions):
    """Scores first, boxes second."""
    return logits.softmax(1)[:, 1:], _boxes(offsets, regions)


def wrong_zero_for_background(logits, offsets, regions):
    """Sets the scores of regions that are most likely background to 0: each class keeps its probability."""
    p = logits.softmax(1)
    return _boxes(offsets, regions), p[:, 1:] * (p.argmax(1) > 0)[:, None]
