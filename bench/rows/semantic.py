"""Label maps, against PyTorch and the formula of torchvision's reference scripts."""

import torch
import torch.nn.functional as F
from compare import Case, row
from torch import Tensor

from coursekit import ops
from rows.inputs import chance, discs, distinct_scores, noise

GROUP = "Label maps"
CLASSES = 11


@row(GROUP, "logits (16, 11, side, side), a tenth of the pixels void, mean", (24, 96, 192))
def pixel_cross_entropy(side: int) -> Case:
    labels = torch.randint(0, CLASSES, (16, side, side), generator=chance(0))
    labels[torch.rand(labels.shape, generator=chance(1)) < 0.1] = 255

    def ours(logits: Tensor) -> Tensor:
        return ops.pixel_cross_entropy(logits, labels)

    def theirs(logits: Tensor) -> Tensor:
        return F.cross_entropy(logits, labels, ignore_index=255)

    return Case(f"{side}²", side**2, ours, {"PyTorch": theirs}, (noise(16, CLASSES, side, side),))


@row(
    GROUP,
    "N masks of 192 x 192 that do not overlap; the peer is torchvision's reference: largest label",
    (3, 10, 50),
)
def semantic_map(count: int) -> Case:
    owner = torch.randint(0, count + 1, (192, 192), generator=chance(0))  # `count`: nobody
    masks = owner == torch.arange(count)[:, None, None]  # (N, 192, 192)
    labels = torch.randint(1, CLASSES, (count,), generator=chance(1))
    peer = {"formula": lambda: (masks * labels[:, None, None]).amax(0)}
    return Case(f"{count}", count, lambda: ops.semantic_map(masks, labels), peer)


@row(GROUP, "N masks of 192 x 192, discs that overlap; the peer is the best score of each pixel", (3, 10, 50))
def panoptic_map(count: int) -> Case:
    masks, scores = discs(count, 192, 192), distinct_scores(count, 1)
    labels = torch.randint(1, CLASSES, (count,), generator=chance(1))

    def theirs() -> tuple[Tensor, Tensor]:
        best, covered = (masks * scores[:, None, None]).argmax(0), masks.any(0)
        return torch.where(covered, labels[best], 0), torch.where(covered, best + 1, 0)

    return Case(f"{count}", count, lambda: ops.panoptic_map(masks, labels, scores), {"formula": theirs})
