"""Answers to `cells_to_pixels` (lab 13), written from the student's notebook alone."""

import torch
from torch import Tensor


def right_by_half_a_cell(points: Tensor, stride: float) -> Tensor:
    """Half a cell further, times the stride: (0, 0) is at (4, 4) for stride 8."""
    return (points + 0.5) * stride


def right_by_half_a_stride(points: Tensor, stride: float) -> Tensor:
    """Edge of the cell plus half its width."""
    return points * stride + stride / 2


def right_by_edges(points: Tensor, stride: float) -> Tensor:
    """The mean of the pixel where the cell begins and the one where the next cell begins."""
    before, after = points * stride, (points + 1) * stride
    return (before + after) / 2


def right_by_lists(points: Tensor, stride: float) -> Tensor:
    """Number by number; the shape, whatever it is, comes back at the end. Whole numbers become decimal."""
    dtype = points.dtype if points.is_floating_point() else torch.get_default_dtype()
    values = [stride * value + 0.5 * stride for value in points.flatten().tolist()]
    return torch.tensor(values, dtype=dtype).reshape(points.shape)


def wrong_edge_of_the_cell(points, stride):
    """points * stride: (0, 0) is the corner of the picture then, half a cell off."""
    return points * float(stride)


def wrong_half_a_pixel(points, stride):
    """Half a pixel and not half a cell."""
    return points * stride + 0.5


def wrong_direction(points, stride):
    """Subtracts half a cell: (0, 0) lies outside of the picture."""
    return (points - 0.5) * stride


def wrong_pixels_by_their_centres(points, stride):
    """Half a pixel less, as if pixels were counted by their centres too: 3.5 for stride 8. The pixels of
    the course are continuous.
    """
    return (points + 0.5) * stride - 0.5


def wrong_end_of_the_cell(points, stride):
    """A whole cell further: the lower right corner."""
    return (points + 1) * float(stride)


def wrong_whole_cells(points, stride):
    """Rounds down to whole cells first: what the soft-arg-max found between them is lost."""
    return (torch.floor(points) + 0.5) * stride


def wrong_whole_pixels(points, stride):
    """Rounds down to whole pixels: wrong for places between them."""
    return ((points + 0.5) * stride).floor()


def wrong_half_rounded(points, stride):
    """stride // 2: 2 and not 2.5 for stride 5."""
    return points * float(stride) + stride // 2


def wrong_divided(points, stride):
    """Divides, which is the way from pixels to cells."""
    return points / stride - 0.5


def wrong_stride_of_eight(points, stride):
    """8 and 4 as fixed numbers: wrong for every other stride."""
    return points * 8.0 + 4


def wrong_input_changed(points, stride):
    """Adds into the caller's own points: asked twice, they lie half a cell further."""
    points += 0.5
    return points * stride


def wrong_row_first(points, stride):
    """Exchanges x and y on the way."""
    return (points.flip(-1) + 0.5) * stride


def wrong_x_only(points, stride):
    """Half a cell in x only: y stays at the edge of the cell."""
    return points * stride + torch.tensor([stride / 2, 0.0])


def wrong_integers(points, stride):
    """Keeps the dtype of the points: for the whole numbers of the arg-max half a cell is lost."""
    return (points + 0.5).to(points.dtype) * stride
