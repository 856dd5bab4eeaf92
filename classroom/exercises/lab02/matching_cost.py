"""Lab 02, exercise 7: what it costs to assign an object to a slot."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab02.alike import any_width
from classroom.exercises.lab02.pictures import table_picture
from coursekit import ops
from coursekit.models.slot_localiser import box_distance, matching_cost

_LOGITS = torch.tensor([[1.0, 2.0, 0.0, -1.0], [0.0, -1.0, 3.0, 0.5], [2.0, 0.0, 0.0, 1.0]])

MATCHING_COST = Exercise(
    matching_cost,
    picture=table_picture,
    judge=any_width,
    hints=(
        "Which two numbers say that a slot and an object fit together? The cost falls as they rise.",
        "cost[g, s] = -(probability that slot s gives to the class of object g) - GIoU(object g, box s).",
        "logits.softmax(-1)[:, true_labels] is (S, G): one column per object. ops.generalized_box_iou(true_boxes, boxes) is (G, S).",
    ),
    cases=(
        Case(
            "one object in one slot",
            (boxes((0, 0, 4, 2)), _LOGITS[:1], boxes((0, 0, 4, 4)), torch.tensor([1])),
        ),
        Case(
            "a slot that is far away",
            (boxes((8, 0, 9, 2)), _LOGITS[1:2], boxes((0, 0, 4, 4)), torch.tensor([2])),
        ),
        Case(
            "two objects, three slots",
            (random_boxes(3), _LOGITS, random_boxes(2, seed=1), torch.tensor([3, 1])),
        ),
        Case(
            "the same in another order",
            (random_boxes(3), _LOGITS, random_boxes(2, seed=1).flip(0), torch.tensor([1, 3])),
        ),
        Case(
            "two objects of one class",
            (random_boxes(3), _LOGITS, random_boxes(2, seed=2), torch.tensor([2, 2])),
        ),
        Case(
            "three objects, three slots",
            (random_boxes(3), _LOGITS, random_boxes(3, seed=3), torch.tensor([2, 3, 1])),
        ),
    ),
)

_wrong = MATCHING_COST.wrong


def _parts(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> tuple[Tensor, Tensor]:
    """The probability of the class of each object in each slot, and their GIoU: (G, S) each."""
    return logits.softmax(-1)[:, true_labels].T, ops.generalized_box_iou(true_boxes, boxes)


def _with_scores(scores: Tensor, boxes: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    """The cost with other scores (S, K + 1) instead of probabilities."""
    return -scores[:, true_labels].T - ops.generalized_box_iou(true_boxes, boxes)


@_wrong("a transposed table", "Rows are objects, columns are slots.")
def _cost_transposed(*answers: Tensor) -> Tensor:
    return matching_cost(*answers).T


@_wrong("scores before the softmax", "They are unbounded, so a confident slot would outweigh any box.")
def _cost_of_logits(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    return _with_scores(logits, boxes, true_boxes, true_labels)


@_wrong(
    "log-probabilities",
    "They have no lower bound, so an improbable class would outweigh any box: take the probability.",
)
def _cost_of_logs(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    return _with_scores(logits.log_softmax(-1), boxes, true_boxes, true_labels)


@_wrong(
    "sigmoids instead of a softmax", "The classes of one slot compete, so their probabilities add up to 1."
)
def _cost_of_sigmoids(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    return _with_scores(logits.sigmoid(), boxes, true_boxes, true_labels)


@_wrong("a softmax over the slots", "The classes of one slot compete: they are on the last axis.")
def _softmax_over_slots(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    return _with_scores(logits.softmax(0), boxes, true_boxes, true_labels)


@_wrong(
    "a softmax that leaves out the background",
    "A slot that predicts “nothing here” would look confident: column 0 belongs to the softmax.",
)
def _softmax_without_background(
    boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor
) -> Tensor:
    return _with_scores(logits[:, 1:].softmax(-1), boxes, true_boxes, true_labels - 1)


@_wrong("the wrong column by one", "Column 0 is the background: the probability of label k is in column k.")
def _cost_of_the_class_before(
    boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor
) -> Tensor:
    return matching_cost(boxes, logits, true_boxes, true_labels - 1)


@_wrong(
    "the probability of the background", "The cost depends on the class of the object: column true_labels[g]."
)
def _cost_of_background(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    return matching_cost(boxes, logits, true_boxes, torch.zeros_like(true_labels))


@_wrong(
    "the probability of the slot's own class",
    "The cost depends on the class of the object, not on the most probable one.",
)
def _cost_of_best_class(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    return -logits.softmax(-1).amax(1) - ops.generalized_box_iou(true_boxes, boxes)


@_wrong(
    "a class that is right or wrong",
    "The probability matters: a hesitant slot costs more than a confident one.",
)
def _cost_of_hits(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    hits = (logits.argmax(1) == true_labels[:, None]).float()
    return -hits - ops.generalized_box_iou(true_boxes, boxes)


@_wrong(
    "the class of one object for all", "Each object has a label of its own: cost[g, s] needs true_labels[g]."
)
def _cost_of_first_class(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    return matching_cost(boxes, logits, true_boxes, true_labels[:1].expand_as(true_labels))


@_wrong("a reward instead of a cost", "A good fit must cost little, so there must be a minus sign.")
def _reward(*answers: Tensor) -> Tensor:
    return -matching_cost(*answers)


@_wrong("the GIoU with the wrong sign", "A box that fits well must cost little: minus GIoU.")
def _wrong_sign_of_box(*answers: Tensor) -> Tensor:
    probability, giou = _parts(*answers)
    return -probability + giou


@_wrong(
    "the probability with the wrong sign",
    "A slot that predicts the class must cost little: minus the probability.",
)
def _wrong_sign_of_class(*answers: Tensor) -> Tensor:
    probability, giou = _parts(*answers)
    return probability - giou


@_wrong("a cost that is 2 too high", "1 - p and 1 - GIoU are losses; the cost here is -p - GIoU.")
def _two_losses(*answers: Tensor) -> Tensor:
    return matching_cost(*answers) + 2


@_wrong("a cost that is 1 too high", "The cost is -p - GIoU, without a 1.")
def _one_loss(*answers: Tensor) -> Tensor:
    return matching_cost(*answers) + 1


@_wrong("a product instead of a sum", "The cost is -p - GIoU: two terms, each with a minus.")
def _product(*answers: Tensor) -> Tensor:
    probability, giou = _parts(*answers)
    return -probability * giou


@_wrong("half the cost", "The two terms are added, not averaged.")
def _average(*answers: Tensor) -> Tensor:
    return matching_cost(*answers) / 2


@_wrong("IoU instead of GIoU", "Distant slots would all cost the same; GIoU tells which is nearer.")
def _cost_of_iou(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    return -_parts(boxes, logits, true_boxes, true_labels)[0] - ops.box_iou(true_boxes, boxes)


@_wrong("DIoU instead of GIoU", "The formula asks for GIoU: ops.generalized_box_iou.")
def _cost_of_diou(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    return -_parts(boxes, logits, true_boxes, true_labels)[0] - ops.distance_box_iou(true_boxes, boxes)


@_wrong(
    "box_distance instead of minus GIoU",
    "The formula asks for GIoU; box_distance also includes the error of the four numbers.",
)
def _cost_of_distance(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    far = torch.stack([box_distance(boxes, row.expand_as(boxes)) for row in true_boxes])
    return -_parts(boxes, logits, true_boxes, true_labels)[0] + far


@_wrong("only the boxes", "The class counts too: subtract its probability.")
def _cost_of_boxes(*answers: Tensor) -> Tensor:
    return -_parts(*answers)[1]


@_wrong("only the classes", "The box counts too: subtract the GIoU.")
def _cost_of_classes(*answers: Tensor) -> Tensor:
    return -_parts(*answers)[0]


EXERCISES = (MATCHING_COST,)
