"""The offsets that networks predict instead of boxes: from a proposal to the box that is meant, and back."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from coursekit.ops.argument import expect, expect_partners
from coursekit.ops.box import from_corners, to_corners, upcast

LARGEST_LOG_SCALE = math.log(1000 / 16)  # Detectron's bound: an anchor of 16 pixels may grow to 1000


def encode_boxes(
    reference: Tensor, proposals: Tensor, weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
) -> Tensor:
    """Return the offsets (dx, dy, dw, dh) that lead from each proposal to its reference box.

    dx and dy move the centre, in units of the proposal's size; dw and dh are log ratios of the sides.

    Shapes: (..., 4), (..., 4) -> (..., 4).
    Args:
        reference: the boxes to be reached (ground truth), first, as in torchvision's `BoxCoder.encode`.
        proposals: the boxes to start from (anchors, regions).
        weights: factors of dx, dy, dw, dh; Fast R-CNN's second stage uses (10, 10, 5, 5).
    Raises:
        ValueError: shapes that do not fit, or a box without width or height, whose logarithm torchvision's coder
            would take.
    Source: Girshick et al., "Rich feature hierarchies", 2014, appendix C, eq. 6-9, arXiv:1311.2524.

    >>> encode_boxes(torch.tensor([[10.0, 0.0, 30.0, 10.0]]), torch.tensor([[0.0, 0.0, 20.0, 10.0]]))
    tensor([[0.5000, 0.0000, 0.0000, 0.0000]])
    """
    _check("reference", reference, proposals, weights)
    x, y, width, height = _centre_and_sides(reference)
    from_x, from_y, from_width, from_height = _centre_and_sides(proposals)
    for name, sides in (("reference", (width, height)), ("proposal", (from_width, from_height))):
        if any((side <= 0).any() for side in sides):
            raise ValueError(f"a {name} box has no width or height, so it has no offsets: drop it first.")
    dx, dy = (x - from_x) / from_width, (y - from_y) / from_height
    dw, dh = (width / from_width).log(), (height / from_height).log()
    return torch.stack([w * d for w, d in zip(weights, (dx, dy, dw, dh), strict=True)], -1)  # (..., 4)


def decode_boxes(
    offsets: Tensor,
    proposals: Tensor,
    weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
    clip: float = LARGEST_LOG_SCALE,
) -> Tensor:
    """Return the boxes that the offsets lead to: the inverse of `encode_boxes`.

    Shapes: (..., 4), (..., 4) -> (..., 4); with one box per class: offsets (N, K, 4), proposals (N, 1, 4).
    Args:
        offsets: (dx, dy, dw, dh), first, as in torchvision's `BoxCoder.decode`.
        proposals: the boxes to start from.
        weights: the same as in `encode_boxes`.
        clip: upper bound of dw and dh, so that exp cannot overflow early in training.
    Raises:
        ValueError: shapes that do not fit.
    Source: Girshick et al., 2014, appendix C, eq. 1-4, arXiv:1311.2524; the bound is Detectron's.

    >>> decode_boxes(torch.tensor([[0.5, 0.0, 0.0, 0.0]]), torch.tensor([[0.0, 0.0, 20.0, 10.0]]))
    tensor([[10.,  0., 30., 10.]])
    """
    _check("offsets", offsets, proposals, weights)
    from_x, from_y, from_width, from_height = _centre_and_sides(proposals)
    dx, dy, dw, dh = (d / w for w, d in zip(weights, upcast(offsets).unbind(-1), strict=True))
    x, y = from_x + dx * from_width, from_y + dy * from_height
    width, height = from_width * dw.clamp(max=clip).exp(), from_height * dh.clamp(max=clip).exp()
    return torch.stack(to_corners((x, y, width, height), "cxcywh"), -1)  # (..., 4)


def _check(name: str, first: Tensor, proposals: Tensor, weights: Sequence[float]) -> None:
    expect(name, first, "(..., 4)")
    expect("proposals", proposals, "(..., 4)")
    expect_partners((name, "proposals"), first, proposals)
    if len(weights) != 4 or not all(abs(weight) > 0 for weight in weights):
        raise ValueError(f"the weights are {tuple(weights)}: they must be four numbers other than 0.")


def _centre_and_sides(boxes: Tensor) -> tuple[Tensor, ...]:
    return from_corners(upcast(boxes).unbind(-1), "cxcywh")
