"""Experiments of labs 01 and 02: one object or N objects, from the feature maps of a pretrained network."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import torch
from torch.utils.data import ConcatDataset

from coursekit import training
from coursekit.data.features import FeatureDataset, cached_features
from coursekit.data.objects import LeftToRight, Picked, with_at_most
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.transforms import Flipped
from coursekit.metrics import bootstrap_interval, localisation_scores, set_scores
from coursekit.models.localiser import Localiser
from coursekit.models.slot_localiser import SlotLocaliser, best_assignment, listed_order
from coursekit.nets.backbone import efficientnet_lite0
from coursekit.nets.upper_stages import UpperStages
from coursekit.recipes.core import train
from coursekit.training import save_weights

SLOTS = 3  # and as many objects at most
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
    both = both_ways("single_train", backbone)
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


def two_heads(
    learning: Literal["heads", "C5"] = "heads", seed: int = 0, weights: str | Path | None = None
) -> dict:
    """Train the class head, then the box head on frozen features; with "C5", then both and that stage end to end.

    Command: python -m coursekit.recipes two_heads --learning C5 --seed 0
    Cost: 0.3 CPU minutes, 0.8 with C5, after the features (cached, 25 ms an image).
    Score: in data/checkpoints/scores.json, on new scenes and on unseen objects.
    """
    backbone = efficientnet_lite0()
    both = both_ways("single_train", backbone)
    torch.manual_seed(seed)
    model = Localiser(len(CLASSES), stages=UpperStages(backbone) if learning == "C5" else None)
    minutes = train(model.learn("normalise", "class_head"), both, 250, seed)
    minutes += train(model.learn("box_head"), both, 750, seed)
    if learning == "C5":
        minutes += train(model.learn("stages", "box_head", "class_head"), both, 150, seed + 1, lr=1e-3)
    if weights is not None:
        save_weights(model, weights)
    scores = {
        split: localisation_intervals(model, cached_features(still_life(split), backbone))
        for split in SINGLE_TESTS
    }
    return {
        "recipe": f"two_heads-{learning}",
        "seed": seed,
        "cpu_minutes": round(minutes, 2),
        "scores": scores,
    }


def slots(
    order: Literal["matched", "listed", "left_to_right"] = "matched",
    steps: int = 1000,
    seed: int = 0,
    weights: str | Path | None = None,
) -> dict:
    """Train three slots on the scenes of `train` with up to three objects, matched or in an order of the list.

    Command: python -m coursekit.recipes slots --order matched --seed 0
    Cost: 0.4 CPU minutes, after the features (cached, 25 ms an image).
    Score: in data/checkpoints/scores.json, on new scenes and on unseen objects, with up to three objects.
    """
    backbone = efficientnet_lite0()
    scenes = with_at_most(cached_features(still_life("train"), backbone), SLOTS)
    torch.manual_seed(seed)
    model = SlotLocaliser(len(CLASSES), SLOTS, assign=best_assignment if order == "matched" else listed_order)
    minutes = train(model, LeftToRight(scenes) if order == "left_to_right" else scenes, steps, seed, weights)
    tests = {
        split: with_at_most(cached_features(still_life(split), backbone), SLOTS)
        for split in ("test_scenes", "test_objects")
    }
    return {
        "recipe": f"slots-{order}",
        "seed": seed,
        "steps": steps,
        "cpu_minutes": minutes,
        "scores": {
            split: intervals(set_scores, model, dataset, SET_SCORES) for split, dataset in tests.items()
        },
    }


def both_ways(split: str, backbone: torch.nn.Module) -> ConcatDataset:
    """The features of a split and of its mirror images."""
    scenes = still_life(split)
    return ConcatDataset([cached_features(scenes, backbone), cached_features(Flipped(scenes), backbone)])


ONE_BOX = {"mean_iou": "iou", "accuracy": "class_right", "both_right": "right"}
SET_SCORES = ONE_BOX | {"count_right": "number_right"}


def localisation_intervals(model: Localiser, dataset: FeatureDataset) -> dict[str, list[float]]:
    """Mean, low and high of the IoU, of the class accuracy and of both right, over one test split."""
    return intervals(localisation_scores, model, dataset, ONE_BOX)


def intervals(
    score: Callable, model: torch.nn.Module, dataset: FeatureDataset | Picked, names: dict[str, str]
) -> dict[str, list[float]]:
    """Mean, low and high of each score over the images of a dataset; `names` says which values are behind a mean."""
    values = score(training.predict(model, dataset), [dataset.target(i) for i in range(len(dataset))])
    return {mean: [round(x, 4) for x in bootstrap_interval(values[each])] for mean, each in names.items()}


RECIPES = {"localiser": localiser, "two_heads": two_heads, "slots": slots}
