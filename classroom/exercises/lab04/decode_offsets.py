"""Lab 04, section 3: from an anchor and four offsets back to the box."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab04.made_up import (
    ANCHOR,
    FOUR_WEIGHTS,
    ONES,
    SSD_WEIGHTS,
    Weights,
    centre_and_sides,
)
from classroom.exercises.lab04.pictures import decoded_picture
from classroom.exercises.mistakes import failing_when, overwriting
from classroom.exercises.readings import any_precision

LIMIT = math.log(1000 / 16)


def decode_offsets(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    """Return the boxes that the offsets lead to; dw and dh are limited to log(1000 / 16): (..., 4), (..., 4) -> (..., 4)."""
    offsets = offsets / torch.tensor(weights)
    start, start_sides = centre_and_sides(anchors)
    centre = start + offsets[..., :2] * start_sides
    sides = start_sides * offsets[..., 2:].clamp(max=LIMIT).exp()
    return torch.cat([centre - sides / 2, centre + sides / 2], -1)


_DX = torch.tensor([[0.5, 0.0, 0.0, 0.0]])
_WIDE = torch.tensor([[0.0, 0.0, math.log(2), math.log(0.5)]])
_BATCH = random_boxes(10).reshape(2, 5, 4)

DECODE_OFFSETS = Exercise(
    decode_offsets,
    picture=decoded_picture,
    judge=any_precision,
    hints=(
        "Read your encoder backwards: divide by the weights, then undo each step.",
        "x = x_anchor + dx * w_anchor, w = w_anchor * exp(min(dw, log(1000 / 16))); corners are x - w / 2 and x + w / 2.",
        "offsets = offsets / torch.tensor(weights); start = (anchors[..., :2] + anchors[..., 2:]) / 2; start_sides = anchors[..., 2:] - anchors[..., :2]; "
        "centre = start + offsets[..., :2] * start_sides; sides = start_sides * offsets[..., 2:].clamp(max=math.log(1000 / 16)).exp(); "
        "torch.cat([centre - sides / 2, centre + sides / 2], -1).",
    ),
    cases=(
        Case("no offset", (torch.zeros(1, 4), ANCHOR)),
        Case("half a width to the right", (_DX, ANCHOR)),
        Case("half a height down", (_DX[:, [1, 0, 2, 3]], ANCHOR)),
        Case("twice as wide, half as tall", (_WIDE, ANCHOR)),
        Case("with SSD's weights", (torch.tensor([[1.0, 2.0, 3.0, -1.0]]), ANCHOR, SSD_WEIGHTS)),
        Case("with four different weights", (torch.tensor([[1.0, 2.0, 3.0, -1.0]]), ANCHOR, FOUR_WEIGHTS)),
        Case(
            "large outputs, small after the weights",
            (torch.tensor([[1.0, 2.0, 9.0, 6.0]]), ANCHOR, SSD_WEIGHTS),
        ),
        Case("an output that has blown up", (torch.tensor([[0.0, 0.0, 100.0, 3.0]]), ANCHOR)),
        Case(
            "an output that has blown up, with weights",
            (torch.tensor([[0.0, 0.0, 30.0, 500.0]]), ANCHOR, SSD_WEIGHTS),
        ),
        Case("far away and tiny", (torch.tensor([[9.0, -7.0, -6.0, -5.0]]), ANCHOR)),
        Case("no box", (torch.zeros(0, 4), boxes())),
        Case("three boxes", (uniform(3, 4, seed=2) - 0.5, random_boxes(3, seed=1))),
        Case("a batch of two images", (uniform(2, 5, 4, seed=3) - 0.5, _BATCH)),
    ),
)


def _wrong_box(name: str, story: str, box: Callable[..., tuple[Tensor, Tensor]]) -> None:
    """A wrong answer: box(shift, scale, start, start_sides) -> centre, sides, of offsets after the weights."""

    def wrong(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
        shift, scale = (offsets / torch.tensor(weights)).split(2, -1)
        centre, sides = box(shift, scale, *centre_and_sides(anchors))
        return torch.cat([centre - sides / 2, centre + sides / 2], -1)

    DECODE_OFFSETS.wrong(name, story)(wrong)


def _grown(scale: Tensor) -> Tensor:
    return scale.clamp(max=LIMIT).exp()


for _name, _story, _box in (
    (
        "no limit before exp",
        "exp(100) is infinite, and one such output makes the loss NaN. Clamp dw and dh at log(1000 / 16) first.",
        lambda d, s, a, t: (a + d * t, t * s.exp()),
    ),
    (
        "the limit 1000 / 16 before exp",
        "The limit of dw is log(1000 / 16), about 4.1: exp(62.5) is about 10 to the power of 27.",
        lambda d, s, a, t: (a + d * t, t * s.clamp(max=1000 / 16).exp()),
    ),
    (
        "a lower limit for dw and dh",
        "Only large values are limited: an anchor may shrink as far as it needs to.",
        lambda d, s, a, t: (a + d * t, t * s.clamp(-LIMIT, LIMIT).exp()),
    ),
    (
        "no shrinking",
        "dw and dh may be negative: limit them from above only.",
        lambda d, s, a, t: (a + d * t, t * s.clamp(0, LIMIT).exp()),
    ),
    (
        "the shift limited too",
        "Only dw and dh go through exp: a box may be far away.",
        lambda d, s, a, t: (a + d.clamp(max=LIMIT) * t, t * _grown(s)),
    ),
    (
        "everything limited on both sides",
        "Only dw and dh go through exp, and only large ones are dangerous: small and distant boxes are allowed.",
        lambda d, s, a, t: (a + d.clamp(-LIMIT, LIMIT) * t, t * s.clamp(-LIMIT, LIMIT).exp()),
    ),
    (
        "max instead of min",
        "`clamp(max=…)` limits from above; clamp(min=…) and maximum() do the opposite.",
        lambda d, s, a, t: (a + d * t, t * s.clamp(min=LIMIT).exp()),
    ),
    (
        "a scale without exp",
        "dw is a logarithm: the width is w_anchor * exp(dw).",
        lambda d, s, a, t: (a + d * t, t * s.clamp(max=LIMIT)),
    ),
    (
        "1 + dw instead of exp(dw)",
        "They are nearly equal, but only for small dw.",
        lambda d, s, a, t: (a + d * t, t * (1 + s.clamp(max=LIMIT))),
    ),
    (
        "powers of 2",
        "dw is a natural logarithm: undo it with exp.",
        lambda d, s, a, t: (a + d * t, t * 2 ** s.clamp(max=LIMIT)),
    ),
    (
        "exp(dw) without the anchor's side",
        "The width is w_anchor * exp(dw).",
        lambda d, s, a, t: (a + d * t, _grown(s)),
    ),
    (
        "exp(dw) added to the anchor's side",
        "The width is w_anchor * exp(dw).",
        lambda d, s, a, t: (a + d * t, t + _grown(s)),
    ),
    (
        "a shift in pixels",
        "dx is measured in widths of the anchor: multiply by its width.",
        lambda d, s, a, t: (a + d, t * _grown(s)),
    ),
    (
        "a shift measured in sides of the new box",
        "dx is measured in widths of the anchor, not of the decoded box.",
        lambda d, s, a, t: (a + d * t * _grown(s), t * _grown(s)),
    ),
    (
        "both shifts measured in widths",
        "dy is measured in heights of the anchor.",
        lambda d, s, a, t: (a + d * t[..., :1], t * _grown(s)),
    ),
    (
        "a shift in the other direction",
        "x = x_anchor + dx * w_anchor: add it.",
        lambda d, s, a, t: (a - d * t, t * _grown(s)),
    ),
    (
        "a shift without the anchor's centre",
        "Add the centre of the anchor: dx is only the way from there to the box.",
        lambda d, s, a, t: (d * t, t * _grown(s)),
    ),
    (
        "the corner of the anchor as the start",
        "dx and dy lead from the centre of the anchor to that of the box.",
        lambda d, s, a, t: (a - t / 2 + d * t, t * _grown(s)),
    ),
    (
        "the corner of the anchor moved",
        "dx and dy move the centre; half of the new width lies on each side of it.",
        lambda d, s, a, t: (a - t / 2 + d * t + t * _grown(s) / 2, t * _grown(s)),
    ),
    (
        "the centre mistaken for a corner",
        "x and y are the centre, so half of the width lies to its left.",
        lambda d, s, a, t: (a + d * t + t * _grown(s) / 2, t * _grown(s)),
    ),
    (
        "boxes twice as large",
        "From the centre, go half a side each way.",
        lambda d, s, a, t: (a + d * t, 2 * t * _grown(s)),
    ),
    (
        "dw and dh swapped",
        "The order is dx, dy, dw, dh.",
        lambda d, s, a, t: (a + d * t, t * _grown(s.flip(-1))),
    ),
):
    _wrong_box(_name, _story, _box)


@DECODE_OFFSETS.wrong(
    "the limit before the weights", "Divide by the weights first: the limit applies to dw itself."
)
def _limit_first(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    return decode_offsets(
        torch.cat([offsets[..., :2], offsets[..., 2:].clamp(max=LIMIT)], -1), anchors, weights
    )


@DECODE_OFFSETS.wrong("multiplied by the weights", "Encoding multiplies by the weights, so decoding divides.")
def _times_weights(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    return decode_offsets(offsets, anchors, tuple(1 / w for w in weights))


@DECODE_OFFSETS.wrong("the weights ignored", "Divide each offset by its weight.")
def _without_weights(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    return decode_offsets(offsets, anchors)


@DECODE_OFFSETS.wrong("one weight for all offsets", "Each offset has its own weight.")
def _one_weight(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    return decode_offsets(offsets, anchors, weights[:1] * 4)


@DECODE_OFFSETS.wrong("centre and sides returned", "Boxes are corners here: x1, y1, x2, y2.")
def _as_cxcywh(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    return torch.cat(centre_and_sides(decode_offsets(offsets, anchors, weights)), -1)


DECODE_OFFSETS.wrong(
    "an error with more than two axes", "There may be any number of axes before the last: index with `...`."
)(failing_when(lambda offsets, *_: offsets.ndim > 2, decode_offsets))
DECODE_OFFSETS.wrong(
    "an error without boxes", "Without offsets there are no boxes: return a tensor of shape (0, 4)."
)(failing_when(lambda offsets, *_: not offsets.numel(), decode_offsets))
DECODE_OFFSETS.wrong("the caller's offsets overwritten", "They are needed again: work on new tensors.")(
    overwriting(decode_offsets, 0)
)

EXERCISES = (DECODE_OFFSETS,)
