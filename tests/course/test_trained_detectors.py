"""The shipped detectors are those of the published scores."""

import json

import pytest
from coursekit.recipes.detection import (
    MODELS,
    ONE_STAGE,
    TESTS,
    TWO_STAGE,
    detection_intervals,
    features,
    trained,
)
from coursekit.recipes.two_stage import POOLS, RECIPES, mask_intervals, pooling_intervals

from coursekit.folders import data_folder

CHECKPOINTS = data_folder() / "checkpoints"
FIRST_SEEDS = {
    entry["recipe"]: entry
    for entry in json.loads((CHECKPOINTS / "scores.json").read_text(encoding="utf-8"))
    if entry["seed"] == 0
}
LONG = {name: entry for name, entry in FIRST_SEEDS.items() if name in RECIPES and entry.get("weights")}


def check(found, recipe, split):
    """Weights are rounded to float16, which moves a score by less than 0.002."""
    published = FIRST_SEEDS[recipe]["scores"][split]
    assert found.keys() == published.keys()
    for score, (value, *_) in found.items():
        assert value == pytest.approx(published[score][0], abs=0.002), (split, score)


@pytest.mark.slow
@pytest.mark.parametrize("split", TESTS)
@pytest.mark.parametrize("name", ONE_STAGE)
def test_a_shipped_detector_has_the_published_scores(name, split):
    check(detection_intervals(trained(name), features(split)), name, split)


def two_models(weights, dataset):
    return pooling_intervals(dict(zip(POOLS, map(named, weights), strict=True)), dataset)


SCORES_OF = {
    "faster_rcnn_long": lambda weights, dataset: detection_intervals(named(*weights), dataset),
    "mask_rcnn_long": lambda weights, dataset: mask_intervals(named(*weights), dataset),
    "pooling": two_models,
}


def named(file):
    return trained(file.removesuffix(".safetensors"))


@pytest.mark.slow
@pytest.mark.parametrize("split", TESTS)
@pytest.mark.parametrize("recipe", LONG)
def test_the_files_of_a_long_training_have_its_published_scores(recipe, split):
    check(SCORES_OF[recipe](LONG[recipe]["weights"], features(split)), recipe, split)


def test_every_shipped_detector_has_a_record():
    of_long = {file for entry in LONG.values() for file in entry["weights"]}
    assert of_long == {f"{name}.safetensors" for name in TWO_STAGE}
    assert ONE_STAGE.keys() <= FIRST_SEEDS.keys() and LONG.keys() == SCORES_OF.keys()


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_detector_is_small_and_ready(name):
    model = trained(name)
    assert not model.training and model.num_classes == 10
    assert (CHECKPOINTS / f"{name}.safetensors").stat().st_size < (3e6 if name in ONE_STAGE else 1e7)


def test_the_model_of_roi_pool_pools_so():
    assert trained("mask_rcnn_roi_pool").pool is POOLS["roi_pool"]
    assert trained("mask_rcnn_roi_align").pool is trained("mask_rcnn").pool is POOLS["roi_align"]


def test_another_name_is_refused_in_words():
    with pytest.raises(ValueError, match="use one of yolo, yolo_modern"):
        trained("yolo9000")
