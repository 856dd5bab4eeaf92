"""Queries and objects: cost tables, who takes what while DETR trains, attention on a scene; lab 10 and part 2c of the slides."""

from collections.abc import Mapping, Sequence

import matplotlib
import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from classroom.figures.diagram import arrow, block, canvas, words
from coursekit.draw import ACCENT, PALETTE, draw_boxes, draw_image

NOBODY = -1
SHAPES = {"small": "#227c09", "wide": "#e03100", "tall": "#0002cf"}  # of boxes, as in the paper's figure 7
SMALL = 0.04  # of the image: 38 x 38 of 192 x 192 pixels


def draw_costs(
    ax: Axes,
    cost: Tensor,
    greedy: Tensor | None = None,
    best: Tensor | None = None,
    objects: Sequence[str] = (),
    title: str = "",
) -> None:
    """Draw a cost table (G, Q) with the pairs of the greedy match hatched and those of the best one framed.

    Args:
        greedy, best: (G,) the query of each object.
        objects: their names; letters without them.
    """
    ax.imshow(cost.numpy(), cmap="Blues_r", alpha=0.5, aspect="auto")
    for g, row in enumerate(cost.tolist()):
        for q, value in enumerate(row):
            ax.text(q, g, f"{value:.3g}", ha="center", va="center")
    for queries, look in (
        (greedy, {"fill": False, "hatch": "///", "edgecolor": "0.35", "linewidth": 0}),
        (best, {"fill": False, "edgecolor": ACCENT, "linewidth": 1.5 * plt.rcParams["lines.linewidth"]}),
    ):
        for g, q in enumerate([] if queries is None else queries.tolist()):
            ax.add_patch(Rectangle((q - 0.47, g - 0.45), 0.94, 0.9, **look))
    names = objects or [chr(ord("A") + g) for g in range(len(cost))]
    ax.set_yticks(range(len(cost)), names)
    ax.set_xticks(range(cost.shape[1]))
    ax.set(xlabel="query", title=title)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def draw_owners(ax: Axes, owners: Tensor, steps: Sequence[int], names: Sequence[str] = ()) -> None:
    """Draw which query takes each object while a model trains: a row per object, a colour per query.

    Args:
        owners: (S, G) int64, the query of each object at each of S steps.
        steps: the S numbers of the training steps.
        names: of the objects.
    """
    count, end_of_all = int(owners.max()) + 1, steps[-1] + (steps[-1] - steps[-2] if len(steps) > 1 else 1)
    colours = [matplotlib.colormaps["tab20"](q % 20) for q in range(count)]
    for g, row in enumerate(owners.T.tolist()):
        starts = [s for s in range(len(row)) if s == 0 or row[s] != row[s - 1]]
        for start, end in zip(starts, [*starts[1:], len(row)], strict=True):
            left, right = steps[start], steps[end] if end < len(row) else end_of_all
            ax.add_patch(
                Rectangle((left, g - 0.4), right - left, 0.8, color=colours[row[start]], linewidth=0)
            )
            if right - left > 0.04 * (steps[-1] - steps[0]):
                ax.text((left + right) / 2, g, row[start], ha="center", va="center", fontsize="small")
    ax.set(xlim=(steps[0], end_of_all), ylim=(owners.shape[1] - 0.5, -0.5), xlabel="step")
    ax.set_yticks(range(owners.shape[1]), names or [chr(ord("A") + g) for g in range(owners.shape[1])])
    ax.spines[:].set_visible(False)
    ax.tick_params(axis="y", length=0)


def draw_curves(
    ax: Axes, curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], xlabel: str, ylabel: str
) -> None:
    """Draw a line for each name: (x, y)."""
    for name, (x, y) in curves.items():
        ax.plot(x, y, label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.set_ylim(bottom=0)
    if len(curves) > 1:
        ax.legend()


def draw_attention(
    ax: Axes, image: Tensor, attention: Tensor, box: Tensor | None = None, title: str = ""
) -> None:
    """Draw an image (3, H, W) darkened where a query does not look: attention (h, w); its box is xyxy, pixels."""
    grey = 0.35 * image.mean(0, keepdim=True).expand(3, -1, -1)
    share = (attention / attention.max().clamp(min=1e-9)).sqrt()[
        None, None
    ]  # the square root also shows weak places
    share = torch.nn.functional.interpolate(share, image.shape[-2:], mode="bilinear")[0]
    draw_image(ax, share * image + (1 - share) * grey, title)
    if box is not None:
        draw_boxes(ax, None, box[None], colour=ACCENT)


def draw_places(ax: Axes, boxes: Tensor, title: str = "") -> None:
    """Draw the centres of a query's boxes (M, 4), cx, cy, w, h as shares: green small, red wide, blue tall ones."""
    cx, cy, width, height = boxes.T
    small = width * height < SMALL
    for name, which in (
        ("small", small),
        ("wide", ~small & (width >= height)),
        ("tall", ~small & (width < height)),
    ):
        ax.scatter(cx[which], cy[which], s=5, color=SHAPES[name], alpha=0.6, linewidths=0, label=name)
    ax.set(xlim=(0, 1), ylim=(1, 0), aspect="equal", xticks=[], yticks=[], title=title)
    ax.spines[:].set_visible(True)


def draw_table_of_layers(ax: Axes, without: Sequence[float], after: Sequence[float]) -> None:
    """Draw AP after each layer of the decoder, without and with NMS."""
    layers = torch.arange(1, len(without) + 1)
    for shift, values, name in ((-0.18, without, "as it is"), (0.18, after, "with NMS after it")):
        bars = ax.bar(layers + shift, values, 0.34, label=name)
        ax.bar_label(bars, fmt="%.3f", fontsize="small")
    ax.set(xlabel="after layer", ylabel="AP", xticks=layers.tolist())
    ax.margins(y=0.15)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.25), ncols=2)


def detr_diagram(
    queries: int = 20,
    cells: int = 12,
    channels: int = 112,
    width: int = 128,
    classes: int = 10,
    span: int = 1240,
) -> Figure:
    """A figure of DETR with the size of the tensor at each arrow.

    Args:
        queries, cells, channels, width, classes: Q, cells along a side of C4, its channels, numbers per token, K.
        span: of the figure, in pixels of the slide.
    """
    figure, ax = canvas(span, 400)
    step, tall, long = (span - 220) / 4, 90, 170
    names = ("backbone", "1 x 1", "encoder", "decoder", "head")
    sizes = (
        f"{channels} x {cells} x {cells}",
        f"{cells**2} x {width}",
        f"{cells**2} x {width}",
        f"{queries} x {width}",
    )
    middles = [110 + k * step for k in range(5)]
    for k, (x, name) in enumerate(zip(middles, names, strict=True)):
        colour = PALETTE[5] if name in ("encoder", "decoder") else "0.35"
        block(ax, (x - long / 2, 90), (long, tall), name, colour)
        if k:
            arrow(ax, (middles[k - 1] + long / 2 + 2, 90 + tall / 2), (x - long / 2 - 6, 90 + tall / 2))
            words(ax, x - step / 2, 62, sizes[k - 1], 20)
    _, across, encoder, decoder, head = middles
    block(ax, (decoder - 105, 280), (210, 70), f"{queries} queries", PALETTE[2])
    arrow(ax, (decoder, 278), (decoder, 92 + tall), PALETTE[2])
    words(ax, decoder + 14, 230, f"{queries} x {width}", 20, ha="left")
    arrow(ax, (head, 92 + tall), (head, 268))
    words(ax, head, 292, f"classes {queries} x {classes + 1}", 22)
    words(ax, head, 326, f"boxes {queries} x 4", 22)
    words(ax, across, 210, "C4, with C5 added", 20)
    words(ax, encoder, 210, "cells look at each other", 20)
    words(ax, decoder, 28, "queries look at each other, then at the cells", 20)
    return figure
