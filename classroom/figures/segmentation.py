"""Label maps, heat maps and windows that slide: lab 11 and part 3 of the slides."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from torch import Tensor

from classroom.figures.diagram import arrow, block, canvas, words
from coursekit.draw import ACCENT, PALETTE, draw_boxes, draw_image
from coursekit.nets.efficientnet import EfficientNetLite0
from coursekit.schema import VOID, Target

BACKGROUND, NONE = "#e9e9e9", "#000000"  # of class 0, and of void


def label_colours(labels: Tensor) -> Tensor:
    """A label map as an image: light grey background, void black, every class in its colour.

    Shapes: (H, W) -> (3, H, W).

    >>> label_colours(torch.tensor([[255, 0]]))[0]
    tensor([[0.0000, 0.9137]])
    """
    table = torch.tensor([to_rgb(BACKGROUND)] + [to_rgb(c) for c in PALETTE] * 26)[: VOID + 1]  # (256, 3)
    table[VOID] = torch.tensor(to_rgb(NONE))
    return table[labels.long()].permute(2, 0, 1)


def draw_label_map(
    ax: Axes,
    labels: Tensor,
    image: Tensor | None = None,
    title: str = "",
    classes: Sequence[str] | None = None,
) -> None:
    """Draw a label map (H, W), over its image (3, H, W) if there is one; with `classes` the names stand below."""
    colours = label_colours(labels)
    if image is not None:
        shown = (labels > 0).float() * 0.65  # the background stays a photograph
        colours = shown * colours + (1 - shown) * (0.35 + 0.65 * image)
    draw_image(ax, colours, title)
    if classes is not None:
        found = [k for k in labels.unique().tolist() if k not in (0, VOID)]
        keys = [Patch(color=PALETTE[(k - 1) % len(PALETTE)], label=classes[k - 1]) for k in found]
        place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.0), "ncols": 3, "fontsize": "small"}
        ax.legend(handles=keys, **place, handlelength=1, columnspacing=1)


def draw_instances(ax: Axes, masks: Tensor, image: Tensor, title: str = "") -> None:
    """Draw the masks (G, H, W) over the image, each object in a colour of its own, whatever its class."""
    numbers = torch.zeros(image.shape[-2:], dtype=torch.int64)
    for i, mask in enumerate(masks):
        numbers[mask] = i + 1
    draw_label_map(ax, numbers, image, title)


def both_ways(image: Tensor, target: Target, semantic: Tensor, classes: Sequence[str]) -> Figure:
    """A figure of one scene: the image, a class for every pixel, and every object on its own."""
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.7))
    draw_image(axes[0], image, "the image")
    draw_label_map(axes[1], semantic, image, "semantic: which class?", classes)
    draw_instances(axes[2], target["masks"], image, f"instances: which of {len(target['masks'])} objects?")
    return figure


def draw_mistakes(ax: Axes, prediction: Tensor, target: Tensor, title: str = "") -> None:
    """Draw where two label maps (H, W) differ: wrong pixels red, right ones grey, void white."""
    colours = torch.tensor([to_rgb("0.82"), to_rgb(ACCENT), to_rgb("white")])
    kind = torch.where(target == VOID, 2, (prediction != target).long())  # (H, W)
    draw_image(ax, colours[kind].permute(2, 0, 1), title)


def draw_heat_map(
    ax: Axes,
    image: Tensor,
    heat: Tensor,
    boxes: Tensor | None = None,
    title: str = "",
    most: float | None = None,
) -> None:
    """Draw a heat map (h, w), upsampled bilinearly, over the grey image (3, H, W), with true boxes (G, 4).

    Args:
        most: the value that has the brightest colour; the largest of the map without it.
    """
    height, width = image.shape[-2:]
    draw_image(ax, image.mean(0), title)
    large = F.interpolate(heat[None, None].float(), (height, width), mode="bilinear")[0, 0].numpy()
    most = max(float(heat.max()), 1e-9) if most is None else most
    opacity = (large / most).clip(0, 1) ** 0.5 * 0.75
    ax.imshow(large, extent=(0, width, height, 0), cmap="inferno", vmin=0, vmax=most, alpha=opacity)
    if boxes is not None:
        draw_boxes(ax, None, boxes, colour=PALETTE[6])
    ax.set(xlim=(0, width), ylim=(height, 0))


def fcn_diagram(levels: Sequence[str] = ("C3", "C4", "C5"), width: int = 1240) -> Figure:
    """A figure of FCN-32s, 16s or 8s (with one, two or three levels): how scores of several strides are added."""
    figure, ax = canvas(width, 130 * len(levels) + 20)
    line = {"color": plt.rcParams["text.color"], "linewidth": 3, "solid_capstyle": "butt"}
    start, plus = 510, 510  # right of the scores, and where the next sum stands
    for i, name in enumerate(reversed(levels)):
        y, stride = 55 + 130 * i, EfficientNetLite0.strides[name]
        block(ax, (30, y - 35), (150, 70), name, PALETTE[5])
        block(ax, (230, y - 35), (280, 70), "1 x 1 scores" if i else "fc6, fc7, scores", PALETTE[4])
        arrow(ax, (180, y), (230, y))
        words(ax, 105, y + 58, f"stride {stride}", 22)
        if i:  # what comes from above is added here
            arrow(ax, (510, y), (plus - 24, y))
            words(ax, plus, y, "+", 44, colour=ACCENT)
            start = plus + 24
        if i + 1 < len(levels):
            plus += 130
            ax.plot([start, plus, plus], [y, y, y + 90], **line)
            arrow(ax, (plus, y + 80), (plus, y + 108))
            words(ax, plus + 14, y + 60, "x 2", 24, ha="left")
    arrow(ax, (start, y), (start + 160, y))
    words(ax, start + 70, y - 26, f"x {stride}", 24)
    block(ax, (start + 160, y - 45), (260, 90), "a class for\nevery pixel", PALETTE[1])
    return figure


def draw_model_scores(ax: Axes, rows: Mapping[str, Mapping[str, Sequence[float]]], name: str) -> None:
    """Draw a group of bars for each model: a score with its interval (value, low, high) on each test."""
    tests = list(next(iter(rows.values())))
    for i, test in enumerate(tests):
        values, low, high = ([row[test][j] for row in rows.values()] for j in range(3))
        x = [at + (i - (len(tests) - 1) / 2) * 0.38 for at in range(len(rows))]
        ends = [
            [v - a for v, a in zip(values, low, strict=True)],
            [b - v for v, b in zip(values, high, strict=True)],
        ]
        ax.bar(x, values, 0.36, yerr=ends, capsize=4, label=test)
        for at, value in zip(x, values, strict=True):
            ax.text(at, 0.02, f"{value:.2f}", ha="center", color="white", fontweight="bold")
    ax.set(xticks=range(len(rows)), xticklabels=list(rows), ylabel=name, ylim=(0, 1))
    ax.legend(loc="upper left", ncols=len(tests), fontsize="small")
