"""Answers to `box_terms` (lab 03), written by the author of its check as a student might."""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.models.yolo import root


def right_by_slices(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """Two lines."""
    centre = ((found[:, :2] - true[:, :2]) ** 2).sum()
    size = ((root(found[:, 2:]) - root(true[:, 2:])) ** 2).sum()
    return {"centre": centre, "size": size}


def right_by_columns(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """Coordinate by coordinate, size first, in double precision."""
    (x, y, w, h), (x2, y2, w2, h2) = found.double().unbind(1), true.double().unbind(1)
    size = (root(w) - root(w2)).square() + (root(h) - root(h2)).square()
    return {"size": size.sum(), "centre": ((x - x2).square() + (y - y2).square()).sum()}


def right_by_library(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """mse_loss with a sum."""
    return {
        "centre": F.mse_loss(found[:, :2], true[:, :2], reduction="sum"),
        "size": F.mse_loss(root(found[:, 2:]), root(true[:, 2:]), reduction="sum"),
    }


def wrong_no_root(found, true):
    """Squares of w and h themselves."""
    return {"centre": (found - true)[:, :2].square().sum(), "size": (found - true)[:, 2:].square().sum()}


def wrong_unsafe_root(found, true):
    """.sqrt(): at 0 its gradient is infinite."""
    size = (found[:, 2:].sqrt() - true[:, 2:].sqrt()).square().sum()
    return {"centre": (found - true)[:, :2].square().sum(), "size": size}


def wrong_means(found, true):
    """mse_loss as it comes: a mean."""
    centre, size = F.mse_loss(found[:, :2], true[:, :2]), F.mse_loss(root(found[:, 2:]), root(true[:, 2:]))
    return {"centre": centre.nan_to_num(), "size": size.nan_to_num()}


def wrong_weighted(found, true):
    """With the weight 5 of the table."""
    return {name: 5 * term for name, term in right_by_slices(found, true).items()}


def wrong_absolute(found, true):
    """Absolute differences."""
    size = (root(found[:, 2:]) - root(true[:, 2:])).abs().sum()
    return {"centre": (found - true)[:, :2].abs().sum(), "size": size}


def wrong_one_number(found, true):
    """The sum of both."""
    return sum(right_by_slices(found, true).values())


def wrong_root_of_difference(found, true):
    """The root of the difference."""
    size = root((found[:, 2:] - true[:, 2:]).abs()).square().sum()
    return {"centre": (found - true)[:, :2].square().sum(), "size": size}


def wrong_distance(found, true):
    """The distance of the centres, not its square."""
    terms = right_by_slices(found, true)
    return terms | {"centre": torch.linalg.vector_norm(found[:, :2] - true[:, :2], dim=1).sum()}
