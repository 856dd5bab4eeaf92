"""CSP darknet and path aggregation: the trunk of YOLOX-Nano, from pixels to three feature maps.

The darknet alone is a backbone too, trained on COCO: `csp_darknet`. Batch normalisation is folded into the convolutions.
Source: Ge et al., "YOLOX", arXiv:2107.08430; Wang et al., "CSPNet", arXiv:1911.11929.
"""

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.folders import data_folder
from coursekit.nets.backbone import Backbone
from coursekit.weights import read_tensors


def focus(pixels: Tensor) -> Tensor:
    """Move each 2 x 2 patch into the channels, nothing is lost: (N, 3, H, W) -> (N, 12, H / 2, W / 2)."""
    rows = (pixels[..., ::2, :], pixels[..., 1::2, :])
    return torch.cat([row[..., column::2] for column in (0, 1) for row in rows], 1)


class Darknet(nn.Module):
    """The feature maps C3, C4 and C5 of a batch of images.

    Shapes: (N, 3, H, W) -> (N, 64, H / 8, W / 8), (N, 128, H / 16, W / 16), (N, 256, H / 32, W / 32).
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = Convolution(12, 16, 3)
        self.C2 = nn.Sequential(SeparableConvolution(16, 32, stride=2), CrossStage(32, 32))
        self.C3 = nn.Sequential(SeparableConvolution(32, 64, stride=2), CrossStage(64, 64, repeats=3))
        self.C4 = nn.Sequential(SeparableConvolution(64, 128, stride=2), CrossStage(128, 128, repeats=3))
        self.C5 = nn.Sequential(
            SeparableConvolution(128, 256, stride=2),
            PyramidPooling(256),
            CrossStage(256, 256, shortcut=False),
        )

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        c3 = self.C3(self.C2(self.stem(focus(pixels))))
        c4 = self.C4(c3)
        return c3, c4, self.C5(c4)


class CSPDarknet(Backbone):
    """The feature maps C1 to C5 of each image, at strides 2, 4, 8, 16 and 32 pixels: a `Darknet`, cut at its stages.

    Shapes: (N, 3, H, W) -> {"C1": (N, 16, ceil(H / 2), ceil(W / 2)), ..., "C5": (N, 256, h, w)}.
    Args:
        images: floats in [0, 1], RGB.
        trainable: names out of C1 ... C5 whose weights may learn; all others are frozen.
    Source: Wang et al., "CSPNet", arXiv:1911.11929; its size is that of YOLOX-Nano, arXiv:2107.08430.

    >>> features = CSPDarknet()(torch.rand(1, 3, 64, 96))
    >>> {level: tuple(feature.shape[1:]) for level, feature in features.items() if level > "C3"}
    {'C4': (128, 4, 6), 'C5': (256, 2, 3)}
    """

    channels = {"C1": 16, "C2": 32, "C3": 64, "C4": 128, "C5": 256}

    def __init__(self, trainable: Iterable[str] = (), darknet: Darknet | None = None) -> None:
        super().__init__()
        net = Darknet() if darknet is None else darknet
        first = nn.Sequential(Focus(), net.stem)
        self.stages.update({"C1": first, "C2": net.C2, "C3": net.C3, "C4": net.C4, "C5": net.C5})
        self.learn(trainable)

    def normalise(self, images: Tensor) -> Tensor:
        """The images as the network saw them in its training: BGR, 0 ... 255."""
        return images.flip(1) * 255


def csp_darknet(pretrained: bool = True, trainable: Iterable[str] = ()) -> CSPDarknet:
    """Return the trunk of YOLOX-Nano, with its COCO weights unless `pretrained` is False; nothing is downloaded.

    Args:
        trainable: the stages whose weights learn, for example ("C4", "C5"); the rest is frozen.
    Raises:
        FileNotFoundError: the file of weights is not in the data folder.
        ValueError: it is damaged.
    """
    darknet = Darknet()
    if pretrained:
        tensors, _ = read_tensors(data_folder() / "checkpoints" / "yolox_nano.safetensors")
        darknet.load_state_dict(below("darknet.", tensors))
    model = CSPDarknet(trainable, darknet)
    model.shipped = pretrained and not model.trainable
    return model.eval()


def below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


class Focus(nn.Module):
    """`focus` as a layer; an odd side gets a row or a column of zeros."""

    def forward(self, pixels: Tensor) -> Tensor:
        return focus(F.pad(pixels, (0, pixels.shape[-1] % 2, 0, pixels.shape[-2] % 2)))


class PathAggregation(nn.Module):
    """Pass meaning down from coarse to fine, then position up again.

    Shapes: those of C3, C4 and C5 -> {"P3", "P4", "P5"}, the same.
    Source: Liu et al., "Path Aggregation Network", CVPR 2018, arXiv:1803.01534, figure 1.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reduce5 = Convolution(256, 128, 1)
        self.merge4 = CrossStage(256, 128, shortcut=False)
        self.reduce4 = Convolution(128, 64, 1)
        self.merge3 = CrossStage(128, 64, shortcut=False)
        self.shrink3 = SeparableConvolution(64, 64, stride=2)
        self.join4 = CrossStage(128, 128, shortcut=False)
        self.shrink4 = SeparableConvolution(128, 128, stride=2)
        self.join5 = CrossStage(256, 256, shortcut=False)

    def forward(self, features: tuple[Tensor, Tensor, Tensor]) -> dict[str, Tensor]:
        c3, c4, c5 = features
        top5 = self.reduce5(c5)  # (N, 128, H / 32, W / 32)
        top4 = self.reduce4(self.merge4(torch.cat([twice(top5), c4], 1)))  # (N, 64, H / 16, W / 16)
        p3 = self.merge3(torch.cat([twice(top4), c3], 1))  # (N, 64, H / 8, W / 8)
        p4 = self.join4(torch.cat([self.shrink3(p3), top4], 1))  # (N, 128, H / 16, W / 16)
        p5 = self.join5(torch.cat([self.shrink4(p4), top5], 1))  # (N, 256, H / 32, W / 32)
        return {"P3": p3, "P4": p4, "P5": p5}


class PyramidPooling(nn.Module):
    """Look at four window sizes at once: (N, C, h, w), the same. Source: He et al., arXiv:1406.4729."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = Convolution(channels, channels // 2, 1)
        self.merge = Convolution(channels * 2, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.reduce(x)  # (N, C / 2, h, w)
        windows = [F.max_pool2d(x, size, stride=1, padding=size // 2) for size in (5, 9, 13)]
        return self.merge(torch.cat([x, *windows], 1))


class CrossStage(nn.Module):
    """Half of the channels pass through bottlenecks, half go round them.

    Shapes: (N, in_channels, h, w) -> (N, channels, h, w).
    Source: CSPNet, arXiv:1911.11929, figure 2.
    """

    def __init__(self, in_channels: int, channels: int, repeats: int = 1, shortcut: bool = True) -> None:
        super().__init__()
        self.through = Convolution(in_channels, channels // 2, 1)
        self.around = Convolution(in_channels, channels // 2, 1)
        self.bottlenecks = nn.Sequential(*(Bottleneck(channels // 2, shortcut) for _ in range(repeats)))
        self.merge = Convolution(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        through, around = self.through(x), self.around(x)
        return self.merge(torch.cat([self.bottlenecks(through), around], 1))


class Bottleneck(nn.Module):
    def __init__(self, channels: int, shortcut: bool) -> None:
        super().__init__()
        self.mix, self.filter = Convolution(channels, channels, 1), SeparableConvolution(channels, channels)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y = self.filter(self.mix(x))
        return x + y if self.shortcut else y


class SeparableConvolution(nn.Sequential):
    """Filter each channel on its own, then mix: (N, C, H, W) -> (N, channels, H / stride, W / stride)."""

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = Convolution(in_channels, in_channels, 3, stride, groups=in_channels)
        self.pointwise = Convolution(in_channels, channels, 1)


class Convolution(nn.Conv2d):
    def __init__(self, in_channels: int, channels: int, kernel_size: int, stride: int = 1, groups: int = 1):
        super().__init__(in_channels, channels, kernel_size, stride, kernel_size // 2, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(super().forward(x), inplace=True)


def twice(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2)  # (N, C, 2 h, 2 w), the nearest
