"""Lab 09, section 4: heat maps and their targets, from one cell to two images."""

import torch
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case
from coursekit import ops


def _heat(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor([rows])  # (1, h, w)


_NEAR = (_heat((0.0, 0.0, 0.0)), _heat((0.0, 0.5, 1.0)))
_EXTREME = (_heat((60.0, -60.0, 60.0, -60.0)), _heat((1.0, 1.0, 0.0, 0.25)))
_POINTS = torch.tensor([[2, 1], [4, 3], [6, 2]])
_MAP = ops.draw_gaussians(_POINTS, torch.tensor([2.0, 1.0, 2.0]), torch.tensor([0, 0, 1]), (2, 5, 8))[None]
_LOGITS = normal(1, 2, 5, 8, seed=3) * 2 - 1

HEAT = (
    Case("an undecided cell on the object", (_heat((0.0,)), _heat((1.0,)))),
    Case("an undecided cell of background", (_heat((0.0, 0.0)), _heat((0.0, 1.0)))),
    Case("beside the object", _NEAR),
    Case("a missed object", (_heat((-3.0, -4.0)), _heat((1.0, 0.0)))),
    Case("no objects", (_heat((-2.0, 0.5, 1.0)), _heat((0.0, 0.0, 0.0)))),
    Case("a different alpha", (*_NEAR, 1.0)),
    Case("a different beta", (*_NEAR, 2.0, 1.0)),
    Case("very confident, right and wrong", _EXTREME),
    Case("two classes, three objects", (_LOGITS, _MAP)),
    Case("two images", (normal(2, 2, 5, 8, seed=8), torch.cat([_MAP, 0.3 * _MAP]))),
    Case("the gradient", (_LOGITS, _MAP), (0,)),
    Case("the gradient of very confident cells", _EXTREME, (0,)),
)
