"""Pictures of failing cases of lab 04: chosen negatives, losses and boxes, beside the expected ones."""

from typing import Any

import matplotlib.pyplot as plt
import torch
from torch import Tensor

from classroom.exercises.pictures import boxes_picture
from coursekit.draw import ACCENT, PALETTE

Picture = tuple[Any, str] | None
MOST = 30  # anchors of a figure
FAR = 500.0  # pixels; boxes that have blown up are drawn up to here


def decoded_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The decoded boxes and the expected ones, of all images together."""
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
    ax.set_title("red: yours; star: expected", fontsize=10)
    return (
        figure,
        "The loss of each anchor; the chosen ones are red, those that should be chosen have a star.",
    )


def losses_picture(arguments: tuple, got: Tensor, wanted: Tensor) -> Picture:
    """The loss of each logit beside the expected one."""
    logits, targets = arguments[:2]
    if not logits.numel() or got.shape != wanted.shape:
        return None
    figure, ax = plt.subplots(figsize=(5, 2.2))
    x = torch.arange(min(logits.numel(), MOST))
    for shift, values, name in ((-0.2, wanted, "expected"), (0.2, got, "yours")):
        heights = values.detach().flatten()[: len(x)].nan_to_num(0, posinf=2 * wanted.max().item())
        ax.bar((x + shift).tolist(), heights.tolist(), 0.38, label=name)
    if len(x) <= 4:
        pairs = zip(logits.flatten().tolist(), targets.flatten().tolist(), strict=True)
        ax.set_xticks(x.tolist(), [f"logit {z:g}, target {t:g}" for z, t in pairs], fontsize=8)
    ax.set(ylabel="loss")
    ax.legend()
    return figure, "Bars of the loss of each logit: the expected values and those of the function."
