"""Lab 06, exercise 11: from the outputs of the second stage to boxes and scores."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.pictures import numbers_picture
from classroom.exercises.mistakes import raises
from coursekit import ops
from coursekit.models.fast_rcnn import OFFSET_WEIGHTS


def decode_regions(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    """A box and a score for each region and class, background left out: (R, K + 1), (R, K, 4), (R, 4) -> (R, K, 4), (R, K)."""
    return ops.decode_boxes(offsets, regions[:, None], OFFSET_WEIGHTS), logits.softmax(1)[:, 1:]


_CUP, _BOOK = (10, 10, 30, 20), (40, 0, 80, 50)
_SEED = torch.Generator().manual_seed(4)
_SHIFTED = torch.tensor([[[5.0, 0, 0, 0], [0, 0, 2.5, 0]]])

DECODE_REGIONS = Exercise(
    decode_regions,
    picture=numbers_picture,
    hints=(
        "There are two questions: what is the probability of each class, and where is its box? Where does the background go?",
        "scores: softmax over all K + 1, then without column 0. boxes: decode with (10, 10, 5, 5); "
        "regions need an axis for the classes.",
        "boxes = ops.decode_boxes(offsets, regions[:, None], …)  # the scale of the second stage\n"
        "return boxes, logits.softmax(1)…  # without background",
    ),
    cases=(
        Case("one region, two classes", (torch.tensor([[0.0, 1.0, 2.0]]), torch.zeros(1, 2, 4), boxes(_CUP))),
        Case("a different box for each class", (torch.tensor([[0.0, 1.0, 2.0]]), _SHIFTED, boxes(_CUP))),
        Case("most likely background", (torch.tensor([[3.0, 1.0, 2.0]]), _SHIFTED, boxes(_CUP))),
        Case("beyond the image", (torch.tensor([[0.0, 1.0, 2.0]]), -8 * _SHIFTED, boxes(_CUP))),
        Case(
            "two regions",
            (torch.tensor([[3.0, 1.0, 2.0], [0.0, 4.0, 0.0]]), torch.ones(2, 2, 4), boxes(_CUP, _BOOK)),
        ),
        Case("no region", (torch.zeros(0, 4), torch.zeros(0, 3, 4), boxes())),
        Case(
            "six regions, four classes",
            (torch.randn(6, 5, generator=_SEED), torch.randn(6, 4, 4, generator=_SEED), random_boxes(6)),
        ),
    ),
)
wrong = DECODE_REGIONS.wrong


# ---------------------------------------------------------------- the scores


def _with_scores(function):
    return lambda l, o, r: (decode_regions(l, o, r)[0], function(l))  # noqa: E741


for _name, _story, _scores in (
    (
        "the background kept",
        "Column 0 is not a class: leave it out after the softmax.",
        lambda x: x.softmax(1),
    ),
    (
        "the background dropped before the softmax",
        "Then every region is certainly something: the background must have its share of the probability.",
        lambda x: x[:, 1:].softmax(1),
    ),
    (
        "the last class dropped",
        "The background is column 0, not the last one.",
        lambda x: x.softmax(1)[:, :-1],
    ),
    (
        "sigmoids",
        "The head is trained with a cross-entropy over all classes and background: use its softmax.",
        lambda x: x.sigmoid()[:, 1:],
    ),
    (
        "a softmax over the regions",
        "Each region has its own probabilities: dim=1.",
        lambda x: x.softmax(0)[:, 1:],
    ),
    ("logits as scores", "A score is a probability: softmax.", lambda x: x[:, 1:]),
    (
        "logarithms as scores",
        "A score is a probability: softmax, not log_softmax.",
        lambda x: x.log_softmax(1)[:, 1:],
    ),
    (
        "exponentials that are not divided by their sum",
        "A score is a probability: softmax.",
        lambda x: x.exp()[:, 1:],
    ),
    (
        "scores of 0 where background is most likely",
        "Each class keeps its probability: low scores are removed later, by a threshold.",
        lambda x: x.softmax(1)[:, 1:] * (x.argmax(1) > 0)[:, None],
    ),
    (
        "the best class alone",
        "Each class keeps its score, and each region K of them.",
        lambda x: x.softmax(1)[:, 1:] * (x[:, 1:] == x[:, 1:].amax(1, keepdim=True)),
    ),
    (
        "one score per region",
        "Return (R, K): a score for each region and class.",
        lambda x: x.softmax(1)[:, 1:].amax(1),
    ),
    ("labels as scores", "Return a score for each region and class, (R, K).", lambda x: x.argmax(1)),
    (
        "1 minus the probability",
        "A score is the probability of the class.",
        lambda x: 1 - x.softmax(1)[:, 1:],
    ),
    (
        "scores divided by the best of them",
        "A score is the probability of the class, as computed by the softmax.",
        lambda x: x.softmax(1)[:, 1:] / x.softmax(1)[:, 1:].amax(1, keepdim=True),
    ),
):
    wrong(_name, _story)(_with_scores(_scores))


# ---------------------------------------------------------------- the boxes


def _with_boxes(function):
    return lambda l, o, r: (function(o, r, l), decode_regions(l, o, r)[1])  # noqa: E741


def _weights(*weights):
    return _with_boxes(lambda o, r, _: ops.decode_boxes(o, r[:, None], weights))


_SCALE = "The head was trained on offsets times (10, 10, 5, 5): decode with the same weights."
wrong("offsets without their scale", _SCALE)(_weights(1.0, 1.0, 1.0, 1.0))
wrong("offsets times the scale", "Decoding divides by (10, 10, 5, 5): ops.decode_boxes does it.")(
    _weights(0.1, 0.1, 0.2, 0.2)
)
wrong("offsets divided by the scale twice", "ops.decode_boxes divides by the weights that it is given.")(
    _weights(100.0, 100.0, 25.0, 25.0)
)
wrong("the scales of centre and sides swapped", _SCALE)(_weights(5.0, 5.0, 10.0, 10.0))
wrong("the scale in the order of x and w", "The order is dx, dy, dw, dh: (10, 10, 5, 5).")(
    _weights(10.0, 5.0, 10.0, 5.0)
)
wrong("a scale of 10 for all four", _SCALE)(_weights(10.0, 10.0, 10.0, 10.0))


@wrong(
    "the box of the best class for all",
    "The head predicts a box for each class: keep them separate, because suppression is done class by class.",
)
@_with_boxes
def _best_box_for_all(offsets, regions, logits):
    best = offsets[torch.arange(len(offsets)), logits[:, 1:].argmax(1)][:, None].expand_as(offsets)
    return ops.decode_boxes(best, regions[:, None], OFFSET_WEIGHTS)


@wrong("the box of the first class for all", "The head predicts a box for each class: keep them separate.")
@_with_boxes
def _first_box_for_all(offsets, regions, logits):
    return ops.decode_boxes(offsets[:, :1].expand_as(offsets), regions[:, None], OFFSET_WEIGHTS)


@wrong(
    "the mean of the offsets of all classes", "The head predicts a box for each class: keep them separate."
)
@_with_boxes
def _mean_box(offsets, regions, logits):
    mean = offsets.mean(1, keepdim=True).expand_as(offsets)
    return ops.decode_boxes(mean, regions[:, None], OFFSET_WEIGHTS)


@wrong(
    "the regions as they are",
    "The second stage moves each region, differently for each class: ops.decode_boxes.",
)
@_with_boxes
def _regions_returned(offsets, regions, logits):
    return regions[:, None].expand_as(offsets)


@wrong("offsets instead of boxes", "Return boxes: ops.decode_boxes computes them from the regions.")
@_with_boxes
def _offsets_returned(offsets, regions, logits):
    return offsets


@wrong(
    "offsets of one region with other regions",
    "repeat stacks the whole table below itself: use repeat_interleave, or regions[:, None].",
)
@_with_boxes
def _repeated(offsets, regions, logits):
    repeated = regions.repeat(offsets.shape[1], 1)
    return ops.decode_boxes(offsets.reshape(-1, 4), repeated, OFFSET_WEIGHTS).reshape(offsets.shape)


@wrong("boxes clipped at 0", "Only decode: clipping comes later, and at all borders.")
@_with_boxes
def _clipped(offsets, regions, logits):
    return ops.decode_boxes(offsets, regions[:, None], OFFSET_WEIGHTS).clamp(min=0)


@wrong("all boxes in one long list", "Return (R, K, 4): the boxes of a region stay together.")
@_with_boxes
def _flat(offsets, regions, logits):
    return ops.decode_boxes(offsets, regions[:, None], OFFSET_WEIGHTS).flatten(0, 1)


# ---------------------------------------------------------------- both


@wrong("one box and one score per region", "Return (R, K, 4) and (R, K): a region keeps all its classes.")
def _best_class_only(logits, offsets, regions):
    found, scores = decode_regions(logits, offsets, regions)
    best, labels = scores.max(1)
    return found[torch.arange(len(regions)), labels], best


@wrong("the scores first", "Return the boxes, then the scores.")
def _order(logits, offsets, regions):
    return decode_regions(logits, offsets, regions)[::-1]


@wrong("the background dropped from the boxes too", "The boxes have no column for the background.")
def _first_class_dropped(logits, offsets, regions):
    return decode_regions(logits, offsets, regions)[0][:, 1:], logits.softmax(1)[:, 1:]


ERRORS = RuntimeError, ValueError, IndexError
raises(
    DECODE_REGIONS,
    "an error for several regions",
    "(R, K, 4) and (R, 4) do not fit: the regions need an axis for the classes, regions[:, None].",
    lambda logits, offsets, regions: len(regions) > 1,
    *ERRORS,
)
raises(
    DECODE_REGIONS,
    "an error without regions",
    "Without regions the result is (0, K, 4) and (0, K).",
    lambda logits, offsets, regions: not len(regions),
    *ERRORS,
)

EXERCISES = (DECODE_REGIONS,)
