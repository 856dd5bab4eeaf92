"""Every segmenter says in words what is wrong with its targets and images."""

import pytest
import torch
from made_up_segmenters import OURS, batch_of, label_map, ours, scene, segmenter

from coursekit.models.segmenter import Segmenter


@ours
@pytest.mark.parametrize(
    "target, sentence",
    [
        (label_map(4), "image 1 has class 4 at row 2, column 3: classes run from 0"),
        (label_map(-1), "has class -1"),
        (label_map(1, (64, 96)), r"label map of image 1 is \(64, 96\) but the image is"),
        (label_map(1, (48, 32)), r"label map of image 1 is \(48, 32\) but the image is"),
        ({"semantic": torch.zeros(96, 64)}, "make it int64"),
        ({"semantic": torch.zeros(1, 96, 64, dtype=torch.int64)}, r"not \(H, W\)"),
        ({"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}, "neither 'semantic' nor"),
        ({}, "needs 'boxes' and 'labels', or 'semantic'"),
    ],
)
@pytest.mark.parametrize("second", [(96, 64), (64, 64)], ids=["one size", "two sizes"])
def test_bad_targets_in_words(name, target, sentence, second):
    images, targets = batch_of(scene(0), scene(1, *second))
    targets[1] = target
    if "semantic" in target and target["semantic"].shape == (96, 64) != second:
        targets[1] = {"semantic": target["semantic"][: second[0]]}
    with pytest.raises(ValueError, match=sentence):
        segmenter(name).train()(images, targets)


@ours
@pytest.mark.parametrize(
    "targets, sentence", [(None, "no targets"), ([label_map(0)], "1 targets for 2 images")]
)
def test_missing_targets_in_words(name, targets, sentence):
    with pytest.raises(ValueError, match=sentence):
        segmenter(name).train()([scene(0)[0], scene(1)[0]], targets)


@ours
@pytest.mark.parametrize(
    "inputs, sentence",
    [
        ([], "at least one image"),
        ([{}], "are needed"),
        (torch.zeros(3, 64, 64), r"Image 0 is \(64, 64\)"),
        ([torch.zeros(1, 64, 64)], r"Image 0 is \(1, 64, 64\)"),
        ([torch.zeros(3, 64, 64), torch.full((3, 64, 64), torch.nan)], "Image 1 contains NaN"),
    ],
)
def test_bad_inputs_in_words(name, inputs, sentence):
    with pytest.raises(ValueError, match=sentence):
        segmenter(name).eval()(inputs)


@ours
def test_a_segmenter_without_backbone_needs_features_and_one_with_classes(name):
    with pytest.raises(ValueError, match="has no backbone"):
        OURS[name](3).eval()([torch.zeros(3, 64, 64)])
    with pytest.raises(ValueError, match="at least one class"):
        OURS[name](0)
    with pytest.raises(ValueError, match="several sizes: call the model itself"):
        segmenter(name).outputs([torch.zeros(3, 64, 64), torch.zeros(3, 96, 64)])


def test_what_a_subclass_must_write():
    with pytest.raises(NotImplementedError):
        Segmenter(1).outputs([])
