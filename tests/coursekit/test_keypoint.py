"""Gaussians between cells, the soft-arg-max, and the way from cells to pixels and back."""

import math

import pytest
import torch
from torch.autograd import gradcheck

from coursekit import ops


def chance(seed):
    return torch.Generator().manual_seed(seed)


def drawn_cell_by_cell(points, channels, size, sigma):
    """A slow witness: for every cell the highest Gaussian of its channel."""
    heatmap = torch.zeros(size)
    for (x, y), channel in zip(points.tolist(), channels.tolist(), strict=True):
        for row in range(size[1]):
            for column in range(size[2]):
                distance = (column - x) ** 2 + (row - y) ** 2
                value = math.exp(-distance / (2 * sigma**2))
                heatmap[channel, row, column] = max(heatmap[channel, row, column].item(), value)
    return heatmap


@pytest.mark.parametrize("sigma", [0.6, 1.25, 3.0])
def test_gaussians_cell_by_cell(sigma):
    points = torch.rand(9, 2, generator=chance(0)) * torch.tensor([14.0, 9.0]) - 2
    channels = torch.randint(0, 3, (9,), generator=chance(1))
    size = 3, 6, 11
    ours = ops.gaussian_heatmap(points, channels, size, sigma)
    torch.testing.assert_close(ours, drawn_cell_by_cell(points, channels, size, sigma))


def test_a_gaussian_keeps_its_fraction_of_a_cell():
    heatmap = ops.gaussian_heatmap(torch.tensor([[3.25, 2.0]]), torch.tensor([0]), (1, 5, 8), 1.25)[0]
    total = heatmap.sum()
    across = (heatmap.sum(0) @ torch.arange(8.0)) / total
    assert across.item() == pytest.approx(3.25, abs=0.01)
    assert heatmap[2, 3] > heatmap[2, 4] > heatmap[2, 2] and heatmap.max() < 1


def test_no_points_and_bad_arguments():
    none = torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64)
    assert not ops.gaussian_heatmap(*none, (2, 3, 4), 1.0).any()
    with pytest.raises(ValueError, match="2 channels"):
        ops.gaussian_heatmap(torch.zeros(1, 2), torch.tensor([2]), (2, 3, 4), 1.0)
    for sigma in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="must be positive"):
            ops.gaussian_heatmap(*none, (2, 3, 4), sigma)


def test_cells_and_pixels():
    points = torch.rand(5, 2, generator=chance(2)) * 100
    torch.testing.assert_close(ops.to_pixels(ops.to_cells(points, 8), 8), points)
    stretched = torch.nn.functional.interpolate(torch.eye(4)[None, None], scale_factor=8.0)[0, 0]
    middle = stretched[:8].nonzero().float().mean(0).flip(0) + 0.5  # pixel centres lie at .5
    torch.testing.assert_close(ops.to_pixels(torch.tensor([0.0, 0.0]), 8), middle)


class TestSoftArgmax:
    def test_the_mean_of_the_softmax(self):
        heatmap = torch.randn(2, 3, 4, 6, generator=chance(3), dtype=torch.float64)
        probability = (6 * heatmap).flatten(-2).softmax(-1).view_as(heatmap)
        found = ops.soft_argmax(heatmap)
        assert found.shape == (2, 3, 2)
        for n in range(2):
            for c in range(3):
                pairs = [
                    (probability[n, c, y, x].item(), x, y) for y in range(4) for x in range(6)
                ]  # (weight, place)
                assert found[n, c, 0].item() == pytest.approx(sum(p * x for p, x, _ in pairs))
                assert found[n, c, 1].item() == pytest.approx(sum(p * y for p, _, y in pairs))

    def test_the_hard_one_in_the_limit(self):
        heatmap = torch.rand(20, 5, 7, generator=chance(4))
        hard = heatmap.flatten(1).argmax(1)
        torch.testing.assert_close(
            ops.soft_argmax(heatmap, temperature=1e5), torch.stack([hard % 7, hard // 7], 1).float()
        )

    def test_gradients(self):
        heatmap = torch.randn(2, 3, 4, generator=chance(5), dtype=torch.float64, requires_grad=True)
        assert gradcheck(ops.soft_argmax, heatmap)

    def test_a_flat_map_lies_in_the_middle(self):
        torch.testing.assert_close(ops.soft_argmax(torch.zeros(1, 3, 5)), torch.tensor([[2.0, 1.0]]))


class TestRefinedPeaks:
    def test_between_the_cells(self):
        """Half a cell is the arg-max's largest error along an axis; refined peaks are far nearer."""
        points = torch.rand(60, 2, generator=chance(6)) * torch.tensor([9.0, 5.0]) + 2
        hard, soft = [], []
        for point in points:
            heatmap = 0.6 * ops.gaussian_heatmap(point[None], torch.tensor([0]), (1, 9, 13), 1.25)
            found = ops.peaks(heatmap, 1)
            hard.append((found.points[0] - point).norm())
            soft.append((ops.refine_peaks(heatmap, found).points[0] - point).norm())
        assert max(soft) < 0.15 and sum(soft) < sum(hard) / 5
        assert max((a - b).abs() for a, b in zip(hard, soft, strict=True)) < 0.75

    def test_a_neighbour_does_not_pull(self):
        alone = ops.gaussian_heatmap(torch.tensor([[2.3, 2.0]]), torch.tensor([0]), (1, 6, 14), 1.25)
        both = alone.maximum(
            ops.gaussian_heatmap(torch.tensor([[10.0, 3.0]]), torch.tensor([0]), (1, 6, 14), 1.25)
        )
        first = ops.Peaks(torch.tensor([[2, 2]]), torch.tensor([0]), torch.tensor([1.0]))
        torch.testing.assert_close(
            ops.refine_peaks(both, first).points, ops.refine_peaks(alone, first).points, atol=1e-3, rtol=0
        )

    def test_at_the_corner_and_without_peaks(self):
        heatmap = ops.gaussian_heatmap(torch.tensor([[0.0, 4.0]]), torch.tensor([1]), (2, 5, 7), 1.25)
        point = ops.refine_peaks(heatmap, ops.peaks(heatmap[1:], 1)._replace(labels=torch.tensor([1]))).points
        assert 0 <= point[0, 0] < 0.5 and 3.5 < point[0, 1] <= 4
        none = ops.Peaks(torch.zeros(0, 2).long(), torch.zeros(0).long(), torch.zeros(0))
        assert ops.refine_peaks(heatmap, none).points.shape == (0, 2)
