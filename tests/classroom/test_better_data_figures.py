"""The drawings of lab 08 show the numbers that they are given, and only published ones."""

import pytest
import torch

from classroom.figures import better_data as figures

HIGH, LOW = (0.6, 0.5, 0.7), (0.4, 0.3, 0.5)


def entry(recipe, seed, value, **more):
    return {"recipe": recipe, "seed": seed, "scores": {"test_scenes": {"AP": [value, 0.0, 1.0]}}, **more}


@pytest.fixture
def made_up_records(monkeypatch):
    made_up = [
        entry("learning_curve-none-50", 1, 0.25),
        entry("learning_curve-none-50", 0, 0.5, cpu_minutes=2.0),
        entry("learning_curve-none-500", 0, 0.75),
    ]
    monkeypatch.setattr(figures, "records", lambda: made_up)


def test_points_are_those_that_were_published_seed_0_first(made_up_records):
    points = figures.learning_curve("none", (25, 50))
    assert points == {50: [(0.5, 0.0, 1.0), (0.25, 0.0, 1.0)]}
    assert figures.number_of("learning_curve-none-50", "cpu_minutes") == 2.0
    assert figures.number_of("learning_curve-none-50", "elsewhere") is None
    assert figures.number_of("learning_curve-paste-50", "cpu_minutes") is None


def test_a_curve_has_the_mean_every_seed_and_one_interval(ax):
    figures.draw_learning_curve(ax, {50: [HIGH, LOW], 100: [HIGH]}, "scenes alone", "black")
    line, *dots = ax.lines
    assert line.get_xydata() == pytest.approx(torch.tensor([[50, 0.5], [100, 0.6]]).numpy())
    assert [dot.get_ydata() for dot in dots] == [[0.6, 0.4], [0.6]]
    assert ax.collections[0].get_segments()[0].tolist() == [[50, 0.5], [50, 0.7]]
    assert ax.get_legend_handles_labels()[1] == ["scenes alone"]


def test_a_curve_that_nobody_measured_leaves_the_axes_as_they_are(ax):
    figures.draw_learning_curve(ax, {}, "nothing", "black")
    figures.draw_bars(ax, {})
    assert not ax.lines and not ax.patches and not ax.get_legend_handles_labels()[1]
    assert [text.get_text() for text in ax.texts] == ["not measured"]


def test_bars_are_means(ax):
    figures.draw_bars(ax, {"one": [HIGH, LOW], "two": [LOW]})
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0.5, 0.4])
    assert [text.get_text() for text in ax.texts] == ["0.50", "0.40"]


def test_a_gain_is_written_beside_its_interval(ax):
    figures.draw_gain(ax, 0, (0.02, -0.01, 0.05), "AP")
    assert ax.texts[0].get_text() == "AP: +0.020 [-0.010, +0.050]"
    assert ax.lines[1].get_xdata() == [-0.01, 0.05]


def test_a_soft_edge_keeps_the_amount_of_a_mask():
    mask = torch.zeros(40, 50, dtype=torch.bool)
    mask[15:25, 15:30] = True
    soft = figures.blurred(mask, 2.0)
    assert soft.sum().item() == pytest.approx(150, rel=1e-4) and 0 < soft[14, 20] < 0.5 < soft[15, 20] < 1


def test_seams_show_the_same_place_three_times():
    mask = torch.zeros(40, 50, dtype=torch.bool)
    mask[15:25, 15:30] = True
    mask[15:20, 15:20] = False
    figure = figures.seams(torch.zeros(3, 40, 50), torch.ones(3, 40, 50), mask)
    hard, soft, box = (ax.images[0].get_array()[..., 0] for ax in figure.axes)
    assert hard.shape == soft.shape == box.shape == (34, 39)
    assert hard.sum() == 125 and box.sum() == 150 and set(hard.flatten().tolist()) == {0.0, 1.0}
    assert ((soft > 0) & (soft < 1)).any()


def test_the_most_similar_cell_has_the_dot(ax):
    similarity = torch.tensor([[0.1, 0.2, 0.0], [0.3, 0.9, 0.2]])
    figures.draw_similarity(ax, torch.ones(3, 20, 30), similarity)
    assert ax.lines[0].get_xydata().tolist() == [[15.0, 15.0]]
    light = ax.images[0].get_array()[..., 0]
    assert light[15, 15] == pytest.approx(1) and light[5, 25] == pytest.approx(0.25)


def test_segments_of_background_alone_are_the_image(ax):
    figures.draw_segments(ax, torch.ones(3, 20, 30), torch.zeros(2, 3, dtype=torch.int64))
    assert len(ax.images) == 1 and not ax.collections


def test_maps_stand_below_their_images():
    colours = torch.rand(2, 3, 4, 6)
    figure = figures.coloured_maps([torch.rand(3, 8, 12)] * 2, {"C4": colours, "C5": colours})
    assert [len(ax.images) for ax in figure.axes] == [1] * 6
    assert figure.axes[2].get_ylabel() == "C4" and figure.axes[4].get_ylabel() == "C5"


def test_both_tests_have_axes_and_every_number_of_scenes_a_tick():
    figure, axes = figures.two_tests(3, (25, 1600))
    assert list(axes) == ["test_scenes", "test_objects"]
    assert [ax.get_title() for ax in axes.values()] == ["new scenes", "unseen objects"]
    assert [tick.get_text() for tick in axes["test_scenes"].get_xticklabels()] == ["25", "1,600"]
    figures.plt.close(figure)
