"""Boxes of many scales and the loss of many easy ones: lab 04 and part 2 of the slides."""

from collections.abc import Callable, Sequence

import torch
from matplotlib.axes import Axes
from torch import Tensor

from coursekit.draw import ACCENT, PALETTE, draw_boxes, draw_image
from coursekit.ops import sigmoid_focal_loss

LOSS_PARTS = {"objects": PALETTE[1], "hard background": ACCENT, "easy background": "0.72"}
GAMMAS = (0.0, 0.5, 1.0, 2.0, 5.0)


def draw_level(ax: Axes, image: Tensor, grid: tuple[int, int], boxes: Tensor, title: str = "") -> None:
    """Draw an image (3, H, W) with the cells (h, w) of one level, and the boxes (A, 4) of one of its cells."""
    height, width = image.shape[-2:]
    draw_image(ax, image, title)
    line = {"color": "white", "linewidth": 0.8, "alpha": 0.7}
    for i in range(1, grid[0]):
        ax.axhline(i * height / grid[0], **line)
    for j in range(1, grid[1]):
        ax.axvline(j * width / grid[1], **line)
    draw_boxes(ax, None, boxes)


def draw_focal_loss(
    ax: Axes, gammas: Sequence[float] = GAMMAS, loss: Callable[..., Tensor] = sigmoid_focal_loss
) -> None:
    """Draw the focal loss against the probability of the correct class, a curve for each gamma.

    Args:
        loss: as `sigmoid_focal_loss`; twice its value with alpha = 1/2 is the loss without a balance.
    """
    probability = torch.linspace(0.005, 0.995, 199)
    right = torch.ones_like(probability)
    for gamma in gammas:
        values = 2 * loss(probability.logit(), right, alpha=0.5, gamma=gamma)  # (199,)
        name = "γ = 0: cross-entropy" if gamma == 0 else f"γ = {gamma:g}"
        ax.plot(probability, values, label=name)
    ax.set(xlabel="probability of the correct class, p", ylabel="loss", ylim=(0, 5), xlim=(0, 1))
    ax.legend()


def loss_shares(losses: Tensor, logits: Tensor, classes: Tensor, hard: float = 0.1) -> dict[str, float]:
    """Return the share of the loss that comes from objects, and from hard and easy background.

    Shapes: three times (...).
    Args:
        losses: of each anchor and class.
        logits: the network's outputs.
        classes: 1 for the class of an object, else 0.
        hard: background with at least this probability of an object is hard.

    >>> loss_shares(torch.tensor([4.0, 3, 1]), torch.tensor([0.0, 0, -9]), torch.tensor([1.0, 0, 0]))
    {'objects': 0.5, 'hard background': 0.375, 'easy background': 0.125}
    """
    is_hard = logits.sigmoid() >= hard
    parts = (classes == 1, (classes == 0) & is_hard, (classes == 0) & ~is_hard)
    return {
        name: float(losses[part].double().sum() / losses.double().sum())
        for name, part in zip(LOSS_PARTS, parts, strict=True)
    }


def draw_loss_shares(ax: Axes, rows: dict[str, dict[str, float]]) -> None:
    """Draw a bar for each loss by its name: the shares of its parts beside each other, with their numbers."""
    for y, (_, shares) in enumerate(rows.items()):
        left = 0.0
        for part, share in shares.items():
            ax.barh(y, share, left=left, color=LOSS_PARTS[part], label=None if y else part, height=0.7)
            if share > 0.06:
                ink = "black" if part == "easy background" else "white"
                style = {"ha": "center", "va": "center", "fontweight": "bold", "fontsize": "small"}
                ax.text(left + share / 2, y, f"{share:.0%}", color=ink, **style)
            left += share
    ax.set(
        yticks=range(len(rows)), yticklabels=list(rows), xlim=(0, 1), ylim=(len(rows) - 0.5, -0.5), xticks=[]
    )
    ax.tick_params(axis="y", length=0, labelsize="medium")
    ax.spines[:].set_visible(False)
