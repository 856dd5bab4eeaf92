"""Lab 06, first part: which anchors the first stage is trained on, and how."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, judge_match, random_boxes, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.pictures import inside_picture
from classroom.exercises.pictures import match_picture
from coursekit import ops
from coursekit.ops import Match

HIGH, LOW = 0.7, 0.3


def match_anchors(iou: Tensor, high: float = HIGH, low: float = LOW, keep_best: bool = True) -> Match:
    """Positive from `high` on, negative below `low`; with `keep_best` the best anchors of each object are positive: (G, A)."""
    return ops.match_by_iou(iou, high, low, keep_best)


_RANDOM = uniform(4, 30, seed=2) ** 2

MATCH_ANCHORS = Exercise(
    match_anchors,
    picture=match_picture,
    judge=judge_match,
    hints=(
        "Ask each anchor for its favourite object: a maximum over the rows. Two comparisons make three kinds. "
        "Then ask each object for its best IoU: a maximum over the columns.",
        "positive = best >= high, negative = best < low. Rescued: iou equals the maximum of its row, which is more than 0.",
        "best, target = iou.max(0); row = iou.max(1, keepdim=True).values; "
        "rescued = ((iou == row) & (row > 0)).any(0); positive = positive | ...; negative = negative & ~...",
    ),
    cases=(
        Case("one object: much, a little, hardly", (torch.tensor([[0.9, 0.5, 0.1]]), 0.7, 0.3, False)),
        Case("just at the thresholds", (torch.tensor([[0.75, 0.25, 0.125]]), 0.75, 0.25, False)),
        Case("a second object without a good anchor", (torch.tensor([[0.8, 0.1, 0.2], [0.0, 0.1, 0.4]]),)),
        Case("its best anchor is a bad one", (torch.tensor([[0.8, 0.1, 0.2], [0.0, 0.1, 0.25]]),)),
        Case("two best anchors of one object", (torch.tensor([[0.1, 0.5, 0.5]]),)),
        Case("the best anchor likes another object more", (torch.tensor([[0.9, 0.1], [0.6, 0.2]]),)),
        Case("an object that no anchor meets", (torch.tensor([[0.8, 0.1, 0.4], [0.0, 0.0, 0.0]]),)),
        Case("the second stage: no rescue", (torch.tensor([[0.4, 0.2], [0.1, 0.6]]), 0.5, 0.5, False)),
        Case("no object", (torch.zeros(0, 4),)),
        Case("four objects, thirty anchors", (_RANDOM,)),
    ),
)


@MATCH_ANCHORS.wrong(
    "the ignore band forgotten",
    "Between the thresholds an anchor half lies on an object: neither answer is right, so it is not trained.",
)
def _without_band(iou: Tensor, high: float = HIGH, low: float = LOW, keep_best: bool = True) -> Match:
    match = match_anchors(iou, high, low, keep_best)
    return Match(match.target, match.positive, ~match.positive)


@MATCH_ANCHORS.wrong(
    "the best anchor of an object forgotten",
    "Few anchors reach 0.7: an object whose best one does not would never be found.",
)
def _without_best(iou: Tensor, high: float = HIGH, low: float = LOW, keep_best: bool = True) -> Match:
    return match_anchors(iou, high, low, False)


@MATCH_ANCHORS.wrong(
    "a rescue that cannot be switched off",
    "The second stage calls this with keep_best=False: a region with an IoU of 0.2 is no object there.",
)
def _always_best(iou: Tensor, high: float = HIGH, low: float = LOW, keep_best: bool = True) -> Match:
    return match_anchors(iou, high, low, True)


@MATCH_ANCHORS.wrong(
    "one best anchor where several are equal",
    "Anchors that overlap the object equally are equally good: compare with the maximum, argmax takes one.",
)
def _one_best(iou: Tensor, high: float = HIGH, low: float = LOW, keep_best: bool = True) -> Match:
    match = match_anchors(iou, high, low, False)
    if not (keep_best and len(iou)):
        return match
    best, where = iou.max(1)
    rescued = torch.zeros_like(match.positive).index_fill(0, where[best > 0], True)
    return Match(match.target, match.positive | rescued, match.negative & ~rescued)


@MATCH_ANCHORS.wrong(
    "every anchor rescued by an object that none meets",
    "The maximum of its row is 0, and nearly all anchors equal that: ask for more than 0.",
)
def _rescued_by_nothing(iou: Tensor, high: float = HIGH, low: float = LOW, keep_best: bool = True) -> Match:
    match = match_anchors(iou, high, low, False)
    if not (keep_best and len(iou)):
        return match
    rescued = (iou == iou.max(1, keepdim=True).values).any(0)
    return Match(match.target, match.positive | rescued, match.negative & ~rescued)


@MATCH_ANCHORS.wrong(
    "positive and negative at once", "A rescued anchor below the low threshold must leave the negatives."
)
def _both_at_once(iou: Tensor, high: float = HIGH, low: float = LOW, keep_best: bool = True) -> Match:
    match = match_anchors(iou, high, low, keep_best)
    return Match(match.target, match.positive, match_anchors(iou, high, low, False).negative)


@MATCH_ANCHORS.wrong(
    "a rescued anchor given to the other object",
    "It overlaps another one more and is trained to find that one: only its label changes.",
)
def _given_away(iou: Tensor, high: float = HIGH, low: float = LOW, keep_best: bool = True) -> Match:
    match = match_anchors(iou, high, low, keep_best)
    target = match.target.clone()
    if keep_best:
        for g, row in enumerate(iou):
            target[(row == row.max()) & (row > 0)] = g
    return Match(target, match.positive, match.negative)


@MATCH_ANCHORS.wrong("more than the threshold", "At the high threshold it is positive already: >=.")
def _more_than(iou: Tensor, high: float = HIGH, low: float = LOW, keep_best: bool = True) -> Match:
    return match_anchors(iou.where(iou != high, high - 1e-4), high, low, keep_best)


# ---------------------------------------------------------------- beyond the image


def inside_image(anchors: Tensor, size: tuple[int, int]) -> Tensor:
    """Which anchors lie within the image of `size` (height, width) altogether: (A, 4) -> (A,) bool."""
    return (anchors == ops.clip_boxes_to_image(anchors, size)).all(1)


INSIDE_IMAGE = Exercise(
    inside_image,
    picture=inside_picture,
    hints=(
        "Four comparisons, one a side. Which of them ask for the height?",
        "x1 >= 0, y1 >= 0, x2 <= width, y2 <= height, and all four.",
        "height, width = size; x1, y1, x2, y2 = anchors.T; return (x1 >= 0) & ... & (y2 <= ...)",
    ),
    cases=(
        Case("in the middle", (boxes((20, 10, 60, 40)), (60, 100))),
        Case("beyond the left border", (boxes((-5, 10, 40, 40), (5, 10, 40, 40)), (60, 100))),
        Case("beyond the lower border", (boxes((30, 30, 50, 70), (70, 10, 90, 50)), (60, 100))),
        Case("up to the border", (boxes((0, 0, 100, 60)), (60, 100))),
        Case("larger than the image", (boxes((-20, -20, 120, 80)), (60, 100))),
        Case("no anchor", (boxes(), (60, 100))),
        Case("fifty", (random_boxes(50) * 1.2 - 10, (60, 100))),
    ),
)


@INSIDE_IMAGE.wrong("height and width swapped", "A size is (height, width); x ends at the width.")
def _swapped_inside(anchors: Tensor, size: tuple[int, int]) -> Tensor:
    return inside_image(anchors, size[::-1])


@INSIDE_IMAGE.wrong("the centre alone", "Half of the anchor can still lie outside.")
def _centre_inside(anchors: Tensor, size: tuple[int, int]) -> Tensor:
    centre = (anchors[:, :2] + anchors[:, 2:]) / 2
    return inside_image(torch.cat([centre, centre], 1), size)


@INSIDE_IMAGE.wrong(
    "the border counted as outside", "x2 and y2 are exclusive: a box may end at the width, and begin at 0."
)
def _strictly_inside(anchors: Tensor, size: tuple[int, int]) -> Tensor:
    limit = torch.tensor(size[::-1])
    return ((anchors[:, :2] > 0) & (anchors[:, 2:] < limit)).all(1)


@INSIDE_IMAGE.wrong("a part inside is enough", "Every side must lie within the image.")
def _touching(anchors: Tensor, size: tuple[int, int]) -> Tensor:
    limit = torch.tensor(size[::-1])
    return ((anchors[:, 2:] > 0) & (anchors[:, :2] < limit)).all(1)


@INSIDE_IMAGE.wrong("one corner alone", "The lower right corner can lie outside as well.")
def _first_corner_inside(anchors: Tensor, size: tuple[int, int]) -> Tensor:
    return inside_image(anchors[:, [0, 1, 0, 1]], size)


EXERCISES = (MATCH_ANCHORS, INSIDE_IMAGE)
