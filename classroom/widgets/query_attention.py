"""A scene, the boxes of the queries on it, and where the query under the mouse looks."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
import traitlets
from torch import Tensor

from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget, rows
from classroom.widgets.pictures import data_url
from coursekit.ops import box_area

DARK = 0.25  # brightness of what a query does not look at
SHOWN = 0.3  # a query below this score is drawn thin


class QueryAttention(PictureWidget):
    """The image, lit where the chosen query looks; the query is chosen by the mouse, a slider, or the arrow keys.

    Args:
        image: (3, H, W) in [0, 1].
        attention: (Q, h, w), not negative.
        boxes: (Q, 4), xyxy pixels.
        labels: (Q,) 1..K.
        scores: (Q,) in [0, 1].
        classes: `classes[k - 1]` is the name of label k.
    Raises:
        ValueError: no query, or not one map, box, label and score for each.

    >>> attention = torch.zeros(2, 2, 2)
    >>> attention[0, 0, 0] = attention[1, 1, 1] = 1
    >>> boxes = torch.tensor([[0.0, 0, 8, 8], [8, 8, 16, 16]])
    >>> widget = QueryAttention(torch.ones(3, 16, 16), attention, boxes, torch.tensor([1, 2]), torch.tensor([0.9, 0.2]), ("mug", "book"))
    >>> widget.at = [12.0, 12.0]
    >>> widget.label
    'Query 1: book 0.20. 100 % of its attention lies in its box, which has 25 % of the image.'
    """

    _esm = page("query_attention.js")
    query = traitlets.Int(0).tag(sync=True)
    queries = traitlets.Int(1).tag(sync=True)
    at = traitlets.List(traitlets.Float()).tag(sync=True)  # x and y under the mouse, pixels
    boxes = rows()
    confident = traitlets.List(traitlets.Bool()).tag(sync=True)
    lit = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        image: Tensor,
        attention: Tensor,
        boxes: Tensor,
        labels: Tensor,
        scores: Tensor,
        classes: Sequence[str],
    ) -> None:
        counts = {len(each) for each in (attention, boxes, labels, scores)}
        if len(counts) != 1 or not len(boxes) or attention.ndim != 3:
            raise ValueError(
                f"There are {len(boxes)} boxes, {len(labels)} labels, {len(scores)} scores and attention "
                f"{tuple(attention.shape)}: give one of each per query, and attention as (Q, h, w)."
            )
        self.image, self.attention, self.corners = image, attention.detach(), boxes.detach()
        self.words = [
            f"{classes[k - 1]} {s:.2f}" for k, s in zip(labels.tolist(), scores.tolist(), strict=True)
        ]
        super().__init__(
            image,
            queries=len(boxes),
            query=int(scores.argmax()),
            boxes=self.corners.tolist(),
            confident=(scores >= SHOWN).tolist(),
        )
        self.observe(self._choose, "at")
        self.observe(self._light, "query")
        self._light()

    def _choose(self, _change: object = None) -> None:
        """Take the smallest box under the mouse; where there is none, everything stays."""
        x, y = self.at
        left, top, right, bottom = self.corners.T
        under = (left <= x) & (x <= right) & (top <= y) & (y <= bottom)
        if under.any():
            self.query = int(torch.where(under, box_area(self.corners), torch.inf).argmin())

    def _light(self, _change: object = None) -> None:
        weights = self.attention[self.query]
        share = (weights / weights.max().clamp(min=1e-9)).sqrt()[
            None, None
        ]  # the square root also shows weak places
        share = F.interpolate(share, self.image.shape[-2:], mode="bilinear")[0]  # (1, H, W)
        grey = DARK * self.image.mean(0, keepdim=True)
        with self.hold_sync():
            self.lit = data_url(share * self.image + (1 - share) * grey)
            self.label = self._said(weights)

    def _said(self, weights: Tensor) -> str:
        """What the query predicts, and how much of its attention lies in its box."""
        height, width = weights.shape
        x, y = (
            (torch.arange(width) + 0.5) * self.width / width,
            (torch.arange(height) + 0.5) * self.height / height,
        )
        box = self.corners[self.query]
        inside = ((x >= box[0]) & (x <= box[2])) & ((y >= box[1]) & (y <= box[3]))[:, None]  # (h, w)
        share = (weights * inside).sum() / weights.sum().clamp(min=1e-9)
        area = box_area(box[None])[0] / (self.width * self.height)
        return (
            f"Query {self.query}: {self.words[self.query]}. {100 * share:.0f} % of its attention lies in its box, "
            f"which has {100 * area:.0f} % of the image."
        )

    def __repr__(self) -> str:
        return f"QueryAttention: {self.queries} queries. {self.label}"[:110]
