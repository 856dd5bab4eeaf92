"""Experiments of labs 03 and 04: one-stage detectors on frozen features, all with 90 CPU seconds of training.

The number of steps is fixed, so that a run can be repeated to the bit: it is what fits into 90 seconds of one
core of the machine of the published scores.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from torch.utils.data import ConcatDataset, Dataset

from coursekit import ops, training
from coursekit.data.features import FeatureDataset, cached_features
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.transforms import Flipped, horizontal_flip
from coursekit.folders import data_folder
from coursekit.metrics import coco_intervals
from coursekit.models.detector import Detector, image_size
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.models.retinanet import RetinaNet
from coursekit.models.ssd import SSD
from coursekit.models.yolo import Yolo
from coursekit.models.yolo_modern import YoloModern
from coursekit.nets.backbone import efficientnet_lite0
from coursekit.recipes.core import train
from coursekit.schema import Target
from coursekit.weights import load_weights, own_state, write_tensors

TESTS = ("test_scenes", "test_objects")
ONE_STAGE = {"yolo": Yolo, "yolo_modern": YoloModern, "retinanet": RetinaNet, "ssd": SSD}
TWO_STAGE = {
    "faster_rcnn": FasterRCNN,
    "mask_rcnn": MaskRCNN,
    "mask_rcnn_roi_align": MaskRCNN,
    "mask_rcnn_roi_pool": partial(MaskRCNN, pool=ops.roi_pool),
}
MODELS = ONE_STAGE | TWO_STAGE


def trained(name: str) -> Detector:
    """The shipped detector of this name, trained with seed 0, ready to detect in images or features.

    The four of labs 03 and 04 are those of the recipes of their names; "faster_rcnn" and "mask_rcnn" are those of
    `faster_rcnn_long` and `mask_rcnn_long`, and the two others those of `pooling`, of 1,000 steps.

    Args:
        name: one of MODELS.
    Raises: ValueError for another name.

    >>> trained("yolo").num_classes
    10
    """
    if name not in MODELS:
        raise ValueError(f"there is no trained detector {name!r}: use one of {', '.join(MODELS)}.")
    model = MODELS[name](len(CLASSES), backbone=efficientnet_lite0())
    load_weights(model, data_folder() / "checkpoints" / f"{name}.safetensors")
    return model.eval()


def yolo(steps: int = 1150, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train the first YOLO on the features of `train` and its mirror images; return its record.

    Command: python -m coursekit.recipes yolo --seed 0
    Cost: 1.5 CPU minutes, after the features (cached, 25 ms an image).
    Score: in data/checkpoints/scores.json, on new scenes and on unseen objects.
    """
    torch.manual_seed(seed)
    return detector_record("yolo", Yolo(len(CLASSES)), steps, seed, weights)


def yolo_modern(steps: int = 800, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train a YOLO of today on the features of `train` and its mirror images; return its record.

    Command: python -m coursekit.recipes yolo_modern --seed 0
    Cost: 1.5 CPU minutes, after the features (cached, 25 ms an image).
    Score: in data/checkpoints/scores.json, on new scenes and on unseen objects.
    """
    torch.manual_seed(seed)
    return detector_record("yolo_modern", YoloModern(len(CLASSES)), steps, seed, weights)


def retinanet(steps: int = 1050, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train a RetinaNet on the features of `train` and its mirror images; return its record.

    Command: python -m coursekit.recipes retinanet --seed 0
    Cost: 1.5 CPU minutes, after the features (cached, 25 ms an image).
    Score: AP 0.58 on new scenes, 0.50 on unseen objects, the mean of three seeds (data/checkpoints/scores.json).
    """
    torch.manual_seed(seed)
    return detector_record("retinanet", RetinaNet(len(CLASSES)), steps, seed, weights, batch_size=8)


def ssd(steps: int = 1050, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train an SSD on the features of `train` and its mirror images; return its record.

    Command: python -m coursekit.recipes ssd --seed 0
    Cost: 1.4 CPU minutes, after the features (cached, 25 ms an image).
    Score: AP 0.57 on new scenes, 0.48 on unseen objects, the mean of three seeds (data/checkpoints/scores.json).
    """
    torch.manual_seed(seed)
    return detector_record("ssd", SSD(len(CLASSES)), steps, seed, weights, batch_size=8)


def detector_record(
    name: str, model: Detector, steps: int, seed: int, weights: str | Path | None, **options
) -> dict:
    """Train a detector on the still lifes, and return what it cost and how good it is on both test splits.

    `options` go to `training.fit`; the weights are kept as float16.
    """
    minutes = train(model, scenes_and_mirror_images(), steps, seed, **options)
    if weights is not None:
        save_half(model, Path(weights))
    scores = {split: detection_intervals(model, features(split)) for split in TESTS}
    return {"recipe": name, "seed": seed, "steps": steps, "cpu_minutes": minutes, "scores": scores}


def save_half(model: Detector, path: Path) -> None:
    """Write the weights rounded to float16: half the bytes, and scores that differ by less than a thousandth."""
    halves = {
        name: value.half() if value.is_floating_point() else value for name, value in own_state(model).items()
    }
    write_tensors(halves, path, {"model": type(model).__name__})


def features(split: str) -> FeatureDataset:
    """The cached feature maps and the targets of a split of the still lifes."""
    return cached_features(still_life(split), efficientnet_lite0())


def scenes_and_mirror_images() -> Sequence:
    """Features and targets of all scenes of `train` and of their mirror images, without masks.

    The targets are read here, once: a detector needs no masks, and unpacking them takes a tenth of a step.
    """
    scenes, mirrored = features("train"), cached_features(Flipped(still_life("train")), efficientnet_lite0())
    boxes = [
        {key: value for key, value in scenes.target(i).items() if key != "masks"} for i in range(len(scenes))
    ]
    canvas = torch.zeros(3, *image_size(scenes[0][0]))
    flipped = [horizontal_flip(canvas, target)[1] for target in boxes]
    return ConcatDataset(
        [FeatureDataset(Targets(boxes), scenes.maps), FeatureDataset(Targets(flipped), mirrored.maps)]
    )


class Targets(Dataset):
    """Targets alone, as the dataset of a `FeatureDataset`."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self.targets = targets

    def __len__(self) -> int:
        return len(self.targets)

    def target(self, i: int) -> Target:
        return self.targets[i]


def detection_intervals(model: Detector, dataset: Sequence) -> dict[str, list[float]]:
    """AP, AP50 and AP75, each with low and high, over one split."""
    targets = [dataset[i][1] for i in range(len(dataset))]
    found = coco_intervals(training.predict(model, dataset), targets)
    return {name: [round(x, 4) for x in interval] for name, interval in found.items()}


RECIPES = {"yolo": yolo, "yolo_modern": yolo_modern, "retinanet": retinanet, "ssd": ssd}
