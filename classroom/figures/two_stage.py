"""Anchors, proposals and regions of a two-stage detector, and where its time and its gradients go: lab 06 and part 2."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from coursekit.draw import ACCENT, PALETTE, draw_boxes, draw_image
from coursekit.ops import Match, box_iou

Size = tuple[float, float]
HIT, MISS = PALETTE[1], ACCENT
KINDS = {"positive": HIT, "ignored": PALETTE[2], "negative": "0.55"}


def thin_boxes(ax: Axes, boxes: Tensor, colour: str, width: float = 0.9, alpha: float = 0.7) -> None:
    """Draw many boxes (N, 4) as thin lines without a halo."""
    look = {"fill": False, "edgecolor": colour, "linewidth": width, "alpha": alpha}
    for x1, y1, x2, y2 in boxes.tolist():
        ax.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, **look))


def draw_bands(ax: Axes, best: Tensor, high: float = 0.7, low: float = 0.3) -> None:
    """Draw how many anchors overlap their best object by how much, in three bands: negative, ignored, positive.

    Shapes: best (A,), the largest IoU of each anchor.
    """
    edges = torch.linspace(0, 1, 41)
    centres, counts = (edges[:-1] + edges[1:]) / 2, torch.histogram(best.float().cpu(), edges).hist
    for name, start, end in (("negative", 0, low), ("ignored", low, high), ("positive", high, 1.001)):
        inside = (centres >= start) & (centres < end)
        number = int(((best >= start) & (best < end)).sum())
        label = f"{name}: {number:,}"
        ax.bar(
            centres[inside].tolist(),
            counts[inside].tolist(),
            0.025,
            color=KINDS[name],
            label=label,
            edgecolor="white",
        )
    for threshold in (low, high):
        ax.axvline(threshold, color="0.3", linestyle=":", linewidth=1.5)
    ax.set(xlabel="IoU with the best object", ylabel="anchors", yscale="log", xlim=(0, 1))
    ax.set_xticks([0, low, high, 1])
    ax.legend()


def anchor_kinds(
    image: Tensor, anchors: Tensor, match: Match, sample: Match, truth: Tensor, figsize: Size = (10, 3.6)
) -> Figure:
    """Return a scene three times: its positive, ignored and negative anchors; those sampled for training are thick.

    Of the negative anchors only the sampled ones are drawn.

    Shapes: (3, H, W), (A, 4), twice Match of (A,), (G, 4).
    """
    ignored = ~(match.positive | match.negative)
    kinds = {
        "positive": (match.positive, sample.positive),
        "ignored": (ignored, ignored & False),
        "negative": (sample.negative, sample.negative),
    }
    totals = {"positive": match.positive, "ignored": ignored, "negative": match.negative}
    figure, axes = plt.subplots(1, 3, figsize=figsize)
    for ax, (name, (drawn, chosen)) in zip(axes, kinds.items(), strict=True):
        draw_image(ax, image, f"{int(totals[name].sum()):,} {name}, {int(chosen.sum())} trained on")
        thin_boxes(ax, anchors[drawn & ~chosen], KINDS[name])
        thin_boxes(ax, anchors[chosen], "white" if name == "negative" else KINDS[name], 1.6, 0.95)
        draw_boxes(ax, None, truth, colour="black", dashed=True)
    return figure


def draw_proposals(
    ax: Axes, image: Tensor, proposals: Tensor, truth: Tensor, title: str = "", iou_threshold: float = 0.5
) -> None:
    """Draw proposals (R, 4): green where they overlap an object (G, 4) by the threshold, else red; objects are dashed."""
    draw_image(ax, image, title)
    hit = (box_iou(truth, proposals) >= iou_threshold).any(0)
    thin_boxes(ax, proposals[~hit], MISS, 1.2, 0.75)
    thin_boxes(ax, proposals[hit], HIT, 2.4, 0.95)
    draw_boxes(ax, None, truth, colour="black", dashed=True)


def proposals_by_step(
    image: Tensor, truth: Tensor, proposals: Mapping[int, Tensor], count: int = 20, figsize: Size = (13, 3)
) -> Figure:
    """Return one scene several times: its `count` best proposals after each number of training steps.

    Args:
        proposals: number of steps -> (R, 4), the best first.
    """
    figure, axes = plt.subplots(1, len(proposals), figsize=figsize, squeeze=False)
    for ax, (step, boxes) in zip(axes[0], proposals.items(), strict=True):
        found = int((box_iou(truth, boxes[:count]) >= 0.5).any(1).sum()) if len(boxes) else 0
        named = "before training" if step == 0 else f"{step} step{'s' if step > 1 else ''}"
        draw_proposals(ax, image, boxes[:count], truth, f"{named}: {found} of {len(truth)} objects")
    return figure


def recall_at(proposals: Sequence[Tensor], truths: Sequence[Tensor], most: int, threshold: float) -> Tensor:
    """Return the share of all objects that one of the first k proposals of their image overlaps enough, k = 1 ... most.

    Shapes: N times (R, 4), the best first; N times (G, 4) -> (most,).

    >>> recall_at([torch.tensor([[0.0, 0, 9, 9], [0, 0, 4, 4]])], [torch.tensor([[0.0, 0, 4, 4]])], 3, 0.5)
    tensor([0., 1., 1.])
    """
    found, total = torch.zeros(most), sum(map(len, truths))
    for boxes, truth in zip(proposals, truths, strict=True):
        hit = box_iou(truth, boxes[:most]) >= threshold  # (G, R)
        first = hit.long().argmax(1)[hit.any(1)] if len(boxes) else torch.zeros(0, dtype=torch.int64)
        found += first.bincount(minlength=most)
    return found.cumsum(0) / max(total, 1)


def draw_recalls(ax: Axes, curves: Mapping[str, Tensor], threshold: float = 0.5) -> None:
    """Draw the recall among the first k proposals, k = 1 ... K, a curve (K,) for each name, the name at its end."""
    colours = plt.get_cmap("viridis")(torch.linspace(0.85, 0, len(curves)).tolist())
    for colour, (name, recalls) in zip(colours, curves.items(), strict=True):
        ax.plot(range(1, len(recalls) + 1), recalls.tolist(), color=colour, label=name)
    ax.set(xlabel="first k proposals", ylabel=f"recall at IoU {threshold:g}", ylim=(0, 1.02), xscale="log")
    ax.set_xticks([k for k in (1, 2, 5, 10, 20, 50, 100) if k <= max(map(len, curves.values()))])
    ax.xaxis.set_major_formatter("{x:g}")
    ax.minorticks_off()
    handles, names = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], names[::-1], fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))


def pooled_regions(
    image: Tensor,
    boxes: Tensor,
    labels: Tensor,
    pooled: Tensor,
    classes: Sequence[str],
    shown: int = 6,
    figsize: Size = (11, 3.6),
) -> Figure:
    """Return a scene with the sampled regions of the second stage, and next to it what is pooled from some of them.

    Objects have their class colour, background is thin and white; of the 7 x 7 cells the norm over channels is drawn.

    Shapes: (3, H, W), (R, 4), (R,) with 0 for background, (R, C, 7, 7).
    """
    objects, background = (labels > 0).nonzero()[:, 0], (labels == 0).nonzero()[:, 0]
    most = max(shown // 2, shown - len(background))
    chosen = torch.cat([objects[:most], background])[:shown]
    columns = -(-shown // 2)
    figure = plt.figure(figsize=figsize)
    grid = figure.add_gridspec(2, columns + 2)
    scene = figure.add_subplot(grid[:, :2])
    draw_image(scene, image, f"{len(objects)} regions on objects, {len(background)} on background")
    thin_boxes(scene, boxes[background], "white", 1.1, 0.9)
    draw_boxes(scene, None, boxes[objects], labels[objects], classes=classes)
    for i, region in enumerate(chosen.tolist()):
        ax = figure.add_subplot(grid[i // columns, 2 + i % columns])
        ax.imshow(pooled[region].detach().norm(dim=0).numpy(), cmap="magma")
        name = classes[int(labels[region]) - 1] if labels[region] else "background"
        ax.set_title(name, fontsize="small")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    return figure
