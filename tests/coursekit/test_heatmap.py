"""Heat maps against loops over their cells, and the Gaussian's radius against boxes that are really moved."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.ops.box_overlap import box_iou
from coursekit.ops.heatmap import Peaks, corner_pool, draw_gaussians, gaussian_radius, group_corners, peaks

CLASSES, HEIGHT, WIDTH = 3, 9, 14
MOVES = torch.tensor(list(itertools.product((-1, -0.5, 0, 0.5, 1), repeat=4)), dtype=torch.float64)


def random(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def worst_iou(width, height, radius):
    """The least IoU of a box with itself after its corners have moved by up to the radius along each axis."""
    box = torch.tensor([[0, 0, width, height]], dtype=torch.float64)
    return box_iou(box, box + MOVES * radius).min().item()


def published_radius(width, height, overlap):
    """CornerNet's first release: the other root, and no division by a."""
    girth, area = height + width, width * height
    equations = (
        (1, girth, area * (1 - overlap) / (1 + overlap)),
        (4, 2 * girth, (1 - overlap) * area),
        (4 * overlap, -2 * overlap * girth, (overlap - 1) * area),
    )
    return min((b + math.sqrt(b**2 - 4 * a * c)) / 2 for a, b, c in equations)


class TestRadius:
    @settings(max_examples=40, deadline=None)
    @given(st.floats(0.5, 300), st.floats(0.5, 300), st.floats(0.05, 0.99))
    def test_the_bound_holds_and_is_reached(self, width, height, overlap):
        radius = gaussian_radius(torch.tensor([0, 0, width, height], dtype=torch.float64), overlap).item()
        assert worst_iou(width, height, radius) == pytest.approx(overlap, abs=1e-9)

    def test_the_published_radius_breaks_it(self):
        assert published_radius(10, 10, 0.7) == pytest.approx(2.73, abs=0.01)
        assert worst_iou(10, 10, published_radius(10, 10, 0.7)) == pytest.approx(0.21, abs=0.01)

    def test_single_precision_and_any_leading_axes(self):
        boxes = torch.tensor([[[0, 0, 10, 20], [4, 4, 4, 9]], [[7, 7, 7, 7], [9, 9, 1, 1]]])
        expected = gaussian_radius(boxes.double()).float()
        torch.testing.assert_close(gaussian_radius(boxes), expected, rtol=0, atol=1e-5)
        assert (
            expected.shape == (2, 2) and (expected[0, 0] > 0) and expected.flatten()[1:].tolist() == [0, 0, 0]
        )
        assert gaussian_radius(torch.zeros(0, 4)).shape == (0,)
        assert gaussian_radius(boxes, 1.0).abs().max() == 0

    @pytest.mark.parametrize("overlap", [0, -0.5, 1.1, math.nan])
    def test_overlap_out_of_range(self, overlap):
        with pytest.raises(ValueError, match="must be above 0 and at most 1"):
            gaussian_radius(torch.zeros(1, 4), overlap)


class TestDrawing:
    size = (CLASSES, HEIGHT, WIDTH)
    points = torch.tensor([[0, 0], [13, 8], [5, 4], [6, 4], [6, 4]])
    radii = torch.tensor([2.0, 5.9, 3.0, 0.0, 1.0])
    labels = torch.tensor([0, 1, 2, 2, 2])

    def test_cell_by_cell(self):
        expected = torch.zeros(self.size)
        for (px, py), radius, label in zip(
            self.points.tolist(), self.radii.int().tolist(), self.labels, strict=True
        ):
            for y, x in itertools.product(range(HEIGHT), range(WIDTH)):
                if abs(y - py) <= radius and abs(x - px) <= radius:
                    bump = math.exp(-((y - py) ** 2 + (x - px) ** 2) / (2 * ((2 * radius + 1) / 6) ** 2))
                    expected[label, y, x] = max(expected[label, y, x].item(), bump)
        heatmap = draw_gaussians(self.points, self.radii, self.labels, self.size)
        assert heatmap.dtype == torch.float32
        torch.testing.assert_close(heatmap, expected, rtol=0, atol=1e-6)
        assert (heatmap[self.labels, self.points[:, 1], self.points[:, 0]] == 1).all()
        assert (heatmap == 1).sum() == 4, "two of the five objects share a cell"

    def test_no_object(self):
        nothing = torch.zeros(0, dtype=torch.long)
        heatmap = draw_gaussians(torch.zeros(0, 2, dtype=torch.long), nothing.float(), nothing, self.size)
        assert heatmap.shape == self.size and heatmap.sum() == 0

    @pytest.mark.parametrize("point", [[14, 0], [0, 9], [-1, 0], [0, -1]])
    def test_point_outside(self, point):
        with pytest.raises(ValueError, match="outside the heat map of 14 x 9 cells"):
            draw_gaussians(torch.tensor([point]), torch.ones(1), torch.tensor([0]), self.size)

    @pytest.mark.parametrize("label", [-1, CLASSES])
    def test_label_without_a_channel(self, label):
        with pytest.raises(ValueError, match=r"outside 0\.\.2: the heat map has 3 channels"):
            draw_gaussians(torch.tensor([[1, 1]]), torch.ones(1), torch.tensor([label]), self.size)


class TestPeaks:
    @pytest.mark.parametrize("kernel_size", [1, 3, 5])
    @pytest.mark.parametrize("sign", [1, -1])
    def test_every_cell_against_its_neighbours(self, kernel_size, sign):
        heatmap = (sign * random(CLASSES, HEIGHT, WIDTH) * 20).round()  # with ties; all negative, like logits
        reach, expected = kernel_size // 2, []
        for label, y, x in itertools.product(range(CLASSES), range(HEIGHT), range(WIDTH)):
            window = heatmap[label, max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]
            if heatmap[label, y, x] == window.max():
                expected.append(([x, y], label, heatmap[label, y, x].item()))
        expected.sort(key=lambda peak: -peak[2])  # Python's sort is stable
        for count in (1, 20, 10_000):
            points, labels, scores = peaks(heatmap, count, kernel_size)
            assert (
                list(zip(points.tolist(), labels.tolist(), scores.tolist(), strict=True)) == expected[:count]
            )

    def test_what_was_drawn_is_found(self):
        points, labels = torch.tensor([[2, 1], [11, 7], [6, 3]]), torch.tensor([2, 0, 0])
        found = peaks(draw_gaussians(points, torch.full((3,), 2.0), labels, (CLASSES, HEIGHT, WIDTH)), 3)
        drawn = torch.cat([labels[:, None], points], 1).tolist()
        assert sorted(torch.cat([found.labels[:, None], found.points], 1).tolist()) == sorted(drawn)
        assert found.scores.tolist() == [1, 1, 1]

    @pytest.mark.parametrize("shape", [(0, 5, 6), (2, 0, 6), (2, 5, 0)])
    def test_empty(self, shape):
        found = peaks(torch.zeros(shape))
        assert found.points.shape == (0, 2) and found.labels.shape == found.scores.shape == (0,)

    def test_bad_input(self):
        with pytest.raises(ValueError, match=r"shape \(5, 6\): it must be \(classes, height, width\)"):
            peaks(torch.zeros(5, 6))
        with pytest.raises(ValueError, match="2 cells per side: it needs an odd number"):
            peaks(torch.zeros(1, 5, 6), kernel_size=2)


class TestCornerPool:
    @pytest.mark.parametrize("direction", ["top", "bottom", "left", "right"])
    def test_cell_by_cell(self, direction):
        features = random(2, CLASSES, HEIGHT, WIDTH) - 0.5
        pooled = corner_pool(features, direction)
        for y, x in itertools.product(range(HEIGHT), range(WIDTH)):
            seen = {
                "top": features[..., y:, x],
                "bottom": features[..., : y + 1, x],
                "left": features[..., y, x:],
                "right": features[..., y, : x + 1],
            }[direction]
            assert torch.equal(pooled[..., y, x], seen.amax(-1))

    @pytest.mark.parametrize("direction", ["top", "bottom", "left", "right"])
    def test_gradient(self, direction):
        features = random(2, 3, 4).requires_grad_()
        assert torch.autograd.gradcheck(lambda x: corner_pool(x, direction), (features,))

    def test_edges_meet_at_the_corner(self):
        top_edge, left_edge = torch.zeros(HEIGHT, WIDTH), torch.zeros(HEIGHT, WIDTH)
        top_edge[2, 5:9], left_edge[3:7, 4] = 1, 1
        both = corner_pool(top_edge, "left") + corner_pool(left_edge, "top")
        assert (both == 2).nonzero().tolist() == [[2, 4]], "neither edge touches it"

    def test_empty_and_unknown(self):
        assert corner_pool(torch.zeros(1, 0, 4), "left").shape == (1, 0, 4)
        with pytest.raises(ValueError, match="unknown direction 'up': use one of top, bottom, left, right"):
            corner_pool(torch.zeros(1, 3, 4), "up")


def random_corners(count, seed):
    points = (random(count, 2, seed=seed) * torch.tensor([WIDTH, HEIGHT])).long()
    labels = (random(count, seed=seed + 1) * CLASSES).long()
    return Peaks(points, labels, random(count, seed=seed + 2)), random(count, 2, seed=seed + 3)


class TestGrouping:
    @pytest.mark.parametrize("count", [7, 1000])
    def test_pair_by_pair(self, count):
        (first, first_tags), (last, last_tags) = random_corners(30, 0), random_corners(20, 10)
        expected = []
        for i, j in itertools.product(range(30), range(20)):
            (x1, y1), (x2, y2) = first.points[i].tolist(), last.points[j].tolist()
            near = math.dist(first_tags[i].tolist(), last_tags[j].tolist()) <= 0.4
            if near and first.labels[i] == last.labels[j] and x1 < x2 and y1 < y2:
                score = (first.scores[i].item() + last.scores[j].item()) / 2
                expected.append(([x1, y1, x2, y2], first.labels[i].item(), score))
        expected.sort(key=lambda box: -box[2])
        assert len(expected) > 7
        found = group_corners(first, last, first_tags, last_tags, 0.4, count)
        assert list(zip(*(part.tolist() for part in found), strict=True)) == expected[:count]

    @pytest.mark.parametrize("last", [[3, 5], [5, 2], [3, 2], [1, 1], [9, 1], [1, 9]])
    def test_a_second_corner_that_is_not_below_and_right_makes_no_box(self, last):
        first = Peaks(torch.tensor([[3, 2]]), torch.tensor([0]), torch.ones(1))
        last = Peaks(torch.tensor([last]), torch.tensor([0]), torch.ones(1))
        boxes, labels, scores = group_corners(first, last, torch.zeros(1, 1), torch.zeros(1, 1))
        assert boxes.shape == (0, 4) and labels.shape == scores.shape == (0,)

    def test_no_corners_and_refined_points(self):
        none = Peaks(torch.zeros(0, 2), torch.zeros(0, dtype=torch.long), torch.zeros(0))
        some = Peaks(torch.tensor([[0.25, 0.5]]), torch.tensor([1]), torch.ones(1))
        for first, last in ((none, some), (some, none), (none, none)):
            boxes, *_ = group_corners(
                first, last, torch.zeros(len(first.points), 1), torch.zeros(len(last.points), 1)
            )
            assert boxes.shape == (0, 4)
        boxes, *_ = group_corners(
            some, some._replace(points=some.points + 3), torch.zeros(1, 1), torch.zeros(1, 1)
        )
        assert boxes.tolist() == [[0.25, 0.5, 3.25, 3.5]]

    def test_one_embedding_a_corner(self):
        corners, tags = random_corners(3, 0)
        for bad in (tags[:2], tags[:, 0]):
            with pytest.raises(ValueError, match="there are 3 corners, but the embeddings have shape"):
                group_corners(corners, corners, tags, bad)
