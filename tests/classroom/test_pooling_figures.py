"""The drawings of proposals and of RoI pooling: what lab 05 and the slides show is what the operators do."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.figures import pooling, proposing
from classroom.step_by_step.pooling import roi_align_samples, roi_pool_bins
from coursekit import ops
from coursekit.metrics import proposal_recall
from coursekit.proposals import describe_regions, merge_regions

RAMP = torch.arange(64.0).reshape(8, 8)
SCALE = 1 / 8
BOX = torch.tensor([11.0, 11, 19, 19])


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def any_box(seed, height=17, width=24):
    corners = (
        torch.rand(2, 2, generator=torch.Generator().manual_seed(seed)) * torch.tensor([width, height]) * 8
    )
    return torch.cat([corners.amin(0), corners.amax(0) + 1])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 7), st.integers(1, 7))
def test_whole_cells_are_those_of_torchvisions_maximum(seed, h, w):
    box = any_box(seed)
    values = torch.rand(17, 24, generator=torch.Generator().manual_seed(seed)) + 1
    expected = torchvision.ops.roi_pool(values[None, None], [box[None]], (h, w), SCALE)[0, 0]
    bins = roi_pool_bins(box, (h, w), (17, 24), SCALE)
    for i in range(h):
        for j in range(w):
            left, top, right, bottom = bins[i, j].tolist()
            cells = values[top:bottom, left:right]
            assert (cells.max() if cells.numel() else 0) == expected[i, j]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 5), st.integers(1, 3))
def test_samples_are_those_of_torchvisions_mean(seed, h, w, ratio):
    box = any_box(seed).clamp(max=100)
    box = torch.cat([box[:2], torch.maximum(box[2:], box[:2] + 1)]) + 16
    # on a slope the value of a sample is its place; away from the borders, where values stop growing
    slope = torch.arange(40.0)[:, None] * 3 + torch.arange(50.0) * 5
    expected = torchvision.ops.roi_align(slope[None, None], [box[None]], (h, w), SCALE, ratio, True)[0, 0]
    places = roi_align_samples(box, (h, w), SCALE, ratio) - 0.5
    assert places.shape == (h, w, ratio**2, 2)
    torch.testing.assert_close((places @ torch.tensor([5.0, 3.0])).mean(-1), expected, rtol=1e-5, atol=1e-3)


def test_the_facts_of_the_ramp():
    """In the lab's words: 18, 12.375 and 16.875; after 3 pixels right and down 27 and 15.75."""
    for shift, whole, aligned, older in ((0, 18, 12.375, 16.875), (3, 27, 15.75, 20.25)):
        out = {
            name: pool(RAMP[None, None], [BOX[None] + shift], 1, SCALE).item()
            for name, pool in pooling.OPERATORS.items()
        }
        assert out == {"RoIPool": whole, "crop and resize": aligned, "RoIAlign": aligned}
        assert ops.roi_align(RAMP[None, None], [BOX[None] + shift], 1, SCALE, 2, False).item() == older


def test_three_poolings_show_what_comes_out():
    figure = pooling.three_poolings(RAMP, torch.tensor([11.0, 11, 35, 35]), 3, SCALE)
    below = figure.axes[1::2] if figure.axes[1].texts else figure.axes[3:]
    shown = [[float(text.get_text()) for text in ax.texts] for ax in below]
    for values, pool in zip(shown, pooling.OPERATORS.values(), strict=True):
        expected = pool(RAMP[None, None], [torch.tensor([[11.0, 11, 35, 35]])], 3, SCALE).flatten().tolist()
        assert values == pytest.approx(expected)


def test_sliding_has_a_line_for_each_operator():
    figure = pooling.sliding(RAMP, BOX, [0, 1.5, 3])
    lines = {line.get_label(): list(line.get_ydata()) for line in figure.axes[0].lines}
    assert lines["RoIPool"][0] == 18 and lines["RoIPool"][-1] == 27
    assert lines["RoIAlign"] == pytest.approx([12.375, 12.375 + 1.5 * 9 / 8, 15.75])


@pytest.mark.parametrize("name", pooling.OPERATORS)
def test_gradient_arrives_in_the_regions_only(name):
    maps = torch.rand(5, 17, 24, generator=torch.Generator().manual_seed(0))
    boxes = torch.tensor([[16.0, 24, 72, 64], [120, 80, 160, 128]])
    arrived = pooling.gradient_map(maps, boxes, 7, SCALE, pooling.OPERATORS[name])
    near = torch.zeros(17, 24, dtype=torch.bool)
    for left, top, right, bottom in (boxes / 8).long().tolist():
        near[top - 1 : bottom + 1, left - 1 : right + 1] = True
    assert (arrived[~near] == 0).all() and (arrived[near] > 0).float().mean() > 0.3


def test_gradient_figure_and_regions_figure_have_all_their_axes():
    maps, boxes = torch.rand(3, 6, 9), torch.tensor([[8.0, 8, 40, 30], [30, 10, 60, 44]])
    assert len(pooling.gradient_maps(maps, boxes).axes) == 3
    pooled = ops.roi_pool(maps[None], [boxes], 7, SCALE)[:, 0]
    figure = pooling.regions_in_cells_out(torch.rand(3, 48, 72), maps[0], boxes, pooled)
    assert len(figure.axes) == 2 + len(boxes)


def test_half_a_cell_says_what_the_operators_say():
    texts = [
        text.get_text()
        for ax in pooling.half_a_cell().axes
        for text in ax.texts
        if "reads" in text.get_text()
    ]
    row = torch.tensor([[0.0, 10, 20, 30]])[None, None].expand(1, 1, 3, 4)
    around = [torch.tensor([[1.0, 1, 2, 2]])]  # one sample, at (1.5, 1.5)
    said = [ops.roi_align(row, around, 1, 1.0, 1, aligned).item() for aligned in (True, False)]
    assert texts == [f"reads {value:g}" for value in said] == ["reads 10", "reads 15"]


LABELS = np.array([[0, 0, 1, 1, 2], [0, 0, 1, 1, 2], [3, 3, 3, 4, 4]])
PIXELS = np.random.default_rng(0).random((3, 5, 3))


def test_regions_have_their_mean_colour():
    image = torch.from_numpy(PIXELS).permute(2, 0, 1).float()
    _, ax = plt.subplots()
    proposing.draw_regions(ax, image, LABELS)
    drawn = ax.images[0].get_array()
    for k in range(5):
        np.testing.assert_allclose(
            drawn[LABELS == k], PIXELS[LABELS == k].mean(0)[None].repeat((LABELS == k).sum(), 0), atol=1e-6
        )
    edges = sum(len(lines.get_segments()) for lines in ax.collections)
    assert edges == (np.diff(LABELS, axis=0) != 0).sum() + (np.diff(LABELS, axis=1) != 0).sum()


def test_grouping_frames_what_is_covered():
    merges = list(merge_regions(describe_regions(PIXELS, LABELS)))
    image = torch.from_numpy(PIXELS).permute(2, 0, 1).float()
    boxes = torch.tensor([[0.0, 0, 2, 2], [0.0, 0, 5, 3]])  # region 0 from the start; everything at the end
    assert proposing.covered_by_now(LABELS, [], boxes).tolist() == [True, False]
    assert proposing.covered_by_now(LABELS, merges, boxes).tolist() == [True, True]
    figure = proposing.grouping(image, LABELS, merges, [5, 3, 1], boxes)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles[:3] == ["5 regions", "3 regions", "1 region"]
    styles = [[patch.get_linestyle() for patch in ax.patches] for ax in figure.axes[:3]]
    assert sorted(styles[0]) == ["-", "--"] and styles[2] == ["-", "-"]


def test_covered_agrees_with_recall():
    merges = list(merge_regions(describe_regions(PIXELS, LABELS)))
    boxes = torch.tensor([[0.0, 0, 4, 2], [2, 0, 5, 3], [1, 1, 2, 2]])
    regions = describe_regions(PIXELS, LABELS)
    every = torch.tensor([*regions.box.tolist(), *(merge.box for merge in merges)], dtype=torch.float32)
    covered = proposing.covered_by_now(LABELS, merges, boxes)
    assert covered.float().mean().item() == pytest.approx(proposal_recall([every], [boxes], 100))


def test_recall_and_costs_are_drawn_as_given():
    _, (left, right) = plt.subplots(1, 2)
    proposing.draw_recall(left, [10, 100], {"grid": [0.2, 0.6], "search": [0.4, 0.9]})
    assert {line.get_label(): list(line.get_ydata()) for line in left.lines} == {
        "grid": [0.2, 0.6],
        "search": [0.4, 0.9],
    }
    proposing.draw_costs(
        right, {"R-CNN": {"network": 900.0, "head": 3.0}, "Fast": {"network": 20.0, "pooling": 2.0}}
    )
    assert [patch.get_width() for patch in right.patches] == [900, 3, 20, 2]
    assert [text.get_text().strip() for text in right.texts] == ["903 ms", "22 ms"]
