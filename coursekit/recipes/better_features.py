"""What better features give: RetinaNet on several backbones, and on one that learns from scratch, in part or as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import nn

from coursekit.data.mirrored import Pictures
from coursekit.data.objects import Picked
from coursekit.data.still_life import still_life
from coursekit.data.still_life_features import features_with_boxes, still_life_features, targets_of
from coursekit.models.detector import Features, Inputs
from coursekit.models.retinanet import RetinaNet
from coursekit.nets.backbone import Backbone
from coursekit.nets.csp_darknet import csp_darknet
from coursekit.nets.efficientnet import (
    EfficientNetLite0,
    efficientnet_lite0,
    efficientnet_lite1,
    efficientnet_lite2,
)
from coursekit.nets.upper_stages import UpperStages
from coursekit.recipes.better_data import numbers_first, on_items, some_scenes, with_targets_read
from coursekit.recipes.recipe import Recipe, Task
from coursekit.schema import Items


def untrained() -> EfficientNetLite0:
    """Return an EfficientNet-Lite0 with random weights, the same each time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return efficientnet_lite0(pretrained=False)


BACKBONES: dict[str, Callable[[], Backbone]] = {
    "lite0": efficientnet_lite0,
    "lite1": efficientnet_lite1,
    "lite2": efficientnet_lite2,
    "csp_darknet": csp_darknet,
    "untrained": untrained,
}


class LastStagesLearn(RetinaNet):
    """A RetinaNet on cached maps whose last backbone stages learn with it, and compute their maps again.

    Args:
        num_classes: K, without background.
        stages: copies of the last stages of the backbone that made the cached maps.
    """

    def __init__(self, num_classes: int, stages: UpperStages) -> None:
        super().__init__(num_classes)
        self.stages = stages

    def maps(self, batch: Inputs, levels: Sequence[str]) -> Features:
        return self.stages(super().maps(batch, levels))


def last_stage_learns(num_classes: int) -> LastStagesLearn:
    """Return a RetinaNet whose last stage goes on learning from its ImageNet weights."""
    return LastStagesLearn(num_classes, UpperStages(efficientnet_lite0()))


def all_stages_learn(num_classes: int) -> RetinaNet:
    """Return a RetinaNet whose whole backbone goes on learning; batch normalisation keeps its ImageNet statistics."""
    backbone = fast(efficientnet_lite0())
    backbone.stages.requires_grad_(True)
    return RetinaNet(num_classes, backbone)


def from_scratch(num_classes: int) -> RetinaNet:
    """Return a RetinaNet whose backbone begins with random weights."""
    backbone = efficientnet_lite0(pretrained=False, trainable=list(EfficientNetLite0.channels))
    for module in backbone.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.1  # 0.01 would take more steps than there are
    return RetinaNet(num_classes, fast(backbone))


def fast(backbone: EfficientNetLite0) -> EfficientNetLite0:
    """Return the backbone with its weights in the memory layout in which a CPU trains it faster."""
    return backbone.to(memory_format=torch.channels_last)


# A step takes 5.95 times as long from scratch as with frozen features, 2.03 times with C5, 5.69 times with all stages:
# medians of 12 steps, taken in turns on one thread. Learning rates are those of `coursekit train` and its --fine-tune.
LEARNING: dict[str, tuple[Callable[[int], RetinaNet], int, float]] = {
    "frozen": (RetinaNet, 400, 3e-3),  # the model, the steps that fit in the same time, the learning rate
    "scratch": (from_scratch, 67, 3e-3),
    "C5": (last_stage_learns, 197, 1e-3),
    "all": (all_stages_learn, 70, 1e-3),
}
SHARES = (100, 10, 1)  # per cent of the scenes


def fine_tuning(name: str, recipe: Recipe, steps: int, seed: int, weights: str | Path | None) -> dict:
    """Train on a share of the scenes; return the record."""
    _, learning, share = name.split("-")
    scenes = still_life("train")
    places = some_scenes(scenes, len(scenes) * int(share) // 100, seed).places
    if learning in ("scratch", "all"):
        items = Picked(Pictures(scenes, targets_of("train", "boxes")), places)
    else:
        (items,) = with_targets_read([Picked(features_with_boxes(scenes), places)])
    return numbers_first(on_items(recipe, items, name, steps, seed, weights), scenes=len(places))


def images_or_features(model: RetinaNet, split: str) -> Items:
    """Return what the model is evaluated on: images if its backbone has learned, else cached features."""
    return still_life_features(split) if model.backbone is None else still_life(split)


def fine_tunings(task: Task) -> dict[str, Recipe]:
    """Return the rows of what learns, from how many of the scenes."""
    return {
        f"fine_tuning-{learning}-{share}": Recipe(
            model,
            replace(task, test_items=images_or_features),
            "Train a RetinaNet on a share of the scenes; its backbone is frozen, learns in part, as a whole or from scratch.",
            steps=steps,
            batch_size=8,
            lr=lr,
            command=f"fine_tuning --learning {learning} --share {share}",
            options=("steps", "seed"),
            follow=fine_tuning,
        )
        for learning, (model, steps, lr) in LEARNING.items()
        for share in SHARES
    }


def on_backbone(build: Callable[[], Backbone], num_classes: int) -> RetinaNet:
    """Return a RetinaNet for the maps of a backbone."""
    return RetinaNet(num_classes, backbone=build())


def its_features(model: RetinaNet, split: str = "train") -> Items:
    """Return the features of a split that the backbone of the model makes, with boxes."""
    features = features_with_boxes(still_life(split), model.backbone)
    with_targets_read([Picked(features, range(len(features)))])
    return features


def backbones(task: Task) -> dict[str, Recipe]:
    """Return the rows of the backbones."""
    return {
        f"backbone-{name}": Recipe(
            partial(on_backbone, build),
            replace(task, items=its_features, test_items=its_features),
            "Train a RetinaNet on the frozen features of one of several backbones.",
            steps=400,
            batch_size=8,
            command=f"backbone --name {name}",
            options=("steps", "seed"),
        )
        for name, build in BACKBONES.items()
    }
