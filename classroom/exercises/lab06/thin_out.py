"""Lab 06, exercise 7: small boxes and duplicates removed, the best ones kept."""

import functools

import torch
from torch import Tensor

from classroom.exercises.cases import boxes as rows
from classroom.exercises.cases import normal, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import overwriting
from classroom.exercises.pictures import boxes_picture
from coursekit import ops

# partial also keeps tests from changing the operator itself, which this exercise does not check
suppressed = functools.partial(ops.batched_nms, iou_threshold=0.7)


def thin_out(boxes: Tensor, scores: Tensor, levels: Tensor, limit: int) -> Tensor:
    """The best `limit` boxes, best first, without thin ones and duplicates: (B, 4), (B,), (B,) -> (R, 4)."""
    large = ops.remove_small_boxes(boxes, 1e-3)
    boxes, scores, levels = boxes[large], scores[large], levels[large]
    return boxes[suppressed(boxes, scores, levels)[:limit]]


_LEFT, _NEAR_LEFT, _RIGHT, _BELOW = (0, 0, 30, 30), (0, 1, 30, 31), (50, 0, 80, 30), (20, 35, 50, 58)


def _case(name: str, *found: tuple[float, int, tuple], limit: int = 50) -> Case:
    """A case from score, level and box of each candidate."""
    scores, levels, boxes = zip(*found, strict=True)
    return Case(name, (rows(*boxes), torch.tensor(scores), torch.tensor(levels), limit))


THIN_OUT = Exercise(
    thin_out,
    picture=boxes_picture,
    hints=(
        "Three steps, in the order of the list. After each of the first two, boxes, scores and levels must still belong together.",
        "ops.remove_small_boxes(boxes, 1e-3) and ops.batched_nms(boxes, scores, levels, 0.7) both return indices; the second sorts them by score.",
        "large = ops.remove_small_boxes(boxes, 1e-3)\n"
        "boxes, scores, levels = boxes[large], scores[large], levels[large]\n"
        "kept = ops.batched_nms(…)  # sorted: the best first\nreturn boxes[kept] …  # at most `limit` of them",
    ),
    cases=(
        _case("two boxes far apart", (2.0, 0, _LEFT), (0.5, 0, _RIGHT)),
        _case("the best one last", (1.0, 0, _LEFT), (2.0, 0, _RIGHT), (3.0, 1, _BELOW)),
        _case("a duplicate", (2.0, 0, _LEFT), (1.0, 0, _NEAR_LEFT), (0.5, 0, _RIGHT)),
        _case("a duplicate on another level", (2.0, 0, _LEFT), (1.0, 1, _NEAR_LEFT)),
        _case("neighbours with an IoU of 0.6", (2.0, 0, _LEFT), (1.0, 0, (0, 7.5, 30, 37.5))),
        _case("neighbours with an IoU of 0.76", (2.0, 0, _LEFT), (1.0, 0, (0, 4, 30, 34)), (0.5, 0, _RIGHT)),
        _case("a box without width", (2.0, 0, (40, 10, 40, 30)), (1.0, 0, _RIGHT)),
        _case("a box without height", (2.0, 0, (40, 10, 60, 10)), (1.0, 0, _RIGHT)),
        _case("a box without width and height", (2.0, 0, (40, 10, 40, 10)), (1.0, 0, _RIGHT)),
        _case("a thin box in front of others", (1.0, 0, (40, 10, 40, 30)), (0.5, 0, _LEFT), (3.0, 0, _RIGHT)),
        _case("a twentieth of a pixel wide", (2.0, 0, (10, 10, 10.05, 40)), (1.0, 0, _RIGHT)),
        _case(
            "at most two", (4.0, 0, _LEFT), (3.0, 0, _NEAR_LEFT), (2.0, 0, _RIGHT), (1.0, 0, _BELOW), limit=2
        ),
        _case(
            "at most two, from two levels", (1.0, 0, _LEFT), (3.0, 1, _NEAR_LEFT), (2.0, 1, _BELOW), limit=2
        ),
        _case("nothing large enough", (2.0, 0, (40, 10, 40, 30))),
        Case("eighty boxes", (random_boxes(80, seed=6), normal(80, seed=7), torch.arange(80) % 3, 15)),
    ),
)
wrong = THIN_OUT.wrong


def _steps(
    boxes, scores, levels, limit, *, small=0.001, both=False, iou=0.7, levels_of=lambda levels: levels
) -> Tensor:
    """The steps, with every rule to be replaced by a wrong one."""
    thin = boxes[:, 2:] - boxes[:, :2] < small
    large = ~(thin.all(1) if both else thin.any(1))
    boxes, scores, levels = boxes[large], scores[large], levels[large]
    return boxes[ops.batched_nms(boxes, scores, levels_of(levels), iou)[:limit]]


def _with(**rules):
    return lambda boxes, scores, levels, limit: _steps(boxes, scores, levels, limit, **rules)


for _name, _story, _function in (
    ("small boxes kept", "Remove boxes whose width or height is less than 0.001 pixels: nothing can be pooled from them.", _with(small=-1.0)),
    ("only boxes without width and height removed", "One side of less than 0.001 pixels is enough.", _with(both=True)),
    ("boxes of less than a pixel removed", "Only boxes with a side of less than 0.001 pixels are too small.", _with(small=1.0)),
    ("suppressed across the levels", "Boxes of different levels leave each other alone: use batched_nms with the levels.", _with(levels_of=torch.zeros_like)),
    ("a threshold of 0.5", "Only an IoU above 0.7 makes a duplicate.", _with(iou=0.5)),
    ("duplicates kept", "Suppress boxes with an IoU above 0.7.", _with(iou=1.0)),
    ("no limit", "Return at most `limit` boxes.", lambda boxes, scores, levels, limit: thin_out(boxes, scores, levels, len(boxes))),
    ("the limit before suppression", "Suppress first: duplicates should not take the places of other boxes.",
     lambda boxes, scores, levels, limit: thin_out(*(x[scores.argsort(descending=True)[:limit]] for x in (boxes, scores, levels)), limit)),
    ("the lowest scores first", "The best first: batched_nms returns them in this order.", lambda boxes, scores, levels, limit: thin_out(boxes, -scores, levels, limit)),
    ("the best boxes in ascending order", "The best first: batched_nms returns them in this order.", lambda boxes, scores, levels, limit: thin_out(boxes, scores, levels, limit).flip(0)),
    ("scores and levels of all boxes", "After small boxes are removed, index the scores and levels as well.",
     lambda boxes, scores, levels, limit: boxes[k := ops.remove_small_boxes(boxes, 1e-3)][ops.batched_nms(boxes[k], scores[: len(k)], levels[: len(k)], 0.7)[:limit]]),
    ("the boxes overwritten", "They are needed again: work on new tensors.", overwriting(thin_out, 0)),
):  # fmt: skip
    wrong(_name, _story)(_function)


@wrong("`limit` boxes of each level", "The best `limit` of all levels together.")
def _limit_of_each(boxes, scores, levels, limit):
    each = [(levels == level).nonzero()[:, 0] for level in levels.unique()]
    return torch.cat([thin_out(boxes[mine], scores[mine], levels[mine], limit) for mine in each])


@wrong("indices", "Return the boxes, not their indices.")
def _indices(boxes, scores, levels, limit):
    large = ops.remove_small_boxes(boxes, 1e-3)
    return large[ops.batched_nms(boxes[large], scores[large], levels[large], 0.7)[:limit]]


EXERCISES = (THIN_OUT,)
