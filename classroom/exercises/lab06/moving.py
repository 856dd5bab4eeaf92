"""Lab 06, fourth part: from an anchor to the box that the first stage means."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, normal, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import boxes_picture
from coursekit import ops

Size = tuple[int, int]
SECOND_STAGE = (10.0, 10.0, 5.0, 5.0)


def move_anchors(offsets: Tensor, anchors: Tensor, size: Size) -> Tensor:
    """The boxes that the offsets lead to from the anchors, clipped to `size` (height, width): (A, 4), (A, 4) -> (A, 4)."""
    return ops.clip_boxes_to_image(ops.decode_boxes(offsets, anchors), size)


_ANCHOR = boxes((20, 10, 60, 30))
_SIZE = (60, 100)
_OFFSETS = normal(12, 4) * 0.7

MOVE_ANCHORS = Exercise(
    move_anchors,
    picture=boxes_picture,
    hints=(
        "You wrote the first half in lab 04, and ops has it. What keeps a box inside the image?",
        "Decode the offsets from the anchors, without weights; then clip every corner to the image.",
        "ops.clip_boxes_to_image(ops.decode_boxes(..., ...), size)",
    ),
    cases=(
        Case("no offset", (torch.zeros(1, 4), _ANCHOR, _SIZE)),
        Case("half a width to the right", (torch.tensor([[0.5, 0.0, 0.0, 0.0]]), _ANCHOR, _SIZE)),
        Case("beyond the left border", (torch.tensor([[-0.75, 0.0, 0.0, 0.0]]), _ANCHOR, _SIZE)),
        Case("beyond the right border", (torch.tensor([[1.25, 0.0, 0.0, 0.0]]), _ANCHOR, _SIZE)),
        Case(
            "an anchor beyond the border",
            (torch.tensor([[0.25, 0.0, 0.0, 0.0]]), boxes((-20, 5, 20, 25)), _SIZE),
        ),
        Case("outside altogether", (torch.tensor([[5.0, 0.0, 0.0, 0.0]]), _ANCHOR, _SIZE)),
        Case("no anchor", (torch.zeros(0, 4), boxes(), _SIZE)),
        Case("a dozen", (_OFFSETS, random_boxes(12), (70, 100))),
    ),
)


@MOVE_ANCHORS.wrong("nothing clipped", "A proposal lies inside the image: there is nothing to pool outside.")
def _not_clipped(offsets: Tensor, anchors: Tensor, size: Size) -> Tensor:
    return ops.decode_boxes(offsets, anchors)


@MOVE_ANCHORS.wrong("height and width swapped", "A size is (height, width); x ends at the width.")
def _swapped(offsets: Tensor, anchors: Tensor, size: Size) -> Tensor:
    return move_anchors(offsets, anchors, size[::-1])


@MOVE_ANCHORS.wrong(
    "clipped before the offsets", "The offsets are counted in whole anchors: first move, then clip."
)
def _clipped_first(offsets: Tensor, anchors: Tensor, size: Size) -> Tensor:
    return ops.decode_boxes(offsets, ops.clip_boxes_to_image(anchors, size))


@MOVE_ANCHORS.wrong(
    "boxes pushed back inside",
    "Clipping moves only the sides that lie outside; the others stay where they are.",
)
def _pushed_back(offsets: Tensor, anchors: Tensor, size: Size) -> Tensor:
    moved = ops.decode_boxes(offsets, anchors)
    limit = torch.tensor(size[::-1])
    back = (limit - moved[:, 2:]).clamp(max=0) + (-moved[:, :2]).clamp(min=0)
    return moved + back.repeat(1, 2)


@MOVE_ANCHORS.wrong("offsets taken for pixels", "They are counted in sides of the anchor, and in logarithms.")
def _in_pixels(offsets: Tensor, anchors: Tensor, size: Size) -> Tensor:
    return ops.clip_boxes_to_image(anchors + offsets, size)


@MOVE_ANCHORS.wrong(
    "the scale of the second stage",
    "The offsets of the first stage are as they are: (10, 10, 5, 5) belongs to the second.",
)
def _with_the_other_scale(offsets: Tensor, anchors: Tensor, size: Size) -> Tensor:
    return ops.clip_boxes_to_image(ops.decode_boxes(offsets, anchors, SECOND_STAGE), size)


@MOVE_ANCHORS.wrong("clipped at 0 alone", "The right and the lower border are borders too.")
def _clipped_at_one_side(offsets: Tensor, anchors: Tensor, size: Size) -> Tensor:
    return ops.decode_boxes(offsets, anchors).clamp(min=0)


EXERCISES = (MOVE_ANCHORS,)
