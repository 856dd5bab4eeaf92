"""Collages and changes of light: what is on top is seen, boxes are tight, the same seed gives the same image."""

import pytest
import torch

from coursekit.data.collage import (
    Cutout,
    Placed,
    background,
    compose,
    cutouts,
    distractor,
    onto,
    place,
    shadow,
    turned,
)
from coursekit.data.photometric import (
    another_camera,
    another_file,
    another_lens,
    another_light,
    blurred,
    chance,
    uniform,
)
from coursekit.data.real_mix import BACKGROUNDS, CYCLE, SIDE, RealMix, cropped
from coursekit.data.still_life import still_life
from coursekit.schema import validate


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def square(rows, columns, label, size=(40, 50), colour=1.0):
    """A square of one colour on an empty canvas."""
    alpha = torch.zeros(*size)
    alpha[slice(*rows), slice(*columns)] = 1
    return Placed(torch.full((3, *size), colour), alpha, label)


@pytest.fixture
def without_shadows(monkeypatch):
    monkeypatch.setattr("coursekit.data.collage.chance", lambda probability, generator: False)


def test_the_last_part_is_on_top_and_boxes_are_what_is_seen(without_shadows):
    parts = [square((10, 30), (10, 30), 3, colour=0.2), square((10, 30), (20, 40), 5, colour=0.9)]
    image, target = compose(torch.ones(3, 40, 50), parts, seeded())
    assert target["labels"].tolist() == [3, 5]
    assert target["boxes"].tolist() == [[10, 10, 20, 30], [20, 10, 40, 30]]
    assert image[0, 15].unique_consecutive().tolist() == pytest.approx([1, 0.2, 0.9, 1])


def test_what_is_hidden_or_no_object_has_no_box(without_shadows):
    parts = [square((10, 30), (10, 30), 3), square((10, 30), (12, 34), 5), square((0, 10), (0, 10), 0)]
    _, target = compose(torch.zeros(3, 40, 50), parts, seeded())
    assert target["labels"].tolist() == [5]


def test_nothing_on_a_background_is_a_picture_without_objects():
    image, target = compose(torch.full((3, 20, 30), 0.5), [], seeded())
    assert torch.equal(image, torch.full((3, 20, 30), 0.5))
    assert target["boxes"].shape == (0, 4) and target["labels"].dtype == torch.int64


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("side", [10.0, 60.0, 300.0])
def test_a_placed_object_has_its_colour_and_is_no_longer_than_asked_for(seed, side):
    red = Cutout(
        torch.tensor([200, 10, 10], dtype=torch.uint8)[:, None, None].expand(3, 30, 20),
        torch.ones(30, 20) > 0,
        7,
    )
    placed = place(red, (120, 100), side, seeded(seed))
    solid, inside = placed.alpha > 0.5, placed.alpha > 0.99
    assert placed.label == 7 and solid.any() and placed.alpha.shape == (120, 100)
    assert side < 20 or inside.any()
    colours = placed.pixels[:, inside] - torch.tensor([200, 10, 10])[:, None] / 255
    assert (colours.abs() < 0.02).all()
    rows, columns = solid.nonzero().unbind(1)
    diagonal = max(rows.max() - rows.min(), columns.max() - columns.min()) + 1
    assert diagonal <= 1.5 * min(side, 2 * 30)


def test_a_quarter_turn_is_that_of_rot90():
    maps = torch.rand(2, 5, 9)
    quarter = turned(maps, 90)
    assert any(torch.allclose(quarter, torch.rot90(maps, k, (1, 2)), atol=1e-5) for k in (1, -1))
    assert torch.allclose(turned(maps, 0), maps, atol=1e-5)


@pytest.mark.parametrize("seed", range(10))
def test_little_of_an_object_leaves_the_canvas(seed):
    assert onto(torch.ones(1, 20, 10), (64, 40), seeded(seed)).sum() >= 0.75 * 200


@pytest.mark.parametrize("seed", range(12))
def test_backgrounds_and_distractors_are_images(seed):
    photographs = [torch.rand(3, 60, 90), torch.rand(3, 200, 40)]
    made = background((48, 64), photographs, seeded(seed))
    thing = distractor((48, 64), photographs, seeded(seed))
    assert made.shape == (3, 48, 64) and 0 <= made.min() and made.max() <= 1
    assert thing.label == 0 and 0 <= thing.alpha.min() and thing.alpha.max() <= 1 and thing.alpha.sum() > 0
    assert shadow(thing.alpha, seeded(seed)).shape == (48, 64)


def test_whole_objects_are_cut_out_of_scenes():
    found = cutouts(still_life("preview"))
    assert found and {each.pixels.shape[1:] == each.mask.shape for each in found} == {True}
    edges = [edge for each in found for edge in (*each.mask[[0, -1]], *each.mask[:, [0, -1]].t())]
    assert all(edge.any() for edge in edges)  # the box is tight


@pytest.mark.parametrize("change", [another_light, another_lens, another_file, another_camera])
def test_another_camera_gives_another_image_of_the_same_size(change):
    image = torch.rand(3, 20, 30)
    changed = [change(image, seeded(seed)) for seed in range(6)]
    assert all(each.shape == image.shape and 0 <= each.min() and each.max() <= 1 for each in changed)
    assert any(not torch.equal(each, image) for each in changed)
    assert torch.equal(change(image, seeded(3)), changed[3])


def test_a_blur_keeps_the_mean_and_spreads_a_point():
    point = torch.zeros(1, 21, 21)
    point[0, 10, 10] = 1
    soft = blurred(point, 1.5)
    assert soft.sum().item() == pytest.approx(1, abs=1e-4) and soft.max() < 0.1
    assert torch.allclose(soft, soft.transpose(1, 2)) and torch.allclose(soft, soft.flip(1))


def test_random_numbers_are_where_they_should_be():
    generator = seeded()
    assert all(2 <= uniform(2, 3, generator) <= 3 for _ in range(50))
    assert sum(chance(0.25, generator) for _ in range(400)) == pytest.approx(100, abs=30)


@pytest.fixture(scope="module")
def mix():
    return RealMix(20)


@pytest.mark.slow
def test_a_mix_has_every_kind_and_well_formed_targets(mix):
    assert len(mix) == 20 and {"collage", "scene", "zoom", "mosaic"} == set(CYCLE)
    items = [mix[i] for i in range(len(mix))]
    assert all(image.shape == (3, SIDE, SIDE) for image, _ in items)
    validate([target for _, target in items], [image for image, _ in items], num_classes=10)


@pytest.mark.slow
def test_image_i_is_the_same_in_a_longer_mix_and_its_target_with_it(mix):
    longer = RealMix(40)
    for i in (0, 3, 7):
        assert torch.equal(mix[i][0], longer[i][0])
        assert torch.equal(longer.target(i)["boxes"], mix[i][1]["boxes"])
    assert longer.fingerprint != mix.fingerprint and torch.equal(
        longer.target(12)["labels"], mix[12][1]["labels"]
    )
    with pytest.raises(IndexError, match="the last one is 19"):
        _ = mix[20]


def test_the_backgrounds_show_no_object_of_the_classes():
    assert "coffee" not in BACKGROUNDS


def test_a_crop_keeps_what_is_mostly_inside():
    boxes = torch.tensor([[0.0, 0, 10, 10], [5, 5, 15, 15], [0, 0, 2, 2]])
    image, target = cropped(
        torch.zeros(3, 20, 20), {"boxes": boxes, "labels": torch.tensor([1, 2, 3])}, (4, 4, 20, 20)
    )
    assert image.shape == (3, 16, 16)
    assert target["boxes"].tolist() == [[0, 0, 6, 6], [1, 1, 11, 11]] and target["labels"].tolist() == [1, 2]
