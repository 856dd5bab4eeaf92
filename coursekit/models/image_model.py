"""What all models of the course have in common: images or feature maps go in, losses or predictions come out.

A model writes three functions, for a batch of images of one size. `ImageModel` does the rest: it checks, pads,
runs the backbone, normalises, and sorts images of several sizes into batches.
"""

from collections.abc import Mapping, Sequence
from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import distributed
from coursekit.nets.backbone import Backbone, check_levels
from coursekit.nets.efficientnet import EfficientNetLite0
from coursekit.schema import Prediction, Target, pad, validate

Features = dict[str, Tensor]
Inputs = Sequence[Tensor | Features]


class ImageModel(nn.Module):
    """The contract: `model(inputs, targets)` gives losses in training, `model(inputs)` predictions in evaluation.

    A subclass names the `levels` that it looks at and writes, for a batch of inputs of one size,
    `outputs(batch)`, `losses(batch, targets)` -> {name: ()} and `predict(batch)` -> one `Prediction` per image.

    Args:
        num_classes: K, without background.
        backbone: makes the feature maps of images, and owns the `channels` and `strides` that the model reads.
            Inputs may be dicts of its feature maps too, as `cached_features` returns them, of images whose sides are
            multiples of 32 pixels; without a backbone they must be, of one laid out as EfficientNet-Lite0.
    Raises:
        ValueError: the backbone does not have the levels.
    """

    levels: tuple[str, ...] = ("C3", "C4", "C5")

    def __init__(self, num_classes: int, backbone: Backbone | None = None) -> None:
        super().__init__()
        if num_classes < 1:
            raise ValueError(f"A model needs at least one class besides the background, not {num_classes}.")
        self.num_classes, self.backbone = num_classes, backbone
        layout = EfficientNetLite0 if backbone is None else backbone
        check_levels(layout, self.levels)
        self.channels, self.strides = dict(layout.channels), dict(layout.strides)
        self.normalise = nn.ModuleDict(
            {level: nn.BatchNorm2d(self.channels[level], affine=False) for level in self.levels}
        )

    def forward(
        self, inputs: Inputs, targets: Sequence[Target] | None = None
    ) -> dict[str, Tensor] | list[Prediction]:
        """The losses in training; in evaluation a `Prediction` for each image.

        Images of one padded size go through the network together. So no image is padded for the sake of another,
        and no answer depends on the company.
        Raises:
            ValueError: inputs or targets that are not well formed.
        """
        self.check_inputs(inputs, self.levels)
        batches = self.by_size(inputs)
        if len(batches) == 1:
            return self.losses(inputs, required(targets, inputs)) if self.training else self.predict(inputs)
        if self.training:
            targets = required(targets, inputs)
            self.check_targets(inputs, targets)  # here, where the images have the caller's numbers
            check_one_size_per_process()
            return mean_losses([self.losses(pick(inputs, b), pick(targets, b)) for b in batches], batches)
        found = [zip(b, self.predict(pick(inputs, b)), strict=True) for b in batches]
        predictions = dict(pair for pairs in found for pair in pairs)
        return [predictions[i] for i in range(len(inputs))]

    def outputs(self, batch: Inputs):
        """What the heads predict, before any decision."""
        raise NotImplementedError

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The losses of a batch of one size, in training or not; their sum is minimised.

        It begins with `self.check_targets(batch, targets)`. A loss in the mean over the images needs nothing else; a
        sum over anchors, regions, masks or pixels is divided by `distributed.shared_count` of them.
        """
        raise NotImplementedError

    def predict(self, batch: Inputs) -> list[Prediction]:
        """The predictions for a batch of one size, one per image."""
        raise NotImplementedError

    def feature_maps(self, batch: Inputs) -> Features:
        """The normalised feature maps of a batch of one size: {level: (N, C, h, w)}."""
        self.check_inputs(batch, self.levels)
        if len(self.by_size(batch)) > 1:
            raise ValueError(
                "The images have several sizes: call the model itself, which takes them size by size."
            )
        maps = self.maps(batch, self.levels)
        return {level: self.normalised(level, maps[level]) for level in self.levels}

    def maps(self, batch: Inputs, levels: Sequence[str]) -> Features:
        """The feature maps of a batch of one size as the backbone makes them: {level: (N, C, h, w)}."""
        features = [x for x in batch if isinstance(x, dict)]
        if features:
            return {level: torch.stack([x[level] for x in features]) for level in levels}
        assert self.backbone is not None  # `check_inputs` has seen to it
        images = pad([x for x in batch if isinstance(x, Tensor)], self.padding_stride)  # (N, 3, H, W)
        layout = getattr(self.backbone, "memory_format", torch.contiguous_format)
        return self.backbone(images.contiguous(memory_format=layout))

    def normalised(self, level: str, maps: Tensor) -> Tensor:
        """Each channel with mean 0 and variance 1 over the training images."""
        norm = self.normalise[level]
        assert isinstance(norm, nn.BatchNorm2d)
        maps = maps.contiguous(memory_format=torch.channels_last)  # the convolutions that follow are faster
        if maps.numel() == maps.shape[1]:  # one cell of one image has no variance
            return F.batch_norm(maps, norm.running_mean, norm.running_var, eps=norm.eps)
        return norm(maps)

    def check_targets(self, inputs: Inputs, targets: Sequence[Target]) -> None:
        """Raises: ValueError in words when the targets are not one well-formed dict for each image."""
        required(targets, inputs)
        validate(targets, num_classes=self.num_classes)

    def check_inputs(self, inputs: Inputs, levels: Sequence[str]) -> None:
        """Raises: ValueError saying which input is not what the model looks at."""
        check_inputs(inputs, self.backbone, levels, self.channels)

    @property
    def padding_stride(self) -> int:
        """Pixels: images are padded to multiples of it, so that every level's cells fit exactly."""
        return max(self.strides.values())

    def image_size(self, x: Tensor | Features) -> tuple[int, int]:
        """(height, width) in pixels of an image, or of the image that feature maps were made of.

        >>> ImageModel(num_classes=3).image_size({"C3": torch.zeros(40, 12, 24), "C4": torch.zeros(112, 6, 12)})
        (96, 192)
        """
        if isinstance(x, Tensor):
            return x.shape[-2], x.shape[-1]
        maps = x.keys() & self.strides.keys()  # proposals may lie beside them
        finest = min(maps, key=self.strides.__getitem__)
        height, width = x[finest].shape[-2:]
        return height * self.strides[finest], width * self.strides[finest]

    def padded_size(self, x: Tensor | Features) -> tuple[int, int]:
        """(height, width) of the image when it is padded to multiples of the coarsest stride.

        >>> ImageModel(num_classes=3).padded_size(torch.zeros(3, 70, 64))
        (96, 64)
        """
        step = self.padding_stride
        height, width = self.image_size(x)
        return -(-height // step) * step, -(-width // step) * step

    def by_size(self, inputs: Inputs) -> list[list[int]]:
        """The places of the inputs that can share a batch: of one kind and of one size when padded."""
        batches: dict[tuple, list[int]] = {}
        for i, x in enumerate(inputs):
            batches.setdefault((isinstance(x, dict), *self.padded_size(x)), []).append(i)
        return list(batches.values())


def mean_losses(parts: Sequence[dict[str, Tensor]], batches: Sequence[list[int]]) -> dict[str, Tensor]:
    """The mean of each loss over the batches, each with the weight of its number of images."""
    total = sum(len(batch) for batch in batches)
    weights = [len(batch) / total for batch in batches]
    shares = [{name: w * part[name] for name in parts[0]} for w, part in zip(weights, parts, strict=True)]
    return {name: reduce(torch.add, [share[name] for share in shares]) for name in parts[0]}


def pick(rows: Sequence, places: Sequence[int]) -> list:
    return [rows[i] for i in places]


def check_inputs(
    inputs: Inputs, backbone: Backbone | None, levels: Sequence[str], channels: Mapping[str, int]
) -> None:
    """Raises: ValueError saying which input is not what a model with these `channels` looks at."""
    if isinstance(inputs, dict) or not len(inputs):
        raise ValueError("The model takes a list with at least one image or dict of feature maps.")
    if backbone is None and not all(isinstance(x, dict) for x in inputs):
        raise ValueError("This model has no backbone: give it feature maps, or build it with backbone=….")
    for i, x in enumerate(inputs):
        if isinstance(x, dict) and not set(levels) <= x.keys():
            needed = " and ".join(levels)
            raise ValueError(f"The features of image {i} are {', '.join(x)}: {needed} are needed.")
        if isinstance(x, dict):
            check_channels(x, {level: channels[level] for level in levels if level in channels}, i)
        if isinstance(x, Tensor) and (x.ndim != 3 or x.shape[0] != 3 or not x.numel()):
            raise ValueError(f"Image {i} is {tuple(x.shape)}, not (3, H, W): pass a list of RGB images.")
        if not all(part.isfinite().all() for part in (x.values() if isinstance(x, dict) else [x])):
            raise ValueError(f"Image {i} contains NaN or infinity.")


def check_one_size_per_process() -> None:
    """Raises: ValueError on several processes: each size is normalised apart, and one would wait for the other."""
    if distributed.size() > 1:
        raise ValueError("The images have several sizes: on several processes bring them to one first.")


def check_channels(features: Features, channels: Mapping[str, int], i: int) -> None:
    """Raises: ValueError when the maps of image i are those of another backbone."""
    for level, expected in channels.items():
        if len(features[level]) != expected:
            raise ValueError(
                f"The features of image {i} have {len(features[level])} channels at {level}, but the model expects "
                f"{expected}: build it with the backbone that made them, as backbone=…."
            )


def required(targets: Sequence[Target] | None, inputs: Inputs) -> Sequence[Target]:
    """Return the targets. Raises: ValueError unless there is one for each input."""
    if targets is None or len(targets) != len(inputs):
        given = "no targets" if targets is None else f"{len(targets)} targets for {len(inputs)} images"
        raise ValueError(f"The model was given {given}: training needs one each; call .eval() to predict.")
    return targets
