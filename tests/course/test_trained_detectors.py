"""The shipped detectors are those of the published scores."""

import pytest

from coursekit import SHIPPED, shipped
from coursekit.data.still_life_features import still_life_features
from coursekit.folders import checkpoint
from coursekit.metrics.model_scores import compared_mask_intervals
from coursekit.published import record
from coursekit.recipes.experiments import POOLS
from coursekit.recipes.table import BOXES, MASKS, RECIPES

TESTS = BOXES.tests
ALONE = [name for name, known in SHIPPED.items() if known.recipe and not known.prefix]
DETECTORS = [name for name in ALONE if RECIPES[SHIPPED[name].recipe].task in (BOXES, MASKS)]


def check(found, recipe, split):
    """Weights are rounded to float16, which moves a score by less than 0.002."""
    published = record(recipe)["scores"][split]
    assert found.keys() == published.keys()
    for score, (value, *_) in found.items():
        assert value == pytest.approx(published[score][0], abs=0.002), (split, score)


@pytest.mark.rotated
@pytest.mark.slow
@pytest.mark.parametrize("split", TESTS)
@pytest.mark.parametrize("name", DETECTORS)
def test_a_shipped_detector_has_the_published_scores(name, split):
    model, recipe = shipped(name), SHIPPED[name].recipe
    task = RECIPES[recipe].task
    check(task.score(model, task.test_items(model, split)), recipe, split)


@pytest.mark.rotated
@pytest.mark.slow
@pytest.mark.parametrize("split", TESTS)
def test_the_two_ways_of_pooling_have_the_published_scores(split):
    models = {pool: shipped(f"mask_rcnn_{pool}") for pool in POOLS}
    check(compared_mask_intervals(models, still_life_features(split)), "pooling", split)


def test_every_shipped_detector_has_a_record():
    short = {"yolo", "yolo_modern", "ssd", "retinanet", "fcos", "centernet", "cornernet"}
    long = {"faster_rcnn", "mask_rcnn", "detr", "detr_modern"}
    assert short | long == set(DETECTORS)
    for name in long:
        assert record(f"{name}_long")["weights"] == [f"{name}.safetensors"]
    assert record("pooling")["weights"] == [f"mask_rcnn_{pool}.safetensors" for pool in POOLS]


@pytest.mark.parametrize("name", [*DETECTORS, *(f"mask_rcnn_{pool}" for pool in POOLS)])
def test_a_shipped_detector_is_small_and_ready(name):
    model = shipped(name)
    assert not model.training and model.num_classes == 10
    assert checkpoint(name).stat().st_size < (1e7 if name.endswith("rcnn") or "roi" in name else 4e6)


def test_the_model_of_roi_pool_pools_so():
    assert shipped("mask_rcnn_roi_pool").pool is POOLS["roi_pool"]
    assert shipped("mask_rcnn_roi_align").pool is shipped("mask_rcnn").pool is POOLS["roi_align"]
