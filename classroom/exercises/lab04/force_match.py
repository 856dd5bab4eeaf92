"""Lab 04, section 2: which anchors are trained to detect an object."""

from typing import Any

import torch
from torch import Tensor

from classroom.exercises.cases import judge_match, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.exercises.pictures import match_picture
from coursekit import ops
from coursekit.ops import Match


def force_match(iou: Tensor) -> Match:
    """Return the match in which an anchor is positive from an IoU of 0.5 on, and the best anchor of each object is that object's."""
    if not len(iou):
        nothing = torch.zeros(iou.shape[1], dtype=torch.int64)
        return Match(nothing, nothing > 0, nothing == 0)
    best, target = iou.max(0)
    positive = best >= 0.5
    for g, a in enumerate(iou.argmax(1)):
        positive[a], target[a] = True, g
    return Match(target, positive, ~positive)


def any_of_the_claims(arguments: tuple, match: Any) -> dict[str, Tensor]:
    """What is compared of a match; if several objects have the same best anchor, it may belong to any of them."""
    found, (iou,) = judge_match(arguments, match), arguments
    right = judge_match(arguments, force_match(iou))
    objects = found["the objects of the positive anchors"]
    if not len(iou) or not found["positive"].equal(right["positive"]) or objects.is_floating_point():
        return found
    claimed = torch.zeros_like(iou, dtype=torch.bool).scatter(1, iou.argmax(1, keepdim=True), True)
    allowed = torch.where(claimed.any(0), claimed, iou == iou.amax(0))[:, right["positive"]]
    inside = objects.long().clamp(0, len(iou) - 1)
    fits = allowed.gather(0, inside[None])[0] & (inside == objects)
    return (
        found | {"the objects of the positive anchors": right["the objects of the positive anchors"]}
        if fits.all()
        else found
    )


_STOLEN = torch.tensor([[0.8, 0.6, 0.1, 0.0], [0.1, 0.45, 0.2, 0.0]])
_TAKEN = torch.tensor([[0.9, 0.95, 0.1, 0.0], [0.7, 0.2, 0.6, 0.0]])
_SMALL = torch.tensor([[0.3, 0.4, 0.1], [0.28, 0.1, 0.0]])

FORCE_MATCH = Exercise(
    force_match,
    picture=match_picture,
    judge=any_of_the_claims,
    hints=(
        "First find the favourite object of each anchor (a maximum over rows). Then find the best anchor of each object.",
        "best, target = iou.max(0); positive = best >= 0.5. Then for each object g, with a = iou[g].argmax(): "
        "anchor a is positive and its target is g. Without objects there is no maximum: return zeros, none positive, all negative.",
        "for g, a in enumerate(iou.argmax(1)): positive[a] = True; target[a] = g. At the end "
        "ops.Match(target, positive, ~positive). Before all this: if not len(iou): nothing = torch.zeros(iou.shape[1], dtype=torch.int64); "
        "return ops.Match(nothing, nothing > 0, nothing == 0)",
    ),
    cases=(
        Case("one object that no anchor overlaps by half", (torch.tensor([[0.1, 0.3, 0.2]]),)),
        Case("one object that two anchors overlap by half", (torch.tensor([[0.6, 0.45, 0.9, 0.2]]),)),
        Case("an object that its best anchor hardly overlaps", (torch.tensor([[0.02, 0.05, 0.0]]),)),
        Case("exactly half", (torch.tensor([[0.5, 0.7]]),)),
        Case(
            "two objects that overlap one anchor by more than half",
            (torch.tensor([[0.7, 0.9], [0.55, 0.8]]),),
        ),
        Case("the best anchor of one object overlaps another more", (_STOLEN,)),
        Case("the same, but the object has another anchor over half", (_TAKEN,)),
        Case("two objects, every overlap below half", (_SMALL,)),
        Case("no object", (torch.zeros(0, 4),)),
        Case("four objects, thirty anchors", (uniform(4, 30, seed=2) ** 2,)),
    ),
)


def _by_threshold(iou: Tensor) -> Match:
    return ops.match_by_iou(iou, 0.5, 0.5)


def _forced(iou: Tensor, objects=None) -> Match:
    """Threshold, then the best anchors of some objects only."""
    match = _by_threshold(iou)
    target, positive = match.target.clone(), match.positive.clone()
    for g in range(len(iou)) if objects is None else objects:
        target[iou[g].argmax()], positive[iou[g].argmax()] = g, True
    return Match(target, positive, ~positive)


FORCE_MATCH.wrong(
    "the threshold alone",
    "An object that no anchor overlaps by half is then background everywhere and is never learnt.",
)(_by_threshold)


@FORCE_MATCH.wrong("the best anchor alone", "Every anchor with an IoU of 0.5 or more is positive too.")
def _best_only(iou: Tensor) -> Match:
    positive = torch.zeros(iou.shape[1], dtype=torch.bool).index_fill(0, iou.argmax(1), True)
    return Match(force_match(iou).target, positive, ~positive)


@FORCE_MATCH.wrong(
    "a forced anchor that keeps its favourite",
    "The anchor is positive, but for a different object: the one that it was forced for still has none.",
)
def _favourite_kept(iou: Tensor) -> Match:
    match = force_match(iou)
    return Match(_by_threshold(iou).target if len(iou) else match.target, match.positive, match.negative)


@FORCE_MATCH.wrong(
    "the threshold after the forced anchors",
    "Force last: the best anchor of an object is that object's, even if it overlaps another one by more than half.",
)
def _threshold_last(iou: Tensor) -> Match:
    match, first = force_match(iou), _by_threshold(iou)
    return Match(torch.where(first.positive, first.target, match.target), match.positive, match.negative)


@FORCE_MATCH.wrong(
    "anchors forced only for objects without one",
    "Every object gets its best anchor, even if it already has a worse one over the threshold.",
)
def _lost_ones(iou: Tensor) -> Match:
    first = _by_threshold(iou)
    found = set(first.target[first.positive].tolist())
    return _forced(iou, [g for g in range(len(iou)) if g not in found])


for _least in (0.1, 0.35):
    FORCE_MATCH.wrong(
        "a minimum overlap for the forced anchor",
        "Each object gets its best anchor, however little they overlap.",
    )(lambda iou, least=_least: _forced(iou, [g for g in range(len(iou)) if iou[g].max() >= least]))


@FORCE_MATCH.wrong(
    "one best anchor for the whole table", "Each object has a best anchor: take the argmax of each row."
)
def _one_for_all(iou: Tensor) -> Match:
    return _forced(iou, [int(iou.argmax()) // iou.shape[1]] if len(iou) else ())


@FORCE_MATCH.wrong(
    "every anchor positive",
    "Every anchor has a best object, but it is positive only if that object overlaps it by half.",
)
def _everyone(iou: Tensor) -> Match:
    positive = torch.full((iou.shape[1],), len(iou) > 0)
    return Match(_by_threshold(iou).target, positive, ~positive)


@FORCE_MATCH.wrong(
    "positive and negative at once",
    "A forced anchor must no longer be negative: it cannot be trained to predict both.",
)
def _both_at_once(iou: Tensor) -> Match:
    match = force_match(iou)
    return Match(match.target, match.positive, _by_threshold(iou).negative)


@FORCE_MATCH.wrong(
    "negative where any object overlaps too little",
    "An anchor is negative if *no* object makes it positive: negative = ~positive.",
)
def _any_too_little(iou: Tensor) -> Match:
    match = force_match(iou)
    return Match(match.target, match.positive, (iou < 0.5).any(0) if len(iou) else match.negative)


@FORCE_MATCH.wrong("positive and negative swapped", "Match is (target, positive, negative).")
def _exchanged(iou: Tensor) -> Match:
    match = force_match(iou)
    return Match(match.target, match.negative, match.positive)


@FORCE_MATCH.wrong(
    "a band of ignored anchors",
    "That is RetinaNet's rule. In SSD every anchor that is not positive is negative.",
)
def _ignored_band(iou: Tensor) -> Match:
    match = force_match(iou)
    return Match(match.target, match.positive, (iou < 0.4).all(0) & ~match.positive)


@FORCE_MATCH.wrong("more than half", "An IoU of exactly 0.5 is enough: >=.")
def _more_than_half(iou: Tensor) -> Match:
    return force_match(iou.where(iou != 0.5, 0.4999))


@FORCE_MATCH.wrong(
    "the last object over half",
    "An anchor that overlaps two objects by half belongs to the one that it overlaps most.",
)
def _last_object_wins(iou: Tensor) -> Match:
    if not len(iou):
        return force_match(iou)
    target = (torch.arange(len(iou)).unsqueeze(1) * (iou >= 0.5)).amax(0)  # (A,)
    match = _forced(iou)
    best = iou.argmax(1)
    return Match(target.index_copy(0, best, match.target[best]), match.positive, match.negative)


@FORCE_MATCH.wrong("objects counted from 1", "Targets are row numbers, counted from 0.")
def _from_one(iou: Tensor) -> Match:
    match = force_match(iou)
    return Match(match.target + 1, match.positive, match.negative)


FORCE_MATCH.wrong("the caller's table overwritten", "The overlaps are needed again: work on a copy.")(
    overwriting(force_match)
)
FORCE_MATCH.wrong(
    "an error without objects", "Without rows there is no maximum: return early, with negatives only."
)(failing_when(lambda iou: not len(iou), force_match))

EXERCISES = (FORCE_MATCH,)
