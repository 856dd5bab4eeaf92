"""Which anchors are trained on which object, level by level, with the threshold to slide."""

from collections.abc import Callable, Mapping, Sequence

import torch
import traitlets
from torch import Tensor

from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget, rows
from coursekit.ops import Match, box_iou, match_by_iou

ALL = "all levels"
BAND = 0.1  # of IoU below the threshold, where an anchor is ignored


class AnchorMatcher(PictureWidget):
    """The positive and the ignored anchors of an image; choose a level, slide the threshold, force the best.

    Args:
        truth: (G, 4), the objects, xyxy pixels.
        levels: the anchors (A, 4) of each level by its name, finest first.
        image: (3, H, W) in [0, 1]; plain grey without one.
        match: IoU (G, A), high and low threshold, whether to keep the best of each object -> `Match`.
        threshold: of the IoU, where the slider begins.
    Raises:
        ValueError: no level, or a level without anchors.

    >>> anchors = torch.tensor([[0.0, 0, 40, 40], [40, 0, 80, 40], [0, 40, 40, 80]])
    >>> AnchorMatcher(torch.tensor([[0.0, 0, 40, 60]]), {"P3": anchors}).label
    'all levels: 1 positive, 0 ignored, 2 negative. Every object has an anchor.'
    """

    _esm = page("anchor_matcher.js")
    truth = rows()
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    level = traitlets.Unicode(ALL).tag(sync=True)
    threshold = traitlets.Float(0.5).tag(sync=True)
    best = traitlets.Bool(False).tag(sync=True)
    positive = rows()
    owners = traitlets.List(traitlets.Int()).tag(sync=True)
    ignored = rows()
    orphans = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(
        self,
        truth: Sequence[Sequence[float]] | Tensor,
        levels: Mapping[str, Tensor],
        image: Tensor | None = None,
        match: Callable[..., Match] = match_by_iou,
        threshold: float = 0.5,
    ) -> None:
        if not levels or not all(len(anchors) for anchors in levels.values()):
            raise ValueError("Give the anchors of at least one level, and at least one anchor a level.")
        truth = torch.as_tensor(truth, dtype=torch.float32).reshape(-1, 4)
        names = [*levels, ALL] if len(levels) > 1 else [ALL]
        super().__init__(image, truth=truth.tolist(), threshold=threshold, names=names)
        self.anchors, self.match = torch.cat(list(levels.values())), match  # (A, 4)
        self.level_of = [name for name, anchors in levels.items() for _ in range(len(anchors))]
        self.iou = box_iou(truth, self.anchors)  # (G, A)
        self.observe(self._compute, ["level", "threshold", "best"])
        self._compute()

    def _compute(self, _change: object = None) -> None:
        try:
            low = max(self.threshold - BAND, 0)
            target, positive, negative = self.match(self.iou, self.threshold, low, self.best)
            shown = torch.tensor([self.level in (ALL, name) for name in self.level_of])  # (A,)
            ignored = shown & ~positive & ~negative
            found, mine = set(target[positive].tolist()), positive & shown
        except Exception as error:  # the student's own code may raise anything; report it
            self.label = f"Your match function raised {type(error).__name__}: {error}"
            return
        with self.hold_sync():
            self.owners, self.positive = target[mine].tolist(), self.anchors[mine].tolist()
            self.ignored = self.anchors[ignored].tolist()
            self.orphans = [g for g in range(len(self.truth)) if g not in found]
            self.label = self._words(int(mine.sum()), int(ignored.sum()), int((negative & shown).sum()))

    def _words(self, positive: int, ignored: int, negative: int) -> str:
        counts = f"{self.level}: {positive} positive, {ignored} ignored, {negative} negative."
        if not self.orphans:
            return f"{counts} Every object has an anchor."
        return f"{counts} {len(self.orphans)} of {len(self.truth)} objects have no anchor on any level."

    def __repr__(self) -> str:
        return f"AnchorMatcher: {len(self.truth)} objects, {len(self.anchors)} anchors. {self.label}"[:110]
