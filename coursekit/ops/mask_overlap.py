"""Masks in an image: how much two overlap, where a small one goes, and what its boundary is."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.ops.argument import FLOATS, PIXELS, expect, expect_image_size, single

FARTHEST = 1e9  # pixels: beyond, single precision cannot place a mask


def mask_iou(masks1: Tensor, masks2: Tensor, iscrowd: Tensor | None = None) -> Tensor:
    """Return the intersection over union of every mask of the first set with every mask of the second.

    With a crowd region, the union is replaced by the first mask's own area: one person of a crowd
    is not blamed for the others. A mask without pixels has IoU 0 with everything.

    Shapes: (N, H, W), (M, H, W) -> (N, M) float32 in [0, 1].
    Args:
        masks1: detections; the non-zero pixels are object.
        masks2: ground truth.
        iscrowd: (M,), non-zero where a mask of the second set is a crowd region.
    Raises:
        ValueError: masks of different images, or not one `iscrowd` a mask.
    Like pycocotools' `mask.iou`, on masks instead of run-length codes. Pixels are counted 64 at a time.
    Source: Lin et al., "Microsoft COCO", 2014, arXiv:1405.0312.

    >>> masks = torch.tensor([[[1, 1, 0, 0]], [[0, 1, 1, 1]]])
    >>> mask_iou(masks, masks[1:])
    tensor([[0.2500],
            [1.0000]])
    """
    expect("masks1", masks1, "(...)", PIXELS)
    expect("masks2", masks2, "(...)", PIXELS)
    if masks1.ndim != 3 or masks2.ndim != 3 or masks1.shape[1:] != masks2.shape[1:]:
        raise ValueError(
            f"the masks have shapes {tuple(masks1.shape)} and {tuple(masks2.shape)}: "
            "they must be (masks, height, width) of one image."
        )
    if iscrowd is not None:
        expect("iscrowd", iscrowd, "(...)", PIXELS)
    if iscrowd is not None and iscrowd.shape != masks2.shape[:1]:
        raise ValueError(f"iscrowd has shape {tuple(iscrowd.shape)}, but there are {len(masks2)} masks.")
    bits1, bits2 = _bits(masks1), _bits(masks2)  # (N, words), (M, words)
    intersection = torch.from_numpy(_shared_pixels(bits1, bits2)).to(masks1.device)
    area1, area2 = (torch.from_numpy(_count(bits)).to(masks1.device) for bits in (bits1, bits2))
    union = area1[:, None] + area2 - intersection  # (N, M)
    if iscrowd is not None:
        union = torch.where(iscrowd != 0, area1[:, None], union)
    return (intersection / union.clamp(min=1)).float()


def paste_masks(masks: Tensor, boxes: Tensor, img_shape: tuple[int, int]) -> Tensor:
    """Return each small mask stretched over its box, in an image of zeros.

    Bilinear stretching is linear along each axis, so it is a product of three matrices: rows, mask, columns.
    Around the mask lies one more row and column of zeros, into which it fades.

    Shapes: (N, 1, h, w), (N, 4) -> (N, 1, H, W).
    Args:
        masks: probabilities of a grid of cells in each box.
        boxes: xyxy pixels; they may reach out of the image.
        img_shape: (H, W) of the image.
    Raises:
        ValueError: not one box a mask, a box that is not finite or farther out than 1e9 pixels, or a size that is
            not (height, width).
    Like torchvision's `paste_masks_in_image`, rounding of the boxes included, but a mask need not be square
    and a box wholly outside the image is no error. A box with swapped corners stays empty.
    Source: He et al., "Mask R-CNN", 2017, section 3.1, arXiv:1703.06870; the border of zeros is Detectron's.

    >>> paste_masks(torch.ones(1, 1, 2, 2), torch.tensor([[1.0, 0.0, 3.0, 2.0]]), (3, 5))[0, 0]
    tensor([[0.0000, 0.4900, 0.7000, 0.4900, 0.0000],
            [0.0000, 0.7000, 1.0000, 0.7000, 0.0000],
            [0.0000, 0.4900, 0.7000, 0.4900, 0.0000]])
    """
    expect("masks", masks, "(...)", FLOATS)
    expect("boxes", boxes, "(...)")
    if masks.ndim != 4 or masks.shape[1] != 1 or boxes.shape != (len(masks), 4):
        raise ValueError(
            f"the masks have shape {tuple(masks.shape)} and the boxes {tuple(boxes.shape)}: "
            "they must be (N, 1, h, w) and (N, 4)."
        )
    expect_image_size("img_shape", img_shape)
    if not (boxes.abs() <= FARTHEST).all() or 0 in masks.shape[2:]:
        raise ValueError("a box is not finite or too far out, or a mask has no cell: drop it first.")
    (h, w), (height, width), cells = masks.shape[2:], img_shape, single(masks)
    boxes = single(boxes)
    with torch.autocast(boxes.device.type, enabled=False):
        rows = _stretch(boxes[:, 1], boxes[:, 3], h, height).to(cells.dtype)  # (N, H, h)
        columns = _stretch(boxes[:, 0], boxes[:, 2], w, width).to(cells.dtype)  # (N, W, w)
        return (rows @ cells[:, 0] @ columns.mT)[:, None].to(masks.dtype)  # (N, 1, H, W)


def mask_boundary(masks: Tensor, width: int = 1) -> Tensor:
    """Return the pixels of each mask that lie within `width` pixels of its outside, diagonals included.

    Beyond the edge of the image is outside. The IoU of a large object hardly feels its boundary; the
    boundary's own IoU does.

    Shapes: (..., H, W) -> (..., H, W) bool.
    Args:
        width: whole pixels, at least 1; Boundary IoU takes 2 % of the image's diagonal.
    Raises:
        ValueError: a width that is not a whole number from 1 on, or masks without two axes.
    Source: Cheng et al., "Boundary IoU", 2021, section 4, arXiv:2103.16562.

    >>> mask_boundary(torch.ones(4, 5)).int()
    tensor([[1, 1, 1, 1, 1],
            [1, 0, 0, 0, 1],
            [1, 0, 0, 0, 1],
            [1, 1, 1, 1, 1]], dtype=torch.int32)
    """
    expect("masks", masks, "(..., H, W)", PIXELS)
    if width < 1 or width != int(width):
        raise ValueError(f"the boundary is {width} pixels wide: it must be at least 1, in whole pixels.")
    masks = masks.bool()
    outside = F.pad(~masks, (width,) * 4, value=True)  # (..., H + 2 width, W + 2 width)
    window = 2 * width + 1  # a square, one axis after the other
    return masks & _any_in_window(_any_in_window(outside, window, -2), window, -1)


def _bits(masks: Tensor) -> np.ndarray:
    """The pixels of each mask as words of 64 bits: (N, words) uint64."""
    pixels = masks.detach().bool().flatten(1).cpu().numpy()
    octets = np.packbits(pixels, axis=1)
    return np.pad(octets, ((0, 0), (0, -octets.shape[1] % 8))).view(np.uint64)


def _shared_pixels(bits1: np.ndarray, bits2: np.ndarray) -> np.ndarray:
    """How many pixels each pair has in common: (N, M) float64."""
    shared = np.zeros((len(bits1), len(bits2)))
    for i, words in enumerate(bits1):
        used = np.flatnonzero(words)
        if len(used):
            span = slice(used[0], used[-1] + 1)  # elsewhere the mask has no pixel
            shared[i] = _count(words[span] & bits2[:, span])
    return shared


def _count(bits: np.ndarray) -> np.ndarray:
    return np.bitwise_count(bits).sum(1, dtype=np.int64)


def _any_in_window(pixels: Tensor, window: int, axis: int) -> Tensor:
    """Whether one of the next `window` pixels along an axis is true, where there are that many: bool."""
    length, reach = pixels.shape[axis] - window + 1, 1
    while (
        2 * reach <= window
    ):  # what is known of `reach` pixels and of the `reach` after them: of twice as many
        count = pixels.shape[axis] - reach
        pixels, reach = pixels.narrow(axis, 0, count) | pixels.narrow(axis, reach, count), 2 * reach
    return pixels.narrow(axis, 0, length) | pixels.narrow(axis, window - reach, length)


def _stretch(start: Tensor, end: Tensor, cells: int, length: int) -> Tensor:
    """How much of each cell each pixel of the image takes on, along one axis: (N, length, cells)."""
    centre, half = (start + end) / 2, (end - start) / 2 * ((cells + 2) / cells)  # one cell more at either end
    first, last = (centre - half).long(), (centre + half).long()  # rounded towards zero, as in torchvision
    pixels = torch.arange(length, device=start.device) - first[:, None]  # (N, length)
    pixels_a_cell = (last - first + 1).clamp(min=1)[:, None] / (cells + 2)
    place = (pixels + 0.5) / pixels_a_cell - 1.5  # in cells of the mask, without its border
    weights = 1 - (place[:, :, None] - torch.arange(cells, device=start.device)).abs()  # (N, length, cells)
    return weights.clamp(min=0) * (last >= first)[:, None, None]
