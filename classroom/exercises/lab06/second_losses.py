"""Lab 06, seventh part: the two losses of the second stage."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.first_losses import Losses, smooth
from classroom.exercises.lab06.pictures import numbers_picture
from coursekit.models.fast_rcnn import of_class


def head_losses(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> Losses:
    """The mean cross-entropy of all regions, and the smooth L1 loss of those on objects, in the box of their class, over R.

    Shapes: (R, K + 1), (R, K, 4), (R,) 0 for background, (R, 4) -> (), ().
    """
    found, count = labels > 0, max(len(labels), 1)
    box = smooth(of_class(offsets[found], labels[found]), wanted[found])
    return F.cross_entropy(logits, labels, reduction="sum") / count, box / count


def _head_case(labels: list[int], classes: int = 3, seed: int = 0) -> tuple:
    count = len(labels)
    logits, offsets = normal(count, classes + 1, seed=seed), normal(count, classes, 4, seed=seed + 1)
    return logits, offsets, torch.tensor(labels, dtype=torch.int64), normal(count, 4, seed=seed + 2)


HEAD_LOSSES = Exercise(
    head_losses,
    picture=numbers_picture,
    hints=(
        "All regions have a class. Which have a box, and which of its K boxes is meant?",
        "Cross-entropy of all, summed, / R; smooth L1 (beta 1/9) between offsets[i, label - 1] and wanted[i] "
        "for labels > 0, summed, / R.",
        "found = labels > 0; said = offsets[found, labels[found] - 1]; count = max(len(labels), 1); "
        'F.cross_entropy(logits, labels, reduction="sum") / count, ops.smooth_l1_loss(said, ..., reduction=..., beta=1 / 9) / count',
    ),
    cases=(
        Case("one region on an object of class 2", _head_case([2])),
        Case("an object and background", _head_case([1, 0], seed=3)),
        Case("background alone", _head_case([0, 0])),
        Case("the last class", _head_case([3, 0, 0], seed=4)),
        Case("no region", _head_case([])),
        Case("the gradient", _head_case([0, 2, 0, 1, 3, 0, 0, 2], seed=6), gradient=(0, 1)),
    ),
)


@HEAD_LOSSES.wrong(
    "the class loss of objects alone",
    "Whoever never learns what background is finds objects everywhere: all regions have a class loss.",
)
def _class_of_objects(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> Losses:
    found, box = labels > 0, head_losses(logits, offsets, labels, wanted)[1]
    return F.cross_entropy(logits[found], labels[found], reduction="sum") / max(int(found.sum()), 1), box


@HEAD_LOSSES.wrong(
    "a box loss of background", "Background has no box to reach, and label - 1 is then -1, the last class."
)
def _box_of_background(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> Losses:
    said = offsets[torch.arange(len(labels)), labels - 1]  # -1 is the last class
    return head_losses(logits, offsets, labels, wanted)[0], smooth(said, wanted) / max(len(labels), 1)


@HEAD_LOSSES.wrong(
    "the box of the next class",
    "Labels begin at 1 but boxes at 0, for background has none: offsets[..., label - 1].",
)
def _next_class(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> Losses:
    found = labels > 0
    said = offsets[found][torch.arange(int(found.sum())), labels[found] % offsets.shape[1]]
    return head_losses(logits, offsets, labels, wanted)[0], smooth(said, wanted[found]) / max(len(labels), 1)


@HEAD_LOSSES.wrong(
    "the boxes of all classes trained",
    "Each class has its own box: only that of the true class knows where to go.",
)
def _all_classes(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> Losses:
    found = labels > 0
    box = smooth(offsets[found], wanted[found][:, None].expand_as(offsets[found])) / max(len(labels), 1)
    return head_losses(logits, offsets, labels, wanted)[0], box


@HEAD_LOSSES.wrong("the box loss divided by the objects", "Both losses have one divisor: all regions.")
def _by_objects(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> Losses:
    category, box = head_losses(logits, offsets, labels, wanted)
    return category, box * max(len(labels), 1) / max(int((labels > 0).sum()), 1)


@HEAD_LOSSES.wrong("the background as the last class", "The background is column 0.")
def _background_last(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> Losses:
    moved = (labels - 1) % logits.shape[1]  # 0 -> K
    category = F.cross_entropy(logits, moved, reduction="sum") / max(len(labels), 1)
    return category, head_losses(logits, offsets, labels, wanted)[1]


@HEAD_LOSSES.wrong("a softmax before the cross-entropy", "F.cross_entropy takes logits and does that itself.")
def _softmax_twice(logits: Tensor, offsets: Tensor, labels: Tensor, wanted: Tensor) -> Losses:
    return head_losses(logits.softmax(1), offsets, labels, wanted)


EXERCISES = (HEAD_LOSSES,)
