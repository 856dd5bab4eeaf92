"""Lab 06, exercise 9: the reference of the targets, and wrong answers about the scale and the labels."""

import torch
from torch import Tensor

from classroom.exercises.mistakes import Mistakes
from coursekit import ops
from coursekit.models.fast_rcnn import OFFSET_WEIGHTS
from coursekit.ops import Match
from coursekit.schema import Target


def region_targets(regions: Tensor, match: Match, target: Target) -> tuple[Tensor, Tensor]:
    """The label of each region, 0 for background, and its offsets times (10, 10, 5, 5), 0 for background: (R,), (R, 4)."""
    labels, offsets = torch.zeros_like(match.target), torch.zeros_like(regions)
    found, objects = match.positive, match.target[match.positive]
    labels[found] = target["labels"][objects]
    offsets[found] = ops.encode_boxes(target["boxes"][objects], regions[found], OFFSET_WEIGHTS)
    return labels, offsets


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


# ---------------------------------------------------------------- the scale


def _scaled(*factors):
    """The offsets times other weights."""

    def function(regions, match, target):
        labels, offsets = region_targets(regions, match, target)
        return labels, offsets * torch.tensor(factors)

    return function


for _name, _story, *_factors in (
    (
        "offsets without their scale",
        "Proposals are nearly right: without the scale the offsets are about 0.1, and they hardly affect the loss.",
        0.1,
        0.1,
        0.2,
        0.2,
    ),
    (
        "divided by the scale",
        "Encoding multiplies by (10, 10, 5, 5); decoding divides.",
        0.01,
        0.01,
        0.04,
        0.04,
    ),
    (
        "the scales of centre and sides swapped",
        "The scale is 10 for the shifts of the centre and 5 for the sides.",
        0.5,
        0.5,
        2,
        2,
    ),
    ("the scale in the order of x and w", "The order is dx, dy, dw, dh: (10, 10, 5, 5).", 1, 0.5, 2, 1),
    ("the scale twice", "ops.encode_boxes multiplies by the weights that it is given.", 10, 10, 5, 5),
    (
        "a scale of 10 for all four",
        "The scale is 10 for the shifts of the centre and 5 for the sides.",
        1,
        1,
        2,
        2,
    ),
    (
        "a scale of 5 for all four",
        "The scale is 10 for the shifts of the centre and 5 for the sides.",
        0.5,
        0.5,
        1,
        1,
    ),
    ("the opposite direction of the shifts", "The offsets lead from the region to its object.", -1, -1, 1, 1),
    ("no offsets", "Positive regions have offsets: ops.encode_boxes.", 0, 0, 0, 0),
):
    wrong(_name, _story)(_scaled(*_factors))


# ---------------------------------------------------------------- labels


def _with_labels(function):
    """The right offsets with other labels."""
    return lambda r, m, t: (function(region_targets(r, m, t)[0], m, t), region_targets(r, m, t)[1])


@wrong("labels that start at 0", "0 is the background; the first class is 1, as in the target.")
@_with_labels
def _labels_from_zero(labels, match, target):
    return (labels - 1).where(match.positive, 0)


@wrong("labels one too high", "The labels of the target already start at 1.")
@_with_labels
def _one_too_high(labels, match, target):
    return (labels + 1).where(match.positive, 0)


@wrong("1 for every object", "The second stage distinguishes the classes: use the label of the object.")
@_with_labels
def _one_class(labels, match, target):
    return match.positive.long()


@wrong(
    "the number of the object instead of its label",
    'match.target tells which object it is: look up its class in target["labels"].',
)
@_with_labels
def _object_as_label(labels, match, target):
    return match.target.where(match.positive, 0)


@wrong(
    "the number of the object, counted from 1, instead of its label",
    'match.target tells which object it is: look up its class in target["labels"].',
)
@_with_labels
def _object_from_one(labels, match, target):
    return (match.target + 1).where(match.positive, 0)


@wrong("-1 for the background", "The label of the background is 0.")
@_with_labels
def _minus_one(labels, match, target):
    return labels.where(match.positive, -1)


@wrong("the background as the last class", "The label of the background is 0.")
@_with_labels
def _last_class(labels, match, target):
    return labels.where(match.positive, int(target["labels"].max()) + 1 if len(target["labels"]) else 1)


@wrong("ignored regions kept apart from the background", "Only a positive region has a label other than 0.")
@_with_labels
def _ignored_apart(labels, match, target):
    return labels.where(match.positive | match.negative, -1)


@wrong("float labels", "Labels must be int64 for the cross-entropy.")
@_with_labels
def _float_labels(labels, match, target):
    return labels.float()
