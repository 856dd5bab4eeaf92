"""One object, one box: localisation as regression on the feature maps of a pretrained network.

Read it from top to bottom: two ways to look at the feature maps, two functions that a student can replace
(`decode_box` and `giou_loss`), and the model: outputs, losses, detect.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.models.detector import Features, check_inputs, check_targets, image_size
from coursekit.schema import Prediction, Target

LEVELS = {"C4": (112, 16), "C5": (320, 32)}  # channels and stride, in pixels, of the backbone's maps
GRID = {"C4": 12, "C5": 6}  # cells a side that a head looks at: the maps of a 192-pixel image as they are
HIDDEN = 128


class PooledHead(nn.Module):
    """Four numbers from the average of each channel: what is in the picture is left, where it is is lost.

    It looks at C5 only, as the end of a classification network does. Not all is lost: the zeros around a picture
    mark its borders in the maps, the more so in C4.
    Source: Lin et al., Network In Network, arXiv 1312.4400, section 3.2; Islam et al., arXiv 2001.08248.
    """

    levels = ("C5",)

    def __init__(self) -> None:
        super().__init__()
        channels = sum(LEVELS[level][0] for level in self.levels)
        self.layers = two_layers(channels)

    def forward(self, features: Features) -> Tensor:
        averages = [features[level].mean((-2, -1)) for level in self.levels]  # (N, channels) each
        return self.layers(torch.cat(averages, 1))  # (N, 4)


class SpatialHead(nn.Module):
    """Four numbers from all cells: fewer channels, then flattened, so each place has its own weights."""

    levels = ("C4", "C5")

    def __init__(self, channels: int = 16) -> None:
        super().__init__()
        self.reduce = nn.ModuleDict(
            {level: nn.Conv2d(LEVELS[level][0], channels, 1) for level in self.levels}
        )
        self.layers = two_layers(channels * sum(GRID[level] ** 2 for level in self.levels))

    def forward(self, features: Features) -> Tensor:
        maps = [
            self.reduce[level](features[level]).relu() for level in self.levels
        ]  # (N, 16, side, side) each
        return self.layers(torch.cat([cells.flatten(1) for cells in maps], 1))  # (N, 4)


def two_layers(in_features: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(in_features, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 4))


HEADS = {"pooled": PooledHead, "spatial": SpatialHead}


def decode_box(outputs: Tensor, sizes: Tensor) -> Tensor:
    """The boxes, xyxy pixels, that the fractions (cx, cy, w, h) of each image stand for.

    Shapes: (N, 4), (N, 2) -> (N, 4).
    Args:
        sizes: (height, width) of each image, in pixels.

    >>> decode_box(torch.tensor([[0.5, 0.5, 0.5, 0.25]]), torch.tensor([[100, 200]]))
    tensor([[ 50.0000,  37.5000, 150.0000,  62.5000]])
    """
    height, width = sizes.unbind(-1)  # (N,) each
    scale = torch.stack([width, height, width, height], -1)  # (N, 4)
    return ops.box_convert(outputs * scale, "cxcywh", "xyxy")


def giou_loss(predicted: Tensor, target: Tensor) -> Tensor:
    """1 - GIoU of each predicted box with the target in its row: 0 for the right box, towards 2 far away.

    Shapes: (N, 4), (N, 4) -> (N,).
    Like torchvision's `generalized_box_iou_loss`, but finite for empty boxes.
    Source: Rezatofighi et al., arXiv 1902.09630.

    >>> giou_loss(torch.tensor([[0.0, 0, 2, 2]]), torch.tensor([[2.0, 0, 4, 2]]))
    tensor([1.])
    """
    return 1 - ops.generalized_box_iou(predicted, target).diagonal()  # (N,)


class Localiser(nn.Module):
    """One box and one class for each image.

    The class comes from pooled features in both variants, for it has no place; `head` finds the box.

    Args:
        num_classes: K, without background.
        head: "spatial" keeps the positions, "pooled" averages them away.
        backbone: makes the feature maps of images. Without it the inputs are dicts of feature maps, as of
            `cached_features`, of images whose sides are multiples of 16 pixels.
        box_loss: (N, 4) predicted and (N, 4) target boxes, xyxy pixels -> (N,) losses.
        decode: (N, 4) fractions (cx, cy, w, h) and (N, 2) sizes (H, W) -> (N, 4) boxes, xyxy pixels.
    """

    def __init__(
        self,
        num_classes: int,
        head: str = "spatial",
        backbone: nn.Module | None = None,
        box_loss: Callable[[Tensor, Tensor], Tensor] = giou_loss,
        decode: Callable[[Tensor, Tensor], Tensor] = decode_box,
    ) -> None:
        super().__init__()
        if head not in HEADS:
            raise ValueError(f"There is no head {head!r}: choose {' or '.join(HEADS)}.")
        self.num_classes, self.backbone, self.box_loss, self.decode = num_classes, backbone, box_loss, decode
        self.normalise = nn.ModuleDict(
            {level: nn.BatchNorm2d(channels, affine=False) for level, (channels, _) in LEVELS.items()}
        )
        self.box_head = HEADS[head]()
        self.class_head = nn.Linear(LEVELS["C5"][0], num_classes)

    def forward(
        self, inputs: Sequence[Tensor | Features], targets: Sequence[Target] | None = None
    ) -> dict[str, Tensor] | list[Prediction]:
        """The losses in training; in evaluation one `Prediction` with one box for each image."""
        if self.training:
            return self.losses(inputs, targets)
        return self.detect(inputs)

    def outputs(self, inputs: Sequence[Tensor | Features]) -> tuple[Tensor, Tensor]:
        """The boxes (N, 4), xyxy pixels, and the class scores (N, K) before the softmax."""
        features, sizes = self.look(inputs)
        fractions = self.box_head(features).sigmoid()  # (N, 4): cx, cy, w, h
        logits = self.class_head(features["C5"].mean((-2, -1)))  # (N, K)
        return self.decode(fractions, sizes), logits

    def losses(
        self, inputs: Sequence[Tensor | Features], targets: Sequence[Target] | None
    ) -> dict[str, Tensor]:
        """The mean box loss and the mean cross entropy of the classes."""
        boxes, labels = only_objects(targets, len(inputs), self.num_classes)
        predicted, logits = self.outputs(inputs)
        return {"box": self.box_loss(predicted, boxes).mean(), "class": F.cross_entropy(logits, labels - 1)}

    def detect(self, inputs: Sequence[Tensor | Features]) -> list[Prediction]:
        """The box, clipped to the image, the most probable label and its probability, for each image."""
        boxes, logits = self.outputs(inputs)
        scores, labels = logits.softmax(-1).max(-1)  # (N,) each
        clipped = [ops.clip_boxes_to_image(box, image_size(x)) for box, x in zip(boxes, inputs, strict=True)]
        return [
            {"boxes": box[None], "labels": label[None] + 1, "scores": score[None]}
            for box, label, score in zip(clipped, labels, scores, strict=True)
        ]

    def look(self, inputs: Sequence[Tensor | Features]) -> tuple[Features, Tensor]:
        """The normalised maps of all images on one grid, whatever their sizes, and these sizes (N, 2)."""
        check_inputs(inputs, self.backbone, tuple(LEVELS))
        maps = [x if isinstance(x, dict) else self.maps(x) for x in inputs]
        features = {}
        for level, side in GRID.items():
            grids = [on_grid(feature_maps[level], side) for feature_maps in maps]  # (C, side, side) each
            features[level] = self.normalise[level](torch.stack(grids))  # (N, C, side, side)
        sizes = [image_size(x) for x in inputs]
        return features, torch.tensor(sizes, device=grids[0].device)  # (N, 2)

    def maps(self, image: Tensor) -> Features:
        return {level: feature[0] for level, feature in self.backbone(image[None]).items()}  # (C, h, w) each


def on_grid(feature: Tensor, side: int) -> Tensor:
    same = feature.shape[-2:] == (side, side)
    return feature if same else F.adaptive_avg_pool2d(feature, side)  # (C, side, side)


def only_objects(targets: Sequence[Target] | None, count: int, num_classes: int) -> tuple[Tensor, Tensor]:
    """The box (N, 4) and the label (N,) of the one object of each image.

    Raises: ValueError when an image has another number of objects, or a target is not well formed.
    """
    check_targets(targets, count, num_classes)
    for i, target in enumerate(targets):
        if len(target["boxes"]) != 1:
            raise ValueError(
                f"Image {i} has {len(target['boxes'])} objects, but the localiser predicts exactly one: "
                "train it on scenes of one object."
            )
    return torch.cat([t["boxes"] for t in targets]), torch.cat([t["labels"] for t in targets])
