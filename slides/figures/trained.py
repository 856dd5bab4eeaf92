"""Part 2: the published detectors and their outputs for the validation scenes, computed once for all figures."""

import json
from functools import cache
from pathlib import Path

import meanings
import torch
from torch.utils.data import Subset

from coursekit import training
from coursekit.data.features import FeatureDataset, cached_features
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
    """Feature maps and targets of a split."""
    return still_life_features(split)


@cache
def _few_scenes() -> FeatureDataset:
    """Features of the first scenes of train, enough for a short training that a figure watches."""
    few = Subset(still_life("train"), range(FEW))
    few.fingerprint = still_life("train").fingerprint
    return cached_features(few, efficientnet_lite0())


def targets(split: str) -> list[Target]:
    return [scenes(split).target(i) for i in range(len(scenes(split)))]


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
    return detector(name).outputs([scenes("val")[scene][0]])


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
