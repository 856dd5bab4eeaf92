"""Lab 03, exercise 6: box_terms."""

import torch.nn.functional as F
from torch import Tensor

from coursekit.models.yolo import root


def right_squares(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """Vectorised: differences, squares, sum. Without objects both are 0 and still have a gradient."""
    return {
        "centre": (found[:, :2] - true[:, :2]).square().sum(),
        "size": (root(found[:, 2:]) - root(true[:, 2:])).square().sum(),
    }


def right_loops(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """Loop over the objects. `size` comes first in the dict (the order is not specified). Without objects: constants 0, with no gradient."""
    size, centre = found.new_zeros(()), found.new_zeros(())
    for a, b in zip(found, true, strict=True):
        for k in (0, 1):
            centre = centre + (a[k] - b[k]) ** 2
        for k in (2, 3):
            size = size + (root(a[k]) - root(b[k])) ** 2
    return {"size": size, "centre": centre}


def right_mse(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """F.mse_loss with reduction="sum" on split halves; the target is detached (it needs no gradient)."""
    xy, wh = found.split(2, dim=-1)
    true_xy, true_wh = true.detach().split(2, dim=-1)
    sums = [F.mse_loss(a, b, reduction="sum") for a, b in ((xy, true_xy), (root(wh), root(true_wh)))]
    return dict(zip(("centre", "size"), sums, strict=True))


def wrong_mean(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """Takes the mean of the squared errors instead of the sum."""
    return {
        "centre": F.mse_loss(found[:, :2], true[:, :2]),
        "size": F.mse_loss(root(found[:, 2:]), root(true[:, 2:])),
    }


def wrong_no_roots(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """Forgets the roots of the sides."""
    errors = (found - true).square()
    return {"centre": errors[:, :2].sum(), "size": errors[:, 2:].sum()}


def wrong_plain_sqrt(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """Uses the ordinary root: the gradient is infinite (or nan) where a side is 0."""
    return {
        "centre": (found[:, :2] - true[:, :2]).square().sum(),
        "size": (found[:, 2:].sqrt() - true[:, 2:].sqrt()).square().sum(),
    }


def wrong_weighted(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """Multiplies by the weight 5 already here."""
    return {
        "centre": 5 * (found[:, :2] - true[:, :2]).square().sum(),
        "size": 5 * (root(found[:, 2:]) - root(true[:, 2:])).square().sum(),
    }


def wrong_one_root(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """Takes the roots of the true sides only, as if the network predicted roots (the first YOLO paper's code does)."""
    return {
        "centre": (found[:, :2] - true[:, :2]).square().sum(),
        "size": (found[:, 2:] - root(true[:, 2:])).square().sum(),
    }


def wrong_root_of_difference(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """Takes the root of the difference instead of the difference of the roots."""
    return {
        "centre": (found[:, :2] - true[:, :2]).square().sum(),
        "size": root((found[:, 2:] - true[:, 2:]).abs()).square().sum(),
    }
