"""Folders in COCO's format, as people lay them out."""

import json

import pytest
from PIL import Image

from coursekit.data.coco_folder import coco_folder


def make(root, annotation_file, pictures, count=2, name="cat"):
    """Write `count` pictures of 8 x 6 pixels, and the annotations of one object in each."""
    coco = {
        "images": [{"id": i, "file_name": f"{i}.png", "width": 8, "height": 6} for i in range(count)],
        "annotations": [
            {"id": i, "image_id": i, "category_id": 5, "bbox": [1, 1, 4, 4]} for i in range(count)
        ],
        "categories": [{"id": 5, "name": name}],
    }
    (root / annotation_file).parent.mkdir(parents=True, exist_ok=True)
    (root / annotation_file).write_text(json.dumps(coco), encoding="utf-8")
    (root / pictures).mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.new("RGB", (8, 6)).save(root / pictures / f"{i}.png")


LAYOUTS = [
    ("annotations.json", "images"),
    ("instances.json", "."),
    ("annotations/instances_train2017.json", "train2017"),
    ("annotations/instances_train2017.json", "images/train2017"),
    ("annotations/train.json", "images"),
    ("train.json", "train"),
    ("train/_annotations.coco.json", "train"),
    ("train/labels.json", "train/data"),
]


@pytest.mark.parametrize("annotation_file, pictures", LAYOUTS)
def test_the_common_layouts_are_found(tmp_path, annotation_file, pictures):
    make(tmp_path, annotation_file, pictures)
    for path in (tmp_path, tmp_path / annotation_file):
        dataset = coco_folder(path)
        assert len(dataset) == 2 and dataset.classes == ("cat",)
        assert dataset[1][0].shape == (3, 6, 8)


@pytest.mark.parametrize("train, val", [("annotations/instances_{}2017.json", "{}2017"), ("{}/a.json", "{}")])
@pytest.mark.parametrize("word", ["val", "valid", "test"])
def test_the_purpose_chooses_the_file(tmp_path, train, val, word):
    for split in ("train", word):
        make(tmp_path, train.format(split), val.format(split), name=split)
    (tmp_path / "package.json").write_text('{"name": "no annotations"}')
    assert coco_folder(tmp_path, "train").classes == ("train",)
    assert coco_folder(tmp_path, "val").classes == (word,)


def test_validation_comes_before_test(tmp_path):
    for split in ("train", "test", "val"):
        make(tmp_path, f"{split}.json", split, name=split)
    assert coco_folder(tmp_path, "val").classes == ("val",)


def test_what_is_not_found_is_one_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no .*nowhere: name a folder of annotated pictures"):
        coco_folder(tmp_path / "nowhere")
    with pytest.raises(
        FileNotFoundError, match="there is no annotation file in .*COCO .json, VOC .xml.*: it holds nothing"
    ):
        coco_folder(tmp_path)
    make(tmp_path, "train/labels.json", "elsewhere/below")
    with pytest.raises(FileNotFoundError, match="0.png is in none of "):
        coco_folder(tmp_path)


def test_of_several_files_without_a_purpose_none_is_guessed(tmp_path):
    make(tmp_path, "a.json", "images")
    make(tmp_path, "b.json", "images")
    with pytest.raises(ValueError, match="several annotation files: name one of them, a.json, b.json"):
        coco_folder(tmp_path)
    assert len(coco_folder(tmp_path / "b.json")) == 2


def test_a_missing_picture_and_a_damaged_file_are_named(tmp_path):
    make(tmp_path, "annotations.json", "images")
    (tmp_path / "images" / "1.png").unlink()
    with pytest.raises(FileNotFoundError, match="image 1 has no file .*1.png"):
        coco_folder(tmp_path)
    (tmp_path / "annotations.json").write_text('{"images": [')
    with pytest.raises(ValueError, match="annotations.json is cut off"):
        coco_folder(tmp_path)
