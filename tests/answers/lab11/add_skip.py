"""Answers to `add_skip` (lab 11), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def right_by_interpolate(coarse: Tensor, fine: Tensor) -> Tensor:
    """To the size of the fine scores, whatever it is; the library's own choice for the corners."""
    return F.interpolate(coarse, size=fine.shape[-2:], mode="bilinear") + fine


def right_by_a_grid(coarse: Tensor, fine: Tensor) -> Tensor:
    """Asks for the coarse map at the centre of each fine cell; beyond the last centre the edge goes on."""
    n, _, height, width = fine.shape
    y = (torch.arange(height, dtype=fine.dtype) + 0.5) / height * 2 - 1
    x = (torch.arange(width, dtype=fine.dtype) + 0.5) / width * 2 - 1
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1).expand(n, -1, -1, -1)
    large = F.grid_sample(coarse, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return fine + large


def right_by_two_matrices(coarse: Tensor, fine: Tensor) -> Tensor:
    """A matrix for the rows, one for the columns; a weight falls linearly with the distance of the
    centres.
    """

    def weights(out: int, cells: int) -> Tensor:
        place = ((torch.arange(out, dtype=coarse.dtype) + 0.5) * cells / out - 0.5).clamp(0, cells - 1)
        return (1 - (place[:, None] - torch.arange(cells)).abs()).clamp(min=0)

    rows, columns = weights(fine.shape[2], coarse.shape[2]), weights(fine.shape[3], coarse.shape[3])
    return torch.einsum("yi,nkij,xj->nkyx", rows, coarse, columns) + fine


def right_by_a_layer(coarse: Tensor, fine: Tensor) -> Tensor:
    """As a layer, picture by picture."""
    enlarge = nn.Upsample(size=tuple(fine.shape[2:]), mode="bilinear", align_corners=False)
    return torch.cat([enlarge(c[None]) + f for c, f in zip(coarse, fine, strict=True)])


def right_by_four_neighbours(coarse: Tensor, fine: Tensor) -> Tensor:
    """Reads the four coarse cells around each fine centre and mixes them."""

    def around(out: int, cells: int) -> tuple[Tensor, Tensor, Tensor]:
        place = ((torch.arange(out, dtype=coarse.dtype) + 0.5) * (cells / out) - 0.5).clamp(0, cells - 1)
        low = place.floor().long()
        return low, (low + 1).clamp(max=cells - 1), place - low

    top, bottom, v = around(fine.shape[2], coarse.shape[2])
    left, right, u = around(fine.shape[3], coarse.shape[3])
    lines = coarse[:, :, top] * (1 - v)[:, None] + coarse[:, :, bottom] * v[:, None]
    return fine + lines[..., left] * (1 - u) + lines[..., right] * u


def right_with_aligned_corners(coarse: Tensor, fine: Tensor) -> Tensor:
    """The other kind of bilinear: corner cells stay in the corners. The text does not choose."""
    return F.interpolate(coarse, fine.shape[2:], mode="bilinear", align_corners=True).add(fine)


def _large(coarse, fine):
    return F.interpolate(coarse, size=fine.shape[-2:], mode="bilinear")


def wrong_nearest(coarse, fine):
    """Repeats the cells (the default of `interpolate`) and does not interpolate bilinearly."""
    return F.interpolate(coarse, size=fine.shape[-2:]) + fine


def wrong_always_twice(coarse, fine):
    """scale_factor=2: an error where the fine map is 5 cells wide and the coarse one 3."""
    return F.interpolate(coarse, scale_factor=2, mode="bilinear") + fine


def wrong_twice_then_cut(coarse, fine):
    """Twice as large, then cut to the fine size: for odd sizes the map is shifted against the picture."""
    large = F.interpolate(coarse, scale_factor=2, mode="bilinear")
    return large[..., : fine.shape[2], : fine.shape[3]] + fine


def wrong_concatenated(coarse, fine):
    """Puts the scores side by side, (N, 2K, H, W), as a U-Net does, and does not add them."""
    return torch.cat([_large(coarse, fine), fine], 1)


def wrong_mean(coarse, fine):
    """The mean of the two and not their sum."""
    return (_large(coarse, fine) + fine) / 2


def wrong_product(coarse, fine):
    """Multiplies the scores: two negative ones become positive."""
    return _large(coarse, fine) * fine


def wrong_fine_made_small(coarse, fine):
    """Shrinks the fine scores to the coarse size: the result has lost what the skip should bring."""
    return coarse + F.interpolate(fine, size=coarse.shape[-2:], mode="bilinear")


def wrong_fine_overwritten(coarse, fine):
    """The right sum, written into the caller's fine scores."""
    with torch.no_grad():
        fine += _large(coarse, fine)
    return fine


def wrong_no_gradient_to_the_coarse(coarse, fine):
    """Right numbers, but detached: the coarse scores learn nothing from the loss."""
    return _large(coarse.detach(), fine) + fine


def wrong_no_gradient_to_the_fine(coarse, fine):
    """Right numbers, but the scores of the skip learn nothing."""
    return _large(coarse, fine) + fine.data


def wrong_bicubic(coarse, fine):
    """Bicubic: overshoots next to an edge, where bilinear stays between its neighbours."""
    return F.interpolate(coarse, size=fine.shape[-2:], mode="bicubic") + fine


def wrong_width_first(coarse, fine):
    """Enlarges to (W, H): an error, or a wrong shape, for maps that are not square."""
    return F.interpolate(coarse, size=fine.shape[:1:-1], mode="bilinear") + fine


def wrong_skip_forgotten(coarse, fine):
    """Only enlarges: the fine scores give their size and nothing else."""
    return _large(coarse, fine)


def wrong_first_picture_for_all(coarse, fine):
    """Adds the coarse scores of the first picture to each of the batch."""
    return _large(coarse[:1], fine) + fine


def wrong_spread_thin(coarse, fine):
    """Divides the enlarged scores by the four cells they cover, as if the sum had to stay the same."""
    return _large(coarse, fine) / 4 + fine


def wrong_difference(coarse, fine):
    """Takes the coarse scores off the fine ones."""
    return fine - _large(coarse, fine)


def wrong_relu_after_the_sum(coarse, fine):
    """Cuts negative scores to 0: nothing can be said against a class any more."""
    return (_large(coarse, fine) + fine).relu()


def wrong_mean_of_the_classes(coarse, fine):
    """Adds the mean of the coarse classes to all of them: what the coarse map knows is lost."""
    return _large(coarse, fine).mean(1, keepdim=True) + fine
