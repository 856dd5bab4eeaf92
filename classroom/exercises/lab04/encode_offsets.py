"""Lab 04, section 3: from an anchor to its box, as four offsets."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab04.made_up import (
    ANCHOR,
    FOUR_WEIGHTS,
    ONES,
    SSD_WEIGHTS,
    Weights,
    centre_and_sides,
)
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.exercises.readings import any_precision


def encode_offsets(boxes: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    """Return the offsets (dx, dy, dw, dh) from each anchor to its box, times their weights: (N, 4), (N, 4) -> (N, 4)."""
    (centre, sides), (start, start_sides) = centre_and_sides(boxes), centre_and_sides(anchors)
    if (sides <= 0).any():
        raise ValueError("a box has no width or height")
    offsets = torch.cat([(centre - start) / start_sides, (sides / start_sides).log()], 1)
    return offsets * torch.tensor(weights)


_FLAT_BOX = boxes((10, 15, 30, 15))

ENCODE_OFFSETS = Exercise(
    encode_offsets,
    judge=any_precision,
    hints=(
        "Turn both boxes into centre and sides. How far is it from centre to centre, in widths and heights of the anchor?",
        "dx = (x - x_anchor) / w_anchor, dw = log(w / w_anchor), the same for y and h; each times its weight.",
        "centre = (boxes[:, :2] + boxes[:, 2:]) / 2; sides = boxes[:, 2:] - boxes[:, :2]; start, start_sides: the same of the anchors; "
        "if (sides <= 0).any(): raise ValueError(...); "
        "torch.cat([(centre - start) / start_sides, (sides / start_sides).log()], 1) * torch.tensor(weights)",
    ),
    cases=(
        Case("the anchor itself", (ANCHOR, ANCHOR)),
        Case("moved by half a width", (boxes((20, 10, 40, 20)), ANCHOR)),
        Case("twice as wide, half as tall", (boxes((0, 12.5, 40, 17.5)), ANCHOR)),
        Case("with SSD's weights", (boxes((12, 11, 36, 31)), ANCHOR, SSD_WEIGHTS)),
        Case("with four different weights", (boxes((12, 11, 36, 31)), ANCHOR, FOUR_WEIGHTS)),
        Case("a box without height", (_FLAT_BOX, ANCHOR)),
        Case("a box without width", (boxes((20, 10, 20, 30)), ANCHOR)),
        Case("a flat box among others", (torch.cat([ANCHOR, _FLAT_BOX]), torch.cat([ANCHOR, ANCHOR]))),
        Case("no box", (boxes(), boxes())),
        Case("twenty boxes", (random_boxes(20), random_boxes(20, seed=1))),
    ),
)


def _wrong_offsets(name: str, story: str, offsets: Callable[..., tuple[Tensor, Tensor]]) -> None:
    """A wrong answer with different offsets: offsets(centre, sides, start, start_sides) -> shift, scale."""

    def wrong(boxes: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
        if (centre_and_sides(boxes)[1] <= 0).any():
            raise ValueError("a box has no width or height")
        shift, scale = offsets(*centre_and_sides(boxes), *centre_and_sides(anchors))
        return torch.cat([shift, scale], 1) * torch.tensor(weights)

    ENCODE_OFFSETS.wrong(name, story)(wrong)


for _name, _story, _offsets in (
    (
        "a shift in pixels",
        "The shift is measured in widths and heights of the anchor.",
        lambda c, s, a, t: (c - a, (s / t).log()),
    ),
    (
        "a shift measured in sides of the box",
        "The decoder does not know the box yet, so divide by the sides of the anchor.",
        lambda c, s, a, t: ((c - a) / s, (s / t).log()),
    ),
    (
        "both shifts divided by the width",
        "dy is measured in heights of the anchor.",
        lambda c, s, a, t: ((c - a) / t[:, :1], (s / t).log()),
    ),
    (
        "both shifts divided by the height",
        "dx is measured in widths of the anchor.",
        lambda c, s, a, t: ((c - a) / t[:, 1:], (s / t).log()),
    ),
    (
        "a shift of the upper left corners",
        "dx and dy lead from centre to centre.",
        lambda c, s, a, t: ((c - s / 2 - a + t / 2) / t, (s / t).log()),
    ),
    (
        "twice the shift",
        "The centre is (x1 + x2) / 2: do not forget the half.",
        lambda c, s, a, t: (2 * (c - a) / t, (s / t).log()),
    ),
    (
        "the logarithm of the shift",
        "Only the sides go through a logarithm: a shift may be negative.",
        lambda c, s, a, t: (((c - a) / t).log(), (s / t).log()),
    ),
    (
        "a ratio without its logarithm",
        "Doubling and halving should be equally far from no change: log 2 and -log 2, with log 1 = 0.",
        lambda c, s, a, t: ((c - a) / t, s / t),
    ),
    (
        "the relative change of the sides",
        "dw is the logarithm of the ratio; w / w_anchor - 1 is close to it only for small changes.",
        lambda c, s, a, t: ((c - a) / t, s / t - 1),
    ),
    (
        "the difference of the sides in pixels",
        "dw is the logarithm of w / w_anchor.",
        lambda c, s, a, t: ((c - a) / t, s - t),
    ),
    (
        "the logarithm of the box's own sides",
        "dw is the logarithm of the ratio: divide by the sides of the anchor first.",
        lambda c, s, a, t: ((c - a) / t, s.log()),
    ),
    (
        "the logarithm of the inverse ratio",
        "The ratio is w / w_anchor: the offsets lead from the anchor to the box.",
        lambda c, s, a, t: ((c - a) / t, (t / s).log()),
    ),
    (
        "a shift from the box to the anchor",
        "The offsets lead from the anchor to the box: box minus anchor.",
        lambda c, s, a, t: ((a - c) / t, (s / t).log()),
    ),
    (
        "from the box to the anchor",
        "The offsets lead from the anchor to the box.",
        lambda c, s, a, t: ((a - c) / s, (t / s).log()),
    ),
    (
        "a logarithm to base 2",
        "Decoding takes exp: use the natural logarithm.",
        lambda c, s, a, t: ((c - a) / t, (s / t).log2()),
    ),
    (
        "a logarithm to base 10",
        "Decoding takes exp: use the natural logarithm.",
        lambda c, s, a, t: ((c - a) / t, (s / t).log10()),
    ),
    (
        "dw and dh swapped",
        "The order is dx, dy, dw, dh.",
        lambda c, s, a, t: ((c - a) / t, (s / t).log().flip(1)),
    ),
    (
        "dw and dh before dx and dy",
        "The order is dx, dy, dw, dh.",
        lambda c, s, a, t: ((s / t).log(), (c - a) / t),
    ),
    (
        "differences of corners",
        "The same difference is large for a small anchor and small for a large one: use centres and sides, in anchors.",
        lambda c, s, a, t: ((c - s / 2) - (a - t / 2), (c + s / 2) - (a + t / 2)),
    ),
):
    _wrong_offsets(_name, _story, _offsets)


def _with_weights(name: str, story: str, change: Callable[[Tensor], Tensor]) -> None:
    ENCODE_OFFSETS.wrong(name, story)(
        lambda boxes, anchors, weights=ONES: encode_offsets(boxes, anchors) * change(torch.tensor(weights))
    )


_with_weights("divided by the weights", "Encoding multiplies by the weights.", lambda w: 1 / w)
_with_weights("the weights ignored", "Multiply each offset by its weight.", torch.ones_like)
_with_weights("one weight for all offsets", "Each offset has its own weight.", lambda w: w[:1].expand(4))
_with_weights(
    "dx and dy without their weights",
    "All four offsets have a weight.",
    lambda w: torch.cat([torch.ones(2), w[2:]]),
)
_with_weights(
    "dw and dh without their weights",
    "All four offsets have a weight.",
    lambda w: torch.cat([w[:2], torch.ones(2)]),
)


def _unchecked(boxes: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    (centre, sides), (start, start_sides) = centre_and_sides(boxes), centre_and_sides(anchors)
    offsets = torch.cat([(centre - start) / start_sides, (sides / start_sides).log()], 1)
    return offsets * torch.tensor(weights)


ENCODE_OFFSETS.wrong(
    "the logarithm of 0",
    "log 0 is minus infinity, and one such target makes every weight of the network NaN: raise a ValueError.",
)(_unchecked)

for _name, _story, _flat in (
    (
        "only the width checked",
        "A height of 0 has no logarithm either.",
        lambda s: (s[:, 0] <= 0).any(),
    ),
    (
        "only the height checked",
        "A width of 0 has no logarithm either.",
        lambda s: (s[:, 1] <= 0).any(),
    ),
    (
        "an error only if all boxes are flat",
        "One flat box is enough: `any`, not `all`.",
        lambda s: len(s) and (s <= 0).any(1).all(),
    ),
):

    def _checked(boxes: Tensor, anchors: Tensor, weights: Weights = ONES, flat=_flat) -> Tensor:
        if flat(centre_and_sides(boxes)[1]):
            raise ValueError("a box has no width or height")
        return _unchecked(boxes, anchors, weights)

    ENCODE_OFFSETS.wrong(_name, _story)(_checked)


ENCODE_OFFSETS.wrong(
    "an error other than ValueError", "The exercise asks for a ValueError: `raise ValueError(...)`."
)(failing_when(lambda boxes, *_: (centre_and_sides(boxes)[1] <= 0).any(), _unchecked))

for _least in (1e-6, 1e-8, 1e-7, 1e-5, 1e-4, 1e-3, 1.0):

    def _least_sides(boxes: Tensor, anchors: Tensor, weights: Weights = ONES, least=_least) -> Tensor:
        (centre, sides), (start, start_sides) = centre_and_sides(boxes), centre_and_sides(anchors)
        scale = (sides.clamp(min=least) / start_sides).log()
        return torch.cat([(centre - start) / start_sides, scale], 1) * torch.tensor(weights)

    ENCODE_OFFSETS.wrong(
        "a minimum side instead of an error",
        "A box without width is a mistake in the data: raise a ValueError instead of inventing a side.",
    )(_least_sides)


ENCODE_OFFSETS.wrong("the caller's boxes overwritten", "They are needed again: work on new tensors.")(
    overwriting(encode_offsets, 0)
)

EXERCISES = (ENCODE_OFFSETS,)
