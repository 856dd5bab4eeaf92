"""The loader of the still lifes, on a generated folder and, where they are there, on the shipped files."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from coursekit import ops
from coursekit.data.still_life import CLASSES, SPLITS, still_life
from coursekit.folders import data_folder
from coursekit.schema import validate


@pytest.fixture
def generated(tmp_path, monkeypatch):
    """A split `val` with one image and one banana, half hidden."""
    mask = torch.zeros(24, 32, dtype=torch.bool)
    mask[4:10, 8:20] = True
    whole = torch.zeros_like(mask)
    whole[4:16, 8:20] = True
    row = {"id": 1, "image_id": 5, "category_id": 4, "bbox": [8, 4, 12, 6], "area": 72, "iscrowd": 0}
    row |= {"segmentation": ops.rle_encode(mask), "amodal": ops.rle_encode(whole)}
    row |= {"occlusion": 0.5, "identity": 3, "depth_order": 0}
    content = {
        "images": [{"id": 5, "file_name": "000005.png", "width": 32, "height": 24, "seed": 99}],
        "annotations": [row],
        "categories": [{"id": k, "name": name} for k, name in enumerate(CLASSES, start=1)],
    }
    folder = tmp_path / "still_life"
    (folder / "val").mkdir(parents=True)
    Image.new("RGB", (32, 24), (200, 180, 0)).save(folder / "val" / "000005.png")
    (folder / "val.json").write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    return tmp_path


def test_a_split(generated):
    dataset = still_life("val")
    assert dataset.classes == CLASSES and len(dataset) == 1
    image, target = dataset[0]
    assert image.shape == (3, 24, 32)
    assert CLASSES[target["labels"].item() - 1] == "banana"
    assert torch.equal(ops.masks_to_boxes(target["masks"]), target["boxes"])
    validate([target], [image], num_classes=len(CLASSES))


def test_the_hidden_part_is_told(generated):
    dataset = still_life("val")
    row = dataset.annotations_of(0)[0]
    whole = ops.rle_decode(row["amodal"])
    assert row["identity"] == 3
    assert 1 - dataset[0][1]["area"].item() / whole.sum().item() == row["occlusion"]


def test_transform(generated):
    assert still_life("val", transform=lambda image, target: (image.shape, target))[0][0] == (3, 24, 32)


def test_an_unknown_split_lists_the_known_ones(generated):
    with pytest.raises(ValueError, match="unknown split 'test'") as caught:
        still_life("test")
    assert all(split in str(caught.value) for split in SPLITS)


def test_missing_files_in_words(generated):
    with pytest.raises(FileNotFoundError, match="'train' are not in .*restore them"):
        still_life("train")


def test_missing_data_folder_in_words(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="the data folder .*nowhere.*COURSEKIT_DATA"):
        still_life("val")


def test_the_data_folder_is_the_repository_s(monkeypatch):
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    assert (data_folder().parent / "pyproject.toml").is_file()


SHIPPED = Path(__file__).parents[2] / "data" / "still_life"


@pytest.mark.parametrize("split", [split for split in SPLITS if (SHIPPED / f"{split}.json").is_file()])
def test_shipped_targets_hold_together(split, monkeypatch):
    """Every tenth scene."""
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    dataset = still_life(split)
    assert dataset.classes == CLASSES
    for i in range(0, len(dataset), 10):
        image, target = dataset[i]
        validate([target], [image], num_classes=len(CLASSES))
        assert len(target["boxes"]) > 0
        assert torch.equal(ops.masks_to_boxes(target["masks"]), target["boxes"])
        assert torch.equal(target["masks"].sum((1, 2)).float(), target["area"])
        assert not (target["masks"].sum(0) > 1).any(), "visible parts share no pixel"
        for row, mask in zip(dataset.annotations_of(i), target["masks"], strict=True):
            whole = ops.rle_decode(row["amodal"])
            assert not (mask & ~whole).any(), "what is visible is part of the whole"
            assert 0 <= row["occlusion"] <= 1
