"""Answers to `mean_iou` (lab 01), written from the student's notebook alone."""

import torch
from torch import Tensor


def box_iou(a: Tensor, b: Tensor) -> Tensor:
    """Exercise 3."""
    sides = torch.minimum(a[:, None, 2:], b[:, 2:]) - torch.maximum(a[:, None, :2], b[:, :2])
    both = sides.clamp(min=0).prod(-1)
    area_a, area_b = ((box[:, 2:] - box[:, :2]).prod(1) for box in (a, b))
    union = area_a[:, None] + area_b - both
    return torch.where(union > 0, both / torch.where(union > 0, union, 1), 0.0)


def right_by_diagonal(predicted: Tensor, target: Tensor) -> float:
    """The diagonal of the table; the mean of no pairs is NaN, as torch has it."""
    return box_iou(predicted, target).diagonal().mean().item()


def right_by_loops(predicted: Tensor, target: Tensor) -> float:
    """A table of one entry for each pair, and a plain sum; no pairs count 0."""
    values = [float(box_iou(p[None], t[None])) for p, t in zip(predicted, target, strict=True)]
    return sum(values) / len(values) if values else 0.0


def right_by_trace(predicted: Tensor, target: Tensor) -> float:
    """The trace over N in float64; one pair at least is taken for granted in the denominator."""
    return float(box_iou(predicted.double(), target.double()).trace()) / max(len(predicted), 1)


def right_by_indexing(predicted: Tensor, target: Tensor) -> float:
    """Row i and column i, picked by numbers; an early return for no pairs."""
    if len(predicted) == 0:
        return 0.0
    places = torch.arange(len(predicted))
    return box_iou(predicted, target)[places, places].double().mean().item()


def wrong_whole_table(predicted, target):
    """Averages all pairs: wrong for two or more pictures, as prediction 1 has nothing to do with target 2."""
    return box_iou(predicted, target).mean().item()


def wrong_best_target_of_any_picture(predicted, target):
    """Gives each prediction its best target: too high when it fits another picture's box better."""
    return box_iou(predicted, target).amax(1).mean().item()


def wrong_best_prediction_of_any_picture(predicted, target):
    """Gives each target the best prediction of the whole list:
    too high when two pictures' boxes are mixed up.
    """
    return box_iou(predicted, target).amax(0).mean().item()


def wrong_sum(predicted, target):
    """Adds up and does not divide: wrong for two or more pairs."""
    return box_iou(predicted, target).diagonal().sum().item()


def wrong_tensor(predicted, target):
    """A tensor of one number and not a plain one: wrong for every input."""
    return box_iou(predicted, target).diagonal().mean()


def wrong_hits_only(predicted, target):
    """Leaves out the pairs with IoU 0: too high as soon as one box is missed."""
    values = box_iou(predicted, target).diagonal()
    return values[values > 0].mean().item()


def wrong_share_of_good_boxes(predicted, target):
    """Counts an IoU of at least 0.5 as 1 and less as 0: wrong for every IoU strictly between 0 and 1."""
    return (box_iou(predicted, target).diagonal() >= 0.5).float().mean().item()


def wrong_mean_distance(predicted, target):
    """Averages 1 - IoU: 0 for perfect boxes, where 1 is due."""
    return (1 - box_iou(predicted, target).diagonal()).mean().item()


def wrong_median(predicted, target):
    """The middle value and not the mean: wrong for IoUs such as 1, 1, 0."""
    return box_iou(predicted, target).diagonal().median().item()


def wrong_first_pair(predicted, target):
    """Returns inside the loop, after the first pair: wrong for two pairs with different IoUs."""
    for p, t in zip(predicted, target, strict=True):
        return box_iou(p[None], t[None]).item()
    return 0.0


def wrong_divided_twice(predicted, target):
    """Divides the mean by N once more: wrong for two or more pairs that overlap."""
    return box_iou(predicted, target).diagonal().mean().item() / len(predicted)


def wrong_areas_added_first(predicted, target):
    """All overlaps over all unions: large boxes count more, so wrong for pairs of different sizes."""
    sides = torch.minimum(predicted[:, 2:], target[:, 2:]) - torch.maximum(predicted[:, :2], target[:, :2])
    both = sides.clamp(min=0).prod(1)
    areas = (predicted[:, 2:] - predicted[:, :2]).prod(1) + (target[:, 2:] - target[:, :2]).prod(1)
    return (both.sum() / (areas - both).sum()).item()
