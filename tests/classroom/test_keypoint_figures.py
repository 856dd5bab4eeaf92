"""The drawings of lab 13 show the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from classroom.figures import keypoints as figures

POINTS = torch.tensor([[[10.0, 20.0, 2.0], [12.0, 4.0, 1.0], [9.0, 30.0, 0.0]]])


def dots(ax):
    return [line.get_xydata()[0].tolist() for line in ax.lines if line.get_marker() == "o"]


def test_points_of_the_picture_are_drawn_hidden_ones_as_rings(ax):
    figures.draw_keypoints(ax, torch.zeros(3, 40, 30), POINTS)
    assert dots(ax) == [[10.0, 20.0], [12.0, 4.0]]
    faces = [line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "o"]
    assert faces == ["#ffffff", "none"]


def test_found_points_lead_to_where_they_belong(ax):
    found = POINTS[..., :2] + 3
    figures.draw_keypoints(ax, None, POINTS, found)
    assert dots(ax) == [[13.0, 23.0], [15.0, 7.0]]
    ways = [line.get_xydata().tolist() for line in ax.lines if line.get_linestyle() == ":"]
    assert ways == [[[10.0, 20.0], [13.0, 23.0]], [[12.0, 4.0], [15.0, 7.0]]]


def test_no_object_and_names_of_the_colours(ax):
    figures.draw_keypoints(ax, torch.zeros(3, 4, 4), torch.zeros(0, 3, 3))
    figures.key_of_points(ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["center", "top", "base"]


def test_errors_and_their_intervals(ax):
    figures.draw_errors(ax, {"new scenes": [(0.5, 0.4, 0.7), (0.3, 0.2, 0.5)]}, "distance")
    (line,) = ax.containers
    assert line[0].get_ydata().tolist() == [0.5, 0.3]
    ends = np.array([segment[:, 1] for segment in line[2][0].get_segments()])
    assert np.allclose(ends, [[0.4, 0.7], [0.2, 0.5]])
    assert ax.get_xticks().tolist() == [1, 2] and ax.get_ylabel() == "distance"


def test_gradients_of_each_hourglass(ax):
    figures.draw_first_gradients(ax, {"a": [1.0, 10.0], "b": [0.1, 10.0]})
    assert [list(line.get_ydata()) for line in ax.lines] == [[1.0, 10.0], [0.1, 10.0]] and ax.get_ylim()[
        0
    ] == 0


def test_between_the_cells(ax):
    figures.draw_between_cells(ax, 1.4, torch.tensor([0.2, 0.9, 0.6]), 1, 1.35)
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([0.2, 0.9, 0.6])
    assert [line.get_xdata()[0] for line in ax.lines] == [1.4, 1, 1.35]


@pytest.mark.parametrize("stacks", [1, 3])
def test_every_hourglass_has_its_output_and_its_loss(stacks):
    figure = figures.hourglass_diagram(stacks)
    said = [text.get_text() for text in figure.axes[0].texts]
    for k in range(1, stacks + 1):
        assert {f"hourglass {k}", f"output {k}", f"loss {k}"} <= set(said)
    assert said.count("+") == stacks - 1
    plt.close(figure)


def test_the_way_down_and_up():
    figure = figures.depth_diagram((8, 4, 2))
    said = [text.get_text() for text in figure.axes[0].texts]
    assert said[:5] == ["8 x 8", "4 x 4", "2 x 2", "4 x 4", "8 x 8"] and said.count("around") == 2
    plt.close(figure)
