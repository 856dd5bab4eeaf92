"""Which cells of the map the bins of one region read, and where they sample it, to be drawn.

Places are continuous: cell (i, j) of the map covers the square from (j, i) to (j + 1, i + 1).
"""

import torch
from torch import Tensor

from coursekit.ops.roi_bins import round_half_away, whole_cells


def roi_pool_bins(
    box: Tensor, output_size: tuple[int, int], map_size: tuple[int, int], spatial_scale: float = 1.0
) -> Tensor:
    """Return the whole cells that each bin of `roi_pool` takes its maximum of; neighbours may share some.

    Shapes: (4,) -> (h, w, 4) xyxy in cells, exclusive ends.
    Args:
        box: xyxy, pixels of the image.
        output_size: bins (h, w).
        map_size: cells (H, W) of the map; what lies outside of it is cut off.
        spatial_scale: size of the map over size of the image.

    >>> roi_pool_bins(torch.tensor([0.0, 0.0, 3.0, 2.0]), (1, 2), (3, 4))
    tensor([[[0, 0, 2, 3],
             [2, 0, 4, 3]]])
    """
    (h, w), (height, width) = output_size, map_size
    left, top, right, bottom = round_half_away(box * spatial_scale)[:, None]  # four times (1,)
    first_row, last_row = whole_cells(top, bottom, h, height)  # twice (1, h)
    first_column, last_column = whole_cells(left, right, w, width)  # twice (1, w)
    sides = torch.broadcast_tensors(first_column, first_row.T, last_column, last_row.T)
    return torch.stack(sides, -1)  # (h, w, 4)


def roi_align_samples(
    box: Tensor, output_size: tuple[int, int], spatial_scale: float = 1.0, sampling_ratio: int = 2
) -> Tensor:
    """Return the places that `roi_align` samples, with `aligned=True`; with one sample a bin, `crop_and_resize`.

    Shapes: (4,) -> (h, w, samples, 2), x and y in cells.
    Args:
        box: xyxy, pixels of the image.
        output_size: bins (h, w).
        spatial_scale: size of the map over size of the image.
        sampling_ratio: samples along each side of a bin.

    >>> roi_align_samples(torch.tensor([0.0, 0.0, 4.0, 2.0]), (1, 2), sampling_ratio=1)
    tensor([[[[1., 1.]],
    <BLANKLINE>
             [[3., 1.]]]])
    """
    (h, w), n = output_size, sampling_ratio
    left, top, right, bottom = (box * spatial_scale).unbind()
    y = top + (torch.arange(h * n) + 0.5) * (bottom - top) / (h * n)  # (h * n,)
    x = left + (torch.arange(w * n) + 0.5) * (right - left) / (w * n)  # (w * n,)
    places = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)  # (h * n, w * n, 2)
    return places.reshape(h, n, w, n, 2).transpose(1, 2).flatten(2, 3)  # (h, w, n * n, 2)
