"""One mask on its way through a small grid: how many cells, which threshold, where it is pasted."""

from collections.abc import Callable, Sequence

import torch
import traitlets
from torch import Tensor

from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget
from classroom.widgets.pictures import data_url
from coursekit.metrics import boundary_f
from coursekit.models.mask_rcnn import mask_targets
from coursekit.ops import mask_iou, paste_masks
from coursekit.schema import Target

MARGIN = 6  # pixels shown around the object
NEAR = 1.0  # pixels between two boundaries that count as one
INK = torch.tensor([0.0, 0.008, 0.812])  # PALETTE[5]


class MaskGrid(PictureWidget):
    """A true mask, written into a grid of cells and pasted back: what is lost, and to what.

    Choose an object, slide the cells per side, the threshold and a shift of the paste, in pixels.

    Args:
        image: (3, H, W) in [0, 1].
        target: its "boxes", "labels" and "masks".
        classes: `classes[k - 1]` is the name of label k.
        paste: masks (1, 1, m, m), boxes (1, 4), (H, W) -> (1, 1, H, W) in [0, 1].
        cells: a side of the grid, where the slider begins.
    Raises:
        ValueError: an image without objects, or a target without masks.

    >>> mask = torch.zeros(1, 40, 60, dtype=torch.bool)
    >>> mask[0, 10:30, 20:50] = True
    >>> target = {"boxes": torch.tensor([[20.0, 10, 50, 30]]), "labels": torch.tensor([1]), "masks": mask}
    >>> MaskGrid(torch.rand(3, 40, 60), target, ["book"], cells=28).label
    '28 x 28 cells, threshold 0.50: IoU 0.938, boundary F 1.000.'
    """

    _esm = page("mask_grid.js")
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)
    cells = traitlets.Int(14).tag(sync=True)
    threshold = traitlets.Float(0.5).tag(sync=True)
    shift = traitlets.Float(0.0).tag(sync=True)
    grid = traitlets.Unicode("").tag(sync=True)
    pasted = traitlets.Unicode("").tag(sync=True)
    found = traitlets.Unicode("").tag(sync=True)
    truth = traitlets.Unicode("").tag(sync=True)
    view = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(
        self,
        image: Tensor,
        target: Target,
        classes: Sequence[str],
        paste: Callable[..., Tensor] = paste_masks,
        cells: int = 14,
    ) -> None:
        if "masks" not in target or not len(target["masks"]):
            raise ValueError("Give an image with at least one object, and its masks.")
        names = [f"{i + 1}: {classes[int(k) - 1]}" for i, k in enumerate(target["labels"])]
        super().__init__(image, names=names, cells=cells)
        self.target, self.paste = target, paste
        self.observe(self._compute, ["chosen", "cells", "threshold", "shift"])
        self._compute()

    def _compute(self, _change: object = None) -> None:
        mask, box = self.target["masks"][self.chosen], self.target["boxes"][self.chosen]
        try:
            small = mask_targets(mask[None], box[None], self.cells)  # (1, m, m)
            pasted = self.paste(small[:, None], box[None] + self.shift, tuple(mask.shape))[0, 0]  # (H, W)
            found = pasted > self.threshold
            iou = mask_iou(found[None], mask[None]).item()
        except Exception as error:  # the student's own code may raise anything; report it
            self.label = f"Your function raised {type(error).__name__}: {error}"
            return
        f = boundary_f(found.long(), mask.long(), 2, tolerance=NEAR)[1]
        with self.hold_sync():
            self.grid, self.pasted = data_url(blue(enlarged(small[0]))), data_url(blue(pasted))
            self.found, self.truth = outline(found), outline(mask)
            self.view = around(box, self.width, self.height)
            self.label = self._words(iou, f)

    def _words(self, iou: float, f: float) -> str:
        moved = f", shifted by {self.shift:g} pixels" if self.shift else ""
        size = f"{self.cells} x {self.cells} cells, threshold {self.threshold:.2f}{moved}"
        return f"{size}: IoU {iou:.3f}, boundary F {f:.3f}."

    def __repr__(self) -> str:
        return f"MaskGrid: {len(self.names)} objects, now {self.names[self.chosen]}. {self.label}"[:110]


def blue(values: Tensor) -> Tensor:
    """Numbers in [0, 1] as a picture from white to blue: (h, w) -> (3, h, w)."""
    return 1 - values.clamp(0, 1)[None] * (1 - INK[:, None, None])


def enlarged(cells: Tensor, pixels: int = 8) -> Tensor:
    """Each cell as a square of some pixels per side, since JPEG keeps no sharp pixels: (m, m) -> (8 m, 8 m)."""
    return cells.repeat_interleave(pixels, 0).repeat_interleave(pixels, 1)


def around(box: Tensor, width: int, height: int) -> list[float]:
    """The part of the image around a box (4,): x, y, width, height in pixels.

    >>> around(torch.tensor([2.0, 10, 50, 30]), 100, 60)
    [0.0, 4.0, 56.0, 32.0]
    """
    x1, y1, x2, y2 = box.tolist()
    left, top = max(x1 - MARGIN, 0.0), max(y1 - MARGIN, 0.0)
    return [left, top, min(x2 + MARGIN, width) - left, min(y2 + MARGIN, height) - top]


def outline(mask: Tensor) -> str:
    """The edges between a mask (H, W) and its outside, each side of a pixel, as the path of an SVG.

    >>> outline(torch.tensor([[0, 1]]).bool())
    'M1 0v1M2 0v1M1 0h1M1 1h1'
    """
    padded = torch.nn.functional.pad(mask, (1, 1, 1, 1))  # (H + 2, W + 2)
    upright = (padded[1:-1, 1:] != padded[1:-1, :-1]).nonzero().tolist()  # of (H, W + 1)
    lying = (padded[1:, 1:-1] != padded[:-1, 1:-1]).nonzero().tolist()  # of (H + 1, W)
    return "".join([f"M{x} {y}v1" for y, x in upright] + [f"M{x} {y}h1" for y, x in lying])
