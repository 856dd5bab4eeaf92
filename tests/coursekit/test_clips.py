"""The clips for tracking: the loader, and what every shipped clip must show."""

import json
from itertools import combinations

import pytest
import torch
from PIL import Image

from coursekit import ops
from coursekit.data.clips import CLIP_SPLITS, clips, read_clip
from coursekit.data.still_life import CLASSES
from coursekit.folders import data_folder
from coursekit.schema import validate

FOLDER = data_folder() / "clips"
IDENTITIES = {"train": range(40), "val": range(40, 50), "test": range(50, 65)}
LARGEST = 10e6  # bytes, of all files
EDGE = 192
SHIPPED = {"train": 2, "val": 8, "test": 12}

each_split = pytest.mark.parametrize("split", CLIP_SPLITS)


@pytest.fixture
def generated(tmp_path, monkeypatch):
    """A split `val` of one clip of two frames, red and blue, with one banana that the second frame does not show."""
    mask = torch.zeros(16, 16, dtype=torch.bool)
    mask[4:10, 8:12] = True
    row = {"frame": 0, "track": 3, "category_id": 4, "bbox": [8, 4, 4, 6], "area": 24, "visibility": 0.5}
    row["segmentation"] = ops.rle_encode(mask)
    content = {"name": "val_01", "frames": 2, "size": 16, "columns": 2, "annotations": [row]}
    content["tracks"] = [{"track": 3, "category_id": 4, "identity": 41}]
    (tmp_path / "clips" / "val").mkdir(parents=True)
    picture = Image.new("RGB", (32, 16), (250, 0, 0))
    picture.paste((0, 0, 250), (16, 0, 32, 16))
    picture.save(tmp_path / "clips" / "val" / "01.jpg", quality=95)
    (tmp_path / "clips" / "val" / "01.json").write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    return tmp_path / "clips" / "val"


def test_a_clip(generated):
    ((name, images, (shown, hidden)),) = clips("val")
    assert name == "val_01" and images.shape == (2, 3, 16, 16)
    assert images[0, 0].median() > 0.9 and images[1, 2].median() > 0.9, "frames run along the rows"
    assert shown["tracks"].tolist() == [3] and shown["visibility"].tolist() == [0.5]
    assert CLASSES[shown["labels"].item() - 1] == "banana"
    assert torch.equal(ops.masks_to_boxes(shown["masks"]), shown["boxes"])
    assert hidden["boxes"].shape == (0, 4) and hidden["masks"].shape == (0, 16, 16)
    assert hidden["tracks"].dtype == hidden["labels"].dtype == torch.int64


def test_an_unknown_split_lists_the_known_ones(generated):
    with pytest.raises(
        ValueError, match="unknown split 'test_scenes' of the clips: use one of train, val, test"
    ):
        clips("test_scenes")


def test_missing_files_in_words(generated):
    with pytest.raises(FileNotFoundError, match="clips 'test' are not in .*restore them"):
        clips("test")
    (generated / "01.jpg").unlink()
    with pytest.raises(FileNotFoundError, match="01.jpg are missing: restore them"):
        clips("val")


def test_a_picture_of_another_clip_in_words(generated):
    Image.new("RGB", (32, 32)).save(generated / "01.jpg")
    with pytest.raises(
        ValueError, match=r"01.jpg has height and width \(32, 32\), but 01.json describes 2 fr"
    ):
        clips("val")


def test_a_damaged_record_in_words(generated):
    (generated / "01.json").write_text('{"name": "val_01"}', encoding="utf-8")
    with pytest.raises(ValueError, match="01.json has no 'frames': restore"):
        clips("val")
    (generated / "01.json").write_text('{"name": "val', encoding="utf-8")
    with pytest.raises(ValueError, match="01.json is cut off"):
        clips("val")


@each_split
def test_shipped_records_agree_with_each_other(split):
    """All records, without their pictures."""
    records = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((FOLDER / split).glob("*.json"))
    ]
    assert [record["name"] for record in records] == [f"{split}_{k:02d}" for k in range(1, len(records) + 1)]
    for record in records:
        tracks = {track["track"]: track for track in record["tracks"]}
        assert 3 <= len(tracks) == len(record["tracks"]) <= 6
        assert {track["identity"] for track in tracks.values()} <= set(IDENTITIES[split])
        seen = [(row["frame"], row["track"]) for row in record["annotations"]]
        assert len(set(seen)) == len(seen), "a track has at most one box per frame"
        assert {frame for frame, _ in seen} == set(range(record["frames"]))
        for row in record["annotations"]:
            assert row["category_id"] == tracks[row["track"]]["category_id"], "a track keeps its class"
            assert row["area"] >= 40 and 0.15 <= row["visibility"] <= 1


@each_split
def test_every_clip_has_an_occlusion(split, monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER.parent / "generator"))
    from clip_report import events, read_records

    counts = [events(record) for record in read_records(split)]
    assert min(hidden for hidden, _ in counts) >= 1
    assert sum(back > 0 for _, back in counts) >= len(counts) / 2, "many have an exit and a return"


def test_splits_share_no_object_and_no_seed():
    used = {}
    for split in CLIP_SPLITS:
        records = [json.loads(path.read_text(encoding="utf-8")) for path in (FOLDER / split).glob("*.json")]
        objects = {(t["category_id"], t["identity"]) for record in records for t in record["tracks"]}
        used[split] = objects | {record["seed"] for record in records}
    assert not any(used[first] & used[second] for first, second in combinations(CLIP_SPLITS, 2))


def test_number_and_size_of_the_files():
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".jpg", ".json"}
    assert {path.with_suffix("") for path in files if path.suffix == ".jpg"} == {
        path.with_suffix("") for path in files if path.suffix == ".json"
    }
    assert sum(path.stat().st_size for path in files) < LARGEST
    shipped = {split: len(list((FOLDER / split).glob("*.jpg"))) for split in CLIP_SPLITS}
    assert shipped == SHIPPED


@each_split
def test_boxes_and_areas_follow_from_the_masks(split):
    """The first two clips."""
    for record in sorted((FOLDER / split).glob("*.json"))[:2]:
        clip = read_clip(record)
        assert clip.images.shape == (len(clip.targets), 3, EDGE, EDGE)
        validate(clip.targets, list(clip.images), num_classes=len(CLASSES))
        for target in clip.targets:
            assert torch.equal(ops.masks_to_boxes(target["masks"]), target["boxes"])
            assert not (target["masks"].sum(0) > 1).any(), "visible parts share no pixel"


def test_light_is_steady():
    """From one frame to the next the median brightness of a clip changes little."""
    clip = clips("val")[0]
    brightness = clip.images.mean(1).flatten(1).median(1).values
    assert brightness.diff().abs().max() < 0.05
