"""YOLO's grid, its responsible boxes and its loss, against hand values and a double loop."""

import math

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_scenes import GRIDS, chance, features, random_grid, random_objects, targets

from coursekit.models.yolo import Grid, Yolo, class_scores, decode_grid, encode_grid, responsible, yolo_loss


def iou_of(a, b):
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(across, 0) * max(down, 0)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def slow_loss(grid, boxes, labels, coord=5.0, noobj=0.5):
    """Equation 3 of the paper as five sums over the cells i and the boxes j, in plain numbers."""
    rows, columns, per_cell = grid.confidences.shape
    terms = dict.fromkeys(["centre", "size", "object", "no_object", "class"], 0.0)
    for row in range(rows):
        for column in range(columns):
            truth, label = boxes[row, column].tolist(), int(labels[row, column])
            cell = grid.boxes[row, column].tolist()
            ious = []
            for x, y, w, h in [truth, *cell]:
                x, y = (x + column) / columns, (y + row) / rows
                ious.append((x - w / 2, y - h / 2, x + w / 2, y + h / 2))
            ious = [iou_of(corners, ious[0]) for corners in ious[1:]]
            for j in range(per_cell):
                confidence = float(grid.confidences[row, column, j])
                if label == 0 or j != ious.index(max(ious)):
                    terms["no_object"] += noobj * confidence**2
                    continue
                x, y, w, h = cell[j]
                terms["centre"] += coord * ((x - truth[0]) ** 2 + (y - truth[1]) ** 2)
                terms["size"] += coord * (math.sqrt(w) - math.sqrt(truth[2])) ** 2
                terms["size"] += coord * (math.sqrt(h) - math.sqrt(truth[3])) ** 2
                terms["object"] += (confidence - ious[j]) ** 2
            if label:
                for k, p in enumerate(grid.classes[row, column].tolist(), 1):
                    terms["class"] += (p - (k == label)) ** 2
    return terms


def two_by_two():
    """An image of 80 x 80 pixels, 2 x 2 cells, B = 2, K = 2. One object of class 2, 40 wide and 20 high, with its
    centre at (60, 20): in the middle of the upper right cell."""
    truth = encode_grid(torch.tensor([[40.0, 10, 80, 30]]), torch.tensor([2]), (80, 80), (2, 2))
    boxes = torch.full((2, 2, 2, 4), 0.5)
    boxes[0, 1, 0] = torch.tensor([0.5, 0.5, 0.5, 0.5])  # 40 x 40 there: IoU 20 / 40
    boxes[0, 1, 1] = torch.tensor([0.5, 0.5, 0.5, 0.16])  # 40 x 12.8 there: IoU 12.8 / 20, responsible
    confidences = torch.tensor([[[0.1, 0.2], [0.3, 0.5]], [[0.0, 0.0], [0.4, 0.0]]])
    classes = torch.full((2, 2, 2), 0.9)
    classes[0, 1] = torch.tensor([0.3, 0.6])
    return Grid(boxes, confidences, classes), *truth


def every_object_is_met(grid, boxes, labels):
    owned = labels > 0
    corners, truth = decode_grid(grid.boxes, (1, 1))[owned], decode_grid(boxes[:, :, None], (1, 1))[owned]
    return all(
        iou_of(max(b, key=lambda x: iou_of(x, t[0])), t[0]) > 0
        for b, t in zip(corners.tolist(), truth.tolist(), strict=True)
    )


def always_the_first(predicted, targets):
    return torch.tensor([True, False]).expand(len(targets), 2)


class TestLoss:
    def test_by_hand_on_a_grid_of_two_by_two(self):
        terms = yolo_loss(*two_by_two())
        by_hand = {
            "centre": 5 * 0.0,  # both centres are in the middle of the cell
            "size": 5 * (math.sqrt(0.16) - math.sqrt(0.25)) ** 2,  # 5 * (0.4 - 0.5)^2; the widths agree
            "object": (0.5 - 0.64) ** 2,  # not (0.5 - 1)^2: the confidence should be the IoU
            "no_object": 0.5 * (0.1**2 + 0.2**2 + 0.3**2 + 0.4**2),  # 0.3 belongs to the box that lost
            "class": 0.3**2 + (0.6 - 1) ** 2,  # only in the cell with the object
        }
        assert by_hand["size"] == pytest.approx(0.05) and by_hand["no_object"] == pytest.approx(0.15)
        assert {name: term.item() for name, term in terms.items()} == pytest.approx(by_hand, abs=1e-6)
        assert sum(terms.values()).item() == pytest.approx(0.05 + 0.0196 + 0.15 + 0.25, abs=1e-6)

    @pytest.mark.parametrize("per_cell", [1, 2, 3])
    @pytest.mark.parametrize(("size", "cells"), GRIDS)
    def test_double_loop(self, size, cells, per_cell):
        for seed in range(5):
            truth = encode_grid(*random_objects(6, size, seed), size, cells)
            grid = random_grid(*cells, seed, per_cell)
            expected = slow_loss(grid, *truth)
            assert {k: v.item() for k, v in yolo_loss(grid, *truth).items()} == pytest.approx(
                expected, rel=1e-4
            )

    def test_of_a_batch_is_the_sum_over_its_images(self):
        truths = [encode_grid(*random_objects(n, (60, 90), n), (60, 90), (4, 5)) for n in (0, 3, 6)]
        grids = [random_grid(4, 5, seed) for seed in range(3)]
        batch = Grid(*(torch.stack(part) for part in zip(*grids, strict=True)))
        together = yolo_loss(batch, *(torch.stack(part) for part in zip(*truths, strict=True)))
        for name, term in together.items():
            one_by_one = sum(yolo_loss(g, *t)[name] for g, t in zip(grids, truths, strict=True))
            torch.testing.assert_close(term, one_by_one)

    @settings(deadline=None)
    @given(st.integers(0, 10_000), st.permutations(range(3)))
    def test_the_order_of_a_cells_boxes_does_not_matter(self, seed, order):
        truth = encode_grid(*random_objects(5, (60, 90), seed), (60, 90), (4, 5))
        grid = random_grid(4, 5, seed, per_cell=3)
        assume(every_object_is_met(grid, *truth))  # of boxes that all miss it the first is responsible
        reordered = Grid(grid.boxes[:, :, order], grid.confidences[:, :, order], grid.classes)
        for a, b in zip(yolo_loss(grid, *truth).values(), yolo_loss(reordered, *truth).values(), strict=True):
            torch.testing.assert_close(a, b)

    def test_without_objects_only_the_confidences_are_left(self):
        grid = random_grid(3, 4, 0)
        labels = torch.zeros(3, 4, dtype=torch.int64)
        terms = yolo_loss(grid, torch.zeros(3, 4, 4), labels)
        assert terms.pop("no_object").item() == pytest.approx(0.5 * grid.confidences.square().sum().item())
        assert all(term == 0 for term in terms.values())

    def test_gradients_go_where_they_belong(self):
        grid, *truth = two_by_two()
        grid = Grid(*(part.clone().requires_grad_() for part in grid))
        terms = yolo_loss(grid, *truth)
        sum(terms.values()).backward()
        assert grid.boxes.grad.abs().sum(-1).nonzero().tolist() == [[0, 1, 1]], (
            "the responsible box alone moves"
        )
        assert grid.classes.grad.abs().sum(-1).nonzero().tolist() == [[0, 1]]
        assert torch.equal(grid.confidences.grad != 0, grid.confidences > 0), "all confidences learn"
        assert grid.confidences.grad[0, 1, 1] == pytest.approx(2 * (0.5 - 0.64))

    def test_gradcheck(self):
        truth = encode_grid(
            *(x.double() if x.is_floating_point() else x for x in random_objects(4, (60, 90), 1)),
            (60, 90),
            (2, 3),
        )
        grid = random_grid(2, 3, 1, dtype=torch.float64)
        numbers = [part.clone().requires_grad_() for part in grid]

        def without_the_iou_target(boxes, confidences, classes):
            """The IoU in the confidence's target is a constant, which finite differences cannot know."""
            terms = yolo_loss(Grid(boxes, confidences.detach(), classes), *truth)
            return terms["centre"] + terms["size"] + terms["class"]

        assert torch.autograd.gradcheck(without_the_iou_target, numbers)
        assert torch.autograd.gradcheck(
            lambda confidences: sum(yolo_loss(grid._replace(confidences=confidences), *truth).values()),
            numbers[1],
        )

    def test_a_side_of_nothing_has_a_finite_gradient(self):
        grid, *truth = two_by_two()
        boxes = torch.zeros_like(grid.boxes).requires_grad_()
        sum(yolo_loss(grid._replace(boxes=boxes), *truth).values()).backward()
        assert boxes.grad.isfinite().all()

    def test_the_root_makes_an_error_worse_for_a_small_box(self):
        """Five pixels too wide: of a box of 10 or of 90 pixels, in an image of 100."""

        def size_term(width):
            truth = encode_grid(torch.tensor([[0.0, 0, width, 90]]), torch.tensor([1]), (100, 100), (1, 1))
            boxes = truth[0][:, :, None] + torch.tensor([0.0, 0, 0.05, 0])
            return yolo_loss(Grid(boxes, torch.zeros(1, 1, 1), torch.zeros(1, 1, 1)), *truth)["size"].item()

        small, large = (math.sqrt(0.15) - math.sqrt(0.1)) ** 2, (math.sqrt(0.95) - math.sqrt(0.9)) ** 2
        assert size_term(10.0) == pytest.approx(5 * small, rel=1e-3)
        assert size_term(90.0) == pytest.approx(5 * large, rel=1e-3) and small / large > 7

    def test_weights_and_a_students_responsibility(self):
        grid, *truth = two_by_two()
        terms = yolo_loss(grid, *truth, lambda_coord=1, lambda_noobj=2, responsible=always_the_first)
        assert terms["size"].item() == pytest.approx((math.sqrt(0.5) - 0.5) ** 2)
        assert terms["object"].item() == pytest.approx((0.3 - 0.5) ** 2)
        assert terms["no_object"].item() == pytest.approx(2 * (0.1**2 + 0.2**2 + 0.5**2 + 0.4**2))


class TestResponsible:
    def test_one_box_an_object_and_the_best(self):
        predicted = torch.rand(9, 4, 2, 2, generator=chance(0)).sort(2).values.flatten(2)
        targets = torch.rand(9, 2, 2, generator=chance(1)).sort(1).values.flatten(1)
        mine = responsible(predicted, targets)
        assert mine.dtype == torch.bool and (mine.sum(1) == 1).all()
        for boxes, target, row in zip(predicted.tolist(), targets.tolist(), mine.tolist(), strict=True):
            ious = [iou_of(box, target) for box in boxes]
            assert row.index(True) == ious.index(max(ious))

    def test_no_objects(self):
        assert responsible(torch.zeros(0, 2, 4), torch.zeros(0, 4)).shape == (0, 2)


class TestModel:
    def model(self, **options):
        torch.manual_seed(0)
        return Yolo(4, **options)

    def test_a_grid_for_each_image(self):
        grid = self.model(boxes_per_cell=3).outputs(features(2))
        assert [tuple(part.shape) for part in grid] == [(2, 6, 4, 3, 4), (2, 6, 4, 3), (2, 6, 4, 4)]
        assert all((part >= 0).all() and (part <= 1).all() for part in grid)
        torch.testing.assert_close(grid.classes.sum(-1), torch.ones(2, 6, 4))

    def test_the_loss_is_the_mean_over_the_images_of_the_sum_over_the_cells(self):
        model = self.model().eval()
        inputs, truth = features(3), targets(3)
        grid = Grid(*(part.detach() for part in model.outputs(inputs)))
        expected = dict.fromkeys(["centre", "size", "object", "no_object", "class"], 0.0)
        for i, target in enumerate(truth):
            cells = encode_grid(target["boxes"], target["labels"], (96, 64), (6, 4))
            for name, term in slow_loss(Grid(*(part[i] for part in grid)), *cells).items():
                expected[name] += term / 3
        losses = {name: loss.item() for name, loss in model.losses(inputs, truth).items()}
        assert losses == pytest.approx(expected, rel=1e-4)

    def test_detections_are_the_decoded_boxes_with_the_best_scores(self):
        model = self.model().eval()
        grid = model.outputs(features(1))
        found = model(features(1))[0]
        scores = class_scores(grid.confidences, grid.classes)[0]  # (6, 4, 2, 4)
        row, column, box, label = (int(i[0]) for i in (scores == scores.max()).nonzero(as_tuple=True))
        assert found["scores"][0] == scores.max() and found["labels"][0] == label + 1
        x, y, w, h = grid.boxes[0, row, column, box].tolist()
        x, y, w, h = (x + column) * 16, (y + row) * 16, w * 64, h * 96
        expected = [max(x - w / 2, 0), max(y - h / 2, 0), min(x + w / 2, 64), min(y + h / 2, 96)]
        assert found["boxes"][0].tolist() == pytest.approx(expected, rel=1e-4)

    def test_a_student_who_transposes_trains_another_network(self):
        """The parts matter: a wrong encoder gives another loss, not an error."""

        def transposed(boxes, labels, size, grid):
            boxes, labels = encode_grid(boxes[:, [1, 0, 3, 2]], labels, size[::-1], grid[::-1])
            return boxes.transpose(0, 1), labels.t()

        right, wrong = self.model().eval(), self.model(encode=transposed).eval()
        one, other = (model.losses(features(4), targets(4)) for model in (right, wrong))
        assert abs(sum(one.values()) - sum(other.values())) > 0.01
