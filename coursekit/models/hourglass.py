"""Stacked hourglasses: key points as peaks of heat maps, and label maps, with a loss after each stack.

Read it from top to bottom: the losses, the key points and their heat maps, the segmenter.
Source: Newell, Yang and Deng, "Stacked Hourglass Networks for Human Pose Estimation", 2016, arXiv:1603.06937.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit import ops
from coursekit.models.image_model import ImageModel, Inputs
from coursekit.models.segmenter import Segmenter, label_maps
from coursekit.nets.backbone import Backbone
from coursekit.nets.convolution import small_start
from coursekit.nets.hourglass import MergedLevels, StackedHourglass, around_and_through
from coursekit.schema import Prediction, Target

SIGMA = 1.25  # cells: wide enough for the soft-arg-max to find the middle of a Gaussian within 0.05 cells
POINTS = 3  # of each object: its center, top and base
SCORE_THRESHOLD = 0.3


def intermediate_loss(guesses: Tensor, target: Tensor) -> Tensor:
    """The squared error of the heat maps, summed over the cells and over the stacks: the mean of the images.

    So every stack is told at once what is right, and the first one does not wait for gradients through all others.

    Shapes: (S, N, C, h, w), (N, C, h, w) -> ().
    Source: Newell et al., 2016, section 3.2, arXiv:1603.06937.

    >>> intermediate_loss(torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1, 1), torch.ones(1, 1, 1, 1))
    tensor(1.)
    """
    return (guesses - target).square().sum() / len(target)


def final_loss(guesses: Tensor, target: Tensor) -> Tensor:
    """The squared error of the last stack's heat maps alone, to compare with: as `intermediate_loss`."""
    return intermediate_loss(guesses[-1:], target)


class HourglassKeypoints(ImageModel):
    """The key points of every object: channel 3k + j of the heat maps is point j of the objects of class k.

    Args:
        num_classes, backbone: as `ImageModel`.
        stacks: hourglasses in a row.
        channels: of the hourglasses.
        target: points (P, 2) in cells, channels (P,), (C, h, w), sigma in cells -> heat maps (C, h, w).
        loss: (S, N, C, h, w), (N, C, h, w) -> ().
        fold: as `around_and_through`.
        soft_argmax: as `ops.soft_argmax`.
    """

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        stacks: int = 3,
        channels: int = 64,
        target: Callable[..., Tensor] = ops.gaussian_heatmap,
        loss: Callable[[Tensor, Tensor], Tensor] = intermediate_loss,
        fold: Callable[..., Tensor] = around_and_through,
        soft_argmax: Callable[[Tensor], Tensor] = ops.soft_argmax,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.target, self.loss, self.soft_argmax = target, loss, soft_argmax
        self.stride = self.strides[self.levels[0]]
        self.entrance = MergedLevels({level: self.channels[level] for level in self.levels}, channels)
        self.stacked = StackedHourglass(channels, POINTS * num_classes, stacks, fold=fold)
        for guess in self.stacked.guesses:  # nearly all cells are empty: begin with "nothing anywhere"
            small_start(guess, 1e-3)

    def outputs(self, batch: Inputs) -> Tensor:
        """The heat maps after each stack: (S, N, 3K, h, w)."""
        return torch.stack(self.stacked(self.entrance(self.feature_maps(batch))))

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The squared error of the heat maps."""
        self.check_targets(batch, targets)
        guesses = self.outputs(batch)
        channels, rows, columns = guesses.shape[2:]
        truth = torch.stack([self.heatmaps(t, (channels, rows, columns)) for t in targets])  # (N, 3K, h, w)
        return {"heat": self.loss(guesses, truth)}

    def heatmaps(self, target: Target, size: tuple[int, int, int]) -> Tensor:
        """What the network should predict for one image: (3K, h, w). Points outside the image are not drawn."""
        keypoints = target["keypoints"]  # (G, 3, 3)
        there = keypoints[..., 2] > 0  # (G, 3)
        points = ops.to_cells(keypoints[..., :2][there], self.stride)  # (P, 2)
        return self.target(points, channels_of(target["labels"])[there], tuple(size), SIGMA)

    def predict(self, batch: Inputs) -> list[Prediction]:
        """The peaks of the last stack: `points` (P, 2) in pixels, `point_labels` (P,) their channels, `point_scores`."""
        found = [self.peaks_of(heatmap) for heatmap in self.outputs(batch)[-1]]
        return [
            {"points": peaks.points, "point_labels": peaks.labels, "point_scores": peaks.scores}
            for peaks in found
        ]

    def peaks_of(self, heatmap: Tensor, count: int = 60) -> ops.Peaks:
        """The peaks of the heat maps (3K, h, w) of one image that are high enough, their points in pixels."""
        found = ops.peaks(heatmap, count)
        high = found.scores > SCORE_THRESHOLD
        found = ops.Peaks(*(part[high] for part in found))
        fine = ops.refine_peaks(heatmap, found, self.soft_argmax)
        return fine._replace(points=ops.to_pixels(fine.points, self.stride))

    def check_targets(self, inputs: Inputs, targets: Sequence[Target]) -> None:
        """Raises: ValueError if a target has no key points, or not three for each object."""
        super().check_targets(inputs, targets)
        for i, target in enumerate(targets):
            if "keypoints" not in target or "labels" not in target:
                raise ValueError(
                    f"Target {i} has no 'keypoints' and 'labels': take the still lifes from coursekit.data.keypoints."
                )
            shape = tuple(target["keypoints"].shape)
            if shape != (len(target["labels"]), POINTS, 3):
                raise ValueError(
                    f"The key points of image {i} are {shape}: {(len(target['labels']), POINTS, 3)} are needed, "
                    "x, y and visibility of each."
                )


def channels_of(labels: Tensor) -> Tensor:
    """The channel of each key point of objects with these labels: (G,) -> (G, 3).

    >>> channels_of(torch.tensor([1, 3]))
    tensor([[0, 1, 2],
            [6, 7, 8]])
    """
    return POINTS * (labels[:, None] - 1) + torch.arange(POINTS, device=labels.device)


class HourglassSegmenter(Segmenter):
    """Label maps by stacked hourglasses, to stand beside U-Net, with a loss after each stack.

    Args:
        num_classes, backbone, loss: as `Segmenter`.
        stacks, channels, fold: as `HourglassKeypoints`.
    """

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        stacks: int = 2,
        channels: int = 64,
        loss: Callable[[Tensor, Tensor], Tensor] = ops.pixel_cross_entropy,
        fold: Callable[..., Tensor] = around_and_through,
    ) -> None:
        super().__init__(num_classes, backbone, loss)
        self.entrance = MergedLevels({level: self.channels[level] for level in self.levels}, channels)
        self.stacked = StackedHourglass(channels, num_classes + 1, stacks, fold=fold)

    def guesses(self, batch: Inputs) -> list[Tensor]:
        """The logits after each stack, at the size of the padded images: S times (N, K + 1, H, W)."""
        size = self.padded_size(batch[0])
        coarse = self.stacked(self.entrance(self.feature_maps(batch)))  # S times (N, K + 1, h, w)
        return [F.interpolate(guess, size, mode="bilinear") for guess in coarse]

    def outputs(self, batch: Inputs) -> Tensor:
        """The logits of the last stack: (N, K + 1, H, W)."""
        return self.guesses(batch)[-1]

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The mean cross-entropy of the labelled pixels after each stack."""
        self.check_targets(batch, targets)
        labels = label_maps(targets, self.padded_size(batch[0])).to(next(self.parameters()).device)
        return {
            f"stack {k}": self.pixel_loss(guess, labels)
            for k, guess in enumerate(self.guesses(batch), start=1)
        }
