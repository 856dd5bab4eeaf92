"""Part 4, the end: four gains that were measured, and what each part of the course adds to one scene."""

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from more_data import over_seeds, say_if_empty
from trained import FIVE, confident, detector

from classroom.figures import canvas, enlarge, picture, words
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, draw_boxes, draw_masks


def take_away() -> Figure:
    """Four gains that this course measured, each from one published score to another."""
    pairs = {
        "pretrained features": ("backbone-untrained", "backbone-lite0"),
        "a better network": ("backbone-lite0", "backbone-lite2"),
        "fine-tuned, not from scratch": ("fine_tuning-scratch-100", "fine_tuning-C5-100"),
        "copy-paste, 50 scenes": ("learning_curve-none-50", "learning_curve-paste-50"),
    }
    figure, ax = plt.subplots(figsize=(5.8, 3.9))
    for row, (before, after) in enumerate(pairs.values()):
        start, end = (over_seeds(recipe, "test_objects") for recipe in (before, after))
        if start and end:
            ax.annotate(
                "",
                (end[0], row),
                (start[0], row),
                arrowprops={"arrowstyle": "-|>", "linewidth": 4, "color": ACCENT, "mutation_scale": 26},
            )
            ax.text(
                max(start[0], end[0]) + 0.02,
                row,
                f"{end[0] - start[0]:+.2f}",
                va="center",
                color=ACCENT,
                fontweight="bold",
            )
    say_if_empty(ax)
    ax.set_yticks(range(len(pairs)), list(pairs))
    ax.set(xlabel="AP, unseen objects", xlim=(0, 0.75), ylim=(3.5, -0.5))
    return figure


@torch.no_grad()
def where_we_went() -> Figure:
    """A scene with one box, with the boxes of all objects, and with their masks."""
    image = still_life("val")[FIVE][0]
    shown = confident(detector("mask_rcnn")([image])[0], 0.5)
    large = (shown["masks"][:, 0] >= 0.5).repeat_interleave(4, 1).repeat_interleave(4, 2)
    figure, ax = canvas(1150, 330)
    for i, name in enumerate(("1: a box", "2: many", "3: pixels")):
        place = picture(ax, (392 * i + 40, 0), (280, 280), enlarge(image))
        if i < 2:
            boxes, labels = shown["boxes"][: 1 if i == 0 else None], shown["labels"][: 1 if i == 0 else None]
            draw_boxes(place, None, 4 * boxes, labels, classes=[""] * len(CLASSES))
        else:
            draw_masks(place, None, large, shown["labels"])
        words(ax, 392 * i + 180, 308, name, 32, ACCENT)
    return figure
