"""Image and target change together: against torchvision's transforms, against pixels, and back again."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision import tv_tensors
from torchvision.transforms import v2

from coursekit.data.transforms import Flipped, Resized, horizontal_flip, resize
from coursekit.ops import masks_to_boxes
from coursekit.schema import validate


def scene(height=20, width=34, objects=3, seed=0):
    """A picture of bright rectangles and its target."""
    generator = torch.Generator().manual_seed(seed)
    first = torch.stack(
        [torch.randint(0, side - 4, (objects,), generator=generator) for side in (width, height)], 1
    )
    boxes = torch.cat([first, first + torch.randint(2, 5, (objects, 2), generator=generator)], 1)  # (G, 4)
    masks = torch.zeros(objects, height, width, dtype=torch.bool)
    for mask, (left, top, right, bottom) in zip(masks, boxes.tolist(), strict=True):
        mask[top:bottom, left:right] = True
    image = 0.2 * torch.rand(3, height, width, generator=generator) + 0.5 * masks.any(0)
    target = {
        "boxes": boxes.float(),
        "labels": torch.arange(1, objects + 1),
        "masks": masks,
        "keypoints": torch.cat([boxes.reshape(-1, 2, 2), torch.ones(objects, 2, 1)], 2).float(),
        "semantic": masks.any(0).long(),
        "image_id": torch.tensor(7),
        "area": masks.sum((1, 2)).float(),
        "iscrowd": torch.zeros(objects, dtype=torch.int64),
    }
    return image, target


class Scenes(torch.utils.data.Dataset):
    fingerprint, classes = "scenes", ("a", "b", "c")

    def __len__(self):
        return 4

    def __getitem__(self, i):
        return scene(seed=i)


def same(one, other):
    return one.keys() == other.keys() and all(one[key].equal(other[key]) for key in one)


@settings(max_examples=25, deadline=None)
@given(st.integers(5, 30), st.integers(5, 30), st.integers(0, 4), st.integers(0, 100))
def test_flipping_twice_changes_nothing(height, width, objects, seed):
    image, target = scene(height, width, objects, seed)
    twice = horizontal_flip(*horizontal_flip(image, target))
    assert twice[0].equal(image) and same(twice[1], target)


def test_key_points_go_with_the_boxes():
    """Here they are the corners: mirrored, left and right change places; stretched, they stay corners."""
    image, target = scene()
    for changed in (horizontal_flip(image, target)[1], resize(image, target, (50, 60))[1]):
        corners = changed["keypoints"][..., :2]
        torch.testing.assert_close(torch.cat([corners.amin(1), corners.amax(1)], 1), changed["boxes"])
        assert changed["keypoints"][..., 2].eq(1).all()


def test_flipping_equals_torchvision():
    image, target = scene()
    expected_image, expected = (
        v2.functional.horizontal_flip(image),
        {
            "boxes": v2.functional.horizontal_flip(
                tv_tensors.BoundingBoxes(target["boxes"], format="XYXY", canvas_size=(20, 34))
            ),
            "masks": v2.functional.horizontal_flip(tv_tensors.Mask(target["masks"])),
            "semantic": v2.functional.horizontal_flip(tv_tensors.Mask(target["semantic"])),
        },
    )
    flipped_image, flipped = horizontal_flip(image, target)
    assert flipped_image.equal(expected_image)
    assert all(flipped[key].equal(torch.Tensor(expected[key]).to(flipped[key].dtype)) for key in expected)
    assert flipped["labels"].equal(target["labels"]) and flipped["area"].equal(target["area"])


def test_the_flipped_box_is_around_the_flipped_pixels():
    _, flipped = horizontal_flip(*scene())
    assert flipped["boxes"].equal(masks_to_boxes(flipped["masks"]).float())


def test_flipping_leaves_its_arguments_alone():
    image, target = scene()
    copy = {key: value.clone() for key, value in target.items()}
    horizontal_flip(image, target)
    assert same(target, copy)


def test_an_empty_target_stays_empty():
    _, flipped = horizontal_flip(*scene(objects=0))
    assert flipped["boxes"].shape == (0, 4) and flipped["masks"].shape == (0, 20, 34)


def test_resizing_by_whole_factors_moves_boxes_with_their_pixels():
    image, target = scene()
    large, resized = resize(image, target, (60, 68))
    validate([resized], [large])
    assert resized["boxes"].equal(masks_to_boxes(resized["masks"]).float())
    assert resized["boxes"].equal(target["boxes"] * torch.tensor([2, 3, 2, 3]))
    assert resized["area"].equal(resized["masks"].sum((1, 2)).float())
    assert resized["semantic"].equal(resized["masks"].any(0).long())
    back = resize(large, resized, (20, 34))[1]
    assert same(back, target)


def test_resizing_an_image_equals_torchvision():
    image, target = scene()
    interpolation = v2.InterpolationMode.BICUBIC
    expected = v2.functional.resize(image, [13, 21], interpolation=interpolation, antialias=True).clamp(0, 1)
    torch.testing.assert_close(resize(image, target, (13, 21))[0], expected)


def test_the_flipped_dataset_is_the_mirror_image_of_each_pair():
    flipped = Flipped(Scenes())
    assert len(flipped) == 4 and flipped.classes == ("a", "b", "c")
    image, target = flipped[2]
    assert image.equal(scene(seed=2)[0].flip(-1)) and same(target, horizontal_flip(*scene(seed=2))[1])


def test_each_changed_dataset_has_its_own_fingerprint():
    datasets = [Scenes(), Flipped(Scenes()), Resized(Scenes(), (8, 9)), Resized(Scenes(), (9, 8))]
    datasets += [Flipped(datasets[2]), Flipped(Scenes(), lambda image, target: (image.flip(-2), target))]
    assert len({dataset.fingerprint for dataset in datasets}) == len(datasets)
    assert Flipped(Scenes()).fingerprint == Flipped(Scenes()).fingerprint


def test_a_flip_of_ones_own_is_used():
    def only_the_image(image, target):
        return image.flip(-1), target

    image, target = Flipped(Scenes(), only_the_image)[1]
    assert image.equal(scene(seed=1)[0].flip(-1)) and same(target, scene(seed=1)[1])


@pytest.mark.parametrize("size", [(8, 30), (41, 17)])
def test_resized_images_have_one_size(size):
    image, target = Resized(Scenes(), size)[3]
    validate([target], [image])
    assert image.shape == (3, *size) and target["masks"].shape == (3, *size)
