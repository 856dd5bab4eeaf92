"""Boxes to drag, the table of what each pair costs, and every way to pair them."""

from collections.abc import Callable, Sequence
from itertools import permutations

import torch
import traitlets
from torch import Tensor

from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget, rows
from coursekit.ops import generalized_box_iou

MOST = 4  # boxes: 24 ways; no one steps through more


def giou_costs(predicted: Tensor, truth: Tensor) -> Tensor:
    """Return 1 - GIoU of each object with each slot: (S, 4), (G, 4) -> (G, S)."""
    return 1 - generalized_box_iou(truth, predicted)


class SetMatcher(PictureWidget):
    """Steps through all ways to give each object a slot of its own; the slots' boxes can be dragged.

    Args:
        predicted: (S, 4), the box of each slot, xyxy pixels.
        truth: (G, 4), G <= S <= 4, the objects.
        cost: (S, 4), (G, 4) -> (G, S); what it does wrong is shown in words.
        image: (3, H, W) in [0, 1]; plain grey without one.
    Raises:
        ValueError: no object, more objects than slots, or more than four slots.

    >>> far = torch.tensor([[0.0, 0, 40, 40], [100, 0, 140, 40]])
    >>> SetMatcher(far, far.flip(0)).label
    'Way 1 of 2 costs 2.857. The cheapest is way 2: 0.000.'
    """

    _esm = page("set_matcher.js")
    predicted = rows()
    truth = rows()
    costs = rows()
    ways = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    way = traitlets.Int(0).tag(sync=True)
    cheapest = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        predicted: Sequence[Sequence[float]] | Tensor,
        truth: Sequence[Sequence[float]] | Tensor,
        cost: Callable[[Tensor, Tensor], Tensor] = giou_costs,
        image: Tensor | None = None,
    ) -> None:
        predicted, truth = (torch.as_tensor(boxes).detach().tolist() for boxes in (predicted, truth))
        if not 0 < len(truth) <= len(predicted) <= MOST:
            raise ValueError(
                f"There are {len(truth)} objects and {len(predicted)} slots: give at least one object, as many "
                f"slots or more, and at most {MOST}."
            )
        super().__init__(
            image,
            predicted=[[float(round(side)) for side in box] for box in predicted],
            truth=truth,
            ways=[list(way) for way in permutations(range(len(predicted)), len(truth))],
        )
        self.cost = cost
        self.observe(self._compute, ["predicted", "way"])
        self._compute()

    @property
    def slots(self) -> Tensor:
        """The slot of each object in the way that is shown."""
        return torch.tensor(self.ways[self.way])

    def _compute(self, _change: object = None) -> None:
        try:
            table = torch.as_tensor(self.cost(torch.tensor(self.predicted), torch.tensor(self.truth)))
            self.costs = table.detach().tolist()
            totals = [table[range(len(way)), way].sum().item() for way in self.ways]
        except Exception as error:  # the student's own code may raise anything; report it
            self.costs, self.label = [], f"Your cost function raised {type(error).__name__}: {error}"
            return
        self.cheapest = min(range(len(totals)), key=totals.__getitem__)
        self.label = (
            f"Way {self.way + 1} of {len(totals)} costs {totals[self.way]:.3f}. "
            f"The cheapest is way {self.cheapest + 1}: {totals[self.cheapest]:.3f}."
        )

    def __repr__(self) -> str:
        return f"SetMatcher: {len(self.truth)} objects, {len(self.predicted)} slots. {self.label}"[:110]
