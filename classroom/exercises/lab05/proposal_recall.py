"""Lab 05, exercise 3: how many objects the first k proposals cover."""

import torch

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab05.pictures import covered_picture
from classroom.exercises.lab05.proposal_recall_mistakes import MISTAKES, proposal_recall, share, tables
from classroom.exercises.mistakes import raises
from coursekit.ops import box_iou

_APPLE, _BOOK = (0, 0, 20, 10), (40, 10, 60, 50)
_NEAR_APPLE = (1, 0, 20, 10)
_TWINS = boxes((0, 0, 20, 10), (0, 0, 20, 13))

_OBJECTS = [random_boxes(2 + i, i + 9) for i in range(3)]
_MANY = [  # an object of each image is the 21st box, another the last
    torch.cat([random_boxes(20, i), true[:1] + 0.5, random_boxes(20, i + 3), true[1:2]])
    for i, true in enumerate(_OBJECTS)
]

PROPOSAL_RECALL = Exercise(
    proposal_recall,
    picture=covered_picture,
    hints=(
        "For each object there is one question: does any of the first k boxes of its image cover it? Count how often the answer is yes.",
        "ops.box_iou(proposals[:k], boxes) is (k, G). Along which axis do you apply `any`?",
        "found = total = 0\n"
        "for p, b in zip(proposals, boxes):\n"
        "    covered = (ops.box_iou(p[:k], b) >= 0.5)…  # per object: does any of the proposals cover it?\n"
        "    found, total = found + int(covered.sum()), total + len(b)\n"
        "return found / total",
    ),
    cases=(
        Case("one object, one box on it", ([boxes(_APPLE)], [boxes(_APPLE)], 1)),
        Case("two boxes on the same object", ([boxes(_APPLE, _NEAR_APPLE)], [boxes(_APPLE, _BOOK)], 2)),
        Case(
            "the third box comes too late",
            ([boxes(_APPLE, (70, 0, 80, 9), _BOOK)], [boxes(_APPLE, _BOOK)], 2),
        ),
        Case("one box on two objects", ([boxes((0, 0, 20, 12))], [_TWINS], 1)),
        Case("an IoU of exactly 0.5", ([boxes((0, 0, 20, 5))], [boxes(_APPLE)], 1)),
        Case("a box around the whole image", ([boxes((0, 0, 100, 80))], [boxes(_APPLE)], 1)),
        Case("a box on a small part", ([boxes((0, 0, 4, 5))], [boxes(_APPLE)], 1)),
        Case(
            "images with one object and with three",
            (
                [boxes(_APPLE), boxes((70, 0, 80, 9), _BOOK)],
                [boxes(_APPLE), boxes(_APPLE, _BOOK, (80, 60, 90, 70))],
                2,
            ),
        ),
        Case("an image without proposals", ([boxes(), boxes(_BOOK)], [boxes(_APPLE), boxes(_BOOK)], 5)),
        Case("an image without objects", ([boxes(_APPLE), boxes(_BOOK)], [boxes(), boxes(_BOOK, _APPLE)], 1)),
        Case("three images, forty-two boxes each", (_MANY, _OBJECTS, 25)),
    ),
)
PROPOSAL_RECALL.wrong_answers.extend(MISTAKES)
wrong = PROPOSAL_RECALL.wrong
# ---------------------------------------------------------------- which proposals


@wrong("all proposals", "Only the first k of each image count.")
def _all_of_them(proposals, boxes, k):
    return proposal_recall(proposals, boxes, max(map(len, proposals)))


@wrong("the last k", "The best proposals come first.")
def _the_last(proposals, boxes, k):
    return proposal_recall([p[-k:] for p in proposals], boxes, k)


@wrong("k + 1 proposals", "The first k are proposals[:k].")
def _one_more(proposals, boxes, k):
    return proposal_recall(proposals, boxes, k + 1)


@wrong("k - 1 proposals", "The first k are proposals[:k].")
def _one_less(proposals, boxes, k):
    return proposal_recall(proposals, boxes, k - 1)


@wrong("the k-th proposal alone", "All of the first k count: proposals[:k].")
def _k_th(proposals, boxes, k):
    return proposal_recall([p[k - 1 : k] for p in proposals], boxes, k)


@wrong("k proposals for all images together", "Each image has its own k proposals.")
def _k_in_all(proposals, boxes, k):
    hits = []
    for proposed, true in zip(proposals, boxes, strict=True):
        hits.append((box_iou(true, proposed[: max(k, 0)]) >= 0.5).any(1))
        k -= len(proposed)
    return share(hits)


# ---------------------------------------------------------------- what covers an object


@wrong("an IoU of 0.5 not enough", "At least 0.5: >=, not >.")
def _above_half(proposals, boxes, k):
    return share([(t > 0.5).any(1) for t in tables(proposals, boxes, k)])


@wrong(
    "the share of the object that is covered",
    "A box around the whole image would cover everything: divide by the union, as ops.box_iou does.",
)
def _share_of_the_object(proposals, boxes, k):
    hits = []
    for p, b in zip(proposals, boxes, strict=True):
        sides = torch.minimum(b[:, None, 2:], p[None, :k, 2:]) - torch.maximum(
            b[:, None, :2], p[None, :k, :2]
        )
        covered = sides.clamp(min=0).prod(-1) / (b[:, 2:] - b[:, :2]).prod(-1)[:, None]
        hits.append((covered >= 0.5).any(1))
    return share(hits)


@wrong("any overlap", "A box covers an object if their IoU is at least 0.5.")
def _any_overlap(proposals, boxes, k):
    return share([(t > 0).any(1) for t in tables(proposals, boxes, k)])


@wrong("the mean of the best IoUs", "Count the objects whose best IoU is at least 0.5.")
def _mean_overlap(proposals, boxes, k):
    overlaps = tables(proposals, boxes, k)
    best = [t.amax(1) if t.shape[1] else torch.zeros(len(t)) for t in overlaps]
    return torch.cat(best).mean().item()


# ---------------------------------------------------------------- an error


raises(
    PROPOSAL_RECALL,
    "an error for an image without proposals",
    "Its objects count as missed. A maximum over nothing is an error; `any` over nothing is False.",
    lambda proposals, boxes, k: not all(map(len, proposals)),
    IndexError,
    RuntimeError,
    ValueError,
)
raises(
    PROPOSAL_RECALL,
    "an error for an image without objects",
    "There is nothing to find in it: add up the objects of all images before you divide.",
    lambda proposals, boxes, k: not all(map(len, boxes)),
    IndexError,
    RuntimeError,
    ValueError,
    ZeroDivisionError,
)
raises(
    PROPOSAL_RECALL,
    "an error for an image without proposals or objects",
    "A maximum over nothing is an error; `any` over nothing is False.",
    lambda proposals, boxes, k: not all(map(len, [*boxes, *proposals])),
    IndexError,
    RuntimeError,
)

EXERCISES = (PROPOSAL_RECALL,)
