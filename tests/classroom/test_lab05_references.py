"""What lab 05 takes for right is right: its references against torchvision, the package's own grouping, and a loop."""

import math

import numpy as np
import pytest
import torch
import torchvision

from classroom.exercises.lab05.batch_regions import batch_regions
from classroom.exercises.lab05.next_merge import next_merge
from classroom.exercises.lab05.region_similarity import region_similarity
from classroom.exercises.lab05.roi_align_one import roi_align_one
from classroom.exercises.lab05.roi_pool_one import roi_pool_one
from classroom.exercises.lab05.sample_bilinearly import sample_bilinearly
from coursekit.proposals import (
    colour_similarity,
    describe_regions,
    merge_regions,
    size_similarity,
)

RANDOM = np.random.default_rng(0)
PIXELS, LABELS = RANDOM.random((30, 40, 3)), np.arange(12).reshape(3, 4).repeat(10, 0).repeat(10, 1)
FEATURES = torch.randn(3, 9, 14, generator=torch.Generator().manual_seed(0))


def similarities(regions):
    colour, size = torch.from_numpy(regions.colour), torch.from_numpy(regions.size)
    rows = [
        region_similarity(c, s, colour, size, regions.image_size) for c, s in zip(colour, size, strict=True)
    ]
    return torch.stack(rows)


def test_similarity_and_first_merge_are_the_packages():
    regions = describe_regions(PIXELS, LABELS)
    table = similarities(regions)
    for i in range(12):
        others = np.arange(12)
        expected = colour_similarity(regions, i, others) + size_similarity(regions, i, others)
        np.testing.assert_allclose(table[i], expected, rtol=0, atol=1e-6)  # sizes are divided in float32
    touching = torch.tensor([[j in near for j in range(12)] for near in regions.neighbours])
    first = next(merge_regions(regions, [colour_similarity, size_similarity]))
    assert next_merge(table, touching) == (first.first, first.second)


def test_value_between_cells_by_a_loop():
    x, y = torch.rand(2, 40, generator=torch.Generator().manual_seed(1)) * torch.tensor([[14.0], [9.0]])
    for n, (column, row) in enumerate(zip((x - 0.5).tolist(), (y - 0.5).tolist(), strict=True)):
        column, row = min(max(column, 0), 13), min(max(row, 0), 8)
        total = torch.zeros(3)
        for i in (math.floor(row), math.ceil(row)):
            for j in (math.floor(column), math.ceil(column)):
                down = 1 - abs(row - i) if row != int(row) else 0.5
                across = 1 - abs(column - j) if column != int(column) else 0.5
                total += down * across * FEATURES[:, i, j]
        torch.testing.assert_close(sample_bilinearly(FEATURES, x, y)[:, n], total, rtol=0, atol=1e-5)


@pytest.mark.parametrize("bins", [1, 3, 7])
def test_pooling_of_one_region_is_torchvisions(bins):
    box = torch.tensor([13.0, 20, 101, 66])
    row = torch.tensor([[0.0, 13, 20, 101, 66]])
    one = FEATURES[None]
    expected = torchvision.ops.roi_pool(one, row, bins, 1 / 8)[0]
    torch.testing.assert_close(roi_pool_one(FEATURES, box, bins, 1 / 8), expected)
    expected = torchvision.ops.roi_align(one, row, bins, 1 / 8, 2, True)[0]
    torch.testing.assert_close(roi_align_one(FEATURES, box, bins, 1 / 8), expected, rtol=0, atol=1e-5)


def test_regions_of_a_batch_are_those_of_a_list():
    batch = torch.randn(3, 2, 9, 14, generator=torch.Generator().manual_seed(2))
    boxes = [
        torch.tensor([[8.0, 8, 40, 30]]),
        torch.zeros(0, 4),
        torch.tensor([[0.0, 0, 60, 60], [20, 9, 70, 50]]),
    ]
    table = batch_regions([{"boxes": each} for each in boxes])
    torch.testing.assert_close(
        torchvision.ops.roi_pool(batch, table, 7, 1 / 8), torchvision.ops.roi_pool(batch, boxes, 7, 1 / 8)
    )
