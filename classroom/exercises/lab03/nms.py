"""Lab 03, section 6: of boxes that overlap too much, keep the best."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.alike import any_integers
from classroom.exercises.lab03.heaps import CHAIN, HEAPS, SCORES
from classroom.exercises.lab03.pictures import kept_picture
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.museum.geometry import GEOMETRY_BUGS
from coursekit import ops


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Return the indices of the boxes that no better kept box overlaps by more than the threshold, the best first."""
    left, kept = scores.argsort(descending=True, stable=True), []
    while len(left):
        kept.append(left[0])
        iou = ops.box_iou(boxes[left[:1]], boxes[left[1:]])[0]
        left = left[1:][iou <= iou_threshold]
    return torch.stack(kept) if kept else left


NMS = Exercise(
    nms,
    picture=kept_picture,
    judge=any_integers,
    speed=lambda: (random_boxes(300), uniform(300), 0.5),
    hints=(
        "Take the best box. Which of the others can go? Then take the best of those that are left.",
        "keep the best; remove all others with IoU(best, other) > threshold; repeat until none is left.",
        "order, kept = scores.argsort(descending=True), []; while len(order): best, order = order[0], order[1:]; kept.append(best); "
        "order = order[ops.box_iou(boxes[best][None], boxes[order])[0] <= iou_threshold]. At the end torch.stack(kept) if kept else order",
    ),
    cases=(
        Case("one box", (boxes((0, 0, 4, 4)), torch.tensor([0.5]), 0.5)),
        Case(
            "the better of two is second", (boxes((0, 0, 4, 4), (0, 0, 4, 5)), torch.tensor([0.8, 0.9]), 0.5)
        ),
        Case(
            "two boxes that do not overlap, the better is second",
            (boxes((0, 0, 4, 4), (8, 0, 12, 4)), torch.tensor([0.4, 0.9]), 0.5),
        ),
        Case(
            "an IoU of exactly the threshold",
            (boxes((0, 0, 4, 4), (0, 0, 4, 2)), torch.tensor([0.9, 0.8]), 0.5),
        ),
        Case("a small box inside a large one", (boxes((0, 0, 9, 9), (3, 3, 6, 6)), SCORES[:2], 0.5)),
        Case("a chain of three", (CHAIN, torch.tensor([0.9, 0.8, 0.7]), 0.4)),
        Case("the chain again, with a high threshold", (CHAIN, torch.tensor([0.7, 0.9, 0.8]), 0.7)),
        Case("two heaps and a loner", (HEAPS, SCORES, 0.5)),
        Case("no boxes", (boxes(), torch.zeros(0), 0.5)),
        Case("twenty boxes", (random_boxes(20), uniform(20), 0.3)),
    ),
)

NMS.wrong_answers.append({bug.name: bug.as_wrong_answer() for bug in GEOMETRY_BUGS}["the worst box is kept"])


def _greedy(boxes, scores, rivals, order=None):
    order, kept = scores.argsort(descending=True, stable=True) if order is None else order, []
    while len(order):
        kept.append(order[0])
        order = order[1:][~rivals(ops.box_iou(boxes[order[:1]], boxes[order[1:]])[0])]
    return torch.stack(kept) if kept else order


@NMS.wrong("at least instead of more than", "A box is removed if its IoU is *larger* than the threshold.")
def _at_least(boxes, scores, iou_threshold):
    return _greedy(boxes, scores, lambda iou: iou >= iou_threshold)


@NMS.wrong(
    "duplicates kept, other objects removed",
    "The comparison is the wrong way round: a box is removed if its IoU is larger than the threshold.",
)
def _the_wrong_way_round(boxes, scores, iou_threshold):
    return _greedy(boxes, scores, lambda iou: iou <= iou_threshold)


@NMS.wrong("the threshold 0.5 fixed", "Use the threshold that you were given.")
def _always_half(boxes, scores, iou_threshold):
    return _greedy(boxes, scores, lambda iou: iou > 0.5)


@NMS.wrong("no overlap allowed at all", "Use the threshold: a smaller overlap is allowed.")
def _touching(boxes, scores, iou_threshold):
    return _greedy(boxes, scores, lambda iou: iou > 0)


@NMS.wrong("one minus the threshold", "A box is removed if its IoU is larger than the threshold itself.")
def _complement(boxes, scores, iou_threshold):
    return _greedy(boxes, scores, lambda iou: iou > 1 - iou_threshold)


@NMS.wrong(
    "boxes in the order of the list", "Sort by score first: an earlier box must not beat a better one."
)
def _unsorted(boxes, scores, iou_threshold):
    return _greedy(boxes, scores, lambda iou: iou > iou_threshold, torch.arange(len(boxes)))


@NMS.wrong("boxes in the order of their size", "The best box is the one with the highest score.")
def _by_size(boxes, scores, iou_threshold):
    order = ops.box_area(boxes).argsort(descending=True, stable=True)
    return _greedy(boxes, scores, lambda iou: iou > iou_threshold, order)


def _by_table(boxes, scores, table, iou_threshold):
    """Suppression with another table of overlaps."""
    kept = []
    for i in scores.argsort(descending=True, stable=True).tolist():
        if all(table[i, k] <= iou_threshold for k in kept):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


def _shared(boxes):
    low = torch.maximum(boxes[:, None, :2], boxes[:, :2])
    return (torch.minimum(boxes[:, None, 2:], boxes[:, 2:]) - low).clamp(min=0).prod(-1)


@NMS.wrong(
    "the overlap divided by the smaller box",
    "Divide by the union: the IoU of a small object on a large one is low, so it is kept.",
)
def _of_the_smaller(boxes, scores, iou_threshold):
    areas = ops.box_area(boxes)
    return _by_table(boxes, scores, _shared(boxes) / torch.minimum(areas[:, None], areas), iou_threshold)


@NMS.wrong("the overlap divided by both areas", "Divide by the union: subtract the intersection once.")
def _of_both_areas(boxes, scores, iou_threshold):
    areas = ops.box_area(boxes)
    return _by_table(boxes, scores, _shared(boxes) / (areas[:, None] + areas), iou_threshold)


@NMS.wrong(
    "suppressed boxes suppress others",
    "Only a box that is kept removes others, so the third of a chain stays.",
)
def _dead_boxes_kill(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    rival = (ops.box_iou(boxes[order], boxes[order]) > iou_threshold).triu(1)
    return order[~rival.any(0)]


@NMS.wrong(
    "a box removed by any other",
    "Only a better box removes another: of two that overlap, the better one stays.",
)
def _any_rival(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    rival = ops.box_iou(boxes[order], boxes[order]).fill_diagonal_(0) > iou_threshold
    return order[~rival.any(0)]


@NMS.wrong("each box compared with the one before it only", "Compare with every box that was kept.")
def _neighbours_in_the_list(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    iou = ops.box_iou(boxes[order], boxes[order]).diagonal(1)
    return order[torch.cat([torch.ones(min(len(order), 1), dtype=torch.bool), iou <= iou_threshold])]


@NMS.wrong("each box compared with the last kept one only", "Compare with every box that was kept.")
def _last_kept(boxes, scores, iou_threshold):
    table, kept = ops.box_iou(boxes, boxes), []
    for i in scores.argsort(descending=True, stable=True).tolist():
        if not kept or table[i, kept[-1]] <= iou_threshold:
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


@NMS.wrong("one round only", "After the best box, continue with the best of the rest until none is left.")
def _one_round(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    rest = order[1:]
    return torch.cat([order[:1], rest[(ops.box_iou(boxes[order[:1]], boxes[rest]) <= iou_threshold).all(0)]])


@NMS.wrong("nothing suppressed", "A box that overlaps a kept one by more than the threshold is removed.")
def _all_kept(boxes, scores, iou_threshold):
    return scores.argsort(descending=True, stable=True)


@NMS.wrong("ranks instead of indices", "Return the places in the original list.")
def _ranks(boxes, scores, iou_threshold):
    order = scores.argsort(descending=True, stable=True)
    return nms(boxes[order], scores[order], iou_threshold)


@NMS.wrong("indices in the order of the list", "The best box comes first.")
def _in_order_of_the_list(boxes, scores, iou_threshold):
    return nms(boxes, scores, iou_threshold).sort().values


@NMS.wrong("the worst of the kept boxes first", "The best box comes first.")
def _worst_first(boxes, scores, iou_threshold):
    return nms(boxes, scores, iou_threshold).flip(0)


@NMS.wrong("only the best box of all", "Boxes that do not overlap are different objects.")
def _the_best_only(boxes, scores, iou_threshold):
    return nms(boxes, scores, iou_threshold)[:1]


@NMS.wrong("the removed boxes", "Return the indices of the boxes that are kept.")
def _removed(boxes, scores, iou_threshold):
    kept = torch.isin(torch.arange(len(boxes)), nms(boxes, scores, iou_threshold))
    return (~kept).nonzero()[:, 0]


@NMS.wrong("a mask instead of indices", "Return indices, the best first: a mask has no order.")
def _mask(boxes, scores, iou_threshold):
    return torch.isin(torch.arange(len(boxes)), nms(boxes, scores, iou_threshold))


@NMS.wrong("a float result without boxes", "torch.tensor([]) holds floats: create it with dtype=torch.int64.")
def _empty_floats(boxes, scores, iou_threshold):
    return nms(boxes, scores, iou_threshold) if len(boxes) else torch.tensor([])


NMS.wrong("the caller's boxes overwritten", "They are needed again: work on a copy, or on indices.")(
    overwriting(nms, 0)
)
NMS.wrong("the caller's scores overwritten", "They are needed again: work on a copy, or on indices.")(
    overwriting(nms, 1)
)
NMS.wrong("an error without boxes", "Without boxes nothing is kept: return an empty int64 tensor.")(
    failing_when(lambda boxes, *_: not len(boxes), nms)
)

EXERCISES = (NMS,)
