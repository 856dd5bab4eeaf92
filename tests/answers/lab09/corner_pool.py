import torch
from torch import Tensor


def right_cummax(features: Tensor, direction: str) -> Tensor:
    """Cumulative maximum, flipped where it runs against the axis."""
    axis = -1 if direction in ("left", "right") else -2
    if direction in ("left", "top"):
        return features.flip(axis).cummax(axis).values.flip(axis)
    return features.cummax(axis).values


def right_loop(features: Tensor, direction: str) -> Tensor:
    """Goes along the axis and carries the largest number."""
    axis = -1 if direction in ("left", "right") else -2
    parts = list(features.unbind(axis))
    if direction in ("left", "top"):
        parts.reverse()
    pooled = [parts[0]]
    for part in parts[1:]:
        pooled.append(torch.maximum(pooled[-1], part))
    if direction in ("left", "top"):
        pooled.reverse()
    return torch.stack(pooled, axis)


def right_triangle(features: Tensor, direction: str) -> Tensor:
    """Each cell sees, through a triangular mask, the stretch it pools."""
    vertical = direction in ("top", "bottom")
    x = features.transpose(-1, -2) if vertical else features
    n = x.shape[-1]
    own, other = torch.arange(n)[:, None], torch.arange(n)[None, :]
    visible = other >= own if direction in ("left", "top") else other <= own
    pooled = x[..., None, :].masked_fill(~visible, -torch.inf).amax(-1)
    return pooled.transpose(-1, -2) if vertical else pooled


def wrong_looks_left(features: Tensor, direction: str) -> Tensor:
    """Takes "left" for the side on which the maxima are looked for, not the side they are carried to."""
    axis = -1 if direction in ("left", "right") else -2
    if direction in ("right", "bottom"):
        return features.flip(axis).cummax(axis).values.flip(axis)
    return features.cummax(axis).values


def wrong_top_and_bottom_swapped(features: Tensor, direction: str) -> Tensor:
    """Left and right are correct, but y is thought to grow upwards, so top and bottom are exchanged."""
    if direction == "left":
        return features.flip(-1).cummax(-1).values.flip(-1)
    if direction == "right":
        return features.cummax(-1).values
    if direction == "top":
        return features.cummax(-2).values
    return features.flip(-2).cummax(-2).values.flip(-2)


def wrong_whole_row(features: Tensor, direction: str) -> Tensor:
    """Every cell gets the maximum of its whole row or column, on both sides of it."""
    axis = -1 if direction in ("left", "right") else -2
    return features.amax(axis, keepdim=True).expand_as(features)


def wrong_from_zero(features: Tensor, direction: str) -> Tensor:
    """The running maximum starts at 0, so stretches with only negative numbers become 0."""
    axis = -1 if direction in ("left", "right") else -2
    parts = list(features.unbind(axis))
    backwards = direction in ("left", "top")
    best = torch.zeros_like(parts[0])
    pooled = []
    for part in parts[::-1] if backwards else parts:
        best = torch.maximum(best, part)
        pooled.append(best)
    return torch.stack(pooled[::-1] if backwards else pooled, axis)


def wrong_not_flipped_back(features: Tensor, direction: str) -> Tensor:
    """The map is flipped before the cumulative maximum but not flipped back afterwards."""
    axis = -1 if direction in ("left", "right") else -2
    if direction in ("left", "top"):
        features = features.flip(axis)
    return features.cummax(axis).values


def wrong_no_gradient(features: Tensor, direction: str) -> Tensor:
    """The result is copied into a fresh tensor through numpy, so that no gradient flows."""
    import numpy as np

    axis = -1 if direction in ("left", "right") else -2
    x = features.detach().numpy()
    if direction in ("left", "top"):
        x = np.flip(np.maximum.accumulate(np.flip(x, axis), axis), axis).copy()
    else:
        x = np.maximum.accumulate(x, axis)
    return torch.from_numpy(x)


def wrong_four_axes_only(features: Tensor, direction: str) -> Tensor:
    """The axes are counted from the front, as if the map always were (B, C, H, W)."""
    axis = 3 if direction in ("left", "right") else 2
    if direction in ("left", "top"):
        return features.flip(axis).cummax(axis).values.flip(axis)
    return features.cummax(axis).values
