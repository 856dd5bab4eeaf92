"""COCO folders: the targets, what is lazy, and every way in which a folder can be broken."""

import copy
import json
import pickle

import numpy as np
import pycocotools.mask
import pytest
import torch
from PIL import Image
from pycocotools.coco import COCO
from torch.utils.data import DataLoader

from coursekit import ops
from coursekit.data.coco import CocoDataset
from coursekit.schema import collate, validate

SIZES = {7: (40, 60), 3: (50, 30), 12: (20, 25)}  # image id: height, width
POLYGON = [2.0, 3.0, 22.0, 3.0, 22.0, 15.0, 2.0, 15.0]


def annotation(number, image, category, bbox, segmentation, **more):
    return {"id": number, "image_id": image, "category_id": category, "bbox": bbox} | {
        "segmentation": segmentation,
        "area": 99.5,
        "iscrowd": 0,
        **more,
    }


def content():
    """Three images, the last one empty; category ids with gaps, out of order; all kinds of segmentation."""
    height, width = SIZES[3]
    block = torch.zeros(height, width, dtype=torch.bool)
    block[10:20, 5:25] = True
    return {
        "images": [
            {"id": i, "file_name": f"picture {i}.png", "height": h, "width": w} for i, (h, w) in SIZES.items()
        ],
        "annotations": [
            annotation(1, 7, 90, [2, 3, 20, 12], [POLYGON], identity=41, occlusion=0.25),
            annotation(2, 3, 4, [5, 10, 20, 10], ops.rle_encode(block)),
            annotation(5, 7, 17, [50.5, 0, 12, 40], {"size": [40, 60], "counts": [2000, 400]}, iscrowd=1),
            annotation(6, 7, 17, [5, 5, 0, 3], [POLYGON]),
        ],
        "categories": [{"id": 90, "name": "zebra"}, {"id": 4, "name": "ant"}, {"id": 17, "name": "mouse"}],
    }


@pytest.fixture
def folder(tmp_path):
    generator = np.random.default_rng(0)
    for i, (height, width) in SIZES.items():
        pixels = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"picture {i}.png")
    write(tmp_path, content())
    return tmp_path


def write(folder, what):
    text = what if isinstance(what, str) else json.dumps(what)
    (folder / "some.json").write_text(text, encoding="utf-8")


def load(folder, **options):
    return CocoDataset(folder / "some.json", folder, **options)


def test_targets(folder):
    dataset = load(folder)
    assert len(dataset) == 3
    assert dataset.classes == ("ant", "mouse", "zebra"), "labels are numbered by ascending category id"
    image, target = dataset[0]
    assert image.shape == (3, 40, 60) and 0 <= image.min() and image.max() <= 1
    assert target["boxes"].tolist() == [[2, 3, 22, 15], [50.5, 0, 60, 40]], "xyxy, clipped to the image"
    assert target["labels"].tolist() == [3, 2]
    assert target["image_id"].item() == 7
    assert target["area"].tolist() == [99.5, 99.5]
    assert target["iscrowd"].tolist() == [0, 1]
    assert target["boxes"].dtype == target["area"].dtype == torch.float32
    assert target["labels"].dtype == target["iscrowd"].dtype == torch.int64


def test_pixels_are_those_of_the_file(folder):
    image, _ = load(folder)[1]
    expected = np.asarray(Image.open(folder / "picture 3.png")).transpose(2, 0, 1) / 255
    np.testing.assert_allclose(image.numpy(), expected, atol=1e-6)


def test_masks_equal_pycocotools_for_every_kind_of_segmentation(folder, capsys):
    dataset, peer = load(folder), COCO(folder / "some.json")
    for i in range(len(dataset)):
        masks = dataset[i][1]["masks"]
        expected = [peer.annToMask(row) for row in dataset.annotations_of(i)]
        assert masks.dtype == torch.bool and len(masks) == len(expected)
        assert all(
            np.array_equal(mask, peer_mask) for mask, peer_mask in zip(masks.numpy(), expected, strict=True)
        )
    assert dataset[0][1]["masks"].any(2).any(1).all()


def test_an_empty_scene(folder):
    image, target = load(folder)[2]
    assert target["boxes"].shape == (0, 4) and target["masks"].shape == (0, 20, 25)
    assert target["labels"].shape == target["area"].shape == (0,)
    validate([target], [image])


def test_targets_are_valid_and_batches_survive_worker_processes(folder):
    dataset = pickle.loads(pickle.dumps(load(folder)))
    loader = DataLoader(dataset, batch_size=3, num_workers=1, collate_fn=collate)
    (images, targets), *rest = list(loader)
    assert not rest and [target["image_id"].item() for target in targets] == list(SIZES)
    validate([targets[1], targets[2]], images[1:], num_classes=3)


def test_extra_fields_stay_beside_the_rows(folder):
    dataset = load(folder)
    rows = dataset.annotations_of(0)
    assert [row["id"] for row in rows] == [1, 5], "one a row of the target: without the box that has no width"
    assert rows[0]["identity"] == 41 and rows[0]["occlusion"] == 0.25
    assert dataset.annotations == content()


def test_transform(folder):
    dataset = load(folder, transform=lambda image, target: (image.flip(2), target | {"flipped": True}))
    image, target = dataset[0]
    assert target["flipped"] and torch.equal(image, load(folder)[0][0].flip(2))


def test_boxes_alone_are_enough(folder):
    bare = content()
    for row in bare["annotations"]:
        for key in ("segmentation", "area", "iscrowd"):
            del row[key]
    write(folder, bare)
    _, target = load(folder)[0]
    assert "masks" not in target
    assert target["area"].tolist() == [240, 480] and target["iscrowd"].tolist() == [0, 0]


def test_fingerprint_follows_annotations_names_and_sizes(folder):
    first = load(folder).fingerprint
    assert load(folder, transform=lambda *pair: pair).fingerprint == first
    (folder / "picture 12.png").write_bytes(b"something else")
    second = load(folder).fingerprint
    changed = content()
    changed["annotations"][0]["bbox"][0] = 3
    write(folder, changed)
    assert len({first, second, load(folder).fingerprint}) == 3


def test_reading_is_lazy(folder):
    (folder / "picture 12.png").write_bytes(b"not a picture")
    dataset = load(folder)
    assert len(dataset[0]) == 2 and dataset.target(2)["boxes"].shape == (0, 4)


def changed(path, value):
    """The content with one entry replaced, or removed if value is None."""
    whole = copy.deepcopy(content())
    *way, last = path
    place = whole
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return whole


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
    with pytest.raises(FileNotFoundError, match="no annotation file .*other.json"):
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


def test_the_witness_reads_our_codes():
    mask = torch.rand(13, 29, generator=torch.Generator().manual_seed(0)) > 0.5
    assert np.array_equal(pycocotools.mask.decode(ops.rle_encode(mask)), mask.numpy())
