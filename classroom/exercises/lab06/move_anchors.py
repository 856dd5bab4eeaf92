"""Lab 06, exercise 5: from an anchor to the box that the first stage predicts."""

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
        "You wrote the first half in lab 04, and ops has it too. What keeps a box inside the image?",
        "Decode the offsets from the anchors, without weights; then clip every corner to the image.",
        "moved = ops.decode_boxes(…)\nreturn ops.clip_boxes_to_image(moved, …)",
    ),
    cases=(
        Case("no offset", (torch.zeros(1, 4), _ANCHOR, _SIZE)),
        Case("half a width to the right", (torch.tensor([[0.5, 0.0, 0.0, 0.0]]), _ANCHOR, _SIZE)),
        Case("twice as tall", (torch.tensor([[0.0, 0.0, 0.0, 0.6931]]), _ANCHOR, _SIZE)),
        Case("beyond the left border", (torch.tensor([[-0.75, 0.0, 0.0, 0.0]]), _ANCHOR, _SIZE)),
        Case("beyond the right border", (torch.tensor([[1.25, 0.0, 0.0, 0.0]]), _ANCHOR, _SIZE)),
        Case("beyond the lower border", (torch.tensor([[0.0, 2.0, 0.0, 0.0]]), _ANCHOR, _SIZE)),
        Case(
            "an anchor beyond the border",
            (torch.tensor([[0.25, 0.0, 0.0, 0.0]]), boxes((-20, 5, 20, 25)), _SIZE),
        ),
        Case("entirely outside", (torch.tensor([[5.0, 0.0, 0.0, 0.0]]), _ANCHOR, _SIZE)),
        Case("no anchors", (torch.zeros(0, 4), boxes(), _SIZE)),
        Case("a dozen anchors", (_OFFSETS, random_boxes(12), (70, 100))),
    ),
)
wrong = MOVE_ANCHORS.wrong


def _clip(moved, size):
    return ops.clip_boxes_to_image(moved, size)


# ---------------------------------------------------------------- the clipping


@wrong("nothing clipped", "A proposal must lie inside the image, because there is nothing to pool outside.")
def _not_clipped(offsets, anchors, size):
    return ops.decode_boxes(offsets, anchors)


@wrong("height and width swapped", "A size is (height, width); x ends at the width.")
def _swapped(offsets, anchors, size):
    return move_anchors(offsets, anchors, size[::-1])


@wrong("the height for both directions", "x ends at the width: size is (height, width).")
def _height_for_both(offsets, anchors, size):
    return move_anchors(offsets, anchors, (size[0], size[0]))


@wrong("the width for both directions", "y ends at the height: size is (height, width).")
def _width_for_both(offsets, anchors, size):
    return move_anchors(offsets, anchors, (size[1], size[1]))


@wrong(
    "clipped before the offsets",
    "The offsets are measured in sides of the whole anchor: first move, then clip.",
)
def _clipped_first(offsets, anchors, size):
    return ops.decode_boxes(offsets, _clip(anchors, size))


@wrong(
    "the anchors clipped as well",
    "The offsets are measured in sides of the whole anchor: clip only the boxes.",
)
def _clipped_twice(offsets, anchors, size):
    return move_anchors(offsets, _clip(anchors, size), size)


@wrong(
    "boxes pushed back inside",
    "Clipping moves only the sides that lie outside; the others stay where they are.",
)
def _pushed_back(offsets, anchors, size):
    moved = ops.decode_boxes(offsets, anchors)
    back = (torch.tensor(size[::-1]) - moved[:, 2:]).clamp(max=0) + (-moved[:, :2]).clamp(min=0)
    return moved + back.repeat(1, 2)


@wrong(
    "boxes pushed back inside, then clipped",
    "Clipping moves only the sides that lie outside; the others stay where they are.",
)
def _pushed_and_clipped(offsets, anchors, size):
    return _clip(_pushed_back(offsets, anchors, size), size)


@wrong("clipped at 0 alone", "Clip at the right and lower borders too.")
def _clipped_at_the_start(offsets, anchors, size):
    return ops.decode_boxes(offsets, anchors).clamp(min=0)


@wrong("not clipped at 0", "Clip at the left and upper borders too.")
def _clipped_at_the_end(offsets, anchors, size):
    return torch.minimum(ops.decode_boxes(offsets, anchors), torch.tensor(size[::-1] * 2))


@wrong(
    "x2 and y2 not clipped at 0, x1 and y1 not at the end",
    "Clip every corner on all sides: a box can lie entirely outside.",
)
def _each_side_once(offsets, anchors, size):
    moved = ops.decode_boxes(offsets, anchors)
    return torch.cat([moved[:, :2].clamp(min=0), torch.minimum(moved[:, 2:], torch.tensor(size[::-1]))], 1)


@wrong(
    "the last pixel used as the border",
    "Corners are continuous coordinates: the image ends at its width, not at width - 1.",
)
def _last_pixel(offsets, anchors, size):
    return move_anchors(offsets, anchors, (size[0] - 1, size[1] - 1))


@wrong(
    "the centre clipped, not the corners",
    "Clip each corner: otherwise half of a box could still lie outside.",
)
def _centre_clipped(offsets, anchors, size):
    moved = ops.decode_boxes(offsets, anchors)
    half, centre = (moved[:, 2:] - moved[:, :2]) / 2, (moved[:, 2:] + moved[:, :2]) / 2
    centre = torch.minimum(centre.clamp(min=0), torch.tensor(size[::-1]))
    return torch.cat([centre - half, centre + half], 1)


@wrong("boxes that cross the border removed", "Clip them: each anchor keeps its row.")
def _removed(offsets, anchors, size):
    moved = ops.decode_boxes(offsets, anchors)
    return moved[(_clip(moved, size) == moved).all(1)]


@wrong(
    "boxes outside the image removed", "Each anchor keeps its row; the small ones are removed in exercise 7."
)
def _empty_removed(offsets, anchors, size):
    moved = move_anchors(offsets, anchors, size)
    return moved[ops.remove_small_boxes(moved, 1e-3)]


@wrong("corners rounded to whole pixels", "Do not round: RoIAlign reads between the cells.")
def _rounded(offsets, anchors, size):
    return move_anchors(offsets, anchors, size).round()


# ---------------------------------------------------------------- the move


@wrong("offsets mistaken for pixels", "They are measured in sides of the anchor, and in logarithms.")
def _in_pixels(offsets, anchors, size):
    return _clip(anchors + offsets, size)


@wrong(
    "the scale of the second stage",
    "The offsets of the first stage have no weights: (10, 10, 5, 5) belongs to the second stage.",
)
def _with_the_other_scale(offsets, anchors, size):
    return _clip(ops.decode_boxes(offsets, anchors, SECOND_STAGE), size)


@wrong("the anchors not moved", "The offsets tell where the box is: use ops.decode_boxes.")
def _not_moved(offsets, anchors, size):
    return _clip(anchors, size)


@wrong("offsets and anchors swapped", "ops.decode_boxes takes the offsets first, then the anchors.")
def _arguments_exchanged(offsets, anchors, size):
    return move_anchors(anchors, offsets, size)


@wrong("anchors encoded, not decoded", "encode_boxes turns boxes into offsets; here you need the inverse.")
def _encoded(offsets, anchors, size):
    return _clip(ops.encode_boxes(offsets, anchors), size)


@wrong("centres moved, sides not scaled", "dw and dh scale the sides: w * exp(dw).")
def _not_scaled(offsets, anchors, size):
    return move_anchors(offsets * torch.tensor([1, 1, 0, 0]), anchors, size)


@wrong("sides scaled, centres not moved", "dx and dy move the centre by fractions of the anchor's sides.")
def _not_shifted(offsets, anchors, size):
    return move_anchors(offsets * torch.tensor([0, 0, 1, 1]), anchors, size)


@wrong("x and y swapped", "Offsets are dx, dy, dw, dh.")
def _xy_exchanged(offsets, anchors, size):
    return move_anchors(offsets[:, [1, 0, 3, 2]], anchors, size)


@wrong("offsets subtracted", "The offsets lead from the anchor to the box.")
def _backwards(offsets, anchors, size):
    return move_anchors(-offsets, anchors, size)


@wrong("the caller's anchors changed", "Return new boxes: the anchors are the same in every image.")
def _anchors_changed(offsets, anchors, size):
    anchors.copy_(move_anchors(offsets, anchors, size))
    return anchors


EXERCISES = (MOVE_ANCHORS,)
