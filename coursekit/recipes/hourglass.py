"""Experiments of lab 13: stacked hourglasses on frozen features, with a loss after each stack and with the last alone.

The number of steps is fixed, as in `detection.py`.
"""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import ConcatDataset

from coursekit import ops
from coursekit.data.features import FeatureDataset, cached_features
from coursekit.data.keypoints import KeypointTargets
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.transforms import Flipped, horizontal_flip
from coursekit.folders import data_folder
from coursekit.metrics import bootstrap_interval, paired_difference_interval
from coursekit.metrics.keypoint import image_means, keypoint_distances, locate
from coursekit.models.hourglass import (
    HourglassKeypoints,
    HourglassSegmenter,
    channels_of,
    final_loss,
    intermediate_loss,
)
from coursekit.models.image_model import image_size
from coursekit.nets.backbone import efficientnet_lite0
from coursekit.recipes.core import train
from coursekit.recipes.detection import TESTS, Targets, features, save_half
from coursekit.recipes.segmentation import segmenter_record
from coursekit.weights import load_weights

LOSSES = {"after each stack": intermediate_loss, "at the end": final_loss}
CHECKPOINT = "hourglass.safetensors"


def trained() -> HourglassKeypoints:
    """The shipped stack of hourglasses, which the recipe trained with seed 0, ready for images or features.

    >>> trained().num_classes
    10
    """
    model = HourglassKeypoints(len(CLASSES), backbone=efficientnet_lite0())
    load_weights(model, data_folder() / "checkpoints" / CHECKPOINT)
    return model.eval()


def hourglass(steps: int = 500, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train two stacks of hourglasses that differ in the loss alone; return the errors of both after each stack.

    Both begin with the same weights and see the same batches. `weights` keeps the one with a loss after each stack.

    Command: python -m coursekit.recipes hourglass --seed 0
    Cost: 5 CPU minutes, after the features (cached, 25 ms an image).
    Score: in data/checkpoints/scores.json; `distance` is in sides of the object's box, `pck` the share within 0.1.
    """
    models, gradients, minutes = {}, {}, 0.0
    for name, loss in LOSSES.items():
        torch.manual_seed(seed)
        models[name] = HourglassKeypoints(len(CLASSES), loss=loss)
        gradients[name] = round(first_stack_gradient(models[name], *first_batch()), 4)
        minutes += train(models[name], scenes_and_mirror_images(), steps, seed, batch_size=16)
    if weights is not None:
        save_half(models["after each stack"], Path(weights))
    scores = {split: both_intervals(models, split) for split in TESTS}
    record = {"recipe": "hourglass", "seed": seed, "steps": steps, "cpu_minutes": round(minutes, 2)}
    files = [] if weights is None else [Path(weights).name]
    return record | {"weights": files, "first_gradients": gradients, "scores": scores}


def hourglass_segmenter(steps: int = 300, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train two stacked hourglasses on label maps; return the record, to stand beside U-Net's.

    Command: python -m coursekit.recipes hourglass_segmenter --seed 0
    Cost: 90 CPU seconds, after the features (cached, 25 ms an image).
    Score: in data/checkpoints/scores.json, on new scenes and on unseen objects.
    """
    torch.manual_seed(seed)
    return segmenter_record("hourglass_segmenter", HourglassSegmenter(len(CLASSES)), steps, seed, weights)


def scenes_and_mirror_images() -> Sequence:
    """Features and key points of all scenes of `train` and of their mirror images."""
    targets = KeypointTargets("train")
    scenes, mirrored = features("train"), cached_features(Flipped(still_life("train")), efficientnet_lite0())
    canvas = torch.zeros(3, *image_size(scenes[0][0]))
    flipped = [horizontal_flip(canvas, target)[1] for target in targets.targets]
    return ConcatDataset(
        [FeatureDataset(targets, scenes.maps), FeatureDataset(Targets(flipped), mirrored.maps)]
    )


def keypoint_features(split: str) -> FeatureDataset:
    """Features and key points of a split."""
    return FeatureDataset(KeypointTargets(split), features(split).maps)


def first_batch(count: int = 16) -> tuple[list, list]:
    """The first scenes of `val`, to look at gradients with."""
    dataset = keypoint_features("val")
    inputs, targets = zip(*(dataset[i] for i in range(count)), strict=True)
    return list(inputs), list(targets)


def first_stack_gradient(model: HourglassKeypoints, inputs: list, targets: list) -> float:
    """The norm of the gradient of the first hourglass's weights, as a share of the norm of all gradients."""
    looked_at = copy.deepcopy(model).train()  # the averages of batch normalisation move in training
    looked_at.zero_grad()
    sum(looked_at.losses(inputs, targets).values()).backward()
    return norm_of_gradients(looked_at.stacked.hourglasses[0]) / norm_of_gradients(looked_at)


def norm_of_gradients(module: torch.nn.Module) -> float:
    squares = [p.grad.square().sum() for p in module.parameters() if p.grad is not None]
    return float(sum(squares)) ** 0.5


@torch.no_grad()
def distances_by_stack(
    model: HourglassKeypoints,
    dataset: FeatureDataset,
    soft_argmax: Callable[[Tensor], Tensor] | None = ops.soft_argmax,
    batch_size: int = 32,
) -> list[list[Tensor]]:
    """How far the key points are off after each stack: for each stack a list with (G, 3) for each image.

    As `keypoint_distances`: in longer sides of the object's box, NaN for points that do not show.
    """
    model.eval()
    stacks: list[list[Tensor]] = [[] for _ in model.stacked.hourglasses]
    for start in range(0, len(dataset), batch_size):
        items = [dataset[i] for i in range(start, min(start + batch_size, len(dataset)))]
        for k, heatmaps in enumerate(model.outputs([x for x, _ in items])):
            for heatmap, (_, target) in zip(heatmaps, items, strict=True):
                found = locate(heatmap, target, channels_of(target["labels"]), model.stride, soft_argmax)
                stacks[k].append(keypoint_distances(found, target))
    return stacks


def both_intervals(models: dict[str, HourglassKeypoints], split: str) -> dict[str, list[float]]:
    """PCK and mean distance after each stack, of the models by name, with low and high; and their paired differences."""
    dataset = keypoint_features(split)
    stacks = {name: distances_by_stack(model, dataset) for name, model in models.items()}
    scores = {name: stack_scores(distances) for name, distances in stacks.items()}
    each, end = scores["after each stack"], scores["at the end"]
    last = len(stacks["after each stack"])
    rows = {f"{name}_{k}": bootstrap_interval(each[name, k]) for name, k in each}
    rows |= {f"end_{name}_{last}": bootstrap_interval(end[name, last]) for name in ("pck", "distance")}
    for name in ("pck", "distance"):
        rows[f"{name}_{last}_minus_1"] = paired_difference_interval(each[name, last], each[name, 1])
        rows[f"{name}_each_minus_end"] = paired_difference_interval(each[name, last], end[name, last])
    return {name: [round(x, 4) for x in interval] for name, interval in rows.items()}


def stack_scores(stacks: list[list[Tensor]]) -> dict[tuple[str, int], np.ndarray]:
    """The mean distance and the PCK of each image, after stack 1, 2 ...."""
    scores = {}
    for k, distances in enumerate(stacks, start=1):
        scores["distance", k], scores["pck", k] = image_means(distances)
    return scores


RECIPES = {"hourglass": hourglass, "hourglass_segmenter": hourglass_segmenter}
