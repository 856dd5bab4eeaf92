"""Anchors against torchvision, double loops, and arithmetic by hand; heights and widths differ throughout."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.models.detection.anchor_utils import AnchorGenerator, DefaultBoxGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import permute_and_flatten as theirs

from coursekit.ops.anchor import (
    cell_anchors,
    default_box_scales,
    default_boxes,
    grid_anchors,
    grid_centers,
    permute_and_flatten,
)
from coursekit.ops.box import box_area, box_convert

SSD300 = [[2], [2, 3], [2, 3], [2, 3], [2], [2]]
SSD300_MAPS = [(38, 36), (19, 18), (10, 9), (5, 4), (3, 2), (1, 1)]


def peer(generator, image_size, feature_sizes):
    images = ImageList(torch.zeros(1, 3, *image_size), [image_size])
    return generator(images, [torch.zeros(1, 1, *size) for size in feature_sizes])[0]


class TestGrid:
    def test_double_loop(self):
        expected = [[(x + 0.5) * 4, (y + 0.5) * 8] for y in range(3) for x in range(5)]
        assert grid_centers((3, 5), (8, 4)).tolist() == expected

    def test_reshaped_it_is_the_feature_map(self):
        centers = grid_centers((3, 5), 16).reshape(3, 5, 2)
        assert centers[2, 4].tolist() == [4.5 * 16, 2.5 * 16]

    def test_offset_zero_is_the_corner(self):
        assert grid_centers((2, 1), 16, offset=0).tolist() == [[0, 0], [0, 16]]

    def test_no_cells(self):
        assert grid_centers((0, 5), 8).shape == grid_centers((5, 0), 8).shape == (0, 2)
        assert grid_anchors(cell_anchors((8,), (1,)), (0, 5), 8).shape == (0, 4)


class TestAnchors:
    @pytest.mark.parametrize("scales", [(32, 64, 128), (32, 40.3, 50.8)])
    @pytest.mark.parametrize("ratios", [(0.5, 1, 2), (1 / 3, 3)])
    def test_torchvision(self, scales, ratios):
        generator = AnchorGenerator((scales,), (ratios,))
        rounded = cell_anchors(scales, ratios).round()
        assert torch.equal(rounded, generator.cell_anchors[0])
        ours = grid_anchors(rounded, (7, 11), (16, 8), offset=0)
        assert torch.equal(ours, peer(generator, (112, 88), [(7, 11)]))

    def test_torchvision_unrounded(self):
        generator = AnchorGenerator(((33,),), ((0.3, 1.7),))
        generator.cell_anchors = [cell_anchors((33,), (0.3, 1.7))]
        ours = grid_anchors(generator.cell_anchors[0], (3, 5), 32, offset=0)
        torch.testing.assert_close(ours, peer(generator, (96, 160), [(3, 5)]), rtol=0, atol=1e-5)

    def test_order_and_middle(self):
        anchors = grid_anchors(cell_anchors((8, 16), (1, 4)), (3, 5), 32).reshape(3, 5, 4, 4)  # h, w, A
        centers = box_convert(anchors, "xyxy", "cxcywh")
        assert torch.equal(centers[2, 4, :, :2], torch.tensor([[4.5 * 32, 2.5 * 32]]).expand(4, 2))
        assert centers[2, 4, :, 2:].tolist() == [[8, 8], [16, 16], [4, 16], [8, 32]]

    def test_own_precision(self):
        assert grid_anchors(cell_anchors((8,), (1,)).double(), (1, 1), 8).dtype == torch.float64

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(st.floats(1, 500), min_size=1, max_size=4),
        st.lists(st.floats(0.1, 10), min_size=1, max_size=4),
    )
    def test_areas_do_not_depend_on_the_ratio_and_the_ratio_is_height_by_width(self, scales, ratios):
        anchors = cell_anchors(scales, ratios).reshape(len(ratios), len(scales), 4)
        squares = torch.tensor(scales).square().expand(len(ratios), -1)
        torch.testing.assert_close(box_area(anchors), squares, rtol=1e-5, atol=0)
        width, height = (anchors[..., 2:] - anchors[..., :2]).unbind(-1)
        torch.testing.assert_close(
            height / width, torch.tensor(ratios)[:, None].expand_as(height), rtol=1e-5, atol=0
        )
        assert torch.equal(anchors[..., :2], -anchors[..., 2:])


class TestDefaultBoxes:
    @pytest.mark.parametrize("steps", [None, [8, 16, 32, 64, 100, 300]])
    @pytest.mark.parametrize("clip", [True, False])
    def test_torchvision(self, steps, clip):
        scales = [0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05]
        for given_scales in (None, scales):
            generator = DefaultBoxGenerator(SSD300, scales=given_scales, steps=steps, clip=clip)
            expected = peer(generator, (300, 280), SSD300_MAPS)
            ours = default_boxes(SSD300_MAPS, (300, 280), SSD300, given_scales, steps, clip)
            torch.testing.assert_close(
                ours, expected, rtol=1e-6, atol=1e-4
            )  # of 300 pixels: float32's last bits

    def test_number_of_ssd300(self):
        maps = [(side, side) for side in (38, 19, 10, 5, 3, 1)]
        assert len(default_boxes(maps, (300, 300), SSD300)) == 8732  # the paper's, section 3

    def test_by_hand(self):
        boxes = default_boxes([(1, 1)], (100, 200), [[4]], scales=[0.25, 1.0])
        sides = (
            boxes[:, 2:] - boxes[:, :2]
        ).tolist()  # of 200 x 100 pixels: 1/4, sqrt(1/4), 1/2 x 1/8, 1/8 x 1/2
        assert sides == [[50, 25], [100, 50], [100, 12.5], [25, 50]]

    @pytest.mark.parametrize("maps", [1, 2, 6])
    def test_scales(self, maps):
        assert default_box_scales(maps) == pytest.approx(DefaultBoxGenerator([[2]] * maps).scales, abs=1e-12)

    def test_no_maps(self):
        assert default_boxes([], (300, 200), [], scales=[0.5]).shape == (0, 4)


def test_bad_input():
    for call, words in (
        (lambda: grid_centers((2, 3), 0), "the stride is 0: it must be a positive number"),
        (lambda: grid_centers((2, 3), (8, -8)), "the stride is"),
        (lambda: cell_anchors((), (1,)), r"the scales are \(\): give one or more positive numbers"),
        (lambda: cell_anchors((8,), (1, -2)), r"the ratios are \(1, -2\)"),
        (lambda: grid_anchors(torch.zeros(4), (2, 3), 8), r"have shape \(4,\): it must be \(A, 4\)"),
        (
            lambda: default_boxes([(1, 1)], (9, 9), [[2], [3]]),
            "1 feature maps need 1 lists of ratios, 2 scales",
        ),
        (lambda: default_boxes([(1, 1)], (9, 9), [[2]], scales=[0.5]), "there are 1, 1 and 0"),
        (lambda: default_boxes([(1, 1)], (9, 9), [[2]], steps=[8, 16]), "there are 1, 2 and 2"),
        (lambda: default_boxes([(1, 1)], (9, 9), [[0]]), r"the ratios are \(0,\)"),
        (lambda: default_boxes([(1, 1)], (9, 9), [[]], scales=[0.0, 1.0]), "the scales are"),
    ):
        with pytest.raises(ValueError, match=words):
            call()


def test_the_rows_of_a_head_are_those_of_torchvision():
    maps = torch.rand(2, 3 * 5, 4, 7)
    assert torch.equal(permute_and_flatten(maps, 5), theirs(maps, 2, 3, 5, 4, 7))
