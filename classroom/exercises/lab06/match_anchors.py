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
        "Ask each anchor for its favourite object: a maximum over the rows. Two comparisons make three kinds. "
        "Then ask each object for its best IoU: a maximum over the columns.",
        "positive = best >= high, negative = best < low. Rescued: iou equals the maximum of its row, which is more than 0.",
        "without objects: none = torch.zeros(iou.shape[1], dtype=torch.int64); return ops.Match(none, none > 0, none == 0). Otherwise: "
        "best, target = iou.max(0); row = iou.max(1, keepdim=True).values; "
        "rescued = ((iou == row) & (row > 0)).any(0) & keep_best; positive = (best >= high) | rescued; "
        "return ops.Match(target, positive, (best < low) & ~positive)",
    ),
    cases=(
        Case("one object: much, a little, hardly", (torch.tensor([[0.9, 0.5, 0.1]]), 0.7, 0.3, False)),
        Case("exactly at the thresholds", (torch.tensor([[0.75, 0.25, 0.125]]), 0.75, 0.25, False)),
        Case("a second object without a good anchor", (torch.tensor([[0.8, 0.1, 0.2], [0.0, 0.1, 0.4]]),)),
        Case("its best anchor is a bad one", (torch.tensor([[0.8, 0.1, 0.2], [0.0, 0.1, 0.25]]),)),
        Case("two best anchors of one object", (torch.tensor([[0.1, 0.5, 0.5]]),)),
        Case(
            "two best anchors of one object, and a good one of another",
            (torch.tensor([[0.0, 0.2, 0.2], [0.8, 0.0, 0.1]]),),
        ),
        Case("the best anchor likes another object more", (torch.tensor([[0.9, 0.1], [0.6, 0.2]]),)),
        Case("an object that no anchor meets", (torch.tensor([[0.1, 0.8, 0.4], [0.0, 0.0, 0.0]]),)),
        Case("the second stage: no rescue", (torch.tensor([[0.4, 0.2], [0.1, 0.6]]), 0.5, 0.5, False)),
        Case("no object", (torch.zeros(0, 4),)),
        Case("four objects, thirty anchors", (_RANDOM,)),
    ),
)
MATCH_ANCHORS.wrong_answers.extend(MISTAKES)
wrong = MATCH_ANCHORS.wrong
# ---------------------------------------------------------------- the best anchors of each object


@wrong(
    "the best anchor of an object forgotten",
    "Few anchors reach 0.7: an object whose best one does not would never be found.",
)
def _without_best(iou, high=HIGH, low=LOW, keep_best=True):
    return match_anchors(iou, high, low, False)


@wrong(
    "a rescue that cannot be switched off",
    "The second stage calls this with keep_best=False: a region with an IoU of 0.2 is no object there.",
)
def _always_best(iou, high=HIGH, low=LOW, keep_best=True):
    return match_anchors(iou, high, low, True)


@wrong("`keep_best` the wrong way round", "With keep_best=True the best anchors of each object are positive.")
def _inverted(iou, high=HIGH, low=LOW, keep_best=True):
    return match_anchors(iou, high, low, not keep_best)


@wrong(
    "one best anchor where several are equal",
    "Anchors that overlap the object equally are equally good: compare with the maximum, argmax takes one.",
)
def _one_best(iou, high=HIGH, low=LOW, keep_best=True):
    rescued = torch.zeros(iou.shape[1], dtype=torch.bool)
    if keep_best and len(iou):
        best, where = iou.max(1)
        rescued[where[best > 0]] = True
    return match_of(iou, (best_of(iou)[0] >= high) | rescued, low)


@wrong(
    "every anchor rescued by an object that none meets",
    "The maximum of its row is 0, and nearly all anchors equal that: ask for more than 0.",
)
def _rescued_by_nothing(iou, high=HIGH, low=LOW, keep_best=True):
    rescued = (iou == iou.amax(1, keepdim=True)).any(0) & keep_best
    return match_of(iou, (best_of(iou)[0] >= high) | rescued, low)


@wrong(
    "one anchor rescued by an object that none meets",
    "argmax finds a place in a row of zeros too: ask for an IoU of more than 0.",
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
    "every anchor rescued by its own best object",
    "The maximum is one over each row, the anchors of an object: dim=1.",
)
def _over_columns(iou, high=HIGH, low=LOW, keep_best=True):
    best = best_of(iou)[0]
    return match_of(iou, (best >= high) | ((best > 0) & keep_best), low)


@wrong(
    "no rescue below the low threshold",
    "The best anchors of an object are positive however little they overlap it, if more than 0.",
)
def _above_low(iou, high=HIGH, low=LOW, keep_best=True):
    best = best_of(iou)[0]
    return match_of(iou, (best >= high) | (rescued_in(iou, keep_best) & (best >= low)), low)


@wrong("only rescued anchors positive", "Those with an IoU of `high` or more are positive too.")
def _only_rescued(iou, high=HIGH, low=LOW, keep_best=True):
    return match_of(iou, rescued_in(iou) if keep_best else best_of(iou)[0] >= high, low)


@wrong("positive and negative at once", "A rescued anchor below the low threshold must leave the negatives.")
def _both_at_once(iou, high=HIGH, low=LOW, keep_best=True):
    match = match_anchors(iou, high, low, keep_best)
    return Match(match.target, match.positive, best_of(iou)[0] < low)


# ---------------------------------------------------------------- the objects, and the rest


@wrong(
    "a rescued anchor given to the other object",
    "It overlaps another one more and is trained to find that one: the rescue only makes it positive.",
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
    "Then they belong to the object that they rescue, not to the one that they overlap most; and the caller's table must stay as it is.",
)
def _table_changed(iou, high=HIGH, low=LOW, keep_best=True):
    if keep_best:
        iou[(iou == iou.amax(1, keepdim=True)) & (iou > 0)] = 1.0
    return match_anchors(iou, high, low, False)


@wrong("no negatives without objects", "In a picture without objects every anchor is background.")
def _none_without_objects(iou, high=HIGH, low=LOW, keep_best=True):
    match = match_anchors(iou, high, low, keep_best)
    return Match(match.target, match.positive, match.negative & bool(len(iou)))


raises(
    MATCH_ANCHORS,
    "an error without objects",
    "Over no rows there is no maximum: a picture without objects has only negatives. Treat it first.",
    lambda iou, *_: len(iou) == 0,
    IndexError,
    RuntimeError,
    ValueError,
)

EXERCISES = (MATCH_ANCHORS,)
