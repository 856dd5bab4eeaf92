"""Rotated boxes, against shapely."""

from functools import partial

import shapely
import torch
from compare import Case, other_members, row
from torch import Tensor

from coursekit import ops
from rows.inputs import chance, discs, distinct_scores

GROUP = "Rotated boxes"
ANYWHERE = "sides of 5 to 100 pixels, any angle, anywhere in 300 x 500"


def rotated_boxes(count: int, seed: int) -> Tensor:
    share = torch.rand(count, 5, generator=chance(seed))
    return share * torch.tensor([500.0, 300, 95, 95, 180]) + torch.tensor([0.0, 0, 5, 5, 0])


def polygons(boxes: Tensor) -> list:
    return shapely.polygons(ops.rotated_box_corners(boxes.double()).numpy())


def iou_of(first: list, second: list) -> Tensor:
    first, second = first[:, None], second[None]
    both = shapely.area(shapely.intersection(first, second))
    return torch.from_numpy(both / (shapely.area(first) + shapely.area(second) - both)).float()


@row(GROUP, ANYWHERE + "; polygons are made beforehand", (100, 1000), covers=("rotated_box_corners",))
def rotated_box_iou(n: int) -> Case:
    boxes = rotated_boxes(n, 0), rotated_boxes(100, 1)
    peers = {"shapely": partial(iou_of, *map(polygons, boxes))}
    return Case(f"{n} x 100", n, partial(ops.rotated_box_iou, *boxes), peers)


@row(GROUP, ANYWHERE + ", IoU 0.3; the peer is a plain loop", (100, 500))
def rotated_nms(n: int) -> Case:
    boxes, scores = rotated_boxes(n, 0), distinct_scores(n, 1)
    shapes = polygons(boxes)

    def loop() -> Tensor:
        rivals, kept = iou_of(shapes, shapes) > 0.3, []
        for i in scores.argsort(descending=True).tolist():
            if not any(rivals[i, k] for k in kept):
                kept.append(i)
        return torch.tensor(kept)

    return Case(
        f"{n}", n, partial(ops.rotated_nms, boxes, scores, 0.3), {"loop": loop}, difference=other_members
    )


@row(GROUP, "discs of 120 x 160, areas compared; the peer is given the corners of the pixels", (3, 30))
def masks_to_rotated_boxes(n: int) -> Case:
    masks = discs(n, 120, 160)
    pixels = [mask.nonzero().flip(1).float() for mask in masks]
    offsets = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    points = [shapely.multipoints((each[:, None] + offsets).reshape(-1, 2).numpy()) for each in pixels]

    def theirs() -> Tensor:
        return torch.tensor([shapely.minimum_rotated_rectangle(each).area for each in points])

    def differ(ours: Tensor, areas: Tensor) -> float:
        return float((ours[:, 2:4].prod(1) / areas - 1).abs().max())

    return Case(f"{n}", n, partial(ops.masks_to_rotated_boxes, masks), {"shapely": theirs}, difference=differ)
