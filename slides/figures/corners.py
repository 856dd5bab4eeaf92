"""Part 2c: corners of boxes, and how they are pooled, drawn and paired."""

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor
from trained import BLUE, FIVE, NETWORK

from classroom.figures import arrow, block, canvas, enlarge, picture, words
from coursekit import ops
from coursekit.data.still_life import still_life
from coursekit.draw import ACCENT, draw_boxes
from coursekit.models.cornernet import MIN_OVERLAP

STRIDE, CELLS = 8, 24  # of the map on which corners are found
TOP_LEFT, BOTTOM_RIGHT = BLUE, ACCENT
SIDES = {"top-left": TOP_LEFT, "bottom-right": BOTTOM_RIGHT}
ONE, TWO_LEMONS, SIZE = 28, 127, 192  # a scene of single_val; a scene of val; pixels
# Made up for the slide: the responses to an object's top edge and to its left edge.
TOP_EDGES = (
    (0, 0, 0, 0, 0, 0),
    (0, 0, 1, 4, 3, 0),
    (0, 0, 0, 0, 0, 0),
    (0, 0, 1, 0, 0, 0),
    (0, 0, 0, 0, 0, 0),
)
LEFT_EDGES = (
    (0, 0, 0, 0, 0, 0),
    (0, 0, 0, 0, 1, 0),
    (0, 3, 0, 0, 0, 0),
    (0, 5, 0, 0, 0, 0),
    (0, 0, 0, 0, 0, 0),
)


def two_corners(ax: Axes, box: Tensor, _colour: str = "") -> None:
    x1, y1, x2, y2 = box.tolist()
    dot(ax, x1, y1, TOP_LEFT)
    dot(ax, x2, y2, BOTTOM_RIGHT)


def dot(ax: Axes, x: float, y: float, colour: str, size: float = 13) -> None:
    ax.plot(x, y, "o", color=colour, markeredgecolor="white", markeredgewidth=2, markersize=size, zorder=6)


def corner_of_nothing() -> Figure:
    """A lemon in its box; both corners, magnified; and what tells of the top-left one."""
    image, target = still_life("single_val")[ONE]
    box = target["boxes"][0]
    figure, ax = canvas(1150, 400)
    place = picture(ax, (0, 0), (400, 400), enlarge(image))
    draw_boxes(place, None, 4 * box[None], colour="black", dashed=True)
    for i, ((name, colour), (x, y)) in enumerate(zip(SIDES.items(), box.view(2, 2).tolist(), strict=True)):
        _window(place, 4 * x, 4 * y, colour)
        cut = image[:, int(y) - 10 : int(y) + 10, int(x) - 10 : int(x) + 10]
        close = picture(ax, (450, 205 * i), (190, 190), enlarge(cut))
        close.add_patch(
            Rectangle((0, 0), 1, 1, transform=close.transAxes, fill=False, edgecolor=colour, linewidth=8)
        )
        words(ax, 660, 205 * i + 38, f"the {name} corner", 30, colour, ha="left")
        words(ax, 660, 205 * i + 84, "shows the table, not the lemon", 28, ha="left")
    words(ax, 660, 145, "its evidence: right of it and below it", 28, "black", ha="left")
    words(ax, 660, 350, "its evidence: left of it and above it", 28, "black", ha="left")
    x1, y1, x2, y2 = (box * 4).tolist()
    for end in ((x1 + 0.55 * (x2 - x1), y1), (x1, y1 + 0.6 * (y2 - y1))):
        arrow(place, (x1, y1), end, TOP_LEFT, linewidth=5)
    return figure


def _window(ax: Axes, x: float, y: float, colour: str, half: float = 40) -> None:
    ax.add_patch(
        Rectangle((x - half, y - half), 2 * half, 2 * half, fill=False, edgecolor=colour, linewidth=4)
    )


def corner_pooling() -> list[Figure]:
    """Two maps by hand; maxima carried to the left; maxima carried to the top; their sum."""
    return [_pooling(step) for step in range(4)]


def _pooling(step: int) -> Figure:
    top, left = torch.tensor(TOP_EDGES), torch.tensor(LEFT_EDGES)
    to_left, to_top = ops.corner_pool(top, "left"), ops.corner_pool(left, "top")
    figure, ax = canvas(1150, 440)
    for y, name, values in ((40, "finds top edges", top), (264, "finds left edges", left)):
        words(ax, 108, y - 20, name, 27, "black")
        number_map(ax, (0, y), values)
    for shown, y, name, values in ((1, 40, "left", to_left), (2, 264, "top", to_top)):
        if step >= shown:
            arrow(ax, (228, y + 85), (392, y + 85), TOP_LEFT)
            words(ax, 310, y + 54, f"pool {name}", 27, TOP_LEFT)
            number_map(ax, (404, y), values, TOP_LEFT)
    if step == 3:
        for y in (125, 349):
            arrow(ax, (632, y), (776, 237 + 0.1 * (y - 237)), TOP_LEFT)
        words(ax, 700, 237, "+", 46, on=TOP_LEFT)
        words(ax, 898, 132, "sum", 27, "black")
        number_map(ax, (790, 152), to_left + to_top, TOP_LEFT, mark=(1, 1))
        words(ax, 898, 352, "largest at the corner", 27, TOP_LEFT)
    return figure


def number_map(
    ax: Axes,
    corner: tuple,
    values: Tensor,
    colour: str = "0.35",
    mark: tuple | None = None,
    side: float = 36,
    form: str = "g",
) -> None:
    """Draw a map (h, w) of small numbers; the larger, the darker its cell."""
    x, y = corner
    for row, line in enumerate(values.tolist()):
        for column, value in enumerate(line):
            place, strength = (x + side * column, y + side * row), value / max(1, values.max().item())
            look = (
                {"facecolor": colour, "alpha": 0.12 + 0.7 * strength, "linewidth": 0}
                if value
                else {"facecolor": "0.94"}
            )
            ax.add_patch(Rectangle(place, side - 2, side - 2, **look))
            shade = "black" if strength < 0.6 else "white"
            words(ax, place[0] + side / 2 - 1, place[1] + side / 2 - 1, f"{value:{form}}", 25, color=shade)
    if mark:
        row, column = mark
        frame = {"fill": False, "edgecolor": "black", "linewidth": 4, "zorder": 5}
        ax.add_patch(Rectangle((x + side * column - 1, y + side * row - 1), side, side, **frame))


def cornernet_as_a_whole() -> Figure:
    """A scene, the backbone, the pyramid, and the two heads with three maps each, with the size of every tensor."""
    figure, ax = canvas(1140, 440)
    picture(ax, (0, 150), (140, 140), enlarge(still_life("val")[FIVE][0]))
    words(ax, 70, 312, "3 × 192 × 192", 25)
    arrow(ax, (146, 220), (172, 220))
    block(ax, (178, 120), (150, 200), "backbone", NETWORK, "funnel")
    arrow(ax, (334, 220), (360, 220))
    block(ax, (366, 165), (130, 110), "pyramid,\nadded up", "0.35")
    words(ax, 431, 298, "64 × 24 × 24", 25)
    for y, (name, colour), poolings in (
        (0, ("top-left", TOP_LEFT), "left + top"),
        (228, ("bottom-right", BOTTOM_RIGHT), "right + bottom"),
    ):
        arrow(ax, (502, 220), (546, y + 106), colour)
        words(ax, 655, y + 22, f"{name} corners", 26, colour)
        block(ax, (552, y + 52), (206, 108), f"pool\n{poolings}", colour)
        words(ax, 655, y + 182, "64 × 24 × 24", 25)
        for row, (output, size) in enumerate(
            (("heat", "10 × 24 × 24"), ("embedding", "1 × 24 × 24"), ("offset", "2 × 24 × 24"))
        ):
            middle = y + 35 + 71 * row
            arrow(ax, (764, y + 106), (812, middle), colour)
            block(ax, (818, middle - 29), (164, 58), output, colour)
            words(ax, 992, middle, size, 25, ha="left")
    return figure


def gaussian_targets() -> Figure:
    """A lemon in its box, the worst box within the radius of its corners, and the target around the top-left one."""
    image, target = still_life("single_val")[ONE]
    box = target["boxes"][0]
    radius = ops.gaussian_radius(box / STRIDE, MIN_OVERLAP)
    inwards = box + STRIDE * radius * torch.tensor([1, 1, -1, -1])
    figure, ax = canvas(1150, 400)
    place = picture(ax, (0, 0), (360, 360), enlarge(image))
    draw_boxes(place, None, 4 * box[None], colour="black", dashed=True)
    draw_boxes(place, None, 4 * inwards[None], colour=TOP_LEFT)
    kept = ops.box_iou(box[None], inwards[None]).item()
    words(ax, 180, 384, f"r = {STRIDE * radius:.0f} pixels: IoU {kept:.2f}", 27, "black")
    drawn = ops.draw_gaussians(torch.tensor([[4, 2]]), radius[None], torch.tensor([0]), (1, 5, 9))[0]
    number_map(ax, (530, 20), drawn.mul(100).round() / 100, TOP_LEFT, (2, 4), 66, ".2f")
    words(ax, 827, 384, "target of its top-left heat map, cell by cell", 27, TOP_LEFT)
    return figure


def heat_over(ax: Axes, corner: tuple, size: tuple, image: Tensor, heat: Tensor) -> Axes:
    """Draw a heat map (h, w) over a darkened scene; its largest value is the brightest."""
    place = picture(ax, corner, size, 0.3 * enlarge(image))
    relative = (heat / heat.max()).clamp(0, 1)
    look = {
        "extent": (0, 4 * SIZE, 4 * SIZE, 0),
        "cmap": "plasma",
        "vmin": 0,
        "vmax": 1,
        "interpolation": "nearest",
    }
    place.imshow(relative.numpy(), alpha=relative.sqrt().numpy(), aspect="auto", **look)
    place.set(xlim=(0, 4 * SIZE), ylim=(4 * SIZE, 0))
    return place


def forgiven_near_a_corner() -> Figure:
    """A target along a row through its corner, and the weight of a false alarm there."""
    target = ops.draw_gaussians(torch.tensor([[6, 0]]), torch.tensor([4]), torch.tensor([0]), (1, 1, 13))[
        0, 0
    ]
    x = torch.arange(-6, 7)
    figure, ax = plt.subplots(figsize=(4.2, 3.7))
    ax.plot(x, target, "o-", color=TOP_LEFT, label="target y", markersize=9)
    ax.plot(x, (1 - target) ** 4, "s-", color=ACCENT, label="weight (1 − y)⁴", markersize=8)
    ax.set(xlabel="cells from the corner", ylim=(-0.03, 1.05), yticks=[0, 0.5, 1], xticks=[-6, -3, 0, 3, 6])
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1, handlelength=1.3)
    return figure
