"""Lab 01, exercise 3: intersection over union of all pairs."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import overwriting
from classroom.exercises.pictures import pair_picture
from classroom.exercises.readings import any_precision
from classroom.museum.overlap import IOU_BUGS
from coursekit import ops

BOX_IOU = Exercise(
    ops.box_iou,
    picture=pair_picture,
    judge=any_precision,
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
        Case("one above the other", (boxes((1, 0, 4, 2)), boxes((0, 5, 3, 9)))),
        Case("boxes that only touch", (boxes((0, 0, 2, 2)), boxes((2, 0, 4, 2)))),
        Case("boxes smaller than a pixel", (boxes((0, 0, 0.5, 0.5)), boxes((0.25, 0, 0.75, 0.5)))),
        Case("one inside the other", (boxes((0, 0, 10, 10)), boxes((2, 3, 6, 5)))),
        Case("a box without area", (boxes((3, 3, 3, 3)), boxes((3, 3, 3, 3), (0, 0, 5, 5)))),
        Case(
            "a box without area beside others",
            (boxes((3, 3, 3, 3), (0, 0, 4, 2)), boxes((2, 0, 6, 2), (3, 3, 3, 3))),
        ),
        Case("two boxes against three", (random_boxes(2), random_boxes(3, seed=1))),
    ),
)

BOX_IOU.wrong_answers.extend(bug.as_wrong_answer() for bug in IOU_BUGS)
_wrong = BOX_IOU.wrong
_ROW_BY_ROW = ("row by row instead of all pairs", "N boxes against M boxes give an (N, M) table.")


def _sides(a: Tensor, b: Tensor) -> Tensor:
    """Width and height of each intersection, negative for boxes that are apart: (N, M, 2)."""
    return torch.min(a[:, None, 2:], b[:, 2:]) - torch.max(a[:, None, :2], b[:, :2])


def _hulls(a: Tensor, b: Tensor) -> Tensor:
    """The area of the smallest box around each pair: (N, M)."""
    return (torch.max(a[:, None, 2:], b[:, 2:]) - torch.min(a[:, None, :2], b[:, :2])).prod(-1)


def _over(part: Tensor, whole: Tensor) -> Tensor:
    return torch.where(whole > 0, part / torch.where(whole > 0, whole, 1), 0.0)


def _parts(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The intersection of each pair, (N, M), and the areas, (N, 1) and (M,)."""
    return _sides(a, b).clamp(min=0).prod(-1), ops.box_area(a)[:, None], ops.box_area(b)


def _with_intersection(both: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return _over(both, ops.box_area(a)[:, None] + ops.box_area(b) - both)


@_wrong(*_ROW_BY_ROW)
def _row_by_row(a: Tensor, b: Tensor) -> Tensor:
    return ops.paired_box_iou(a, b)


@_wrong(*_ROW_BY_ROW)
def _row_by_row_as_far_as_both_go(a: Tensor, b: Tensor) -> Tensor:
    return ops.box_iou(a[: len(b)], b[: len(a)]).diagonal()


@_wrong("all pairs in one long list", "N boxes against M boxes give an (N, M) table.")
def _flat(a: Tensor, b: Tensor) -> Tensor:
    return ops.box_iou(a, b).flatten()


@_wrong("a transposed table", "Rows belong to the first argument, columns to the second.")
def _other_way_round(a: Tensor, b: Tensor) -> Tensor:
    return ops.box_iou(b, a)


@_wrong(
    "the Dice coefficient",
    "Twice the intersection over the sum of the areas is a different measure: divide by the union.",
)
def _dice(a: Tensor, b: Tensor) -> Tensor:
    both, area_a, area_b = _parts(a, b)
    return _over(2 * both, area_a + area_b)


@_wrong(
    "an IoU of 1 for two boxes without area",
    "Here the IoU of a box without area is 0 with every box, including itself.",
)
def _one_for_nothing(a: Tensor, b: Tensor) -> Tensor:
    both, area_a, area_b = _parts(a, b)
    union = area_a + area_b - both
    return torch.where(union > 0, _over(both, union), 1.0)


@_wrong("0 in the whole table because of one empty pair", "Only the pair whose union has no area gets 0.")
def _all_or_nothing(a: Tensor, b: Tensor) -> Tensor:
    both, area_a, area_b = _parts(a, b)
    return _over(both, area_a + area_b - both) * bool((area_a + area_b - both > 0).all())


@_wrong(
    "the enclosing box used as the union",
    "The union does not include what neither box covers: area + area - intersection.",
)
def _over_the_hull(a: Tensor, b: Tensor) -> Tensor:
    return _over(_parts(a, b)[0], _hulls(a, b))


@_wrong(
    "the enclosing box used as the intersection",
    "The intersection begins at the larger of the left edges and ends at the smaller of the right ones.",
)
def _hull_for_intersection(a: Tensor, b: Tensor) -> Tensor:
    return _with_intersection(_hulls(a, b), a, b)


@_wrong("xyxy read as xywh", "The third and fourth number are x2 and y2, not a width and a height.")
def _read_as_sizes(a: Tensor, b: Tensor) -> Tensor:
    return ops.box_iou(*(ops.box_convert(box, "xywh", "xyxy") for box in (a, b)))


@_wrong("areas of x2 · y2", "An area is (x2 - x1) · (y2 - y1).")
def _areas_from_the_origin(a: Tensor, b: Tensor) -> Tensor:
    both = _parts(a, b)[0]
    return _over(both, a[:, 2:].prod(1)[:, None] + b[:, 2:].prod(1) - both)


@_wrong(
    "1 added to the union", "That avoids 0 / 0, but changes every IoU: replace the union only where it is 0."
)
def _one_more(a: Tensor, b: Tensor) -> Tensor:
    both, area_a, area_b = _parts(a, b)
    return both / (area_a + area_b - both + 1)


@_wrong(
    "the union raised to at least 1",
    "That avoids 0 / 0, but the IoU of small boxes comes out too low: replace the union only where it is 0.",
)
def _at_least_one(a: Tensor, b: Tensor) -> Tensor:
    both, area_a, area_b = _parts(a, b)
    return both / (area_a + area_b - both).clamp(min=1)


@_wrong("the intersection alone", "IoU is a ratio: divide the intersection by the union.")
def _intersection(a: Tensor, b: Tensor) -> Tensor:
    return _parts(a, b)[0]


@_wrong("1 - IoU", "That is a distance: it is 0 for equal boxes, where IoU is 1.")
def _distance(a: Tensor, b: Tensor) -> Tensor:
    return 1 - ops.box_iou(a, b)


@_wrong("GIoU", "IoU is 0 for boxes that do not overlap, however far apart; GIoU comes in exercise 7.")
def _generalised(a: Tensor, b: Tensor) -> Tensor:
    return ops.generalized_box_iou(a, b)


@_wrong("intersection over the larger box", "Divide by the union: area + area - intersection.")
def _over_the_larger(a: Tensor, b: Tensor) -> Tensor:
    both, area_a, area_b = _parts(a, b)
    return _over(both, torch.max(area_a, area_b))


@_wrong("intersection over the first box", "Divide by the union: area + area - intersection.")
def _over_the_first(a: Tensor, b: Tensor) -> Tensor:
    both, area_a, _ = _parts(a, b)
    return _over(both, area_a.expand_as(both))


@_wrong("intersection over the second box", "Divide by the union: area + area - intersection.")
def _over_the_second(a: Tensor, b: Tensor) -> Tensor:
    both, _, area_b = _parts(a, b)
    return _over(both, area_b.expand_as(both))


@_wrong("the area of the first box used twice", "Union = area of one + area of the other - intersection.")
def _first_area_twice(a: Tensor, b: Tensor) -> Tensor:
    both, area_a, _ = _parts(a, b)
    return _over(both, 2 * area_a - both)


@_wrong(
    "the intersection subtracted twice",
    "Union = area + area - intersection; it was counted twice, so subtract it once.",
)
def _subtracted_twice(a: Tensor, b: Tensor) -> Tensor:
    both, area_a, area_b = _parts(a, b)
    return both / (area_a + area_b - 2 * both)


@_wrong(
    "only the widths clamped",
    "Boxes that are vertically apart have an intersection of negative height: clamp both sides at 0.",
)
def _widths_clamped(a: Tensor, b: Tensor) -> Tensor:
    width, height = _sides(a, b).unbind(-1)
    return _with_intersection(width.clamp(min=0) * height, a, b)


@_wrong(
    "only the heights clamped",
    "Boxes that are horizontally apart have an intersection of negative width: clamp both sides at 0.",
)
def _heights_clamped(a: Tensor, b: Tensor) -> Tensor:
    width, height = _sides(a, b).unbind(-1)
    return _with_intersection(width * height.clamp(min=0), a, b)


@_wrong(
    "absolute values instead of a clamp",
    "A negative side means that the boxes do not overlap, so the intersection is 0.",
)
def _absolute_sides(a: Tensor, b: Tensor) -> Tensor:
    return _with_intersection(_sides(a, b).abs().prod(-1), a, b)


BOX_IOU.wrong(
    "the caller's boxes overwritten",
    "The table is right, but the caller's boxes have changed: work on copies.",
)(overwriting(ops.box_iou))

EXERCISES = (BOX_IOU,)
