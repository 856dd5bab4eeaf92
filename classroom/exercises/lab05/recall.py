"""Lab 05, first part: how many objects the first k proposals cover."""

from collections.abc import Sequence

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab05.pictures import covered_picture
from coursekit import metrics
from coursekit.ops import box_iou


def proposal_recall(proposals: Sequence[Tensor], boxes: Sequence[Tensor], k: int) -> float:
    """The share of all objects that one of the first k proposals of its image covers with an IoU of 0.5."""
    return metrics.proposal_recall(proposals, boxes, k)


_APPLE, _BOOK = (0, 0, 20, 10), (40, 10, 60, 50)
_NEAR_APPLE = (1, 0, 20, 10)
_TWINS = boxes((0, 0, 20, 10), (0, 0, 20, 13))

_OBJECTS = [random_boxes(2 + i, i + 9) for i in range(3)]
_MANY = [  # an object of each image is the 21st box, another the last
    torch.cat([random_boxes(20, i), true[:1] + 0.5, random_boxes(20, i + 3), true[1:2]])
    for i, true in enumerate(_OBJECTS)
]

PROPOSAL_RECALL = Exercise(
    proposal_recall,
    picture=covered_picture,
    hints=(
        "For each object ask one question: does any of the first k boxes of its image cover it? Count the yes.",
        "ops.box_iou(proposals[:k], boxes) is (k, G). Which axis do you ask `any` along?",
        "found = sum((ops.box_iou(p[:k], b) >= 0.5).any(0).sum() for p, b in zip(proposals, boxes)); "
        "divide by the number of all objects.",
    ),
    cases=(
        Case("one object, one box on it", ([boxes(_APPLE)], [boxes(_APPLE)], 1)),
        Case("two boxes on the same object", ([boxes(_APPLE, _NEAR_APPLE)], [boxes(_APPLE, _BOOK)], 2)),
        Case(
            "the third box is too late",
            ([boxes(_APPLE, (70, 0, 80, 9), _BOOK)], [boxes(_APPLE, _BOOK)], 2),
        ),
        Case("one box on two objects", ([boxes((0, 0, 20, 12))], [_TWINS], 1)),
        Case("an IoU of just 0.5", ([boxes((0, 0, 20, 5))], [boxes(_APPLE)], 1)),
        Case(
            "images with one object and with three",
            (
                [boxes(_APPLE), boxes((70, 0, 80, 9), _BOOK)],
                [boxes(_APPLE), boxes(_APPLE, _BOOK, (80, 60, 90, 70))],
                2,
            ),
        ),
        Case("an image without proposals", ([boxes(), boxes(_BOOK)], [boxes(_APPLE), boxes(_BOOK)], 5)),
        Case("three images, forty-two boxes each", (_MANY, _OBJECTS, 25)),
    ),
)


def _hits(proposals: Sequence[Tensor], boxes: Sequence[Tensor], k: int) -> float:
    pairs = zip(proposals, boxes, strict=True)
    return float(sum(((box_iou(p[:k], b) >= 0.5).any(1)).sum() for p, b in pairs))


@PROPOSAL_RECALL.wrong(
    "an object counted twice",
    "Count objects that some box covers, not boxes that cover some object: recall never exceeds 1.",
)
def _counted_twice(proposals: Sequence[Tensor], boxes: Sequence[Tensor], k: int) -> float:
    return _hits(proposals, boxes, k) / sum(map(len, boxes))


@PROPOSAL_RECALL.wrong(
    "precision", "Recall is a share of the objects, not of the boxes: most proposals may miss."
)
def _precision(proposals: Sequence[Tensor], boxes: Sequence[Tensor], k: int) -> float:
    return _hits(proposals, boxes, k) / max(sum(min(len(p), k) for p in proposals), 1)


@PROPOSAL_RECALL.wrong(
    "the mean over images", "All objects of all images count alike: an image with three has three votes."
)
def _mean_of_images(proposals: Sequence[Tensor], boxes: Sequence[Tensor], k: int) -> float:
    each = [metrics.proposal_recall([p], [b], k) for p, b in zip(proposals, boxes, strict=True)]
    return sum(each) / len(each)


@PROPOSAL_RECALL.wrong("all proposals", "Only the first k of each image count.")
def _all_of_them(proposals: Sequence[Tensor], boxes: Sequence[Tensor], k: int) -> float:
    return metrics.proposal_recall(proposals, boxes, max(map(len, proposals)))


@PROPOSAL_RECALL.wrong("the last k", "The best proposals come first.")
def _the_last(proposals: Sequence[Tensor], boxes: Sequence[Tensor], k: int) -> float:
    return metrics.proposal_recall([p[-k:] for p in proposals], boxes, k)


@PROPOSAL_RECALL.wrong("more than half", "An IoU of just 0.5 is enough: >=.")
def _above_half(proposals: Sequence[Tensor], boxes: Sequence[Tensor], k: int) -> float:
    return metrics.proposal_recall(proposals, boxes, k, iou_threshold=0.5 + 1e-4)


@PROPOSAL_RECALL.wrong(
    "one object a proposal", "Here a box may cover two objects: a proposal only says where to look closer."
)
def _one_each(proposals: Sequence[Tensor], boxes: Sequence[Tensor], k: int) -> float:
    found = 0
    for p, b in zip(proposals, boxes, strict=True):
        free = torch.ones(len(b), dtype=torch.bool)
        for row in box_iou(p[:k], b):
            candidates = row.masked_fill(~free, 0)
            if candidates.numel() and candidates.max() >= 0.5:
                free[candidates.argmax()] = False
        found += int((~free).sum())
    return found / sum(map(len, boxes))


EXERCISES = (PROPOSAL_RECALL,)
