"""What the widget of RoI pooling computes, without a browser."""

import pytest
import torch
import torchvision
from matplotlib import colormaps
from matplotlib.colors import to_rgb

from classroom.widgets.roi_pooling import BINS, RoiPooling
from coursekit import ops

FEATURES = torch.randn(5, 12, 17, generator=torch.Generator().manual_seed(0))  # of 96 x 136 pixels
REGION = (20.0, 11, 90, 71)


@pytest.fixture
def widget():
    return RoiPooling(FEATURES, torch.rand(3, 96, 136), REGION, channel=2)


def colours(values, of):
    share = ((values - of.min()) / (of.max() - of.min())).clamp(0, 1)
    return torch.tensor(colormaps["magma"](share.numpy())[..., :3]).reshape(-1, 3)


def test_outputs_are_those_of_the_library(widget):
    box, one = [torch.tensor([REGION])], FEATURES[None, 2:3]
    expected = (
        torchvision.ops.roi_pool(one, box, BINS, 1 / 8),
        torchvision.ops.roi_align(one, box, BINS, 1 / 8, 1, True),
        torchvision.ops.roi_align(one, box, BINS, 1 / 8, 2, True),
    )
    assert widget.names == ["RoIPool", "crop and resize", "RoIAlign"]
    for said, values in zip(widget.pooled, expected, strict=True):
        found = torch.tensor([to_rgb(colour) for colour in said])
        torch.testing.assert_close(found, colours(values[0, 0], FEATURES[2]).to(found), rtol=0, atol=0.01)


def test_bins_are_whole_cells_for_roi_pool_and_parts_of_the_region_for_the_others(widget):
    assert len(widget.bins) == BINS**2 and widget.points == []
    assert all(side % 8 == 0 for bin in widget.bins for side in bin)
    widget.shown = "RoIAlign"
    assert widget.bins[0][:2] == pytest.approx(REGION[:2], abs=1e-4)
    assert widget.bins[-1][2:] == pytest.approx(REGION[2:], abs=1e-4)
    assert len(widget.points) == 4 * BINS**2
    widget.shown = "crop and resize"
    assert len(widget.points) == BINS**2
    assert widget.points[0] == pytest.approx([REGION[0] + 5, REGION[1] + 60 / 14], abs=1e-4)


def test_a_small_move_is_seen_by_two_of_three(widget):
    assert widget.label.startswith(
        "Pixels 20, 11 to 90, 71 are cells 2.50, 1.38 to 11.25, 8.88.\nMove the region"
    )
    widget.region = [21.0, 11, 91, 71]
    assert widget.label.endswith(
        "This move changed 0 of 49 numbers of RoIPool, 49 of crop and resize, 49 of RoIAlign."
    )


def test_a_move_by_a_stride_moves_the_bins_by_a_cell(widget):
    before = widget.bins
    widget.region = [28.0, 19, 98, 79]
    assert widget.bins == [[side + 8 for side in bin] for bin in before]


def test_another_channel_is_another_map_and_no_move(widget):
    before, pooled = widget.map, widget.pooled
    widget.channel = 4
    assert widget.map != before and widget.pooled != pooled
    assert widget.label.endswith("which numbers change?")


def test_a_students_operator_is_asked_and_its_error_is_told():
    asked = []

    def mine(input, boxes, bins, scale):
        asked.append((tuple(input.shape), boxes[0].tolist(), bins, scale))
        raise RuntimeError("not yet")

    widget = RoiPooling(FEATURES, operators={"RoIPool": ops.roi_pool, "pooling of mine": mine}, region=REGION)
    assert widget.label == "Your pooling of mine raised RuntimeError: not yet"
    assert asked == [((1, 1, 12, 17), [list(REGION)], BINS, 1 / 8)]


def test_a_region_may_be_a_tensor_and_is_rounded_to_pixels():
    assert RoiPooling(FEATURES, region=torch.tensor([20.4, 10.6, 90, 71])).region == [20, 11, 90, 71]


def test_a_flat_channel_and_the_whole_map():
    widget = RoiPooling(torch.ones(1, 4, 6), region=(0, 0, 48, 32))
    assert len(set(widget.pooled[2])) == 1 and "0x" not in repr(widget)


@pytest.mark.parametrize(
    ("features", "region", "words"),
    [
        (torch.rand(4, 4), None, r"is \(C, h, w\), not \(4, 4\)"),
        (torch.rand(0, 4, 4), None, r"is \(C, h, w\)"),
        (FEATURES, (1, 2, 3), "four numbers"),
    ],
)
def test_bad_input_in_words(features, region, words):
    with pytest.raises(ValueError, match=words):
        RoiPooling(features, region=region)


def test_the_page_asks_nobody_outside():
    module = RoiPooling._esm if isinstance(RoiPooling._esm, str) else str(RoiPooling._esm)
    assert "export default" in module and "import " not in module and "fetch(" not in module
    assert module.count("http") == module.count("http://www.w3.org/2000/svg") == 1
