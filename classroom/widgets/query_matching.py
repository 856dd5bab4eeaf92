"""Queries' boxes to drag, the table of what each pair costs, and the greedy and the best match, live."""

from collections.abc import Callable, Mapping, Sequence

import torch
import traitlets
from torch import Tensor

from classroom.step_by_step.matching import best_queries, greedy_match
from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget, rows
from coursekit.models.detr import detr_cost
from coursekit.ops import box_convert

MOST_OBJECTS, MOST_QUERIES = 5, 6

Cost = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
Matcher = Callable[[Tensor], Tensor]


class QueryMatcher(PictureWidget):
    """The cost of each object for each query, which changes while a box is dragged, and which query each object gets.

    Args:
        boxes: (Q, 4) of the queries, xyxy pixels.
        logits: (Q, K + 1), what each query predicts; class 0 is "no object".
        truth: (G, 4) of the objects, G <= Q.
        labels: (G,) 1..K.
        image: (3, H, W) in [0, 1]; plain grey without one.
        costs: by name, each as `detr_cost`.
        greedy, best: costs (G, Q) -> the query of each object (G,).
        classes: `classes[k - 1]` is the name of label k.
    Raises:
        ValueError: no object, more objects than queries, or more than fit on the page.

    >>> boxes = torch.tensor([[0.0, 0, 40, 40], [100, 0, 140, 40]])
    >>> QueryMatcher(boxes, torch.zeros(2, 2), boxes.flip(0), torch.tensor([1, 1])).label
    'Greedy: A takes 2, B takes 1; -5.00 in all. Best: the same.'
    """

    _esm = page("query_matcher.js")
    predicted = rows()
    truth = rows()
    costs = rows()
    greedy = traitlets.List(traitlets.Int()).tag(sync=True)
    best = traitlets.List(traitlets.Int()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)  # of the objects
    guesses = traitlets.List(traitlets.Unicode()).tag(sync=True)  # what the queries predict
    terms = traitlets.List(traitlets.Unicode()).tag(sync=True)
    shown = traitlets.Unicode("").tag(sync=True)  # which cost

    def __init__(
        self,
        boxes: Tensor,
        logits: Tensor,
        truth: Tensor,
        labels: Tensor,
        image: Tensor | None = None,
        costs: Mapping[str, Cost] | None = None,
        greedy: Matcher = greedy_match,
        best: Matcher = best_queries,
        classes: Sequence[str] = (),
    ) -> None:
        if not 0 < len(truth) <= len(boxes) <= MOST_QUERIES or len(truth) > MOST_OBJECTS:
            raise ValueError(
                f"There are {len(truth)} objects and {len(boxes)} queries: give at least one object, as many "
                f"queries or more, at most {MOST_OBJECTS} objects and {MOST_QUERIES} queries."
            )
        self.logits, self.labels = logits.detach(), labels
        self.functions = dict(costs or {"the whole cost": detr_cost})
        self.matchers = {"greedy": greedy, "best": best}
        name = [f"class {k}" for k in range(logits.shape[1])] if not classes else ["no object", *classes]
        super().__init__(
            image,
            predicted=[[float(round(side)) for side in box] for box in boxes.tolist()],
            truth=truth.tolist(),
            names=[name[k] for k in labels.tolist()],
            guesses=[f"{name[int(p.argmax())]} {float(p.max()):.2f}" for p in self.logits.softmax(-1)],
            terms=list(self.functions),
            shown=next(iter(self.functions)),
        )
        self.observe(self._compute, ["predicted", "shown"])
        self._compute()

    def _compute(self, _change: object = None) -> None:
        size = torch.tensor([self.width, self.height] * 2)
        boxes, truth = (
            box_convert(torch.tensor(each) / size, "xyxy", "cxcywh") for each in (self.predicted, self.truth)
        )
        try:
            table = torch.as_tensor(self.functions[self.shown](self.logits, boxes, self.labels, truth))
            chosen = {name: match(table).tolist() for name, match in self.matchers.items()}
            totals = {
                name: sum(table[g, q].item() for g, q in enumerate(row)) for name, row in chosen.items()
            }
        except Exception as error:  # the student's own code may raise anything; report it
            self.costs, self.greedy, self.best = [], [], []
            self.label = f"Your function raised {type(error).__name__}: {error}"
            return
        with self.hold_sync():
            self.costs, self.greedy, self.best = table.tolist(), chosen["greedy"], chosen["best"]
            same = "the same" if self.greedy == self.best else said(self.best, totals["best"])
            self.label = f"Greedy: {said(self.greedy, totals['greedy'])}. Best: {same}."

    def __repr__(self) -> str:
        return f"QueryMatcher: {len(self.truth)} objects, {len(self.predicted)} queries. {self.label}"[:110]


def said(queries: Sequence[int], total: float) -> str:
    """Return in words which query takes which object, and at what cost.

    >>> said([1, 0], 3.5)
    'A takes 2, B takes 1; 3.50 in all'
    """
    pairs = ", ".join(f"{chr(ord('A') + g)} takes {q + 1}" for g, q in enumerate(queries))
    return f"{pairs}; {total:.2f} in all"
