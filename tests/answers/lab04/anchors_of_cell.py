"""Answers to `anchors_of_cell` (lab 04), written from the student's notebook alone."""

import math

import torch
import torchvision
from torch import Tensor


def right_by_broadcasting(side: float, ratios: tuple[float, ...]) -> Tensor:
    """Width side / root of the ratio, height side times it; half of each to both sides of (0, 0)."""
    root = torch.tensor(ratios, dtype=torch.float32).sqrt()
    half = torch.stack([side / root, side * root], 1) / 2
    return torch.cat([-half, half], 1)


def right_by_loops(side: float, ratios: tuple[float, ...]) -> Tensor:
    """Box by box in plain numbers; no ratios give a table without rows."""
    rows = []
    for ratio in ratios:
        width = side / math.sqrt(ratio)
        height = width * ratio
        rows.append((-width / 2, -height / 2, width / 2, height / 2))
    return torch.tensor(rows).reshape(-1, 4)


def right_by_area(side: float, ratios: tuple[float, ...]) -> Tensor:
    """From the two conditions h = r w and w h = side²; inside in double precision."""
    ratio = torch.tensor(ratios, dtype=torch.float64)
    area = float(side) ** 2
    width, height = (area / ratio).sqrt(), (area * ratio).sqrt()
    return torch.stack([-width, -height, width, height], dim=-1).div(2).float()


def right_by_logarithms(side: float, ratios: tuple[float, ...]) -> Tensor:
    """Half of the logarithm goes to the height, the other half is taken from the width."""
    turn = 0.5 * torch.as_tensor(ratios, dtype=torch.float32).log()
    signs = torch.tensor([-1.0, 1.0])
    return (side / 2 * (signs * turn[:, None]).exp()).repeat(1, 2) * torch.tensor([-1.0, -1.0, 1.0, 1.0])


def right_by_conversion(side: float, ratios: tuple[float, ...]) -> Tensor:
    """Centre, width and height, converted by torchvision."""
    root = torch.tensor([ratio**0.5 for ratio in ratios])
    zero = torch.zeros_like(root)
    return torchvision.ops.box_convert(
        torch.stack([zero, zero, side / root, side * root], 1), "cxcywh", "xyxy"
    )


def _boxes(width, height):
    return torch.stack([-width, -height, width, height], 1) / 2


def wrong_width_over_height(side, ratios):
    """Takes the ratio for width / height: a standing box lies, for every ratio but 1."""
    root = torch.tensor(ratios, dtype=torch.float32).sqrt()
    return _boxes(side * root, side / root)


def wrong_no_root(side, ratios):
    """The area is side², but the ratio becomes r²: wrong for every ratio but 1."""
    ratio = torch.tensor(ratios, dtype=torch.float32)
    return _boxes(side / ratio, side * ratio)


def wrong_only_the_height_changes(side, ratios):
    """Width stays `side`, so the area is r side²: wrong for every ratio but 1."""
    ratio = torch.tensor(ratios, dtype=torch.float32)
    return _boxes(torch.full_like(ratio, side), side * ratio)


def wrong_only_the_width_changes(side, ratios):
    """Height stays `side`, so the area is side² / r: wrong for every ratio but 1."""
    ratio = torch.tensor(ratios, dtype=torch.float32)
    return _boxes(side / ratio, torch.full_like(ratio, side))


def wrong_longer_side(side, ratios):
    """Makes the longer side `side` and shrinks the other one:
    the areas differ as soon as a ratio is not 1.
    """
    ratio = torch.tensor(ratios, dtype=torch.float32)
    return _boxes(side / ratio.clamp(min=1), side * ratio.clamp(max=1))


def wrong_corner_at_the_origin(side, ratios):
    """Boxes from (0, 0) to (w, h): their corner is at the origin, not their centre."""
    root = torch.tensor(ratios, dtype=torch.float32).sqrt()
    zero = torch.zeros_like(root)
    return torch.stack([zero, zero, side / root, side * root], 1)


def wrong_not_halved(side, ratios):
    """From -w to w: twice as wide and high as asked for."""
    root = torch.tensor(ratios, dtype=torch.float32).sqrt()
    return 2 * _boxes(side / root, side * root)


def wrong_format(side, ratios):
    """Negative half and then width and height, x y w h: not two corners."""
    root = torch.tensor(ratios, dtype=torch.float32).sqrt()
    width, height = side / root, side * root
    return torch.stack([-width / 2, -height / 2, width, height], 1)


def wrong_side_is_the_area(side, ratios):
    """Takes `side` for the area: wrong for every side but 1."""
    ratio = torch.tensor(ratios, dtype=torch.float32)
    return _boxes((side / ratio).sqrt(), (side * ratio).sqrt())


def wrong_whole_pixels(side, ratios):
    """Rounds to whole pixels, as the first implementations did: then the areas of a side of 40 differ."""
    root = torch.tensor(ratios, dtype=torch.float32).sqrt()
    return _boxes((side / root).round(), (side * root).round())


def wrong_axis(side, ratios):
    """Stacks along the first axis: (4, R) and not (R, 4)."""
    root = torch.tensor(ratios, dtype=torch.float32).sqrt()
    width, height = side / root / 2, side * root / 2
    return torch.stack([-width, -height, width, height])
