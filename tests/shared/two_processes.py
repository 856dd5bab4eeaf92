"""What two processes under torchrun do: short trainings of every model, and one that has NaN in one of them."""

import json

import torch
from torch import nn

from coursekit import distributed, ops
from coursekit.commands.datasets import pixels_of
from coursekit.models.centernet import CenterNet
from coursekit.models.cornernet import CornerNet
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.fcn import FCN8s
from coursekit.models.hourglass import HourglassSegmenter
from coursekit.models.localiser import Localiser
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.models.retinanet import RetinaNet
from coursekit.models.slot_localiser import SlotLocaliser
from coursekit.models.ssd import SSD
from coursekit.models.yolo import Yolo
from coursekit.models.yolo_modern import YoloModern
from coursekit.nets.efficientnet import EfficientNetLite0
from coursekit.schema import VOID
from coursekit.training import fit
from coursekit.weights import save_weights

MODELS = (RetinaNet, SSD, Yolo, YoloModern, FasterRCNN, MaskRCNN, Localiser, SlotLocaliser, FCN8s)
MODELS += (HourglassSegmenter, CornerNet, CenterNet)
SIDE = 96  # pixels


def items(objects):
    """Feature maps of noise in double precision, with as many objects as the list says."""
    random = torch.Generator().manual_seed(0)

    def noise(*shape):
        return torch.rand(*shape, generator=random, dtype=torch.float64)

    def item(count):
        levels = ("C3", "C4", "C5")
        maps = {
            k: noise(
                EfficientNetLite0.channels[k],
                SIDE // EfficientNetLite0.strides[k],
                SIDE // EfficientNetLite0.strides[k],
            )
            for k in levels
        }
        corner = 40 * noise(count, 2)
        boxes = torch.cat([corner, corner + 16 + 30 * noise(count, 2)], 1)
        labels = torch.randint(1, 4, (count,), generator=random)
        masks = pixels_of(boxes, (SIDE, SIDE))
        semantic = ops.semantic_map(masks, labels)
        semantic[: SIDE - 13 * count] = VOID  # all of it without objects
        return maps, {"boxes": boxes, "labels": labels, "masks": masks, "semantic": semantic}

    return [item(count) for count in objects]


def trainings(folder, batch_size):
    """Train each model for four steps; the first process writes the losses of the steps and the weights.

    Two-stage models train on all anchors and regions, not on a few by chance, so their numbers differ the more.
    Nothing is dropped out, since each process has chances of its own.
    """
    torch.set_num_threads(1)
    with distributed.processes("cpu"):
        for model_class in MODELS:
            objects = [1] * 10 if model_class is Localiser else [0, 1, 4, 0, 0, 7, 0, 0, 2, 1]
            torch.manual_seed(0)
            model = model_class(3, **({"slots": 7} if model_class is SlotLocaliser else {})).double()
            model.sample = lambda match, *numbers: match
            for dropout in filter(lambda layer: isinstance(layer, nn.Dropout), model.modules()):
                dropout.p = 0.0
            run = fit(model, items(objects), 4, batch_size, lr=1e-3)
            losses = {"losses": json.dumps([step.losses for step in run])}
            if distributed.rank() == 0:
                save_weights(model, f"{folder}/{model_class.__name__}.safetensors", **losses)


def one_has_nan():
    with distributed.processes("cpu"):
        model = RetinaNet(3).double()
        run = fit(model, items([1] * 10), 4, 2)
        next(run)
        if distributed.rank() == 1:
            model.loss = lambda logits, targets: logits * torch.nan
        try:
            next(run)
        except ValueError as error:
            print(f"{error}\n", end="", flush=True)
