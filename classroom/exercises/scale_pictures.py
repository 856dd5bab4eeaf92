"""Pictures of failing cases of lab 04: matches, chosen negatives, losses and feature maps, beside what they should be."""

from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from classroom.exercises.pictures import boxes_picture
from coursekit.draw import ACCENT, PALETTE

Picture = tuple[Any, str] | None
MOST = 30  # anchors of a figure
FAR = 500.0  # pixels; boxes that have gone mad are drawn up to here


def match_picture(arguments: tuple, got: dict, wanted: dict) -> Picture:
    """The table of IoU, and framed which anchors are positive for which object: yours, and as it should be."""
    iou = arguments[0]
    if not len(iou) or iou.shape[1] > MOST:
        return None
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 0.5 * len(iou) + 1.3))
    for ax, match, title in zip(axes, (got, wanted), ("yours", "as it should be"), strict=True):
        _table(ax, iou)
        objects = match["the objects of the positive anchors"].tolist()
        for a, g in zip(match["positive"].nonzero()[:, 0].tolist(), objects, strict=True):
            ax.add_patch(Rectangle((a - 0.5, g - 0.5), 1, 1, fill=False, edgecolor=ACCENT, linewidth=3))
        for a in match["negative"].nonzero()[:, 0].tolist():
            ax.text(a, len(iou) - 0.25, "neg.", ha="center", fontsize=8)
        ax.set(title=title, xlabel="anchor", ylabel="object", xticks=[], yticks=[])
    return (
        figure,
        "The table of IoU with the positive anchors framed, as the function gives them and as they should be.",
    )


def _table(ax: Axes, values: Tensor) -> None:
    ax.imshow(values.numpy(), cmap="Greys", vmin=0, vmax=2)
    if values.shape[1] <= 8:
        for g, row in enumerate(values.tolist()):
            for a, value in enumerate(row):
                ax.text(a, g, f"{value:.2f}", ha="center", va="center", fontsize=9)
    ax.set_ylim(len(values), -0.5)


def decoded_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The boxes that come out, and those that should, of all images together."""
    near = got.detach().nan_to_num(0).clamp(-FAR, FAR)
    return boxes_picture(arguments, near.reshape(-1, 4), wanted.detach().reshape(-1, 4))


def mined_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """A bar for the loss of each anchor; the chosen ones are red, those that should be chosen have a star."""
    losses, match = arguments[:2]
    if len(losses) > MOST:
        return None
    chosen = [] if got is None else got.nonzero()[:, 0].tolist()
    figure, ax = plt.subplots(figsize=(5, 2.2))
    kinds = [
        "positive" if p else "negative" if n else "ignored"
        for p, n in zip(match.positive, match.negative, strict=True)
    ]
    ax.bar(
        range(len(losses)),
        losses.tolist(),
        color=[ACCENT if i in chosen else "0.7" for i in range(len(losses))],
    )
    for i, loss in enumerate(losses.tolist()):
        ax.text(i, loss, "★" if wanted[i] else "", ha="center", color=PALETTE[5])
    ax.set_xticks(range(len(losses)), kinds, fontsize=8)
    ax.set(ylabel="loss", ylim=(0, 1.25 * float(losses.max()) + 0.1))
    ax.set_title("yours: red; should be chosen: star", fontsize=10)
    return (
        figure,
        "The loss of each anchor; the chosen ones are red, those that should be chosen have a star.",
    )


def losses_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The loss of each logit beside what it should be."""
    logits, targets = arguments[:2]
    if not logits.numel() or got.shape != wanted.shape:
        return None
    figure, ax = plt.subplots(figsize=(5, 2.2))
    x = torch.arange(min(logits.numel(), MOST))
    for shift, values, name in ((-0.2, wanted, "as it should be"), (0.2, got, "yours")):
        heights = values.detach().flatten()[: len(x)].nan_to_num(0, posinf=2 * wanted.max().item())
        ax.bar((x + shift).tolist(), heights.tolist(), 0.38, label=name)
    if len(x) <= 4:
        pairs = zip(logits.flatten().tolist(), targets.flatten().tolist(), strict=True)
        ax.set_xticks(x.tolist(), [f"logit {z:g}, target {t:g}" for z, t in pairs], fontsize=8)
    ax.set(ylabel="loss")
    ax.legend()
    return figure, "Bars of the loss of each logit, as it should be and as the function gives it."


def maps_picture(arguments: tuple, got: Tensor | None, wanted: Tensor) -> Picture:
    """The two maps that come in, the sum that comes out, and as it should be; the first channel of the first image."""
    figure, axes = plt.subplots(1, 4, figsize=(8, 2))
    named = zip(axes, ("fine", "coarse", "yours", "as it should be"), (*arguments, got, wanted), strict=True)
    for ax, title, maps in named:
        ax.spines[:].set_visible(False)
        if maps is None:  # it raised an error
            ax.axis("off")
            continue
        ax.imshow(maps[0, 0].detach().numpy(), cmap="magma", vmin=-2, vmax=4)
        ax.set(title=f"{title}: {maps.shape[-2]} x {maps.shape[-1]}", xticks=[], yticks=[])
    return figure, "The fine and the coarse map, and their sum as the function gives it and as it should be."
