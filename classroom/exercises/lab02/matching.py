"""Lab 02, third part: which slot an object belongs to, and what that costs."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab02.pictures import assignment_picture, table_picture
from coursekit import ops
from coursekit.models.slot_localiser import best_assignment, matching_cost

_CYCLE = torch.tensor([[9.0, 1.0, 8.0], [7.0, 9.0, 2.0], [3.0, 6.0, 9.0]])

BEST_ASSIGNMENT = Exercise(
    best_assignment,
    picture=assignment_picture,
    speed=lambda: (uniform(5, 5),),
    hints=(
        "Write down all ways to give each object a slot of its own. How many are there for 2 objects and 3 slots?",
        "The cost of a way is the sum of cost[g, slot of g]; take the way with the smallest one.",
        "min(permutations(range(S), G), key=lambda way: cost[torch.arange(G), list(way)].sum()) ... as an int64 tensor.",
    ),
    cases=(
        Case("one object, one slot", (torch.tensor([[2.0]]),)),
        Case("one object, three slots", (torch.tensor([[5.0, 7.0, 1.0]]),)),
        Case("the cheapest pair is a trap", (torch.tensor([[1.0, 2.0], [1.5, 10.0]]),)),
        Case("a round of three", (_CYCLE,)),
        Case("two objects, four slots", (torch.tensor([[4.0, 3.0, 9.0, 1.0], [5.0, 6.0, 8.0, 0.0]]),)),
        Case("no object", (torch.zeros(0, 3),)),
        Case("five objects, six slots", (uniform(5, 6, seed=1),)),
    ),
)


@BEST_ASSIGNMENT.wrong("the cheapest slot of each object", "Two objects may want the same slot.")
def _cheapest_of_each(cost: Tensor) -> Tensor:
    return cost.argmin(1) if cost.numel() else torch.zeros(len(cost), dtype=torch.int64)


@BEST_ASSIGNMENT.wrong(
    "first come, first served",
    "The first object may take what the second needs more: the order matters again.",
)
def _first_come(cost: Tensor) -> Tensor:
    taken: list[int] = []
    for row in cost.tolist():
        taken.append(min(set(range(len(row))) - set(taken), key=row.__getitem__))
    return torch.tensor(taken, dtype=torch.int64)


@BEST_ASSIGNMENT.wrong(
    "the cheapest pair first",
    "Taking the cheapest pair may leave a dear one: 11 in all, where 3.5 were possible.",
)
def _cheapest_pair_first(cost: Tensor) -> Tensor:
    left, slots = cost.clone(), torch.zeros(len(cost), dtype=torch.int64)
    for _ in range(len(cost)):
        g, s = divmod(left.argmin().item(), cost.shape[1])
        slots[g] = s
        left[g], left[:, s] = torch.inf, torch.inf
    return slots


@BEST_ASSIGNMENT.wrong("the dearest assignment", "Costs are to be small.")
def _dearest(cost: Tensor) -> Tensor:
    return best_assignment(-cost)


@BEST_ASSIGNMENT.wrong(
    "only the first slots tried", "Any G of the S slots will do: permutations(range(S), G)."
)
def _first_slots_only(cost: Tensor) -> Tensor:
    return best_assignment(cost[:, : len(cost)])


@BEST_ASSIGNMENT.wrong(
    "the object of each slot", "The question is the slot of each object: the two are inverse to each other."
)
def _object_of_each_slot(cost: Tensor) -> Tensor:
    return ops.match_by_cost(cost).target


@BEST_ASSIGNMENT.wrong("the cost, not the assignment", "Return the slots that have this cost.")
def _total(cost: Tensor) -> Tensor:
    return cost[torch.arange(len(cost)), best_assignment(cost)].sum()


# ---------------------------------------------------------------- the cost

_LOGITS = torch.tensor([[1.0, 2.0, 0.0, -1.0], [0.0, -1.0, 3.0, 0.5], [2.0, 0.0, 0.0, 1.0]])

MATCHING_COST = Exercise(
    matching_cost,
    picture=table_picture,
    hints=(
        "What is good about a pair of a slot and an object? Two numbers, and a cost falls as they rise.",
        "cost[g, s] = - probability that slot s gives to the class of object g - GIoU(object g, box s).",
        "logits.softmax(-1)[:, true_labels] is (S, G): one column an object. ops.generalized_box_iou(true_boxes, boxes) is (G, S).",
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
        Case("no object", (random_boxes(3), _LOGITS, boxes(), torch.zeros(0, dtype=torch.int64))),
    ),
)


@MATCHING_COST.wrong("a transposed table", "Rows are objects, columns are slots.")
def _cost_transposed(*answers: Tensor) -> Tensor:
    return matching_cost(*answers).T


def _parts(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> tuple[Tensor, Tensor]:
    return logits.softmax(-1)[:, true_labels].T, ops.generalized_box_iou(true_boxes, boxes)


@MATCHING_COST.wrong(
    "scores before the softmax", "They have no scale: a confident slot would outweigh any box."
)
def _cost_of_logits(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    return -logits[:, true_labels].T - _parts(boxes, logits, true_boxes, true_labels)[1]


@MATCHING_COST.wrong(
    "the column before", "Column 0 is the background: the probability of label k is in column k."
)
def _cost_of_the_class_before(
    boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor
) -> Tensor:
    return matching_cost(boxes, logits, true_boxes, true_labels - 1)


@MATCHING_COST.wrong("a reward instead of a cost", "What fits well must cost little: minus.")
def _reward(*answers: Tensor) -> Tensor:
    return -matching_cost(*answers)


@MATCHING_COST.wrong("IoU instead of GIoU", "Far slots would all cost the same; GIoU says which is nearer.")
def _cost_of_iou(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    return -_parts(boxes, logits, true_boxes, true_labels)[0] - ops.box_iou(true_boxes, boxes)


@MATCHING_COST.wrong("only the boxes", "The class has a say: subtract its probability too.")
def _cost_of_boxes(*answers: Tensor) -> Tensor:
    return -_parts(*answers)[1]


@MATCHING_COST.wrong("only the classes", "The box has a say: subtract the GIoU too.")
def _cost_of_classes(*answers: Tensor) -> Tensor:
    return -_parts(*answers)[0]


@MATCHING_COST.wrong("a softmax over the slots", "The classes of one slot compete: they are the last axis.")
def _softmax_over_slots(boxes: Tensor, logits: Tensor, true_boxes: Tensor, true_labels: Tensor) -> Tensor:
    return -logits.softmax(0)[:, true_labels].T - _parts(boxes, logits, true_boxes, true_labels)[1]


EXERCISES = (BEST_ASSIGNMENT, MATCHING_COST)
