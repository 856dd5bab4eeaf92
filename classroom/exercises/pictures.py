"""Pictures of a failing case: what the answer should be, broken and black, and what it is."""

from typing import Any

import matplotlib.pyplot as plt
import torch
from torch import Tensor

from coursekit.draw import draw_boxes, draw_image, draw_iou

Picture = tuple[Any, str] | None


def boxes_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The boxes that come out, and those that should."""
    if not len(wanted) or got.shape != wanted.shape:
        return None
    corners = torch.cat([got, wanted]).detach().reshape(-1, 2)
    low, high = corners.amin(0) - 5, corners.amax(0) + 5
    figure, ax = plt.subplots(figsize=(3.2, 2.6))
    _draw_both(ax, got.detach(), wanted)
    ax.set(
        xlim=(low[0], high[0]), ylim=(high[1], low[1]), aspect="equal", title="yours; broken: as it should be"
    )
    return figure, "The boxes that the function gives, and, broken, the boxes that it should give."


def flip_picture(arguments: tuple, got: tuple, wanted: tuple) -> Picture:
    """The picture that comes out with its boxes, and the boxes where they should be."""
    image, target = got
    figure, ax = plt.subplots(figsize=(3.2, 2.6))
    draw_image(ax, image, "yours; broken: where the boxes should be")
    _draw_both(ax, target["boxes"], wanted[1]["boxes"])
    return (
        figure,
        "The picture and the boxes that the function gives, and, broken, where the boxes should be.",
    )


def pair_picture(arguments: tuple, got: Any, wanted: Any) -> Picture:
    """The pair of boxes whose number is furthest from what it should be."""
    a, b = arguments
    got, wanted = (torch.as_tensor(value, dtype=torch.float64).detach() for value in (got, wanted))
    if not wanted.numel() or got.shape != wanted.shape:
        return None
    worst = (wanted - got).abs().nan_to_num(9).argmax().item()
    i, j = divmod(worst, len(b)) if wanted.ndim == 2 else (worst, worst)
    should, yours = wanted.flatten()[worst].item(), got.flatten()[worst].item()
    figure, ax = plt.subplots(figsize=(3.2, 2.6))
    draw_iou(ax, a[i], b[j])
    ax.set_title(f"should be {should:.3f}, yours {yours:.3f}", fontsize=10)
    return (
        figure,
        f"The failing pair of boxes: the number should be {should:.3f}, the function gives {yours:.3f}.",
    )


def _draw_both(ax, got: Tensor, wanted: Tensor) -> None:
    draw_boxes(ax, None, got)
    draw_boxes(ax, None, wanted, colour="black", dashed=True)
