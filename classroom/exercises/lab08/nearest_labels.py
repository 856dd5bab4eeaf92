"""Lab 08, exercise 6: every cell gets the label of the known cell that is most like it."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab08.pictures import labels_picture
from classroom.exercises.mistakes import failing_when, overwriting

Labelled = tuple[Tensor, Tensor]
BOTH = "two things come back, labels and cosines"


def nearest_labels(cells: Tensor, known: Tensor, labels: Tensor) -> Labelled:
    """The label of the known vector with the largest cosine: (P, C), (M, C), (M,) -> (P,) labels, (P,) cosines."""
    return best(cosines(cells, known), labels)


def cosines(cells: Tensor, known: Tensor) -> Tensor:
    """(P, C), (M, C) -> (P, M) in [-1, 1]."""
    return F.normalize(cells, dim=1) @ F.normalize(known, dim=1).T


def best(similarity: Tensor, labels: Tensor) -> Labelled:
    """The label and the similarity of the most similar column."""
    value, place = similarity.max(1)
    return labels[place], value


def judge_labels(arguments: tuple, value: Labelled) -> dict[str, Tensor]:
    """Return both results; similarities in double precision are as good."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        return {BOTH: False}
    labels, similarity = value
    return {BOTH: True, "the labels": labels, "the similarities": similarity.float()}


_ANGLE = (torch.tensor([[1.0, 1.0]]), torch.tensor([[0.2, 0.2], [3.0, 1.0]]), torch.tensor([4, 7]))
_FAR = (
    torch.tensor([[0.5, 0.0], [0.0, 4.0]]),
    torch.tensor([[0.4, 0.3], [9.0, 2.0], [-5.0, 6.0]]),
    torch.tensor([3, 1, 2]),
)


def _random(cells: int, known: int, channels: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Vectors of very different lengths."""
    lengths = 10 ** (2 * uniform(known, 1, seed=seed + 2) - 1)
    own = 10 ** (2 * uniform(cells, 1, seed=seed + 3) - 1)
    labels = torch.randint(0, 5, (known,), generator=torch.Generator().manual_seed(seed))
    return normal(cells, channels, seed=seed) * own, normal(known, channels, seed=seed + 1) * lengths, labels


NEAREST_LABELS = Exercise(
    nearest_labels,
    picture=labels_picture,
    judge=judge_labels,
    hints=(
        "Only the direction of a vector counts, not its length. How do you make all lengths 1? What is the product of two such vectors?",
        "cosines (P, M) = normalised cells @ normalised known.T; .max(1) gives the largest of each row, and where it is.",
        "cosines = F.normalize(cells, dim=1) @ F.normalize(known, dim=1).T\n"
        "similarity, place = cosines.max(1)\n"
        "return labels[place], similarity",
    ),
    cases=(
        Case("one cell: a near vector of another direction, a far one of the same", _ANGLE),
        Case("two cells, three known", _FAR),
        Case("one known vector", _random(4, 1, 3, seed=0)),
        Case(
            "all point away",
            (torch.tensor([[1.0, 0.5]]), torch.tensor([[-1.0, 0.0], [-2.0, -1.0]]), torch.tensor([2, 3])),
        ),
        Case("many cells, few known", _random(30, 7, 6, seed=1)),
        Case("few cells, many known", _random(5, 40, 8, seed=2)),
        Case("no cell", _random(0, 4, 3, seed=3)),
    ),
)

_wrong = NEAREST_LABELS.wrong


def _other(name: str, story: str):
    """Add an answer that chooses by another table of similarities."""

    def add(table: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
        _wrong(name, story)(lambda cells, known, labels: best(table(cells, known), labels))
        return table

    return add


@_other("dot products", "A long vector wins against every direction: make all lengths 1 first.")
def _dots(cells: Tensor, known: Tensor) -> Tensor:
    return cells @ known.T


@_other("known vectors of different lengths", "Both sides need the length 1.")
def _cells_normalised(cells: Tensor, known: Tensor) -> Tensor:
    return F.normalize(cells, dim=1) @ known.T


@_other(
    "cells of different lengths",
    "The labels are right, but a cosine is at most 1: both sides need the length 1.",
)
def _known_normalised(cells: Tensor, known: Tensor) -> Tensor:
    return cells @ F.normalize(known, dim=1).T


@_other(
    "channels normalised instead of vectors",
    "One cell is a row: F.normalize(…, dim=1). dim=0 makes the columns' lengths 1.",
)
def _wrong_axis(cells: Tensor, known: Tensor) -> Tensor:
    return F.normalize(cells, dim=0) @ F.normalize(known, dim=0).T


@_other(
    "divided by the sum of the numbers", "The length is the square root of the sum of squares, not the sum."
)
def _by_sums(cells: Tensor, known: Tensor) -> Tensor:
    return F.normalize(cells, p=1, dim=1) @ F.normalize(known, p=1, dim=1).T


@_other("divided by squared lengths", "Divide each vector by its length, not by its square.")
def _by_squares(cells: Tensor, known: Tensor) -> Tensor:
    return (cells / cells.square().sum(1, keepdim=True)) @ (known / known.square().sum(1, keepdim=True)).T


@_other(
    "distances instead of cosines",
    "Euclid's distance depends on lengths: a bright and a dim patch of one thing would be far apart.",
)
def _distances(cells: Tensor, known: Tensor) -> Tensor:
    return -torch.cdist(cells, known)


@_other(
    "distances of unit vectors", "The labels are right, but the second result is the cosine, not a distance."
)
def _unit_distances(cells: Tensor, known: Tensor) -> Tensor:
    return -torch.cdist(F.normalize(cells, dim=1), F.normalize(known, dim=1))


@_other("absolute cosines", "A cosine of -1 is the opposite, not the same: no abs().")
def _absolute(cells: Tensor, known: Tensor) -> Tensor:
    return cosines(cells, known).abs()


@_other("correlations", "Subtracting each vector's mean makes it a correlation, which is another similarity.")
def _correlations(cells: Tensor, known: Tensor) -> Tensor:
    return cosines(cells - cells.mean(1, keepdim=True), known - known.mean(1, keepdim=True))


@_wrong("the least similar", "The largest cosine is the most similar: max, not min.")
def _least(cells: Tensor, known: Tensor, labels: Tensor) -> Labelled:
    value, place = cosines(cells, known).min(1)
    return labels[place], value


@_wrong(
    "places instead of labels",
    "The arg-max says *which* known vector it is: look its label up, labels[place].",
)
def _places(cells: Tensor, known: Tensor, labels: Tensor) -> Labelled:
    value, place = cosines(cells, known).max(1)
    return place, value


@_wrong(
    "the nearest cell of each known vector",
    "Each *cell* needs a label: the maximum is over the known vectors.",
)
def _over_cells(cells: Tensor, known: Tensor, labels: Tensor) -> Labelled:
    value, place = cosines(cells, known).max(0)
    return labels[place % len(labels)], value


@_wrong(
    "the label of the nearest class mean",
    "One known cell decides, the nearest. A class may look different in places: its mean is none of them.",
)
def _class_means(cells: Tensor, known: Tensor, labels: Tensor) -> Labelled:
    classes = labels.unique()
    means = torch.stack([F.normalize(known, dim=1)[labels == k].mean(0) for k in classes])
    return best(cosines(cells, means), classes)


@_wrong("the cosines in a softmax", "The labels are right, but the second result is the cosine itself.")
def _softmax(cells: Tensor, known: Tensor, labels: Tensor) -> Labelled:
    return best(cosines(cells, known).softmax(1), labels)


@_wrong("the similarities first", "First the labels, then the similarities.")
def _exchanged(cells: Tensor, known: Tensor, labels: Tensor) -> Labelled:
    return nearest_labels(cells, known, labels)[::-1]


@_wrong("labels alone", "Return two things: the labels and the cosines.")
def _labels_alone(cells: Tensor, known: Tensor, labels: Tensor) -> Tensor:
    return nearest_labels(cells, known, labels)[0]


@_wrong("the whole table of cosines", "The second result is the largest cosine of each cell, (P,).")
def _whole_table(cells: Tensor, known: Tensor, labels: Tensor) -> Labelled:
    return nearest_labels(cells, known, labels)[0], cosines(cells, known)


_wrong("an error without cells", "Without a cell both results are empty.")(
    failing_when(lambda cells, known, labels: not len(cells), nearest_labels)
)
_wrong("the caller's vectors changed", "`/=` writes into the caller's vectors: make new ones.")(
    overwriting(nearest_labels, 0, 1)
)

EXERCISES = (NEAREST_LABELS,)
