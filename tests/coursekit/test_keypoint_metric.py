"""Key points against the truth: the pairing by hand, the distances and the share that is found by loops."""

import itertools
import math

import pytest
import torch

from coursekit import ops
from coursekit.metrics.keypoint import image_means, keypoint_distances, locate, nearest_pairs, pck


def chance(seed):
    return torch.Generator().manual_seed(seed)


def points(count, seed):
    return 50 * torch.rand(count, 2, generator=chance(seed))


@pytest.mark.parametrize("count", [1, 2, 4, 5])
def test_pairs_have_the_least_sum_of_distances(count):
    for seed in range(5):
        true, found = points(count, seed), points(count, 100 + seed)
        table = torch.cdist(true, found)
        best = min(
            sum(table[i, j].item() for i, j in enumerate(order))
            for order in itertools.permutations(range(count))
        )
        pairs = nearest_pairs(true, found)
        assert sorted(pairs.tolist()) == list(range(count))
        assert sum(table[i, j].item() for i, j in enumerate(pairs.tolist())) == pytest.approx(best)


@pytest.mark.parametrize("threshold", [0.05, 0.1, 0.5])
def test_pck_by_a_loop(threshold):
    true = points(12, 0).reshape(4, 3, 2)
    found = true + 6 * torch.randn(4, 3, 2, generator=chance(1))
    visible = torch.rand(4, 3, generator=chance(2)) < 0.7
    sizes = 20 + 60 * torch.rand(4, generator=chance(3))
    right = []
    for g in range(4):
        for p in range(3):
            if visible[g, p]:
                right.append(
                    math.dist(true[g, p].tolist(), found[g, p].tolist()) <= threshold * sizes[g].item()
                )
    assert pck(found, true, visible, sizes, threshold) == pytest.approx(sum(right) / len(right))


def test_pck_without_a_visible_point_is_no_number():
    assert math.isnan(pck(torch.zeros(1, 2, 2), torch.zeros(1, 2, 2), torch.zeros(1, 2) > 0, torch.ones(1)))


def target(keypoints, boxes, labels):
    return {"keypoints": keypoints, "boxes": boxes, "labels": torch.tensor(labels)}


def test_two_objects_of_a_class_share_a_map():
    """The higher peak is the second object's: each point gets the peak that is near, whatever its height."""
    true = torch.tensor([[[20.0, 20.0, 2.0]], [[60.0, 36.0, 2.0]]])
    cells = ops.to_cells(true[:, 0, :2], 8)
    heat = torch.stack([ops.gaussian_heatmap(c[None], torch.tensor([0]), (1, 8, 12), 1.0)[0] for c in cells])
    heatmap = (heat * torch.tensor([0.5, 0.9])[:, None, None]).amax(0, keepdim=True)  # (1, 8, 12)
    scene = target(true, torch.tensor([[0.0, 0, 40, 40], [40.0, 16, 80, 56]]), [1, 1])
    found = locate(heatmap, scene, torch.zeros(2, 1, dtype=torch.int64), stride=8)
    torch.testing.assert_close(found, true[..., :2], atol=1.0, rtol=0)
    hard = locate(heatmap, scene, torch.zeros(2, 1, dtype=torch.int64), stride=8, soft_argmax=None)
    assert torch.equal(hard, ops.to_pixels(cells.round(), 8)[:, None])


def test_fewer_peaks_than_objects():
    true = torch.tensor([[[20.0, 20.0, 2.0]], [[60.0, 36.0, 2.0]]])
    heatmap = (
        torch.zeros(1, 8, 12) - torch.arange(12.0) - torch.arange(8.0)[:, None]
    )  # one peak, in the corner
    scene = target(true, torch.tensor([[0.0, 0, 40, 40], [40.0, 16, 80, 56]]), [1, 1])
    found = locate(heatmap, scene, torch.zeros(2, 1, dtype=torch.int64), stride=8, soft_argmax=None)
    assert torch.equal(found, torch.full((2, 1, 2), 4.0))


def test_only_visible_points_have_a_distance():
    keypoints = torch.tensor([[[10.0, 10.0, 2.0], [20.0, 10.0, 1.0], [30.0, 10.0, 0.0]]])
    scene = target(keypoints, torch.tensor([[0.0, 0.0, 20.0, 50.0]]), [1])
    found = keypoints[..., :2] + torch.tensor([3.0, 4.0])
    distances = keypoint_distances(found, scene)
    assert distances[0, 0].item() == pytest.approx(5 / 50) and distances[0, 1:].isnan().all()
    heat = torch.rand(3, 4, 5, generator=chance(4))
    places = locate(heat, scene, torch.tensor([[0, 1, 2]]), stride=8)
    assert places[0, :2].isfinite().all() and places[0, 2].isnan().all()


def test_means_of_images_leave_out_those_without_a_visible_point():
    rows = [torch.tensor([[0.05, 0.2]]), torch.full((2, 2), torch.nan), torch.tensor([[0.01, torch.nan]])]
    distance, share = image_means(rows, threshold=0.1)
    assert distance.tolist() == pytest.approx([0.125, 0.01]) and share.tolist() == [0.5, 1.0]
