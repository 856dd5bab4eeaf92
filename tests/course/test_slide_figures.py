"""Figures that only the slides use, drawn from numbers that a pencil gives."""

from importlib import import_module
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch

from classroom.step_by_step.suppression import nms_rounds

FIGURES = Path(__file__).parents[2] / "slides" / "figures"


@pytest.fixture
def slide_figures(monkeypatch):
    """Import a module of the slides' figures, which lie in no package."""
    monkeypatch.syspath_prepend(str(FIGURES))
    return import_module


def test_a_round_of_suppression_is_drawn_box_by_box(slide_figures):
    boxes = torch.tensor([[0.0, 0, 40, 40], [0, 0, 40, 50], [80, 80, 90, 90], [1, 0, 41, 40]])
    first, last = nms_rounds(boxes, torch.tensor([0.8, 0.9, 0.1, 0.7]), 0.5)
    for now, dashed, captions in ((first, 2, ["0.90"]), (last, 0, ["0.90", "0.10"])):
        _, ax = plt.subplots()
        slide_figures("suppression").draw_round(ax, boxes, torch.tensor([0.8, 0.9, 0.1, 0.7]), now)
        assert sum(patch.get_linestyle() == "--" for patch in ax.patches) == dashed
        assert len(ax.patches) == dashed + len(now.waiting) + len(captions)
        assert [text.get_text() for text in ax.texts] == captions
        plt.close()


def test_a_transposed_convolution_has_a_figure_before_the_first_cell_and_after_each(slide_figures):
    steps = slide_figures("going_up").stamp_by_stamp()
    assert len(steps) == 1 + 6
    assert [len(step.axes[0].patches) for step in steps] == [0] + 6 * [1]
    for figure in steps:
        plt.close(figure)
