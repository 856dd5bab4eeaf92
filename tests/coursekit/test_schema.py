"""validate() names the box and the image; pad() and collate() keep what they are given."""

import pytest
import torch

from coursekit import schema

HEIGHT, WIDTH = 40, 60


def good_target(**changes):
    masks = torch.zeros(2, HEIGHT, WIDTH, dtype=torch.bool)
    masks[0, 5:15, 10:30] = masks[1, 20:40, 30:60] = True
    target = {
        "boxes": torch.tensor([[10.0, 5, 30, 15], [30, 20, 60, 40]]),
        "labels": torch.tensor([1, 3]),
        "masks": masks,
        "semantic": torch.zeros(HEIGHT, WIDTH, dtype=torch.int64),
        "image_id": torch.tensor(7),
        "area": torch.tensor([200.0, 600.0]),
        "iscrowd": torch.zeros(2, dtype=torch.int64),
    }
    return {key: value for key, value in (target | changes).items() if value is not None}


def image():
    return torch.rand(3, HEIGHT, WIDTH)


def test_good_targets_pass():
    schema.validate([good_target(), good_target()], [image(), image()], num_classes=3)
    schema.validate([{"boxes": good_target()["boxes"], "labels": torch.tensor([1, 2])}])
    schema.validate([{"semantic": torch.zeros(HEIGHT, WIDTH, dtype=torch.int64)}], [image()])
    schema.validate([])


def test_an_empty_scene_is_fine():
    empty = {
        "boxes": torch.zeros(0, 4),
        "labels": torch.zeros(0, dtype=torch.int64),
        "masks": torch.zeros(0, HEIGHT, WIDTH, dtype=torch.bool),
        "area": torch.zeros(0),
    }
    schema.validate([empty], [image()], num_classes=3)


def boxes(*rows):
    return torch.tensor(rows, dtype=torch.float32)


PROPER = [30.0, 20, 60, 40]
WRONG_TARGETS = {
    "NaN": ({"boxes": boxes(PROPER, [1, 2, float("nan"), 4])}, "box 1 of image 1 contains NaN"),
    "infinity": ({"boxes": boxes(PROPER, [1, 2, float("inf"), 4])}, "contains NaN or infinity"),
    "x2 < x1": ({"boxes": boxes(PROPER, [30, 5, 20, 10])}, r"box 1 of image 1 has x2 <= x1 .*is it xywh\?"),
    "y2 = y1": ({"boxes": boxes([10, 5, 20, 5], PROPER)}, r"box 0 of image 1 has y2 <= y1 .*is it xywh\?"),
    "outside": ({"boxes": boxes(PROPER, [10, 5, 61, 15])}, "box 1 of image 1 leaves the image of width 60"),
    "above": ({"boxes": boxes(PROPER, [10, -5, 30, 15])}, "box 1 of image 1 leaves the image"),
    "normalised": (
        {"boxes": boxes([0.1, 0.2, 0.5, 0.6], [0, 0, 1, 1])},
        r"image 1 all lie in \[0, 1\]: are they norm",
    ),
    "xywh": (
        {"boxes": boxes([10, 5, 20, 10], PROPER)},
        r"box 0 of image 1 is smaller than the object .*xywh\?",
    ),
    "xywh by area": ({"boxes": boxes([10, 5, 20, 10], PROPER), "masks": None}, r"is smaller than the object"),
    "label 0": (
        {"labels": torch.tensor([1, 0])},
        "label 1 of image 1 is 0: labels start at 1; 0 is background",
    ),
    "label 4": ({"labels": torch.tensor([4, 1])}, "label 0 of image 1 is 4, but there are 3 classes"),
    "int32 labels": (
        {"labels": torch.tensor([1, 2], dtype=torch.int32)},
        "labels of image 1 are int32: make",
    ),
    "integer boxes": ({"boxes": boxes(PROPER, PROPER).long()}, "boxes of image 1 are int64: make them float"),
    "flat boxes": ({"boxes": torch.ones(8)}, r"boxes of image 1 have shape \(8,\), not \(G, 4\)\."),
    "flat nothing": ({"boxes": torch.ones(0)}, r"without objects has boxes of shape \(0, 4\)"),
    "too few labels": ({"labels": torch.tensor([1])}, "image 1 has 2 boxes but 1 rows of labels"),
    "too few masks": ({"masks": torch.zeros(1, HEIGHT, WIDTH).bool()}, "2 boxes but 1 rows of masks"),
    "labels in columns": (
        {"labels": torch.ones(2, 1).long()},
        r"labels of image 1 has shape \(2, 1\), not \(G,\)",
    ),
    "transposed masks": (
        {"masks": torch.zeros(2, WIDTH, HEIGHT).bool()},
        r"\(60, 40\) but the image is \(40, 60\)",
    ),
    "float masks": ({"masks": torch.zeros(2, HEIGHT, WIDTH)}, "masks of image 1 is float32: make it bool"),
    "float semantic": (
        {"semantic": torch.zeros(HEIGHT, WIDTH)},
        "semantic of image 1 is float32: make it int64",
    ),
    "no boxes": ({"boxes": None, "semantic": None}, "target 1 has no 'boxes'"),
    "lists": ({"boxes": [PROPER, PROPER]}, "boxes of image 1 is a list: make it a tensor"),
}


@pytest.mark.parametrize("name", WRONG_TARGETS)
def test_wrong_targets_in_words(name):
    changes, complaint = WRONG_TARGETS[name]
    with pytest.raises(ValueError, match=complaint) as caught:
        schema.validate([good_target(), good_target(**changes)], [image(), image()], num_classes=3)
    assert "\n" not in str(caught.value)


WRONG_IMAGES = {
    "bytes": (torch.zeros(3, HEIGHT, WIDTH, dtype=torch.uint8), "image 0 is uint8: .*divide by 255"),
    "0..255": (torch.full((3, HEIGHT, WIDTH), 200.0), "values from 200 to 200"),
    "channels last": (torch.zeros(HEIGHT, WIDTH, 3), r"channels come first, use permute\(2, 0, 1\)"),
    "grey": (torch.zeros(1, HEIGHT, WIDTH), r"shape \(1, 40, 60\), not \(3, H, W\)"),
    "NaN": (torch.full((3, HEIGHT, WIDTH), float("nan")), "image 0 contains NaN"),
    "list": ([[0.0]], "image 0 is a list"),
}


@pytest.mark.parametrize("name", WRONG_IMAGES)
def test_wrong_images_in_words(name):
    wrong, complaint = WRONG_IMAGES[name]
    with pytest.raises(ValueError, match=complaint):
        schema.validate([good_target()], [wrong])


def test_wrong_lists_in_words():
    with pytest.raises(ValueError, match="pass a list with one dict an image"):
        schema.validate(good_target())
    with pytest.raises(ValueError, match="2 images but 1 targets"):
        schema.validate([good_target()], [image(), image()])
    with pytest.raises(ValueError, match="target 0 is a list"):
        schema.validate([[1, 2]])


def test_padding_keeps_pixels_in_place_and_fills_with_zeros():
    images = [torch.rand(3, 20, 40) + 0.1, torch.rand(3, 33, 10) + 0.1]
    batch = schema.pad(images, stride=16)
    assert batch.shape == (2, 3, 48, 48)
    for padded, original in zip(batch, images, strict=True):
        height, width = original.shape[1:]
        assert torch.equal(padded[:, :height, :width], original)
        assert padded.count_nonzero() == original.numel()


def test_padding_adds_nothing_to_multiples_and_says_no():
    assert schema.pad([torch.rand(3, 64, 32)]).shape == (1, 3, 64, 32)
    with pytest.raises(ValueError, match="no image to pad"):
        schema.pad([])
    with pytest.raises(ValueError, match="image 1 has shape"):
        schema.pad([torch.rand(3, 8, 8), torch.rand(8, 8)])


def test_collate_gives_two_lists():
    pairs = [(image(), good_target()), (torch.rand(3, 8, 9), good_target())]
    images, targets = schema.collate(pairs)
    assert images[1] is pairs[1][0] and targets[0] is pairs[0][1]
    assert schema.collate([]) == ([], [])
