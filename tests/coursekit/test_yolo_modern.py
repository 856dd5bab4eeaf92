"""The modern YOLO: which cells answer for which object, against loops, and its three losses."""

import math

import pytest
import torch
import torch.nn.functional as F
import torchvision.ops as witness
from random_scenes import chance, features, random_objects, targets

from coursekit import ops
from coursekit.models.yolo_modern import Cells, YoloModern, alignment, match_by_alignment
from coursekit.nets.convolution import BatchNorm

SIZE = (96, 64)


def cells_of(seed, classes=4):
    """Three levels of cells of an image of 96 x 64 pixels, with boxes that are about where the cells are."""
    strides = torch.cat([torch.full((96 * 64 // s**2,), float(s)) for s in (8, 16, 32)])
    centers = torch.cat([ops.grid_centers((96 // s, 64 // s), s) for s in (8, 16, 32)])
    count = len(strides)
    middle = centers + strides[:, None] * torch.randn(count, 2, generator=chance(seed))
    sides = strides[:, None] * (1 + 3 * torch.rand(count, 2, generator=chance(seed + 1)))
    boxes = torch.cat([middle - sides / 2, middle + sides / 2], 1)
    objectness = torch.randn(count, generator=chance(seed + 2))
    logits = torch.randn(count, classes, generator=chance(seed + 3))
    return Cells(boxes, objectness, logits, centers, strides)


def batch_of(cells):
    """The same as N = 1 image."""
    return Cells(cells.boxes[None], cells.objectness[None], cells.classes[None], *cells[3:])


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


class TestAlignment:
    def test_double_loop(self):
        cells = cells_of(0)
        boxes, labels = random_objects(5, SIZE, 3)
        quality = alignment(cells, boxes, labels)
        iou = witness.box_iou(boxes, cells.boxes)
        asked = 0
        for g, (x1, y1, x2, y2) in enumerate(boxes.tolist()):
            for a, ((x, y), stride) in enumerate(
                zip(cells.centers.tolist(), cells.strides.tolist(), strict=True)
            ):
                distance = max(abs(x - (x1 + x2) / 2), abs(y - (y1 + y2) / 2)) / stride
                inside = x1 < x < x2 and y1 < y < y2
                if distance > 0.5 and not (inside and distance < 2.5):
                    assert quality[g, a] == 0
                    continue
                asked += 1
                score = sigmoid(cells.objectness[a]) * sigmoid(cells.classes[a, labels[g] - 1])
                assert quality[g, a].item() == pytest.approx(
                    math.sqrt(score) * iou[g, a].item() ** 6, rel=1e-3, abs=1.1e-9
                )
                assert quality[g, a] > 0
        assert asked > 30

    def test_an_object_between_all_centres_is_still_found_by_the_cell_around_it(self):
        quality = alignment(cells_of(0), torch.tensor([[9.0, 9, 10, 10]]), torch.tensor([1]))
        assert (quality[0] > 0).nonzero()[:, 0].tolist() == [9, 96, 120]  # one cell on each level

    def test_no_gradient_passes(self):
        cells = cells_of(0)
        cells.boxes.requires_grad_()
        assert not alignment(cells, *random_objects(2, SIZE, 0)).requires_grad

    def test_no_objects(self):
        quality = alignment(cells_of(0), torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))
        assert quality.shape == (0, 126)
        match = match_by_alignment(quality)
        assert match.negative.all() and not match.positive.any() and match.target.shape == (126,)


class TestMatch:
    @pytest.mark.parametrize("count", [1, 3, 10, 500])
    def test_loops(self, count):
        for seed in range(10):
            quality = torch.rand(6, 40, generator=chance(seed)) * (
                torch.rand(6, 40, generator=chance(seed + 9)) > 0.6
            )
            match = match_by_alignment(quality, count)
            best_of = [sorted(row, reverse=True)[:count] for row in quality.tolist()]
            for a, column in enumerate(quality.t().tolist()):
                wanted = {g: q for g, q in enumerate(column) if q > 0 and q in best_of[g]}
                assert match.positive[a] == bool(wanted) == (not match.negative[a])
                assert not wanted or match.target[a] == max(wanted, key=wanted.get)

    def test_two_objects_that_want_one_cell(self):
        match = match_by_alignment(torch.tensor([[0.9, 0.1], [0.8, 0.0]]), count=1)
        assert match.target[0] == 0 and match.positive.tolist() == [True, False]


class TestLosses:
    def model(self, **options):
        torch.manual_seed(0)
        return YoloModern(4, **options)

    def test_by_hand(self):
        """One object, two cells matched by hand, torchvision's GIoU and the formula of cross-entropy."""
        cells = cells_of(5)
        target = {"boxes": torch.tensor([[10.0, 20, 50, 70]]), "labels": torch.tensor([3])}
        positive = torch.zeros(126, dtype=torch.bool)
        positive[[100, 121]] = True
        given = ops.Match(torch.zeros(126, dtype=torch.int64), positive, ~positive)
        losses = self.model(match=lambda quality: given).losses_of(batch_of(cells), [target])
        found = cells.boxes[positive]
        box = witness.generalized_box_iou_loss(found, target["boxes"].expand(2, 4)).mean().item()
        assert losses["box"].item() == pytest.approx(2 * box, rel=1e-5)
        wanted = [0.0] * 126
        for a in (100, 121):
            wanted[a] = witness.box_iou(cells.boxes[a : a + 1], target["boxes"]).item()
        assert wanted[121] > 0, "the confidence should be the IoU, not 1"
        by_hand = sum(
            -t * math.log(sigmoid(z)) - (1 - t) * math.log(1 - sigmoid(z))
            for t, z in zip(wanted, cells.objectness.tolist(), strict=True)
        )
        assert losses["objectness"].item() == pytest.approx(by_hand / 2, rel=1e-4)
        by_hand = -sum(
            math.log(sigmoid(z) if k == 2 else 1 - sigmoid(z))
            for a in (100, 121)
            for k, z in enumerate(cells.classes[a].tolist())
        )
        assert losses["class"].item() == pytest.approx(by_hand / 2, rel=1e-4)

    def test_an_empty_image_teaches_silence_only(self):
        target = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
        cells = cells_of(0)
        losses = self.model().losses_of(batch_of(cells), [target])
        assert losses["box"] == losses["class"] == 0
        torch.testing.assert_close(losses["objectness"], F.softplus(cells.objectness).sum())

    def test_the_order_of_the_objects_does_not_matter(self):
        cells = cells_of(7)
        boxes, labels = random_objects(5, SIZE, 7)
        one = self.model().losses_of(batch_of(cells), [{"boxes": boxes, "labels": labels}])
        other = self.model().losses_of(batch_of(cells), [{"boxes": boxes.flip(0), "labels": labels.flip(0)}])
        for name in one:
            torch.testing.assert_close(one[name], other[name])

    def test_the_batch_is_the_mean_of_its_images(self):
        model = self.model().eval()
        together = model.losses(features(4), targets(4))
        alone = [model.losses([x], [t]) for x, t in zip(features(4), targets(4), strict=True)]
        for name, loss in together.items():
            torch.testing.assert_close(loss, sum(each[name] for each in alone) / 4)

    def test_gradients_reach_the_right_parts(self):
        cells = cells_of(5)
        cells = Cells(*(part.clone().requires_grad_(i < 3) for i, part in enumerate(cells)))
        boxes, labels = random_objects(3, SIZE, 5)
        positive = match_by_alignment(alignment(cells, boxes, labels)).positive
        sum(self.model().losses_of(batch_of(cells), [{"boxes": boxes, "labels": labels}]).values()).backward()
        assert 0 < positive.sum() <= 30
        assert not cells.boxes.grad[~positive].any() and not cells.classes.grad[~positive].any()
        assert cells.classes.grad[positive].all() and cells.objectness.grad.all()


def test_the_first_guess_is_a_box_around_the_cell_and_hardly_any_object():
    torch.manual_seed(0)
    cells = YoloModern(4).eval().outputs(features(2))
    assert cells.boxes.shape == (2, 126, 4) and cells.centers.shape == (126, 2)
    middle, sides = cells.boxes.unflatten(-1, (2, 2)).mean(2), cells.boxes[..., 2:] - cells.boxes[..., :2]
    near = (middle - cells.centers).abs() / cells.strides[:, None]
    assert near.max() < 0.5 and ((sides / cells.strides[:, None]).log() - math.log(3)).abs().max() < 0.5
    assert cells.objectness.sigmoid().mean().item() == pytest.approx(0.01, rel=0.1)


def test_one_cell_is_normalised_by_what_was_seen_before():
    norm = BatchNorm(3)
    many = torch.randn(8, 3, 4, 4, generator=chance(0)) * 2 + 1
    torch.testing.assert_close(norm(many), torch.nn.BatchNorm2d(3)(many))
    one = torch.randn(1, 3, 1, 1)
    before = norm.running_mean.clone()
    torch.testing.assert_close(norm(one), norm.eval()(one))
    assert torch.equal(norm.running_mean, before)
