"""Collages: objects cut out of rendered scenes by their masks, put on backgrounds that no renderer made.

A detector that knows only rendered tables takes a white page for an object. In collages the objects are all that
stays the same: they are of any size, turned, mirrored, alone or in a heap, on white, on a colour, on a photograph.
Source: Dwibedi et al., "Cut, Paste and Learn", 2017, arXiv:1708.01642.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from coursekit.data.coco import CocoDataset
from coursekit.data.photometric import blurred, chance, uniform
from coursekit.ops import masks_to_boxes
from coursekit.schema import Target

LEAST_SIDE = 24  # pixels: smaller objects are too coarse to be cut out
MOST_OCCLUDED = 0.05  # share of an object that may be hidden
LARGEST_ZOOM = 2.0  # an object is not made larger than this
LEAST_VISIBLE = 0.3  # share of an object: with less of it in sight it is not annotated
LEAST_PIXELS = 40


class Cutout(NamedTuple):
    """One object without its scene."""

    pixels: Tensor  # (3, h, w) uint8
    mask: Tensor  # (h, w) bool
    label: int


class Placed(NamedTuple):
    """One object as it lies in a collage, alone."""

    pixels: Tensor  # (3, H, W) in [0, 1]
    alpha: Tensor  # (H, W) in [0, 1]
    label: int  # 0 for what is no object


def cutouts(scenes: CocoDataset) -> list[Cutout]:
    """Return the objects of scenes with masks that are whole: neither hidden nor cut by the edge of the image."""
    rows = defaultdict(list)
    for row in scenes.annotations["annotations"]:
        rows[row["image_id"]].append(row.get("occlusion", 0.0))
    found = []
    for i, entry in enumerate(scenes.annotations["images"]):
        image, target = scenes[i]
        for k, hidden in enumerate(rows[entry["id"]]):
            x1, y1, x2, y2 = (round(x) for x in target["boxes"][k].tolist())
            whole = x1 > 0 and y1 > 0 and x2 < entry["width"] and y2 < entry["height"]
            if whole and hidden <= MOST_OCCLUDED and max(x2 - x1, y2 - y1) >= LEAST_SIDE:
                pixels = (image[:, y1:y2, x1:x2] * 255).round().to(torch.uint8)
                found.append(
                    Cutout(pixels, target["masks"][k, y1:y2, x1:x2].clone(), int(target["labels"][k]))
                )
    return found


def place(cutout: Cutout, size: tuple[int, int], side: float, generator: Generator) -> Placed:
    """Return a cut-out at a random place of a canvas of `size`, its longer side `side` pixels, mirrored and turned."""
    mask = cutout.mask.float()[None]  # (1, h, w)
    soft = (2 * F.avg_pool2d(F.pad(mask, (1, 1, 1, 1))[None], 3, 1)[0] - 1).clamp(
        0, 1
    )  # without the outermost pixels
    maps = torch.cat([cutout.pixels / 255, soft])  # (4, h, w)
    if chance(0.5, generator):
        maps = maps.flip(-1)
    zoom = min(side / max(maps.shape[1:]), LARGEST_ZOOM)
    stretch = math.exp(uniform(-0.12, 0.12, generator))
    new = [
        max(4, round(old * zoom * factor))
        for old, factor in zip(maps.shape[1:], (stretch, 1 / stretch), strict=True)
    ]
    maps = F.interpolate(maps[None], new, mode="bilinear", antialias=True)[0]
    limit = 180 if chance(0.25, generator) else 40
    maps = turned(maps, uniform(-limit, limit, generator))
    canvas = onto(maps, size, generator)
    return Placed(canvas[:3], canvas[3], cutout.label)


def turned(maps: Tensor, degrees: float) -> Tensor:
    """Return maps (C, h, w) turned about their centre, large enough to hold all of them, zeros outside.

    >>> turned(torch.ones(1, 4, 10), 90).shape
    torch.Size([1, 10, 4])
    """
    angle, (height, width) = math.radians(degrees), maps.shape[1:]
    cosine, sine = math.cos(angle), math.sin(angle)
    rows = math.ceil(abs(sine) * width + abs(cosine) * height - 1e-6)
    columns = math.ceil(abs(cosine) * width + abs(sine) * height - 1e-6)
    theta = torch.tensor(
        [
            [cosine * columns / width, -sine * rows / width, 0],
            [sine * columns / height, cosine * rows / height, 0],
        ]
    )
    grid = F.affine_grid(theta[None], [1, len(maps), rows, columns], align_corners=False)
    return F.grid_sample(maps[None], grid, mode="bilinear", align_corners=False)[0]


def onto(maps: Tensor, size: tuple[int, int], generator: Generator) -> Tensor:
    """Return maps (C, h, w) at a random place of an empty canvas (C, *size), of which they leave a little at most."""
    canvas = maps.new_zeros(len(maps), *size)
    spans = []
    for length, room in zip(maps.shape[1:], size, strict=True):
        over = 0.12 * length
        low, high = sorted((-over, room - length + over))
        start = round(uniform(low, high, generator))
        first, last = max(start, 0), min(start + length, room)
        spans.append((slice(first, last), slice(first - start, last - start)))
    (rows, from_rows), (columns, from_columns) = spans
    canvas[:, rows, columns] = maps[:, from_rows, from_columns]
    return canvas


def compose(background: Tensor, parts: Sequence[Placed], generator: Generator) -> tuple[Tensor, Target]:
    """Return the background with all parts on it, the last on top, and the boxes of those that can be seen.

    Some throw a soft shadow, which is not part of the object.
    """
    image, masks = background.clone(), list[Tensor]()
    for part in parts:
        if chance(0.4, generator):
            image = image * (1 - shadow(part.alpha, generator))
        image = image + part.alpha * (part.pixels - image)
        solid = part.alpha > 0.5
        masks = [mask & ~solid for mask in masks] + [solid]
    visible = [
        k
        for k, (mask, part) in enumerate(zip(masks, parts, strict=True))
        if part.label and mask.sum() >= max(LEAST_PIXELS, LEAST_VISIBLE * float((part.alpha > 0.5).sum()))
    ]
    stacked = torch.stack([masks[k] for k in visible]) if visible else torch.zeros(0, *image.shape[1:]).bool()
    labels = torch.tensor([parts[k].label for k in visible], dtype=torch.int64)
    return image.clamp(0, 1), {"boxes": masks_to_boxes(stacked).float(), "labels": labels}


def shadow(alpha: Tensor, generator: Generator) -> Tensor:
    """Return how much darker the ground is near an object: (H, W) in [0, 1]."""
    soft = blurred(alpha[None], uniform(1.5, 6, generator))[0]
    down, across = (round(uniform(low, 8, generator)) for low in (0, -8))
    return uniform(0.15, 0.6, generator) * soft.roll((down, across), (0, 1))


def background(size: tuple[int, int], photographs: Sequence[Tensor], generator: Generator) -> Tensor:
    """Return a background (3, *size): white, a colour, a gradient of two colours, or part of a photograph."""
    kind = uniform(0, 1, generator)
    if kind < 0.4 or not photographs:
        tint = 0.06 * torch.rand(3, 1, 1, generator=generator) * float(chance(0.3, generator))
        return (1 - tint).expand(3, *size).clone()
    if kind < 0.65:
        first, second = 0.25 + 0.75 * torch.rand(2, 3, 1, 1, generator=generator)
        if kind < 0.53:
            second = first
        along = (
            torch.linspace(0, 1, size[0])[:, None]
            if chance(0.5, generator)
            else torch.linspace(0, 1, size[1])
        )
        return (first + along * (second - first)).expand(3, *size).clone()
    return part_of(photographs[int(uniform(0, len(photographs) - 1e-6, generator))], size, generator)


def part_of(photograph: Tensor, size: tuple[int, int], generator: Generator) -> Tensor:
    """Return a random part of a photograph, at a random scale, mirrored or not: (3, *size)."""
    height, width = photograph.shape[1:]
    most = min(height / size[0], width / size[1])
    scale = math.exp(
        uniform(math.log(0.25 * most), math.log(most), generator)
    )  # pixels of it for one of ours
    rows, columns = (max(2, int(scale * side)) for side in size)
    top, left = (int(uniform(0, room + 1 - 1e-6, generator)) for room in (height - rows, width - columns))
    part = photograph[:, top : top + rows, left : left + columns]
    part = F.interpolate(part[None], size, mode="bilinear", antialias=True)[0]
    return part.flip(-1) if chance(0.5, generator) else part


def distractor(size: tuple[int, int], photographs: Sequence[Tensor], generator: Generator) -> Placed:
    """Return an ellipse filled with part of a photograph: an object that the detector does not know."""
    sides = [max(6, round(uniform(0.1, 0.5, generator) * room)) for room in size]
    texture = part_of(
        photographs[int(uniform(0, len(photographs) - 1e-6, generator))], (sides[0], sides[1]), generator
    )
    down, across = (torch.linspace(-1, 1, side) for side in sides)
    inside = ((1 - down[:, None] ** 2 - across**2) * min(sides) / 4).clamp(0, 1)  # (h, w)
    maps = turned(torch.cat([texture, inside[None]]), uniform(-90, 90, generator))
    canvas = onto(maps, size, generator)
    return Placed(canvas[:3], canvas[3], 0)
