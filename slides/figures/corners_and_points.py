"""Part 2c: what anchors ask for, corners and how they are pooled, drawn and paired."""

from functools import cache

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from regression import measured
from torch import Tensor
from trained import BLUE, FIVE, NETWORK, confident, detector, found, said, scenes, targets

from classroom.figures import arrow, block, canvas, enlarge, picture, words
from coursekit import ops
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, PALETTE, colour_of, draw_boxes
from coursekit.models import retinanet

STRIDE, CELLS = 8, 24  # of the map on which corners are found
TOP_LEFT, BOTTOM_RIGHT = BLUE, ACCENT
SIDES = {"top-left": TOP_LEFT, "bottom-right": BOTTOM_RIGHT}
ONE, TWO_LEMONS, SIZE = 28, 127, 192  # a scene of single_val; a scene of val; pixels
MIN_OVERLAP = 0.3
# Made up for the slide: the responses to an object's top edge and to its left edge.
TOP_EDGES = ((0, 0, 0, 0, 0, 0), (0, 0, 1, 4, 3, 0), (0, 0, 0, 0, 0, 0), (0, 0, 1, 0, 0, 0), (0, 0, 0, 0, 0, 0))
LEFT_EDGES = ((0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 1, 0), (0, 3, 0, 0, 0, 0), (0, 5, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0))
BUDGETS = {
    "retinanet": ("RetinaNet, 90 s", BLUE),
    "fcos": ("FCOS, 90 s", PALETTE[6]),
    "centernet": ("CenterNet, 90 s", PALETTE[3]),
    "cornernet": ("CornerNet, 180 s", PALETTE[4]),
}


def a_box_in_three_ways() -> Figure:
    """A scene with two corners for each object, with its centre, and with a point and four distances."""
    image, target = still_life("val")[FIVE]
    figure, ax = canvas(1150, 370)
    for i, name in enumerate(("two corners", "a centre and a size", "four distances")):
        place = picture(ax, (415 * i, 0), (320, 320), enlarge(image))
        words(ax, 415 * i + 160, 350, name, 30, "black")
        for box, label in zip(4 * target["boxes"], target["labels"], strict=True):
            (_two_corners, _one_centre, _four_arrows)[i](place, box, colour_of(label))
    return figure


def _two_corners(ax: Axes, box: Tensor, colour: str) -> None:
    x1, y1, x2, y2 = box.tolist()
    dot(ax, x1, y1, TOP_LEFT)
    dot(ax, x2, y2, BOTTOM_RIGHT)


def _one_centre(ax: Axes, box: Tensor, colour: str) -> None:
    draw_boxes(ax, None, box[None], colour=colour, dashed=True)
    dot(ax, *((box[:2] + box[2:]) / 2).tolist(), colour)


def _four_arrows(ax: Axes, box: Tensor, colour: str) -> None:
    x1, y1, x2, y2 = box.tolist()
    x, y = x1 + 0.42 * (x2 - x1), y1 + 0.56 * (y2 - y1)
    for end in ((x1, y), (x, y1), (x2, y), (x, y2)):
        arrow(ax, (x, y), end, "white", linewidth=5, mutation_scale=22)
        arrow(ax, (x, y), end, colour, linewidth=2.5, mutation_scale=16)
    dot(ax, x, y, colour)


def dot(ax: Axes, x: float, y: float, colour: str, size: float = 13) -> None:
    ax.plot(x, y, "o", color=colour, markeredgecolor="white", markeredgewidth=2, markersize=size, zorder=6)


def anchors_must_fit() -> Figure:
    """The share of training objects that an anchor overlaps by half, against the size of the anchors."""
    sizes = torch.arange(2, 10.01, 0.5)
    boxes = torch.cat([target["boxes"] for target in _training_targets()])
    shares = [float((ops.box_iou(boxes, _anchors(size)).amax(1) >= 0.5).float().mean()) for size in sizes.tolist()]
    figure, ax = plt.subplots(figsize=(5.9, 3.9))
    ax.plot(sizes, shares, color=ACCENT)
    ours = shares[sizes.tolist().index(retinanet.ANCHOR_SIZE)]
    ax.plot(retinanet.ANCHOR_SIZE, ours, "o", color=ACCENT, markersize=13)
    ax.annotate(f"ours: {ours:.0%}", (retinanet.ANCHOR_SIZE, ours), (0, -44), textcoords="offset points", ha="center")
    ax.set(xlabel="anchor size, in cells", ylabel="objects covered", ylim=(0, 1.03), yticks=[0, 0.5, 1])
    ax.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    return figure


def _training_targets() -> list[dict]:
    dataset = scenes("train")
    return [dataset.target(i) for i in range(len(dataset))]


def _anchors(size: float) -> Tensor:
    """RetinaNet's anchors (A, 4), had they this size in cells."""
    usual, retinanet.ANCHOR_SIZE = retinanet.ANCHOR_SIZE, size
    try:
        maps = {f"P{level}": torch.zeros(1, 1, SIZE >> level, SIZE >> level) for level in (3, 4, 5)}
        return retinanet.anchors_of(maps, {f"P{level}": 1 << level for level in (3, 4, 5)})
    finally:
        retinanet.ANCHOR_SIZE = usual


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
        close.add_patch(Rectangle((0, 0), 1, 1, transform=close.transAxes, fill=False, edgecolor=colour, linewidth=8))
        words(ax, 660, 205 * i + 38, f"the {name} corner", 30, colour, ha="left")
        words(ax, 660, 205 * i + 84, "shows the table, not the lemon", 28, ha="left")
    words(ax, 660, 145, "its evidence: right of it and below it", 28, "black", ha="left")
    words(ax, 660, 350, "its evidence: left of it and above it", 28, "black", ha="left")
    x1, y1, x2, y2 = (box * 4).tolist()
    for end in ((x1 + 0.55 * (x2 - x1), y1), (x1, y1 + 0.6 * (y2 - y1))):
        arrow(place, (x1, y1), end, TOP_LEFT, linewidth=5)
    return figure


def _window(ax: Axes, x: float, y: float, colour: str, half: float = 40) -> None:
    ax.add_patch(Rectangle((x - half, y - half), 2 * half, 2 * half, fill=False, edgecolor=colour, linewidth=4))


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
    ax: Axes, corner: tuple, values: Tensor, colour: str = "0.35", mark: tuple | None = None, side: float = 36
) -> None:
    """Draw a map (h, w) of small numbers; the larger, the darker its cell."""
    x, y = corner
    for row, line in enumerate(values.tolist()):
        for column, value in enumerate(line):
            place, strength = (x + side * column, y + side * row), value / max(1, values.max().item())
            look = {"facecolor": colour, "alpha": 0.12 + 0.7 * strength, "linewidth": 0} if value else {"facecolor": "0.94"}
            ax.add_patch(Rectangle(place, side - 2, side - 2, **look))
            shade = "black" if strength < 0.6 else "white"
            words(ax, place[0] + side / 2 - 1, place[1] + side / 2 - 1, f"{value:g}", 24, color=shade)
    if mark:
        row, column = mark
        frame = {"fill": False, "edgecolor": "black", "linewidth": 4, "zorder": 5}
        ax.add_patch(Rectangle((x + side * column - 1, y + side * row - 1), side, side, **frame))


def cornernet_as_a_whole() -> Figure:
    """A scene, the backbone, the pyramid, and the two heads with three maps each, with the size of every tensor."""
    figure, ax = canvas(1150, 440)
    picture(ax, (0, 150), (140, 140), enlarge(still_life("val")[FIVE][0]))
    words(ax, 70, 312, "3 × 192 × 192", 24)
    arrow(ax, (146, 220), (172, 220))
    block(ax, (178, 120), (150, 200), "backbone", NETWORK, "funnel")
    arrow(ax, (334, 220), (360, 220))
    block(ax, (366, 175), (130, 90), "pyramid", BLUE)
    words(ax, 431, 288, "64 × 24 × 24", 24)
    for y, (name, colour), poolings in ((0, ("top-left", TOP_LEFT), "left + top"), (228, ("bottom-right", BOTTOM_RIGHT), "right + bottom")):
        arrow(ax, (502, 220), (546, y + 106), colour)
        words(ax, 655, y + 22, f"{name} corners", 26, colour)
        block(ax, (552, y + 52), (206, 108), f"pool\n{poolings}", colour)
        words(ax, 655, y + 182, "64 × 24 × 24", 24)
        for row, (output, size) in enumerate((("heat", "10 × 24 × 24"), ("embedding", "1 × 24 × 24"), ("offset", "2 × 24 × 24"))):
            middle = y + 35 + 71 * row
            arrow(ax, (764, y + 106), (812, middle), colour)
            block(ax, (818, middle - 29), (164, 58), output, colour)
            words(ax, 992, middle, size, 25, ha="left")
    return figure


def gaussian_targets() -> Figure:
    """A box and the worst boxes within its radius; what both heat maps of a scene should be."""
    figure, ax = canvas(1150, 420)
    image, target = still_life("single_val")[ONE]
    box = target["boxes"][0]
    radius = ops.gaussian_radius(box / STRIDE, MIN_OVERLAP) * STRIDE
    place = picture(ax, (0, 0), (360, 360), enlarge(image))
    draw_boxes(place, None, 4 * box[None], colour="black", dashed=True)
    inwards = box + radius * torch.tensor([1, 1, -1, -1])
    draw_boxes(place, None, 4 * inwards[None], colour=ACCENT)
    words(ax, 180, 388, f"r = {radius:.0f} pixels: IoU {ops.box_iou(box[None], inwards[None]).item():.2f}", 28, "black")
    for i, (name, colour) in enumerate(SIDES.items()):
        heat_over(ax, (400 + 390 * i, 0), 360, still_life("val")[FIVE][0], _wanted(FIVE, i))
        words(ax, 580 + 390 * i, 388, f"target, {name}", 28, colour)
    return figure


def _wanted(scene: int, side: int) -> Tensor:
    """(h, w): the largest target over the classes, of the top-left (0) or the bottom-right (1) corners."""
    target = targets("val")[scene]
    points = (target["boxes"].view(-1, 2, 2)[:, side] / STRIDE).long().clamp(max=CELLS - 1)
    radii = ops.gaussian_radius(target["boxes"] / STRIDE, MIN_OVERLAP)
    return ops.draw_gaussians(points, radii, target["labels"] - 1, (len(CLASSES), CELLS, CELLS)).amax(0)


def heat_over(ax: Axes, corner: tuple, side: float, image: Tensor, heat: Tensor) -> Axes:
    """Draw a heat map (h, w) in [0, 1] over a darkened scene."""
    place = picture(ax, corner, (side, side), 0.35 * enlarge(image))
    look = {"extent": (0, 4 * SIZE, 4 * SIZE, 0), "cmap": "inferno", "vmin": 0, "vmax": 1, "interpolation": "nearest"}
    place.imshow(heat.numpy(), alpha=heat.clamp(0, 1).sqrt().numpy(), **look)
    place.set(xlim=(0, 4 * SIZE), ylim=(4 * SIZE, 0))
    return place


def forgiven_near_a_corner() -> Figure:
    """A target along a row through its corner, and the weight of a false alarm there."""
    target = ops.draw_gaussians(torch.tensor([[6, 0]]), torch.tensor([4]), torch.tensor([0]), (1, 1, 13))[0, 0]
    x = torch.arange(-6, 7)
    figure, ax = plt.subplots(figsize=(5.4, 3.7))
    ax.plot(x, target, "o-", color=TOP_LEFT, label="target y", markersize=9)
    ax.plot(x, (1 - target) ** 4, "s-", color=ACCENT, label="weight (1 − y)⁴", markersize=8)
    ax.set(xlabel="cells from the corner", ylim=(-0.03, 1.05), yticks=[0, 0.5, 1], xticks=[-6, -3, 0, 3, 6])
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1, handlelength=1.3)
    return figure


@cache
def _maps(scene: int):
    """The top-left and the bottom-right maps of the shipped CornerNet for a scene of val."""
    return said("cornernet", scene)


def pull_and_push() -> Figure:
    """Two lemons and the numbers that CornerNet predicts at their corners, on a line."""
    image, target = still_life("val")[TWO_LEMONS]
    figure, ax = canvas(1150, 330)
    place = picture(ax, (0, 0), (330, 330), enlarge(image))
    values = torch.stack([_at_corners(maps, target["boxes"], side) for side, maps in enumerate(_maps(TWO_LEMONS))])
    for i, box in enumerate(4 * target["boxes"]):
        _two_corners(place, box, "")
        words(place, *((box[:2] + box[2:]) / 2).tolist(), str(i + 1), 32, on="black")
    line = ax.inset_axes((420, 90, 690, 150), transform=ax.transData)
    for row, (name, colour) in enumerate(SIDES.items()):
        line.plot(values[row], [0] * len(values[row]), "o", color=colour, markersize=16, label=name, zorder=4)
    for i, both in enumerate(values.T):
        line.annotate(f"lemon {i + 1}", (both.mean(), 0), (0, 26), textcoords="offset points", ha="center")
        line.plot(both, [0, 0], color="black", linewidth=5)
    line.axhline(0, color="0.6", linewidth=2, zorder=0)
    line.set(yticks=[], ylim=(-1, 1.6), xlabel="embedding")
    line.margins(x=0.2)
    line.spines["left"].set_visible(False)
    line.legend(loc="upper center", bbox_to_anchor=(0.5, 1.55), ncols=2, handletextpad=0.2)
    return figure


def _at_corners(maps, boxes: Tensor, side: int) -> Tensor:
    """(G,): the embedding at one corner of each box (G, 4)."""
    x, y = (boxes.view(-1, 2, 2)[:, side] / STRIDE).long().clamp(max=CELLS - 1).unbind(1)
    return maps.embeddings[0, 0, y, x]


def corners_become_boxes() -> list[Figure]:
    """Both heat maps of a scene; their peaks; the boxes that pairs of peaks span; those that are left."""
    return [_pairing(step) for step in range(3)]


def _pairing(step: int) -> Figure:
    image = still_life("val")[FIVE][0]
    figure, ax = canvas(1150, 410)
    for i, ((name, colour), maps) in enumerate(zip(SIDES.items(), _maps(FIVE), strict=True)):
        heat = maps.heat[0].sigmoid()
        place = heat_over(ax, (390 * i, 0), 360, image, heat.amax(0))
        words(ax, 390 * i + 180, 388, name, 30, colour)
        if step > 0:
            best = ops.peaks(heat, 60)
            for x, y in best.points[best.scores > 0.25].tolist():
                dot(place, 4 * STRIDE * (x + 0.5), 4 * STRIDE * (y + 0.5), colour)
    if step > 1:
        place = picture(ax, (780, 0), (360, 360), enlarge(image))
        shown = confident(found("cornernet", "val")[FIVE], 0.3)
        draw_boxes(place, None, 4 * shown["boxes"], shown["labels"], shown["scores"], CLASSES)
        words(ax, 960, 388, "pairs", 30, "black")
    return figure


def an_object_is_a_point() -> Figure:
    """CenterNet's heat map with its peaks, and the boxes that it reads at them."""
    image = still_life("val")[FIVE][0]
    heat = said("centernet", FIVE).heat[0].sigmoid()
    shown = confident(found("centernet", "val")[FIVE], 0.3)
    best = ops.peaks(heat, 60)
    figure, ax = canvas(1150, 410)
    picture(ax, (0, 0), (360, 360), enlarge(image))
    place = heat_over(ax, (390, 0), 360, image, heat.amax(0))
    for (x, y), label in zip(*(part[best.scores > 0.3].tolist() for part in best[:2]), strict=True):
        dot(place, 4 * STRIDE * (x + 0.5), 4 * STRIDE * (y + 0.5), colour_of(label + 1))
    place = picture(ax, (780, 0), (360, 360), enlarge(image))
    draw_boxes(place, None, 4 * shown["boxes"], shown["labels"], shown["scores"], CLASSES)
    for i, name in enumerate(("3 × 192 × 192", "heat: 10 × 24 × 24", "sides: 4 × 24 × 24")):
        words(ax, 390 * i + 180, 388, name, 30, "black")
    return figure


def without_anchors_measured() -> Figure:
    """AP and AP50 of RetinaNet and of the three detectors without anchors, on both tests."""
    recipes = {label: recipe for recipe, (label, _) in BUDGETS.items()}
    return measured(recipes, {"AP": "AP", "AP50": "AP50"}, tuple(colour for _, colour in BUDGETS.values()), 400)
