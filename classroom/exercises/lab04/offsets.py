"""Lab 04, second part: from an anchor to a box and back."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab04.pictures import decoded_picture
from coursekit import ops
from coursekit.ops.box_coder import LARGEST_LOG_SCALE

Weights = tuple[float, float, float, float]
ONES = (1.0, 1.0, 1.0, 1.0)
SSD_WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def encode_offsets(boxes: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    """The offsets (dx, dy, dw, dh) from each anchor to its box, times their weights: (N, 4), (N, 4) -> (N, 4)."""
    return ops.encode_boxes(boxes, anchors, weights)


_ANCHOR = boxes((10, 10, 30, 20))

ENCODE_OFFSETS = Exercise(
    encode_offsets,
    hints=(
        "Turn both boxes into centre and sides. How far is it from centre to centre, counted in anchors?",
        "dx = (x - x_anchor) / w_anchor, dw = log(w / w_anchor), the same for y and h; each times its weight.",
        "centre = (boxes[:, :2] + boxes[:, 2:]) / 2; sides = boxes[:, 2:] - boxes[:, :2]; "
        "if (sides <= 0).any(): raise ValueError(...); torch.cat([(centre - ...) / ..., (sides / ...).log()], 1) * ...",
    ),
    cases=(
        Case("the anchor itself", (_ANCHOR, _ANCHOR)),
        Case("moved by half a width", (boxes((20, 10, 40, 20)), _ANCHOR)),
        Case("twice as wide, half as high", (boxes((0, 12.5, 40, 17.5)), _ANCHOR)),
        Case("with weights", (boxes((12, 11, 36, 31)), _ANCHOR, SSD_WEIGHTS)),
        Case("a box without height", (boxes((10, 15, 30, 15)), _ANCHOR)),
        Case("no box", (boxes(), boxes())),
        Case("twenty boxes", (random_boxes(20), random_boxes(20, seed=1))),
    ),
)


def _parts(corners: Tensor) -> tuple[Tensor, Tensor]:
    """Centres and sides: (..., 4) -> (..., 2), (..., 2)."""
    return (corners[..., :2] + corners[..., 2:]) / 2, corners[..., 2:] - corners[..., :2]


def _checked(boxes: Tensor) -> None:
    if (_parts(boxes)[1] <= 0).any():
        raise ValueError("a box has no width or height")


@ENCODE_OFFSETS.wrong(
    "differences of corners",
    "Ten pixels are much for a small anchor and nothing for a large one: divide by the anchor's sides.",
)
def _differences(boxes: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    _checked(boxes)
    return (boxes - anchors) * torch.tensor(weights)


def _relative(boxes: Tensor, anchors: Tensor) -> tuple[Tensor, Tensor]:
    """The shift of the centre, and the sides, both in sides of the anchor."""
    _checked(boxes)
    (centre, sides), (start, start_sides) = _parts(boxes), _parts(anchors)
    return (centre - start) / start_sides, sides / start_sides


def _weighted(shift: Tensor, scale: Tensor, weights: Weights) -> Tensor:
    return torch.cat([shift, scale], -1) * torch.tensor(weights)


@ENCODE_OFFSETS.wrong("a shift in pixels", "The shift is counted in widths and heights of the anchor.")
def _in_pixels(boxes: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    shift = _parts(boxes)[0] - _parts(anchors)[0]
    return _weighted(shift, _relative(boxes, anchors)[1].log(), weights)


@ENCODE_OFFSETS.wrong(
    "units of the box instead of the anchor",
    "Whoever decodes does not know the box yet: divide by the sides of the anchor.",
)
def _in_units_of_the_box(boxes: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    shift = (_parts(boxes)[0] - _parts(anchors)[0]) / _parts(boxes)[1]
    return _weighted(shift, _relative(boxes, anchors)[1].log(), weights)


@ENCODE_OFFSETS.wrong(
    "a ratio without its logarithm",
    "Twice and half should be equally far from 'as it is': log 2 and -log 2, and log 1 = 0.",
)
def _without_logarithm(boxes: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    return _weighted(*_relative(boxes, anchors), weights)


@ENCODE_OFFSETS.wrong("a shift of corners", "dx and dy lead from centre to centre.")
def _from_corner_to_corner(boxes: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    shift = (boxes[:, :2] - anchors[:, :2]) / _parts(anchors)[1]
    return _weighted(shift, _relative(boxes, anchors)[1].log(), weights)


@ENCODE_OFFSETS.wrong("divided by the weights", "Encoding multiplies by the weights.")
def _divided_by_weights(boxes: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    return encode_offsets(boxes, anchors, tuple(1 / w for w in weights))


@ENCODE_OFFSETS.wrong("from the box to the anchor", "The offsets lead from the anchor to the box.")
def _the_wrong_way(boxes: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    _checked(boxes)
    return encode_offsets(anchors, boxes, weights)


@ENCODE_OFFSETS.wrong(
    "the logarithm of nothing",
    "log 0 is minus infinity, and one such target makes every weight NaN: raise a ValueError.",
)
def _without_a_check(boxes: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    (centre, sides), (start, start_sides) = _parts(boxes), _parts(anchors)
    return _weighted((centre - start) / start_sides, (sides / start_sides).log(), weights)


# ---------------------------------------------------------------- and back


def decode_offsets(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    """The boxes that the offsets lead to; dw and dh count at most log(1000 / 16): (..., 4), (..., 4) -> (..., 4)."""
    return ops.decode_boxes(offsets, anchors, weights)


_DX, _WIDE = (
    torch.tensor([[0.5, 0.0, 0.0, 0.0]]),
    torch.tensor([[0.0, 0.0, 2.0, 0.5]]).log().nan_to_num(neginf=0),
)
_OFFSETS = uniform(2, 3, 4, seed=3) - 0.5

DECODE_OFFSETS = Exercise(
    decode_offsets,
    picture=decoded_picture,
    hints=(
        "Read your encoder backwards: divide by the weights, then undo each step.",
        "x = x_anchor + dx * w_anchor, w = w_anchor * exp(min(dw, log(1000 / 16))); corners are x - w / 2 and x + w / 2.",
        "offsets = offsets / torch.tensor(weights); shift, scale = offsets[..., :2], offsets[..., 2:].clamp(max=...); "
        "centre = ... + shift * ...; sides = ... * scale.exp(); torch.cat([centre - sides / 2, ...], -1).",
    ),
    cases=(
        Case("no offset", (torch.zeros(1, 4), _ANCHOR)),
        Case("half a width to the right", (_DX, _ANCHOR)),
        Case("twice as wide, half as high", (_WIDE, _ANCHOR)),
        Case("with weights", (torch.tensor([[1.0, 2.0, 3.0, -1.0]]), _ANCHOR, SSD_WEIGHTS)),
        Case("a network that has gone mad", (torch.tensor([[0.0, 0.0, 100.0, 3.0]]), _ANCHOR)),
        Case("far away and tiny", (torch.tensor([[9.0, -7.0, -6.0, -5.0]]), _ANCHOR)),
        Case("no box", (torch.zeros(0, 4), boxes())),
        Case("a batch of two pictures", (_OFFSETS, random_boxes(3))),
        Case("the gradient", (_OFFSETS[0], random_boxes(3)), gradient=True),
    ),
)


@DECODE_OFFSETS.wrong(
    "no limit before exp",
    "exp(100) is infinity: one mad output, and the loss is NaN. Clamp dw and dh at log(1000 / 16) first.",
)
def _without_clamp(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    return ops.decode_boxes(offsets, anchors, weights, clip=float("inf"))


@DECODE_OFFSETS.wrong("a scale without exp", "dw is a logarithm: the width is w_anchor * exp(dw).")
def _without_exp(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    offsets = offsets / torch.tensor(weights)
    scale = offsets[..., 2:].clamp(max=LARGEST_LOG_SCALE)
    return decode_offsets(torch.cat([offsets[..., :2], scale.clamp(min=1e-6).log()], -1), anchors)


@DECODE_OFFSETS.wrong(
    "the centre taken for a corner", "x and y are the centre: half of the width lies to its left."
)
def _centre_as_corner(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    decoded = decode_offsets(offsets, anchors, weights)
    return decoded + (_parts(decoded)[1] / 2).repeat_interleave(2, -1)[..., [0, 2, 0, 2]]


@DECODE_OFFSETS.wrong("centre and sides returned", "Boxes are corners here: x1, y1, x2, y2.")
def _as_cxcywh(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    return torch.cat(_parts(decode_offsets(offsets, anchors, weights)), -1)


@DECODE_OFFSETS.wrong("a shift in pixels", "dx counts widths of the anchor: multiply by it.")
def _shift_in_pixels(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    sides = _parts(anchors)[1]
    return decode_offsets(
        torch.cat([offsets[..., :2] / sides, offsets[..., 2:].expand_as(sides)], -1), anchors, weights
    )


@DECODE_OFFSETS.wrong("multiplied by the weights", "Encoding multiplied; decoding divides.")
def _times_weights(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    return decode_offsets(offsets, anchors, tuple(1 / w for w in weights))


@DECODE_OFFSETS.wrong(
    "everything clamped",
    "Only dw and dh go through exp, and only large ones are dangerous: small and far boxes are allowed.",
)
def _everything_clamped(offsets: Tensor, anchors: Tensor, weights: Weights = ONES) -> Tensor:
    limit = LARGEST_LOG_SCALE
    return decode_offsets((offsets / torch.tensor(weights)).clamp(-limit, limit), anchors)


EXERCISES = (ENCODE_OFFSETS, DECODE_OFFSETS)
