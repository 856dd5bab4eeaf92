"""Losses, against torchvision and PyTorch, or the published formula where no library has them."""

from functools import partial

import torch
import torch.nn.functional as F
import torchvision.ops as peer
from compare import Case, Run, row
from torch import Tensor

from coursekit import ops
from rows.inputs import chance, noise, random_boxes

GROUP = "Losses"
SIZES = (100, 1000, 20000)  # anchors
CLASSES = 80


def per_anchor(n: int, ours: Run, theirs: dict[str, Run], *leaves: Tensor) -> Case:
    return Case(f"{n}", n, ours, theirs, leaves)


@row(
    GROUP,
    "logits of anchors x 80 classes, 1 % positive, no reduction",
    SIZES,
    between=(300, 4000),
    forward=(1.1, 1.1, 1.1),
    gradient=(1.1, 1.1, 1.1),
)
def sigmoid_focal_loss(n: int) -> Case:
    targets = (torch.rand(n, CLASSES, generator=chance(1)) < 0.01).float()
    ours, theirs = (partial(f, targets=targets) for f in (ops.sigmoid_focal_loss, peer.sigmoid_focal_loss))
    return per_anchor(n, ours, {"torchvision": theirs}, 4 * noise(n, CLASSES))


@row(GROUP, "offsets (N, 4), beta 1/9, mean", SIZES)
def smooth_l1_loss(n: int) -> Case:
    ours, theirs = (
        partial(f, target=noise(n, 4, seed=1), beta=1 / 9) for f in (ops.smooth_l1_loss, F.smooth_l1_loss)
    )
    return per_anchor(n, ours, {"PyTorch": theirs}, noise(n, 4))


@row(GROUP, "boxes and the same ones moved by a pixel, no reduction", SIZES)
def generalized_box_iou_loss(n: int) -> Case:
    boxes = random_boxes(n, 0)
    moved = boxes + noise(n, 4) / 2
    return per_anchor(
        n, ops.generalized_box_iou_loss, {"torchvision": peer.generalized_box_iou_loss}, moved, boxes
    )


@row(GROUP, "masks of 28 x 28; the peer is DETR's formula", (10, 100, 1000))
def dice_loss(n: int) -> Case:
    targets = (noise(n, 28, 28, seed=1) > 0).float()

    def formula(inputs: Tensor) -> Tensor:
        inputs = inputs.sigmoid().flatten(1)
        shared = 2 * (inputs * targets.flatten(1)).sum(-1)
        return 1 - (shared + 1) / (inputs.sum(-1) + targets.flatten(1).sum(-1) + 1)

    return per_anchor(n, partial(ops.dice_loss, targets=targets), {"formula": formula}, noise(n, 28, 28))


@row(GROUP, "heat maps of 10 classes with 20 objects; the peer is CornerNet's formula", (32, 128, 256))
def penalty_reduced_focal_loss(side: int) -> Case:
    points = torch.randint(0, side, (20, 2), generator=chance(0))
    labels = torch.randint(0, 10, (20,), generator=chance(1))
    targets = ops.draw_gaussians(points, torch.full((20,), 4.0), labels, (10, side, side))

    def formula(logits: Tensor) -> Tensor:
        chances = logits.sigmoid().clamp(1e-4, 1 - 1e-4)
        at, off = targets.eq(1), targets.lt(1)
        positive = (chances[at].log() * (1 - chances[at]) ** 2).sum()
        negative = ((1 - chances[off]).log() * chances[off] ** 2 * (1 - targets[off]) ** 4).sum()
        return -(positive + negative) / at.sum()

    ours = partial(ops.penalty_reduced_focal_loss, targets=targets)
    return Case(f"10 x {side}²", side**2, ours, {"formula": formula}, (noise(10, side, side),))


@row(GROUP, "corners of N objects, one number each; the peer is a plain loop over the pairs", (5, 20, 80))
def associative_embedding_loss(n: int) -> Case:
    def loop(first: Tensor, last: Tensor) -> Tensor:
        mean = ((first + last) / 2)[:, 0]
        pull = sum((a - m) ** 2 + (b - m) ** 2 for a, b, m in zip(first[:, 0], last[:, 0], mean, strict=True))
        pairs = [(i, j) for i in range(n) for j in range(n) if i != j]
        push = sum((1 - (mean[i] - mean[j]).abs()).clamp(min=0) for i, j in pairs)
        return pull / n + push / len(pairs)

    ours = lambda *corners: sum(ops.associative_embedding_loss(*corners))  # noqa: E731
    return per_anchor(n, ours, {"plain loop": loop}, noise(n, 1), noise(n, 1, seed=1))
