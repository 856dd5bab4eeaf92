"""A two-stage detector of few channels with opinions, maps to show it, and what stands in them."""

import torch
from torch import nn
from torchvision_rcnn import as_torchvision, witness_of

from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.nets.efficientnet import EfficientNetLite0

CLASSES, CHANNELS_OF_PYRAMID, HIDDEN, SIZE = 3, 8, 16, (96, 128)
TRUTH = [
    {"boxes": torch.tensor([[8.0, 8, 40, 44], [50, 20, 100, 92]]), "labels": torch.tensor([2, 3])},
    {"boxes": torch.tensor([[30.0, 10, 90, 60]]), "labels": torch.tensor([1])},
]
NOTHING = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}


def ours(kind=FasterRCNN, **options):
    torch.manual_seed(0)
    model = kind(CLASSES, channels=CHANNELS_OF_PYRAMID, hidden=HIDDEN, **options)
    with torch.no_grad():  # opinions: fresh heads predict nearly nothing
        for name, parameter in model.named_parameters():
            if "proposer" in name or "region_head" in name or "mask_head" in name:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


def maps_of(count=2, size=SIZE, seed=1):
    """Feature maps of the backbone's shapes, of images of `size` (height, width)."""
    random = torch.Generator().manual_seed(seed)
    return [
        {
            c: torch.randn(
                EfficientNetLite0.channels[c],
                size[0] // EfficientNetLite0.strides[c],
                size[1] // EfficientNetLite0.strides[c],
                generator=random,
            )
            for c in ("C3", "C4", "C5")
        }
        for _ in range(count)
    ]


def side_by_side(kind):
    """Our model and torchvision's with the same weights, and feature maps of two images."""
    model = ours(kind, pool=as_torchvision)
    return model, witness_of(model), maps_of()


def without_proposals(model):
    """The model after a first stage whose boxes all lie outside of the image."""
    nn.init.zeros_(model.proposer.offsets.weight)
    with torch.no_grad():
        model.proposer.offsets.bias.copy_(torch.tensor([1e3, 1e3, 0, 0]).repeat(3))
    return model
