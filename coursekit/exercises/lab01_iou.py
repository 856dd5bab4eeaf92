"""Lab 01, sections 3 and 7: intersection over union, and the loss that is made of it."""

import torch
from torch import Tensor

from coursekit import ops
from coursekit.exercises.exercise import Case, Exercise, WrongAnswer, boxes, random_boxes
from coursekit.exercises.pictures import pair_picture
from coursekit.models.localiser import giou_loss


def _overlap(a: Tensor, b: Tensor, extra: float = 0.0, clamp: bool = True) -> Tensor:
    top_left, bottom_right = (
        torch.max(a[:, None, :2], b[None, :, :2]),
        torch.min(a[:, None, 2:], b[None, :, 2:]),
    )
    sides = bottom_right - top_left + extra  # (N, M, 2)
    return (sides.clamp(min=0) if clamp else sides).prod(-1)  # (N, M)


def _ratio(overlap: Tensor, a: Tensor, b: Tensor) -> Tensor:
    union = ops.box_area(a)[:, None] + ops.box_area(b)[None] - overlap
    return torch.where(union > 0, overlap / union.where(union > 0, torch.ones_like(union)), 0.0)


def _plus_one_pixel(a: Tensor, b: Tensor) -> Tensor:
    def area(boxes: Tensor) -> Tensor:
        return (boxes[:, 2:] - boxes[:, :2] + 1).prod(-1)

    overlap = _overlap(a, b, extra=1.0)
    return overlap / (area(a)[:, None] + area(b)[None] - overlap)


def _unclamped(a: Tensor, b: Tensor) -> Tensor:
    return _ratio(_overlap(a, b, clamp=False), a, b)


def _clamped_too_late(a: Tensor, b: Tensor) -> Tensor:
    return _ratio(_overlap(a, b, clamp=False).clamp(min=0), a, b)


def _union_is_the_sum(a: Tensor, b: Tensor) -> Tensor:
    total = ops.box_area(a)[:, None] + ops.box_area(b)[None]
    return _overlap(a, b) / total.where(total > 0, torch.ones_like(total))


def _over_the_smaller(a: Tensor, b: Tensor) -> Tensor:
    smaller = torch.min(ops.box_area(a)[:, None], ops.box_area(b)[None])
    return _overlap(a, b) / smaller.where(smaller > 0, torch.ones_like(smaller))


def _row_by_row(a: Tensor, b: Tensor) -> Tensor:
    return ops.box_iou(a[: len(b)], b[: len(a)]).diagonal()


def _other_way_round(a: Tensor, b: Tensor) -> Tensor:
    return ops.box_iou(b, a)


def _nan_for_nothing(a: Tensor, b: Tensor) -> Tensor:
    overlap = _overlap(a, b)
    return overlap / (ops.box_area(a)[:, None] + ops.box_area(b)[None] - overlap)


def _plus_one_outside(a: Tensor, b: Tensor) -> Tensor:
    return _ratio(_overlap(a, b) + 1, a, b)


BOX_IOU = Exercise(
    ops.box_iou,
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
    wrong_answers=(
        WrongAnswer(
            "the +1-pixel convention", "Here coordinates are continuous: width = x2 - x1.", _plus_one_pixel
        ),
        WrongAnswer(
            "an overlap that may be negative",
            "Two boxes apart on both axes have two negative sides, whose product is positive: clamp each side.",
            _unclamped,
        ),
        WrongAnswer(
            "a clamp that comes too late",
            "Clamp each side before you multiply: minus times minus is plus.",
            _clamped_too_late,
        ),
        WrongAnswer(
            "a union that counts the overlap twice", "Union = area + area - intersection.", _union_is_the_sum
        ),
        WrongAnswer(
            "intersection over the smaller box",
            "Any small box inside a large one would get 1.",
            _over_the_smaller,
        ),
        WrongAnswer(
            "row by row instead of all pairs", "N boxes against M boxes give an (N, M) table.", _row_by_row
        ),
        WrongAnswer(
            "a transposed table",
            "Rows belong to the first argument, columns to the second.",
            _other_way_round,
        ),
        WrongAnswer(
            "0 / 0",
            "Two boxes without area have no union. Our policy: their IoU is 0, never NaN.",
            _nan_for_nothing,
        ),
        WrongAnswer(
            "a +1 outside the product",
            "A famous course has this bug: boxes that are apart get an IoU above 0.",
            _plus_one_outside,
        ),
    ),
    hints=(
        "The intersection of two boxes is a box as well. Where is its left edge?",
        "left = max(x1, x1'), right = min(x2, x2'), width = max(0, right - left); union = area + area' - intersection.",
        "torch.max(a[:, None, :2], b[None, :, :2]) gives the (N, M, 2) top-left corners of all intersections.",
    ),
    picture=pair_picture,
    speed=lambda: (random_boxes(1000), random_boxes(100, seed=1)),
)

# ---------------------------------------------------------------- a loss


def _giou(a: Tensor, b: Tensor) -> Tensor:
    return 1 - giou_loss(a, b)


def _iou(a: Tensor, b: Tensor) -> Tensor:
    return ops.box_iou(a, b).diagonal()


def _loss_from_iou(predicted: Tensor, target: Tensor) -> Tensor:
    return 1 - _iou(predicted, target)


def _loss_with_plus(predicted: Tensor, target: Tensor) -> Tensor:
    iou = _iou(predicted, target)
    return 1 - (iou + (iou - _giou(predicted, target)))


def _loss_all_pairs(predicted: Tensor, target: Tensor) -> Tensor:
    return 1 - ops.generalized_box_iou(predicted, target)


def _loss_intersection_of_hulls(predicted: Tensor, target: Tensor) -> Tensor:
    hull = torch.cat(
        [torch.max(predicted[:, :2], target[:, :2]), torch.min(predicted[:, 2:], target[:, 2:])], 1
    )
    area, both = ops.box_area(hull), ops.box_area(predicted) + ops.box_area(target)
    iou = _iou(predicted, target)
    union = both / (1 + iou)
    return 1 - iou + (area - union) / area.where(area > 0, torch.ones_like(area))


GIOU_LOSS = Exercise(
    giou_loss,
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
    wrong_answers=(
        WrongAnswer(
            "1 - IoU",
            "Two boxes that are apart get 1, wherever they are: no gradient tells them to move.",
            _loss_from_iou,
        ),
        WrongAnswer(
            "GIoU itself, not a loss", "Training makes a loss small, and GIoU is large for good boxes.", _giou
        ),
        WrongAnswer(
            "the penalty with the wrong sign",
            "GIoU = IoU minus the empty share of the enclosing box.",
            _loss_with_plus,
        ),
        WrongAnswer(
            "all pairs instead of row by row",
            "Prediction i belongs to target i: the answer has N numbers.",
            _loss_all_pairs,
        ),
        WrongAnswer(
            "the intersection taken for the enclosing box",
            "It needs the smaller of the left edges, the larger of the right.",
            _loss_intersection_of_hulls,
        ),
    ),
    hints=(
        "1 - IoU does not change while two boxes are apart. Which other area shrinks as they approach?",
        "C = the smallest box around both; GIoU = IoU - (area(C) - union) / area(C); loss = 1 - GIoU.",
        "Row by row: torch.min(predicted[:, :2], target[:, :2]) is the top-left corner of C.",
    ),
    picture=pair_picture,
    speed=lambda: (random_boxes(64), random_boxes(64, seed=1)),
)

EXERCISES = (BOX_IOU, GIOU_LOSS)
