"""Changes of training images: against torchvision's transforms, against loops over pixels, and the same each time."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from noise_backbone import LEVELS, Means, Noise
from torch import Generator
from torchvision import tv_tensors
from torchvision.ops import masks_to_boxes
from torchvision.transforms import v2

from coursekit.data import augmentation
from coursekit.data.augmentation import (
    CHANGES,
    Changed,
    change_named,
    colour,
    crop,
    paste,
    scale,
    uniform,
    window,
    zoom,
)
from coursekit.data.features import cached_features
from coursekit.data.objects import Picked
from coursekit.data.still_life import still_life
from coursekit.schema import validate

PREVIEW = still_life("preview")
NAMES = ("paste", *CHANGES)


def random(seed=0):
    return Generator().manual_seed(seed)


def scene(seed=0, height=20, width=34, objects=3):
    """An image and its objects, which are rectangles that do not overlap."""
    image = torch.rand(3, height, width, generator=random(seed))
    masks = torch.zeros(objects, height, width, dtype=torch.bool)
    for k, mask in enumerate(masks):
        left, top = (
            1 + k * width // objects,
            int(torch.randint(0, height - 6, (), generator=random(seed + k))),
        )
        mask[top : top + 6, left : left + 7] = True
    target = {"boxes": masks_to_boxes(masks), "labels": torch.arange(1, objects + 1), "masks": masks}
    target["boxes"] += torch.tensor([0.0, 0, 1, 1])
    return image, target | {
        "area": masks.sum((1, 2)).float(),
        "iscrowd": torch.zeros(objects, dtype=torch.int64),
    }


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 50),
    st.integers(-15, 40),
    st.integers(-15, 25),
    st.integers(1, 30),
    st.integers(1, 30),
    st.integers(1, 30),
)
def test_a_window_shows_what_a_loop_over_its_pixels_shows(seed, left, top, height, width, min_pixels):
    image, target = scene(seed)
    seen, shown = window(image, target, left, top, (height, width), min_pixels)
    owners = {int(label): set() for label in target["labels"]}
    for i in range(height):
        for j in range(width):
            y, x = i + top, j + left
            if not (0 <= y < 20 and 0 <= x < 34):
                torch.testing.assert_close(seen[:, i, j], image.mean((1, 2)))
                continue
            assert seen[:, i, j].equal(image[:, y, x])
            for label, mask in zip(target["labels"].tolist(), target["masks"], strict=True):
                owners[label] |= {(i, j)} if mask[y, x] else set()
    kept = {label: pixels for label, pixels in owners.items() if len(pixels) >= min_pixels}
    assert shown["labels"].tolist() == list(kept) and shown["area"].tolist() == [
        len(p) for p in kept.values()
    ]
    for pixels, mask, box in zip(kept.values(), shown["masks"], shown["boxes"], strict=True):
        assert {tuple(place) for place in mask.nonzero().tolist()} == pixels
        rows, columns = [i for i, _ in pixels], [j for _, j in pixels]
        assert box.tolist() == [min(columns), min(rows), max(columns) + 1, max(rows) + 1]


@pytest.mark.parametrize("left, top, size", [(3, 2, (10, 20)), (-4, -6, (30, 40)), (10, 0, (9, 40))])
def test_without_masks_boxes_are_cut_as_torchvision_cuts_them(left, top, size):
    image, target = scene()
    boxes = tv_tensors.BoundingBoxes(target["boxes"], format="XYXY", canvas_size=(20, 34))
    expected = torch.Tensor(v2.functional.crop(boxes, top, left, *size))
    _, shown = window(
        image, {"boxes": target["boxes"], "labels": target["labels"]}, left, top, size, min_pixels=1
    )
    inside = (expected[:, 2] > expected[:, 0]) & (expected[:, 3] > expected[:, 1])
    assert shown["boxes"].equal(expected[inside]) and shown["labels"].equal(target["labels"][inside])


@pytest.mark.parametrize("factor", [0.6, 1.0, 1.7])
def test_zooming_equals_torchvisions_resize_and_crop(factor):
    """The place is drawn at random: across first, then down."""
    image, target = scene()
    size = [round(20 * factor), round(34 * factor)]
    across, down = uniform(0, 1, random(5), 2)
    left, top = round(across * (size[1] - 34)), round(down * (size[0] - 20))
    large = v2.functional.resize(image, size, v2.InterpolationMode.BICUBIC, antialias=True).clamp(0, 1)
    inside = v2.functional.crop(torch.ones(1, *size), top, left, 20, 34).bool()
    expected = torch.where(
        inside, v2.functional.crop(large, top, left, 20, 34), large.mean((1, 2))[:, None, None]
    )
    torch.testing.assert_close(zoom(image, target, factor, random(5))[0], expected)


def test_colours_are_those_of_torchvision():
    image, target = scene()
    for seed in range(5):
        brightness, contrast, saturation = uniform(0.6, 1.4, random(seed), 3)
        expected = v2.functional.adjust_brightness(image, brightness)
        expected = v2.functional.adjust_contrast(expected, contrast)
        expected = v2.functional.adjust_saturation(expected, saturation)
        changed, same = colour(image, target, random(seed))
        torch.testing.assert_close(changed, expected, atol=1e-4, rtol=0)
        assert same is target


def test_a_crop_enlarges_and_a_change_of_scale_does_both(monkeypatch):
    factors = []
    monkeypatch.setattr(augmentation, "zoom", lambda image, target, factor, generator: factors.append(factor))
    for change, low, high in ((crop, 1, 2), (scale, 0.6, 1.5)):
        factors.clear()
        for seed in range(200):
            change(*scene(), random(seed))
        assert low <= min(factors) < low + 0.05 and high - 0.1 < max(factors) <= high


@pytest.mark.parametrize("name", NAMES)
def test_every_change_gives_a_valid_scene_of_the_same_size_and_leaves_its_input_alone(name):
    change = change_named(name, PREVIEW)
    for i in range(4):
        image, target = PREVIEW[i]
        before = [image.clone(), *(value.clone() for value in target.values())]
        changed, new = change(image, target, random(i))
        validate([new], [changed], num_classes=10)
        assert changed.shape == image.shape and not changed.equal(image)
        assert new["boxes"].equal(masks_to_boxes(new["masks"]) + torch.tensor([0.0, 0, 1, 1]))
        assert all(a.equal(b) for a, b in zip(before, (image, *target.values()), strict=True))
        again, same = change(image, target, random(i))
        assert again.equal(changed) and same["boxes"].equal(new["boxes"])


def test_pasted_objects_are_those_of_a_donor_or_of_its_mirror_image():
    image, target = torch.zeros(3, 20, 34), scene(objects=0)[1]
    donor, objects = scene(1)
    seen = set()
    for seed in range(40):
        mixed, result = paste(image, target, random(seed), [(donor, objects)])
        count, covered = len(result["labels"]), result["masks"].any(0)
        assert 1 <= count <= 3 and not mixed[:, ~covered].any()
        mirrored = not mixed[:, covered].equal(donor[:, covered])
        assert not mirrored or mixed[:, covered].equal(donor.flip(-1)[:, covered])
        seen.add((mirrored, count))
    assert seen == {(mirrored, count) for mirrored in (False, True) for count in (1, 2, 3)}
    assert paste(donor, objects, random(), [scene(objects=0)])[0] is donor


def test_changed_images_are_the_same_each_time_and_their_targets_are_remembered():
    scenes = Picked(Noise(), (4, 9, 2))
    changed = Changed(scenes, colour, count=7, seed=3)
    assert len(changed) == 7
    for i in (6, 1):
        image, target = changed[i]
        assert image.equal(colour(*scenes[i % 3], random(3 * 1_000_003 + i))[0])
        read = scenes.dataset.read
        assert all(changed.target(i)[key].equal(value) for key, value in target.items())
        assert scenes.dataset.read == read, "no image is made for a target that is known"
    assert changed.target(2)["image_id"] == 2
    with pytest.raises(IndexError, match="7 changed images, but number 7"):
        changed[7]


def test_features_of_changed_images_are_kept_and_never_mixed(tmp_path):
    kinds = [Changed(Noise(), colour, 3), Changed(Noise(), crop, 3), Changed(Noise(), colour, 3, seed=1)]
    kinds += [Changed(Noise(), colour, 4), Changed(Picked(Noise(), (0, 2)), colour, 3)]
    assert len({kind.fingerprint for kind in kinds}) == len(kinds)
    for i, kind in enumerate(kinds):
        features = cached_features(kind, Means(), LEVELS, tmp_path)
        image, target = kind[1]
        torch.testing.assert_close(features[1][0]["C3"], Means()(image[None])["C3"][0], atol=1e-3, rtol=1e-3)
        assert features[1][1]["boxes"].equal(target["boxes"])
        assert len(list(tmp_path.glob("*/header.json"))) == i + 1
    assert Changed(Noise(), colour, 3).fingerprint == kinds[0].fingerprint


def test_what_cannot_be_changed_is_said_in_words():
    image, target = scene()
    for key, value in {"semantic": torch.zeros(20, 34).long(), "keypoints": torch.zeros(3, 2, 3)}.items():
        with pytest.raises(ValueError, match=f"cannot cut '{key}'"):
            crop(image, target | {key: value}, random())
    with pytest.raises(ValueError, match="Unknown change 'blur': choose paste, flip"):
        change_named("blur", [])
