"""The photographs that scikit-image carries are there, and our annotations of them hold."""

from pathlib import Path

import pytest
import torch
from pycocotools import mask as coco_mask

from coursekit.data.coco import CocoDataset
from coursekit.data.photos import (
    PHOTOS,
    photo,
    photo_annotations,
    photo_folder,
    photo_target,
)
from coursekit.models.yolox_nano import COCO_CLASSES, yolox_nano
from coursekit.ops import box_iou
from coursekit.schema import validate

ANNOTATIONS = Path(__file__).parents[2] / "data" / "photos.json"


@pytest.mark.parametrize("name", PHOTOS)
def test_every_photograph_is_there_and_in_range(name):
    image = photo(name)
    validate([{"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}], [image])
    assert image.std() > 0.05


def test_an_unknown_photograph_lists_the_known_ones():
    with pytest.raises(ValueError, match="'dog'.*chelsea, coffee"):
        photo("dog")
    with pytest.raises(ValueError, match="no annotations.*chelsea, coffee"):
        photo_target("motorcycle")


def test_missing_photographs_name_the_command(monkeypatch):
    monkeypatch.setattr("coursekit.data.photos.find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="pip install.*scikit-image"):
        photo("chelsea")


@pytest.mark.parametrize("content, error", [(None, FileNotFoundError), ('{"images": [', ValueError)])
def test_missing_or_damaged_annotations_name_the_remedy(monkeypatch, tmp_path, content, error):
    if content:
        (tmp_path / "photos.json").write_text(content)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    with pytest.raises(error, match="git checkout"):
        photo_annotations()


@pytest.mark.parametrize("name", ["astronaut", "camera", "chelsea", "coffee", "coins", "rocket"])
def test_the_annotations_fit_their_photographs(name):
    image, target = photo(name), photo_target(name)
    validate([target], [image], num_classes=83)
    for box, mask, area in zip(target["boxes"], target["masks"], target["area"], strict=True):
        rows, columns = mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
        assert box.tolist() == [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
        assert mask.sum() == area
    assert target["masks"].sum(0).max() == 1  # a pixel belongs to one object


def test_pycocotools_reads_the_same_masks():
    rows = photo_annotations()["annotations"]
    assert [int(coco_mask.area(row["segmentation"])) for row in rows] == [row["area"] for row in rows]
    witness = coco_mask.decode(rows[1]["segmentation"]).astype(bool)
    assert torch.tensor(witness).equal(photo_target("camera")["masks"][0])


def test_the_file_is_a_coco_dataset_of_the_detectors_labels():
    dataset = CocoDataset(ANNOTATIONS, photo_folder())
    assert dataset.classes[:80] == COCO_CLASSES
    _, target = dataset[3]
    assert [dataset.classes[label - 1] for label in target["labels"]] == ["cup", "spoon", "saucer"]
    assert target["boxes"].equal(photo_target("coffee")["boxes"])


def test_the_detector_agrees_with_the_annotations():
    names = ["astronaut", "camera", "chelsea", "coffee"]
    for name, found in zip(names, yolox_nano().detect([photo(name) for name in names]), strict=True):
        target = photo_target(name)
        assert found["labels"][0] == target["labels"][0]
        assert box_iou(found["boxes"][:1], target["boxes"][:1]) > 0.8


@pytest.mark.parametrize("name, margin", [("coins", 0.25), ("rocket", 0.15)])
def test_bright_objects_are_brighter_than_what_surrounds_them(name, margin):
    image, masks = photo(name).mean(0), photo_target(name)["masks"]
    around = torch.nn.functional.max_pool2d(masks.any(0)[None].float(), 9, 1, 4)[0].bool() & ~masks.any(0)
    assert image[masks.any(0)].mean() - image[around].mean() > margin
