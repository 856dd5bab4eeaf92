"""The shipped detectors are those of the published scores."""

import json

import pytest

from coursekit.folders import data_folder
from coursekit.recipes.detection import MODELS, TESTS, detection_intervals, features, trained
from coursekit.recipes.two_stage import mask_intervals

CHECKPOINTS = data_folder() / "checkpoints"


def published(recipe):
    entries = json.loads((CHECKPOINTS / "scores.json").read_text(encoding="utf-8"))
    (found,) = [entry for entry in entries if entry["recipe"] == recipe and entry["seed"] == 0]
    return found["scores"]


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_detector_has_the_published_scores(name):
    """Its weights are rounded to float16, which costs less than a thousandth."""
    model = trained(name)
    for split in TESTS:
        for score, (value, *_) in detection_intervals(model, features(split)).items():
            assert value == pytest.approx(published(name)[split][score][0], abs=0.001), (split, score)


@pytest.mark.slow
@pytest.mark.parametrize("split", TESTS)
def test_the_shipped_mask_rcnn_has_the_published_masks(split):
    for score, (value, *_) in mask_intervals(trained("mask_rcnn"), features(split)).items():
        assert value == pytest.approx(published("mask_rcnn")[split][score][0], abs=0.001), score


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_detector_is_small_and_ready(name):
    model = trained(name)
    assert not model.training and model.num_classes == 10
    assert (CHECKPOINTS / f"{name}.safetensors").stat().st_size < 3e6


def test_another_name_is_refused_in_words():
    with pytest.raises(ValueError, match="use one of yolo, yolo_modern"):
        trained("yolo9000")
