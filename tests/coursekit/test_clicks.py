"""Clicks and boxes as maps, and where the next click falls, against loops."""

import math

import pytest
import torch
from scipy.ndimage import label

from coursekit.models.clicks import Clicks, central_clicks, prompt_maps, random_clicks


def random_masks(seed: int, count: int = 6, size: tuple[int, int] = (9, 13)) -> torch.Tensor:
    return torch.rand(count, *size, generator=torch.Generator().manual_seed(seed)) > 0.4


def test_prompt_maps_are_the_largest_gaussian_of_each_kind_and_the_inside_of_the_box():
    generator = torch.Generator().manual_seed(0)
    points, inside = (
        torch.rand(3, 4, 2, generator=generator) * 40,
        torch.rand(3, 4, generator=generator) > 0.5,
    )
    boxes = torch.tensor([[4.0, 8.0, 20.0, 16.0], [0.0, 0.0, 0.0, 0.0], [-9.0, 3.0, 99.0, 11.0]])
    maps = prompt_maps(Clicks(points, inside), boxes, (5, 7), stride=8)
    assert maps.shape == (3, 3, 5, 7)
    for p in range(3):
        for y in range(5):
            for x in range(7):
                cx, cy = 8 * (x + 0.5), 8 * (y + 0.5)
                for channel, kind in ((0, True), (1, False)):
                    bells = [
                        math.exp(-((cx - a) ** 2 + (cy - b) ** 2) / (2 * 8**2))
                        for (a, b), k in zip(points[p].tolist(), inside[p].tolist(), strict=True)
                        if k == kind
                    ]
                    assert maps[p, channel, y, x].item() == pytest.approx(max(bells, default=0), abs=1e-6)
                x1, y1, x2, y2 = boxes[p].tolist()
                assert maps[p, 2, y, x].item() == float(x1 < cx < x2 and y1 < cy < y2)


@pytest.mark.parametrize("clicks", [0, 2])
def test_prompt_maps_without_clicks_or_objects(clicks):
    none = Clicks(torch.zeros(0, clicks, 2), torch.zeros(0, clicks, dtype=torch.bool))
    assert prompt_maps(none, None, (4, 6), 8).shape == (0, 3, 4, 6)
    empty = Clicks(torch.zeros(2, 0, 2), torch.zeros(2, 0, dtype=torch.bool))
    assert prompt_maps(empty, None, (4, 6), 8).eq(0).all()


def depth(part: torch.Tensor, y: int, x: int) -> float:
    """The distance to the nearest cell that is not of the part; cells beyond the border are not."""
    height, width = part.shape
    outside = [
        math.hypot(i - y, j - x)
        for i in range(-1, height + 1)
        for j in range(-1, width + 1)
        if not (0 <= i < height and 0 <= j < width and part[i, j])
    ]
    return min(outside)


@pytest.mark.parametrize("seed", range(3))
def test_a_central_click_is_deepest_in_the_largest_wrong_part(seed):
    found, truth = random_masks(seed), random_masks(seed + 100)
    clicks = central_clicks(found, truth, stride=4)
    assert clicks.points.shape == (6, 1, 2) and clicks.inside.shape == (6, 1)
    for p in range(6):
        x, y = (clicks.points[p, 0] / 4 - 0.5).int().tolist()
        parts, count = label((found[p] ^ truth[p]).numpy())
        sizes = [(parts == k).sum() for k in range(1, count + 1)]
        part = torch.from_numpy(parts == parts[y, x])
        assert parts[y, x] and part.sum() == max(sizes)
        deepest = max(depth(part, i, j) for i, j in part.nonzero().tolist())
        assert depth(part, y, x) == pytest.approx(deepest)
        assert clicks.inside[p, 0] == truth[p, y, x]


def test_a_right_mask_is_clicked_on_the_object():
    truth = torch.zeros(1, 7, 7, dtype=torch.bool)
    truth[0, 2:5, 3:6] = True
    assert central_clicks(truth, truth, 1).points.tolist() == [[[4.5, 3.5]]]
    assert random_clicks(truth, truth, 1).inside.all()


def test_random_clicks_reach_every_wrong_cell_and_no_other():
    found, truth = random_masks(1, 1, (3, 4)), random_masks(2, 1, (3, 4))
    torch.manual_seed(0)
    hit = torch.zeros(3, 4, dtype=torch.bool)
    for _ in range(300):
        clicks = random_clicks(found, truth, 2)
        x, y = (clicks.points[0, 0] / 2 - 0.5).int().tolist()
        hit[y, x] = True
        assert clicks.inside[0, 0] == truth[0, y, x]
    assert torch.equal(hit, (found ^ truth)[0])


def test_later_clicks_follow():
    first = Clicks(torch.zeros(2, 1, 2), torch.ones(2, 1, dtype=torch.bool))
    both = first.and_then(Clicks(torch.ones(2, 1, 2), torch.zeros(2, 1, dtype=torch.bool)))
    assert both.points[:, :, 0].tolist() == [[0, 1], [0, 1]] and both.inside.tolist() == [[True, False]] * 2
