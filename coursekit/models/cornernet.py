"""CornerNet: a box is a pair of corners, which are found on heat maps and told apart by embeddings.

features -- pyramid -- sum, stride 8 --+-- corner pooling left, top ----- heat, embeddings, offsets of top-left corners
                                       +-- corner pooling right, bottom - heat, embeddings, offsets of bottom-right ones

CornerNet has no anchors: no sizes, no ratios, no IoU thresholds for training. A heat map per class says where the corners
are. Two corners belong together if their embeddings, one number each, are nearly equal.

Source: Law and Deng, "CornerNet: Detecting Objects as Paired Keypoints", 2018, arXiv:1808.01244.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.models.detector import Detector, Inputs, select_detections
from coursekit.models.retinanet import prior_bias
from coursekit.nets.backbone import Backbone
from coursekit.nets.convolution import convolution, small_start
from coursekit.nets.fpn import FeaturePyramid, sum_of_levels
from coursekit.schema import Prediction, Target

SIDES = {
    "top_left": ("left", "top"),
    "bottom_right": ("right", "bottom"),
}  # where each corner's maxima are carried
COLUMNS = {"top_left": slice(0, 2), "bottom_right": slice(2, 4)}  # of xyxy
MIN_OVERLAP = 0.3  # IoU that a box keeps if its corners move by the radius of their Gaussians
PRIOR = 0.01  # probability of a corner that every cell starts from
EMBEDDING_WEIGHT = 0.25
CORNERS = 100  # of each kind that are paired, at most
SCORE_THRESHOLD = 0.1  # of a corner; the score of a box is the mean, so one sure corner would save any other


class CornerMaps(NamedTuple):
    """What the network predicts for one kind of corner, in cells of one stride."""

    heat: Tensor  # (N, K, h, w) logits
    embeddings: Tensor  # (N, 1, h, w) equal at both corners of one object
    offsets: Tensor  # (N, 2, h, w) x and y from the cell's top-left corner to the object's corner, in cells


class CornerNetOutputs(NamedTuple):
    """What the network predicts for both corners of every object."""

    top_left: CornerMaps
    bottom_right: CornerMaps


class CornerTargets(NamedTuple):
    """What the maps of one kind of corner are trained on, for one image with G objects."""

    heat: Tensor  # (K, h, w) in [0, 1]
    cells: Tensor  # (G, 2) int64, x and y of the cell that each corner lies in
    offsets: Tensor  # (G, 2) in [0, 1]


class CornerNet(Detector):
    """The detector of "CornerNet: Detecting Objects as Paired Keypoints", small enough to be trained on a CPU.

    In place of two hourglasses it has a feature pyramid, whose levels it adds up.

    Args:
        num_classes, backbone: as `Detector`.
        channels: width of the pyramid and of the heads.
        pool: feature map and direction -> map of the same shape, as `ops.corner_pool`.
        draw: cells (G, 2), radii (G,), classes (G,), size (K, h, w) -> heat map, as `ops.draw_gaussians`.
        group: top-left and bottom-right `Peaks`, the embeddings of both -> boxes, classes, scores, as
            `ops.group_corners`.
        nms: see `select_detections`.
    """

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        channels: int = 64,
        pool: Callable[[Tensor, str], Tensor] = ops.corner_pool,
        draw: Callable[..., Tensor] = ops.draw_gaussians,
        group: Callable[..., tuple[Tensor, Tensor, Tensor]] = ops.group_corners,
        nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.pool, self.draw, self.group, self.nms = pool, draw, group, nms
        self.stride = self.strides[self.levels[0]]  # pixels per cell
        self.pyramid = FeaturePyramid({level: self.channels[level] for level in self.levels}, channels)
        self.trunk = convolution(channels, channels, 3)
        self.heads = nn.ModuleDict(
            {side: CornerHead(channels, num_classes, directions, pool) for side, directions in SIDES.items()}
        )

    def outputs(self, batch: Inputs) -> CornerNetOutputs:
        x = self.trunk(sum_of_levels(self.pyramid(self.feature_maps(batch))))  # (N, channels, h, w)
        return CornerNetOutputs(*(self.heads[side](x) for side in SIDES))

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """Heat and offsets per corner, of both kinds added; pull and push as means over the images."""
        self.check_targets(batch, targets)
        outputs, heat, offset, embeddings = self.outputs(batch), [], [], []
        for maps, columns in zip(outputs, COLUMNS.values(), strict=True):
            wanted = [self.assign(t["boxes"], t["labels"], columns, maps.heat.shape[1:]) for t in targets]
            heat.append(heat_loss(maps, wanted))
            offset.append(offset_loss(maps, wanted))
            embeddings.append(at_cells(maps.embeddings, [each.cells for each in wanted]))
        pairs = [ops.associative_embedding_loss(*corners) for corners in zip(*embeddings, strict=True)]
        pull, push = EMBEDDING_WEIGHT * torch.stack([torch.stack(pair) for pair in pairs]).mean(0)
        return {"heat": heat[0] + heat[1], "pull": pull, "push": push, "offset": offset[0] + offset[1]}

    def assign(self, boxes: Tensor, labels: Tensor, columns: slice, size: Sequence[int]) -> CornerTargets:
        """What the maps of one kind of corner should be for an image.

        Shapes: boxes (G, 4) xyxy pixels, labels (G,) in 1..K -> maps of `size` (K, h, w).
        Args:
            columns: of the boxes, where the corner's x and y are.
        """
        corners = boxes[:, columns] / self.stride  # (G, 2) in cells
        cells = cells_under(corners, size)
        radii = ops.gaussian_radius(boxes / self.stride, MIN_OVERLAP)  # (G,)
        return CornerTargets(self.draw(cells, radii, labels - 1, tuple(size)), cells, corners - cells)

    def predict(self, batch: Inputs) -> list[Prediction]:
        """The boxes spanned by two corners of one class whose embeddings are close."""
        top_left, bottom_right = (images_of(maps) for maps in self.outputs(batch))
        return [
            self.detect(first, last, self.image_size(x))
            for first, last, x in zip(top_left, bottom_right, batch, strict=True)
        ]

    def detect(self, top_left: CornerMaps, bottom_right: CornerMaps, size: tuple[int, int]) -> Prediction:
        """The objects of one image of `size` (height, width), from maps without the dimension N."""
        (first, first_embeddings), (last, last_embeddings) = corners_of(top_left), corners_of(bottom_right)
        boxes, classes, scores = self.group(first, last, first_embeddings, last_embeddings)
        of_class = F.one_hot(classes, self.num_classes) * scores[:, None]  # (B, K), 0 for all other classes
        return select_detections(boxes * self.stride, of_class, size, self.nms, SCORE_THRESHOLD)


class CornerHead(nn.Module):
    """Corner pooling along both sides that meet in the corner, then one prediction each for heat, embedding, offset.

    Shapes: (N, channels, h, w) -> `CornerMaps`.
    Source: section 3.5 and figure 7 of the paper, with one convolution less.
    """

    def __init__(
        self,
        channels: int,
        num_classes: int,
        directions: Sequence[str],
        pool: Callable[[Tensor, str], Tensor],
    ) -> None:
        super().__init__()
        self.pool = pool
        self.before = nn.ModuleDict({d: convolution(channels, channels, 3) for d in directions})
        self.skip = nn.Conv2d(channels, channels, 1)
        self.after = convolution(channels, channels, 3)
        self.heat = nn.Conv2d(channels, num_classes, 3, padding=1)
        self.embedding = nn.Conv2d(channels, 1, 3, padding=1)
        self.offset = nn.Conv2d(channels, 2, 3, padding=1)
        small_start(self.heat, 0.01, prior_bias(PRIOR))
        small_start(self.offset, 0.01, 0.5)

    def forward(self, x: Tensor) -> CornerMaps:
        pooled = [self.pool(conv(x), direction) for direction, conv in self.before.items()]
        y = self.after(F.relu(reduce(torch.add, pooled, self.skip(x))))  # (N, channels, h, w)
        return CornerMaps(self.heat(y), self.embedding(y), self.offset(y))


def heat_loss(maps: CornerMaps, wanted: Sequence[CornerTargets]) -> Tensor:
    """The penalty-reduced focal loss of all cells, per corner: ()."""
    heat = torch.stack([each.heat for each in wanted])  # (N, K, h, w)
    return ops.penalty_reduced_focal_loss(maps.heat, heat, count=shared_count((heat == 1).sum()))


def offset_loss(maps: CornerMaps, wanted: Sequence[CornerTargets]) -> Tensor:
    """The smooth L1 loss of the offsets at the objects' corners, per corner: ()."""
    offsets = torch.cat([each.offsets for each in wanted])  # (all G, 2)
    predicted = torch.cat(at_cells(maps.offsets, [each.cells for each in wanted]))
    count = shared_count(torch.tensor(len(offsets), device=offsets.device))
    return F.smooth_l1_loss(predicted, offsets, reduction="sum") / count


def cells_under(points: Tensor, size: Sequence[int]) -> Tensor:
    """The cell that each point lies in; the last one for a point on the right or lower border.

    Shapes: (G, 2), x and y in cells -> (G, 2) int64.
    Args:
        size: (..., height, width) of the map.

    >>> cells_under(torch.tensor([[0.9, 1.0], [4.0, 2.0]]), size=(2, 4))
    tensor([[0, 1],
            [3, 1]])
    """
    last = torch.tensor([size[-1] - 1, size[-2] - 1], device=points.device)
    return points.long().minimum(last)


def at_cells(maps: Tensor, cells: Sequence[Tensor]) -> list[Tensor]:
    """Return the values of each image's maps at its cells: (N, C, h, w) and N times (G, 2) -> N times (G, C)."""
    return [image[:, at[:, 1], at[:, 0]].t() for image, at in zip(maps, cells, strict=True)]


def corners_of(maps: CornerMaps) -> tuple[ops.Peaks, Tensor]:
    """The most probable corners of one image, to a fraction of a cell, and their embeddings (P, 1)."""
    peaks = ops.peaks(maps.heat.sigmoid(), CORNERS)
    cells, classes, scores = (each[peaks.scores > SCORE_THRESHOLD] for each in peaks)
    embeddings, offsets = (at_cells(each[None], [cells])[0] for each in (maps.embeddings, maps.offsets))
    return ops.Peaks(cells + offsets, classes, scores), embeddings


def images_of(maps: CornerMaps) -> list[CornerMaps]:
    """The same, image by image, without the dimension N."""
    return [CornerMaps(*of_one) for of_one in zip(*maps, strict=True)]
