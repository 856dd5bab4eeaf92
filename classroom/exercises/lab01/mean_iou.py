"""Lab 01, exercise 8: the mean IoU of a localiser."""

from typing import Any

from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import Picture, pair_picture
from coursekit import ops

PLAIN, RESULT = "the result is a plain number, as .item() makes one", "the mean IoU"


def mean_iou(predicted: Tensor, target: Tensor) -> float:
    """Mean IoU of prediction i with target i: (N, 4) and (N, 4) to one number."""
    return ops.box_iou(predicted, target).diagonal().mean().item()


def _judge(arguments: tuple, value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    plain = not isinstance(value, Tensor)
    return {PLAIN: plain, RESULT: float(value) if plain else value}


def _picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    return pair_picture(arguments, got[RESULT], wanted[RESULT])


MEAN_IOU = Exercise(
    mean_iou,
    picture=_picture,
    judge=_judge,
    hints=(
        "How many IoU values are there for N images?",
        "box_iou gives an (N, N) table. Which of its entries belong together?",
        "box_iou(predicted, target).diagonal() gives the N values; .mean().item() turns them into one plain number.",
    ),
    cases=(
        Case("one image", (boxes((0, 0, 4, 2)), boxes((2, 0, 6, 2)))),
        Case("a hit and a miss", (boxes((0, 0, 4, 4), (0, 0, 2, 2)), boxes((0, 0, 4, 4), (5, 5, 9, 9)))),
        Case(
            "a small box and a large one",
            (boxes((0, 0, 2, 2), (0, 0, 40, 40)), boxes((0, 0, 2, 1), (0, 0, 40, 30))),
        ),
        Case(
            "predictions in the wrong order",
            (boxes((0, 0, 2, 2), (5, 5, 9, 9)), boxes((5, 5, 9, 9), (0, 0, 2, 2))),
        ),
        Case(
            "two predictions near one target",
            (
                boxes((0, 0, 4, 4), (0, 0, 4, 3), (8, 8, 9, 9)),
                boxes((0, 0, 4, 4), (2, 0, 6, 3), (8, 7, 9, 9)),
            ),
        ),
        Case(
            "three images",
            (
                boxes((0, 0, 2, 2), (1, 1, 5, 9), (3, 0, 7, 1)),
                boxes((1, 0, 3, 2), (2, 2, 4, 4), (3, 0, 8, 1)),
            ),
        ),
    ),
)

_wrong = MEAN_IOU.wrong
_SHARE = "That is a different score; the mean reflects how good each box is."
_HITS = ("a mean without the misses", "A miss has an IoU of 0, and it counts.")


def _pairs(predicted: Tensor, target: Tensor) -> Tensor:
    return ops.paired_box_iou(predicted, target)


@_wrong("a tensor instead of a plain number", "The number is right; use .item() to get it out of the tensor.")
def _tensor(predicted: Tensor, target: Tensor) -> Tensor:
    return _pairs(predicted, target).mean()


@_wrong("one IoU per image, without a mean", "Return their mean, as one plain number.")
def _values(predicted: Tensor, target: Tensor) -> Tensor:
    return _pairs(predicted, target)


@_wrong(
    "the mean over all pairs", "Prediction 3 has nothing to do with image 7: take the diagonal of the table."
)
def _mean_over_all_pairs(predicted: Tensor, target: Tensor) -> float:
    return ops.box_iou(predicted, target).mean().item()


@_wrong(
    "a tensor of the mean over all pairs",
    "Take the diagonal of the table before the mean, and .item() of the result.",
)
def _tensor_over_all_pairs(predicted: Tensor, target: Tensor) -> Tensor:
    return ops.box_iou(predicted, target).mean()


@_wrong("the share of boxes with an IoU above 0.5", _SHARE)
def _share_above_half(predicted: Tensor, target: Tensor) -> float:
    return (_pairs(predicted, target) > 0.5).float().mean().item()


@_wrong("the share of boxes with an IoU of at least 0.5", _SHARE)
def _share_from_half(predicted: Tensor, target: Tensor) -> float:
    return (_pairs(predicted, target) >= 0.5).float().mean().item()


@_wrong("the share of boxes that overlap at all", _SHARE)
def _share_of_hits(predicted: Tensor, target: Tensor) -> float:
    return (_pairs(predicted, target) > 0).float().mean().item()


@_wrong(*_HITS)
def _mean_of_the_hits(predicted: Tensor, target: Tensor) -> float:
    iou = _pairs(predicted, target)
    return iou[iou > 0].mean().item()


@_wrong(*_HITS)
def _mean_of_the_hits_or_zero(predicted: Tensor, target: Tensor) -> float:
    iou = _pairs(predicted, target)
    return iou[iou > 0].mean().item() if (iou > 0).any() else 0.0


@_wrong(
    "one IoU of all areas together",
    "Large objects would outweigh the small ones: take the mean of the IoUs.",
)
def _iou_of_the_totals(predicted: Tensor, target: Tensor) -> float:
    iou = _pairs(predicted, target)
    both = ops.box_area(predicted) + ops.box_area(target)
    overlap = iou * both / (1 + iou)
    return (overlap.sum() / (both - overlap).sum()).item()


@_wrong(
    "the best prediction for each target",
    "A prediction belongs to its own image: take the diagonal of the table.",
)
def _best_prediction_wins(predicted: Tensor, target: Tensor) -> float:
    return ops.box_iou(predicted, target).amax(0).mean().item()


@_wrong(
    "the best target for each prediction",
    "A prediction belongs to its own image: take the diagonal of the table.",
)
def _best_target_wins(predicted: Tensor, target: Tensor) -> float:
    return ops.box_iou(predicted, target).amax(1).mean().item()


@_wrong("the sum instead of the mean", "Divide by the number of images.")
def _sum(predicted: Tensor, target: Tensor) -> float:
    return _pairs(predicted, target).sum().item()


@_wrong("the sum over all pairs", "Take the diagonal of the table, and its mean.")
def _sum_over_all_pairs(predicted: Tensor, target: Tensor) -> float:
    return ops.box_iou(predicted, target).sum().item()


@_wrong("the sum over all pairs, divided by N", "Only the pairs on the diagonal belong together.")
def _sum_over_all_pairs_per_image(predicted: Tensor, target: Tensor) -> float:
    return ops.box_iou(predicted, target).sum().item() / len(predicted)


@_wrong("a sum divided by N twice", "Divide the sum of N values by N, not by N².")
def _divided_twice(predicted: Tensor, target: Tensor) -> float:
    return _pairs(predicted, target).mean().item() / len(predicted)


@_wrong("a sum divided by N - 1", "The mean of N values divides by N.")
def _one_too_few(predicted: Tensor, target: Tensor) -> float:
    return _pairs(predicted, target).sum().item() / max(len(predicted) - 1, 1)


@_wrong("a sum divided by the number of all boxes", "There are N pairs, although there are 2 N boxes.")
def _half(predicted: Tensor, target: Tensor) -> float:
    return _pairs(predicted, target).mean().item() / 2


@_wrong("the mean of 1 - IoU", "A perfect localiser should get 1, not 0.")
def _mean_distance(predicted: Tensor, target: Tensor) -> float:
    return 1 - mean_iou(predicted, target)


@_wrong("the mean of GIoU", "The score is the mean of IoU, which is 0 for every miss; GIoU is for the loss.")
def _mean_giou(predicted: Tensor, target: Tensor) -> float:
    return ops.paired_generalized_box_iou(predicted, target).mean().item()


@_wrong("a percentage", "IoU lies between 0 and 1, and so does its mean.")
def _percentage(predicted: Tensor, target: Tensor) -> float:
    return 100 * mean_iou(predicted, target)


@_wrong("a rounded mean", "Return the number as it is; round it only when you print it.")
def _rounded(predicted: Tensor, target: Tensor) -> float:
    return round(mean_iou(predicted, target), 2)


@_wrong("the median", "The mean adds up all values and divides by their number.")
def _median(predicted: Tensor, target: Tensor) -> float:
    return _pairs(predicted, target).median().item()


@_wrong("the first image only", "Add up the values of all images: is there a `return` inside the loop?")
def _first(predicted: Tensor, target: Tensor) -> float:
    return _pairs(predicted, target)[0].item()


@_wrong("the last image only", "Add up the values of all images: does each overwrite the one before?")
def _last(predicted: Tensor, target: Tensor) -> float:
    return _pairs(predicted, target)[-1].item()


@_wrong("the best image only", "The mean counts all images.")
def _best(predicted: Tensor, target: Tensor) -> float:
    return _pairs(predicted, target).max().item()


@_wrong("the worst image only", "The mean counts all images.")
def _worst(predicted: Tensor, target: Tensor) -> float:
    return _pairs(predicted, target).min().item()


EXERCISES = (MEAN_IOU,)
