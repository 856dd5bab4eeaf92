"""CenterNet: an object is the peak at its centre, and its box is read there.

features -- pyramid -- sum, stride 8 --+-- heat map per class: peaks are the centres of objects
                                       +-- distances from each cell to the four sides of its object

The shortest detector of the course: no anchors, no matching and no NMS. A peak of the heat map is an object,
and because the cells next to a maximum are smaller, an object is detected once.

Source: Zhou et al., "Objects as Points", 2019, arXiv:1904.07850. The paper predicts width, height and the offset of the
centre with an L1 loss; here the four distances say the same, with the GIoU loss.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.models.cornernet import at_cells, cells_under
from coursekit.models.detector import Detector, Inputs
from coursekit.models.retinanet import prior_bias
from coursekit.nets.backbone import Backbone
from coursekit.nets.convolution import convolution, small_start
from coursekit.nets.fpn import FeaturePyramid, sum_of_levels
from coursekit.schema import Prediction, Target

MIN_OVERLAP = 0.7  # IoU that a box keeps if its corners move by the radius of the Gaussian
PRIOR = 0.01  # probability of a centre that every cell starts from
FIRST_SIDE = 2.0  # cells: the distance to each side before training
LARGEST = 5.0  # of the logarithm of a side over the first one: no side is infinite
BOX_WEIGHT = 2.0
OBJECTS = 100
NEIGHBOURS = [[dx, dy] for dy in (-1, 0, 1) for dx in (-1, 0, 1)]  # cells that learn the box of an object


class CenterNetOutputs(NamedTuple):
    """What the network predicts at every cell."""

    heat: Tensor  # (N, K, h, w) logits of a centre
    sides: (
        Tensor  # (N, 4, h, w) pixels from the cell's centre to the left, top, right and bottom of the object
    )


class CenterNet(Detector):
    """The detector of "Objects as Points", small enough to be trained on a CPU.

    Args:
        num_classes, backbone: as `Detector`.
        channels: width of the pyramid and of both heads.
        draw: cells (G, 2), radii (G,), classes (G,), size (K, h, w) -> heat map, as `ops.draw_gaussians`.
        peaks: heat map (K, h, w), the most peaks -> `Peaks`, as `ops.peaks`.
    """

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        channels: int = 64,
        draw: Callable[..., Tensor] = ops.draw_gaussians,
        peaks: Callable[[Tensor, int], ops.Peaks] = ops.peaks,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.draw, self.peaks = draw, peaks
        self.stride = self.strides[self.levels[0]]  # pixels per cell
        self.pyramid = FeaturePyramid({level: self.channels[level] for level in self.levels}, channels)
        self.trunk = convolution(channels, channels, 3)
        self.heat = Head(channels, num_classes, prior_bias(PRIOR))
        self.sides = Head(channels, 4)

    def outputs(self, batch: Inputs) -> CenterNetOutputs:
        x = self.trunk(sum_of_levels(self.pyramid(self.feature_maps(batch))))  # (N, channels, h, w)
        sides = self.sides(x).clamp(max=LARGEST).exp() * FIRST_SIDE * self.stride  # (N, 4, h, w)
        return CenterNetOutputs(self.heat(x), sides)

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The heat map per object, and the boxes around the centres per cell that learns one."""
        self.check_targets(batch, targets)
        heat, sides = self.outputs(batch)
        cells = [self.center_cells(t["boxes"], heat.shape) for t in targets]  # N times (G, 2)
        wanted = torch.stack(
            [self.wanted_heat(t, c, heat.shape[1:]) for t, c in zip(targets, cells, strict=True)]
        )
        near = [neighbours(c, heat.shape) for c in cells]  # N times (9 G, 2)
        predicted = torch.cat([self.boxes_at(s, c) for s, c in zip(sides, near, strict=True)])  # (all 9 G, 4)
        boxes = torch.cat([t["boxes"].repeat(len(NEIGHBOURS), 1) for t in targets])
        count = shared_count(torch.tensor(len(boxes), device=boxes.device))
        return {
            "heat": ops.penalty_reduced_focal_loss(heat, wanted, count=shared_count((wanted == 1).sum())),
            "box": BOX_WEIGHT * ops.generalized_box_iou_loss(predicted, boxes, "sum") / count,
        }

    def center_cells(self, boxes: Tensor, size: Sequence[int]) -> Tensor:
        """The cell that the centre of each box lies in: (G, 4) -> (G, 2)."""
        return cells_under((boxes[:, :2] + boxes[:, 2:]) / 2 / self.stride, size)

    def wanted_heat(self, target: Target, cells: Tensor, size: Sequence[int]) -> Tensor:
        """A Gaussian at the centre of each object of an image: (K, h, w)."""
        radii = ops.gaussian_radius(target["boxes"] / self.stride, MIN_OVERLAP)  # (G,)
        return self.draw(cells, radii, target["labels"] - 1, tuple(size))

    def boxes_at(self, sides: Tensor, cells: Tensor) -> Tensor:
        """The boxes that some cells of one image predict: (4, h, w), (P, 2) -> (P, 4) xyxy pixels."""
        (distances,) = at_cells(sides[None], [cells])  # (P, 4)
        centers = (cells + 0.5) * self.stride  # (P, 2)
        return torch.cat([centers - distances[:, :2], centers + distances[:, 2:]], 1)

    def predict(self, batch: Inputs) -> list[Prediction]:
        """The peaks of each image's heat map with the boxes predicted there."""
        heat, sides = self.outputs(batch)
        return [
            self.detect(h, s, self.image_size(x))
            for h, s, x in zip(heat.sigmoid(), sides, batch, strict=True)
        ]

    def detect(self, heat: Tensor, sides: Tensor, size: tuple[int, int]) -> Prediction:
        """The objects of one image of `size` (height, width), from its maps: (K, h, w) in [0, 1] and (4, h, w)."""
        cells, classes, scores = self.peaks(heat, OBJECTS)
        boxes = ops.clip_boxes_to_image(self.boxes_at(sides, cells), size)  # (P, 4)
        inside = ops.box_area(boxes) > 0  # a peak in the padding is not an object
        return {"boxes": boxes[inside], "labels": classes[inside] + 1, "scores": scores[inside]}


class Head(nn.Sequential):
    """A convolution and a last one that predicts `numbers` per cell: (N, channels, h, w) -> (N, numbers, h, w)."""

    def __init__(self, channels: int, numbers: int, bias: float = 0.0) -> None:
        super().__init__(convolution(channels, channels, 3), nn.Conv2d(channels, numbers, 3, padding=1))
        small_start(self[1], 0.01, bias)


def neighbours(cells: Tensor, size: Sequence[int]) -> Tensor:
    """The 3 x 3 cells around each cell, those beyond the border moved back onto it: (G, 2) -> (9 * G, 2).

    >>> neighbours(torch.tensor([[0, 5]]), size=(8, 8)).tolist()[:3]
    [[0, 4], [0, 4], [1, 4]]
    """
    around = cells + torch.tensor(NEIGHBOURS, device=cells.device)[:, None]  # (9, G, 2)
    return cells_under(around.flatten(0, 1).clamp(min=0), size)
