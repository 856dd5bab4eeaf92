import torch
from torch import Tensor


def right_two_corners(sides: Tensor, centers: Tensor) -> Tensor:
    """The point minus the first two, the point plus the last two."""
    return torch.cat([centers - sides[..., :2], centers + sides[..., 2:]], dim=-1)


def right_signs(sides: Tensor, centers: Tensor) -> Tensor:
    """The point twice, plus the distances with their signs."""
    signs = torch.tensor([-1, -1, 1, 1], dtype=sides.dtype)
    return torch.cat([centers, centers], -1) + signs * sides


def right_one_by_one(sides: Tensor, centers: Tensor) -> Tensor:
    """A loop over all points after the axes have been made equal."""
    points = centers.expand(*sides.shape[:-1], 2).reshape(-1, 2)
    flat = sides.reshape(-1, 4)
    boxes = flat.new_zeros((0, 4))
    rows = [
        torch.stack([c[0] - s[0], c[1] - s[1], c[0] + s[2], c[1] + s[3]])[None]
        for s, c in zip(flat, points, strict=False)
    ]
    return torch.cat([boxes, *rows]).view(sides.shape)


def wrong_left_right_top_bottom(sides: Tensor, centers: Tensor) -> Tensor:
    """Reads the distances as left, right, upper, lower."""
    left, right, top, bottom = sides.unbind(-1)
    x, y = centers.unbind(-1)
    return torch.stack([x - left, y - top, x + right, y + bottom], -1)


def wrong_width_and_height(sides: Tensor, centers: Tensor) -> Tensor:
    """Returns the first corner with width and height instead of with the second corner."""
    return torch.cat([centers - sides[..., :2], sides[..., :2] + sides[..., 2:]], -1)


def wrong_point_in_the_middle(sides: Tensor, centers: Tensor) -> Tensor:
    """Takes the point for the middle of the box and puts half the width and height on each side."""
    half = (sides[..., :2] + sides[..., 2:]) / 2
    return torch.cat([centers - half, centers + half], -1)


def wrong_clipped_at_zero(sides: Tensor, centers: Tensor) -> Tensor:
    """Clips what lies left of or above the image, although nothing is clipped."""
    return torch.cat([centers - sides[..., :2], centers + sides[..., 2:]], -1).clamp(min=0)


def wrong_no_gradient(sides: Tensor, centers: Tensor) -> Tensor:
    """Fills in a tensor from detached numbers, so the network learns nothing."""
    sides = sides.detach()
    return torch.cat([centers - sides[..., :2], centers + sides[..., 2:]], -1)


def wrong_one_image_only(sides: Tensor, centers: Tensor) -> Tensor:
    """Indexes the second axis, so it works on (N, 4) only."""
    x, y = centers[:, 0], centers[:, 1]
    return torch.stack([x - sides[:, 0], y - sides[:, 1], x + sides[:, 2], y + sides[:, 3]], 1)


def wrong_same_axes_needed(sides: Tensor, centers: Tensor) -> Tensor:
    """Joins the points first with cat along the last axis, which fails if they lack an axis."""
    both = torch.cat([centers, sides], -1)
    x, y, left, top, right, bottom = both.unbind(-1)
    return torch.stack([x - left, y - top, x + right, y + bottom], -1)
