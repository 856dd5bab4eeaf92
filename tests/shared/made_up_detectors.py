"""Every detector behind one address, a backbone without weights for it, and scenes to show it."""

import pytest
import torch
import torch.nn.functional as F
import torchvision.models.detection as witness
from torch import nn

from coursekit import ops
from coursekit.models.centernet import CenterNet
from coursekit.models.cornernet import CornerNet
from coursekit.models.detr import DETR
from coursekit.models.detr_modern import ModernDETR
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.fcos import FCOS
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.models.retinanet import RetinaNet
from coursekit.models.ssd import SSD
from coursekit.models.yolo import Yolo
from coursekit.models.yolo_modern import YoloModern
from coursekit.nets.efficientnet import EfficientNetLite0

OURS = {
    "Yolo": Yolo,
    "YoloModern": YoloModern,
    "RetinaNet": RetinaNet,
    "SSD": SSD,
    "FCOS": FCOS,
    "FasterRCNN": FasterRCNN,
    "MaskRCNN": MaskRCNN,
    "CornerNet": CornerNet,
    "CenterNet": CenterNet,
    "DETR": DETR,
    "ModernDETR": ModernDETR,
}
SMALL = {"weights": None, "weights_backbone": None, "num_classes": 4}
THEIRS = {
    "torchvision RetinaNet": lambda: witness.retinanet_resnet50_fpn(
        **SMALL, min_size=64, max_size=96, score_thresh=0.0, detections_per_img=100
    ),
    "torchvision SSDLite": lambda: witness.ssdlite320_mobilenet_v3_large(
        **SMALL, score_thresh=0.0, detections_per_img=100
    ),
    "torchvision Faster R-CNN": lambda: witness.fasterrcnn_mobilenet_v3_large_320_fpn(
        **SMALL, min_size=64, max_size=96, box_score_thresh=0.0
    ),
}


class FakeBackbone(nn.Module):
    """Maps of the strides and channels of `EfficientNetLite0`, made of averages of the pixels."""

    channels, strides = EfficientNetLite0.channels, EfficientNetLite0.strides

    def __init__(self):
        super().__init__()
        levels = ("C3", "C4", "C5")
        self.mix = nn.ModuleDict({level: nn.Conv2d(3, self.channels[level], 1) for level in levels})
        self.requires_grad_(False)

    def forward(self, images):
        return {
            level: mix(F.avg_pool2d(images, self.strides[level], ceil_mode=True))
            for level, mix in self.mix.items()
        }


def detector(name, **options):
    """A detector of three classes with weights that follow from a seed."""
    torch.manual_seed(0)
    if name in THEIRS:
        return THEIRS[name]()
    backbone = options.pop("backbone", None) or FakeBackbone()
    return OURS[name](3, backbone=backbone, **options)


def talkative(model):
    """The model after a shake of its weights that makes it see objects everywhere."""
    torch.manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not name.startswith("backbone."):
                parameter.add_(0.1 * torch.randn_like(parameter))
            if name.endswith(("class_head.last.bias", "objectness.bias", "heat.bias", "heat.1.bias")):
                parameter.zero_()
            if name.endswith(("embedding.weight", "offset.weight")):  # else hardly any corners are paired
                parameter.mul_(0.001)
    return model


def scene(seed, height=96, width=64):
    """Noise with two bright rectangles, and where they are."""
    random = torch.Generator().manual_seed(seed)
    image = 0.3 * torch.rand(3, height, width, generator=random)
    boxes = torch.tensor([[4.0, 6, 40, 38], [20, 30, 52, 62]]) + 2 * (seed % 4)
    for colour, (x1, y1, x2, y2) in enumerate(boxes.long().tolist()):
        image[colour, y1:y2, x1:x2] = 1
    boxes = ops.clip_boxes_to_image(boxes, (height, width))
    return image, objects(boxes, torch.tensor([1, 2]), height, width)


def objects(boxes, labels, height=96, width=64):
    """A target whose objects fill their boxes."""
    rows, columns = torch.arange(height)[:, None] + 0.5, torch.arange(width) + 0.5
    x1, y1, x2, y2 = boxes.t()[..., None, None]  # four times (G, 1, 1)
    masks = (rows > y1) & (rows < y2) & (columns > x1) & (columns < x2)  # (G, H, W)
    return {"boxes": boxes, "labels": labels, "masks": masks}


def usual():
    """Objects from small to large."""
    boxes = torch.tensor([[4.0, 6, 40, 38], [20, 30, 52, 62], [44, 70, 58, 84], [0, 0, 64, 96]])
    return objects(boxes, torch.tensor([1, 2, 3, 3]))


def nothing(height=96, width=64):
    return objects(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), height, width)


def crowd(count=500):
    random = torch.Generator().manual_seed(0)
    corner = torch.rand(count, 2, generator=random) * torch.tensor([50.0, 80.0])
    labels = torch.randint(1, 4, (count,), generator=random)
    boxes = torch.cat([corner, corner + 2 + 10 * torch.rand(count, 2, generator=random)], 1)
    return objects(boxes, labels)


def specks():
    boxes = torch.tensor([[3.0, 3, 4, 4], [63, 95, 64, 96], [31.9, 48, 32.1, 48.3]])
    return objects(boxes, torch.tensor([1, 2, 3]))


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in THEIRS if name != "torchvision SSDLite"]
every = pytest.mark.parametrize("name", [*OURS, "torchvision SSDLite", *SLOW])
ours = pytest.mark.parametrize("name", OURS)
