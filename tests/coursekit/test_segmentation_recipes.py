"""Features of the still lifes with the targets of a task, and of their mirror images; fine levels beside the common ones."""

from types import SimpleNamespace

import pytest
import torch

from coursekit.data import still_life_features as module
from coursekit.data.still_life import still_life
from coursekit.data.still_life_features import still_life_features
from coursekit.data.transforms import horizontal_flip
from coursekit.models.segmenter import labels_of
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.recipes.table import RECIPES


@pytest.fixture
def preview(tmp_path, monkeypatch):
    """The small split in the place of every other, and a cache of its own."""
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "still_life", lambda split: still_life("preview"))
    return still_life("preview")


def test_levels_come_from_files_of_their_own(preview, tmp_path):
    fine = still_life_features("train", levels=("C2", "C3", "C5"))
    assert len(list((tmp_path / "features").glob("*/header.json"))) == 2  # C2; C3, C4 and C5 together
    image, target = preview[3]
    with torch.no_grad():
        maps = efficientnet_lite0()(image[None])
    found, same = fine[3]
    assert list(found) == ["C2", "C3", "C5"]
    for level, values in found.items():
        torch.testing.assert_close(values, maps[level][0], atol=1e-2, rtol=1e-3)
    assert torch.equal(same["masks"], target["masks"])
    still_life_features("train", levels=("C3", "C4"))
    assert len(list((tmp_path / "features").glob("*/header.json"))) == 2, "nothing is computed twice"


def test_scenes_and_mirror_images_have_their_label_maps(preview):
    data = still_life_features("train", "semantic", mirrored=True)
    count = len(preview)
    assert len(data) == 2 * count
    for i in (0, 5):
        semantic = labels_of(preview.target(i))
        assert torch.equal(data[i][1]["semantic"], semantic)
        assert torch.equal(data[count + i][1]["semantic"], semantic.flip(-1))
        assert data[i][1]["semantic"].dtype == torch.int64
    assert data[0][0]["C3"].shape == (40, preview[0][0].shape[1] // 8, preview[0][0].shape[2] // 8)


@pytest.mark.parametrize("targets", ["all", "boxes"])
def test_scenes_and_mirror_images_have_their_boxes(preview, targets):
    data, count = still_life_features("train", targets, mirrored=True), len(preview)
    for i in (0, 5):
        image, expected = preview[i]
        if targets == "boxes":
            del expected["masks"]
        for found, right in ((data[i], expected), (data[count + i], horizontal_flip(image, expected)[1])):
            assert found[1].keys() == right.keys()
            assert all(torch.equal(found[1][key], right[key]) for key in right)
    image, _ = preview[5]
    with torch.no_grad():
        maps = efficientnet_lite0()(image.flip(-1)[None])
    torch.testing.assert_close(data[count + 5][0]["C4"], maps["C4"][0], atol=1e-2, rtol=1e-3)


def test_key_points_are_mirrored_too(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path))
    targets = module.targets_of("val", "keypoints")
    monkeypatch.setattr("coursekit.data.mirrored.cached_levels", lambda *_: SimpleNamespace(maps={}))
    data = still_life_features("val", "keypoints", mirrored=True)
    assert len(data) == 2 * len(targets) and "masks" not in data[0][1]
    straight, mirrored = (data[i][1]["keypoints"] for i in (3, len(targets) + 3))
    assert torch.equal(straight, targets.target(3)["keypoints"])
    assert torch.equal(mirrored[..., 0], 192 - straight[..., 0])
    assert torch.equal(mirrored[..., 1:], straight[..., 1:])


def test_unknown_targets_are_refused(preview):
    with pytest.raises(ValueError, match="Unknown kind of targets 'masks': use one of all, boxes"):
        still_life_features("train", "masks")


def test_a_record_has_scores_with_intervals(preview, tmp_path):
    file, recipe = tmp_path / "weights.safetensors", RECIPES["fcn8s"]
    found = recipe.run("fcn8s", 2, 0, file)
    assert found["recipe"] == "fcn8s" and found["steps"] == 2 and file.is_file()
    for split in recipe.task.tests:
        assert set(found["scores"][split]) == {"mean_iou", "pixel_accuracy", "boundary_f"}
        assert all(low <= value <= high for value, low, high in found["scores"][split].values())
