"""COCO's metrics at odd and damaged input: the same numbers for every kind of tensor, or a sentence that names the image."""

import numpy as np
import pytest
import torch

from coursekit.metrics import coco_metrics
from coursekit.metrics.mask_runs import runs_of_codes
from coursekit.ops import rle_encode


def objects(**changes):
    row = {"boxes": torch.tensor([[0.0, 0, 4, 3], [1, 1, 4, 4]]), "labels": torch.tensor([1, 2])}
    row["masks"] = torch.zeros(2, 4, 5, dtype=torch.bool)
    row["masks"][0, :3, :4] = row["masks"][1, 1:, 1:4] = True
    return row | changes


def predicted(**changes):
    return objects(scores=torch.tensor([0.5, 0.75])) | changes


FINE = objects()
CODES = [rle_encode(mask) for mask in FINE["masks"]]


def code(counts, size=(4, 5)):
    return {"size": list(size), "counts": counts}


@pytest.mark.parametrize("kind", ["boxes", "masks"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_kinds_of_numbers(kind, dtype):
    odd = predicted(
        boxes=FINE["boxes"].to(dtype).requires_grad_(),
        scores=torch.tensor([0.5, 0.75], dtype=dtype).requires_grad_(),
        masks=FINE["masks"].to(dtype)[:, None].requires_grad_(),
        labels=FINE["labels"].int(),
    )
    assert coco_metrics([odd], [FINE], kind) == coco_metrics([predicted()], [FINE], kind)


@pytest.mark.parametrize(
    "masks", [FINE["masks"].numpy(), FINE["masks"][:, None].numpy(), CODES, tuple(CODES), np.array(CODES)]
)
def test_kinds_of_masks(masks):
    assert coco_metrics([predicted(masks=masks)], [objects(masks=masks)], "masks")["AP"] == 1


@pytest.mark.parametrize(
    ("masks", "words"),
    [
        ([code("26N4"), CODES[1]], "cover 16 pixels|a run of -2 pixels"),
        ([code("26N4", (4, 4)), code("26N4", (4, 4))], "a run of -2 pixels"),
        ([CODES[0], code("A713000", (3, 5))], "a run of -15 pixels"),
        ([code(""), CODES[1]], "or is empty"),
        ([CODES[0], {"counts": "04"}], "needs the keys"),
        ([CODES[0], code("04", ())], r"'size' is \[\]"),
        ([CODES[0], {"size": None, "counts": "04"}], "'size' is None"),
        ([CODES[0], code("0", (0, 4)) | {"size": [4]}], r"'size' is \[4\]"),
        ([CODES[0], code("4", (-2, -2))], r"'size' is \[-2, -2\]"),
        ([CODES[0], code("oooooooooo0")], "longer than any image"),
        ([CODES[0], code("2é")], "a character"),
        ([CODES[0], code([10**18], (10**9, 10**9))], "larger than any image"),
        ([[[0, 0, 4, 0, 4, 3]], [[1, 1, 4, 4, 1, 4]]], "needs the keys"),
        (list(FINE["masks"]), "needs the keys"),
        (None, "cannot be read"),
        (FINE["masks"][0], r"\(N, H, W\)"),
    ],
)
def test_masks_that_cannot_be_read(masks, words):
    with pytest.raises(ValueError, match=words) as caught:
        coco_metrics([predicted(), predicted(masks=masks)], [FINE, FINE], "masks")
    assert "prediction 1" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scores": torch.tensor(0.5)}, r"the scores of prediction 0 have shape \(\)"),
        ({"labels": torch.tensor([[1], [2]])}, r"the labels of prediction 0 have shape \(2, 1\)"),
        ({"boxes": torch.zeros(2, 5)}, r"the boxes of prediction 0 have shape \(2, 5\), not \(N, 4\)"),
        ({"boxes": torch.zeros(4, 2)}, r"have shape \(4, 2\)"),
        ({"labels": torch.tensor([1.5, 2])}, "the labels of prediction 0 are not whole numbers"),
        ({"labels": ["cat", "dog"]}, "are not a list of numbers"),
        ({"scores": torch.tensor([0.5, float("nan")])}, "NaN"),
    ],
)
def test_boxes_that_cannot_be_read(changes, words):
    with pytest.raises(ValueError, match=words):
        coco_metrics([predicted(**changes)], [FINE])


def test_keys_that_are_none():
    plain = coco_metrics([predicted()], [FINE])
    assert coco_metrics([predicted()], [objects(iscrowd=None, area=None)]) == plain


def test_runs_of_many_codes_are_those_of_each():
    random = np.random.default_rng(0)
    masks = [random.random((7, 11)) < share for share in np.linspace(0, 1, 40)]
    found = runs_of_codes([rle_encode(mask) for mask in masks])
    for k, mask in enumerate(masks):
        pixels = np.concatenate(
            [np.arange(*ends) for ends in found.ends[found.owner == k]] + [np.zeros(0, int)]
        )
        assert np.array_equal(np.flatnonzero(mask.T.ravel()), pixels)
