"""One object, one box: localisation as regression on the feature maps of a pretrained network.

Read it from top to bottom: two ways to look at the feature maps, three functions that a student can replace
(`decode_box`, `giou_loss` and `freeze`), and the model: outputs, losses, predict, and which of its parts learn.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.models.detector import Detector, Features, Inputs
from coursekit.nets.backbone import Backbone
from coursekit.nets.upper_stages import UpperStages
from coursekit.schema import Prediction, Target

GRID = {"C4": 12, "C5": 6}  # cells per side that a head looks at: the maps of a 192-pixel image as they are
HIDDEN = 128


class PooledHead(nn.Module):
    """Numbers from the average of each channel: they say what is in the image, but no longer where.

    It looks at C5 only, as the end of a classification network does. Not all is lost: the zeros around an image
    mark its borders in the maps, the more so in C4.
    Source: Lin et al., Network In Network, arXiv:1312.4400, section 3.2; Islam et al., arXiv:2001.08248.
    """

    levels = ("C5",)

    def __init__(self, channels: Mapping[str, int], outputs: int = 4) -> None:
        super().__init__()
        self.layers = two_layers(sum(channels[level] for level in self.levels), outputs)

    def forward(self, features: Features) -> Tensor:
        averages = [features[level].mean((-2, -1)) for level in self.levels]  # (N, channels) each
        return self.layers(torch.cat(averages, 1))  # (N, outputs)


class SpatialHead(nn.Module):
    """Numbers from all cells: fewer channels, then flattened, so each place has its own weights."""

    levels = ("C4", "C5")

    def __init__(self, channels: Mapping[str, int], outputs: int = 4, width: int = 16) -> None:
        super().__init__()
        self.reduce = nn.ModuleDict({level: nn.Conv2d(channels[level], width, 1) for level in self.levels})
        self.layers = two_layers(width * sum(GRID[level] ** 2 for level in self.levels), outputs)

    def forward(self, features: Features) -> Tensor:
        maps = [self.reduce[level](features[level]).relu() for level in self.levels]  # (N, channels, h, w)
        return self.layers(torch.cat([cells.flatten(1) for cells in maps], 1))  # (N, outputs)


def two_layers(in_features: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(in_features, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, outputs))


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
    Source: Rezatofighi et al., arXiv:1902.09630.

    >>> giou_loss(torch.tensor([[0.0, 0, 2, 2]]), torch.tensor([[2.0, 0, 4, 2]]))
    tensor([1.])
    """
    return ops.generalized_box_iou_loss(predicted, target)  # (N,)


def freeze(module: nn.Module) -> nn.Module:
    """The same module, which learns no more: no gradients, and its batch normalisation keeps its statistics.

    `.train()` wakes the batch normalisation up again: freeze after it.

    >>> frozen = freeze(nn.BatchNorm2d(2))
    >>> frozen.training, any(parameter.requires_grad for parameter in frozen.parameters())
    (False, False)
    """
    return module.eval().requires_grad_(False)


class Localiser(Detector):
    """One box and one class for each image.

    The class comes from pooled features in both variants, for it has no place; `head` finds the box.

    Args:
        num_classes: K, without background.
        head: "spatial" keeps the positions, "pooled" averages them away.
        backbone: as `ImageModel`.
        stages: the last stages of the backbone, to be trained too; they recompute their maps.
        box_loss: (N, 4) predicted and (N, 4) target boxes, xyxy pixels -> (N,) losses.
        decode: (N, 4) fractions (cx, cy, w, h) and (N, 2) sizes (H, W) -> (N, 4) boxes, xyxy pixels.
        freeze: takes a module that must not learn now; called again after each `.train()`.
    """

    levels = tuple(GRID)
    parts = ("normalise", "stages", "box_head", "class_head")

    def __init__(
        self,
        num_classes: int,
        head: str = "spatial",
        backbone: Backbone | None = None,
        stages: UpperStages | None = None,
        box_loss: Callable[[Tensor, Tensor], Tensor] = giou_loss,
        decode: Callable[[Tensor, Tensor], Tensor] = decode_box,
        freeze: Callable[[nn.Module], object] = freeze,
    ) -> None:
        super().__init__(num_classes, backbone)
        if head not in HEADS:
            raise ValueError(f"Unknown head {head!r}: choose {' or '.join(HEADS)}.")
        self.box_loss, self.decode, self.freeze = box_loss, decode, freeze
        self.box_head = HEADS[head](self.channels)
        self.class_head = nn.Linear(self.channels["C5"], num_classes)
        self.stages = stages
        self.learning: tuple[str, ...] = self.parts

    def outputs(self, batch: Inputs) -> tuple[Tensor, Tensor]:
        """The boxes (N, 4), xyxy pixels, and the class scores (N, K) before the softmax."""
        features = self.feature_maps(batch)
        fractions = self.box_head(features).sigmoid()  # (N, 4): cx, cy, w, h
        logits = self.class_head(features["C5"].mean((-2, -1)))  # (N, K)
        return self.decode(fractions, sizes_of(batch, self.padded_size(batch[0]))), logits

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The mean box loss and the mean cross entropy of the classes."""
        self.check_targets(batch, targets)
        boxes, labels = only_objects(targets)
        predicted, logits = self.outputs(batch)
        return {"box": self.box_loss(predicted, boxes).mean(), "class": F.cross_entropy(logits, labels - 1)}

    def predict(self, batch: Inputs) -> list[Prediction]:
        """The box, clipped to the image, the most probable label and its probability, for each image."""
        boxes, logits = self.outputs(batch)
        scores, labels = logits.softmax(-1).max(-1)  # (N,) each
        clipped = [
            ops.clip_boxes_to_image(box, self.image_size(x)) for box, x in zip(boxes, batch, strict=True)
        ]
        return [
            {"boxes": box[None], "labels": label[None] + 1, "scores": score[None]}
            for box, label, score in zip(clipped, labels, scores, strict=True)
        ]

    def feature_maps(self, batch: Inputs) -> Features:
        """The normalised maps of a batch of one size, on one grid whatever the size."""
        return {level: on_grid(maps, GRID[level]) for level, maps in super().feature_maps(batch).items()}

    def learn(self, *parts: str) -> "Localiser":
        """Let these parts of the model learn and no others; return the model, for `fit`.

        Raises:
            ValueError: the model has no such part.
        """
        for name in parts:
            if getattr(self, name, None) is None or name not in self.parts:
                there = ", ".join(part for part in self.parts if getattr(self, part) is not None)
                raise ValueError(f"This model has no part {name!r} that could learn: there are {there}.")
            getattr(self, name).requires_grad_(True)
        self.learning = parts
        return self.train(self.training)

    def train(self, mode: bool = True) -> "Localiser":
        super().train(mode)
        for name in self.parts:
            if name not in self.learning and getattr(self, name) is not None:
                self.freeze(getattr(self, name))
        return self

    def maps(self, batch: Inputs, levels: Sequence[str]) -> Features:
        """The maps of a batch of one size, the last ones recomputed where `stages` learn."""
        if self.stages is None:
            return super().maps(batch, levels)
        self.check_inputs(batch, (self.stages.below,))
        return self.stages(super().maps(batch, (*levels, self.stages.below)))


def on_grid(maps: Tensor, side: int) -> Tensor:
    same = maps.shape[-2:] == (side, side)
    return maps if same else F.adaptive_avg_pool2d(maps, side)  # (N, C, side, side)


def sizes_of(batch: Inputs, size: tuple[int, int]) -> Tensor:
    """(N, 2): height and width, in pixels, of what the maps of each image show, its padding included."""
    first = next(iter(batch[0].values())) if isinstance(batch[0], dict) else batch[0]
    return torch.tensor([size], device=first.device).expand(len(batch), 2)


def only_objects(targets: Sequence[Target]) -> tuple[Tensor, Tensor]:
    """The box (N, 4) and the label (N,) of the one object of each image.

    Raises:
        ValueError: an image has another number of objects.
    """
    for i, target in enumerate(targets):
        if len(target["boxes"]) != 1:
            raise ValueError(
                f"Image {i} has {len(target['boxes'])} objects, but the localiser predicts exactly one: "
                "train it on scenes of one object."
            )
    return torch.cat([t["boxes"] for t in targets]), torch.cat([t["labels"] for t in targets])
