"""The region proposal network: where something is, whatever it is.

pyramid -- P3, P4, P5 -- shared head --> objectness and offsets of every anchor --> the best boxes, without duplicates

It is the first stage of Faster R-CNN and of Mask R-CNN. It knows one class, "object".

Source: Ren et al., "Faster R-CNN", 2015, section 3.1, arXiv:1506.01497; on a pyramid: Lin et al., "Feature
Pyramid Networks", 2017, section 4.1, arXiv:1612.03144.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.models.fast_rcnn import BETA
from coursekit.nets.convolution import small_start

ANCHOR_SIZE = 5  # side of the anchors of a level, in cells of it
RATIOS = (0.5, 1.0, 2.0)  # height / width
MATCH = (0.7, 0.3, True)  # IoU of positive and of negative anchors; the best of an object is positive too
SAMPLE = (64, 0.5)  # anchors trained on in an image, positive share at most; in the paper (256, 0.5)
CANDIDATES = 100  # boxes of each level that enter suppression; the papers take 1,000 and more
NMS_THRESHOLD = 0.7
PROPOSALS = 50  # an image, in training as in detection; the papers take 300 to 2,000 for larger images
SMALLEST = 1e-3  # pixels: thinner boxes, left over from clipping, are not proposals


class RPNOutputs(NamedTuple):
    """What the network predicts for the A anchors of all levels, finest level first."""

    objectness: Tensor  # (N, A) logits of "here is an object"
    offsets: Tensor  # (N, A, 4) from anchor to box, as `encode_boxes`
    anchors: Tensor  # (A, 4) xyxy pixels
    levels: Tensor  # (A,) int64, 0 for the finest


class RegionProposalNetwork(nn.Module):
    """One convolution, and from it the five numbers of each anchor: the same weights on every level of the pyramid.

    Shapes: {"P3": (N, channels, h, w), ...} -> `RPNOutputs`.
    Args:
        strides: of the levels, in pixels.

    >>> proposer = RegionProposalNetwork(64, {"P3": 8, "P4": 16})
    >>> outputs = proposer({"P3": torch.zeros(1, 64, 24, 24), "P4": torch.zeros(1, 64, 12, 12)})
    >>> outputs.objectness.shape, outputs.offsets.shape
    (torch.Size([1, 2160]), torch.Size([1, 2160, 4]))
    """

    def __init__(self, channels: int, strides: Mapping[str, int]) -> None:
        super().__init__()
        self.strides = dict(strides)
        self.shared = nn.Conv2d(channels, channels, 3, padding=1)
        self.objectness = nn.Conv2d(channels, len(RATIOS), 1)
        self.offsets = nn.Conv2d(channels, len(RATIOS) * 4, 1)
        for layer in self.children():
            small_start(layer, 0.01)

    def forward(self, pyramid: dict[str, Tensor]) -> RPNOutputs:
        hidden = [self.shared(level).relu() for level in pyramid.values()]  # (N, channels, h, w) each
        scores = torch.cat([ops.permute_and_flatten(self.objectness(x), 1) for x in hidden], 1)  # (N, A, 1)
        offsets = torch.cat([ops.permute_and_flatten(self.offsets(x), 4) for x in hidden], 1)  # (N, A, 4)
        anchors, levels = anchors_of(pyramid, self.strides)
        return RPNOutputs(scores[..., 0], offsets, anchors.to(offsets), levels.to(offsets.device))


def anchors_of(pyramid: Mapping[str, Tensor], strides: Mapping[str, int]) -> tuple[Tensor, Tensor]:
    """The anchors of all levels, finest first, (A, 4) xyxy pixels, and the level of each, (A,).

    Like torchvision's `AnchorGenerator`, but around the centres of the cells and not rounded.

    >>> pyramid = {"P3": torch.zeros(1, 64, 2, 2), "P4": torch.zeros(1, 64, 1, 1)}
    >>> anchors_of(pyramid, {"P3": 8, "P4": 16})[1]
    tensor([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
    """
    anchors = []
    for name, level in pyramid.items():
        cell = ops.cell_anchors([ANCHOR_SIZE * strides[name]], RATIOS)
        height, width = level.shape[-2:]
        anchors.append(ops.grid_anchors(cell, (height, width), strides[name]))
    levels = [torch.full((len(boxes),), i) for i, boxes in enumerate(anchors)]
    return torch.cat(anchors), torch.cat(levels)


@torch.no_grad()
def propose(
    outputs: RPNOutputs,
    sizes: Sequence[tuple[int, int]],
    nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    candidates: int = CANDIDATES,
    limit: int = PROPOSALS,
) -> list[Tensor]:
    """The proposals of each image: the boxes that look most like objects, clipped, without duplicates.

    They are constants: no gradient of the second stage reaches the anchors through them.

    Shapes: -> N tensors (R, 4) xyxy pixels, the most promising first, R <= limit.
    Args:
        sizes: (height, width) of each image.
        nms: boxes (B, 4), scores (B,), levels (B,), IoU threshold -> indices of the boxes kept.
        candidates: how many boxes of each level enter suppression.
    Like the proposals of torchvision's `RegionProposalNetwork`.
    Source: Faster R-CNN, section 3.3, "Implementation Details"; section 3.1.3 names the alternatives.
    """
    best = best_of_levels(outputs.objectness, outputs.levels, candidates)  # (N, B)
    anchors = outputs.anchors[best]  # (N, B, 4)
    offsets = outputs.offsets.gather(1, best[..., None].expand(-1, -1, 4))  # (N, B, 4)
    scores = outputs.objectness.gather(1, best).sigmoid()  # (N, B)
    boxes = ops.decode_boxes(offsets, anchors)  # (N, B, 4)
    images = zip(boxes, scores, outputs.levels[best], sizes, strict=True)
    return [without_duplicates(*image, nms)[:limit] for image in images]


def best_of_levels(objectness: Tensor, levels: Tensor, count: int) -> Tensor:
    """The places of the `count` highest logits of each level: (N, A), (A,) -> (N, B).

    >>> best_of_levels(torch.tensor([[1.0, 5.0, 3.0, 0.0]]), torch.tensor([0, 0, 0, 1]), count=2)
    tensor([[1, 2, 3]])
    """
    places, first = [], 0
    for size in levels.bincount().tolist():
        level = objectness[:, first : first + size]  # (N, size)
        places.append(first + level.topk(min(count, size), 1).indices)
        first += size
    return torch.cat(places, 1)


def without_duplicates(
    boxes: Tensor, scores: Tensor, levels: Tensor, size: tuple[int, int], nms: Callable[..., Tensor]
) -> Tensor:
    """The boxes of one image, clipped to it, after suppression on each level: (B, 4) -> (R, 4)."""
    boxes = ops.clip_boxes_to_image(boxes, size)
    kept = ops.remove_small_boxes(boxes, SMALLEST)
    boxes, scores, levels = boxes[kept], scores[kept], levels[kept]
    return boxes[nms(boxes, scores, levels, NMS_THRESHOLD)]


def proposal_losses(
    outputs: RPNOutputs, matches: Sequence[ops.Match], truths: Sequence[Tensor]
) -> dict[str, Tensor]:
    """The losses of the first stage: is it an object (positive and negative anchors), and where (positive ones).

    Both are divided by the number of anchors of the batch that are trained on.

    Args:
        matches: of the A anchors of each image with its objects, sampled.
        truths: the boxes of the objects of each image, (G, 4).
    Source: Faster R-CNN, section 3.1.2, eq. 1; the beta of 1/9 and the common divisor are Detectron's.
    """
    positive = torch.stack([match.positive for match in matches])  # (N, A)
    judged = positive | torch.stack([match.negative for match in matches])  # (N, A)
    count = shared_count(judged.sum())
    truth = ops.matched(truths, matches)  # (P, 4)
    wanted = ops.encode_boxes(truth, outputs.anchors.expand(len(positive), -1, -1)[positive])  # (P, 4)
    is_object = F.binary_cross_entropy_with_logits(
        outputs.objectness[judged], positive[judged].to(outputs.objectness), reduction="sum"
    )
    where = ops.smooth_l1_loss(outputs.offsets[positive], wanted, reduction="sum", beta=BETA)
    return {"objectness": is_object / count, "proposal_box": where / count}
