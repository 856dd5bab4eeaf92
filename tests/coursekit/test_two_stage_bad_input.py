"""Faster R-CNN and Mask R-CNN on scenes and inputs out of the ordinary: nothing becomes NaN, and what is wrong is said."""

import pytest
import torch
from made_up_detectors import detector, nothing, objects
from small_two_stage import SIZE, maps_of, ours, without_proposals
from torch import nn

from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.training import NotFiniteError, fit

both = pytest.mark.parametrize("kind", [FasterRCNN, MaskRCNN])
HEIGHT, WIDTH = SIZE


def scene(*boxes, size=SIZE):
    """A target of objects that fill their boxes, of the classes 1, 2, 3, 1, ..."""
    boxes = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    return objects(boxes, torch.arange(len(boxes)) % 3 + 1, *size)


def heap(count=500):
    """As many objects of 12 x 12 pixels, one on the other."""
    corner = torch.rand(count, 2, generator=torch.Generator().manual_seed(0)) * 80
    return scene(*torch.cat([corner, corner + 12], 1).tolist())


NOTHING = scene()
WHOLE = scene((0, 0, WIDTH, HEIGHT))
SCENES = {
    "objects": [scene((8, 8, 40, 44), (50, 20, 100, 92)), scene((30, 10, 90, 60))],
    "nothing": [NOTHING, NOTHING],
    "nothing in one": [WHOLE, NOTHING],
    "the whole image": [WHOLE, WHOLE],
    "the whole image three times": [scene(*[(0, 0, WIDTH, HEIGHT)] * 3), WHOLE],
    "specks": [scene((3, 3, 4, 4), (127, 95, 128, 96)), scene((40.2, 30.3, 40.4, 30.6))],
    "lines": [scene((0, 40, WIDTH, 40.5)), scene((60, 0, 60.01, HEIGHT))],
    "a heap": [heap(), NOTHING],
    "no visible pixel": [WHOLE | {"masks": torch.zeros(1, *SIZE, dtype=torch.bool)}, NOTHING],
}


def take_a_step(model, inputs, targets):
    """The losses, after it was seen that they and all gradients are finite."""
    losses = model.train()(inputs, targets)
    assert all(loss.ndim == 0 and loss.isfinite() for loss in losses.values()), losses
    sum(losses.values()).backward()
    gradients = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    assert gradients and [name for name, g in gradients.items() if not g.isfinite().all()] == []
    return losses


def assert_sane(found, size):
    """Finite boxes inside of the image of `size`, and of Mask R-CNN a mask for each, in [0, 1]."""
    height, width = size
    assert found["boxes"].shape == (len(found["scores"]), 4) and len(found["labels"]) == len(found["scores"])
    assert found["boxes"].isfinite().all() and found["scores"].isfinite().all()
    assert (found["boxes"] >= 0).all() and (found["boxes"] <= torch.tensor([width, height] * 2)).all()
    if "masks" in found:
        assert found["masks"].shape == (len(found["scores"]), 1, height, width)
        assert ((found["masks"] >= 0) & (found["masks"] <= 1)).all()


@both
@pytest.mark.parametrize("change", [nn.Identity(), without_proposals], ids=["proposals", "no proposals"])
@pytest.mark.parametrize("targets", SCENES.values(), ids=SCENES)
def test_losses_and_gradients_are_finite(kind, change, targets):
    losses = take_a_step(change(ours(kind)), maps_of(), targets)
    any_object = any(len(target["boxes"]) for target in targets)
    for name in {"proposal_box", "mask"} & losses.keys():
        assert (losses[name] > 0) == any_object, name


@both
def test_a_batch_of_background_trains_no_box_and_no_mask(kind):
    model = ours(kind)
    losses = take_a_step(model, maps_of(), [NOTHING, NOTHING])
    assert losses["objectness"] > 0 and losses["class"] > 0
    silent = [model.proposer.offsets, model.region_head.offsets]
    silent += [model.mask_head[-1]] if kind is MaskRCNN else []
    assert not any(layer.weight.grad.any() for layer in silent)
    assert model.proposer.objectness.weight.grad.any() and model.region_head.classes.weight.grad.any()


@both
def test_training_on_background_alone_ends_in_a_model_that_finds_nothing(kind):
    model, maps = ours(kind), maps_of(4)
    steps = list(fit(model, [(x, NOTHING) for x in maps], 60, batch_size=4))
    assert steps[-1].loss < steps[0].loss
    assert all(len(found["boxes"]) == 0 for found in model.eval()(maps))


@both
@pytest.mark.parametrize("size", [(2, 2), (5, 7), (31, 9), (3, 200), (200, 3)])
def test_images_smaller_than_the_stride(kind, size):
    """They are padded to 32 x 32 pixels, four cells of the finest level."""
    model, image = detector(kind.__name__), torch.rand(3, *size)
    for target in (scene((0, 0, size[1], size[0]), size=size), nothing(*size)):
        take_a_step(model, [image], [target])
    assert_sane(model.eval()([image])[0], size)


@both
def test_an_empty_scene_of_one_colour(kind):
    model = detector(kind.__name__)
    for image in (torch.zeros(3, 64, 96), torch.ones(3, 64, 96)):
        take_a_step(model, [image], [nothing(64, 96)])
        assert_sane(model.eval()([image])[0], (64, 96))


@both
def test_weights_that_are_nan_find_nothing_and_end_the_training_in_words(kind):
    model = ours(kind)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(torch.nan)
    for found in model(maps_of()):
        assert len(found["boxes"]) == 0
    items = list(zip(maps_of(), SCENES["objects"], strict=True))
    with pytest.raises(NotFiniteError, match="The objectness loss is nan at step 1"):
        next(fit(model, items, 1, batch_size=2))


@both
@pytest.mark.parametrize("level", ["C3", "C4", "C5"])
@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_feature_maps_that_are_not_finite_in_words(kind, level, value):
    maps = maps_of()
    maps[1][level][0, 0, 0] = value
    for model in (ours(kind), ours(kind).train()):
        with pytest.raises(ValueError, match="Image 1 contains NaN or infinity"):
            model(maps, SCENES["objects"])


RIGHT = scene((20, 30, 60, 60))
XYWH = torch.tensor([[20.0, 30, 40, 30]])
WRONG = {
    "xywh that ends before it starts": (
        {"boxes": XYWH - torch.tensor([0, 0, 30, 0])},
        "box 0 of image 1 has x2 <= x1",
    ),
    "xywh of no height": ({"boxes": XYWH}, r"has y2 <= y1 \(\[20, 30, 40, 30\]\): is it xywh"),
    "xywh, known by the masks": (
        {"boxes": torch.tensor([[20.0, 30, 60, 60]]), "masks": scene((20, 30, 80, 90))["masks"]},
        "is smaller than the object in it .*: is it xywh",
    ),
    "beyond the image": ({"boxes": torch.tensor([[20.0, 30, 160, 60]])}, "Box 0 of image 1 leaves the image"),
    "NaN": ({"boxes": torch.tensor([[20.0, torch.nan, 60, 60]])}, "box 0 of image 1 contains NaN"),
    "infinity": (
        {"boxes": torch.tensor([[20.0, 30, torch.inf, 60]])},
        "box 0 of image 1 contains NaN or infinity",
    ),
    "class 0": ({"labels": torch.tensor([0])}, "label 0 of image 1 is 0: labels start at 1"),
    "class -1": ({"labels": torch.tensor([-1])}, "labels start at 1"),
    "class 4 of 3": ({"labels": torch.tensor([4])}, "label 0 of image 1 is 4, but there are 3 classes"),
    "class 2.0": ({"labels": torch.tensor([2.0])}, "labels of image 1 are float32: make them int64"),
    "two labels": ({"labels": torch.tensor([1, 2])}, "image 1 has 1 boxes but 2 rows of labels"),
    "boxes of no object": (
        {"boxes": torch.zeros(0)},
        r"an image without objects has boxes of shape \(0, 4\)",
    ),
}


@both
@pytest.mark.parametrize("change, sentence", WRONG.values(), ids=WRONG)
def test_bad_targets_in_words(kind, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        ours(kind).train()(maps_of(), [RIGHT, RIGHT | change])


@both
def test_without_masks_the_area_gives_xywh_away(kind):
    box = torch.tensor([[20.0, 30, 60, 60]])
    target = {"boxes": box, "labels": torch.tensor([1]), "area": torch.tensor([60.0 * 60])}
    with pytest.raises(ValueError, match="is smaller than the object in it .*: is it xywh"):
        ours(kind).train()(maps_of(), [RIGHT, target])


def test_missing_masks_are_missed_in_the_image_of_the_callers_number():
    """Also where the images go through the network size by size."""
    images, sizes = [torch.rand(3, 64, 64), torch.rand(3, 96, 64), torch.rand(3, 64, 64)], [64, 96, 64]
    targets = [scene((8, 8, 40, 40), size=(height, 64)) for height in sizes]
    del targets[2]["masks"]
    with pytest.raises(ValueError, match="target 2 has no 'masks': Mask R-CNN learns from masks"):
        detector("MaskRCNN").train()(images, targets)
    take_a_step(detector("FasterRCNN"), images, targets)
