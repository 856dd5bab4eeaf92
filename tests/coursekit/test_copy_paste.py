"""Copy-paste of objects: every pixel counted by a loop, areas, boxes, and objects that vanish."""

import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.data.copy_paste import copy_paste
from coursekit.data.still_life import still_life
from coursekit.schema import validate


def scene(seed, count, height=12, width=17):
    """Visible masks, as in a photograph: each pixel belongs to one object at most."""
    generator = torch.Generator().manual_seed(seed)
    owner = torch.zeros(height, width, dtype=torch.int64)
    for k in range(1, count + 1):
        y, x = (int(torch.randint(0, side - 4, (1,), generator=generator)) for side in (height, width))
        owner[y : y + 5, x : x + 6] = k
    masks = (
        torch.stack([owner == k for k in range(1, count + 1)])
        if count
        else torch.zeros(0, height, width).bool()
    )
    masks = masks[masks.flatten(1).any(1)]
    boxes = torchvision.ops.masks_to_boxes(masks) + torch.tensor([0.0, 0, 1, 1])
    labels = torch.randint(1, 5, (len(masks),), generator=generator)
    target = {"boxes": boxes, "labels": labels, "masks": masks, "area": masks.sum((1, 2)).float()}
    return torch.rand(3, height, width, generator=generator), target


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 200), st.integers(0, 4), st.integers(1, 3), st.integers(1, 20))
def test_every_pixel_belongs_to_whom_one_sees(seed, below, above, min_pixels):
    image, target = scene(seed, below)
    donor, donor_target = scene(seed + 1000, above)
    objects = list(range(0, len(donor_target["labels"]), 2))
    mixed, result = copy_paste(image, target, donor, donor_target, objects, min_pixels)
    owners = []  # of each object what is visible, pixel by pixel
    for masks, labels, rows in (
        (target["masks"], target["labels"], range(len(target["labels"]))),
        (donor_target["masks"], donor_target["labels"], objects),
    ):
        own = masks is donor_target["masks"]
        for row in rows:
            visible = {
                (i, j)
                for i, j in masks[row].nonzero().tolist()
                if own or not any(donor_target["masks"][k, i, j] for k in objects)
            }
            if len(visible) >= min_pixels:
                owners.append((int(labels[row]), visible))
    found = [
        (int(label), {tuple(place) for place in mask.nonzero().tolist()})
        for label, mask in zip(result["labels"], result["masks"], strict=True)
    ]
    assert found == owners
    assert result["area"].tolist() == [len(visible) for _, visible in owners]
    if owners:
        expected = torchvision.ops.masks_to_boxes(result["masks"]) + torch.tensor([0.0, 0, 1, 1])
        torch.testing.assert_close(result["boxes"], expected)
    assert result["masks"].sum(0).max() <= 1 if owners else result["boxes"].shape == (0, 4)
    for i in range(image.shape[1]):
        for j in range(image.shape[2]):
            source = donor if any(donor_target["masks"][k, i, j] for k in objects) else image
            assert torch.equal(mixed[:, i, j], source[:, i, j])


def test_still_lifes_stay_valid_and_the_inputs_stay_as_they_were():
    dataset = still_life("preview")
    (image, target), (donor, donor_target) = dataset[0], dataset[1]
    before = [image.clone(), target["masks"].clone(), donor.clone()]
    mixed, result = copy_paste(image, target, donor, donor_target, range(len(donor_target["labels"])))
    validate([result], [mixed], num_classes=10)
    assert len(result["labels"]) == len(result["iscrowd"]) == len(result["masks"])
    assert all(torch.equal(a, b) for a, b in zip(before, (image, target["masks"], donor), strict=True))


def test_nothing_to_paste_changes_nothing():
    image, target = scene(1, 3)
    mixed, result = copy_paste(image, target, *scene(2, 2), [], min_pixels=1)
    assert torch.equal(mixed, image) and torch.equal(result["masks"], target["masks"])
    torch.testing.assert_close(result["boxes"], target["boxes"])


def test_bad_input_in_words():
    image, target = scene(1, 3)
    with pytest.raises(ValueError, match="resize one of them"):
        copy_paste(image, target, *scene(2, 2, height=13), [0])
    without = {key: value for key, value in target.items() if key != "masks"}
    with pytest.raises(ValueError, match="boxes alone cannot cut an object out"):
        copy_paste(image, without, image, target, [0])
