"""Answers to `pixel_iou` (lab 11), written from the student's notebook alone."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def right_class_by_class(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    """Two masks for each class; 0 / 0 is not a number by itself. float32."""
    known = target != 255
    ious = torch.zeros(num_classes)
    for k in range(num_classes):
        said, true = (prediction == k) & known, (target == k) & known
        ious[k] = (said & true).sum() / (said | true).sum()
    return ious


def right_by_a_table_of_confusion(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    """Counts all pairs of classes at once; the diagonal by row plus column minus diagonal. float64."""
    known = target != 255
    pairs = target[known].long() * num_classes + prediction[known].long()
    table = torch.bincount(pairs, minlength=num_classes**2).view(num_classes, num_classes).double()
    both = table.diagonal()
    return both / (table.sum(0) + table.sum(1) - both)


def right_by_sets(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    """Sets of pixels, in plain Python."""
    said, true = [set() for _ in range(num_classes)], [set() for _ in range(num_classes)]
    for i, (p, t) in enumerate(zip(prediction.flatten().tolist(), target.flatten().tolist(), strict=True)):
        if t != 255:
            said[p].add(i)
            true[t].add(i)
    pairs = zip(said, true, strict=True)
    return torch.tensor([len(s & t) / len(s | t) if s | t else math.nan for s, t in pairs])


def right_by_one_hot(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    """Minimum and maximum of two one-hot maps are intersection and union."""
    known = target != 255
    said = F.one_hot(prediction[known].long(), num_classes)
    true = F.one_hot(target[known].long(), num_classes)
    both, either = torch.minimum(said, true).sum(0).float(), torch.maximum(said, true).sum(0).float()
    return torch.where(either > 0, both / either.clamp(min=1), torch.nan)


def right_by_three_histograms(prediction: Tensor, target: Tensor, num_classes: int) -> Tensor:
    """How often is each class said, true, and both? 255 is put aside as one class more."""
    said = torch.where(target == 255, num_classes, prediction).long()
    true = torch.where(target == 255, num_classes, target).long()

    def count(values: Tensor) -> Tensor:
        return torch.bincount(values.flatten(), minlength=num_classes + 1)[:num_classes].double()

    both = count(said[said == true])
    return (both / (count(said) + count(true) - both)).float()


def _counts(prediction, target, num_classes):
    """Pixels that are said to be each class, that are it, and both; float64."""
    classes = torch.arange(num_classes)[:, None]
    said, true = prediction.flatten() == classes, target.flatten() == classes
    return said.sum(1).double(), true.sum(1).double(), (said & true).sum(1).double()


def _known(prediction, target):
    return prediction[target != 255], target[target != 255]


def wrong_void_counts(prediction, target, num_classes):
    """What is said about pixels that nobody labelled stays in the union: wrong wherever the target is 255."""
    said, true, both = _counts(prediction, target, num_classes)
    return both / (said + true - both)


def wrong_void_is_background(prediction, target, num_classes):
    """Takes 255 for background: that class wins or loses pixels, and so do the classes said there."""
    said, true, both = _counts(prediction, target.masked_fill(target == 255, 0), num_classes)
    return both / (said + true - both)


def wrong_missing_class_is_zero(prediction, target, num_classes):
    """0 and not NaN for a class that is neither predicted nor there: the mean falls."""
    said, true, both = _counts(*_known(prediction, target), num_classes)
    return both / (said + true - both).clamp(min=1)


def wrong_missing_class_is_one(prediction, target, num_classes):
    """1 and not NaN for a class that is neither predicted nor there: the mean rises."""
    said, true, both = _counts(*_known(prediction, target), num_classes)
    union = said + true - both
    return torch.where(union > 0, both / union, 1.0)


def wrong_not_there_is_not_a_number(prediction, target, num_classes):
    """NaN for each class that the target does not have: one that is predicted wrongly should be 0."""
    said, true, both = _counts(*_known(prediction, target), num_classes)
    return torch.where(true > 0, both / (said + true - both), torch.nan)


def wrong_not_predicted_is_not_a_number(prediction, target, num_classes):
    """NaN for each class that is never predicted: one that is there and missed should be 0."""
    said, true, both = _counts(*_known(prediction, target), num_classes)
    return torch.where(said > 0, both / (said + true - both), torch.nan)


def wrong_dice(prediction, target, num_classes):
    """Twice the intersection by the sum of both: Dice, larger than IoU between 0 and 1."""
    said, true, both = _counts(*_known(prediction, target), num_classes)
    return 2 * both / (said + true)


def wrong_share_found(prediction, target, num_classes):
    """Divides by the pixels of the class: recall, to which what is said too often costs nothing."""
    _, true, both = _counts(*_known(prediction, target), num_classes)
    return both / true


def wrong_share_right(prediction, target, num_classes):
    """Divides by the pixels predicted as the class: precision, to which what is missed costs nothing."""
    said, _, both = _counts(*_known(prediction, target), num_classes)
    return both / said


def wrong_intersection_counted_twice(prediction, target, num_classes):
    """The union is the sum of both, without the intersection taken off: a perfect map gets 0.5."""
    said, true, both = _counts(*_known(prediction, target), num_classes)
    return both / (said + true)


def wrong_share_of_all_pixels(prediction, target, num_classes):
    """Divides by all labelled pixels: the numbers add up to the pixel accuracy."""
    known = _known(prediction, target)
    _, _, both = _counts(*known, num_classes)
    return both / len(known[0])


def wrong_without_background(prediction, target, num_classes):
    """Leaves out class 0: one number too few."""
    said, true, both = _counts(*_known(prediction, target), num_classes)
    return (both / (said + true - both))[1:]


def wrong_classes_that_occur(prediction, target, num_classes):
    """Only the classes that occur, and not all `num_classes` of them: the places mean other classes."""
    said, true, both = _counts(*_known(prediction, target), num_classes)
    union = said + true - both
    return (both / union)[union > 0]


def wrong_mean_already(prediction, target, num_classes):
    """The mean over the classes and not a number for each."""
    said, true, both = _counts(*_known(prediction, target), num_classes)
    return (both / (said + true - both)).nanmean()


def wrong_classes_from_one(prediction, target, num_classes):
    """Asks for the classes 1 to num_classes and not 0 to num_classes - 1: all are one place off."""
    said, true, both = (c[1:] for c in _counts(*_known(prediction, target), num_classes + 1))
    return both / (said + true - both)


def wrong_void_class_is_the_last(prediction, target, num_classes):
    """Leaves out the pixels of the last class, as if `num_classes` - 1 were void, and not 255."""
    known = target < num_classes - 1
    said, true, both = _counts(prediction[known], target[known], num_classes)
    return both / (said + true - both)


def wrong_void_written_into_the_prediction(prediction, target, num_classes):
    """The right numbers, but the caller's prediction has 255 in it afterwards."""
    prediction[target == 255] = 255
    said, true, both = _counts(prediction, target, num_classes)
    return both / (said + true - both)


def wrong_whole_numbers(prediction, target, num_classes):
    """Divides whole numbers with //: everything below 1 becomes 0."""
    said, true, both = _counts(*_known(prediction, target), num_classes)
    return both // (said + true - both)
