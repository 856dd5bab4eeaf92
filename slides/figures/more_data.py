"""Part 4: copy-paste step by step, by hand and on photographs; learning curves with and without changed images."""

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from regression import TESTS, Score
from torch import Tensor
from trained import QUIET

from classroom.figures import canvas, enlarge, picture, words
from classroom.figures.better_data import draw_learning_curve, learning_curve, mean_of, seeds_of
from coursekit.data.copy_paste import copy_paste
from coursekit.data.photos import photo, photo_target
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.transforms import resize
from coursekit.draw import ACCENT, PALETTE, colour_of, draw_boxes, draw_masks
from coursekit.schema import Target

SCENE, DONOR, TAKEN = 45, 20, (0, 1)  # of val: a scene, the one whose objects go into it, and which of them
SPLITS = dict(zip(("test_scenes", "test_objects"), TESTS, strict=True))
CHANGES = {
    "none": "as it is",
    "paste": "copy-paste",
    "flip": "mirrored",
    "scale": "scale",
    "colour": "colour",
    "crop": "crop",
}
LOOKS = dict(zip(CHANGES, ("0.35", ACCENT, PALETTE[5], PALETTE[1], PALETTE[2], PALETTE[6]), strict=True))
SCENES = (25, 50, 100, 200, 400, 800, 1600)  # as many as a curve may have
GRID = ((0, 1, 4, 4), (5, 2, 7, 4), (2, 1, 6, 5))  # the boxes of A, B and of C, which is pasted, in cells
GRID_SIZE, GRID_LEAST = (6, 8), 3  # height, width; a visible rest of fewer cells is left out


# ---- copy-paste


def copied_and_pasted() -> list[Figure]:
    """A scene; another one with two objects marked; both in one; and all masks and boxes that are then true."""
    (image, target), (donor, given) = (still_life("val")[i] for i in (SCENE, DONOR))
    both, result = copy_paste(image, target, donor, given, TAKEN)
    chosen = {key: given[key][list(TAKEN)] for key in ("boxes", "labels", "masks")}
    return [_paste_panels([(image, target), (donor, chosen), (both, result)], shown) for shown in range(1, 5)]


def _paste_panels(scenes: list[tuple[Tensor, Target]], shown: int) -> Figure:
    """The first few of: a scene, what is cut out of another, both together, the new target."""
    figure, ax = canvas(1150, 440)
    for i, (name, (image, target)) in enumerate(zip(("a scene", "another", "both"), scenes, strict=True)):
        if i < shown:
            place = picture(ax, (395 * i, 0), (360, 360), enlarge(image))
            words(ax, 395 * i + 180, 395, name, 32, ACCENT if i == 2 else None)
        if i == 1 and shown > 1:
            draw_masks(place, None, _enlarged(target["masks"]), target["labels"])
        if i != 1 and shown == 4:
            draw_masks(place, None, _enlarged(target["masks"]), target["labels"])
            draw_boxes(place, None, 4 * target["boxes"], target["labels"], classes=[""] * len(CLASSES))
    return figure


def _enlarged(masks: Tensor) -> Tensor:
    return masks.repeat_interleave(4, 1).repeat_interleave(4, 2)


def pasted_by_hand() -> list[Figure]:
    """Two objects of cells; a third one to be pasted; what is left to see of each, with its box and area."""
    return [_grid_step(step) for step in range(3)]


def _grid_targets() -> tuple[Target, Target]:
    """A and B with their cells, and C, as targets; what B keeps is less than GRID_LEAST.

    >>> [int(mask.sum()) for target in _grid_targets() for mask in target["masks"]]
    [12, 4, 16]
    """
    masks = torch.zeros(3, *GRID_SIZE, dtype=torch.bool)
    for mask, (left, top, right, bottom) in zip(masks, GRID, strict=True):
        mask[top:bottom, left:right] = True
    labels = torch.tensor([1, 6, 3])
    boxes = torch.tensor(GRID, dtype=torch.float32)
    below, above = (
        {"masks": masks[s], "labels": labels[s], "boxes": boxes[s]} for s in (slice(2), slice(2, 3))
    )
    return below, above


def _grid_step(step: int) -> Figure:
    below, above = _grid_targets()
    empty = torch.zeros(3, *GRID_SIZE)
    least = GRID_LEAST if step == 2 else 1
    result = below if step == 0 else copy_paste(empty, below, empty, above, [0], least)[1]
    names = {1: "A", 6: "B", 3: "C"}
    figure, ax = canvas(1150, 430)
    place = picture(ax, (0, 0), (560, 420))
    _draw_cells(place, result, step == 2)
    for i, label in enumerate((1, 6, 3)):
        at = (result["labels"] == label).nonzero()
        lines = "left out" if step == 2 else "not pasted yet"
        if len(at):
            mask, box = result["masks"][at[0, 0]], result["boxes"][at[0, 0]].int().tolist()
            lines = f"{int(mask.sum())} cells, box {box}"
        words(ax, 610, 80 + 110 * i, f"{names[label]}: {lines}", 34, colour_of(label), ha="left")
    rule = f"fewer than {GRID_LEAST} cells: left out" if step == 2 else ""
    words(ax, 610, 400, rule, 28, ha="left")
    return figure


def _draw_cells(ax: Axes, target: Target, boxed: bool) -> None:
    """Draw the visible cells of each object in its colour, and the boxes that are measured again."""
    height, width = GRID_SIZE
    for mask, label in zip(target["masks"], target["labels"], strict=True):
        for row, column in mask.nonzero().tolist():
            ax.add_patch(
                Rectangle((column, row), 1, 1, facecolor=colour_of(label), edgecolor="white", linewidth=2)
            )
    ax.set(
        xlim=(-0.05, width + 0.05),
        ylim=(height + 0.05, -0.05),
        xticks=range(width + 1),
        yticks=range(height + 1),
    )
    ax.grid(color="0.8", zorder=0)
    if boxed:
        draw_boxes(ax, None, target["boxes"], colour="black", dashed=True)


def pasted_photographs() -> Figure:
    """The cat of one photograph, cut out; the cup of another; the cat in front of the cup, and the boxes that are then true."""
    size = (300, 450)
    coffee, cat = (resize(photo(name), photo_target(name), size) for name in ("coffee", "chelsea"))
    cut = torch.where(cat[1]["masks"].any(0), cat[0], torch.ones(()))
    both, target = copy_paste(*coffee, *_moved(cat, (150, 225), (148, 216)), [0])
    figure, ax = canvas(1150, 330)
    panels = (
        ("cut out", cut, None),
        ("put into", coffee[0], coffee[1]),
        ("both, boxes measured", both, target),
    )
    for i, (name, image, shown) in enumerate(panels):
        place = picture(ax, (395 * i, 0), (372, 248), image)
        if shown:
            colours = torch.arange(len(shown["boxes"])) + 3
            draw_boxes(place, None, shown["boxes"], colours, classes=[""] * len(CLASSES))
        words(ax, 395 * i + 186, 282, name, 30, ACCENT if i == 2 else None)
    return figure


def _moved(
    pair: tuple[Tensor, Target], size: tuple[int, int], corner: tuple[int, int]
) -> tuple[Tensor, Target]:
    """The photograph and its target at a smaller size, on an empty one of the old size, from `corner` on."""
    image, target = resize(*pair, size)
    top, left = corner
    whole = torch.zeros_like(pair[0])
    masks = torch.zeros_like(pair[1]["masks"])
    whole[:, top : top + size[0], left : left + size[1]] = image
    masks[:, top : top + size[0], left : left + size[1]] = target["masks"]
    return whole, target | {"masks": masks}


# ---- learning curves


def over_seeds(recipe: str, split: str) -> Score | None:
    """The mean over the seeds of a published AP, and the lowest and highest limit of their intervals; or None."""
    seeds = seeds_of(recipe, split)
    if not seeds:
        return None
    return mean_of(seeds), min(low for _, low, _ in seeds), max(high for _, _, high in seeds)


def draw_interval_curve(ax: Axes, scores: dict[int, Score], colour: str, label: str) -> None:
    """Draw means against a number on a logarithmic axis, with their intervals as a band."""
    if scores:
        means, lows, highs = zip(*scores.values(), strict=True)
        ax.plot(list(scores), means, "o-", color=colour, label=label, markersize=9)
        ax.fill_between(list(scores), lows, highs, color=colour, alpha=0.15, linewidth=0)


def say_if_empty(ax: Axes) -> None:
    """Write into axes without anything to show that it was not measured."""
    if not (ax.lines or ax.containers or ax.texts):
        ax.text(0.5, 0.5, "not measured yet", ha="center", va="center", transform=ax.transAxes)


def learning_curves() -> Figure:
    """AP against the number of training scenes, with and without copy-paste, on both tests."""
    figure, axes = plt.subplots(1, 2, figsize=(11.5, 4.1), sharey=True)
    for ax, (split, title) in zip(axes, SPLITS.items(), strict=True):
        for change in ("none", "paste"):
            points = learning_curve(change, SCENES, split)
            draw_learning_curve(ax, points, CHANGES[change], LOOKS[change])
        ax.set_xscale("log")
        ax.set_xticks(SCENES, list(map(str, SCENES)))
        ax.minorticks_off()
        ax.set(title=title, xlabel="training scenes")
    axes[1].set_ylabel("")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def gain_by_change() -> Figure:
    """What each change of the images gains with few and with more scenes: its mean AP minus that of the plain scenes."""
    figure, axes = plt.subplots(1, 2, figsize=(11.5, 4.1), sharey=True, sharex=True)
    for ax, (split, title) in zip(axes, SPLITS.items(), strict=True):
        for shift, scenes in ((-0.18, 50), (0.18, 200)):
            for i, change in enumerate(list(CHANGES)[1:]):
                colour = LOOKS[change] if scenes == 50 else QUIET
                _draw_gain_of(ax, i + shift, change, scenes, split, colour)
        say_if_empty(ax)
        ax.axvline(0, color="0.3", linewidth=1.5)
        ax.set(title=title, xlabel="AP gained")
    axes[0].set_yticks(range(len(CHANGES) - 1), list(CHANGES.values())[1:])
    axes[0].set_ylim(len(CHANGES) - 1.5, -0.5)
    for scenes, colour in ((50, "0.35"), (200, QUIET)):
        axes[0].barh(0, 0, color=colour, label=f"{scenes} scenes")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _draw_gain_of(ax: Axes, y: float, change: str, scenes: int, split: str, colour: str) -> None:
    """Draw a bar for the mean gain over the seeds, and a dot for each seed, as far as they are published."""
    changed, plain = (seeds_of(f"learning_curve-{each}-{scenes}", split) for each in (change, "none"))
    gains = [after[0] - before[0] for after, before in zip(changed, plain, strict=False)]
    if gains:
        ax.barh(y, sum(gains) / len(gains), 0.34, color=colour)
        ax.plot(gains, [y] * len(gains), "o", color="black", markersize=6)
