"""Answers to `match_greedily` (lab 07) by somebody else, written from the student's notebook alone."""

import numpy as np
import torch
from torch import Tensor


def right_cross_out_columns(iou: Tensor, threshold: float) -> Tensor:
    left = iou.clone()
    right = torch.zeros(len(iou), dtype=torch.bool)
    if iou.shape[1] == 0:
        return right
    for d in range(len(iou)):
        best = left[d].argmax()
        if left[d, best] >= threshold:
            right[d] = True
            left[:, best] = -1
    return right


def right_free_mask(iou: Tensor, threshold: float) -> Tensor:
    free = torch.ones(iou.shape[1], dtype=torch.bool)
    answers = []
    for row in iou:
        candidates = torch.where(free & (row >= threshold))[0]
        answers.append(len(candidates) > 0)
        if len(candidates):
            free[candidates[row[candidates].argmax()]] = False
    return torch.tensor(answers, dtype=torch.bool)


def right_lists(iou: Tensor, threshold: float) -> Tensor:
    enough = (iou >= threshold).tolist()
    taken, right = set(), []
    for row, good in zip(iou.tolist(), enough, strict=True):
        best = None
        for g in range(len(row)):
            if good[g] and g not in taken and (best is None or row[g] > row[best]):
                best = g
        if best is not None:
            taken.add(best)
        right.append(best is not None)
    return torch.tensor(right, dtype=torch.bool)


def right_numpy(iou: Tensor, threshold: float) -> Tensor:
    table = torch.where(iou >= threshold, iou, torch.full_like(iou, -1)).numpy().copy()
    right = np.zeros(table.shape[0], dtype=bool)
    for d in range(table.shape[0]):
        if table.shape[1] and table[d].max() >= 0:
            right[d] = True
            table[d + 1 :, table[d].argmax()] = -1
    return torch.from_numpy(right)


def right_walks_sorted_objects(iou: Tensor, threshold: float) -> Tensor:
    """For each detection down its own list of objects, to the first that is free."""
    owner = {}
    for d in range(iou.shape[0]):
        for g in iou[d].argsort(descending=True, stable=True).tolist():
            if g not in owner.values():
                if iou[d, g] >= threshold:
                    owner[d] = g
                break
    return torch.tensor([d in owner for d in range(iou.shape[0])], dtype=torch.bool)


def wrong_duplicates_count(iou: Tensor, threshold: float) -> Tensor:
    """An object may be taken again and again, so that duplicates are right."""
    return (iou >= threshold).any(1)


def wrong_only_the_best_object(iou: Tensor, threshold: float) -> Tensor:
    """Looks at the object it overlaps most even if that is taken, and never at the next free one."""
    right, taken = torch.zeros(len(iou), dtype=torch.bool), set()
    if iou.shape[1] == 0:
        return right
    for d, row in enumerate(iou):
        best = int(row.argmax())
        if row[best] >= threshold and best not in taken:
            right[d] = True
            taken.add(best)
    return right


def wrong_must_be_more(iou: Tensor, threshold: float) -> Tensor:
    """An IoU of exactly the threshold does not count."""
    left, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for d in range(len(iou) if iou.shape[1] else 0):
        best = left[d].argmax()
        if left[d, best] > threshold:
            right[d] = True
            left[:, best] = -1
    return right


def wrong_changes_iou(iou: Tensor, threshold: float) -> Tensor:
    """Crosses out the objects in the caller's table."""
    right = torch.zeros(len(iou), dtype=torch.bool)
    for d in range(len(iou) if iou.shape[1] else 0):
        best = iou[d].argmax()
        if iou[d, best] >= threshold:
            right[d] = True
            iou[:, best] = -1
    return right


def wrong_objects_choose(iou: Tensor, threshold: float) -> Tensor:
    """Each object takes the detection that overlaps it most, whatever the scores."""
    right = torch.zeros(len(iou), dtype=torch.bool)
    if len(iou) == 0:
        return right
    for column in iou.T:
        best = column.argmax()
        if column[best] >= threshold:
            right[best] = True
    return right


def wrong_largest_overlap_first(iou: Tensor, threshold: float) -> Tensor:
    """Goes by the largest IoU of the whole table first instead of by the score."""
    left, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for _ in range(min(iou.shape)):
        d, g = divmod(int(left.argmax()), iou.shape[1])
        if left[d, g] < threshold:
            break
        right[d] = True
        left[d], left[:, g] = -1, -1
    return right


def wrong_first_free_object(iou: Tensor, threshold: float) -> Tensor:
    """Takes the first free object beyond the threshold instead of the one it overlaps most."""
    free, right = torch.ones(iou.shape[1], dtype=torch.bool), torch.zeros(len(iou), dtype=torch.bool)
    for d in range(len(iou)):
        for g in range(iou.shape[1]):
            if free[g] and iou[d, g] >= threshold:
                free[g], right[d] = False, True
                break
    return right


def wrong_worst_score_first(iou: Tensor, threshold: float) -> Tensor:
    """Goes through the list from its end, so that the least sure detection chooses first."""
    left, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for d in reversed(range(len(iou) if iou.shape[1] else 0)):
        best = left[d].argmax()
        if left[d, best] >= threshold:
            right[d] = True
            left[:, best] = -1
    return right


def wrong_needs_an_object(iou: Tensor, threshold: float) -> Tensor:
    """Asks for the best object without looking whether there is one: an error for G = 0."""
    left, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for d in range(len(iou)):
        value, best = left[d].max(0)
        if value >= threshold:
            right[d] = True
            left[:, best] = -1
    return right


def wrong_no_bool(iou: Tensor, threshold: float) -> Tensor:
    """Returns 0 and 1 as float instead of bool."""
    return right_cross_out_columns(iou, threshold).float()


def wrong_one_answer_an_object(iou: Tensor, threshold: float) -> Tensor:
    """Says of each object whether it is found instead of each detection whether it is right."""
    taken = torch.zeros(iou.shape[1], dtype=torch.bool)
    for row in iou if iou.shape[1] else ():
        best = row.masked_fill(taken, -1).argmax()
        if row[best] >= threshold and not taken[best]:
            taken[best] = True
    return taken


def wrong_as_many_as_possible(iou: Tensor, threshold: float) -> Tensor:
    """Gives objects away again so that as many detections as possible are right."""
    owner = {}

    def seek(d: int, seen: set) -> bool:
        for g in range(iou.shape[1]):
            if iou[d, g] >= threshold and g not in seen:
                seen.add(g)
                if g not in owner or seek(owner[g], seen):
                    owner[g] = d
                    return True
        return False

    return torch.tensor([seek(d, set()) for d in range(len(iou))], dtype=torch.bool)


def wrong_stops_at_the_first_wrong(iou: Tensor, threshold: float) -> Tensor:
    """Stops at the first wrong detection instead of going on with the next one."""
    left, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for d in range(len(iou) if iou.shape[1] else 0):
        best = left[d].argmax()
        if left[d, best] < threshold:
            break
        right[d] = True
        left[:, best] = -1
    return right


def wrong_takes_all_it_overlaps(iou: Tensor, threshold: float) -> Tensor:
    """A detection takes all free objects that it overlaps enough, not only one."""
    free, right = torch.ones(iou.shape[1], dtype=torch.bool), torch.zeros(len(iou), dtype=torch.bool)
    for d, row in enumerate(iou):
        hit = free & (row >= threshold)
        right[d] = hit.any()
        free &= ~hit
    return right


def wrong_always_half(iou: Tensor, threshold: float) -> Tensor:
    """Uses 0.5 whatever the threshold."""
    return right_cross_out_columns(iou, 0.5)
