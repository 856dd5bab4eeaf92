"""Part 1: a box as the output of a network; features, two ways to read them, losses, two heads."""

from functools import cache

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import BASELINE, CLASS, NETWORK, ON_TESTS, OURS
from meanings import QUIET as FROZEN
from torch import Tensor

from classroom import figures
from classroom.figures import arrow, block, canvas, enlarge, picture, words
from classroom.figures.slide import PIXEL
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, draw_boxes
from coursekit.models.localiser import HEADS, Localiser
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.published import record, shipped

LEMON = 28  # a scene of single_val
TESTS = tuple(ON_TESTS)
Score = tuple[float, float, float]
HEADS_STEPS = (
    ("1. the class alone", {CLASS}),
    ("2. the box alone", {ACCENT}),
    ("3. end to end: both losses, the network too", {CLASS, ACCENT, NETWORK}),
    ("4. test: one forward pass, two outputs", {CLASS, ACCENT, NETWORK}),
)
HEADS_HEIGHT = 430  # pixels: the same for each step


def scores_of(recipe: str, name: str) -> list[Score]:
    """Mean, low and high of a published score on new scenes and on unseen objects, from scores.json.

    Raises: KeyError when it was not measured.
    """
    by_test = {split.rpartition("_")[2]: scores for split, scores in record(recipe)["scores"].items()}
    return [tuple(by_test[test][name]) for test in ("scenes", "objects")]


@cache
def localiser(head: str) -> Localiser:
    """The shipped localiser with this head, on its frozen backbone."""
    return shipped(f"localiser_{head}")


def grid(ax: Axes, corner: tuple, size: float, cells: Tensor) -> None:
    """Draw a feature map (h, w) as a square of cells."""
    place = picture(ax, corner, (size, size))
    place.imshow(cells.numpy(), cmap="magma", interpolation="nearest")
    place.set(xticks=[], yticks=[])
    place.spines[:].set_visible(False)


@cache
@torch.no_grad()
def features_of(scene: int) -> dict[str, Tensor]:
    """The feature maps C1 to C5 of a scene of single_val, (C, h, w) each."""
    image = still_life("single_val")[scene][0]
    return {level: maps[0] for level, maps in efficientnet_lite0()(image[None]).items()}


def busiest(maps: Tensor) -> Tensor:
    """(h, w): the channel of (C, h, w) that varies most."""
    return maps[maps.flatten(1).std(1).argmax()]


def one_output_fewer() -> list[Figure]:
    """A classifier; without its last layer; with four numbers at its end; with a loss."""
    return [pipeline(step) for step in range(4)]


def pipeline(step: int) -> Figure:
    image, target = still_life("single_val")[LEMON]
    figure, ax = canvas(1150, 400)
    place = picture(ax, (0, 60), (270, 270), enlarge(image))
    arrow(ax, (280, 195), (325, 195))
    block(ax, (330, 50), (230, 290), "pretrained\nnetwork", NETWORK, "funnel")
    arrow(ax, (568, 195), (612, 195))
    if step == 0:
        block(ax, (640, 130), (200, 130), "average", NETWORK)
        arrow(ax, (848, 195), (892, 195))
        block(ax, (900, 40), (250, 310), "1000\nclasses", CLASS)
        return figure
    grid(ax, (622, 105), 180, busiest(features_of(LEMON)["C4"]))
    words(ax, 712, 320, "feature maps", 28)
    if step > 1:
        arrow(ax, (810, 195), (850, 195))
        block(ax, (858, 130), (110, 130), "head", ACCENT)
        arrow(ax, (976, 195), (1016, 195))
        for i, name in enumerate(("cx", "cy", "w", "h")):
            block(ax, (1026, 62 + 70 * i), (110, 58), name, ACCENT)
    if step > 2:
        draw_boxes(place, None, 4 * target["boxes"], colour="black", dashed=True)
        draw_boxes(place, None, 4 * target["boxes"] + torch.tensor([-90.0, -70, -40, -20]))
        words(ax, 590, 376, "loss (predicted box, true box)", 32, colour=ACCENT)
        arrow(ax, (1081, 345), (820, 376), ACCENT, connectionstyle="arc3,rad=-0.2")
    return figure


def borrowed_features() -> Figure:
    """A scene, and one channel of four of its feature maps."""
    features = {level: maps for level, maps in features_of(LEMON).items() if level > "C1"}
    return figures.feature_maps(enlarge(still_life("single_val")[LEMON][0]), features, (11.5, 3.1))


def same_average() -> Figure:
    """A feature map, the same map with the object elsewhere, and the average of both: one number."""
    cells = busiest(features_of(LEMON)["C4"])
    moved = cells.roll((-5, 2), (0, 1))
    figure, ax = canvas(1150, 400)
    for x, values in ((60, cells), (780, moved)):
        grid(ax, (x, 0), 340, values)
        words(ax, x + 170, 372, f"average {values.mean():.3f}", 32, colour="black")
    words(ax, 590, 120, "same number,\nother position", 34, colour=ACCENT)
    arrow(ax, (520, 200), (420, 200))
    arrow(ax, (660, 200), (760, 200))
    return figure


def strip(ax: Axes, corner: tuple, size: tuple, values: Tensor, like: Tensor) -> None:
    """Draw numbers (h, w) as cells in the colours of the map that they come from."""
    place = picture(ax, corner, size)
    look = {"cmap": "magma", "interpolation": "nearest", "aspect": "auto"}
    place.imshow(values.numpy(), vmin=float(like.min()), vmax=float(like.max()), **look)
    place.set(xticks=[], yticks=[])
    place.spines[:].set_visible(False)


def two_box_heads() -> list[Figure]:
    """What the pooled and the spatial head see; what they predict; how good they are on both tests."""
    return [_what_heads_see(), _what_heads_say(), _how_good_heads_are()]


def _what_heads_see() -> Figure:
    cells = busiest(features_of(LEMON)["C5"])
    figure, ax = canvas(1150, HEADS_HEIGHT)
    heads = (
        (0, "pooled", BASELINE, (60, 60), cells.mean().reshape(1, 1), "one average per channel"),
        (225, "spatial", OURS, (360, 90), cells.reshape(3, -1), "every cell of a channel"),
    )
    for y, name, colour, (width, height), values, meaning in heads:
        grid(ax, (0, y), 200, cells)
        arrow(ax, (212, y + 100), (285, y + 100))
        strip(ax, (300, y + 100 - height / 2), (width, height), values, cells)
        words(ax, 300, y + 178, meaning, 28, ha="left")
        arrow(ax, (312 + width, y + 100), (715, y + 100))
        block(ax, (725, y + 40), (190, 120), name, colour)
        arrow(ax, (924, y + 100), (985, y + 100))
        words(ax, 996, y + 100, "cx cy w h", 32, ha="left", colour="black")
    return figure


@torch.no_grad()
def _what_heads_say() -> Figure:
    dataset = still_life("single_val")
    figure, ax = canvas(1150, HEADS_HEIGHT)
    for i, scene in enumerate((2, 15, 22, 25)):
        image, target = dataset[scene]
        place = picture(ax, (293 * i, 60), (271, 271), enlarge(image))
        draw_boxes(place, None, 4 * target["boxes"], colour="black", dashed=True)
        for head, colour in (("pooled", BASELINE), ("spatial", OURS)):
            draw_boxes(place, None, 4 * localiser(head)([image])[0]["boxes"], colour=colour)
    for x, name, colour in (
        (300, "pooled", BASELINE),
        (590, "spatial", OURS),
        (880, "ground truth", "black"),
    ):
        words(ax, x, 375, name, 32, colour=colour)
    return figure


def _how_good_heads_are() -> Figure:
    recipes = {head: f"localiser-{head}" for head in HEADS}
    return measured(
        recipes, {"mean IoU": "mean_iou", "class right": "accuracy"}, (BASELINE, OURS), HEADS_HEIGHT
    )


def measured(recipes: dict[str, str], names: dict[str, str], colours: tuple[str, ...], height: int) -> Figure:
    """A panel for each score, in it a bar for each recipe on each of its two tests."""
    figure, axes = plt.subplots(1, len(names), figsize=(11.5, height * PIXEL), sharey=True)
    for ax, (title, name) in zip(axes, names.items(), strict=True):
        bars(ax, {label: scores_of(recipe, name) for label, recipe in recipes.items()}, colours)
        ax.set_title(title, fontweight="bold")
    figure.legend(*axes[0].get_legend_handles_labels(), ncols=len(recipes), loc="outside lower center")
    return figure


def bars(ax: Axes, groups: dict[str, list[Score]], colours: tuple[str, ...]) -> None:
    """Draw a group of bars per test, one per model, each with its interval and its number."""
    width = 0.9 / len(groups)
    for i, ((name, scores), colour) in enumerate(zip(groups.items(), colours, strict=True)):
        for j, (mean, low, high) in enumerate(scores):
            x = j + (i - (len(groups) - 1) / 2) * width
            ax.bar(x, mean, 0.94 * width, color=colour, label=name if not j else None)
            ax.errorbar(x, mean, [[mean - low], [high - mean]], color="black", capsize=6, linewidth=2)
            ax.text(x, 0.03, f"{mean:.2f}", ha="center", color="white", fontweight="bold", fontsize="small")
    ax.set(xticks=(0, 1), xticklabels=TESTS, xlim=(-0.5, 1.5), ylim=(0, 1.05), yticks=[0, 0.5, 1])


def two_heads_one_network() -> list[Figure]:
    """Train the class; then the box beside it; then both with all layers; then use both."""
    return [heads(step) for step in range(4)]


@torch.no_grad()
def heads(step: int) -> Figure:
    image, _ = still_life("single_val")[LEMON]
    title, active = HEADS_STEPS[step]
    found = localiser("spatial")([image])[0]
    answer = f"{CLASSES[found['labels'] - 1]} {found['scores'][0]:.2f}" if step == 3 else "loss"
    figure, ax = canvas(1150, 470)
    words(ax, 0, 24, title, 36, ha="left", colour="black")
    place = picture(ax, (0, 95), (300, 300), enlarge(image))
    arrow(ax, (312, 245), (352, 245))
    block(ax, (360, 95), (240, 300), "network", NETWORK if NETWORK in active else FROZEN, "funnel")
    rows = (
        (80, "class head", CLASS, answer),
        (290, "box head", ACCENT, "cx cy w h" if step == 3 else "loss"),
    )
    for y, name, colour, result in rows:
        arrow(ax, (608, 245), (690, y + 60))
        block(ax, (700, y), (220, 120), name, colour if colour in active else FROZEN)
        if colour in active:
            arrow(ax, (930, y + 60), (975, y + 60))
            words(ax, 986, y + 60, result, 30, ha="left", colour=colour)
    if step == 3:
        draw_boxes(place, None, 4 * found["boxes"], found["labels"], classes=CLASSES)
    return figure


def class_and_box_measured() -> Figure:
    """Class right, mean IoU, and both right, with a frozen network and end to end."""
    recipes = {"heads alone": "two_heads-heads", "end to end": "two_heads-C5"}
    names = {"class right": "accuracy", "mean IoU": "mean_iou", "both right": "both_right"}
    return measured(recipes, names, (BASELINE, OURS), 360)
