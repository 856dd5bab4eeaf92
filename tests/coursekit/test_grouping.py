"""Selective search's grouping against one of brute force that looks at every pixel again."""

import itertools
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from random_labels import random_labels, random_pixels
from scipy.ndimage import binary_dilation

from coursekit.ops import masks_to_boxes
from coursekit.proposals import (
    SIMILARITIES,
    Merge,
    colour_similarity,
    describe_regions,
    fill_similarity,
    merge_regions,
    merged_labels,
    size_similarity,
    texture_similarity,
)
from coursekit.proposals.regions import _slopes


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
