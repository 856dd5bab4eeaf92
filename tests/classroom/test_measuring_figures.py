"""The drawings of lab 07 show the numbers that they are given."""

import pytest
import torch

from classroom.figures.measuring import (
    ERROR_WORDS,
    draw_error_budget,
    draw_interpolation,
    draw_precision_recall,
    draw_speed_accuracy,
)
from coursekit.metrics import error_budget
from coursekit.metrics.error_budget import ERRORS

TARGET = {"boxes": torch.tensor([[0.0, 0, 9, 9]]), "labels": torch.tensor([1])}
WRONG_CLASS = {"boxes": TARGET["boxes"], "labels": torch.tensor([2]), "scores": torch.ones(1)}


def test_each_kind_of_error_has_a_bar_for_each_detector(ax):
    budget = error_budget([WRONG_CLASS], [TARGET])
    draw_error_budget(ax, {"one": budget, "two": budget})
    assert [bar.get_width() for bar in ax.patches] == [budget.gains[error] for error in ERRORS] * 2
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(ERROR_WORDS.values())
    assert list(ERROR_WORDS) == list(ERRORS)
    tops = [bar.get_y() for bar in ax.patches]
    heights = [bar.get_height() for bar in ax.patches]
    assert all(tops[i] + heights[i] <= tops[i + len(ERRORS)] for i in range(len(ERRORS))), "no overlap"


def test_speed_and_accuracy_stand_where_they_were_measured(ax):
    draw_speed_accuracy(ax, {"a": (20.0, 18.0, 23.0)}, {"a": (0.5, 0.4, 0.55)}, "new scenes")
    (point,) = ax.containers
    assert point[0].get_xydata().tolist() == [[20.0, 0.5]]
    across, up = (bar.get_segments()[0].tolist() for bar in point[2])
    assert across == [pytest.approx([18.0, 0.5]), pytest.approx([23.0, 0.5])]
    assert up == [pytest.approx([20.0, 0.4]), pytest.approx([20.0, 0.55])]
    assert ax.get_title() == "new scenes"


def test_a_detector_beyond_the_six_colours_has_another_marker(ax):
    ax.set_prop_cycle(color=["black"] * 6)
    many = {str(i): (20.0, 20.0, 20.0) for i in range(20)}
    draw_speed_accuracy(ax, many, many, "new scenes")
    assert "".join(bars[0].get_marker() for bars in ax.containers) == "oooooossssss^^^^^^oo"


def test_only_the_detections_so_far_are_drawn(ax):
    draw_precision_recall(ax, [True, False, True], 4, count=2)
    assert ax.lines[0].get_xydata().tolist() == [[0.25, 1.0], [0.25, 0.5]]


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("every-point", 1 / 2 + 1 / 2 * 2 / 3),
        ("11-point", (6 + 5 * 2 / 3) / 11),
        ("101-point", (51 + 50 * 2 / 3) / 101),
    ],
)
def test_the_title_says_the_average(ax, method, value):
    draw_interpolation(ax, [True, False, True], 2, method)
    assert ax.get_title() == f"{method}: {value:.4f}"
