"""Experiments of labs 11 and 12: segmenters on frozen features.

The number of steps is fixed, so that a run can be repeated to the bit: it is what fits into the CPU seconds of
each recipe, on one core of the machine of the published scores.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import ConcatDataset

from coursekit import training
from coursekit.data.features import FeatureDataset, cached_features, target_of
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.transforms import Flipped
from coursekit.folders import data_folder
from coursekit.metrics import SemanticCounts, semantic_counts, semantic_intervals
from coursekit.models.deconvnet import DeconvNet
from coursekit.models.fcn import FCN8s, FCN16s, FCN32s
from coursekit.models.segmenter import Segmenter, labels_of
from coursekit.models.unet import UNet
from coursekit.nets.backbone import efficientnet_lite0
from coursekit.recipes.core import train
from coursekit.recipes.detection import Targets, save_half
from coursekit.schema import Target
from coursekit.weights import load_weights

TESTS = ("test_scenes", "test_objects")
CACHED = ("C3", "C4", "C5")  # the levels that all labs keep together
MODELS = {
    "fcn32s": FCN32s,
    "fcn16s": FCN16s,
    "fcn8s": FCN8s,
    "deconvnet": DeconvNet,
    "unet_none": partial(UNet, skips="none"),
    "unet": UNet,
}


def trained(name: str) -> Segmenter:
    """The shipped segmenter of this recipe, which the recipe trained with seed 0, ready for images or features.

    Args:
        name: one of MODELS.
    Raises: ValueError for another name.

    >>> trained("fcn8s").num_classes
    10
    """
    if name not in MODELS:
        raise ValueError(f"there is no trained segmenter {name!r}: use one of {', '.join(MODELS)}.")
    model = MODELS[name](len(CLASSES), backbone=efficientnet_lite0())
    load_weights(model, data_folder() / "checkpoints" / f"{name}.safetensors")
    return model.eval()


def fcn32s(steps: int = 330, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train FCN-32s on the features of `train` and its mirror images; return its record.

    Command: python -m coursekit.recipes fcn32s --seed 0
    Cost: 45 CPU seconds (52 beside busy neighbours), after the features (cached, 25 ms an image).
    Score: mean IoU 0.59 on new scenes, 0.51 on unseen objects, the mean of three seeds (data/checkpoints/scores.json).
    """
    torch.manual_seed(seed)
    return segmenter_record("fcn32s", FCN32s(len(CLASSES)), steps, seed, weights)


def fcn16s(steps: int = 330, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train FCN-16s on the features of `train` and its mirror images; return its record.

    Command: python -m coursekit.recipes fcn16s --seed 0
    Cost: 45 CPU seconds (52 beside busy neighbours), after the features (cached, 25 ms an image).
    Score: mean IoU 0.77 on new scenes, 0.68 on unseen objects, the mean of three seeds (data/checkpoints/scores.json).
    """
    torch.manual_seed(seed)
    return segmenter_record("fcn16s", FCN16s(len(CLASSES)), steps, seed, weights)


def fcn8s(steps: int = 330, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train FCN-8s on the features of `train` and its mirror images; return its record.

    Command: python -m coursekit.recipes fcn8s --seed 0
    Cost: 45 CPU seconds (52 beside busy neighbours), after the features (cached, 25 ms an image).
    Score: mean IoU 0.79 on new scenes, 0.69 on unseen objects, the mean of three seeds (data/checkpoints/scores.json).
    """
    torch.manual_seed(seed)
    return segmenter_record("fcn8s", FCN8s(len(CLASSES)), steps, seed, weights)


def segmenter_record(
    name: str, model: Segmenter, steps: int, seed: int, weights: str | Path | None, **options
) -> dict:
    """Train a segmenter on the still lifes, and return what it cost and how good it is on both test splits.

    `options` go to `training.fit`; the weights are kept as float16.
    """
    minutes = train(model, scenes_and_mirror_images(model.levels), steps, seed, **options)
    if weights is not None:
        save_half(model, Path(weights))
    scores = {split: intervals_of(count(model, features(split, model.levels))) for split in TESTS}
    return {"recipe": name, "seed": seed, "steps": steps, "cpu_minutes": minutes, "scores": scores}


def intervals_of(counts: SemanticCounts) -> dict[str, list[float]]:
    """The scores of `semantic_intervals`, with four digits, as a JSON file keeps them."""
    return {name: [round(x, 4) for x in interval] for name, interval in semantic_intervals(counts).items()}


def count(model: Segmenter, dataset: Sequence) -> SemanticCounts:
    """What the model predicts in each image of a split, counted: for scores, intervals and paired differences."""
    targets: list[Target] = [{"semantic": labels_of(target_of(dataset, i))} for i in range(len(dataset))]
    return semantic_counts(training.predict(model, dataset), targets, model.num_classes + 1)


def features(split: str, levels: Sequence[str] = CACHED) -> FeatureDataset:
    """The cached feature maps of some levels, and the targets, of a split of the still lifes."""
    return features_of_levels(still_life(split), levels)


def scenes_and_mirror_images(levels: Sequence[str] = CACHED) -> Sequence:
    """Features and label maps of all scenes of `train` and of their mirror images.

    The label maps are made of the masks here, once: 59 MB of bytes for the scenes and as much mirrored.
    """
    scenes, mirrored = still_life("train"), Flipped(still_life("train"))
    maps = [labels_of(scenes.target(i)).to(torch.uint8) for i in range(len(scenes))]  # no void: 0 to K
    return ConcatDataset(
        [
            Labelled(LabelMaps(maps), features_of_levels(scenes, levels).maps),
            Labelled(LabelMaps([m.flip(-1) for m in maps]), features_of_levels(mirrored, levels).maps),
        ]
    )


class LabelMaps(Targets):
    """Label maps alone, a byte a pixel, as the dataset of `Labelled` features."""

    targets: Sequence[Tensor]

    def target(self, i: int) -> Target:
        return {"semantic": self.targets[i].long()}


class Labelled(FeatureDataset):
    """Features with label maps that are bytes already: nothing is kept twice."""

    def target(self, i: int) -> Target:
        return self.dataset.target(i)


def features_of_levels(dataset, levels: Sequence[str]) -> FeatureDataset:
    """The features of a dataset at some levels; the finer ones than C3 have files of their own, each.

    So the levels that every lab needs are computed once. C1 takes 0.3 MB an image, C2 0.1 MB; they are read from
    disk when they are looked at.
    """
    groups = [CACHED] * bool(set(levels) & set(CACHED)) + [
        (level,) for level in levels if level not in CACHED
    ]
    maps = {}
    for group in groups:
        maps |= cached_features(dataset, efficientnet_lite0(), group).maps
    return FeatureDataset(dataset, {level: maps[level] for level in levels})


RECIPES = {"fcn32s": fcn32s, "fcn16s": fcn16s, "fcn8s": fcn8s}
