"""Mask IoU against pycocotools, pasting against torchvision, boundaries against SciPy's erosion."""

import numpy as np
import pycocotools.mask
import pytest
import scipy.ndimage
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.models.detection.roi_heads import paste_masks_in_image

from coursekit.ops import mask_overlap
from coursekit.ops.mask_overlap import mask_boundary, mask_iou, paste_masks

HEIGHT, WIDTH = 37, 58


def random_masks(count, seed, height=HEIGHT, width=WIDTH):
    """Discs of many sizes, the first of them empty."""
    chance = np.random.default_rng(seed).random((3, count, 1, 1))
    rows, columns = np.ogrid[:height, :width]
    masks = (rows - chance[0] * height) ** 2 + (columns - chance[1] * width) ** 2 < (chance[2] * height) ** 2
    masks[0] = False
    return torch.from_numpy(masks)


def random_boxes(count, seed):
    chance = torch.rand(count, 4, generator=torch.Generator().manual_seed(seed))
    corner = chance[:, :2] * torch.tensor([WIDTH, HEIGHT]) - 10
    return torch.cat([corner, corner + 12 + 25 * chance[:, 2:]], 1)  # torchvision fails wholly outside


def codes(masks):
    return [pycocotools.mask.encode(np.asfortranarray(mask.numpy().astype(np.uint8))) for mask in masks]


class TestMaskIou:
    @pytest.mark.parametrize("crowd", [None, [0] * 9, [1] * 9, [1, 0, 1, 0, 0, 1, 0, 0, 1]])
    def test_pycocotools(self, crowd):
        ours, theirs = random_masks(12, 0), random_masks(9, 1)
        expected = torch.from_numpy(
            pycocotools.mask.iou(codes(ours), codes(theirs), crowd or [0] * 9)
        ).float()
        answer = mask_iou(ours, theirs, None if crowd is None else torch.tensor(crowd))
        torch.testing.assert_close(answer, expected, rtol=0, atol=1e-7)
        assert answer.max() > 0.3 and (answer[0] == 0).all()

    def test_many_pixels_are_counted_exactly(self):
        everything = torch.ones(1, 4100, 4097, dtype=torch.bool)  # more than single precision can count
        almost = everything.clone()
        almost[0, 0, 0] = False
        shared = mask_overlap._shared_pixels(*map(mask_overlap._bits, (everything, almost))).item()
        assert shared == 4100 * 4097 - 1 > 2**24

    def test_numbers_are_masks_too(self):
        masks = random_masks(3, 2)
        assert torch.equal(mask_iou(masks.float() * 0.5, masks.int() * 7), mask_iou(masks, masks))

    def test_empty_sets(self):
        masks = random_masks(3, 3)
        assert mask_iou(masks[:0], masks).shape == (0, 3)
        assert mask_iou(masks, masks[:0], torch.zeros(0)).shape == (3, 0)
        assert mask_iou(masks[:, :0], masks[:, :0]).tolist() == [[0] * 3] * 3

    def test_bad_input(self):
        masks = random_masks(3, 3)
        for bad in (masks[0], masks[:, 1:]):
            with pytest.raises(ValueError, match=r"they must be \(masks, height, width\) of one image"):
                mask_iou(masks, bad)
        with pytest.raises(ValueError, match=r"iscrowd has shape \(2,\), but there are 3 masks"):
            mask_iou(masks, masks, torch.zeros(2))

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 10**6))
    def test_symmetry_and_bounds(self, seed):
        a, b = random_masks(4, seed, 11, 17), random_masks(3, seed + 1, 11, 17)
        iou, crowd = mask_iou(a, b), mask_iou(a, b, torch.ones(3))
        assert torch.equal(iou, mask_iou(b, a).T)
        assert (iou >= 0).all() and (iou <= crowd).all() and (crowd <= 1).all()
        assert torch.equal(mask_iou(a, a).diagonal(), a.any(2).any(1).float())


class TestPasting:
    @pytest.mark.parametrize("cells", [1, 7, 28])
    def test_torchvision(self, cells):
        masks = torch.rand(60, 1, cells, cells, generator=torch.Generator().manual_seed(cells))
        boxes = random_boxes(60, cells)
        boxes[0] = torch.tensor([12.0, 7, 12, 7])  # empty, but on the image
        boxes[1] = torch.tensor([30.0, 5, 20, 9])  # swapped
        boxes[2] = torch.tensor([-300.0, -200, 400, 300])
        boxes[3] = torch.tensor([14.0, 14, 42, 28])  # whole pixels, before and after the border
        answer, expected = (
            paste_masks(masks, boxes, (HEIGHT, WIDTH)),
            paste_masks_in_image(masks, boxes, (HEIGHT, WIDTH)),
        )
        assert answer.shape == expected.shape and answer.dtype == expected.dtype
        torch.testing.assert_close(answer, expected, rtol=0, atol=1e-5)
        assert expected[0].sum() > 0 and answer[1].sum() == 0

    def test_outside_the_image_there_is_nothing(self):
        boxes = torch.tensor([[-30.0, -30, -20, -20], [70, 3, 90, 9], [3, 50, 9, 60]])
        assert paste_masks(torch.ones(3, 1, 5, 5), boxes, (HEIGHT, WIDTH)).abs().max() == 0

    def test_a_mask_need_not_be_square(self):
        mask, box = torch.rand(1, 1, 4, 4).repeat_interleave(3, 3), torch.tensor([[10.0, 5, 34, 29]])
        wide = paste_masks(mask, box, (HEIGHT, WIDTH))[0, 0]
        assert wide[5:29, 10:34].min() > 0 and wide[:, :8].max() == wide[:, 36:].max() == 0
        tall = paste_masks(mask.mT, box[:, [1, 0, 3, 2]], (WIDTH, HEIGHT))[0, 0]
        torch.testing.assert_close(tall.T, wide)

    def test_a_full_mask_has_its_box_back(self):
        pasted = (
            paste_masks(torch.ones(1, 1, 28, 28), torch.tensor([[10.0, 5, 40, 30]]), (HEIGHT, WIDTH))[0, 0]
            > 0.5
        )
        expected = torch.zeros(HEIGHT, WIDTH, dtype=torch.bool)
        expected[5:30, 10:40] = True
        assert mask_iou(pasted[None], expected[None]).item() > 0.9

    def test_gradient(self):
        masks = torch.rand(2, 1, 3, 4, dtype=torch.float64, requires_grad=True)
        boxes = torch.tensor([[1.0, 2, 7, 6], [-2, 0, 4, 9]], dtype=torch.float64)
        assert torch.autograd.gradcheck(lambda m: paste_masks(m, boxes, (8, 6)), (masks,))

    def test_no_masks(self):
        assert paste_masks(torch.zeros(0, 1, 28, 28), torch.zeros(0, 4), (5, 6)).shape == (0, 1, 5, 6)

    def test_bad_input(self):
        for masks, boxes in (
            (torch.zeros(2, 28, 28), torch.zeros(2, 4)),
            (torch.zeros(2, 1, 9, 9), torch.zeros(3, 4)),
        ):
            with pytest.raises(ValueError, match=r"they must be \(N, 1, h, w\) and \(N, 4\)"):
                paste_masks(masks, boxes, (5, 6))
        for bad in (torch.nan, torch.inf):
            with pytest.raises(ValueError, match="a box is not finite"):
                paste_masks(torch.zeros(1, 1, 9, 9), torch.tensor([[0, 0, 4, bad]]), (5, 6))


class TestBoundary:
    @pytest.mark.parametrize("width", [1, 2, 5, 60])
    def test_scipy(self, width):
        masks = random_masks(8, 0)
        masks[1] = True
        for mask, boundary in zip(masks, mask_boundary(masks, width), strict=True):
            inner = scipy.ndimage.binary_erosion(mask.numpy(), np.ones((3, 3)), iterations=width)
            assert np.array_equal(boundary.numpy(), mask.numpy() & ~inner)

    def test_any_leading_axes_and_types(self):
        masks = random_masks(6, 1)
        expected = mask_boundary(masks)
        assert torch.equal(
            mask_boundary(masks.view(2, 3, HEIGHT, WIDTH).float() * 0.2), expected.view(2, 3, HEIGHT, WIDTH)
        )
        assert torch.equal(mask_boundary(masks[3].int()), expected[3])
        for shape in ((0, 4, 5), (2, 0, 5), (2, 4, 0)):
            assert mask_boundary(torch.zeros(shape)).shape == shape

    def test_no_width(self):
        with pytest.raises(ValueError, match="0 pixels wide: it must be at least 1"):
            mask_boundary(torch.ones(4, 5), 0)
