"""Lab 04, first part: the anchors of one cell, and which of them are trained to find an object."""

from collections.abc import Sequence

import torch
from torch import Tensor

from classroom.exercises.cases import judge_match, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import boxes_picture, match_picture
from coursekit import ops
from coursekit.models.ssd import match_default_boxes
from coursekit.ops import Match


def anchors_of_cell(side: float, ratios: Sequence[float]) -> Tensor:
    """Boxes around (0, 0), one a ratio height / width, all with the area of a square of this side: (R, 4)."""
    return ops.cell_anchors([side], ratios)


ANCHORS_OF_CELL = Exercise(
    anchors_of_cell,
    picture=boxes_picture,
    hints=(
        "Width times height must be side². Height divided by width must be the ratio. Two equations, two unknowns.",
        "width = side / sqrt(ratio), height = side * sqrt(ratio).",
        "root = torch.tensor(ratios).sqrt(); width, height = side / root, side * root; "
        "torch.stack([-width / 2, ..., width / 2, ...], 1).",
    ),
    cases=(
        Case("a square", (8.0, (1.0,))),
        Case("one four times as high as wide", (8.0, (4.0,))),
        Case("one four times as wide as high", (8.0, (0.25,))),
        Case("three anchors of one area", (40.0, (0.5, 1.0, 2.0))),
    ),
)


def _around_zero(sides: list[tuple[float, float]]) -> Tensor:
    half = torch.tensor(sides, dtype=torch.float32) / 2  # (R, 2): width, height
    return torch.cat([-half, half], 1)


@ANCHORS_OF_CELL.wrong(
    "all anchors square", "The ratio multiplies width and height alike: another ratio is only another size."
)
def _all_square(side: float, ratios: Sequence[float]) -> Tensor:
    return _around_zero([(side * ratio**0.5, side * ratio**0.5) for ratio in ratios])


@ANCHORS_OF_CELL.wrong("width / height", "Here the ratio is height / width: with ratio 4 the anchor stands.")
def _lying(side: float, ratios: Sequence[float]) -> Tensor:
    return anchors_of_cell(side, [1 / ratio for ratio in ratios])


@ANCHORS_OF_CELL.wrong(
    "an area that grows with the ratio",
    "A high anchor must be narrower too: the area is side², whatever the ratio.",
)
def _area_grows(side: float, ratios: Sequence[float]) -> Tensor:
    return _around_zero([(side, side * ratio) for ratio in ratios])


@ANCHORS_OF_CELL.wrong(
    "the ratio without its root",
    "Height / width is then the square of the ratio: take its root for each side.",
)
def _without_the_root(side: float, ratios: Sequence[float]) -> Tensor:
    return _around_zero([(side / ratio, side * ratio) for ratio in ratios])


@ANCHORS_OF_CELL.wrong(
    "a corner at the origin",
    "The cell's centre is (0, 0): half the width lies to its left, half to its right.",
)
def _corner_at_zero(side: float, ratios: Sequence[float]) -> Tensor:
    anchors = anchors_of_cell(side, ratios)
    return anchors - anchors[:, :2].repeat(1, 2)


@ANCHORS_OF_CELL.wrong("whole sides from the centre", "From the centre it is half a side each way.")
def _twice_as_large(side: float, ratios: Sequence[float]) -> Tensor:
    return 2 * anchors_of_cell(side, ratios)


@ANCHORS_OF_CELL.wrong("the side taken for the area", "The area is side², not side.")
def _side_is_area(side: float, ratios: Sequence[float]) -> Tensor:
    return anchors_of_cell(side**0.5, ratios)


# ---------------------------------------------------------------- which anchors find an object


def force_match(iou: Tensor) -> Match:
    """Positive from an IoU of 0.5 on, and the best anchor of each object, which then is that object's: (G, A) -> Match."""
    return match_default_boxes(iou)


_STOLEN = torch.tensor([[0.8, 0.6, 0.1, 0.0], [0.1, 0.45, 0.2, 0.0]])

FORCE_MATCH = Exercise(
    force_match,
    picture=match_picture,
    judge=judge_match,
    hints=(
        "First ask each anchor for its favourite object (a maximum over rows). Then ask each object for its best anchor.",
        "best, target = iou.max(0); positive = best >= 0.5. Then for each object g, with a = iou[g].argmax(): "
        "anchor a is positive and its target is g.",
        "for g, a in enumerate(iou.argmax(1)): positive[a] = ...; target[a] = ...  and at the end "
        "ops.Match(target, positive, ~positive).",
    ),
    cases=(
        Case("one object, met by no anchor by half", (torch.tensor([[0.1, 0.3, 0.2]]),)),
        Case("one object, met by two anchors", (torch.tensor([[0.6, 0.45, 0.9, 0.2]]),)),
        Case("just half", (torch.tensor([[0.5, 0.7]]),)),
        Case("two objects over half on one anchor", (torch.tensor([[0.7, 0.9], [0.55, 0.8]]),)),
        Case("the best anchor of one object likes another more", (_STOLEN,)),
        Case("no object", (torch.zeros(0, 4),)),
        Case(
            "four objects, thirty anchors",
            (uniform(4, 30, seed=2) ** 2,),
        ),
    ),
)


@FORCE_MATCH.wrong(
    "the threshold alone",
    "An object that no anchor meets by half then teaches nothing: it is background to all.",
)
def _by_threshold(iou: Tensor) -> Match:
    return ops.match_by_iou(iou, 0.5, 0.5)


def _forced(iou: Tensor) -> Tensor:
    return torch.zeros(iou.shape[1], dtype=torch.bool).index_fill(0, iou.argmax(1), True)


@FORCE_MATCH.wrong("the best anchor alone", "Every anchor with an IoU of 0.5 or more is positive too.")
def _best_only(iou: Tensor) -> Match:
    match = force_match(iou)
    return Match(match.target, _forced(iou), ~_forced(iou))


@FORCE_MATCH.wrong(
    "a forced anchor that keeps its favourite",
    "The anchor is positive, but for another object: the forced one is still without.",
)
def _favourite_kept(iou: Tensor) -> Match:
    return ops.match_by_iou(iou, 0.5, 0.5, True)


@FORCE_MATCH.wrong(
    "positive and negative at once",
    "A forced anchor must leave the negatives: it cannot be trained to say both.",
)
def _both_at_once(iou: Tensor) -> Match:
    match = force_match(iou)
    return Match(match.target, match.positive, _by_threshold(iou).negative)


@FORCE_MATCH.wrong(
    "a band of ignored anchors",
    "That is RetinaNet's rule. In SSD every anchor that is not positive is negative.",
)
def _ignored_band(iou: Tensor) -> Match:
    match = force_match(iou)
    return Match(match.target, match.positive, (iou < 0.4).all(0) & ~match.positive)


@FORCE_MATCH.wrong("more than half", "An IoU of just 0.5 is enough: >=.")
def _more_than_half(iou: Tensor) -> Match:
    return ops.claim_best(ops.match_by_iou(iou.where(iou != 0.5, 0.4999), 0.5, 0.5), iou)


@FORCE_MATCH.wrong(
    "the last object over half",
    "An anchor that meets two objects by half belongs to the one that it overlaps most.",
)
def _last_object_wins(iou: Tensor) -> Match:
    match = force_match(iou)
    places = torch.arange(len(iou)).unsqueeze(1) * (iou >= 0.5)  # (G, A)
    target = torch.where(_forced(iou) if len(iou) else False, match.target, places.amax(0) if len(iou) else 0)
    return Match(target, match.positive, match.negative)


EXERCISES = (ANCHORS_OF_CELL, FORCE_MATCH)
