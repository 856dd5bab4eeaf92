"""Answers to `area_under_curve` (lab 07), written from the student's notebook alone."""

import numpy as np
import torch
from torch import Tensor


def interpolated_precision(precision: Tensor, recall: Tensor, recalls: Tensor) -> Tensor:
    """Exercise 3: the best precision at each recall or beyond, 0 where the detector never gets."""
    table = torch.where(recall[None] >= recalls[:, None], precision[None], 0.0)
    return torch.cat([table, table.new_zeros(len(recalls), 1)], 1).amax(1)


def right_by_rectangles(precision: Tensor, recall: Tensor) -> float:
    """Height times width of each detection; the first rectangle begins at recall 0."""
    width = recall.diff(prepend=recall.new_zeros(1))
    return (interpolated_precision(precision, recall, recall) * width).sum().item()


def right_by_a_loop_from_the_end(precision: Tensor, recall: Tensor) -> float:
    """From the last detection to the first: the best height so far times the step to the one before."""
    p, r = precision.tolist(), [0.0, *recall.tolist()]
    area = best = 0.0
    for i in range(len(p) - 1, -1, -1):
        best = max(best, p[i])
        area += best * (r[i + 1] - r[i])
    return area


def right_as_pascal_voc(precision: Tensor, recall: Tensor) -> float:
    """With a point at both ends, and only where recall changes."""
    r = np.concatenate([[0.0], recall.numpy(), [1.0]])
    p = np.concatenate([[0.0], precision.numpy(), [0.0]])
    p = np.maximum.accumulate(p[::-1])[::-1]
    steps = np.flatnonzero(r[1:] != r[:-1])
    return float(np.sum((r[steps + 1] - r[steps]) * p[steps + 1]))


def right_by_distinct_recalls(precision: Tensor, recall: Tensor) -> float:
    """Wrong detections make rectangles of no width: each recall once is enough. A dot product in float64."""
    stops = recall.double().unique()
    heights = interpolated_precision(precision.double(), recall.double(), stops)
    return float(heights @ torch.diff(stops, prepend=stops.new_zeros(1)))


def right_by_layers(precision: Tensor, recall: Tensor) -> float:
    """The same area in horizontal layers: how far to the right does the curve reach at each height?"""
    area, below = 0.0, 0.0
    for height in sorted(set(precision.tolist())):
        area += (height - below) * recall[precision >= height].max().item()
        below = height
    return area


def _stairs(precision, recall):
    return interpolated_precision(precision, recall, recall)


def _width(recall):
    return recall.diff(prepend=recall.new_zeros(1))


def wrong_first_rectangle_missing(precision, recall):
    """Only the steps between detections: the rectangle of the first right one is lost."""
    return (_stairs(precision, recall)[1:] * recall.diff()).sum().item()


def wrong_no_staircase(precision, recall):
    """Rectangles under the zigzag: too low where a later precision is better."""
    return (precision * _width(recall)).sum().item()


def wrong_trapezoids(precision, recall):
    """Straight lines between the points: wrong as soon as the height changes."""
    heights, zero = _stairs(precision, recall), recall.new_zeros(1)
    heights = torch.cat([heights[:1], heights])
    return torch.trapezoid(heights, torch.cat([zero, recall])).item()


def wrong_mean_of_precisions(precision, recall):
    """The mean of all precisions, without widths: wrong detections count as much as right ones."""
    return precision.mean().item() if len(precision) else 0.0


def wrong_mean_of_the_staircase(precision, recall):
    """The mean height at the detections: each counts alike, and missed objects cost nothing."""
    return _stairs(precision, recall).mean().item() if len(precision) else 0.0


def wrong_mean_of_what_is_found(precision, recall):
    """The mean height at the right detections: divided by the found objects and not by all of them."""
    width = _width(recall)
    return (_stairs(precision, recall)[width > 0]).mean().item() if (width > 0).any() else 0.0


def wrong_height_of_the_left_end(precision, recall):
    """Each rectangle has the height of the detection before: too large where the staircase falls."""
    heights = _stairs(precision, recall)
    return (torch.cat([heights[:1], heights[:-1]]) * _width(recall)).sum().item()


def wrong_goes_on_to_recall_one(precision, recall):
    """Goes on at the last height up to recall 1, where the detector never gets."""
    area = (_stairs(precision, recall) * _width(recall)).sum().item()
    return area + (precision[-1] * (1 - recall[-1])).item() if len(precision) else area


def wrong_stretched_to_the_last_recall(precision, recall):
    """Divides by the last recall: missed objects cost nothing."""
    area = (_stairs(precision, recall) * _width(recall)).sum().item()
    return area / recall[-1].item() if len(recall) and recall[-1] > 0 else 0.0


def wrong_hundred_and_one_points(precision, recall):
    """COCO's mean over 101 recalls and not the area: differs by up to a hundredth."""
    recalls = torch.linspace(0, 1, 101, dtype=recall.dtype)
    return interpolated_precision(precision, recall, recalls).mean().item()


def wrong_running_best_from_the_start(precision, recall):
    """The best precision at this recall or before: after a right first detection the area is the last
    recall.
    """
    heights = precision.cummax(0).values if len(precision) else precision
    return (heights * _width(recall)).sum().item()


def wrong_a_tensor(precision, recall):
    """Returns a tensor and not a float."""
    return (_stairs(precision, recall) * _width(recall)).sum()


def wrong_single_precision(precision, recall):
    """Adds up in float32: wrong from the eighth digit on, and 1e-12 is asked for."""
    return (_stairs(precision, recall).float() * _width(recall).float()).sum().item()


def wrong_equal_widths(precision, recall):
    """Every detection, right or wrong, gets a rectangle of width 1 / D."""
    steps = recall[-1] / len(recall) if len(recall) else 0.0
    return float((_stairs(precision, recall) * steps).sum())


def wrong_crash_without_detections(precision, recall):
    """Starts from recall[0]: an error when the detector said nothing."""
    heights = _stairs(precision, recall)
    return (heights[0] * recall[0] + (heights[1:] * recall.diff()).sum()).item()


def wrong_widths_in_precision(precision, recall):
    """The two axes exchanged: steps of precision times recall, of either sign."""
    return (recall * precision.diff(prepend=precision.new_zeros(1))).sum().abs().item()
