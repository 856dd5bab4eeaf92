"""Matching of anchors and queries with objects, against torchvision and SciPy."""

from functools import partial

import torch
import torchvision.ops as peer
from compare import Case, row
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torchvision.models.detection._utils import BalancedPositiveNegativeSampler, Matcher, SSDMatcher

from coursekit import ops
from coursekit.ops import Match
from rows.inputs import chance, random_boxes

GROUP = "Matching"
SIZES = ((10, 768), (20, 20000), (50, 160000))  # objects, anchors
EVERYWHERE = "objects x anchors of 5 to 100 pixels anywhere in 300 x 500"


def as_index(match: Match) -> Tensor:
    """One index with -1 for negative and -2 for ignored, as torchvision writes it."""
    return torch.where(match.positive, match.target, torch.where(match.negative, -1, -2))


def as_torchvision(match: Match, index: Tensor) -> float:
    return float((as_index(match) != index).sum())


@row(
    GROUP,
    EVERYWHERE + "; IoU and matching together, with low-quality matches",
    SIZES,
    between=((15, 4000), (40, 60000)),
    forward=(0.75, 0.75, 0.75),
)
def match_by_iou(size: tuple[int, int]) -> Case:
    objects, anchors = random_boxes(size[0], 0), random_boxes(size[1], 1)
    matcher = Matcher(0.7, 0.3, allow_low_quality_matches=True)
    return Case(
        f"{size[0]} x {size[1]}",
        size[1],
        lambda: ops.match_by_iou(ops.box_iou(objects, anchors), 0.7, 0.3, True),
        {"torchvision": lambda: matcher(peer.box_iou(objects, anchors))},
        difference=as_torchvision,
    )


@row(GROUP, EVERYWHERE + "; a threshold of 0.5, then each object claims its best", SIZES)
def claim_best(size: tuple[int, int]) -> Case:
    iou = ops.box_iou(random_boxes(size[0], 0), random_boxes(size[1], 1))
    peers = {"torchvision": partial(SSDMatcher(0.5), iou)}
    ours = lambda: ops.claim_best(ops.match_by_iou(iou, 0.5, 0.5), iou)  # noqa: E731
    return Case(f"{size[0]} x {size[1]}", size[1], ours, peers, difference=as_torchvision)


@row(
    GROUP,
    "objects x a grid of cells; the peer is a plain loop over the objects",
    ((5, 7), (50, 28), (500, 112)),
)
def match_by_cell(size: tuple[int, int]) -> Case:
    count, side = size
    boxes = random_boxes(count, 0)

    def loop() -> Tensor:
        found = [-1] * side**2
        for index, (x1, y1, x2, y2) in reversed(list(enumerate(boxes.tolist()))):
            row, column = int((y1 + y2) / 2 * side / 300), int((x1 + x2) / 2 * side / 500)
            found[row * side + column] = index  # the first object of a cell is written last
        return torch.tensor(found)

    ours = partial(ops.match_by_cell, boxes, (300, 500), (side, side))
    return Case(f"{count} in {side}²", count, ours, {"plain loop": loop}, difference=as_torchvision)


@row(GROUP, "random costs of objects x queries", ((5, 50), (20, 100), (100, 900)))
def match_by_cost(size: tuple[int, int]) -> Case:
    cost = torch.rand(size, generator=chance(0))

    def total(match: Match, pairs: tuple) -> float:
        chosen = cost[match.target[match.positive], match.positive.nonzero()[:, 0]]
        return abs(chosen.sum().item() - cost[pairs].sum().item())

    peers = {"SciPy": lambda: linear_sum_assignment(cost.numpy())}
    return Case(f"{size[0]} x {size[1]}", size[1], partial(ops.match_by_cost, cost), peers, difference=total)


@row(GROUP, "256 of the candidates, a quarter positive", (1000, 20000, 160000))
def balanced_sample(n: int) -> Case:
    match = ops.match_by_iou(torch.rand(1, n, generator=chance(0)), 0.7, 0.3)
    labels = [torch.where(match.positive, 1, torch.where(match.negative, 0, -1)).float()]

    def sizes(ours: Match, theirs: tuple) -> float:
        return float(sum(abs(a.sum() - b[0].sum()) for a, b in zip(ours[1:], theirs, strict=True)))

    ours = partial(ops.balanced_sample, match, 256, 0.25)
    peers = {"torchvision": partial(BalancedPositiveNegativeSampler(256, 0.25), labels)}
    return Case(f"{n}", n, ours, peers, difference=sizes)
