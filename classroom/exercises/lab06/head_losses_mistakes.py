"""Lab 06, exercise 10: the reference of both losses, and wrong answers about class and box."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.lab06.rpn_losses_mistakes import Losses, smooth
from classroom.exercises.mistakes import Mistakes
from coursekit.models.fast_rcnn import BETA, of_class


def head_losses(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> Losses:
    """The mean cross-entropy of all regions, and the smooth L1 loss of those on objects, in the box of their class, over R.

    Shapes: (R, K + 1), (R, K, 4), (R,) 0 for background, (R, 4) -> (), ().
    """
    found, count = labels > 0, max(len(labels), 1)
    box = smooth(of_class(offsets[found], labels[found]), wanted[found])
    return F.cross_entropy(logits, labels, reduction="sum") / count, box / count


MISTAKES = Mistakes()
wrong = MISTAKES.wrong


def count_of(labels):
    return max(len(labels), 1)


def _with_class(function):
    """The losses with another sum of the class loss."""
    return lambda l, o, t, w: (function(l, t) / count_of(t), head_losses(l, o, t, w)[1])  # noqa: E741


def _with_box(function):
    """The losses with another sum of the box loss: function(offsets, labels, wanted, logits)."""
    return lambda l, o, t, w: (head_losses(l, o, t, w)[0], function(o, t, w, l) / count_of(t))  # noqa: E741


# ---------------------------------------------------------------- the class


@wrong(
    "the class loss of objects alone",
    "A head that never learns what background is detects objects everywhere: all regions have a class loss.",
)
@_with_class
def _class_of_objects(logits, labels):
    return F.cross_entropy(logits[labels > 0], labels[labels > 0], reduction="sum")


@wrong(
    "the class loss of objects alone, divided by their number",
    "All regions have a class loss, and both losses are divided by R.",
)
def _mean_of_objects(logits, offsets, labels, wanted):
    what = F.cross_entropy(logits[labels > 0], labels[labels > 0], reduction="sum")
    return what / max(int((labels > 0).sum()), 1), head_losses(logits, offsets, labels, wanted)[1]


@wrong("the background as the last class", "The background is column 0.")
@_with_class
def _background_last(logits, labels):
    return F.cross_entropy(logits, (labels - 1) % logits.shape[1], reduction="sum")


@wrong("a softmax before the cross-entropy", "F.cross_entropy takes logits and applies the softmax itself.")
@_with_class
def _softmax_twice(logits, labels):
    return F.cross_entropy(logits.softmax(1), labels, reduction="sum")


@wrong("a softmax over the regions", "Each region has its own probabilities: dim=1.")
@_with_class
def _over_regions(logits, labels):
    return -logits.log_softmax(0)[torch.arange(len(labels)), labels].sum()


@wrong(
    "a binary cross-entropy per column",
    "A region has one class or is background: one softmax over K + 1 columns.",
)
@_with_class
def _binary(logits, labels):
    one_hot = (torch.arange(logits.shape[1]) == labels[:, None]).float()
    return F.binary_cross_entropy_with_logits(logits, one_hot, reduction="sum")


@wrong("logits without a softmax", "The loss is -log of the probability: F.cross_entropy.")
@_with_class
def _without_softmax(logits, labels):
    return -logits[torch.arange(len(labels)), labels].sum()


# ---------------------------------------------------------------- the box


def _found(labels):
    return (labels > 0).nonzero()[:, 0]


@wrong("a box loss of background", "Background has no target box, and label - 1 would be -1, the last class.")
@_with_box
def _box_of_background(offsets, labels, wanted, logits):
    return smooth(offsets[torch.arange(len(labels)), labels - 1], wanted)


@wrong(
    "the box of the next class",
    "Labels start at 1 but boxes at 0, because background has no box: offsets[..., label - 1].",
)
@_with_box
def _next_class(offsets, labels, wanted, logits):
    rows = _found(labels)
    return smooth(offsets[rows, labels[rows] % offsets.shape[1]], wanted[rows])


@wrong(
    "the box of the next class",
    "Labels start at 1 but boxes at 0, because background has no box: offsets[..., label - 1].",
)
@_with_box
def _next_class_or_error(offsets, labels, wanted, logits):
    rows = _found(labels)
    return smooth(offsets[rows, labels[rows]], wanted[rows])


@wrong(
    "the box of the previous class", "The box of class 1 is offsets[:, 0]: subtract 1 from the label once."
)
@_with_box
def _class_before(offsets, labels, wanted, logits):
    rows = _found(labels)
    return smooth(offsets[rows, labels[rows] - 2], wanted[rows])


@wrong("the box of class 1 for all", "Each class has its own box: offsets[..., label - 1].")
@_with_box
def _first_class(offsets, labels, wanted, logits):
    return smooth(offsets[_found(labels), 0], wanted[labels > 0])


@wrong(
    "the box of the predicted class",
    "Train the box of the true class: the head is trained to predict that class, too.",
)
@_with_box
def _predicted_class(offsets, labels, wanted, logits):
    rows = _found(labels)
    return smooth(offsets[rows, logits[rows, 1:].argmax(1)], wanted[rows])


@wrong(
    "the boxes of all classes trained",
    "Each class has its own box: only the one of the true class has a target.",
)
@_with_box
def _all_classes(offsets, labels, wanted, logits):
    found = labels > 0
    return smooth(offsets[found], wanted[found][:, None].expand_as(offsets[found]))


@wrong(
    "the mean box of all classes trained",
    "Each class has its own box: only the one of the true class has a target.",
)
@_with_box
def _mean_box(offsets, labels, wanted, logits):
    return smooth(offsets[labels > 0].mean(1), wanted[labels > 0])


def _differences(offsets, labels, wanted):
    return of_class(offsets[labels > 0], labels[labels > 0]) - wanted[labels > 0]


@wrong("a beta of 1", "Quadratic below beta and linear above: beta is 1/9, as in the first stage.")
@_with_box
def _beta_of_one(offsets, labels, wanted, logits):
    d = _differences(offsets, labels, wanted)
    return smooth(d, torch.zeros_like(d), 1.0)


@wrong("the absolute error", "Smooth L1 is quadratic below beta, and beta / 2 less above it.")
@_with_box
def _plain_l1(offsets, labels, wanted, logits):
    return _differences(offsets, labels, wanted).abs().sum()


@wrong("the squared error", "Smooth L1 is linear above beta, so that large errors do not dominate.")
@_with_box
def _squared(offsets, labels, wanted, logits):
    return _differences(offsets, labels, wanted).square().sum()


@wrong(
    "a parabola that is not divided by beta",
    "Below beta the loss is d² / (2 beta): only then does the parabola meet the line.",
)
@_with_box
def _steep(offsets, labels, wanted, logits):
    d = _differences(offsets, labels, wanted).abs()
    return torch.where(d < BETA, d**2 / 2, d - BETA / 2).sum()
