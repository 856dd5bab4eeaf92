"""Boxes and anchors, against torchvision."""

from functools import partial

import torch
import torchvision.ops as peer
from compare import Case, row
from torch import Tensor
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.anchor_utils import AnchorGenerator, DefaultBoxGenerator
from torchvision.models.detection.image_list import ImageList

from coursekit import ops
from rows.inputs import random_boxes

GROUP = "Boxes and anchors"
SIZES = (100, 1000, 20000)
WEIGHTS = (10.0, 10.0, 5.0, 5.0)
FORMATS = (("xyxy", "cxcywh"), ("cxcywh", "xyxy"), ("xywh", "xyxy"))
EVERYWHERE = "boxes of 5 to 100 pixels anywhere in 300 x 500"


def pairs(name: str, n: int) -> Case:
    """N boxes against 100."""
    leaves = random_boxes(n, 0), random_boxes(100, 1)
    return Case(f"{n} x 100", n, getattr(ops, name), {"torchvision": getattr(peer, name)}, leaves)


@row(
    GROUP,
    EVERYWHERE,
    SIZES,
    between=(300, 4000),
    forward=(0.6, 0.4, 0.4),
    covers=("paired_box_iou",),
)
def box_iou(n: int) -> Case:
    return pairs("box_iou", n)


@row(GROUP, EVERYWHERE, SIZES, gradient=(0.8, 0.8, 0.8), covers=("paired_generalized_box_iou",))
def generalized_box_iou(n: int) -> Case:
    return pairs("generalized_box_iou", n)


@row(GROUP, EVERYWHERE, SIZES)
def distance_box_iou(n: int) -> Case:
    return pairs("distance_box_iou", n)


@row(GROUP, EVERYWHERE, SIZES)
def complete_box_iou(n: int) -> Case:
    return pairs("complete_box_iou", n)


def one_by_one(name: str, n: int, *arguments) -> Case:
    boxes = random_boxes(n, 0)
    ours, theirs = (partial(getattr(module, name), boxes, *arguments) for module in (ops, peer))
    return Case(f"{n}", n, ours, {"torchvision": theirs})


@row(GROUP, EVERYWHERE, SIZES)
def box_area(n: int) -> Case:
    return one_by_one("box_area", n)


def convert(source: str, goal: str, n: int) -> Case:
    return one_by_one("box_convert", n, source, goal)


for formats in FORMATS:
    named = row(
        GROUP, EVERYWHERE, SIZES, name="box_convert {} to {}".format(*formats), covers=["box_convert"]
    )
    named(partial(convert, *formats))


@row(GROUP, EVERYWHERE + ", clipped to 250 x 400", SIZES)
def clip_boxes_to_image(n: int) -> Case:
    return one_by_one("clip_boxes_to_image", n, (250, 400))


@row(GROUP, EVERYWHERE, SIZES)
def remove_small_boxes(n: int) -> Case:
    return one_by_one("remove_small_boxes", n, 30.0)


def coder_inputs(n: int) -> tuple[Tensor, Tensor]:
    return random_boxes(n, 0), random_boxes(n, 2)


@row(GROUP, EVERYWHERE, SIZES, forward=(1.5, 1.5, 1.5))
def encode_boxes(n: int) -> Case:
    peers = {"torchvision": BoxCoder(WEIGHTS).encode_single}
    return Case(f"{n}", n, partial(ops.encode_boxes, weights=WEIGHTS), peers, coder_inputs(n))


@row(GROUP, "offsets that lead from such boxes to others", SIZES, forward=(1.5, 1.5, 1.5))
def decode_boxes(n: int) -> Case:
    target, start = coder_inputs(n)
    leaves = ops.encode_boxes(target, start, WEIGHTS), start
    peers = {"torchvision": BoxCoder(WEIGHTS).decode_single}
    return Case(f"{n}", n, partial(ops.decode_boxes, weights=WEIGHTS), peers, leaves)


@row(
    GROUP,
    "3 ratios on each level of a pyramid for a square image",
    ((256, (16,)), (512, (8, 16, 32)), (768, (4, 8, 16, 32, 64))),
    covers=("cell_anchors", "grid_centers"),
    forward=(1.5, 1.5, 1.5),
)
def grid_anchors(size: tuple[int, tuple[int, ...]]) -> Case:
    side, strides = size
    ratios, maps = (0.5, 1.0, 2.0), [(-(-side // stride),) * 2 for stride in strides]
    generator = AnchorGenerator(tuple((4 * stride,) for stride in strides), (ratios,) * len(strides))
    cells = [ops.cell_anchors((4 * stride,), ratios).round() for stride in strides]
    images, features = blank_images(side), [torch.zeros(1, 1, *map) for map in maps]

    def ours() -> Tensor:
        levels = zip(cells, maps, strides, strict=True)
        return torch.cat([ops.grid_anchors(cell, map, stride, offset=0) for cell, map, stride in levels])

    count = len(ours())
    return Case(f"{count} anchors", count, ours, {"torchvision": lambda: generator(images, features)[0]})


@row(
    GROUP,
    "SSD300's ratios on the finest 2, 4 and 6 maps",
    (2, 4, 6),
    covers=("default_box_scales",),
    forward=(1.5, 1.5, 1.5),
)
def default_boxes(levels: int) -> Case:
    ratios = [[2], [2, 3], [2, 3], [2, 3], [2], [2]][:levels]
    maps = [(side, side) for side in (38, 19, 10, 5, 3, 1)[:levels]]
    generator, images = DefaultBoxGenerator(ratios), blank_images(300)
    features = [torch.zeros(1, 1, *map) for map in maps]
    ours = partial(ops.default_boxes, maps, (300, 300), ratios)
    count = len(ours())
    return Case(f"{count} boxes", count, ours, {"torchvision": lambda: generator(images, features)[0]})


def blank_images(side: int) -> ImageList:
    return ImageList(torch.zeros(1, 3, side, side), [(side, side)])
