"""Lab 06, exercise 1: which anchors the first stage is trained on, and for which object."""

import torch

from classroom.exercises.cases import judge_match, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.match_anchors_mistakes import (
    HIGH,
    LOW,
    MISTAKES,
    best_of,
    match_anchors,
    match_of,
    rescued_in,
)
from classroom.exercises.mistakes import raises
from classroom.exercises.pictures import match_picture
from coursekit.ops import Match

_RANDOM = uniform(4, 30, seed=2) ** 2

MATCH_ANCHORS = Exercise(
    match_anchors,
    picture=match_picture,
    judge=judge_match,
    hints=(
        "Find the favourite object of each anchor: a maximum over the rows. Two comparisons give three kinds. "
        "Then find the best IoU of each object: a maximum over the columns.",
        "positive = best >= high, negative = best < low. With keep_best, also positive: iou equals the maximum of its row, which is more than 0.",
        "best, target = iou.max(0)  # of each anchor; not possible without objects: what do you return then?\n"
        "row = iou.max(1, keepdim=True).values  # of each object\n"
        "rescued = …  # (A,): the anchor is the best of an object that it overlaps\n"
        "positive = (best >= high) | (rescued if keep_best else False)\n"
        "return ops.Match(target, positive, …)",
    ),
    cases=(
        Case(
            "one object: large, small and tiny overlaps", (torch.tensor([[0.9, 0.5, 0.1]]), 0.7, 0.3, False)
        ),
        Case("exactly at the thresholds", (torch.tensor([[0.75, 0.25, 0.125]]), 0.75, 0.25, False)),
        Case("a second object without a good anchor", (torch.tensor([[0.8, 0.1, 0.2], [0.0, 0.1, 0.4]]),)),
        Case("an object whose best anchor is bad", (torch.tensor([[0.8, 0.1, 0.2], [0.0, 0.1, 0.25]]),)),
        Case("two best anchors of one object", (torch.tensor([[0.1, 0.5, 0.5]]),)),
        Case(
            "two best anchors of one object, and a good one of another",
            (torch.tensor([[0.0, 0.2, 0.2], [0.8, 0.0, 0.1]]),),
        ),
        Case("the best anchor overlaps another object more", (torch.tensor([[0.9, 0.1], [0.6, 0.2]]),)),
        Case("an object that no anchor overlaps", (torch.tensor([[0.1, 0.8, 0.4], [0.0, 0.0, 0.0]]),)),
        Case(
            "the second stage: without `keep_best`", (torch.tensor([[0.4, 0.2], [0.1, 0.6]]), 0.5, 0.5, False)
        ),
        Case("no objects", (torch.zeros(0, 4),)),
        Case("four objects, thirty anchors", (_RANDOM,)),
    ),
)
MATCH_ANCHORS.wrong_answers.extend(MISTAKES)
wrong = MATCH_ANCHORS.wrong
# ---------------------------------------------------------------- the best anchors of each object


@wrong(
    "the best anchor of an object forgotten",
    "Few anchors reach 0.7: an object whose best anchor does not would never be detected.",
)
def _without_best(iou, high=HIGH, low=LOW, keep_best=True):
    return match_anchors(iou, high, low, False)


@wrong(
    "a rescue that cannot be switched off",
    "The second stage calls this with keep_best=False: there, a region with an IoU of 0.2 is not an object.",
)
def _always_best(iou, high=HIGH, low=LOW, keep_best=True):
    return match_anchors(iou, high, low, True)


@wrong("`keep_best` inverted", "With keep_best=True the best anchors of each object are positive.")
def _inverted(iou, high=HIGH, low=LOW, keep_best=True):
    return match_anchors(iou, high, low, not keep_best)


@wrong(
    "one best anchor where several are equal",
    "Anchors that overlap the object equally are equally good: compare with the maximum, because argmax takes only one.",
)
def _one_best(iou, high=HIGH, low=LOW, keep_best=True):
    rescued = torch.zeros(iou.shape[1], dtype=torch.bool)
    if keep_best and len(iou):
        best, where = iou.max(1)
        rescued[where[best > 0]] = True
    return match_of(iou, (best_of(iou)[0] >= high) | rescued, low)


@wrong(
    "every anchor made positive by an object that none overlaps",
    "The maximum of its row is 0, and nearly all anchors equal that: require more than 0.",
)
def _rescued_by_nothing(iou, high=HIGH, low=LOW, keep_best=True):
    rescued = (iou == iou.amax(1, keepdim=True)).any(0) & keep_best
    return match_of(iou, (best_of(iou)[0] >= high) | rescued, low)


@wrong(
    "one anchor made positive by an object that none overlaps",
    "argmax returns a place even in a row of zeros: require an IoU of more than 0.",
)
def _one_by_nothing(iou, high=HIGH, low=LOW, keep_best=True):
    rescued = torch.zeros(iou.shape[1], dtype=torch.bool)
    if keep_best and len(iou):
        rescued[iou.argmax(1)] = True
    return match_of(iou, (best_of(iou)[0] >= high) | rescued, low)


@wrong(
    "the best anchor of the whole table alone", "Each object has best anchors of its own: a maximum per row."
)
def _best_of_table(iou, high=HIGH, low=LOW, keep_best=True):
    rescued = ((iou == iou.max()) & (iou > 0)).any(0) & keep_best if len(iou) else False
    return match_of(iou, (best_of(iou)[0] >= high) | rescued, low)


@wrong(
    "every anchor made positive by its own best object",
    "Take the maximum over each row, the anchors of an object: dim=1.",
)
def _over_columns(iou, high=HIGH, low=LOW, keep_best=True):
    best = best_of(iou)[0]
    return match_of(iou, (best >= high) | ((best > 0) & keep_best), low)


@wrong(
    "best anchors below the low threshold left negative",
    "The best anchors of an object are positive however little they overlap it, as long as it is more than 0.",
)
def _above_low(iou, high=HIGH, low=LOW, keep_best=True):
    best = best_of(iou)[0]
    return match_of(iou, (best >= high) | (rescued_in(iou, keep_best) & (best >= low)), low)


@wrong("only the best anchors of objects positive", "Those with an IoU of `high` or more are positive too.")
def _only_rescued(iou, high=HIGH, low=LOW, keep_best=True):
    return match_of(iou, rescued_in(iou) if keep_best else best_of(iou)[0] >= high, low)


@wrong(
    "positive and negative at once",
    "The best anchor of an object must no longer be negative, even if it is below the low threshold.",
)
def _both_at_once(iou, high=HIGH, low=LOW, keep_best=True):
    match = match_anchors(iou, high, low, keep_best)
    return Match(match.target, match.positive, best_of(iou)[0] < low)


# ---------------------------------------------------------------- the objects, and the rest


@wrong(
    "a best anchor given to the other object",
    "It overlaps a different object more and is trained on that one: `keep_best` only makes it positive.",
)
def _given_away(iou, high=HIGH, low=LOW, keep_best=True):
    match = match_anchors(iou, high, low, keep_best)
    target = match.target.clone()
    for g, row in enumerate(iou if keep_best else ()):
        target[(row == row.max()) & (row > 0)] = g
    return Match(target, match.positive, match.negative)


@wrong(
    "object 0 for every anchor",
    "The target is the object that the anchor overlaps most: the place of the maximum in its column.",
)
def _first_object(iou, high=HIGH, low=LOW, keep_best=True):
    match = match_anchors(iou, high, low, keep_best)
    return Match(torch.zeros_like(match.target), match.positive, match.negative)


@wrong("positive and negative swapped", "ops.Match takes target, positive, negative.")
def _exchanged(iou, high=HIGH, low=LOW, keep_best=True):
    match = match_anchors(iou, high, low, keep_best)
    return Match(match.target, match.negative, match.positive)


@wrong(
    "the best anchors raised to an IoU of 1",
    "Then they are assigned to the object whose best anchors they are, not to the one that they overlap most; and the caller's table must not change.",
)
def _table_changed(iou, high=HIGH, low=LOW, keep_best=True):
    if keep_best:
        iou[(iou == iou.amax(1, keepdim=True)) & (iou > 0)] = 1.0
    return match_anchors(iou, high, low, False)


@wrong("no negatives without objects", "In an image without objects every anchor is background.")
def _none_without_objects(iou, high=HIGH, low=LOW, keep_best=True):
    match = match_anchors(iou, high, low, keep_best)
    return Match(match.target, match.positive, match.negative & bool(len(iou)))


raises(
    MATCH_ANCHORS,
    "an error without objects",
    "Without rows there is no maximum: an image without objects has only negatives, so handle it first.",
    lambda iou, *_: len(iou) == 0,
    IndexError,
    RuntimeError,
    ValueError,
)

EXERCISES = (MATCH_ANCHORS,)
