"""Lab 10, exercise 4: what each query should predict."""

import torch
from torch import Tensor

from classroom.exercises.cases import match_of
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab10.pictures import row_picture
from classroom.exercises.mistakes import failing_when, overwriting
from coursekit.ops import Match


def query_classes(match: Match, labels: Tensor) -> Tensor:
    """The class that each query should predict, 0 for “no object”: Match of (Q,), (G,) -> (Q,) int64."""
    classes = torch.zeros_like(match.target)
    classes[match.positive] = labels[match.target[match.positive]]
    return classes


def pairs(count: int, *queries: int) -> Match:
    """Return the match of `count` queries in which object g has the g-th of these.

    >>> pairs(3, 2, 0).target, pairs(3, 2, 0).positive
    (tensor([1, 0, 0]), tensor([ True, False,  True]))
    """
    target, positive = torch.zeros(count, dtype=torch.int64), torch.zeros(count, dtype=torch.bool)
    for g, q in enumerate(queries):
        target[q], positive[q] = g, True
    return Match(target, positive, ~positive)


QUERY_CLASSES = Exercise(
    query_classes,
    picture=row_picture,
    hints=(
        "Start with “no object” everywhere. Which queries get something else, and whose label is it?",
        "classes[q] = labels[target[q]] where positive[q], and 0 elsewhere.",
        "classes = torch.zeros_like(match.target)\nclasses[match.positive] = labels[…]\nreturn classes",
    ),
    cases=(
        Case("one object, two queries", (pairs(2, 1), torch.tensor([3]))),
        Case("two objects, swapped", (pairs(4, 2, 1), torch.tensor([7, 4]))),
        Case("two objects of one class", (pairs(3, 0, 2), torch.tensor([5, 5]))),
        Case("every query has an object", (pairs(3, 1, 2, 0), torch.tensor([2, 9, 1]))),
        Case("four objects, ten queries", (pairs(10, 7, 0, 3, 8), torch.tensor([10, 1, 6, 2]))),
        Case("no objects", (match_of("nnn"), torch.zeros(0, dtype=torch.int64))),
    ),
)

_wrong = QUERY_CLASSES.wrong


@_wrong(
    "the class of object 0 for the rest", "`target` means nothing where a query is not positive: those are 0."
)
def _targets_everywhere(match: Match, labels: Tensor) -> Tensor:
    return labels[match.target] if len(labels) else query_classes(match, labels)


@_wrong(
    "an error without objects",
    "labels[match.target] also looks up a label for queries without an object; if there are no objects, there is none to look up.",
)
def _no_objects(match: Match, labels: Tensor) -> Tensor:
    return failing_when(lambda match, labels: not len(labels), query_classes)(match, labels)


@_wrong("classes counted from 0", "Labels are already 1 to K, and 0 is “no object”: do not subtract 1.")
def _minus_one(match: Match, labels: Tensor) -> Tensor:
    return query_classes(match, labels - 1)


@_wrong("classes counted from 2", "Labels are already 1 to K, and 0 is “no object”: do not add 1.")
def _plus_one(match: Match, labels: Tensor) -> Tensor:
    return query_classes(match, labels + 1)


@_wrong(
    "the labels in the order of the list",
    "The first matched query need not have the first object: its object is match.target[q].",
)
def _in_order(match: Match, labels: Tensor) -> Tensor:
    classes = torch.zeros_like(match.target)
    classes[match.positive] = labels
    return classes


@_wrong(
    "objects counted from 1",
    "The first object is number 0: its label is labels[target[q]], without - 1.",
)
def _objects_from_one(match: Match, labels: Tensor) -> Tensor:
    return query_classes(match, labels.roll(1))


@_wrong(
    "the object instead of its class",
    "target[q] is the number of an object; its class is labels[target[q]].",
)
def _object(match: Match, labels: Tensor) -> Tensor:
    return torch.where(match.positive, match.target, 0)


@_wrong(
    "the number of the object, plus 1",
    "target[q] is the number of an object; its class is labels[target[q]].",
)
def _object_plus_one(match: Match, labels: Tensor) -> Tensor:
    return torch.where(match.positive, match.target + 1, 0)


@_wrong("object or no object", "The class matters: write its label, not a 1.")
def _yes_or_no(match: Match, labels: Tensor) -> Tensor:
    return match.positive.long()


@_wrong("-1 for “no object”", "In this course class 0 is the background, in DETR too.")
def _minus_one_for_none(match: Match, labels: Tensor) -> Tensor:
    return query_classes(match, labels).where(match.positive, -1)


@_wrong(
    "a last class for “no object”",
    "The paper puts “no object” after the K classes; in this course it is class 0.",
)
def _last_class(match: Match, labels: Tensor) -> Tensor:
    return query_classes(match, labels).where(match.positive, 11)


@_wrong("the negative queries get the classes", "Positive queries have an object; negative ones have none.")
def _exchanged(match: Match, labels: Tensor) -> Tensor:
    classes = torch.zeros_like(match.target)
    classes[match.negative] = labels[match.target[match.negative]] if len(labels) else 0
    return classes


@_wrong(
    "the classes of the matched queries only",
    "There are Q queries, and each has a class: 0 if it has no object.",
)
def _positive_only(match: Match, labels: Tensor) -> Tensor:
    return labels[match.target[match.positive]]


@_wrong("the objects' labels, one after the other", "Entry q belongs to query q: write the label there.")
def _first_places(match: Match, labels: Tensor) -> Tensor:
    classes = torch.zeros_like(match.target)
    classes[: len(labels)] = labels
    return classes


@_wrong("classes that are not int64", "Classes must be whole numbers for the cross-entropy: torch.int64.")
def _floats(match: Match, labels: Tensor) -> Tensor:
    return query_classes(match, labels).float()


QUERY_CLASSES.wrong(
    "the match overwritten",
    "The classes are right, but the match has changed: start from a new tensor.",
)(overwriting(query_classes))

EXERCISES = (QUERY_CLASSES,)
