"""Lab 03, section 6: of boxes that overlap too much, keep the best."""

import torch

from classroom.exercises.cases import boxes, random_boxes, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.pictures import kept_picture
from classroom.museum.geometry import GEOMETRY_BUGS
from coursekit import ops

MUSEUM = {bug.name: bug.as_wrong_answer() for bug in GEOMETRY_BUGS}

_CHAIN = boxes((0, 0, 10, 10), (4, 0, 14, 10), (8, 0, 18, 10))
_HEAPS = boxes(
    (2, 0, 22, 12), (0, 0, 20, 10), (60, 5, 75, 30), (1, 1, 20, 12), (58, 4, 74, 30), (30, 20, 40, 44)
)
_SCORES = torch.tensor([0.6, 0.9, 0.5, 0.7, 0.8, 0.3])

NMS = Exercise(
    ops.nms,
    picture=kept_picture,
    speed=lambda: (random_boxes(300), uniform(300), 0.5),
    hints=(
        "Take the best box. Which of the others can go? Then take the best of those that are left.",
        "kept = best; remove all with IoU(best, other) > threshold; repeat until none is left.",
        "order = scores.argsort(descending=True); while len(order): best, order = order[0], order[1:]; kept.append(best); order = order[box_iou(...)[0] <= iou_threshold]",
    ),
    cases=(
        Case("one box", (boxes((0, 0, 4, 4)), torch.tensor([0.5]), 0.5)),
        Case(
            "the better of two is second", (boxes((0, 0, 4, 4), (0, 0, 4, 5)), torch.tensor([0.8, 0.9]), 0.5)
        ),
        Case(
            "two boxes apart, the better is second",
            (boxes((0, 0, 4, 4), (8, 0, 12, 4)), torch.tensor([0.4, 0.9]), 0.5),
        ),
        Case(
            "an IoU of exactly the threshold",
            (boxes((0, 0, 4, 4), (0, 0, 4, 2)), torch.tensor([0.9, 0.8]), 0.5),
        ),
        Case("a chain of three", (_CHAIN, torch.tensor([0.9, 0.8, 0.7]), 0.4)),
        Case("two heaps and a loner", (_HEAPS, _SCORES, 0.5)),
        Case("no boxes", (boxes(), torch.zeros(0), 0.5)),
        Case("twenty boxes", (random_boxes(20), uniform(20), 0.3)),
    ),
)

NMS.wrong_answers.append(MUSEUM["the worst box is kept"])


def _greedy(boxes, scores, rivals):
    order, kept = scores.argsort(descending=True, stable=True), []
    while len(order):
        kept.append(order[0])
        order = order[1:][~rivals(ops.box_iou(boxes[order[:1]], boxes[order[1:]])[0])]
    return torch.stack(kept) if kept else order


@NMS.wrong("at least instead of more than", "A box goes when the IoU is *larger* than the threshold.")
def _at_least(boxes, scores, iou_threshold):
    return _greedy(boxes, scores, lambda iou: iou >= iou_threshold)


@NMS.wrong(
    "suppressed boxes suppress others",
    "Only a box that is kept removes others: the third of a chain is free again.",
)
def _dead_boxes_kill(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    rival = (ops.box_iou(boxes[order], boxes[order]) > iou_threshold).triu(1)
    return order[~rival.any(0)]


@NMS.wrong("each box compared with the one before only", "Compare with every box that was kept.")
def _neighbours_in_the_list(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    iou = ops.box_iou(boxes[order], boxes[order]).diagonal(1)
    return order[torch.cat([torch.ones(min(len(order), 1), dtype=torch.bool), iou <= iou_threshold])]


@NMS.wrong("ranks instead of indices", "Return the places in the list as it was given.")
def _ranks(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    return ops.nms(boxes[order], scores[order], iou_threshold)


@NMS.wrong("indices in the order of the list", "The best box comes first.")
def _in_order_of_the_list(boxes, scores, iou_threshold):
    return ops.nms(boxes, scores, iou_threshold).sort().values


@NMS.wrong("only the best box of all", "Boxes that do not overlap are other objects.")
def _the_best_only(boxes, scores, iou_threshold):
    return ops.nms(boxes, scores, iou_threshold)[:1]


_DOG_AND_CAT = (boxes((0, 0, 20, 10), (2, 0, 22, 10)), torch.tensor([0.8, 0.9]))

BATCHED_NMS = Exercise(
    ops.batched_nms,
    picture=kept_picture,
    hints=(
        "Could you call your `nms` once for each class? Or move the classes so far apart that they never meet?",
        "shift = class * (largest coordinate + 1), added to all four sides; then one `nms`.",
        "far = boxes.max() + 1 (if there are boxes); return nms(boxes + (idxs * far)[:, None], scores, iou_threshold)",
    ),
    cases=(
        Case("two boxes of one class", (*_DOG_AND_CAT, torch.tensor([3, 3]), 0.5)),
        Case("a cat in front of a dog", (*_DOG_AND_CAT, torch.tensor([1, 2]), 0.5)),
        Case("classes with numbers far apart", (*_DOG_AND_CAT, torch.tensor([0, 40]), 0.5)),
        Case(
            "two of one class side by side",
            (boxes((0, 0, 20, 10), (15, 0, 35, 10)), _DOG_AND_CAT[1], torch.tensor([5, 5]), 0.5),
        ),
        Case("three heaps, two classes", (_HEAPS, _SCORES, torch.tensor([1, 0, 0, 1, 0, 1]), 0.5)),
        Case(
            "a box of the first class at the end",
            (_HEAPS, _SCORES.flip(0), torch.tensor([1, 0, 0, 0, 1, 0]), 0.5),
        ),
        Case("no boxes", (boxes(), torch.zeros(0), torch.zeros(0, dtype=torch.int64), 0.5)),
        Case("thirty boxes of three classes", (random_boxes(30), uniform(30), torch.arange(30) % 3, 0.3)),
    ),
)

BATCHED_NMS.wrong_answers.append(MUSEUM["suppression across classes"])


def _within(boxes, scores, idxs, label, iou_threshold):
    members = (idxs == label).nonzero()[:, 0]
    return members[ops.nms(boxes[members], scores[members], iou_threshold)]


@BATCHED_NMS.wrong("class after class", "The best box of all classes comes first: sort by score at the end.")
def _class_by_class(boxes, scores, idxs, iou_threshold):
    kept = [_within(boxes, scores, idxs, label, iou_threshold) for label in idxs.unique()]
    return torch.cat(kept) if kept else idxs


@BATCHED_NMS.wrong(
    "places within the class", "`nms` numbers the boxes that it was given: translate them back."
)
def _places_within_the_class(boxes, scores, idxs, iou_threshold):
    kept = [ops.nms(boxes[idxs == label], scores[idxs == label], iou_threshold) for label in idxs.unique()]
    return torch.cat(kept) if kept else idxs


@BATCHED_NMS.wrong(
    "classes moved apart too little",
    "Boxes of two classes must not overlap any more: move them by more than the largest coordinate.",
)
def _shifted_too_little(boxes, scores, idxs, iou_threshold):
    return ops.nms(boxes + idxs[:, None], scores, iou_threshold)


@BATCHED_NMS.wrong("indices in the order of the list", "The best box comes first.")
def _order_of_the_list(boxes, scores, idxs, iou_threshold):
    return ops.batched_nms(boxes, scores, idxs, iou_threshold).sort().values


@BATCHED_NMS.wrong("no overlap allowed at all", "Use the threshold that you were given.")
def _one_of_each_class(boxes, scores, idxs, iou_threshold):
    return ops.batched_nms(boxes, scores, idxs, 0.0)


EXERCISES = (NMS, BATCHED_NMS)
