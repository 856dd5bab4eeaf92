"""Run-length codes and polygons against pycocotools, boxes around masks against torchvision."""

import json

import numpy as np
import pycocotools.mask
import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit import ops

PEER = pycocotools.mask


def random_masks():
    """From salt and pepper to one long run, of many sizes, none of them square."""
    generator = np.random.default_rng(0)
    for height, width in ((1, 1), (1, 9), (7, 1), (5, 8), (48, 31), (130, 257), (400, 901)):
        for share in (0.0, 0.001, 0.1, 0.5, 0.97, 1.0):
            yield generator.random((height, width)) < share
    for _ in range(20):
        rows, columns = np.ogrid[:201, :334]
        y, x, radius = generator.uniform(0, 201), generator.uniform(0, 334), generator.uniform(1, 150)
        yield (rows - y) ** 2 + (columns - x) ** 2 < radius**2


@pytest.mark.parametrize("mask", list(random_masks()), ids=lambda mask: f"{mask.shape}-{mask.mean():.3f}")
def test_codes_equal_pycocotools(mask):
    expected = PEER.encode(np.asfortranarray(mask.astype(np.uint8)))
    ours = ops.rle_encode(torch.from_numpy(mask))
    assert ours == {"size": list(mask.shape), "counts": expected["counts"].decode()}
    json.dumps(ours)
    for rle in (ours, expected, {"size": mask.shape, "counts": run_lengths(mask)}):
        decoded = ops.rle_decode(rle)
        assert decoded.dtype == torch.bool and decoded.T.is_contiguous()
        assert np.array_equal(decoded.numpy(), mask)


def run_lengths(mask):
    """The plain list, by a loop over the pixels."""
    counts, value = [0], False
    for pixel in mask.ravel(order="F").tolist():
        if pixel != value:
            counts.append(0)
            value = pixel
        counts[-1] += 1
    return counts


def test_long_runs_need_many_digits():
    mask = torch.zeros(3000, 4001, dtype=torch.bool)
    mask[1, 2] = mask[-1, -1] = True
    expected = PEER.encode(np.asfortranarray(mask.numpy().astype(np.uint8)))["counts"].decode()
    assert ops.rle_encode(mask)["counts"] == expected
    assert torch.equal(ops.rle_decode(ops.rle_encode(mask)), mask)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=30))
def test_any_runs_come_home(lengths):
    mask = torch.from_numpy(np.repeat(np.arange(len(lengths)) % 2 == 0, lengths))[
        None
    ]  # (1, W), object first
    rle = ops.rle_encode(mask)
    assert rle["counts"].encode() == PEER.encode(np.asfortranarray(mask.byte().numpy()))["counts"]
    assert torch.equal(ops.rle_decode(rle), mask)


@pytest.mark.parametrize(
    ("rle", "complaint"),
    [
        ({"size": [2, 2]}, "needs the keys"),
        ("22", "needs the keys"),
        ({"size": [2], "counts": "22"}, "not \\[height, width\\]"),
        ({"size": [2, -2], "counts": "22"}, "not \\[height, width\\]"),
        ({"size": [2.5, 2], "counts": "22"}, "not \\[height, width\\]"),
        ({"size": [2, 2], "counts": "2"}, "cover 2 pixels, but the mask has 2 x 2 = 4"),
        ({"size": [2, 2], "counts": "25"}, "cover 7 pixels"),
        ({"size": [2, 2], "counts": [1, -1, 4]}, "a run of -1 pixels"),
        ({"size": [4, 4], "counts": "26N4"}, "a run of -2 pixels"),
        ({"size": [2, 2], "counts": ""}, "empty"),
        ({"size": [2, 2], "counts": "2R"}, "middle of a number"),
        ({"size": [2, 2], "counts": "2é"}, "a character"),
        ({"size": [2, 2], "counts": b"2\x00"}, "a character"),
        ({"size": [2, 2], "counts": "oooooooooo0"}, "longer than any image"),
        ({"size": [2, 2], "counts": [1.5, 2.5]}, "whole numbers"),
        ({"size": [2, 2], "counts": ["a"]}, "whole numbers"),
        ({"size": [2, 2], "counts": None}, "whole numbers"),
    ],
)
def test_malformed_codes_in_words(rle, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        ops.rle_decode(rle)
    assert str(caught.value).startswith("malformed run-length code") and "\n" not in str(caught.value)


def test_a_stack_is_not_a_mask():
    with pytest.raises(ValueError, match="one mask at a time"):
        ops.rle_encode(torch.zeros(2, 3, 4, dtype=torch.bool))


def test_boxes_equal_torchvision_but_for_the_exclusive_end():
    masks = torch.rand(40, 23, 57, generator=torch.Generator().manual_seed(0)) > 0.997
    masks = masks[masks.any(2).any(1)]
    boxes = ops.masks_to_boxes(masks)
    expected = torchvision.ops.masks_to_boxes(masks) + torch.tensor([0.0, 0.0, 1.0, 1.0])
    assert len(masks) > 20 and boxes.dtype == torch.float32 and torch.equal(boxes, expected)


def test_boxes_of_empty_and_full_masks():
    masks = torch.stack([torch.zeros(3, 5), torch.ones(3, 5)]).bool()
    assert ops.masks_to_boxes(masks).tolist() == [[0, 0, 0, 0], [0, 0, 5, 3]]
    assert ops.masks_to_boxes(masks[:0]).shape == (0, 4)


def random_polygons(count):
    generator = np.random.default_rng(1)
    for _ in range(count):
        points = int(generator.integers(3, 40))
        angle = np.sort(generator.random(points) * 2 * np.pi)
        radius = generator.uniform(1, 150) * generator.uniform(0.3, 1, points)
        x, y = generator.uniform(-20, 340), generator.uniform(-20, 220)
        polygon = np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], 1).ravel()
        yield np.round(polygon.clip(0, 320), 2).tolist()  # some leave the image on the right and below


def test_polygons_equal_pycocotools():
    height, width = 200, 317
    polygons = list(random_polygons(150))
    polygons += [
        [1, 1, 5, 1, 5, 4, 1, 4],
        [0, 0, 317, 0, 317, 200, 0, 200],
        [3, 3, 3, 3, 9, 9],
        [2, 2, 8, 2, 5, 2],
    ]
    polygons += [[10, 10, 90, 90, 90, 10, 10, 90]]  # crosses itself
    for polygon in polygons:
        expected = PEER.decode(PEER.frPyObjects([polygon], height, width))[:, :, 0]
        assert np.array_equal(ops.polygons_to_mask([polygon], (height, width)).numpy(), expected.astype(bool))
    together = PEER.decode(PEER.merge(PEER.frPyObjects(polygons[:9], height, width)))
    assert np.array_equal(ops.polygons_to_mask(polygons[:9], (height, width)).numpy(), together.astype(bool))


@pytest.mark.parametrize(
    "polygon", [[1, 2, 3, 4], [1] * 7, [[1, 2], [3, 4], [5, 6]], [0, 0, 1, 0, 1, np.nan]]
)
def test_malformed_polygons_in_words(polygon):
    with pytest.raises(ValueError, match="malformed polygon"):
        ops.polygons_to_mask([polygon], (10, 20))
