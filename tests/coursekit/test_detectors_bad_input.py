"""Every detector says in words what is wrong with its targets and images."""

import pytest
import torch
from made_up_detectors import OURS, detector, nothing, ours, scene

from coursekit.models.detector import Detector

BOX = torch.tensor([[4.0, 6, 40, 38]])


@ours
@pytest.mark.parametrize(
    "target, sentence",
    [
        ({"boxes": BOX, "labels": torch.tensor([4])}, "label 0 of image 1 is 4, but there are 3 classes"),
        ({"boxes": BOX, "labels": torch.tensor([0])}, "labels start at 1"),
        ({"boxes": BOX + 40, "labels": torch.tensor([1])}, "Box 0 of image 1 leaves the image of width 64"),
        ({"boxes": BOX - 20, "labels": torch.tensor([1])}, "leaves the image"),
        ({"boxes": BOX.flip(1), "labels": torch.tensor([1])}, "is it xywh"),
        ({"boxes": BOX / 96, "labels": torch.tensor([1])}, "normalised"),
        ({"boxes": BOX * torch.nan, "labels": torch.tensor([1])}, "NaN"),
        ({"boxes": BOX}, "has no 'labels'"),
    ],
)
@pytest.mark.parametrize("second", [(96, 64), (64, 64)], ids=["one size", "two sizes"])
def test_bad_targets_in_words(name, target, sentence, second):
    images, targets = map(list, zip(scene(0), scene(1, *second), strict=True))
    targets[1] = target
    with pytest.raises(ValueError, match=sentence):
        detector(name).train()(images, targets)


@ours
@pytest.mark.parametrize("targets, sentence", [(None, "no targets"), ([nothing()], "1 targets for 2 images")])
def test_missing_targets_in_words(name, targets, sentence):
    with pytest.raises(ValueError, match=sentence):
        detector(name).train()([scene(0)[0], scene(1)[0]], targets)


@ours
@pytest.mark.parametrize(
    "inputs, sentence",
    [
        ([], "at least one image"),
        ({"C3": torch.zeros(40, 8, 8)}, "takes a list"),
        ([{"C5": torch.zeros(320, 2, 2)}], r"The features of image 0 are C5: .*C4.* are needed"),
        (torch.zeros(3, 64, 64), r"Image 0 is \(64, 64\)"),
        ([torch.zeros(1, 64, 64)], r"Image 0 is \(1, 64, 64\)"),
        ([torch.zeros(3, 0, 64)], r"Image 0 is \(3, 0, 64\)"),
        ([torch.zeros(3, 64, 64), torch.full((3, 64, 64), torch.nan)], "Image 1 contains NaN"),
    ],
)
def test_bad_inputs_in_words(name, inputs, sentence):
    with pytest.raises(ValueError, match=sentence):
        detector(name).eval()(inputs)


@ours
def test_a_detector_without_backbone_needs_features_and_one_with_classes(name):
    with pytest.raises(ValueError, match="has no backbone"):
        OURS[name](3).eval()([torch.zeros(3, 64, 64)])
    with pytest.raises(ValueError, match="at least one class"):
        OURS[name](0)
    with pytest.raises(ValueError, match="several sizes: call the model itself"):
        detector(name).outputs([torch.zeros(3, 64, 64), torch.zeros(3, 96, 64)])


def test_what_a_subclass_must_write():
    for call in (Detector(1).outputs, Detector(1).predict):
        with pytest.raises(NotImplementedError):
            call([])
    with pytest.raises(NotImplementedError):
        Detector(1).losses([], [])
