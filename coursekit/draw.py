"""Draw images, boxes and masks on given axes: one palette, one style.

The first pixel covers the square from 0 to 1, so the box (0, 0, W, H) frames the image.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from torch import Tensor

from coursekit.ops import box_area

# One colour per class, in the order of still_life.CLASSES, found by search: any two differ by 10.7 in OKLab
# to normal, red-, green- and blue-blind eyes (Machado et al. 2009), and white text on each has a contrast of 3.
PALETTE = tuple("#94004b #227c09 #a99508 #e4678f #795ca8 #0002cf #029ed6 #004500 #58008a #b404fc".split())
Names = Sequence[str] | None
ACCENT = "#e03100"

STYLE: dict[Any, Any] = {
    "figure.dpi": 100,
    "savefig.bbox": "tight",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": "medium",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": plt.cycler(color=["#0002cf", "#e03100", "#227c09", "#795ca8", "#029ed6", "#a99508"]),
    "legend.frameon": False,
    "lines.linewidth": 2,
}


def _edge() -> dict:  # on a white halo; thicker where all lines are, on a slide
    width = 1.1 * plt.rcParams["lines.linewidth"]
    return {"linewidth": width, "path_effects": [withStroke(linewidth=1.8 * width, foreground="white")]}


def colour_of(label: int | Tensor) -> str:
    """Return the colour of a label (1, 2, …), the same in every lab and on every slide."""
    return PALETTE[(int(label) - 1) % len(PALETTE)]


def draw_image(ax: Axes, image: Tensor, title: str = "") -> None:
    """Draw an image (3, H, W) or (H, W) in [0, 1] without ticks, in pixel-edge coordinates."""
    height, width = image.shape[-2:]
    pixels = image.detach().cpu().float().clamp(0, 1)
    picture = pixels.permute(1, 2, 0).numpy() if image.ndim == 3 else pixels.numpy()  # (H, W, 3) or (H, W)
    ax.imshow(picture, extent=(0, width, height, 0), cmap="gray", vmin=0, vmax=1)
    ax.set(xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[], title=title)
    ax.spines[:].set_visible(False)


def draw_boxes(
    ax: Axes,
    image: Tensor | None,
    boxes: Tensor,
    labels: Tensor | None = None,
    scores: Tensor | None = None,
    classes: Names = None,
    colour: str | Sequence[str] | None = None,
    dashed: bool = False,
) -> None:
    """Draw an image with its boxes (G, 4); names and scores are written on the class colour, inside the image.

    Args:
        image: (3, H, W); None draws on what `ax` shows already.
        boxes: xyxy, pixels.
        labels: (G,), 1..K; `classes[k - 1]` is the name of label k.
        scores: (G,) in [0, 1].
        colour: one colour for all boxes, or one for each, instead of the class colours.
        dashed: draw dashed lines.
    """
    if image is not None:
        draw_image(ax, image)
    for i, box in enumerate(boxes.tolist()):
        own = colour if colour is None or isinstance(colour, str) else colour[i]
        edge = own or (ACCENT if labels is None else colour_of(labels[i]))
        _frame(ax, box, fill=False, edgecolor=edge, linestyle="--" if dashed else "-", **_edge())
        if words := _caption(i, labels, scores, classes):
            ax.add_artist(Tag(box[0], box[1], words, edge))


def draw_masks(
    ax: Axes, image: Tensor | None, masks: Tensor, labels: Tensor | None = None, classes: Names = None
) -> None:
    """Draw an image with its masks (G, H, W) half transparent and outlined; `classes` adds the names."""
    if image is not None:
        draw_image(ax, image)
    for i, mask in enumerate(masks.bool().cpu()):
        if not mask.any():
            continue
        colour = colour_of(i + 1 if labels is None else labels[i])
        y, x = (np.arange(side) + 0.5 for side in mask.shape)
        inside = mask.float().numpy()
        ax.contourf(x, y, inside, levels=[0.5, 1.5], colors=[colour], alpha=0.45)
        for edge, width in (("white", 1.5), (colour, 0.8)):
            ax.contour(x, y, inside, [0.5], colors=[edge], linewidths=width * plt.rcParams["lines.linewidth"])
        if classes is not None and labels is not None:
            rows, columns = mask.nonzero(as_tuple=True)
            ax.add_artist(Tag(int(columns.min()), int(rows.min()), classes[int(labels[i]) - 1], colour))


def draw_points(ax: Axes, points: Tensor, labels: Tensor, classes: Sequence[str]) -> None:
    """Draw points (P, 2), in pixels, on what `ax` shows, in the colour of their class; `classes[k - 1]` names label k."""
    for k in labels.unique().tolist():
        x, y = points[labels == k].T.tolist()
        ax.scatter(x, y, s=40, color=colour_of(k), edgecolors="white", label=classes[k - 1], zorder=4)
    if len(labels):
        ax.legend(loc="upper right", frameon=True)


def draw_iou(ax: Axes, a: Tensor, b: Tensor, image: Tensor | None = None) -> None:
    """Draw two boxes (4,), their union light, their intersection dark, and the quotient of the two areas."""
    if image is not None:
        draw_image(ax, image)
    shared, union = overlap(a, b)
    for box, colour, name in ((a, PALETTE[5], "a"), (b, ACCENT, "b")):
        _frame(ax, box.tolist(), facecolor=colour, alpha=0.2)
        _frame(ax, box.tolist(), fill=False, edgecolor=colour, **_edge())
        ax.add_artist(Tag(float(box[0]), float(box[1]), name, colour))
    if shared > 0:
        corners = [*a.maximum(b)[:2].tolist(), *a.minimum(b)[2:].tolist()]
        _frame(ax, corners, facecolor=PALETTE[8], alpha=0.55, hatch="//")
    ax.set_title(f"IoU = {shared:g} / {union:g} = {shared / union if union else 0:.3f}")
    if image is None:
        low, high = a.minimum(b)[:2].tolist(), a.maximum(b)[2:].tolist()
        ax.set(xlim=(low[0] - 1, high[0] + 1), ylim=(high[1] + 1, low[1] - 1), aspect="equal")


def overlap(a: Tensor, b: Tensor) -> tuple[float, float]:
    """Return the areas of the intersection and of the union of two boxes (4,) in square pixels.

    >>> import torch
    >>> overlap(torch.tensor([0, 0, 2, 2]), torch.tensor([1, 1, 3, 3]))
    (1.0, 7.0)
    """
    shared = (a.minimum(b)[2:] - a.maximum(b)[:2]).clamp(min=0).prod()
    return float(shared), float(box_area(a) + box_area(b) - shared)


def draw_curves(
    ax: Axes, steps: Sequence[float], curves: Mapping[str, Sequence[float]], name: str, marker: str = ""
) -> None:
    """Draw one line for each curve over the steps of a training, with a legend; more than 200 points are averaged."""
    group = -(-len(steps) // 200)  # points per point of the drawing
    for label, values in curves.items():
        places = range(0, len(values), group)
        means = [float(np.mean(values[i : i + group])) for i in places]
        ax.plot([steps[min(i + group, len(steps)) - 1] for i in places], means, label=label, marker=marker)
    ax.set(xlabel="step", ylabel=name, ylim=(0, None))
    ax.legend()


class Tag(Text):
    """White words on a colour that sit on top of a box's upper left corner, inside the image, without covering other words."""

    def __init__(self, x: float, y: float, words: str, colour: str) -> None:
        patch = {"boxstyle": "square,pad=0.2", "facecolor": colour, "edgecolor": "none"}
        super().__init__(x, y, words, va="bottom", bbox=patch, zorder=5, color="white")
        self.set(fontsize="small", fontweight="bold")
        self.set_in_layout(False)
        self.drawn: Bbox | None = None  # in pixels of the figure, when it was drawn last

    def draw(self, renderer: RendererBase) -> None:
        """Move inside the axes and down to a free place, then draw: the size of the words is known only now."""
        patch, axes = self.get_bbox_patch(), self.axes
        if patch is None or axes is None:  # not on a drawing
            return
        self.update_bbox_position_size(renderer)
        words, frame = patch.get_window_extent(renderer), axes.bbox
        right = max(frame.x0 - words.x0, 0) or min(frame.x1 - words.x1, 0)
        up = max(frame.y0 - words.y0, 0) or min(frame.y1 - words.y1, 0)
        inside = words.translated(right, up)
        tags = [each for each in axes.texts if isinstance(each, Tag)]
        before = [each.drawn for each in tags[: tags.index(self)]] if self in tags else []
        down = room_below(inside, [each for each in before if each is not None], frame.y0)
        self.drawn, up = inside.translated(0, down), up + down
        x, y = self.get_transform().transform(self.get_position())
        x, y = self.get_transform().inverted().transform((x + right, y + up))
        self.set_position((x, y))
        super().draw(renderer)


def room_below(words: Bbox, others: Sequence[Bbox], bottom: float) -> float:
    """Return how far down words move to a place where they cover no others, as a negative number; 0 without such a place.

    >>> room_below(Bbox([[0, 10], [9, 14]]), [Bbox([[5, 11], [20, 15]])], bottom=0)
    -4.0
    """
    moved, step = words, -words.height
    while moved.y0 >= bottom:
        if not any(covers(moved, other) for other in others):
            return float(moved.y0 - words.y0)
        moved = moved.translated(0, step)
    return 0.0


def covers(a: Bbox, b: Bbox) -> bool:
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def _frame(ax: Axes, box: Sequence[float], **style) -> None:
    ax.add_patch(Rectangle((box[0], box[1]), box[2] - box[0], box[3] - box[1], **style))


def _caption(i: int, labels: Tensor | None, scores: Tensor | None, classes: Names) -> str:
    name = "" if labels is None else classes[int(labels[i]) - 1] if classes else str(int(labels[i]))
    return " ".join(filter(None, [name, "" if scores is None else f"{float(scores[i]):.2f}"]))
