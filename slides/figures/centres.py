"""Part 2c: which settings anchors need, and boxes without them from a centre or from four distances."""

import math

import matplotlib.pyplot as plt
import torch
from corners import SIZE, STRIDE, dot, heat_over, two_corners
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from meanings import OF_DETECTORS
from regression import measured
from torch import Tensor
from trained import FIVE, confident, found_in, said

from classroom.figures import arrow, canvas, enlarge, picture, words
from classroom.figures.grid import draw_grid
from coursekit import ops
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, colour_of, draw_boxes
from coursekit.models import fcos, retinanet
from coursekit.published import record

ONE, LEVELS = 28, 37  # a scene of single_val; a scene of val with objects of all sizes
AGAINST = {
    "retinanet": ("RetinaNet", OF_DETECTORS["retinanet"]),
    "fcos": ("FCOS", OF_DETECTORS["fcos"]),
    "centernet": ("CenterNet", OF_DETECTORS["centernet"]),
    "cornernet": ("CornerNet", OF_DETECTORS["cornernet"]),
}


def a_box_in_three_ways() -> Figure:
    """A scene with two corners for each object, with its centre, and with a point and four distances."""
    image, target = still_life("val")[FIVE]
    figure, ax = canvas(1150, 370)
    for i, name in enumerate(("two corners", "a centre and a size", "four distances")):
        place = picture(ax, (415 * i, 0), (320, 320), enlarge(image))
        words(ax, 415 * i + 160, 350, name, 30, "black")
        for box, label in zip(4 * target["boxes"], target["labels"], strict=True):
            (two_corners, _one_centre, _four_arrows)[i](place, box, colour_of(label))
    return figure


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


def anchors_must_fit() -> Figure:
    """The share of training objects that an anchor overlaps by half, against the size of the anchors."""
    sizes = torch.arange(2, 10.5)
    boxes = torch.cat([target["boxes"] for target in _training_targets()])
    shares = [
        float((ops.box_iou(boxes, _anchors(size)).amax(1) >= 0.5).float().mean()) for size in sizes.tolist()
    ]
    figure, ax = plt.subplots(figsize=(5.1, 3.9))
    ax.plot(sizes, shares, color=ACCENT)
    ours = shares[sizes.tolist().index(retinanet.ANCHOR_SIZE)]
    ax.plot(retinanet.ANCHOR_SIZE, ours, "o", color=ACCENT, markersize=13)
    ax.annotate(
        f"ours: {ours:.0%}", (retinanet.ANCHOR_SIZE, ours), (0, -44), textcoords="offset points", ha="center"
    )
    ax.set(xlabel="anchor size, in cells", ylabel="objects covered", ylim=(0, 1.03), yticks=[0, 0.5, 1])
    ax.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    return figure


def _training_targets() -> list[dict]:
    dataset = still_life("train")
    return [dataset.target(i) for i in range(0, len(dataset), 4)]


def _anchors(size: float) -> Tensor:
    """RetinaNet's anchors (A, 4), had they this size in cells."""
    usual, retinanet.ANCHOR_SIZE = retinanet.ANCHOR_SIZE, size
    try:
        maps = {f"P{level}": torch.zeros(1, 1, SIZE >> level, SIZE >> level) for level in (3, 4, 5)}
        return retinanet.anchors_of(maps, {f"P{level}": 1 << level for level in (3, 4, 5)})
    finally:
        retinanet.ANCHOR_SIZE = usual


def an_object_is_a_point() -> Figure:
    """CenterNet's heat map with its peaks, and the boxes that it reads at them."""
    image = still_life("val")[FIVE][0]
    heat = said("centernet", FIVE).heat[0].sigmoid()
    shown = confident(found_in("centernet", FIVE), 0.3)
    best = ops.peaks(heat, 60)
    figure, ax = canvas(1150, 410)
    picture(ax, (0, 0), (360, 360), enlarge(image))
    place = heat_over(ax, (390, 0), (360, 360), image, heat.amax(0))
    for (x, y), label in zip(*(part[best.scores > 0.3].tolist() for part in best[:2]), strict=True):
        dot(place, 4 * STRIDE * (x + 0.5), 4 * STRIDE * (y + 0.5), colour_of(label + 1))
    place = picture(ax, (780, 0), (360, 360), enlarge(image))
    draw_boxes(place, None, 4 * shown["boxes"], shown["labels"], shown["scores"], CLASSES)
    for i, name in enumerate(("3 × 192 × 192", "heat: 10 × 24 × 24", "sides: 4 × 24 × 24")):
        words(ax, 390 * i + 180, 388, name, 30, "black")
    return figure


def four_distances() -> Figure:
    """A cell of a lemon with its four distances; how central every cell of the lemon is."""
    image, target = still_life("single_val")[ONE]
    box = target["boxes"][0]
    centers = ops.grid_centers((SIZE // STRIDE,) * 2, STRIDE)
    inside = torch.cat([centers - box[:2], box[2:] - centers], 1).amin(1) > 0
    central = fcos.centerness(box.expand(len(centers), 4), box.expand(len(centers), 4), centers)
    central = torch.where(inside, central, 0).view(SIZE // STRIDE, -1)
    figure, ax = canvas(580, 262)
    places = (
        picture(ax, (0, 0), (280, 212), enlarge(image)),
        heat_over(ax, (300, 0), (280, 212), image, central),
    )
    middle = (2 * (box[:2] + box[2:])).tolist()
    for place, colour in zip(places, ("black", "white"), strict=True):
        draw_boxes(place, None, 4 * box[None], colour=colour, dashed=True)
        place.set(xlim=(middle[0] - 264, middle[0] + 264), ylim=(middle[1] + 200, middle[1] - 200))
    wanted = box[:2] + torch.tensor([0.36, 0.4]) * (box[2:] - box[:2])
    nearest = (centers - wanted).abs().sum(1).argmin()
    _named_arrows(places[0], 4 * box, 4 * centers[nearest])
    words(ax, 140, 240, "four distances", 27, ACCENT)
    words(ax, 440, 240, "centre-ness", 27, "black")
    return figure


def _named_arrows(ax: Axes, box: Tensor, cell: Tensor) -> None:
    (x1, y1, x2, y2), (x, y) = box.tolist(), cell.tolist()
    for name, end, aside in (
        ("l", (x1, y), (0, -30)),
        ("t", (x, y1), (34, 0)),
        ("r", (x2, y), (0, -30)),
        ("b", (x, y2), (34, 0)),
    ):
        arrow(ax, (x, y), end, "white", linewidth=7)
        arrow(ax, (x, y), end, ACCENT, linewidth=4)
        middle = ((x + end[0]) / 2 + aside[0], (y + end[1]) / 2 + aside[1])
        words(ax, *middle, name, 26, on=ACCENT, fontstyle="italic")
    dot(ax, x, y, ACCENT)


def who_owns_a_cell() -> list[Figure]:
    """The cells of three levels that own an object: all inside its box; and those near its centre."""
    return [_owners(radius) for radius in (math.inf, fcos.RADIUS)]


def _owners(radius: float) -> Figure:
    image, target = still_life("val")[LEVELS]
    outputs = said("fcos", LEVELS)
    usual, fcos.RADIUS = fcos.RADIUS, radius
    try:
        match = fcos.assign_cells(target["boxes"], outputs.centers, outputs.strides, outputs.ranges)
    finally:
        fcos.RADIUS = usual
    figure, ax = canvas(1150, 440)
    for i, stride in enumerate((8, 16, 32)):
        place = picture(ax, (390 * i, 0), (360, 360), enlarge(image))
        draw_grid(place, (4 * SIZE, 4 * SIZE), (SIZE // stride, SIZE // stride), alpha=0.4)
        own = match.positive & (outputs.strides == stride)
        for (x, y), label in zip(
            outputs.centers[own].tolist(), target["labels"][match.target[own]], strict=True
        ):
            corner = (4 * (x - stride / 2), 4 * (y - stride / 2))
            place.add_patch(
                Rectangle(corner, 4 * stride, 4 * stride, color=colour_of(label), alpha=0.65, linewidth=0)
            )
        draw_boxes(place, None, 4 * target["boxes"], target["labels"], classes=[""] * len(CLASSES))
        start, end = outputs.ranges[outputs.strides == stride][0].tolist()
        reach = f"{start:.0f} to {end:.0f} pixels" if end < math.inf else f"from {start:.0f} pixels"
        words(ax, 390 * i + 180, 384, f"P{3 + i}: {int(own.sum())} cells", 29, "black")
        words(ax, 390 * i + 180, 420, reach, 26)
    return figure


def without_anchors_measured() -> Figure:
    """AP and AP50 of RetinaNet and of the three detectors without anchors on both tests, with the time each had."""
    recipes = {
        f"{label}, {60 * record(name)['cpu_minutes']:.0f} s": name for name, (label, _) in AGAINST.items()
    }
    return measured(
        recipes, {"AP": "AP", "AP50": "AP50"}, tuple(colour for _, colour in AGAINST.values()), 400
    )
