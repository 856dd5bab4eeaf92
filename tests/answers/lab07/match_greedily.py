"""Answers to `match_greedily` (lab 07), written from the student's notebook alone."""

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor


def right_by_a_mask_of_free_objects(iou: Tensor, threshold: float) -> Tensor:
    """Objects that are taken count as -1; among equal overlaps torch's argmax decides."""
    count, objects = iou.shape
    right = torch.zeros(count, dtype=torch.bool)
    free = torch.ones(objects, dtype=torch.bool)
    for d in range(count):
        if not free.any():
            break
        g = iou[d].masked_fill(~free, -1).argmax()
        if iou[d, g] >= threshold:
            right[d], free[g] = True, False
    return right


def right_by_plain_numbers(iou: Tensor, threshold: float) -> Tensor:
    """Lists and a set; of equally good objects the first one is taken. Compares as Python floats."""
    free, answer = set(range(iou.shape[1])), []
    for row in iou.tolist():
        best = max(sorted(free), key=row.__getitem__, default=None)
        fits = best is not None and row[best] >= threshold
        if fits:
            free.remove(best)
        answer.append(fits)
    return torch.tensor(answer, dtype=torch.bool)


def right_with_the_last_of_equals(iou: Tensor, threshold: float) -> Tensor:
    """As COCO's own loop: goes on while the overlap is at least the best so far, so the last of equals
    wins.
    """
    count, objects = iou.shape
    taken, right = [False] * objects, torch.zeros(count, dtype=torch.bool)
    for d in range(count):
        best, chosen = threshold, -1
        for g in range(objects):
            if not taken[g] and iou[d, g] >= best:
                best, chosen = iou[d, g], g
        if chosen >= 0:
            taken[chosen] = right[d] = True
    return right


def right_by_crossing_out_columns(iou: Tensor, threshold: float) -> Tensor:
    """Works on a copy; what is too low is crossed out first, and then each column that is taken."""
    table = torch.where(iou >= threshold, iou, -1.0)
    right = []
    for d in range(len(table)):
        found = table.shape[1] > 0 and bool(table[d].max() >= 0)
        right.append(found)
        if found:
            table[:, table[d].argmax()] = -1.0
    return torch.tensor(right, dtype=torch.bool)


def right_by_sorted_pairs(iou: Tensor, threshold: float) -> Tensor:
    """All pairs that fit, by detection and then by overlap; each goes through if both are still alone."""
    pairs = sorted((d, -iou[d, g].item(), g) for d, g in (iou >= threshold).nonzero().tolist())
    owner = {}
    for d, _, g in pairs:
        if d not in owner and g not in owner.values():
            owner[d] = g
    return torch.tensor([d in owner for d in range(len(iou))], dtype=torch.bool)


def _greedy(iou, fits):
    """The right loop, with the comparison given, for answers whose mistake is elsewhere."""
    table, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for d in range(len(iou)):
        if iou.shape[1] and fits(table[d].max()):
            right[d] = True
            table[:, table[d].argmax()] = -1
    return right


def wrong_duplicates_are_right(iou, threshold):
    """Forgets that objects are taken: a second detection of one object is right, too."""
    return (iou >= threshold).any(1)


def wrong_threshold_itself_is_too_low(iou, threshold):
    """> and not >=: wrong for an IoU of exactly the threshold, such as 0.5."""
    return _greedy(iou, lambda best: bool(best > threshold))


def wrong_best_object_even_if_taken(iou, threshold):
    """Pascal VOC's rule: looks at the best object only, and gives up when it is taken, though another
    fits.
    """
    right, taken = torch.zeros(len(iou), dtype=torch.bool), set()
    for d in range(len(iou)):
        g = int(iou[d].argmax()) if iou.shape[1] else -1
        if g >= 0 and iou[d, g] >= threshold and g not in taken:
            taken.add(g)
            right[d] = True
    return right


def wrong_poor_boxes_take_objects(iou, threshold):
    """Takes the best free object even below the threshold: a later detection that fits finds it gone."""
    table, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for d in range(min(iou.shape)):
        g = table[d].argmax()
        right[d] = table[d, g] >= threshold
        table[:, g] = -1
    return right


def wrong_objects_choose(iou, threshold):
    """Each object takes the detection that overlaps it most: the surer one loses to the more exact one."""
    right = torch.zeros(len(iou), dtype=torch.bool)
    if iou.numel():
        best, which = iou.max(0)
        right[which[best >= threshold]] = True
    return right


def wrong_first_object_that_fits(iou, threshold):
    """Takes the first free object above the threshold and not the best: the next detection may lose its
    own.
    """
    right, free = torch.zeros(len(iou), dtype=torch.bool), torch.ones(iou.shape[1], dtype=torch.bool)
    for d in range(len(iou)):
        fitting = ((iou[d] >= threshold) & free).nonzero()
        if len(fitting):
            right[d], free[fitting[0]] = True, False
    return right


def wrong_most_exact_pair_first(iou, threshold):
    """Greedy by overlap and not by score: of two detections of one object the more exact one is right."""
    table, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    while table.numel() and table.max() >= threshold:
        d, g = divmod(int(table.argmax()), table.shape[1])
        right[d] = True
        table[d], table[:, g] = -1, -1
    return right


def wrong_best_assignment(iou, threshold):
    """The Hungarian method of lab 02: maximises the overlap of all, where the surer one should choose
    first.
    """
    right = torch.zeros(len(iou), dtype=torch.bool)
    rows, columns = linear_sum_assignment(iou.numpy(), maximize=True)
    for d, g in zip(rows, columns, strict=True):
        right[d] = iou[d, g] >= threshold
    return right


def wrong_crosses_out_in_the_callers_table(iou, threshold):
    """Right flags, but it writes -1 into the caller's table, which is needed for the next threshold."""
    right = torch.zeros(len(iou), dtype=torch.bool)
    for d in range(len(iou)):
        if iou.shape[1] and iou[d].max() >= threshold:
            right[d] = True
            iou[:, iou[d].argmax()] = -1
    return right


def wrong_crash_without_objects(iou, threshold):
    """argmax over nothing raises an error: wrong for an image without objects of the class, (D, 0)."""
    table, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for d in range(len(iou)):
        g = table[d].argmax()
        if table[d, g] >= threshold:
            right[d] = True
            table[:, g] = -1
    return right


def wrong_worst_score_first(iou, threshold):
    """Goes through the list from its end: the less sure of two duplicates gets the object."""
    return _greedy(iou.flip(0), lambda best: bool(best >= threshold)).flip(0)


def wrong_stops_at_the_first_miss(iou, threshold):
    """Ends the loop at the first detection that finds nothing: whatever is right after it counts as wrong."""
    table, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for d in range(len(iou)):
        if iou.shape[1] == 0 or table[d].max() < threshold:
            break
        right[d] = True
        table[:, table[d].argmax()] = -1
    return right


def wrong_owners(iou, threshold):
    """Returns the number of the object (or -1) and not true or false."""
    table, owners = iou.clone(), torch.full((len(iou),), -1)
    for d in range(len(iou)):
        if iou.shape[1] and table[d].max() >= threshold:
            owners[d] = table[d].argmax()
            table[:, owners[d]] = -1
    return owners


def wrong_one_flag_an_object(iou, threshold):
    """Says for each object whether it is found, (G,), and not for each detection."""
    table, found = iou.clone(), torch.zeros(iou.shape[1], dtype=torch.bool)
    for d in range(len(iou)):
        if iou.shape[1] and table[d].max() >= threshold:
            g = table[d].argmax()
            found[g] = True
            table[:, g] = -1
    return found


def wrong_threshold_ignored(iou, threshold):
    """Always 0.5: wrong for other thresholds, such as 0.75."""
    return _greedy(iou, lambda best: bool(best >= 0.5))
