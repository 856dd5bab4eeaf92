"""Two boxes to drag, and their IoU."""

import math
from collections.abc import Callable, Sequence

import torch
import traitlets
from torch import Tensor

from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget
from coursekit.draw import overlap
from coursekit.ops import box_iou


class BoxIoU(PictureWidget):
    """Two boxes on a picture, to drag or to move with the keys, and the IoU that a function of yours gives them.

    Args:
        iou: (N, 4), (M, 4) -> (N, M); what it does wrong is shown in words.
        image: (3, H, W) in [0, 1]; plain grey without one.
        box_a, box_b: where the boxes start, xyxy pixels.
    Raises:
        ValueError: a box is not four numbers.

    >>> BoxIoU(box_a=(0, 0, 20, 20), box_b=(10, 10, 30, 30)).label
    'IoU = 0.143'
    """

    _esm = page("box_iou.js")
    box_a = traitlets.List(traitlets.Float()).tag(sync=True)
    box_b = traitlets.List(traitlets.Float()).tag(sync=True)
    formula = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        iou: Callable[[Tensor, Tensor], Tensor] = box_iou,
        image: Tensor | None = None,
        box_a: Sequence[float] | None = None,
        box_b: Sequence[float] | None = None,
    ) -> None:
        height, width = (300, 400) if image is None else image.shape[-2:]
        box_a = [0.15 * width, 0.2 * height, 0.55 * width, 0.65 * height] if box_a is None else box_a
        box_b = [0.35 * width, 0.4 * height, 0.8 * width, 0.85 * height] if box_b is None else box_b
        boxes = {name: [float(side) for side in box] for name, box in (("box_a", box_a), ("box_b", box_b))}
        if any(len(box) != 4 for box in boxes.values()):
            raise ValueError("A box is four numbers: left, top, right and bottom, in pixels.")
        rounded = {name: [float(round(side)) for side in box] for name, box in boxes.items()}
        super().__init__(image, **rounded)
        self.iou = iou
        self.observe(self._compute, ["box_a", "box_b"])
        self._compute()

    def _compute(self, _change: object = None) -> None:
        a, b = torch.tensor(self.box_a), torch.tensor(self.box_b)
        self.label, self.formula = iou_in_words(self.iou, a, b), areas_in_words(a, b)

    def __repr__(self) -> str:
        sides = " and ".join(str([round(side) for side in box]) for box in (self.box_a, self.box_b))
        return f"BoxIoU: boxes {sides}, {self.label}"[:110]


def iou_in_words(iou: Callable[[Tensor, Tensor], Tensor], a: Tensor, b: Tensor) -> str:
    """Return "IoU = 0.123" for two boxes (4,), or one sentence on what the function did instead."""
    try:
        value = iou(a[None], b[None])
        if value is None:
            return "Your IoU function gave None: is there a `return`?"
        value = torch.as_tensor(value)
    except Exception as error:  # the student's own code may raise anything; report it
        return f"Your IoU function raised {type(error).__name__}: {error}"
    if value.numel() != 1:
        return f"Your IoU function gave the shape {tuple(value.shape)}; one box with one box is (1, 1)."
    number = float(value)
    if math.isnan(number):
        return "Your IoU function gave NaN (not a number): was 0 divided by 0?"
    return f"IoU = {number:.3f}" + ("" if -1e-6 <= number <= 1 + 1e-6 else ", which is not between 0 and 1")


def areas_in_words(a: Tensor, b: Tensor) -> str:
    """Return the arithmetic of the right IoU.

    >>> areas_in_words(torch.tensor([0, 0, 2, 2]), torch.tensor([1, 1, 3, 3]))
    'intersection 1 / union (4 + 4 - 1 = 7) = 0.143'
    """
    shared, union = overlap(a, b)
    area_a, area_b = (overlap(box, box)[0] for box in (a, b))
    quotient = shared / union if union else 0.0
    sums = f"({area_a:.0f} + {area_b:.0f} - {shared:.0f} = {union:.0f})"
    return f"intersection {shared:.0f} / union {sums} = {quotient:.3f}"
