"""Every segmenter behind one address, a backbone without weights for it, and scenes to show it."""

import pytest
import torch
import torch.nn.functional as F
import torchvision.models.segmentation as witness
from torch import nn

from coursekit.models.deconvnet import DeconvNet
from coursekit.models.fcn import FCN8s, FCN16s, FCN32s
from coursekit.models.hourglass import HourglassSegmenter
from coursekit.models.segmenter import Segmenter
from coursekit.models.unet import UNet
from coursekit.nets.efficientnet import EfficientNetLite0

VOID = 255


class Pointwise(Segmenter):
    """The least segmenter: it looks at one cell of one level at a time."""

    levels = ("C3",)

    def __init__(self, num_classes, backbone=None, **options):
        super().__init__(num_classes, backbone, **options)
        self.classify = nn.Conv2d(EfficientNetLite0.channels["C3"], num_classes + 1, 1)

    def outputs(self, batch):
        return F.interpolate(self.classify(self.feature_maps(batch)["C3"]), scale_factor=8, mode="bilinear")


OURS = {  # a new segmenter adds a line here
    "Pointwise": Pointwise,
    "FCN32s": FCN32s,
    "FCN16s": FCN16s,
    "FCN8s": FCN8s,
    "DeconvNet": DeconvNet,
    "UNet": UNet,
    "Hourglass": HourglassSegmenter,
}
LEVELS = ("C1", "C2", "C3", "C4", "C5")


class Theirs(Segmenter):
    """A segmentation network of torchvision under our contract."""

    def __init__(self, build):
        super().__init__(3)
        self.network = build(weights=None, weights_backbone=None, num_classes=4)
        self.backbone = nn.Identity()  # images are welcome

    def outputs(self, batch):
        from coursekit.schema import pad

        return self.network(pad(batch))["out"]


THEIRS = {
    "torchvision LR-ASPP": lambda: Theirs(witness.lraspp_mobilenet_v3_large),
    "torchvision FCN": lambda: Theirs(witness.fcn_resnet50),
}


class FakeBackbone(nn.Module):
    """Maps of the strides and channels of `EfficientNetLite0`, made of averages of the pixels."""

    channels, strides = EfficientNetLite0.channels, EfficientNetLite0.strides

    def __init__(self):
        super().__init__()
        self.mix = nn.ModuleDict({level: nn.Conv2d(3, self.channels[level], 1) for level in LEVELS})
        self.requires_grad_(False)

    def forward(self, images):
        return {
            level: mix(F.avg_pool2d(images, self.strides[level], ceil_mode=True))
            for level, mix in self.mix.items()
        }


def segmenter(name, **options):
    """A segmenter of three classes with weights that follow from a seed."""
    torch.manual_seed(0)
    if name in THEIRS:
        return THEIRS[name]()
    backbone = options.pop("backbone", None) or FakeBackbone()
    return OURS[name](3, backbone=backbone, **options)


def scene(seed, height=96, width=64):
    """Noise with a bright and a dark rectangle, and the class of each pixel; a stripe is void."""
    random = torch.Generator().manual_seed(seed)
    image = 0.2 + 0.3 * torch.rand(3, height, width, generator=random)
    semantic = torch.zeros(height, width, dtype=torch.int64)
    for label, (y, x) in enumerate([(2, 2), (height // 2, width // 3)], start=1):
        place = slice(y, y + height // 3), slice(x + seed % 3, x + seed % 3 + width // 2)
        image[:, *place] = torch.eye(3)[label][:, None, None]
        semantic[place] = label
    semantic[:, -2:] = VOID
    return image, {"semantic": semantic}


def batch_of(*scenes):
    return map(list, zip(*scenes, strict=True))


SLOW = [pytest.param("torchvision FCN", marks=pytest.mark.slow)]
every = pytest.mark.parametrize("name", [*OURS, "torchvision LR-ASPP", *SLOW])
ours = pytest.mark.parametrize("name", OURS)


def label_map(value, size=(96, 64)):
    semantic = torch.zeros(size, dtype=torch.int64)
    semantic[2, 3] = value
    return {"semantic": semantic}
