"""Lab 07, section 6: how many objects the best few detections of each image find."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import judge_number, table
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab07.match_greedily import match_greedily

Tables = tuple[Tensor, ...]


def recall_of_k_best(ious: Tables, k: int) -> float:
    """The share of all objects that the k best detections of each image find, at IoU 0.5."""
    return sum(_found(iou[:k]) for iou in ious) / _objects(ious)


def _found(iou: Tensor) -> int:
    return int(match_greedily(iou, 0.5).sum())


def _objects(ious: Tables) -> int:
    return sum(iou.shape[1] for iou in ious)


_TWO = table((0.9, 0.0), (0.2, 0.2), (0.0, 0.7))
_TWICE = table((0.9, 0.0, 0.0), (0.8, 0.0, 0.0), (0.0, 0.6, 0.0))
_SURE_BUT_POOR = table((0.1, 0.6), (0.95, 0.0), (0.2, 0.8))

RECALL_OF_K_BEST = Exercise(
    recall_of_k_best,
    judge=judge_number,
    hints=(
        "Which two numbers do you add up over all images, and when do you divide?",
        "recall = (right ones among the first k of each image, added up) / (objects of all images).",
        "found = sum(match_greedily(…, 0.5).sum().item() for iou in ious)\n"
        "return found / …  # all objects of all images",
    ),
    cases=(
        Case("one image, k = 1", ((_TWO,), 1)),
        Case("a wrong detection in between, k = 2", ((_TWO,), 2)),
        Case("k = 3", ((_TWO,), 3)),
        Case("an object found twice, k = 2", ((_TWICE,), 2)),
        Case("an IoU of exactly 0.5", ((table((0.5, 0.0)),), 1)),
        Case("a more confident box and a more precise one, k = 1", ((_SURE_BUT_POOR,), 1)),
        Case("only the second object is found, k = 1", ((table((0.1, 0.9), (0.2, 0.3)),), 1)),
        Case("two images, k = 2", ((_TWO, table((0.8,), (0.1,))), 2)),
        Case("one object beside three, k = 2", ((_TWICE, table((0.1,), (0.8,))), 2)),
        Case("an image without detections", ((_TWO, torch.zeros(0, 3)), 3)),
        Case("an image without objects", ((_TWO, torch.zeros(2, 0)), 3)),
    ),
)


@RECALL_OF_K_BEST.wrong("the mean over images", "Count objects, not images: divide once, at the end.")
def _mean_of_images(ious: Tables, k: int) -> float:
    shares = [_found(iou[:k]) / iou.shape[1] for iou in ious if iou.shape[1]]
    return sum(shares) / len(shares)


@RECALL_OF_K_BEST.wrong("the k best of all images", "Each image may have k detections.")
def _k_of_all_images(ious: Tables, k: int) -> float:
    found, left = 0, k
    for iou in ious:
        found, left = found + _found(iou[:left]), left - len(iou[:left])
    return found / _objects(ious)


@RECALL_OF_K_BEST.wrong("precision instead of recall", "Divide by the number of objects, not of detections.")
def _precision_of_k(ious: Tables, k: int) -> float:
    return sum(_found(iou[:k]) for iou in ious) / max(sum(len(iou[:k]) for iou in ious), 1)


@RECALL_OF_K_BEST.wrong("divided by k for each image", "Divide by the number of objects of all images.")
def _divided_by_k(ious: Tables, k: int) -> float:
    return sum(_found(iou[:k]) for iou in ious) / (k * len(ious))


@RECALL_OF_K_BEST.wrong(
    "images without detections are skipped",
    "Their objects are missed, and missed objects are what recall is about.",
)
def _skips_empty_images(ious: Tables, k: int) -> float:
    return recall_of_k_best(tuple(iou for iou in ious if len(iou)), k)


@RECALL_OF_K_BEST.wrong(
    "the first k right ones", "Wrong detections use up places among the k as well: cut first, then match."
)
def _k_right_ones(ious: Tables, k: int) -> float:
    return sum(min(_found(iou), k) for iou in ious) / _objects(ious)


@RECALL_OF_K_BEST.wrong("duplicates counted as found", "An object is found once: use `match_greedily`.")
def _counts_duplicates(ious: Tables, k: int) -> float:
    return sum((iou[:k] >= 0.5).any(1).sum().item() for iou in ious) / _objects(ious)


@RECALL_OF_K_BEST.wrong(
    "at most k objects of each image in the denominator",
    "Divide by all objects: the fact that k boxes cannot find more than k objects is part of the result.",
)
def _at_most_k_objects(ious: Tables, k: int) -> float:
    return sum(_found(iou[:k]) for iou in ious) / sum(min(k, iou.shape[1]) for iou in ious)


@RECALL_OF_K_BEST.wrong("an IoU of more than 0.5", "An IoU of exactly 0.5 is enough.")
def _more_than_half(ious: Tables, k: int) -> float:
    return sum(int(match_greedily(iou[:k], 0.5 + 1e-6).sum()) for iou in ious) / _objects(ious)


@RECALL_OF_K_BEST.wrong(
    "the share of images in which something is found", "Count the objects that are found, not the images."
)
def _share_of_images(ious: Tables, k: int) -> float:
    return sum(_found(iou[:k]) > 0 for iou in ious) / len(ious)


@RECALL_OF_K_BEST.wrong(
    "a tensor instead of a number", "The value is right, but it is a tensor: .item() turns it into a number."
)
def _as_tensor(ious: Tables, k: int) -> Tensor:
    return torch.tensor(recall_of_k_best(ious, k))


@RECALL_OF_K_BEST.wrong(
    "an error without detections", "An image may have no detections, (0, G): its objects are missed."
)
def _error_without_detections(ious: Tables, k: int) -> float:
    if not all(len(iou) for iou in ious):
        raise Exception  # whatever the error
    return recall_of_k_best(ious, k)


@RECALL_OF_K_BEST.wrong(
    "an error without objects", "An image may have no objects, (D, 0): its detections find nothing."
)
def _error_without_objects(ious: Tables, k: int) -> float:
    if not all(iou.shape[1] for iou in ious):
        raise Exception  # whatever the error
    return recall_of_k_best(ious, k)


def _most_exact(iou: Tensor, k: int) -> Tensor:
    return iou[iou.amax(1).argsort(descending=True, stable=True)[:k]] if iou.numel() else iou[:k]


def _other_rows(name: str, story: str, rows: Callable[[Tensor, int], Tensor]) -> None:
    """Add the answer that counts what other rows or columns of each table find."""
    RECALL_OF_K_BEST.wrong(name, story)(
        lambda ious, k: sum(_found(rows(iou, k)) for iou in ious) / _objects(ious)
    )


_other_rows("all detections", "Only the first k detections of each image count.", lambda iou, k: iou)
_other_rows("k + 1 detections of each image", "iou[:k] gives the first k rows.", lambda iou, k: iou[: k + 1])
_other_rows("k - 1 detections of each image", "iou[:k] gives the first k rows.", lambda iou, k: iou[: k - 1])
_other_rows(
    "the best detection left out",
    "Rows are counted from 0: iou[:k] gives the first k.",
    lambda iou, k: iou[1:k],
)
_other_rows(
    "the last k detections", "The best score comes first: iou[:k], not iou[-k:].", lambda iou, k: iou[-k:]
)
_other_rows("the kth detection alone", "All of the first k count.", lambda iou, k: iou[k - 1 : k])
_other_rows(
    "the first k objects",
    "Rows are detections, columns are objects: slice the rows.",
    lambda iou, k: iou[:, :k],
)
_other_rows(
    "the k most precise detections",
    "The k best are those with the best *scores*, the first rows; an evaluator must not use the ground truth to choose.",
    _most_exact,
)

EXERCISES = (RECALL_OF_K_BEST,)
