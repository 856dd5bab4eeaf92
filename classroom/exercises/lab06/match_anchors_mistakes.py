"""Lab 06, exercise 1: the reference of the match, and wrong answers about its thresholds."""

import torch
from torch import Tensor

from classroom.exercises.mistakes import Mistakes
from coursekit import ops
from coursekit.ops import Match

HIGH, LOW = 0.7, 0.3


def match_anchors(iou: Tensor, high: float = HIGH, low: float = LOW, keep_best: bool = True) -> Match:
    """Positive from `high` on, negative below `low`; with `keep_best` the best anchors of each object are positive: (G, A)."""
    return ops.match_by_iou(iou, high, low, keep_best)


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


def best_of(iou):
    """The best IoU and the object of each anchor, even without objects."""
    return iou.max(0) if len(iou) else (iou.new_zeros(iou.shape[1]), torch.zeros(iou.shape[1]).long())


def rescued_in(iou, keep_best=True):
    """The best anchors of each object that any anchor overlaps."""
    row = iou.amax(1, keepdim=True)
    return ((iou == row) & (row > 0)).any(0) & keep_best


def match_of(iou, positive, low):
    best, target = best_of(iou)
    return Match(target, positive, (best < low) & ~positive)


# ---------------------------------------------------------------- the thresholds


@wrong(
    "the ignored band forgotten",
    "Between the thresholds an anchor lies half on an object: neither label is right, so it is not trained on.",
)
def _without_band(iou, high=HIGH, low=LOW, keep_best=True):
    match = match_anchors(iou, high, low, keep_best)
    return Match(match.target, match.positive, ~match.positive)


@wrong("an IoU at the high threshold not enough", "An IoU of exactly `high` is enough: >=.")
def _more_than(iou, high=HIGH, low=LOW, keep_best=True):
    return match_of(iou, (best_of(iou)[0] > high) | rescued_in(iou, keep_best), low)


@wrong("an IoU at the low threshold made negative", "It is negative *below* the low threshold: <.")
def _at_most(iou, high=HIGH, low=LOW, keep_best=True):
    match = match_anchors(iou, high, low, keep_best)
    return Match(match.target, match.positive, (best_of(iou)[0] <= low) & ~match.positive)


@wrong("an IoU at either threshold on the wrong side", "Positive: best >= high. Negative: best < low.")
def _both_thresholds(iou, high=HIGH, low=LOW, keep_best=True):
    best, target = best_of(iou)
    positive = (best > high) | rescued_in(iou, keep_best)
    return Match(target, positive, (best <= low) & ~positive)


@wrong(
    "thresholds of 0.7 and 0.3, whatever the arguments say",
    "The second stage uses different thresholds: use `high` and `low`.",
)
def _fixed(iou, high=HIGH, low=LOW, keep_best=True):
    return match_anchors(iou, HIGH, LOW, keep_best)


@wrong("positive from the low threshold on", "From `low` to `high` an anchor is ignored.")
def _from_low(iou, high=HIGH, low=LOW, keep_best=True):
    return match_anchors(iou, low, low, keep_best)


@wrong(
    "negative as soon as one object is far away",
    "A negative anchor overlaps *every* object by less than `low`: compare the maximum of its column.",
)
def _far_from_one(iou, high=HIGH, low=LOW, keep_best=True):
    match = match_anchors(iou, high, low, keep_best)
    return Match(
        match.target, match.positive, (iou < low).any(0) & ~match.positive if len(iou) else match.negative
    )


@wrong("positive only if all objects overlap", "One object is enough: compare the maximum of the column.")
def _near_all(iou, high=HIGH, low=LOW, keep_best=True):
    return match_of(iou, (iou >= high).all(0) & bool(len(iou)) | rescued_in(iou, keep_best), low)
