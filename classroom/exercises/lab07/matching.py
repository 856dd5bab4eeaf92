"""Lab 07, sections 1 and 6: which detections are right, and how many objects the best few find."""

import torch
from torch import Tensor

from classroom.exercises.cases import table
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab07.pictures import table_picture


def match_greedily(iou: Tensor, threshold: float) -> Tensor:
    """Whether each detection, best score first, finds an object that is still free: (D, G) -> (D,) bool."""
    iou, right = iou.clone(), torch.zeros(len(iou), dtype=torch.bool)
    for i in range(len(iou) if iou.shape[1] else 0):
        overlap, best = iou[i].max(0)
        right[i] = overlap >= threshold
        if right[i]:
            iou[:, best] = -1  # taken
    return right


MATCH_GREEDILY = Exercise(
    match_greedily,
    picture=table_picture,
    hints=(
        "Go down the list. What must you remember of the detections before?",
        "right[i] = (highest IoU with a free object) >= threshold; if right, that object is not free any more.",
        "iou = iou.clone(); for i ...: overlap, best = iou[i].max(0); if overlap >= threshold: right[i] = True; iou[:, best] = -1",
    ),
    cases=(
        Case("one detection, one object", (table((0.8,)), 0.5)),
        Case("an IoU of exactly the threshold", (table((0.5,)), 0.5)),
        Case("an object found twice", (table((0.8,), (0.9,)), 0.5)),
        Case("a poor box before a good one", (table((0.3,), (0.9,)), 0.5)),
        Case("a free object instead of the best one", (table((0.9, 0.1), (0.8, 0.6)), 0.5)),
        Case("the better of two objects", (table((0.6, 0.9), (0.7, 0.2)), 0.5)),
        Case(
            "five detections, three objects",
            (
                table((0.1, 0.9, 0.0), (0.6, 0.7, 0.0), (0.8, 0.2, 0.0), (0.0, 0.0, 0.4), (0.0, 0.5, 0.75)),
                0.5,
            ),
        ),
        Case(
            "the same table, asked for 0.75",
            (
                table((0.1, 0.9, 0.0), (0.6, 0.7, 0.0), (0.8, 0.2, 0.0), (0.0, 0.0, 0.4), (0.0, 0.5, 0.75)),
                0.75,
            ),
        ),
        Case("no object", (torch.zeros(2, 0), 0.5)),
        Case("no detection", (torch.zeros(0, 3), 0.5)),
    ),
)


@MATCH_GREEDILY.wrong(
    "duplicates counted as right", "The second detection of an object is wrong: nobody asked for it twice."
)
def _duplicates_are_right(iou: Tensor, threshold: float) -> Tensor:
    return (iou >= threshold).any(1)


@MATCH_GREEDILY.wrong(
    "the best object or none",
    "When its best object is taken, a detection may still have another one that overlaps enough.",
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
    "the best overlap wins, not the best score",
    "The detections choose, one after the other, and the list is sorted by score.",
)
def _objects_choose(iou: Tensor, threshold: float) -> Tensor:
    right = torch.zeros(len(iou), dtype=torch.bool)
    for column in iou.T if len(iou) else []:
        best = column.masked_fill(right, -1).argmax()
        right[best] = right[best] or column.masked_fill(right, -1)[best] >= threshold
    return right


@MATCH_GREEDILY.wrong("more than the threshold", "An IoU of exactly the threshold is enough.")
def _more_than(iou: Tensor, threshold: float) -> Tensor:
    return match_greedily(iou, threshold + 1e-6)


@MATCH_GREEDILY.wrong(
    "an object taken by a wrong detection",
    "Only a right detection takes its object; a poor box leaves it to the others.",
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


def recall_of_k_best(ious: tuple[Tensor, ...], k: int) -> float:
    """The share of all objects that the k best detections of each image find, at IoU 0.5."""
    found = sum(match_greedily(iou[:k], 0.5).sum().item() for iou in ious)
    return found / sum(iou.shape[1] for iou in ious)


_TWO = table((0.9, 0.0), (0.2, 0.2), (0.0, 0.7))
_TWICE = table((0.9, 0.0, 0.0), (0.8, 0.0, 0.0), (0.0, 0.6, 0.0))

RECALL_OF_K_BEST = Exercise(
    recall_of_k_best,
    hints=(
        "Which two numbers do you count over all images, and when do you divide?",
        "recall = (right ones among the first k of each image, added up) / (objects of all images).",
        "sum(match_greedily(iou[:k], 0.5).sum().item() for iou in ious) / ...",
    ),
    cases=(
        Case("one image, k = 1", ((_TWO,), 1)),
        Case("a wrong detection in between, k = 2", ((_TWO,), 2)),
        Case("k = 3", ((_TWO,), 3)),
        Case("an object found twice, k = 2", ((_TWICE,), 2)),
        Case("two images, k = 2", ((_TWO, table((0.8,), (0.1,))), 2)),
        Case("an image without detections", ((_TWO, torch.zeros(0, 3)), 3)),
        Case("an image without objects", ((_TWO, torch.zeros(2, 0)), 3)),
        Case("more than there are", ((_TWO, _TWICE), 100)),
    ),
)


@RECALL_OF_K_BEST.wrong("the mean over images", "Count objects, not images: divide once, at the end.")
def _mean_of_images(ious: tuple[Tensor, ...], k: int) -> float:
    shares = [recall_of_k_best((iou,), k) for iou in ious if iou.shape[1]]
    return sum(shares) / len(shares)


@RECALL_OF_K_BEST.wrong("the k best of all images", "Each image may give k detections.")
def _k_of_all_images(ious: tuple[Tensor, ...], k: int) -> float:
    found, left = 0, k
    for iou in ious:
        found, left = found + match_greedily(iou[:left], 0.5).sum().item(), left - len(iou[:left])
    return found / sum(iou.shape[1] for iou in ious)


@RECALL_OF_K_BEST.wrong("precision instead of recall", "Divide by the number of objects, not of detections.")
def _precision_of_k(ious: tuple[Tensor, ...], k: int) -> float:
    found = sum(match_greedily(iou[:k], 0.5).sum().item() for iou in ious)
    return found / max(sum(len(iou[:k]) for iou in ious), 1)


@RECALL_OF_K_BEST.wrong(
    "images without detections are skipped", "Their objects are missed, and that is what recall is about."
)
def _skips_empty_images(ious: tuple[Tensor, ...], k: int) -> float:
    return recall_of_k_best(tuple(iou for iou in ious if len(iou)), k)


@RECALL_OF_K_BEST.wrong(
    "the first k right ones", "Wrong detections use up the k as well: cut first, then match."
)
def _k_right_ones(ious: tuple[Tensor, ...], k: int) -> float:
    found = sum(min(match_greedily(iou, 0.5).sum().item(), k) for iou in ious)
    return found / sum(iou.shape[1] for iou in ious)


@RECALL_OF_K_BEST.wrong("duplicates counted as found", "An object is found once: use `match_greedily`.")
def _counts_duplicates(ious: tuple[Tensor, ...], k: int) -> float:
    found = sum((iou[:k] >= 0.5).any(1).sum().item() for iou in ious)
    return found / sum(iou.shape[1] for iou in ious)


EXERCISES = (MATCH_GREEDILY, RECALL_OF_K_BEST)
