"""Points between the cells of a heat map: drawn as Gaussians, found again to a fraction of a cell.

A point is (x, y) in cells of the map, and whole numbers are centres of cells. With cells of s pixels the pixel x
lies at x / s - 1/2, because the centre of cell 0 is half a cell from the border.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.ops.argument import FLOATS, HALF, WHOLE, expect, single, wide
from coursekit.ops.heatmap import Peaks, check_map

FAR_BELOW = -1e4  # what lies beyond the border of a heat map: no softmax gives it any weight


def to_cells(points: Tensor, stride: float) -> Tensor:
    """Return where points in pixels lie in cells of `stride` pixels.

    Shapes: (..., 2) -> (..., 2).
    Raises:
        ValueError: points of another shape, or a stride that is not positive.

    >>> to_cells(torch.tensor([4.0, 12.0]), stride=8)
    tensor([0., 1.])
    """
    _check_points(points, stride)
    return points / stride - 0.5


def to_pixels(points: Tensor, stride: float) -> Tensor:
    """Return where points in cells of `stride` pixels lie in pixels: the inverse of `to_cells`.

    Shapes: (..., 2) -> (..., 2).
    Raises:
        ValueError: as `to_cells`.

    >>> to_pixels(torch.tensor([0.0, 1.0]), stride=8)
    tensor([ 4., 12.])
    """
    _check_points(points, stride)
    return (points + 0.5) * stride


def gaussian_heatmap(points: Tensor, channels: Tensor, size: tuple[int, int, int], sigma: float) -> Tensor:
    """Return a heat map with a Gaussian around each point, also between cells; where several meet, the highest counts.

    Unlike `draw_gaussians` the point keeps its fraction of a cell, so the highest cell is a little below 1.

    Shapes: (P, 2), (P,) -> (C, h, w) float32.
    Args:
        points: x and y in cells, anywhere.
        channels: int64 in 0..C-1.
        size: (C, height, width).
        sigma: standard deviation in cells.
    Raises:
        ValueError: a channel that does not exist, a sigma that is not positive, a point that is NaN, or not one
            channel a point.
    Source: Tompson et al., 2014, section 3.1, arXiv:1406.2984; Newell et al., 2016, section 3.3, arXiv:1603.06937.

    >>> gaussian_heatmap(torch.tensor([[0.5, 0.0]]), torch.tensor([0]), size=(1, 1, 3), sigma=1.0)
    tensor([[[0.8825, 0.8825, 0.3247]]])
    """
    check_map(size)
    count, height, width = size
    expect("points", points, "(P, 2)")
    expect("channels", channels, "(P,)", WHOLE)
    if len(points) != len(channels) or points.isnan().any():
        raise ValueError(
            f"{len(points)} points and {len(channels)} channels: give one for each, and no point with NaN."
        )
    if not sigma > 0:
        raise ValueError(f"sigma is {sigma}: it must be positive, in cells.")
    if len(channels) and not 0 <= channels.min() <= channels.max() < count:
        raise ValueError(f"a channel is outside 0..{count - 1}: the heat map has {count} channels.")
    x, y = (torch.arange(n, device=points.device) for n in (width, height))
    points, channels = single(points), wide(channels)
    across = torch.exp(-((x - points[:, :1]) ** 2) / (2 * sigma**2))  # (P, w)
    down = torch.exp(-((y - points[:, 1:]) ** 2) / (2 * sigma**2))  # (P, h)
    bells = down[:, :, None] * across[:, None]  # (P, h, w)
    heatmap = torch.zeros(size, device=points.device)
    index = channels[:, None, None].expand_as(bells)
    return heatmap.scatter_reduce(0, index, bells.float(), "amax")


def soft_argmax(heatmap: Tensor, temperature: float = 6.0) -> Tensor:
    """Return the mean place (x, y) of each map when its softmax is read as probabilities of the cells.

    Differentiable, and between cells where the arg-max can only name one. All cells count: with a low temperature
    factor the many cells of a flat background pull it to the middle of the map. Half precision, which cannot tell cell
    257 from 258, is computed and returned in single precision.

    Shapes: (..., h, w) -> (..., 2).
    Args:
        temperature: factor of the values before the softmax; the larger, the more the highest cells count.
    Raises:
        ValueError: a map without a cell, or whole numbers.
    Source: Luvizon et al., 2017, section 3.1, arXiv:1710.02322; Sun et al., 2018, eq. 2, arXiv:1711.08229.

    >>> soft_argmax(torch.tensor([[[0.0, 1.0, 1.0, 0.0]]]), temperature=50.0)
    tensor([[1.5000, 0.0000]])
    """
    expect("heatmap", heatmap, "(..., h, w)", FLOATS)
    if 0 in heatmap.shape[-2:]:
        raise ValueError(f"the heat map {tuple(heatmap.shape)} has no cell, so it has no mean place.")
    if heatmap.dtype in HALF or torch.is_autocast_enabled(heatmap.device.type):
        with torch.autocast(heatmap.device.type, enabled=False):
            return soft_argmax(single(heatmap), temperature)
    probability = (temperature * heatmap).flatten(-2).softmax(-1).view_as(heatmap)  # (..., h, w)
    height, width = heatmap.shape[-2:]
    across = torch.arange(width, device=heatmap.device, dtype=heatmap.dtype)
    down = torch.arange(height, device=heatmap.device, dtype=heatmap.dtype)
    return torch.stack([probability.sum(-2) @ across, probability.sum(-1) @ down], -1)  # (..., 2)


def refine_peaks(
    heatmap: Tensor, found: Peaks, soft_argmax: Callable[[Tensor], Tensor] = soft_argmax, radius: int = 2
) -> Peaks:
    """Return the peaks moved between the cells: to the soft-arg-max of a window around each.

    A window keeps other peaks and the background out, and is divided by the height of its peak, so that the
    temperature means the same for high and for low ones.

    Shapes: (C, h, w), P peaks in whole cells -> P peaks with float points.
    Args:
        soft_argmax: windows (P, k, k) -> places (P, 2) in them; it can be a student's.
        radius: of the window, in cells: k = 2 * radius + 1.
    Raises:
        ValueError: a peak outside the heat map, or a negative radius.

    >>> bell = gaussian_heatmap(torch.tensor([[3.3, 2.0]]), torch.tensor([0]), (1, 5, 8), sigma=1.25)
    >>> refine_peaks(bell, Peaks(torch.tensor([[3, 2]]), torch.tensor([0]), torch.tensor([1.0]))).points
    tensor([[3.2690, 2.0000]])
    """
    expect("heatmap", heatmap, "(C, h, w)", FLOATS)
    _check_peaks(found, heatmap.shape, radius)
    padded = F.pad(heatmap, (radius,) * 4, value=FAR_BELOW)  # (C, h + 2 radius, w + 2 radius)
    reach = torch.arange(2 * radius + 1, device=heatmap.device)
    rows = found.points[:, 1, None] + reach  # (P, k)
    columns = found.points[:, 0, None] + reach
    windows = padded[found.labels[:, None, None], rows[:, :, None], columns[:, None]]  # (P, k, k)
    heights = windows[:, radius, radius].clamp(min=1e-6)
    inside = soft_argmax(windows / heights[:, None, None])  # (P, 2)
    return Peaks(found.points + inside - radius, found.labels, found.scores)


def _check_points(points: Tensor, stride: float) -> None:
    expect("points", points, "(..., 2)")
    if not stride > 0:
        raise ValueError(f"the stride is {stride}: it must be a positive number of pixels.")


def _check_peaks(found: Peaks, size: Sequence[int], radius: int) -> None:
    expect("points", found.points, "(P, 2)", WHOLE)
    expect("labels", found.labels, "(P,)", WHOLE)
    if radius < 0 or len(found.points) != len(found.labels):
        counts = f"{len(found.points)} points and {len(found.labels)} labels"
        raise ValueError(
            f"the peaks have {counts}, and the radius is {radius}: one each, and 0 or more cells."
        )
    if len(found.points):
        place = torch.cat([found.labels[:, None], found.points.flip(1)], 1)  # (P, 3): label, y, x
        if place.min() < 0 or (place.amax(0) >= torch.tensor(size, device=place.device)).any():
            raise ValueError(f"a peak is outside the heat map {tuple(size)}: is it of another map?")
