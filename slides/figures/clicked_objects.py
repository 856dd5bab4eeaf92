"""Part 5: how many clicks an object needs, one that was never taught, and everything at once."""

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import BASELINE, CLASS, OURS, RIGHT
from prompts import NAME, SIDE, after_clicks, draw_clicks, encoded_scene, in_pixels, segmenter, shown
from torch import Tensor

from classroom.figures import arrow, canvas, enlarge, words
from coursekit.draw import draw_image, draw_masks
from coursekit.metrics.clicking import CLICKS
from coursekit.models.promptable import GRID
from coursekit.published import record

NEVER = ((1, 1), (2, 0), (7, 2), (8, 3), (22, 2))  # mugs and bananas
CROWD, SUREST = 25, 12


def iou_by_clicks() -> Figure:
    """Mean IoU after 1 to 5 clicks on new scenes: classes that were trained, and two that were not."""
    scores = record(NAME)["scores"]["test_scenes"]
    figure, ax = plt.subplots(figsize=(6.6, 4.2))
    for prefix, name, colour in (
        ("", "eight classes it was trained on", OURS),
        ("held_out_", "mug and banana: never trained", BASELINE),
    ):
        rows = [scores[f"{prefix}iou_{i}"] for i in range(1, CLICKS + 1)]
        middle, low, high = zip(*rows, strict=True)
        ax.plot(range(1, CLICKS + 1), middle, "o-", color=colour, label=name)
        ax.fill_between(range(1, CLICKS + 1), low, high, color=colour, alpha=0.2, linewidth=0)
    ax.set(xlabel="clicks", ylabel="mean IoU", xticks=range(1, CLICKS + 1), ylim=(0.4, 1))
    ax.legend(loc="lower right")
    return figure


def never_taught() -> Figure:
    """Mugs and bananas, whose masks were never seen in training, after one and after three clicks."""
    figure, ax = canvas(1150, 480)
    for i, (scene, number) in enumerate(NEVER):
        steps = after_clicks(scene, number, 3)
        image, target, _ = encoded_scene(scene)
        for row, count in enumerate((1, 3)):
            clicks, found, iou = steps[count - 1]
            place = shown(ax, (90 + 215 * i, 240 * row), (205, 205), image)
            draw_masks(place, None, found[None], target["labels"][number][None])
            draw_clicks(place, clicks)
            _look_at(place, target["boxes"][number])
            words(ax, 192 + 215 * i, 240 * row + 222, f"{iou:.2f}", 26)
    for row, count in enumerate((1, 3)):
        words(ax, 40, 240 * row + 102, f"{count}", 40, CLASS)
    words(ax, 40, 145, "click", 26)
    words(ax, 40, 385, "clicks", 26)
    return figure


@torch.no_grad()
def everything_by_clicks() -> Figure:
    """A scene with a grid of clicks, and the distinct masks that are left of their answers."""
    image = encoded_scene(CROWD)[0]
    found = segmenter(NAME)([image])[0]
    figure, ax = canvas(1150, 410)
    place = shown(ax, (120, 0), (360, 360), image)
    points = (torch.arange(GRID) + 0.5) * SIDE / GRID
    x, y = torch.meshgrid(points, points, indexing="xy")
    place.plot(x.flatten().tolist(), y.flatten().tolist(), "o", ms=6, color=RIGHT, mec="white")
    words(ax, 300, 386, f"{GRID * GRID} clicks", 28)
    arrow(ax, (510, 180), (640, 180))
    place = shown(ax, (670, 0), (360, 360), image)
    draw_masks(place, None, found["masks"][:SUREST, 0] > 0.5)
    words(ax, 850, 386, f"the {SUREST} surest of {len(found['masks'])} masks", 28)
    return figure


def _look_at(ax: Axes, box: Tensor) -> None:
    """Show a square around a box and its surroundings, inside the image."""
    x1, y1, x2, y2 = box.tolist()
    half = min(0.75 * max(x2 - x1, y2 - y1), SIDE / 2)
    x, y = (min(max((low + high) / 2, half), SIDE - half) for low, high in ((x1, x2), (y1, y2)))
    ax.set(xlim=(x - half, x + half), ylim=(y + half, y - half))


A_MUG = (22, 2)


def click_on(place: Axes, scene: int, number: int) -> None:
    """Draw a scene, two clicks on one of its objects, and the mask."""
    image, target, _ = encoded_scene(scene)
    clicks, found, _ = after_clicks(scene, number, 2)[1]
    draw_image(place, enlarge(image))
    in_pixels(place)
    draw_masks(place, None, found[None], target["labels"][number][None])
    draw_clicks(place, clicks)
