"""The decoder, cell by cell: stamps of a transposed convolution, zeros between pixels, checkerboards, switches (lab 12)."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from classroom.step_by_step.stamping import stamped, whole_tent
from coursekit.draw import ACCENT
from coursekit.ops import conv_transpose2d_by_zeros

SHADES = ListedColormap(["#ffffff", "#d3effa", "#a8dff5", "#8bd4f1", "#6ecaee"])  # 0, 1, 2, 3, 4 and more
EXAMPLE = torch.tensor([[1.0, 2.0, 3.0], [3.0, 1.0, 2.0]])
Place = tuple[int, int, int, int]  # first row, first column, rows, columns


def draw_cells(
    ax: Axes,
    values: Tensor,
    title: str = "",
    shade: Tensor | None = None,
    frame: Place | None = None,
    cut: int = 0,
    empty: Tensor | None = None,
    size: float | None = None,
) -> None:
    """Draw a table (h, w) with its numbers; cells that are cut off at the edge are struck out.

    Args:
        shade: (h, w), how dark each cell is: 0 is white, 4 and more are darkest; white without it.
        frame: cells around which a line is drawn.
        cut: rows and columns at each end that do not count.
        empty: (h, w) bool, cells whose number is not written.
        size: of the numbers, points.
    """
    values = values.detach()
    rows, columns = values.shape
    shade = torch.zeros(rows, columns) if shade is None else shade
    ax.imshow(shade.numpy(), cmap=SHADES, vmin=-0.5, vmax=4.5, extent=(0, columns, rows, 0))
    for at in range(rows + 1):
        ax.axhline(at, color="0.55", linewidth=0.8, clip_on=False)
    for at in range(columns + 1):
        ax.axvline(at, color="0.55", linewidth=0.8, clip_on=False)
    for row, column in torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).tolist():
        outside = not (cut <= row < rows - cut and cut <= column < columns - cut)
        if outside:
            ax.plot([column, column + 1], [row + 1, row], color="0.55", linewidth=0.8)
        if empty is None or not empty[row, column]:
            ink = {"color": "0.45" if outside else "black", "ha": "center", "va": "center", "fontsize": size}
            ax.text(column + 0.5, row + 0.5, f"{values[row, column].item():.3g}", **ink)
    if frame is not None:
        top, left, high, wide = frame
        look = {"fill": False, "edgecolor": ACCENT, "linewidth": 3.5, "zorder": 4, "clip_on": False}
        ax.add_patch(Rectangle((left, top), wide, high, **look))
    ax.set(title=title, xticks=[], yticks=[], xlim=(0, columns), ylim=(rows, 0))
    ax.spines[:].set_visible(False)


def side_by_side(tables: Sequence[Tensor], figsize: tuple[float, float]) -> tuple[Figure, Sequence[Axes]]:
    """Return a figure with a place for each table (h, w), as wide as it has columns."""
    widths = [table.shape[1] for table in tables]
    figure, axes = plt.subplots(1, len(tables), figsize=figsize, width_ratios=widths, squeeze=False)
    return figure, axes[0]


def stamp_step(
    step: int,
    input: Tensor = EXAMPLE,
    kernel: Tensor | None = None,
    stride: int = 2,
    padding: int = 0,
    figsize: tuple[float, float] = (8.6, 3.0),
) -> Figure:
    """Return a transposed convolution after `step` of its input cells: input, weighted kernel, output so far.

    Shapes: (h, w), (k, k).
    Args:
        step: 0 shows the kernel itself and nothing on the output.
        kernel: by default a bilinear one of whole numbers, 3 x 3.
        padding: the places that will be cut off are struck out.
    """
    kernel = whole_tent(3) if kernel is None else kernel
    now = stamped(input, kernel, stride, step)
    figure, axes = side_by_side([input, kernel, now.output], figsize)
    row, column = divmod(step - 1, input.shape[1])
    draw_cells(axes[0], input, "input", frame=(row, column, 1, 1) if step else None)
    name = f"{input[row, column].item():g} × kernel" if step else "kernel"
    draw_cells(
        axes[1],
        kernel if now.stamp is None else now.stamp,
        name,
        frame=(0, 0, *kernel.shape) if step else None,
    )
    frame = (*now.corner, *kernel.shape) if now.corner else None
    draw_cells(axes[2], now.output, "output", now.counts, frame, padding, now.counts == 0)
    return figure


def zeros_between(
    input: Tensor = EXAMPLE,
    kernel: Tensor | None = None,
    stride: int = 2,
    figsize: tuple[float, float] = (9.6, 3.2),
) -> Figure:
    """Return the second view: the input with zeros between and around, the flipped kernel, and the same output."""
    kernel = torch.arange(1.0, 10).reshape(3, 3) if kernel is None else kernel
    margin, (rows, columns) = kernel.shape[0] - 1, input.shape
    spread = torch.zeros(
        (rows - 1) * stride + 1 + 2 * margin, (columns - 1) * stride + 1 + 2 * margin
    )  # zeros around the zeros between
    inside = spread[margin : len(spread) - margin, margin : spread.shape[1] - margin]
    inside[::stride, ::stride] = input
    output = conv_transpose2d_by_zeros(input[None, None], kernel[None, None], stride)[0, 0]
    parts = (("zeros between and around", spread), ("flipped kernel", kernel.flip(0, 1)), ("output", output))
    figure, axes = side_by_side([part for _, part in parts], figsize)
    top = (len(spread) - len(kernel)) // 2
    frames = (top, top, *kernel.shape), (0, 0, *kernel.shape), (top, top, 1, 1)
    for ax, (title, part), frame in zip(axes, parts, frames, strict=True):
        draw_cells(ax, part, title, (part != 0).float() if ax is axes[0] else None, frame, size=9)
    return figure


def matrices(named: Mapping[str, Tensor], figsize: tuple[float, float] = (8.4, 3.4)) -> Figure:
    """Return matrices side by side, each (rows, columns), white where they are 0."""
    figure, axes = side_by_side(list(named.values()), figsize)
    for ax, (title, matrix) in zip(axes, named.items(), strict=True):
        ax.imshow(matrix.detach().numpy(), cmap="Blues", vmin=0, vmax=float(matrix.max()))
        rows, columns = matrix.shape
        ax.set(
            title=f"{title}: {rows} × {columns}", xlabel="from place", ylabel="to place", xticks=[], yticks=[]
        )
    return figure


def overlap_maps(named: Mapping[str, Tensor], figsize: tuple[float, float] = (9, 3.2)) -> Figure:
    """Return maps (h, w) of how often each place is covered, side by side with their numbers."""
    figure, axes = side_by_side(list(named.values()), figsize)
    for ax, (title, counts) in zip(axes, named.items(), strict=True):
        draw_cells(ax, counts, title, shade=counts, size=9)
    return figure


def switches(
    input: Tensor,
    pooled: Tensor,
    places: Tensor,
    maps: Mapping[str, Tensor],
    figsize: tuple[float, float] = (9.6, 2.4),
) -> Figure:
    """Return a map, its pooled maxima, and maps made of them, with the cells shaded that were a maximum.

    Shapes: (H, W), (h, w), (h, w) int64.
    Args:
        places: the switches, row * W + column.
        maps: titles and maps (H, W), such as the unpooled one.
    """
    chosen = torch.zeros(input.numel()).index_fill(0, places.flatten(), 2.0).reshape(input.shape)
    parts: Sequence[tuple[str, Tensor]] = [("map", input), ("pooled", pooled), *maps.items()]
    figure, axes = side_by_side([part for _, part in parts], figsize)
    for ax, (title, part) in zip(axes, parts, strict=True):
        shade = (
            chosen if ax is axes[0] else torch.full_like(pooled, 2.0) if ax is axes[1] else 2.0 * (part != 0)
        )
        draw_cells(ax, part, title, shade)
    for ax in (axes[0], *axes[2:]):
        for at in range(2, input.shape[0], 2):
            ax.axhline(at, color="black", linewidth=2)
        for at in range(2, input.shape[1], 2):
            ax.axvline(at, color="black", linewidth=2)
    return figure
