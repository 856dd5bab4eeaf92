"""Part 4: what features know before any training, other backbones, fine-tuning, and larger images, as measured."""

from functools import cache

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from meanings import ON_TESTS
from more_data import SPLITS, draw_interval_curve, over_seeds, say_if_empty
from regression import TESTS, Score
from torch import Tensor

from classroom.figures import canvas, picture, words
from coursekit.data.photos import photo
from coursekit.data.transforms import resize
from coursekit.draw import ACCENT, PALETTE
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.published import records

PHOTOGRAPHS = ("chelsea", "astronaut", "coffee", "motorcycle")
PHOTO_SIZE = (256, 384)  # height, width: multiples of 32
TEST_COLOURS = dict(zip(SPLITS, ON_TESTS.values(), strict=True))
BACKBONES = {
    "untrained": "Lite0, untrained",
    "lite0": "Lite0",
    "lite1": "Lite1",
    "lite2": "Lite2",
    "csp_darknet": "CSPDarknet, COCO",
}
LEARNING = {
    "scratch": ("from scratch", "0.45"),
    "frozen": ("frozen", PALETTE[5]),
    "C5": ("last stage fine-tuned", PALETTE[1]),
    "all": ("everything fine-tuned", ACCENT),
}
SHARES, SIDES = (1, 10, 100), (128, 192, 256)


@cache
@torch.no_grad()
def _maps_of(name: str) -> dict[str, Tensor]:
    """The feature maps (C, h, w) of a photograph by level, and the photograph as "image"."""
    image, _ = resize(photo(name), {}, PHOTO_SIZE)
    return {level: maps[0] for level, maps in efficientnet_lite0()(image[None]).items()} | {"image": image}


def principal_colours(maps: list[Tensor]) -> list[Tensor]:
    """The three largest principal components of all cells of all maps (C, h, w) together, as colours (3, h, w)."""
    cells = torch.cat([each.flatten(1).T for each in maps])  # (cells, C)
    cells = (cells - cells.mean(0)) / (cells.std(0) + 1e-6)
    torch.manual_seed(0)
    _, _, axes = torch.pca_lowrank(cells, 3, niter=8)
    shares = cells @ axes  # (cells, 3)
    low, high = shares.quantile(torch.tensor([[0.02], [0.98]]).flatten(), 0)
    shares = ((shares - low) / (high - low)).clamp(0, 1)
    parts = shares.split([each[0].numel() for each in maps])
    return [part.T.reshape(3, *each.shape[1:]) for part, each in zip(parts, maps, strict=True)]


def features_as_colours() -> Figure:
    """Four photographs, and the main three directions of the cells of C4 and of C5 as red, green and blue."""
    figure, ax = canvas(1150, 480)
    for row, level in enumerate(("image", "C4", "C5")):
        maps = [_maps_of(name)[level] for name in PHOTOGRAPHS]
        shown = maps if level == "image" else principal_colours(maps)
        words(ax, 0, 78 + 160 * row, "" if level == "image" else level, 36, ACCENT, ha="left")
        for column, image in enumerate(shown):
            picture(ax, (82 + 270 * column, 160 * row), (232, 155), image)
    return figure


def backbones_measured() -> Figure:
    """AP of the same detector on five frozen backbones, on both tests."""
    figure, ax = plt.subplots(figsize=(11.5, 4.2))
    for split, shift, title in zip(SPLITS, (-0.16, 0.16), TESTS, strict=True):
        rows = {row: over_seeds(f"backbone-{name}", split) for row, name in enumerate(BACKBONES)}
        draw_rows(ax, {row + shift: score for row, score in rows.items()}, TEST_COLOURS[split], title)
    say_if_empty(ax)
    ax.set_yticks(range(len(BACKBONES)), list(BACKBONES.values()))
    ax.set_ylim(len(BACKBONES) - 0.5, -0.5)
    ax.set_xlabel("AP")
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def draw_rows(ax: Axes, scores: dict[float, Score | None], colour: str, label: str) -> None:
    """Draw a dot with its interval and its number at each height that has a score."""
    known = {y: score for y, score in scores.items() if score}
    for i, (y, (mean, low, high)) in enumerate(known.items()):
        look = {"fmt": "o", "color": colour, "markersize": 11, "linewidth": 3}
        ax.errorbar(mean, y, xerr=[[mean - low], [high - mean]], label=None if i else label, **look)
        ax.annotate(
            f"{mean:.2f}", (high, y), (10, -7), textcoords="offset points", color=colour, fontsize="small"
        )


def scratch_frozen_fine_tuned() -> Figure:
    """AP against the share of the scenes of train, for each way of learning, on both tests."""
    figure, axes = plt.subplots(1, 2, figsize=(11.5, 4.1), sharey=True)
    for ax, (split, title) in zip(axes, SPLITS.items(), strict=True):
        for learning, (label, colour) in LEARNING.items():
            found = {share: over_seeds(f"fine_tuning-{learning}-{share}", split) for share in SHARES}
            draw_interval_curve(ax, {share: score for share, score in found.items() if score}, colour, label)
        say_if_empty(ax)
        ax.set(xscale="log", title=title, xlabel="share of the scenes")
        ax.set_xticks(SHARES, [f"{share} %" for share in SHARES])
        ax.minorticks_off()
    axes[0].set_ylabel("AP")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, columnspacing=1)
    return figure


def minutes_of(recipe: str) -> float | None:
    """The CPU minutes of a recipe's published training, in the mean over its seeds; None when there is none."""
    found = [each["cpu_minutes"] for each in records() if each["recipe"] == recipe]
    return sum(found) / len(found) if found else None


def larger_images() -> Figure:
    """AP against the side of the image, on both tests."""
    figure, ax = plt.subplots(figsize=(6.1, 4.1))
    for split, title in SPLITS.items():
        found = {side: over_seeds(f"image_size-{side}", split) for side in SIDES}
        draw_interval_curve(ax, {side: s for side, s in found.items() if s}, TEST_COLOURS[split], title)
    say_if_empty(ax)
    ax.set(xlabel="side of the image, pixels", ylabel="AP", xticks=SIDES)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=2, columnspacing=1)
    return figure
