"""Selective search against a brute-force grouping that looks at every pixel again; the grid by what it promises."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from random_labels import HEIGHT, WIDTH, random_labels, random_pixels

from coursekit import proposals
from coursekit.data.still_life import still_life
from coursekit.metrics import proposal_recall
from coursekit.ops import box_iou
from coursekit.proposals import (
    SIMILARITIES,
    describe_regions,
    grid_proposals,
    merge_regions,
    selective_search,
)
from coursekit.proposals.regions import _slopes


class TestRegions:
    def test_slopes_are_derivatives_of_a_gaussian(self):
        pixels, reach = random_pixels(7), 4
        offsets = np.arange(-reach, reach + 1)
        bell = np.exp(-(offsets**2) / 2) / np.exp(-(offsets**2) / 2).sum()
        padded = np.pad(pixels, ((0, 0), (reach, reach), (0, 0)), "symmetric")
        derivative = sum(padded[:, k : k + WIDTH] * (offset * bell[k]) for k, offset in enumerate(offsets))
        expected = derivative.clip(0)
        answer = _slopes(pixels).reshape(HEIGHT, WIDTH, 3, 8)
        np.testing.assert_allclose(answer[..., 0], expected / expected.max((0, 1)), rtol=0, atol=1e-9)
        downhill = (-derivative).clip(0)
        np.testing.assert_allclose(answer[..., 4], downhill / downhill.max((0, 1)), rtol=0, atol=1e-9)

    def test_slopes_turn_with_the_image(self):
        pixels = random_pixels(8)
        answer, turned = _slopes(pixels), _slopes(np.rot90(pixels).copy())
        quarter = np.roll(np.rot90(answer).reshape(WIDTH, HEIGHT, 3, 8), -2, 3)
        np.testing.assert_allclose(turned.reshape(WIDTH, HEIGHT, 3, 8), quarter, rtol=0, atol=1e-9)

    def test_colour_spaces(self):
        red = torch.tensor([1.0, 0, 0])[:, None, None]
        assert proposals.to_space(red, "rgb").tolist() == [[[1, 0, 0]]]
        assert proposals.to_space(red, "hsv").tolist() == [[[0, 1, 1]]]
        lightness, a, b = proposals.to_space(red, "lab")[0, 0]  # CIE: L* 53.24, a* 80.09, b* 67.20
        assert (lightness, a, b) == pytest.approx((0.5324, 0.5 + 80.09 / 255, 0.5 + 67.20 / 255), abs=1e-3)

    def test_describing_says_no(self):
        pixels = random_pixels(9)
        with pytest.raises(ValueError, match=r"pixels \(24, 17, 3\) and labels \(24, 16\) do not fit"):
            describe_regions(pixels, np.zeros((HEIGHT, WIDTH - 1), int))
        good = random_labels(3, 0)
        for bad in (good + 1, good - 1, good * 2, good / 1):
            with pytest.raises(
                ValueError, match="labels must be whole numbers 0 to R - 1, each at least once"
            ):
                describe_regions(pixels, bad)
        with pytest.raises(ValueError, match="must be whole numbers"):
            describe_regions(pixels[:0], good[:0])
        for bad in (pixels * np.nan, pixels * 255, pixels - 0.5):
            with pytest.raises(ValueError, match=r"pixels must lie in \[0, 1\], without NaN"):
                describe_regions(bad, good)
        with pytest.raises(ValueError, match="name at least one similarity"):
            next(merge_regions(describe_regions(pixels, good), []))


def two_squares():
    """A red and a blue square on grey paper, and their boxes."""
    image = torch.full((3, 60, 80), 0.6)
    image[:, 10:30, 8:40] = torch.tensor([0.9, 0.1, 0.1])[:, None, None]
    image[:, 35:55, 45:70] = torch.tensor([0.1, 0.2, 0.9])[:, None, None]
    return image, torch.tensor([[8.0, 10, 40, 30], [45, 35, 70, 55]])


class TestSelectiveSearch:
    def test_finds_what_is_there_to_be_found(self):
        image, expected = two_squares()
        boxes = selective_search(image)
        assert boxes.dtype == torch.float32
        assert (box_iou(boxes, expected).amax(0) > 0.85).all()  # smoothing moves a border by a pixel
        assert [0, 0, 80, 60] in boxes.tolist()

    def test_boxes_are_proper_and_without_repetition(self):
        image, _ = still_life("preview")[0]
        boxes = selective_search(image)
        height, width = image.shape[1:]
        assert len(boxes) == len(boxes.unique(dim=0)) > 10
        assert boxes.min() >= 0 and (boxes[:, 2:] <= torch.tensor([width, height])).all()
        assert (boxes[:, :2] < boxes[:, 2:]).all()

    def test_the_seed_orders_and_nothing_else(self):
        image, _ = still_life("preview")[1]
        first, again, other = (
            selective_search(image),
            selective_search(image),
            selective_search(image, seed=1),
        )
        assert torch.equal(first, again) and not torch.equal(first, other)
        assert torch.equal(first.unique(dim=0), other.unique(dim=0))

    def test_more_groupings_only_add(self):
        image, _ = still_life("preview")[2]
        one = selective_search(image, spaces=("hsv",), scales=(100,), mixes=(SIMILARITIES,)).tolist()
        assert {*map(tuple, one)} < {*map(tuple, selective_search(image).tolist())}

    def test_rank_falls_with_size_on_average(self):
        image, _ = still_life("preview")[3]
        boxes = selective_search(image)
        area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
        half = len(boxes) // 2
        assert area[:half].mean() > 1.5 * area[half:].mean()

    def test_beats_the_grid_on_still_lifes(self):
        scenes = [still_life("val")[i] for i in range(4)]
        true = [target["boxes"] for _, target in scenes]
        found = proposal_recall([selective_search(image) for image, _ in scenes], true, k=100)
        grid = proposal_recall([grid_proposals(image.shape[1:], 100) for image, _ in scenes], true, k=100)
        assert found > 0.8 and found > grid

    @pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 2), (40, 30)])
    @pytest.mark.parametrize("level", [0.0, 0.4, 1.0])
    def test_one_colour_is_one_proposal(self, shape, level):
        height, width = shape
        assert selective_search(torch.full((3, *shape), level)).tolist() == [[0, 0, width, height]]

    @pytest.mark.parametrize(
        ("image", "words"),
        [
            (torch.zeros(1, 9, 9), r"shape \(1, 9, 9\): it must be \(3, height, width\)"),
            (torch.zeros(9, 9), r"it must be \(3, height, width\)"),
            (torch.zeros(9, 9, 3), r"it must be \(3, height, width\)"),
            (torch.zeros(3, 0, 9), "with pixels"),
            (
                torch.zeros(3, 9, 9).index_fill(1, torch.tensor(4), torch.nan),
                r"floats in \[0, 1\], without NaN",
            ),
            (torch.full((3, 9, 9), 255.0), "divide bytes by 255"),
            (torch.full((3, 9, 9), 200, dtype=torch.uint8), "divide bytes by 255"),
            (torch.full((3, 9, 9), -0.1), r"floats in \[0, 1\]"),
        ],
    )
    def test_bad_image(self, image, words):
        with pytest.raises(ValueError, match=words):
            selective_search(image)

    def test_bad_settings(self):
        image = torch.zeros(3, 9, 9)
        with pytest.raises(ValueError, match="unknown colour space 'yuv': use one of rgb, hsv, lab"):
            selective_search(image, spaces=("yuv",))
        for nothing in ({"spaces": ()}, {"scales": ()}, {"mixes": ()}):
            with pytest.raises(ValueError, match="at least one colour space, one scale and one mix"):
                selective_search(image, **nothing)


class TestGrid:
    @settings(max_examples=60, deadline=None)
    @given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 400))
    def test_exactly_so_many_different_boxes_inside(self, height, width, count):
        boxes = grid_proposals((height, width), count)
        assert boxes.shape == (count, 4)
        assert (boxes >= 0).all()
        assert (boxes[:, 2:] <= torch.tensor([width, height]) * (1 + 1e-6)).all()
        assert (boxes[:, :2] < boxes[:, 2:]).all()

    def test_grows_with_the_image(self):
        small, large = grid_proposals((60, 80), 150), grid_proposals((120, 160), 150)
        torch.testing.assert_close(2 * small, large, rtol=0, atol=1e-3)

    def test_a_level_covers_the_image_and_neighbours_overlap_by_half(self):
        height, width = 192, 192
        sides = proposals.grid._starts(width, 50)
        assert sides[0] == 0 and sides[-1] + 50 == width
        assert all(b - a <= 25 for a, b in itertools.pairwise(sides))
        covered = torch.zeros(height, width)
        for x1, y1, x2, y2 in grid_proposals((height, width), 40)[2:].round().int().tolist():
            covered[y1:y2, x1:x2] += 1
        assert covered.min() >= 1

    def test_the_largest_come_first(self):
        boxes = grid_proposals((100, 130), 300)
        areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
        assert (areas.diff() <= areas[:-1] * 0.5).all() and areas[0] == areas.max() > 20 * areas[-1]

    def test_says_no(self):
        for size, count in (((0, 5), 3), ((5, 0), 3), ((5, 5), -1)):
            with pytest.raises(
                ValueError,
                match=f"a grid of {count} boxes does not fit into an image of {size[0]} x {size[1]}",
            ):
                grid_proposals(size, count)
