"""The shipped segmenters are those of the published scores."""

import pytest
import torch

from coursekit import SHIPPED, shipped
from coursekit.folders import checkpoint
from coursekit.published import record
from coursekit.recipes.table import RECIPES, SEMANTIC

SEGMENTERS = [name for name in SHIPPED if name in RECIPES and RECIPES[name].task is SEMANTIC]


@pytest.mark.rotated
@pytest.mark.slow
@pytest.mark.parametrize("name", SEGMENTERS)
def test_a_shipped_segmenter_has_the_published_scores(name):
    """Its weights are rounded to float16, which costs less than a thousandth."""
    model, published = shipped(name), record(name)["scores"]
    for split, scores in RECIPES[name].scores(model).items():
        for score, (value, *_) in scores.items():
            assert value == pytest.approx(published[split][score][0], abs=0.001), (split, score)


@pytest.mark.parametrize("name", SEGMENTERS)
def test_a_shipped_segmenter_is_small_and_ready(name):
    model = shipped(name)
    assert not model.training and checkpoint(name).stat().st_size < 3e6
    (found,) = model([torch.rand(3, 50, 70)])
    assert found["semantic"].shape == (50, 70)


def test_these_are_the_segmenters():
    assert set(SEGMENTERS) == {"fcn32s", "fcn16s", "fcn8s", "unet", "unet_none", "deconvnet"}
