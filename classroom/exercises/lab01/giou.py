"""Lab 01, exercise 7: the generalized IoU loss."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import pair_picture
from classroom.exercises.readings import any_precision
from coursekit import ops
from coursekit.models.localiser import giou_loss

GIOU_LOSS = Exercise(
    giou_loss,
    picture=pair_picture,
    judge=any_precision,
    speed=lambda: (random_boxes(64), random_boxes(64, seed=1)),
    hints=(
        "1 - IoU stays the same while two boxes do not overlap. Which other area shrinks as they move closer?",
        "C = the smallest box around both; GIoU = IoU - (area(C) - union) / area(C); loss = 1 - GIoU.",
        "Row by row: torch.min(predicted[:, :2], target[:, :2]) is the top-left corner of C.",
    ),
    cases=(
        Case("a perfect box", (boxes((0, 0, 4, 2)), boxes((0, 0, 4, 2)))),
        Case("half covered", (boxes((0, 0, 4, 2)), boxes((2, 0, 6, 2)))),
        Case("overlapping, not aligned", (boxes((0, 0, 8, 8)), boxes((1, 2, 9, 9)))),
        Case("apart", (boxes((0, 0, 2, 2)), boxes((6, 0, 8, 2)))),
        Case("apart on both axes", (boxes((0, 0, 2, 2)), boxes((5, 6, 9, 9)))),
        Case("corner to corner", (boxes((0, 0, 2, 2)), boxes((2, 2, 4, 4)))),
        Case(
            "three pairs",
            (
                boxes((0, 0, 2, 2), (1, 1, 5, 9), (3, 0, 7, 1)),
                boxes((1, 0, 3, 2), (2, 2, 4, 4), (0, 5, 9, 6)),
            ),
        ),
        Case(
            "gradients with respect to the predicted boxes",
            (
                boxes((0, 1, 2, 4), (1, 1, 4, 3), (0, 0, 8, 8)),
                boxes((6, 0, 8, 2), (5, 6, 9, 9), (1, 2, 9, 9)),
            ),
            gradient=(0,),
        ),
    ),
)

_wrong = GIOU_LOSS.wrong


def _iou(a: Tensor, b: Tensor) -> Tensor:
    return ops.paired_box_iou(a, b)


def _areas(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The intersection, the union and the enclosing box of each pair: three times (N,)."""
    both = (torch.min(a[:, 2:], b[:, 2:]) - torch.max(a[:, :2], b[:, :2])).clamp(min=0).prod(-1)
    hull = (torch.max(a[:, 2:], b[:, 2:]) - torch.min(a[:, :2], b[:, :2])).prod(-1)
    return both, ops.box_area(a) + ops.box_area(b) - both, hull


@_wrong(
    "1 - IoU",
    "If two boxes do not overlap, this is 1 wherever they are, so there is no gradient to move them.",
)
def _loss_from_iou(predicted: Tensor, target: Tensor) -> Tensor:
    return 1 - _iou(predicted, target)


@_wrong("GIoU itself, not a loss", "Training minimises a loss, and GIoU is large for good boxes.")
def _giou(a: Tensor, b: Tensor) -> Tensor:
    return 1 - giou_loss(a, b)


@_wrong("minus GIoU", "The loss is 1 - GIoU, which is 0 for a perfect box.")
def _minus_giou(a: Tensor, b: Tensor) -> Tensor:
    return giou_loss(a, b) - 1


@_wrong(
    "IoU itself, not a loss",
    "Training minimises a loss, and IoU is large for good boxes; the penalty is missing too.",
)
def _iou_itself(a: Tensor, b: Tensor) -> Tensor:
    return _iou(a, b)


@_wrong("the penalty with the wrong sign", "GIoU = IoU minus the empty share of the enclosing box.")
def _loss_with_plus(predicted: Tensor, target: Tensor) -> Tensor:
    iou = _iou(predicted, target)
    return 1 - (iou + (iou - _giou(predicted, target)))


@_wrong("the penalty alone", "The loss is 1 - IoU plus the penalty.")
def _penalty(predicted: Tensor, target: Tensor) -> Tensor:
    _, union, hull = _areas(predicted, target)
    return (hull - union) / hull


@_wrong("the 1 left out of 1 - GIoU", "The loss of a perfect box should be 0.")
def _without_one(predicted: Tensor, target: Tensor) -> Tensor:
    return -_iou(predicted, target) - _penalty(predicted, target)


@_wrong("all pairs instead of row by row", "Prediction i belongs to target i, so there are N losses.")
def _loss_all_pairs(predicted: Tensor, target: Tensor) -> Tensor:
    return 1 - ops.generalized_box_iou(predicted, target)


@_wrong("one mean instead of N losses", "Return one loss per pair; the training takes the mean.")
def _mean(predicted: Tensor, target: Tensor) -> Tensor:
    return giou_loss(predicted, target).mean()


@_wrong("one sum instead of N losses", "Return one loss per pair; the training takes the mean.")
def _sum(predicted: Tensor, target: Tensor) -> Tensor:
    return giou_loss(predicted, target).sum()


@_wrong("a column instead of N losses", "The shape should be (N,), not (N, 1).")
def _column(predicted: Tensor, target: Tensor) -> Tensor:
    return giou_loss(predicted, target)[:, None]


@_wrong(
    "the empty area divided by the union",
    "The penalty is a share of the enclosing box C: divide by its area.",
)
def _share_of_the_union(predicted: Tensor, target: Tensor) -> Tensor:
    _, union, hull = _areas(predicted, target)
    return 1 - _iou(predicted, target) + (hull - union) / union


@_wrong(
    "the empty area not divided by anything",
    "The penalty is a share of the enclosing box C: divide by its area.",
)
def _empty_area(predicted: Tensor, target: Tensor) -> Tensor:
    _, union, hull = _areas(predicted, target)
    return 1 - _iou(predicted, target) + (hull - union)


@_wrong(
    "the intersection subtracted from the enclosing box",
    "The penalty counts what neither box covers: |C| minus the union.",
)
def _outside_the_intersection(predicted: Tensor, target: Tensor) -> Tensor:
    both, _, hull = _areas(predicted, target)
    return 1 - _iou(predicted, target) + (hull - both) / hull


@_wrong("a penalty of union / |C|", "The penalty is the share that neither box covers: (|C| - union) / |C|.")
def _covered_share(predicted: Tensor, target: Tensor) -> Tensor:
    _, union, hull = _areas(predicted, target)
    return 1 - _iou(predicted, target) + union / hull


@_wrong("a union that counts the overlap twice", "Union = area + area - intersection.")
def _union_is_the_sum(predicted: Tensor, target: Tensor) -> Tensor:
    both, union, hull = _areas(predicted, target)
    return 1 - both / (union + both) + (hull - union - both) / hull


@_wrong("a penalty that counts the overlap twice", "Union = area + area - intersection, in the penalty too.")
def _penalty_with_the_sum(predicted: Tensor, target: Tensor) -> Tensor:
    both, union, hull = _areas(predicted, target)
    return 1 - both / union + (hull - union - both) / hull


@_wrong(
    "an overlap that may be negative",
    "Boxes that are apart on both axes give two negative sides, whose product is positive: clamp each side.",
)
def _unclamped(predicted: Tensor, target: Tensor) -> Tensor:
    _, union, hull = _areas(predicted, target)
    both = (torch.min(predicted[:, 2:], target[:, 2:]) - torch.max(predicted[:, :2], target[:, :2])).prod(-1)
    union = ops.box_area(predicted) + ops.box_area(target) - both
    return 1 - both / union + (hull - union) / hull


@_wrong(
    "the intersection used as the enclosing box",
    "C begins at the smaller of the left edges and ends at the larger of the right ones.",
)
def _loss_intersection_of_hulls(predicted: Tensor, target: Tensor) -> Tensor:
    _, union, _ = _areas(predicted, target)
    sides = torch.min(predicted[:, 2:], target[:, 2:]) - torch.max(predicted[:, :2], target[:, :2])
    return 1 - _iou(predicted, target) + (sides.prod(-1) - union) / sides.prod(-1)


@_wrong(
    "the larger width times the larger height",
    "C also spans the gap between the boxes: take its corners, not its sides, from the two boxes.",
)
def _larger_sides(predicted: Tensor, target: Tensor) -> Tensor:
    _, union, _ = _areas(predicted, target)
    hull = torch.max(predicted[:, 2:] - predicted[:, :2], target[:, 2:] - target[:, :2]).prod(-1)
    return 1 - _iou(predicted, target) + (hull - union) / hull


@_wrong("one enclosing box for the whole batch", "Each pair has an enclosing box of its own.")
def _one_hull(predicted: Tensor, target: Tensor) -> Tensor:
    _, union, _ = _areas(predicted, target)
    everything = torch.cat([predicted, target])
    hull = (everything[:, 2:].amax(0) - everything[:, :2].amin(0)).prod()
    return 1 - _iou(predicted, target) + (hull - union) / hull


@_wrong(
    "a loss of at most 1",
    "GIoU is negative for boxes far apart, and the loss can reach 2: a clamp removes the gradient.",
)
def _at_most_one(predicted: Tensor, target: Tensor) -> Tensor:
    return giou_loss(predicted, target).clamp(0, 1)


@_wrong("half the loss", "1 - GIoU lies between 0 and 2; it is not scaled.")
def _half(predicted: Tensor, target: Tensor) -> Tensor:
    return giou_loss(predicted, target) / 2


@_wrong("DIoU instead of GIoU", "The penalty is a share of an area, not a distance between centres.")
def _distance(predicted: Tensor, target: Tensor) -> Tensor:
    return 1 - ops.distance_box_iou(predicted, target).diagonal()


@_wrong(
    "a loss without gradient",
    "The numbers are right, but no gradient reaches the predicted boxes: use tensors all the way.",
)
def _without_gradient(predicted: Tensor, target: Tensor) -> Tensor:
    return giou_loss(predicted.detach(), target)


@_wrong(
    "a penalty without gradient", "Boxes that do not overlap learn from the penalty alone: do not detach it."
)
def _detached_penalty(predicted: Tensor, target: Tensor) -> Tensor:
    return 1 - _iou(predicted, target) + _penalty(predicted, target).detach()


@_wrong(
    "an IoU without gradient",
    "The gradient of the IoU is missing: was it detached, or computed with plain numbers?",
)
def _detached_iou(predicted: Tensor, target: Tensor) -> Tensor:
    return 1 - _iou(predicted, target).detach() + _penalty(predicted, target)


EXERCISES = (GIOU_LOSS,)
