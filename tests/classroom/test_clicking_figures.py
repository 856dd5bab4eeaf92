"""The drawings of lab 16 show what they are given."""

import matplotlib.pyplot as plt
import pytest
import torch

from classroom.figures import clicking as figures

IMAGE = torch.rand(3, 48, 64)
MASKS = torch.zeros(3, 48, 64, dtype=torch.bool)
MASKS[0, 8:30, 10:40] = MASKS[1, 20:44, 30:60] = MASKS[2, :10, :10] = True


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_clicks_are_where_they_were_made_and_tell_their_kind():
    _, ax = plt.subplots()
    figures.draw_clicked(
        ax, IMAGE, MASKS[0], torch.tensor([[20.0, 15], [50, 40]]), torch.tensor([True, False])
    )
    signs = [(tuple(line.get_xydata()[0]), line.get_marker()) for line in ax.lines]
    assert signs == [((20, 15), "o"), ((20, 15), "+"), ((50, 40), "o"), ((50, 40), "_")]


def test_each_answer_has_its_predicted_iou_and_one_is_chosen():
    point = [torch.tensor([[20.0, 15]])]
    figure = figures.answers_in_rows([IMAGE], [MASKS], [torch.tensor([0.5, 0.75, 0.25])], point, [1])
    assert [ax.get_title() for ax in figure.axes] == [
        "the click", "predicted IoU 0.50", "predicted IoU 0.75, chosen", "predicted IoU 0.25",
    ]  # fmt: skip


def test_bins_without_predictions_are_left_out():
    _, ax = plt.subplots()
    figures.draw_reliability(ax, torch.tensor([[3, 0.2, 0.3], [0, 0, 0], [1, 0.9, 0.6]]))
    assert ax.lines[-1].get_xydata().tolist() == [
        pytest.approx([0.2, 0.3]), pytest.approx([0.9, 0.6]),
    ]  # fmt: skip


def test_curves_have_a_point_per_click():
    _, ax = plt.subplots()
    figures.draw_click_curves(
        ax, {"known": [(0.5, 0.4, 0.6), (0.7, 0.6, 0.8)], "new": [(0.3, 0.2, 0.4), (0.5, 0.4, 0.6)]}
    )
    assert [line.get_ydata().tolist() for line in ax.lines] == [[0.5, 0.7], [0.3, 0.5]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["known", "new"]
