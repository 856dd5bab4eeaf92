"""Lab 06, exercise 9: the training targets of the second stage's regions."""

import torch

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.pictures import numbers_picture
from classroom.exercises.lab06.region_targets_mistakes import MISTAKES, region_targets
from classroom.exercises.mistakes import raises
from coursekit import ops
from coursekit.models.fast_rcnn import OFFSET_WEIGHTS
from coursekit.ops import Match
from coursekit.schema import Target


def _match(objects: list[int], found: list[bool]) -> Match:
    positive = torch.tensor(found, dtype=torch.bool)
    return Match(torch.tensor(objects, dtype=torch.int64), positive, ~positive)


def _truth(labels: list[int], *rows: tuple[float, ...]) -> Target:
    return {"boxes": boxes(*rows), "labels": torch.tensor(labels, dtype=torch.int64)}


_CUP, _BOOK = (10, 10, 30, 20), (40, 0, 80, 50)
_EIGHT = _match([0, 1, 0, 2, 0, 0, 1, 2], [True, True, False, True, False, False, True, True])
_IGNORED = Match(torch.tensor([0, 1]), torch.tensor([True, False]), torch.tensor([False, False]))

REGION_TARGETS = Exercise(
    region_targets,
    picture=numbers_picture,
    hints=(
        "Start with zeros, which is right for background. Then fill in the positive regions. Which object does each belong to?",
        "labels[positive] are the labels of the objects match.target[positive]; the offsets lead from "
        "regions[positive] to the boxes of those objects, with weights (10, 10, 5, 5).",
        "found = match.positive\n"
        "objects = match.target[found]  # the object of each positive region\n"
        "labels, offsets = torch.zeros_like(match.target), torch.zeros_like(regions)\n"
        "labels[found] = …\n"
        "offsets[found] = ops.encode_boxes(…, regions[found], (10.0, 10.0, 5.0, 5.0))\n"
        "return labels, offsets",
    ),
    cases=(
        Case("a region on its object", (boxes(_CUP), _match([0], [True]), _truth([3], _CUP))),
        Case("half a width to its side", (boxes((0, 10, 20, 20)), _match([0], [True]), _truth([3], _CUP))),
        Case(
            "twice as wide and half as tall",
            (boxes((5, 7.5, 45, 22.5)), _match([0], [True]), _truth([3], _CUP)),
        ),
        Case(
            "an object and background",
            (boxes((12, 11, 34, 21), (60, 60, 90, 90)), _match([0, 0], [True, False]), _truth([3], _CUP)),
        ),
        Case(
            "an ignored region",
            (boxes((12, 11, 34, 21), (44, 4, 80, 50)), _IGNORED, _truth([3, 7], _CUP, _BOOK)),
        ),
        Case(
            "two objects, in the other order",
            (
                boxes((44, 4, 80, 50), (10, 10, 26, 20)),
                _match([1, 0], [True, True]),
                _truth([3, 7], _CUP, _BOOK),
            ),
        ),
        Case("an image without objects", (boxes(_CUP, _BOOK), _match([0, 0], [False, False]), _truth([]))),
        Case(
            "eight regions", (random_boxes(8), _EIGHT, _truth([2, 9, 5], *random_boxes(3, seed=1).tolist()))
        ),
    ),
)
REGION_TARGETS.wrong_answers.extend(MISTAKES)
wrong = REGION_TARGETS.wrong
# ---------------------------------------------------------------- which regions, which objects


def _all_regions(regions, match, target):
    if not len(target["labels"]):
        return region_targets(regions, match, target)
    everyone = torch.ones_like(match.positive)
    return region_targets(regions, Match(match.target, everyone, ~everyone), target)


def _all_regions_strictly(regions, match, target):
    everyone = torch.ones_like(match.positive)
    return region_targets(regions, Match(match.target, everyone, ~everyone), target)


_CLASS = "a class and a box for the background"
wrong(_CLASS, "The target of a negative region means nothing: its label and its offsets are 0.")(_all_regions)
wrong(_CLASS, "The target of a negative region means nothing: its label and its offsets are 0.")(
    _all_regions_strictly
)
for _everyone in (_all_regions, _all_regions_strictly):

    def _label_for_background(regions, match, target, everyone=_everyone):
        return everyone(regions, match, target)[0], region_targets(regions, match, target)[1]

    def _box_for_background(regions, match, target, everyone=_everyone):
        return region_targets(regions, match, target)[0], everyone(regions, match, target)[1]

    wrong("a class for the background", "The target of a negative region means nothing: its label is 0.")(
        _label_for_background
    )
    wrong(
        "a box for the background",
        "Background has no target box: write offsets only where the match is positive.",
    )(_box_for_background)


@wrong(
    "a class and a box for ignored regions",
    "Only positive regions have an object: use match.positive, not ~match.negative.",
)
def _not_negative(regions, match, target):
    return region_targets(regions, Match(match.target, ~match.negative, match.negative), target)


@wrong("the first object for every region", "match.target tells which object each region belongs to.")
def _first_object(regions, match, target):
    return region_targets(regions, match._replace(target=torch.zeros_like(match.target)), target)


@wrong(
    "the objects in their own order",
    "The regions come in any order, and several may be on one object: look up match.target[match.positive].",
)
def _in_order(regions, match, target):
    labels, offsets = torch.zeros_like(match.target), torch.zeros_like(regions)
    labels[match.positive] = target["labels"]
    offsets[match.positive] = ops.encode_boxes(target["boxes"], regions[match.positive], OFFSET_WEIGHTS)
    return labels, offsets


# ---------------------------------------------------------------- the offsets, and what is returned


@wrong("from the object to the region", "The offsets lead from the region to its object.")
def _the_wrong_way(regions, match, target):
    labels, offsets = region_targets(regions, match, target)
    found, objects = match.positive, match.target[match.positive]
    offsets[found] = ops.encode_boxes(regions[found], target["boxes"][objects], OFFSET_WEIGHTS)
    return labels, offsets


def _with_rows(rows):
    """The right labels, with other rows for positive regions: rows(regions, boxes of their objects)."""

    def function(regions, match, target):
        labels, offsets = region_targets(regions, match, target)
        found = match.positive
        offsets[found] = rows(regions[found], target["boxes"][match.target[found]])
        return labels, offsets

    return function


wrong(
    "boxes instead of offsets",
    "The head learns offsets: ops.encode_boxes computes them from the region and the box.",
)(_with_rows(lambda r, b: b))
wrong(
    "differences of the corners",
    "Use the offsets of lab 04, in sides of the region and in logarithms: ops.encode_boxes.",
)(_with_rows(lambda r, b: b - r))


@wrong("rows of the positive regions alone", "Background regions are trained on too: return R rows.")
def _positives_alone(regions, match, target):
    return tuple(part[match.positive] for part in region_targets(regions, match, target))


@wrong("offsets first", "Return the labels, then the offsets.")
def _order(regions, match, target):
    return region_targets(regions, match, target)[::-1]


@wrong("the caller's target changed", "Its labels are needed again: write into a new tensor, torch.zeros.")
def _target_changed(regions, match, target):
    answer = region_targets(regions, match, target)
    if len(target["labels"]):
        target["labels"][match.target[~match.positive]] = 0
    return answer


@wrong(
    "label 0 for an object that is the target of a background region",
    "The target of a negative region means nothing: change the labels of regions, never those of objects.",
)
def _objects_without_label(regions, match, target):
    labels, offsets = region_targets(regions, match, target)
    if len(target["labels"]):
        target["labels"][match.target[~match.positive]] = 0
        labels = target["labels"][match.target]
    return labels, offsets


@wrong("the caller's regions changed", "They are pooled afterwards: write the offsets into a new tensor.")
def _regions_changed(regions, match, target):
    labels, offsets = region_targets(regions, match, target)
    return labels, regions.copy_(offsets)


raises(
    REGION_TARGETS,
    "an error without objects",
    "In an image without objects there is nothing to look up: look up only for positive regions.",
    lambda regions, match, target: not len(target["labels"]),
    IndexError,
    RuntimeError,
    ValueError,
)

EXERCISES = (REGION_TARGETS,)
