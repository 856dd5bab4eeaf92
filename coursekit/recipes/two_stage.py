"""Experiments of labs 06 and 14: two-stage models on frozen features, Faster R-CNN with 180 CPU seconds of training,
Mask R-CNN with 240, and both trained longer, as they are shipped.

The number of steps is fixed, as in `detection.py`: it is what fits on one core of the machine of the published scores.
Records that name files of `weights` are long: the tests repeat the scores of those files, not their training.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch.utils.data import ConcatDataset, Subset

from coursekit import training
from coursekit.data.features import cached_features
from coursekit.data.still_life import CLASSES, still_life
from coursekit.data.transforms import Flipped
from coursekit.folders import data_folder
from coursekit.metrics import Interval, coco_difference_intervals, coco_intervals
from coursekit.models.faster_rcnn import FasterRCNN, pool_aligned
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.nets.backbone import efficientnet_lite0
from coursekit.ops import rle_encode, roi_pool
from coursekit.recipes.core import train
from coursekit.recipes.detection import (
    TESTS,
    detection_intervals,
    detector_record,
    features,
    save_half,
    scenes_and_mirror_images,
)
from coursekit.schema import Prediction, Target
from coursekit.weights import read_tensors

CHUNK = 16  # images whose masks, 150 kB each, are in memory at a time
POOLS = {"roi_align": pool_aligned, "roi_pool": roi_pool}


def faster_rcnn(steps: int = 1700, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train a Faster R-CNN on the features of `train` and its mirror images; return its record.

    Command: python -m coursekit.recipes faster_rcnn --seed 0
    Cost: 3 CPU minutes, after the features (cached, 25 ms an image).
    Score: AP 0.63 on new scenes, 0.54 on unseen objects, the mean of three seeds (data/checkpoints/scores.json).
    """
    torch.manual_seed(seed)
    return detector_record("faster_rcnn", FasterRCNN(len(CLASSES)), steps, seed, weights, batch_size=8)


def mask_rcnn(steps: int = 1000, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train a Mask R-CNN on the features of `train` and its mirror images; return its record.

    Command: python -m coursekit.recipes mask_rcnn --seed 0
    Cost: 4 CPU minutes, after the features (cached, 25 ms an image).
    Score: on new scenes box AP 0.61, mask AP 0.67, on unseen objects 0.51 and 0.58, seed 0 (scores.json).
    """
    torch.manual_seed(seed)
    model = MaskRCNN(len(CLASSES))
    minutes = train(model, scenes_with_masks(), steps, seed, batch_size=8)
    if weights is not None:
        save_half(model, Path(weights))
    scores = {split: mask_intervals(model, features(split)) for split in TESTS}
    return {"recipe": "mask_rcnn", "seed": seed, "steps": steps, "cpu_minutes": minutes, "scores": scores}


def faster_rcnn_long(steps: int = 4000, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train the Faster R-CNN that is shipped, more than twice as long as `faster_rcnn`; return its record.

    With `weights`, a run that was stopped goes on where it was.

    Command: python -m coursekit.recipes faster_rcnn_long --seed 0
    Cost: 7 CPU minutes, after the features (cached, 25 ms an image).
    Score: AP 0.67 on new scenes, 0.58 on unseen objects, seed 0 (data/checkpoints/scores.json).
    """
    torch.manual_seed(seed)
    model, scenes = FasterRCNN(len(CLASSES)), scenes_and_mirror_images()
    minutes = long_training(model, scenes, steps, seed, weights, seconds=0.11 * steps)
    scores = {split: detection_intervals(model, features(split)) for split in TESTS}
    return long_record("faster_rcnn_long", seed, steps, minutes, weights, scores)


def mask_rcnn_long(steps: int = 1500, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train the Mask R-CNN that is shipped: it begins as the shipped Faster R-CNN; return its record.

    With `weights`, a run that was stopped goes on where it was.

    Command: python -m coursekit.recipes mask_rcnn_long --seed 0
    Cost: 7 CPU minutes, after the features (cached, 25 ms an image) and after `faster_rcnn_long`.
    Score: on new scenes box AP 0.66, mask AP 0.69, on unseen objects 0.59 and 0.62, seed 0 (scores.json).
    """
    torch.manual_seed(seed)
    model = MaskRCNN(len(CLASSES))
    start, _ = read_tensors(data_folder() / "checkpoints" / "faster_rcnn.safetensors")
    model.load_state_dict(model.state_dict() | start)
    minutes = long_training(model, scenes_with_masks(), steps, seed, weights, seconds=0.23 * steps, lr=2e-3)
    scores = {split: mask_intervals(model, features(split)) for split in TESTS}
    return long_record("mask_rcnn_long", seed, steps, minutes, weights, scores)


def long_training(
    model: FasterRCNN,
    scenes: Sequence,
    steps: int,
    seed: int,
    weights: str | Path | None,
    seconds: float,
    **options,
) -> float:
    """CPU minutes of a training that says how many seconds it takes, and keeps a checkpoint beside its weights."""
    checkpoint = None if weights is None else f"{weights}.checkpoint"
    options |= {"seconds": seconds, "batch_size": 8, "checkpoint": checkpoint}
    minutes = train(model, scenes, steps, seed, **options)
    if weights is not None:
        save_half(model, Path(weights))
    return minutes


def long_record(
    name: str, seed: int, steps: int, minutes: float, weights: str | Path | None, scores: dict
) -> dict:
    """A record that names the file of the weights."""
    files = [] if weights is None else [Path(weights).name]
    record = {"recipe": name, "seed": seed, "steps": steps, "cpu_minutes": minutes}
    return record | {"weights": files, "scores": scores}


def pooling(steps: int = 1000, seed: int = 0, weights: str | Path | None = None) -> dict:
    """Train two Mask R-CNNs that differ in the pooling alone; return the scores of both and what RoIAlign gains.

    Both begin with the same weights and see the same batches. Of `weights` two files are made, NAME_roi_align
    and NAME_roi_pool.

    Command: python -m coursekit.recipes pooling --seed 0
    Cost: 9 CPU minutes, after the features (cached, 25 ms an image).
    Score: RoIAlign's mask AP is 0.13 higher on new scenes and 0.11 on unseen objects, seed 0 (scores.json).
    """
    models, minutes, files = {}, 0.0, []
    scenes = scenes_with_masks()
    for name, pool in POOLS.items():
        torch.manual_seed(seed)
        models[name] = MaskRCNN(len(CLASSES), pool=pool)
        minutes += train(models[name], scenes, steps, seed, batch_size=8)
        if weights is not None:
            files.append(Path(weights).with_stem(f"{Path(weights).stem}_{name}"))
            save_half(models[name], files[-1])
    scores = {split: pooling_intervals(models, features(split)) for split in TESTS}
    record = {"recipe": "pooling", "seed": seed, "steps": steps, "cpu_minutes": round(minutes, 2)}
    return record | {"weights": [file.name for file in files], "scores": scores}


def scenes_with_masks() -> Sequence:
    """Features and targets of all scenes of `train` and of their mirror images, with masks."""
    mirrored = cached_features(Flipped(still_life("train")), efficientnet_lite0())
    return ConcatDataset([features("train"), mirrored])


def mask_intervals(model: MaskRCNN, dataset: Sequence) -> dict[str, list[float]]:
    """AP, AP50 and AP75 of boxes, and of masks as "mask_AP" ..., each with low and high, over one split."""
    return of_boxes_and_masks(coco_intervals, predict_codes(model, dataset), targets_of(dataset))


def pooling_intervals(models: dict[str, MaskRCNN], dataset: Sequence) -> dict[str, list[float]]:
    """As `mask_intervals` for each of two models, and for the first minus the second on the same images.

    They are called "roi_align_AP" ..., by the names of the models, and "difference_AP" ...
    """
    targets = targets_of(dataset)
    predictions = {name: predict_codes(model, dataset) for name, model in models.items()}
    scores = {name: of_boxes_and_masks(coco_intervals, each, targets) for name, each in predictions.items()}
    scores["difference"] = of_boxes_and_masks(coco_difference_intervals, *predictions.values(), targets)
    return {f"{name}_{key}": value for name, each in scores.items() for key, value in each.items()}


def of_boxes_and_masks(intervals: Callable[..., dict[str, Interval]], *arguments) -> dict[str, list[float]]:
    """What `intervals` says of boxes, and of masks as "mask_AP" ..., rounded for a record."""
    boxes, masks = (intervals(*arguments, kind=kind) for kind in ("boxes", "masks"))
    found = boxes | {f"mask_{name}": interval for name, interval in masks.items()}
    return {name: [round(x, 4) for x in interval] for name, interval in found.items()}


def targets_of(dataset: Sequence) -> list[Target]:
    return [dataset[i][1] for i in range(len(dataset))]


def predict_codes(model: MaskRCNN, dataset: Sequence) -> list[Prediction]:
    """One prediction for every item, its masks as run-length codes: as tensors those of a split fill the memory."""
    predictions = []
    for start in range(0, len(dataset), CHUNK):
        chunk = Subset(dataset, range(start, min(start + CHUNK, len(dataset))))
        for found in training.predict(model, chunk, CHUNK):
            codes = [rle_encode(mask > 0.5) for mask in found["masks"][:, 0]]
            predictions.append(found | {"masks": codes})
    return predictions


RECIPES = {
    "faster_rcnn": faster_rcnn,
    "mask_rcnn": mask_rcnn,
    "faster_rcnn_long": faster_rcnn_long,
    "mask_rcnn_long": mask_rcnn_long,
    "pooling": pooling,
}
