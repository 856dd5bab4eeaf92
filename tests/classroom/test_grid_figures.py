"""The drawings of lab 03: they show what they are given, and the loss by hand is what the paper's loss says."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from classroom.figures import grid as drawings
from coursekit.data.still_life import still_life
from coursekit.draw import ACCENT
from coursekit.models.yolo import encode_grid, yolo_loss
from coursekit.ops import match_by_cell


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    yield
    plt.close("all")


@pytest.mark.parametrize(("size", "grid"), [((40, 80), (2, 4)), ((33, 57), (5, 3)), ((10, 10), (1, 1))])
def test_owners_are_those_of_the_matcher(size, grid):
    centres = torch.rand(50, 2) * torch.tensor([size[1], size[0]])
    boxes = torch.cat([centres, centres], 1)
    for box, (row, column) in zip(boxes, drawings.owner_cells(boxes, size, grid).tolist(), strict=True):
        assert match_by_cell(box[None], size, grid).positive.nonzero().item() == row * grid[1] + column


def test_the_scene_of_the_lab_has_two_centres_in_one_cell():
    target = still_life("train").target(drawings.TWO_IN_ONE_CELL)
    _, labels = encode_grid(target["boxes"], target["labels"], (192, 192), (12, 12))
    assert (labels > 0).sum() == len(target["boxes"]) - 1


def framed(figure):
    return [
        p
        for p in figure.axes[0].patches
        if isinstance(p, Rectangle) and p.get_edgecolor()[:3] == to_rgb(ACCENT)
    ]


def test_only_a_cell_with_two_centres_is_framed():
    image, labels = torch.rand(3, 40, 80), torch.tensor([1, 2])
    together, apart = (
        torch.tensor([[2.0, 2, 8, 8], [0, 0, 9, 9]]),
        torch.tensor([[2.0, 2, 8, 8], [50, 20, 60, 30]]),
    )
    (cell,) = framed(drawings.cell_ownership(image, together, labels, (4, 8)))
    assert cell.get_bbox().bounds == (0, 0, 10, 10)
    assert framed(drawings.cell_ownership(image, apart, labels, (4, 8))) == []
    figure = drawings.cell_ownership(image, apart, labels, (4, 8))
    filled = [p.get_bbox().bounds for p in figure.axes[0].patches if p.get_fill()]
    assert filled == [(0, 0, 10, 10), (50, 20, 10, 10)]


def test_the_students_function_says_who_owns():
    image, boxes = torch.rand(3, 40, 80), torch.tensor([[2.0, 2, 8, 8]])
    figure = drawings.cell_ownership(
        image, boxes, torch.tensor([1]), (4, 8), lambda *_: torch.tensor([[3, 7]])
    )
    assert [p.get_bbox().bounds for p in figure.axes[0].patches if p.get_fill()] == [(70, 30, 10, 10)]


def test_lost_objects_are_counted_by_a_loop():
    dataset = still_life("preview")
    boxes = [dataset.target(i)["boxes"] for i in range(len(dataset))]
    size = tuple(dataset[0][0].shape[1:])
    labels = [torch.ones(len(of_one), dtype=torch.int64) for of_one in boxes]
    for side, lost in zip((1, 4), drawings.objects_lost(boxes, size, (1, 4)), strict=True):
        kept = [encode_grid(b, k, size, (side, side))[1].sum() for b, k in zip(boxes, labels, strict=True)]
        total = sum(map(len, boxes))
        assert lost == pytest.approx((total - sum(kept).item()) / total)


def test_bars_say_the_percent():
    ax = drawings.lost_against_cells((3, 6), (0.15, 0.03)).axes[0]
    assert [text.get_text() for text in ax.texts] == ["15.0 %", "3.0 %"]


def test_the_loss_by_hand():
    terms = {name: term.item() for name, term in yolo_loss(*drawings.two_by_two()).items()}
    by_hand = {
        "centre": 5 * 0.05**2,
        "size": 5 * (0.16**0.5 - 0.25**0.5) ** 2,
        "object": (0.5 - 0.16 / 0.25) ** 2,
        "no_object": 0.5 * (0.2**2 + 6 * 0.1**2),
        "class": (0.7 - 1) ** 2 + 0.3**2,
    }
    assert terms == pytest.approx(by_hand, abs=1e-6)


def test_the_drawing_says_the_numbers_of_the_example():
    words = [text.get_text() for text in drawings.loss_by_hand().axes[0].texts]
    assert "box 1: confidence 0.5, IoU 0.64" in words and "box 2: confidence 0.2, IoU 0.04" in words
