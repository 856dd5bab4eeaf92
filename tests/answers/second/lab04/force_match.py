"""Answers to `force_match` (lab 04) by somebody else, written from the student's notebook alone."""

import torch
from torch import Tensor

from coursekit import ops


def _nobody(iou: Tensor) -> ops.Match:
    anchors = iou.shape[1]
    nowhere = torch.zeros(anchors, dtype=torch.bool)
    return ops.Match(torch.zeros(anchors, dtype=torch.int64), nowhere, ~nowhere)


# ------------------------------------------------------------------ right


def right_overwrite(iou: Tensor) -> ops.Match:
    """Threshold for all, then the best box of each object over it."""
    if len(iou) == 0:
        return _nobody(iou)
    best_value, target = iou.max(0)
    positive = best_value >= 0.5
    for g, a in enumerate(iou.argmax(1).tolist()):
        target[a], positive[a] = g, True
    return ops.Match(target, positive, ~positive)


def right_raised(iou: Tensor) -> ops.Match:
    """In a copy the best pair of each object gets an IoU of 2; then the threshold alone does it."""
    if iou.shape[0] == 0:
        return _nobody(iou)
    raised = iou.clone()
    raised[torch.arange(len(iou)), iou.argmax(dim=1)] = 2.0
    value, target = raised.max(dim=0)
    return ops.Match(target, value >= 0.5, value < 0.5)


def right_lists(iou: Tensor) -> ops.Match:
    """Plain lists, anchor by anchor; the first object of several keeps a shared best box."""
    table = iou.tolist()
    anchors = iou.shape[1]
    given: dict[int, int] = {}
    for g, row in enumerate(table):
        given.setdefault(max(range(anchors), key=row.__getitem__), g)
    target, positive = [], []
    for a in range(anchors):
        best = max(range(len(table)), key=lambda g: table[g][a]) if table else 0
        target.append(given.get(a, best))
        positive.append(a in given or (len(table) > 0 and table[best][a] >= 0.5))
    positive = torch.tensor(positive, dtype=torch.bool)
    return ops.Match(torch.tensor(target, dtype=torch.int64), positive, positive.logical_not())


def right_masks(iou: Tensor) -> ops.Match:
    """A table of the forced pairs; where decides between the forced and the nearest object."""
    if not len(iou):
        return _nobody(iou)
    anchors = torch.arange(iou.shape[1])
    forced = iou.argmax(1)[:, None] == anchors[None, :]  # (G, A)
    any_forced = forced.any(0)
    target = torch.where(any_forced, forced.int().argmax(0), iou.argmax(0))
    positive = any_forced | (iou.amax(0) >= 0.5)
    return ops.Match(target, positive, ~positive)


def right_from_the_library(iou: Tensor) -> ops.Match:
    """Begin with ops.match_by_iou and force the best boxes afterwards; the best fit of a shared box comes last."""
    if len(iou) == 0:
        return _nobody(iou)
    match = ops.match_by_iou(iou, 0.5, 0.5)
    target, positive = match.target.clone(), match.positive.clone()
    values, best = iou.max(1)
    for g in values.argsort().tolist():
        target[best[g]] = g
        positive[best[g]] = True
    return ops.Match(target, positive, ~positive)


# ------------------------------------------------------------------ wrong


def wrong_threshold_alone(iou: Tensor) -> ops.Match:
    """Gives no object its best box: the threshold alone."""
    if len(iou) == 0:
        return _nobody(iou)
    value, target = iou.max(0)
    return ops.Match(target, value >= 0.5, value < 0.5)


def wrong_forced_alone(iou: Tensor) -> ops.Match:
    """Only the best boxes are positive; the threshold is forgotten."""
    if len(iou) == 0:
        return _nobody(iou)
    target, best = iou.argmax(0), iou.argmax(1)
    positive = torch.zeros(iou.shape[1], dtype=torch.bool)
    positive[best] = True
    target[best] = torch.arange(len(iou))
    return ops.Match(target, positive, ~positive)


def wrong_target_not_forced(iou: Tensor) -> ops.Match:
    """Makes the best box positive but leaves it with the object that overlaps it most."""
    if len(iou) == 0:
        return _nobody(iou)
    value, target = iou.max(0)
    positive = value >= 0.5
    positive[iou.argmax(1)] = True
    return ops.Match(target, positive, ~positive)


def wrong_positive_not_forced(iou: Tensor) -> ops.Match:
    """Gives the best box to its object but does not make it positive."""
    if len(iou) == 0:
        return _nobody(iou)
    value, target = iou.max(0)
    target[iou.argmax(1)] = torch.arange(len(iou))
    return ops.Match(target, value >= 0.5, value < 0.5)


def wrong_both_positive_and_negative(iou: Tensor) -> ops.Match:
    """Computes the negatives before forcing, so a forced box is both."""
    if len(iou) == 0:
        return _nobody(iou)
    value, target = iou.max(0)
    positive, negative = value >= 0.5, value < 0.5
    for g, a in enumerate(iou.argmax(1).tolist()):
        target[a], positive[a] = g, True
    return ops.Match(target, positive, negative)


def wrong_more_than_half(iou: Tensor) -> ops.Match:
    """An IoU of exactly 0.5 is not positive."""
    if len(iou) == 0:
        return _nobody(iou)
    value, target = iou.max(0)
    positive = value > 0.5
    for g, a in enumerate(iou.argmax(1).tolist()):
        target[a], positive[a] = g, True
    return ops.Match(target, positive, ~positive)


def wrong_some_ignored(iou: Tensor) -> ops.Match:
    """Ignores an IoU between 0.4 and 0.5, like RetinaNet."""
    if len(iou) == 0:
        return _nobody(iou)
    value, target = iou.max(0)
    positive = value >= 0.5
    for g, a in enumerate(iou.argmax(1).tolist()):
        target[a], positive[a] = g, True
    return ops.Match(target, positive, ~positive & (value < 0.4))


def wrong_forced_only_if_they_overlap(iou: Tensor) -> ops.Match:
    """Does not force a best box that overlaps its object by less than 0.2."""
    if len(iou) == 0:
        return _nobody(iou)
    value, target = iou.max(0)
    positive = value >= 0.5
    best_value, best = iou.max(1)
    for g, a in enumerate(best.tolist()):
        if best_value[g] >= 0.2:
            target[a], positive[a] = g, True
    return ops.Match(target, positive, ~positive)


def wrong_forced_only_below_the_threshold(iou: Tensor) -> ops.Match:
    """Forces only objects without an IoU of 0.5, so another object may take away the best box of the rest."""
    if len(iou) == 0:
        return _nobody(iou)
    value, target = iou.max(0)
    positive = value >= 0.5
    best_value, best = iou.max(1)
    for g, a in enumerate(best.tolist()):
        if best_value[g] < 0.5:
            target[a], positive[a] = g, True
    return ops.Match(target, positive, ~positive)


def wrong_threshold_after_forcing(iou: Tensor) -> ops.Match:
    """Forces first and then lets the threshold overwrite the object of a forced box."""
    if len(iou) == 0:
        return _nobody(iou)
    target = torch.zeros(iou.shape[1], dtype=torch.int64)
    positive = torch.zeros(iou.shape[1], dtype=torch.bool)
    for g, a in enumerate(iou.argmax(1).tolist()):
        target[a], positive[a] = g, True
    value, nearest = iou.max(0)
    target[value >= 0.5] = nearest[value >= 0.5]
    positive |= value >= 0.5
    return ops.Match(target, positive, ~positive)


def wrong_best_object_of_each_anchor(iou: Tensor) -> ops.Match:
    """Forces along the wrong axis: every anchor that overlaps any object gets its best object."""
    if len(iou) == 0:
        return _nobody(iou)
    value, target = iou.max(0)
    positive = value > 0
    return ops.Match(target, positive, ~positive)


def wrong_every_object_that_overlaps_enough(iou: Tensor) -> ops.Match:
    """Gives a positive box to the last object with an IoU of 0.5, not to the one that it overlaps most."""
    target = torch.zeros(iou.shape[1], dtype=torch.int64)
    positive = torch.zeros(iou.shape[1], dtype=torch.bool)
    for g in range(len(iou)):
        target[iou[g] >= 0.5] = g
        positive |= iou[g] >= 0.5
    for g in range(len(iou)):
        target[iou[g].argmax()] = g
        positive[iou[g].argmax()] = True
    return ops.Match(target, positive, ~positive)


def wrong_no_objects(iou: Tensor) -> ops.Match:
    """Takes the maximum over no objects, which fails."""
    value, target = iou.max(0)
    positive = value >= 0.5
    for g, a in enumerate(iou.argmax(1).tolist()):
        target[a], positive[a] = g, True
    return ops.Match(target, positive, ~positive)


def wrong_no_objects_no_negatives(iou: Tensor) -> ops.Match:
    """Says nothing about a picture without objects: no positives and no negatives."""
    if len(iou) == 0:
        nowhere = torch.zeros(iou.shape[1], dtype=torch.bool)
        return ops.Match(torch.zeros(iou.shape[1], dtype=torch.int64), nowhere, nowhere.clone())
    return right_overwrite(iou)


def wrong_iou_in_place(iou: Tensor) -> ops.Match:
    """Raises the best pairs in the given table itself."""
    if len(iou) == 0:
        return _nobody(iou)
    iou[torch.arange(len(iou)), iou.argmax(1)] = 2.0
    value, target = iou.max(0)
    return ops.Match(target, value >= 0.5, value < 0.5)


def wrong_all_to_one_object(iou: Tensor) -> ops.Match:
    """Gives every box that some object likes best to the one object with the largest IoU of all."""
    if len(iou) == 0:
        return _nobody(iou)
    value, target = iou.max(0)
    positive = value >= 0.5
    best = iou.argmax(1)
    positive[best] = True
    target[best] = int(iou.amax(1).argmax())
    return ops.Match(target, positive, ~positive)


def wrong_one_box_for_each_object(iou: Tensor) -> ops.Match:
    """Forces object by object and lets none take a taken box, so a second object gets its second best."""
    if len(iou) == 0:
        return _nobody(iou)
    value, target = iou.max(0)
    positive = value >= 0.5
    free = iou.clone()
    for g in range(len(iou)):
        a = int(free[g].argmax())
        target[a], positive[a] = g, True
        free[:, a] = -1
    return ops.Match(target, positive, ~positive)


def wrong_targets_from_one(iou: Tensor) -> ops.Match:
    """Counts the objects from 1 and writes 0 for the negatives."""
    match = right_overwrite(iou)
    return ops.Match(torch.where(match.positive, match.target + 1, 0), match.positive, match.negative)
