"""Part 3: stacked hourglasses, their errors, and points between the cells of a heat map."""

from functools import cache

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from meanings import ON_TESTS
from regression import TESTS, scores_of
from torch import Tensor
from trained import FIVE, NETWORK

from classroom.figures import canvas, enlarge, picture, words
from classroom.figures.keypoints import (
    draw_between_cells,
    draw_errors,
    draw_keypoints,
    hourglass_diagram,
)
from classroom.figures.slide import POINT
from coursekit import ops
from coursekit.data.still_life import still_life
from coursekit.data.still_life_features import still_life_features
from coursekit.metrics.keypoint import locate
from coursekit.models.hourglass import HourglassKeypoints, channels_of
from coursekit.published import shipped

BASE = 2  # of the three points of an object
MEASURES = {"pck": "PCK", "distance": "distance / size"}
DIFFERENCES = {"3_minus_1": "third stack\nminus first", "each_minus_end": "loss after each\nminus at the end"}


@cache
def _network() -> HourglassKeypoints:
    return shipped("hourglass")


@cache
@torch.no_grad()
def _heat() -> tuple[Tensor, dict]:
    """The heat maps after each stack for a scene (S, 3K, h, w), and its key points."""
    features, target = still_life_features("val", "keypoints")[FIVE]
    return _network().outputs([features])[:, 0], target


def stacked_hourglass() -> Figure:
    """Hourglasses in a row, the prediction after each, and its loss."""
    figure = hourglass_diagram(3, 1150)
    for text in figure.axes[0].texts:
        text.set_fontsize(max(text.get_fontsize(), 26 * POINT))
    return figure


def points_of_a_scene() -> Figure:
    """A scene, its true key points, and where the last stack puts them."""
    heat, target = _heat()
    found = locate(heat[-1], target, channels_of(target["labels"]), _network().stride)
    image = still_life("val")[FIVE][0]
    figure, ax = canvas(1150, 400)
    for i, (name, points) in enumerate({"image": None, "true points": 0, "predicted": found}.items()):
        place = picture(ax, (400 * i, 0), (350, 350), enlarge(image))
        if points is not None:
            place.set(xlim=(0, 768), ylim=(768, 0))
            draw_keypoints(
                place, None, _four_times(target["keypoints"]), None if name != "predicted" else 4 * found
            )
        words(ax, 400 * i + 175, 380, name, 30, NETWORK)
    return figure


def _four_times(keypoints: Tensor) -> Tensor:
    return torch.cat([4 * keypoints[..., :2], keypoints[..., 2:]], -1)


def error_after_each_stack() -> list[Figure]:
    """PCK and distance after each stack on both tests, and trained with a loss at the end only; then the differences."""
    return [_after_each_stack(), _differences()]


def _after_each_stack() -> Figure:
    figure, axes = plt.subplots(1, 2, figsize=(11.5, 4.2))
    stacks = len(_network().stacked.hourglasses)
    for ax, (key, name) in zip(axes, MEASURES.items(), strict=True):
        ax.set_prop_cycle(color=list(ON_TESTS.values()))
        rows = {
            test: [scores_of("hourglass", f"{key}_{k}")[i] for k in range(1, stacks + 1)]
            for i, test in enumerate(TESTS)
        }
        draw_errors(ax, rows, name)
        ax.get_legend().remove()
        for (value, *_), colour in zip(
            scores_of("hourglass", f"end_{key}_{stacks}"), ON_TESTS.values(), strict=True
        ):
            ax.plot(
                stacks + 0.15,
                value,
                "D",
                color="white",
                markeredgecolor=colour,
                markeredgewidth=3,
                markersize=11,
            )
    axes[0].plot(
        [], [], "D", color="white", markeredgecolor="0.3", markeredgewidth=3, label="loss at the end only"
    )
    figure.legend(*axes[0].get_legend_handles_labels(), ncols=3, loc="outside upper center")
    return figure


def _differences() -> Figure:
    """Paired differences with intervals, a panel for each measure."""
    figure, axes = plt.subplots(1, 2, figsize=(11.5, 4.2), sharey=True)
    for ax, (key, name) in zip(axes, MEASURES.items(), strict=True):
        for i, (test, colour) in enumerate(ON_TESTS.items()):
            for y, difference in enumerate(DIFFERENCES):
                mean, low, high = scores_of("hourglass", f"{key}_{difference}")[i]
                place, ends = y + 0.28 * (i - 0.5), [[mean - low], [high - mean]]
                ax.errorbar(
                    mean,
                    place,
                    xerr=ends,
                    fmt="o",
                    color=colour,
                    capsize=5,
                    markersize=9,
                    label=None if y else test,
                )
        ax.axvline(0, color="0.6", linewidth=1.5, zorder=0)
        ax.set(title=name, ylim=(1.6, -0.6), yticks=range(2), yticklabels=DIFFERENCES.values())
        ax.locator_params(axis="x", nbins=5)
    figure.legend(*axes[0].get_legend_handles_labels(), ncols=2, loc="outside upper center")
    return figure


def points_from_heat() -> Figure:
    """One row of a heat map, with the true place, its largest cell, and the soft-arg-max."""
    heat, target = _heat()
    place = target["keypoints"][0, BASE, :2]
    x, y = ops.to_cells(place, _network().stride)
    channel = channels_of(target["labels"])[0, BASE]
    row = heat[-1, channel, int(y.round())].clamp(min=0)  # (w,)
    start = max(int(row.argmax()) - 4, 0)
    window = row[start : start + 9]
    hard = float(window.argmax())
    soft = float(ops.soft_argmax(window[None])[0])
    figure, ax = plt.subplots(figsize=(11.5, 4.0))
    draw_between_cells(ax, float(x) - start, window, hard, soft)
    return figure
