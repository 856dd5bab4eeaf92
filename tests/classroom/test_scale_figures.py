"""The drawings of scales and of imbalance: what lab 04 and the slides show is what they are given."""

import pytest
import torch

from classroom import figures
from classroom.figures.scales import GAMMAS, LOSS_PARTS
from coursekit import ops


def test_a_level_is_a_grid_with_boxes(ax):
    figures.draw_level(ax, torch.rand(3, 40, 60), (4, 6), torch.tensor([[0.0, 0, 10, 10], [5, 5, 30, 20]]))
    horizontal = sorted(
        line.get_ydata()[0] for line in ax.lines if line.get_ydata()[0] == line.get_ydata()[1]
    )
    assert horizontal == [10, 20, 30] and len(ax.lines) == 3 + 5
    assert len(ax.patches) == 2


def test_curves_of_the_focal_loss_are_its_values(ax):
    figures.draw_focal_loss(ax)
    for line, gamma in zip(ax.lines, GAMMAS, strict=True):
        p = torch.as_tensor(line.get_xdata()).double()
        expected = -((1 - p) ** gamma) * p.log()
        torch.testing.assert_close(torch.as_tensor(line.get_ydata()).double(), expected, rtol=1e-4, atol=1e-5)


def test_the_curves_are_those_of_a_students_loss(ax):
    asked = []

    def loss(logits, targets, alpha, gamma):
        asked.append(gamma)
        return torch.full_like(logits, gamma) * targets

    figures.draw_focal_loss(ax, (1.0, 2.0), loss)
    assert asked == [1.0, 2.0] and [set(line.get_ydata()) for line in ax.lines] == [{2.0}, {4.0}]


def test_shares_add_up_and_are_counted_by_a_loop():
    torch.manual_seed(0)
    logits, classes = 3 * torch.randn(50, 4), (torch.rand(50, 4) < 0.1).float()
    losses = ops.sigmoid_focal_loss(logits, classes)
    sums = dict.fromkeys(LOSS_PARTS, 0.0)
    for loss, z, wanted in zip(losses.flatten(), logits.flatten(), classes.flatten(), strict=True):
        easy = z.sigmoid() < 0.1
        sums["objects" if wanted else "easy background" if easy else "hard background"] += loss.item()
    found = figures.loss_shares(losses, logits, classes)
    assert sum(found.values()) == pytest.approx(1)
    assert found == pytest.approx(
        {name: value / sum(sums.values()) for name, value in sums.items()}, abs=1e-5
    )


def test_a_bar_for_each_share_with_its_number(ax):
    figures.draw_loss_shares(ax, {"a": {"objects": 0.25, "hard background": 0.75, "easy background": 0.0}})
    widths = [patch.get_width() for patch in ax.patches]
    assert widths == [0.25, 0.75, 0.0] and [text.get_text() for text in ax.texts] == ["25%", "75%"]
