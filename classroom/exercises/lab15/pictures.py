"""Pictures of failing cases of lab 15: boxes in photographs and views, labels, times, scores and learning rates."""

from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from classroom.exercises.pictures import shaped
from coursekit.draw import ACCENT, draw_boxes

Picture = tuple[Any, str] | None
YOURS = "red: yours; dashed: as it should be"
MOST = 12  # columns of a table


def photo_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The frame of the photograph, with your boxes and those that should be there."""
    yours = shaped(got, *wanted.shape)
    if not len(wanted) or yours is None:
        return None
    height, width = arguments[3]
    figure, ax = plt.subplots(figsize=(3.6, 3))
    ax.add_patch(Rectangle((0, 0), width, height, facecolor="0.92", edgecolor="0.6"))
    _draw_both(ax, yours, wanted)
    ax.set_title(f"grey: the photograph; {YOURS}", fontsize=8)
    return figure, "The frame of the photograph, your boxes, and dashed those that should be there."


def classes_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """The labels before, those that the function gives and those that it should give."""
    before = arguments[0]["labels"]
    yours = shaped(got.get("labels"), None) if isinstance(got, dict) else None
    if yours is None:
        return None
    rows = [labels.tolist() for labels in (before, yours, wanted["labels"])]
    wide = max(map(len, rows))
    if not 0 < wide <= MOST:
        return None
    figure, ax = plt.subplots(figsize=(0.6 * wide + 2.2, 1.9))
    ax.imshow(
        [[row < len(r) for row in range(wide)] for r in rows],
        cmap="Blues",
        vmin=0,
        vmax=1,
        alpha=0.3,
        aspect="auto",
    )
    for y, row in enumerate(rows):
        for x, label in enumerate(row):
            ax.text(x, y, f"{label:g}", ha="center", va="center")
    ax.set(xticks=[], yticks=[0, 1, 2], title="labels")
    ax.set_yticklabels(["of theirs", "yours", "should be"])
    return figure, "The labels before, those that the function gives, and those that it should give."


def front_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The detectors over the area that another one dominates; ringed those that the function keeps."""
    ms, ap = arguments
    yours = shaped(got, *wanted.shape)
    if not len(ms) or yours is None:
        return None
    figure, ax = plt.subplots(figsize=(3.8, 3))
    right, high = 1.15 * ms.max().item() + 1, max(ap.max().item(), 0.1) * 1.15
    for x, y in zip(ms[wanted].tolist(), ap[wanted].tolist(), strict=True):
        ax.add_patch(Rectangle((x, 0), right - x, y, color="0.9"))
    ax.scatter(ms.tolist(), ap.tolist(), color="black", s=14, zorder=3)
    kept = yours.bool()
    ax.scatter(ms[kept].tolist(), ap[kept].tolist(), facecolor="none", edgecolor=ACCENT, s=110, linewidth=2)
    ax.set(xlim=(0, right), ylim=(0, high), xlabel="milliseconds", ylabel="AP")
    ax.set_title("red rings: you keep them; grey: dominated", fontsize=9)
    return figure, "Detectors as dots of time and AP; the kept ones have a ring, the dominated area is grey."


def scores_picture(arguments: tuple, got: Any, wanted: dict) -> Picture:
    """The scores, sorted, with a line at your expectation and one at the right one."""
    scores, n = arguments
    figure, ax = plt.subplots(figsize=(3.8, 2.6))
    ax.bar(range(len(scores)), sorted(scores.tolist()), color="0.8")
    _two_lines(ax.axhline, got, wanted)
    ax.set(xlabel="scores, sorted", xticks=[], title=f"best of {n}")
    return figure, "The scores as bars, with a line at the function's value and one at the right value."


def times_picture(arguments: tuple, got: Any, wanted: dict) -> Picture:
    """How long each run takes, the warm-up in grey, with a line at your time and one at the right one."""
    machine, repeats, warm_up = (*arguments, 15, 2)[:3]
    last = len(machine.seconds) - 1
    milliseconds = [1000 * machine.seconds[min(i, last)] for i in range(warm_up + repeats)]
    figure, ax = plt.subplots(figsize=(4.2, 2.6))
    colours = ["0.85"] * warm_up + ["tab:blue"] * repeats
    ax.bar(range(len(milliseconds)), milliseconds, color=colours, alpha=0.7)
    _two_lines(ax.axhline, got, wanted)
    ax.set(xlabel="run", ylabel="ms", xticks=[], ylim=(0, 1.1 * max(milliseconds)))
    ax.set_title("grey: warm-up", fontsize=9)
    return (
        figure,
        "A bar for each run, the warm-up in grey, with lines at the function's time and the right one.",
    )


def _two_lines(line: Any, got: Any, wanted: dict) -> None:
    """A red line at the judged value, a dashed one at the right value, and their legend."""
    line(float(got["the result"]), color=ACCENT, label="yours")
    line(wanted["the result"], color="black", linestyle="--", label="should be")
    plt.legend(fontsize=8)


def annotations_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """The boxes of the first photograph as a reader of the file sees them, and as they should be."""
    if "the file" not in got or not wanted["the file"]["images"]:
        return None
    image = wanted["the file"]["images"][0]
    both = [_boxes_of_file(value["the file"]) for value in (got, wanted)]
    if both[0].shape != both[1].shape or not both[1].numel():
        return None
    figure, ax = plt.subplots(figsize=(3.6, 3.2))
    ax.add_patch(Rectangle((0, 0), image["width"], image["height"], facecolor="0.92", edgecolor="0.6"))
    _draw_both(ax, *both)
    ax.set_title(f"as a reader of the file sees them\n{YOURS}", fontsize=8)
    return figure, "The boxes as a reader of the file sees them, and dashed as they should be."


def _boxes_of_file(file: dict) -> Tensor:
    rows = [a["bbox"] for a in file["annotations"] if a["image_id"] == 1]
    boxes = torch.tensor(rows, dtype=torch.float32).reshape(-1, 4)
    return torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1)


def views_picture(arguments: tuple, got: tuple, wanted: tuple) -> Picture:
    """The boxes of all views, grey, with the averages that the function gives and those that it should give."""
    boxes = arguments[0]
    several = isinstance(got, tuple | list) and len(got) == 3
    yours, confident = (shaped(got[0], None, 4), shaped(got[1], None)) if several else (None, None)
    if not len(boxes) or yours is None or confident is None:
        return None
    figure, ax = plt.subplots(figsize=(3.8, 3.4))
    draw_boxes(ax, None, boxes, colour="0.7")
    _draw_both(ax, yours, wanted[0])
    scores = (", ".join(f"{s:.2f}" for s in each.tolist()[:4]) for each in (confident, wanted[1]))
    ax.set_title("grey: the views; {}\nscores {} / {}".format(YOURS, *scores), fontsize=8)
    return figure, "The boxes of all views in grey, the function's averages, and dashed the right ones."


def rates_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """The learning rate of each parameter, yours and as it should be."""
    names = [name for name in wanted if name.startswith("the learning rate of")]
    figure, ax = plt.subplots(figsize=(4.6, 0.3 * len(names) + 1))
    for y, name in enumerate(names):
        ax.barh(y - 0.2, got[name], 0.4, color=ACCENT, label="yours" if y == 0 else None)
        ax.barh(y + 0.2, wanted[name], 0.4, color="0.3", label="should be" if y == 0 else None)
    ax.set(yticks=range(len(names)), xlabel="learning rate")
    ax.set_yticklabels([name.split()[-1] for name in names], fontsize=8)
    ax.legend(fontsize=8)
    return (
        figure,
        "A pair of bars for each parameter: the learning rate that the function gives, and the right one.",
    )


def _draw_both(ax: Axes, got: Tensor, wanted: Tensor) -> None:
    draw_boxes(ax, None, got.nan_to_num(0, 9999, -9999))
    draw_boxes(ax, None, wanted, colour="black", dashed=True)
    ax.set_aspect("equal")
    ax.autoscale()
    if not ax.yaxis_inverted():
        ax.invert_yaxis()
