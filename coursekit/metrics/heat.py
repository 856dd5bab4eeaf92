"""Scores of a heat map against the box of the object that it should show."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.ops import box_iou, masks_to_boxes
from coursekit.ops.argument import expect, expect_image_size


class HeatScores(NamedTuple):
    """How well a heat map finds one object."""

    peak_inside: bool  # the hottest place lies in the box
    share: float  # of the heat that lies in the box, in [0, 1]
    chance: float  # the share of a map that is equally warm everywhere: that of the box in the image
    iou: float  # of the box with the box around all that is at least half as hot as the hottest place


def heat_scores(heat: Tensor, box: Tensor, size: tuple[int, int]) -> HeatScores:
    """Score a heat map against the true box of its object; a map without heat finds nothing.

    The map is enlarged bilinearly to the size of the image first.

    Shapes: (h, w) of numbers from 0, (4,) xyxy pixels.
    Args:
        size: (height, width) of the image in pixels.
    Raises:
        ValueError: the heat is negative, not finite or without a pixel, or a box or a size of another form.
    Source: the pointing game of Zhang et al., 2016, arXiv:1608.00507; the box around a thresholded map of Zhou et
        al., "Learning Deep Features for Discriminative Localization", 2016, arXiv:1512.04150.

    >>> heat_scores(torch.tensor([[0.0, 0, 1, 1]]), torch.tensor([4.0, 0, 8, 2]), (2, 8))
    HeatScores(peak_inside=True, share=0.9375, chance=0.5, iou=1.0)
    """
    expect("heat", heat, "(h, w)")
    expect("box", box, "(4,)")
    expect_image_size("size", size)
    if not heat.numel() or not min(size) >= 1:
        raise ValueError(f"the heat {tuple(heat.shape)} or the image {tuple(size)} has no pixel.")
    if not heat.isfinite().all() or (heat < 0).any():
        raise ValueError("the heat must be finite and not negative: give probabilities, not logits.")
    whole = F.interpolate(heat[None, None].float(), size, mode="bilinear", align_corners=False)
    large = whole[0, 0]  # (H, W)
    rows, columns = torch.arange(size[0])[:, None] + 0.5, torch.arange(size[1]) + 0.5
    x1, y1, x2, y2 = box.tolist()
    inside = (rows > y1) & (rows < y2) & (columns > x1) & (columns < x2)  # (H, W)
    chance = inside.float().mean().item()
    if not large.any():
        return HeatScores(False, 0.0, chance, 0.0)
    around = masks_to_boxes((large >= large.max() / 2)[None])  # (1, 4)
    share = (large * inside).sum() / large.sum()
    iou = box_iou(around, box[None].float())
    return HeatScores(bool(inside.flatten()[large.argmax()]), share.item(), chance, iou.item())
