"""Part 2: the published detectors and their outputs for validation scenes, computed once for all figures."""

import json
from functools import cache
from pathlib import Path

import meanings
import torch
from torch import Tensor
from torch.utils.data import Subset

from coursekit import training
from coursekit.data.features import FeatureDataset, cached_features, features_of
from coursekit.data.mirrored import COMMON
from coursekit.data.still_life import still_life
from coursekit.data.still_life_features import still_life_features
from coursekit.draw import PALETTE
from coursekit.models.detector import Detector
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.published import shipped
from coursekit.schema import Prediction, Target

FIVE, THREE = 45, 22  # scenes of val
FEW = 160  # scenes of train
NETWORK, QUIET, BLUE = meanings.NETWORK, meanings.QUIET, PALETTE[5]
DETECTORS = {"yolo": "YOLO, 2016", "yolo_modern": "modern YOLO", "ssd": "SSD", "retinanet": "RetinaNet"}
SPEEDS = Path(__file__).parents[2] / "bench" / "detectors.json"


@cache
def detector(name: str) -> Detector:
    """The shipped detector of a recipe."""
    return shipped(name)


@cache
def scenes(split: str) -> FeatureDataset:
    """Feature maps and targets of a split, for what `recorded` keeps; a figure takes the features of its own scenes."""
    return still_life_features(split)


@cache
def features(scene: int, split: str = "val") -> dict[str, Tensor]:
    """Feature maps of one scene, each (C, h, w): those of a whole split take seconds."""
    maps = features_of(efficientnet_lite0(), still_life(split)[scene][0][None])
    return {level: maps[level][0] for level in COMMON}


@cache
def _few_scenes() -> FeatureDataset:
    """Features of the first scenes of train, enough for a short training that a figure watches."""
    few = Subset(still_life("train"), range(FEW))
    few.fingerprint = still_life("train").fingerprint
    return cached_features(few, efficientnet_lite0())


@cache
def targets(split: str) -> list[Target]:
    """The targets of a split, boxes and masks."""
    dataset = still_life(split)
    return [dataset.target(i) for i in range(len(dataset))]


@cache
@torch.no_grad()
def found_in(name: str, scene: int) -> Prediction:
    """What a detector predicts for one scene of val."""
    return detector(name)([features(scene)])[0]


@cache
def found(name: str, split: str) -> list[Prediction]:
    """What a detector predicts for each scene of a split."""
    return training.predict(detector(name), scenes(split))


def confident(prediction: Prediction, threshold: float) -> Prediction:
    """The detections whose score is at least the threshold."""
    keep = prediction["scores"] >= threshold
    return {key: value[keep] for key, value in prediction.items()}


@torch.no_grad()
def said(name: str, scene: int):
    """The raw outputs of a detector for one scene of val."""
    return detector(name).outputs([features(scene)])


def images_per_second(names: dict[str, str]) -> dict[str, float]:
    """How many images per second each of these models of bench/detectors.json processes.

    Raises: FileNotFoundError or KeyError in words, when it was not measured.
    """
    if not SPEEDS.is_file():
        raise FileNotFoundError(f"bench/{SPEEDS.name} is missing: run python bench/detectors.py.")
    measured = json.loads(SPEEDS.read_text(encoding="utf-8"))["images_per_second"]
    for name in names.values():
        if name not in measured:
            raise KeyError(f"bench/{SPEEDS.name} has no {name!r}: run python bench/detectors.py.")
    return {key: measured[name] for key, name in names.items()}
