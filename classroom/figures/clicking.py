"""Clicks and the masks that answer them, the predicted IoU checked, curves over the number of clicks; lab 16 and part 5 of the slides."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from coursekit.draw import draw_image, draw_masks

KINDS = {True: ("#227c09", "+"), False: ("#e03100", "_")}  # on the object, and "not this"
ROWS = ("-", "--", ":", "-.")


def draw_clicked(
    ax: Axes,
    image: Tensor,
    mask: Tensor | None = None,
    points: Tensor | None = None,
    inside: Tensor | None = None,
    title: str = "",
) -> None:
    """Draw an image with a mask (H, W) and clicks (C, 2) in pixels: a plus on the object, a minus for "not this"."""
    draw_image(ax, image, title)
    if mask is not None:
        draw_masks(ax, None, mask[None])
    for (x, y), on_object in zip(
        [] if points is None else points.tolist(), [] if inside is None else inside.tolist(), strict=True
    ):
        colour, sign = KINDS[bool(on_object)]
        ax.plot(x, y, "o", color=colour, markersize=12, markeredgecolor="white", markeredgewidth=1.5)
        ax.plot(x, y, sign, color="white", markersize=8, markeredgewidth=2)


def answers_in_rows(
    images: Sequence[Tensor],
    masks: Sequence[Tensor],
    ious: Sequence[Tensor],
    points: Sequence[Tensor],
    chosen: Sequence[int] = (),
) -> Figure:
    """Draw one row per click: the image with it, then each of the A answers (A, H, W) with its predicted IoU.

    Args:
        points: (C, 2) per row, all on the object.
        chosen: which answer of each row has its title set in bold.
    """
    count = len(masks[0])
    figure, axes = plt.subplots(
        len(images), count + 1, figsize=(2.6 * (count + 1), 2.75 * len(images)), squeeze=False
    )
    for row, (line, image) in enumerate(zip(axes, images, strict=True)):
        draw_clicked(line[0], image, None, points[row], torch.ones(len(points[row])), "the click")
        for a, ax in enumerate(line[1:]):
            best = bool(len(chosen)) and a == int(chosen[row])
            title = f"predicted IoU {float(ious[row][a]):.2f}" + (", chosen" if best else "")
            draw_clicked(ax, image, masks[row][a], title=title)
            ax.title.set_fontweight("bold" if best else "normal")
    return figure


def draw_reliability(ax: Axes, table: Tensor, title: str = "") -> None:
    """Draw a reliability table (bins, 3): the mean actual IoU over the mean predicted one, larger where there are more."""
    there = table[table[:, 0] > 0]
    sizes = 12 + 240 * there[:, 0] / there[:, 0].max()
    ax.plot([0, 1], [0, 1], "--", color="0.5", linewidth=1)
    ax.plot(there[:, 1].tolist(), there[:, 2].tolist(), color="C0")
    ax.scatter(there[:, 1].tolist(), there[:, 2].tolist(), s=sizes.tolist(), color="C0", alpha=0.6)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", title=title, xlabel="predicted IoU", ylabel="actual IoU")


def draw_click_curves(ax: Axes, curves: Mapping[str, Sequence[Sequence[float]]], title: str = "") -> None:
    """Draw the mean IoU after 1, 2, … clicks, each with the ends of its interval.

    Args:
        curves: by name, (mean, low, high) of each number of clicks.
    """
    for i, (name, rows) in enumerate(curves.items()):
        clicks = range(1, len(rows) + 1)
        mean, low, high = zip(*rows, strict=True)
        ax.plot(clicks, mean, ROWS[i % len(ROWS)], color=f"C{i}", marker="o", label=name)
        ax.fill_between(clicks, low, high, color=f"C{i}", alpha=0.2, linewidth=0)
    ax.set(xlabel="clicks", ylabel="mean IoU", ylim=(0, 1), title=title, xticks=list(clicks))
    ax.legend(loc="lower right")
