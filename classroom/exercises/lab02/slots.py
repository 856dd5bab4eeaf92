"""Lab 02, second part: what a slot says, and the padding that must not leak into the loss."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab02.pictures import found_picture
from coursekit.models.slot_localiser import box_distance, keep_found, padded_box_loss

_SLOTS = boxes((0, 0, 40, 30), (10, 20, 90, 60), (50, 0, 70, 20))


def _logits(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows)


KEEP_FOUND = Exercise(
    keep_found,
    picture=found_picture,
    hints=(
        "What is the most probable answer of each slot, and which answers mean that there is an object?",
        "score = max of the softmax, label = its column; keep label > 0; sort by falling score.",
        "scores, labels = logits.softmax(-1).max(-1); order = scores.argsort(descending=True); then keep ...",
    ),
    cases=(
        Case("one slot with an object", (_SLOTS[:1], _logits((0.0, 2.0, 1.0)))),
        Case("one empty slot", (_SLOTS[:1], _logits((3.0, 2.0, 1.0)))),
        Case("most probable, though below one half", (_SLOTS[:1], _logits((1.0, 1.2, 0.9)))),
        Case(
            "two objects and an empty slot",
            (_SLOTS, _logits((0.0, 2.5, 0.0), (3.0, 0.0, 1.0), (0.0, 0.0, 4.0))),
        ),
        Case("the last class", (_SLOTS[:2], _logits((0.0, 0.0, 4.0), (0.0, 0.0, 3.0)))),
        Case("nothing at all", (_SLOTS, _logits((3.0, 0.0, 0.0), (2.0, 1.0, 1.0), (4.0, 2.0, 3.0)))),
    ),
)


def _found(boxes: Tensor, labels: Tensor, scores: Tensor, kept: Tensor) -> dict:
    order = scores[kept].argsort(descending=True)
    return {name: x[kept][order] for name, x in (("boxes", boxes), ("labels", labels), ("scores", scores))}


@KEEP_FOUND.wrong(
    "N slots taken for N objects", "Where the background is the most probable answer, the slot found nothing."
)
def _always_all(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(-1)[:, 1:].max(-1)
    return _found(boxes, labels + 1, scores, labels >= 0)


@KEEP_FOUND.wrong("labels one too small", "Column 0 is the background, so column k is label k.")
def _label_one_too_small(boxes: Tensor, logits: Tensor) -> dict:
    found = keep_found(boxes, logits)
    return found | {"labels": found["labels"] - 1}


@KEEP_FOUND.wrong(
    "the background in the last column",
    "Some papers put it there; in this course the background is 0 everywhere.",
)
def _background_last(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(-1).max(-1)
    return _found(boxes, labels + 1, scores, labels < logits.shape[1] - 1)


@KEEP_FOUND.wrong("only answers above one half", "With many classes the most probable one may have less.")
def _more_than_half(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(-1)[:, 1:].max(-1)
    return _found(boxes, labels + 1, scores, scores > 0.5)


@KEEP_FOUND.wrong("the order of the slots", "The most confident answer comes first.")
def _slot_order(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(-1).max(-1)
    return {"boxes": boxes[labels > 0], "labels": labels[labels > 0], "scores": scores[labels > 0]}


@KEEP_FOUND.wrong("scores before the softmax", "A score is a probability, between 0 and 1.")
def _logits_for_scores(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.max(-1)
    return _found(boxes, labels, scores, labels > 0)


@KEEP_FOUND.wrong(
    "a softmax that leaves out the background",
    "The probability of an object being there at all must be in the score.",
)
def _softmax_without_background(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits[:, 1:].softmax(-1).max(-1)
    return _found(boxes, labels + 1, scores, logits.argmax(-1) > 0)


# ---------------------------------------------------------------- padding

_GUESS = torch.tensor([[0.0, 0, 20, 20], [30.0, 0, 50, 40], [5.0, 5, 60, 60]])
_TRUTH = torch.tensor([[0.0, 0, 20, 10], [32.0, 4, 50, 40], [0.0, 0, 0, 0]])
_NO_NUMBER = torch.full((3, 4), float("nan"))


def _batch(*rows: tuple[bool, bool, bool], padding: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    real = torch.tensor(rows)  # (N, 3)
    padding = torch.zeros(3, 4) if padding is None else padding
    target = torch.where(real[..., None], _TRUTH.where(_TRUTH.any(1, keepdim=True), _GUESS / 2), padding)
    shift = 3 * torch.arange(len(rows))[:, None, None]
    return _GUESS + shift, target, real


PADDED_BOX_LOSS = Exercise(
    padded_box_loss,
    hints=(
        "Which slots may have a say? Choose them before you compute anything.",
        "loss = sum of the distances of the real slots / number of real slots, and 0 when there is none.",
        "distances = box_distance(predicted[real], target[real]), then .sum() / max(len(distances), 1).",
    ),
    cases=(
        Case("three objects, no padding", _batch((True, True, True))),
        Case("two objects and a slot of padding", _batch((True, True, False))),
        Case("one object here, three there", _batch((True, False, False), (True, True, True))),
        Case("no object at all", _batch((False, False, False))),
        Case("padding that is not a number", _batch((True, False, True), padding=_NO_NUMBER)),
        Case("gradients, 0 for padding", _batch((True, False, True), (False, True, False)), gradient=True),
    ),
)


@PADDED_BOX_LOSS.wrong(
    "a loss of every slot", "Empty slots are pulled towards the box (0, 0, 0, 0), which is only padding."
)
def _every_slot(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return box_distance(predicted.flatten(0, 1), target.flatten(0, 1)).mean()


@PADDED_BOX_LOSS.wrong(
    "padding in the denominator",
    "Then an object counts less in a batch of sparse scenes: divide by the number of objects.",
)
def _divided_by_all(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return box_distance(predicted[real], target[real]).sum() / real.numel()


@PADDED_BOX_LOSS.wrong("a mean of the means of the pictures", "Every object of the batch counts the same.")
def _mean_of_means(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    means = [
        padded_box_loss(p[None], t[None], r[None]) for p, t, r in zip(predicted, target, real, strict=True)
    ]
    return torch.stack(means).mean()


@PADDED_BOX_LOSS.wrong(
    "zero times padding", "0 times NaN is NaN. Choose the real slots first: predicted[real]."
)
def _zero_times_padding(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    distances = box_distance(predicted.flatten(0, 1), target.flatten(0, 1))
    return (distances * real.flatten()).sum() / real.sum().clamp(min=1)


@PADDED_BOX_LOSS.wrong("the mean of nothing", "That is 0 / 0; without an object the loss is 0.")
def _mean_of_nothing(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return box_distance(predicted[real], target[real]).mean()


@PADDED_BOX_LOSS.wrong("the padding instead of the objects", "`real` is True where an object is.")
def _the_padding_only(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return padded_box_loss(predicted, target, ~real)


@PADDED_BOX_LOSS.wrong("a sum instead of a mean", "The loss would grow with the batch.")
def _total(predicted: Tensor, target: Tensor, real: Tensor) -> Tensor:
    return box_distance(predicted[real], target[real]).sum()


EXERCISES = (KEEP_FOUND, PADDED_BOX_LOSS)
