"""Lab 15, section 1: a detector with other classes answers in the classes of the course."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab15.pictures import classes_picture
from classroom.exercises.mistakes import failing_when, overwriting

Found = dict[str, Tensor]


def course_classes(found: Found, ours: dict[int, int]) -> Found:
    """The detections whose class has a number in the course, under that number."""
    keep = torch.tensor([label in ours for label in found["labels"].tolist()], dtype=torch.bool)
    labels = [ours[label] for label in found["labels"][keep].tolist()]
    return {
        "boxes": found["boxes"][keep],
        "labels": torch.tensor(labels, dtype=torch.int64),
        "scores": found["scores"][keep],
    }


def _found(*labels: int) -> Found:
    return {
        "boxes": random_boxes(len(labels), seed=len(labels)),
        "labels": torch.tensor(labels, dtype=torch.int64),
        "scores": torch.linspace(0.9, 0.3, max(len(labels), 1))[: len(labels)],
    }


COURSE_CLASSES = Exercise(
    course_classes,
    picture=classes_picture,
    hints=(
        "Which detections have a class that the course knows? Keep their boxes, labels and scores, and give the labels their new numbers.",
        "keep is a bool mask (D,), true where label in ours. The new labels are ours[label] of those that stay; "
        "give torch.tensor a dtype, because an empty list would become float.",
        'keep = torch.tensor([label in ours for label in found["labels"].tolist()], dtype=torch.bool)\n'
        'labels = [ours[label] for label in found["labels"][keep].tolist()]\n'
        'return {"boxes": found["boxes"][keep], "labels": torch.tensor(labels, dtype=torch.int64), "scores": found["scores"][keep]}',
    ),
    cases=(
        Case("one cup", (_found(42), {42: 6})),
        Case("a banana and a person", (_found(47, 1), {47: 4, 48: 1})),
        Case("a number that is a class of both", (_found(4, 47, 9), {47: 4, 4: 9})),
        Case("two bananas and an apple", (_found(47, 48, 47), {47: 4, 48: 1})),
        Case("classes 1 and 0 of theirs are neighbours", (_found(3, 2, 1, 5), {2: 1, 3: 2, 5: 3})),
        Case("nothing that the course knows", (_found(1, 16), {47: 4, 48: 1})),
        Case("no detections", (_found(), {47: 4})),
        Case(
            "twelve detections",
            (
                _found(74, 1, 46, 40, 41, 61, 42, 48, 47, 3, 74, 2),
                {74: 10, 46: 7, 40: 8, 41: 9, 42: 6, 48: 1},
            ),
        ),
    ),
)

_wrong = COURSE_CLASSES.wrong
LEAVE_OUT = (
    "A class that the course does not know can be neither right nor wrong here: leave the detection out."
)


def _relabelled(name: Callable[[dict[int, int], int], int]) -> Callable:
    """An answer that keeps every detection, and gives it a label of its own."""

    def answer(found: Found, ours: dict[int, int]) -> Found:
        labels = torch.tensor([name(ours, label) for label in found["labels"].tolist()], dtype=torch.int64)
        return found | {"labels": labels}

    return answer


def _kept(change: Callable[[Found, Found, dict[int, int]], Found]) -> Callable:
    """An answer that changes the right detections; it also sees the detections before."""
    return lambda found, ours: change(course_classes(found, ours), found, ours)


def _one_by_one(found: Found, ours: dict[int, int]) -> Found:
    labels = found["labels"].clone()
    keep = torch.tensor([label in ours for label in labels.tolist()], dtype=torch.bool)
    for theirs, mine in ours.items():
        labels[labels == theirs] = mine
    return {"boxes": found["boxes"][keep], "labels": labels[keep], "scores": found["scores"][keep]}


def _backwards(found: Found, ours: dict[int, int]) -> Found:
    return course_classes(found, {mine: theirs for theirs, mine in ours.items()})


def _first_of_each_class(right: Found, found: Found, ours: dict[int, int]) -> Found:
    labels = right["labels"].tolist()
    first = [i for i, label in enumerate(labels) if label not in labels[:i]]
    return {name: value[first] for name, value in right.items()}


def _by_label(right: Found, found: Found, ours: dict[int, int]) -> Found:
    order = right["labels"].argsort(stable=True)
    return {name: value[order] for name, value in right.items()}


for _name, _story, _function in (
    ("unknown classes are background", LEAVE_OUT, _relabelled(lambda ours, label: ours.get(label, 0))),
    (
        "unknown classes keep their number",
        "Their person is 1, and so is our apple. " + LEAVE_OUT,
        _relabelled(lambda ours, label: ours.get(label, label)),
    ),
    ("unknown classes are minus one", LEAVE_OUT, _relabelled(lambda ours, label: ours.get(label, -1))),
    (
        "labels counted from 0",
        "Label k is class k, in both: 0 is the background.",
        _kept(lambda right, found, ours: right | {"labels": right["labels"] - 1}),
    ),
    (
        "the labels of theirs",
        "The detections are the right ones; give them the numbers of the course.",
        lambda found, ours: {
            key: value[[label in ours for label in found["labels"].tolist()]] for key, value in found.items()
        },
    ),
    (
        "all boxes and scores kept",
        "Boxes, labels and scores belong together: take the same rows of all three.",
        _kept(lambda right, found, ours: found | {"labels": right["labels"]}),
    ),
    (
        "all scores kept",
        "Boxes, labels and scores belong together: take the same rows of all three.",
        _kept(lambda right, found, ours: right | {"scores": found["scores"]}),
    ),
    (
        "all boxes kept",
        "Boxes, labels and scores belong together: take the same rows of all three.",
        _kept(lambda right, found, ours: right | {"boxes": found["boxes"]}),
    ),
    (
        "the first boxes and scores",
        "The detections that stay are not always the first ones: take the same rows of all three.",
        _kept(
            lambda right, found, ours: {
                "boxes": found["boxes"][: len(right["labels"])],
                "labels": right["labels"],
                "scores": found["scores"][: len(right["labels"])],
            }
        ),
    ),
    (
        "one class renamed after the other",
        "A label that has its new number may be renamed a second time: read from the old labels.",
        _one_by_one,
    ),
    ("the table read backwards", "`ours` leads from their number to ours.", _backwards),
    (
        "one detection for each class",
        "An image may have several objects of a class.",
        _kept(_first_of_each_class),
    ),
    ("sorted by class", "Keep the order: the best score comes first.", _kept(_by_label)),
    (
        "float labels where nothing is left",
        "torch.tensor([]) is float: name the dtype, torch.int64.",
        _kept(lambda right, found, ours: right | {"labels": torch.tensor(right["labels"].tolist() or [])}),
    ),
    (
        "an error where nothing is left",
        "An image may have nothing that the course knows: return (0, 4), (0,) and (0,).",
        failing_when(lambda found, ours: not len(course_classes(found, ours)["labels"]), course_classes),
    ),
    (
        "the caller's detections overwritten",
        "They are needed again: build a new dict with new tensors.",
        overwriting(lambda found, ours: course_classes({k: v.clone() for k, v in found.items()}, ours), 0),
    ),
):
    _wrong(_name, _story)(_function)

EXERCISES = (COURSE_CLASSES,)
