"""Panoptic quality of the shipped Mask R-CNN: its masks make one map of classes and objects; nothing is trained."""

from pathlib import Path

import torch

from coursekit import training
from coursekit.data.objects import Picked
from coursekit.data.still_life import CLASSES
from coursekit.data.still_life_features import still_life_features
from coursekit.metrics.model_scores import CHUNK, Scores, rounded, targets_in
from coursekit.metrics.panoptic import PanopticCounts, panoptic_counts, panoptic_intervals
from coursekit.ops import panoptic_map
from coursekit.published import shipped
from coursekit.recipes.recipe import Recipe
from coursekit.schema import Items, Prediction, Target

MIN_SCORE, MIN_FREE = 0.5, 0.5  # as usual; not tuned


def panoptic(name: str, recipe: Recipe, steps: int, seed: int, weights: str | Path | None) -> dict:
    """Return the panoptic quality of the shipped Mask R-CNN, with every sure mask and without those mostly covered.

    Raises:
        ValueError: another seed: only the weights of seed 0 are shipped.
    """
    if seed:
        raise ValueError(f"the seed is {seed}, but only the weights of seed 0 are shipped: leave --seed out.")
    model = shipped("mask_rcnn")
    scores = {split: panoptic_rows(model, still_life_features(split)) for split in recipe.task.tests}
    return {"recipe": name, "seed": seed, "scores": scores}


def panoptic_rows(model: torch.nn.Module, dataset: Items) -> Scores:
    """Return the scores of maps without mostly covered masks, and "overlaid_pq" ... of maps with them."""
    free, overlaid = panoptic_counts_of(model, dataset, [MIN_FREE, 0.0])
    rows = panoptic_intervals(free)
    rows |= {f"overlaid_{name}": each for name, each in panoptic_intervals(overlaid).items()}
    return rounded(rows)


def panoptic_counts_of(
    model: torch.nn.Module, dataset: Items, shares: list[float], min_score: float = MIN_SCORE
) -> list[PanopticCounts]:
    """Return the counted segments of a dataset for each share of a mask that must be free."""
    maps: list[list[Prediction]] = [[] for _ in shares]
    for start in range(0, len(dataset), CHUNK):
        chunk = Picked(dataset, range(start, min(start + CHUNK, len(dataset))))
        for found in training.predict(model, chunk, CHUNK):
            for rows, share in zip(maps, shares, strict=True):
                rows.append(predicted_map(found, share, min_score))
    truth = [true_map(target) for target in targets_in(dataset)]
    return [panoptic_counts(rows, truth, len(CLASSES) + 1) for rows in maps]


def predicted_map(found: Prediction, min_free: float, min_score: float) -> Prediction:
    """Return the panoptic map of the detections with at least a score."""
    sure = found["scores"] >= min_score
    each = found["masks"][sure, 0] > 0.5, found["labels"][sure], found["scores"][sure]
    semantic, instances = panoptic_map(*each, min_free)
    return {"semantic": semantic, "instances": instances}


def true_map(target: Target) -> Target:
    """Return the panoptic map of true masks, which do not overlap."""
    semantic, instances = panoptic_map(target["masks"], target["labels"], torch.ones(len(target["labels"])))
    return {"semantic": semantic, "instances": instances}
