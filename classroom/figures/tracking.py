"""Tracks: film strips with trails, animations, and which track follows each object over time; lab 17."""

from collections.abc import Iterator, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from torch import Tensor

from coursekit.draw import PALETTE, draw_boxes, draw_image
from coursekit.schema import Prediction
from coursekit.tracking.kalman import Motion

HALO = [withStroke(linewidth=3, foreground="white")]


def colour_of_track(number: int) -> str:
    """Return the colour of a track, the same in every figure."""
    return PALETTE[number % len(PALETTE)]


def draw_tracks(ax: Axes, image: Tensor, rows: Sequence[Prediction], title: str = "", trail: int = 8) -> None:
    """Draw an image with the boxes of the last of some frames, in the colours of their tracks, and the way they came.

    Args:
        rows: boxes (D, 4) and tracks (D,) of all frames up to this one.
        trail: how many frames back.
    """
    draw_image(ax, image)
    ax.set_title(title, fontsize="small")
    now = rows[-1]
    numbers = now["tracks"].tolist()
    draw_boxes(ax, None, now["boxes"], colour=[colour_of_track(n) for n in numbers])
    for number, box in zip(numbers, now["boxes"].tolist(), strict=True):
        way = [(row["boxes"][row["tracks"] == number]) for row in rows[-trail:]]
        centers = [((b[0, :2] + b[0, 2:]) / 2).tolist() for b in way if len(b)]
        ax.plot(*zip(*centers, strict=True), color=colour_of_track(number), path_effects=HALO)
        ax.text(
            (box[0] + box[2]) / 2,
            (box[1] + box[3]) / 2,
            number,
            color=colour_of_track(number),
            path_effects=HALO,
            ha="center",
            va="center",
            weight="bold",
            clip_on=True,
        )
    height, width = image.shape[-2:]
    ax.set(xlim=(0, width), ylim=(height, 0))


def film_strip(
    images: Tensor, rows_of: Mapping[str, Sequence[Prediction]], frames: Sequence[int], side: float = 1.8
) -> Figure:
    """Return some frames of a clip side by side, a row for each tracker.

    Args:
        images: (T, 3, H, W).
        rows_of: of each tracker the boxes and tracks of all T frames.
        frames: which of them.
    """
    figure, axes = plt.subplots(
        len(rows_of), len(frames), figsize=(side * len(frames), 1.1 * side * len(rows_of)), squeeze=False
    )
    for line, (name, rows) in zip(axes, rows_of.items(), strict=True):
        for ax, t in zip(line, frames, strict=True):
            draw_tracks(ax, images[t], rows[: t + 1], f"{name}, frame {t}")
    return figure


def film(images: Tensor, rows_of: Mapping[str, Sequence[Prediction]], side: float = 1.9) -> Iterator[Figure]:
    """Yield one figure per frame of a clip, the trackers side by side: for `classroom.display.show_film`."""
    for t, image in enumerate(images):
        figure, axes = plt.subplots(
            1, len(rows_of), figsize=(side * len(rows_of), 1.12 * side), squeeze=False
        )
        for ax, (name, rows) in zip(axes[0], rows_of.items(), strict=True):
            draw_tracks(ax, image, rows[: t + 1], f"{name}, frame {t}")
        yield figure


def draw_identities(ax: Axes, matched: np.ndarray, title: str = "") -> None:
    """Draw which track follows each object in each frame, a colour per track, white where there is none.

    Args:
        matched: (T, G) the track of each object, 0 for none.
    """
    for t, row in enumerate(matched.tolist()):
        for g, track in enumerate(row):
            if track:
                ax.add_patch(Rectangle((t, g + 0.1), 1, 0.8, color=colour_of_track(track), linewidth=0))
                if t == 0 or matched[t - 1, g] != track:
                    ax.text(t + 0.15, g + 0.5, track, va="center", fontsize=8, color="white", weight="bold")
    ax.set(xlim=(0, len(matched)), ylim=(matched.shape[1], 0), xlabel="frame", ylabel="object", title=title)
    ax.set_yticks([g + 0.5 for g in range(matched.shape[1])], [str(g + 1) for g in range(matched.shape[1])])
    ax.spines[:].set_visible(False)


def draw_motion(
    ax: Axes, motions: Sequence[Motion], measured: Sequence[float | None], truth: Sequence[float]
) -> None:
    """Draw what is known of one coordinate over time: its mean with one standard deviation, the measurements, the truth.

    Args:
        motions: of each frame, after its measurement if there is one.
        measured: None where there is none.
    """
    mean = torch.stack([motion.position for motion in motions]).flatten()
    spread = torch.stack([motion.position_variance for motion in motions]).flatten().sqrt()
    frames = range(len(motions))
    ax.fill_between(
        frames, (mean - spread).tolist(), (mean + spread).tolist(), alpha=0.25, label="± 1 standard deviation"
    )
    ax.plot(frames, mean.tolist(), label="estimate")
    seen = [(t, z) for t, z in enumerate(measured) if z is not None]
    ax.scatter(*zip(*seen, strict=True), color="C1", zorder=3, label="measured")
    ax.plot(frames, list(truth), color="0.4", linestyle="--", label="truth")
    ax.set(xlabel="frame", ylabel="position (pixels)")
    ax.legend(loc="upper left", fontsize="small")
