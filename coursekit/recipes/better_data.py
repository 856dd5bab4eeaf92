"""What more data and larger images give: RetinaNet on some of the scenes, with or without changed images; at several sizes."""

import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import nn
from torch.utils.data import ConcatDataset

from coursekit.data.augmentation import Changed, change_named
from coursekit.data.coco import CocoDataset
from coursekit.data.features import FeatureDataset
from coursekit.data.objects import Picked
from coursekit.data.still_life import still_life
from coursekit.data.still_life_features import features_with_boxes
from coursekit.data.transforms import Resized
from coursekit.models.retinanet import RetinaNet
from coursekit.nets.efficientnet import EfficientNetLite0, efficientnet_lite0
from coursekit.recipes.recipe import Recipe, Task
from coursekit.schema import Items

SCENES = (25, 50, 100, 200, 400, 800, 1600)
WAYS = ("none", "paste", "flip", "scale", "colour", "crop")
COPIES, MOST = 6, 800  # changed images: how many per scene, and the most in all
SIDES = (192, 128, 256)  # pixels; the still lifes are rendered with 192


def some_scenes(scenes: CocoDataset, count: int, seed: int) -> Picked:
    """Return `count` of the scenes; with one seed, fewer scenes are always among more."""
    order = torch.randperm(len(scenes), generator=torch.Generator().manual_seed(seed))
    return Picked(scenes, order[:count].tolist())


def number_changed(way: str, scenes: int) -> int:
    """Return how many changed images there are beside the scenes; an image has only one mirror image.

    >>> number_changed("paste", 50), number_changed("paste", 800), number_changed("flip", 50), number_changed("none", 50)
    (300, 800, 50, 0)
    """
    return 0 if way == "none" else min(MOST, scenes * (1 if way == "flip" else COPIES))


def learning_curve(name: str, recipe: Recipe, steps: int, seed: int, weights: str | Path | None) -> dict:
    """Train on some of the scenes and on changed images of them; return the record.

    It also holds the number of changed images and the CPU minutes of making them and their features.
    """
    _, way, number = name.split("-")
    scenes = still_life("train")
    chosen = some_scenes(scenes, int(number), seed)
    parts = [Picked(features_with_boxes(scenes), chosen.places)]
    count = number_changed(way, len(chosen))
    start = time.process_time()
    with TemporaryDirectory(
        ignore_cleanup_errors=True
    ) as folder:  # never kept, so that the time is always that of all images
        if count:
            changed = Changed(chosen, change_named(way, chosen), count, seed)
            parts.append(Picked(features_with_boxes(changed, quick_backbone(), folder), range(count)))
        minutes = round((time.process_time() - start) / 60, 2)
        record = on_items(recipe, ConcatDataset(with_targets_read(parts)), name, steps, seed, weights)
    return numbers_first(record, scenes=len(chosen), changed=count, changed_cpu_minutes=minutes)


def quick_backbone() -> EfficientNetLite0:
    """Return the backbone of the scenes in the faster memory layout; the maps differ in their last bits only."""
    backbone = efficientnet_lite0()
    backbone.memory_format = torch.channels_last
    return backbone


def with_targets_read(parts: list[Picked]) -> list[Picked]:
    """Return the same parts with their targets in memory: decoding masks is not part of the training time."""
    for part in parts:
        for i in range(len(part)):
            part.target(i)
    return parts


def on_items(
    recipe: Recipe, items: Items, name: str, steps: int, seed: int, weights: str | Path | None
) -> dict:
    """Return the record of a recipe that is trained on these items."""
    alone = replace(recipe, follow=None, task=replace(recipe.task, items=lambda model: items))
    return alone.run(name, steps, seed, weights)


def numbers_first(record: dict, **numbers: float) -> dict:
    """Return a record with more numbers, before its scores."""
    scores = {"scores": record.pop("scores")}
    return record | numbers | scores


def resized(side: int, split: str) -> FeatureDataset:
    """Return the features and boxes of the images of a split, stretched to `side` pixels."""
    scenes = still_life(split)
    features = features_with_boxes(
        scenes if side == scenes[0][0].shape[-1] else Resized(scenes, (side, side))
    )
    with_targets_read([Picked(features, range(len(features)))])
    return features


def of_size(task: Task, side: int = SIDES[0]) -> Task:
    """Return the task on features of images of one size, without masks."""

    def items(model: nn.Module, split: str = "train") -> FeatureDataset:
        return resized(side, split)

    return replace(task, items=items, test_items=items)


def learning_curves(task: Task) -> dict[str, Recipe]:
    """Return the rows of the learning curves."""
    row = Recipe(
        RetinaNet,
        of_size(task),
        "Train a RetinaNet on some of the scenes, and on changed images of them.",
        steps=250,
        batch_size=8,
        options=("steps", "seed"),
        follow=learning_curve,
    )
    return {
        f"learning_curve-{way}-{scenes}": replace(
            row, command=f"learning_curve --change {way} --scenes {scenes}"
        )
        for way in WAYS
        for scenes in SCENES
    }


def image_sizes(task: Task) -> dict[str, Recipe]:
    """Return the rows of the sizes of the images."""
    return {
        f"image_size-{side}": Recipe(
            RetinaNet,
            of_size(task, side),
            "Train a RetinaNet on images of one size.",
            steps=400,
            batch_size=8,
            command=f"image_size --side {side}",
            options=("steps", "seed"),
        )
        for side in SIDES
    }
