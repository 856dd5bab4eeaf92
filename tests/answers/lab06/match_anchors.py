"""Answers to `match_anchors` (lab 06), written from the student's notebook alone."""

import torch
from torch import Tensor

from coursekit import ops


def right_by_masks(iou: Tensor, high: float = 0.7, low: float = 0.3, keep_best: bool = True) -> ops.Match:
    """Maxima of the columns for the thresholds, maxima of the rows for the best anchors."""
    objects, anchors = iou.shape
    if objects == 0:
        nothing = torch.zeros(anchors, dtype=torch.bool)
        return ops.Match(torch.zeros(anchors, dtype=torch.int64), nothing, ~nothing)
    best, target = iou.max(0)
    positive, negative = best >= high, best < low
    if keep_best:
        rescued = ((iou == iou.amax(1, keepdim=True)) & (iou > 0)).any(0)
        positive, negative = positive | rescued, negative & ~rescued
    return ops.Match(target, positive, negative)


def right_by_loops(iou: Tensor, high: float = 0.7, low: float = 0.3, keep_best: bool = True) -> ops.Match:
    """Anchor by anchor in plain numbers; where an anchor overlaps two objects equally it takes the last."""
    table, anchors = iou.tolist(), iou.shape[1]
    records = [max(row, default=0.0) for row in table]
    target, positive, negative = [0] * anchors, [False] * anchors, [True] * anchors
    for a in range(anchors):
        column = [row[a] for row in table]
        if not column:
            continue
        target[a] = max(range(len(column)), key=lambda g: (column[g], g))
        is_best = any(value == record > 0 for value, record in zip(column, records, strict=True))
        positive[a] = max(column) >= high or (keep_best and is_best)
        negative[a] = max(column) < low and not positive[a]
    return ops.Match(torch.tensor(target), torch.tensor(positive), torch.tensor(negative))


def right_by_three_codes(
    iou: Tensor, high: float = 0.7, low: float = 0.3, keep_best: bool = True
) -> ops.Match:
    """1 positive, 0 negative, -1 ignored, the rescued ones last; without objects the targets are -1."""
    if len(iou) == 0:
        target = torch.full((iou.shape[1],), -1, dtype=torch.int64)
        return ops.Match(target, target >= 0, target < 0)
    best, target = iou.max(dim=0)
    code = torch.full_like(target, -1)
    code[best < low] = 0
    code[best >= high] = 1
    if keep_best:
        for row in iou:
            if row.max() > 0:
                code[row == row.max()] = 1
    return ops.Match(target, code == 1, code == 0)


def right_by_an_empty_row(
    iou: Tensor, high: float = 0.7, low: float = 0.3, keep_best: bool = True
) -> ops.Match:
    """A row of minus ones below the table, so that no objects need no case of their own."""
    objects = len(iou)
    table = torch.cat([iou, iou.new_full((1, iou.shape[1]), -1.0)])
    best = table.amax(0)
    target = (table == best).int().argmax(0).clamp(max=max(objects - 1, 0))
    record = table.amax(1, keepdim=True)
    record[record <= 0] = 2.0  # nobody reaches it
    kept = (table == record).any(0) & keep_best
    positive = kept | (best >= high)
    return ops.Match(target, positive, ~positive & (best < low))


def _best(iou):
    """The best overlap and the object of each anchor, also without objects."""
    if len(iou) == 0:
        return iou.new_zeros(iou.shape[1]), torch.zeros(iou.shape[1], dtype=torch.int64)
    return iou.max(0)


def _rescued(iou):
    """All best anchors of all objects that one meets."""
    if len(iou) == 0:
        return torch.zeros(iou.shape[1], dtype=torch.bool)
    return ((iou == iou.amax(1, keepdim=True)) & (iou > 0)).any(0)


def wrong_greater_than(iou, high=0.7, low=0.3, keep_best=True):
    """> for >=: an anchor with an IoU of exactly `high` is ignored."""
    best, target = _best(iou)
    positive = best > high
    positive = positive | _rescued(iou) if keep_best else positive
    return ops.Match(target, positive, (best < low) & ~positive)


def wrong_low_itself_is_negative(iou, high=0.7, low=0.3, keep_best=True):
    """<= for <: an anchor with an IoU of exactly `low` is negative."""
    best, target = _best(iou)
    positive = (best >= high) | (_rescued(iou) & keep_best)
    return ops.Match(target, positive, (best <= low) & ~positive)


def wrong_one_of_equals(iou, high=0.7, low=0.3, keep_best=True):
    """argmax keeps one best anchor of each object, where all equal ones were asked for."""
    best, target = _best(iou)
    positive = best >= high
    if keep_best and len(iou):
        met = iou.amax(1) > 0
        positive[iou.argmax(1)[met]] = True
    return ops.Match(target, positive, (best < low) & ~positive)


def wrong_rescued_by_nobody(iou, high=0.7, low=0.3, keep_best=True):
    """Compares with the maximum also where that is 0:
    an object that no anchor meets makes all far anchors positive.
    """
    best, target = _best(iou)
    positive = best >= high
    if keep_best and len(iou):
        positive = positive | (iou == iou.amax(1, keepdim=True)).any(0)
    return ops.Match(target, positive, (best < low) & ~positive)


def wrong_rescued_stay_negative(iou, high=0.7, low=0.3, keep_best=True):
    """A rescued anchor under `low` is positive and negative at once."""
    best, target = _best(iou)
    return ops.Match(target, (best >= high) | (_rescued(iou) & keep_best), best < low)


def wrong_target_of_the_rescuer(iou, high=0.7, low=0.3, keep_best=True):
    """A rescued anchor gets the object that it rescues, not the one that it overlaps most."""
    best, target = _best(iou)
    positive = (best >= high) | (_rescued(iou) & keep_best)
    for g, row in enumerate(iou if keep_best else []):
        target[(row == row.max()) & (row > 0)] = g
    return ops.Match(target, positive, (best < low) & ~positive)


def wrong_always_rescues(iou, high=0.7, low=0.3, keep_best=True):
    """Ignores keep_best: the second stage takes a proposal with an IoU of 0.1 for an object."""
    best, target = _best(iou)
    positive = (best >= high) | _rescued(iou)
    return ops.Match(target, positive, (best < low) & ~positive)


def wrong_never_rescues(iou, high=0.7, low=0.3, keep_best=True):
    """The thresholds alone: an object whose best anchor overlaps it by 0.5 has no positive one."""
    best, target = _best(iou)
    return ops.Match(target, best >= high, best < low)


def wrong_without_objects(iou, high=0.7, low=0.3, keep_best=True):
    """max over no rows raises an error: a picture without objects stops the training."""
    best, target = iou.max(0)
    positive = (best >= high) | (_rescued(iou) & keep_best)
    return ops.Match(target, positive, (best < low) & ~positive)


def wrong_nothing_ignored(iou, high=0.7, low=0.3, keep_best=True):
    """Everything that is not positive is negative: an anchor with an IoU of 0.6 learns "background"."""
    best, target = _best(iou)
    positive = (best >= high) | (_rescued(iou) & keep_best)
    return ops.Match(target, positive, ~positive)


def wrong_far_from_one_object(iou, high=0.7, low=0.3, keep_best=True):
    """`any` for `all`: an anchor that half lies on one object is negative as soon as it is far from
    another.
    """
    best, target = _best(iou)
    positive = (best >= high) | (_rescued(iou) & keep_best)
    negative = (iou < low).any(0) if len(iou) else torch.ones_like(positive)
    return ops.Match(target, positive, negative & ~positive)


def wrong_thresholds_ignored(iou, high=0.7, low=0.3, keep_best=True):
    """0.7 and 0.3 stand in the code: wrong for the thresholds of the second stage."""
    best, target = _best(iou)
    positive = (best >= 0.7) | (_rescued(iou) & keep_best)
    return ops.Match(target, positive, (best < 0.3) & ~positive)


def wrong_best_of_the_table(iou, high=0.7, low=0.3, keep_best=True):
    """Rescues only the best anchor of all objects together: the others have none."""
    best, target = _best(iou)
    positive = best >= high
    if keep_best and len(iou):
        positive = positive | ((iou == iou.max()) & (iou > 0)).any(0)
    return ops.Match(target, positive, (best < low) & ~positive)


def wrong_rescued_above_low_only(iou, high=0.7, low=0.3, keep_best=True):
    """Rescues only at `low` or more: "however little that is" is more generous,
    an object with 0.2 stays alone.
    """
    best, target = _best(iou)
    positive = (best >= high) | (_rescued(iou) & keep_best & (best >= low))
    return ops.Match(target, positive, (best < low) & ~positive)


def wrong_table_changed(iou, high=0.7, low=0.3, keep_best=True):
    """Raises the best anchors to 1 in the caller's own table."""
    if keep_best and len(iou):
        iou[(iou == iou.amax(1, keepdim=True)) & (iou > 0)] = 1.0
    best, target = _best(iou)
    return ops.Match(target, best >= high, best < low)
