"""Encoders with decoders: how they are built, what they predict, and what switches and skips gain (lab 12)."""

from collections.abc import Mapping
from typing import Literal

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from classroom.figures.diagram import arrow, block, canvas, words
from classroom.figures.segmentation import draw_label_map, draw_mistakes
from coursekit.draw import ACCENT, PALETTE, draw_image
from coursekit.metrics import Interval

SCORES = {"mean_iou": "mIoU", "boundary_f": "boundary F"}
LEVELS = (("C2", 4), ("C3", 8), ("C4", 16), ("C5", 32))
ACROSS = {"skips": "skip", "switches": "switches", "none": ""}


def up_diagram(across: Literal["skips", "switches", "none"] = "skips", width: int = 1100) -> Figure:
    """Return a drawing of a network in the shape of a U: the backbone goes down, the decoder up, and what goes across.

    Args:
        across: the values of the fine maps (U-Net), only the places of their maxima (DeconvNet), or nothing.
    """
    figure, ax = canvas(width, 450)
    step, middle = 118, width / 2
    for row, (level, stride) in enumerate(LEVELS):
        y, size = 30 + step * row, 190 - 40 * row  # smaller maps are drawn narrower
        left = 150 + 75 * row
        right = width - left - size
        last = row == len(LEVELS) - 1
        block(ax, (left, y), (size, 62), level, PALETTE[5])
        words(ax, left - 12, y + 31, f"stride {stride}", 20, ha="right")
        if last:
            arrow(ax, (left + size, y + 31), (right, y + 31))
        elif across != "none":
            style = (
                {"linestyle": (0, (1.2, 1.2)), "linewidth": 3} if across == "switches" else {"linewidth": 4}
            )
            arrow(ax, (left + size, y + 31), (right, y + 31), ACCENT, **style)
            words(ax, middle, y + 8, ACROSS[across], 24, colour=ACCENT)
        block(ax, (right, y), (size, 62), colour=PALETTE[1])
        if not last:
            arrow(ax, (left + 0.75 * size, y + 62), (left + 75 + 0.4 * (size - 40), y + step))
            arrow(ax, (right - 75 + 40 + 0.6 * (size - 40), y + step), (right + 0.25 * size, y + 62))
    words(ax, 150, 12, "the backbone, down", 22, ha="left")
    words(ax, width - 150, 12, "the decoder, up", 22, ha="right")
    arrow(ax, (width - 150, 61), (width - 90, 61))
    words(ax, width - 6, 61, "every\npixel", 22, ha="right")
    return figure


def compare_maps(
    image: Tensor, maps: Mapping[str, Tensor], figsize: tuple[float, float] | None = None
) -> Figure:
    """Return a scene with its label maps (H, W), the first of which is the truth; below each other one its mistakes."""
    columns = len(maps) + 1
    figure, axes = plt.subplots(2, columns, figsize=figsize or (2.3 * columns, 4.9))
    draw_image(axes[0, 0], image, "the image")
    (_, truth), *_ = maps.items()
    for i, (title, labels) in enumerate(maps.items(), start=1):
        draw_label_map(axes[0, i], labels, title=title)
        if i > 1:
            wrong = (labels != truth).float().mean()
            draw_mistakes(axes[1, i], labels, truth, f"{wrong:.1%} wrong")
    for ax in axes[1, :2]:
        ax.axis("off")
    return figure


def draw_gains(ax: Axes, gains: Mapping[str, Mapping[str, Interval]]) -> None:
    """Draw differences of mIoU and boundary F with their intervals, a group of two for each name."""
    x = torch.arange(len(gains)).double()
    for i, (key, label) in enumerate(SCORES.items()):
        value, low, high = (torch.tensor([gain[key][j] for gain in gains.values()]) for j in range(3))
        ends = torch.stack([value - low, high - value]).clamp(min=0).numpy()
        place = x + (i - 0.5) * 0.36
        ax.bar(
            place.numpy(),
            value.numpy(),
            0.34,
            yerr=ends,
            capsize=4,
            label=label,
            color=(PALETTE[5], PALETTE[6])[i],
        )
        for at, number, end, start in zip(*(t.tolist() for t in (place, value, high, low)), strict=True):
            down = number < 0
            spot = {"ha": "center", "va": "top" if down else "bottom", "fontsize": "small"}
            ax.annotate(
                f"{number:+.2f}",
                (at, start if down else end),
                (0, -3 if down else 3),
                textcoords="offset points",
                **spot,
            )
    ax.axhline(0, color="0.3", linewidth=1)
    ax.set(xticks=range(len(gains)), xticklabels=list(gains), ylabel="difference")
    ax.margins(y=0.15)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
