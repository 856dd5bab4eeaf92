"""Part 4: the timeline up to today, what trainings cost, and all detectors of the course in one table and one plot."""

import json
from functools import cache

import matplotlib.pyplot as plt
from better_features import minutes_of
from learning_sets import BESIDE, FAMILIES, TIMELINE, Published
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import OF_DETECTORS
from more_data import SPLITS
from regression import TESTS, Score
from trained import BLUE, SPEEDS, detector

from classroom.figures import canvas, words
from coursekit.draw import ACCENT, PALETTE
from coursekit.published import SHIPPED

# Trained on more than COCO; the names of their papers and what they were pretrained on.
SINCE = (
    Published(
        "Co-DETR",
        2022.9,
        66.0,
        "test-dev",
        "sets",
        "Zong et al., ICCV 2023, ViT-L, Objects365, several scales",
    ),
    Published("D-FINE-X", 2024.8, 59.3, "val", "sets", "Peng et al., ICLR 2025, Objects365"),
    Published(
        "RF-DETR-2XL", 2025.9, 60.1, "val", "sets", "Robinson et al., arXiv 2511.09554, DINOv2, Objects365"
    ),
)
BESIDE_TOO = BESIDE | {
    "Faster R-CNN": (0, 14, "center"),
    "Co-DETR": (-16, -8, "right"),
    "D-FINE-X": (-18, -7, "right"),
    "RF-DETR-2XL": (28, 16, "right"),
    "RT-DETR": (14, -12, "left"),
}
HOURS = {  # of one training, or of people; where it says so
    "Faster R-CNN with FPN, Detectron2": (8 * 270_000 * 0.209 / 3600, "GPU"),  # 8 GPUs, its MODEL_ZOO.md, 3x
    "DETR of 2020, 300 epochs": (16 * 3 * 24, "GPU"),  # 16 GPUs, 3 days: the paper, section 4
    "COCO: drawing 2.5 million masks": (22 * 2500, "people"),  # 22 hours per 1,000: Lin et al., 2014
}
KINDS = {"CPU": BLUE, "GPU": PALETTE[4], "people": ACCENT}
COLOURS = OF_DETECTORS | {"mask_rcnn": PALETTE[8], "detr": PALETTE[2], "detr_modern": "black"}
DETECTORS = {  # shipped weights: the name in the table, the one in bench/detectors.json
    "yolo": ("YOLO, 2016", "YOLO", "cells own objects"),
    "yolo_modern": ("modern YOLO", "modern YOLO", "… and three levels"),
    "ssd": ("SSD", "SSD", "default boxes"),
    "retinanet": ("RetinaNet", "RetinaNet", "pyramid, focal loss"),
    "fcos": ("FCOS", "FCOS", "four distances"),
    "centernet": ("CenterNet", "CenterNet", "a peak per object"),
    "cornernet": ("CornerNet", "CornerNet", "pairs of corners"),
    "faster_rcnn": ("Faster R-CNN", "Faster R-CNN", "proposals first"),
    "mask_rcnn": ("Mask R-CNN", "Mask R-CNN", "… and masks"),
    "detr": ("DETR, 2020", "DETR", "a set of queries"),
    "detr_modern": ("modern DETR", "modern DETR", "queries are boxes"),
}
COLUMNS = {"detector": 0, "AP, new": 560, "unseen": 690, "ms": 790, "weights, M": 920, "CPU min": 1080}


HOLLOW = {"markerfacecolor": "white", "markersize": 12, "markeredgewidth": 3}


def timeline_to_today() -> list[Figure]:
    """The timeline of part 2, and then what came after it, trained on more than COCO."""
    return [_timeline(more) for more in ((), SINCE)]


def _timeline(more: tuple[Published, ...]) -> Figure:
    figure, ax = plt.subplots(figsize=(11.5, 4.4))
    for paper in (*TIMELINE, *more):
        colour = FAMILIES[paper.family]
        _dot(ax, paper, "*" if paper in more else "o", colour)
        x, y, side = BESIDE_TOO[paper.name]
        look = {"textcoords": "offset points", "ha": side, "color": colour, "fontweight": "bold"}
        ax.annotate(f"{paper.name} {paper.ap:.1f}", (paper.year, paper.ap), (x, y), fontsize="small", **look)
    for name, colour in FAMILIES.items():
        ax.plot([], [], "o", color=colour, markersize=13, label=name)
    if more:
        ax.plot([], [], "*", color="0.3", markersize=20, label="more than COCO")
    ax.set(ylabel="COCO AP", xlim=(2013.9, 2026.9), ylim=(15, 72), xticks=range(2015, 2027, 2))
    ax.legend(loc="lower right", ncols=2, columnspacing=1, handletextpad=0.2)
    return figure


def _dot(ax: Axes, paper: Published, marker: str, colour: str) -> None:
    inside = colour if paper.test == "test-dev" else "white"
    size = 24 if marker == "*" else 13
    look = {"markerfacecolor": inside, "markeredgewidth": 3, "markersize": size}
    ax.plot(paper.year, paper.ap, marker, color=colour, **look)


def cost_of_training() -> Figure:
    """Hours of two trainings of this course, of two published ones, and of the people who drew COCO's masks."""
    ours = {"RetinaNet, this course": "retinanet", "modern DETR, this course": "detr_modern_long"}
    hours = {name: (minutes_of(recipe) / 60, "CPU") for name, recipe in ours.items()} | HOURS
    figure, ax = plt.subplots(figsize=(11.5, 3.6))
    for row, (_, (value, kind)) in enumerate(hours.items()):
        ax.barh(row, value, color=KINDS[kind], left=0.001)
        shown = (
            f"{60 * value:.1f} minutes"
            if value < 0.1
            else f"{value:,.1f} hours"
            if value < 10
            else f"{value:,.0f} hours"
        )
        ax.text(1.3 * value, row, shown, va="center", fontsize="small", fontweight="bold", color=KINDS[kind])
    ax.set_yticks(range(len(hours)), list(hours))
    ax.set(xscale="log", xlim=(0.005, 3e7), xticks=[])
    ax.spines["bottom"].set_visible(False)
    ax.invert_yaxis()
    for kind, colour in KINDS.items():
        ax.barh(
            0,
            0,
            color=colour,
            label=f"hours of {'one CPU core' if kind == 'CPU' else 'GPUs' if kind == 'GPU' else kind}",
        )
    figure.legend(loc="outside lower center", ncols=3)
    return figure


# ---- all detectors


@cache
def _measured_speeds() -> dict[str, float]:
    """Milliseconds per image of each model of bench/detectors.json."""
    rates = json.loads(SPEEDS.read_text(encoding="utf-8"))["images_per_second"]
    return {name: 1000 / rate for name, rate in rates.items()}


def ap_of(name: str, split: str) -> Score | None:
    """The published AP of shipped weights, (mean, low, high); None when there is none."""
    return SHIPPED[name].scores.get(split, {}).get("AP")


def table_of_all() -> Figure:
    """A row for each detector: its idea, AP on both tests, milliseconds, weights, and minutes of training."""
    figure, ax = canvas(1150, 490)
    for name, x in COLUMNS.items():
        words(ax, x, 14, name, 25, ACCENT, ha="left" if x == 0 else "center")
    for row, (name, (label, bench, idea)) in enumerate(DETECTORS.items()):
        y = 55 + 40 * row
        if row % 2 == 0:
            ax.axhspan(y - 20, y + 20, color="0.95", zorder=0)
        words(ax, 0, y, label, 26, "black", ha="left")
        words(ax, 225, y, idea, 25, ha="left")
        for x, cell in zip(list(COLUMNS.values())[1:], _cells(name, bench), strict=True):
            words(ax, x, y, cell, 26)
    return figure


def _cells(name: str, bench: str) -> list[str]:
    """The numbers of a row as text; a dash where something is not measured."""
    scores = [ap_of(name, split) for split in SPLITS]
    milliseconds, minutes = _measured_speeds().get(bench), minutes_of(SHIPPED[name].recipe)
    weights = sum(value.numel() for value in detector(name).parameters())
    numbers = [*(score and score[0] for score in scores), milliseconds, weights / 1e6, minutes]
    forms = (".3f", ".3f", ".0f", ".1f", ".1f")
    return [
        "–" if number is None else f"{number:{form}}" for number, form in zip(numbers, forms, strict=True)
    ]


def fast_or_accurate() -> list[Figure]:
    """AP against milliseconds per image of all detectors, on new scenes, then on unseen objects too."""
    return [_speed_and_ap(count) for count in (1, 2)]


def _speed_and_ap(count: int) -> Figure:
    """The plot with the AP of some of the tests; names stand on the right, in the order of AP."""
    first, second = SPLITS
    speeds = {name: _measured_speeds().get(bench) for name, (_, bench, _) in DETECTORS.items()}
    known = sorted(
        (name for name in speeds if speeds[name] and ap_of(name, first)), key=lambda name: ap_of(name, first)
    )
    places = spread([ap_of(name, first)[0] for name in known], 0.041)
    right = max(speeds[name] for name in known) + 3
    figure, ax = plt.subplots(figsize=(11.5, 4.5))
    for name, y in zip(known, places, strict=True):
        ms, (mean, low, high), colour = speeds[name], ap_of(name, first), COLOURS[name]
        ax.errorbar(ms, mean, yerr=[[mean - low], [high - mean]], fmt="o", color=colour, markersize=12)
        ax.plot([ms, right], [mean, y], color=colour, linewidth=1, alpha=0.5)
        look = {"va": "center", "fontsize": "small", "fontweight": "bold"}
        ax.text(right + 0.2, y, f"{DETECTORS[name][0]} {mean:.2f}", color=colour, **look)
        if count > 1 and (unseen := ap_of(name, second)):
            ax.plot(ms, unseen[0], "o", color=colour, **HOLLOW)
    ax.plot([], [], "o", color="0.35", markersize=12, label=TESTS[0])
    if count > 1:
        ax.plot([], [], "o", color="0.35", label=TESTS[1], **HOLLOW)
    left = min(speeds[name] for name in known) - 2
    ax.set(xlabel="ms per image", ylabel="AP", xlim=(left, right + 7), ylim=(0.3, 0.82))
    ax.legend(loc="upper left")
    return figure


def spread(values: list[float], least: float) -> list[float]:
    """Rising values, moved apart until neighbours differ by at least so much, about their common middle.

    >>> spread([0.0, 0.0, 1.0], 0.5)
    [-0.25, 0.25, 1.0]
    """
    places = list(values)
    for _ in range(200):
        for i in range(len(places) - 1):
            if (short := least - (places[i + 1] - places[i])) > 1e-9:
                places[i] -= short / 2
                places[i + 1] += short / 2
    return [round(place, 6) for place in places]
