"""The key points that are shipped: they belong to the annotations, and the generator gives them again."""

import json
from pathlib import Path

import pytest
import torch

from coursekit import ops
from coursekit.data.keypoints import HIDDEN, NAMES, VISIBLE, KeypointTargets, read_keypoints
from coursekit.data.still_life import still_life
from coursekit.folders import data_folder

FOLDER = data_folder() / "still_life" / "keypoints"
SPLITS = sorted(path.stem for path in FOLDER.glob("*.json"))
each_split = pytest.mark.parametrize("split", SPLITS)


def test_the_splits_of_lab_13_have_key_points():
    assert {"train", "val", "test_scenes", "test_objects"} <= set(SPLITS)


@each_split
def test_every_object_has_three_and_the_first_is_its_center(split):
    points, rows = read_keypoints(split), still_life(split).annotations["annotations"]
    assert points.keys() == {row["id"] for row in rows}
    for row in rows:
        assert points[row["id"]].shape == (3, 3)
        assert points[row["id"]][0, :2].tolist() == pytest.approx(row["center"], abs=1e-4)
    assert json.loads((FOLDER / f"{split}.json").read_text(encoding="utf-8"))["names"] == list(NAMES)


@each_split
def test_visible_points_lie_on_what_one_sees(split):
    scenes, points = still_life(split), read_keypoints(split)
    for i in range(0, len(scenes), 25):
        height, width = scenes[i][0].shape[-2:]
        for row in scenes.annotations_of(i):
            mask = ops.rle_decode(row["segmentation"])
            near = torch.nn.functional.max_pool2d(mask[None, None].float(), 3, 1, 1)[0, 0] > 0
            for x, y, visibility in points[row["id"]].tolist():
                inside = 0 <= x < width and 0 <= y < height
                expected = (VISIBLE if near[int(y), int(x)] else HIDDEN) if inside else 0
                assert visibility == expected, (row["id"], x, y)


def test_the_generator_gives_them_again(monkeypatch):
    """The scenes are built from their seeds, without a renderer: every tenth of the small split's first forty."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "data" / "generator"))
    from keypoints import keypoints_of
    from splits import SPLITS as RANGES

    scenes, shipped = still_life("preview"), read_keypoints("preview")
    for i in range(0, 40, 10):
        found = keypoints_of(scenes.annotations["images"][i], scenes.annotations_of(i), RANGES["preview"])
        for name, rows in found.items():
            torch.testing.assert_close(torch.tensor(rows), shipped[int(name)], atol=0.011, rtol=0)


def test_targets_with_key_points():
    targets = KeypointTargets("preview", count=5)
    assert len(targets) == 5 and "masks" not in targets.target(0)
    for i in range(5):
        target = targets.target(i)
        assert target["keypoints"].shape == (len(target["labels"]), 3, 3)
        assert torch.equal(target["boxes"], still_life("preview").target(i)["boxes"])


def test_missing_files_in_words(monkeypatch, tmp_path):
    with pytest.raises(FileNotFoundError, match="no key points .*nosuch.json: restore them"):
        read_keypoints("nosuch")
    import coursekit.data.keypoints as module

    monkeypatch.setattr(module, "read_keypoints", lambda split: {})
    with pytest.raises(ValueError, match="preview has no key points of annotation"):
        KeypointTargets("preview")
