"""Boxes by the properties that define them, for whatever hypothesis thinks of."""

import torch
from exact_boxes import FORMATS, OVERLAPS, exact
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit import ops

numbers = st.floats(-200, 200, width=32)
lengths = st.floats(1, 200, width=32)
box = st.tuples(numbers, numbers, lengths, lengths).map(lambda n: (n[0], n[1], n[0] + n[2], n[1] + n[3]))
box_sets = st.lists(box, min_size=1, max_size=5).map(lambda rows: torch.tensor(rows, dtype=torch.float64))
any_boxes = st.lists(st.tuples(numbers, numbers, numbers, numbers), min_size=1, max_size=5).map(
    lambda rows: torch.tensor(rows, dtype=torch.float64)
)
quick = settings(max_examples=40, deadline=None)


class TestProperties:
    @quick
    @given(any_boxes, any_boxes)
    def test_symmetry_bounds_and_order(self, a, b):
        for name in OVERLAPS:
            exact(getattr(ops, name)(a, b), getattr(ops, name)(b, a).T, 1e-12)
        iou, giou, diou, ciou = (getattr(ops, name)(a, b) for name in OVERLAPS)
        assert (iou >= 0).all() and (iou <= 1 + 1e-12).all()
        assert (giou >= -1 - 1e-12).all() and (giou <= iou + 1e-12).all()
        assert (diou >= -1 - 1e-12).all() and (diou <= iou + 1e-12).all()
        assert (ciou >= -1.5 - 1e-12).all() and (ciou <= diou + 1e-12).all()

    @quick
    @given(box_sets)
    def test_identity(self, a):
        for op in (getattr(ops, name) for name in OVERLAPS):
            exact(op(a, a).diagonal(), torch.ones(len(a), dtype=torch.float64), 1e-12)

    @quick
    @given(box_sets, box_sets, numbers, numbers, st.floats(0.1, 50))
    def test_translation_and_scale_change_nothing(self, a, b, x, y, scale):
        shift = torch.tensor([x, y, x, y], dtype=torch.float64)
        for op in (getattr(ops, name) for name in OVERLAPS):
            exact(op(a * scale + shift, b * scale + shift), op(a, b), 1e-9)

    @quick
    @given(any_boxes, st.permutations(FORMATS))
    def test_conversions_come_home(self, a, formats):
        first, second, third = formats
        there = ops.box_convert(ops.box_convert(a, first, second), second, third)
        exact(ops.box_convert(there, third, first), a, 1e-9)

    @quick
    @given(box_sets, st.data())
    def test_offsets_come_home(self, proposals, data):
        reference = data.draw(st.lists(box, min_size=len(proposals), max_size=len(proposals)))
        reference = torch.tensor(reference, dtype=torch.float64)
        weights = (10.0, 10.0, 5.0, 5.0)
        offsets = ops.encode_boxes(reference, proposals, weights)
        exact(ops.decode_boxes(offsets, proposals, weights, clip=10), reference)

    @quick
    @given(any_boxes)
    def test_clipping_twice_is_clipping_once(self, a):
        once = ops.clip_boxes_to_image(a, (37, 91))
        exact(ops.clip_boxes_to_image(once, (37, 91)), once, 0)
        assert once[:, 0::2].max() <= 91 and once[:, 1::2].max() <= 37 and once.min() >= 0
