"""Answers to `force_match` (lab 04), written from the student's notebook alone."""

import torch
from torch import Tensor

from coursekit import ops


def right_by_index(iou: Tensor) -> ops.Match:
    """Threshold first, then the best box of each object overwrites;
    of two objects with the same one the last gets it.
    """
    objects, anchors = iou.shape
    if objects == 0:
        nothing = torch.zeros(anchors, dtype=torch.bool)
        return ops.Match(torch.zeros(anchors, dtype=torch.int64), nothing, ~nothing)
    best, target = iou.max(0)
    positive = best >= 0.5
    for g, anchor in enumerate(iou.argmax(1)):
        target[anchor], positive[anchor] = g, True
    return ops.Match(target, positive, ~positive)


def right_by_raising(iou: Tensor) -> ops.Match:
    """The best box of each object gets 2 more in a copy, then one threshold does it:
    the object that overlaps more keeps a box that two want. Without objects the targets are -1.
    """
    if len(iou) == 0:
        target = torch.full((iou.shape[1],), -1)
        return ops.Match(target, target >= 0, target < 0)
    raised = iou.scatter_add(1, iou.argmax(1, keepdim=True), torch.full_like(iou[:, :1], 2.0))
    value, target = raised.max(0)
    return ops.Match(target, value >= 0.5, value < 0.5)


def right_by_plain_numbers(iou: Tensor) -> ops.Match:
    """Lists; the first object keeps a box that two want, and of equal anchors an object takes the last."""
    anchors, table = iou.shape[1], iou.tolist()
    target, positive = [0] * anchors, [False] * anchors
    for a in range(anchors):
        column = [row[a] for row in table]
        if column:
            target[a] = column.index(max(column))
            positive[a] = max(column) >= 0.5
    for g in reversed(range(len(table))):
        favourite = max(range(anchors), key=lambda a: (table[g][a], a))
        target[favourite], positive[favourite] = g, True
    return ops.Match(torch.tensor(target), torch.tensor(positive), torch.tensor([not p for p in positive]))


def right_by_masks(iou: Tensor) -> ops.Match:
    """A mask of the favourites decides where it has a True in the column, and the overlap elsewhere."""
    objects, anchors = iou.shape
    if objects == 0:
        return ops.Match(
            torch.zeros(anchors, dtype=torch.long),
            torch.zeros(anchors, dtype=torch.bool),
            torch.ones(anchors, dtype=torch.bool),
        )
    favourite = torch.arange(anchors) == iou.argmax(1)[:, None]
    forced = favourite.any(0)
    target = torch.where(forced, favourite.int().argmax(0), iou.argmax(0))
    positive = forced | (iou >= 0.5).any(0)
    return ops.Match(target, positive, positive.logical_not())


def _threshold(iou, low=0.5):
    """What the threshold alone says; without objects all is negative."""
    if len(iou) == 0:
        nothing = torch.zeros(iou.shape[1], dtype=torch.bool)
        return torch.zeros(iou.shape[1], dtype=torch.int64), nothing, ~nothing
    best, target = iou.max(0)
    return target, best >= 0.5, best < low


def wrong_threshold_alone(iou):
    """Forces nothing: an object whose best box overlaps it by 0.4 has no positive one."""
    return ops.Match(*_threshold(iou))


def wrong_target_not_forced(iou):
    """The best box of an object becomes positive, but keeps the object that it overlaps most,
    which may be another one.
    """
    target, positive, _ = _threshold(iou)
    if len(iou):
        positive[iou.argmax(1)] = True
    return ops.Match(target, positive, ~positive)


def wrong_greater_than(iou):
    """> for >=: a second anchor with an IoU of exactly 0.5 is negative."""
    target, positive, _ = _threshold(iou)
    if len(iou):
        positive = iou.amax(0) > 0.5
        best = iou.argmax(1)
        target[best], positive[best] = torch.arange(len(iou)), True
    return ops.Match(target, positive, ~positive)


def wrong_best_object_of_each_anchor(iou):
    """The maximum is taken over the wrong axis: every anchor has a best object, so all are positive."""
    target, positive, _ = _threshold(iou)
    positive = torch.full_like(positive, len(iou) > 0)
    return ops.Match(target, positive, ~positive)


def wrong_forced_is_negative_too(iou):
    """`negative` comes from the threshold: a forced box under 0.5 is positive and negative at once."""
    target, positive, negative = _threshold(iou)
    if len(iou):
        best = iou.argmax(1)
        target[best], positive[best] = torch.arange(len(iou)), True
    return ops.Match(target, positive, negative)


def wrong_ignored_band(iou):
    """Ignores what lies between 0.4 and 0.5, as RetinaNet does: SSD ignores nothing."""
    target, positive, negative = _threshold(iou, low=0.4)
    if len(iou):
        best = iou.argmax(1)
        target[best], positive[best], negative[best] = torch.arange(len(iou)), True, False
    return ops.Match(target, positive, negative)


def wrong_without_objects(iou):
    """max over no rows raises an error: a picture without objects stops the training."""
    best, target = iou.max(0)
    positive = best >= 0.5
    favourite = iou.argmax(1)
    target[favourite], positive[favourite] = torch.arange(len(iou)), True
    return ops.Match(target, positive, ~positive)


def wrong_table_changed(iou):
    """Writes 1 into the caller's own table: whoever reads the overlaps next reads wrong ones."""
    if len(iou):
        iou[torch.arange(len(iou)), iou.argmax(1)] = 1.0
    target, positive, negative = _threshold(iou)
    return ops.Match(target, positive, negative)


def wrong_only_the_lost_ones(iou):
    """Gives a box only to objects that have none: the best box of the others may go to a neighbour."""
    target, positive, _ = _threshold(iou)
    for g in range(len(iou)):
        if not (positive & (target == g)).any():
            best = iou[g].argmax()
            target[best], positive[best] = g, True
    return ops.Match(target, positive, ~positive)


def wrong_order(iou):
    """Forces first and lets the threshold overwrite:
    a forced box that another object overlaps by 0.5 goes to that one.
    """
    above, over, _ = _threshold(iou)
    target, positive = above.clone(), torch.zeros_like(over)
    if len(iou):
        best = iou.argmax(1)
        target[best], positive[best] = torch.arange(len(iou)), True
    target[over], positive[over] = above[over], True
    return ops.Match(target, positive, ~positive)


def wrong_one_for_all_objects(iou):
    """argmax without an axis: only the best pair of the whole table is forced, the other objects are lost."""
    target, positive, _ = _threshold(iou)
    if len(iou):
        g, a = divmod(int(iou.argmax()), iou.shape[1])
        target[a], positive[a] = g, True
    return ops.Match(target, positive, ~positive)


def wrong_forced_alone(iou):
    """Only the best box of each object is positive:
    others with an IoU of 0.5 and more are called background.
    """
    target, positive, _ = _threshold(iou)
    positive = torch.zeros_like(positive)
    if len(iou):
        best = iou.argmax(1)
        target[best], positive[best] = torch.arange(len(iou)), True
    return ops.Match(target, positive, ~positive)


def wrong_only_if_it_overlaps_enough(iou):
    """Forces only above an IoU of 0.2: "however little" is more generous, an object with 0.1 stays alone."""
    target, positive, _ = _threshold(iou)
    for g, row in enumerate(iou):
        if row.max() > 0.2:
            target[row.argmax()], positive[row.argmax()] = g, True
    return ops.Match(target, positive, ~positive)
