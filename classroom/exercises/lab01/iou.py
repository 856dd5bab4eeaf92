"""Lab 01, sections 3 and 7: intersection over union, and the loss that is made of it."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import pair_picture
from classroom.museum.overlap import IOU_BUGS
from coursekit import ops
from coursekit.models.localiser import giou_loss

BOX_IOU = Exercise(
    ops.box_iou,
    picture=pair_picture,
    speed=lambda: (random_boxes(1000), random_boxes(100, seed=1)),
    hints=(
        "The intersection of two boxes is a box as well. Where is its left edge?",
        "left = max(x1, x1'), right = min(x2, x2'), width = max(0, right - left); union = area + area' - intersection.",
        "torch.max(a[:, None, :2], b[None, :, :2]) gives the (N, M, 2) top-left corners of all intersections.",
    ),
    cases=(
        Case("a box with itself", (boxes((0, 0, 6, 6)), boxes((0, 0, 6, 6)))),
        Case("half covered", (boxes((0, 0, 4, 2)), boxes((2, 0, 6, 2)))),
        Case("apart on both axes", (boxes((0, 0, 2, 2)), boxes((5, 7, 9, 9)))),
        Case("apart on one axis", (boxes((0, 0, 4, 4)), boxes((6, 1, 8, 3)))),
        Case("boxes that only touch", (boxes((0, 0, 2, 2)), boxes((2, 0, 4, 2)))),
        Case("one inside the other", (boxes((0, 0, 10, 10)), boxes((2, 3, 6, 5)))),
        Case("a box without area", (boxes((3, 3, 3, 3)), boxes((3, 3, 3, 3), (0, 0, 5, 5)))),
        Case("two boxes against three", (random_boxes(2), random_boxes(3, seed=1))),
        Case("no boxes on the left", (boxes(), random_boxes(3))),
        Case("double precision", (random_boxes(3).double(), random_boxes(2, seed=1).double())),
        Case("gradients", (boxes((0, 0, 4, 2), (1, 1, 9, 5)), boxes((2, 0, 6, 2))), gradient=True),
    ),
)

BOX_IOU.wrong_answers.extend(bug.as_wrong_answer() for bug in IOU_BUGS)


@BOX_IOU.wrong("row by row instead of all pairs", "N boxes against M boxes give an (N, M) table.")
def _row_by_row(a: Tensor, b: Tensor) -> Tensor:
    return ops.box_iou(a[: len(b)], b[: len(a)]).diagonal()


@BOX_IOU.wrong("a transposed table", "Rows belong to the first argument, columns to the second.")
def _other_way_round(a: Tensor, b: Tensor) -> Tensor:
    return ops.box_iou(b, a)


# ---------------------------------------------------------------- a loss

GIOU_LOSS = Exercise(
    giou_loss,
    picture=pair_picture,
    speed=lambda: (random_boxes(64), random_boxes(64, seed=1)),
    hints=(
        "1 - IoU does not change while two boxes are apart. Which other area shrinks as they approach?",
        "C = the smallest box around both; GIoU = IoU - (area(C) - union) / area(C); loss = 1 - GIoU.",
        "Row by row: torch.min(predicted[:, :2], target[:, :2]) is the top-left corner of C.",
    ),
    cases=(
        Case("the right box", (boxes((0, 0, 4, 2)), boxes((0, 0, 4, 2)))),
        Case("half covered", (boxes((0, 0, 4, 2)), boxes((2, 0, 6, 2)))),
        Case("apart", (boxes((0, 0, 2, 2)), boxes((6, 0, 8, 2)))),
        Case("side by side on a diagonal", (boxes((0, 0, 2, 2)), boxes((2, 2, 4, 4)))),
        Case(
            "three pairs",
            (
                boxes((0, 0, 2, 2), (1, 1, 5, 9), (3, 0, 7, 1)),
                boxes((1, 0, 3, 2), (2, 2, 4, 4), (0, 5, 9, 6)),
            ),
        ),
        Case(
            "gradients of boxes that are apart",
            (boxes((0, 0, 2, 3), (1, 1, 4, 3)), boxes((6, 0, 8, 2), (5, 6, 9, 9))),
            gradient=True,
        ),
    ),
)


def _iou(a: Tensor, b: Tensor) -> Tensor:
    return ops.box_iou(a, b).diagonal()


@GIOU_LOSS.wrong(
    "1 - IoU", "Two boxes that are apart get 1, wherever they are: no gradient tells them to move."
)
def _loss_from_iou(predicted: Tensor, target: Tensor) -> Tensor:
    return 1 - _iou(predicted, target)


@GIOU_LOSS.wrong("GIoU itself, not a loss", "Training makes a loss small, and GIoU is large for good boxes.")
def _giou(a: Tensor, b: Tensor) -> Tensor:
    return 1 - giou_loss(a, b)


@GIOU_LOSS.wrong("the penalty with the wrong sign", "GIoU = IoU minus the empty share of the enclosing box.")
def _loss_with_plus(predicted: Tensor, target: Tensor) -> Tensor:
    iou = _iou(predicted, target)
    return 1 - (iou + (iou - _giou(predicted, target)))


@GIOU_LOSS.wrong(
    "all pairs instead of row by row", "Prediction i belongs to target i: the answer has N numbers."
)
def _loss_all_pairs(predicted: Tensor, target: Tensor) -> Tensor:
    return 1 - ops.generalized_box_iou(predicted, target)


@GIOU_LOSS.wrong(
    "the intersection taken for the enclosing box",
    "It needs the smaller of the left edges, the larger of the right.",
)
def _loss_intersection_of_hulls(predicted: Tensor, target: Tensor) -> Tensor:
    hull = torch.cat(
        [torch.max(predicted[:, :2], target[:, :2]), torch.min(predicted[:, 2:], target[:, 2:])], 1
    )
    area, both = ops.box_area(hull), ops.box_area(predicted) + ops.box_area(target)
    iou = _iou(predicted, target)
    union = both / (1 + iou)
    return 1 - iou + (area - union) / area.where(area > 0, torch.ones_like(area))


EXERCISES = (BOX_IOU, GIOU_LOSS)
