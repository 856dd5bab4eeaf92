"""Experiments of labs 01 and 02: one object or N objects, from the feature maps of a pretrained network."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import torch
from torch.utils.data import ConcatDataset

from coursekit import training
from coursekit.data.features import cached_features
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.transforms import Flipped
from coursekit.metrics import bootstrap_interval, localisation_scores
from coursekit.models.localiser import Localiser
from coursekit.nets.backbone import efficientnet_lite0
from coursekit.recipes.core import train

SINGLE_TESTS = ("single_test_scenes", "single_test_objects")


def localiser(
    head: Literal["spatial", "pooled"] = "spatial",
    steps: int = 1000,
    seed: int = 0,
    weights: str | Path | None = None,
) -> dict:
    """Train a localiser on the features of `single_train` and its mirror images; return its record.

    Command: python -m coursekit.recipes localiser --head spatial --seed 0
    Cost: 0.3 CPU minutes, after the features (cached, 25 ms an image).
    Score: in data/checkpoints/scores.json, on new scenes and on unseen objects.
    """
    backbone = efficientnet_lite0()
    scenes = still_life("single_train")
    both = ConcatDataset([cached_features(scenes, backbone), cached_features(Flipped(scenes), backbone)])
    torch.manual_seed(seed)
    model = Localiser(len(CLASSES), head)
    minutes = train(model, both, steps, seed, weights)
    scores = {
        split: localisation_intervals(model, cached_features(still_life(split), backbone))
        for split in SINGLE_TESTS
    }
    return {
        "recipe": f"localiser-{head}",
        "seed": seed,
        "steps": steps,
        "cpu_minutes": minutes,
        "scores": scores,
    }


def localisation_intervals(model: Localiser, dataset: Sequence) -> dict[str, list[float]]:
    """Mean, low and high of the IoU, of the class accuracy and of both right, over one test split."""
    targets = [dataset[i][1] for i in range(len(dataset))]
    values = localisation_scores(training.predict(model, dataset), targets)
    names = {"mean_iou": "iou", "accuracy": "class_right", "both_right": "right"}
    return {mean: [round(x, 4) for x in bootstrap_interval(values[each])] for mean, each in names.items()}


RECIPES = {"localiser": localiser}
