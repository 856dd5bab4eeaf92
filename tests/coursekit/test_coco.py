"""COCO folders: the targets, what is lazy, and every way in which a folder can be broken."""

import pickle

import numpy as np
import pycocotools.mask
import pytest
import torch
from PIL import Image
from pycocotools.coco import COCO
from small_coco import SIZES, content, load, write, write_pictures
from torch.utils.data import DataLoader

from coursekit import ops
from coursekit.data.transforms import resize
from coursekit.schema import collate, validate


@pytest.fixture
def folder(tmp_path):
    return write_pictures(tmp_path)


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


def test_fingerprint_follows_pictures_that_are_edited_in_place(folder):
    path = folder / "picture 3.png"
    Image.fromarray(np.zeros((50, 30, 3), np.uint8)).save(path, format="BMP")
    before, size = load(folder).fingerprint, path.stat().st_size
    Image.fromarray(np.ones((50, 30, 3), np.uint8)).save(path, format="BMP")
    assert path.stat().st_size == size and load(folder).fingerprint != before


def test_segmentations_that_are_empty_or_null_are_no_masks(folder):
    for nothing in ([], None):
        bare = content()
        for row in bare["annotations"]:
            row["segmentation"] = nothing
        write(folder, bare)
        assert "masks" not in load(folder).target(0)
    assert "masks" not in load(folder).without_masks().target(0)


def test_classes_are_matched_by_name(folder):
    other = load(folder).with_classes(["zebra", "cow", "mouse", "ant"])
    assert other.classes == ("zebra", "cow", "mouse", "ant") and other.target(0)["labels"].tolist() == [1, 3]
    assert load(folder).with_classes(["zebra", "ant"]).target(0)["labels"].tolist() == [3, 2]


def test_null_is_as_missing(folder):
    bare = content()
    bare["annotations"][0] |= {"area": None, "iscrowd": None}
    write(folder, bare)
    target = load(folder).target(0)
    assert target["area"].tolist() == [240, 99.5] and target["iscrowd"].tolist() == [0, 1]


def test_a_large_picture_that_is_resized_is_read_smaller_but_is_the_same(tmp_path):
    rows, columns = np.mgrid[0:1200, 0:1600]
    pixels = np.stack([rows / 6, columns / 8, (rows + columns) / 14], -1).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.jpg", quality=95)
    write(
        tmp_path,
        {"images": [{"id": 1, "file_name": "a.jpg", "width": 1600, "height": 1200}]}
        | {key: [] for key in ("annotations", "categories")},
    )
    small = load(tmp_path).picture(0, least=(96, 128))
    assert small.shape[1] < 400
    expected = resize(load(tmp_path).picture(0), {}, (96, 128))[0]
    assert (resize(small, {}, (96, 128))[0] - expected).abs().max() < 0.02


def test_reading_is_lazy(folder):
    (folder / "picture 12.png").write_bytes(b"not a picture")
    dataset = load(folder)
    assert len(dataset[0]) == 2 and dataset.target(2)["boxes"].shape == (0, 4)


def test_the_witness_reads_our_codes():
    mask = torch.rand(13, 29, generator=torch.Generator().manual_seed(0)) > 0.5
    assert np.array_equal(pycocotools.mask.decode(ops.rle_encode(mask)), mask.numpy())
