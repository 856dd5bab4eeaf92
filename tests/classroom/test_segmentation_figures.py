"""The drawings of label maps, heat maps and FCN: what lab 11 and the slides show is what they are given."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_rgb

from classroom import figures
from classroom.figures.segmentation import BACKGROUND
from coursekit.draw import ACCENT, colour_of

LABELS = torch.tensor([[0, 3, 3], [255, 10, 0]])


def test_every_class_has_its_colour():
    colours = figures.label_colours(LABELS)
    assert colours.shape == (3, 2, 3)
    for (y, x), colour in {
        (0, 0): BACKGROUND,
        (0, 1): colour_of(3),
        (1, 0): "black",
        (1, 1): colour_of(10),
    }.items():
        torch.testing.assert_close(colours[:, y, x], torch.tensor(to_rgb(colour)))


def test_a_label_map_names_its_classes_and_lets_the_table_be_seen(ax):
    image = torch.rand(3, 2, 3)
    figures.draw_label_map(ax, LABELS, image, classes=list("abcdefghij"))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["c", "j"]
    shown = torch.as_tensor(ax.images[0].get_array()).permute(2, 0, 1)
    torch.testing.assert_close(shown[:, 0, 0], 0.35 + 0.65 * image[:, 0, 0])
    assert (shown[:, 0, 1] - torch.tensor(to_rgb(colour_of(3)))).abs().max() < 0.4


def test_one_scene_both_ways():
    masks = torch.zeros(2, 6, 8, dtype=torch.bool)
    masks[0, 1:4, 1:3], masks[1, 1:4, 3:6] = True, True
    target = {"masks": masks, "labels": torch.tensor([2, 2])}
    figure = figures.both_ways(torch.zeros(3, 6, 8), target, 2 * masks.any(0).long(), ["apple", "pear"])
    left, semantic, instances = (torch.as_tensor(ax.images[0].get_array()) for ax in figure.axes)
    assert not left.any()
    assert torch.equal(semantic[2, 1], semantic[2, 5]), "two pears are one region"
    assert not torch.equal(instances[2, 1], instances[2, 5]), "but two objects"
    plt.close(figure)


def test_mistakes_are_red_and_void_is_white(ax):
    prediction = torch.tensor([[0, 3, 1], [4, 10, 0]])
    figures.draw_mistakes(ax, prediction, LABELS)
    shown = torch.as_tensor(ax.images[0].get_array())
    red, white = torch.tensor(to_rgb(ACCENT)), torch.ones(3)
    assert [tuple(place) for place in (shown - red).abs().amax(-1).lt(1e-3).nonzero().tolist()] == [(0, 2)]
    assert (shown - white).abs().amax(-1).lt(1e-3).nonzero().tolist() == [[1, 0]]


def test_heat_is_enlarged_over_the_grey_picture(ax):
    heat = torch.tensor([[0.0, 0.5], [0.0, 1.0]])
    figures.draw_heat_map(ax, torch.rand(3, 20, 40), heat, torch.tensor([[20.0, 0, 40, 20]]), most=1.0)
    grey, glow = ax.images
    assert grey.get_array().shape == (20, 40) and glow.get_array().shape == (20, 40)
    assert glow.get_array()[19, 39] == 1 and glow.get_array()[0, 0] == 0
    assert ax.patches[0].get_bbox().bounds == (20, 0, 20, 20)


@pytest.mark.parametrize(("levels", "sums"), [(("C5",), 0), (("C4", "C5"), 1), (("C3", "C4", "C5"), 2)])
def test_the_diagram_has_a_sum_for_each_skip(levels, sums):
    figure = figures.fcn_diagram(levels)
    said = [text.get_text() for text in figure.axes[0].texts]
    assert said.count("+") == sums == said.count("x 2") and set(levels) <= set(said)
    assert f"x {8 * 2 ** (3 - len(levels))}" in said
    plt.close(figure)


def test_bars_are_the_scores(ax):
    rows = {
        "A": {"new": (0.5, 0.4, 0.7), "unseen": (0.3, 0.2, 0.4)},
        "B": {"new": (0.6, 0.5, 0.7), "unseen": (0.4, 0.3, 0.5)},
    }
    figures.draw_model_scores(ax, rows, "mIoU")
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([0.5, 0.6, 0.3, 0.4])
    assert [text.get_text() for text in ax.texts] == ["0.50", "0.60", "0.30", "0.40"]
