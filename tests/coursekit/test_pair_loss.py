"""Losses of boxes, masks and pairs against torchvision and formulas written out by hand."""

import pytest
import torch
from random_losses import FAR, PEER, REDUCTIONS, close, random, random_boxes, sigmoid

from coursekit.ops.box_overlap import generalized_box_iou
from coursekit.ops.loss import associative_embedding_loss, dice_loss, generalized_box_iou_loss


class TestGeneralizedBoxIou:
    a, b = random_boxes(200, 1), random_boxes(200, 2)

    @pytest.mark.parametrize("reduction", REDUCTIONS)
    def test_torchvision(self, reduction):
        expected = PEER.generalized_box_iou_loss(self.a, self.b, reduction)
        close(
            generalized_box_iou_loss(self.a, self.b, reduction),
            expected,
            1e-5 if reduction == "sum" else 1e-7,
        )
        a, b = self.a.float(), self.b.float()
        close(generalized_box_iou_loss(a, b), PEER.generalized_box_iou_loss(a, b))

    def test_rows_of_the_pairwise_matrix_even_for_empty_boxes(self):
        degenerate = torch.tensor(
            [[5, 5, 5, 5], [5, 5, 5, 9], [9, 2, 1, 8], [9, 9, 1, 1], [0, 0, 10, 10]]
        ).double()
        a, b = (
            torch.cat([self.a, degenerate, degenerate]),
            torch.cat([self.b, degenerate, degenerate.roll(1, 0)]),
        )
        close(generalized_box_iou_loss(a, b), 1 - generalized_box_iou(a, b).diagonal(), 1e-12)
        for dtype in (torch.float16, torch.float32):
            inputs = a.to(dtype).requires_grad_()
            generalized_box_iou_loss(inputs, b.to(dtype)).sum().backward()
            assert inputs.grad.isfinite().all()

    def test_any_leading_axes(self):
        a, b = self.a.view(4, 50, 4), self.b.view(4, 50, 4)
        close(generalized_box_iou_loss(a, b), generalized_box_iou_loss(self.a, self.b).view(4, 50), 0)

    def test_gradient(self):
        a, b = self.a[:6].clone().requires_grad_(), self.b[:6].clone().requires_grad_()
        assert torch.autograd.gradcheck(generalized_box_iou_loss, (a, b))


class TestDice:
    logits, targets = random(3, 5, 7) * 3, (random(3, 5, 7, seed=1) > 0).double()

    def test_by_hand(self):
        for smooth in (0.0, 1.0):
            rows = zip(self.logits.flatten(1).tolist(), self.targets.flatten(1).tolist(), strict=True)
            expected = []
            for logits, targets in rows:
                chances = [sigmoid(x) for x in logits]
                shared = sum(p * t for p, t in zip(chances, targets, strict=True))
                expected.append(1 - (2 * shared + smooth) / (sum(chances) + sum(targets) + smooth))
            expected = torch.tensor(expected, dtype=torch.float64)
            close(dice_loss(self.logits, self.targets, smooth), expected, 1e-12)
            close(
                dice_loss(self.logits.float(), self.targets.float(), smooth, "mean"), expected.mean().float()
            )

    def test_bounds(self):
        sure = (2 * self.targets - 1) * 60
        close(dice_loss(sure, self.targets), torch.zeros(3).double(), 1e-12)
        assert (dice_loss(-sure, self.targets) > 0.9).all()
        assert dice_loss(torch.full((1, 9), -60.0), torch.zeros(1, 9)).item() == pytest.approx(0)

    def test_gradient(self):
        assert torch.autograd.gradcheck(
            lambda x: dice_loss(x, self.targets), (self.logits.clone().requires_grad_(),)
        )
        far = FAR[None].clone().requires_grad_()
        dice_loss(far, torch.zeros_like(far)).sum().backward()
        assert far.grad.isfinite().all()


class TestAssociativeEmbedding:
    def test_by_hand(self):
        top_left = torch.tensor([[0.0], [1.0], [5.0]])
        bottom_right = torch.tensor([[2.0], [1.5], [5.0]])  # means 1, 1.25 and 5
        pull, push = associative_embedding_loss(top_left, bottom_right)
        assert pull.item() == pytest.approx((1 + 1 + 0.0625 + 0.0625) / 3)
        assert push.item() == pytest.approx(2 * 0.75 / 6)
        assert associative_embedding_loss(top_left, bottom_right, margin=4)[1].item() == pytest.approx(
            2 * (3.75 + 0 + 0.25) / 6
        )

    def test_several_numbers_use_the_euclidean_distance(self):
        corners = torch.tensor([[0.0, 0.0], [0.3, 0.4]])
        pull, push = associative_embedding_loss(corners, corners)
        assert pull.item() == 0 and push.item() == pytest.approx(0.5)

    @pytest.mark.parametrize("count", [0, 1])
    def test_nothing_to_push(self, count):
        corners = torch.ones(count, 2, requires_grad=True)
        pull, push = associative_embedding_loss(corners, corners + 1)
        (pull + push).backward()
        assert push.item() == 0 and pull.item() == count and corners.grad.isfinite().all()

    def test_gradient(self):
        first, last = random(5, 3).requires_grad_(), random(5, 3, seed=1).requires_grad_()
        assert torch.autograd.gradcheck(associative_embedding_loss, (first, last))
        same = torch.ones(4, 2, requires_grad=True)
        sum(associative_embedding_loss(same, same)).backward()
        assert same.grad.isfinite().all()

    def test_shape(self):
        with pytest.raises(ValueError, match=r"shape \(3,\): it must be \(objects, numbers\)"):
            associative_embedding_loss(torch.zeros(3), torch.zeros(3))
