"""A region to drag over a feature map, and what RoIPool, crop-and-resize and RoIAlign make of it."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib
import torch
import traitlets
from matplotlib.colors import to_hex
from torch import Tensor

from classroom.figures.pooling import OPERATORS, SAMPLES
from classroom.step_by_step.pooling import roi_align_samples, roi_pool_bins
from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget, rows
from classroom.widgets.pictures import data_url

BINS = 7
CELL = 16  # pixels a side of a cell in the drawing of the map
COLOURS = "magma"

Pool = Callable[[Tensor, Sequence[Tensor], int, float], Tensor]


class RoiPooling(PictureWidget):
    """A region on one channel of a feature map; next to it its 7 x 7 outputs, and how many numbers a move changed.

    Args:
        features: (C, h, w) of one image.
        image: (3, H, W) in [0, 1], to look at instead of the map; without it a cell counts as 8 pixels.
        region: where it begins, xyxy pixels of the image; else in the middle.
        operators: by name: (1, C, h, w), [(1, 4)], bins a side, size of map / size of image -> (1, C, bins, bins).
        channel: the one that is shown; else the one that varies most.
    Raises:
        ValueError: no feature map (C, h, w), or a region that is not four numbers.

    >>> widget = RoiPooling(torch.arange(64.0).reshape(1, 8, 8), region=(8, 8, 40, 40))
    >>> widget.region = [9.0, 9, 41, 41]
    >>> widget.label.splitlines()[1]
    'This move changed 0 of 49 numbers of RoIPool, 49 of crop and resize, 49 of RoIAlign.'
    """

    _esm = page("roi_pooling.js")
    region = traitlets.List(traitlets.Float()).tag(sync=True)
    channel = traitlets.Int(0).tag(sync=True)
    channels = traitlets.Int(1).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    shown = traitlets.Unicode("").tag(sync=True)  # whose bins are drawn on the map
    bins = rows()  # xyxy, pixels
    points = rows()  # x and y, pixels
    pooled = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)  # colours, row by row
    map = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        features: Tensor,
        image: Tensor | None = None,
        region: Sequence[float] | None = None,
        operators: Mapping[str, Pool] = OPERATORS,
        channel: int | None = None,
    ) -> None:
        if features.ndim != 3 or not features.numel():
            raise ValueError(f"The feature map of one image is (C, h, w), not {tuple(features.shape)}.")
        height, width = (8 * side for side in features.shape[1:]) if image is None else image.shape[-2:]
        quarter = [0.3 * width, 0.3 * height, 0.7 * width, 0.7 * height]
        region = [float(round(float(side))) for side in (quarter if region is None else region)]
        if len(region) != 4:
            raise ValueError("A region is four numbers: left, top, right and bottom, in pixels.")
        self.features, self.operators = features.detach(), dict(operators)
        self.scale = features.shape[2] / width
        self.before: list[Tensor] = []
        channel = int(features.flatten(1).std(1).argmax()) if channel is None else channel
        sizes = {"width": width, "height": height, "channels": len(features), "channel": channel}
        names = {"names": list(operators), "shown": next(iter(operators))}
        super().__init__(image, region=region, **sizes, **names)
        self.observe(self._draw_map, "channel")
        self.observe(self._compute, ["region", "channel"])
        self.observe(self._place, "shown")
        self._draw_map()
        self._compute()

    def _draw_map(self, _change: object = None) -> None:
        coloured = torch.tensor(self._coloured(self.features[self.channel]))  # (h, w, 4)
        pixels = coloured[..., :3].permute(2, 0, 1).float()
        self.map = data_url(pixels.repeat_interleave(CELL, 1).repeat_interleave(CELL, 2))
        self.before = []

    def _coloured(self, values: Tensor) -> list:
        """Red, green, blue and opacity of each value, dark for the channel's smallest."""
        low, high = self.features[self.channel].aminmax()
        share = (values - low) / (high - low).clamp(min=1e-3)
        return matplotlib.colormaps[COLOURS](share.clamp(0, 1).numpy()).tolist()

    def _compute(self, _change: object = None) -> None:
        box, one = torch.tensor(self.region), self.features[None, self.channel, None]  # (4,), (1, 1, h, w)
        outputs = []
        for name, pool in self.operators.items():
            try:
                outputs.append(pool(one, [box[None]], BINS, self.scale).detach().reshape(BINS, BINS))
            except Exception as error:  # the student's own code may raise anything; report it
                self.label = f"Your {name} raised {type(error).__name__}: {error}"
                return
        with self.hold_sync():
            self._place()
            self.pooled = [[to_hex(c) for row in self._coloured(out) for c in row] for out in outputs]
            self.label = f"{self._where()}\n{self._changed(outputs)}"
        self.before = outputs

    def _place(self, _change: object = None) -> None:
        """The bins and the samples of the operator that is shown, in pixels."""
        box, map_size = torch.tensor(self.region), tuple(self.features.shape[1:])
        samples = SAMPLES.get(self.shown)
        places = roi_align_samples(box, (BINS, BINS), self.scale, samples or 1) / self.scale
        if self.shown == "RoIPool":
            bins = roi_pool_bins(box, (BINS, BINS), map_size, self.scale).float() / self.scale
        else:
            centre = places.mean(2)  # (BINS, BINS, 2)
            half = (box[2:] - box[:2]) / BINS / 2
            bins = torch.cat([centre - half, centre + half], 2)
        self.bins = bins.flatten(0, 1).tolist()
        self.points = places.flatten(0, 2).tolist() if samples else []

    def _where(self) -> str:
        pixels = [f"{side:.0f}" for side in self.region]
        cells = [f"{side * self.scale:.2f}" for side in self.region]
        return (
            f"Pixels {pixels[0]}, {pixels[1]} to {pixels[2]}, {pixels[3]} are "
            f"cells {cells[0]}, {cells[1]} to {cells[2]}, {cells[3]}."
        )

    def _changed(self, outputs: Sequence[Tensor]) -> str:
        if not self.before:
            return "Move the region by a pixel: which numbers change?"
        pairs = zip(self.before, outputs, strict=True)
        counts = [int(((old - new).abs() > 1e-6 * (1 + new.abs())).sum()) for old, new in pairs]
        said = [f"{count} of {name}" for count, name in zip(counts, self.operators, strict=True)]
        said[0] = said[0].replace(" of ", f" of {BINS**2} numbers of ", 1)
        return f"This move changed {', '.join(said)}."

    def __repr__(self) -> str:
        return f"RoiPooling: {', '.join(self.operators)}; channel {self.channel}. {self._where()}"[:110]
