"""Lab 03, section 4: terms of the loss with a mistake in them."""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.models.yolo import Grid, decode_grid, overlaps, responsible


def parts_of(grid: Grid, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """What the exercise's first lines give, by their names."""
    owned = labels > 0
    corners = decode_grid(grid.boxes, (1, 1))[owned]
    true_corners = decode_grid(boxes[..., None, :], (1, 1))[owned][:, 0]
    mine = responsible(corners.detach(), true_corners)
    others = torch.ones_like(grid.confidences, dtype=torch.bool)
    others[owned] = ~mine
    return {
        "true": boxes[owned],
        "found": grid.boxes[owned][mine],
        "all_found": grid.boxes[owned],
        "confidence": grid.confidences[owned][mine],
        "iou": overlaps(corners, true_corners)[mine],
        "other": grid.confidences[others],
        "empty": grid.confidences[labels == 0],
        "every": grid.confidences,
        "classes": grid.classes[owned],
        "all_classes": grid.classes,
        "right": F.one_hot(labels[owned] - 1, grid.classes.shape[-1]),
        "all_right": F.one_hot(labels, grid.classes.shape[-1] + 1)[..., 1:],
        "count": owned.sum().clamp(min=1),
    }


def squares(a: Tensor, b: Tensor | float = 0.0) -> Tensor:
    return (a - b).square().sum()


def safe_root(sides: Tensor) -> Tensor:
    return sides.clamp(min=1e-6).sqrt()


WRONG_TERMS = (
    (
        "centre",
        "the centres of all boxes of the cell",
        "Only the responsible box learns the object; the others are left alone.",
        lambda p, coord, _: coord * squares(p["all_found"][..., :2], p["true"][:, None, :2]),
    ),
    (
        "centre",
        "centres without their weight",
        "The term `centre` is multiplied by lambda_coord too.",
        lambda p, coord, _: squares(p["found"][:, :2], p["true"][:, :2]),
    ),
    (
        "size",
        "sides without their weight",
        "The term `size` is multiplied by lambda_coord too.",
        lambda p, coord, _: squares(safe_root(p["found"][:, 2:]), safe_root(p["true"][:, 2:])),
    ),
    (
        "size",
        "sides without a root",
        "Without it, 5 pixels cost the same for a spoon as for a table.",
        lambda p, coord, _: coord * squares(p["found"][:, 2:], p["true"][:, 2:]),
    ),
    (
        "size",
        "the root of the difference",
        "Take the root of each side first: squaring the root of a difference just gives the difference back.",
        lambda p, coord, _: coord * (p["found"][:, 2:] - p["true"][:, 2:]).abs().sum(),
    ),
    (
        "size",
        "a root that is not safe at 0",
        "The gradient of sqrt at 0 is infinite, and NaN then spreads to every weight: use `root`.",
        lambda p, coord, _: coord * squares(p["found"][:, 2:].sqrt(), p["true"][:, 2:].sqrt()),
    ),
    (
        "object",
        "a confidence that should be 1",
        "It should be the IoU of the box, so that the score tells how good the box is.",
        lambda p, *_: squares(p["confidence"], 1.0),
    ),
    (
        "object",
        "an IoU with a gradient",
        "The IoU is the target of the confidence, so no gradient flows through it.",
        lambda p, *_: squares(p["confidence"], p["iou"]),
    ),
    (
        "object",
        "`object` multiplied by lambda_coord",
        "Its weight is 1.",
        lambda p, coord, _: coord * squares(p["confidence"], p["iou"].detach()),
    ),
    (
        "no_object",
        "`no_object` of empty cells only",
        "The other boxes of a cell with an object should have confidence 0 as well.",
        lambda p, _, noobj: noobj * squares(p["empty"]),
    ),
    (
        "no_object",
        "`no_object` of every box",
        "The responsible boxes should predict their IoU, so they must not be trained towards 0 as well.",
        lambda p, _, noobj: noobj * squares(p["every"]),
    ),
    (
        "no_object",
        "`no_object` without its weight",
        "It is multiplied by lambda_noobj, because most boxes are empty.",
        lambda p, *_: squares(p["other"]),
    ),
    (
        "no_object",
        "a mean over the empty boxes",
        "The loss is a sum over all other boxes of all cells.",
        lambda p, _, noobj: noobj * p["other"].square().mean(),
    ),
    (
        "no_object",
        "`no_object` without a square",
        "It is a squared error like the other terms.",
        lambda p, _, noobj: noobj * p["other"].sum(),
    ),
    (
        "class",
        "classes of all cells",
        "The class probabilities of a cell without an object are not part of the loss.",
        lambda p, *_: squares(p["all_classes"], p["all_right"]),
    ),
    (
        "class",
        "cross-entropy for the class",
        "The first YOLO uses squared errors for the class probabilities too.",
        lambda p, *_: F.cross_entropy(p["classes"], p["right"].argmax(1), reduction="sum"),
    ),
    (
        "class",
        "the logarithm of the class probability",
        "The first YOLO uses squared errors for the class probabilities too.",
        lambda p, *_: -(p["right"] * p["classes"].log()).sum(),
    ),
    (
        "class",
        "the right class only",
        "The probabilities of all other classes should be 0: their squares count too.",
        lambda p, *_: (p["right"] * (p["classes"] - 1)).square().sum(),
    ),
    (
        "class",
        "a mean over the class probabilities",
        "The loss is a sum.",
        lambda p, *_: (p["classes"] - p["right"]).square().mean(),
    ),
)
