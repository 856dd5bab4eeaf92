"""What the course publishes: the shipped weights by one address, what they know, and the scores of the recipes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import nn

from coursekit import ops
from coursekit.data.still_life import CLASSES
from coursekit.folders import checkpoint, data_folder
from coursekit.models.centernet import CenterNet
from coursekit.models.cornernet import CornerNet
from coursekit.models.deconvnet import DeconvNet
from coursekit.models.detr import DETR
from coursekit.models.detr_modern import ModernDETR
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.fcn import FCN8s, FCN16s, FCN32s
from coursekit.models.fcos import FCOS
from coursekit.models.hourglass import HourglassKeypoints
from coursekit.models.localiser import Localiser
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.models.promptable import PromptableSegmenter
from coursekit.models.retinanet import RetinaNet
from coursekit.models.several_scales import LONGEST_SIDES, SeveralScales
from coursekit.models.ssd import SSD
from coursekit.models.unet import UNet
from coursekit.models.yolo import Yolo
from coursekit.models.yolo_modern import YoloModern
from coursekit.models.yolox_nano import COCO_CLASSES, yolox_nano
from coursekit.nets.backbone import Backbone
from coursekit.nets.efficientnet import efficientnet_lite0, efficientnet_lite2
from coursekit.weights import load_weights

STILL_LIFE_SIZE = (192, 192)
Score = tuple[float, float, float]


@dataclass(frozen=True)
class Shipped:
    """What shipped weights know.

    Attributes:
        model: makes the network, `model(num_classes, backbone=...)`.
        recipe: what trained it with seed 0, by its name in data/checkpoints/scores.json; "" for weights of others,
            and for those whose recipe has not been recorded.
        prefix: of its scores, where one record has those of several models.
        classes: the K names; label k is `classes[k - 1]`.
        size: (height, width) in pixels of the images that it was trained on.
        licence: of the weights.
        backbone: makes the backbone.
        scales: longest sides, in pixels, that the model is averaged over; images may then have any size.
    """

    model: Callable[..., nn.Module]
    recipe: str
    prefix: str = ""
    classes: tuple[str, ...] = CLASSES
    size: tuple[int, int] = STILL_LIFE_SIZE
    licence: str = "CC-BY-4.0, the coursekit authors"
    backbone: Callable[[], Backbone] = efficientnet_lite0
    scales: tuple[int, ...] = ()

    @property
    def scores(self) -> dict[str, dict[str, Score]]:
        """The published scores: {"test_scenes": {"AP": (value, low, high), ...}, "test_objects": ...}."""
        found = record(self.recipe)["scores"] if self.recipe else {}
        return {
            split: {
                name.removeprefix(self.prefix): tuple(interval)
                for name, interval in scores.items()
                if name.startswith(self.prefix)
            }
            for split, scores in found.items()
        }


SHIPPED = {
    "localiser_spatial": Shipped(Localiser, "localiser-spatial"),
    "localiser_pooled": Shipped(partial(Localiser, head="pooled"), "localiser-pooled"),
    "yolo": Shipped(Yolo, "yolo"),
    "yolo_modern": Shipped(YoloModern, "yolo_modern"),
    "retinanet": Shipped(RetinaNet, "retinanet"),
    "retinanet_real": Shipped(RetinaNet, "retinanet_real", backbone=efficientnet_lite2, scales=LONGEST_SIDES),
    "ssd": Shipped(SSD, "ssd"),
    "fcos": Shipped(FCOS, "fcos"),
    "faster_rcnn": Shipped(FasterRCNN, "faster_rcnn_long"),
    "mask_rcnn": Shipped(MaskRCNN, "mask_rcnn_long"),
    "mask_rcnn_roi_align": Shipped(MaskRCNN, "pooling", "roi_align_"),
    "mask_rcnn_roi_pool": Shipped(partial(MaskRCNN, pool=ops.roi_pool), "pooling", "roi_pool_"),
    "cornernet": Shipped(CornerNet, "cornernet"),
    "centernet": Shipped(CenterNet, "centernet"),
    "detr": Shipped(DETR, "detr_long"),
    "detr_modern": Shipped(ModernDETR, "detr_modern_long"),
    "fcn32s": Shipped(FCN32s, "fcn32s"),
    "fcn16s": Shipped(FCN16s, "fcn16s"),
    "fcn8s": Shipped(FCN8s, "fcn8s"),
    "deconvnet": Shipped(DeconvNet, "deconvnet"),
    "unet_none": Shipped(partial(UNet, skips="none"), "unet_none"),
    "unet": Shipped(UNet, "unet"),
    "hourglass": Shipped(HourglassKeypoints, "hourglass"),
    "promptable": Shipped(PromptableSegmenter, "promptable", classes=("object",)),
    "yolox_nano": Shipped(yolox_nano, "", "", COCO_CLASSES, (416, 416), "Apache-2.0, Megvii Inc."),
}


def shipped(name: str) -> nn.Module:
    """Return the shipped model of this name, ready to predict from images or from features.

    A model with `scales`, such as "retinanet_real", comes as `SeveralScales`: it takes images alone, of any size.

    What it knows, its classes, image size, scores and licence, is `SHIPPED[name]`.

    Args:
        name: one of SHIPPED.
    Raises:
        ValueError: another name, or a damaged file.
        FileNotFoundError: the file is missing, or the package of its backbone.

    >>> shipped("yolo").num_classes
    10
    >>> SHIPPED["retinanet"].classes[:3], SHIPPED["retinanet"].scores["test_scenes"]["AP"][0] > 0.5
    (('apple', 'pear', 'lemon'), True)
    """
    if name not in SHIPPED:
        raise ValueError(f"There are no shipped weights {name!r}: use one of {', '.join(SHIPPED)}.")
    if name == "yolox_nano":
        return yolox_nano()
    known = SHIPPED[name]
    model = known.model(len(known.classes), backbone=known.backbone())
    load_weights(model, checkpoint(name))
    return SeveralScales(model.eval(), known.scales) if known.scales else model.eval()


def records() -> list[dict]:
    """Return every published record of data/checkpoints/scores.json; none where there is no such file."""
    path = data_folder() / "checkpoints" / "scores.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def record(recipe: str, seed: int = 0, steps: int | None = None) -> dict:
    """Return the published record of a recipe: its command, steps, CPU minutes and scores.

    Args:
        steps: where it was run with several numbers of them.
    Raises:
        KeyError: it was not run with this seed.

    >>> record("retinanet")["command"]
    'python -m coursekit.recipes retinanet --steps 1050 --seed 0'
    """
    found = [each for each in records() if (each["recipe"], each["seed"]) == (recipe, seed)]
    found = [each for each in found if steps in (None, each.get("steps"))]
    if not found:
        raise KeyError(f"scores.json has no {recipe!r} of seed {seed}: run its recipe.")
    return found[0]
