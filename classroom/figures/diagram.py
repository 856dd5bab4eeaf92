"""Boxes and arrows: a drawing whose unit is a pixel of the slide, with y downwards."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon
from torch import Tensor

from classroom.figures.slide import PIXEL, POINT
from coursekit.draw import draw_image

Point = tuple[float, float]


def canvas(width: int = 1200, height: int = 520) -> tuple[Figure, Axes]:
    """Return an empty figure, and axes that cover it, in pixels of the slide."""
    figure = plt.figure(figsize=(width * PIXEL, height * PIXEL), layout="none")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.axis("off")
    return figure, ax


def words(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    size: float = 28,
    colour: str | None = None,
    on: str | None = None,
    **style,
) -> None:
    """Write a text of `size` pixels, centred on (x, y) unless `ha` and `va` say otherwise.

    Args:
        colour: coloured words are bold; without it they have the colour of all text.
        on: a colour behind the words, which are then white.
    """
    bold = {"fontweight": "bold", "color": "white" if on else colour} if on or colour else {}
    tag = {"bbox": {"facecolor": on, "edgecolor": "none", "pad": size / 5}} if on else {}
    usual = {"fontsize": size * POINT, "ha": "center", "va": "center", "zorder": 4}
    ax.text(x, y, text, **(usual | bold | tag | style))


def block(
    ax: Axes, corner: Point, size: Point, text: str = "", colour: str = "0.35", shape: str = "box", **style
) -> None:
    """Draw a block with white words: a "box", or a "funnel" that narrows to the right as a network does."""
    (x, y), (width, height) = corner, size
    look = {"facecolor": colour, "edgecolor": "none", "zorder": 2} | style
    if shape == "funnel":
        ends = [(x, y), (x + width, y + 0.22 * height), (x + width, y + 0.78 * height), (x, y + height)]
        ax.add_patch(Polygon(ends, closed=True, joinstyle="round", **look))
    else:
        rounded = "round,pad=0,rounding_size=10"
        ax.add_patch(FancyBboxPatch((x, y), width, height, boxstyle=rounded, mutation_aspect=1, **look))
    words(ax, x + width / 2, y + height / 2, text, colour="white")


def arrow(ax: Axes, start: Point, end: Point, colour: str | None = None, **style) -> None:
    """Draw an arrow from one point to another."""
    look = {
        "arrowstyle": "-|>",
        "mutation_scale": 26,
        "linewidth": 3,
        "zorder": 3,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    colour = colour or plt.rcParams["text.color"]
    ax.add_patch(FancyArrowPatch(start, end, color=colour, **(look | style)))


def picture(ax: Axes, corner: Point, size: Point, image: Tensor | None = None) -> Axes:
    """Return axes of `size` pixels on the canvas, with an image in them."""
    inside = ax.inset_axes((*corner, *size), transform=ax.transData, zorder=1)
    if image is not None:
        draw_image(inside, image)
    return inside
