"""Answers to `top_down` (lab 04), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_interpolation(lateral: Tensor, coarser: Tensor) -> Tensor:
    """F.interpolate to the size of the finer map; at odd sizes fine cell i asks coarse cell floor(i h' /
    h).
    """
    return lateral + F.interpolate(coarser, size=lateral.shape[-2:], mode="nearest")


def right_by_nearest_centre(lateral: Tensor, coarser: Tensor) -> Tensor:
    """The coarse cell whose centre is nearest, also at odd sizes: floor((i + 1/2) h' / h)."""
    return lateral + F.interpolate(coarser, size=lateral.shape[-2:], mode="nearest-exact")


def right_by_index(lateral: Tensor, coarser: Tensor) -> Tensor:
    """Two lists of places, from the centres of the cells, in double precision."""
    (h, w), (few, narrow) = lateral.shape[-2:], coarser.shape[-2:]
    down = ((torch.arange(h, dtype=torch.float64) + 0.5) * few / h).floor().long().clamp(max=few - 1)
    right = ((torch.arange(w, dtype=torch.float64) + 0.5) * narrow / w).floor().long().clamp(max=narrow - 1)
    return coarser[:, :, down][:, :, :, right] + lateral


def right_by_halving(lateral: Tensor, coarser: Tensor) -> Tensor:
    """Fine cell i lies under coarse cell i // 2, or under the last one where the coarse map ends."""
    rows = [min(i // 2, coarser.shape[2] - 1) for i in range(lateral.shape[2])]
    columns = [min(j // 2, coarser.shape[3] - 1) for j in range(lateral.shape[3])]
    return lateral + coarser.index_select(2, torch.tensor(rows)).index_select(3, torch.tensor(columns))


def right_by_loops(lateral: Tensor, coarser: Tensor) -> Tensor:
    """Cell by cell into a copy of the finer map."""
    out = lateral.clone()
    h, w = lateral.shape[-2:]
    for y in range(h):
        for x in range(w):
            source = coarser[:, :, y * coarser.shape[2] // h, x * coarser.shape[3] // w]
            out[:, :, y, x] = out[:, :, y, x] + source
    return out


def wrong_factor_two(lateral, coarser):
    """Enlarges by exactly two: at odd sizes the shapes do not fit, an error."""
    return lateral + F.interpolate(coarser, scale_factor=2, mode="nearest")


def wrong_bilinear(lateral, coarser):
    """Blends neighbouring coarse cells, where each fine cell was to take the value of one."""
    return lateral + F.interpolate(coarser, size=lateral.shape[-2:], mode="bilinear", align_corners=False)


def wrong_mean(lateral, coarser):
    """The mean of both maps and not their sum."""
    return (lateral + F.interpolate(coarser, size=lateral.shape[-2:])) / 2


def wrong_concatenation(lateral, coarser):
    """Puts the channels side by side, as a U-Net does: 2 C channels and not C."""
    return torch.cat([lateral, F.interpolate(coarser, size=lateral.shape[-2:])], 1)


def wrong_lateral_dropped(lateral, coarser):
    """Only the enlarged coarse map: what the fine map knows is lost."""
    return F.interpolate(coarser, size=lateral.shape[-2:])


def wrong_made_small(lateral, coarser):
    """Shrinks the fine map to the coarse one: the result has h' x w' cells."""
    return F.interpolate(lateral, size=coarser.shape[-2:]) + coarser


def wrong_tiles(lateral, coarser):
    """`repeat` lays copies of the coarse map side by side, where each cell should be repeated."""
    (h, w), (few, narrow) = lateral.shape[-2:], coarser.shape[-2:]
    return lateral + coarser.repeat(1, 1, -(-h // few), -(-w // narrow))[..., :h, :w]


def wrong_width_before_height(lateral, coarser):
    """Gives the size as (w, h): an error or a wrong sum for maps that are not square."""
    return lateral + F.interpolate(coarser, size=(lateral.shape[3], lateral.shape[2]))


def wrong_gaps(lateral, coarser):
    """Writes each coarse value into one fine cell of four: the other three hear nothing."""
    gaps = torch.zeros_like(lateral)
    target = gaps[:, :, ::2, ::2]
    h, w = min(target.shape[2], coarser.shape[2]), min(target.shape[3], coarser.shape[3])
    target[:, :, :h, :w] = coarser[:, :, :h, :w]
    return lateral + gaps


def wrong_lateral_changed(lateral, coarser):
    """Adds into the caller's own map: without and with the pyramid can no longer be compared."""
    with torch.no_grad():
        lateral += F.interpolate(coarser, size=lateral.shape[-2:])
    return lateral


def wrong_no_gradient(lateral, coarser):
    """Detaches the coarse map: the layers behind it learn nothing from the finer levels."""
    return lateral + F.interpolate(coarser.detach(), size=lateral.shape[-2:])


def wrong_by_one_cell(lateral, coarser):
    """Fine cell i asks coarse cell (i + 1) // 2: all odd cells ask the next one."""
    rows = ((torch.arange(lateral.shape[2]) + 1) // 2).clamp(max=coarser.shape[2] - 1)
    columns = ((torch.arange(lateral.shape[3]) + 1) // 2).clamp(max=coarser.shape[3] - 1)
    return lateral + coarser[:, :, rows][:, :, :, columns]


def wrong_product(lateral, coarser):
    """Multiplies, like a gate, and does not add."""
    return lateral * F.interpolate(coarser, size=lateral.shape[-2:])


def wrong_shared_out(lateral, coarser):
    """Gives each fine cell a quarter of its coarse value, so that the total stays:
    it should take the value.
    """
    return lateral + F.interpolate(coarser, size=lateral.shape[-2:]) / 4
