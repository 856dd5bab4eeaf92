"""Lab 03, section 4: the loss of the cells."""

from typing import Any

import torch

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.alike import predicted
from classroom.exercises.lab03.loss_terms import WRONG_TERMS, parts_of, safe_root
from classroom.exercises.lab03.pictures import terms_picture
from classroom.exercises.mistakes import overwriting
from classroom.exercises.readings import any_precision
from classroom.figures.grid import two_by_two
from coursekit.models.yolo import Grid, encode_grid, yolo_loss

TERMS = ("centre", "size", "object", "no_object", "class")


def any_precision_of_terms(arguments: tuple, value: Any) -> Any:
    """The terms in float32, for float64 is as good, and in the order of the table: a judge."""
    if not isinstance(value, dict):
        return value
    return {name: any_precision(arguments, value[name]) for name in TERMS if name in value}


def made_up_grid(cells: tuple[int, ...], per_cell: int, num_classes: int) -> Grid:
    """Predictions of … x h x w cells as an untrained network might give them."""
    random = torch.Generator().manual_seed(1)
    classes = torch.rand(*cells, num_classes, generator=random).softmax(-1)
    return Grid(predicted(*cells, per_cell), torch.rand(*cells, per_cell, generator=random), classes)


_SCENE = encode_grid(boxes((45, 2, 75, 22), (4, 8, 24, 38)), torch.tensor([3, 1]), (40, 80), (2, 4))
_OTHER = encode_grid(boxes((50, 25, 58, 39)), torch.tensor([2]), (40, 80), (2, 4))
_NOTHING = tuple(torch.zeros_like(part) for part in _SCENE)
_GRID = made_up_grid((2, 4), 2, 3)
_BATCH = tuple(torch.stack(parts) for parts in zip(_SCENE, _OTHER, strict=True))
_FLAT = Grid(torch.tensor([[[[0.5, 0.5, 0.0, 0.4]]]]), torch.tensor([[[0.3]]]), torch.tensor([[[0.6, 0.4]]]))
_ONE_CELL = (torch.tensor([[[0.5, 0.4, 0.25, 0.3]]]), torch.tensor([[1]]))

YOLO_LOSS = Exercise(
    yolo_loss,
    picture=terms_picture,
    judge=any_precision_of_terms,
    hints=(
        "Three terms are sums of squares that you have not written yet. Which mask picks the confidences of each, and what should they be?",
        "centre and size: 5 times those of box_terms; object: Σ (C - IoU)² of the responsible boxes; no_object: 0.5 Σ C² of all others; class: Σ (p - p')².",
        'return {"centre": lambda_coord * terms["centre"], "size": …, "object": (grid.confidences[owned][mine] - iou)…, '
        '"no_object": lambda_noobj * grid.confidences[others]…, "class": (grid.classes[owned] - right_class)…}',
    ),
    cases=(
        Case("the grid of two by two cells", two_by_two()),
        Case("no object at all", (_GRID, *_NOTHING)),
        Case("two objects, more columns than rows", (_GRID, *_SCENE)),
        Case("other weights", (_GRID, *_SCENE, 2.0, 0.25)),
        Case("two images", (made_up_grid((2, 2, 4), 2, 3), *_BATCH)),
        Case("a predicted width of 0: finite gradients", (_FLAT, *_ONE_CELL), gradient=(0,)),
        Case("the gradient", (_GRID, *_SCENE), gradient=(0,)),
    ),
)


def _change(term: str, name: str, story: str, value) -> None:
    """A wrong answer of which one term is another: value(parts, lambda_coord, lambda_noobj)."""

    def changed(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
        parts = parts_of(grid, boxes, labels)
        right = yolo_loss(grid, boxes, labels, lambda_coord, lambda_noobj)
        return right | {term: value(parts, lambda_coord, lambda_noobj)}

    YOLO_LOSS.wrong(name, story)(changed)


for _arguments in WRONG_TERMS:
    _change(*_arguments)


@YOLO_LOSS.wrong(
    "all terms with weight 1", "Most cells are empty: centre and size are multiplied by 5, no_object by half."
)
def _equal_weights(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    return yolo_loss(grid, boxes, labels, lambda_coord=1.0, lambda_noobj=1.0)


@YOLO_LOSS.wrong(
    "the two weights mixed up", "lambda_coord is for centre and size, lambda_noobj for no_object."
)
def _weights_swapped(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    return yolo_loss(grid, boxes, labels, lambda_noobj, lambda_coord)


@YOLO_LOSS.wrong("the weights 5 and ½ fixed", "Use the arguments lambda_coord and lambda_noobj.")
def _weights_fixed(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    return yolo_loss(grid, boxes, labels)


def _divided(grid, boxes, labels, lambda_coord, lambda_noobj, divisor):
    terms = yolo_loss(grid, boxes, labels, lambda_coord, lambda_noobj)
    return {name: term / divisor for name, term in terms.items()}


@YOLO_LOSS.wrong("all terms divided by the number of objects", "The paper's loss is a sum over the cells.")
def _per_object(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    owners = max(int((labels > 0).sum()), 1)
    return _divided(grid, boxes, labels, lambda_coord, lambda_noobj, owners)


@YOLO_LOSS.wrong(
    "all terms divided by the number of images",
    "The paper's loss is a sum; `Yolo` divides by the images itself.",
)
def _per_image(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    images = labels[..., 0, 0].numel()
    return _divided(grid, boxes, labels, lambda_coord, lambda_noobj, images)


@YOLO_LOSS.wrong("means instead of sums", "The paper's loss sums the squared errors.")
def _means(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    p = parts_of(grid, boxes, labels)
    return {
        "centre": lambda_coord * (p["found"][:, :2] - p["true"][:, :2]).square().mean(),
        "size": lambda_coord * (safe_root(p["found"][:, 2:]) - safe_root(p["true"][:, 2:])).square().mean(),
        "object": (p["confidence"] - p["iou"].detach()).square().mean(),
        "no_object": lambda_noobj * p["other"].square().mean(),
        "class": (p["classes"] - p["right"]).square().mean(),
    }


@YOLO_LOSS.wrong("one number", "Return a dict of the five terms.")
def _total(grid, boxes, labels, lambda_coord=5.0, lambda_noobj=0.5):
    return sum(yolo_loss(grid, boxes, labels, lambda_coord, lambda_noobj).values())


YOLO_LOSS.wrong("the caller's predictions overwritten", "They are needed again: work on new tensors.")(
    overwriting(yolo_loss, 0)
)

EXERCISES = (YOLO_LOSS,)
