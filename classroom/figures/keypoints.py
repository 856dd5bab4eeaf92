"""Key points, heat maps after each stack, and hourglasses in a row: lab 13 and part 3 of the slides."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from torch import Tensor

from classroom.figures.diagram import arrow, block, canvas, words
from coursekit.draw import ACCENT, PALETTE, draw_image

POINT_COLOURS = {"center": "#ffffff", "top": "#ff5a36", "base": "#3fd0ff"}
NAMES = tuple(POINT_COLOURS)
VISIBLE = 2


def draw_keypoints(
    ax: Axes, image: Tensor | None, keypoints: Tensor, found: Tensor | None = None, title: str = ""
) -> None:
    """Draw the key points (G, 3, 3) of the objects of an image (3, H, W), and the line from each base to its top.

    Hidden points are rings. With `found` (G, 3, 2) those are the dots, and a dotted line leads to where each belongs.
    """
    if image is not None:
        draw_image(ax, image, title)
    size = 2.2 * plt.rcParams["lines.markersize"] / 2
    for g, rows in enumerate(keypoints):
        if not (rows[:, 2] > 0).any():
            continue
        ax.plot(*rows[1:, :2].T.numpy(), color="#ffe45c", linewidth=1.5, zorder=2)
        for j, ((x, y, visibility), colour) in enumerate(
            zip(rows.tolist(), POINT_COLOURS.values(), strict=True)
        ):
            if not visibility:
                continue
            place = (x, y) if found is None else found[g, j].tolist()
            if found is not None:
                ax.plot([x, place[0]], [y, place[1]], ":", color=ACCENT, linewidth=2, zorder=3)
            face = colour if visibility == VISIBLE or found is not None else "none"
            look = {"markersize": size, "markeredgecolor": "black" if face != "none" else colour, "zorder": 4}
            ax.plot(*place, "o", color=face, **look)


def key_of_points(ax: Axes) -> None:
    """Name the colours of the points below an image."""
    for name, colour in POINT_COLOURS.items():
        ax.plot([], [], "o", color=colour, markeredgecolor="black", label=name)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.02), ncols=3, fontsize="small", handletextpad=0.1)


def draw_errors(ax: Axes, rows: Mapping[str, Sequence[Sequence[float]]], name: str = "") -> None:
    """Draw a line for each row: a score after stack 1, 2 ..., each (value, low, high)."""
    for i, (title, row) in enumerate(rows.items()):
        value, low, high = torch.tensor(row, dtype=torch.float64).T  # (S,) each
        x = torch.arange(1, len(row) + 1) + 0.04 * (i - (len(rows) - 1) / 2)
        ends = torch.stack([value - low, high - value]).numpy()
        ax.errorbar(x, value, yerr=ends, marker="o", capsize=4, label=title)
    most = max(len(row) for row in rows.values())
    ax.set(xlabel="after stack", ylabel=name, xticks=range(1, most + 1), xlim=(0.7, most + 0.3))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)


def draw_first_gradients(ax: Axes, norms: Mapping[str, Sequence[float]]) -> None:
    """Draw the norm of the gradient of each stack's hourglass, a line for each loss."""
    for title, row in norms.items():
        ax.plot(range(1, len(row) + 1), row, marker="o", label=title)
    ax.set(xlabel="hourglass", ylabel="norm of its gradient", xticks=range(1, len(row) + 1))
    ax.set_ylim(bottom=0)
    ax.legend()


def draw_between_cells(ax: Axes, true: float, heat: Tensor, hard: float, soft: float) -> None:
    """Draw one row of a heat map (w,) as bars, with the true place and what arg-max and soft-arg-max compute from it."""
    ax.bar(range(len(heat)), heat.tolist(), color="0.8", width=0.9)
    for place, colour, title in (
        (true, "black", "true"),
        (hard, ACCENT, "arg-max"),
        (soft, PALETTE[5], "soft-arg-max"),
    ):
        style = "--" if title == "soft-arg-max" else "-"
        ax.axvline(place, color=colour, linestyle=style, label=f"{title}: {place:.2f}", linewidth=2.5)
    ax.set(xlabel="cell", ylabel="heat", xticks=range(len(heat)))
    ax.legend(fontsize="small")


def hourglass_diagram(stacks: int = 3, width: int = 1240) -> Figure:
    """A figure of hourglasses in a row, the prediction after each of them, its loss, and the path back into the row."""
    figure, ax = canvas(width, 420)
    step, top, tall, long = (width - 150) / stacks, 60, 170, 0.52 * (width - 150) / stacks
    arrow(ax, (5, top + tall / 2), (60, top + tall / 2))
    for k in range(stacks):
        x = 60 + k * step
        draw_hourglass(ax, (x, top), (long, tall))
        words(ax, x + long / 2, top - 26, f"hourglass {k + 1}", 24)
        guess = x + long + 62
        end = guess - 4 if k + 1 < stacks else guess - 15
        ax.plot([x + long, end], [top + tall / 2] * 2, color=plt.rcParams["text.color"], linewidth=3)
        block(ax, (guess - 75, 300), (150, 56), f"output {k + 1}", PALETTE[4])
        arrow(ax, (guess - 16, top + tall / 2), (guess - 16, 300))
        words(ax, guess, 388, f"loss {k + 1}", 26, colour=ACCENT)
        if k + 1 < stacks:
            words(ax, guess + 10, top + tall / 2, "+", 40, colour=ACCENT)
            arrow(ax, (guess + 24, 300), (guess + 24, top + tall / 2 + 14))
            arrow(ax, (guess + 30, top + tall / 2), (x + step, top + tall / 2))
    return figure


def draw_hourglass(ax: Axes, corner: tuple[float, float], size: tuple[float, float]) -> None:
    """Draw an hourglass on its side: narrow in the middle, as its maps are small there."""
    (x, y), (width, height) = corner, size
    waist = 0.14 * height
    ends = [
        (x, y),
        (x + width / 2, y + height / 2 - waist / 2),
        (x + width, y),
        (x + width, y + height),
        (x + width / 2, y + height / 2 + waist / 2),
        (x, y + height),
    ]
    ax.add_patch(Polygon(ends, closed=True, facecolor=PALETTE[5], edgecolor="none", zorder=2))
    for part in (0.16, 0.3):  # the skips
        rise = 0.5 * height - (0.5 - part) * (height - waist) - waist / 2 + 6
        ax.plot(
            [x + part * width, x + (1 - part) * width],
            [y + rise - 14, y + rise - 14],
            color=PALETTE[2],
            linewidth=3,
            zorder=1,
        )


def depth_diagram(sizes: Sequence[int] = (24, 12, 6, 3), width: int = 1240) -> Figure:
    """A figure of one hourglass unfolded: the maps of encoder and decoder, and the skips, with their sizes."""
    figure, ax = canvas(width, 110 * len(sizes) + 40)
    columns = 2 * len(sizes) - 1
    step = (width - 160) / (columns - 1)
    place = [(80 + i * step, 60 + 110 * min(i, columns - 1 - i)) for i in range(columns)]
    for i, (x, y) in enumerate(place):
        size = sizes[min(i, columns - 1 - i)]
        wide = 110 + 50 * size / sizes[0]
        block(
            ax,
            (x - wide / 2, y - 32),
            (wide, 64),
            f"{size} x {size}",
            PALETTE[5] if i < columns // 2 else PALETTE[1],
        )
        if i:
            start, end = place[i - 1], (x, y)
            rise = 32 if end[1] > start[1] else -32
            arrow(ax, (start[0], start[1] + rise), (end[0], end[1] - rise))
    for k in range(len(sizes) - 1):
        (left, y), (right, _) = place[k], place[columns - 1 - k]
        wide = (110 + 50 * sizes[k] / sizes[0]) / 2
        arrow(ax, (left + wide + 4, y), (right - wide - 4, y), PALETTE[2])
        words(ax, (left + right) / 2, y - 22, "around", 22)
    return figure
