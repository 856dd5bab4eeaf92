"""Lab 11, first part: how a label map is scored."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import label_map
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab11.pictures import iou_picture
from classroom.exercises.readings import any_precision
from coursekit.metrics import confusion_matrix, iou_of_classes

VOID = 255


def pixel_iou(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    """The IoU of each class over the labelled pixels, NaN for a class that does not occur: (H, W), (H, W) -> (K,)."""
    return iou_of_classes(confusion_matrix(prediction, target, num_classes)).float()


PIXEL_IOU = Exercise(
    pixel_iou,
    judge=any_precision,
    picture=iou_picture,
    hints=(
        "For each class there are two masks: where it is predicted, and where it really is. Which pixels must be excluded from both?",
        "known = target != 255. IoU of class k = |P and T| / |P or T|, with P = (prediction == k) & known and T alike.",
        "known = …\n"
        "p, t = prediction[known], target[known]\n"
        "ratios = [… for k in range(num_classes)]  # in both, divided by: in either\n"
        "return torch.stack(ratios)",
    ),
    cases=(
        Case("half a row", (label_map("0011"), label_map("0111"), 2)),
        Case("two that cross", (label_map("0110"), label_map("0011"), 2)),
        Case("a class that does not occur", (label_map("0110", "0110"), label_map("0110", "0100"), 3)),
        Case("a class that is only predicted", (label_map("0022", "0000"), label_map("0000", "0000"), 3)),
        Case("a missed class", (label_map("0111", "0000"), label_map("0112", "0222"), 3)),
        Case("a longer list of classes", (label_map("3310", "3110"), label_map("3310", "333."), 6)),
        Case("an edge that is not labelled", (label_map("01122", "11122"), label_map("0112.", "0112."), 3)),
        Case("a void image", (label_map("01", "10", "11"), label_map("..", "..", ".."), 2)),
    ),
)


def _overlaps(prediction: Tensor, target: Tensor, num_classes: int, void: int = VOID) -> tuple[Tensor, ...]:
    """Intersection, predicted and true pixels of each class: three times (K,)."""
    known = target != void
    classes = torch.arange(num_classes)[:, None, None]
    mine, true = (prediction == classes) & known, (target == classes) & known  # (K, H, W)
    return tuple(pixels.sum((1, 2)).float() for pixels in (mine & true, mine, true))


@PIXEL_IOU.wrong(
    "void pixels counted",
    "Where the target is 255, no prediction is wrong: exclude these pixels from the union too.",
)
def _void_counted(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    both, mine, true = _overlaps(prediction, target, num_classes, void=-1)
    return both / (mine + true - both)


@PIXEL_IOU.wrong(
    "0 for a class that does not occur",
    "A class that is neither present nor predicted is not a mistake: it has no score, so NaN.",
)
def _zero_for_nothing(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    return pixel_iou(prediction, target, num_classes).nan_to_num(0.0)


@PIXEL_IOU.wrong(
    "1 for a class that does not occur",
    "A class that is neither present nor predicted is not a success: it has no score, so NaN.",
)
def _one_for_nothing(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    return pixel_iou(prediction, target, num_classes).nan_to_num(1.0)


@PIXEL_IOU.wrong("recall", "Predicting too much must lower the score: divide by the union.")
def _recall(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    both, _, true = _overlaps(prediction, target, num_classes)
    return both / true


@PIXEL_IOU.wrong("precision", "Predicting too little must lower the score: divide by the union.")
def _precision(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    both, mine, _ = _overlaps(prediction, target, num_classes)
    return both / mine


@PIXEL_IOU.wrong("the Dice score", "IoU counts the intersection once, not twice.")
def _dice(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    both, mine, true = _overlaps(prediction, target, num_classes)
    return 2 * both / (mine + true)


@PIXEL_IOU.wrong(
    "the intersection counted twice in the union",
    "The sum of both areas contains the intersection twice: subtract it once.",
)
def _sum_below(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    both, mine, true = _overlaps(prediction, target, num_classes)
    return both / (mine + true)


def _iou(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    both, mine, true = _overlaps(prediction, target, num_classes)
    return both / (mine + true - both)


def _from_counts(formula: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable:
    """An answer from the intersection, the predicted and the true pixels of each class."""
    return lambda prediction, target, num_classes: formula(*_overlaps(prediction, target, num_classes))


def _from_iou(change: Callable[[Tensor], Tensor]) -> Callable:
    return lambda prediction, target, num_classes: change(_iou(prediction, target, num_classes))


for name, story, function in (
    (
        "NaN for a class that is not in the target",
        "A class that is predicted but not present has an IoU of 0: NaN requires both masks to be empty.",
        _from_counts(lambda both, mine, true: torch.where(true > 0, both / (mine + true - both), torch.nan)),
    ),
    (
        "NaN for a class that is never predicted",
        "A class that is present but missed has an IoU of 0: NaN requires both masks to be empty.",
        _from_counts(lambda both, mine, true: torch.where(mine > 0, both / (mine + true - both), torch.nan)),
    ),
    (
        "NaN for every IoU of 0",
        "A class that is present or predicted has an IoU, even if it is 0: NaN requires both masks to be empty.",
        _from_iou(lambda iou: iou.masked_fill(iou == 0, torch.nan)),
    ),
    (
        "whole numbers",
        "/ divides, // rounds down.",
        _from_counts(lambda both, mine, true: both // (mine + true - both)),
    ),
    (
        "1 added to the union",
        "Do not protect the division: 0 / 0 should be NaN, and the others must stay exact.",
        _from_counts(lambda both, mine, true: both / (mine + true - both + 1)),
    ),
    (
        "1 added to intersection and union",
        "Do not protect the division: 0 / 0 should be NaN, and the others must stay exact.",
        _from_counts(lambda both, mine, true: (both + 1) / (mine + true - both + 1)),
    ),
    ("the number of common pixels", "Divide by the union.", _from_counts(lambda both, mine, true: both)),
    (
        "the larger of the two areas instead of the union",
        "The union is predicted + true - intersection.",
        _from_counts(lambda both, mine, true: both / torch.maximum(mine, true)),
    ),
    (
        "the smaller of the two areas instead of the union",
        "The union is predicted + true - intersection.",
        _from_counts(lambda both, mine, true: both / torch.minimum(mine, true)),
    ),
    ("1 - IoU", "Return the IoU itself, not a loss.", _from_iou(lambda iou: 1 - iou)),
    ("per cent", "An IoU is between 0 and 1.", _from_iou(lambda iou: 100 * iou)),
    ("the background left out", "Class 0 has an IoU like all the others.", _from_iou(lambda iou: iou[1:])),
    (
        "only the classes that occur",
        "Return one number for each of the num_classes classes, NaN for those that do not occur.",
        _from_iou(lambda iou: iou[~iou.isnan()]),
    ),
    ("one mean for all classes", "Return one IoU per class.", _from_iou(lambda iou: iou.nanmean())),
    (
        "NaN for the background",
        "Class 0 has an IoU like all the others.",
        _from_iou(lambda iou: torch.cat([iou[:1] * torch.nan, iou[1:]])),
    ),
    (
        "the classes from 1 to num_classes",
        "The classes are 0 to num_classes - 1: range(num_classes).",
        lambda p, t, k: _iou(p, t, k + 1)[1:],
    ),
    (
        "the last class left out as void",
        "Void is 255, not num_classes - 1.",
        lambda p, t, k: _iou(p, t.masked_fill(t == k - 1, VOID), k),
    ),
    (
        "the background left out as void",
        "Void is 255; 0 is a class, the background.",
        lambda p, t, k: _iou(p, t.masked_fill(t == 0, VOID), k),
    ),
    (
        "void counted as background",
        "Where the target is 255, the class is unknown: exclude these pixels.",
        lambda p, t, k: _iou(p, t.masked_fill(t == VOID, 0), k),
    ),
    (
        "void counted as right",
        "Where the target is 255, the class is unknown: exclude these pixels.",
        lambda p, t, k: _iou(p, torch.where(t == VOID, p, t), k),
    ),
    (
        "the share of all pixels",
        "Divide by the union of the class, not by all labelled pixels.",
        lambda p, t, k: _overlaps(p, t, k)[0] / (t != VOID).sum(),
    ),
):
    PIXEL_IOU.wrong(name, story)(function)


@PIXEL_IOU.wrong("the prediction overwritten", "The caller still needs its prediction: work on a copy.")
def _prediction_overwritten(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    iou = _iou(prediction, target, num_classes)
    prediction[target == VOID] = VOID
    return iou


@PIXEL_IOU.wrong("the target overwritten", "The caller still needs its target: work on a copy.")
def _target_overwritten(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    iou = _iou(prediction, target, num_classes)
    target[target == VOID] = 0
    return iou


EXERCISES = (PIXEL_IOU,)
