"""An anchor, weights and centres for the exercises on offsets in lab 04."""

from torch import Tensor

from classroom.exercises.cases import boxes

Weights = tuple[float, float, float, float]
ONES = (1.0, 1.0, 1.0, 1.0)
SSD_WEIGHTS = (10.0, 10.0, 5.0, 5.0)
FOUR_WEIGHTS = (2.0, 3.0, 5.0, 7.0)
ANCHOR = boxes((10, 10, 30, 20))


def centre_and_sides(corners: Tensor) -> tuple[Tensor, Tensor]:
    """Centres and sides: (..., 4) -> (..., 2), (..., 2)."""
    return (corners[..., :2] + corners[..., 2:]) / 2, corners[..., 2:] - corners[..., :2]
