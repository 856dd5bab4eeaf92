"""Selective search against a brute-force grouping that looks at every pixel again; the grid by what it promises."""

import itertools
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation

from coursekit import proposals
from coursekit.data.still_life import still_life
from coursekit.metrics import proposal_recall
from coursekit.ops import box_iou, masks_to_boxes
from coursekit.proposals import (
    SIMILARITIES,
    Merge,
    colour_similarity,
    describe_regions,
    fill_similarity,
    grid_proposals,
    merge_regions,
    merged_labels,
    selective_search,
    size_similarity,
    texture_similarity,
)
from coursekit.proposals.regions import _slopes

HEIGHT, WIDTH = 24, 17


def random_labels(count, seed, height=HEIGHT, width=WIDTH):
    """Each pixel goes to the nearest of `count` points."""
    random = np.random.default_rng(seed)
    chosen = random.choice(height * width, count, replace=False)
    rows, columns = np.mgrid[:height, :width]
    y, x = np.divmod(chosen, width)
    return ((rows[..., None] - y) ** 2 + (columns[..., None] - x) ** 2).argmin(-1)


def random_pixels(seed, height=HEIGHT, width=WIDTH):
    return np.random.default_rng(seed).random((height, width, 3)) ** 2


def intersection(a, b):
    """Of two histograms, by a loop."""
    return sum(min(x, y) for x, y in zip(a, b, strict=True))


def histogram(channels, mask, bins):
    """Of all channels under a mask, one after the other, together 1."""
    parts = [np.histogram(channels[..., c][mask], bins, (0, 1))[0] for c in range(channels.shape[2])]
    return np.concatenate(parts) / np.concatenate(parts).sum()


def looked_at_again(pixels, slopes, first, second):
    """The four similarities of two masks, from the pixels, by the paper's equations 1, 3, 4 and 5."""
    rows, columns = np.nonzero(first | second)
    hull = (rows.max() - rows.min() + 1) * (columns.max() - columns.min() + 1)
    return (
        intersection(histogram(pixels, first, 25), histogram(pixels, second, 25)),
        intersection(histogram(slopes, first, 10), histogram(slopes, second, 10)),
        1 - (first.sum() + second.sum()) / first.size,
        1 - (hull - first.sum() - second.sum()) / first.size,
    )


def touch(first, second):
    """Whether a pixel of one mask is above, below or beside a pixel of the other."""
    return bool((binary_dilation(first) & second).any())


def brute_force(pixels, labels, chosen):
    """The merges (first, second, merged, similarity, mask) by comparing all pairs of masks in every round."""
    slopes, masks = _slopes(pixels), {i: labels == i for i in range(labels.max() + 1)}

    @cache
    def similarity(i, j):
        return sum(looked_at_again(pixels, slopes, masks[i], masks[j])[k] for k in chosen)

    while len(masks) > 1:
        pairs = [(i, j) for i, j in itertools.combinations(sorted(masks), 2) if touch(masks[i], masks[j])]
        best = max(pairs, key=lambda pair: similarity(*pair))
        i, j, new = *best, max(masks) + 1
        masks[new] = masks.pop(i) | masks.pop(j)
        yield i, j, new, similarity(i, j), masks[new]


class TestGrouping:
    @pytest.mark.parametrize("chosen", [(0, 1, 2, 3), (1, 2, 3), (0, 2), (2,), (3,)])
    def test_brute_force(self, chosen):
        pixels, labels = random_pixels(1), random_labels(11, 2)
        mix = [SIMILARITIES[k] for k in chosen]
        expected = list(brute_force(pixels, labels, chosen))
        answer = list(merge_regions(describe_regions(pixels, labels), mix))
        assert len(answer) == len(expected) == 10
        for merge, (first, second, merged, similarity, mask) in zip(answer, expected, strict=True):
            assert merge[:3] == (first, second, merged)
            assert merge.similarity == pytest.approx(similarity, abs=1e-9)
            assert masks_to_boxes(torch.from_numpy(mask)[None])[0].tolist() == list(merge.box)

    def test_each_similarity(self):
        pixels, labels = random_pixels(3), random_labels(6, 4)
        regions, slopes, others = describe_regions(pixels, labels), _slopes(pixels), np.arange(6)
        for i, j in itertools.product(range(6), range(6)):
            expected = looked_at_again(pixels, slopes, labels == i, labels == j)
            if i != j:
                for similarity, value in zip(SIMILARITIES, expected, strict=True):
                    assert similarity(regions, i, others)[j] == pytest.approx(value, abs=1e-12)

    def test_a_region_in_a_hole_fills_it(self):
        labels = np.ones((9, 9), int)
        labels[3:6, 3:6] = 0
        regions = describe_regions(np.zeros((9, 9, 3)), labels)
        assert fill_similarity(regions, 0, np.array([1])) == 1
        assert size_similarity(regions, 0, np.array([1])) == 0

    def test_ties_go_to_the_lowest_numbers(self):
        labels = np.arange(16).reshape(4, 4).repeat(2, 0).repeat(2, 1)
        regions = describe_regions(np.full((8, 8, 3), 0.3), labels)
        merges = list(merge_regions(regions, [size_similarity]))
        # all sixteen are alike: in rows, from the first
        assert [merge[:2] for merge in merges[:8]] == [(k, k + 1) for k in range(0, 16, 2)]

    def test_the_regions_handed_in_stay_as_they_are(self):
        regions = describe_regions(random_pixels(5), random_labels(7, 6))
        before = [np.copy(part) for part in regions[:4]]
        first, second = list(merge_regions(regions)), list(merge_regions(regions))
        assert first == second
        assert all(np.array_equal(a, b) for a, b in zip(before, regions[:4], strict=True))
        assert len(regions.neighbours) == 7

    def test_merges_come_one_by_one(self):
        merges = merge_regions(describe_regions(random_pixels(5), random_labels(7, 6)))
        assert isinstance(next(merges), Merge) and len(list(merges)) == 5

    @settings(max_examples=25, deadline=None)
    @given(st.integers(1, 12), st.integers(0, 10**6))
    def test_history(self, count, seed):
        labels = random_labels(count, seed, 13, 19)
        merges = list(merge_regions(describe_regions(random_pixels(seed, 13, 19), labels)))
        assert len(merges) == count - 1
        for step, merge in enumerate(merges):
            before = merged_labels(labels, merges[:step])
            assert touch(before == merge.first, before == merge.second)
            after = torch.from_numpy(merged_labels(labels, merges[: step + 1]) == merge.merged)
            assert masks_to_boxes(after[None])[0].tolist() == list(merge.box)
            assert 0 <= merge.similarity <= 4
        assert np.unique(merged_labels(labels, merges)).size == 1

    @settings(max_examples=25, deadline=None)
    @given(st.integers(2, 12), st.integers(0, 10**6))
    def test_similarities_are_symmetric_shares(self, count, seed):
        regions = describe_regions(random_pixels(seed), random_labels(count, seed))
        for similarity in SIMILARITIES:
            table = np.array([similarity(regions, i, np.arange(count)) for i in range(count)])
            apart = table[~np.eye(count, dtype=bool)]
            np.testing.assert_allclose(table, table.T, rtol=0, atol=1e-12)
            assert apart.min() >= 0 and apart.max() <= 1 + 1e-12
        for similarity in (colour_similarity, texture_similarity):  # like nothing so much as itself
            itself = [similarity(regions, i, np.array([i])).item() for i in range(count)]
            np.testing.assert_allclose(itself, 1, rtol=0, atol=1e-12)


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
        with pytest.raises(ValueError, match="no colour space 'yuv': use one of rgb, hsv, lab"):
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
                ValueError, match=f"no grid of {count} boxes in an image of {size[0]} x {size[1]}"
            ):
                grid_proposals(size, count)
