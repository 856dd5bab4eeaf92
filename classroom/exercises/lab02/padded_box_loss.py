"""Lab 02, exercise 5: padding that must not leak into the loss."""

from typing import Any

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab02.alike import any_width
from coursekit.models.localiser import giou_loss
from coursekit.models.slot_localiser import box_distance, padded_box_loss

_GUESS = torch.tensor([[0.0, 0, 20, 20], [30.0, 0, 50, 40], [5.0, 5, 60, 60]])
_TRUTH = torch.tensor([[0.0, 0, 20, 10], [32.0, 4, 50, 40], [0.0, 0, 0, 0]])
_NO_NUMBER = torch.full((3, 4), float("nan"))
_SOME_BOXES = torch.tensor([[3.0, 3, 9, 9], [1.0, 2, 30, 40], [7.0, 7, 8, 8]])


def _batch(*rows: tuple[bool, bool, bool], padding: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    real = torch.tensor(rows)  # (N, 3)
    padding = torch.zeros(3, 4) if padding is None else padding
    target = torch.where(real[..., None], _TRUTH.where(_TRUTH.any(1, keepdim=True), _GUESS / 2), padding)
    shift = 3 * torch.arange(len(rows))[:, None, None]
    return _GUESS + shift, target, real


def _judge(arguments: tuple, value: Any) -> Any:
    """A plain 0 for a batch without objects is as good as a tensor."""
    nothing = not arguments[2].any() and type(value) in (int, float)
    return torch.tensor(float(value)) if nothing else any_width(arguments, value)


PADDED_BOX_LOSS = Exercise(
    padded_box_loss,
    judge=_judge,
    hints=(
        "Which slots should count? Choose them before you compute anything.",
        "loss = sum of the distances of the real slots / number of real slots, or 0 if there are none.",
        "distances = box_distance(predicted[real], target[real]), then .sum() / max(len(distances), 1).",
    ),
    cases=(
        Case("three objects, no padding", _batch((True, True, True))),
        Case("two objects and a slot of padding", _batch((True, True, False))),
        Case("one object", _batch((True, False, False))),
        Case("one object here, three there", _batch((True, False, False), (True, True, True))),
        Case("two objects here, none there", _batch((True, False, True), (False, False, False))),
        Case("no objects at all", _batch((False, False, False))),
        Case("padding with boxes that mean nothing", _batch((False, True, True), padding=_SOME_BOXES)),
        Case("padding that is not a number", _batch((True, False, True), padding=_NO_NUMBER)),
        Case(
            "gradients with respect to the predicted boxes, 0 for padding",
            _batch((True, False, True), (False, True, False)),
            gradient=(0,),
        ),
    ),
)

_wrong = PADDED_BOX_LOSS.wrong


def _distances(predicted: Tensor, target: Tensor) -> Tensor:
    """The distance of every slot, padding included: (N, S)."""
    return box_distance(predicted.flatten(0, 1), target.flatten(0, 1)).view(predicted.shape[:2])


def _total_of(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return box_distance(predicted[real], target[real]).sum()


@_wrong(
    "a loss of every slot", "Empty slots are pulled towards the numbers of the padding, which mean nothing."
)
def _every_slot(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return _distances(predicted, target).mean()


@_wrong(
    "all slots of the images with objects", "Such an image has padding too: choose slots, predicted[real]."
)
def _whole_pictures(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    distances = _distances(predicted, target)[real.any(1)]
    return distances.sum() / max(distances.numel(), 1)


@_wrong(
    "padding in the denominator",
    "Then an object counts for less in a batch of sparse scenes: divide by the number of objects.",
)
def _divided_by_all(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return _total_of(predicted, target, real) / real.numel()


@_wrong("divided by the number of images", "Divide by the number of objects.")
def _divided_by_images(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return _total_of(predicted, target, real) / len(real)


@_wrong("divided by the number of slots of an image", "Divide by the number of objects.")
def _divided_by_slots(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return _total_of(predicted, target, real) / real.shape[1]


_MEANS = ("a mean of the means of the images", "Every object in the batch must have the same weight.")


def _means(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    rows = zip(predicted, target, real, strict=True)
    return torch.stack([padded_box_loss(p[None], t[None], r[None]) for p, t, r in rows])


@_wrong(*_MEANS)
def _mean_of_means(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return _means(predicted, target, real).mean()


@_wrong(*_MEANS)
def _mean_of_means_of_some(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return _means(predicted, target, real).sum() / real.any(1).sum().clamp(min=1)


@_wrong("zero times padding", "0 times NaN is NaN. Choose the real slots first: predicted[real].")
def _zero_times_padding(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return (_distances(predicted, target) * real).sum() / real.sum().clamp(min=1)


@_wrong(
    "boxes times the mask",
    "Even two boxes of zeros have a distance and enter the mean: choose the real slots first.",
)
def _boxes_times_mask(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    mask = real[..., None]
    return _distances(predicted * mask, target * mask).mean()


@_wrong(
    "padded targets set to 0",
    "The predictions of padded slots are then pulled towards (0, 0, 0, 0): leave these slots out.",
)
def _targets_masked(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    masked = torch.where(real[..., None], target, 0.0)
    return _distances(predicted, masked).sum() / real.sum().clamp(min=1)


@_wrong(
    "padding guessed from the boxes", "Padding need not be zeros: `real` tells which slots have an object."
)
def _guessed(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return padded_box_loss(predicted, target, target.abs().sum(-1) > 0)


@_wrong(
    "padding guessed from the boxes", "Padding need not be zeros: `real` tells which slots have an object."
)
def _guessed_with_numbers(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return padded_box_loss(predicted, target, (target != 0).any(-1))


@_wrong("the first slots of each image", "Padding may stand before an object: choose with predicted[real].")
def _first_slots(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return padded_box_loss(predicted, target, torch.arange(real.shape[1]) < real.sum(1, keepdim=True))


@_wrong("the mean of nothing", "That is 0 / 0; without objects the loss is 0.")
def _mean_of_nothing(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return box_distance(predicted[real], target[real]).mean()


@_wrong("the padding instead of the objects", "`real` is True where an object is.")
def _the_padding_only(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return padded_box_loss(predicted, target, ~real)


@_wrong("a sum instead of a mean", "The loss would grow with the batch.")
def _total(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return _total_of(predicted, target, real)


@_wrong("the first image only", "The mean is over all images of the batch.")
def _first_image(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return padded_box_loss(predicted[:1], target[:1], real[:1])


@_wrong("the GIoU loss alone", "box_distance also includes the mean error of the four numbers.")
def _giou_alone(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return giou_loss(predicted[real], target[real]).sum() / real.sum().clamp(min=1)


@_wrong("one distance per object", "The loss is one number, their mean.")
def _per_object(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return box_distance(predicted[real], target[real])


@_wrong(
    "a loss without gradient",
    "The numbers are right, but no gradient reaches the predicted boxes: use tensors all the way.",
)
def _without_gradient(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return padded_box_loss(predicted.detach(), target, real)


EXERCISES = (PADDED_BOX_LOSS,)
