"""Lab 10, exercise 3: what it costs to assign an object to a query."""

import torch
from torch import Tensor

from classroom.exercises.cases import normal, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab10.pictures import table_picture
from classroom.exercises.mistakes import failing_when, overwriting
from coursekit import ops
from coursekit.models.detr import detr_cost

_ONE = torch.tensor([[0.5, 0.5, 0.2, 0.4]])
_FAR = torch.tensor([[0.1, 0.9, 0.1, 0.1]])
_SHIFTED = torch.tensor([[0.5, 0.4, 0.2, 0.4], [0.55, 0.5, 0.3, 0.2], [0.9, 0.1, 0.1, 0.1]])


def shares(count: int, seed: int = 0) -> Tensor:
    """Return boxes as cx, cy, w, h inside the unit square: (count, 4)."""
    size = 0.1 + 0.4 * uniform(count, 2, seed=seed)
    return torch.cat([size / 2 + (1 - size) * uniform(count, 2, seed=seed + 1), size], 1)


_NONE = torch.zeros(0, dtype=torch.int64)

DETR_COST = Exercise(
    detr_cost,
    picture=table_picture,
    hints=(
        "There are three terms, each a table (G, Q): how improbable the class is, how different the four numbers are, how little the boxes overlap.",
        "cost[g, q] = -p_q(class of g) + 5 * sum of |true box g - box q| - 2 * GIoU(true box g, box q); GIoU needs xyxy boxes.",
        "probability = logits.softmax(-1)[:, labels].T  # (G, Q)\n"
        "distance = (true_boxes[:, None] - boxes).abs().sum(-1)\n"
        'corners = [ops.box_convert(b, "cxcywh", "xyxy") for b in (true_boxes, boxes)]\n'
        "return …  # which terms make a pair cheaper, which more expensive?",
    ),
    cases=(
        Case("the right box, an undecided class", (torch.zeros(1, 3), _ONE, torch.tensor([1]), _ONE)),
        Case("a query far away", (torch.tensor([[0.0, 2.0, 1.0]]), _FAR, torch.tensor([2]), _ONE)),
        Case("one object, three queries", (normal(3, 4), _SHIFTED, torch.tensor([3]), _ONE)),
        Case("two objects, three queries", (normal(3, 4), shares(3), torch.tensor([3, 1]), shares(2, 5))),
        Case(
            "two objects of one class", (normal(3, 4, seed=1), shares(3), torch.tensor([2, 2]), shares(2, 7))
        ),
        Case(
            "as many objects as queries",
            (normal(3, 5, seed=2), shares(3, 3), torch.tensor([4, 1, 2]), shares(3, 9)),
        ),
        Case("large logits", (100 * normal(3, 4), shares(3), torch.tensor([1, 3]), shares(2, 5))),
        Case("no objects", (normal(3, 4), shares(3), _NONE, torch.zeros(0, 4))),
    ),
)

_wrong = DETR_COST.wrong
Tensors = tuple[Tensor, Tensor, Tensor, Tensor]


def _corners(boxes: Tensor) -> Tensor:
    return ops.box_convert(boxes, "cxcywh", "xyxy")


def _terms(
    logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The probability, the L1 distance and the GIoU of each pair: (G, Q) each."""
    probability = logits.softmax(-1)[:, labels].T
    distance = (true_boxes[:, None] - boxes).abs().sum(-1)
    return probability, distance, ops.generalized_box_iou(_corners(true_boxes), _corners(boxes))


def _with_scores(scores: Tensor, logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    """The cost with other scores (Q, K + 1) instead of the probabilities."""
    _, distance, giou = _terms(logits, boxes, labels, true_boxes)
    return -scores[:, labels].T + 5 * distance - 2 * giou


@_wrong("a transposed table", "Rows are objects, columns are queries.")
def _transposed(*arguments: Tensor) -> Tensor:
    return detr_cost(*arguments).T


@_wrong("logits instead of probabilities", "They are unbounded, so a confident query would outweigh any box.")
def _logits(logits: Tensor, *rest: Tensor) -> Tensor:
    return _with_scores(logits, logits, *rest)


@_wrong(
    "log-probabilities",
    "That is the loss. In the cost an improbable class would outweigh any box: take the probability.",
)
def _logs(logits: Tensor, *rest: Tensor) -> Tensor:
    return _with_scores(logits.log_softmax(-1), logits, *rest)


@_wrong(
    "sigmoids instead of a softmax", "The classes of one query compete, so its probabilities add up to 1."
)
def _sigmoids(logits: Tensor, *rest: Tensor) -> Tensor:
    return _with_scores(logits.sigmoid(), logits, *rest)


@_wrong("a softmax over the queries", "The classes of one query compete: they are on the last axis.")
def _over_queries(logits: Tensor, *rest: Tensor) -> Tensor:
    return _with_scores(logits.softmax(0), logits, *rest)


@_wrong(
    "a softmax without “no object”",
    "A query that predicts “no object” would look confident: column 0 belongs to the softmax.",
)
def _without_column_0(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    scores = torch.cat([torch.zeros_like(logits[:, :1]), logits[:, 1:].softmax(-1)], 1)
    return _with_scores(scores, logits, boxes, labels, true_boxes)


@_wrong("the wrong column by one", "Column 0 is “no object”: the probability of label k is in column k.")
def _column_before(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    return detr_cost(logits, boxes, labels - 1, true_boxes)


@_wrong(
    "boxes that stay cxcywh for the GIoU",
    'GIoU needs corners: ops.box_convert(boxes, "cxcywh", "xyxy") first.',
)
def _giou_of_centres(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    probability, distance, _ = _terms(logits, boxes, labels, true_boxes)
    return -probability + 5 * distance - 2 * ops.generalized_box_iou(true_boxes, boxes)


@_wrong(
    "the distance of the corners",
    "The L1 distance is between the numbers cx, cy, w, h that the network predicts.",
)
def _distance_of_corners(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    probability, _, giou = _terms(logits, boxes, labels, true_boxes)
    distance = (_corners(true_boxes)[:, None] - _corners(boxes)).abs().sum(-1)
    return -probability + 5 * distance - 2 * giou


def _combined(name: str, story: str, combine) -> None:
    """Add the answer that combines the three terms in another way: combine(probability, distance, giou)."""

    def answer(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
        return combine(*_terms(logits, boxes, labels, true_boxes))

    _wrong(name, story)(answer)


_combined(
    "the mean of the four distances",
    "The L1 distance is the sum of the four, not their mean.",
    lambda p, d, g: -p + 5 * d / 4 - 2 * g,
)
_combined(
    "no weights", "The L1 distance has the weight 5 and the GIoU the weight 2.", lambda p, d, g: -p + d - g
)
_combined(
    "the weights swapped",
    "It is five times the L1 distance and twice the GIoU.",
    lambda p, d, g: -p + 2 * d - 5 * g,
)
_combined(
    "the probability with the wrong sign",
    "A query that predicts the class must cost little: subtract the probability.",
    lambda p, d, g: p + 5 * d - 2 * g,
)
_combined(
    "the distance with the wrong sign",
    "A distant box must cost a lot: add the distance.",
    lambda p, d, g: -p - 5 * d - 2 * g,
)
_combined(
    "the GIoU with the wrong sign",
    "A box that overlaps well must cost little: subtract the GIoU.",
    lambda p, d, g: -p + 5 * d + 2 * g,
)
_combined(
    "a reward instead of a cost",
    "A good fit must cost little: change all three signs.",
    lambda p, d, g: p - 5 * d + 2 * g,
)
_combined(
    "a cost that is 3 too high",
    "1 - p and 1 - GIoU are losses; the cost has no constants.",
    lambda p, d, g: 1 - p + 5 * d + 2 * (1 - g),
)
_combined(
    "a cost that is 1 too high",
    "The cost has no constants: -p, not 1 - p.",
    lambda p, d, g: 1 - p + 5 * d - 2 * g,
)
_combined(
    "a cost that is 2 too high",
    "The cost has no constants: -2 GIoU, not 2 (1 - GIoU).",
    lambda p, d, g: -p + 5 * d + 2 * (1 - g),
)
_combined("no class", "The class counts too: subtract its probability.", lambda p, d, g: 5 * d - 2 * g)
_combined(
    "no distance", "The L1 distance of the boxes counts too: add it five times.", lambda p, d, g: -p - 2 * g
)
_combined("no GIoU", "The GIoU counts too: subtract it twice.", lambda p, d, g: -p + 5 * d)


@_wrong("squared distances", "L1 is the sum of absolute differences.")
def _squared(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    probability, _, giou = _terms(logits, boxes, labels, true_boxes)
    return -probability + 5 * (true_boxes[:, None] - boxes).square().sum(-1) - 2 * giou


@_wrong("the Euclidean distance", "L1 is the sum of absolute differences: torch.cdist needs p=1.")
def _euclidean(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    probability, _, giou = _terms(logits, boxes, labels, true_boxes)
    return -probability + 5 * (true_boxes[:, None] - boxes).square().sum(-1).sqrt() - 2 * giou


@_wrong(
    "IoU instead of GIoU", "All boxes that do not overlap would cost the same; GIoU tells which is nearer."
)
def _iou(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    probability, distance, _ = _terms(logits, boxes, labels, true_boxes)
    return -probability + 5 * distance - 2 * ops.box_iou(_corners(true_boxes), _corners(boxes))


@_wrong("the best class of the query", "The cost depends on the class of the object: column labels[g].")
def _best_class(logits: Tensor, boxes: Tensor, labels: Tensor, true_boxes: Tensor) -> Tensor:
    _, distance, giou = _terms(logits, boxes, labels, true_boxes)
    return -logits.softmax(-1).amax(1) + 5 * distance - 2 * giou


DETR_COST.wrong("an error without objects", "An image may have no objects: then the table is (0, Q).")(
    failing_when(lambda logits, boxes, labels, true_boxes: not len(labels), detr_cost)
)
DETR_COST.wrong(
    "the caller's boxes overwritten",
    "The costs are right, but the caller's boxes have changed: work on a copy.",
)(overwriting(detr_cost, 1))

EXERCISES = (DETR_COST,)
