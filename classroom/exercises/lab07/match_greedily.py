"""Lab 07, section 1: which detections are right."""

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from classroom.exercises.cases import table
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab07.pictures import table_picture


def match_greedily(iou: Tensor, threshold: float) -> Tensor:
    """Whether each detection, best score first, finds an object that is still free: (D, G) -> (D,) bool."""
    return _matched(iou, threshold) >= 0


def _matched(iou: Tensor, threshold: float) -> Tensor:
    """The object that each detection takes, -1 for none: (D, G) -> (D,)."""
    iou, owner = iou.clone(), torch.full((len(iou),), -1)
    for i in range(len(iou)):
        if iou.shape[1] and iou[i].amax() >= threshold:
            owner[i] = iou[i].argmax()
            iou[:, owner[i]] = -1  # taken
    return owner


_FIVE = table((0.1, 0.9, 0.0), (0.6, 0.7, 0.0), (0.8, 0.2, 0.0), (0.0, 0.0, 0.4), (0.0, 0.5, 0.75))

MATCH_GREEDILY = Exercise(
    match_greedily,
    picture=table_picture,
    hints=(
        "Go down the list. What must you remember about the earlier detections?",
        "right[i] = (highest IoU with a free object) >= threshold; if right, that object is no longer free.",
        "iou, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)\n"
        "for i in range(len(iou) if iou.shape[1] else 0):\n"
        "    overlap, best = iou[i].max(0)\n"
        "    if overlap >= threshold:\n"
        "        right[i] = True\n"
        "        …  # no later detection may take this object\n"
        "return right",
    ),
    cases=(
        Case("one detection, one object", (table((0.8,)), 0.5)),
        Case("an IoU of exactly the threshold", (table((0.5,)), 0.5)),
        Case("an object found twice", (table((0.8,), (0.9,)), 0.5)),
        Case("a poor box before a good one", (table((0.3,), (0.9,)), 0.5)),
        Case("a free object instead of the best one", (table((0.9, 0.1), (0.8, 0.6)), 0.5)),
        Case("the better of two objects", (table((0.6, 0.9), (0.7, 0.2)), 0.5)),
        Case("two good boxes for two objects", (table((0.6, 0.9), (0.2, 0.95)), 0.5)),
        Case("a poor box of one object, a good one of another", (table((0.3, 0.1), (0.2, 0.9)), 0.5)),
        Case("an object for each, the first box overlaps both best", (table((0.9, 0.8), (0.6, 0.7)), 0.5)),
        Case("both want the same object", (table((0.6, 0.9), (0.3, 0.55)), 0.5)),
        Case("the more confident box takes what the other needs", (table((0.9, 0.8), (0.85, 0.1)), 0.5)),
        Case("five detections, three objects", (_FIVE, 0.5)),
        Case("the same table, threshold 0.75", (_FIVE, 0.75)),
        Case("an IoU of 0.4, threshold 0.3", (table((0.4,)), 0.3)),
        Case("no objects", (torch.zeros(2, 0), 0.5)),
        Case("no detections", (torch.zeros(0, 3), 0.5)),
    ),
)


@MATCH_GREEDILY.wrong(
    "duplicates counted as right", "The second detection of an object is wrong: an object is found only once."
)
def _duplicates_are_right(iou: Tensor, threshold: float) -> Tensor:
    return (iou >= threshold).any(1)


@MATCH_GREEDILY.wrong(
    "the best object or none",
    "If its best object is taken, a detection may still overlap another one enough.",
)
def _only_the_best_object(iou: Tensor, threshold: float) -> Tensor:
    right, taken = torch.zeros(len(iou), dtype=torch.bool), set()
    for i, row in enumerate(iou if iou.shape[1] else iou[:0]):
        best = row.argmax().item()
        right[i] = row[best] >= threshold and best not in taken
        if right[i]:
            taken.add(best)
    return right


@MATCH_GREEDILY.wrong(
    "the best overlap of each object wins, not the best score",
    "The detections choose one after the other, in the order of their scores.",
)
def _objects_choose(iou: Tensor, threshold: float) -> Tensor:
    right = torch.zeros(len(iou), dtype=torch.bool)
    for column in iou.T if len(iou) else []:
        best = column.masked_fill(right, -1).argmax()
        right[best] = right[best] or column.masked_fill(right, -1)[best] >= threshold
    return right


@MATCH_GREEDILY.wrong(
    "one detection for each object, whichever overlaps it most",
    "The detections choose, one after the other, the one with the best score first.",
)
def _best_of_each_column(iou: Tensor, threshold: float) -> Tensor:
    right = torch.zeros(len(iou), dtype=torch.bool)
    if iou.numel():
        best, which = iou.max(0)
        right[which[best >= threshold]] = True
    return right


@MATCH_GREEDILY.wrong(
    "the largest overlaps matched first",
    "Go down the list by score: the more confident detection takes its object even if a later one overlaps it more.",
)
def _largest_overlap_first(iou: Tensor, threshold: float) -> Tensor:
    iou, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    while iou.numel() and iou.max() >= threshold:
        i, j = divmod(int(iou.argmax()), iou.shape[1])
        right[i], iou[i], iou[:, j] = True, -1, -1
    return right


@MATCH_GREEDILY.wrong(
    "the best assignment of all",
    "The more confident detection chooses first and takes the object it overlaps most, even if another choice finds more.",
)
def _best_assignment(iou: Tensor, threshold: float) -> Tensor:
    right = torch.zeros(len(iou), dtype=torch.bool)
    rows, columns = linear_sum_assignment(iou.numpy(), maximize=True)
    right[rows] = iou[rows, columns] >= threshold
    return right


@MATCH_GREEDILY.wrong("more than the threshold", "An IoU of exactly the threshold is enough.")
def _more_than(iou: Tensor, threshold: float) -> Tensor:
    return match_greedily(iou, threshold + 1e-6)


@MATCH_GREEDILY.wrong("0.5 for every threshold", "Compare with `threshold`, whatever it is.")
def _threshold_ignored(iou: Tensor, threshold: float) -> Tensor:
    return match_greedily(iou, 0.5)


@MATCH_GREEDILY.wrong(
    "an object taken by a wrong detection",
    "Only a right detection takes its object; a poor box leaves it free for the others.",
)
def _takes_when_wrong(iou: Tensor, threshold: float) -> Tensor:
    iou, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for i in range(len(iou) if iou.shape[1] else 0):
        overlap, best = iou[i].max(0)
        right[i] = overlap >= threshold
        iou[:, best] = -1
    return right


@MATCH_GREEDILY.wrong(
    "the first object that fits",
    "Take the free object with the *highest* IoU, so that the next detection can have the other.",
)
def _first_object_that_fits(iou: Tensor, threshold: float) -> Tensor:
    iou, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for i in range(len(iou)):
        fits = (iou[i] >= threshold).nonzero()[:, 0]
        right[i] = len(fits) > 0
        iou[:, fits[:1]] = -1
    return right


@MATCH_GREEDILY.wrong("the worst score first", "The table has the best score first: go down the rows.")
def _worst_score_first(iou: Tensor, threshold: float) -> Tensor:
    return match_greedily(iou.flip(0), threshold).flip(0)


@MATCH_GREEDILY.wrong(
    "nothing right after the first wrong one",
    "A wrong detection does not end the list: continue with the next one.",
)
def _stops_at_the_first_miss(iou: Tensor, threshold: float) -> Tensor:
    return match_greedily(iou, threshold).long().cumprod(0).bool()


@MATCH_GREEDILY.wrong(
    "nothing right after the first right one",
    "One detection and its object are settled; the others still have to be matched.",
)
def _stops_at_the_first_hit(iou: Tensor, threshold: float) -> Tensor:
    right = match_greedily(iou, threshold)
    return right & (right.long().cumsum(0) == 1)


@MATCH_GREEDILY.wrong(
    "objects instead of true or false", "Return whether each detection is right, not which object it takes."
)
def _owners(iou: Tensor, threshold: float) -> Tensor:
    return _matched(iou, threshold)


@MATCH_GREEDILY.wrong(
    "1 and 0 instead of true and false", "The result is a tensor of torch.bool: it selects rows."
)
def _zeros_and_ones(iou: Tensor, threshold: float) -> Tensor:
    return match_greedily(iou, threshold).long()


@MATCH_GREEDILY.wrong(
    "true or false for each object", "The result has one entry per detection, (D,), not one per object."
)
def _flags_of_objects(iou: Tensor, threshold: float) -> Tensor:
    found = torch.zeros(iou.shape[1], dtype=torch.bool)
    owner = _matched(iou, threshold)
    found[owner[owner >= 0]] = True
    return found


@MATCH_GREEDILY.wrong(
    "the table of overlaps changed",
    "The marks of taken objects stay in the caller's table, which is needed for the next threshold: work on iou.clone().",
)
def _spoilt_table(iou: Tensor, threshold: float) -> Tensor:
    owner = _matched(iou, threshold)
    iou[:, owner[owner >= 0]] = -1
    return owner >= 0


@MATCH_GREEDILY.wrong(
    "an error without objects", "In an image without objects, (D, 0), every detection is wrong."
)
def _error_without_objects(iou: Tensor, threshold: float) -> Tensor:
    if not iou.shape[1]:
        raise Exception  # whatever the error
    return match_greedily(iou, threshold)


EXERCISES = (MATCH_GREEDILY,)
