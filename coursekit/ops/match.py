"""Matching: which object each candidate (anchor, grid cell, query) is trained to find.

In all pairwise tables of this file the rows are objects and the columns candidates: `box_iou(objects, anchors)`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from coursekit.ops.argument import PIXELS, expect, expect_image_size
from coursekit.ops.box import upcast


class Match(NamedTuple):
    """What each of A candidates is trained on; one that is neither positive nor negative is ignored.

    target: (A,) int64, the object's index; meant only where `positive` is true (and 0 where there are no objects).
    positive: (A,) bool, trained to find its target.
    negative: (A,) bool, trained to say "background". Never both.
    """

    target: Tensor
    positive: Tensor
    negative: Tensor


def match_by_iou(
    iou: Tensor, high_threshold: float, low_threshold: float, allow_low_quality_matches: bool = False
) -> Match:
    """Return the match of each candidate with the object that it overlaps most, when it overlaps enough.

    Shapes: (G, A) -> Match of (A,).
    Args:
        iou: overlap of every object with every candidate.
        high_threshold: from here on a candidate is positive.
        low_threshold: below it is negative; in between it is ignored.
        allow_low_quality_matches: the candidates that overlap an object most, ties included, are positive however
            little it is; the target of each stays the object that *it* overlaps most.
    Raises:
        ValueError: a table that is not two-dimensional, NaN in it, or thresholds in the wrong order.
    Like torchvision's `Matcher`, but an object that meets no candidate rescues none (there all with IoU 0), and an
    image without objects makes all candidates negative (there an error).
    Source: Ren et al., "Faster R-CNN", 2015, section 3.1.2, arXiv:1506.01497.

    >>> match_by_iou(torch.tensor([[0.8, 0.4, 0.1], [0.0, 0.0, 0.2]]), 0.7, 0.3).positive
    tensor([ True, False, False])
    >>> match_by_iou(torch.tensor([[0.8, 0.4, 0.1], [0.0, 0.0, 0.2]]), 0.7, 0.3, True).positive
    tensor([ True, False,  True])
    """
    _check_table("IoU", iou)
    if not low_threshold <= high_threshold:
        raise ValueError(f"the low threshold {low_threshold} lies above the high one, {high_threshold}.")
    if iou.numel() == 0:
        return _all_negative(iou)
    best, target = iou.max(0)
    _check_no_nan("IoU", best)
    positive, negative = best >= high_threshold, best < low_threshold
    if allow_low_quality_matches:
        best_of_object = iou.max(1, keepdim=True).values
        best_of_object = torch.where(best_of_object > 0, best_of_object, torch.inf)  # none met, none rescued
        positive = positive | (iou == best_of_object).any(0)
    return Match(target, positive, negative & ~positive)


def claim_best(match: Match, iou: Tensor) -> Match:
    """Return the match in which, besides, each object has the candidate that it overlaps most.

    Of several objects with one best candidate the last has it; an object that meets no candidate has none.

    Shapes: Match of (A,), (G, A) -> Match of (A,).
    Raises:
        ValueError: a table that does not fit, or NaN in it.
    Like torchvision's `SSDMatcher` after its threshold, but without candidates of IoU 0.
    Source: Liu et al., "SSD", 2016, section 2.2 "Matching strategy", arXiv:1512.02325.

    >>> iou = torch.tensor([[0.8, 0.4, 0.1], [0.0, 0.3, 0.2]])
    >>> claim_best(match_by_iou(iou, 0.5, 0.5), iou).target
    tensor([0, 1, 1])
    """
    _check_table("IoU", iou)
    if iou.shape[1] != len(match.target):
        raise ValueError(f"the match is of {len(match.target)} candidates, the IoU table of {iou.shape[1]}.")
    if iou.numel() == 0:
        return match
    best, claimed = iou.max(1)  # (G,), (G,)
    _check_no_nan("IoU", best)
    meets = (best > 0).nonzero()[:, 0]  # the objects that meet a candidate
    nobody = torch.full_like(match.target, -1)
    claim = nobody.scatter_reduce(0, claimed[meets], meets, "amax")  # (A,): of several the last
    wanted = claim >= 0
    target = torch.where(wanted, claim, match.target)
    return Match(target, match.positive | wanted, match.negative & ~wanted)


def match_by_cell(boxes: Tensor, image_size: tuple[int, int], grid_size: tuple[int, int]) -> Match:
    """Return the match of each grid cell with the object whose centre lies in it; all other cells are negative.

    A centre on a line between cells belongs to the cell after it, on the right or lower border of the image to the
    last. Of several objects in one cell the first is found; `len(boxes) - positive.sum()` are lost.

    Shapes: (G, 4) -> Match of (h * w,), row by row as in `grid_centers`.
    Args:
        image_size: (height, width) of the image.
        grid_size: (h, w), rows and columns of cells.
    Raises:
        ValueError: a box whose centre is outside the image, boxes of another shape, or a grid without cells.
    Source: Redmon et al., "You Only Look Once", 2016, section 2, arXiv:1506.02640.

    >>> match_by_cell(torch.tensor([[20.0, 0.0, 60.0, 10.0]]), (20, 60), (1, 3)).positive
    tensor([False, False,  True])
    """
    expect("boxes", boxes, "(G, 4)")
    expect_image_size("image_size", image_size)
    if len(grid_size) != 2 or min(grid_size) < 1:
        raise ValueError(
            f"the grid is {tuple(grid_size)}: it must have one or more rows and columns of cells."
        )
    boxes = upcast(boxes)
    size = torch.tensor([image_size[1], image_size[0]], device=boxes.device)  # (2,): x, y
    cells = torch.tensor([grid_size[1], grid_size[0]], device=boxes.device)  # (2,)
    center = (boxes[:, :2] + boxes[:, 2:]) / 2  # (G, 2)
    if not ((center >= 0) & (center <= size)).all():
        raise ValueError(f"a box has its centre outside the image of {tuple(image_size)} (height, width).")
    column, row = (center * cells / size).long().minimum(cells - 1).unbind(1)  # (G,), (G,)
    objects = torch.arange(len(boxes), device=boxes.device)
    nobody = torch.full((grid_size[0] * grid_size[1],), len(boxes), device=boxes.device)
    first = nobody.scatter_reduce(0, row * grid_size[1] + column, objects, "amin")  # (h * w,)
    positive = first < len(boxes)
    return Match(torch.where(positive, first, 0), positive, ~positive)


def match_by_cost(cost: Tensor) -> Match:
    """Return the one-to-one match with the smallest total cost (Hungarian); the candidates left over are negative.

    With fewer candidates than objects the most expensive objects stay unmatched. No gradient passes: a match is an index.

    Shapes: (G, Q) -> Match of (Q,).
    Raises:
        ValueError: a table that is not two-dimensional, or costs that are NaN or infinite.
    Source: Carion et al., "DETR", 2020, section 3.1, eq. 1, arXiv:2005.12872. Like scipy's `linear_sum_assignment`.

    >>> match_by_cost(torch.tensor([[1.0, 2.0], [1.5, 10.0]])).target  # greedy would pay 11, this pays 3.5
    tensor([1, 0])
    """
    from scipy.optimize import linear_sum_assignment  # takes longer to import than the rest of this package

    _check_table("cost", cost)
    table = cost.detach().double().cpu().numpy()
    if not np.isfinite(table).all():
        _check_no_nan("cost", cost)
        raise ValueError(
            "the cost table has an infinite entry: use a large finite cost for a forbidden pair."
        )
    objects, candidates = linear_sum_assignment(table)
    target, positive = np.zeros(table.shape[1], np.int64), np.zeros(table.shape[1], bool)
    target[candidates], positive[candidates] = objects, True
    return Match(*(torch.from_numpy(values).to(cost.device) for values in (target, positive, ~positive)))


def balanced_sample(
    match: Match,
    batch_size_per_image: int,
    positive_fraction: float,
    generator: torch.Generator | None = None,
) -> Match:
    """Return the match with a random few of its candidates left; the others are ignored.

    Shapes: Match of (A,) -> Match of (A,).
    Args:
        batch_size_per_image: candidates left altogether, if there are as many.
        positive_fraction: at most this share is positive; negatives fill up what positives are missing.
        generator: the source of chance; the global one without it.
    Raises:
        ValueError: a fraction outside [0, 1] or a negative size.
    Like torchvision's `BalancedPositiveNegativeSampler`, candidate by candidate under the same seed.
    Source: Ren et al., "Faster R-CNN", 2015, section 3.1.3, arXiv:1506.01497.

    >>> match = match_by_iou(torch.linspace(0, 1, 1000)[None], 0.7, 0.3)
    >>> sample = balanced_sample(match, 256, 0.25)
    >>> sample.positive.sum(), sample.negative.sum()
    (tensor(64), tensor(192))
    """
    if not 0 <= positive_fraction <= 1 or batch_size_per_image < 0:
        raise ValueError(
            f"cannot take {batch_size_per_image} candidates, {positive_fraction} of them positive: "
            "the size must be 0 or more, the fraction between 0 and 1."
        )
    positive = _thin_out(match.positive, int(batch_size_per_image * positive_fraction), generator)
    negative = _thin_out(match.negative, batch_size_per_image - int(positive.sum()), generator)
    return Match(match.target, positive, negative)


def matched(values: Sequence[Tensor], matches: Sequence[Match]) -> Tensor:
    """Return what belongs to the object of each positive candidate, such as its box or its label, image after image.

    Shapes: N times (G, ...), N times Match of (A,) -> (P, ...) for the P positive candidates of all images.
    Raises:
        ValueError: no image, or not one match for each.

    >>> match = match_by_iou(torch.tensor([[0.8, 0.1, 0.0], [0.0, 0.1, 0.9]]), 0.5, 0.5)
    >>> matched([torch.tensor([7, 4])], [match])
    tensor([7, 4])
    """
    if not matches or len(values) != len(matches):
        raise ValueError(
            f"there are values of {len(values)} images and matches of {len(matches)}: one of each."
        )
    for place, (of, m) in enumerate(zip(values, matches, strict=True)):
        expect(f"values[{place}]", of, "(G, ...)", PIXELS)
        if m.positive.any() and m.target[m.positive].max() >= len(of):
            raise ValueError(
                f"the match of image {place} names an object that its {len(of)} values do not have."
            )
    return torch.cat([of[m.target[m.positive]] for of, m in zip(values, matches, strict=True)])


def _thin_out(mask: Tensor, most: int, generator: torch.Generator | None) -> Tensor:
    members = mask.nonzero()[:, 0]
    chosen = members[torch.randperm(len(members), generator=generator, device=mask.device)[:most]]
    thinned = torch.zeros_like(mask)
    thinned[chosen] = True
    return thinned


def _all_negative(table: Tensor) -> Match:
    target = torch.zeros(table.shape[1], dtype=torch.int64, device=table.device)
    return Match(target, target > 0, target == 0)


def _check_table(name: str, table: Tensor) -> None:
    expect(f"{name} table", table, "(...)")
    if table.ndim != 2:
        raise ValueError(
            f"the {name} table has shape {tuple(table.shape)}: it must be (objects, candidates)."
        )


def _check_no_nan(name: str, best: Tensor) -> None:
    if best.isnan().any():  # the largest of some numbers is NaN if one of them is
        raise ValueError(f"the {name} table has NaN in it: a box or a score was NaN before it got here.")
