"""Answers to `batched_nms` (lab 03), written from the student's notebook alone."""

import torch
from torch import Tensor

from coursekit import ops


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Exercise 9."""
    rest, kept = scores.argsort(descending=True, stable=True), []
    while len(rest) > 0:
        best, rest = rest[0], rest[1:]
        kept.append(int(best))
        rest = rest[ops.box_iou(boxes[best][None], boxes[rest])[0] <= iou_threshold]
    return torch.tensor(kept, dtype=torch.int64)


def right_class_by_class(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """Each class on its own, back to the numbers of the input, then sorted by score."""
    kept = [torch.zeros(0, dtype=torch.int64)]
    for name in idxs.unique():
        members = (idxs == name).nonzero()[:, 0]
        kept.append(members[nms(boxes[members], scores[members], iou_threshold)])
    kept = torch.cat(kept)
    return kept[scores[kept].argsort(descending=True)]


def right_by_moving_classes_apart(
    boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float
) -> Tensor:
    """Every class gets a country of its own, wider than all boxes,
    also left of 0; float64 keeps small overlaps exact.
    """
    if len(boxes) == 0:
        return torch.empty(0, dtype=torch.int64)
    width = boxes.max().double() - boxes.min().double() + 1
    moved = boxes.double() + (idxs.double() * width)[:, None]
    return nms(moved, scores, iou_threshold)


def right_by_mask(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """A mask collects what each class keeps;
    all boxes are sorted once, stably, and the mask is read in that order.
    """
    keep = torch.zeros(len(boxes), dtype=torch.bool)
    for name in set(idxs.tolist()):
        (members,) = torch.where(idxs == name)
        keep[members[nms(boxes[members], scores[members], iou_threshold)]] = True
    order = torch.sort(scores, descending=True, stable=True).indices
    return order[keep[order]]


def right_by_lists(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """A dict of lists; among equal scores the later box of the input comes first."""
    members: dict[int, list[int]] = {}
    for i, name in enumerate(idxs.tolist()):
        members.setdefault(name, []).append(i)
    kept = []
    for places in members.values():
        kept += [places[k] for k in nms(boxes[places], scores[places], iou_threshold).tolist()]
    return torch.tensor(sorted(kept, key=lambda i: (-scores[i].item(), -i)), dtype=torch.int64)


def _by_class(boxes, scores, idxs, iou_threshold, names):
    """What each class keeps, class after class, as numbers of the input."""
    kept = [torch.zeros(0, dtype=torch.int64)]
    for name in names:
        (members,) = torch.where(idxs == name)
        kept.append(members[nms(boxes[members], scores[members], iou_threshold)])
    return torch.cat(kept)


def wrong_classes_ignored(boxes, scores, idxs, iou_threshold):
    """One suppression for all: the cat removes the dog behind it."""
    return nms(boxes, scores, iou_threshold)


def wrong_class_after_class(boxes, scores, idxs, iou_threshold):
    """The right boxes, but sorted within each class only: wrong when a later class has a better box."""
    return _by_class(boxes, scores, idxs, iou_threshold, idxs.unique())


def wrong_numbers_within_the_class(boxes, scores, idxs, iou_threshold):
    """Returns places among the boxes of a class and not in the input: wrong for a second class."""
    kept = [torch.zeros(0, dtype=torch.int64)]
    for name in idxs.unique():
        members = idxs == name
        kept.append(nms(boxes[members], scores[members], iou_threshold))
    kept = torch.cat(kept)
    return kept[scores[kept].argsort(descending=True)]


def wrong_short_step(boxes, scores, idxs, iou_threshold):
    """Moves the classes apart by one pixel each: boxes of neighbouring classes still overlap."""
    return nms(boxes + idxs[:, None], scores, iou_threshold)


def right_within_the_image(boxes, scores, idxs, iou_threshold):
    """Moves the classes by the largest coordinate. That is enough unless a box begins left of or above the image,
    which the text does not mention.
    """
    if len(boxes) == 0:
        return torch.empty(0, dtype=torch.int64)
    return nms(boxes + (idxs * (boxes.max() + 1))[:, None], scores, iou_threshold)


def wrong_boxes_moved_in_place(boxes, scores, idxs, iou_threshold):
    """The right answer, but the caller's own boxes are moved apart, and whoever draws them draws nonsense."""
    if len(boxes):
        boxes += (idxs * (boxes.max() - boxes.min() + 1))[:, None]
    return nms(boxes, scores, iou_threshold)


def wrong_empty_input(boxes, scores, idxs, iou_threshold):
    """max() of no boxes is an error: wrong for a picture without candidates, whose answer is no index."""
    width = boxes.max() - boxes.min() + 1
    return nms(boxes + (idxs * width)[:, None], scores, iou_threshold)


def wrong_classes_without_gaps(boxes, scores, idxs, iou_threshold):
    """Counts the classes and runs through 0, 1, …: loses class 5 when only 2 and 5 occur."""
    kept = _by_class(boxes, scores, idxs, iou_threshold, range(len(idxs.unique())))
    return kept[scores[kept].argsort(descending=True)]


def wrong_ranks_for_indices(boxes, scores, idxs, iou_threshold):
    """Returns the argsort of the kept scores and forgets to look up the indices with it."""
    kept = _by_class(boxes, scores, idxs, iou_threshold, idxs.unique())
    return scores[kept].argsort(descending=True)


def wrong_worst_first(boxes, scores, idxs, iou_threshold):
    """argsort without `descending`: the right boxes, the worst of all classes first."""
    kept = _by_class(boxes, scores, idxs, iou_threshold, idxs.unique())
    return kept[scores[kept].argsort()]


def wrong_one_box_a_class(boxes, scores, idxs, iou_threshold):
    """Keeps the best box of each class only: of three mugs two are lost."""
    kept = [int(torch.where(idxs == name, scores, -torch.inf).argmax()) for name in idxs.unique()]
    kept = torch.tensor(kept, dtype=torch.int64)
    return kept[scores[kept].argsort(descending=True)]


def wrong_suppressed_twice(boxes, scores, idxs, iou_threshold):
    """Class by class, and then once more for all: the dog behind the cat falls in the second round."""
    kept = _by_class(boxes, scores, idxs, iou_threshold, idxs.unique())
    return kept[nms(boxes[kept], scores[kept], iou_threshold)]


def wrong_other_classes_are_rivals(boxes, scores, idxs, iou_threshold):
    """The condition is turned round:
    boxes of different classes remove each other, duplicates of one class stay.
    """
    kept = []
    for i in scores.argsort(descending=True).tolist():
        others = [k for k in kept if idxs[k] != idxs[i]]
        if not others or ops.box_iou(boxes[i : i + 1], boxes[others]).max() <= iou_threshold:
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)
