"""The recipes of segmentation: label maps in bytes, features of fine levels beside the common ones, records."""

import pytest
import torch

from coursekit.data.still_life import still_life
from coursekit.models.fcn import FCN8s
from coursekit.models.segmenter import labels_of
from coursekit.nets.backbone import efficientnet_lite0
from coursekit.recipes import segmentation


@pytest.fixture
def preview(tmp_path, monkeypatch):
    """The small split in the place of every other, and a cache of its own."""
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path))
    monkeypatch.setattr(segmentation, "still_life", lambda split: still_life("preview"))
    return still_life("preview")


def test_levels_come_from_files_of_their_own(preview, tmp_path):
    fine = segmentation.features("train", ("C2", "C3", "C5"))
    assert len(list((tmp_path / "features").glob("*/header.json"))) == 2  # C2; C3, C4 and C5 together
    image, target = preview[3]
    with torch.no_grad():
        maps = efficientnet_lite0()(image[None])
    found, same = fine[3]
    assert list(found) == ["C2", "C3", "C5"]
    for level, values in found.items():
        torch.testing.assert_close(values, maps[level][0], atol=1e-2, rtol=1e-3)
    assert torch.equal(same["masks"], target["masks"])
    segmentation.features("train", ("C3", "C4"))
    assert len(list((tmp_path / "features").glob("*/header.json"))) == 2, "nothing is computed twice"


def test_scenes_and_mirror_images_have_their_label_maps(preview):
    data = segmentation.scenes_and_mirror_images()
    count = len(preview)
    assert len(data) == 2 * count
    for i in (0, 5):
        semantic = labels_of(preview.target(i))
        assert torch.equal(data[i][1]["semantic"], semantic)
        assert torch.equal(data[count + i][1]["semantic"], semantic.flip(-1))
        assert data[i][1]["semantic"].dtype == torch.int64
    assert data[0][0]["C3"].shape == (40, preview[0][0].shape[1] // 8, preview[0][0].shape[2] // 8)


def test_a_record_has_scores_with_intervals(preview, tmp_path):
    torch.manual_seed(0)
    file = tmp_path / "weights.safetensors"
    found = segmentation.segmenter_record("fcn8s", FCN8s(10), 2, 0, file, batch_size=4)
    assert found["recipe"] == "fcn8s" and found["steps"] == 2 and file.is_file()
    for split in segmentation.TESTS:
        assert set(found["scores"][split]) == {"mean_iou", "pixel_accuracy", "boundary_f"}
        assert all(low <= value <= high for value, low, high in found["scores"][split].values())
