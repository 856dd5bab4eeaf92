"""Pictures of failing cases of lab 08: scenes with boxes, colours, maps, labels, which stages learn, intervals."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from torch import Tensor

from classroom.exercises.pictures import shaped
from coursekit.draw import ACCENT, draw_boxes, draw_image

Picture = tuple[Any, str] | None
BOTH = ("yours", "as it should be")


def scene_picture(arguments: tuple, got: tuple, wanted: tuple) -> Picture:
    """The new scene with its boxes, and as it should be; dashed, the right boxes on yours."""
    yours = _image_and_boxes(got)
    if any(part is None for part in yours):
        return None
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 2.8))
    for ax, (image, boxes), title in zip(axes, (yours, _image_and_boxes(wanted)), BOTH, strict=True):
        draw_image(ax, image, f"{title}: {image.shape[-1]} x {image.shape[-2]}")
        draw_boxes(ax, None, boxes.nan_to_num(0, 2, -2))
    draw_boxes(axes[0], None, wanted[1]["boxes"], colour="black", dashed=True)
    return (
        figure,
        "The new scene and its boxes, as the function gives them and as they should be; dashed on the left, the right boxes.",
    )


def _image_and_boxes(scene: Any) -> tuple[Tensor | None, Tensor | None]:
    if not isinstance(scene, tuple | list) or len(scene) != 2 or not isinstance(scene[1], dict):
        return None, None
    return shaped(scene[0], 3, None, None), shaped(scene[1].get("boxes"), None, 4)


def colours_picture(arguments: tuple, got: tuple, wanted: tuple) -> Picture:
    """The image before, as it comes out and as it should be."""
    new, _ = _image_and_boxes(got)
    if new is None:
        return None
    figure, axes = plt.subplots(1, 3, figsize=(7.5, 2.4))
    for ax, image, title in zip(axes, (arguments[0], new, wanted[0]), ("before", *BOTH), strict=True):
        draw_image(ax, image, f"{title}\nfrom {image.min():.2f} to {image.max():.2f}")
    return figure, "The image before, the image that the function gives, and the image that it should give."


def colour_maps_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """The colours of the first map, yours and as they should be."""
    right = wanted["the colours"]
    yours = shaped(got["the colours"], *right.shape)
    if yours is None:
        return None
    maps = [yours.nan_to_num(), right]
    figure, axes = plt.subplots(len(maps[1]), 2, figsize=(5, 2.2 * len(maps[1])), squeeze=False)
    for row, pair in zip(axes, zip(*maps, strict=True), strict=True):
        for ax, colours, title in zip(row, pair, BOTH, strict=True):
            draw_image(ax, colours, title)
    return figure, "The colours of each map, as the function gives them and as they should be."


def labels_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """Of each cell the cosines with all known vectors: yours in red, the right choice framed."""
    cells, known, labels = arguments
    if not len(cells) or "the labels" not in got:
        return None
    chosen = shaped(got["the labels"], len(cells))
    if chosen is None:
        return None
    lengths = cells.norm(dim=1, keepdim=True) * known.norm(dim=1)
    figure, ax = plt.subplots(figsize=(0.5 * min(len(known), 14) + 2, 0.4 * min(len(cells), 14) + 1.4))
    ax.imshow((cells @ known.T / lengths)[:14, :14].numpy(), cmap="Blues", vmin=-1, vmax=1)
    ax.set(xlabel="known vectors, with their labels", ylabel="cells: yours, right")
    ax.set_xticks(range(min(len(known), 14)), labels[:14].tolist())
    pairs = zip(chosen[:14].tolist(), wanted["the labels"][:14].tolist(), strict=True)
    ax.set_yticks(range(min(len(cells), 14)), [f"{yours:g}, {right}" for yours, right in pairs])
    return (
        figure,
        "The cosine of every cell with every known vector, dark where it is large; beside each cell the label that the function gives, and the right one.",
    )


def learning_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """What learns and what follows in which stage, yours and as it should be."""
    rows = [name for name, value in wanted.items() if isinstance(value, str)]
    names = list(arguments[0])
    if any(name not in got for name in rows):
        return None
    figure, axes = plt.subplots(1, 2, figsize=(9, 1.9), sharey=True)
    for ax, found, title in zip(axes, (got, wanted), BOTH, strict=True):
        _draw_table(ax, [[name in found[row].split() for name in names] for row in rows], names, title)
    axes[0].set_yticks(range(len(rows)), [row.removeprefix("stages ") for row in rows], fontsize=8)
    return (
        figure,
        "Two tables of what learns in which stage, dark where it does: as the function leaves it and as it should.",
    )


def _draw_table(ax: Axes, table: list[list[bool]], names: list[str], title: str) -> None:
    ax.imshow(table, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    ax.set_title(title, fontsize=10)
    ax.set_xticks(range(len(names)), names)


def gain_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """Both intervals beside no gain at all."""
    if len(got) < len(wanted):
        return None
    figure, ax = plt.subplots(figsize=(5, 1.5))
    ax.axvspan(0, 1e-9, color="grey")
    for height, found in ((1, got), (0, wanted)):
        gain, low, high = (float(value) for value in list(found.values())[1:])
        ax.plot([low, high], [height] * 2, color=ACCENT if height else "black")
        ax.plot(gain, height, "o", color=ACCENT if height else "black")
    ax.set(yticks=[0, 1], ylim=(-0.6, 1.6), xlabel="gain")
    ax.set_yticklabels(BOTH[::-1])
    return (
        figure,
        "The gain and its interval as the function gives them, above those that it should give; a line at no gain.",
    )
