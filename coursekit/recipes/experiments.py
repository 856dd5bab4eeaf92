"""Experiments that train several models, or one in several phases: what a row of the table cannot say."""

import copy
from functools import partial, reduce
from pathlib import Path

import torch

from coursekit.data.still_life import CLASSES
from coursekit.data.still_life_features import still_life_features
from coursekit.metrics import bootstrap_interval, paired_difference_interval
from coursekit.metrics.keypoint import distances_by_stack, stack_scores
from coursekit.metrics.model_scores import (
    Scores,
    compared_mask_intervals,
    count_pixels,
    rounded,
    segmentation_gains,
)
from coursekit.models.faster_rcnn import pool_aligned
from coursekit.models.hourglass import HourglassKeypoints, final_loss, intermediate_loss
from coursekit.models.localiser import Localiser
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.nets.upper_stages import UpperStages
from coursekit.ops import roi_pool
from coursekit.published import shipped
from coursekit.recipes.recipe import Recipe, save_half, timed_fit
from coursekit.training import norm_of_gradients, save_weights

POOLS = {"roi_align": pool_aligned, "roi_pool": roi_pool}
LOSSES = {"after each stack": intermediate_loss, "at the end": final_loss}
WAYS_UP = ("fcn8s", "deconvnet", "unet_none", "unet")


def pooling(name: str, recipe: Recipe, steps: int, seed: int, weights: str | Path | None) -> dict:
    """Train two Mask R-CNNs that differ in the pooling alone; return the scores of both and what RoIAlign gains.

    Both begin with the same weights and see the same batches. Of `weights` two files are made, NAME_roi_align
    and NAME_roi_pool.
    """
    models, minutes, files = {}, 0.0, []
    for kind, pool in POOLS.items():
        torch.manual_seed(seed)
        models[kind] = recipe.model(len(CLASSES), pool=pool)
    items = recipe.task.items(models["roi_align"])
    for kind, model in models.items():
        minutes += recipe.fit(model, items, steps, seed)
        if weights is not None:
            files.append(Path(weights).with_stem(f"{Path(weights).stem}_{kind}"))
            save_half(model, files[-1])
    scores = {
        split: compared_mask_intervals(models, still_life_features(split)) for split in recipe.task.tests
    }
    record = {"recipe": name, "seed": seed, "steps": steps, "cpu_minutes": round(minutes, 2)}
    return record | {"weights": [file.name for file in files], "scores": scores}


def two_heads(name: str, recipe: Recipe, steps: int, seed: int, weights: str | Path | None) -> dict:
    """Train the class head, then the box head on frozen features; with "C5", then both and that stage end to end."""
    end_to_end = name.endswith("C5")
    stages = UpperStages(efficientnet_lite0()) if end_to_end else None
    torch.manual_seed(seed)
    model = Localiser(len(CLASSES), stages=stages)
    both = recipe.task.items(model)
    minutes = timed_fit(model.learn("normalise", "class_head"), both, 250, seed)
    minutes += timed_fit(model.learn("box_head"), both, 750, seed)
    if end_to_end:
        minutes += timed_fit(model.learn("stages", "box_head", "class_head"), both, 150, seed + 1, lr=1e-3)
    if weights is not None:
        save_weights(model, weights)
    return {"recipe": name, "seed": seed, "cpu_minutes": round(minutes, 2), "scores": recipe.scores(model)}


def skip_gains(name: str, recipe: Recipe, steps: int, seed: int, weights: str | Path | None) -> dict:
    """Compare the shipped U-Net with the other shipped segmenters on the same images: its score minus the other's.

    Raises:
        ValueError: another seed: only the weights of seed 0 are shipped.
    """
    if seed:
        raise ValueError(f"the seed is {seed}, but only the weights of seed 0 are shipped: leave --seed out.")
    models, scores = {each: shipped(each) for each in WAYS_UP}, {}
    for split in recipe.task.tests:
        counts = {each: count_pixels(m, recipe.task.test_items(m, split)) for each, m in models.items()}
        scores[split] = segmentation_gains(counts, best="unet")
    return {"recipe": name, "seed": seed, "scores": scores}


def hourglass_twins(name: str, recipe: Recipe, steps: int, seed: int, weights: str | Path | None) -> dict:
    """Train two stacks of hourglasses that differ in the loss alone; return the errors of both after each stack.

    Both begin with the same weights and see the same batches. `weights` keeps the one with a loss after each stack.
    """
    models, gradients, minutes = {}, {}, 0.0
    for kind, loss in LOSSES.items():
        torch.manual_seed(seed)
        models[kind] = recipe.model(len(CLASSES), loss=loss)
        gradients[kind] = round(first_stack_gradient(models[kind], *first_batch()), 4)
    items = recipe.task.items(models["at the end"])
    for model in models.values():
        minutes += recipe.fit(model, items, steps, seed)
    if weights is not None:
        save_half(models["after each stack"], Path(weights))
    scores = {split: stack_intervals(models, split) for split in recipe.task.tests}
    record = {"recipe": name, "seed": seed, "steps": steps, "cpu_minutes": round(minutes, 2)}
    files = [] if weights is None else [Path(weights).name]
    return record | {"weights": files, "first_gradients": gradients, "scores": scores}


keypoint_features = partial(still_life_features, targets="keypoints")


def first_batch(count: int = 16) -> tuple[list, list]:
    """Return the first scenes of `val`, to look at gradients with."""
    dataset = keypoint_features("val")
    inputs, targets = zip(*(dataset[i] for i in range(count)), strict=True)
    return list(inputs), list(targets)


def first_stack_gradient(model: HourglassKeypoints, inputs: list, targets: list) -> float:
    """Return the norm of the gradient of the first hourglass's weights, as a share of the norm of all gradients."""
    looked_at = copy.deepcopy(model).train()  # the averages of batch normalisation move in training
    looked_at.zero_grad()
    reduce(torch.add, looked_at.losses(inputs, targets).values()).backward()
    return norm_of_gradients(looked_at.stacked.hourglasses[0]) / norm_of_gradients(looked_at)


def stack_intervals(models: dict[str, HourglassKeypoints], split: str) -> Scores:
    """Return PCK and mean distance after each stack, of the models of LOSSES, and their paired differences."""
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
    return rounded(rows)
