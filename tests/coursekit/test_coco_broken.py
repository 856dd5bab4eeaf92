"""Every way in which a COCO folder can be broken is answered in words."""

import json

import numpy as np
import pytest
from PIL import Image
from small_coco import changed, content, load, write, write_pictures

from coursekit.data.coco import CocoDataset

BROKEN = {
    "no categories": (changed(["categories"], None), "the key 'categories' is missing"),
    "no bbox": (changed(["annotations", 1, "bbox"], None), "'annotations' with id 2 has no 'bbox'"),
    "no file name": (changed(["images", 0, "file_name"], None), "'images' with id 7 has no 'file_name'"),
    "no id": (changed(["images", 2, "id"], None), "'images' with number 2 has no 'id'"),
    "a list": ([1, 2], "the key 'images' is missing"),
    "images no list": (changed(["images"], {}), "'images' is not a list"),
    "category": (
        changed(["annotations", 0, "category_id"], 5),
        "annotation 1 has category 5, which does not exist",
    ),
    "image": (
        changed(["annotations", 0, "image_id"], 5),
        "annotation 1 belongs to image 5, which does not exist",
    ),
    "negative": (changed(["annotations", 0, "bbox"], [9, 9, -4, 3]), "annotation 1 has bbox .*negative side"),
    "three numbers": (
        changed(["annotations", 0, "bbox"], [9, 9, 4]),
        "annotation 1 has bbox .*not four numbers",
    ),
    "NaN": (changed(["annotations", 0, "bbox"], [9, 9, 4, float("nan")]), "annotation 1 has bbox .*not four"),
    "outside": (
        changed(["annotations", 0, "bbox"], [99, 9, 4, 4]),
        r"annotation 1 .*outside image 7 \(60 x 40",
    ),
    "image twice": (changed(["images", 1, "id"], 7), "the id 7 is used more than once in 'images'"),
    "annotation twice": (
        changed(["annotations", 1, "id"], 1),
        "id 1 is used more than once in 'annotations'",
    ),
    "category twice": (changed(["categories", 1, "id"], 90), "id 90 is used more than once in 'categories'"),
    "no height": (changed(["images", 0, "height"], 0), "image 7 has a side of 0"),
    "text id": (changed(["images", 0, "id"], "seven"), "an id of 'images' is 'seven'"),
    "cut off": (json.dumps(content())[:-40], "is cut off after .* bytes"),
    "cut off in a word": (json.dumps(content())[:57], "is cut off after 57 bytes"),
    "not JSON": ("<html>404</html>", "is not JSON"),
    "a slip": ('{"images": [1 2], "annotations": []}', r"is not JSON \(line 1, column"),
    "nothing": ("", "is not JSON"),
}


@pytest.fixture
def folder(tmp_path):
    return write_pictures(tmp_path)


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_in_words(folder, name):
    what, complaint = BROKEN[name]
    write(folder, what)
    with pytest.raises(ValueError, match=complaint) as caught:
        load(folder)
    assert "some.json" in str(caught.value) and "\n" not in str(caught.value)


def test_binary_annotations_in_words(folder):
    (folder / "some.json").write_bytes(b"\xff\xd8\xff\xe0 a JPEG")
    with pytest.raises(ValueError, match="is not JSON but binary data"):
        load(folder)


def test_missing_files_in_words(folder):
    with pytest.raises(FileNotFoundError, match="the annotation file .*other.json does not exist"):
        CocoDataset(folder / "other.json", folder)
    with pytest.raises(FileNotFoundError, match="no image folder .*nowhere"):
        CocoDataset(folder / "some.json", folder / "nowhere")
    (folder / "picture 3.png").unlink()
    with pytest.raises(FileNotFoundError, match="image 3 has no file .*picture 3.png: check"):
        load(folder)
    (folder / "picture 12.png").unlink()
    with pytest.raises(FileNotFoundError, match="1 more are missing"):
        load(folder)


def test_a_truncated_photograph_in_one_sentence(folder):
    changed_names = changed(["images", 0, "file_name"], "photo.jpg")
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)).save(
        folder / "photo.jpg"
    )
    whole = (folder / "photo.jpg").read_bytes()
    (folder / "photo.jpg").write_bytes(whole[: len(whole) // 2])
    write(folder, changed_names)
    with pytest.raises(ValueError, match=r"photo\.jpg") as caught:
        load(folder)[0]
    assert "\n" not in str(caught.value)


def test_a_resized_photograph_in_words(folder):
    Image.new("RGB", (30, 20)).save(folder / "picture 7.png")
    with pytest.raises(
        ValueError, match=r"picture 7.png has height and width \(20, 30\), but \(40, 60\) in some.json"
    ):
        load(folder)[0]


@pytest.mark.parametrize(
    ("segmentation", "complaint"),
    [
        ({"size": [40, 60], "counts": "2"}, "annotation 1: malformed run-length code"),
        (
            {"size": [4, 6], "counts": [24]},
            r"annotation 1: the mask has size \[4, 6\], but its image \[40, 60\]",
        ),
        ([[1, 2, 3, 4]], "annotation 1: malformed polygon"),
    ],
)
def test_broken_segmentations_name_the_annotation(folder, segmentation, complaint):
    write(folder, changed(["annotations", 0, "segmentation"], segmentation))
    with pytest.raises(ValueError, match=f"some.json, {complaint}"):
        load(folder)[0]
