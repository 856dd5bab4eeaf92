"""Masks, against pycocotools, torchvision, SciPy and scikit-image."""

from functools import partial

import numpy as np
import pycocotools.mask
import scipy.ndimage
import skimage.draw
import torch
import torchvision
from compare import Case, row
from torch import Tensor
from torchvision.models.detection.roi_heads import paste_masks_in_image

from coursekit import ops
from rows.inputs import chance, discs

GROUP = "Masks"
SIZES = ((10, 100, 120), (30, 480, 640), (100, 480, 640))  # masks, height, width
PASTED = ((5, 200, 200), (100, 480, 640), (100, 800, 1200))
Size = tuple[int, int, int]


def in_words(size: Size) -> str:
    return "{} of {} x {}".format(*size)


def column_by_column(masks: Tensor) -> np.ndarray:
    """(H, W, N) uint8 as pycocotools wants it."""
    return np.asfortranarray(masks.numpy().transpose(1, 2, 0)).view(np.uint8)


def codes(masks: Tensor) -> list[dict]:
    return pycocotools.mask.encode(column_by_column(masks))


@row(GROUP, "discs, from (N, H, W)", SIZES)
def rle_encode(size: Size) -> Case:
    masks = discs(*size)

    def differ(ours: list, theirs: list) -> float:
        return float(sum(a["counts"] != b["counts"].decode() for a, b in zip(ours, theirs, strict=True)))

    peers = {"pycocotools": lambda: codes(masks)}
    ours = lambda: [ops.rle_encode(mask) for mask in masks]  # noqa: E731
    return Case(in_words(size), size[0], ours, peers, difference=differ)


@row(GROUP, "compressed codes of discs", SIZES, forward=(1.1, 1.1, 1.1))
def rle_decode(size: Size) -> Case:
    coded = codes(discs(*size))
    ours = lambda: [ops.rle_decode(code) for code in coded]  # noqa: E731
    peers = {"pycocotools": lambda: pycocotools.mask.decode(coded)}
    return Case(in_words(size), size[0], ours, peers, difference=pixels_apart)


def pixels_apart(ours: list[Tensor], theirs: np.ndarray) -> float:
    return float(sum((a.numpy() != theirs[..., k]).sum() for k, a in enumerate(ours)))


@row(GROUP, "discs; our ends are exclusive, and 1 is taken off for the difference", SIZES)
def masks_to_boxes(size: Size) -> Case:
    masks = discs(*size)
    masks[:, size[1] // 2, size[2] // 2] = True  # torchvision has no box for a mask without pixels
    peers = {"torchvision": partial(torchvision.ops.masks_to_boxes, masks)}
    ends = torch.tensor([0.0, 0.0, 1.0, 1.0])
    differ = lambda ours, theirs: float((ours - theirs - ends).abs().max())  # noqa: E731
    return Case(in_words(size), size[0], partial(ops.masks_to_boxes, masks), peers, difference=differ)


@row(
    GROUP,
    "polygons of 20 points; the difference is the share of other pixels (scikit-image follows another rule)",
    ((10, 100, 120), (30, 480, 640), (100, 480, 640)),
)
def polygons_to_mask(size: Size) -> Case:
    count, height, width = size
    polygons = random_polygons(*size)

    def pycoco() -> list[np.ndarray]:
        coded = [pycocotools.mask.frPyObjects([polygon], height, width) for polygon in polygons]
        return [pycocotools.mask.decode(code)[..., 0] for code in coded]

    def skimage_masks() -> list[np.ndarray]:
        points = [np.reshape(polygon, (-1, 2))[:, ::-1] - 0.5 for polygon in polygons]
        return [skimage.draw.polygon2mask((height, width), outline) for outline in points]

    ours = lambda: [ops.polygons_to_mask([polygon], (height, width)) for polygon in polygons]  # noqa: E731
    peers = {"pycocotools": pycoco, "scikit-image": skimage_masks}
    return Case(in_words(size), count, ours, peers, difference=share_apart)


def random_polygons(count: int, height: int, width: int) -> list[list[float]]:
    random = np.random.default_rng(0)
    angle = np.sort(random.random((count, 20))) * 2 * np.pi
    radius = height * random.uniform(0.05, 0.4, (count, 1)) * random.uniform(0.5, 1, (count, 20))
    center = random.random((count, 1, 2)) * [width, height]
    points = center + np.stack([np.cos(angle), np.sin(angle)], 2) * radius[..., None]  # (N, 20, 2)
    return np.round(points.clip(0, [width, height]), 2).reshape(count, -1).tolist()


def share_apart(ours: list, theirs: list) -> float:
    apart = sum((np.asarray(a) != b).sum() for a, b in zip(ours, theirs, strict=True))
    return float(apart / sum(a.numel() for a in ours))


@row(
    GROUP,
    "discs with themselves; pycocotools encodes them first",
    ((10, 100, 120), (30, 480, 640), (100, 480, 640)),
)
def mask_iou(size: Size) -> Case:
    masks = discs(*size)

    def peer() -> np.ndarray:
        coded = codes(masks)
        return pycocotools.mask.iou(coded, coded, [0] * len(coded))

    return Case(in_words(size), size[0], partial(ops.mask_iou, masks, masks), {"pycocotools": peer})


@row(
    GROUP,
    "masks of 28 x 28, boxes up to half the image",
    PASTED,
    between=((20, 480, 640),),
    forward=(1.3, 0.8, 0.8),
)
def paste_masks(size: Size) -> Case:
    count, height, width = size
    share = torch.rand(count, 4, generator=chance(0))
    corner = share[:, :2] * torch.tensor([width * 0.8, height * 0.8])
    boxes = torch.cat([corner, corner + 4 + share[:, 2:] * torch.tensor([width, height]) / 2], 1)
    boxes = torch.minimum(boxes, torch.tensor([width, height] * 2))
    peers = {"torchvision": lambda masks: paste_masks_in_image(masks, boxes, (height, width))}
    ours = lambda masks: ops.paste_masks(masks, boxes, (height, width))  # noqa: E731
    leaves = (torch.rand(count, 1, 28, 28, generator=chance(1)),)
    return Case(in_words(size), count * height * width, ours, peers, leaves)


@row(GROUP, "discs, 2 pixels wide", SIZES)
def mask_boundary(size: Size) -> Case:
    masks = discs(*size)

    def eroded() -> np.ndarray:
        inner = [scipy.ndimage.binary_erosion(mask, np.ones((3, 3)), iterations=2) for mask in masks.numpy()]
        return masks.numpy() & ~np.array(inner)

    return Case(in_words(size), size[0], partial(ops.mask_boundary, masks, 2), {"SciPy": eroded})
