"""The shipped detector for photographs has its published scores, on several scales and on one."""

import pytest

from coursekit import shipped
from coursekit.folders import checkpoint
from coursekit.published import record, records
from coursekit.recipes.table import RECIPES

RECORDED = any(each["recipe"] == "retinanet_real" for each in records())
pytestmark = pytest.mark.skipif(not RECORDED, reason="its recipe has not been recorded")


@pytest.mark.rotated
@pytest.mark.slow
@pytest.mark.parametrize("split", ["test_scenes", "test_objects"])
def test_the_detector_for_photographs_has_the_published_scores(split):
    """Weights are rounded to float16, which moves a score by less than 0.002."""
    task, detector = RECIPES["retinanet_real"].task, shipped("retinanet_real").detector
    published = record("retinanet_real")["scores"][split]
    found = task.score(detector, task.test_items(detector, split))
    assert found.keys() == published.keys()
    for score, (value, *_) in found.items():
        assert value == pytest.approx(published[score][0], abs=0.002), (split, score)


def test_its_file_is_small_and_named_in_its_record():
    assert checkpoint("retinanet_real").stat().st_size < 4e6
    assert record("retinanet_real")["weights"] == ["retinanet_real.safetensors"]
