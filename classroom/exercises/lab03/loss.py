"""Lab 03, section 4: which box answers for an object, and what its mistakes cost."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.coding import said
from classroom.exercises.lab03.pictures import responsible_picture, terms_picture
from classroom.figures.grid import two_by_two
from coursekit.models.yolo import Grid, decode_grid, encode_grid, overlaps, responsible, yolo_loss

_GUESSES = torch.stack(
    [boxes((0, 0, 20, 10), (4, 4, 20, 22)), boxes((52, 0, 80, 30), (46, 2, 62, 12))]
)  # (2, 2, 4)
_OBJECTS = boxes((0, 0, 20, 20), (50, 0, 80, 20))

RESPONSIBLE = Exercise(
    responsible,
    picture=responsible_picture,
    hints=(
        "`overlaps(predicted, targets)` is the (G, B) table of IoUs. What do you want to know of each row?",
        "mask[g, b] is true where b = argmax over b of IoU(predicted[g, b], targets[g]).",
        "F.one_hot(overlaps(predicted, targets).argmax(1), predicted.shape[1]) is the mask, but of int64.",
    ),
    cases=(
        Case("one object, two boxes", (_GUESSES[:1], _OBJECTS[:1])),
        Case("two objects", (_GUESSES, _OBJECTS)),
        Case("the best box overlaps little", (_GUESSES[:1] + 14, _OBJECTS[:1])),
        Case(
            "the right centre, the wrong size",
            (boxes((9, 9, 11, 11), (2, 0, 22, 20))[None], _OBJECTS[:1]),
        ),
        Case(
            "a large box and a small one, equally far",
            (boxes((0, 0, 9, 20), (0, 0, 31, 20))[None], _OBJECTS[:1]),
        ),
        Case("two equal boxes: the first", (boxes((0, 0, 20, 15), (0, 0, 20, 15))[None], _OBJECTS[:1])),
        Case("three boxes a cell", (torch.cat([_GUESSES, _GUESSES[:, :1] + 3], 1), _OBJECTS)),
        Case("no object", (_GUESSES[:0], _OBJECTS[:0])),
    ),
)


@RESPONSIBLE.wrong(
    "all boxes of the cell", "Then all learn the same. One answers, and so the boxes specialise."
)
def _all_of_them(predicted, targets):
    return torch.ones(predicted.shape[:2], dtype=torch.bool)


@RESPONSIBLE.wrong("always the first box", "The one that is already best goes on learning.")
def _the_first(predicted, targets):
    return F.one_hot(torch.zeros(len(predicted), dtype=torch.int64), predicted.shape[1]).bool()


@RESPONSIBLE.wrong("the nearest centre", "A box with the right centre may have a wrong size.")
def _nearest_centre(predicted, targets):
    middle = (predicted[..., :2] + predicted[..., 2:] - (targets[:, None, :2] + targets[:, None, 2:])) / 2
    return F.one_hot(middle.norm(dim=-1).argmin(1), predicted.shape[1]).bool()


@RESPONSIBLE.wrong(
    "the smallest squared distance", "What counts is IoU: the same distance is more for a small box."
)
def _nearest_sides(predicted, targets):
    distance = (predicted - targets[:, None]).square().sum(-1)
    return F.one_hot(distance.argmin(1), predicted.shape[1]).bool()


@RESPONSIBLE.wrong(
    "every box with IoU above one half",
    "At the beginning none is that good: the best one answers, however bad.",
)
def _overlapping(predicted, targets):
    return overlaps(predicted, targets) > 0.5


@RESPONSIBLE.wrong("one best box for all objects", "Each object has its own best box.")
def _best_of_all_objects(predicted, targets):
    iou = overlaps(predicted, targets)
    return iou == iou.max() if iou.numel() else iou.bool()


@RESPONSIBLE.wrong("an index instead of a mask", "Return (G, B) of bool, one true in each row.")
def _an_index(predicted, targets):
    return overlaps(predicted, targets).argmax(1)


@RESPONSIBLE.wrong("the worst box", "`argmax`, not `argmin`.")
def _least(predicted, targets):
    return F.one_hot(overlaps(predicted, targets).argmin(1), predicted.shape[1]).bool()


# ---------------------------------------------------------------- five terms


def made_up_grid(cells: tuple[int, int], per_cell: int, num_classes: int) -> Grid:
    """Answers of h x w cells as an untrained network might give them."""
    random = torch.Generator().manual_seed(1)
    classes = torch.rand(*cells, num_classes, generator=random).softmax(-1)
    return Grid(said(*cells, per_cell), torch.rand(*cells, per_cell, generator=random), classes)


_SCENE = encode_grid(boxes((45, 2, 75, 22), (4, 8, 24, 38)), torch.tensor([3, 1]), (40, 80), (2, 4))
_NOTHING = tuple(torch.zeros_like(part) for part in _SCENE)
_SAID = made_up_grid((2, 4), 2, 3)

YOLO_LOSS = Exercise(
    yolo_loss,
    picture=terms_picture,
    hints=(
        "Each term is a sum of squares: what the responsible boxes say minus what they should say.",
        "centre: 5 Σ (x - x')² + (y - y')²; size: 5 Σ (√w - √w')² + (√h - √h')²; object: Σ (C - IoU)²; no_object: 0.5 Σ C²; class: Σ (p - p')².",
        'return {"centre": lambda_coord * (found[:, :2] - true[:, :2]).square().sum(), "size": ..., "object": ..., "no_object": ..., "class": ...}',
    ),
    cases=(
        Case("the grid of two by two cells", two_by_two()),
        Case("no object at all", (_SAID, *_NOTHING)),
        Case("two objects, more columns than rows", (_SAID, *_SCENE)),
        Case("gradients", (_SAID, *_SCENE), gradient=True),
    ),
)


def _terms(grid, boxes, labels, **changes):
    return yolo_loss(grid, boxes, labels) | changes


def _mine(grid: Grid, boxes: Tensor, labels: Tensor) -> Tensor:
    owned = labels > 0
    corners = decode_grid(grid.boxes, (1, 1))[owned].detach()
    return responsible(corners, decode_grid(boxes[..., None, :], (1, 1))[owned][:, 0])


@YOLO_LOSS.wrong(
    "a confidence that should be 1",
    "It should be the IoU of the box, so that the score says how good the box is.",
)
def _certain(grid: Grid, boxes, labels):
    """The target of a responsible confidence is 1."""
    owned = labels > 0
    mine = _mine(grid, boxes, labels)
    return _terms(grid, boxes, labels, object=(grid.confidences[owned][mine] - 1).square().sum())


@YOLO_LOSS.wrong("sides without a root", "Then 5 pixels cost the same for a spoon as for a table.")
def _no_root(grid: Grid, boxes, labels):
    found, true = grid.boxes[labels > 0][_mine(grid, boxes, labels)], boxes[labels > 0]
    return _terms(grid, boxes, labels, size=5 * (found[:, 2:] - true[:, 2:]).square().sum())


@YOLO_LOSS.wrong("the root of the difference", "Take the root of each side first.")
def _difference_before_root(grid: Grid, boxes, labels):
    found, true = grid.boxes[labels > 0][_mine(grid, boxes, labels)], boxes[labels > 0]
    return _terms(grid, boxes, labels, size=5 * (found[:, 2:] - true[:, 2:]).abs().sum())


@YOLO_LOSS.wrong(
    "no_object of empty cells only", "The other boxes of a cell with an object should say 0 as well."
)
def _empty_cells_only(grid: Grid, boxes, labels):
    empty = grid.confidences[labels == 0]
    return _terms(grid, boxes, labels, no_object=0.5 * empty.square().sum())


@YOLO_LOSS.wrong(
    "no_object of every box", "The responsible boxes are told to say their IoU: they must not be told 0 too."
)
def _every_box_is_no_object(grid: Grid, boxes, labels):
    return _terms(grid, boxes, labels, no_object=0.5 * grid.confidences.square().sum())


@YOLO_LOSS.wrong(
    "all terms with the same weight", "Most cells are empty; centre and size count 5 times, no_object half."
)
def _equal_weights(grid, boxes, labels):
    return yolo_loss(grid, boxes, labels, lambda_coord=1.0, lambda_noobj=1.0)


@YOLO_LOSS.wrong("the two weights mixed up", "lambda_coord is 5, lambda_noobj is 0.5.")
def _weights_swapped(grid, boxes, labels):
    return yolo_loss(grid, boxes, labels, lambda_coord=0.5, lambda_noobj=5.0)


@YOLO_LOSS.wrong("classes of all cells", "A cell without an object is not asked what it sees.")
def _classes_of_all_cells(grid: Grid, boxes, labels):
    right = F.one_hot(labels, grid.classes.shape[-1] + 1)[..., 1:]
    return _terms(grid, boxes, labels, **{"class": (grid.classes - right).square().sum()})


@YOLO_LOSS.wrong("means instead of sums", "The paper's loss is a sum over the cells.")
def _means(grid: Grid, boxes, labels):
    terms, owners = yolo_loss(grid, boxes, labels), int((labels > 0).sum())
    return {name: term / max(owners, 1) for name, term in terms.items()}


@YOLO_LOSS.wrong(
    "a target that learns", "The IoU is what the confidence should be: no gradient goes through it."
)
def _moving_target(grid: Grid, boxes, labels):
    owned, mine = labels > 0, _mine(grid, boxes, labels)
    corners = decode_grid(grid.boxes, (1, 1))[owned]
    true = decode_grid(boxes[..., None, :], (1, 1))[owned][:, 0]
    iou = overlaps(corners, true)[mine]
    return _terms(grid, boxes, labels, object=(grid.confidences[owned][mine] - iou).square().sum())


EXERCISES = (RESPONSIBLE, YOLO_LOSS)
