"""Pictures of failing cases that several labs use: what the answer should be, broken and black, and what it is."""

from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from coursekit.draw import ACCENT, draw_boxes, draw_image, draw_iou

Picture = tuple[Any, str] | None
MOST = 30  # anchors of a figure


def shaped(value: Any, *sizes: int | None) -> Tensor | None:
    """The value as a tensor of floats of these sizes (None: any), without gradient; None if it cannot be one."""
    try:
        tensor = torch.as_tensor(value).detach().float()
    except (TypeError, ValueError, RuntimeError):  # of a list that is ragged, of a word
        return None
    fits = len(sizes) == tensor.ndim and all(
        wanted in (None, size) for wanted, size in zip(sizes, tensor.shape, strict=True)
    )
    return tensor if fits else None


def boxes_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The boxes that come out, and those that should."""
    if not len(wanted) or got.shape != wanted.shape:
        return None
    corners = torch.cat([got, wanted]).detach().reshape(-1, 2)
    low, high = (corners.amin(0) - 5).tolist(), (corners.amax(0) + 5).tolist()
    figure, ax = plt.subplots(figsize=(3.2, 2.6))
    _draw_both(ax, got.detach(), wanted)
    ax.set(
        xlim=(low[0], high[0]), ylim=(high[1], low[1]), aspect="equal", title="yours; dashed: as it should be"
    )
    return figure, "The boxes that the function gives, and, dashed, the boxes that it should give."


def flip_picture(arguments: tuple, got: tuple, wanted: tuple) -> Picture:
    """The resulting image with its boxes, and the boxes where they should be."""
    image, target = got
    figure, ax = plt.subplots(figsize=(3.2, 2.6))
    draw_image(ax, image, "yours; dashed: where the boxes should be")
    _draw_both(ax, target["boxes"], wanted[1]["boxes"])
    return (
        figure,
        "The image and the boxes that the function returns; dashed: where the boxes should be.",
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


def match_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """The table of IoU, and framed which anchors are positive for which object: yours, and as it should be."""
    iou = arguments[0]
    if not len(iou) or iou.shape[1] > MOST:
        return None
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 0.5 * len(iou) + 1.3))
    for ax, match, title in zip(axes, (got, wanted), ("yours", "as it should be"), strict=True):
        _table(ax, iou)
        objects = match["the objects of the positive anchors"].tolist()
        for a, g in zip(match["positive"].nonzero()[:, 0].tolist(), objects, strict=True):
            ax.add_patch(Rectangle((a - 0.5, g - 0.5), 1, 1, fill=False, edgecolor=ACCENT, linewidth=3))
        for a in match["negative"].nonzero()[:, 0].tolist():
            ax.text(a, len(iou) - 0.25, "neg.", ha="center", fontsize=8)
        ax.set(title=title, xlabel="anchor", ylabel="object", xticks=[], yticks=[])
    return (
        figure,
        "The table of IoU with the positive anchors framed, as the function gives them and as they should be.",
    )


def _table(ax: Axes, values: Tensor) -> None:
    ax.imshow(values.numpy(), cmap="Greys", vmin=0, vmax=2)
    if values.shape[1] <= 8:
        for g, row in enumerate(values.tolist()):
            for a, value in enumerate(row):
                ax.text(a, g, f"{value:.2f}", ha="center", va="center", fontsize=9)
    ax.set_ylim(len(values), -0.5)


def maps_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """The two maps that come in, the sum that comes out, and as it should be; the first channel of the first image."""
    figure, axes = plt.subplots(1, 4, figsize=(8, 2))
    named = zip(axes, ("fine", "coarse", "yours", "as it should be"), (*arguments, got, wanted), strict=True)
    for ax, title, maps in named:
        ax.spines[:].set_visible(False)
        if maps is None:  # it raised an error
            ax.axis("off")
            continue
        ax.imshow(maps[0, 0].detach().numpy(), cmap="magma", vmin=-2, vmax=4)
        ax.set(title=f"{title}: {maps.shape[-2]} x {maps.shape[-1]}", xticks=[], yticks=[])
    return figure, "The fine and the coarse map, and their sum as the function gives it and as it should be."
