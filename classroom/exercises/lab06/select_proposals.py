"""Lab 06, exercise 8: which boxes are proposed."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.move_anchors import move_anchors
from classroom.exercises.lab06.select_proposals_mistakes import (
    MISTAKES,
    finish,
    select_proposals,
    steps,
    top_of_levels,
)
from classroom.exercises.mistakes import raises
from classroom.exercises.pictures import boxes_picture
from coursekit import ops
from coursekit.models import rpn

_SIZE = (60, 100)
_LEFT, _RIGHT, _BELOW = (0, 0, 30, 30), (50, 0, 80, 30), (20, 35, 50, 58)
_NEAR_LEFT = (0, 1, 30, 31)  # IoU 0.94 with _LEFT


def _said(scores: list[float], anchors: Tensor, levels: list[int], offsets: Tensor | None = None) -> tuple:
    offsets = torch.zeros(len(scores), 4) if offsets is None else offsets
    return torch.tensor(scores), offsets, anchors, torch.tensor(levels), _SIZE


def _many() -> tuple:
    random = torch.Generator().manual_seed(5)
    levels = torch.tensor([0] * 60 + [1] * 30 + [2] * 10)
    offsets = torch.randn(100, 4, generator=random) * 0.3
    return torch.randn(100, generator=random), offsets, random_boxes(100, seed=6), levels, (80, 100), 20, 15


SELECT_PROPOSALS = Exercise(
    select_proposals,
    picture=boxes_picture,
    hints=(
        "Three functions, one after the other. And detach first: proposals are constants.",
        "best_of_levels gives the indices of the candidates: index offsets, anchors, objectness and levels with them. Then move_anchors, then thin_out.",
        "objectness, offsets = objectness.detach(), offsets.detach()\nbest = best_of_levels(objectness, levels, candidates)\n"
        "boxes = move_anchors(…, size)  # of the candidates only\nreturn thin_out(boxes, …, limit)",
    ),
    cases=(
        Case("two boxes far apart", _said([0.5, 2.0], boxes(_LEFT, _RIGHT), [0, 0])),
        Case(
            "offsets lead to the boxes",
            _said([1.0], boxes(_LEFT), [0], torch.tensor([[0.5, 0.25, 0.0, 0.0]])),
        ),
        Case("a duplicate", _said([2.0, 1.0, 0.5], boxes(_LEFT, _NEAR_LEFT, _RIGHT), [0, 0, 0])),
        Case(
            "neighbours with an IoU of 0.6",
            _said([2.0, 1.0, 0.5], boxes(_LEFT, (0, 7.5, 30, 37.5), _RIGHT), [0, 0, 0]),
        ),
        Case(
            "neighbours with an IoU of 0.76",
            _said([2.0, 1.0, 0.5], boxes(_LEFT, (0, 4, 30, 34), _RIGHT), [0, 0, 0]),
        ),
        Case("the best one last", _said([1.0, 2.0, 3.0], boxes(_LEFT, _RIGHT, _BELOW), [0, 0, 1])),
        Case("a thin box", _said([2.0, 1.0], boxes((10, 10, 10.5, 40), _RIGHT), [0, 0])),
        Case("a duplicate on another level", _said([2.0, 1.0], boxes(_LEFT, _NEAR_LEFT), [0, 1])),
        Case(
            "two of each level",
            (*_said([5.0, 4.0, 3.0, -2.0], boxes(_LEFT, _RIGHT, _BELOW, (60, 35, 95, 58)), [0, 0, 0, 1]), 2),
        ),
        Case(
            "duplicates take the places of candidates",
            (*_said([3.0, 2.0, 1.0], boxes(_LEFT, _NEAR_LEFT, _RIGHT), [0, 0, 0]), 2),
        ),
        Case(
            "equal once they are clipped",
            _said([2.0, 1.0], boxes((-40, 0, 30, 30), (0, 0, 30, 29)), [0, 0]),
        ),
        Case("beyond the right border", _said([2.0, 1.0], boxes((80, 10, 120, 30), _BELOW), [0, 0])),
        Case("outside, beyond a corner", _said([2.0, 1.0], boxes((-40, -40, -10, -10), _RIGHT), [0, 0])),
        Case("entirely outside", _said([2.0, 1.0], boxes((-40, 0, -10, 30), _RIGHT), [0, 0])),
        Case(
            "the only candidate is outside",
            (*_said([2.0, 1.0], boxes((-40, 0, -10, 30), _RIGHT), [0, 0]), 1),
        ),
        Case(
            "at most two proposals",
            (*_said([4.0, 3.0, 2.0, 1.0], boxes(_LEFT, _NEAR_LEFT, _RIGHT, _BELOW), [0, 0, 0, 0]), 100, 2),
        ),
        Case("no gradient", _said([0.5, 2.0], boxes(_LEFT, _RIGHT), [0, 0]), gradient=(0, 1)),
        Case("a hundred anchors of three levels", _many()),
    ),
)
SELECT_PROPOSALS.wrong_answers.extend(MISTAKES)
wrong = SELECT_PROPOSALS.wrong

# ---------------------------------------------------------------- places, sizes, borders


@wrong(
    "places in a level used as anchor numbers",
    "topk returns places within objectness[where]: look up where[...].",
)
def _places_in_level(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    each = [objectness[levels == k].detach().argsort(descending=True)[:candidates] for k in levels.unique()]
    best = torch.cat(each)
    found = move_anchors(offsets[best].detach(), anchors[best], size)
    return finish(found, objectness[best].detach(), levels[best], limit)


@wrong(
    "small boxes removed only if both sides are small",
    "One side under 0.001 pixels is enough: a box outside the image becomes a line.",
)
def _small_in_both(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = top_of_levels(objectness.detach(), levels, candidates)
    found = move_anchors(offsets[best].detach(), anchors[best], size)
    large = ((found[:, 2:] - found[:, :2]) >= rpn.SMALLEST).any(1)
    found, best = found[large], best[large]
    return found[ops.batched_nms(found, objectness[best].detach(), levels[best], rpn.NMS_THRESHOLD)[:limit]]


@wrong(
    "places in a level used as anchor numbers",
    "topk returns places within objectness[where]: look up where[...].",
)
def _places_in_level_twice(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    each = [objectness[levels == k].detach().argsort(descending=True)[:candidates] for k in levels.unique()]
    best = torch.cat(each)
    kept = torch.cat(
        [
            (levels[best] == k).nonzero()[:, 0][
                objectness[best][levels[best] == k].detach().argsort(descending=True)[:candidates]
            ]
            for k in levels[best].unique()
        ]
    )
    best = best[kept]
    found = move_anchors(offsets[best].detach(), anchors[best], size)
    return finish(found, objectness[best].detach(), levels[best], limit)


@wrong(
    "clipped last",
    "Two boxes can be equal once they are clipped, and a box outside then has no area: clip before you remove and suppress.",
)
def _clipped_at_the_end(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    best = top_of_levels(objectness, levels, candidates)
    found = ops.decode_boxes(offsets[best].detach(), anchors[best])
    return ops.clip_boxes_to_image(finish(found, objectness[best].detach(), levels[best], limit), size)


@wrong(
    "clipped at the right and lower border last",
    "Clip at all borders before you remove small boxes and suppress.",
)
def _half_clipped(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    found = steps(objectness, offsets, anchors, levels, (10**6, 10**6), candidates, limit)
    return ops.clip_boxes_to_image(found, size)


# ---------------------------------------------------------------- other results


@wrong("boxes and scores", "Return the boxes alone, (R, 4).")
def _with_scores(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    found = steps(objectness, offsets, anchors, levels, size, candidates, limit)
    return found, torch.ones(len(found))


@wrong("indices", "Return the boxes themselves, (R, 4).")
def _indices(objectness, offsets, anchors, levels, size, candidates=100, limit=50):
    return torch.arange(len(steps(objectness, offsets, anchors, levels, size, candidates, limit)))


raises(
    SELECT_PROPOSALS,
    "an error on a level with fewer anchors than candidates",
    "topk cannot take more than there are: min(candidates, len(where)).",
    lambda objectness, offsets, anchors, levels, size, candidates=100, limit=50: (
        int(levels.unique(return_counts=True)[1].min()) < candidates
    ),
    RuntimeError,
    IndexError,
)

EXERCISES = (SELECT_PROPOSALS,)
