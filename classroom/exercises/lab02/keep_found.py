"""Lab 02, exercise 4: what the slots detected."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab02.alike import any_width
from classroom.exercises.lab02.pictures import found_picture
from coursekit.models.slot_localiser import keep_found

_SLOTS = boxes((0, 0, 40, 30), (10, 20, 90, 60), (50, 0, 70, 20), (5, 60, 25, 95))


def _logits(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows)


KEEP_FOUND = Exercise(
    keep_found,
    picture=found_picture,
    judge=any_width,
    hints=(
        "What is the most probable column of each slot, and which columns mean that there is an object?",
        "score = maximum of the softmax, label = its column; keep label > 0; sort by descending score.",
        "scores, labels = logits.softmax(-1).max(-1); order = scores.argsort(descending=True); then keep ...",
    ),
    cases=(
        Case("one slot with an object", (_SLOTS[:1], _logits((0.0, 2.0, 1.0)))),
        Case("one empty slot", (_SLOTS[:1], _logits((3.0, 2.0, 1.0)))),
        Case("most probable, although below one half", (_SLOTS[:1], _logits((1.0, 1.2, 0.9)))),
        Case("background, although below one half", (_SLOTS[:1], _logits((1.2, 1.0, 0.9)))),
        Case(
            "two objects and an empty slot",
            (_SLOTS[:3], _logits((0.0, 2.5, 0.0), (3.0, 0.0, 1.0), (0.0, 0.0, 4.0))),
        ),
        Case("the last class", (_SLOTS[:2], _logits((0.0, 0.0, 4.0), (0.0, 0.0, 3.0)))),
        Case("logits of different sizes", (_SLOTS[:2], _logits((5.0, 5.5, 5.0), (0.0, 0.5, 3.0)))),
        Case(
            "four slots, four classes",
            (
                _SLOTS,
                _logits(
                    (0.0, 0.5, 2.0, 0.1, 0.2),
                    (0.5, 3.0, 0.4, 2.8, 0.3),
                    (2.0, 0.3, 0.1, 1.9, 0.0),
                    (0.0, 0.1, 0.2, 0.3, 2.2),
                ),
            ),
        ),
        Case("nothing at all", (_SLOTS[:3], _logits((3.0, 0.0, 0.0), (2.0, 1.0, 1.0), (4.0, 2.0, 3.0)))),
    ),
)

_wrong = KEEP_FOUND.wrong


def _sorted(boxes: Tensor, labels: Tensor, scores: Tensor) -> dict:
    order = scores.argsort(descending=True)
    return {"boxes": boxes[order], "labels": labels[order], "scores": scores[order]}


def _found(boxes: Tensor, labels: Tensor, scores: Tensor, kept: Tensor) -> dict:
    return _sorted(boxes[kept], labels[kept], scores[kept])


@_wrong(
    "N slots mistaken for N objects", "If the background is the most probable, the slot has detected nothing."
)
def _always_all(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(-1)[:, 1:].max(-1)
    return _sorted(boxes, labels + 1, scores)


@_wrong(
    "empty slots kept, with label 0",
    "If the background is the most probable, the slot has detected nothing.",
)
def _background_kept(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(-1).max(-1)
    return _sorted(boxes, labels, scores)


@_wrong("empty slots instead of found ones", "Label 0 is the background: keep the slots with another label.")
def _background_only(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(-1).max(-1)
    return _found(boxes, labels, scores, labels == 0)


@_wrong("labels one too small", "Column 0 is the background, so column k is label k.")
def _label_one_too_small(boxes: Tensor, logits: Tensor) -> dict:
    found = keep_found(boxes, logits)
    return found | {"labels": found["labels"] - 1}


@_wrong("labels one too large", "Column 0 is the background, so column k is label k.")
def _label_one_too_large(boxes: Tensor, logits: Tensor) -> dict:
    found = keep_found(boxes, logits)
    return found | {"labels": found["labels"] + 1}


@_wrong(
    "the background in the last column",
    "Some papers put it there; in this course the background is 0 everywhere.",
)
def _background_last(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(-1).max(-1)
    return _found(boxes, labels + 1, scores, labels < logits.shape[1] - 1)


@_wrong(
    "the last class mistaken for the background",
    "Some papers put it there; in this course the background is 0 everywhere.",
)
def _last_class_lost(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(-1).max(-1)
    return _found(boxes, labels, scores, labels < logits.shape[1] - 1)


@_wrong(
    "only probabilities above one half", "With many classes, the most probable one may be below one half."
)
def _more_than_half(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(-1)[:, 1:].max(-1)
    return _found(boxes, labels + 1, scores, scores > 0.5)


@_wrong(
    "every slot whose background is below one half",
    "The background may be the most probable with less than one half.",
)
def _background_below_half(boxes: Tensor, logits: Tensor) -> dict:
    probabilities = logits.softmax(-1)
    scores, labels = probabilities[:, 1:].max(-1)
    return _found(boxes, labels + 1, scores, probabilities[:, 0] < 0.5)


@_wrong("the order of the slots", "The most confident detection comes first.")
def _slot_order(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(-1).max(-1)
    return {"boxes": boxes[labels > 0], "labels": labels[labels > 0], "scores": scores[labels > 0]}


@_wrong("the least confident first", "argsort sorts in ascending order unless you pass descending=True.")
def _upside_down(boxes: Tensor, logits: Tensor) -> dict:
    return {name: values.flip(0) for name, values in keep_found(boxes, logits).items()}


def _one_left_unsorted(name: str) -> None:
    @_wrong(
        f"{name} left in the order of the slots", "Boxes, labels and scores belong together: sort all three."
    )
    def unsorted(boxes: Tensor, logits: Tensor) -> dict:
        return keep_found(boxes, logits) | {name: _slot_order(boxes, logits)[name]}


_one_left_unsorted("boxes")
_one_left_unsorted("labels")
_one_left_unsorted("scores")


@_wrong("only the scores sorted", "Boxes, labels and scores belong together: sort all three.")
def _scores_sorted(boxes: Tensor, logits: Tensor) -> dict:
    return _slot_order(boxes, logits) | {"scores": keep_found(boxes, logits)["scores"]}


@_wrong("only the most confident slot", "Return all slots that detected something.")
def _best_only(boxes: Tensor, logits: Tensor) -> dict:
    return {name: values[:1] for name, values in keep_found(boxes, logits).items()}


@_wrong("sorted by label", "The most confident detection comes first.")
def _by_label(boxes: Tensor, logits: Tensor) -> dict:
    found = _slot_order(boxes, logits)
    order = found["labels"].argsort()
    return {name: values[order] for name, values in found.items()}


@_wrong("scores before the softmax", "A score is a probability, between 0 and 1.")
def _logits_for_scores(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.max(-1)
    return _found(boxes, labels, scores, labels > 0)


@_wrong("log-probabilities as scores", "A score is a probability, between 0 and 1: softmax, not log_softmax.")
def _logs_for_scores(boxes: Tensor, logits: Tensor) -> dict:
    found = keep_found(boxes, logits)
    return found | {"scores": found["scores"].log()}


@_wrong(
    "sigmoids instead of a softmax", "The classes of one slot compete, so their probabilities add up to 1."
)
def _sigmoids(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.sigmoid().max(-1)
    return _found(boxes, labels, scores, labels > 0)


@_wrong("a softmax over the slots", "The classes of one slot compete: they are on the last axis.")
def _softmax_over_slots(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(0).max(-1)
    return _found(boxes, labels, scores, labels > 0)


@_wrong(
    "a softmax that leaves out the background",
    "The score must include the probability that there is an object at all.",
)
def _softmax_without_background(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits[:, 1:].softmax(-1).max(-1)
    return _found(boxes, labels + 1, scores, logits.argmax(-1) > 0)


@_wrong(
    "the probability of any object as the score",
    "The score is the probability of the label, not 1 minus the background.",
)
def _score_of_something(boxes: Tensor, logits: Tensor) -> dict:
    probabilities = logits.softmax(-1)
    labels = probabilities.argmax(-1)
    return _found(boxes, labels, 1 - probabilities[:, 0], labels > 0)


@_wrong("all probabilities as the score", "The score is one number per slot: the probability of its label.")
def _all_probabilities(boxes: Tensor, logits: Tensor) -> dict:
    scores, labels = logits.softmax(-1).max(-1)
    order = scores.argsort(descending=True)
    found = order[labels[order] > 0]
    return {"boxes": boxes[found], "labels": labels[found], "scores": logits.softmax(-1)[found]}


EXERCISES = (KEEP_FOUND,)
