"""The drawings of the way up: what lab 12 and the slides show is what the operators compute."""

import matplotlib.pyplot as plt
import pytest
import torch
import torch.nn.functional as F

from classroom.figures import stamping


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def numbers(ax):
    return [text.get_text() for text in ax.texts]


def expected(values):
    return [f"{value:.3g}" for value in values.flatten().tolist()]


def torchs(input, kernel, **settings):
    return F.conv_transpose2d(input[None, None], kernel[None, None], **settings)[0, 0]


def test_the_last_step_shows_the_whole_output():
    kernel = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    steps = (0, stamping.EXAMPLE.numel())
    first, last = (stamping.stamp_step(step, kernel=kernel, stride=1).axes for step in steps)
    assert numbers(first[1]) == expected(kernel) and numbers(first[2]) == []
    assert numbers(last[1]) == expected(2 * kernel), "the last cell is a 2"
    assert numbers(last[2]) == expected(torchs(stamping.EXAMPLE, kernel))
    assert [len(ax.patches) for ax in first] == [0, 0, 0] and [len(ax.patches) for ax in last] == [1, 1, 1]


def test_what_is_cut_off_is_struck_out():
    ax = stamping.stamp_step(6, padding=1).axes[2]
    strokes = [
        line for line in ax.lines if line.get_xdata()[0] != line.get_xdata()[1] and line.get_color() == "0.55"
    ]
    diagonal = [line for line in strokes if line.get_ydata()[0] != line.get_ydata()[1]]
    assert len(diagonal) == 5 * 7 - 3 * 5


def test_zeros_between_give_the_same_output_from_the_framed_window():
    kernel = torch.arange(1.0, 10).reshape(3, 3)
    spread, flipped, output = stamping.zeros_between(kernel=kernel).axes
    assert numbers(output) == expected(torchs(stamping.EXAMPLE, kernel, stride=2))
    grid = torch.tensor([float(text) for text in numbers(spread)]).reshape(7, 9)
    (window,), (weights,), (place,) = spread.patches, flipped.patches, output.patches
    left, top = int(window.get_x()), int(window.get_y())
    product = (grid[top : top + 3, left : left + 3] * kernel.flip(0, 1)).sum()
    row, column = int(place.get_y()), int(place.get_x())
    assert float(numbers(output)[row * 7 + column]) == product and weights.get_width() == 3


def test_overlaps_and_matrices_are_drawn_as_given():
    counts = torchs(torch.ones(2, 3), torch.ones(3, 3), stride=2)
    (ax,) = stamping.overlap_maps({"kernel 3": counts}).axes
    assert numbers(ax) == expected(counts) and ax.get_title() == "kernel 3"
    matrix = torch.rand(3, 5)
    for ax, shown in zip(
        stamping.matrices({"C": matrix, "its transpose": matrix.T}).axes, (matrix, matrix.T), strict=True
    ):
        assert torch.equal(torch.as_tensor(ax.images[0].get_array().data), shown)
        assert ax.get_title().endswith(f"{shown.shape[0]} × {shown.shape[1]}")


def test_the_shaded_cells_are_the_maxima():
    map_ = torch.randperm(24).float().reshape(4, 6) + 1
    pooled, places = F.max_pool2d(map_[None, None], 2, return_indices=True)
    unpooled = F.max_unpool2d(pooled, places, 2)[0, 0]
    axes = stamping.switches(map_, pooled[0, 0], places[0, 0], {"unpooled": unpooled}).axes
    shaded = torch.as_tensor(axes[0].images[0].get_array().data) > 0
    assert torch.equal(shaded, unpooled > 0) and sorted(map_[shaded]) == sorted(pooled.flatten())
    assert [ax.get_title() for ax in axes] == ["map", "pooled", "unpooled"]
