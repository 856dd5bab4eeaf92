"""Lab 03, section 6: suppression class by class."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.alike import any_integers
from classroom.exercises.lab03.heaps import CHAIN, HEAPS, SCORES
from classroom.exercises.lab03.nms import nms
from classroom.exercises.lab03.pictures import kept_picture
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.museum.geometry import GEOMETRY_BUGS
from coursekit import ops


def batched_nms(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Return the indices of the boxes that suppression within each class keeps, the best of all classes first."""
    far = boxes.max() + 1 if len(boxes) else 0  # classes so far apart never overlap
    return nms(boxes + (idxs * far)[:, None], scores, iou_threshold)


_DOG_AND_CAT = (boxes((0, 0, 20, 10), (2, 0, 22, 10)), torch.tensor([0.8, 0.9]))
_PIXEL = boxes((0, 0, 1, 1), (0, 0, 1, 1))
_SIDE_BY_SIDE = boxes((0, 0, 20, 10), (15, 0, 35, 10))

BATCHED_NMS = Exercise(
    batched_nms,
    picture=kept_picture,
    judge=any_integers,
    hints=(
        "Could you call your `nms` once for each class? Or move the classes so far apart that their boxes never overlap?",
        "shift = class * (largest coordinate + 1), added to all four sides; then one `nms`.",
        "far = boxes.max() + 1 if len(boxes) else 0; return nms(boxes + (idxs * far)[:, None], scores, iou_threshold)",
    ),
    cases=(
        Case("two boxes of one class", (*_DOG_AND_CAT, torch.tensor([3, 3]), 0.5)),
        Case("a cat in front of a dog", (*_DOG_AND_CAT, torch.tensor([1, 2]), 0.5)),
        Case("classes with numbers far apart", (*_DOG_AND_CAT, torch.tensor([0, 40]), 0.5)),
        Case("two of one class side by side", (_SIDE_BY_SIDE, _DOG_AND_CAT[1], torch.tensor([5, 5]), 0.5)),
        Case("a low threshold", (_SIDE_BY_SIDE, _DOG_AND_CAT[1], torch.tensor([5, 5]), 0.1)),
        Case("one pixel, two classes", (_PIXEL, _DOG_AND_CAT[1], torch.tensor([0, 1]), 0.5)),
        Case(
            "an IoU of exactly the threshold",
            (boxes((0, 0, 4, 4), (0, 0, 4, 2)), _DOG_AND_CAT[1], torch.tensor([3, 3]), 0.5),
        ),
        Case("a chain of one class", (CHAIN, torch.tensor([0.9, 0.8, 0.7]), torch.tensor([1, 1, 1]), 0.4)),
        Case("a chain of two classes", (CHAIN, torch.tensor([0.9, 0.8, 0.7]), torch.tensor([1, 0, 0]), 0.4)),
        Case("three heaps, two classes", (HEAPS, SCORES, torch.tensor([1, 0, 0, 1, 0, 1]), 0.5)),
        Case(
            "a box of the first class at the end",
            (HEAPS, SCORES.flip(0), torch.tensor([1, 0, 0, 0, 1, 0]), 0.5),
        ),
        Case("no boxes", (boxes(), torch.zeros(0), torch.zeros(0, dtype=torch.int64), 0.5)),
        Case("thirty boxes of three classes", (random_boxes(30), uniform(30), torch.arange(30) % 3, 0.3)),
    ),
)

BATCHED_NMS.wrong_answers.append(
    {bug.name: bug.as_wrong_answer() for bug in GEOMETRY_BUGS}["suppression across classes"]
)


def _kept(boxes, scores, idxs, iou_threshold, labels=None):
    """What each class keeps, class after class."""
    kept = [idxs[:0]]
    for label in idxs.unique() if labels is None else labels:
        members = (idxs == label).nonzero()[:, 0]
        kept.append(members[nms(boxes[members], scores[members], iou_threshold)])
    return torch.cat(kept)


def _best_first(kept, scores):
    return kept[scores[kept].argsort(descending=True, stable=True)]


@BATCHED_NMS.wrong("class after class", "The best box of all classes comes first: sort by score at the end.")
def _class_by_class(boxes, scores, idxs, iou_threshold):
    return _kept(boxes, scores, idxs, iou_threshold)


def _places_within(boxes, scores, idxs, iou_threshold):
    kept = [nms(boxes[idxs == label], scores[idxs == label], iou_threshold) for label in idxs.unique()]
    return torch.cat([idxs[:0], *kept])


@BATCHED_NMS.wrong(
    "places within the class", "`nms` returns places among the boxes that it was given: translate them back."
)
def _places_within_the_class(boxes, scores, idxs, iou_threshold):
    return _places_within(boxes, scores, idxs, iou_threshold)


@BATCHED_NMS.wrong(
    "places within the class, sorted by the scores of other boxes",
    "`nms` returns places among the boxes that it was given: translate them back before you look up their scores.",
)
def _places_sorted(boxes, scores, idxs, iou_threshold):
    return _best_first(_places_within(boxes, scores, idxs, iou_threshold), scores)


@BATCHED_NMS.wrong(
    "ranks instead of indices", "argsort gives places among the kept boxes: look up their indices with it."
)
def _ranks(boxes, scores, idxs, iou_threshold):
    return scores[_kept(boxes, scores, idxs, iou_threshold)].argsort(descending=True, stable=True)


@BATCHED_NMS.wrong("the worst of the kept boxes first", "The best box of all classes comes first.")
def _worst_first(boxes, scores, idxs, iou_threshold):
    return batched_nms(boxes, scores, idxs, iou_threshold).flip(0)


@BATCHED_NMS.wrong("indices in the order of the list", "The best box comes first.")
def _order_of_the_list(boxes, scores, idxs, iou_threshold):
    return batched_nms(boxes, scores, idxs, iou_threshold).sort().values


@BATCHED_NMS.wrong(
    "the worst box of each class kept", "Sort by score with descending=True: the best one stays."
)
def _worst_kept(boxes, scores, idxs, iou_threshold):
    return batched_nms(boxes, -scores, idxs, iou_threshold)


@BATCHED_NMS.wrong(
    "classes moved apart too little",
    "Boxes of different classes must no longer overlap: move them by more than the largest coordinate.",
)
def _shifted_too_little(boxes, scores, idxs, iou_threshold):
    return nms(boxes + idxs[:, None], scores, iou_threshold)


@BATCHED_NMS.wrong(
    "only the classes 0, 1, … up to their number",
    "The class numbers may have gaps: go through idxs.unique() itself.",
)
def _without_gaps(boxes, scores, idxs, iou_threshold):
    labels = range(len(idxs.unique()))
    return _best_first(_kept(boxes, scores, idxs, iou_threshold, labels), scores)


@BATCHED_NMS.wrong("the last class left out", "`range(n)` stops before n: go through idxs.unique() itself.")
def _last_class_lost(boxes, scores, idxs, iou_threshold):
    labels = range(int(idxs.max())) if len(idxs) else ()
    return _best_first(_kept(boxes, scores, idxs, iou_threshold, labels), scores)


@BATCHED_NMS.wrong("class 0 left out", "Here class 0 is a class like any other, not the background.")
def _no_background(boxes, scores, idxs, iou_threshold):
    labels = [label for label in idxs.unique().tolist() if label]
    return _best_first(_kept(boxes, scores, idxs, iou_threshold, labels), scores)


@BATCHED_NMS.wrong(
    "at least instead of more than", "A box is removed if its IoU is *larger* than the threshold."
)
def _at_least(boxes, scores, idxs, iou_threshold):
    return batched_nms(boxes, scores, idxs, iou_threshold - 1e-6)


@BATCHED_NMS.wrong("one box per class", "Boxes of one class that do not overlap are different objects.")
def _one_per_class(boxes, scores, idxs, iou_threshold):
    return _best_first(_kept(boxes, scores, idxs, -1.0), scores)


@BATCHED_NMS.wrong("no overlap allowed at all", "Use the threshold that you were given.")
def _no_overlap(boxes, scores, idxs, iou_threshold):
    return batched_nms(boxes, scores, idxs, 0.0)


@BATCHED_NMS.wrong("the threshold 0.5 fixed", "Use the threshold that you were given.")
def _always_half(boxes, scores, idxs, iou_threshold):
    return batched_nms(boxes, scores, idxs, 0.5)


@BATCHED_NMS.wrong(
    "suppression across classes after that within them",
    "Boxes of different classes never compete: after suppression within each class, only sort.",
)
def _twice(boxes, scores, idxs, iou_threshold):
    kept = _kept(boxes, scores, idxs, iou_threshold)
    return kept[nms(boxes[kept], scores[kept], iou_threshold)]


@BATCHED_NMS.wrong("boxes of other classes as rivals", "Only boxes of the same class remove each other.")
def _other_classes(boxes, scores, idxs, iou_threshold):
    table, kept = ops.box_iou(boxes, boxes), []
    for i in scores.argsort(descending=True, stable=True).tolist():
        if all(table[i, k] <= iou_threshold for k in kept if idxs[i] != idxs[k]):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


@BATCHED_NMS.wrong(
    "nothing suppressed", "Call `nms` for each class, or once for classes that are moved apart."
)
def _all_kept(boxes, scores, idxs, iou_threshold):
    return scores.argsort(descending=True, stable=True)


@BATCHED_NMS.wrong("a mask instead of indices", "Return indices, the best first: a mask has no order.")
def _mask(boxes, scores, idxs, iou_threshold):
    return torch.isin(torch.arange(len(boxes)), batched_nms(boxes, scores, idxs, iou_threshold))


@BATCHED_NMS.wrong(
    "a float result without boxes", "torch.tensor([]) holds floats: create it with dtype=torch.int64."
)
def _empty_floats(boxes, scores, idxs, iou_threshold):
    return batched_nms(boxes, scores, idxs, iou_threshold) if len(boxes) else torch.tensor([])


BATCHED_NMS.wrong("the caller's boxes overwritten", "They are needed again: work on a copy, or on indices.")(
    overwriting(batched_nms, 0)
)
BATCHED_NMS.wrong("the caller's scores overwritten", "They are needed again: work on a copy, or on indices.")(
    overwriting(batched_nms, 1)
)
BATCHED_NMS.wrong(
    "an error without boxes", "Without boxes there is no largest coordinate: return an empty int64 tensor."
)(failing_when(lambda boxes, *_: not len(boxes), batched_nms))

EXERCISES = (BATCHED_NMS,)
