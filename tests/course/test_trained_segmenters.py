"""The shipped segmenters are those of the published scores."""

import json

import pytest
import torch
from coursekit.recipes.segmentation import MODELS, TESTS, count, features, trained

from coursekit.folders import data_folder
from coursekit.metrics import semantic_intervals

CHECKPOINTS = data_folder() / "checkpoints"


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_segmenter_has_the_published_scores(name):
    """Its weights are rounded to float16, which costs less than a thousandth."""
    entries = json.loads((CHECKPOINTS / "scores.json").read_text(encoding="utf-8"))
    (published,) = [entry["scores"] for entry in entries if entry["recipe"] == name and entry["seed"] == 0]
    model = trained(name)
    for split in TESTS:
        for score, (value, *_) in semantic_intervals(count(model, features(split, model.levels))).items():
            assert value == pytest.approx(published[split][score][0], abs=0.001), (split, score)


@pytest.mark.parametrize("name", MODELS)
def test_a_shipped_segmenter_is_small_and_ready(name):
    model = trained(name)
    assert not model.training and (CHECKPOINTS / f"{name}.safetensors").stat().st_size < 3e6
    (found,) = model([torch.rand(3, 50, 70)])
    assert found["semantic"].shape == (50, 70)


def test_another_name_is_refused_in_words():
    with pytest.raises(ValueError, match="use one of fcn32s, fcn16s, fcn8s"):
        trained("fcn4s")
