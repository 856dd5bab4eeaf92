"""What every backbone has in common: photographs go in, feature maps of several strides come out.

A backbone owns its `channels` and `strides`, and every model reads them there. Those to be had: EfficientNet-Lite0,
-Lite1 and -Lite2 (`coursekit.nets.efficientnet`), the CSP darknet of YOLOX-Nano (`coursekit.nets.csp_darknet`) and any
classifier of torchvision (`coursekit.nets.torchvision_backbone`).
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

STRIDE_OF_LEVEL = {"C1": 2, "C2": 4, "C3": 8, "C4": 16, "C5": 32}  # pixels: what the names mean


class Backbone(nn.Module):
    """The contract: images (N, 3, H, W) in [0, 1], RGB -> {level: (N, C, ceil(H / stride), ceil(W / stride))}.

    A subclass fills `stages` and writes `normalise(images)`.

    Attributes:
        channels, strides: of each level, the finest first. A level is named after its stride: C1 is 2 pixels, C5 is 32.
        stages: the network, cut behind each level: the next one takes the map of the last.
        trainable: the names of the stages that learn. All others are frozen: no gradient, and their batch
            normalisation keeps its statistics even after `.train()`.
        shipped: whether its weights can be had again without a file. If not, they are saved with the model.
        memory_format: in which `cached_features` computes the maps.
    """

    channels: Mapping[str, int]
    strides: Mapping[str, int] = STRIDE_OF_LEVEL
    shipped = False
    memory_format = torch.channels_last  # the faster one on a CPU

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleDict()
        self.trainable: tuple[str, ...] = ()

    def normalise(self, images: Tensor) -> Tensor:
        """The images with the values that the weights were trained on."""
        raise NotImplementedError

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        check_images(images)
        x = self.normalise(images)
        features = {}
        for level, stage in self.stages.items():
            x = stage(x)  # (N, channels, H / stride, W / stride)
            features[level] = x
        return {level: features[level] for level in self.channels}

    def learn(self, names: Iterable[str]) -> "Backbone":
        """Let these stages learn and no others; return the backbone.

        Raises:
            ValueError: a stage does not exist.
        """
        parts = self.parts()
        self.trainable = (names,) if isinstance(names, str) else tuple(names)
        for name in self.trainable:
            if name not in parts:
                raise ValueError(f"Unknown stage {name!r} to train: there are {', '.join(parts)}.")
        self.requires_grad_(False)
        for name in self.trainable:
            parts[name].requires_grad_(True)
        return self.train(self.training)

    def parts(self) -> dict[str, nn.Module]:
        """What can learn, by name."""
        return dict(self.stages.items())

    def train(self, mode: bool = True) -> "Backbone":
        super().train(False)
        for name in self.trainable:
            self.parts()[name].train(mode)
        self.training = mode
        return self

    def fingerprint(self) -> str:
        """A short text that changes when any weight or statistic of the network changes."""
        digest = hashlib.sha256()
        for name, value in self.state_dict().items():
            digest.update(name.encode())
            digest.update(value.detach().cpu().contiguous().numpy())
        return digest.hexdigest()[:16]


def check_images(images: Tensor) -> None:
    """Raises: ValueError when the images are not floats (N, 3, H, W) in [0, 1]."""
    if images.ndim != 4 or images.shape[1] != 3 or not images.is_floating_point():
        raise ValueError(
            f"The backbone expects float images (N, 3, H, W), not {images.dtype} of {tuple(images.shape)}."
        )
    if images.numel() and images.detach().amax() > 2:  # bicubic resizing overshoots 1 a little
        raise ValueError("The backbone expects images in [0, 1]: divide yours by 255.")


def check_levels(backbone: Any, levels: Iterable[str]) -> None:
    """Raises: ValueError in one sentence when this is not a backbone, or one without a level that is needed."""
    name = getattr(backbone, "__name__", type(backbone).__name__)
    if not all(isinstance(getattr(backbone, each, None), Mapping) for each in ("channels", "strides")):
        raise ValueError(
            f"{name} cannot be a backbone, because it does not say the `channels` and `strides` of its levels: "
            "use efficientnet_lite0(), or torchvision_backbone(model) around a classifier of torchvision."
        )
    missing = [level for level in levels if level not in backbone.channels or level not in backbone.strides]
    if missing:
        raise ValueError(
            f"The backbone {name} has the levels {', '.join(backbone.channels)}, but the model looks at "
            f"{', '.join(levels)}: use another backbone, or a model that does without {', '.join(missing)}."
        )
