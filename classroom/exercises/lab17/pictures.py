"""Pictures of failing cases of lab 17: what is known of a moving coordinate, matches, lives of tracks, identities over time."""

from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from classroom.exercises.pictures import shaped
from coursekit.draw import ACCENT

Picture = tuple[Any, str] | None
BOTH = ("yours", "expected")
MOST = 10  # rows or columns that are drawn
WAYS = ("position", "velocity")


def motion_picture(arguments: tuple, got: Any, wanted: Any) -> Picture:
    """Mean and standard deviation of position and velocity: before, yours, and as expected."""
    rows = [_first(motion) for motion in (arguments[0], got, wanted)]
    if any(row is None for row in rows):
        return None
    figure, axes = plt.subplots(1, 2, figsize=(7, 2.2))
    for ax, way, mean, variance in zip(axes, WAYS, (0, 1), (2, 4), strict=True):
        for y, (row, colour) in enumerate(zip(rows, ("0.6", ACCENT, "black"), strict=True)):
            middle, spread = row[mean], max(row[variance], 0.0) ** 0.5
            ax.add_patch(Rectangle((middle - spread, y - 0.25), 2 * spread, 0.5, color=colour, alpha=0.35))
            ax.plot([middle, middle], [y - 0.35, y + 0.35], color=colour)
        ax.set(title=way, ylim=(2.6, -0.6), yticks=[0, 1, 2])
        ax.set_yticklabels(("before", *BOTH))
        ax.autoscale(axis="x")
    return (
        figure,
        "Position and velocity with their standard deviations: before, as the function returns them, and as expected.",
    )


def _first(motion: Any) -> list[float] | None:
    """The five numbers of the first coordinate; None if they cannot be drawn."""
    if not isinstance(motion, tuple | list) or len(motion) != 5:
        return None
    parts = [torch.as_tensor(part).detach().double().flatten() for part in motion]
    if not all(len(part) and bool(part[0].isfinite()) for part in parts):
        return None
    return [part[0].item() for part in parts]


def matched_picture(arguments: tuple, got: Any, wanted: Any) -> Picture:
    """The table of IoU with the matched pairs framed, and which detections may begin a track: yours, and as expected."""
    iou = arguments[0]
    if not iou.numel() or max(iou.shape) > MOST or not all(isinstance(m, dict) for m in (got, wanted)):
        return None
    figure, axes = plt.subplots(1, 2, figsize=(1.5 * iou.shape[1] + 2, 0.55 * len(iou) + 1.5))
    for ax, match, title in zip(axes, (got, wanted), BOTH, strict=True):
        _table(ax, iou)
        matched = match["matched"].nonzero()[:, 0].tolist()
        for d, t in zip(matched, match["the tracks of the matched detections"].tolist(), strict=True):
            ax.add_patch(Rectangle((d - 0.5, t - 0.5), 1, 1, fill=False, edgecolor=ACCENT, linewidth=3))
        for d in match["may begin a track"].nonzero()[:, 0].tolist():
            ax.text(d, len(iou) - 0.25, "new", ha="center", fontsize=8)
        ax.set(title=title, xlabel="detection", ylabel="track", ylim=(len(iou), -0.5))
    return (
        figure,
        "The table of IoU with the matched pairs framed: those of the function, and the expected ones.",
    )


def judge_tracks(arguments: tuple, match: Any) -> dict[str, Tensor]:
    """What is compared of a match: the track of a detection that is not matched has no meaning."""
    target, positive, negative = match
    return {
        "matched": positive,
        "may begin a track": negative,
        "the tracks of the matched detections": target[positive],
    }


def _table(ax: Axes, values: Tensor) -> None:
    ax.imshow(values.numpy(), cmap="Greys", vmin=0, vmax=2)
    for row, numbers in enumerate(values.tolist()):
        for column, value in enumerate(numbers):
            ax.text(column, row, f"{value:.2g}", ha="center", va="center", fontsize=9)
    ax.set(xticks=[], yticks=[])


def lives_picture(arguments: tuple, got: Any, wanted: Any) -> Picture:
    """What becomes of each track: yours beside the expected numbers."""
    count = len(arguments[0])
    tables = []
    for lives in (got, wanted):
        if not isinstance(lives, tuple | list) or len(lives) != 3:
            return None
        parts = [shaped(part, count) for part in lives]
        if any(part is None for part in parts):
            return None
        tables.append(torch.stack([part for part in parts if part is not None], 1))
    if not 0 < count <= MOST:
        return None
    figure, axes = plt.subplots(1, 2, figsize=(6, 0.45 * count + 1.2))
    for ax, table, title in zip(axes, tables, BOTH, strict=True):
        _table(ax, table)
        ax.set_xticks(range(3), ("hits", "missed", "alive"))
        ax.set(title=title, ylabel="track")
    return (
        figure,
        "Hits, missed frames and whether each track is alive, as the function returns them and as expected.",
    )


def looks_picture(arguments: tuple, got: Any, wanted: Any) -> Picture:
    """The first two numbers of each look as an arrow: old, new, yours, and as expected."""
    vectors = [shaped(value, len(arguments[0]), None) for value in (*arguments[:2], got, wanted)]
    if any(v is None or not len(v) or v.shape[1] < 2 or not bool(v.isfinite().all()) for v in vectors):
        return None
    figure, ax = plt.subplots(figsize=(3.4, 3))
    ax.add_patch(plt.Circle((0, 0), 1, fill=False, color="0.8"))
    looks = zip(vectors, ("0.7", "0.4", ACCENT, "black"), ("old", "new", *BOTH), strict=True)
    for vector, colour, name in looks:
        assert vector is not None
        x, y = vector[0, :2].tolist()
        ax.plot([0, x], [0, y], color=colour, linestyle="--" if name == "expected" else "-", label=name)
    ax.set(aspect="equal", xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), xticks=[], yticks=[])
    ax.legend(fontsize=8)
    return (
        figure,
        "The old look, the new one, the one that the function returns and the expected one, as arrows in a circle.",
    )


def identities_picture(arguments: tuple, got: Any, wanted: Any) -> Picture:
    """The track of each object in each frame, a colour per track, with both counts."""
    (matched,) = arguments
    if not matched.numel() or max(matched.shape) > 3 * MOST:
        return None
    figure, ax = plt.subplots(figsize=(0.5 * len(matched) + 2, 0.5 * matched.shape[1] + 1.2))
    for t, row in enumerate(matched.tolist()):
        for g, track in enumerate(row):
            colour = matplotlib.colormaps["tab20"](track % 20) if track else "1"
            ax.add_patch(Rectangle((t, g), 1, 1, facecolor=colour, edgecolor="0.7"))
            ax.text(t + 0.5, g + 0.5, track or "–", ha="center", va="center")
    ax.set(xlim=(0, len(matched)), ylim=(matched.shape[1], 0), xlabel="frame", ylabel="object")
    ax.set(xticks=[], yticks=[])
    counts = [value.get("the result") if isinstance(value, dict) else value for value in (got, wanted)]
    ax.set_title(f"yours: {counts[0]}, expected: {counts[1]}", fontsize=9)
    return figure, "The track of each object in each frame; a dash where it has none."
