"""Part 1: N boxes and N classes, why that fails, matching, candidates, and the two families of detectors."""

from collections import Counter

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from meanings import BASELINE, CLASS, NETWORK, OURS, SECOND
from meanings import QUIET as FROZEN
from regression import localiser, measured
from torch import Tensor
from torchvision.transforms.v2.functional import resized_crop

from classroom.figures import arrow, block, canvas, enlarge, picture, words
from coursekit import ops
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, colour_of, draw_boxes

TWO_LEMONS, APPLE_AND_GLASS, LEMON_AND_MUSHROOM, THREE, FIVE = 127, 23, 74, 22, 45  # scenes of val
SLOTS = 3  # the N of the figures
SLOT_COLOURS = (ACCENT, CLASS)
# Made up. Pear and mug both like the second best.
GUESSES = ((18.0, 54.0, 49.0, 134.0), (78.0, 100.0, 150.0, 172.0), (54.0, 122.0, 98.0, 180.0))
APPLE, PEAR, MUG = (4, 26, 76, 98), (50, 86, 150, 186), (74, 40, 130, 96)
BOWL, HANDLE, NOTHING = (10, 100, 90, 180), (128, 14, 188, 74), (134, 84, 190, 140)
WINDOWS = (APPLE, PEAR, MUG, BOWL, HANDLE, NOTHING)


def exactly_n() -> Figure:
    """A scene of three objects, and what a network for exactly three must predict: boxes and classes."""
    image, target = still_life("val")[THREE]
    figure, ax = canvas(1150, 430)
    place = picture(ax, (0, 70), (290, 290), enlarge(image))
    draw_boxes(place, None, 4 * target["boxes"], target["labels"], classes=CLASSES)
    arrow(ax, (300, 215), (336, 215))
    block(ax, (344, 80), (190, 270), "network", NETWORK, "funnel")
    arrow(ax, (542, 215), (590, 130))
    arrow(ax, (542, 215), (590, 320))
    words(ax, 870, 22, f"N × 4 numbers: {SLOTS} × 4", 30, colour=ACCENT)
    words(ax, 870, 240, f"N × K scores: {SLOTS} × {len(CLASSES)}", 30, colour=CLASS)
    for i, (box, label) in enumerate(zip(target["boxes"], target["labels"], strict=True)):
        colour = colour_of(label)
        numbers(ax, (640, 50 + 50 * i), (115, 44), [f"{side:.0f}" for side in box], [colour] * 4)
        hot = [colour if k == label else "0.88" for k in range(1, 1 + len(CLASSES))]
        numbers(ax, (640, 268 + 50 * i), (46, 44), [""] * len(CLASSES), hot)
    return figure


def numbers(ax: Axes, corner: tuple, size: tuple, texts: list[str], colours: list[str]) -> None:
    """Draw a row of cells with a text in each."""
    (x, y), (width, height) = corner, size
    for i, (text, colour) in enumerate(zip(texts, colours, strict=True)):
        ax.add_patch(Rectangle((x + i * width, y), width - 4, height, color=colour, linewidth=0))
        words(ax, x + (i + 0.5) * width - 2, y + height / 2, text, 28, colour="white")


@torch.no_grad()
def one_box_for_two() -> Figure:
    """Scenes of two objects, and the one box of a network that was trained on one."""
    figure, ax = canvas(1150, 370)
    for i, scene in enumerate((TWO_LEMONS, APPLE_AND_GLASS, LEMON_AND_MUSHROOM)):
        image, target = still_life("val")[scene]
        found = localiser("spatial")([image])[0]
        place = picture(ax, (390 * i, 0), (370, 370), enlarge(image))
        draw_boxes(place, None, 4 * target["boxes"], colour="black", dashed=True)
        draw_boxes(place, None, 4 * found["boxes"], found["labels"], found["scores"], CLASSES)
    return figure


def order_problem() -> list[Figure]:
    """Two slots for two lemons: one order, the other order, and the best prediction for both."""
    return [orders(step) for step in range(3)]


def orders(step: int) -> Figure:
    image, target = still_life("val")[TWO_LEMONS]
    boxes = target["boxes"]
    average = (boxes + boxes.flip(0)) / 2  # what the squared error of both orders is least for
    panels = (("one annotator", boxes), ("another", boxes.flip(0)), ("least squared error", average))
    figure, ax = canvas(1150, 420)
    for i, (title, drawn) in enumerate(panels[: step + 1]):
        place = picture(ax, (390 * i, 50), (370, 370), enlarge(image))
        words(ax, 390 * i + 185, 22, title, 32, colour=ACCENT if i == 2 else "black")
        for slot, (box, colour) in enumerate(zip(drawn, SLOT_COLOURS, strict=True)):
            beside = slot if i == 2 else 0  # else the two would cover each other
            draw_boxes(place, None, 4 * box[None] + 10 * beside, colour=colour)
            x, y = 390 * i + box[0] * 370 / 192 + 40, 50 + box[3] * 370 / 192 + 34
            words(ax, x + 50 * beside, y, str(slot + 1), 34, on=colour)
    return figure


def objects_a_scene() -> Figure:
    """How many objects the training scenes have, and what N = 3 does with each."""
    dataset = still_life("train")
    counts = Counter(len(dataset.annotations_of(i)) for i in range(len(dataset)))
    figure, ax = plt.subplots(figsize=(11.5, 3.9))
    for name, colour, chosen in (
        ("empty slots: padding", FROZEN, lambda n: n < SLOTS),
        ("just enough", BASELINE, lambda n: n == SLOTS),
        ("objects without a slot", ACCENT, lambda n: n > SLOTS),
    ):
        xs = [n for n in sorted(counts) if chosen(n)]
        shares = [counts[n] / len(dataset) for n in xs]
        ax.bar(xs, shares, color=colour, label=f"{name} ({sum(shares):.0%})")
    ax.set(xlabel="objects in a scene", ylabel="share of scenes", yticks=[0, 0.1, 0.2], ylim=(0, 0.3))
    ax.legend(loc="upper right", ncols=3, handlelength=1, columnspacing=1.2)
    return figure


def matching() -> list[Figure]:
    """Objects and predictions; the table of costs; the cheapest one-to-one choice; what it changes, measured."""
    recipes = {
        "as listed": "slots-listed",
        "from left to right": "slots-left_to_right",
        "matched": "slots-matched",
    }
    names = {"mean IoU": "mean_iou", "both right": "both_right", "number right": "count_right"}
    return [*map(costs, range(3)), measured(recipes, names, (BASELINE, SECOND, OURS), 420)]


def costs(step: int) -> Figure:
    image, target = still_life("val")[THREE]
    guesses = torch.tensor(GUESSES)
    cost = 1 - ops.generalized_box_iou(target["boxes"], guesses)
    figure, ax = canvas(1150, 420)
    place = picture(ax, (0, 0), (420, 420), enlarge(image))
    draw_boxes(place, None, 4 * target["boxes"], target["labels"], classes=CLASSES)
    draw_boxes(place, None, 4 * guesses, colour="black", dashed=True)
    for i, (x1, _, _, y2) in enumerate((guesses * 420 / 192).tolist()):
        words(ax, x1 + 20, y2 - 20, str(i + 1), 30, on="black")
    if step == 1:
        cost_table(ax, cost, target["labels"], torch.zeros_like(cost))
    if step == 2:
        match = ops.match_by_cost(cost)
        chosen = torch.nn.functional.one_hot(match.target, len(cost)).T * match.positive
        cost_table(ax, cost, target["labels"], chosen)
        words(ax, 870, 390, f"smallest sum: {(cost * chosen).sum():.2f}", 32, ACCENT)
    return figure


def cost_table(ax: Axes, cost: Tensor, labels: Tensor, chosen: Tensor) -> None:
    """Draw the cost of each object (row) with each prediction (column); chosen pairs have their class's colour."""
    words(ax, 870, 24, "cost: 1 − GIoU with prediction", 30, "black")
    for j in range(cost.shape[1]):
        words(ax, 730 + 140 * j, 80, str(j + 1), 32, "black")
    for i, label in enumerate(labels.tolist()):
        colour = colour_of(label)
        words(ax, 640, 145 + 84 * i, CLASSES[label - 1], 32, colour, ha="right")
        cells = [colour if pair else "0.45" for pair in chosen[i]]
        numbers(ax, (662, 110 + 84 * i), (140, 70), [f"{value:.2f}" for value in cost[i]], cells)


def propose_then_classify() -> list[Figure]:
    """Windows on a scene; each one cut out and classified by a network for one object."""
    return [windows(step) for step in range(2)]


@torch.no_grad()
def windows(step: int) -> Figure:
    image, _ = still_life("val")[FIVE]
    boxes = torch.tensor(WINDOWS, dtype=torch.float32)
    figure, ax = canvas(1150, 440)
    place = picture(ax, (0, 0), (440, 440), enlarge(image))
    draw_boxes(place, None, 4 * boxes, colour=ACCENT)
    for i, (x1, y1, x2, y2) in enumerate(WINDOWS[: step * len(WINDOWS)]):
        crop = resized_crop(image, y1, x1, y2 - y1, x2 - x1, [192, 192])
        found = localiser("spatial")([crop])[0]
        x, y = 500 + 225 * (i % 3), 225 * (i // 3)
        picture(ax, (x, y), (170, 170), enlarge(crop))
        label, share = int(found["labels"]), float(found["scores"])
        words(ax, x + 85, y + 192, f"{CLASSES[label - 1]} {share:.2f}", 27, colour_of(label))
    return figure


def two_families() -> list[Figure]:
    """One stage: every candidate at once. Two stages: first where something is, then what it is."""
    return [families(step) for step in range(2)]


def families(step: int) -> Figure:
    figure, ax = canvas(1150, 420)
    words(ax, 0, 20, "one stage: YOLO, SSD, RetinaNet", 34, CLASS, ha="left")
    last = ("remove\nduplicates", FROZEN, 148)
    stage(ax, 44, (("network", NETWORK, 130), "cells", ("class and box\nof every cell", CLASS, 200), last))
    if step:
        words(ax, 0, 242, "two stages: R-CNN, Faster R-CNN, Mask R-CNN", 34, ACCENT, ha="left")
        first, second = ("object\nor not?", ACCENT, 150), ("class and box\nof each region", ACCENT, 200)
        stage(ax, 266, (("network", NETWORK, 130), first, "regions", second, last))
    return figure


def stage(ax: Axes, y: float, parts: tuple) -> None:
    """Draw a scene and a row of blocks (text, colour, width), or scenes with "cells" or "regions" on them."""
    scene(ax, (0, y), "")
    x = 158
    for part in parts:
        arrow(ax, (x, y + 75), (x + 30, y + 75))
        if isinstance(part, str):
            scene(ax, (x + 36, y), part)
            x += 36 + 150 + 8
            continue
        text, colour, width = part
        block(ax, (x + 36, y + 8), (width, 134), "", colour, "funnel" if text == "network" else "box")
        ink = "black" if colour == FROZEN else "white"
        words(ax, x + 36 + width / 2, y + 75, text, 28, colour=ink)
        x += 36 + width + 8


def scene(ax: Axes, corner: tuple, marks: str) -> None:
    image, target = still_life("val")[FIVE]
    place = picture(ax, corner, (150, 150), enlarge(image))
    if marks == "regions":
        draw_boxes(place, None, 4 * target["boxes"], colour=ACCENT)
    elif marks == "cells":
        centres = (torch.arange(6) + 0.5) * 768 / 6
        dots = {"color": CLASS, "markeredgecolor": "white", "markersize": 11}
        place.plot(centres.repeat(6), centres.repeat_interleave(6), "o", **dots)
