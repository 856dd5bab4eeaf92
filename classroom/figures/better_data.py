"""The effect of more data and better features: learning curves, gains, seams, coloured feature maps; lab 08 and the slides."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from coursekit.draw import ACCENT, draw_image, draw_masks
from coursekit.published import records

SPLITS = {"test_scenes": "new scenes", "test_objects": "unseen objects"}
Interval = tuple[float, float, float]
Points = dict[int, list[Interval]]  # at each number of scenes one interval per seed, seed 0 first


def seeds_of(recipe: str, split: str = "test_scenes", score: str = "AP") -> list[Interval]:
    """Return the published (value, low, high) of a recipe, one per seed in their order; empty if it was not run."""
    found = sorted((each for each in records() if each["recipe"] == recipe), key=lambda each: each["seed"])
    return [tuple(each["scores"][split][score]) for each in found]


def number_of(recipe: str, name: str) -> float | None:
    """Return a number beside the scores of seed 0, such as "cpu_minutes"; None if it was not stored."""
    found = [each.get(name) for each in records() if (each["recipe"], each["seed"]) == (recipe, 0)]
    return found[0] if found else None


def learning_curve(
    change: str, scenes: Sequence[int], split: str = "test_scenes", score: str = "AP"
) -> Points:
    """Return the published points of one learning curve; points that were not measured are left out."""
    points = {count: seeds_of(f"learning_curve-{change}-{count}", split, score) for count in scenes}
    return {count: intervals for count, intervals in points.items() if intervals}


def mean_of(intervals: Sequence[Interval]) -> float:
    """Return the mean over the seeds.

    >>> mean_of([(0.5, 0.4, 0.6), (0.25, 0.2, 0.3)])
    0.375
    """
    return sum(value for value, _, _ in intervals) / len(intervals)


def two_tests(height: float, scenes: Sequence[int] = ()) -> tuple[Figure, dict[str, Axes]]:
    """Return a figure with axes for both test splits, by the name of the split.

    Args:
        scenes: numbers of training scenes on a logarithmic axis; none if something else is drawn.
    """
    figure, axes = plt.subplots(1, 2, figsize=(9, height), sharey=True)
    for ax, title in zip(axes, SPLITS.values(), strict=True):
        ax.set_title(title)
        if scenes:
            ax.set_xscale("log")
            ax.set_xticks(list(scenes), [f"{count:,}" for count in scenes], fontsize="small")
            ax.minorticks_off()
            ax.set(xlabel="training scenes", ylabel="AP", xlim=(0.8 * min(scenes), 1.35 * max(scenes)))
    return figure, dict(zip(SPLITS, axes, strict=True))


def draw_learning_curve(ax: Axes, points: Points, name: str, colour: str, shift: float = 1.0) -> None:
    """Draw the mean over the seeds against the number of scenes, the interval of seed 0, and each seed as a dot.

    Args:
        shift: a factor that moves the points sideways, so that two curves do not hide each other.
    """
    if not points:
        return
    across = [count * shift for count in points]
    means = [mean_of(intervals) for intervals in points.values()]
    ax.plot(across, means, "-", color=colour, label=name)
    for x, intervals in zip(across, points.values(), strict=True):
        ax.vlines(x, *intervals[0][1:], color=colour, alpha=0.5, linewidth=1.5)
        ax.plot([x] * len(intervals), [value for value, _, _ in intervals], "o", color=colour, markersize=4)


def draw_bars(ax: Axes, rows: Mapping[str, Sequence[Interval]], colour: str = ACCENT) -> None:
    """Draw a bar for each name: the mean over its seeds, a dot per seed, and the interval of seed 0."""
    for place, intervals in enumerate(rows.values()):
        mean = mean_of(intervals)
        ax.barh(place, mean, 0.7, color=colour, alpha=0.35)
        ax.plot(intervals[0][1:], [place] * 2, color=colour)
        ax.plot(
            [value for value, _, _ in intervals], [place] * len(intervals), "o", color=colour, markersize=4
        )
        ax.text(
            max(high for _, _, high in intervals) + 0.01, place, f"{mean:.2f}", va="center", fontsize="small"
        )
    if not rows:
        ax.text(0.5, 0.5, "not measured", transform=ax.transAxes, ha="center")
    ax.set_yticks(range(len(rows)), list(rows))
    ax.invert_yaxis()
    ax.set(xlabel="AP", xlim=(0, 1.15 * max((i[2] for each in rows.values() for i in each), default=1)))


def draw_gain(ax: Axes, place: float, interval: Interval, name: str) -> None:
    """Draw one gain with its interval beside a line at no gain."""
    gain, low, high = interval
    ax.axvline(0, color="grey", linestyle=":")
    ax.plot([low, high], [place] * 2, color=ACCENT)
    ax.plot(gain, place, "o", color=ACCENT)
    ax.text(
        high + 0.004, place, f"{name}: {gain:+.3f} [{low:+.3f}, {high:+.3f}]", va="center", fontsize="small"
    )
    ax.set(yticks=[], xlabel="gain")


def seams(image: Tensor, donor: Tensor, mask: Tensor, width: float = 2.0) -> Figure:
    """Return the place around a mask pasted with a hard edge, with a soft edge, and as a whole box."""
    rows, columns = mask.nonzero(as_tuple=True)
    top, left = max(0, int(rows.min()) - 12), max(0, int(columns.min()) - 12)
    place = (slice(top, int(rows.max()) + 12), slice(left, int(columns.max()) + 12))
    box = torch.zeros_like(mask)
    box[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.2))
    shares = {"hard edge": mask.float(), "soft edge": blurred(mask, width), "whole box": box.float()}
    for ax, (name, share) in zip(axes, shares.items(), strict=True):
        draw_image(ax, (share * donor + (1 - share) * image)[(slice(None), *place)], name)
    return figure


def blurred(mask: Tensor, width: float) -> Tensor:
    """Return a mask (H, W) with a soft edge: a Gaussian of this many pixels over it."""
    reach = torch.arange(-3 * round(width), 3 * round(width) + 1)
    bell = (-(reach**2) / (2 * width**2)).exp()
    bell = bell / bell.sum()
    kernel = bell[:, None] * bell
    return F.conv2d(mask.float()[None, None], kernel[None, None], padding=len(bell) // 2)[0, 0]


def coloured_maps(images: Sequence[Tensor], rows: Mapping[str, Tensor]) -> Figure:
    """Return the images in the first row, and below them the colours (N, 3, h, w) of each kind of feature map."""
    count = len(images)
    figure, axes = plt.subplots(
        1 + len(rows), count, figsize=(2.3 * count, 2.4 * (1 + len(rows))), squeeze=False
    )
    for ax, image in zip(axes[0], images, strict=True):
        draw_image(ax, image)
    for line, (name, colours) in zip(axes[1:], rows.items(), strict=True):
        for ax, each in zip(line, colours, strict=True):
            draw_image(ax, each)
        line[0].set_ylabel(name)
    return figure


def draw_similarity(ax: Axes, image: Tensor, similarity: Tensor, title: str = "") -> None:
    """Draw a scene (3, H, W), dark where the similarity (h, w) is low, with a dot at the highest."""
    spread = (similarity - similarity.amin()) / (similarity.amax() - similarity.amin())
    height, width = image.shape[-2:]
    light = F.interpolate(spread[None, None], (height, width), mode="nearest")[0, 0]
    draw_image(ax, image * (0.25 + 0.75 * light**2), title)
    row, column = divmod(int(similarity.argmax()), similarity.shape[1])
    ax.plot(
        (column + 0.5) * width / similarity.shape[1],
        (row + 0.5) * height / similarity.shape[0],
        "o",
        color=ACCENT,
        markeredgecolor="white",
        markersize=9,
    )


def draw_segments(
    ax: Axes, image: Tensor, labels: Tensor, title: str = "", classes: Sequence[str] | None = None
) -> None:
    """Draw a scene with the cells of each label (h, w) in its colour; 0 is background."""
    size = image.shape[-2:]
    whole = F.interpolate(labels[None, None].float(), size, mode="nearest")[0, 0].long()
    present = whole.unique()
    present = present[present > 0]
    draw_image(ax, image, title)
    if len(present):
        draw_masks(ax, None, whole == present[:, None, None], present, classes)
